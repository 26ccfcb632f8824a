// Lowering for x86-64 that a rule cannot say: constants, addresses, sums, counts, conditions and branches.
// In -> out: an instruction in SSA form, to instructions of VCode appended to the lowering's output.
// Every comparison is made where it is used: flags live only from it to the next instruction.

import { bug } from "../../base/bug.ts";
import { eqI64, fitsI32, highI32, type I64, i64From, lowI32, shlI64, shrU64 } from "../../base/int64.ts";
import { MemKind } from "../../mach/inst.ts";
import {
  type Address, addMachInst, machConstant, isConstant, isScaledValue, type Lowering, machSumAddress, memoryInput, newTypedVreg, passArguments, plainAddress, resultVreg,
  setAddress, sourceValue, useValue,
} from "../../mach/lower.ts";
import { newVreg, poolConstant } from "../../mach/vcode.ts";
import { isFloatType, Op, Type } from "../../ssa/ops.ts";
import { type Condition, lowerCondition } from "./compare.ts";
import { Cc, invertCc } from "./regs.ts";

/** An integer or float constant in a new register. */
export function lowerX64Constant(l: Lowering, regClass: number, is32: boolean, value: I64): number {
  const d = newVreg(l.code, regClass);
  if (regClass === 1) {
    if (eqI64(value, i64From(0))) addMachInst(l, "zero.x", [d]);
    else setAddress(addMachInst(l, is32 ? "movss.x" : "movsd.x", [d]), poolAddress(l, is32 ? 4 : 8, value, i64From(0)));
    return d;
  }
  if (is32 || eqI64(shrU64(value, 32), i64From(0))) {
    addMachInst(l, "mov.l.i", [d]).imm = lowI32(value);
  } else if (fitsI32(value)) {
    addMachInst(l, "mov.q.i", [d]).imm = lowI32(value);
  } else {
    const inst = addMachInst(l, "mov.q.i64", [d]);
    inst.imm = lowI32(value);
    inst.immHigh = highI32(value);
  }
  return d;
}

/** The address of a constant in memory. */
export function poolAddress(l: Lowering, size: number, low: I64, high: I64): Address {
  return plainAddress(MemKind.pool, poolConstant(l.code, size, low, high), 0);
}

/** The address of a symbol plus an offset; what is not defined here is looked up in the table of the linker. */
export function lowerX64Symbol(l: Lowering, sym: number, offset: I64): number {
  const d = newVreg(l.code, 0);
  if (l.module.symbols[sym].defined && fitsI32(offset)) {
    setAddress(addMachInst(l, "lea.q", [d]), plainAddress(MemKind.symbol, sym, lowI32(offset)));
    return d;
  }
  setAddress(addMachInst(l, "mov.q", [d, -1]), plainAddress(MemKind.got, sym, 0));
  if (eqI64(offset, i64From(0))) return d;
  const sum = newVreg(l.code, 0);
  addMachInst(l, "add3.q", [sum, d, lowerX64Constant(l, 0, false, offset)]);
  return sum;
}

/** The address of a frame slot plus an offset. */
export function lowerX64Slot(l: Lowering, slot: number, offset: I64): number {
  const d = newVreg(l.code, 0);
  if (!fitsI32(offset)) bug("offset into a frame slot is too large");
  setAddress(addMachInst(l, "lea.q", [d]), plainAddress(MemKind.slot, slot, lowI32(offset)));
  return d;
}

/** A 64-bit sum: an address calculation where that saves a move. */
export function lowerX64Add64(l: Lowering, i: number): void {
  const d = resultVreg(l, 0);
  const x = l.func.insts[i].args[0];
  const y = l.func.insts[i].args[1];
  if (isConstant(l, y) && fitsI32(machConstant(l, y))) {
    addMachInst(l, isShared(l, x) ? "add3.q.i" : "add.q.i", [d, useValue(l, x)]).imm = lowI32(machConstant(l, y));
  } else if (isScaledValue(l, x) || isScaledValue(l, y)) {
    const sum = machSumAddress(l, x, y);
    setAddress(addMachInst(l, "lea.q", [d]), sum);
  } else if (isShared(l, x) && isShared(l, y)) {
    addMachInst(l, "add3.q", [d, useValue(l, x), useValue(l, y)]);
  } else {
    twoOperands(l, "add.q", d, x, y, 64);
  }
}

/** A difference with a constant: where the minuend lives on, an address calculation saves a move. */
export function lowerX64SubConst(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const size = inst.type === Type.i64 ? ".q" : ".l";
  const d = resultVreg(l, 0);
  const imm = lowI32(machConstant(l, inst.args[1]));
  const shared = isShared(l, inst.args[0]) && imm !== -2147483648;
  const row = shared ? "add3" + size + ".i" : "sub" + size + ".i";
  addMachInst(l, row, [d, useValue(l, inst.args[0])]).imm = shared ? 0 - imm : imm;
}

/** d = x op y, where y may be memory. */
function twoOperands(l: Lowering, name: string, d: number, x: number, y: number, bits: number): void {
  const left = useValue(l, x);
  const memory = memoryInput(l, y, bits, 0);
  const right = memory === null ? useValue(l, y) : -1;
  const inst = addMachInst(l, name, [d, left, right]);
  if (memory !== null) setAddress(inst, memory);
}

function isShared(l: Lowering, v: number): boolean {
  return l.useCount[sourceValue(l, v)] > 1;
}

/** A product with a constant: shifts and sums where one instruction does it. */
export function lowerX64MulConst(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const wide = inst.type === Type.i64;
  const size = wide ? ".q" : ".l";
  const c = wide ? machConstant(l, inst.args[1]) : i64From(lowI32(machConstant(l, inst.args[1])));
  const d = resultVreg(l, 0);
  const x = useValue(l, inst.args[0]);
  const k = powerOfTwo(c, wide);
  if (k >= 0) {
    addMachInst(l, "shl" + size + ".i", [d, x]).imm = k;
  } else if (eqI64(c, i64From(-1))) {
    addMachInst(l, "neg" + size, [d, x]);
  } else if (eqI64(c, i64From(3)) || eqI64(c, i64From(5)) || eqI64(c, i64From(9))) {
    const sum = plainAddress(MemKind.address, -1, 0);
    sum.mem.scale = lowI32(c) - 1;
    sum.base = x;
    sum.index = x;
    setAddress(addMachInst(l, "lea" + size, [d]), sum);
  } else if (fitsI32(c)) {
    addMachInst(l, "imul" + size + ".i", [d, x]).imm = lowI32(c);
  } else {
    addMachInst(l, "imul" + size, [d, x, lowerX64Constant(l, 0, !wide, c)]);
  }
}

/** k when c is 2^k as an unsigned value of its width, else -1. */
export function powerOfTwo(c: I64, wide: boolean): number {
  const bits = wide ? 64 : 32;
  for (let k = 0; k < bits; k++) {
    const p = shlI64(i64From(1), k);
    if (eqI64(p, c) || (!wide && lowI32(p) === lowI32(c))) return k;
  }
  return -1;
}

/** Leading and trailing zeros by bit scans, which leave zero to a conditional move. */
export function lowerX64CountZeros(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const wide = inst.type === Type.i64;
  const size = wide ? ".q" : ".l";
  const bits = wide ? 64 : 32;
  const leading = inst.op === Op.clz;
  const d = resultVreg(l, 0);
  const x = useValue(l, inst.args[0]);
  const whenZero = lowerX64Constant(l, 0, true, i64From(leading ? 2 * bits - 1 : bits));
  const found = newVreg(l.code, 0);
  addMachInst(l, (leading ? "bsr" : "bsf") + size, [found, x]);
  const count = leading ? newVreg(l.code, 0) : d;
  addMachInst(l, "cmov" + size, [count, found, whenZero]).cc = Cc.e;
  if (leading) addMachInst(l, "xor" + size + ".i", [d, count]).imm = bits - 1;
}

/** A comparison whose result is wanted as 0 or 1. */
export function lowerX64Compare(l: Lowering, i: number): void {
  const d = resultVreg(l, 0);
  setCondition(l, d, lowerCondition(l, l.func.insts[i].result));
}

/** d = 1 when a condition holds, else 0. */
function setCondition(l: Lowering, d: number, c: Condition): void {
  const first = newVreg(l.code, 0);
  if (c.second < 0) {
    addMachInst(l, "set.b", [first]).cc = c.negated ? invertCc(c.cc) : c.cc;
    addMachInst(l, "movzx.l.b", [d, first]);
    return;
  }
  const second = newVreg(l.code, 0);
  const both = newVreg(l.code, 0);
  addMachInst(l, "set.b", [first]).cc = c.negated ? invertCc(c.cc) : c.cc;
  addMachInst(l, "set.b", [second]).cc = c.negated ? invertCc(c.second) : c.second;
  addMachInst(l, c.negated ? "and.l" : "or.l", [both, first, second]);
  addMachInst(l, "movzx.l.b", [d, both]);
}

/** One of two values, by a conditional move. */
export function lowerX64Select(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const d = resultVreg(l, 0);
  const isFloat = isFloatType(inst.type);
  if (!isFloat && isBit(l, inst.args[1], 1) && isBit(l, inst.args[2], 0)) {
    setCondition(l, d, lowerCondition(l, inst.args[0]));
    return;
  }
  const yes = useValue(l, inst.args[1]);
  const no = useValue(l, inst.args[2]);
  const c = lowerCondition(l, inst.args[0]);
  const name = isFloat ? "cmov.x" : inst.type === Type.i64 ? "cmov.q" : "cmov.l";
  if (c.second < 0) {
    addMachInst(l, name, [d, no, yes]).cc = c.negated ? invertCc(c.cc) : c.cc;
    return;
  }
  const from = c.negated ? yes : no;
  const to = c.negated ? no : yes;
  const middle = newTypedVreg(l, inst.type);
  addMachInst(l, name, [middle, from, to]).cc = c.cc;
  addMachInst(l, name, [d, middle, to]).cc = c.second;
}

function isBit(l: Lowering, v: number, bit: number): boolean {
  return isConstant(l, v) && eqI64(machConstant(l, v), i64From(bit));
}

/** A jump, with what it passes. */
export function lowerX64Jump(l: Lowering): void {
  const b = l.order.indexOf[l.block];
  passArguments(l, b, l.func.blocks[l.block].targets[0].args);
  addMachInst(l, "jump", []).targets = l.order.targets[b];
}

/** A conditional branch. */
export function lowerX64Branch(l: Lowering, i: number): void {
  const targets = l.order.targets[l.order.indexOf[l.block]];
  if (targets.length === 1 || targets[0] === targets[1]) {
    addMachInst(l, "jump", []).targets = [targets[0]];
    return;
  }
  const c = lowerCondition(l, l.func.insts[i].args[0]);
  const inst = addMachInst(l, "branch", []);
  const isSingle = c.second < 0;
  inst.cc = isSingle && c.negated ? invertCc(c.cc) : c.cc;
  inst.imm = c.second;
  const swap = c.negated && !isSingle;
  inst.targets = [targets[swap ? 1 : 0], targets[swap ? 0 : 1]];
}

/** A branch by index. */
export function lowerX64Switch(l: Lowering, i: number): void {
  const targets = l.order.targets[l.order.indexOf[l.block]];
  if (l.order.blocks[l.order.indexOf[l.block]].succs.length === 1) {
    addMachInst(l, "jump", []).targets = [targets[0]];
    return;
  }
  const index = useValue(l, l.func.insts[i].args[0]);
  addMachInst(l, "switch", [newVreg(l.code, 0), newVreg(l.code, 0), index]).targets = targets;
}

/** The end of a path that must not be reached. */
export function lowerX64Trap(l: Lowering, i: number): void {
  addMachInst(l, "trap", []).sym = lowI32(l.func.insts[i].imm);
}
