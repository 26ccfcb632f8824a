// Builtins that are not folded by the checker.
// In -> out: a builtin node, to its value. Most are one instruction; the rest call the runtime.

import { bug } from "../base/bug.ts";
import { i64From, joinI64, shlI64 } from "../base/int64.ts";
import { Builtin, Cmp, type TNode } from "../check/tree.ts";
import { Kind, type TypeInfo, TypeId } from "../check/types.ts";
import { emitFconst, emitIconst, emitInst, emitSymAddr, emitTrap, emitValue } from "../ssa/builder.ts";
import { isFloatType, Op, Type } from "../ssa/ops.ts";
import { addressConst, pinVal, uniqueRoutines } from "./counting.ts";
import { nameTableLen, nameTableSym, panicText, Rt, runtimeSym, textSym } from "./data.ts";
import { Counted } from "./layout.ts";
import { newSlice } from "./lower_aggregate.ts";
import { truncateInt, widenTo64 } from "./lower_convert.ts";
import { cutBits, integerCompare, integerInfo, leastOf, lowerBorrowed, lowerExpr, lowerScalar, normalize } from "./lower_expr.ts";
import { lowerAssertEqual } from "./lower_print.ts";
import { emitAssertion, emitCheck, emitPanic, fromAddress, lowerIndex, toAddress } from "./place.ts";
import { continueUnreachable, emitUnreachable, type FuncState, flatVal, layout, nodeOf, Own, typeInfo, type Val } from "./state.ts";
import { callRuntime } from "./runtime_call.ts";

/** A builtin node. */
export function lowerBuiltin(fs: FuncState, n: TNode): Val {
  switch (n.n) {
    case Builtin.min:
    case Builtin.max: return lowerMinMax(fs, n);
    case Builtin.abs: return lowerAbs(fs, n);
    case Builtin.ctz:
    case Builtin.clz:
    case Builtin.pop_count: return lowerBitCount(fs, n);
    case Builtin.sqrt: return floatUnary(fs, n, Op.fsqrt);
    case Builtin.floor: return floatUnary(fs, n, Op.ffloor);
    case Builtin.ceil: return floatUnary(fs, n, Op.fceil);
    case Builtin.trunc: return floatUnary(fs, n, Op.ftrunc);
    case Builtin.round: return lowerRound(fs, n);
    case Builtin.fmin: return floatBinary(fs, n, Op.fmin);
    case Builtin.fmax: return floatBinary(fs, n, Op.fmax);
    case Builtin.add_with_overflow:
    case Builtin.sub_with_overflow:
    case Builtin.mul_with_overflow: return lowerOverflow(fs, n);
    case Builtin.align_cast: return lowerAlign(fs, n);
    case Builtin.tag_name:
    case Builtin.error_name: return nameOfValue(fs, lowerScalar(fs, n.list[0]), nodeOf(fs, n.list[0]).type, n.pos);
  }
  return lowerMemoryBuiltin(fs, n);
}

function lowerMemoryBuiltin(fs: FuncState, n: TNode): Val {
  switch (n.n) {
    case Builtin.alloc: return runtimeCall(fs, n, Rt.alloc);
    case Builtin.realloc: return runtimeCall(fs, n, Rt.realloc);
    case Builtin.dealloc: return runtimeCall(fs, n, Rt.dealloc);
    case Builtin.new_zeroed: return newSlice(fs, n.type, lowerIndex(fs, n.list[0]));
    case Builtin.memcpy: return moveMemory(fs, n);
    case Builtin.memset: return setMemory(fs, n);
    case Builtin.memory_size: return sizeOfMemory(fs, n);
    case Builtin.memory_grow: return growMemory(fs, n);
    case Builtin.string: {
      const address = lowerAddressArg(fs, n.list[0]);
      return flatVal(n.type, [address, lowerIndex(fs, n.list[1])], Own.volatile);
    }
    case Builtin.ptr_of: return scalarOfNode(n, fromAddress(fs, pinVal(fs, lowerExpr(fs, n.list[0]), 0).leaves[0]));
    case Builtin.is_unique: return lowerUniqueness(fs, n);
    case Builtin.own_array: return lowerOwnArray(fs, n);
    case Builtin.trap:
    case Builtin.unreachable:
    case Builtin.panic:
    case Builtin.exit: return lowerEnd(fs, n);
    case Builtin.assert: {
      emitAssertion(fs, lowerScalar(fs, n.list[0]), "assertion failed", n.pos);
      return flatVal(n.type, [], Own.stable);
    }
    case Builtin.assert_eq: return lowerAssertEqual(fs, n);
  }
  return bug("no such builtin");
}

/** @isUnique. The address of a whole object or array leads straight to its count; any other is looked up. */
function lowerUniqueness(fs: FuncState, n: TNode): Val {
  const v = lowerBorrowed(fs, n.list[0]);
  fs.b.pos = n.pos;
  const counted = fs.l.heapCheck ? Counted.any : layout(fs, v.type).leaves[0].counted;
  return scalarOfNode(n, callRuntime(fs, uniqueRoutines[counted], [v.leaves[0]])[0]);
}

/** @isOwnArray: reads the count in front of the first element, in a checked heap too. */
function lowerOwnArray(fs: FuncState, n: TNode): Val {
  const v = lowerBorrowed(fs, n.list[0]);
  fs.b.pos = n.pos;
  const routine = layout(fs, typeInfo(fs, v.type).elem).counted ? Rt.own_array : Rt.own_plain;
  return scalarOfNode(n, callRuntime(fs, routine, [v.leaves[0]])[0]);
}

function scalarOfNode(n: TNode, value: number): Val {
  return flatVal(n.type, [value], Own.stable);
}

function floatUnary(fs: FuncState, n: TNode, op: number): Val {
  const x = lowerScalar(fs, n.list[0]);
  const type = fs.b.func.valueType[x];
  return scalarOfNode(n, emitValue(fs.b, op, type, [x], type));
}

function floatBinary(fs: FuncState, n: TNode, op: number): Val {
  const x = lowerScalar(fs, n.list[0]);
  const y = lowerScalar(fs, n.list[1]);
  const type = fs.b.func.valueType[x];
  return scalarOfNode(n, emitValue(fs.b, op, type, [x, y], type));
}

/** Halves go away from zero: trunc(x + copysign(greatest number under 0.5, x)). */
function lowerRound(fs: FuncState, n: TNode): Val {
  const x = lowerScalar(fs, n.list[0]);
  const type = fs.b.func.valueType[x];
  const half = type === Type.f32 ? i64From(0x3effffff) : joinI64(0x3fdfffff, -1);
  const signed = emitValue(fs.b, Op.fcopysign, type, [emitFconst(fs.b, type, half), x], type);
  const sum = emitValue(fs.b, Op.fadd, type, [x, signed], type);
  return scalarOfNode(n, emitValue(fs.b, Op.ftrunc, type, [sum], type));
}

function lowerMinMax(fs: FuncState, n: TNode): Val {
  const x = lowerScalar(fs, n.list[0]);
  const y = lowerScalar(fs, n.list[1]);
  const type = fs.b.func.valueType[x];
  const isMin = n.n === Builtin.min;
  if (isFloatType(type)) return scalarOfNode(n, emitValue(fs.b, isMin ? Op.fmin : Op.fmax, type, [x, y], type));
  const op = integerCompare(isMin ? Cmp.lt : Cmp.gt, integerInfo(fs, n.type).signed);
  const first = emitValue(fs.b, op, type, [x, y], Type.i32);
  return scalarOfNode(n, emitValue(fs.b, Op.select, type, [first, x, y], type));
}

function lowerAbs(fs: FuncState, n: TNode): Val {
  const x = lowerScalar(fs, n.list[0]);
  const type = fs.b.func.valueType[x];
  if (isFloatType(type)) return scalarOfNode(n, emitValue(fs.b, Op.fabs, type, [x], type));
  const info = integerInfo(fs, n.type);
  if (!info.signed) return scalarOfNode(n, x);
  const zero = emitIconst(fs.b, type, i64From(0));
  const negated = normalize(fs, emitValue(fs.b, Op.isub, type, [zero, x], type), info);
  const isNegative = emitValue(fs.b, Op.slt, type, [x, zero], Type.i32);
  return scalarOfNode(n, emitValue(fs.b, Op.select, type, [isNegative, negated, x], type));
}

/** Counts over the type's own width: narrow values are zero-extended, and a marker bit stops ctz. */
function lowerBitCount(fs: FuncState, n: TNode): Val {
  const x = lowerScalar(fs, n.list[0]);
  const info = integerInfo(fs, nodeOf(fs, n.list[0]).type);
  const type = fs.b.func.valueType[x];
  const spare = (type === Type.i64 ? 64 : 32) - info.bits;
  let bits = cutBits(fs, x, info.bits, false);
  if (n.n === Builtin.ctz && spare > 0) bits = emitValue(fs.b, Op.bor, type, [bits, emitIconst(fs.b, type, shlI64(i64From(1), info.bits))], type);
  const op = n.n === Builtin.ctz ? Op.ctz : n.n === Builtin.clz ? Op.clz : Op.popcnt;
  let count = emitValue(fs.b, op, type, [bits], type);
  if (n.n === Builtin.clz && spare > 0) count = emitValue(fs.b, Op.isub, type, [count, emitIconst(fs.b, type, i64From(spare))], type);
  const target = integerInfo(fs, n.type);
  return scalarOfNode(n, truncateInt(fs, count, target));
}

/** (result, overflowed) as a tuple (T, bool). */
function lowerOverflow(fs: FuncState, n: TNode): Val {
  const x = lowerScalar(fs, n.list[0]);
  const y = lowerScalar(fs, n.list[1]);
  const info = integerInfo(fs, nodeOf(fs, n.list[0]).type);
  const type = fs.b.func.valueType[x];
  const op = n.n === Builtin.add_with_overflow ? Op.iadd : n.n === Builtin.sub_with_overflow ? Op.isub : Op.imul;
  if (info.bits <= 32 || (info.bits < 64 && op !== Op.imul)) {
    const left = widenTo64(fs, x, info);
    const wide = emitValue(fs.b, op, Type.i64, [left, widenTo64(fs, y, info)], Type.i64);
    const low = truncateInt(fs, wide, info);
    const lost = emitValue(fs.b, Op.ne, Type.i64, [widenTo64(fs, low, info), wide], Type.i32);
    return flatVal(n.type, [low, lost], Own.stable);
  }
  if (op === Op.imul) return mulWithOverflow(fs, n, x, y, info);
  const made = emitValue(fs.b, op, type, [x, y], type);
  if (!info.signed) {
    const lost = op === Op.iadd ? emitValue(fs.b, Op.ult, type, [made, x], Type.i32) : emitValue(fs.b, Op.ult, type, [x, y], Type.i32);
    return flatVal(n.type, [made, lost], Own.stable);
  }
  // Signed: the operands' signs (for a difference: x and not y) agree with each other and not with the result's.
  const other = op === Op.iadd ? y : emitValue(fs.b, Op.bxor, type, [y, emitIconst(fs.b, type, i64From(-1))], type);
  const a = emitValue(fs.b, Op.bxor, type, [made, x], type);
  const b = emitValue(fs.b, Op.bxor, type, [made, other], type);
  const sign = emitValue(fs.b, Op.band, type, [a, b], type);
  const lost = emitValue(fs.b, Op.slt, type, [sign, emitIconst(fs.b, type, i64From(0))], Type.i32);
  return flatVal(n.type, [made, lost], Own.stable);
}

/** Products of more than 32 bits: what they lose of 64 bits, and what of those the type does not hold. */
function mulWithOverflow(fs: FuncState, n: TNode, x: number, y: number, info: TypeInfo): Val {
  const made = emitValue(fs.b, Op.imul, Type.i64, [x, y], Type.i64);
  const lost = mulOverflows(fs, x, y, made, info.signed);
  if (info.bits === 64) return flatVal(n.type, [made, lost], Own.stable);
  const low = normalize(fs, made, info);
  const cut = emitValue(fs.b, Op.ne, Type.i64, [low, made], Type.i32);
  return flatVal(n.type, [low, emitValue(fs.b, Op.bor, Type.i32, [lost, cut], Type.i32)], Own.stable);
}

/** Whether x * y, 64 bits wide, lost something: y is not 0 and made / y is not x (or the one signed overflow of that). */
function mulOverflows(fs: FuncState, x: number, y: number, made: number, signed: boolean): number {
  const zero = emitIconst(fs.b, Type.i64, i64From(0));
  const one = emitIconst(fs.b, Type.i64, i64From(1));
  const yZero = emitValue(fs.b, Op.eq, Type.i64, [y, zero], Type.i32);
  if (!signed) {
    const safe = emitValue(fs.b, Op.select, Type.i64, [yZero, one, y], Type.i64);
    const back = emitValue(fs.b, Op.udiv, Type.i64, [made, safe], Type.i64);
    const differs = emitValue(fs.b, Op.ne, Type.i64, [back, x], Type.i32);
    return emitValue(fs.b, Op.select, Type.i32, [yZero, emitIconst(fs.b, Type.i32, i64From(0)), differs], Type.i32);
  }
  const minus = emitValue(fs.b, Op.eq, Type.i64, [y, emitIconst(fs.b, Type.i64, i64From(-1))], Type.i32);
  const special = emitValue(fs.b, Op.bor, Type.i32, [yZero, minus], Type.i32);
  const safe = emitValue(fs.b, Op.select, Type.i64, [special, one, y], Type.i64);
  const back = emitValue(fs.b, Op.sdiv, Type.i64, [made, safe], Type.i64);
  const differs = emitValue(fs.b, Op.ne, Type.i64, [back, x], Type.i32);
  const xLeast = emitValue(fs.b, Op.eq, Type.i64, [x, emitIconst(fs.b, Type.i64, leastOf(64))], Type.i32);
  const minusLost = emitValue(fs.b, Op.band, Type.i32, [minus, xLeast], Type.i32);
  return emitValue(fs.b, Op.select, Type.i32, [special, minusLost, differs], Type.i32);
}

function runtimeCall(fs: FuncState, n: TNode, routine: number): Val {
  const args: number[] = [];
  for (const a of n.list) args.push(lowerIndex(fs, a));
  return flatVal(n.type, callRuntime(fs, routine, args), Own.stable);
}

/** An address given as a pointer or as an integer. */
function lowerAddressArg(fs: FuncState, id: number): number {
  if (integerInfo(fs, nodeOf(fs, id).type).kind === Kind.int) return toAddress(fs, lowerIndex(fs, id));
  return lowerScalar(fs, id);
}

function moveMemory(fs: FuncState, n: TNode): Val {
  const to = lowerAddressArg(fs, n.list[0]);
  const from = lowerAddressArg(fs, n.list[1]);
  const size = toAddress(fs, lowerIndex(fs, n.list[2]));
  emitInst(fs.b, Op.memory_copy, Type.void, [to, from, size]);
  return flatVal(n.type, [], Own.stable);
}

function setMemory(fs: FuncState, n: TNode): Val {
  const to = lowerAddressArg(fs, n.list[0]);
  const byte = emitValue(fs.b, Op.ireduce, Type.i32, [lowerIndex(fs, n.list[1])], Type.i32);
  const size = toAddress(fs, lowerIndex(fs, n.list[2]));
  emitInst(fs.b, Op.memory_fill, Type.void, [to, byte, size]);
  return flatVal(n.type, [], Own.stable);
}

/** Pages in use. */
function sizeOfMemory(fs: FuncState, n: TNode): Val {
  if (!fs.l.wasm) fs.l.module.kept.push(runtimeSym(fs.l, Rt.memory_size));
  return scalarOfNode(n, fromAddress(fs, emitValue(fs.b, Op.memory_size, fs.l.pointer, [], fs.l.pointer)));
}

/** The old size in pages, or -1. On native the instruction becomes a call of the runtime, which has to be there. */
function growMemory(fs: FuncState, n: TNode): Val {
  if (!fs.l.wasm) fs.l.module.kept.push(runtimeSym(fs.l, Rt.memory_grow));
  const pages = toAddress(fs, lowerIndex(fs, n.list[0]));
  const old = emitValue(fs.b, Op.memory_grow, fs.l.pointer, [pages], fs.l.pointer);
  if (fs.l.pointer === Type.i64) return scalarOfNode(n, old);
  return scalarOfNode(n, emitValue(fs.b, Op.sextend, Type.i64, [old], Type.i64));
}

function lowerAlign(fs: FuncState, n: TNode): Val {
  const bytes = lowerIndex(fs, n.list[0]);
  const v = lowerExpr(fs, n.list[1]);
  const mask = emitValue(fs.b, Op.isub, Type.i64, [bytes, emitIconst(fs.b, Type.i64, i64From(1))], Type.i64);
  const low = emitValue(fs.b, Op.band, fs.l.pointer, [v.leaves[0], toAddress(fs, mask)], fs.l.pointer);
  emitCheck(fs, emitValue(fs.b, Op.eq, fs.l.pointer, [low, addressConst(fs, 0)], Type.i32), "misaligned address", n.pos);
  return { type: n.type, leaves: v.leaves, address: v.address, own: v.own };
}

function lowerEnd(fs: FuncState, n: TNode): Val {
  if (n.n === Builtin.panic) {
    const message = lowerExpr(fs, n.list[0]);
    const prefix = panicText(fs.l, n.pos, "");
    const place = emitSymAddr(fs.b, textSym(fs.l, prefix), 0);
    const size = emitIconst(fs.b, Type.i64, i64From(prefix.length));
    callRuntime(fs, Rt.panic_message, [place, size, message.leaves[0], message.leaves[1]]);
  } else if (n.n === Builtin.exit) {
    callRuntime(fs, Rt.exit, [lowerIndex(fs, n.list[0])]);
  } else if (n.n === Builtin.trap && isRuntime(fs)) {
    emitTrap(fs.b, 0);
    continueUnreachable(fs);
    return flatVal(n.type, [], Own.stable);
  } else if (n.n === Builtin.trap) {
    emitPanic(fs, "trap", n.pos);
  } else {
    emitPanic(fs, "unreachable code was reached", n.pos);
  }
  emitUnreachable(fs);
  return flatVal(n.type, [], Own.stable);
}

/** The runtime's own @trap is the bare instruction: it is how a panic ends on Wasm. */
function isRuntime(fs: FuncState): boolean {
  return fs.f.name.slice(0, 7) === "std/rt/";
}

/** The name of an enum value or error, a static string; an enum without that value panics. */
export function nameOfValue(fs: FuncState, value: number, type: number, pos: number): Val {
  const info = integerInfo(fs, type);
  const wide = widenTo64(fs, value, info);
  const table = emitSymAddr(fs.b, nameTableSym(fs.l, type), 0);
  const count = emitIconst(fs.b, Type.i64, i64From(nameTableLen(fs.l, type)));
  if (typeInfo(fs, type).kind === Kind.enum && !fs.l.unchecked) {
    const text = panicText(fs.l, pos, "");
    const place = emitSymAddr(fs.b, textSym(fs.l, text), 0);
    const size = emitIconst(fs.b, Type.i64, i64From(text.length));
    const named = callRuntime(fs, Rt.enum_name, [table, count, wide, place, size]);
    return flatVal(TypeId.string, [toAddress(fs, named[0]), named[1]], Own.owned);
  }
  const r = callRuntime(fs, Rt.find_name, [table, count, wide]);
  return flatVal(TypeId.string, [toAddress(fs, r[0]), r[1]], Own.owned);
}
