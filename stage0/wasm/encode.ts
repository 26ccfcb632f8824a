// Wasm modules as bytes (core specification chapter 5).
// In -> out: a module, to the bytes of its final form (standard sections and names) or of its relocatable form
// (in addition the custom sections that linking needs, see encode_link).
// Sections stand in the standard order; numbers have their shortest form but where a relocation overwrites them.

import { appendBytes, appendText, appendU8, appendU32, appendZeros, type Bytes, newBytes } from "../base/bytes.ts";
import { appendLebU32, appendLebU64 } from "../base/leb128.ts";
import { appendLines, appendLinkSections } from "./encode_link.ts";
import { type ConstExpr, SegmentMode, type WasmElem, type WasmFunc, type WasmImport, WasmKind, type WasmLimits, type WasmModule, type WasmSegment, wasmTypeByte } from "./module.ts";
import { WasmType } from "./opcodes.ts";

/** Numbers of the standard sections. */
export const WasmSection = { custom: 0, type: 1, import: 2, func: 3, table: 4, memory: 5, global: 6, export: 7, start: 8, elem: 9, code: 10, data: 11, dataCount: 12 };

/** The bytes under construction, and what relocation sections refer to. */
export interface WasmOutput {
  module: WasmModule;
  bytes: Bytes;
  sections: number;
  /** Index among all sections, or -1. */
  codeSection: number;
  dataSection: number;
  /** Offset of the first instruction in the code section's content, by index of a defined function. */
  bodyStarts: number[];
  /** Offset of the first byte in the data section's content, by segment. */
  segmentStarts: number[];
}

/** The relocatable form. */
export function encodeObject(w: WasmModule): Bytes {
  const out = encodeSections(w, true);
  appendLinkSections(out);
  return out.bytes;
}

/** The final form: standard sections, the names and the lines. */
export function encodeFinal(w: WasmModule): Bytes {
  const out = encodeSections(w, false);
  appendNameSection(out);
  appendLines(out, false);
  return out.bytes;
}

function encodeSections(w: WasmModule, zeros: boolean): WasmOutput {
  const out: WasmOutput = { module: w, bytes: newBytes(), sections: 0, codeSection: -1, dataSection: -1, bodyStarts: [], segmentStarts: [] };
  appendText(out.bytes, "\0asm");
  appendU32(out.bytes, 1);
  appendTypes(out);
  appendImports(out);
  appendFuncs(out);
  appendTables(out);
  appendMemories(out);
  appendGlobals(out);
  appendExports(out);
  appendStart(out);
  appendElems(out);
  if (w.dataCount >= 0) {
    const content = newBytes();
    appendLebU32(content, w.segments.length);
    appendSection(out, WasmSection.dataCount, content);
  }
  appendCode(out);
  appendSegments(out, zeros);
  return out;
}

/** Adds a section. */
export function appendSection(out: WasmOutput, id: number, content: Bytes): void {
  appendU8(out.bytes, id);
  appendLebU32(out.bytes, content.len);
  appendBytes(out.bytes, content);
  out.sections += 1;
}

/** Adds a custom section. */
export function appendCustom(out: WasmOutput, name: string, content: Bytes): void {
  const whole = newBytes();
  appendWasmName(whole, name);
  appendBytes(whole, content);
  appendSection(out, WasmSection.custom, whole);
}

/** A name: its length and bytes. */
export function appendWasmName(b: Bytes, name: string): void {
  appendLebU32(b, name.length);
  appendText(b, name);
}

function appendTypeList(b: Bytes, types: number[]): void {
  appendLebU32(b, types.length);
  for (const t of types) appendU8(b, wasmTypeByte(t));
}

function appendTypes(out: WasmOutput): void {
  if (out.module.types.length === 0) return;
  const b = newBytes();
  appendLebU32(b, out.module.types.length);
  for (const t of out.module.types) {
    appendU8(b, 0x60);
    appendTypeList(b, t.params);
    appendTypeList(b, t.results);
  }
  appendSection(out, WasmSection.type, b);
}

function appendLimits(b: Bytes, l: WasmLimits): void {
  appendU8(b, (l.hasMax ? 1 : 0) | (l.is64 ? 4 : 0));
  appendLebU64(b, l.min);
  if (l.hasMax) appendLebU64(b, l.max);
}

function appendImports(out: WasmOutput): void {
  const w = out.module;
  if (w.imports.length === 0) return;
  const b = newBytes();
  appendLebU32(b, w.imports.length);
  for (const i of w.imports) {
    appendWasmName(b, i.module);
    appendWasmName(b, i.name);
    appendU8(b, i.kind);
    appendImportType(b, w, i);
  }
  appendSection(out, WasmSection.import, b);
}

function appendImportType(b: Bytes, w: WasmModule, i: WasmImport): void {
  if (i.kind === WasmKind.func) {
    appendLebU32(b, w.funcs[i.index].type);
  } else if (i.kind === WasmKind.table) {
    appendU8(b, wasmTypeByte(w.tables[i.index].type));
    appendLimits(b, w.tables[i.index].limits);
  } else if (i.kind === WasmKind.memory) {
    appendLimits(b, w.memories[i.index].limits);
  } else {
    appendU8(b, wasmTypeByte(w.globals[i.index].type));
    appendU8(b, w.globals[i.index].mutable ? 1 : 0);
  }
}

function definedFuncs(w: WasmModule): WasmFunc[] {
  const list: WasmFunc[] = [];
  for (const f of w.funcs) if (!f.imported) list.push(f);
  return list;
}

function appendFuncs(out: WasmOutput): void {
  const funcs = definedFuncs(out.module);
  if (funcs.length === 0) return;
  const b = newBytes();
  appendLebU32(b, funcs.length);
  for (const f of funcs) appendLebU32(b, f.type);
  appendSection(out, WasmSection.func, b);
}

function appendTables(out: WasmOutput): void {
  const b = newBytes();
  let count = 0;
  for (const t of out.module.tables) {
    if (t.imported) continue;
    count += 1;
    appendU8(b, wasmTypeByte(t.type));
    appendLimits(b, t.limits);
  }
  appendCounted(out, WasmSection.table, count, b);
}

function appendMemories(out: WasmOutput): void {
  const b = newBytes();
  let count = 0;
  for (const m of out.module.memories) {
    if (m.imported) continue;
    count += 1;
    appendLimits(b, m.limits);
  }
  appendCounted(out, WasmSection.memory, count, b);
}

function appendGlobals(out: WasmOutput): void {
  const b = newBytes();
  let count = 0;
  for (const g of out.module.globals) {
    if (g.imported) continue;
    count += 1;
    appendU8(b, wasmTypeByte(g.type));
    appendU8(b, g.mutable ? 1 : 0);
    appendBytes(b, g.init.code);
  }
  appendCounted(out, WasmSection.global, count, b);
}

/** A section that is a count and items, left out when there are none. */
function appendCounted(out: WasmOutput, id: number, count: number, items: Bytes): void {
  if (count === 0) return;
  const b = newBytes();
  appendLebU32(b, count);
  appendBytes(b, items);
  appendSection(out, id, b);
}

function appendExports(out: WasmOutput): void {
  const b = newBytes();
  for (const e of out.module.exports) {
    appendWasmName(b, e.name);
    appendU8(b, e.kind);
    appendLebU32(b, e.index);
  }
  appendCounted(out, WasmSection.export, out.module.exports.length, b);
}

function appendStart(out: WasmOutput): void {
  if (out.module.start < 0) return;
  const b = newBytes();
  appendLebU32(b, out.module.start);
  appendSection(out, WasmSection.start, b);
}

function appendElems(out: WasmOutput): void {
  const b = newBytes();
  for (const e of out.module.elems) appendElem(b, e);
  appendCounted(out, WasmSection.elem, out.module.elems.length, b);
}

function appendElem(b: Bytes, e: WasmElem): void {
  const active = e.mode === SegmentMode.active;
  const explicit = active ? e.table !== 0 || e.type !== WasmType.funcref : e.mode === SegmentMode.declarative;
  const flags = (active ? 0 : 1) | (explicit ? 2 : 0) | (e.usesExprs ? 4 : 0);
  appendLebU32(b, flags);
  if (active) {
    if (explicit) appendLebU32(b, e.table);
    appendBytes(b, e.offset.code);
  }
  if ((flags & 3) !== 0) appendU8(b, e.usesExprs ? wasmTypeByte(e.type) : 0);
  if (e.usesExprs) {
    appendLebU32(b, e.exprs.length);
    for (const x of e.exprs) appendConstExpr(b, x);
  } else {
    appendLebU32(b, e.funcs.length);
    for (const f of e.funcs) appendLebU32(b, f);
  }
}

function appendConstExpr(b: Bytes, e: ConstExpr): void {
  appendBytes(b, e.code);
}

function appendCode(out: WasmOutput): void {
  const funcs = definedFuncs(out.module);
  if (funcs.length === 0) return;
  const b = newBytes();
  appendLebU32(b, funcs.length);
  for (const f of funcs) {
    const head = newBytes();
    appendLebU32(head, f.localCounts.length);
    for (let i = 0; i < f.localCounts.length; i++) {
      appendLebU32(head, f.localCounts[i]);
      appendU8(head, wasmTypeByte(f.localTypes[i]));
    }
    appendLebU32(b, head.len + f.body.len);
    appendBytes(b, head);
    out.bodyStarts.push(b.len);
    appendBytes(b, f.body);
  }
  out.codeSection = out.sections;
  appendSection(out, WasmSection.code, b);
}

function appendSegments(out: WasmOutput, zeros: boolean): void {
  const segments = out.module.segments;
  if (segments.length === 0) return;
  const b = newBytes();
  appendLebU32(b, segments.length);
  for (const s of segments) appendSegment(out, b, s, zeros);
  out.dataSection = out.sections;
  appendSection(out, WasmSection.data, b);
}

/** The zeros at the end of a segment stand in an object only: a final module's memory is zero already. */
function appendSegment(out: WasmOutput, b: Bytes, s: WasmSegment, zeros: boolean): void {
  const size = zeros || s.mode === SegmentMode.passive ? s.size : s.bytes.len;
  const explicit = s.mode === SegmentMode.active && s.memory !== 0;
  appendLebU32(b, s.mode === SegmentMode.passive ? 1 : explicit ? 2 : 0);
  if (explicit) appendLebU32(b, s.memory);
  if (s.mode === SegmentMode.active) appendBytes(b, s.offset.code);
  appendLebU32(b, size);
  out.segmentStarts.push(b.len);
  appendBytes(b, s.bytes);
  appendZeros(b, size - s.bytes.len);
}

/** The custom section "name": functions, globals and segments that have one. */
export function appendNameSection(out: WasmOutput): void {
  const w = out.module;
  const content = newBytes();
  const funcs: string[] = [];
  for (const f of w.funcs) funcs.push(f.name);
  appendNameMap(content, 1, funcs);
  const globals: string[] = [];
  for (const g of w.globals) globals.push(g.name);
  appendNameMap(content, 7, globals);
  const segments: string[] = [];
  for (const s of w.segments) segments.push(s.name);
  appendNameMap(content, 9, segments);
  if (content.len > 0) appendCustom(out, "name", content);
}

function appendNameMap(content: Bytes, id: number, names: string[]): void {
  const b = newBytes();
  let count = 0;
  for (let i = 0; i < names.length; i++) {
    if (names[i] === "") continue;
    count += 1;
    appendLebU32(b, i);
    appendWasmName(b, names[i]);
  }
  if (count === 0) return;
  const whole = newBytes();
  appendLebU32(whole, count);
  appendBytes(whole, b);
  appendU8(content, id);
  appendLebU32(content, whole.len);
  appendBytes(content, whole);
}
