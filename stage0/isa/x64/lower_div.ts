// Division for x86-64.
// In -> out: sdiv udiv srem urem with Wasm's meaning (zero divides trap, least / -1 traps, least % -1 is 0), to
// checks and the division instruction; by a constant to shifts and products without checks (Granlund and
// Montgomery, "Division by Invariant Integers using Multiplication", 1994; Warren, "Hacker's Delight" chapter 10).
// The 32-bit forms with a constant multiply in 64 bits, where every product fits.

import { addI128, andI128, compareI128, divI128, type I128, i128From, i128FromI64, i128FromU64, lowI64, mulI128, remI128, shlI128, subI128 } from "../../base/int128.ts";
import { eqI64, fitsI32, type I64, i64From, lowI32, ltI64, subI64 } from "../../base/int64.ts";
import { addMachInst, machConstant, isConstant, type Lowering, resultVreg, useValue } from "../../mach/lower.ts";
import { newVreg } from "../../mach/vcode.ts";
import { Op, Trap, Type } from "../../ssa/ops.ts";
import { lowerX64Constant, powerOfTwo } from "./lower.ts";
import { Cc } from "./regs.ts";

/** Any division. */
export function lowerX64Divide(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const wide = inst.type === Type.i64;
  if (isConstant(l, inst.args[1])) {
    const c = wide ? machConstant(l, inst.args[1]) : i64From(lowI32(machConstant(l, inst.args[1])));
    const isUnsigned = inst.op === Op.udiv || inst.op === Op.urem;
    if (!eqI64(c, i64From(0)) && (isUnsigned || !eqI64(c, i64From(-1)))) {
      divideByConstant(l, inst.op, wide, inst.args[0], c);
      return;
    }
  }
  divideByValue(l, inst.op, wide, inst.args[0], inst.args[1]);
}

function divideByValue(l: Lowering, op: number, wide: boolean, x: number, y: number): void {
  const size = wide ? ".q" : ".l";
  const d = resultVreg(l, 0);
  const signed = op === Op.sdiv || op === Op.srem;
  const left = useValue(l, x);
  let right = useValue(l, y);
  addMachInst(l, "test" + size, [right, right]);
  const trap = addMachInst(l, "trap.if", []);
  trap.cc = Cc.e;
  trap.sym = Trap.division_by_zero;
  if (op === Op.sdiv) addMachInst(l, "divtrap" + size, [left, right]);
  if (op === Op.srem) right = oneForMinusOne(l, right, wide);
  const high = newVreg(l.code, 0);
  if (signed) addMachInst(l, wide ? "cqo.q" : "cdq.l", [high, left]);
  else addMachInst(l, "mov.l.i", [high]);
  const other = newVreg(l.code, 0);
  const isDiv = op === Op.sdiv || op === Op.udiv;
  const divide = addMachInst(l, (signed ? "idiv" : "div") + size, [isDiv ? d : other, left, isDiv ? other : d, high]);
  divide.regs.push(right);
}

/** Every value leaves the remainder 0 by 1 as by -1, and by 1 nothing overflows. */
function oneForMinusOne(l: Lowering, y: number, wide: boolean): number {
  const one = lowerX64Constant(l, 0, true, i64From(1));
  const d = newVreg(l.code, 0);
  addMachInst(l, wide ? "cmp.q.i" : "cmp.l.i", [y]).imm = -1;
  addMachInst(l, wide ? "cmov.q" : "cmov.l", [d, y, one]).cc = Cc.e;
  return d;
}

function divideByConstant(l: Lowering, op: number, wide: boolean, x: number, c: I64): void {
  const d = resultVreg(l, 0);
  const left = useValue(l, x);
  const signed = op === Op.sdiv || op === Op.srem;
  const isRem = op === Op.srem || op === Op.urem;
  const k = powerOfTwo(c, wide);
  if (k >= 0 && op === Op.urem) {
    maskLow(l, d, left, c, wide);
    return;
  }
  const quotient = isRem ? newVreg(l.code, 0) : d;
  if (k === 0) {
    if (isRem) addMachInst(l, "mov.l.i", [d]);
    else addMachInst(l, wide ? "mov.q" : "mov.l", [d, left]);
    return;
  }
  if (k > 0 && !signed) addMachInst(l, wide ? "shr.q.i" : "shr.l.i", [quotient, left]).imm = k;
  else if (k > 0 && ltI64(i64From(0), c)) signedPower(l, quotient, left, k, wide);
  else if (signed) signedMagic(l, quotient, left, c, wide);
  else unsignedMagic(l, quotient, left, c, wide);
  if (isRem) subtractProduct(l, d, left, quotient, c, wide);
}

/** d = x & (c - 1). */
function maskLow(l: Lowering, d: number, x: number, c: I64, wide: boolean): void {
  const mask = subI64(c, i64From(1));
  const size = wide ? ".q" : ".l";
  if (!wide || fitsI32(mask)) addMachInst(l, "and" + size + ".i", [d, x]).imm = lowI32(mask);
  else addMachInst(l, "and" + size, [d, x, lowerX64Constant(l, 0, false, mask)]);
}

/** d = x - q * c. */
function subtractProduct(l: Lowering, d: number, x: number, q: number, c: I64, wide: boolean): void {
  const size = wide ? ".q" : ".l";
  const product = newVreg(l.code, 0);
  const k = powerOfTwo(c, wide);
  if (k >= 0) addMachInst(l, "shl" + size + ".i", [product, q]).imm = k;
  else if (!wide || fitsI32(c)) addMachInst(l, "imul" + size + ".i", [product, q]).imm = lowI32(c);
  else addMachInst(l, "imul" + size, [product, q, lowerX64Constant(l, 0, false, c)]);
  addMachInst(l, "sub" + size, [d, x, product]);
}

/** d = x / 2^k towards zero: a negative x gets 2^k - 1 first. */
function signedPower(l: Lowering, d: number, x: number, k: number, wide: boolean): void {
  const size = wide ? ".q" : ".l";
  const bits = wide ? 64 : 32;
  let sign = x;
  if (k > 1) {
    sign = newVreg(l.code, 0);
    addMachInst(l, "sar" + size + ".i", [sign, x]).imm = k - 1;
  }
  const bias = newVreg(l.code, 0);
  const sum = newVreg(l.code, 0);
  addMachInst(l, "shr" + size + ".i", [bias, sign]).imm = bits - k;
  addMachInst(l, "add" + size, [sum, bias, x]);
  addMachInst(l, "sar" + size + ".i", [d, sum]).imm = k;
}

/** The multiplier and shift of an unsigned division: floor(2^(bits+shift) / c) + 1, the least shift that works. */
interface Magic {
  factor: I128;
  shift: number;
}

/** For dividends under 2^bits: exact when c - 2^(bits+shift) % c is at most 2^shift. */
function unsignedMagicOf(c: I128, bits: number): Magic {
  let shift = 0;
  let power = shlI128(i128From(1), bits);
  while (compareI128(subI128(c, remI128(power, c)), shlI128(i128From(1), shift)) > 0) {
    shift += 1;
    power = mulI128(power, i128From(2));
  }
  return { factor: addI128(divI128(power, c), i128From(1)), shift: shift };
}

function unsignedMagic(l: Lowering, d: number, x: number, c: I64, wide: boolean): void {
  if (wide) {
    wideUnsignedMagic(l, d, x, c);
    return;
  }
  const m = unsignedMagicOf(andI128(i128FromI64(c), subI128(shlI128(i128From(1), 32), i128From(1))), 32);
  const extended = newVreg(l.code, 0);
  addMachInst(l, "mov.l", [extended, x]);
  const low = newVreg(l.code, 0);
  const product = newVreg(l.code, 0);
  if (compareI128(m.factor, shlI128(i128From(1), 32)) < 0) {
    addMachInst(l, "imul.q", [product, extended, lowerX64Constant(l, 0, false, lowI64(m.factor))]);
    addMachInst(l, "shr.q.i", [d, product]).imm = 32 + m.shift;
    return;
  }
  addMachInst(l, "imul.q", [product, extended, lowerX64Constant(l, 0, false, lowI64(subI128(m.factor, shlI128(i128From(1), 32))))]);
  addMachInst(l, "shr.q.i", [low, product]).imm = 32;
  averageShift(l, d, low, extended, m.shift, false);
}

/** d = (low + x) >> shift where the sum has one bit more: ((x - low) / 2 + low) >> (shift - 1). */
function averageShift(l: Lowering, d: number, low: number, x: number, shift: number, wide: boolean): void {
  const size = wide ? ".q" : ".l";
  const difference = newVreg(l.code, 0);
  const half = newVreg(l.code, 0);
  const sum = newVreg(l.code, 0);
  addMachInst(l, "sub" + size, [difference, x, low]);
  addMachInst(l, "shr" + size + ".i", [half, difference]).imm = 1;
  addMachInst(l, "add" + size, [sum, half, low]);
  addMachInst(l, "shr" + size + ".i", [d, sum]).imm = shift - 1;
}

function wideUnsignedMagic(l: Lowering, d: number, x: number, c: I64): void {
  const magic = wideMagic(i128FromU64(c));
  const factor = lowerX64Constant(l, 0, false, magic.factor);
  const high = newVreg(l.code, 0);
  addMachInst(l, "mul.q", [high, newVreg(l.code, 0), factor, x]);
  if (magic.extra) averageShift(l, d, high, x, magic.shift, true);
  else addMachInst(l, "shr.q.i", [d, high]).imm = magic.shift;
}

/** A 64-bit multiplier; extra when 2^64 is to be added to it. */
interface WideMagic {
  factor: I64;
  shift: number;
  extra: boolean;
}

/**
 * The least shift s such that f = floor(2^(64+s) / c) + 1 divides every 64-bit value exactly. 2^(64+s) does not
 * fit in 128 signed bits for the largest s, so quotient and remainder are built up bit by bit.
 */
function wideMagic(c: I128): WideMagic {
  const one = i128From(1);
  const power64 = shlI128(one, 64);
  let quotient = divI128(power64, c);
  let rest = remI128(power64, c);
  let shift = 0;
  while (compareI128(subI128(c, rest), shlI128(one, shift)) > 0) {
    quotient = mulI128(quotient, i128From(2));
    rest = mulI128(rest, i128From(2));
    if (compareI128(rest, c) >= 0) {
      rest = subI128(rest, c);
      quotient = addI128(quotient, one);
    }
    shift += 1;
  }
  const factor = addI128(quotient, one);
  return { factor: lowI64(factor), shift: shift, extra: compareI128(factor, power64) >= 0 };
}

/** The least shift s from 1 and the factor floor(2^(bits+s) / |c|) + 1 that divide all of bits and a sign exactly. */
function signedMagicOf(c: I128, bits: number): Magic {
  const one = i128From(1);
  const size = compareI128(c, i128From(0)) < 0 ? subI128(i128From(0), c) : c;
  let shift = 1;
  let power = shlI128(one, bits + 1);
  while (compareI128(subI128(size, remI128(power, size)), shlI128(one, shift)) > 0) {
    shift += 1;
    power = mulI128(power, i128From(2));
  }
  return { factor: addI128(divI128(power, size), one), shift: shift };
}

function signedMagic(l: Lowering, d: number, x: number, c: I64, wide: boolean): void {
  const bits = wide ? 64 : 32;
  const m = signedMagicOf(i128FromI64(c), bits - 1);
  const negative = ltI64(c, i64From(0));
  const high = wide ? signedHigh64(l, x, m) : signedHigh32(l, x, m);
  const size = wide ? ".q" : ".l";
  const sign = newVreg(l.code, 0);
  addMachInst(l, "sar" + size + ".i", [sign, x]).imm = bits - 1;
  addMachInst(l, "sub" + size, [d, negative ? sign : high, negative ? high : sign]);
}

/** floor(x * factor / 2^(31 + shift)): the product of a 32-bit and a 33-bit value fits in 64 bits. */
function signedHigh32(l: Lowering, x: number, m: Magic): number {
  const extended = newVreg(l.code, 0);
  const product = newVreg(l.code, 0);
  const high = newVreg(l.code, 0);
  addMachInst(l, "movsxd.q.l", [extended, x]);
  const factor = lowI64(m.factor);
  if (fitsI32(factor)) addMachInst(l, "imul.q.i", [product, extended]).imm = lowI32(factor);
  else addMachInst(l, "imul.q", [product, extended, lowerX64Constant(l, 0, false, factor)]);
  addMachInst(l, "sar.q.i", [high, product]).imm = 31 + m.shift;
  return high;
}

/** floor(x * factor / 2^(63 + shift)); a factor of 2^63 and more is taken less 2^64, and x added again. */
function signedHigh64(l: Lowering, x: number, m: Magic): number {
  const factor = lowI64(m.factor);
  let high = newVreg(l.code, 0);
  addMachInst(l, "imul.q.wide", [high, newVreg(l.code, 0), lowerX64Constant(l, 0, false, factor), x]);
  if (ltI64(factor, i64From(0))) {
    const sum = newVreg(l.code, 0);
    addMachInst(l, "add.q", [sum, high, x]);
    high = sum;
  }
  if (m.shift === 1) return high;
  const shifted = newVreg(l.code, 0);
  addMachInst(l, "sar.q.i", [shifted, high]).imm = m.shift - 1;
  return shifted;
}
