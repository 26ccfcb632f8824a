// A Wasm module as an SSA module (clif) under the host memory model.
// In -> out: a decoded, valid module that hostModelProblem takes, to symbols, data and functions. An address is a
// machine address: constants with relocations become symbol addresses, a table index is a code address, imports are
// undefined symbols. Globals that the module defines become data. Positions of instructions are indices into the
// module's lines. Functions are translated by translate_func.

import { appendSlice, appendU32, appendU64 } from "../base/bytes.ts";
import { shlI32 } from "../base/int32.ts";
import { lowI32 } from "../base/int64.ts";
import { sortByKey } from "../base/sort.ts";
import { hasPrefix } from "../base/table.ts";
import { addSymbol, findSymbol, internPlacedSig, internSig, newSsaModule, Section, type SsaModule, SymKind } from "../ssa/module.ts";
import { Type, typeSize } from "../ssa/ops.ts";
import { isTableReloc, SegmentMode, WasmKind, type WasmModule, type WasmSegment, type WasmSymbol, WasmSymFlag, WasmSymKind } from "../wasm/module.ts";
import { constExprValue } from "../wasm/reader.ts";

/** What translating a function needs of the whole. */
export interface Translation {
  wasm: WasmModule;
  module: SsaModule;
  /** SSA symbol by symbol, function and global of the Wasm module, or -1. */
  symbolOf: number[];
  funcSymbol: number[];
  globalSymbol: number[];
  /** By type: signature. */
  sigOf: number[];
  /** By function: first row in lines, and at the end their number. */
  lineStart: number[];
  /** Symbols of memory operations, or -1 as long as there are none. */
  memoryGrow: number;
  memorySize: number;
}

/** Starts the translation of a module: everything but its functions, which translateFunc gives. */
export function startTranslation(w: WasmModule): Translation {
  const t: Translation = {
    wasm: w, module: newSsaModule(Type.i64), symbolOf: [], funcSymbol: [], globalSymbol: [], sigOf: [], lineStart: [],
    memoryGrow: -1, memorySize: -1,
  };
  for (const s of w.types) t.sigOf.push(internPlacedSig(t.module, s.params, s.results, s.places));
  for (let i = 0; i < w.funcs.length; i++) t.funcSymbol.push(-1);
  addWasmSymbols(t);
  addWasmData(t);
  addWasmGlobals(t);
  addInits(t);
  findLineStarts(t);
  addLines(t);
  return t;
}

/** Symbols of functions and data, in the order of the symbol table. */
function addWasmSymbols(t: Translation): void {
  const w = t.wasm;
  const importModules: string[] = [];
  for (const i of w.imports) if (i.kind === WasmKind.func) importModules.push(i.module);
  for (const s of w.symbols) {
    if (s.kind !== WasmSymKind.func && s.kind !== WasmSymKind.data) {
      t.symbolOf.push(-1);
      continue;
    }
    const sym = addNamedSymbol(t, innerName(w, s), s.name, s.kind === WasmSymKind.func ? SymKind.func : SymKind.data);
    const made = t.module.symbols[sym];
    made.defined = (s.flags & WasmSymFlag.undefined) === 0;
    made.global = made.defined && (s.flags & WasmSymFlag.local) === 0;
    if (!made.global && made.defined) made.outerName = "";
    t.symbolOf.push(sym);
    if (s.kind !== WasmSymKind.func) continue;
    made.sig = t.sigOf[w.funcs[s.index].type];
    if (!made.defined) made.importModule = importModules[s.index];
    t.funcSymbol[s.index] = sym;
  }
  for (const v of w.variadics) t.module.symbols[t.symbolOf[v.symbol]].variadic = v.fixed;
}

/** The name inside the program: that of the name section, or of a segment after its section. */
function innerName(w: WasmModule, s: WasmSymbol): string {
  if (s.kind === WasmSymKind.func) return w.funcs[s.index].name === "" ? s.name : w.funcs[s.index].name;
  if ((s.flags & WasmSymFlag.undefined) !== 0) return s.name;
  const name = w.segments[s.index].name;
  for (const prefix of [".rodata.", ".data.rel.ro.", ".data.", ".bss."]) {
    if (hasPrefix(name, prefix) && name.length > prefix.length) return name.slice(prefix.length, name.length);
  }
  return s.name;
}

/** A symbol under a name that is not taken; the outer name is kept apart when it differs. */
function addNamedSymbol(t: Translation, name: string, outer: string, kind: number): number {
  let free = name;
  let count = 1;
  while (findSymbol(t.module, free) >= 0) {
    count += 1;
    free = name + "#" + count;
  }
  const sym = addSymbol(t.module, free, kind);
  if (free !== outer) t.module.symbols[sym].outerName = outer;
  return sym;
}

function addWasmData(t: Translation): void {
  for (let i = 0; i < t.wasm.symbols.length; i++) {
    const s = t.wasm.symbols[i];
    if (s.kind !== WasmSymKind.data || (s.flags & WasmSymFlag.undefined) !== 0) continue;
    const segment = t.wasm.segments[s.index];
    const made = t.module.symbols[t.symbolOf[i]];
    made.section = sectionOf(segment);
    made.size = segment.size;
    made.align = shlI32(1, segment.align);
    appendSlice(made.bytes, segment.bytes, 0, segment.bytes.len);
    for (const r of segment.relocs) {
      made.relocs.push({ offset: r.offset, sym: t.symbolOf[r.index], addend: isTableReloc(r.type) ? 0 : lowI32(r.addend) });
    }
  }
}

function sectionOf(s: WasmSegment): number {
  if (hasPrefix(s.name, ".data.rel.ro")) return Section.relro;
  if (s.mode === SegmentMode.passive || hasPrefix(s.name, ".rodata")) return s.relocs.length > 0 ? Section.relro : Section.rodata;
  return s.bytes.len === 0 && s.size > 0 ? Section.bss : Section.data;
}

/** Globals that the module defines are writable data of their own. */
function addWasmGlobals(t: Translation): void {
  for (let i = 0; i < t.wasm.globals.length; i++) {
    const g = t.wasm.globals[i];
    t.globalSymbol.push(-1);
    if (g.imported) continue;
    const name = g.name === "" ? "global" + i : g.name;
    const sym = addNamedSymbol(t, name, name, SymKind.data);
    const made = t.module.symbols[sym];
    made.outerName = "";
    made.defined = true;
    made.section = Section.data;
    made.size = typeSize(g.type);
    made.align = made.size;
    const value = constExprValue(g.init.code);
    if (made.size === 4) appendU32(made.bytes, lowI32(value));
    else appendU64(made.bytes, value);
    t.globalSymbol[i] = sym;
  }
}

/** Start-up functions by priority, then in their order. */
function addInits(t: Translation): void {
  const order: number[] = [];
  const keys: number[] = [];
  for (let i = 0; i < t.wasm.inits.length; i++) {
    order.push(i);
    keys.push(t.wasm.inits[i].priority);
  }
  sortByKey(order, keys);
  for (const i of order) t.module.initFuncs.push(t.symbolOf[t.wasm.inits[i].symbol]);
}

/** The module's lines, by row of the Wasm module's. */
function addLines(t: Translation): void {
  t.module.lineFiles = t.wasm.lineFiles;
  for (const row of t.wasm.lines) t.module.lines.push({ file: row.file, line: row.line, column: row.column });
}

function findLineStarts(t: Translation): void {
  let row = 0;
  for (let i = 0; i <= t.wasm.funcs.length; i++) {
    while (row < t.wasm.lines.length && t.wasm.lines[row].func < i) row += 1;
    t.lineStart.push(row);
  }
}

/** The function that grows memory: the runtime's own when the module has it. */
export function memoryGrowSymbol(t: Translation): number {
  if (t.memoryGrow < 0) t.memoryGrow = helperSymbol(t, "std/rt/memory.wasmMemoryGrow", "__wasm_memory_grow", [Type.i64], [Type.i64]);
  return t.memoryGrow;
}

/** The function that tells the size of memory. */
export function memorySizeSymbol(t: Translation): number {
  if (t.memorySize < 0) t.memorySize = helperSymbol(t, "std/rt/memory.wasmMemorySize", "__wasm_memory_size", [], [Type.i64]);
  return t.memorySize;
}

/** A function that the module has with this signature, else an undefined one of the outer name. */
function helperSymbol(t: Translation, name: string, outer: string, params: number[], results: number[]): number {
  const m = t.module;
  const sig = internSig(m, params, results);
  const found = findSymbol(m, name);
  if (found >= 0 && m.symbols[found].kind === SymKind.func && m.symbols[found].sig === sig && m.symbols[found].variadic < 0) return found;
  const sym = addNamedSymbol(t, outer, outer, SymKind.func);
  m.symbols[sym].sig = sig;
  return sym;
}
