// Implicit conversions: what a value may become without being told.
// In -> out: a node and a type, to a node of that type, or an error that names both types. Untyped constants take
// the type that is wanted, or i64 and f64. `meetTypes` finds the type where two operands or branches meet.

import { f32FromText, f64FromText, isInfiniteBits } from "../base/float.ts";
import { fitsBits, textI128 } from "../base/int128.ts";
import { f32FromF64, type I64, joinI64, xorI64 } from "../base/int64.ts";
import { addLocal, addTNode, checkErrorHint, declareNode, type CheckState, invalidNode, localNode, nodeKind, nodeType, shown, treeNode, wrong } from "./checker.ts";
import { hiddenArray, isConstantTree } from "./constant.ts";
import { errorSetOf, errorsFit } from "./errorset.ts";
import { baseInfo } from "./fold.ts";
import { completeType } from "./named.ts";
import { isInPayload } from "./payloads.ts";
import { checkChangeable, isImmutablePlace, isPlaceNode, takeAddress, unreadWeak } from "./place.ts";
import { Conv, newTNode, TOp } from "./tree.ts";
import { isConstSlice, Kind, optionalOf, TypeId, type TypeInfo, } from "./types.ts";
import { isUntypedTree, misfit, typeUntyped } from "./untyped.ts";

/** The node converted to a type; a mismatch is reported once. */
export function coerce(f: CheckState, id: number, type: number, pos: number): number {
  if (type === TypeId.invalid || nodeType(f, id) === TypeId.invalid) return nodeType(f, id) === TypeId.invalid ? id : invalidNode(f, pos);
  const done = tryCoerce(f, id, type, pos);
  if (done >= 0) return done;
  const from = nodeType(f, id);
  const info = f.c.types.list[type];
  if (nodeKind(f, id) === Kind.untyped_int && numberTarget(f, type) >= 0) {
    const target = f.c.types.list[numberTarget(f, type)];
    if (target.kind === Kind.int) return wrong(f, pos, "number-too-large", textI128(misfit(f, id, type, pos).value) + " does not fit in " + "'" + target.name + "'");
  }
  const fromInfo = f.c.types.list[from];
  if (info.kind === Kind.slice && fromInfo.kind === Kind.array && fromInfo.elem === info.elem && !checkChangeable(f, id, "cannot become a " + shown(f, type), pos)) return invalidNode(f, pos);
  let hint = "";
  if (info.kind === Kind.int && fromInfo.kind === Kind.int) hint = "@intCast(" + info.name + ", ...) converts and checks, @truncate cuts";
  else if (info.kind === Kind.float && fromInfo.kind === Kind.int) hint = "use @floatFromInt(" + info.name + ", ...)";
  else if (info.kind === Kind.int && fromInfo.kind === Kind.float) hint = "use @intFromFloat(" + info.name + ", ...)";
  else if (info.kind === Kind.float && fromInfo.kind === Kind.float) hint = "use @floatCast(" + info.name + ", ...)";
  else if (fromInfo.kind === Kind.optional && fromInfo.elem === type) hint = "unwrap it with '.?', 'orelse' or 'if'";
  else if (fromInfo.kind === Kind.error_union && fromInfo.elem === type) hint = "use 'try' or 'catch'";
  else if (from === TypeId.string && info.kind === Kind.slice) hint = "copy it with 'bytes' of std/string, or use @constCast";
  else if (info.kind === Kind.slice && fromInfo.writable === type) hint = "it only reads; take a " + shown(f, from) + " here, or copy the elements";
  const text = "expected " + shown(f, type) + ", found " + shown(f, from);
  if (hint !== "") checkErrorHint(f, pos, "type-mismatch", text, hint);
  else return wrong(f, pos, "type-mismatch", text);
  return invalidNode(f, pos);
}

/** The number type behind optionals, error unions and distinct types, or -1. */
export function numberTarget(f: CheckState, type: number): number {
  let t = type;
  while (true) {
    const info = f.c.types.list[t];
    if (info.kind === Kind.int || info.kind === Kind.float) return t;
    if (info.kind !== Kind.optional && info.kind !== Kind.error_union && info.kind !== Kind.distinct) return -1;
    t = info.elem;
  }
}

/** A block without label is converted by converting its value. */
function coerceBlock(f: CheckState, id: number, type: number, pos: number): number {
  const block = treeNode(f, id);
  if (block.list.length === 0) return -1;
  const last = tryCoerce(f, block.list[block.list.length - 1], type, pos);
  if (last < 0) return -1;
  block.list[block.list.length - 1] = last;
  block.type = nodeType(f, last);
  return id;
}

/** The node converted to a type, or -1 when there is no implicit conversion. */
export function tryCoerce(f: CheckState, id: number, type: number, pos: number): number {
  const from = nodeType(f, id);
  if (from === type) return id;
  if (from === TypeId.noreturn) return neverNode(f, id, type);
  if (treeNode(f, id).op === TOp.block && treeNode(f, id).n < 0 && !isUntypedTree(treeNode(f, id))) return coerceBlock(f, id, type, pos);
  const t = f.c.types;
  const info = t.list[type];
  const source = t.list[from];
  const special = coerceUntyped(f, id, type, info, source.kind, pos);
  if (special !== -2) return special;
  switch (info.kind) {
    case Kind.int: return coerceToInt(f, id, type, source);
    case Kind.optional: return coerceToOptional(f, id, type, info, pos);
    case Kind.weak: return coerceToWeak(f, id, type, info, pos);
    case Kind.error_union: return coerceToErrorUnion(f, id, type, info, source, pos);
    case Kind.error_set:
      if (source.kind === Kind.error_set && errorsFit(f, from, type, pos)) return convertNode(f, id, type, Conv.same);
      return -1;
    case Kind.slice: return coerceToSlice(f, id, type, info, source);
    case Kind.string:
      if (source.kind === Kind.slice && source.elem === TypeId.u8) return convertNode(f, id, type, Conv.same);
      return -1;
    case Kind.extern_fn: return coerceToExtern(f, id, type, info, source);
    default: return -1;
  }
}

/** What never gives a value, where a value of a type is wanted. */
function neverNode(f: CheckState, id: number, type: number): number {
  const kind = f.c.types.list[type].kind;
  if (kind === Kind.void || kind === Kind.null || kind === Kind.undefined) return id;
  return convertNode(f, id, kind === Kind.untyped_int ? TypeId.i64 : kind === Kind.untyped_float ? TypeId.f64 : type, Conv.never);
}

/** A conversion node at the place of its operand. */
export function convertNode(f: CheckState, id: number, type: number, conv: number): number {
  const node = newTNode(TOp.convert, type, treeNode(f, id).pos);
  node.a = id;
  node.n = conv;
  return addTNode(f, node);
}

/** Constants without a type of their own; -2 when the node is none, -1 when it has no such type. */
function coerceUntyped(f: CheckState, id: number, type: number, info: TypeInfo, kind: number, pos: number): number {
  if (kind === Kind.undefined) return undefinedNode(f, type, pos);
  if (kind === Kind.null) {
    if (info.kind === Kind.optional || info.kind === Kind.weak) return zeroNode(f, type, pos);
    if (info.kind !== Kind.error_union) return -1;
  }
  if (kind !== Kind.untyped_int && kind !== Kind.untyped_float && kind !== Kind.null) return -2;
  if (isUntypedTree(treeNode(f, id))) {
    const base = baseInfo(f, type).kind;
    if (base === Kind.int) return kind === Kind.untyped_int ? typeUntyped(f, id, type, pos) : -1;
    if (base === Kind.float || base === Kind.untyped_float) return typeUntyped(f, id, type, pos);
  }
  if (info.kind === Kind.int) return kind === Kind.untyped_int ? typedInt(f, id, type, info) : -1;
  if (info.kind === Kind.float || (info.kind === Kind.untyped_float && kind === Kind.untyped_int)) return typedFloat(f, id, type, info);
  if (info.kind === Kind.distinct) {
    const base = tryCoerce(f, id, info.elem, pos);
    if (base >= 0) retype(f, base, type);
    return base;
  }
  if (info.kind === Kind.optional || info.kind === Kind.error_union) {
    const inner = tryCoerce(f, id, info.elem, pos);
    return inner < 0 ? -1 : convertNode(f, inner, type, info.kind === Kind.optional ? Conv.some : Conv.ok);
  }
  return -1;
}

function retype(f: CheckState, id: number, type: number): void {
  f.func.nodes[id].type = type;
}

/** All zero bits as a value of a type. */
export function zeroNode(f: CheckState, type: number, pos: number): number {
  return addTNode(f, newTNode(TOp.const_zero, type, pos));
}

/** The same, of which nothing need be written where the type holds no references. */
function undefinedNode(f: CheckState, type: number, pos: number): number {
  const node = newTNode(TOp.const_zero, type, pos);
  node.n = 1;
  return addTNode(f, node);
}

function typedInt(f: CheckState, id: number, type: number, info: TypeInfo): number {
  const old = treeNode(f, id);
  if (!fitsBits(old.value, info.bits, info.signed)) return -1;
  const node = newTNode(TOp.const_int, type, old.pos);
  node.value = old.value;
  return addTNode(f, node);
}

/** A literal is rounded once, from its text; other untyped floats are f64 already. */
function typedFloat(f: CheckState, id: number, type: number, info: TypeInfo): number {
  const old = treeNode(f, id);
  if (old.op !== TOp.const_int && old.op !== TOp.const_float) return -1;
  const node = newTNode(TOp.const_float, type, old.pos);
  const single = info.bits === 32;
  if (old.op === TOp.const_int) {
    const text = textI128(old.value);
    const negative = text.charCodeAt(0) === 45;
    const digits = negative ? text.slice(1, text.length) : text;
    node.bits = signedBits(single ? f32FromText(digits) : f64FromText(digits), single, negative);
  } else if (single && old.n >= 0) {
    node.bits = signedBits(f32FromText(f.c.floatTexts[old.n]), true, old.n2 === 1);
  } else {
    node.bits = single ? f32FromF64(old.bits) : old.bits;
  }
  const magnitude = signedBits(node.bits, single, false);
  if (isInfiniteBits(magnitude, single ? 24 : 53) && old.op === TOp.const_float && old.n >= 0) return -1;
  return addTNode(f, node);
}

/** Float bits with the sign turned over when asked. */
function signedBits(bits: I64, single: boolean, negative: boolean): I64 {
  if (!negative) return bits;
  return xorI64(bits, single ? joinI64(0, -2147483648) : joinI64(-2147483648, 0));
}

function coerceToInt(f: CheckState, id: number, type: number, source: TypeInfo): number {
  const info = f.c.types.list[type];
  if (source.kind === Kind.union) {
    completeType(f.c, nodeType(f, id));
    for (const v of source.fields) if (v.type !== TypeId.void) return -1;
    const tag = f.c.types.list[f.c.types.list[source.elem].elem];
    return holdsInts(info, tag) ? convertNode(f, id, type, Conv.union_to_int) : -1;
  }
  if (source.kind === Kind.enum) completeType(f.c, nodeType(f, id));
  const from = source.kind === Kind.enum ? f.c.types.list[source.elem] : source;
  if (from.kind !== Kind.int || !holdsInts(info, from)) return -1;
  const old = treeNode(f, id);
  if (old.op !== TOp.const_int) return convertNode(f, id, type, Conv.widen);
  const node = newTNode(TOp.const_int, type, old.pos);
  node.value = old.value;
  return addTNode(f, node);
}

/** Whether every value of one integer type is one of another. */
export function holdsInts(to: TypeInfo, from: TypeInfo): boolean {
  if (from.signed === to.signed) return from.bits <= to.bits;
  return to.signed && from.bits < to.bits;
}

function coerceToOptional(f: CheckState, id: number, type: number, info: TypeInfo, pos: number): number {
  const elemKind = f.c.types.list[info.elem].kind;
  if (nodeKind(f, id) === Kind.optional && elemKind !== Kind.optional && elemKind !== Kind.weak) return -1;
  const inner = tryCoerce(f, id, info.elem, pos);
  return inner < 0 ? -1 : convertNode(f, inner, type, Conv.some);
}

/** What was read of one weak reference goes into another as it is. */
function coerceToWeak(f: CheckState, id: number, type: number, info: TypeInfo, pos: number): number {
  const source = unreadWeak(f, id);
  if (nodeType(f, source) === type) return source;
  const inner = tryCoerce(f, id, optionalOf(f.c.types, info.elem), pos);
  return inner < 0 ? -1 : convertNode(f, inner, type, Conv.weak);
}

function coerceToErrorUnion(f: CheckState, id: number, type: number, info: TypeInfo, source: TypeInfo, pos: number): number {
  if (source.kind === Kind.error_set) return errorsFit(f, nodeType(f, id), info.errors, pos) ? convertNode(f, id, type, Conv.err) : -1;
  if (source.kind === Kind.error_union) {
    if (source.elem !== info.elem || !errorsFit(f, source.errors, info.errors, pos)) return -1;
    return convertNode(f, id, type, Conv.error_union);
  }
  const inner = tryCoerce(f, id, info.elem, pos);
  return inner < 0 ? -1 : convertNode(f, inner, type, Conv.ok);
}

function coerceToSlice(f: CheckState, id: number, type: number, info: TypeInfo, source: TypeInfo): number {
  const reads = isConstSlice(f.c.types, type);
  if (source.kind === Kind.slice) return reads && source.elem === info.elem ? convertNode(f, id, type, Conv.same) : -1;
  if (source.kind === Kind.string) return reads && info.elem === TypeId.u8 ? convertNode(f, id, type, Conv.same) : -1;
  if (source.kind === Kind.pointer) {
    const array = f.c.types.list[source.elem];
    return array.kind === Kind.array && array.elem === info.elem ? convertNode(f, id, type, Conv.pointer_to_slice) : -1;
  }
  if (source.kind !== Kind.array || source.elem !== info.elem) return -1;
  if (isPlaceNode(f, id)) {
    if (!reads && isImmutablePlace(f, id)) return -1;
    takeAddress(f, id);
    return convertNode(f, id, type, Conv.array_to_slice);
  }
  if (f.constant && isConstantTree(f.func, id)) return convertNode(f, hiddenArray(f, id), type, Conv.array_to_slice);
  // An array that lies nowhere is copied into new storage, as when it is joined with nothing.
  return joinViews(f, id, zeroNode(f, type, treeNode(f, id).pos), type, treeNode(f, id).pos);
}

/** a ++ b for slices and arrays: arrays are seen as slices, from a variable of their own when they are no place. */
export function joinViews(f: CheckState, a: number, b: number, type: number, pos: number): number {
  const block = newTNode(TOp.block, type, pos);
  block.list = [];
  const node = newTNode(TOp.concat, type, pos);
  node.a = arrayView(f, a, type, block.list);
  node.b = arrayView(f, b, type, block.list);
  const joined = addTNode(f, node);
  if (block.list.length === 0) return joined;
  block.list.push(joined);
  return addTNode(f, block);
}

function arrayView(f: CheckState, id: number, type: number, before: number[]): number {
  if (nodeKind(f, id) !== Kind.array) return id;
  let place = id;
  if (!isPlaceNode(f, id) || isInPayload(f.c.types, f.func, id)) {
    const pos = treeNode(f, id).pos;
    const local = addLocal(f, 0, nodeType(f, id), pos, true);
    before.push(declareNode(f, local, id, pos));
    place = localNode(f, local, pos);
  }
  takeAddress(f, place);
  return convertNode(f, place, type, Conv.array_to_slice);
}

/** A top-level function's name becomes a bare code address. */
function coerceToExtern(f: CheckState, id: number, type: number, info: TypeInfo, source: TypeInfo): number {
  const old = treeNode(f, id);
  if (source.kind !== Kind.fn || old.op !== TOp.const_fn || source.elem !== info.elem || source.params.length !== info.params.length) return -1;
  for (let i = 0; i < source.params.length; i++) if (source.params[i] !== info.params[i]) return -1;
  const node = newTNode(TOp.const_fn, type, old.pos);
  node.n = old.n;
  return addTNode(f, node);
}

/** A node whose type is known: untyped constants become i64 or f64. */
export function settle(f: CheckState, id: number): number {
  const kind = nodeKind(f, id);
  const pos = treeNode(f, id).pos;
  if (kind === Kind.untyped_int) return coerce(f, id, TypeId.i64, pos);
  if (kind === Kind.untyped_float) return coerce(f, id, TypeId.f64, pos);
  if (kind === Kind.null) return wrong(f, pos, "unknown-type", "the type of this 'null' is not known; write it, as in 'var x: ?T = null'");
  if (kind === Kind.undefined) return wrong(f, pos, "unknown-type", "the type of this 'undefined' is not known; write it, as in 'var x: T = undefined'");
  return id;
}

/** The type at which two types meet, or -1. */
export function meetTypes(f: CheckState, a: number, b: number): number {
  if (a === b || b === TypeId.noreturn || a === TypeId.invalid || b === TypeId.undefined) return a;
  if (a === TypeId.noreturn || b === TypeId.invalid || a === TypeId.undefined) return b;
  const t = f.c.types;
  const x = t.list[a];
  const y = t.list[b];
  if (x.kind === Kind.untyped_int && isNumberLike(f, b)) return b;
  if (y.kind === Kind.untyped_int && isNumberLike(f, a)) return a;
  if (x.kind === Kind.untyped_float && isFloatLike(f, b)) return b;
  if (y.kind === Kind.untyped_float && isFloatLike(f, a)) return a;
  if (x.kind === Kind.int && y.kind === Kind.int) {
    if (holdsInts(x, y)) return a;
    return holdsInts(y, x) ? b : -1;
  }
  if (x.kind === Kind.null) return y.kind === Kind.optional ? b : y.kind < Kind.untyped_int || y.kind > Kind.undefined ? optionalOf(t, b) : -1;
  if (y.kind === Kind.null) return meetTypes(f, b, a);
  if (x.kind === Kind.optional && meetTypes(f, x.elem, b) === x.elem) return a;
  if (y.kind === Kind.optional && meetTypes(f, a, y.elem) === y.elem) return b;
  if (x.kind === Kind.error_union && meetTypes(f, x.elem, b) === x.elem) return a;
  if (y.kind === Kind.error_union && meetTypes(f, a, y.elem) === y.elem) return b;
  if (x.kind === Kind.error_set && y.kind === Kind.error_set) return meetSets(f, a, b);
  if (x.kind === Kind.enum && y.kind === Kind.int && holdsInts(y, t.list[x.elem])) return b;
  if (y.kind === Kind.enum && x.kind === Kind.int && holdsInts(x, t.list[y.elem])) return a;
  if (x.kind === Kind.enum && y.kind === Kind.untyped_int) return meetTypes(f, a, TypeId.i64);
  if (y.kind === Kind.enum && x.kind === Kind.untyped_int) return meetTypes(f, TypeId.i64, b);
  if (a === TypeId.string && y.kind === Kind.slice && y.elem === TypeId.u8) return a;
  if (b === TypeId.string && x.kind === Kind.slice && x.elem === TypeId.u8) return b;
  if (x.kind === Kind.slice && x.writable === b) return a;
  if (y.kind === Kind.slice && y.writable === a) return b;
  return -1;
}

function meetSets(f: CheckState, a: number, b: number): number {
  if (f.c.inferred.has(a) || f.c.inferred.has(b) || a === TypeId.any_error || b === TypeId.any_error) return TypeId.any_error;
  const members: number[] = [];
  for (const m of f.c.types.list[a].members) members.push(m);
  for (const m of f.c.types.list[b].members) members.push(m);
  return errorSetOf(f.c, members);
}

/** Integer and float types, and distinct ones over them. */
function isNumberLike(f: CheckState, type: number): boolean {
  const info = f.c.types.list[type];
  if (info.kind === Kind.distinct) return isNumberLike(f, info.elem);
  return info.kind === Kind.int || info.kind === Kind.float || info.kind === Kind.untyped_float || info.kind === Kind.untyped_int;
}

function isFloatLike(f: CheckState, type: number): boolean {
  const info = f.c.types.list[type];
  if (info.kind === Kind.distinct) return isFloatLike(f, info.elem);
  return info.kind === Kind.float || info.kind === Kind.untyped_float;
}
