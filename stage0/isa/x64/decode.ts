// The decoder of x86-64: bytes back to text, by the same table that encodes them.
// In -> out: code at an offset, to one instruction in Intel syntax and its length. Only what the table holds is
// known, and the branches of the code buffer; anything else has length 0.

import { type Bytes, readU16, readU32, readU64, readU8 } from "../../base/bytes.ts";
import { sarI32, shlI32 } from "../../base/int32.ts";
import { textI64 } from "../../base/int64.ts";
import { findByte } from "../../base/table.ts";
import type { Decoded } from "../../mach/isa.ts";
import { type InstRow, OperandKind, type RowOperand } from "../../mach/table.ts";
import { x64Encodings, x64Table } from "./emit.ts";
import { type Encoding, Form } from "./encode.ts";
import { ccNames, RCX, x64RegNames } from "./regs.ts";

/** What stands in front of the operands. */
interface Prefix {
  mandatory: number;
  rex: number;
  escape: number;
  opcode: number;
  /** Offset of the byte after the opcode. */
  next: number;
}

/** Rows by escape * 256 + opcode. */
const rowsByOpcode: number[][] = indexRows();

function indexRows(): number[][] {
  const index: number[][] = [];
  for (let k = 0; k < 1024; k++) index.push([]);
  for (let r = 0; r < x64Encodings.length; r++) {
    const e = x64Encodings[r];
    if (e === null) continue;
    const count = e.takesCc ? 16 : e.form === Form.opcodeReg ? 8 : 1;
    for (let k = 0; k < count; k++) index[e.escape * 256 + e.opcode + k].push(r);
  }
  return index;
}

/** Decodes the instruction at an offset. */
export function decodeX64(code: Bytes, at: number): Decoded {
  const p = readPrefix(code, at);
  const branch = decodeBranch(code, at, p);
  if (branch.length > 0) return branch;
  for (const r of rowsByOpcode[p.escape * 256 + p.opcode]) {
    const e = x64Encodings[r];
    if (e === null || e.prefix !== p.mandatory || e.wide !== ((p.rex & 8) !== 0)) continue;
    if (!formFits(code, x64Table.rows[r], e, p)) continue;
    return decodeRow(code, at, x64Table.rows[r], e, p);
  }
  return { text: "", length: 0, target: -1 };
}

function readPrefix(code: Bytes, at: number): Prefix {
  const p: Prefix = { mandatory: 0, rex: 0, escape: 0, opcode: 0, next: at };
  let byte = readU8(code, p.next);
  if (byte === 0x66 || byte === 0xf2 || byte === 0xf3) {
    p.mandatory = byte;
    p.next += 1;
    byte = readU8(code, p.next);
  }
  if ((byte & 0xf0) === 0x40) {
    p.rex = byte;
    p.next += 1;
    byte = readU8(code, p.next);
  }
  if (byte === 0x0f) {
    p.next += 1;
    byte = readU8(code, p.next);
    p.escape = byte === 0x38 ? 2 : byte === 0x3a ? 3 : 1;
    if (p.escape > 1) {
      p.next += 1;
      byte = readU8(code, p.next);
    }
  }
  p.opcode = byte;
  p.next += 1;
  return p;
}

function decodeBranch(code: Bytes, at: number, p: Prefix): Decoded {
  const short = p.escape === 0 && ((p.opcode & 0xf0) === 0x70 || p.opcode === 0xeb);
  const long = (p.escape === 1 && (p.opcode & 0xf0) === 0x80) || (p.escape === 0 && p.opcode === 0xe9);
  if (!short && !long) return { text: "", length: 0, target: -1 };
  const distance = short ? signedByte(code, p.next) : readU32(code, p.next);
  const end = p.next + (short ? 1 : 4);
  const name = p.opcode === 0xeb || p.opcode === 0xe9 ? "jmp" : "j" + ccNames[p.opcode & 15];
  return { text: name + " ", length: end - at, target: end + distance };
}

function signedByte(code: Bytes, at: number): number {
  return sarI32(shlI32(readU8(code, at), 24), 24);
}

/** Whether the ModRM byte is one that the row allows. */
function formFits(code: Bytes, row: InstRow, e: Encoding, p: Prefix): boolean {
  if (e.form !== Form.modrm && e.form !== Form.digit) return true;
  const modrm = readU8(code, p.next);
  if (e.form === Form.digit && (sarI32(modrm, 3) & 7) !== e.digit) return false;
  const isReg = (modrm & 0xc0) === 0xc0;
  if (e.rmOperand < 0) return isReg;
  return !isReg || row.operands[e.rmOperand].kind !== OperandKind.memory;
}

function decodeRow(code: Bytes, at: number, row: InstRow, e: Encoding, p: Prefix): Decoded {
  let next = p.next;
  let reg = p.opcode & 7;
  let rm = -1;
  let memory = "";
  if (e.form === Form.modrm || e.form === Form.digit) {
    const modrm = readU8(code, next);
    reg = (sarI32(modrm, 3) & 7) | ((p.rex & 4) !== 0 ? 8 : 0);
    if ((modrm & 0xc0) === 0xc0) {
      rm = (modrm & 7) | ((p.rex & 1) !== 0 ? 8 : 0);
      next += 1;
    } else {
      const m = decodeMemory(code, next, p.rex);
      memory = m.text;
      next = m.length;
    }
  } else if ((p.rex & 1) !== 0) {
    reg += 8;
  }
  let text = mnemonic(row) + (e.takesCc ? ccNames[p.opcode - e.opcode] : "");
  let first = true;
  for (const o of row.operands) {
    const operand = decodedOperand(code, o, next, reg, rm, memory, e);
    if (operand === "") continue;
    text += (first ? " " : ", ") + operand;
    first = false;
  }
  return { text: text, length: next + e.immBytes - at, target: -1 };
}

/** The name that assemblers know a row by. */
function mnemonic(row: InstRow): string {
  if (row.name === "mov.q.i64") return "movabs";
  const dot = findByte(row.name, 46);
  return dot < 0 ? row.name : row.name.slice(0, dot);
}

function decodedOperand(code: Bytes, o: RowOperand, immAt: number, reg: number, rm: number, memory: string, e: Encoding): string {
  switch (o.kind) {
    case OperandKind.register: return registerText(reg, o.bits, o.regClass);
    case OperandKind.registerOrMemory: return rm >= 0 ? registerText(rm, o.bits, o.regClass) : sizeText(o.bits) + memory;
    case OperandKind.memory: return sizeText(o.bits) + memory;
    case OperandKind.immediate: return immediateText(code, immAt, e.immBytes);
    case OperandKind.symbol: return "symbol";
    default: return o.preg === RCX ? "cl" : "";
  }
}

function immediateText(code: Bytes, at: number, bytes: number): string {
  if (bytes === 1) return "" + signedByte(code, at);
  if (bytes === 2) return "" + sarI32(shlI32(readU16(code, at), 16), 16);
  if (bytes === 4) return "" + readU32(code, at);
  return textI64(readU64(code, at));
}

const names32 = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
const names16 = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];
const names8 = ["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"];

/** A register under its name for a width. */
export function registerText(n: number, bits: number, regClass: number): string {
  if (regClass === 1) return "xmm" + n;
  if (bits === 64) return x64RegNames[n];
  if (bits === 32) return n >= 8 ? "r" + n + "d" : names32[n];
  if (bits === 16) return n >= 8 ? "r" + n + "w" : names16[n];
  return n >= 8 ? "r" + n + "b" : names8[n];
}

function sizeText(bits: number): string {
  switch (bits) {
    case 8: return "byte ptr ";
    case 16: return "word ptr ";
    case 32: return "dword ptr ";
    case 64: return "qword ptr ";
    case 128: return "xmmword ptr ";
    default: return "";
  }
}

/** The text of a memory operand, and the offset after it. */
function decodeMemory(code: Bytes, at: number, rex: number): Decoded {
  const modrm = readU8(code, at);
  const mode = modrm & 0xc0;
  let base = modrm & 7;
  let index = -1;
  let scale = 1;
  let next = at + 1;
  if (base === 4) {
    const sib = readU8(code, next);
    next += 1;
    base = sib & 7;
    index = (sarI32(sib, 3) & 7) | ((rex & 2) !== 0 ? 8 : 0);
    scale = shlI32(1, sarI32(sib, 6) & 3);
    if (index === 4) index = -1;
  } else if (base === 5 && mode === 0) {
    return { text: "[rip" + dispText(readU32(code, next), true) + "]", length: next + 4, target: -1 };
  }
  const absent = base === 5 && mode === 0;
  if ((rex & 1) !== 0) base |= 8;
  let disp = 0;
  if (mode === 0x40) {
    disp = signedByte(code, next);
    next += 1;
  } else if (mode === 0x80 || absent) {
    disp = readU32(code, next);
    next += 4;
  }
  let text = "[" + (absent ? "" : x64RegNames[base]);
  if (index >= 0) text += (absent ? "" : "+") + x64RegNames[index] + "*" + scale;
  return { text: text + dispText(disp, false) + "]", length: next, target: -1 };
}

function dispText(disp: number, always: boolean): string {
  if (disp === 0 && !always) return "";
  return disp < 0 ? "" + disp : "+" + disp;
}
