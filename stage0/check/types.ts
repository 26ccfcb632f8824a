// The type table: every type of a program under a dense id; equal types have equal ids.
// In -> out: constructors intern structural types (*T, ?T, []T, ...) by their parts; named types (struct, enum,
// union, error set, distinct) are made once by their declaration or instance and filled in afterwards.
// The constants TypeId are the ids of the types that every program has, in the order newTypes makes them.

import { appendText, newBytes, textOfBytes } from "../base/bytes.ts";
import { type I128, i128From } from "../base/int128.ts";
import { maxI32 } from "../base/int32.ts";
import type { Names, } from "../base/intern.ts";
import { parseDecimal } from "../base/table.ts";

/** What a type is. */
export const Kind = {
  invalid: 0, void: 1, noreturn: 2, bool: 3, int: 4, float: 5, untyped_int: 6, untyped_float: 7, null: 8, undefined: 9,
  string: 10, pointer: 11, optional: 12, slice: 13, array: 14, error_union: 15, tuple: 16, struct: 17, enum: 18,
  union: 19, error_set: 20, fn: 21, extern_fn: 22, distinct: 23, type: 24, weak: 25,
};

/** The ids of the predeclared types. */
export const TypeId = {
  invalid: 0, void: 1, noreturn: 2, bool: 3, i8: 4, i16: 5, i32: 6, i64: 7, u8: 8, u16: 9, u32: 10, u64: 11,
  f32: 12, f64: 13, untyped_int: 14, untyped_float: 15, null: 16, undefined: 17, string: 18, type: 19, any_error: 20,
};

/** A struct field, tuple part, union variant (type void when it has no payload) or enum member. */
export interface Field {
  name: number;
  type: number;
  /** Enum member or union tag value. */
  value: I128;
  pos: number;
  /** The unit of the only file that sees it, or -1. */
  unit: number;
}

export interface TypeInfo {
  kind: number;
  /** As messages and symbols show it: "i64", "*std/list.List(i64)", "[]u8". */
  name: string;
  /** int, float: width in bits. enum: the least width that holds its values. packed struct: the widths of its fields together. */
  bits: number;
  /** int; enum: whether a value is negative. */
  signed: boolean;
  /** pointer, optional, slice, array: element. weak: the pointer type. error_union: payload. distinct: base. fn, extern_fn: result.
   *  enum: integer type of the tag. union: its tag, an enum type. */
  elem: number;
  /** array: number of elements. */
  len: number;
  /** slice: []T for []const T, through which nothing can be changed; else -1. */
  writable: number;
  /** error_union: the error set. */
  errors: number;
  /** fn, extern_fn: parameter types. */
  params: number[];
  /** struct, tuple, enum, union. */
  fields: Field[];
  /** struct, enum, union: the index of a field by its name. */
  fieldIds: Map<number, number>;
  /** error_set: its error numbers in ascending order; an inferred set grows until its function is checked. */
  members: number[];
  /** struct: layout as C promises it, or bits packed from the low end. */
  isExtern: boolean;
  isPacked: boolean;
  /** struct: index in Program.funcs of its deinit, once something makes objects of it; else -1. */
  deinit: number;
  /** Where it is declared or first written, or -1. */
  pos: number;
  /** How many types stand in each other, pointers to named types not looked through. */
  height: number;
  /** Size, alignment, and whether zero is a value (0 or 1), once they are known; else -1. */
  size: number;
  align: number;
  zero: number;
}

/** What bounds walks over types. */
export const MAX_TYPE_HEIGHT = 4000;
/** Longer names of types are cut; a number makes them different again. */
const MAX_TYPE_NAME = 4096;

export interface Types {
  names: Names;
  list: TypeInfo[];
  /** Structural types by key. */
  keys: Map<string, number>;
}

/** A table with the predeclared types. */
export function newTypes(names: Names): Types {
  const t: Types = { names: names, list: [], keys: new Map() };
  addBasic(t, Kind.invalid, "invalid", 0, false);
  addBasic(t, Kind.void, "void", 0, false);
  addBasic(t, Kind.noreturn, "noreturn", 0, false);
  addBasic(t, Kind.bool, "bool", 8, false);
  addBasic(t, Kind.int, "i8", 8, true);
  addBasic(t, Kind.int, "i16", 16, true);
  addBasic(t, Kind.int, "i32", 32, true);
  addBasic(t, Kind.int, "i64", 64, true);
  addBasic(t, Kind.int, "u8", 8, false);
  addBasic(t, Kind.int, "u16", 16, false);
  addBasic(t, Kind.int, "u32", 32, false);
  addBasic(t, Kind.int, "u64", 64, false);
  addBasic(t, Kind.float, "f32", 32, true);
  addBasic(t, Kind.float, "f64", 64, true);
  addBasic(t, Kind.untyped_int, "integer constant", 0, true);
  addBasic(t, Kind.untyped_float, "float constant", 0, true);
  addBasic(t, Kind.null, "null", 0, false);
  addBasic(t, Kind.undefined, "undefined", 0, false);
  addBasic(t, Kind.string, "string", 0, false);
  addBasic(t, Kind.type, "type", 0, false);
  addBasic(t, Kind.error_set, "error", 0, false);
  return t;
}

function addBasic(t: Types, kind: number, name: string, bits: number, signed: boolean): void {
  const id = addType(t, kind, name);
  t.list[id].bits = bits;
  t.list[id].signed = signed;
}

/** A new type of its own; the caller fills in the rest. */
export function addType(t: Types, kind: number, name: string): number {
  const text = name.length <= MAX_TYPE_NAME ? name : name.slice(0, MAX_TYPE_NAME) + "..." + t.list.length;
  t.list.push({
    kind: kind, name: text, bits: 0, signed: false, elem: -1, len: 0, writable: -1, errors: -1, params: [], fields: [], fieldIds: new Map(), members: [],
    isExtern: false, isPacked: false, deinit: -1, pos: -1, height: 0, size: -1, align: -1, zero: -1,
  });
  return t.list.length - 1;
}

/** The integer type that a name like u5 or i33 stands for (1 to 64 bits), made when it is first asked for; or -1. */
export function sizedInt(t: Types, name: string): number {
  const first = name.length < 2 || name.length > 3 ? 0 : name.charCodeAt(0);
  if ((first !== 117 && first !== 105) || name.charCodeAt(1) === 48) return -1;
  for (let i = 1; i < name.length; i++) if (name.charCodeAt(i) < 48 || name.charCodeAt(i) > 57) return -1;
  const bits = parseDecimal(name.slice(1, name.length));
  if (bits > 64) return -1;
  const type = internType(t, Kind.int, name, name);
  t.list[type].bits = bits;
  t.list[type].signed = first === 105;
  return type;
}

function internType(t: Types, kind: number, name: string, key: string): number {
  const found = t.keys.get(key);
  if (found !== undefined) return found;
  const id = addType(t, kind, name);
  t.keys.set(key, id);
  return id;
}

function wrapType(t: Types, kind: number, prefix: string, elem: number): number {
  const id = internType(t, kind, prefix + t.list[elem].name, prefix + elem);
  t.list[id].elem = elem;
  t.list[id].height = 1 + (kind === Kind.pointer || kind === Kind.slice ? heightBehind(t, elem) : t.list[elem].height);
  return id;
}

/** The height of a type that another one refers to: that of a named type does not count. */
function heightBehind(t: Types, type: number): number {
  const kind = t.list[type].kind;
  const named = kind === Kind.struct || kind === Kind.union || kind === Kind.distinct;
  return named ? 0 : t.list[type].height;
}

/** The height of a value of a type that is a part of another; what it is made of may have grown since it was named. */
export function partHeight(t: Types, type: number): number {
  let height = 0;
  let at = type;
  while (t.list[at].kind === Kind.array || t.list[at].kind === Kind.optional || t.list[at].kind === Kind.error_union) {
    height += 1;
    at = t.list[at].elem;
  }
  return height + t.list[at].height;
}

export function pointerTo(t: Types, elem: number): number {
  return wrapType(t, Kind.pointer, "*", elem);
}

export function optionalOf(t: Types, elem: number): number {
  return wrapType(t, Kind.optional, "?", elem);
}

/** weak *T, of the type *T: a place of it reads as ?*T. */
export function weakOf(t: Types, pointer: number): number {
  return wrapType(t, Kind.weak, "weak ", pointer);
}

/** The type as which a value of a type is read: ?*T of weak *T, else itself. */
export function readType(t: Types, type: number): number {
  return t.list[type].kind === Kind.weak ? optionalOf(t, t.list[type].elem) : type;
}

export function sliceOf(t: Types, elem: number): number {
  return wrapType(t, Kind.slice, "[]", elem);
}

/** []const T: a slice through which elements are only read. */
export function constSliceOf(t: Types, elem: number): number {
  const writable = sliceOf(t, elem);
  const id = wrapType(t, Kind.slice, "[]const ", elem);
  t.list[id].writable = writable;
  return id;
}

/** Whether a type is a slice through which elements are only read. */
export function isConstSlice(t: Types, type: number): boolean {
  return t.list[type].writable >= 0;
}

export function arrayOf(t: Types, elem: number, len: number): number {
  const id = wrapType(t, Kind.array, "[" + len + "]", elem);
  t.list[id].len = len;
  return id;
}

export function errorUnionOf(t: Types, errors: number, payload: number): number {
  const id = internType(t, Kind.error_union, t.list[errors].name + "!" + t.list[payload].name, errors + "!" + payload);
  t.list[id].elem = payload;
  t.list[id].errors = errors;
  t.list[id].height = 1 + t.list[payload].height;
  return id;
}

/** The names of types with commas between, as far as a name of a type reaches. */
function listedNames(t: Types, types: number[]): string {
  const text = newBytes();
  for (let i = 0; i < types.length && text.len <= MAX_TYPE_NAME; i++) appendText(text, (i > 0 ? ", " : "") + t.list[types[i]].name);
  return textOfBytes(text, 0, text.len);
}

function listedIds(types: number[]): string {
  const text = newBytes();
  for (const type of types) appendText(text, type + ",");
  return textOfBytes(text, 0, text.len);
}

export function tupleOf(t: Types, parts: number[]): number {
  const known = t.list.length;
  const id = internType(t, Kind.tuple, "(" + listedNames(t, parts) + ")", "(" + listedIds(parts));
  if (id !== known) return id;
  for (const p of parts) {
    t.list[id].fields.push({ name: 0, type: p, value: i128From(0), pos: -1, unit: -1 });
    t.list[id].height = maxI32(t.list[id].height, 1 + t.list[p].height);
  }
  return id;
}

/** A function type; kind is Kind.fn or Kind.extern_fn. */
export function fnTypeOf(t: Types, kind: number, params: number[], result: number): number {
  const word = kind === Kind.fn ? "fn(" : "extern fn(";
  const id = internType(t, kind, word + listedNames(t, params) + ") -> " + t.list[result].name, word + listedIds(params) + ")" + result);
  t.list[id].params = params;
  t.list[id].elem = result;
  t.list[id].height = 1 + heightBehind(t, result);
  for (const p of params) t.list[id].height = maxI32(t.list[id].height, 1 + heightBehind(t, p));
  return id;
}

/** The type's name as a program that imports its files writes it: without their names. */
export function writtenType(t: Types, type: number): string {
  const name = t.list[type].name;
  let text = "";
  let word = 0;
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    const inWord = (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 47 || c === 46;
    if (c === 46) text = text.slice(0, word);
    else text += name.slice(i, i + 1);
    if (!inWord) word = text.length;
  }
  return text;
}

/** The type's name as messages show it. */
export function typeText(t: Types, type: number): string {
  return t.list[type].name;
}
