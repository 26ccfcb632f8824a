// Places: what can be read, assigned and pointed at.
// In -> out: a place node, to a Place: some leaves of a local in SSA variables, or an address with a constant
// offset. Checks (index, null, variant) are emitted on the way. `base` is the counted pointer that keeps the memory
// alive, with its ownership, so that a caller that must survive effects can pin it.

import { bug } from "../base/bug.ts";
import { lowI64 } from "../base/int128.ts";
import { i64From } from "../base/int64.ts";
import { TOp, type TNode } from "../check/tree.ts";
import { Kind, TypeId } from "../check/types.ts";
import { defVariable, emitIconst, emitInst, emitLoad, emitSlotAddr, emitSymAddr, emitValue, useVariable } from "../ssa/builder.ts";
import { Op, Type } from "../ssa/ops.ts";
import { addressConst, addOffset, keepTemp, loadVal, newSlot, objectOf, pinVal, readHome, releaseVal, storeVal } from "./counting.ts";
import { globalSym, panicText, Rt, runtimeSym, textSym } from "./data.ts";
import { lowerExpr } from "./lower_expr.ts";
import { isNullable } from "./layout.ts";
import { checkPointer } from "./nulls.ts";
import { loadBits, readBits, storeBits, writeBits } from "./packed.ts";
import { type FuncState, flatVal, layout, memoryVal, nodeOf, Own, scalarOf, typeInfo, type Val } from "./state.ts";
import { callRuntime, runtimeArgs } from "./runtime_call.ts";

export interface Place {
  type: number;
  /** A local in variables, and its first leaf; else -1. */
  local: number;
  firstLeaf: number;
  address: number;
  offset: number;
  /** In a packed struct: the type of the outermost one, which begins there, and the bit in it; else -1. */
  packed: number;
  bit: number;
  /** How a value read from here is owned. */
  own: number;
  /** The value that keeps the memory alive. */
  base: Val | null;
  /** The variant that it lies in, or null. */
  guard: Guard | null;
}

/** A union, which may lie in another one, and the tag that it had. */
export interface Guard {
  whole: Place;
  tag: number;
  pos: number;
}

/** Whether a node is a place (see the table in tree). */
export function isPlace(fs: FuncState, id: number): boolean {
  let at = id;
  while (at >= 0) {
    const n = nodeOf(fs, at);
    if (n.op === TOp.local || n.op === TOp.global || n.op === TOp.deref) return true;
    if (n.op === TOp.index) {
      const kind = typeInfo(fs, nodeOf(fs, n.a).type).kind;
      if (kind === Kind.slice || kind === Kind.string) return true;
    } else if (n.op !== TOp.field && n.op !== TOp.unwrap && n.op !== TOp.union_payload) {
      return false;
    }
    at = n.a;
  }
  return false;
}

/** The place of a place node. */
export function lowerPlace(fs: FuncState, id: number): Place {
  return placeAs(fs, id, false);
}

/** The place of a place node that is used once something else has been evaluated: then its variants are to be checked (checkVariants). */
export function lowerTarget(fs: FuncState, id: number): Place {
  return placeAs(fs, id, true);
}

function placeAs(fs: FuncState, id: number, late: boolean): Place {
  const n = nodeOf(fs, id);
  switch (n.op) {
    case TOp.local: return homePlace(fs, n.n, n.type);
    case TOp.global: return memoryPlace(n.type, emitSymAddr(fs.b, globalSym(fs.l, n.n), 0), Own.volatile, null);
    case TOp.deref: return derefPlace(fs, n);
    case TOp.field: return fieldPlace(fs, n, late);
    case TOp.index: return indexPlace(fs, n, late);
    case TOp.unwrap: return unwrapPlace(fs, n);
    case TOp.union_payload: return payloadPlace(fs, n, late);
  }
  return bug("not a place");
}

/** A place in memory. */
export function memoryPlace(type: number, address: number, own: number, base: Val | null): Place {
  return { type: type, local: -1, firstLeaf: 0, address: address, offset: 0, packed: -1, bit: 0, own: own, base: base, guard: null };
}

/** The place of a local. */
export function homePlace(fs: FuncState, local: number, type: number): Place {
  const home = fs.homes[local];
  if (home.elsewhere) return memoryPlace(type, objectOf(fs, home), home.own, null);
  const p = memoryPlace(type, home.slot < 0 ? -1 : emitSlotAddr(fs.b, home.slot, 0), home.own, null);
  if (home.slot < 0) p.local = local;
  return p;
}

function derefPlace(fs: FuncState, n: TNode): Place {
  const pointer = keepTemp(fs, lowerExpr(fs, n.a));
  fs.b.pos = n.pos;
  checkPointer(fs, n.a, scalarOf(pointer), layout(fs, n.type).size, n.pos);
  return memoryPlace(n.type, scalarOf(pointer), Own.volatile, pointer);
}

/** A part of a place: leaves on from `leaf`, or memory on from `offset`. */
function partOf(p: Place, type: number, leaf: number, offset: number): Place {
  return { type: type, local: p.local, firstLeaf: p.firstLeaf + leaf, address: p.address, offset: p.offset + offset, packed: -1, bit: 0, own: p.own, base: p.base, guard: p.guard };
}

/** A field of a place that is a packed struct, or lies in one. */
export function bitsOf(p: Place, type: number, bit: number): Place {
  const field = partOf(p, type, 0, 0);
  field.packed = p.packed >= 0 ? p.packed : p.type;
  field.bit = p.bit + bit;
  return field;
}

function fieldPlace(fs: FuncState, n: TNode, late: boolean): Place {
  const outer = placeOrValue(fs, n.a, late);
  const lay = layout(fs, outer.type);
  if (lay.packed) return bitsOf(outer, n.type, lay.offsets[n.n]);
  return partOf(outer, n.type, lay.flat ? lay.firstLeaf[n.n] : 0, lay.offsets[n.n]);
}

/** A place, or a value in memory seen as one. */
function placeOrValue(fs: FuncState, id: number, late: boolean): Place {
  if (isPlace(fs, id)) return placeAs(fs, id, late);
  const v = keepTemp(fs, lowerExpr(fs, id));
  if (v.address < 0) return bug("a value in registers is no place");
  return memoryPlace(v.type, v.address, v.own, null);
}

function indexPlace(fs: FuncState, n: TNode, late: boolean): Place {
  const kind = typeInfo(fs, nodeOf(fs, n.a).type).kind;
  const effect = fs.effects[n.b];
  if (kind === Kind.array) {
    const outer = placeOrValue(fs, n.a, late || effect > 0);
    pinPlace(fs, outer, effect);
    const len = typeInfo(fs, outer.type).len;
    const at = lowerIndex(fs, n.b);
    checkIndex(fs, at, emitIconst(fs.b, Type.i64, i64From(len)), isWide(fs, n.b), n.pos);
    const start = addOffset(fs, outer.address, outer.offset);
    if (!late && effect > 0) checkVariants(fs, outer, "wrong variant");
    const p = memoryPlace(n.type, elementAddress(fs, start, at, n.type), outer.own, outer.base);
    p.guard = outer.guard;
    return p;
  }
  const slice = pinVal(fs, lowerExpr(fs, n.a), effect);
  const at = lowerIndex(fs, n.b);
  checkIndex(fs, at, slice.leaves[1], isWide(fs, n.b), n.pos);
  return memoryPlace(n.type, elementAddress(fs, slice.leaves[0], at, n.type), Own.volatile, slice);
}

/** An index or count as i64, whatever its integer type. */
export function lowerIndex(fs: FuncState, id: number): number {
  const v = lowerExpr(fs, id);
  const value = scalarOf(v);
  if (fs.b.func.valueType[value] === Type.i64) return value;
  const signed = typeInfo(fs, v.type).signed;
  return emitValue(fs.b, signed ? Op.sextend : Op.uextend, Type.i64, [value], Type.i64);
}

/** Whether an index or bound (-1: none) may be over 2^63 in its own type, where it is told as such. */
export function isWide(fs: FuncState, id: number): boolean {
  if (id < 0) return false;
  const info = typeInfo(fs, nodeOf(fs, id).type);
  return info.kind === Kind.int && !info.signed && info.bits === 64;
}

/** Panics unless index < len, both i64, index read as unsigned. */
export function checkIndex(fs: FuncState, index: number, len: number, wide: boolean, pos: number): void {
  if (fs.l.unchecked) return;
  const ok = emitValue(fs.b, Op.ult, Type.i64, [index, len], Type.i32);
  emitPlacedCheck(fs, ok, wide ? Rt.panic_index_u64 : Rt.panic_index, [index, len], pos);
}

/** A check that calls a panic routine with values and the place's text. */
export function emitPlacedCheck(fs: FuncState, ok: number, routine: number, values: number[], pos: number): void {
  const text = panicText(fs.l, pos, "");
  emitCheckCall(fs, ok, routine, values, text.slice(0, text.length - 1));
}

/** A check that panics with a message. */
export function emitCheck(fs: FuncState, ok: number, message: string, pos: number): void {
  if (!fs.l.unchecked) emitAssertion(fs, ok, message, pos);
}

/** A check that the program itself asks for, which no option leaves out. */
export function emitAssertion(fs: FuncState, ok: number, message: string, pos: number): void {
  emitCheckCall(fs, ok, Rt.panic, [], panicText(fs.l, pos, message));
}

function emitCheckCall(fs: FuncState, ok: number, routine: number, values: number[], text: string): void {
  const given: number[] = [];
  for (const v of values) given.push(v);
  given.push(emitSymAddr(fs.b, textSym(fs.l, text), 0));
  given.push(emitIconst(fs.b, Type.i64, i64From(text.length)));
  const args: number[] = [ok];
  for (const v of runtimeArgs(fs, routine, given)) args.push(v);
  const inst = emitInst(fs.b, Op.check, Type.void, args);
  fs.b.func.insts[inst].sym = runtimeSym(fs.l, routine);
}

/** Panics with a message, unconditionally. */
export function emitPanic(fs: FuncState, message: string, pos: number): void {
  const text = panicText(fs.l, pos, message);
  callRuntime(fs, Rt.panic, [emitSymAddr(fs.b, textSym(fs.l, text), 0), emitIconst(fs.b, Type.i64, i64From(text.length))]);
}

/** start + index * size of an element. */
export function elementAddress(fs: FuncState, start: number, index: number, type: number): number {
  const size = layout(fs, type).size;
  const wide = toAddress(fs, index);
  const scaled = size === 1 ? wide : emitValue(fs.b, Op.imul, fs.l.pointer, [wide, addressConst(fs, size)], fs.l.pointer);
  return emitValue(fs.b, Op.iadd, fs.l.pointer, [start, scaled], fs.l.pointer);
}

/** An i64 as wide as an address. */
export function toAddress(fs: FuncState, value: number): number {
  if (fs.l.pointer === Type.i64) return value;
  return emitValue(fs.b, Op.ireduce, Type.i32, [value], Type.i32);
}

/** An address as i64. */
export function fromAddress(fs: FuncState, value: number): number {
  if (fs.l.pointer === Type.i64) return value;
  return emitValue(fs.b, Op.uextend, Type.i64, [value], Type.i64);
}

/** The flag is read here, so the variant that it lies in is checked before. */
function unwrapPlace(fs: FuncState, n: TNode): Place {
  const outer = placeOrValue(fs, n.a, false);
  checkPresent(fs, isPresent(fs, outer), n.pos);
  return somePlace(fs, outer);
}

export function checkPresent(fs: FuncState, flag: number, pos: number): void {
  emitCheck(fs, flag, "unwrap of null", pos);
}

/** The payload of an optional place. */
export function somePlace(fs: FuncState, outer: Place): Place {
  const elem = typeInfo(fs, outer.type).elem;
  if (isNullable(fs.l.program.types, elem)) return partOf(outer, elem, 0, 0);
  return partOf(outer, elem, 1, layout(fs, outer.type).offsets[0]);
}

/** The payload of an error union place. */
export function okPlace(fs: FuncState, outer: Place): Place {
  return partOf(outer, typeInfo(fs, outer.type).elem, 1, layout(fs, outer.type).offsets[0]);
}


/** An i32 that is not 0 when an optional place holds something. */
export function isPresent(fs: FuncState, p: Place): number {
  const elem = typeInfo(fs, p.type).elem;
  const flag = firstLeafOf(fs, p);
  if (!isNullable(fs.l.program.types, elem)) return flag;
  return emitValue(fs.b, Op.ne, fs.l.pointer, [flag, addressConst(fs, 0)], Type.i32);
}

/** The tag of an optional, error union or union place: its first leaf. */
export function firstLeafOf(fs: FuncState, p: Place): number {
  if (p.local >= 0) return useVariable(fs.b, fs.homes[p.local].variables[p.firstLeaf]);
  let type = p.type;
  const info = typeInfo(fs, type);
  if (info.kind === Kind.union) type = info.elem;
  else if (info.kind === Kind.error_union) type = TypeId.any_error;
  else if (info.kind === Kind.optional && !isNullable(fs.l.program.types, info.elem)) type = TypeId.bool;
  const leaf = layout(fs, type).leaves[0];
  return emitLoad(fs.b, leaf.load, leaf.type, p.address, i64From(p.offset));
}

function payloadPlace(fs: FuncState, n: TNode, late: boolean): Place {
  const outer = placeOrValue(fs, n.a, late);
  const info = typeInfo(fs, outer.type);
  const tag = emitIconst(fs.b, layout(fs, info.elem).leaves[0].type, lowI64(info.fields[n.n].value));
  const p = guardedPlace(fs, outer, n.type, tag, n.pos);
  if (!late && p.guard !== null) checkVariant(fs, p.guard, "wrong variant");
  return p;
}

/** The payload of a union place, which has a tag. */
export function guardedPlace(fs: FuncState, outer: Place, type: number, tag: number, pos: number): Place {
  const p = variantPlace(fs, outer, type);
  p.guard = { whole: outer, tag: tag, pos: pos };
  return p;
}

/** Panics unless all unions around a place have the variants in which it lies. */
export function checkVariants(fs: FuncState, p: Place, message: string): void {
  let guard = p.guard;
  while (guard !== null) {
    checkVariant(fs, guard, message);
    guard = guard.whole.guard;
  }
}

function checkVariant(fs: FuncState, guard: Guard, message: string): void {
  const tag = firstLeafOf(fs, guard.whole);
  const type = fs.b.func.valueType[tag];
  emitCheck(fs, emitValue(fs.b, Op.eq, type, [tag, guard.tag], Type.i32), message, guard.pos);
}

/** The payload of a union place, whose variant is known. */
export function variantPlace(fs: FuncState, outer: Place, type: number): Place {
  const lay = layout(fs, outer.type);
  return partOf(outer, type, 0, lay.offsets.length > 0 ? lay.offsets[0] : 0);
}

/** What a place holds now. */
export function readPlace(fs: FuncState, p: Place): Val {
  if (p.packed >= 0) return p.local < 0 ? loadBits(fs, p.type, p.address, p.offset, p.bit) : readBits(fs, p.type, variablesOf(fs, p, p.packed), p.bit);
  return p.local < 0 ? loadVal(fs, p.type, p.address, p.offset, p.own) : variablesOf(fs, p, p.type);
}

/** What the variables of a place hold, as a value of a type. */
function variablesOf(fs: FuncState, p: Place, type: number): Val {
  const lay = layout(fs, type);
  if (!lay.flat) return bug("a variable of a type that is not flat");
  const leaves: number[] = [];
  for (let k = 0; k < lay.leaves.length; k++) leaves.push(useVariable(fs.b, fs.homes[p.local].variables[p.firstLeaf + k]));
  return flatVal(type, leaves, p.own);
}

/** Gives a field of a packed struct a value. */
function assignBits(fs: FuncState, p: Place, v: Val): void {
  if (p.local < 0) {
    storeBits(fs, p.address, p.offset, p.bit, v);
    return;
  }
  const leaves = writeBits(fs, variablesOf(fs, p, p.packed), p.bit, v);
  for (let k = 0; k < leaves.length; k++) defVariable(fs.b, fs.homes[p.local].variables[p.firstLeaf + k], leaves[k]);
}

/** Puts an owned value into a place and releases what was there. */
export function assignPlace(fs: FuncState, p: Place, v: Val): void {
  const counted = layout(fs, p.type).counted;
  if (p.packed >= 0) {
    assignBits(fs, p, v);
    return;
  }
  if (p.local >= 0) {
    const old = readPlace(fs, p);
    for (let k = 0; k < v.leaves.length; k++) defVariable(fs.b, fs.homes[p.local].variables[p.firstLeaf + k], v.leaves[k]);
    if (counted) releaseVal(fs, old);
    return;
  }
  if (!counted) {
    storeVal(fs, p.address, p.offset, v);
    return;
  }
  const old = savedPlace(fs, p);
  storeVal(fs, p.address, p.offset, v);
  releaseVal(fs, old);
}

/** What a place holds, out of the way of a store: values in memory are copied bit by bit. */
function savedPlace(fs: FuncState, p: Place): Val {
  const old = readPlace(fs, p);
  if (old.address < 0) return old;
  const copy = newSlot(fs, p.type);
  storeVal(fs, copy, 0, old);
  return memoryVal(p.type, copy, Own.owned);
}

/** Keeps the memory of a place alive over effects of the given strength. */
export function pinPlace(fs: FuncState, p: Place, effect: number): void {
  if (p.base !== null) p.base = pinVal(fs, p.base, effect);
}

/** The address of a place, as a pointer value that is owned as its base is. */
export function addressOfPlace(fs: FuncState, p: Place, type: number): Val {
  if (p.local >= 0 || p.packed >= 0) return bug("the address of a local in variables, or of bits");
  const own = p.base === null ? Own.stable : p.base.own;
  return flatVal(type, [addOffset(fs, p.address, p.offset)], own);
}

/** The value of a place node, read. */
export function readPlaceNode(fs: FuncState, id: number): Val {
  const n = nodeOf(fs, id);
  if (n.op === TOp.local) return readHome(fs, n.n);
  return readPlace(fs, lowerPlace(fs, id));
}
