// Conditions for x86-64: comparisons made where they are used.
// In -> out: an i32 value that is tested, to instructions that set the flags and the condition to test. A value
// that is no comparison is compared with zero; "is zero" of a comparison is the opposite comparison.
// A comparison with several users is made again for each, but then loads are not taken into it.

import { eqI64, fitsI32, i64From, lowI32 } from "../../base/int64.ts";
import { addMachInst, canSinkLoad, machConstant, isConstant, type Lowering, machAddress, memoryInput, setAddress, sourceInst, sourceValue, useValue } from "../../mach/lower.ts";
import { Op, Type } from "../../ssa/ops.ts";
import { Cc } from "./regs.ts";

/** Holds when cc holds or second (-1: none) does; the other way round when negated. */
export interface Condition {
  cc: number;
  second: number;
  negated: boolean;
}

/** By comparison from Op.eq: its condition code, and the comparison with exchanged operands. */
const intCodes = [Cc.e, Cc.ne, Cc.l, Cc.le, Cc.g, Cc.ge, Cc.b, Cc.be, Cc.a, Cc.ae];
const swapped = [Op.eq, Op.ne, Op.sgt, Op.sge, Op.slt, Op.sle, Op.ugt, Op.uge, Op.ult, Op.ule];

/** Sets the flags for the truth of v. */
export function lowerCondition(l: Lowering, v: number): Condition {
  const sink = l.canSink;
  let at = v;
  let negated = false;
  let def = sourceInst(l, at);
  while (def >= 0 && isTestOfComparison(l, def)) {
    if (l.useCount[sourceValue(l, at)] > 1) l.canSink = false;
    if (l.func.insts[def].op === Op.eq) negated = !negated;
    at = l.func.insts[def].args[0];
    def = sourceInst(l, at);
  }
  if (l.useCount[sourceValue(l, at)] > 1 && def !== l.root) l.canSink = false;
  const c = comparison(l, at, def);
  l.canSink = sink;
  if (negated) c.negated = !c.negated;
  return c;
}

/** The condition of v, which instruction def defines (-1: none does). */
function comparison(l: Lowering, v: number, def: number): Condition {
  if (def < 0) return zeroCondition(l, Op.ne, Type.i32, v);
  const inst = l.func.insts[def];
  if (inst.op >= Op.eq && inst.op <= Op.uge) return intCondition(l, inst.op, inst.type, inst.args[0], inst.args[1]);
  if (inst.op >= Op.feq && inst.op <= Op.fge) return floatCondition(l, inst.op, inst.type, inst.args[0], inst.args[1]);
  return zeroCondition(l, Op.ne, Type.i32, v);
}

/** Whether an instruction compares the result of another comparison with zero. */
function isTestOfComparison(l: Lowering, i: number): boolean {
  const inst = l.func.insts[i];
  if ((inst.op !== Op.eq && inst.op !== Op.ne) || inst.type !== Type.i32) return false;
  if (!isConstant(l, inst.args[1]) || !eqI64(machConstant(l, inst.args[1]), i64From(0))) return false;
  const def = sourceInst(l, inst.args[0]);
  if (def < 0) return false;
  const op = l.func.insts[def].op;
  return (op >= Op.eq && op <= Op.uge) || (op >= Op.feq && op <= Op.fge);
}

function singleCondition(cc: number): Condition {
  return { cc: cc, second: -1, negated: false };
}

function intCondition(l: Lowering, op: number, type: number, x: number, y: number): Condition {
  if (isConstant(l, x) && !isConstant(l, y)) return intCondition(l, swapped[op - Op.eq], type, y, x);
  const size = type === Type.i64 ? ".q" : ".l";
  const bits = type === Type.i64 ? 64 : 32;
  if (isConstant(l, y) && (type === Type.i32 || fitsI32(machConstant(l, y)))) {
    const imm = lowI32(machConstant(l, y));
    if (canSinkLoad(l, x, Op.uload8, type) && imm >= 0 && imm <= 255) return byteCondition(l, op, x, imm);
    if (imm === 0 && (op === Op.eq || op === Op.ne || op === Op.slt || op === Op.sge)) return zeroCondition(l, op, type, x);
    const memory = memoryInput(l, x, bits, 0);
    const left = memory === null ? useValue(l, x) : -1;
    const inst = addMachInst(l, "cmp" + size + ".i", [left]);
    inst.imm = imm;
    if (memory !== null) setAddress(inst, memory);
    return singleCondition(intCodes[op - Op.eq]);
  }
  const sinkLeft = canSinkLoad(l, x, Op.load, type) && !canSinkLoad(l, y, Op.load, type);
  if (sinkLeft) {
    const right = useValue(l, y);
    const memory = memoryInput(l, x, bits, 0);
    if (memory !== null) setAddress(addMachInst(l, "cmp" + size + ".s", [right]), memory);
    return singleCondition(intCodes[op - Op.eq]);
  }
  compareOperands(l, "cmp" + size, useValue(l, x), y, bits, 0);
  return singleCondition(intCodes[op - Op.eq]);
}

function compareOperands(l: Lowering, name: string, left: number, y: number, bits: number, regClass: number): void {
  const memory = memoryInput(l, y, bits, regClass);
  const right = memory === null ? useValue(l, y) : -1;
  const inst = addMachInst(l, name, [left, right]);
  if (memory !== null) setAddress(inst, memory);
}

/** A byte in memory against a constant: both are not negative, so the order is the unsigned one. */
function byteCondition(l: Lowering, op: number, x: number, imm: number): Condition {
  const load = l.func.insts[sourceInst(l, x)];
  const memory = machAddress(l, load.args[0], load.imm);
  const inst = addMachInst(l, "cmp.b.i", [-1]);
  inst.imm = imm;
  setAddress(inst, memory);
  const asUnsigned = op >= Op.slt && op <= Op.sge ? op + Op.ult - Op.slt : op;
  return singleCondition(intCodes[asUnsigned - Op.eq]);
}

/** Compares x with zero: by the bits of a conjunction, in memory, or by a test of x with itself. */
function zeroCondition(l: Lowering, op: number, type: number, x: number): Condition {
  const size = type === Type.i64 ? ".q" : ".l";
  const def = sourceInst(l, x);
  const cc = intCodes[op - Op.eq];
  if (def >= 0 && l.func.insts[def].op === Op.band && l.func.insts[def].type === type && l.useCount[sourceValue(l, x)] === 1) {
    const left = l.func.insts[def].args[0];
    const right = l.func.insts[def].args[1];
    if (isConstant(l, right) && (type === Type.i32 || fitsI32(machConstant(l, right)))) {
      addMachInst(l, "test" + size + ".i", [useValue(l, left)]).imm = lowI32(machConstant(l, right));
    } else {
      addMachInst(l, "test" + size, [useValue(l, left), useValue(l, right)]);
    }
    return singleCondition(cc);
  }
  const mask = remainderMask(l, op, type, def);
  if (mask > 0 && l.useCount[sourceValue(l, x)] === 1) {
    addMachInst(l, "test" + size + ".i", [useValue(l, l.func.insts[def].args[0])]).imm = mask;
    return singleCondition(cc);
  }
  const memory = memoryInput(l, x, type === Type.i64 ? 64 : 32, 0);
  if (memory !== null) {
    setAddress(addMachInst(l, "cmp" + size + ".i", [-1]), memory);
    return singleCondition(cc);
  }
  const reg = useValue(l, x);
  addMachInst(l, "test" + size, [reg, reg]);
  return singleCondition(cc);
}

/** A remainder by 2^k is zero when the low k bits are, whatever the sign: the mask of those bits, or 0. */
function remainderMask(l: Lowering, op: number, type: number, def: number): number {
  if (def < 0 || (op !== Op.eq && op !== Op.ne)) return 0;
  const inst = l.func.insts[def];
  if ((inst.op !== Op.srem && inst.op !== Op.urem) || inst.type !== type || !isConstant(l, inst.args[1])) return 0;
  const c = machConstant(l, inst.args[1]);
  if (!fitsI32(c) || lowI32(c) < 2 || (lowI32(c) & (lowI32(c) - 1)) !== 0) return 0;
  return lowI32(c) - 1;
}

/** Floats: an unordered pair sets carry and parity, so "greater" is the condition that it does not meet. */
function floatCondition(l: Lowering, op: number, type: number, x: number, y: number): Condition {
  const name = type === Type.f32 ? "ucomiss.x" : "ucomisd.x";
  const bits = type === Type.f32 ? 32 : 64;
  const swap = op === Op.flt || op === Op.fle;
  compareOperands(l, name, useValue(l, swap ? y : x), swap ? x : y, bits, 1);
  if (op === Op.feq || op === Op.fne) return { cc: Cc.ne, second: Cc.p, negated: op === Op.feq };
  return singleCondition(op === Op.fgt || op === Op.flt ? Cc.a : Cc.ae);
}
