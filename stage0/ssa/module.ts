// A module in SSA form: what lower makes and Wasm is emitted from (ir), and what is translated from Wasm
// and compiled to machine code (clif).
// Symbols are functions and data, by dense id; an id never changes. Signatures are interned.
// Functions stand in `funcs` in their final order; in clif the driver takes one at a time, and none stands there.

import { appendText, type Bytes, newBytes, textOfBytes } from "../base/bytes.ts";
import type { Func } from "./function.ts";
import { typeName } from "./ops.ts";

export const SymKind = { func: 0, data: 1 };

/** Where data goes: constant, constant with addresses in it, writable, writable and all zero. */
export const Section = { rodata: 0, relro: 1, data: 2, bss: 3 };

/** The address of a symbol (plus addend), stored as a pointer at an offset of some data. */
export interface DataReloc {
  offset: number;
  sym: number;
  addend: number;
}

/**
 * What a function of the runtime does to the count of the reference that is its only param. retainObject counts an object,
 * retainArray an array of references, retainPlain one of numbers, retain any of them; releasePlain frees an array of numbers at most.
 * reads, readsObject, readsArray, readsPlain: the count decides what the program does, so none of that kind may be added or
 * taken away where it was not asked for.
 */
export const Counting = { none: 0, retain: 1, release: 2, retainObject: 3, retainArray: 4, retainPlain: 5, releasePlain: 6, reads: 7, readsObject: 8, readsArray: 9, readsPlain: 10 };

export interface ModuleSymbol {
  name: string;
  kind: number;
  /** Visible outside the module by its own name. */
  global: boolean;
  /** False for what another module or library must give. */
  defined: boolean;
  /** Wasm import module of an undefined function ("env" unless the program says otherwise). */
  importModule: string;
  /** The name outside, when it differs from `name` (a variadic function has one symbol for each call shape); else "". */
  outerName: string;
  /** Functions: index into sigs. Data: -1. */
  sig: number;
  /** Number of fixed parameters of a C variadic function, or -1. */
  variadic: number;
  counting: number;
  /** Data only: section, size, alignment, bytes (none in bss), addresses within. */
  section: number;
  size: number;
  align: number;
  bytes: Bytes;
  relocs: DataReloc[];
}

export interface Sig {
  params: number[];
  results: number[];
  /** By param its CPlace, where C passes a struct; none when every param stands alone. */
  places: number[];
}

/**
 * How C's convention places a param: alone by its type, or joined to the one before it, both of one struct and so both in
 * registers or both on the stack. A higher number is the size of a struct at the param's address that is copied to the stack.
 */
export const CPlace = { alone: 0, joined: 1 };

export interface SsaModule {
  /** Type.i64 for native, Type.i32 for wasm32. */
  pointer: number;
  symbols: ModuleSymbol[];
  byName: Map<string, number>;
  sigs: Sig[];
  sigIds: Map<string, number>;
  funcs: Func[];
  /** Function symbols to be run at start-up, in order. */
  initFuncs: number[];
  /** Function symbols that the machine's form of some operation calls, though no instruction names them. */
  kept: number[];
  /** In clif positions are rows of this; in ir they are positions of the source map, and this is empty. */
  lines: SourceLine[];
  lineFiles: string[];
}

/** A place in the source; file is an index into the module's lineFiles. */
export interface SourceLine {
  file: number;
  line: number;
  column: number;
}

/** A module without content. */
export function newSsaModule(pointer: number): SsaModule {
  return { pointer: pointer, symbols: [], byName: new Map(), sigs: [], sigIds: new Map(), funcs: [], initFuncs: [], kept: [], lines: [], lineFiles: [] };
}

/** Whether a function counts a reference. */
export function isRetaining(m: SsaModule, sym: number): boolean {
  const { counting } = m.symbols[sym];
  return counting === Counting.retain || counting === Counting.retainObject || counting === Counting.retainArray || counting === Counting.retainPlain;
}

/** Whether a function adds or takes a count. */
export function isCounting(m: SsaModule, sym: number): boolean {
  const { counting } = m.symbols[sym];
  return counting !== Counting.none && counting < Counting.reads;
}

/** Whether a function only reads a count. */
export function isReadingCount(m: SsaModule, sym: number): boolean {
  return m.symbols[sym].counting >= Counting.reads;
}

/** The id of a signature. */
export function internSig(m: SsaModule, params: number[], results: number[]): number {
  return internPlacedSig(m, params, results, []);
}

/** The id of a signature with places, one for each param, or none when all stand alone. */
export function internPlacedSig(m: SsaModule, params: number[], results: number[], places: number[]): number {
  const key = sigText({ params: params, results: results, places: places });
  const found = m.sigIds.get(key);
  if (found !== undefined) return found;
  const id = m.sigs.length;
  m.sigs.push({ params: params, results: results, places: places });
  m.sigIds.set(key, id);
  return id;
}

/** A signature as text: "(i64, i32) -> i64"; "+i64" is joined to the param before it, "i64:24" an address of 24 bytes. */
export function sigText(s: Sig): string {
  let text = "(" + typeListText(s.params, s.places) + ")";
  if (s.results.length > 0) text += " -> " + typeListText(s.results, []);
  return text;
}

function typeListText(types: number[], places: number[]): string {
  const text = newBytes();
  for (let i = 0; i < types.length; i++) {
    appendText(text, (i > 0 ? ", " : "") + placedText(typeName(types[i]), i < places.length ? places[i] : CPlace.alone));
  }
  return textOfBytes(text, 0, text.len);
}

/** The text of a param's type with its place. */
export function placedText(type: string, place: number): string {
  if (place === CPlace.alone) return type;
  return place === CPlace.joined ? "+" + type : type + ":" + place;
}

/** Adds a symbol that is not defined yet; names are unique. Fields are then set by the caller. */
export function addSymbol(m: SsaModule, name: string, kind: number): number {
  const id = m.symbols.length;
  m.symbols.push({
    name: name, kind: kind, global: false, defined: false, importModule: "env", outerName: "", sig: -1, variadic: -1, counting: Counting.none,
    section: Section.rodata, size: 0, align: 1, bytes: newBytes(), relocs: [],
  });
  m.byName.set(name, id);
  return id;
}

/** The symbol of a name, or -1. */
export function findSymbol(m: SsaModule, name: string): number {
  const found = m.byName.get(name);
  return found === undefined ? -1 : found;
}

/** The name that the outside knows a symbol by. */
export function outerName(m: SsaModule, sym: number): string {
  const s = m.symbols[sym];
  return s.outerName === "" ? s.name : s.outerName;
}
