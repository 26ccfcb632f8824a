// The encoder of x86-64: rows of the table and their operands to bytes.
// In -> out: the encoding column in the manual's notation, compiled once, and an instruction's places, memory
// operand, immediate and condition, to prefix, REX, opcode, ModRM, SIB, displacement and immediate.
// Places are physical registers, or stack offsets given as memory.

import { appendU16, appendU8, appendU32, type Bytes } from "../../base/bytes.ts";
import { bug } from "../../base/bug.ts";
import { sarI32, shlI32 } from "../../base/int32.ts";
import { parseHex, splitWords } from "../../base/table.ts";
import { addCodeReloc, addLabelRef, type CodeBuffer, CodeRelocKind } from "../../mach/buffer.ts";
import { type InstRow, type InstTable, OperandKind } from "../../mach/table.ts";
import { RSP } from "./regs.ts";

/** How the operands are laid into the bytes. */
export const Form = { plain: 0, modrm: 1, digit: 2, opcodeReg: 3 };

/** An encoding column, taken apart. */
export interface Encoding {
  /** 0x66, 0xf2, 0xf3 or 0. */
  prefix: number;
  wide: boolean;
  /** 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A. */
  escape: number;
  opcode: number;
  form: number;
  digit: number;
  /** Bytes of the immediate or relative offset. */
  immBytes: number;
  takesCc: boolean;
  isRelative: boolean;
  /** Operand numbers: the register of ModRM or opcode, the register or memory; -1 none. */
  regOperand: number;
  rmOperand: number;
}

/** A memory operand with its parts known: registers, or -1; relocation kind, or -1. */
export interface MemPlace {
  base: number;
  index: number;
  scale: number;
  disp: number;
  relocKind: number;
  sym: number;
}

/** By row id; null for what is not one instruction. */
export function compileEncodings(t: InstTable): (Encoding | null)[] {
  const list: (Encoding | null)[] = [];
  for (const row of t.rows) list.push(row.isPseudo ? null : compileEncoding(row));
  return list;
}

function compileEncoding(row: InstRow): Encoding {
  const e: Encoding = {
    prefix: 0, wide: false, escape: 0, opcode: -1, form: Form.plain, digit: 0, immBytes: 0, takesCc: false,
    isRelative: false, regOperand: -1, rmOperand: -1,
  };
  for (const word of splitWords(row.encoding)) compileWord(row, e, word);
  for (let k = 0; k < row.operands.length; k++) {
    const kind = row.operands[k].kind;
    if (kind === OperandKind.registerOrMemory || kind === OperandKind.memory) e.rmOperand = k;
    if (kind === OperandKind.register) e.regOperand = k;
  }
  return e;
}

function compileWord(row: InstRow, e: Encoding, word: string): void {
  switch (word) {
    case "REX.W": e.wide = true; return;
    case "/r": e.form = Form.modrm; return;
    case "ib": e.immBytes = 1; return;
    case "iw": e.immBytes = 2; return;
    case "id": e.immBytes = 4; return;
    case "io": e.immBytes = 8; return;
    case "cd": e.immBytes = 4; e.isRelative = true; return;
    default: compileOpcode(row, e, word);
  }
}

/** A byte of the opcode, with "+rd" or "+cc" behind it, or the digit of "/digit". */
function compileOpcode(row: InstRow, e: Encoding, word: string): void {
  if (word.charCodeAt(0) === 47) {
    e.form = Form.digit;
    e.digit = word.charCodeAt(1) - 48;
    return;
  }
  if (word.length !== 2 && word.length !== 5) bug("encoding of " + row.name + ": " + word);
  const value = parseHex(word.slice(0, 2));
  if (word.slice(2, word.length) === "+rd") e.form = Form.opcodeReg;
  if (word.slice(2, word.length) === "+cc") e.takesCc = true;
  if (e.opcode < 0 && e.escape === 0 && (value === 0x66 || value === 0xf2 || value === 0xf3)) e.prefix = value;
  else if (e.escape === 0 && e.opcode < 0 && value === 0x0f) e.escape = 1;
  else if (e.escape === 1 && e.opcode < 0 && value === 0x38) e.escape = 2;
  else if (e.escape === 1 && e.opcode < 0 && value === 0x3a) e.escape = 3;
  else e.opcode = value;
}

/** What fills an encoding. */
export interface Filling {
  /** Encoded registers 0 to 15 of the reg and rm operands; rm -1 when it is memory. */
  reg: number;
  rm: number;
  mem: MemPlace | null;
  imm: number;
  immHigh: number;
  cc: number;
  /** The reg or rm operand is a byte register, so that 4 to 7 need a REX prefix. */
  byteReg: boolean;
  byteRm: boolean;
}

/** Appends one instruction. */
export function encodeX64(b: CodeBuffer, e: Encoding, f: Filling): void {
  const out = b.bytes;
  if (e.prefix !== 0) appendU8(out, e.prefix);
  appendRex(out, e, f);
  if (e.escape > 0) appendU8(out, 0x0f);
  if (e.escape === 2) appendU8(out, 0x38);
  if (e.escape === 3) appendU8(out, 0x3a);
  const opcode = e.takesCc ? e.opcode + f.cc : e.opcode;
  appendU8(out, e.form === Form.opcodeReg ? opcode + (f.reg & 7) : opcode);
  if (e.form === Form.modrm || e.form === Form.digit) {
    const reg = e.form === Form.digit ? e.digit : f.reg & 7;
    if (f.mem !== null) appendMemory(b, reg, f.mem, e.immBytes);
    else appendU8(out, 0xc0 | shlI32(reg, 3) | (f.rm & 7));
  }
  if (e.immBytes === 1) appendU8(out, f.imm & 255);
  if (e.immBytes === 2) appendU16(out, f.imm & 65535);
  if (e.immBytes >= 4) appendU32(out, f.imm);
  if (e.immBytes === 8) appendU32(out, f.immHigh);
}

function appendRex(out: Bytes, e: Encoding, f: Filling): void {
  let rex = e.wide ? 0x48 : 0;
  const usesReg = e.form === Form.modrm;
  if (usesReg && f.reg >= 8) rex |= 0x44;
  if (f.mem !== null) {
    if (f.mem.index >= 8) rex |= 0x42;
    if (f.mem.base >= 8) rex |= 0x41;
  } else if (e.form === Form.opcodeReg) {
    if (f.reg >= 8) rex |= 0x41;
  } else if ((usesReg || e.form === Form.digit) && f.rm >= 8) {
    rex |= 0x41;
  }
  if (f.byteReg && f.reg >= 4 && f.reg < 8) rex |= 0x40;
  if (f.byteRm && f.mem === null && f.rm >= 4 && f.rm < 8) rex |= 0x40;
  if (rex !== 0) appendU8(out, rex);
}

function appendMemory(b: CodeBuffer, reg: number, m: MemPlace, immBytes: number): void {
  const out = b.bytes;
  const field = shlI32(reg, 3);
  if (m.relocKind >= 0) {
    appendU8(out, field | 5);
    if (m.relocKind === CodeRelocKind.label) {
      addLabelRef(b, m.sym, -1);
      return;
    }
    addCodeReloc(b, out.len, m.relocKind, m.sym, m.disp - 4 - immBytes);
    appendU32(out, 0);
    return;
  }
  if (m.base < 0) {
    appendU8(out, field | 4);
    appendU8(out, sibByte(m.scale, m.index < 0 ? 4 : m.index, 5));
    appendU32(out, m.disp);
    return;
  }
  const short = m.disp >= -128 && m.disp <= 127;
  const mode = m.disp === 0 && (m.base & 7) !== 5 ? 0 : short ? 0x40 : 0x80;
  if (m.index < 0 && (m.base & 7) !== RSP) {
    appendU8(out, mode | field | (m.base & 7));
  } else {
    appendU8(out, mode | field | 4);
    appendU8(out, sibByte(m.scale, m.index < 0 ? 4 : m.index, m.base));
  }
  if (mode === 0x40) appendU8(out, m.disp & 255);
  if (mode === 0x80) appendU32(out, m.disp);
}

function sibByte(scale: number, index: number, base: number): number {
  const bits = scale === 8 ? 3 : sarI32(scale, 1);
  return shlI32(bits, 6) | shlI32(index & 7, 3) | (base & 7);
}
