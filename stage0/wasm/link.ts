// One relocatable 32-bit module as a final one.
// In -> out: a module with symbols, to a module without: what exported functions and start-up functions reach is
// kept, data is given addresses, the function table its entries, and every relocation is applied.
// Memory: 1024 bytes that hold nothing, the stack growing down (who would pass its end traps; hosts know that by the
// exported __stack_pointer), data, zero data, and from __heap_base on what the program grows. An undefined function __wasm_call_ctors is defined here:
// it calls the start-up functions in order.

import { appendSlice, appendU8, appendZeros, type Bytes, newBytes, patchU8, patchU32 } from "../base/bytes.ts";
import { alignUp, sarI32, shlI32, shrU32 } from "../base/int32.ts";
import { addI64, i64From, lowI32 } from "../base/int64.ts";
import { isAddressReloc, isTableReloc, minLimits, newSegment, newWasmFunc, newWasmLine, newWasmModule, RelocType, SegmentMode, STACK_END, type WasmFunc, WasmKind, type WasmModule, type WasmReloc, type WasmSymbol, WasmSymFlag, WasmSymKind } from "./module.ts";
import { WasmOp, WasmType } from "./opcodes.ts";
import { constExpr, writeIndexed } from "./write.ts";

const PAGE = 65536;

interface WasmLinker {
  from: WasmModule;
  to: WasmModule;
  /** By symbol of the old module: reached. */
  reached: boolean[];
  work: number[];
  /** By function: index in the new module, or -1. */
  funcIndex: number[];
  /** By function: index in the table, or 0. */
  tableIndex: number[];
  tableFuncs: number[];
  /** By global: index in the new module, or -1. */
  globalIndex: number[];
  /** By segment: address, or -1. */
  address: number[];
  /** Where the stack begins, and data. */
  dataStart: number;
  heapBase: number;
}

/** The names of undefined data symbols that linking would not find, separated by commas, or "". */
export function undefinedWasmData(w: WasmModule): string {
  let text = "";
  for (const s of w.symbols) {
    if (s.kind !== WasmSymKind.data || isDefined(s) || s.name === "__heap_base") continue;
    text += (text === "" ? "" : ", ") + s.name;
  }
  return text;
}

/** Links a module with a stack of so many bytes (a multiple of 16). */
export function linkWasm(w: WasmModule, stackSize: number): WasmModule {
  const l: WasmLinker = { from: w, to: newWasmModule(), reached: [], work: [], funcIndex: [], tableIndex: [], tableFuncs: [], globalIndex: [], address: [], dataStart: STACK_END + stackSize, heapBase: 0 };
  for (let i = 0; i < w.symbols.length; i++) l.reached.push(false);
  l.to.types = w.types;
  reachAll(l);
  numberGlobals(l);
  numberFuncs(l);
  layOutData(l);
  fillTable(l);
  for (let i = 0; i < w.funcs.length; i++) copyBody(l, i);
  addDataSegment(l);
  addMemory(l);
  addLinkedExports(l);
  copyLines(l);
  return l.to;
}

function isDefined(s: WasmSymbol): boolean {
  return (s.flags & WasmSymFlag.undefined) === 0;
}

function isConstructorCall(s: WasmSymbol): boolean {
  return s.kind === WasmSymKind.func && !isDefined(s) && s.name === "__wasm_call_ctors";
}

function reach(l: WasmLinker, symbol: number): void {
  if (l.reached[symbol]) return;
  l.reached[symbol] = true;
  l.work.push(symbol);
}

function reachAll(l: WasmLinker): void {
  const w = l.from;
  for (let i = 0; i < w.symbols.length; i++) {
    if (w.symbols[i].kind === WasmSymKind.func && isDefined(w.symbols[i]) && (w.symbols[i].flags & WasmSymFlag.exported) !== 0) reach(l, i);
  }
  for (const i of w.inits) reach(l, i.symbol);
  while (l.work.length > 0) {
    const s = w.symbols[l.work[l.work.length - 1]];
    l.work.pop();
    if (!isDefined(s)) continue;
    if (s.kind === WasmSymKind.func) reachRelocs(l, w.funcs[s.index].relocs);
    else if (s.kind === WasmSymKind.data) reachRelocs(l, w.segments[s.index].relocs);
  }
}

function reachRelocs(l: WasmLinker, relocs: WasmReloc[]): void {
  for (const r of relocs) if (r.type !== RelocType.type_index_leb) reach(l, r.index);
}

/** The stack pointer is defined here; other globals stay what they are. */
function numberGlobals(l: WasmLinker): void {
  const w = l.from;
  const used: boolean[] = [];
  for (const g of w.globals) {
    used.push(!g.imported);
    l.globalIndex.push(-1);
  }
  for (let i = 0; i < w.symbols.length; i++) if (l.reached[i] && w.symbols[i].kind === WasmSymKind.global) used[w.symbols[i].index] = true;
  for (const i of w.imports) {
    if (i.kind !== WasmKind.global || !used[i.index] || i.name === "__stack_pointer") continue;
    l.globalIndex[i.index] = l.to.globals.length;
    l.to.imports.push({ module: i.module, name: i.name, kind: i.kind, index: l.to.globals.length });
    l.to.globals.push(w.globals[i.index]);
  }
  for (let g = 0; g < w.globals.length; g++) {
    if (!used[g] || l.globalIndex[g] >= 0) continue;
    l.globalIndex[g] = l.to.globals.length;
    if (!w.globals[g].imported) l.to.globals.push(w.globals[g]);
    else l.to.globals.push({ type: WasmType.i32, mutable: true, imported: false, init: constExpr(WasmOp.i32_const, i64From(l.dataStart)), name: "__stack_pointer" });
  }
}

/** Reached imports first, then reached functions in their old order, the constructor call last. */
function numberFuncs(l: WasmLinker): void {
  const w = l.from;
  const used: boolean[] = [];
  let constructors = -1;
  for (let i = 0; i < w.funcs.length; i++) {
    used.push(false);
    l.funcIndex.push(-1);
    l.tableIndex.push(0);
  }
  for (let i = 0; i < w.symbols.length; i++) {
    const s = w.symbols[i];
    if (!l.reached[i] || s.kind !== WasmSymKind.func) continue;
    if (isConstructorCall(s)) constructors = s.index;
    else used[s.index] = true;
  }
  for (const i of w.imports) {
    if (i.kind !== WasmKind.func || !used[i.index]) continue;
    l.to.imports.push({ module: i.module, name: i.name, kind: i.kind, index: l.to.funcs.length });
    addLinkedFunc(l, i.index);
  }
  for (let f = 0; f < w.funcs.length; f++) if (!w.funcs[f].imported && used[f]) addLinkedFunc(l, f);
  if (constructors >= 0) addConstructorCall(l, constructors);
}

function addLinkedFunc(l: WasmLinker, index: number): WasmFunc {
  const old = l.from.funcs[index];
  const f = newWasmFunc(old.type, old.imported);
  f.localCounts = old.localCounts;
  f.localTypes = old.localTypes;
  f.name = old.name;
  l.funcIndex[index] = l.to.funcs.length;
  l.to.funcs.push(f);
  return f;
}

function addConstructorCall(l: WasmLinker, index: number): void {
  const f = addLinkedFunc(l, index);
  f.imported = false;
  for (const i of l.from.inits) writeIndexed(f.body, WasmOp.call, l.funcIndex[l.from.symbols[i.symbol].index]);
  appendU8(f.body, WasmOp.end);
}

/** Addresses of reached segments: those with bytes first, then those that are zero. */
function layOutData(l: WasmLinker): void {
  const w = l.from;
  const used: boolean[] = [];
  for (let i = 0; i < w.segments.length; i++) {
    used.push(false);
    l.address.push(-1);
  }
  for (let i = 0; i < w.symbols.length; i++) {
    if (l.reached[i] && w.symbols[i].kind === WasmSymKind.data && isDefined(w.symbols[i])) used[w.symbols[i].index] = true;
  }
  let at = l.dataStart;
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < w.segments.length; i++) {
      const zero = w.segments[i].bytes.len === 0;
      if (!used[i] || zero !== (pass === 1)) continue;
      at = alignUp(at, shlI32(1, w.segments[i].align));
      l.address[i] = at;
      at += w.segments[i].size;
    }
  }
  l.heapBase = alignUp(at, 16);
}

/** Functions whose table index something reached wants, in order of function; entry 0 stays null. */
function fillTable(l: WasmLinker): void {
  const wanted: boolean[] = [];
  for (let i = 0; i < l.from.funcs.length; i++) wanted.push(false);
  let indirect = false;
  for (let i = 0; i < l.from.funcs.length; i++) {
    if (l.funcIndex[i] < 0) continue;
    for (const r of l.from.funcs[i].relocs) {
      if (isTableReloc(r.type)) wanted[l.from.symbols[r.index].index] = true;
      else if (r.type === RelocType.type_index_leb) indirect = true;
    }
  }
  for (let i = 0; i < l.from.segments.length; i++) {
    if (l.address[i] < 0) continue;
    for (const r of l.from.segments[i].relocs) if (isTableReloc(r.type)) wanted[l.from.symbols[r.index].index] = true;
  }
  for (let i = 0; i < wanted.length; i++) {
    if (!wanted[i]) continue;
    l.tableFuncs.push(l.funcIndex[i]);
    l.tableIndex[i] = l.tableFuncs.length;
  }
  if (l.tableFuncs.length === 0 && !indirect) return;
  const size = i64From(l.tableFuncs.length + 1);
  l.to.tables.push({ type: WasmType.funcref, limits: { min: size, max: size, hasMax: true, is64: false }, imported: false });
  if (l.tableFuncs.length === 0) return;
  l.to.elems.push({ mode: SegmentMode.active, table: 0, type: WasmType.funcref, offset: constExpr(WasmOp.i32_const, i64From(1)), usesExprs: false, funcs: l.tableFuncs, exprs: [], at: 0 });
}

function copyBody(l: WasmLinker, index: number): void {
  const old = l.from.funcs[index];
  if (l.funcIndex[index] < 0 || old.imported) return;
  const f = l.to.funcs[l.funcIndex[index]];
  appendSlice(f.body, old.body, 0, old.body.len);
  for (const r of old.relocs) applyReloc(l, f.body, r, r.offset);
}

/** What a relocation stands for. */
function relocValue(l: WasmLinker, r: WasmReloc): number {
  if (r.type === RelocType.type_index_leb) return r.index;
  const s = l.from.symbols[r.index];
  if (isAddressReloc(r.type)) {
    const base = isDefined(s) ? l.address[s.index] + s.offset : l.heapBase;
    return lowI32(addI64(i64From(base), r.addend));
  }
  if (isTableReloc(r.type)) return l.tableIndex[s.index];
  return s.kind === WasmSymKind.global ? l.globalIndex[s.index] : l.funcIndex[s.index];
}

function applyReloc(l: WasmLinker, b: Bytes, r: WasmReloc, at: number): void {
  const value = relocValue(l, r);
  if (r.type === RelocType.memory_addr_i32 || r.type === RelocType.table_index_i32) {
    patchU32(b, at, value);
    return;
  }
  const signed = r.type === RelocType.memory_addr_sleb || r.type === RelocType.table_index_sleb;
  for (let i = 0; i < 4; i++) patchU8(b, at + i, (shrU32(value, 7 * i) & 127) | 128);
  patchU8(b, at + 4, signed ? sarI32(value, 28) & 127 : shrU32(value, 28) & 15);
}

/** All data that is not zero, as one segment. */
function addDataSegment(l: WasmLinker): void {
  const bytes = newBytes();
  for (let i = 0; i < l.from.segments.length; i++) {
    const s = l.from.segments[i];
    if (l.address[i] < 0 || s.bytes.len === 0) continue;
    const at = l.address[i] - l.dataStart;
    appendZeros(bytes, at - bytes.len);
    appendSlice(bytes, s.bytes, 0, s.bytes.len);
    for (const r of s.relocs) applyReloc(l, bytes, r, at + r.offset);
  }
  if (bytes.len === 0) return;
  const segment = newSegment(".data", bytes.len, 4, constExpr(WasmOp.i32_const, i64From(l.dataStart)));
  segment.bytes = bytes;
  l.to.segments.push(segment);
}

function addMemory(l: WasmLinker): void {
  const pages = shrU32(l.heapBase + PAGE - 1, 16);
  l.to.memories.push({ limits: minLimits(i64From(pages), false), imported: false });
}

function addLinkedExports(l: WasmLinker): void {
  l.to.exports.push({ name: "memory", kind: WasmKind.memory, index: 0 });
  // By the table a host calls the functions whose addresses it is given.
  if (l.to.tables.length > 0) l.to.exports.push({ name: "__indirect_function_table", kind: WasmKind.table, index: 0 });
  // A trap is a stack overflow when this is below the stack's end.
  for (let g = 0; g < l.to.globals.length; g++) {
    if (l.to.globals[g].name === "__stack_pointer") l.to.exports.push({ name: "__stack_pointer", kind: WasmKind.global, index: g });
  }
  for (const s of l.from.symbols) {
    if (s.kind !== WasmSymKind.func || !isDefined(s) || (s.flags & WasmSymFlag.exported) === 0) continue;
    l.to.exports.push({ name: s.name, kind: WasmKind.func, index: l.funcIndex[s.index] });
  }
}

/** Lines of the functions that are kept, under their new numbers. */
function copyLines(l: WasmLinker): void {
  l.to.lineFiles = l.from.lineFiles;
  for (const row of l.from.lines) {
    if (l.funcIndex[row.func] < 0) continue;
    l.to.lines.push(newWasmLine(l.funcIndex[row.func], row.offset, row.file, row.line, row.column));
  }
}

/** The first function that engines refuse for its size, with the reason; "" when there is none. */
export function wasmLimitProblem(w: WasmModule): string {
  for (const f of w.funcs) {
    if (f.imported) continue;
    let locals = w.types[f.type].params.length;
    for (const n of f.localCounts) locals += n;
    if (locals > 50000) return f.name + " has " + locals + " locals, more than 50000";
    // The declarations of locals count as well, with at most six bytes a run.
    if (f.body.len + 5 + f.localCounts.length * 6 > 7654321) return f.name + " is larger than 7654321 bytes";
  }
  return "";
}
