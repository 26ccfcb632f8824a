// Aggregates and allocation: struct, array, tuple and union literals, closures, new.
// In -> out: a node, to an owned value. A flat literal is its leaves; another is built in a slot, or straight in the
// storage that lowerInto is given, which must be fresh: nothing else may read it until it is whole. Parts that a later one may
// leave behind are held until then.

import { lowI64 } from "../base/int128.ts";
import { maxI32 } from "../base/int32.ts";
import { divI64, i64From, shlI64 } from "../base/int64.ts";
import { TOp, type TNode } from "../check/tree.ts";
import { fnTypeOf, Kind, tupleOf, TypeId } from "../check/types.ts";
import { emitIconst, emitStore, emitSymAddr, emitValue } from "../ssa/builder.ts";
import { Op, Type } from "../ssa/ops.ts";
import { addOffset, keepTemp, newSlot, ownVal, storeVal, zeroMemory, zeroVal } from "./counting.ts";
import { descriptorSym, funcSym, Rt } from "./data.ts";
import { Counted } from "./layout.ts";
import { callFunc } from "./lower_call.ts";
import { lowerExpr, lowerOwned } from "./lower_expr.ts";
import { holdPart, mayLeave, partsToHold, takeParts } from "./parts.ts";
import { storeBits, writeBits } from "./packed.ts";
import { emitPlacedCheck, lowerIndex, toAddress } from "./place.ts";
import { type FuncState, flatVal, type Lower, layout, memoryVal, nodeOf, Own, typeInfo, type Val } from "./state.ts";
import { callRuntime } from "./runtime_call.ts";

/** A literal or allocation node. */
export function lowerAggregate(fs: FuncState, n: TNode): Val {
  switch (n.op) {
    case TOp.make_closure: return makeClosure(fs, n);
    case TOp.new_object: return newObjectOf(fs, n);
    case TOp.new_init: return newInit(fs, n);
    case TOp.new_array: return newArrayOf(fs, n);
  }
  if (layout(fs, n.type).flat) return flatAggregate(fs, n);
  const address = newSlot(fs, n.type);
  buildInto(fs, n, address, 0);
  return memoryVal(n.type, address, Own.owned);
}

function flatAggregate(fs: FuncState, n: TNode): Val {
  const lay = layout(fs, n.type);
  const v = zeroVal(fs, n.type);
  if (n.op === TOp.make_union) {
    v.leaves[0] = emitIconst(fs.b, lay.leaves[0].type, lowI64(typeInfo(fs, n.type).fields[n.n].value));
    if (n.a >= 0) lowerExpr(fs, n.a);
    return v;
  }
  const held = lay.counted ? partsToHold(fs, n.list) : 0;
  const depth = fs.cleanups.length;
  for (let k = 0; k < n.list.length; k++) {
    const part = lowerOwned(fs, n.list[k]);
    if (k < held) holdPart(fs, part);
    if (lay.packed) {
      v.leaves = writeBits(fs, v, lay.offsets[n.list2[k]], part);
      continue;
    }
    const first = lay.firstLeaf[n.op === TOp.make_struct ? n.list2[k] : k];
    for (let j = 0; j < part.leaves.length; j++) v.leaves[first + j] = part.leaves[j];
  }
  if (held > 0) takeParts(fs, depth);
  v.own = Own.owned;
  return v;
}

/** Whether a node is `undefined` of a type without references: whatever lies where it goes may stay. */
export function isUnwritten(fs: FuncState, id: number): boolean {
  const n = nodeOf(fs, id);
  return n.op === TOp.const_zero && n.n === 1 && !layout(fs, n.type).counted;
}

/** Builds the value of a node in fresh storage, which owns it. */
export function lowerInto(fs: FuncState, id: number, address: number, offset: number): void {
  const n = nodeOf(fs, id);
  if (isUnwritten(fs, id)) return;
  if (n.op === TOp.const_zero && !layout(fs, n.type).flat) {
    zeroMemory(fs, address, offset, layout(fs, n.type).size);
    return;
  }
  const literal = n.op === TOp.make_struct || n.op === TOp.make_array || n.op === TOp.make_tuple || n.op === TOp.make_union;
  if (literal && !layout(fs, n.type).flat) {
    buildInto(fs, n, address, offset);
  } else {
    storeVal(fs, address, offset, lowerOwned(fs, id));
  }
}

function buildInto(fs: FuncState, n: TNode, address: number, offset: number): void {
  const lay = layout(fs, n.type);
  const info = typeInfo(fs, n.type);
  if (n.op === TOp.make_array) {
    buildParts(fs, n, address, offset);
    return;
  }
  if (n.op === TOp.make_union) {
    if (n.a < 0 || lay.counted || !isUnwritten(fs, n.a)) zeroMemory(fs, address, offset, lay.size);
    const tag = layout(fs, info.elem).leaves[0];
    emitStore(fs.b, tag.store, address, emitIconst(fs.b, tag.type, lowI64(info.fields[n.n].value)), i64From(offset));
    if (n.a >= 0) lowerInto(fs, n.a, address, offset + lay.offsets[0]);
    return;
  }
  if (lay.packed) {
    zeroMemory(fs, address, offset, lay.size);
    fillBits(fs, n, address, offset);
    return;
  }
  zeroAround(fs, n, address, offset);
  buildParts(fs, n, address, offset);
}

/** Puts elements or fields where they belong. */
function buildParts(fs: FuncState, n: TNode, address: number, offset: number): void {
  const lay = layout(fs, n.type);
  const info = typeInfo(fs, n.type);
  const size = n.op === TOp.make_array ? layout(fs, info.elem).size : 0;
  const held = lay.counted ? partsToHold(fs, n.list) : 0;
  const depth = fs.cleanups.length;
  for (let k = 0; k < n.list.length; k++) {
    const at = n.op === TOp.make_array ? k * size : lay.offsets[n.op === TOp.make_struct ? n.list2[k] : k];
    lowerInto(fs, n.list[k], address, offset + at);
    if (k < held) holdPart(fs, memoryVal(nodeOf(fs, n.list[k]).type, addOffset(fs, address, offset + at), Own.owned));
  }
  if (held > 0) takeParts(fs, depth);
}

/** Puts the fields of a packed struct into its storage. */
function fillBits(fs: FuncState, n: TNode, address: number, offset: number): void {
  const lay = layout(fs, n.type);
  for (let k = 0; k < n.list.length; k++) storeBits(fs, address, offset, lay.offsets[n.list2[k]], lowerExpr(fs, n.list[k]));
}

/** Fills a struct or tuple with zeros, but for the fields that are left as they are. */
function zeroAround(fs: FuncState, n: TNode, address: number, offset: number): void {
  const lay = layout(fs, n.type);
  const info = typeInfo(fs, n.type);
  const left: boolean[] = [];
  for (let k = 0; k < info.fields.length; k++) left.push(false);
  for (let k = 0; k < n.list.length; k++) left[n.op === TOp.make_struct ? n.list2[k] : k] = isUnwritten(fs, n.list[k]);
  let from = 0;
  for (let k = 0; k < left.length; k++) {
    if (!left[k]) continue;
    zeroMemory(fs, address, offset + from, lay.offsets[k] - from);
    from = lay.offsets[k] + layout(fs, info.fields[k].type).size;
  }
  zeroMemory(fs, address, offset + from, lay.size - from);
}

function newObjectOf(fs: FuncState, n: TNode): Val {
  const elem = typeInfo(fs, n.type).elem;
  const lay = layout(fs, elem);
  const value = nodeOf(fs, n.a);
  // One whose literal may leave is not made before that is whole.
  if (value.op === TOp.make_struct && !lay.flat && !mayLeave(fs, n.a)) {
    fs.b.pos = n.pos;
    const address = allocateObject(fs, elem, true);
    fillObject(fs, value, address);
    return flatVal(n.type, [address], Own.owned);
  }
  const v = lowerOwned(fs, n.a);
  fs.b.pos = n.pos;
  const address = allocateObject(fs, elem, true);
  storeVal(fs, address, 0, v);
  return flatVal(n.type, [address], Own.owned);
}

/** The storage is zeroed already, and owns the object until its literal is whole: fields may panic. */
function fillObject(fs: FuncState, n: TNode, address: number): void {
  const lay = layout(fs, n.type);
  if (lay.packed) {
    fillBits(fs, n, address, 0);
    return;
  }
  for (let k = 0; k < n.list.length; k++) lowerInto(fs, n.list[k], address, lay.offsets[n.list2[k]]);
}

/** A zeroed object of a type, with one byte more where the address behind it may be one of a part of it. */
export function allocateObject(fs: FuncState, type: number, isObject: boolean): number {
  const lay = layout(fs, type);
  const descriptor = emitSymAddr(fs.b, descriptorSym(fs.l, type, isObject), 0);
  const size = lay.size + (lay.open ? 1 : 0);
  return toAddress(fs, callRuntime(fs, Rt.new_object, [descriptor, emitIconst(fs.b, Type.i64, i64From(size))])[0]);
}

function newInit(fs: FuncState, n: TNode): Val {
  const elem = typeInfo(fs, n.type).elem;
  const v = ownVal(fs, lowerExpr(fs, n.a));
  const address = allocateObject(fs, elem, true);
  storeVal(fs, address, 0, v);
  const object = flatVal(n.type, [address], Own.owned);
  keepTemp(fs, callFunc(fs, n.n, n.list, [address], fs.l.program.funcs[n.n].result, n.pos));
  return object;
}

function newArrayOf(fs: FuncState, n: TNode): Val {
  const count = lowerIndex(fs, n.a);
  fs.b.pos = n.pos;
  return newSlice(fs, n.type, count);
}

/** No memory holds an array of two to this power bytes. */
const MAX_ARRAY_BITS = 40;

/** A counted, zeroed array with count (i64) elements; a count that is negative or beyond all memory panics. */
export function newSlice(fs: FuncState, type: number, count: number): Val {
  const elem = typeInfo(fs, type).elem;
  if (!fs.l.unchecked) {
    const most = divI64(shlI64(i64From(1), MAX_ARRAY_BITS), i64From(maxI32(layout(fs, elem).size, 1)));
    emitPlacedCheck(fs, emitValue(fs.b, Op.ule, Type.i64, [count, emitIconst(fs.b, Type.i64, most)], Type.i32), Rt.panic_length, [count], fs.b.pos);
  }
  const open = layout(fs, type).leaves[0].counted >= Counted.array ? 0 : 1;
  const made = callRuntime(fs, Rt.new_array, [emitSymAddr(fs.b, descriptorSym(fs.l, elem, false), 0), count, emitIconst(fs.b, Type.i64, i64From(open))]);
  return flatVal(type, [toAddress(fs, made[0]), count], Own.owned);
}

/** The type of a closure's cell: a tuple of its code address and what it captures. */
export function cellType(l: Lower, captures: number[]): number {
  const parts: number[] = [fnTypeOf(l.program.types, Kind.extern_fn, [], TypeId.void)];
  for (const t of captures) parts.push(t);
  return tupleOf(l.program.types, parts);
}

function makeClosure(fs: FuncState, n: TNode): Val {
  const types: number[] = [];
  for (const c of n.list) types.push(nodeOf(fs, c).type);
  const type = cellType(fs.l, types);
  const lay = layout(fs, type);
  const vals: Val[] = [];
  for (const c of n.list) vals.push(lowerOwned(fs, c));
  fs.b.pos = n.pos;
  const cell = allocateObject(fs, type, false);
  emitStore(fs.b, Op.store, cell, emitSymAddr(fs.b, funcSym(fs.l, n.n), 0), i64From(0));
  for (let k = 0; k < vals.length; k++) storeVal(fs, cell, lay.offsets[k + 1], vals[k]);
  return flatVal(n.type, [cell], Own.owned);
}
