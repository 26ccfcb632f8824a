// Custom sections to what linking and translation need: linking, reloc.CODE, reloc.DATA, name, c-abi, lines.
// In -> out: the places of custom sections, to symbols, relocations, names and lines of the module.
// A bad name section is as good as none. Any other problem is noted in linkReason and linkAt: the module is still
// valid Wasm, but nothing that needs symbols takes it. After decoding without a problem every index names something
// of the right kind, relocations are sorted by offset and lie within their function or segment.

import { appendSlice, type Bytes, newBytes, readU8, truncateBytes } from "../base/bytes.ts";
import { shrU32 } from "../base/int32.ts";
import { i64From, lowI32 } from "../base/int64.ts";
import { hasPrefix } from "../base/table.ts";
import { isAddressReloc, newWasmLine, RelocType, relocSymKind, relocWidth, WasmKind, type WasmModule, type WasmReloc, type WasmSymbol, WasmSymFlag, WasmSymKind } from "./module.ts";
import { WasmType } from "./opcodes.ts";
import { newWasmReader, readByte, readerFails, readIndex, readLebS64, readWasmName, type WasmReader } from "./reader.ts";

const MAX_LINE = 1000000000;

export interface CustomPlace {
  name: string;
  /** The content after the name. */
  start: number;
  end: number;
}

/** Where things stood in the file. */
export interface DecodedPlaces {
  bytes: Bytes;
  customs: CustomPlace[];
  /** Index among all sections, or -1, and offset of the content. */
  codeSection: number;
  codeStart: number;
  dataSection: number;
  dataStart: number;
}

/** Reads all custom sections, the symbol table before what refers to it. */
export function decodeCustoms(w: WasmModule, places: DecodedPlaces): void {
  for (const c of places.customs) if (c.name === "name") readNames(w, places.bytes, c);
  for (const c of places.customs) if (c.name === "linking") finishSection(w, readLinking(w, customReader(places.bytes, c)));
  for (const c of places.customs) {
    const r = customReader(places.bytes, c);
    if (w.linkReason !== "") break;
    if (c.name === "reloc.CODE") finishSection(w, readRelocs(w, places, r, true));
    else if (c.name === "reloc.DATA") finishSection(w, readRelocs(w, places, r, false));
    else if (c.name === "c-abi") finishSection(w, readCAbi(w, r));
    else if (c.name === "lines") finishSection(w, readLines(w, r));
    else if (c.name !== "linking" && c.name !== "name") keepCustom(w, places.bytes, c);
  }
  if (w.linkReason === "") dropZeros(w);
  else forgetLinking(w);
}

/** What a bad section left half read. */
function forgetLinking(w: WasmModule): void {
  w.symbols = [];
  w.inits = [];
  w.variadics = [];
  for (const t of w.types) t.places = [];
  w.lineFiles = [];
  w.lines = [];
  for (const f of w.funcs) f.relocs = [];
  for (const s of w.segments) s.relocs = [];
}

function customReader(bytes: Bytes, c: CustomPlace): WasmReader {
  return newWasmReader(bytes, c.start, c.end, false);
}

function finishSection(w: WasmModule, r: WasmReader): void {
  if (r.problem === "" && r.at !== r.end) readerFails(r, r.at, "section size mismatch");
  if (r.problem === "" || w.linkReason !== "") return;
  w.linkReason = r.problem;
  w.linkAt = r.problemAt;
}

function keepCustom(w: WasmModule, bytes: Bytes, c: CustomPlace): void {
  const copy = newBytes();
  appendSlice(copy, bytes, c.start, c.end);
  w.customs.push({ name: c.name, bytes: copy });
}

/** Segments named .bss are zero: their bytes go. */
function dropZeros(w: WasmModule): void {
  for (const s of w.segments) {
    if (!hasPrefix(s.name, ".bss") || s.relocs.length > 0) continue;
    let zero = true;
    for (let i = 0; i < s.bytes.len && zero; i++) zero = readU8(s.bytes, i) === 0;
    if (zero) truncateBytes(s.bytes, 0);
  }
}

/** Names of functions, globals and segments; all or nothing. */
function readNames(w: WasmModule, bytes: Bytes, c: CustomPlace): void {
  const funcs: string[] = [];
  const globals: string[] = [];
  const segments: string[] = [];
  for (let i = 0; i < w.funcs.length; i++) funcs.push("");
  for (let i = 0; i < w.globals.length; i++) globals.push("");
  for (let i = 0; i < w.segments.length; i++) segments.push("");
  const r = customReader(bytes, c);
  while (r.problem === "" && r.at < c.end) {
    const id = readByte(r);
    const size = readIndex(r);
    if (size > c.end - r.at) return;
    const end = r.at + size;
    r.end = end;
    if (id === 1) readNameMap(r, funcs);
    else if (id === 7) readNameMap(r, globals);
    else if (id === 9) readNameMap(r, segments);
    r.at = end;
    r.end = c.end;
  }
  if (r.problem !== "") return;
  for (let i = 0; i < funcs.length; i++) w.funcs[i].name = funcs[i];
  for (let i = 0; i < globals.length; i++) w.globals[i].name = globals[i];
  for (let i = 0; i < segments.length; i++) w.segments[i].name = segments[i];
}

function readNameMap(r: WasmReader, names: string[]): void {
  const count = readIndex(r);
  for (let i = 0; i < count && r.problem === ""; i++) {
    const index = readIndex(r);
    const name = readWasmName(r);
    if (index >= names.length) readerFails(r, r.at, "name of nothing");
    else names[index] = name;
  }
}

function readLinking(w: WasmModule, r: WasmReader): WasmReader {
  const end = r.end;
  if (readIndex(r) !== 2) readerFails(r, r.at, "linking: version is not 2");
  w.relocatable = true;
  while (r.problem === "" && r.at < end) {
    const at = r.at;
    const id = readByte(r);
    const size = readIndex(r);
    if (size > end - r.at) readerFails(r, at, "linking: length out of bounds");
    if (r.problem !== "") return r;
    const next = r.at + size;
    r.end = next;
    if (id === 8) readSymbols(w, r);
    else if (id === 5) readSegmentInfo(w, r);
    else if (id === 6) readInits(w, r);
    else r.at = next;
    if (r.problem === "" && r.at !== next) readerFails(r, r.at, "linking: subsection size mismatch");
    r.end = end;
  }
  for (const i of w.inits) {
    if (i.symbol >= w.symbols.length || w.symbols[i.symbol].kind !== WasmSymKind.func) readerFails(r, end, "linking: start-up symbol is no function");
  }
  return r;
}

function readSymbols(w: WasmModule, r: WasmReader): void {
  const importNames: string[] = [];
  for (const i of w.imports) if (i.kind === WasmKind.func) importNames.push(i.name);
  const count = readIndex(r);
  for (let i = 0; i < count && r.problem === ""; i++) w.symbols.push(readSymbol(w, r, importNames));
}

function readSymbol(w: WasmModule, r: WasmReader, importNames: string[]): WasmSymbol {
  const at = r.at;
  const s: WasmSymbol = { kind: readByte(r), flags: readIndex(r), name: "", index: -1, offset: 0, size: 0 };
  const defined = (s.flags & WasmSymFlag.undefined) === 0;
  if (s.kind === WasmSymKind.data) {
    s.name = readWasmName(r);
    if (!defined) return s;
    s.index = readIndex(r);
    s.offset = readIndex(r);
    s.size = readIndex(r);
    if (s.index >= w.segments.length) readerFails(r, at, "linking: symbol of no segment");
    else if (s.offset > w.segments[s.index].size || s.size > w.segments[s.index].size - s.offset) readerFails(r, at, "linking: symbol outside its segment");
    return s;
  }
  s.index = readIndex(r);
  if (s.kind === WasmSymKind.section) return s;
  const named = defined || (s.flags & WasmSymFlag.explicit_name) !== 0;
  if (named) s.name = readWasmName(r);
  checkSymbolIndex(w, r, s, at);
  if (!named && r.problem === "" && s.kind === WasmSymKind.func) s.name = importNames[s.index];
  if (!named && r.problem === "" && s.kind === WasmSymKind.global) s.name = importedGlobalName(w, s.index);
  return s;
}

function importedGlobalName(w: WasmModule, index: number): string {
  for (const i of w.imports) if (i.kind === WasmKind.global && i.index === index) return i.name;
  return "";
}

function checkSymbolIndex(w: WasmModule, r: WasmReader, s: WasmSymbol, at: number): void {
  const defined = (s.flags & WasmSymFlag.undefined) === 0;
  if (s.kind === WasmSymKind.func) {
    if (s.index >= w.funcs.length || w.funcs[s.index].imported === defined) readerFails(r, at, "linking: symbol of no function");
  } else if (s.kind === WasmSymKind.global) {
    if (s.index >= w.globals.length || w.globals[s.index].imported === defined) readerFails(r, at, "linking: symbol of no global");
  } else if (s.kind === WasmSymKind.table) {
    if (s.index >= w.tables.length) readerFails(r, at, "linking: symbol of no table");
  } else {
    readerFails(r, at, "linking: unknown kind of symbol");
  }
}

function readSegmentInfo(w: WasmModule, r: WasmReader): void {
  const at = r.at;
  const count = readIndex(r);
  if (count > w.segments.length) readerFails(r, at, "linking: more segment names than segments");
  for (let i = 0; i < count && r.problem === ""; i++) {
    const s = w.segments[i];
    s.name = readWasmName(r);
    s.align = readIndex(r);
    s.flags = readIndex(r);
    if (s.align > 30) readerFails(r, r.at, "linking: alignment too large");
  }
}

function readInits(w: WasmModule, r: WasmReader): void {
  const count = readIndex(r);
  for (let i = 0; i < count && r.problem === ""; i++) w.inits.push({ priority: readIndex(r), symbol: readIndex(r) });
}

/** Relocations of the code or of the data, handed to the function or segment they lie in. */
function readRelocs(w: WasmModule, places: DecodedPlaces, r: WasmReader, code: boolean): WasmReader {
  const start = code ? places.codeStart : places.dataStart;
  if (readIndex(r) !== (code ? places.codeSection : places.dataSection)) readerFails(r, r.at, "reloc: not of that section");
  const count = readIndex(r);
  let last = -1;
  let owner = 0;
  const owners = code ? w.funcs.length : w.segments.length;
  for (let i = 0; i < count && r.problem === ""; i++) {
    const at = r.at;
    const reloc: WasmReloc = { type: readByte(r), offset: readIndex(r), index: readIndex(r), addend: i64From(0) };
    if (isAddressReloc(reloc.type)) reloc.addend = readLebS64(r);
    if (reloc.offset <= last) readerFails(r, at, "reloc: not sorted by offset");
    last = reloc.offset;
    checkReloc(w, r, reloc, at);
    const place = start + reloc.offset;
    while (owner < owners && place >= ownerEnd(w, code, owner)) owner += 1;
    if (owner >= owners || place < ownerStart(w, code, owner) || place + relocWidth(reloc.type) > ownerEnd(w, code, owner)) {
      readerFails(r, at, "reloc: outside every function and segment");
    }
    if (r.problem !== "") return r;
    reloc.offset = place - ownerStart(w, code, owner);
    if (code) w.funcs[owner].relocs.push(reloc);
    else w.segments[owner].relocs.push(reloc);
  }
  return r;
}

function ownerStart(w: WasmModule, code: boolean, owner: number): number {
  return code ? w.funcs[owner].at : w.segments[owner].at;
}

function ownerEnd(w: WasmModule, code: boolean, owner: number): number {
  return code ? w.funcs[owner].at + w.funcs[owner].body.len : w.segments[owner].at + w.segments[owner].bytes.len;
}

function checkReloc(w: WasmModule, r: WasmReader, reloc: WasmReloc, at: number): void {
  if (reloc.type === RelocType.type_index_leb) {
    if (reloc.index >= w.types.length) readerFails(r, at, "reloc: unknown type");
    return;
  }
  const kind = relocSymKind(reloc.type);
  if (kind < 0) readerFails(r, at, "reloc: type " + reloc.type + " is not known");
  else if (reloc.index >= w.symbols.length || w.symbols[reloc.index].kind !== kind) readerFails(r, at, "reloc: symbol of the wrong kind");
}

function readCAbi(w: WasmModule, r: WasmReader): WasmReader {
  if (readIndex(r) !== 1) readerFails(r, r.at, "c-abi: version is not 1");
  const count = readIndex(r);
  for (let i = 0; i < count && r.problem === ""; i++) {
    const at = r.at;
    const symbol = readIndex(r);
    if (symbol >= w.symbols.length || w.symbols[symbol].kind !== WasmSymKind.func) readerFails(r, at, "c-abi: no function");
    w.variadics.push({ symbol: symbol, fixed: readIndex(r) });
  }
  const types = readIndex(r);
  for (let i = 0; i < types && r.problem === ""; i++) readPlacedType(w, r);
  return r;
}

/** The places of a type's parameters: joined ones follow another, copied ones are addresses. */
function readPlacedType(w: WasmModule, r: WasmReader): void {
  const at = r.at;
  const type = readIndex(r);
  if (type >= w.types.length || w.types[type].places.length > 0) {
    readerFails(r, at, "c-abi: no type");
    return;
  }
  const params = w.types[type].params;
  const places: number[] = [];
  const count = readIndex(r);
  for (let i = 0; i < count && r.problem === ""; i++) {
    const start = r.at;
    const param = readIndex(r);
    const place = readIndex(r);
    if (!isPlaceFor(params, param, place) || param < places.length) {
      readerFails(r, start, "c-abi: no place for a parameter");
      return;
    }
    while (places.length < param) places.push(0);
    places.push(place);
  }
  while (places.length < params.length) places.push(0);
  w.types[type].places = places;
}

function isPlaceFor(params: number[], param: number, place: number): boolean {
  if (param >= params.length || place === 0) return false;
  return place === 1 ? param > 0 : params[param] === WasmType.i64;
}

function readLines(w: WasmModule, r: WasmReader): WasmReader {
  const version = readIndex(r);
  if (version !== 1 && version !== 2) readerFails(r, r.at, "lines: version is neither 1 nor 2");
  const files = readIndex(r);
  for (let i = 0; i < files && r.problem === ""; i++) w.lineFiles.push(readWasmName(r));
  const funcs = readIndex(r);
  let last = -1;
  for (let i = 0; i < funcs && r.problem === ""; i++) {
    const at = r.at;
    const func = lineFunc(w, readIndex(r), version === 1);
    if (func < 0) readerFails(r, at, "lines: no function");
    else if (func <= last) readerFails(r, at, "lines: functions are not in order");
    else last = func;
    if (r.problem === "") readFuncLines(w, r, last);
  }
  return r;
}

/** The function that a symbol or an index names, or -1. */
function lineFunc(w: WasmModule, id: number, bySymbol: boolean): number {
  if (!bySymbol) return id < w.funcs.length ? id : -1;
  return id < w.symbols.length && w.symbols[id].kind === WasmSymKind.func ? w.symbols[id].index : -1;
}

function readFuncLines(w: WasmModule, r: WasmReader, func: number): void {
  const rows = readIndex(r);
  let offset = 0;
  let file = 0;
  let line = 0;
  for (let i = 0; i < rows && r.problem === ""; i++) {
    const at = r.at;
    const first = readIndex(r);
    const step = shrU32(first, 1);
    if (step > w.funcs[func].body.len - offset) readerFails(r, at, "lines: outside the function");
    offset += step;
    if ((first & 1) !== 0) file = readIndex(r);
    if (file >= w.lineFiles.length) readerFails(r, at, "lines: unknown file");
    const moved = lowI32(readLebS64(r));
    if (moved < 0 - line || moved > MAX_LINE - line) readerFails(r, at, "lines: no such line");
    else line += moved;
    w.lines.push(newWasmLine(func, offset, file, line, readIndex(r)));
  }
}

