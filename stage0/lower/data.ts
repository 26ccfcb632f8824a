// Symbols and constant data: functions by index, runtime routines, strings, function cells, type descriptors,
// tables of names.
// In -> out: asked for a thing, gives its symbol; the thing itself is made on first use, so symbols stand in the
// order in which the program first needs them. Functions and helpers asked for join a list of work.

import { bug } from "../base/bug.ts";
import { appendText, appendU32, appendU64, appendZeros, type Bytes, newBytes } from "../base/bytes.ts";
import { lowI64 } from "../base/int128.ts";
import { type I64, i64From } from "../base/int64.ts";
import { nameText } from "../base/intern.ts";
import { sortByKey } from "../base/sort.ts";
import { placeText } from "../base/source.ts";
import { FuncKind, type TFunc, TOp } from "../check/tree.ts";
import { Kind } from "../check/types.ts";
import { addSymbol, type DataReloc, internSig, type ModuleSymbol, Section, SymKind } from "../ssa/module.ts";
import { Type } from "../ssa/ops.ts";
import { cSignature, needsCEntry, paramTypes } from "./c_abi.ts";
import { isConstantData, putConstant } from "./constant_data.ts";
import { layoutOf } from "./layout.ts";
import { Helper, type Lower } from "./state.ts";

/** Rows of tables/runtime.txt, in order. */
export const Rt = {
  retain: 0, release: 1, new_object: 2, new_array: 3, weak_set: 4, weak_load: 5, weak_drop: 6, alloc: 7, realloc: 8,
  dealloc: 9, panic: 10, panic_index: 11, panic_slice: 12, exit: 13, print_string: 14, print_int: 15, print_uint: 16,
  print_f64: 17, print_f32: 18, bytes_equal: 19, concat: 20, format_begin: 21, format_end: 22, format_text: 23,
  find_name: 24, main_error: 25, start: 26, test_begin: 27, panic_message: 28, print_bool: 29, each_element: 30, test_end: 31, test_status: 32, memory_grow: 33,
  memory_size: 34, retain_object: 35, release_object: 36, retain_array: 37, release_array: 38,
  check_object: 39, check_array: 40, retain_plain: 41, release_plain: 42, enum_name: 43,
  panic_index_u64: 44, panic_slice_u64: 45, is_unique: 46, is_unique_object: 47, is_unique_array: 48, panic_length: 49, is_unique_plain: 50,
  own_array: 51, own_plain: 52,
};

/** The symbol of a runtime routine. */
export function runtimeSym(l: Lower, routine: number): number {
  return funcSym(l, l.program.runtime[routine]);
}

/** The symbol of a function of the program; it will be lowered if it is not yet. */
export function funcSym(l: Lower, index: number): number {
  if (l.funcSyms[index] >= 0) return l.funcSyms[index];
  const f = l.program.funcs[index];
  const sym = f.kind === FuncKind.extern ? externSym(l, f) : definedSym(l, f);
  if (f.kind !== FuncKind.extern) l.pendingFuncs.push(index);
  l.funcSyms[index] = sym;
  return sym;
}

/** A function of the program; one that C enters as Cot does has its outer name itself. */
function definedSym(l: Lower, f: TFunc): number {
  const params: number[] = [];
  const results: number[] = [];
  addSignature(l, paramTypes(f), f.result, params, results);
  if (f.closure) params.push(l.pointer);
  const outer = f.kind === FuncKind.export && !needsCEntry(l, f);
  const sym = addSymbol(l.module, outer ? f.outer : f.name, SymKind.func);
  const s = l.module.symbols[sym];
  s.sig = internSig(l.module, params, results);
  s.defined = true;
  s.global = outer;
  return sym;
}

function externSym(l: Lower, f: TFunc): number {
  const sym = addSymbol(l.module, externName(l, f.outer), SymKind.func);
  const s = l.module.symbols[sym];
  s.sig = cSignature(l, paramTypes(f), f.result, []);
  s.global = true;
  s.importModule = f.importModule;
  if (s.name !== f.outer) s.outerName = f.outer;
  if (f.variadic) s.variadic = l.module.sigs[s.sig].params.length;
  return sym;
}

/** The symbol by which C calls a function: its own, or that of an entry which turns C's arguments into Cot's. */
export function entrySym(l: Lower, index: number): number {
  const f = l.program.funcs[index];
  if (f.kind === FuncKind.extern || !needsCEntry(l, f)) return funcSym(l, index);
  const exported = f.kind === FuncKind.export;
  const key = "entry " + f.name;
  const found = l.made.get(key);
  if (found !== undefined) return found;
  const sym = addSymbol(l.module, exported ? f.outer : f.name + ".entry", SymKind.func);
  const s = l.module.symbols[sym];
  s.sig = cSignature(l, paramTypes(f), f.result, []);
  s.defined = true;
  s.global = exported;
  l.made.set(key, sym);
  l.pendingHelpers.push({ kind: Helper.entry, type: index, sym: sym });
  return sym;
}

/** Two declarations may name one outside function with different signatures. */
function externName(l: Lower, outer: string): string {
  let name = outer;
  let n = 1;
  while (l.module.byName.has(name)) {
    n += 1;
    name = outer + "#" + n;
  }
  return name;
}

/** Appends the SSA params and results of a function type: results in memory go through a first param. */
export function addSignature(l: Lower, types: number[], result: number, params: number[], results: number[]): void {
  const r = layoutOf(l.layouts, result);
  if (!r.flat) params.push(l.pointer);
  for (const t of types) {
    const lay = layoutOf(l.layouts, t);
    if (!lay.flat) params.push(l.pointer);
    else for (const leaf of lay.leaves) params.push(leaf.type);
  }
  if (r.flat) for (const leaf of r.leaves) results.push(leaf.type);
}

/** A data symbol with these bytes. */
export function addData(l: Lower, name: string, section: number, align: number, bytes: Bytes): number {
  const sym = addSymbol(l.module, name, SymKind.data);
  const s = l.module.symbols[sym];
  s.defined = true;
  s.section = section;
  s.align = align;
  s.size = bytes.len;
  s.bytes = bytes;
  return sym;
}

/** Puts the address of a symbol at an offset of some data. */
export function addAddress(l: Lower, data: number, offset: number, sym: number): void {
  l.module.symbols[data].relocs.push({ offset: offset, sym: sym, addend: 0 });
}

/** A string of the program by index. */
export function stringSym(l: Lower, index: number): number {
  if (l.stringSyms[index] < 0) l.stringSyms[index] = textSym(l, l.program.strings[index]);
  return l.stringSyms[index];
}

/** Constant bytes, one symbol for each content. */
export function textSym(l: Lower, text: string): number {
  const found = l.textSyms.get(text);
  if (found !== undefined) return found;
  const bytes = newBytes();
  appendText(bytes, text);
  const sym = addData(l, "string." + l.textSyms.size, Section.rodata, 1, bytes);
  l.textSyms.set(text, sym);
  return sym;
}

/** "FILE:LINE:COL: message" as panics print it. */
export function panicText(l: Lower, pos: number, message: string): string {
  return placeText(l.sources, pos) + ": " + message;
}

/** The variable of a global; zero until its initialiser runs. */
export function globalSym(l: Lower, index: number): number {
  if (l.globalSyms[index] >= 0) return l.globalSyms[index];
  const g = l.program.globals[index];
  const lay = layoutOf(l.layouts, g.type);
  const sym = addData(l, g.name, Section.bss, lay.align, newBytes());
  l.module.symbols[sym].size = lay.size;
  l.globalSyms[index] = sym;
  constantGlobal(l, index, sym);
  return sym;
}

/** The first global of the program whose initialiser is code, or their count. Compile-time constants run nothing. */
export function firstCodeGlobal(l: Lower): number {
  for (let i = 0; i < l.program.globals.length; i++) if (!l.program.globals[i].isConst && !isDataGlobal(l, i)) return i;
  return l.program.globals.length;
}

/** Whether a global has its value from the start, since its initialiser is a constant. */
export function isDataGlobal(l: Lower, index: number): boolean {
  const g = l.program.globals[index];
  if (g.initFunc < 0) return true;
  const f = l.program.funcs[g.initFunc];
  return f.nodes[f.body].type === g.type && isConstantData(l, f, f.body);
}

/** Puts the value of a global into its symbol, where it is data. One without any bit set stays as it is. */
function constantGlobal(l: Lower, index: number, sym: number): void {
  const g = l.program.globals[index];
  if (g.initFunc < 0 || !isDataGlobal(l, index)) return;
  const f = l.program.funcs[g.initFunc];
  const s = l.module.symbols[sym];
  if (f.nodes[f.body].op === TOp.const_zero || s.size === 0) return;
  appendZeros(s.bytes, s.size);
  putConstant(l, sym, 0, f, f.body);
  sortRelocs(s);
  s.section = !g.isConst ? Section.data : s.relocs.length > 0 ? Section.relro : Section.rodata;
}

/** Brings relocations into the order of their places; fields may have been named in another. */
function sortRelocs(s: ModuleSymbol): void {
  const order: number[] = [];
  const offsets: number[] = [];
  for (let k = 0; k < s.relocs.length; k++) {
    order.push(k);
    offsets.push(s.relocs[k].offset);
  }
  sortByKey(order, offsets);
  const sorted: DataReloc[] = [];
  for (const k of order) sorted.push(s.relocs[k]);
  s.relocs = sorted;
}

/** The static cell of a function used as a value: its first word is a thunk, or the code of a closure without captures. */
export function cellSym(l: Lower, index: number): number {
  const f = l.program.funcs[index];
  const name = f.name + ".cell";
  const found = l.made.get(name);
  if (found !== undefined) return found;
  const bytes = newBytes();
  appendZeros(bytes, pointerSize(l));
  const sym = addData(l, name, Section.relro, pointerSize(l), bytes);
  l.made.set(name, sym);
  addAddress(l, sym, 0, f.closure ? funcSym(l, index) : thunkSym(l, index));
  return sym;
}

/** A function that takes a cell, ignores it, and calls the function. */
function thunkSym(l: Lower, index: number): number {
  const f = l.program.funcs[index];
  const params: number[] = [];
  const results: number[] = [];
  addSignature(l, paramTypes(f), f.result, params, results);
  params.push(l.pointer);
  funcSym(l, index);
  const sym = addSymbol(l.module, f.name + ".thunk", SymKind.func);
  l.module.symbols[sym].sig = internSig(l.module, params, results);
  l.module.symbols[sym].defined = true;
  l.pendingHelpers.push({ kind: Helper.thunk, type: index, sym: sym });
  return sym;
}

/** The helper that retains or releases what lies at an address. */
export function helperSym(l: Lower, kind: number, type: number): number {
  const name = (kind === Helper.retain ? "retain " : "release ") + l.program.types.list[type].name;
  const found = l.made.get(name);
  if (found !== undefined) return found;
  const sym = addSymbol(l.module, name, SymKind.func);
  l.made.set(name, sym);
  l.module.symbols[sym].sig = internSig(l.module, [l.pointer], []);
  l.module.symbols[sym].defined = true;
  l.pendingHelpers.push({ kind: kind, type: type, sym: sym });
  return sym;
}

/**
 * The descriptor of counted storage for elements of a type: three words, the address of the function that
 * releases what one element holds (0: nothing), the address of its deinit (0: none; only for objects), and the element's size as i64.
 */
export function descriptorSym(l: Lower, type: number, isObject: boolean): number {
  const info = l.program.types.list[type];
  const name = "descriptor " + (isObject ? "" : "[]") + info.name;
  const found = l.made.get(name);
  if (found !== undefined) return found;
  const lay = layoutOf(l.layouts, type);
  const bytes = newBytes();
  const word = pointerSize(l);
  appendZeros(bytes, 2 * word);
  appendU64(bytes, i64From(lay.size));
  const sym = addData(l, name, Section.relro, 8, bytes);
  l.made.set(name, sym);
  if (lay.counted) addAddress(l, sym, 0, helperSym(l, Helper.release, type));
  if (isObject && info.deinit >= 0) addAddress(l, sym, word, funcSym(l, info.deinit));
  return sym;
}

/** Bytes of an address. */
export function pointerSize(l: Lower): number {
  return l.pointer === Type.i64 ? 8 : 4;
}

/** A table of names for an enum or for all errors: rows of value (i64) and string. */
export function nameTableSym(l: Lower, type: number): number {
  const info = l.program.types.list[type];
  const isError = info.kind === Kind.error_set;
  const name = isError ? "names of errors" : "names of " + info.name;
  const found = l.made.get(name);
  if (found !== undefined) return found;
  const bytes = newBytes();
  const sym = addData(l, name, Section.relro, 8, bytes);
  l.made.set(name, sym);
  if (isError) {
    for (let e = 1; e < l.program.errors.length; e++) addNameRow(l, sym, i64From(e), "error." + nameText(l.program.names, l.program.errors[e]));
  } else {
    for (const f of info.fields) addNameRow(l, sym, lowI64(f.value), nameText(l.program.names, f.name));
  }
  l.module.symbols[sym].size = bytes.len;
  return sym;
}

function addNameRow(l: Lower, table: number, value: I64, text: string): void {
  const bytes = l.module.symbols[table].bytes;
  appendU64(bytes, value);
  addAddress(l, table, bytes.len, textSym(l, text));
  appendZeros(bytes, 8);
  appendU32(bytes, text.length);
  appendU32(bytes, 0);
}

/** How many rows nameTableSym makes. */
export function nameTableLen(l: Lower, type: number): number {
  const info = l.program.types.list[type];
  if (info.kind === Kind.error_set) return l.program.errors.length - 1;
  if (info.kind !== Kind.enum) bug("no names for " + info.name);
  return info.fields.length;
}

/** Where an error was last made is kept in memory, as address and length of the place's text. */
export function errorPlaceSym(l: Lower): number {
  return placeSym(l, "error place", 16);
}

/** Where an error last left the test at hand, in the same form; 16 bytes on, where it was made. */
export function testPlaceSym(l: Lower): number {
  return placeSym(l, "test place", 32);
}

function placeSym(l: Lower, name: string, size: number): number {
  const found = l.made.get(name);
  if (found !== undefined) return found;
  const sym = addData(l, name, Section.bss, 8, newBytes());
  l.module.symbols[sym].size = size;
  l.made.set(name, sym);
  return sym;
}
