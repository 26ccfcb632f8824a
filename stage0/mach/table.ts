// The instruction table of a machine: one row an instruction, read once at start.
// In -> out: the text of a table in tables/, to rows with their operands and register slots. The encoding
// column stays text here; the machine's own encoder reads it. One row serves the encoder, the disassembler,
// the printer and the register allocator, so the four cannot disagree.
// A slot is what the allocator sees: "rw" is two slots, a written one and the read one that it reuses;
// an operand that is memory has none, the address registers come after the row's slots.

import { bug } from "../base/bug.ts";
import { findByte, findText, hasPrefix, parseDecimal, splitWords, tableRows } from "../base/table.ts";
import { Role } from "../regalloc/operand.ts";

/** What an operand may be. */
export const OperandKind = { register: 0, registerOrMemory: 1, memory: 2, fixed: 3, immediate: 4, symbol: 5 };

export interface RowOperand {
  kind: number;
  /** The access letters of the row. */
  access: string;
  /** Bits of the register, memory or immediate; 0 for an address that is not read. */
  bits: number;
  /** 0 integer, 1 float. */
  regClass: number;
  /** A fixed operand's register, else -1. */
  preg: number;
  /** The slot that is encoded (the written one of rw), or -1. */
  slot: number;
}

export interface RowSlot {
  role: number;
  /** As in the allocator's operands. */
  arg: number;
  regClass: number;
}

export interface InstRow {
  name: string;
  operands: RowOperand[];
  slots: RowSlot[];
  encoding: string;
  writesFlags: boolean;
  readsFlags: boolean;
  isMove: boolean;
  /** Not one machine instruction. */
  isPseudo: boolean;
  /** The row with a one-byte immediate, or -1. */
  shortForm: number;
}

export interface InstTable {
  rows: InstRow[];
  byName: Map<string, number>;
}

/** Reads a table; registers are known by their names. */
export function readInstTable(text: string, registers: string[], aliases: string[], aliasOf: number[]): InstTable {
  const t: InstTable = { rows: [], byName: new Map() };
  for (const columns of tableRows(text)) {
    t.byName.set(columns[0], t.rows.length);
    t.rows.push(readRow(columns, registers, aliases, aliasOf));
  }
  for (const row of t.rows) {
    const short = t.byName.get(row.name + "8");
    if (short !== undefined) row.shortForm = short;
  }
  return t;
}

function readRow(columns: string[], registers: string[], aliases: string[], aliasOf: number[]): InstRow {
  const row: InstRow = {
    name: columns[0], operands: [], slots: [], encoding: columns[2], writesFlags: false, readsFlags: false,
    isMove: false, isPseudo: columns[2].charCodeAt(0) === 33, shortForm: -1,
  };
  for (const flag of splitWords(columns[3])) {
    if (flag === "flags") row.writesFlags = true;
    if (flag === "reads") row.readsFlags = true;
    if (flag === "move") row.isMove = true;
  }
  if (columns[1] === "-") return row;
  for (const word of splitWords(columns[1])) {
    const colon = findByte(word, 58);
    const kind = word.slice(colon + 1, word.length);
    const operand = readOperand(word.slice(0, colon), kind);
    if (operand.kind === OperandKind.fixed) {
      operand.preg = findText(registers, kind);
      const alias = findText(aliases, kind);
      if (alias >= 0) operand.preg = aliasOf[alias];
      if (operand.preg < 0) bug("instruction " + row.name + ": unknown operand " + word);
    }
    addSlots(row, operand);
    row.operands.push(operand);
  }
  return row;
}

function readOperand(access: string, kind: string): RowOperand {
  const o: RowOperand = { kind: OperandKind.fixed, access: access, bits: 64, regClass: 0, preg: -1, slot: -1 };
  if (hasPrefix(kind, "imm")) return withKind(o, OperandKind.immediate, kind, 3);
  if (hasPrefix(kind, "rel")) return withKind(o, OperandKind.symbol, kind, 3);
  if (hasPrefix(kind, "rm")) return withKind(o, OperandKind.registerOrMemory, kind, 2);
  if (hasPrefix(kind, "xmm")) o.bits = 128;
  if (hasPrefix(kind, "x")) o.regClass = 1;
  if (kind === "xmm") return withKind(o, OperandKind.register, "128", 0);
  if (hasPrefix(kind, "xm")) return withKind(o, OperandKind.registerOrMemory, kind, 2);
  if (kind === "m") return withKind(o, OperandKind.memory, "0", 0);
  if (hasPrefix(kind, "m")) return withKind(o, OperandKind.memory, kind, 1);
  if (kind === "r8" || kind === "r16" || kind === "r32" || kind === "r64") return withKind(o, OperandKind.register, kind, 1);
  return o;
}

function withKind(o: RowOperand, kind: number, text: string, digits: number): RowOperand {
  o.kind = kind;
  o.bits = parseDecimal(text.slice(digits, text.length));
  return o;
}

/** The slots of an operand, by its access. A spill slot has eight bytes, so wider operands want a register. */
function addSlots(row: InstRow, o: RowOperand): void {
  if (o.kind === OperandKind.memory || o.kind === OperandKind.immediate || o.kind === OperandKind.symbol) return;
  const fixed = o.kind === OperandKind.fixed;
  const at = row.slots.length;
  o.slot = at;
  if (o.access === "r") {
    const any = o.kind === OperandKind.registerOrMemory && o.bits <= 64 ? Role.useAny : Role.useReg;
    addRowSlot(row, fixed ? Role.useFixed : any, o.preg, o.regClass);
  } else if (o.access === "w") {
    addRowSlot(row, fixed ? Role.defFixed : Role.defReg, o.preg, o.regClass);
  } else if (o.access === "e") {
    addRowSlot(row, Role.defEarly, -1, o.regClass);
  } else if (fixed) {
    addRowSlot(row, Role.defFixed, o.preg, o.regClass);
    addRowSlot(row, Role.useFixed, o.preg, o.regClass);
  } else {
    addRowSlot(row, Role.defReuse, at + 1, o.regClass);
    addRowSlot(row, Role.useReused, at, o.regClass);
  }
}

function addRowSlot(row: InstRow, role: number, arg: number, regClass: number): void {
  row.slots.push({ role: role, arg: arg, regClass: regClass });
}

/** The id of a row, by name. */
export function rowId(t: InstTable, name: string): number {
  const found = t.byName.get(name);
  if (found === undefined) bug("no instruction named " + name);
  return found;
}
