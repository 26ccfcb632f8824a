// Bytes to a Wasm module (core specification chapter 5).
// In -> out: any bytes, to a module, or the first problem with its offset; never crashes.
// What the standard sections say is checked for form only; validate checks the meaning, function bodies included.
// Custom sections are read by decode_link once all else is known.

import { appendSlice, type Bytes, newBytes, readU8, readU32 } from "../base/bytes.ts";
import { i64From } from "../base/int64.ts";
import { type CustomPlace, decodeCustoms, type DecodedPlaces } from "./decode_link.ts";
import { WasmSection } from "./encode.ts";
import { type ConstExpr, SegmentMode, type WasmElem, WasmKind, type WasmLimits, type WasmModule, newWasmFunc, newWasmModule } from "./module.ts";
import { WasmOp, WasmType } from "./opcodes.ts";
import { newWasmReader, readByte, readerFails, readIndex, readInst, readLebBits, readLebU32Wide, readLebU64, readRefType, readValueType, readWasmName, type WasmReader } from "./reader.ts";

/** The module, sound when problem is "". */
export interface DecodeResult {
  module: WasmModule;
  problem: string;
  offset: number;
}

interface Decoder {
  r: WasmReader;
  w: WasmModule;
  places: DecodedPlaces;
  sections: number;
  codeCount: number;
  segmentCount: number;
}

/** The order of the standard sections: the data count stands before the code. */
const sectionOrder = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10];

/** Decodes a module. */
export function decodeWasm(bytes: Bytes): DecodeResult {
  const r = newWasmReader(bytes, 0, bytes.len, false);
  const d: Decoder = {
    r: r, w: newWasmModule(), places: { bytes: bytes, customs: [], codeSection: -1, codeStart: 0, dataSection: -1, dataStart: 0 },
    sections: 0, codeCount: 0, segmentCount: 0,
  };
  readMagic(r);
  readSections(d);
  const w = d.w;
  let defined = 0;
  for (const f of w.funcs) if (!f.imported) defined += 1;
  if (d.codeCount !== defined) readerFails(r, r.end, "function and code section have inconsistent lengths");
  if (w.dataCount >= 0 && w.dataCount !== d.segmentCount) readerFails(r, r.end, "data count and data section have inconsistent lengths");
  if (r.problem === "") decodeCustoms(w, d.places);
  return { module: w, problem: r.problem, offset: r.problemAt };
}

function readMagic(r: WasmReader): void {
  if (r.end < 4 || readU32(r.bytes, 0) !== 0x6d736100) readerFails(r, 0, "magic header not detected");
  else if (r.end < 8 || readU32(r.bytes, 4) !== 1) readerFails(r, 4, "unknown binary version");
  r.at = 8;
}

function readSections(d: Decoder): void {
  const r = d.r;
  const fileEnd = r.end;
  let last = 0;
  while (r.problem === "" && r.at < fileEnd) {
    const at = r.at;
    const id = readByte(r);
    const size = readIndex(r);
    const start = r.at;
    if (size > fileEnd - start) {
      readerFails(r, at, "length out of bounds");
      return;
    }
    r.end = start + size;
    if (id > 12) {
      readerFails(r, at, "malformed section id");
    } else if (id !== WasmSection.custom) {
      if (sectionOrder[id] <= last) readerFails(r, at, "unexpected content after last section");
      last = sectionOrder[id];
    }
    readSection(d, id, start);
    if (r.problem === "" && r.at !== r.end) readerFails(r, r.at, "section size mismatch");
    r.end = fileEnd;
    r.at = start + size;
    d.sections += 1;
  }
}

function readSection(d: Decoder, id: number, start: number): void {
  switch (id) {
    case WasmSection.custom: readCustom(d); break;
    case WasmSection.type: readTypes(d); break;
    case WasmSection.import: readImports(d); break;
    case WasmSection.func: readFuncs(d); break;
    case WasmSection.table: readTables(d); break;
    case WasmSection.memory: readMemories(d); break;
    case WasmSection.global: readGlobals(d); break;
    case WasmSection.export: readExports(d); break;
    case WasmSection.start: d.w.start = readIndex(d.r); break;
    case WasmSection.elem: readElems(d); break;
    case WasmSection.dataCount: d.w.dataCount = readIndex(d.r); break;
    case WasmSection.code: readCode(d, start); break;
    case WasmSection.data: readSegments(d, start); break;
    default: break;
  }
}

function readCustom(d: Decoder): void {
  const name = readWasmName(d.r);
  const place: CustomPlace = { name: name, start: d.r.at, end: d.r.end };
  d.places.customs.push(place);
  if (d.r.problem === "") d.r.at = d.r.end;
}

/** A count of items of at least one byte each. */
function readCount(r: WasmReader): number {
  const at = r.at;
  const count = readIndex(r);
  if (count <= r.end - r.at) return count;
  readerFails(r, at, "length out of bounds");
  return 0;
}

function readTypeList(r: WasmReader): number[] {
  const types: number[] = [];
  const count = readCount(r);
  for (let i = 0; i < count && r.problem === ""; i++) types.push(readValueType(r));
  return types;
}

function readTypes(d: Decoder): void {
  const count = readCount(d.r);
  for (let i = 0; i < count && d.r.problem === ""; i++) {
    const at = d.r.at;
    if (readByte(d.r) !== 0x60) readerFails(d.r, at, "integer representation too long or malformed type");
    const params = readTypeList(d.r);
    d.w.types.push({ params: params, results: readTypeList(d.r), places: [] });
  }
}

function readLimits(r: WasmReader): WasmLimits {
  const at = r.at;
  const flags = readByte(r);
  const is64 = (flags & 4) !== 0;
  if (flags > 1 && (flags < 4 || flags > 5)) readerFails(r, at, flags >= 128 ? "integer representation too long" : "malformed limits flags");
  const min = is64 ? readLebU64(r) : readLebU32Wide(r);
  const hasMax = (flags & 1) !== 0;
  let max = i64From(0);
  if (hasMax) max = is64 ? readLebU64(r) : readLebU32Wide(r);
  return { min: min, max: max, hasMax: hasMax, is64: is64 };
}

function addTable(d: Decoder, imported: boolean): void {
  const type = readRefType(d.r);
  d.w.tables.push({ type: type, limits: readLimits(d.r), imported: imported });
}

function addMemory(d: Decoder, imported: boolean): void {
  const limits = readLimits(d.r);
  if (d.w.memories.length === 0) d.r.is64 = limits.is64;
  d.w.memories.push({ limits: limits, imported: imported });
}

function addGlobal(d: Decoder, imported: boolean): void {
  const type = readValueType(d.r);
  const at = d.r.at;
  const mutable = readByte(d.r);
  if (mutable > 1) readerFails(d.r, at, "malformed mutability");
  const init: ConstExpr = imported ? { code: newBytes(), at: 0 } : readConstExpr(d.r);
  d.w.globals.push({ type: type, mutable: mutable === 1, imported: imported, init: init, name: "" });
}

function readImports(d: Decoder): void {
  const r = d.r;
  const w = d.w;
  const count = readCount(r);
  for (let i = 0; i < count && r.problem === ""; i++) {
    const module = readWasmName(r);
    const name = readWasmName(r);
    const at = r.at;
    const kind = readByte(r);
    let index = 0;
    if (kind === WasmKind.func) {
      w.funcs.push(newWasmFunc(readIndex(r), true));
      index = w.funcs.length - 1;
    } else if (kind === WasmKind.table) {
      addTable(d, true);
      index = w.tables.length - 1;
    } else if (kind === WasmKind.memory) {
      addMemory(d, true);
      index = w.memories.length - 1;
    } else if (kind === WasmKind.global) {
      addGlobal(d, true);
      index = w.globals.length - 1;
    } else {
      readerFails(r, at, "malformed import kind");
    }
    w.imports.push({ module: module, name: name, kind: kind, index: index });
  }
}

function readFuncs(d: Decoder): void {
  const count = readCount(d.r);
  for (let i = 0; i < count && d.r.problem === ""; i++) d.w.funcs.push(newWasmFunc(readIndex(d.r), false));
}

function readTables(d: Decoder): void {
  const count = readCount(d.r);
  for (let i = 0; i < count && d.r.problem === ""; i++) addTable(d, false);
}

function readMemories(d: Decoder): void {
  const count = readCount(d.r);
  for (let i = 0; i < count && d.r.problem === ""; i++) addMemory(d, false);
}

function readGlobals(d: Decoder): void {
  const count = readCount(d.r);
  for (let i = 0; i < count && d.r.problem === ""; i++) addGlobal(d, false);
}

function readExports(d: Decoder): void {
  const r = d.r;
  const count = readCount(r);
  for (let i = 0; i < count && r.problem === ""; i++) {
    const name = readWasmName(r);
    const at = r.at;
    const kind = readByte(r);
    if (kind > WasmKind.global) readerFails(r, at, "malformed export kind");
    d.w.exports.push({ name: name, kind: kind, index: readIndex(r) });
  }
}

/** Instructions up to the end that closes them; those allowed nest nothing, so the first end it is. */
function readConstExpr(r: WasmReader): ConstExpr {
  const start = r.at;
  let depth = 0;
  let more = true;
  while (more) {
    if (!readInst(r)) {
      readerFails(r, r.at, "END opcode expected");
      return { code: newBytes(), at: start };
    }
    if (r.op === WasmOp.block || r.op === WasmOp.loop || r.op === WasmOp.if) depth += 1;
    if (r.op === WasmOp.end) {
      more = depth > 0;
      depth -= 1;
    }
  }
  const code = newBytes();
  appendSlice(code, r.bytes, start, r.at);
  return { code: code, at: start };
}

function readElems(d: Decoder): void {
  const count = readCount(d.r);
  for (let i = 0; i < count && d.r.problem === ""; i++) readElem(d);
}

function readElem(d: Decoder): void {
  const r = d.r;
  const e: WasmElem = { mode: SegmentMode.active, table: 0, type: WasmType.funcref, offset: { code: newBytes(), at: r.at }, usesExprs: false, funcs: [], exprs: [], at: r.at };
  const flags = readLebBits(r);
  if (flags < 0 || flags > 7) readerFails(r, e.at, "malformed element segment kind");
  e.usesExprs = (flags & 4) !== 0;
  if ((flags & 1) !== 0) {
    e.mode = (flags & 2) !== 0 ? SegmentMode.declarative : SegmentMode.passive;
  } else {
    if ((flags & 2) !== 0) e.table = readIndex(r);
    e.offset = readConstExpr(r);
  }
  if ((flags & 3) !== 0) {
    const at = r.at;
    if (e.usesExprs) e.type = readRefType(r);
    else if (readByte(r) !== 0) readerFails(r, at, "malformed element kind");
  }
  const count = readCount(r);
  for (let i = 0; i < count && r.problem === ""; i++) {
    if (e.usesExprs) e.exprs.push(readConstExpr(r));
    else e.funcs.push(readIndex(r));
  }
  d.w.elems.push(e);
}

function readCode(d: Decoder, start: number): void {
  const r = d.r;
  d.places.codeSection = d.sections;
  d.places.codeStart = start;
  const sectionEnd = r.end;
  d.codeCount = readCount(r);
  let index = 0;
  while (index < d.w.funcs.length && d.w.funcs[index].imported) index += 1;
  for (let i = 0; i < d.codeCount && r.problem === ""; i++) {
    const at = r.at;
    const size = readIndex(r);
    if (size > sectionEnd - r.at) readerFails(r, at, "length out of bounds");
    if (index + i >= d.w.funcs.length || r.problem !== "") return;
    r.end = r.at + size;
    readBody(d, index + i);
    r.end = sectionEnd;
  }
}

function readBody(d: Decoder, index: number): void {
  const r = d.r;
  const f = d.w.funcs[index];
  const runs = readCount(r);
  let total = 0;
  for (let i = 0; i < runs && r.problem === ""; i++) {
    const at = r.at;
    const bits = readLebBits(r);
    if (bits < 0 || bits > MAX_LOCALS - total) {
      readerFails(r, at, "too many locals");
      return;
    }
    total += bits;
    f.localCounts.push(bits);
    f.localTypes.push(readValueType(r));
  }
  if (r.problem !== "") return;
  f.at = r.at;
  if (r.at >= r.end || readU8(r.bytes, r.end - 1) !== WasmOp.end) readerFails(r, r.end, "END opcode expected");
  appendSlice(f.body, r.bytes, r.at, r.end);
  r.at = r.end;
}

/** More locals than any engine accepts; what a wasm32 program may have is checked where it is linked. */
const MAX_LOCALS = 10000000;

function readSegments(d: Decoder, start: number): void {
  const r = d.r;
  d.places.dataSection = d.sections;
  d.places.dataStart = start;
  d.segmentCount = readCount(r);
  for (let i = 0; i < d.segmentCount && r.problem === ""; i++) readSegment(d);
}

function readSegment(d: Decoder): void {
  const r = d.r;
  const at = r.at;
  const kind = readLebBits(r);
  if (kind < 0 || kind > 2) readerFails(r, at, "malformed data segment kind");
  const memory = kind === 2 ? readIndex(r) : 0;
  const offset: ConstExpr = kind === 1 ? { code: newBytes(), at: at } : readConstExpr(r);
  const sizeAt = r.at;
  const size = readIndex(r);
  if (size > r.end - r.at) readerFails(r, sizeAt, "length out of bounds");
  if (r.problem !== "") return;
  const bytes = newBytes();
  appendSlice(bytes, r.bytes, r.at, r.at + size);
  d.w.segments.push({ mode: kind === 1 ? SegmentMode.passive : SegmentMode.active, memory: memory, offset: offset, bytes: bytes, size: size, name: "", align: 0, flags: 0, relocs: [], at: r.at });
  r.at += size;
}
