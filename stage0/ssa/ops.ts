// The operations of the SSA form, one core for two op sets: ir (left of Wasm) and clif (right of it).
// In -> out: rows of tables/ssa.txt, to the constants Op and their properties, indexed by op.
// The constants stand in the order of the rows; a law test compares the two.

import { hostTable } from "../base/host_embedded.ts";
import { findText, tableRows } from "../base/table.ts";

/** The value types; void is the type of an instruction without one. */
export const Type = { void: 0, i32: 1, i64: 2, f32: 3, f64: 4 };

export const Op = {
  iconst: 0, fconst: 1, iadd: 2, isub: 3, imul: 4, sdiv: 5, udiv: 6, srem: 7, urem: 8, band: 9, bor: 10, bxor: 11,
  ishl: 12, sshr: 13, ushr: 14, rotl: 15, rotr: 16, clz: 17, ctz: 18, popcnt: 19, sextend8: 20, sextend16: 21,
  sextend32: 22, eq: 23, ne: 24, slt: 25, sle: 26, sgt: 27, sge: 28, ult: 29, ule: 30, ugt: 31, uge: 32,
  fadd: 33, fsub: 34, fmul: 35, fdiv: 36, fmin: 37, fmax: 38, fcopysign: 39, fneg: 40, fabs: 41, fsqrt: 42,
  fceil: 43, ffloor: 44, ftrunc: 45, fnearest: 46, feq: 47, fne: 48, flt: 49, fle: 50, fgt: 51, fge: 52,
  ireduce: 53, sextend: 54, uextend: 55, f32_to_sint: 56, f32_to_uint: 57, f64_to_sint: 58, f64_to_uint: 59,
  f32_to_sint_sat: 60, f32_to_uint_sat: 61, f64_to_sint_sat: 62, f64_to_uint_sat: 63, sint32_to_f: 64,
  uint32_to_f: 65, sint64_to_f: 66, uint64_to_f: 67, fdemote: 68, fpromote: 69, int_to_float: 70, float_to_int: 71,
  select: 72, load: 73, uload8: 74, sload8: 75, uload16: 76, sload16: 77, uload32: 78, sload32: 79, store: 80,
  store8: 81, store16: 82, store32: 83, sym_addr: 84, slot_addr: 85, call: 86, call_indirect: 87, memory_copy: 88,
  memory_fill: 89, memory_size: 90, memory_grow: 91, check: 92, jump: 93, brif: 94, br_table: 95, return: 96,
  return_call: 97, return_call_indirect: 98, trap: 99,
};

export const Effect = { pure: 0, trap: 1, load: 2, store: 3, call: 4, control: 5 };

/** What the record of an instruction holds besides type, arguments and results. */
export const Extra = { none: 0, imm: 1, offset: 2, sym: 3, slot: 4, sig: 5, targets: 6, code: 7 };

/** Why a trap instruction stops the program; each has one of V8's reasons for a Wasm trap. */
export const Trap = { unreachable: 0, division_by_zero: 1, integer_overflow: 2, bad_conversion: 3, memory_bounds: 4, table_bounds: 5, null_call: 6, bad_signature: 7 };

export interface OpTable {
  names: string[];
  sets: string[];
  operands: string[];
  result: string[];
  types: string[];
  effect: number[];
  extra: number[];
  commutes: boolean[];
}

const effectNames = ["pure", "trap", "load", "store", "call", "control"];
const extraNames = ["-", "imm", "offset", "sym", "slot", "sig", "targets", "code"];
const typeNames = ["void", "i32", "i64", "f32", "f64"];

/** Reads the table of operations. */
export function readOpTable(): OpTable {
  const t: OpTable = { names: [], sets: [], operands: [], result: [], types: [], effect: [], extra: [], commutes: [] };
  for (const row of tableRows(hostTable("ssa.txt"))) {
    t.names.push(row[0]);
    t.sets.push(row[1]);
    t.operands.push(row[2]);
    t.result.push(row[3]);
    t.types.push(row[4]);
    t.effect.push(findText(effectNames, row[5]));
    t.extra.push(findText(extraNames, row[6]));
    t.commutes.push(row[7] === "commutes");
  }
  return t;
}

/** The table, read once. */
export const opTable: OpTable = readOpTable();

/** The name of a value type. */
export function typeName(type: number): string {
  return typeNames[type];
}

/** Whether an op ends a block. */
export function isTerminator(op: number): boolean {
  return opTable.effect[op] === Effect.control;
}

/** Bytes of a value of this type in memory. */
export function typeSize(type: number): number {
  return type === Type.i32 || type === Type.f32 ? 4 : 8;
}

/** Whether a type is f32 or f64. */
export function isFloatType(type: number): boolean {
  return type === Type.f32 || type === Type.f64;
}
