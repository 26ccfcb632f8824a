// Folding of float operations.
// In -> out: an op and constant operands as bits, to the result's bits. An operation with a NaN operand or result is
// left to run time, since NaN bits differ between machines.

import { arithF32, arithF64, compareF32, compareF64, eqI64, f32FromF64, f64FromF32, f64FromI64, f64FromU64, type I64, i64From, signExtendI64, sqrtF32, sqrtF64, zeroExtendI64, xorI64, shlI64, andI64, subI64 } from "../base/int64.ts";
import type { Inst } from "./function.ts";
import type { Folded } from "./pass_fold.ts";
import { Op, Type } from "./ops.ts";

/** Whether an op takes or gives floats, so that foldFloat is asked. */
export function isFloatFold(op: number): boolean {
  return (op >= Op.fadd && op <= Op.fge) || (op >= Op.f32_to_sint && op <= Op.float_to_int);
}

function unknown(): Folded {
  return { known: false, bits: i64From(0) };
}

/** Folds; `type` is that of the first operand. */
export function foldFloat(inst: Inst, type: number, a: I64, b: I64): Folded {
  const op = inst.op;
  if (op >= Op.sint32_to_f && op <= Op.uint64_to_f) return foldFromInt(op, inst.type, a);
  if (op === Op.int_to_float || op === Op.float_to_int) return foldCast(op, inst.type, a);
  if (isNan(type, a) || isNan(type, b)) return unknown();
  if (op >= Op.feq && op <= Op.fge) return foldFloatCompare(op, type, a, b);
  switch (op) {
    case Op.fadd: return arith(type, 0, a, b);
    case Op.fsub: return arith(type, 1, a, b);
    case Op.fmul: return arith(type, 2, a, b);
    case Op.fdiv: return arith(type, 3, a, b);
    case Op.fneg: return flipSign(type, a);
    case Op.fsqrt: return checked(type, type === Type.f32 ? sqrtF32(a) : sqrtF64(a));
    case Op.fpromote: return { known: true, bits: f64FromF32(a) };
    case Op.fdemote: return { known: true, bits: f32FromF64(a) };
  }
  return unknown();
}

function checked(type: number, bits: I64): Folded {
  return isNan(type, bits) ? unknown() : { known: true, bits: bits };
}

function arith(type: number, kind: number, a: I64, b: I64): Folded {
  return checked(type, type === Type.f32 ? arithF32(kind, a, b) : arithF64(kind, a, b));
}

function flipSign(type: number, a: I64): Folded {
  return { known: true, bits: xorI64(a, shlI64(i64From(1), type === Type.f32 ? 31 : 63)) };
}

/** All exponent bits set and a fraction that is not 0. */
function isNan(type: number, bits: I64): boolean {
  if (type !== Type.f32 && type !== Type.f64) return false;
  return (type === Type.f32 ? compareF32(bits, bits) : compareF64(bits, bits)) === 2;
}

function foldFromInt(op: number, type: number, a: I64): Folded {
  // From 64 bits to f32 by way of f64 would round twice: only values that f64 holds exactly.
  const unsigned = op === Op.uint32_to_f || op === Op.uint64_to_f;
  const value = op === Op.uint32_to_f ? zeroExtendI64(a, 32) : op === Op.sint32_to_f ? signExtendI64(a, 32) : a;
  const wide = unsigned ? f64FromU64(value) : f64FromI64(value);
  if (type === Type.f64) return { known: true, bits: wide };
  const limit = shlI64(i64From(1), 53);
  const inside = eqI64(andI64(value, subI64(limit, i64From(1))), value);
  return inside ? { known: true, bits: f32FromF64(wide) } : unknown();
}

function foldCast(op: number, type: number, a: I64): Folded {
  if (op === Op.int_to_float) return { known: true, bits: type === Type.f32 ? zeroExtendI64(a, 32) : a };
  return { known: true, bits: type === Type.i32 ? signExtendI64(a, 32) : a };
}

function foldFloatCompare(op: number, type: number, a: I64, b: I64): Folded {
  const order = type === Type.f32 ? compareF32(a, b) : compareF64(a, b);
  let holds = order >= 0;
  if (op === Op.feq) holds = order === 0;
  else if (op === Op.fne) holds = order !== 0;
  else if (op === Op.flt) holds = order < 0;
  else if (op === Op.fle) holds = order <= 0;
  else if (op === Op.fgt) holds = order > 0;
  return { known: true, bits: i64From(holds ? 1 : 0) };
}
