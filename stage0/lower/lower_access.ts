// Parts of values, slices, addresses and weak reads.
// In -> out: nodes that take something out of a value which is no place, slice something, point at a place, or
// read a weak reference, to values. A part of a value is owned as the value is; slices and addresses keep alive what
// they point into, because any address into a counted object counts for it.

import { bug } from "../base/bug.ts";
import { lowI64 } from "../base/int128.ts";
import { i64From } from "../base/int64.ts";
import { TOp, type TNode } from "../check/tree.ts";
import { Kind, TypeId } from "../check/types.ts";
import { emitIconst, emitValue } from "../ssa/builder.ts";
import { Op, Type } from "../ssa/ops.ts";
import { addOffset, pinVal } from "./counting.ts";
import { Rt } from "./data.ts";
import { addressedPlace } from "./held.ts";
import { isNullable } from "./layout.ts";
import { lowerBorrowed, lowerExpr } from "./lower_expr.ts";
import { readBits } from "./packed.ts";
import { addressOfPlace, bitsOf, checkIndex, checkPresent, elementAddress, emitCheck, emitPlacedCheck, firstLeafOf, isPlace, isWide, lowerIndex, lowerPlace, memoryPlace, pinPlace, type Place, readPlace, somePlace, toAddress, variantPlace } from "./place.ts";
import { type FuncState, flatVal, layout, nodeOf, Own, scalarOf, typeInfo, type Val } from "./state.ts";
import { callRuntime } from "./runtime_call.ts";

/** field, index, unwrap, union_payload of a value that is no place; union_tag and len of anything. */
export function lowerElement(fs: FuncState, id: number): Val {
  const n = nodeOf(fs, id);
  if (n.op === TOp.len) return lenOf(fs, n);
  if (n.op === TOp.union_tag) return tagOf(fs, n);
  const v = n.op === TOp.index ? pinVal(fs, lowerExpr(fs, n.a), fs.effects[n.b]) : lowerBorrowed(fs, n.a);
  fs.b.pos = n.pos;
  if (v.address >= 0) return readPlace(fs, partInMemory(fs, n, v));
  const lay = layout(fs, v.type);
  if (n.op === TOp.field && lay.packed) return readBits(fs, n.type, v, lay.offsets[n.n]);
  if (n.op === TOp.field) return flatPart(fs, n.type, v, lay.firstLeaf[n.n]);
  if (n.op === TOp.unwrap) return unwrapFlat(fs, n, v);
  return bug("no part of this value");
}

/** Leaves of a flat value from `first` on. */
export function flatPart(fs: FuncState, type: number, v: Val, first: number): Val {
  const leaves: number[] = [];
  const count = layout(fs, type).leaves.length;
  for (let k = 0; k < count; k++) leaves.push(v.leaves[first + k]);
  return flatVal(type, leaves, v.own);
}

function unwrapFlat(fs: FuncState, n: TNode, v: Val): Val {
  if (isNullable(fs.l.program.types, n.type)) {
    const zero = emitIconst(fs.b, fs.l.pointer, i64From(0));
    checkPresent(fs, emitValue(fs.b, Op.ne, fs.l.pointer, [v.leaves[0], zero], Type.i32), n.pos);
    return flatPart(fs, n.type, v, 0);
  }
  checkPresent(fs, v.leaves[0], n.pos);
  return flatPart(fs, n.type, v, 1);
}

/** A value in memory as a place. */
export function placeOfVal(v: Val): Place {
  return memoryPlace(v.type, v.address, v.own, v);
}

function partInMemory(fs: FuncState, n: TNode, v: Val): Place {
  const whole = placeOfVal(v);
  const lay = layout(fs, v.type);
  if (n.op === TOp.field && lay.packed) return bitsOf(whole, n.type, lay.offsets[n.n]);
  if (n.op === TOp.field) return memoryPlace(n.type, addOffset(fs, v.address, lay.offsets[n.n]), v.own, v);
  if (n.op === TOp.unwrap) {
    checkPresent(fs, firstLeafOf(fs, whole), n.pos);
    return somePlace(fs, whole);
  }
  if (n.op === TOp.index) {
    const at = lowerIndex(fs, n.b);
    checkIndex(fs, at, emitIconst(fs.b, Type.i64, i64From(typeInfo(fs, v.type).len)), isWide(fs, n.b), n.pos);
    return memoryPlace(n.type, elementAddress(fs, v.address, at, n.type), v.own, v);
  }
  const field = typeInfo(fs, v.type).fields[n.n];
  const tag = firstLeafOf(fs, whole);
  const type = fs.b.func.valueType[tag];
  emitCheck(fs, emitValue(fs.b, Op.eq, type, [tag, emitIconst(fs.b, type, lowI64(field.value))], Type.i32), "wrong variant", n.pos);
  return variantPlace(fs, whole, n.type);
}

/** The place of a place node, or of a value that lies in memory or was put there. */
export function lowerSubject(fs: FuncState, id: number): Place {
  if (isPlace(fs, id)) return lowerPlace(fs, id);
  return placeOfVal(lowerBorrowed(fs, id));
}

function lenOf(fs: FuncState, n: TNode): Val {
  const v = lowerBorrowed(fs, n.a);
  return flatVal(n.type, [v.leaves[1]], Own.stable);
}

function tagOf(fs: FuncState, n: TNode): Val {
  if (isPlace(fs, n.a)) return flatVal(n.type, [firstLeafOf(fs, lowerPlace(fs, n.a))], Own.stable);
  const v = lowerBorrowed(fs, n.a);
  return flatVal(n.type, [v.address >= 0 ? firstLeafOf(fs, placeOfVal(v)) : v.leaves[0]], Own.stable);
}

/** a[b:c]. */
export function lowerSlice(fs: FuncState, n: TNode): Val {
  const kind = typeInfo(fs, nodeOf(fs, n.a).type).kind;
  let effect = n.b >= 0 ? fs.effects[n.b] : 0;
  if (n.c >= 0 && fs.effects[n.c] > effect) effect = fs.effects[n.c];
  let base = -1;
  let len = -1;
  let own = Own.stable;
  if (kind === Kind.array) {
    const place = addressedPlace(fs, n);
    pinPlace(fs, place, effect);
    base = addOffset(fs, place.address, place.offset);
    len = emitIconst(fs.b, Type.i64, i64From(typeInfo(fs, place.type).len));
    if (place.base !== null) own = place.base.own;
  } else {
    const v = pinVal(fs, lowerExpr(fs, n.a), effect);
    base = v.leaves[0];
    len = v.leaves[1];
    own = v.own;
  }
  const from = n.b >= 0 ? lowerIndex(fs, n.b) : emitIconst(fs.b, Type.i64, i64From(0));
  const to = n.c >= 0 ? lowerIndex(fs, n.c) : len;
  fs.b.pos = n.pos;
  checkSlice(fs, from, to, len, n);
  const size = emitValue(fs.b, Op.isub, Type.i64, [to, from], Type.i64);
  return flatVal(n.type, [elementAddress(fs, base, from, elementType(fs, n.type)), size], own);
}

/** The element of a slice, string (u8) or array type. */
export function elementType(fs: FuncState, type: number): number {
  const info = typeInfo(fs, type);
  return info.kind === Kind.string ? TypeId.u8 : info.elem;
}

function checkSlice(fs: FuncState, from: number, to: number, len: number, n: TNode): void {
  if (fs.l.unchecked) return;
  const inside = emitValue(fs.b, Op.ule, Type.i64, [to, len], Type.i32);
  const ordered = emitValue(fs.b, Op.ule, Type.i64, [from, to], Type.i32);
  const ok = emitValue(fs.b, Op.band, Type.i32, [inside, ordered], Type.i32);
  const wide = (isWide(fs, n.b) ? 1 : 0) + (isWide(fs, n.c) ? 2 : 0);
  if (wide === 0) emitPlacedCheck(fs, ok, Rt.panic_slice, [from, to, len], n.pos);
  else emitPlacedCheck(fs, ok, Rt.panic_slice_u64, [from, to, len, emitIconst(fs.b, Type.i64, i64From(wide))], n.pos);
}

/** &place. */
export function lowerAddress(fs: FuncState, n: TNode): Val {
  return addressOfPlace(fs, addressedPlace(fs, n), n.type);
}

/** The object of a weak reference, if it is still there: owned. */
export function lowerWeak(fs: FuncState, n: TNode): Val {
  const v = lowerBorrowed(fs, n.a);
  fs.b.pos = n.pos;
  return readWeakVal(fs, v, n.type);
}

/** What a weak reference reads as, of a type: owned. */
export function readWeakVal(fs: FuncState, v: Val, type: number): Val {
  return flatVal(type, [toAddress(fs, callRuntime(fs, Rt.weak_load, [scalarOf(v)])[0])], Own.owned);
}
