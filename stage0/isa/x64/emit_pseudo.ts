// What one row of the table means as several machine instructions of x86-64.
// In -> out: an instruction whose encoding is a name, to the bytes of that name. Operands that are written
// before all are read are early results in the table; jumps inside use labels of their own.

import { bug } from "../../base/bug.ts";
import { bindLabel, newLabel, resolveLabel } from "../../mach/buffer.ts";
import { type Emitter, jumpTable, trapLabel } from "../../mach/emit.ts";
import { type MachInst, newMachInst } from "../../mach/inst.ts";
import { rowId } from "../../mach/table.ts";
import { Trap } from "../../ssa/ops.ts";
import {
  emitImm, emitJcc, emitJmp, emitMem, emitPlain, emitRegs, emitSymbol, emitX64Epilogue, emitX64Trap, memAt, memLabel, x64Table,
} from "./emit.ts";
import { Cc, invertCc, R10 } from "./regs.ts";

/** Emits any instruction. */
export function emitX64Inst(e: Emitter, inst: MachInst): void {
  const row = x64Table.rows[inst.op];
  if (!row.isPseudo) {
    emitPlain(e, inst, row);
    return;
  }
  const wide = row.operands.length > 0 && row.operands[0].bits === 64;
  switch (row.encoding) {
    case "!args": return;
    case "!call": emitSymbol(e.buffer, "call.sym", inst.sym); return;
    case "!callThrough": emitCallThrough(e, inst); return;
    case "!return": emitLeave(e, "ret", 0); return;
    case "!tail": emitTailCall(e, inst.sym); return;
    case "!tailThrough": emitLeave(e, "jmp.r", R10); return;
    case "!jump": emitGoto(e, inst.targets[0]); return;
    case "!branch": emitBranch(e, inst); return;
    case "!switch": emitSwitch(e, inst); return;
    case "!trap": emitX64Trap(e.buffer, inst.sym, inst.pos); return;
    case "!trapIf": emitJcc(e.buffer, inst.cc, trapLabel(e, inst.sym, inst.pos)); return;
    case "!add3": emitAdd3(e, wide); return;
    case "!add3i": emitAdd3Imm(e, wide, inst.imm); return;
    case "!zero": emitRegs(e.buffer, "xorps.x", e.places[0], e.places[0]); return;
    case "!cmovFloat": emitCmovFloat(e, inst.cc); return;
    case "!divTrap": emitDivTrap(e, inst, wide); return;
    case "!floatMinMax": emitFloatMinMax(e, row.name); return;
    case "!unsignedToFloat": emitUnsignedToFloat(e, row.name === "cvtu2ss"); return;
    default: bug("no emission of " + row.encoding);
  }
}

/** The same operands under the row of the machine instruction. */
function emitCallThrough(e: Emitter, inst: MachInst): void {
  const call = newMachInst(rowId(x64Table, "call.r"), inst.regs, inst.pos);
  call.mem = inst.mem;
  emitPlain(e, call, x64Table.rows[call.op]);
}

/** The epilogue, and the named instruction that leaves the function. */
function emitLeave(e: Emitter, name: string, rm: number): void {
  emitX64Epilogue(e);
  emitRegs(e.buffer, name, 0, rm);
}

function emitTailCall(e: Emitter, sym: number): void {
  emitX64Epilogue(e);
  emitSymbol(e.buffer, "jmp.sym", sym);
}

function isNext(e: Emitter, block: number): boolean {
  return resolveLabel(e.buffer, block) === e.nextBlock;
}

function emitGoto(e: Emitter, block: number): void {
  if (!isNext(e, block)) emitJmp(e.buffer, block);
}

/** To targets[0] when cc holds (or the second condition in imm, if any), else to targets[1]. */
function emitBranch(e: Emitter, inst: MachInst): void {
  const yes = inst.targets[0];
  const no = inst.targets[1];
  if (inst.imm < 0 && isNext(e, yes)) {
    emitJcc(e.buffer, invertCc(inst.cc), no);
    return;
  }
  emitJcc(e.buffer, inst.cc, yes);
  if (inst.imm >= 0) emitJcc(e.buffer, inst.imm, yes);
  emitGoto(e, no);
}

/** Jumps by an index through a table of distances; the last target is for indices beyond. */
function emitSwitch(e: Emitter, inst: MachInst): void {
  const b = e.buffer;
  const to = e.places[0];
  const base = e.places[1];
  const cases: number[] = [];
  for (let k = 0; k < inst.targets.length - 1; k++) cases.push(inst.targets[k]);
  emitRegs(b, "mov.l", to, e.places[2]);
  emitImm(b, "cmp.l.i", to, cases.length);
  emitJcc(b, Cc.ae, inst.targets[inst.targets.length - 1]);
  emitMem(b, "lea.q", base, memLabel(jumpTable(e, cases)));
  const entry = memAt(base, 0);
  entry.index = to;
  entry.scale = 4;
  emitMem(b, "movsxd.q.l", to, entry);
  emitRegs(b, "add.q", to, base);
  emitRegs(b, "jmp.r", 0, to);
}

function emitAdd3(e: Emitter, wide: boolean): void {
  const d = e.places[0];
  const add = wide ? "add.q" : "add.l";
  if (!e.flagsLive && d === e.places[1]) {
    emitRegs(e.buffer, add, d, e.places[2]);
  } else if (!e.flagsLive && d === e.places[2]) {
    emitRegs(e.buffer, add, d, e.places[1]);
  } else {
    const sum = memAt(e.places[1], 0);
    sum.index = e.places[2];
    emitMem(e.buffer, wide ? "lea.q" : "lea.l", d, sum);
  }
}

function emitAdd3Imm(e: Emitter, wide: boolean, imm: number): void {
  const d = e.places[0];
  if (!e.flagsLive && d === e.places[1]) emitImm(e.buffer, wide ? "add.q.i" : "add.l.i", d, imm);
  else emitMem(e.buffer, wide ? "lea.q" : "lea.l", d, memAt(e.places[1], imm));
}

function emitCmovFloat(e: Emitter, cc: number): void {
  const over = newLabel(e.buffer);
  emitJcc(e.buffer, invertCc(cc), over);
  emitRegs(e.buffer, "movaps.x", e.places[0], e.places[2]);
  bindLabel(e.buffer, over);
}

/** Traps when the dividend is the least integer and the divisor is -1: only then does least - 1 overflow. */
function emitDivTrap(e: Emitter, inst: MachInst, wide: boolean): void {
  const over = newLabel(e.buffer);
  emitImm(e.buffer, wide ? "cmp.q.i" : "cmp.l.i", e.places[1], -1);
  emitJcc(e.buffer, Cc.ne, over);
  emitImm(e.buffer, wide ? "cmp.q.i" : "cmp.l.i", e.places[0], 1);
  emitJcc(e.buffer, Cc.o, trapLabel(e, Trap.integer_overflow, inst.pos));
  bindLabel(e.buffer, over);
}

/**
 * Minimum and maximum as Wasm has them: a NaN operand gives a NaN, and -0 is less than 0. Equal operands are
 * joined bit by bit (or for the minimum, and for the maximum), which only matters for zeros.
 */
function emitFloatMinMax(e: Emitter, name: string): void {
  const b = e.buffer;
  const d = e.places[0];
  const y = e.places[2];
  const isMin = name.slice(1, 4) === "min";
  const size = name.slice(5, 7);
  const unequal = newLabel(b);
  const ordered = newLabel(b);
  const done = newLabel(b);
  emitRegs(b, "ucomi" + size + ".x", d, y);
  emitJcc(b, Cc.ne, unequal);
  emitJcc(b, Cc.np, ordered);
  emitRegs(b, "add" + size + ".x", d, y);
  emitJmp(b, done);
  bindLabel(b, ordered);
  emitRegs(b, isMin ? "orps.x" : "andps.x", d, y);
  emitJmp(b, done);
  bindLabel(b, unequal);
  emitRegs(b, (isMin ? "min" : "max") + size + ".x", d, y);
  bindLabel(b, done);
}

/** The value of 2^63 and more is halved, its lowest bit kept for rounding, converted and doubled. */
function emitUnsignedToFloat(e: Emitter, single: boolean): void {
  const b = e.buffer;
  const d = e.places[0];
  const half = e.places[1];
  const low = e.places[2];
  const x = e.places[3];
  const size = single ? "ss" : "sd";
  const large = newLabel(b);
  const done = newLabel(b);
  emitRegs(b, "xorps.x", d, d);
  emitRegs(b, "test.q", x, x);
  emitJcc(b, Cc.s, large);
  emitRegs(b, "cvtsi2" + size + ".q", d, x);
  emitJmp(b, done);
  bindLabel(b, large);
  emitRegs(b, "mov.q", half, x);
  emitRegs(b, "mov.q", low, x);
  emitImm(b, "shr.q.i", half, 1);
  emitImm(b, "and.l.i", low, 1);
  emitRegs(b, "or.q", half, low);
  emitRegs(b, "cvtsi2" + size + ".q", d, half);
  emitRegs(b, "add" + size + ".x", d, d);
  bindLabel(b, done);
}
