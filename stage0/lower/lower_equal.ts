// Equality of values that are not one scalar: strings, slices of integers, optionals, tuples, unions by tag.
// In -> out: an equal node, to an i32. Because inactive payloads are zero, all parts can be compared without branches.

import { i64From } from "../base/int64.ts";
import { type TNode, TOp } from "../check/tree.ts";
import { Kind, readType } from "../check/types.ts";
import { emitIconst, emitValue } from "../ssa/builder.ts";
import { isFloatType, Op, Type } from "../ssa/ops.ts";
import { keepTemp, loadVal, pinVal } from "./counting.ts";
import { Rt } from "./data.ts";
import { isNullable } from "./layout.ts";
import { elementType, flatPart, placeOfVal, readWeakVal } from "./lower_access.ts";
import { lowerBorrowed, lowerExpr } from "./lower_expr.ts";
import { firstLeafOf, isPlace, isPresent, lowerPlace } from "./place.ts";
import { type FuncState, flatVal, layout, nodeOf, Own, scalarOf, typeInfo, type Val } from "./state.ts";
import { callRuntime } from "./runtime_call.ts";

/** An equal node. */
export function lowerEqual(fs: FuncState, n: TNode): Val {
  if (typeInfo(fs, nodeOf(fs, n.a).type).kind === Kind.optional) {
    if (nodeOf(fs, n.b).op === TOp.const_zero) return lowerNullTest(fs, n, n.a);
    if (nodeOf(fs, n.a).op === TOp.const_zero) return lowerNullTest(fs, n, n.b);
  }
  const left = pinVal(fs, lowerExpr(fs, n.a), fs.effects[n.b]);
  const right = lowerBorrowed(fs, n.b);
  fs.b.pos = n.pos;
  const same = equalVals(fs, left, right);
  return flatVal(n.type, [n.n === 1 ? isZero(fs, same) : same], Own.stable);
}

/** An optional that is compared with null: its flag says it. */
function lowerNullTest(fs: FuncState, n: TNode, id: number): Val {
  let present = -1;
  if (isPlace(fs, id)) {
    present = isPresent(fs, lowerPlace(fs, id));
  } else {
    const v = lowerBorrowed(fs, id);
    present = v.address >= 0 ? isPresent(fs, placeOfVal(v)) : flagOf(fs, v);
  }
  fs.b.pos = n.pos;
  return flatVal(n.type, [n.n === 1 ? isSet(fs, present) : isZero(fs, present)], Own.stable);
}

/** Not 0 when an optional in registers holds something. */
function flagOf(fs: FuncState, v: Val): number {
  const type = fs.b.func.valueType[v.leaves[0]];
  if (!isNullable(fs.l.program.types, typeInfo(fs, v.type).elem)) return v.leaves[0];
  return emitValue(fs.b, Op.ne, type, [v.leaves[0], emitIconst(fs.b, type, i64From(0))], Type.i32);
}

function isSet(fs: FuncState, value: number): number {
  return emitValue(fs.b, Op.ne, Type.i32, [value, emitIconst(fs.b, Type.i32, i64From(0))], Type.i32);
}

function isZero(fs: FuncState, value: number): number {
  return emitValue(fs.b, Op.eq, Type.i32, [value, emitIconst(fs.b, Type.i32, i64From(0))], Type.i32);
}

/** An i32 that says whether two values of one type are equal. */
export function equalVals(fs: FuncState, left: Val, right: Val): number {
  const info = typeInfo(fs, left.type);
  if (info.kind === Kind.string || info.kind === Kind.slice) return equalBytesOf(fs, left, right);
  if (info.kind === Kind.weak) return equalScalars(fs, readNow(fs, left), readNow(fs, right));
  if (info.kind === Kind.union) return equalScalars(fs, unionTag(fs, left), unionTag(fs, right));
  if (info.kind === Kind.optional && layout(fs, left.type).leaves.length !== 1) return equalParts(fs, left, right, [info.elem], true);
  if (info.kind === Kind.tuple || info.kind === Kind.struct) {
    const types: number[] = [];
    for (const f of info.fields) types.push(f.type);
    return equalParts(fs, left, right, types, false);
  }
  if (left.leaves.length === 0) return emitIconst(fs.b, Type.i32, i64From(1));
  return equalScalars(fs, left.leaves[0], right.leaves[0]);
}

/** The address that a weak reference reads as, held until the statement ends. */
function readNow(fs: FuncState, v: Val): number {
  return scalarOf(keepTemp(fs, readWeakVal(fs, v, readType(fs.l.program.types, v.type))));
}

function unionTag(fs: FuncState, v: Val): number {
  return v.address >= 0 ? firstLeafOf(fs, placeOfVal(v)) : v.leaves[0];
}

function equalScalars(fs: FuncState, left: number, right: number): number {
  const type = fs.b.func.valueType[left];
  return emitValue(fs.b, isFloatType(type) ? Op.feq : Op.eq, type, [left, right], Type.i32);
}

/** Compares content: addresses and lengths in bytes go to the runtime. */
function equalBytesOf(fs: FuncState, left: Val, right: Val): number {
  const size = layout(fs, elementType(fs, left.type)).size;
  const leftLen = byteLen(fs, left.leaves[1], size);
  const rightLen = byteLen(fs, right.leaves[1], size);
  return callRuntime(fs, Rt.bytes_equal, [left.leaves[0], leftLen, right.leaves[0], rightLen])[0];
}

/** A length in elements as a length in bytes, i64. */
export function byteLen(fs: FuncState, len: number, size: number): number {
  if (size === 1) return len;
  return emitValue(fs.b, Op.imul, Type.i64, [len, emitIconst(fs.b, Type.i64, i64From(size))], Type.i64);
}

/** Part by part; an optional's flag comes before its part. */
function equalParts(fs: FuncState, left: Val, right: Val, types: number[], tagged: boolean): number {
  let all = emitIconst(fs.b, Type.i32, i64From(1));
  const lay = layout(fs, left.type);
  if (tagged) all = equalScalars(fs, unionTag(fs, left), unionTag(fs, right));
  for (let k = 0; k < types.length; k++) {
    const first = !lay.flat ? 0 : tagged ? 1 : lay.firstLeaf[k];
    const a = partVal(fs, left, types[k], first, lay.offsets[k]);
    const b = partVal(fs, right, types[k], first, lay.offsets[k]);
    all = emitValue(fs.b, Op.band, Type.i32, [all, equalVals(fs, a, b)], Type.i32);
  }
  return all;
}

function partVal(fs: FuncState, v: Val, type: number, first: number, offset: number): Val {
  if (v.address >= 0) return loadVal(fs, type, v.address, offset, v.own);
  return flatPart(fs, type, v, first);
}
