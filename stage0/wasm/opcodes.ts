// The operators of Wasm and which of them are operations of the SSA form.
// In -> out: rows of tables/wasm.txt, to properties indexed by operator number: the opcode byte, or 256 plus the
// second number of the two-part opcodes that begin with 0xfc. Constants stand here only for operators that code
// names; a law test compares them with the table.

import { bug } from "../base/bug.ts";
import { hostTable } from "../base/host_embedded.ts";
import { findText, parseHex, splitWords, tableRows } from "../base/table.ts";
import { opTable } from "../ssa/ops.ts";

/** Types of Wasm values; the first four are those of the SSA form. address stands for the memory's address type in the table. */
export const WasmType = { none: 0, i32: 1, i64: 2, f32: 3, f64: 4, funcref: 5, externref: 6, bottom: 7, address: 8 };

export const WasmOp = {
  unreachable: 0x00, nop: 0x01, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, br_if: 0x0d,
  br_table: 0x0e, return: 0x0f, call: 0x10, call_indirect: 0x11, return_call: 0x12, return_call_indirect: 0x13,
  drop: 0x1a, select: 0x1b, select_t: 0x1c, local_get: 0x20, local_set: 0x21, local_tee: 0x22, global_get: 0x23,
  global_set: 0x24, table_get: 0x25, table_set: 0x26, i32_load: 0x28, i64_store32: 0x3e, memory_size: 0x3f,
  memory_grow: 0x40, i32_const: 0x41, i64_const: 0x42, f32_const: 0x43, f64_const: 0x44, i32_eqz: 0x45, i32_lt_s: 0x48, i64_eqz: 0x50,
  i32_add: 0x6a, i32_sub: 0x6b, i64_add: 0x7c, i64_sub: 0x7d, ref_null: 0xd0, ref_is_null: 0xd1, ref_func: 0xd2,
  memory_init: 264, data_drop: 265, memory_copy: 266, memory_fill: 267, table_init: 268, elem_drop: 269,
  table_copy: 270, table_grow: 271, table_size: 272, table_fill: 273,
};

/** What follows the opcode. mem0 to mem3 stand in order: the digit is the largest alignment exponent. */
export const WasmImm = {
  none: 0, block: 1, label: 2, labels: 3, func: 4, type_table: 5, types: 6, local: 7, global: 8, table: 9, mem0: 10,
  mem1: 11, mem2: 12, mem3: 13, memory: 14, i32: 15, i64: 16, f32: 17, f64: 18, reftype: 19, data_memory: 20, data: 21,
  memory_memory: 22, elem_table: 23, elem: 24, table_table: 25,
};

const immNames = [
  "-", "block", "label", "labels", "func", "type table", "types", "local", "global", "table", "mem0",
  "mem1", "mem2", "mem3", "memory", "i32", "i64", "f32", "f64", "reftype", "data memory", "data",
  "memory memory", "elem table", "elem", "table table",
];
const typeWords = ["none", "i32", "i64", "f32", "f64", "funcref", "externref", "bottom", "P"];

export interface WasmOpTable {
  /** Name by operator number, "" where there is no operator. */
  names: string[];
  imm: number[];
  /** Operators checked by a rule of their own have special set and no types. */
  special: boolean[];
  operands: number[][];
  results: number[][];
  /** The SSA op and its type, or -1. */
  ssaOp: number[];
  ssaType: number[];
  /** Operator by SSA op * 5 + type, or -1. */
  fromSsa: number[];
}

const OPERATORS = 288;

/** Reads the table of operators. */
export function readWasmOpTable(): WasmOpTable {
  const t: WasmOpTable = { names: [], imm: [], special: [], operands: [], results: [], ssaOp: [], ssaType: [], fromSsa: [] };
  for (let i = 0; i < OPERATORS; i++) {
    t.names.push("");
    t.imm.push(0);
    t.special.push(false);
    t.operands.push([]);
    t.results.push([]);
    t.ssaOp.push(-1);
    t.ssaType.push(-1);
  }
  for (let i = 0; i < opTable.names.length * 5; i++) t.fromSsa.push(-1);
  for (const row of tableRows(hostTable("wasm.txt"))) addOperator(t, row);
  return t;
}

function addOperator(t: WasmOpTable, row: string[]): void {
  const code = splitWords(row[1]);
  const op = code.length === 1 ? parseHex(code[0]) : 256 + parseHex(code[1]);
  t.names[op] = row[0];
  t.imm[op] = findText(immNames, row[2]);
  if (t.imm[op] < 0) bug("unknown immediate " + row[2]);
  if (row[3] === "?") t.special[op] = true;
  else if (row[3] !== "-") addTypes(t.operands[op], row[3]);
  if (row[4] !== "?" && row[4] !== "-") addTypes(t.results[op], row[4]);
  if (row[5] === "-") return;
  t.ssaOp[op] = findText(opTable.names, row[5]);
  t.ssaType[op] = findText(typeWords, row[6]);
  if (t.ssaOp[op] < 0 || t.ssaType[op] < 0) bug("bad SSA operation in the row of " + row[0]);
  t.fromSsa[t.ssaOp[op] * 5 + t.ssaType[op]] = op;
}

function addTypes(list: number[], text: string): void {
  for (const word of splitWords(text)) list.push(findText(typeWords, word));
}

/** The table, read once. */
export const wasmOps: WasmOpTable = readWasmOpTable();

/** The operator that is this SSA op on this type, or -1. */
export function wasmOpOf(ssaOp: number, type: number): number {
  return wasmOps.fromSsa[ssaOp * 5 + type];
}

/** The name of a value type. */
export function wasmTypeName(type: number): string {
  return typeWords[type];
}
