// Emission for x86-64: instructions with their places, moves, prologue and epilogue.
// In -> out: an instruction of VCode, to bytes in the emitter's buffer. Immediates take their short form; zero is
// made by xor where no flags are read after it; a move whose places are equal disappears.

import { bug } from "../../base/bug.ts";
import { addBranch, addCodeReloc, bindLabel, type CodeBuffer, CodeRelocKind, newLabel } from "../../mach/buffer.ts";
import { type Emitter, spillOffset } from "../../mach/emit.ts";
import { type MachInst, MemKind, type MemRef } from "../../mach/inst.ts";
import { type InstRow, type InstTable, OperandKind, readInstTable, rowId } from "../../mach/table.ts";
import type { RegMove } from "../../regalloc/function.ts";
import { hostTable } from "../../base/host_embedded.ts";
import { appendU32, appendU8, type Bytes } from "../../base/bytes.ts";
import { compileEncodings, type Encoding, encodeX64, type Filling, type MemPlace } from "./encode.ts";
import { Cc, R11, RCX, RSP, x64RegNames, XMM0 } from "./regs.ts";

const x64Aliases = ["cl"];
const x64AliasRegs = [RCX];

/** The instructions of x86-64. */
export const x64Table: InstTable = readInstTable(hostTable("x64.txt"), x64RegNames, x64Aliases, x64AliasRegs);

/** Their encodings, by row. */
export const x64Encodings: (Encoding | null)[] = compileEncodings(x64Table);

/** The encoded number of a place that is a register. */
export function regNumber(place: number): number {
  return place >= XMM0 ? place - XMM0 : place;
}

/** Memory at a register plus a displacement. */
export function memAt(base: number, disp: number): MemPlace {
  return { base: base, index: -1, scale: 1, disp: disp, relocKind: -1, sym: -1 };
}

/** Memory at a label of the function, relative to the instruction. */
export function memLabel(label: number): MemPlace {
  return { base: -1, index: -1, scale: 1, disp: 0, relocKind: CodeRelocKind.label, sym: label };
}

function encodingOf(row: number): Encoding {
  const e = x64Encodings[row];
  if (e !== null) return e;
  bug("no encoding for " + x64Table.rows[row].name);
}

function emptyFilling(): Filling {
  return { reg: 0, rm: 0, mem: null, imm: 0, immHigh: 0, cc: 0, byteReg: false, byteRm: false };
}

/** Emits a named instruction on registers: its reg and rm operands, as places. */
export function emitRegs(b: CodeBuffer, name: string, reg: number, rm: number): void {
  const f = emptyFilling();
  f.reg = regNumber(reg);
  f.rm = regNumber(rm);
  encodeX64(b, encodingOf(rowId(x64Table, name)), f);
}

/** Emits a named instruction with memory. */
export function emitMem(b: CodeBuffer, name: string, reg: number, mem: MemPlace): void {
  const f = emptyFilling();
  f.reg = regNumber(reg);
  f.mem = mem;
  encodeX64(b, encodingOf(rowId(x64Table, name)), f);
}

/** Emits a named instruction with an immediate, in the short form when there is one. */
export function emitImm(b: CodeBuffer, name: string, rm: number, imm: number): void {
  const f = emptyFilling();
  f.reg = regNumber(rm);
  f.rm = regNumber(rm);
  f.imm = imm;
  encodeX64(b, encodingOf(shortRow(rowId(x64Table, name), imm)), f);
}

function shortRow(row: number, imm: number): number {
  const short = x64Table.rows[row].shortForm;
  return short >= 0 && imm >= -128 && imm <= 127 ? short : row;
}

/** A jump to a label when a condition holds. */
export function emitJcc(b: CodeBuffer, cc: number, label: number): void {
  addBranch(b, label, 0x70 + cc, [0x0f, 0x80 + cc]);
}

/** A jump to a label. */
export function emitJmp(b: CodeBuffer, label: number): void {
  addBranch(b, label, 0xeb, [0xe9]);
}

/** A call or jump to a symbol: the named instruction and its relocation. */
export function emitSymbol(b: CodeBuffer, name: string, sym: number): void {
  encodeX64(b, encodingOf(rowId(x64Table, name)), emptyFilling());
  addCodeReloc(b, b.bytes.len - 4, CodeRelocKind.call, sym, -4);
}

/** Emits one instruction that is a row of its own. */
export function emitPlain(e: Emitter, inst: MachInst, row: InstRow): void {
  if (row.isMove && inst.mem === null) {
    emitPlaceMove(e, e.places[1], e.places[0]);
    return;
  }
  if (row.name === "mov.l.i" && inst.imm === 0 && !e.flagsLive) {
    emitRegs(e.buffer, "xor.l", e.places[0], e.places[0]);
    return;
  }
  const op = shortRow(inst.op, inst.imm);
  const f = emptyFilling();
  f.imm = inst.imm;
  f.immHigh = inst.immHigh;
  f.cc = inst.cc;
  for (const o of row.operands) {
    const place = o.slot >= 0 ? e.places[o.slot] : -1;
    if (o.kind === OperandKind.register) {
      f.reg = regNumber(place);
      f.byteReg = o.bits === 8;
    } else if (o.kind === OperandKind.memory || (o.kind === OperandKind.registerOrMemory && place < 0)) {
      f.mem = memoryPlace(e, inst, row);
    } else if (o.kind === OperandKind.registerOrMemory) {
      if (place >= x64RegNames.length) f.mem = memAt(RSP, spillOffset(e, place));
      else f.rm = regNumber(place);
      f.byteRm = o.bits === 8;
    }
  }
  encodeX64(e.buffer, encodingOf(op), f);
}

/** The memory operand of an instruction, as it is encoded. */
function memoryPlace(e: Emitter, inst: MachInst, row: InstRow): MemPlace {
  if (inst.mem !== null) return filledPlace(e, inst.mem, e.places[row.slots.length], e.places[row.slots.length + 1]);
  bug(row.name + " without its memory operand");
}

function filledPlace(e: Emitter, m: MemRef, base: number, index: number): MemPlace {
  const place = memAt(base, m.disp);
  place.index = index;
  place.scale = m.scale;
  if (m.kind === MemKind.slot || m.kind === MemKind.incoming || m.kind === MemKind.outgoing) place.base = RSP;
  if (m.kind === MemKind.slot) place.disp += e.frame.slotOffset[m.id];
  if (m.kind === MemKind.incoming) place.disp += e.frame.incoming;
  if (m.kind === MemKind.symbol) place.relocKind = CodeRelocKind.pcRelative;
  if (m.kind === MemKind.got) place.relocKind = CodeRelocKind.got;
  if (m.kind === MemKind.pool) place.relocKind = CodeRelocKind.pool;
  if (place.relocKind >= 0) place.sym = m.id;
  return place;
}

/** A move of the allocator. */
export function emitX64Move(e: Emitter, m: RegMove): void {
  emitPlaceMove(e, m.from, m.to);
}

/** Moves 64 bits between any two places that are not both in the stack. */
export function emitPlaceMove(e: Emitter, from: number, to: number): void {
  const b = e.buffer;
  const places = x64RegNames.length;
  if (from === to) return;
  if (from >= places) emitMem(b, to >= XMM0 ? "movsd.x" : "mov.q", to, memAt(RSP, spillOffset(e, from)));
  else if (to >= places) emitMem(b, from >= XMM0 ? "movsd.s" : "mov.q.s", from, memAt(RSP, spillOffset(e, to)));
  else if (from >= XMM0 && to >= XMM0) emitRegs(b, "movaps.x", to, from);
  else if (from >= XMM0) emitRegs(b, "movq.r", from, to);
  else if (to >= XMM0) emitRegs(b, "movq.x", to, from);
  else emitRegs(b, "mov.q", to, from);
}

/** Saves registers and makes the frame, touching each page of it. */
export function emitX64Prologue(e: Emitter): void {
  const b = e.buffer;
  const size = e.frame.size;
  for (const p of e.frame.saved) emitRegs(b, "push.q", p, 0);
  if (size === 0) return;
  if (size <= 4096 * 8) {
    let at = 4096;
    while (at <= size) {
      emitMem(b, "cmp.l.s", 0, memAt(RSP, 0 - at));
      at += 4096;
    }
    emitImm(b, "sub.q.i", RSP, size);
    return;
  }
  const again = newLabel(b);
  emitMem(b, "lea.q", R11, memAt(RSP, 0 - size));
  bindLabel(b, again);
  emitImm(b, "sub.q.i", RSP, 4096);
  emitMem(b, "cmp.l.s", 0, memAt(RSP, 0));
  emitRegs(b, "cmp.q", RSP, R11);
  emitJcc(b, Cc.a, again);
  emitRegs(b, "mov.q", RSP, R11);
}

/** Gives the frame up and restores registers. */
export function emitX64Epilogue(e: Emitter): void {
  if (e.frame.size > 0) emitImm(e.buffer, "add.q.i", RSP, e.frame.size);
  for (let k = e.frame.saved.length - 1; k >= 0; k--) emitRegs(e.buffer, "pop.q", e.frame.saved[k], 0);
}

/** A trap instruction and its entry. */
export function emitX64Trap(b: CodeBuffer, code: number, pos: number): void {
  b.traps.push({ offset: b.bytes.len, code: code, pos: pos });
  emitRegs(b, "ud2", 0, 0);
}

/** Fills up to an alignment with the long forms of nop. */
export function emitX64Padding(out: Bytes, align: number): void {
  let left = (align - (out.len & (align - 1))) & (align - 1);
  while (left > 0) {
    const n = left > 9 ? 9 : left;
    appendNop(out, n);
    left -= n;
  }
}

/** By length: the ModRM byte of a nop of 3 to 9 bytes. */
const nopModrm = [0, 0, 0, 0x00, 0x40, 0x44, 0x44, 0x80, 0x84, 0x84];

/** A nop of 1 to 9 bytes, as the manual recommends them. */
function appendNop(out: Bytes, n: number): void {
  if (n === 2 || n === 6 || n === 9) appendU8(out, 0x66);
  if (n <= 2) {
    appendU8(out, 0x90);
    return;
  }
  appendU8(out, 0x0f);
  appendU8(out, 0x1f);
  appendU8(out, nopModrm[n]);
  if (n === 5 || n === 6 || n >= 8) appendU8(out, 0);
  if (n >= 7) appendU32(out, 0);
  else if (n >= 4) appendU8(out, 0);
}
