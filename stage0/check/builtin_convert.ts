// Builtins that convert: numbers with checks or cuts, bits, enums, pointers.
// In -> out: "@name(T, x)", or "@name(x)" where a type is wanted, to a convert node, or to a constant of the result.

import { compareI128, fitsBits, i128From, i128FromI64, i32FromI128, lowI64, textI128 } from "../base/int128.ts";
import { compareF64, f32FromF64, f64FromF32, i64FromF64, joinI64 } from "../base/int64.ts";
import type { AstNode } from "../syntax/ast.ts";
import { arity } from "./builtin.ts";
import { addTNode, checkError, type CheckState, invalidNode, isInvalid, nodeKind, nodeType, shown, syntaxNode, treeNode, wrong } from "./checker.ts";
import { coerce, convertNode, settle, tryCoerce } from "./convert.ts";
import { checkExpr, exactConstant, intConstant } from "./expr.ts";
import { baseInfo, wrapInt } from "./fold.ts";
import { literalTarget } from "./literal.ts";
import { completeType, heldTypes } from "./named.ts";
import { hasSpareBits, sameBits } from "./sizes.ts";
import { Conv, newTNode, TOp } from "./tree.ts";
import { isConstSlice, Kind, sliceOf, TypeId } from "./types.ts";
import { resolveType } from "./typexpr.ts";
import { isUntypedTree } from "./untyped.ts";

/** @intCast, @truncate, @bitCast, @floatFromInt, @intFromFloat, @floatCast, @enumFromInt. */
export function checkConversion(f: CheckState, n: AstNode, name: string, want: number): number {
  let type = -1;
  let argument = -1;
  if (n.list.length === 1) {
    type = literalTarget(f, want);
    argument = n.list[0];
    if (type < 0) {
      checkExpr(f, argument, -1);
      return wrong(f, n.pos, "unknown-type", "the type to convert to is not known here; write it as the first argument");
    }
  } else if (arity(f, n, 2)) {
    type = resolveType(f, n.list[0]);
    argument = n.list[1];
  } else {
    return invalidNode(f, n.pos);
  }
  const given = checkExpr(f, argument, -1);
  const value = isUntypedTree(treeNode(f, given)) ? settle(f, given) : given;
  if (type === TypeId.invalid || isInvalid(f, value)) return invalidNode(f, n.pos);
  completeType(f.c, type);
  completeType(f.c, nodeType(f, value));
  let result = -1;
  switch (name) {
    case "intCast": result = intCast(f, value, type, n.pos); break;
    case "truncate": result = truncate(f, value, type, n.pos); break;
    case "bitCast": result = bitCast(f, value, type); break;
    case "floatFromInt": result = floatFromInt(f, value, type); break;
    case "intFromFloat": result = intFromFloat(f, value, type, n.pos); break;
    case "floatCast": result = floatCast(f, value, type, n.pos); break;
    default: result = enumFromInt(f, value, type, n.pos);
  }
  if (result >= 0) return result;
  return wrong(f, n.pos, "type-mismatch", "'@" + name + "' does not convert " + shown(f, nodeType(f, value)) + " to " + shown(f, type));
}

/** The integer type that a value is read as: itself, an enum's, what a distinct type is made of; or -1. */
function integerOf(f: CheckState, type: number): number {
  const info = f.c.types.list[type];
  if (info.kind === Kind.int) return type;
  if (info.kind === Kind.enum || info.kind === Kind.distinct) return integerOf(f, info.elem);
  return -1;
}

function intCast(f: CheckState, value: number, type: number, pos: number): number {
  const info = baseInfo(f, type);
  if (info.kind !== Kind.int) return -1;
  if (nodeKind(f, value) === Kind.untyped_int) return coerce(f, value, type, pos);
  if (integerOf(f, nodeType(f, value)) < 0) return nodeKind(f, value) === Kind.bool ? convertNode(f, value, type, Conv.widen) : -1;
  const n = treeNode(f, value);
  if (n.op !== TOp.const_int) return convertNode(f, value, type, Conv.int_checked);
  if (!fitsBits(n.value, info.bits, info.signed)) return wrong(f, pos, "number-too-large", textI128(n.value) + " does not fit in " + shown(f, type));
  const node = newTNode(TOp.const_int, type, pos);
  node.value = n.value;
  return addTNode(f, node);
}

function truncate(f: CheckState, value: number, type: number, pos: number): number {
  const info = baseInfo(f, type);
  const untyped = nodeKind(f, value) === Kind.untyped_int;
  if (info.kind !== Kind.int || (!untyped && integerOf(f, nodeType(f, value)) < 0)) return -1;
  const n = treeNode(f, value);
  if (n.op !== TOp.const_int) return convertNode(f, value, type, Conv.truncate);
  const node = newTNode(TOp.const_int, type, pos);
  node.value = wrapInt(lowI64(n.value), info);
  return addTNode(f, node);
}

function bitCast(f: CheckState, given: number, type: number): number {
  const value = settle(f, given);
  if (isInvalid(f, value)) return value;
  const pos = treeNode(f, value).pos;
  if (holdsKind(f, type, false)) return wrong(f, pos, "type-mismatch", "'@bitCast' makes no " + shown(f, type) + ": not every pattern of bits is a bool or a value of an enum");
  if (holdsKind(f, type, true) || holdsKind(f, nodeType(f, value), true)) return wrong(f, pos, "type-mismatch", "'@bitCast' takes and makes no references: not from " + shown(f, nodeType(f, value)) + " to " + shown(f, type));
  if (!sameBits(f.c, nodeType(f, value), type)) return -1;
  const from = baseInfo(f, nodeType(f, value));
  const to = baseInfo(f, type);
  if (!isScalarKind(from.kind) || !isScalarKind(to.kind)) return -1;
  // Not every pattern of bits is a value of such a struct.
  if (to.kind === Kind.struct && hasSpareBits(f.c, type, new Map())) return -1;
  const n = treeNode(f, value);
  if (n.op === TOp.const_int && to.kind === Kind.int) {
    const node = newTNode(TOp.const_int, type, n.pos);
    node.value = wrapInt(lowI64(n.value), to);
    return addTNode(f, node);
  }
  if (n.op === TOp.const_float && to.kind === Kind.int) {
    const node = newTNode(TOp.const_int, type, n.pos);
    node.value = wrapInt(n.bits, to);
    return addTNode(f, node);
  }
  if (n.op === TOp.const_int && to.kind === Kind.float) {
    const node = newTNode(TOp.const_float, type, n.pos);
    node.bits = to.bits === 32 ? joinI64(0, i32FromI128(i128FromI64(lowI64(wrapInt(lowI64(n.value), f.c.types.list[TypeId.i32]))))) : lowI64(n.value);
    return addTNode(f, node);
  }
  return convertNode(f, value, type, Conv.bits);
}

/** Whether values of a type hold references (else: bools or enums). */
function holdsKind(f: CheckState, type: number, references: boolean): boolean {
  for (const t of heldTypes(f.c, type, false)) {
    switch (f.c.types.list[t].kind) {
      case Kind.bool: case Kind.enum:
        if (!references) return true;
        break;
      case Kind.pointer: case Kind.slice: case Kind.string: case Kind.fn: case Kind.extern_fn: case Kind.weak:
        if (references) return true;
        break;
      default: break;
    }
  }
  return false;
}

function isScalarKind(kind: number): boolean {
  return kind === Kind.int || kind === Kind.float || kind === Kind.bool || kind === Kind.pointer || kind === Kind.enum || kind === Kind.struct;
}

function floatFromInt(f: CheckState, value: number, type: number): number {
  if (baseInfo(f, type).kind !== Kind.float) return -1;
  const n = treeNode(f, value);
  if (nodeKind(f, value) === Kind.untyped_int) return tryCoerce(f, value, type, n.pos);
  if (integerOf(f, nodeType(f, value)) < 0) return -1;
  if (n.op === TOp.const_int) {
    const untyped = newTNode(TOp.const_int, TypeId.untyped_int, n.pos);
    untyped.value = n.value;
    return tryCoerce(f, addTNode(f, untyped), type, n.pos);
  }
  return convertNode(f, value, type, Conv.int_to_float);
}

/** Constants between -2^62 and 2^62 are converted now; the rest is left to run time and its checks. */
function intFromFloat(f: CheckState, given: number, type: number, pos: number): number {
  const info = baseInfo(f, type);
  const value = settle(f, given);
  const from = baseInfo(f, nodeType(f, value));
  if (info.kind !== Kind.int || from.kind !== Kind.float) return -1;
  const n = treeNode(f, value);
  if (n.op === TOp.const_float) {
    const bits = from.bits === 32 ? f64FromF32(n.bits) : n.bits;
    const small = compareF64(bits, joinI64(0x43d00000, 0)) === -1 && compareF64(joinI64(-1009778688, 0), bits) === -1;
    const whole = small ? i128FromI64(i64FromF64(bits)) : i128From(0);
    if (small && fitsBits(whole, info.bits, info.signed)) {
      const node = newTNode(TOp.const_int, type, pos);
      node.value = whole;
      return addTNode(f, node);
    }
    if (small) return wrong(f, pos, "number-too-large", textI128(whole) + " does not fit in " + shown(f, type));
  }
  return convertNode(f, value, type, Conv.float_to_int);
}

function floatCast(f: CheckState, value: number, type: number, pos: number): number {
  const info = baseInfo(f, type);
  if (info.kind !== Kind.float) return -1;
  const kind = nodeKind(f, value);
  if (kind === Kind.untyped_float || kind === Kind.untyped_int) return coerce(f, value, type, pos);
  const from = baseInfo(f, nodeType(f, value));
  if (from.kind !== Kind.float) return -1;
  const n = treeNode(f, value);
  if (n.op === TOp.const_float && compareF64(from.bits === 32 ? f64FromF32(n.bits) : n.bits, from.bits === 32 ? f64FromF32(n.bits) : n.bits) === 0) {
    const node = newTNode(TOp.const_float, type, pos);
    node.bits = n.bits;
    if (from.bits === 64 && info.bits === 32) node.bits = f32FromF64(n.bits);
    else if (from.bits === 32 && info.bits === 64) node.bits = f64FromF32(n.bits);
    return addTNode(f, node);
  }
  return convertNode(f, value, type, from.bits === info.bits ? Conv.same : Conv.float_to_float);
}

function enumFromInt(f: CheckState, given: number, type: number, pos: number): number {
  const value = settle(f, given);
  const info = f.c.types.list[type];
  if (info.kind !== Kind.enum || integerOf(f, nodeType(f, value)) < 0) return -1;
  const n = treeNode(f, value);
  if (n.op === TOp.const_int) {
    for (const member of info.fields) if (compareI128(member.value, n.value) === 0) return exactConstant(f, member.value, type, pos);
    return wrong(f, pos, "no-member", shown(f, type) + " has no member with the value " + textI128(n.value));
  }
  return convertNode(f, value, type, Conv.int_to_enum);
}

/** @intFromEnum, @intFromBool, @ptrCast, @intToPtr, @ptrToInt, @alignCast, @constCast. */
export function checkPointerBuiltin(f: CheckState, n: AstNode, name: string): number {
  const two = name === "ptrCast" || name === "intToPtr" || name === "alignCast";
  if (!arity(f, n, two ? 2 : 1)) return invalidNode(f, n.pos);
  const last = n.list[n.list.length - 1];
  const value = settle(f, checkExpr(f, last, name === "intToPtr" ? TypeId.i64 : -1));
  if (isInvalid(f, value)) return value;
  const kind = nodeKind(f, value);
  const pos = syntaxNode(f, last).pos;
  switch (name) {
    case "intFromEnum": return intFromEnum(f, value, pos);
    case "intFromBool": return kind === Kind.bool ? boolToInt(f, value) : notTaken(f, value, name, pos);
    case "ptrToInt": return isPointerLike(f, value) ? convertNode(f, value, TypeId.i64, Conv.pointer_to_int) : notTaken(f, value, name, pos);
    case "constCast":
      if (kind === Kind.string) return convertNode(f, value, sliceOf(f.c.types, TypeId.u8), Conv.same);
      if (isConstSlice(f.c.types, nodeType(f, value))) return convertNode(f, value, f.c.types.list[nodeType(f, value)].writable, Conv.same);
      return isPointerLike(f, value) || kind === Kind.slice ? value : notTaken(f, value, name, pos);
    case "alignCast":
      checkExpr(f, n.list[0], TypeId.i64);
      return isPointerLike(f, value) ? value : notTaken(f, value, name, pos);
    default: return castPointer(f, n, value, name, pos);
  }
}

function notTaken(f: CheckState, value: number, name: string, pos: number): number {
  return wrong(f, pos, "type-mismatch", "'@" + name + "' does not take " + shown(f, nodeType(f, value)));
}

/** Pointers, functions, and optionals of them. */
function isPointerLike(f: CheckState, id: number): boolean {
  let info = f.c.types.list[nodeType(f, id)];
  if (info.kind === Kind.optional) info = f.c.types.list[info.elem];
  return info.kind === Kind.pointer || info.kind === Kind.fn || info.kind === Kind.extern_fn;
}

function boolToInt(f: CheckState, value: number): number {
  const n = treeNode(f, value);
  return n.op === TOp.const_int ? intConstant(f, i32FromI128(n.value), TypeId.u8, n.pos) : convertNode(f, value, TypeId.u8, Conv.widen);
}

function intFromEnum(f: CheckState, value: number, pos: number): number {
  const info = f.c.types.list[nodeType(f, value)];
  if (info.kind === Kind.union) {
    completeType(f.c, nodeType(f, value));
    const tag = newTNode(TOp.union_tag, info.elem, pos);
    tag.a = value;
    return convertNode(f, addTNode(f, tag), f.c.types.list[info.elem].elem, Conv.widen);
  }
  if (info.kind !== Kind.enum) return notTaken(f, value, "intFromEnum", pos);
  completeType(f.c, nodeType(f, value));
  return coerce(f, value, info.elem, pos);
}

/** @ptrCast(*T, p) and @intToPtr(*T, n). */
function castPointer(f: CheckState, n: AstNode, value: number, name: string, pos: number): number {
  const type = resolveType(f, n.list[0]);
  if (type === TypeId.invalid) return invalidNode(f, n.pos);
  let target = f.c.types.list[type];
  if (target.kind === Kind.optional) target = f.c.types.list[target.elem];
  if (target.kind !== Kind.pointer && target.kind !== Kind.fn && target.kind !== Kind.extern_fn) {
    checkError(f, n.pos, "type-mismatch", "'@" + name + "' gives a pointer, not " + shown(f, type));
    return invalidNode(f, n.pos);
  }
  if (name === "ptrCast") return isPointerLike(f, value) ? convertNode(f, value, type, Conv.same) : notTaken(f, value, name, pos);
  const address = coerce(f, value, TypeId.i64, pos);
  return isInvalid(f, address) ? address : convertNode(f, address, type, Conv.int_to_pointer);
}
