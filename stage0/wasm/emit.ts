// An SSA module (ir) as a relocatable Wasm module.
// In -> out: functions and data with symbols, to the module whose bytes every target starts from. Undefined functions
// that are used become imports, each data symbol a segment, each address a relocation against a symbol.
// Functions are written by emit_func. The frame idiom, which readers of the module recognise exactly: slots of a
// function lie in N bytes (a multiple of 16) below __stack_pointer;
//   entry:   global.get $__stack_pointer  const N  sub  local.tee $frame  global.set $__stack_pointer
//   before each return and tail call, its operands on the stack:
//            local.get $frame  const N  add  global.set $__stack_pointer
// $frame is written nowhere else, and __stack_pointer is used for nothing else. On wasm32 the entry goes on:
//            local.get $frame  const STACK_END  lt_s  if  unreachable  end
// so that no frame, however large, lies outside of the stack: its end is above 0, and a frame is smaller than 2 GiB.

import { appendSlice, appendZeros, newBytes } from "../base/bytes.ts";
import { alignUp, log2I32 } from "../base/int32.ts";
import { i64From } from "../base/int64.ts";
import type { SourceMap } from "../base/source.ts";
import { internName, newNames, type Names } from "../base/intern.ts";
import { type ModuleSymbol, outerName, Section, type SsaModule, SymKind } from "../ssa/module.ts";
import { Extra, opTable, Type } from "../ssa/ops.ts";
import { emitWasmFunc } from "./emit_func.ts";
import { minLimits, newSegment, newWasmFunc, newWasmModule, RelocType, type WasmFunc, WasmKind, type WasmModule, WasmSymFlag, WasmSymKind } from "./module.ts";
import { WasmOp, WasmType } from "./opcodes.ts";
import { constExpr } from "./write.ts";

/** What writing a function needs of the whole. */
export interface EmitContext {
  module: SsaModule;
  wasm: WasmModule;
  sources: SourceMap;
  is64: boolean;
  /** By SSA symbol: function index and symbol of the Wasm module, or -1. */
  funcIndex: number[];
  symbolIndex: number[];
  /** By signature: type, or -1 as long as it has none. */
  typeIndex: number[];
  /** Names of source files in order of appearance; id 0 is no file. */
  files: Names;
  stackSymbol: number;
}

const segmentPrefix = [".rodata.", ".data.rel.ro.", ".data.", ".bss."];

/** Emits a module. Blocks may be added to its functions on the way. */
export function emitWasm(m: SsaModule, sources: SourceMap): WasmModule {
  const w = newWasmModule();
  w.relocatable = true;
  const c: EmitContext = { module: m, wasm: w, sources: sources, is64: m.pointer === Type.i64, funcIndex: [], symbolIndex: [], typeIndex: [], files: newNames(), stackSymbol: -1 };
  for (let i = 0; i < m.sigs.length; i++) c.typeIndex.push(-1);
  const used = usedSymbols(m);
  addEnvironment(c);
  addFuncs(c, used);
  addData(c, used);
  addSymbols(c, used);
  for (const f of m.funcs) emitWasmFunc(c, f, w.funcs[c.funcIndex[f.sym]]);
  for (let i = 1; i < c.files.texts.length; i++) w.lineFiles.push(c.files.texts[i]);
  return w;
}

/** Symbols that are defined or that something refers to. */
function usedSymbols(m: SsaModule): boolean[] {
  const used: boolean[] = [];
  for (const s of m.symbols) used.push(s.defined);
  for (const f of m.funcs) {
    for (const b of f.order) {
      for (const i of f.blocks[b].insts) {
        if (opTable.extra[f.insts[i].op] === Extra.sym) used[f.insts[i].sym] = true;
      }
    }
  }
  for (const s of m.symbols) for (const r of s.relocs) used[r.sym] = true;
  return used;
}

/** What a linker gives every object: memory, table and stack pointer. */
function addEnvironment(c: EmitContext): void {
  const w = c.wasm;
  const zero = i64From(0);
  w.imports.push({ module: "env", name: "__linear_memory", kind: WasmKind.memory, index: 0 });
  w.memories.push({ limits: minLimits(zero, c.is64), imported: true });
  w.imports.push({ module: "env", name: "__indirect_function_table", kind: WasmKind.table, index: 0 });
  w.tables.push({ type: WasmType.funcref, limits: minLimits(zero, c.is64), imported: true });
  w.imports.push({ module: "env", name: "__stack_pointer", kind: WasmKind.global, index: 0 });
  w.globals.push({ type: c.module.pointer, mutable: true, imported: true, init: { code: newBytes(), at: 0 }, name: "__stack_pointer" });
}

/** The type of a signature, added when first needed. */
export function typeOfSig(c: EmitContext, sig: number): number {
  if (c.typeIndex[sig] < 0) {
    c.typeIndex[sig] = c.wasm.types.length;
    const s = c.module.sigs[sig];
    c.wasm.types.push({ params: s.params, results: s.results, places: s.places });
  }
  return c.typeIndex[sig];
}

/** The id of a source file in the lines, from 0. */
export function lineFile(c: EmitContext, name: string): number {
  return internName(c.files, name) - 1;
}

function addFuncs(c: EmitContext, used: boolean[]): void {
  const m = c.module;
  const w = c.wasm;
  for (let i = 0; i < m.symbols.length; i++) {
    c.funcIndex.push(-1);
    const s = m.symbols[i];
    if (s.kind !== SymKind.func || s.defined || !used[i]) continue;
    w.imports.push({ module: s.importModule, name: outerName(m, i), kind: WasmKind.func, index: w.funcs.length });
    addFunc(c, i, true);
  }
  for (const f of m.funcs) addFunc(c, f.sym, false);
}

function addFunc(c: EmitContext, sym: number, imported: boolean): void {
  c.funcIndex[sym] = c.wasm.funcs.length;
  const f: WasmFunc = newWasmFunc(typeOfSig(c, c.module.symbols[sym].sig), imported);
  f.name = c.module.symbols[sym].name;
  c.wasm.funcs.push(f);
}

/** One segment for each data symbol; their offsets are where the object's own picture of memory has them. */
function addData(c: EmitContext, used: boolean[]): void {
  const m = c.module;
  let address = 0;
  for (let i = 0; i < m.symbols.length; i++) {
    c.symbolIndex.push(-1);
    const s = m.symbols[i];
    if (s.kind !== SymKind.data || !s.defined || !used[i]) continue;
    address = alignUp(address, s.align);
    const segment = newSegment(segmentPrefix[s.section] + s.name, s.size, log2I32(s.align), constExpr(c.is64 ? WasmOp.i64_const : WasmOp.i32_const, i64From(address)));
    if (s.section !== Section.bss) {
      // Relocated places must have bytes, so what is not all zero has all its bytes.
      appendSlice(segment.bytes, s.bytes, 0, s.bytes.len);
      appendZeros(segment.bytes, s.size - s.bytes.len);
    }
    address += s.size;
    c.wasm.segments.push(segment);
  }
}

function addSymbols(c: EmitContext, used: boolean[]): void {
  const m = c.module;
  const w = c.wasm;
  let segment = 0;
  for (let i = 0; i < m.symbols.length; i++) {
    const s = m.symbols[i];
    if (!used[i]) continue;
    c.symbolIndex[i] = w.symbols.length;
    const data = s.kind === SymKind.data;
    const index = data ? (s.defined ? segment : -1) : c.funcIndex[i];
    w.symbols.push({
      kind: data ? WasmSymKind.data : WasmSymKind.func, flags: symbolFlags(s), index: index, offset: 0, size: data && s.defined ? s.size : 0,
      name: s.global || !s.defined ? outerName(m, i) : s.name,
    });
    if (data && s.defined) segment += 1;
    if (s.variadic >= 0) w.variadics.push({ symbol: c.symbolIndex[i], fixed: s.variadic });
  }
  c.stackSymbol = w.symbols.length;
  w.symbols.push({ kind: WasmSymKind.global, flags: WasmSymFlag.undefined, name: "__stack_pointer", index: 0, offset: 0, size: 0 });
  addSegmentRelocs(c);
  for (const f of m.initFuncs) w.inits.push({ priority: 65535, symbol: c.symbolIndex[f] });
}

function symbolFlags(s: ModuleSymbol): number {
  if (!s.defined) return WasmSymFlag.undefined;
  if (!s.global) return WasmSymFlag.local;
  return s.kind === SymKind.func ? WasmSymFlag.exported | WasmSymFlag.no_strip : 0;
}

function addSegmentRelocs(c: EmitContext): void {
  let segment = 0;
  for (let i = 0; i < c.module.symbols.length; i++) {
    const s = c.module.symbols[i];
    if (s.kind !== SymKind.data || !s.defined) continue;
    for (const r of s.relocs) {
      const func = c.module.symbols[r.sym].kind === SymKind.func;
      const narrow = func ? RelocType.table_index_i32 : RelocType.memory_addr_i32;
      const wide = func ? RelocType.table_index_i64 : RelocType.memory_addr_i64;
      c.wasm.segments[segment].relocs.push({ type: c.is64 ? wide : narrow, offset: r.offset, index: c.symbolIndex[r.sym], addend: i64From(r.addend) });
    }
    segment += 1;
  }
}
