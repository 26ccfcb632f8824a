// Folding of integer operations.
// In -> out: an op, its type and constant operands, to the result's bits, sign-extended from the type's width, as
// iconst holds them. What would trap is left to run time.

import { addI64, andI64, divI64, divU64, eqI64, type I64, i64From, ltI64, ltU64, lowI32, mulI64, orI64, remI64, remU64, sarI64, shlI64, shrU64, signExtendI64, subI64, xorI64, zeroExtendI64 } from "../base/int64.ts";
import type { Folded } from "./pass_fold.ts";
import { Op, Type } from "./ops.ts";

function unknown(): Folded {
  return { known: false, bits: i64From(0) };
}

function known(bits: I64): Folded {
  return { known: true, bits: bits };
}

function flag(b: boolean): Folded {
  return known(i64From(b ? 1 : 0));
}

/** The bits of a value of a type as iconst holds them. */
function inType(type: number, bits: I64): Folded {
  return known(type === Type.i32 ? signExtendI64(bits, 32) : bits);
}

function asUnsigned(type: number, a: I64): I64 {
  return type === Type.i32 ? zeroExtendI64(a, 32) : a;
}

/** An operation on one constant. */
export function foldUnary(op: number, type: number, a: I64): Folded {
  switch (op) {
    case Op.ireduce: return known(signExtendI64(a, 32));
    case Op.sextend: return known(signExtendI64(a, 32));
    case Op.uextend: return known(zeroExtendI64(a, 32));
    case Op.sextend8: return known(signExtendI64(a, 8));
    case Op.sextend16: return known(signExtendI64(a, 16));
    case Op.sextend32: return known(signExtendI64(a, 32));
    case Op.clz: return known(i64From(leadingZeros(asUnsigned(type, a), type === Type.i32 ? 32 : 64)));
    case Op.ctz: return known(i64From(trailingZeros(a, type === Type.i32 ? 32 : 64)));
    case Op.popcnt: return known(i64From(countBits(asUnsigned(type, a))));
  }
  return unknown();
}

function leadingZeros(a: I64, width: number): number {
  let n = 0;
  while (n < width && eqI64(andI64(shrU64(a, width - 1 - n), i64From(1)), i64From(0))) n += 1;
  return n;
}

function trailingZeros(a: I64, width: number): number {
  let n = 0;
  while (n < width && eqI64(andI64(shrU64(a, n), i64From(1)), i64From(0))) n += 1;
  return n;
}

function countBits(a: I64): number {
  let n = 0;
  for (let i = 0; i < 64; i++) if (!eqI64(andI64(shrU64(a, i), i64From(1)), i64From(0))) n += 1;
  return n;
}

/** An operation on two constants. */
export function foldBinary(op: number, type: number, a: I64, b: I64): Folded {
  switch (op) {
    case Op.iadd: return inType(type, addI64(a, b));
    case Op.isub: return inType(type, subI64(a, b));
    case Op.imul: return inType(type, mulI64(a, b));
    case Op.band: return known(andI64(a, b));
    case Op.bor: return known(orI64(a, b));
    case Op.bxor: return known(xorI64(a, b));
    case Op.sdiv:
    case Op.udiv:
    case Op.srem:
    case Op.urem: return foldDivision(op, type, a, b);
    case Op.ishl:
    case Op.sshr:
    case Op.ushr:
    case Op.rotl:
    case Op.rotr: return foldShift(op, type, a, lowI32(b));
  }
  return foldCompare(op, type, a, b);
}

function foldDivision(op: number, type: number, a: I64, b: I64): Folded {
  const zero = i64From(0);
  if (eqI64(b, zero)) return unknown();
  const width = type === Type.i32 ? 32 : 64;
  const least = signExtendI64(shlI64(i64From(1), width - 1), width);
  if (eqI64(b, i64From(-1)) && eqI64(a, least)) return op === Op.srem ? known(zero) : op === Op.sdiv ? unknown() : unsignedDivision(op, type, a, b);
  if (op === Op.sdiv) return inType(type, divI64(a, b));
  if (op === Op.srem) return inType(type, remI64(a, b));
  return unsignedDivision(op, type, a, b);
}

function unsignedDivision(op: number, type: number, a: I64, b: I64): Folded {
  const x = asUnsigned(type, a);
  const y = asUnsigned(type, b);
  return inType(type, op === Op.udiv ? divU64(x, y) : remU64(x, y));
}

function foldShift(op: number, type: number, a: I64, count: number): Folded {
  const width = type === Type.i32 ? 32 : 64;
  const n = count & (width - 1);
  const x = asUnsigned(type, a);
  switch (op) {
    case Op.ishl: return inType(type, shlI64(a, n));
    case Op.sshr: return inType(type, sarI64(a, n));
    case Op.ushr: return inType(type, shrU64(x, n));
    case Op.rotl: return inType(type, n === 0 ? a : orI64(shlI64(x, n), shrU64(x, width - n)));
  }
  return inType(type, n === 0 ? a : orI64(shrU64(x, n), shlI64(x, width - n)));
}

function foldCompare(op: number, type: number, a: I64, b: I64): Folded {
  const x = asUnsigned(type, a);
  const y = asUnsigned(type, b);
  switch (op) {
    case Op.eq: return flag(eqI64(a, b));
    case Op.ne: return flag(!eqI64(a, b));
    case Op.slt: return flag(ltI64(a, b));
    case Op.sle: return flag(!ltI64(b, a));
    case Op.sgt: return flag(ltI64(b, a));
    case Op.sge: return flag(!ltI64(a, b));
    case Op.ult: return flag(ltU64(x, y));
    case Op.ule: return flag(!ltU64(y, x));
    case Op.ugt: return flag(ltU64(y, x));
    case Op.uge: return flag(!ltU64(x, y));
  }
  return unknown();
}
