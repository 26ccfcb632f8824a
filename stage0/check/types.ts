// The type table: every type of a program under a dense id; equal types have equal ids.
// In -> out: constructors intern structural types (*T, ?T, []T, ...) by their parts; named types (struct, enum,
// union, error set, distinct) are made once by their declaration or instance and filled in afterwards.
// The constants TypeId are the ids of the types that every program has, in the order newTypes makes them.

import { type I128, i128From } from "../base/int128.ts";
import type { Names, } from "../base/intern.ts";

/** What a type is. */
export const Kind = {
  invalid: 0, void: 1, noreturn: 2, bool: 3, int: 4, float: 5, untyped_int: 6, untyped_float: 7, null: 8, undefined: 9,
  string: 10, pointer: 11, optional: 12, slice: 13, array: 14, error_union: 15, tuple: 16, struct: 17, enum: 18,
  union: 19, error_set: 20, fn: 21, extern_fn: 22, distinct: 23, type: 24,
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
}

export interface TypeInfo {
  kind: number;
  /** As messages and symbols show it: "i64", "*std/list.List(i64)", "[]u8". */
  name: string;
  /** int and float: width in bits (also uN/iN in packed structs). */
  bits: number;
  signed: boolean;
  /** pointer, optional, slice, array: element. error_union: payload. distinct: base. fn, extern_fn: result.
   *  enum: integer type of the tag. union: its tag, an enum type. */
  elem: number;
  /** array: number of elements. */
  len: number;
  /** error_union: the error set. */
  errors: number;
  /** fn, extern_fn: parameter types. */
  params: number[];
  /** struct, tuple, enum, union. */
  fields: Field[];
  /** error_set: its error numbers in ascending order; an inferred set grows until its function is checked. */
  members: number[];
  /** struct: layout as C promises it, or bits packed from the low end. */
  isExtern: boolean;
  isPacked: boolean;
  /** struct: index in Program.funcs of its deinit, once something makes objects of it; else -1. */
  deinit: number;
  /** Named types: position of the declaration. */
  pos: number;
}

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
  t.list.push({
    kind: kind, name: name, bits: 0, signed: false, elem: -1, len: 0, errors: -1, params: [], fields: [], members: [],
    isExtern: false, isPacked: false, deinit: -1, pos: -1,
  });
  return t.list.length - 1;
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
  return id;
}

export function pointerTo(t: Types, elem: number): number {
  return wrapType(t, Kind.pointer, "*", elem);
}

export function optionalOf(t: Types, elem: number): number {
  return wrapType(t, Kind.optional, "?", elem);
}

export function sliceOf(t: Types, elem: number): number {
  return wrapType(t, Kind.slice, "[]", elem);
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
  return id;
}

export function tupleOf(t: Types, parts: number[]): number {
  let name = "(";
  let key = "(";
  for (let i = 0; i < parts.length; i++) {
    name += (i > 0 ? ", " : "") + t.list[parts[i]].name;
    key += parts[i] + ",";
  }
  const known = t.list.length;
  const id = internType(t, Kind.tuple, name + ")", key);
  if (id === known) for (const p of parts) t.list[id].fields.push({ name: 0, type: p, value: i128From(0), pos: -1 });
  return id;
}

/** A function type; kind is Kind.fn or Kind.extern_fn. */
export function fnTypeOf(t: Types, kind: number, params: number[], result: number): number {
  let name = kind === Kind.fn ? "fn(" : "extern fn(";
  let key = name;
  for (let i = 0; i < params.length; i++) {
    name += (i > 0 ? ", " : "") + t.list[params[i]].name;
    key += params[i] + ",";
  }
  const id = internType(t, kind, name + ") -> " + t.list[result].name, key + ")" + result);
  t.list[id].params = params;
  t.list[id].elem = result;
  return id;
}

/** The type's name as messages show it. */
export function typeText(t: Types, type: number): string {
  return t.list[type].name;
}
