// Conversions.
// In -> out: a convert node, to the operand's value in the node's type, with a check where the language asks for one.
// Wrapping a value (some, ok, err) keeps its ownership; values in memory are built in a slot and owned.

import { bug } from "../base/bug.ts";
import { compareI128, i128From, lowI64 } from "../base/int128.ts";
import { maxI32 } from "../base/int32.ts";
import { arithF64, f64FromI64, f64FromU64, type I64, i64From, shlI64 } from "../base/int64.ts";
import { placeText } from "../base/source.ts";
import { Conv, FuncKind, TOp, type TNode } from "../check/tree.ts";
import { Kind, type TypeInfo } from "../check/types.ts";
import { emitFconst, emitIconst, emitLoad, emitSlotAddr, emitStore, emitSymAddr, emitValue } from "../ssa/builder.ts";
import { addSlot } from "../ssa/function.ts";
import { Op, Type } from "../ssa/ops.ts";
import { addOffset, keepTemp, loadVal, newSlot, ownVal, storeVal, zeroMemory, zeroVal } from "./counting.ts";
import { errorPlaceSym, Rt, testPlaceSym, textSym } from "./data.ts";
import { addressedPlace } from "./held.ts";
import { isNullable } from "./layout.ts";
import { integerInfo, lowerExpr, normalize } from "./lower_expr.ts";
import { checkPointer } from "./nulls.ts";
import { castPacked, isPackedCast } from "./packed.ts";
import { emitCheck, fromAddress, toAddress } from "./place.ts";
import { callRuntime } from "./runtime_call.ts";
import { type FuncState, flatVal, layout, memoryVal, nodeOf, Own, scalarOf, typeInfo, type Val } from "./state.ts";

/** A convert node. */
export function lowerConvert(fs: FuncState, n: TNode): Val {
  if (n.n === Conv.array_to_slice) return arrayToSlice(fs, n);
  const v = lowerExpr(fs, n.a);
  fs.b.pos = n.pos;
  switch (n.n) {
    case Conv.same:
    case Conv.error_union: return retyped(v, n.type);
    case Conv.widen: return scalarVal(n, widenTo(fs, scalarOf(v), integerInfo(fs, v.type), n.type));
    case Conv.int_checked: return scalarVal(n, checkedInt(fs, scalarOf(v), integerInfo(fs, v.type), n));
    case Conv.truncate: return scalarVal(n, truncateInt(fs, widenTo(fs, scalarOf(v), integerInfo(fs, v.type), n.type), integerInfo(fs, n.type)));
    case Conv.bits: return castBits(fs, keepTemp(fs, v), n.type);
    case Conv.int_to_float: return scalarVal(n, intToFloat(fs, scalarOf(v), integerInfo(fs, v.type), n.type));
    case Conv.float_to_int: return scalarVal(n, floatToInt(fs, scalarOf(v), integerInfo(fs, n.type), n.pos));
    case Conv.float_to_float: return scalarVal(n, floatToFloat(fs, scalarOf(v), n.type));
    case Conv.int_to_enum: return scalarVal(n, intToEnum(fs, v, n));
    case Conv.int_to_pointer: return scalarVal(n, toAddress(fs, widenTo64(fs, scalarOf(v), integerInfo(fs, v.type))));
    case Conv.pointer_to_int: return scalarVal(n, fromAddress(fs, v.leaves[0]));
    case Conv.weak: return weaken(fs, v, n.type);
    case Conv.some: return wrapSome(fs, v, n.type);
    case Conv.ok: return wrapTagged(fs, v, n.type, 0);
    case Conv.err: {
      if (nodeOf(fs, n.a).op === TOp.const_error) noteErrorPlace(fs, nodeOf(fs, n.a).pos);
      return wrapError(fs, scalarOf(v), n.type);
    }
    case Conv.pointer_to_slice: return pointerToSlice(fs, v, n);
    case Conv.union_to_int: return scalarVal(n, widenTo(fs, scalarOf(v), integerInfo(fs, typeInfo(fs, v.type).elem), n.type));
    // Nothing comes here: any value of the type does.
    case Conv.never: return zeroVal(fs, n.type);
  }
  return bug("no such conversion");
}

/** One weak count; a count that the value brings ends with the statement. */
function weaken(fs: FuncState, v: Val, type: number): Val {
  const kept = keepTemp(fs, v);
  callRuntime(fs, Rt.weak_set, [scalarOf(kept)]);
  return flatVal(type, kept.leaves, Own.owned);
}

function retyped(v: Val, type: number): Val {
  return { type: type, leaves: v.leaves, address: v.address, own: v.own };
}

/** Remembers where an error is made, for the message of a main or test that ends with it. */
function noteErrorPlace(fs: FuncState, pos: number): void {
  notePlace(fs, errorPlaceSym(fs.l), pos);
  noteTestPlace(fs, pos);
}

/** Remembers where an error leaves a test, and where it was made, before a defer makes others; in other functions nothing. */
export function noteTestPlace(fs: FuncState, pos: number): void {
  if (fs.f.kind !== FuncKind.test) return;
  notePlace(fs, testPlaceSym(fs.l), pos);
  const made = emitSymAddr(fs.b, errorPlaceSym(fs.l), 0);
  const place = emitSymAddr(fs.b, testPlaceSym(fs.l), 0);
  emitStore(fs.b, Op.store, place, emitLoad(fs.b, Op.load, fs.l.pointer, made, i64From(0)), i64From(16));
  emitStore(fs.b, Op.store, place, emitLoad(fs.b, Op.load, Type.i64, made, i64From(8)), i64From(24));
}

/** Keeps a place's text, as address and length, in the memory of a symbol. */
export function notePlace(fs: FuncState, sym: number, pos: number): void {
  const text = placeText(fs.l.sources, pos);
  const place = emitSymAddr(fs.b, sym, 0);
  emitStore(fs.b, Op.store, place, emitSymAddr(fs.b, textSym(fs.l, text), 0), i64From(0));
  emitStore(fs.b, Op.store, place, constI64(fs, i64From(text.length)), i64From(8));
}

function scalarVal(n: TNode, value: number): Val {
  return flatVal(n.type, [value], Own.stable);
}

function arrayToSlice(fs: FuncState, n: TNode): Val {
  const p = addressedPlace(fs, n);
  const len = emitIconst(fs.b, Type.i64, i64From(typeInfo(fs, p.type).len));
  const own = p.base === null ? Own.stable : p.base.own;
  return flatVal(n.type, [addOffset(fs, p.address, p.offset), len], own);
}

function pointerToSlice(fs: FuncState, v: Val, n: TNode): Val {
  const elem = typeInfo(fs, v.type).elem;
  const array = typeInfo(fs, elem);
  checkPointer(fs, n.a, v.leaves[0], layout(fs, elem).size, n.pos);
  return flatVal(n.type, [v.leaves[0], emitIconst(fs.b, Type.i64, i64From(array.len))], v.own);
}

/** An integer extended to i64 as its type says. */
export function widenTo64(fs: FuncState, value: number, from: TypeInfo): number {
  if (fs.b.func.valueType[value] === Type.i64) return value;
  return emitValue(fs.b, from.kind === Kind.int && from.signed ? Op.sextend : Op.uextend, Type.i64, [value], Type.i64);
}

/** A scalar integer in a type that holds all values of its own. */
export function widenTo(fs: FuncState, value: number, from: TypeInfo, type: number): number {
  return layout(fs, type).leaves[0].type === Type.i64 ? widenTo64(fs, value, from) : value;
}

/** The low bits of an integer, which is at least as wide as the i32 or i64 of the type, as a value of a type. */
export function truncateInt(fs: FuncState, value: number, to: TypeInfo): number {
  if (fs.b.func.valueType[value] === Type.i32 || to.bits > 32) return normalize(fs, value, to);
  return normalize(fs, emitValue(fs.b, Op.ireduce, Type.i32, [value], Type.i32), to);
}

function checkedInt(fs: FuncState, value: number, from: TypeInfo, n: TNode): number {
  const to = integerInfo(fs, n.type);
  const wide = widenTo64(fs, value, from);
  const made = truncateInt(fs, wide, to);
  if (fs.l.unchecked) return made;
  if (to.bits === 64) {
    if (to.signed === from.signed || (to.signed && from.bits < 64)) return made;
    checkFits(fs, emitValue(fs.b, Op.sge, Type.i64, [wide, constI64(fs, i64From(0))], Type.i32), to, n.pos);
    return made;
  }
  if (from.kind === Kind.int && !from.signed) {
    const limit = shlI64(i64From(1), to.signed ? to.bits - 1 : to.bits);
    checkFits(fs, emitValue(fs.b, Op.ult, Type.i64, [wide, constI64(fs, limit)], Type.i32), to, n.pos);
    return made;
  }
  const back = widenTo64(fs, made, to);
  checkFits(fs, emitValue(fs.b, Op.eq, Type.i64, [back, wide], Type.i32), to, n.pos);
  return made;
}

function checkFits(fs: FuncState, ok: number, to: TypeInfo, pos: number): void {
  emitCheck(fs, ok, "value does not fit in " + to.name, pos);
}

function constI64(fs: FuncState, value: I64): number {
  return emitIconst(fs.b, Type.i64, value);
}

/** Scalars and packed structs stay in registers; anything else goes through memory. */
function castBits(fs: FuncState, v: Val, type: number): Val {
  const to = layout(fs, type);
  const own = to.counted ? Own.volatile : Own.stable;
  if (isPackedCast(fs, v.type, type)) return castPacked(fs, v, type);
  if (v.leaves.length === 1 && to.flat && to.leaves.length === 1) return flatVal(type, [bitCast(fs, v.leaves[0], type)], own);
  const from = layout(fs, v.type);
  const address = emitSlotAddr(fs.b, addSlot(fs.b.func, maxI32(from.size, to.size), 8), 0);
  if (from.size < to.size) zeroMemory(fs, address, 0, to.size);
  storeVal(fs, address, 0, v);
  const made = loadVal(fs, type, address, 0, own);
  if (integerInfo(fs, type).kind === Kind.int) made.leaves[0] = normalize(fs, made.leaves[0], integerInfo(fs, type));
  return made;
}

function bitCast(fs: FuncState, value: number, type: number): number {
  const from = fs.b.func.valueType[value];
  const to = layout(fs, type).leaves[0].type;
  if (to === Type.f32 || to === Type.f64) {
    return from === to ? value : emitValue(fs.b, Op.int_to_float, to, [value], to);
  }
  const info = integerInfo(fs, type);
  const bits = from === Type.f32 || from === Type.f64 ? emitValue(fs.b, Op.float_to_int, to, [value], to) : value;
  return info.kind === Kind.int ? normalize(fs, bits, info) : bits;
}

function intToFloat(fs: FuncState, value: number, from: TypeInfo, type: number): number {
  const to = layout(fs, type).leaves[0].type;
  const wide = fs.b.func.valueType[value] === Type.i64;
  const op = from.signed ? (wide ? Op.sint64_to_f : Op.sint32_to_f) : wide ? Op.uint64_to_f : Op.uint32_to_f;
  return emitValue(fs.b, op, to, [value], to);
}

function floatToFloat(fs: FuncState, value: number, type: number): number {
  const from = fs.b.func.valueType[value];
  const to = layout(fs, type).leaves[0].type;
  if (from === to) return value;
  return emitValue(fs.b, to === Type.f32 ? Op.fdemote : Op.fpromote, to, [value], to);
}

/** The truncated value must be in range: low - 1 < x < high, where low - 1 is exact in f64; else low <= x < high. */
function floatToInt(fs: FuncState, value: number, to: TypeInfo, pos: number): number {
  const wide = fs.b.func.valueType[value] === Type.f32 ? emitValue(fs.b, Op.fpromote, Type.f64, [value], Type.f64) : value;
  const type = to.bits > 32 ? Type.i64 : Type.i32;
  if (!fs.l.unchecked) checkFloatRange(fs, wide, to, pos);
  return normalize(fs, emitValue(fs.b, to.signed ? Op.f64_to_sint : Op.f64_to_uint, type, [wide], type), to);
}

function checkFloatRange(fs: FuncState, value: number, to: TypeInfo, pos: number): void {
  const half = f64FromU64(shlI64(i64From(1), to.bits - 1));
  const one = f64FromI64(i64From(1));
  const two = f64FromI64(i64From(2));
  const zero = i64From(0);
  const high = to.signed ? half : arithF64(2, half, two);
  const least = to.signed ? arithF64(1, zero, half) : zero;
  const exact = to.bits > 53 && to.signed;
  const low = exact ? least : arithF64(1, least, one);
  const above = emitValue(fs.b, exact ? Op.fge : Op.fgt, Type.f64, [value, emitFconst(fs.b, Type.f64, low)], Type.i32);
  const below = emitValue(fs.b, Op.flt, Type.f64, [value, emitFconst(fs.b, Type.f64, high)], Type.i32);
  checkFits(fs, emitValue(fs.b, Op.band, Type.i32, [above, below], Type.i32), to, pos);
}

function intToEnum(fs: FuncState, v: Val, n: TNode): number {
  const wide = widenTo64(fs, scalarOf(v), integerInfo(fs, v.type));
  const info = typeInfo(fs, n.type);
  let ok = emitIconst(fs.b, Type.i32, i64From(0));
  if (isDense(info)) {
    ok = emitValue(fs.b, Op.ult, Type.i64, [wide, constI64(fs, i64From(info.fields.length))], Type.i32);
  } else {
    for (const f of info.fields) {
      const same = emitValue(fs.b, Op.eq, Type.i64, [wide, constI64(fs, lowI64(f.value))], Type.i32);
      ok = emitValue(fs.b, Op.bor, Type.i32, [ok, same], Type.i32);
    }
  }
  emitCheck(fs, ok, "no such value of " + info.name, n.pos);
  return truncateInt(fs, wide, integerInfo(fs, n.type));
}

/** Whether an enum's values are 0, 1, 2, ... in order. */
export function isDense(info: TypeInfo): boolean {
  for (let i = 0; i < info.fields.length; i++) if (compareI128(info.fields[i].value, i128From(i)) !== 0) return false;
  return true;
}

/** T to ?T. */
export function wrapSome(fs: FuncState, v: Val, type: number): Val {
  if (isNullable(fs.l.program.types, v.type)) return flatVal(type, v.leaves, v.own);
  return wrapTagged(fs, v, type, 1);
}

/** A payload behind a tag: optionals and error unions. */
function wrapTagged(fs: FuncState, v: Val, type: number, tag: number): Val {
  const lay = layout(fs, type);
  if (lay.flat) {
    const leaves: number[] = [emitIconst(fs.b, Type.i32, i64From(tag))];
    for (const x of v.leaves) leaves.push(x);
    return flatVal(type, leaves, v.own);
  }
  const address = newSlot(fs, type);
  zeroMemory(fs, address, 0, lay.size);
  emitStore(fs.b, typeInfo(fs, type).kind === Kind.optional ? Op.store8 : Op.store, address, emitIconst(fs.b, Type.i32, i64From(tag)), i64From(0));
  storeVal(fs, address, lay.offsets[0], ownVal(fs, v));
  return memoryVal(type, address, Own.owned);
}

/** An error number as E!T. */
export function wrapError(fs: FuncState, code: number, type: number): Val {
  const v = zeroVal(fs, type);
  if (v.address < 0) {
    v.leaves[0] = code;
    return v;
  }
  emitStore(fs.b, Op.store, v.address, code, i64From(0));
  return v;
}

/** The payload of an error union or optional value that is known to be there. */
export function payloadOf(fs: FuncState, v: Val): Val {
  const info = typeInfo(fs, v.type);
  const lay = layout(fs, v.type);
  if (v.address >= 0) return loadVal(fs, info.elem, v.address, lay.offsets[0], v.own);
  const first = info.kind === Kind.optional && isNullable(fs.l.program.types, info.elem) ? 0 : 1;
  const leaves: number[] = [];
  for (let k = first; k < v.leaves.length; k++) leaves.push(v.leaves[k]);
  return flatVal(info.elem, leaves, v.own);
}
