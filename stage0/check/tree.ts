// The typed tree: what check gives to lower. Every name is resolved, every conversion is a node, every generic
// is an instance, every compile-time choice is made.
// In -> out: a Program of functions whose bodies are nodes by dense id. The table below is the contract.
//
// A *place* is local, global, deref, or field, index, unwrap, union_payload of a place; other nodes are values,
// and field, index, unwrap, union_payload of a value are values. Operands are evaluated a, b, c, then list, in order.
//
//   const_int     value            an int, bool (0, 1), enum (its value), or distinct over those
//   const_float   bits             f32 (low 32 bits) or f64
//   const_string  n: index in Program.strings; also for []u8 data from @embedFile
//   const_zero n                   all zero bits: null, zero of any type; n is 1 for undefined, which need not be written
//   const_error   n: error number
//   const_fn      n: func          as type fn: its static cell; as extern fn: its code address
//   local n / global n             a place
//   weak_load     a                what a place or value of type weak *T reads as: ?*T, null when the object is gone
//   deref a                        *a, a place
//   field a n                      field n of a struct or tuple
//   index a b                      element b (any integer type) of an array, slice or string a; checked
//   slice a b c                    a[b:c] of a slice, string (value) or array (place); b, c may be -1; checked
//   unwrap a                       payload of an optional; panics on null
//   union_payload a n              payload of variant n; panics on another variant
//   union_tag a                    the tag, an enum value
//   len a                          length of a slice or string: i64
//   addr_of a                      address of a place
//   neg a / bit_not a / not a
//   binary a b n: Bin              both operands and the result of one type (shift counts: any integer type)
//   compare a b n: Cmp             two scalars of one type (int, float, bool, enum, error, pointer, fn): bool
//   equal a b n                    strings, slices, optionals, tuples, union tags; any optional with const_zero; n is 1 for !=
//   and a b / or a b               short-circuit
//   convert a n: Conv              to the node's type
//   concat a b                     two strings or two slices to new storage of the node's type
//   interpolate list               parts as for print, to a new string
//   print list n                   n: 1 newline, 2 to stderr; parts are strings, ints, floats, bools, enums, errors
//   call n list                    func n, arguments (the receiver first)
//   call_value a list              a fn or extern fn value
//   builtin n: Builtin list        see Builtin; type arguments are in `type2`
//   make_struct list list2         list2[i] is the field of value list[i], in written order; others are zero
//   make_array list / make_tuple list
//   make_union n a                 variant n with payload a or -1
//   make_closure n list            func n whose captures get these values
//   new_object a                   counted object with value a: *T
//   new_init a n list              new_object a, then func n (init) with the object and list
//   new_array a                    counted, zeroed array of a elements: []T
//   block list n                   statements in order; n: label or -1. If type is not void or noreturn: the value is
//                                  the last statement's unless it is reached by break_to with a value only
//   if a b c                       c may be -1
//   if_some a n b c                a: optional (a place when by_ref); n: payload local or -1; by_ref: local is *T
//   if_ok a n n2 b c               a: error union; n: payload local or -1; n2: error local or -1
//   while a b c n                  condition, body, step (-1); n: label for break_to and continue_to
//   while_some a n b c n2          n: payload local; n2: label     (by_ref as in if_some)
//   while_ok a n b c n2            ends on an error
//   for_range a b c n n2           from a to b (excluded), body c, n: local, n2: label; list[0]: index local if present
//   for_each a c n n2 list         a: slice, string or array; n: element local; n2: label; list[0]: index local if present
//   switch a list                  list: arms, tested in order; subject int, enum, union, bool, error or string
//   arm a b n list                 body a, guard b (-1), payload local n (-1, by_ref), list: patterns, empty for else
//   range value value2             both ends included, only as a pattern; other patterns are const nodes
//                                  (for a union: const_int of the tag's value)
//   break_to n a                   leaves label n, a: value or -1        continue_to n
//   return a                       a: -1 or the result, already converted
//   try a                          payload of a, or returns its error
//   catch a n b                    payload of a, or b with error local n (-1)
//   orelse a b
//   defer a / errdefer a           statements of a block
//   var_decl n a                   local n gets a (-1: zero)
//   destructure a list             tuple a into locals
//   assign a b                     place a, value b; place first
//   assign_op a b n: Bin           place a evaluated once
//   discard a                      an expression statement
//   nothing

import { type I128, i128From } from "../base/int128.ts";
import { type I64, i64From } from "../base/int64.ts";
import type { Names } from "../base/intern.ts";
import type { SourceMap } from "../base/source.ts";
import type { Types } from "./types.ts";

export const TOp = {
  const_int: 0, const_float: 1, const_string: 2, const_zero: 3, const_error: 4, const_fn: 5, local: 6, global: 7,
  weak_load: 8, deref: 9, field: 10, index: 11, slice: 12, unwrap: 13, union_payload: 14, union_tag: 15, len: 16,
  addr_of: 17, neg: 18, bit_not: 19, not: 20, binary: 21, compare: 22, equal: 23, and: 24, or: 25, convert: 26,
  concat: 27, interpolate: 28, print: 29, call: 30, call_value: 31, builtin: 32, make_struct: 33, make_array: 34,
  make_tuple: 35, make_union: 36, make_closure: 37, new_object: 38, new_init: 39, new_array: 40, block: 41, if: 42,
  if_some: 43, if_ok: 44, while: 45, while_some: 46, while_ok: 47, for_range: 48, for_each: 49, switch: 50, arm: 51,
  range: 52, break_to: 53, continue_to: 54, return: 55, try: 56, catch: 57, orelse: 58, defer: 59, errdefer: 60,
  var_decl: 61, destructure: 62, assign: 63, assign_op: 64, discard: 65, nothing: 66,
};

/** Binary operators; integer ones wrap, div and rem are checked, shifts take counts modulo the width. */
export const Bin = { add: 0, sub: 1, mul: 2, div: 3, rem: 4, shl: 5, shr: 6, and: 7, or: 8, xor: 9 };

export const Cmp = { eq: 0, ne: 1, lt: 2, le: 3, gt: 4, ge: 5 };

/** Conversions. From the operand's type to the node's type. */
export const Conv = {
  /** Same bits: distinct in and out, []u8 to string, error set to a larger one, @constCast, pointer casts, bool to int... */
  same: 0,
  /** Integer, enum or bool to an integer type that holds it. */
  widen: 1,
  /** @intCast: panics when the value does not fit. */
  int_checked: 2,
  /** @truncate. */
  truncate: 3,
  /** @bitCast between types of one size. */
  bits: 4,
  int_to_float: 5,
  /** @intFromFloat: panics on NaN and out of range. */
  float_to_int: 6,
  float_to_float: 7,
  /** @enumFromInt: panics when there is no such value. */
  int_to_enum: 8,
  /** Address and integer. */
  int_to_pointer: 9,
  pointer_to_int: 10,
  /** T to ?T. */
  some: 11,
  /** T to E!T. */
  ok: 12,
  /** Error value to E!T. */
  err: 13,
  /** E!T to a larger error set, same T. */
  error_union: 14,
  /** Array place to slice of it; *[N]T to slice (the operand is the pointer). */
  array_to_slice: 15,
  pointer_to_slice: 16,
  /** Union without any payload to its tag's integer. */
  union_to_int: 17,
  /** An operand of type noreturn, where a value of any type is wanted. */
  never: 18,
  /** ?*T to weak *T: counted weakly, so the object may be gone by the next statement. */
  weak: 19,
};

/** Builtins that reach lower; the others are folded by the checker. type2 holds the type argument where there is one. */
export const Builtin = {
  min: 0, max: 1, abs: 2, ctz: 3, clz: 4, pop_count: 5, sqrt: 6, floor: 7, ceil: 8, trunc: 9, round: 10, fmin: 11,
  fmax: 12, add_with_overflow: 13, sub_with_overflow: 14, mul_with_overflow: 15, alloc: 16, realloc: 17, dealloc: 18,
  /** @newZeroed(T, n): []T. */
  new_zeroed: 19, memcpy: 20, memset: 21, memory_size: 22, memory_grow: 23,
  /** @string(ptr, len). */
  string: 24,
  /** @ptrOf(s) of a string or slice: address as i64. */
  ptr_of: 25, trap: 26, panic: 27, unreachable: 28, exit: 29,
  /** @assert(cond). */
  assert: 30,
  /** @assertEq(a, b): list is a, b, both of one type that == and print take. */
  assert_eq: 31,
  /** @tagName(x), @errorName(e). */
  tag_name: 32, error_name: 33, align_cast: 34,
  /** @isUnique(x) of a pointer, optional pointer or slice. */
  is_unique: 35,
  /** @isOwnArray(s) of a slice. */
  own_array: 36,
};

export interface TNode {
  op: number;
  type: number;
  pos: number;
  a: number;
  b: number;
  c: number;
  n: number;
  n2: number;
  type2: number;
  byRef: boolean;
  list: number[];
  list2: number[];
  value: I128;
  value2: I128;
  bits: I64;
}

export interface TLocal {
  name: number;
  type: number;
  pos: number;
  /** A `var`; others are assigned once, by their declaration. */
  mutable: boolean;
  /** Its address is taken: &, slicing of an array, by_ref capture, a method with a pointer receiver. */
  addressTaken: boolean;
  /** It lives in a counted object: its address may outlive its scope. */
  moved: boolean;
}

export interface TFunc {
  /** The symbol: "std/list.List(i64).append", "main.run.closure1", "main.test \"name\"". */
  name: string;
  /** fn, extern declaration, exported fn, test, bench. */
  kind: number;
  /** extern and export: the name outside; extern: the import module. */
  outer: string;
  importModule: string;
  /** C variadic: a call's list goes on after the parameters, with C's promotions already made by convert nodes. */
  variadic: boolean;
  pos: number;
  /** Locals that are the parameters, in order. */
  params: number[];
  /** Closures: locals that hold what was captured, in order. */
  captures: number[];
  /** A function literal: its code takes the cell as a hidden last argument, captures or not. */
  closure: boolean;
  result: number;
  locals: TLocal[];
  nodes: TNode[];
  /** Body node, or -1 for an extern declaration. */
  body: number;
  /** How many labels the body uses: label ids are 0..labels-1. */
  labels: number;
}

export const FuncKind = { normal: 0, extern: 1, export: 2, test: 3, bench: 4 };

export interface TGlobal {
  /** "main.counter". */
  name: string;
  type: number;
  pos: number;
  /** The initialiser: node `init` of the function initFunc (a function without parameters and with only this
   *  value as its body, named "NAME.init"), or -1 when it is all zero. */
  initFunc: number;
  /** A constant aggregate: never written, its value made of constants (and addresses of other such globals). These
   *  come first. */
  isConst: boolean;
}

export interface Program {
  names: Names;
  sources: SourceMap;
  types: Types;
  funcs: TFunc[];
  /** In the order of their initialisation. */
  globals: TGlobal[];
  strings: string[];
  /** Error names (name ids) by error number; entry 0 is unused. */
  errors: number[];
  /** Func index of main, or -1. */
  main: number;
  /** Tests in order, func indexes. */
  tests: number[];
  /** Runtime functions that lower calls, by name as in tables/runtime.txt, in its order: func indexes. */
  runtime: number[];
}

/** Whether `list` of such a node holds nodes (rather than locals). */
export function listHoldsNodes(op: number): boolean {
  return op !== TOp.for_range && op !== TOp.for_each && op !== TOp.destructure;
}

/** A node with nothing set but op, type and place. */
export function newTNode(op: number, type: number, pos: number): TNode {
  return {
    op: op, type: type, pos: pos, a: -1, b: -1, c: -1, n: -1, n2: -1, type2: -1, byRef: false, list: [], list2: [],
    value: zero128, value2: zero128, bits: zero64,
  };
}

const zero128: I128 = i128From(0);
const zero64: I64 = i64From(0);
