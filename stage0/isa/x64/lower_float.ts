// Floats for x86-64: bit operations, rounding, conversions.
// In -> out: float operations that are no single instruction, to instructions with Wasm's meaning. Conversions to
// integers trap on what does not fit, or saturate; bounds are constants in memory that the value is compared
// with. A conversion into a float register starts from zero, so that it waits for no older value.

import { type I64, i64From, joinI64 } from "../../base/int64.ts";
import { addMachInst, type Lowering, memoryInput, newTypedVreg, resultVreg, setAddress, useValue } from "../../mach/lower.ts";
import { newVreg } from "../../mach/vcode.ts";
import { Op, Trap, Type } from "../../ssa/ops.ts";
import { lowerX64Constant, poolAddress } from "./lower.ts";
import { Cc } from "./regs.ts";

/** d = x op mask, the mask repeated over 16 bytes. */
function maskFloat(l: Lowering, name: string, d: number, x: number, mask: I64): void {
  setAddress(addMachInst(l, name, [d, x, -1]), poolAddress(l, 16, mask, mask));
}

/** fneg, fabs and fcopysign: changes of the sign bit. */
export function lowerX64FloatBits(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const single = inst.type === Type.f32;
  const sign = joinI64(-2147483648, single ? -2147483648 : 0);
  const rest = joinI64(2147483647, single ? 2147483647 : -1);
  const d = resultVreg(l, 0);
  const x = useValue(l, inst.args[0]);
  if (inst.op === Op.fneg) {
    maskFloat(l, "xorps.x", d, x, sign);
  } else if (inst.op === Op.fabs) {
    maskFloat(l, "andps.x", d, x, rest);
  } else {
    const y = useValue(l, inst.args[1]);
    const size = newTypedVreg(l, inst.type);
    const signBit = newTypedVreg(l, inst.type);
    maskFloat(l, "andps.x", size, x, rest);
    maskFloat(l, "andps.x", signBit, y, sign);
    addMachInst(l, "orps.x", [d, size, signBit]);
  }
}

/** By operation from fceil: the mode; 8 in it keeps the inexact flag down. */
const roundModes = [10, 9, 11, 8];

/** Rounding to an integer. */
export function lowerX64Round(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const d = resultVreg(l, 0);
  const x = useValue(l, inst.args[0]);
  addMachInst(l, inst.type === Type.f32 ? "roundss.x" : "roundsd.x", [d, x]).imm = roundModes[inst.op - Op.fceil];
}

/** fdemote and fpromote. */
export function lowerX64FloatSize(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const demote = inst.op === Op.fdemote;
  const d = resultVreg(l, 0);
  const memory = memoryInput(l, inst.args[0], demote ? 64 : 32, 1);
  const x = memory === null ? useValue(l, inst.args[0]) : -1;
  const convert = addMachInst(l, demote ? "cvtsd2ss.x" : "cvtss2sd.x", [d, zeroFloat(l), x]);
  if (memory !== null) setAddress(convert, memory);
}

function zeroFloat(l: Lowering): number {
  const z = newVreg(l.code, 1);
  addMachInst(l, "zero.x", [z]);
  return z;
}

/** Integers to floats. */
export function lowerX64IntToFloat(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const size = inst.type === Type.f32 ? "ss" : "sd";
  const d = resultVreg(l, 0);
  const x = useValue(l, inst.args[0]);
  if (inst.op === Op.uint64_to_f) {
    addMachInst(l, "cvtu2" + size, [d, newVreg(l.code, 0), newVreg(l.code, 0), x]);
    return;
  }
  let from = x;
  if (inst.op === Op.uint32_to_f) {
    from = newVreg(l.code, 0);
    addMachInst(l, "mov.l", [from, x]);
  }
  const name = "cvtsi2" + size + (inst.op === Op.sint32_to_f ? ".l" : ".q");
  addMachInst(l, name, [d, zeroFloat(l), from]);
}

/** What a conversion to an integer is made of. */
interface IntTarget {
  single: boolean;
  signed: boolean;
  wide: boolean;
}

function targetOf(op: number, first: number, type: number): IntTarget {
  const k = op - first;
  return { single: k < 2, signed: (k & 1) === 0, wide: type === Type.i64 };
}

/** The bits of -2^31, -2^63, 2^31, 2^32, 2^63 and 2^64 as f64 are powers of two: exponent and sign only. */
function powerBits(single: boolean, exponent: number, negative: boolean): I64 {
  if (single) return i64From((exponent + 127) * 8388608 + (negative ? -2147483648 : 0));
  return joinI64((exponent + 1023) * 1048576 + (negative ? -2147483648 : 0), 0);
}

/** Compares x with a constant of its type. */
function compareWith(l: Lowering, single: boolean, x: number, bits: I64): void {
  const inst = addMachInst(l, single ? "ucomiss.x" : "ucomisd.x", [x, -1]);
  setAddress(inst, poolAddress(l, single ? 4 : 8, bits, i64From(0)));
}

function trapWhen(l: Lowering, cc: number, code: number): void {
  const inst = addMachInst(l, "trap.if", []);
  inst.cc = cc;
  inst.sym = code;
}

/** The conversions that trap. */
export function lowerX64FloatToInt(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const t = targetOf(inst.op, Op.f32_to_sint, inst.type);
  const d = resultVreg(l, 0);
  const x = useValue(l, inst.args[0]);
  const exponent = (t.wide ? 64 : 32) - (t.signed ? 1 : 0);
  addMachInst(l, t.single ? "ucomiss.x" : "ucomisd.x", [x, x]);
  trapWhen(l, Cc.p, Trap.bad_conversion);
  if (t.signed) {
    // The least integer itself is fine; in f64 so is a fraction of one below the least i32.
    const exact = t.single || t.wide;
    compareWith(l, t.single, x, exact ? powerBits(t.single, exponent, true) : joinI64(-1042284544, 2097152));
    trapWhen(l, exact ? Cc.b : Cc.be, Trap.integer_overflow);
  } else {
    compareWith(l, t.single, x, powerBits(t.single, 0, true));
    trapWhen(l, Cc.be, Trap.integer_overflow);
  }
  compareWith(l, t.single, x, powerBits(t.single, exponent, false));
  trapWhen(l, Cc.ae, Trap.integer_overflow);
  if (t.wide && !t.signed) truncateUnsigned(l, d, x, t.single);
  else truncateFloat(l, d, x, t.single, t.wide || !t.signed);
}

function truncateFloat(l: Lowering, d: number, x: number, single: boolean, wide: boolean): void {
  addMachInst(l, (single ? "cvttss2si" : "cvttsd2si") + (wide ? ".q" : ".l"), [d, x]);
}

/** x below 2^64 to 64 unsigned bits: x itself below 2^63, else x - 2^63 with the top bit, which a failed x has. */
function truncateUnsigned(l: Lowering, d: number, x: number, single: boolean): void {
  const small = newVreg(l.code, 0);
  const large = newVreg(l.code, 0);
  const rest = newVreg(l.code, 1);
  const mask = newVreg(l.code, 0);
  const masked = newVreg(l.code, 0);
  truncateFloat(l, small, x, single, true);
  const subtract = addMachInst(l, single ? "subss.x" : "subsd.x", [rest, x, -1]);
  setAddress(subtract, poolAddress(l, single ? 4 : 8, powerBits(single, 63, false), i64From(0)));
  truncateFloat(l, large, rest, single, true);
  addMachInst(l, "sar.q.i", [mask, small]).imm = 63;
  addMachInst(l, "and.q", [masked, mask, large]);
  addMachInst(l, "or.q", [d, masked, small]);
}

/** The conversions that saturate; a NaN gives 0. */
export function lowerX64FloatToIntSat(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const t = targetOf(inst.op, Op.f32_to_sint_sat, inst.type);
  const d = resultVreg(l, 0);
  const x = useValue(l, inst.args[0]);
  if (t.wide && t.signed) saturateSigned64(l, d, x, t.single);
  else if (t.wide) saturateUnsigned64(l, d, x, t.single);
  else saturate32(l, d, t.single ? promoted(l, x) : x, t.signed);
}

function promoted(l: Lowering, x: number): number {
  const wide = newVreg(l.code, 1);
  addMachInst(l, "cvtss2sd.x", [wide, zeroFloat(l), x]);
  return wide;
}

/** An f64 cut to the bounds, which it can represent; max gives its second operand for a NaN. */
function saturate32(l: Lowering, d: number, x: number, signed: boolean): void {
  const low = newVreg(l.code, 1);
  const cut = newVreg(l.code, 1);
  const converted = newVreg(l.code, 0);
  const zero = lowerX64Constant(l, 0, true, i64From(0));
  const least = signed ? powerBits(false, 31, true) : i64From(0);
  const most = signed ? joinI64(1105199103, -4194304) : joinI64(1106247679, -2097152);
  setAddress(addMachInst(l, "maxsd.x", [low, x, -1]), poolAddress(l, 8, least, i64From(0)));
  setAddress(addMachInst(l, "minsd.x", [cut, low, -1]), poolAddress(l, 8, most, i64From(0)));
  truncateFloat(l, signed ? converted : d, cut, false, !signed);
  if (signed) zeroForNan(l, d, x, converted, zero, false);
}

/** d = zero when x is a NaN, else value. */
function zeroForNan(l: Lowering, d: number, x: number, value: number, zero: number, single: boolean): void {
  addMachInst(l, single ? "ucomiss.x" : "ucomisd.x", [x, x]);
  addMachInst(l, "cmov.q", [d, value, zero]).cc = Cc.p;
}

/** What is too small converts to the least integer by itself. */
function saturateSigned64(l: Lowering, d: number, x: number, single: boolean): void {
  const converted = newVreg(l.code, 0);
  const limited = newVreg(l.code, 0);
  const most = lowerX64Constant(l, 0, false, joinI64(2147483647, -1));
  const zero = lowerX64Constant(l, 0, true, i64From(0));
  truncateFloat(l, converted, x, single, true);
  compareWith(l, single, x, powerBits(single, 63, false));
  addMachInst(l, "cmov.q", [limited, converted, most]).cc = Cc.ae;
  zeroForNan(l, d, x, limited, zero, single);
}

/** max(x, 0) is 0 for a NaN as well. */
function saturateUnsigned64(l: Lowering, d: number, x: number, single: boolean): void {
  const most = lowerX64Constant(l, 0, false, i64From(-1));
  const cut = newVreg(l.code, 1);
  const converted = newVreg(l.code, 0);
  addMachInst(l, single ? "maxss.x" : "maxsd.x", [cut, x, zeroFloat(l)]);
  truncateUnsigned(l, converted, cut, single);
  compareWith(l, single, cut, powerBits(single, 64, false));
  addMachInst(l, "cmov.q", [d, converted, most]).cc = Cc.ae;
}
