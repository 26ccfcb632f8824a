// A Wasm module in memory, relocatable or final.
// In -> out: filled by emit, link or decode; read by encode, validate, print, link and translate.
// Index spaces are arrays that begin with what is imported. Function bodies are the bytes of the instructions with
// the final end, without the local declarations; offsets of relocations and lines count from the first instruction.
// A relocatable module has a symbol table (Wasm tool conventions), a final one has none.

import { type Bytes, newBytes } from "../base/bytes.ts";
import { type I64, i64From } from "../base/int64.ts";
import { WasmType } from "./opcodes.ts";

export interface WasmSig {
  params: number[];
  results: number[];
  /** By param how C's convention places it (0 alone, 1 joined to the one before, else copied bytes), or none; from c-abi. */
  places: number[];
}

export interface WasmLimits {
  min: I64;
  max: I64;
  hasMax: boolean;
  is64: boolean;
}

/** Where the stack of a linked wasm32 module ends; below lies what no pointer leads to. */
export const STACK_END = 1024;

/** What kind of thing is imported or exported. */
export const WasmKind = { func: 0, table: 1, memory: 2, global: 3 };

export interface WasmImport {
  module: string;
  name: string;
  kind: number;
  /** In the index space of the kind. */
  index: number;
}

export interface WasmExport {
  name: string;
  kind: number;
  index: number;
}

/** Types of relocations, numbered as the tool conventions do. */
export const RelocType = {
  function_index_leb: 0, table_index_sleb: 1, table_index_i32: 2, memory_addr_leb: 3, memory_addr_sleb: 4,
  memory_addr_i32: 5, type_index_leb: 6, global_index_leb: 7, memory_addr_leb64: 14, memory_addr_sleb64: 15,
  memory_addr_i64: 16, table_index_sleb64: 18, table_index_i64: 19,
};

export interface WasmReloc {
  type: number;
  offset: number;
  /** A symbol; a type for type_index_leb. */
  index: number;
  addend: I64;
}

export interface WasmFunc {
  type: number;
  imported: boolean;
  /** Declared locals as runs of one type. */
  localCounts: number[];
  localTypes: number[];
  body: Bytes;
  relocs: WasmReloc[];
  /** Offset of the first instruction in the file, for messages; 0 when it comes from none. */
  at: number;
  /** The name for people, or "". */
  name: string;
}

/** A constant expression: its instructions with the final end. */
export interface ConstExpr {
  code: Bytes;
  at: number;
}

export interface WasmTable {
  type: number;
  limits: WasmLimits;
  imported: boolean;
}

export interface WasmMemory {
  limits: WasmLimits;
  imported: boolean;
}

export interface WasmGlobal {
  type: number;
  mutable: boolean;
  imported: boolean;
  init: ConstExpr;
  name: string;
}

export const SegmentMode = { active: 0, passive: 1, declarative: 2 };

export interface WasmElem {
  mode: number;
  table: number;
  type: number;
  offset: ConstExpr;
  /** Function indices, or expressions when usesExprs. */
  usesExprs: boolean;
  funcs: number[];
  exprs: ConstExpr[];
  /** Offset in the file, for messages. */
  at: number;
}

export interface WasmSegment {
  mode: number;
  memory: number;
  offset: ConstExpr;
  /** The bytes that are given; the rest up to size is zero. */
  bytes: Bytes;
  size: number;
  name: string;
  /** Alignment as a power of two's exponent. */
  align: number;
  flags: number;
  relocs: WasmReloc[];
  at: number;
}

/** Kinds of symbols, numbered as the tool conventions do. */
export const WasmSymKind = { func: 0, data: 1, global: 2, section: 3, tag: 4, table: 5 };

export const WasmSymFlag = { weak: 1, local: 2, hidden: 4, undefined: 16, exported: 32, explicit_name: 64, no_strip: 128 };

export interface WasmSymbol {
  kind: number;
  flags: number;
  name: string;
  /** In the index space of the kind; a segment for data; -1 for undefined data. */
  index: number;
  /** Data only. */
  offset: number;
  size: number;
}

export interface WasmInit {
  priority: number;
  symbol: number;
}

/** A variadic C function: how many of its parameters are fixed. */
export interface WasmVariadic {
  symbol: number;
  fixed: number;
}

/** From this offset in a function's body on, instructions belong to this place. Sorted by function, then offset. */
export interface WasmLine {
  func: number;
  offset: number;
  file: number;
  line: number;
  column: number;
}

export interface WasmCustom {
  name: string;
  bytes: Bytes;
}

export interface WasmModule {
  types: WasmSig[];
  imports: WasmImport[];
  funcs: WasmFunc[];
  tables: WasmTable[];
  memories: WasmMemory[];
  globals: WasmGlobal[];
  exports: WasmExport[];
  /** Function to call at the start, or -1. */
  start: number;
  elems: WasmElem[];
  segments: WasmSegment[];
  /** The number of the data count section, or -1. */
  dataCount: number;
  relocatable: boolean;
  symbols: WasmSymbol[];
  inits: WasmInit[];
  variadics: WasmVariadic[];
  lineFiles: string[];
  lines: WasmLine[];
  /** Custom sections that nothing here reads. */
  customs: WasmCustom[];
  /** What is wrong with the sections that linking needs, and where; a module is valid Wasm all the same. */
  linkReason: string;
  linkAt: number;
}

/** Why a module is refused, and where in the file; "" when it is not. */
export interface WasmProblem {
  offset: number;
  reason: string;
}

/** A module without content. */
export function newWasmModule(): WasmModule {
  return {
    types: [], imports: [], funcs: [], tables: [], memories: [], globals: [], exports: [], start: -1, elems: [],
    segments: [], dataCount: -1, relocatable: false, symbols: [], inits: [], variadics: [], lineFiles: [], lines: [],
    customs: [], linkReason: "", linkAt: 0,
  };
}

/** A function without locals and instructions. */
export function newWasmFunc(type: number, imported: boolean): WasmFunc {
  return { type: type, imported: imported, localCounts: [], localTypes: [], body: newBytes(), relocs: [], at: 0, name: "" };
}

/** Limits with a minimum only. */
export function minLimits(min: I64, is64: boolean): WasmLimits {
  return { min: min, max: i64From(0), hasMax: false, is64: is64 };
}

/** A row of the line table: where the code of an instruction begins, and its place in the source. */
export function newWasmLine(func: number, offset: number, file: number, line: number, column: number): WasmLine {
  return { func: func, offset: offset, file: file, line: line, column: column };
}

/** An active segment of memory 0 without bytes. */
export function newSegment(name: string, size: number, align: number, offset: ConstExpr): WasmSegment {
  return { mode: SegmentMode.active, memory: 0, offset: offset, bytes: newBytes(), size: size, name: name, align: align, flags: 0, relocs: [], at: 0 };
}

/** Whether two lists of types are the same. */
export function equalTypes(a: number[], b: number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether a type is a reference. */
export function isRefType(type: number): boolean {
  return type === WasmType.funcref || type === WasmType.externref;
}

/** The byte of a value type. */
export function wasmTypeByte(type: number): number {
  if (type === WasmType.funcref) return 0x70;
  if (type === WasmType.externref) return 0x6f;
  return 0x80 - type;
}

/** The value type of a byte, or none. */
export function wasmTypeOfByte(byte: number): number {
  if (byte >= 0x7c && byte <= 0x7f) return 0x80 - byte;
  if (byte === 0x70) return WasmType.funcref;
  return byte === 0x6f ? WasmType.externref : WasmType.none;
}

/** How many bytes a relocation overwrites. */
export function relocWidth(type: number): number {
  if (type === RelocType.memory_addr_leb64 || type === RelocType.memory_addr_sleb64 || type === RelocType.table_index_sleb64) return 10;
  if (type === RelocType.memory_addr_i64 || type === RelocType.table_index_i64) return 8;
  return type === RelocType.memory_addr_i32 || type === RelocType.table_index_i32 ? 4 : 5;
}

/** Whether a relocation is of a data address; only these have an addend. */
export function isAddressReloc(type: number): boolean {
  return (type >= RelocType.memory_addr_leb && type <= RelocType.memory_addr_i32) || (type >= RelocType.memory_addr_leb64 && type <= RelocType.memory_addr_i64);
}

/** Whether a relocation is of a function's index in the table. */
export function isTableReloc(type: number): boolean {
  return type === RelocType.table_index_sleb || type === RelocType.table_index_i32 || type === RelocType.table_index_sleb64 || type === RelocType.table_index_i64;
}

/** The kind of symbol that a relocation names, or -1 when it names a type or is none that we know. */
export function relocSymKind(type: number): number {
  if (isAddressReloc(type)) return WasmSymKind.data;
  if (type === RelocType.function_index_leb || isTableReloc(type)) return WasmSymKind.func;
  return type === RelocType.global_index_leb ? WasmSymKind.global : -1;
}

/** By function, the first symbol that names it, or -1. */
export function symbolsOfFuncs(w: WasmModule): number[] {
  const found: number[] = [];
  for (let i = 0; i < w.funcs.length; i++) found.push(-1);
  for (let s = 0; s < w.symbols.length; s++) {
    const sym = w.symbols[s];
    if (sym.kind === WasmSymKind.func && found[sym.index] < 0) found[sym.index] = s;
  }
  return found;
}
