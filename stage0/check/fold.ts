// Folding: operators on constants, computed as the program would compute them.
// In -> out: an operator and one or two constant nodes, to a constant node, or -1 to leave it to run time. Untyped
// integers are exact within 128 bits; typed ones wrap at their width. Floats fold by their bits; nothing with a
// NaN is folded. Division by zero of constants is an error.

import { addI128, andI128, compareI128, divI128, fitsBits, fitsI128, type I128, i128From, i128FromI64, i128FromU64, i32FromI128, lowI64, mulI128, orI128, remI128, sarI128, shlI128, subI128, xorI128 } from "../base/int128.ts";
import { addI64, arithF32, arithF64, compareF32, compareF64, type I64, joinI64, mulI64, shlI64, signExtendI64, subI64, xorI64, zeroExtendI64 } from "../base/int64.ts";
import { Oper } from "../syntax/token.ts";
import { addTNode, checkError, type CheckState, nodeType, treeNode } from "./checker.ts";
import { Bin, Cmp, newTNode, type TNode, TOp } from "./tree.ts";
import { Kind, type TypeInfo, TypeId } from "./types.ts";

/** The tree's operator for an operator of the syntax, or -1. */
export function binOf(oper: number): number {
  switch (oper) {
    case Oper.add: case Oper.add_wrap: return Bin.add;
    case Oper.sub: case Oper.sub_wrap: return Bin.sub;
    case Oper.mul: case Oper.mul_wrap: return Bin.mul;
    case Oper.div: return Bin.div;
    case Oper.rem: return Bin.rem;
    case Oper.shl: return Bin.shl;
    case Oper.shr: return Bin.shr;
    case Oper.bit_and: return Bin.and;
    case Oper.bit_or: return Bin.or;
    case Oper.bit_xor: return Bin.xor;
    default: return -1;
  }
}

/** The tree's comparison for an operator of the syntax, or -1. */
export function cmpOf(oper: number): number {
  return oper >= Oper.eq && oper <= Oper.ge ? oper - Oper.eq : -1;
}

/** The integer or float type that a type computes in: itself, or what it is distinct from. */
export function baseInfo(f: CheckState, type: number): TypeInfo {
  let info = f.c.types.list[type];
  while (info.kind === Kind.distinct) info = f.c.types.list[info.elem];
  return info;
}

/** An arithmetic operator on two constants of one type (shift counts of any); -1 when it is not folded. */
export function foldOperator(f: CheckState, bin: number, a: number, b: number, type: number, pos: number): number {
  const x = treeNode(f, a);
  const y = treeNode(f, b);
  const info = baseInfo(f, type);
  if (x.op === TOp.const_float && y.op === TOp.const_float) return foldFloats(f, bin, x, y, type, info, pos);
  if (x.op !== TOp.const_int || y.op !== TOp.const_int) return -1;
  if ((bin === Bin.div || bin === Bin.rem) && compareI128(y.value, i128From(0)) === 0) {
    checkError(f, pos, "division-by-zero", "division of constants by zero");
    return addTNode(f, newTNode(TOp.nothing, TypeId.invalid, pos));
  }
  const untyped = info.kind === Kind.untyped_int;
  const value = untyped ? foldUntyped(bin, x.value, y.value) : foldTyped(bin, x.value, y.value, info);
  if (untyped && !fitsI128(value)) {
    checkError(f, pos, "number-too-large", "an integer constant must fit in 128 bits with sign");
    return addTNode(f, newTNode(TOp.nothing, TypeId.invalid, pos));
  }
  // MIN / -1 panics at run time.
  if (!untyped && bin === Bin.div && !fitsBits(value, info.bits, info.signed)) return -1;
  const node = newTNode(TOp.const_int, type, pos);
  node.value = value;
  return addTNode(f, node);
}

function foldUntyped(bin: number, x: I128, y: I128): I128 {
  switch (bin) {
    case Bin.add: return addI128(x, y);
    case Bin.sub: return subI128(x, y);
    case Bin.mul: return mulI128(x, y);
    case Bin.div: return divI128(x, y);
    case Bin.rem: return remI128(x, y);
    case Bin.shl: return shlI128(x, i32FromI128(y));
    case Bin.shr: return sarI128(x, i32FromI128(y));
    case Bin.and: return andI128(x, y);
    case Bin.or: return orI128(x, y);
    default: return xorI128(x, y);
  }
}

/** Wraps at the width of the type: the low 64 bits are enough for all but division and right shifts. */
function foldTyped(bin: number, x: I128, y: I128, info: TypeInfo): I128 {
  switch (bin) {
    case Bin.add: return wrapInt(addI64(lowI64(x), lowI64(y)), info);
    case Bin.sub: return wrapInt(subI64(lowI64(x), lowI64(y)), info);
    case Bin.mul: return wrapInt(mulI64(lowI64(x), lowI64(y)), info);
    case Bin.shl: return wrapInt(shlI64(lowI64(x), i32FromI128(y)), info);
    default: return foldUntyped(bin, x, y);
  }
}

/** The value of a type whose low bits these are. */
export function wrapInt(v: I64, info: TypeInfo): I128 {
  return info.signed ? i128FromI64(signExtendI64(v, info.bits)) : i128FromU64(zeroExtendI64(v, info.bits));
}

function foldFloats(f: CheckState, bin: number, x: TNode, y: TNode, type: number, info: TypeInfo, pos: number): number {
  const single = info.kind === Kind.float && info.bits === 32;
  if (bin > Bin.div) return -1;
  const bits = single ? arithF32(bin, x.bits, y.bits) : arithF64(bin, x.bits, y.bits);
  if ((single ? compareF32(bits, bits) : compareF64(bits, bits)) === 2) return -1;
  const node = newTNode(TOp.const_float, type, pos);
  node.bits = bits;
  return addTNode(f, node);
}

/** A comparison of two scalar constants of one type; -1 when it is not folded. */
export function foldCompare(f: CheckState, cmp: number, a: number, b: number, pos: number): number {
  const x = treeNode(f, a);
  const y = treeNode(f, b);
  let order = 2;
  if (x.op === TOp.const_int && y.op === TOp.const_int) {
    order = compareI128(x.value, y.value);
  } else if (x.op === TOp.const_float && y.op === TOp.const_float) {
    const info = baseInfo(f, nodeType(f, a));
    order = info.kind === Kind.float && info.bits === 32 ? compareF32(x.bits, y.bits) : compareF64(x.bits, y.bits);
  } else if (x.op === TOp.const_string && y.op === TOp.const_string && (cmp === Cmp.eq || cmp === Cmp.ne)) {
    order = f.c.strings[x.n] === f.c.strings[y.n] ? 0 : 1;
  }
  if (order === 2) return -1;
  let holds = false;
  switch (cmp) {
    case Cmp.eq: holds = order === 0; break;
    case Cmp.ne: holds = order !== 0; break;
    case Cmp.lt: holds = order < 0; break;
    case Cmp.le: holds = order <= 0; break;
    case Cmp.gt: holds = order > 0; break;
    default: holds = order >= 0;
  }
  const node = newTNode(TOp.const_int, TypeId.bool, pos);
  node.value = i128From(holds ? 1 : 0);
  return addTNode(f, node);
}

/** The negative of a constant; -1 when it is none. */
export function foldNegation(f: CheckState, a: number, pos: number): number {
  const x = treeNode(f, a);
  const info = baseInfo(f, x.type);
  if (x.op === TOp.const_int) {
    const node = newTNode(TOp.const_int, x.type, pos);
    node.value = info.kind === Kind.untyped_int ? subI128(i128From(0), x.value) : wrapInt(subI64(lowI64(i128From(0)), lowI64(x.value)), info);
    return addTNode(f, node);
  }
  if (x.op !== TOp.const_float) return -1;
  const node = newTNode(TOp.const_float, x.type, pos);
  const single = info.kind === Kind.float && info.bits === 32;
  node.bits = xorI64(x.bits, single ? joinI64(0, -2147483648) : joinI64(-2147483648, 0));
  node.n = x.n;
  node.n2 = x.n2 === 1 ? -1 : 1;
  return addTNode(f, node);
}

/** A constant with all bits inverted; -1 when it is none. */
export function foldInversion(f: CheckState, a: number, pos: number): number {
  const x = treeNode(f, a);
  if (x.op !== TOp.const_int) return -1;
  const info = baseInfo(f, x.type);
  const node = newTNode(TOp.const_int, x.type, pos);
  const flipped = subI128(i128From(-1), x.value);
  node.value = info.kind === Kind.untyped_int ? flipped : wrapInt(lowI64(flipped), info);
  return addTNode(f, node);
}
