// Builtins: what "@name(...)" means.
// In -> out: a builtin node of the syntax, to a constant, a convert node, or a builtin node that lower knows. Type
// arguments are read as types; conversions take their type from where they stand when it is left out.

import { compareI128, i128From } from "../base/int128.ts";
import { nameText } from "../base/intern.ts";
import { type AstNode, NodeKind } from "../syntax/ast.ts";
import { Oper } from "../syntax/token.ts";
import { checkConversion, checkPointerBuiltin } from "./builtin_convert.ts";
import { addTNode, checkError, type CheckState, invalidNode, isInvalid, nodeKind, nodeType, shown, syntaxNode, treeNode, wrong } from "./checker.ts";
import { coerce, meetTypes, settle, zeroNode } from "./convert.ts";
import { traitOf } from "./declare.ts";
import { embedFile } from "./embed.ts";
import { checkAs, checkExpr, intConstant, operandWant, stringNode } from "./expr.ts";
import { isOneArgumentConversion } from "./generic.ts";
import { findField, implementsTrait } from "./member.ts";
import { completeType } from "./named.ts";
import { compareNodes } from "./operator.ts";
import { lengthNode } from "./select.ts";
import { alignOfType, fieldOffset, sizeOfType } from "./sizes.ts";
import { Builtin, Conv, newTNode, TOp } from "./tree.ts";
import { Kind, sliceOf, tupleOf, TypeId, typeText } from "./types.ts";
import { countOf, resolveType } from "./typexpr.ts";

/** A builtin. */
export function checkBuiltin(f: CheckState, id: number, n: AstNode, want: number): number {
  const name = nameText(f.c.names, n.name);
  if (isOneArgumentConversion(name)) return checkConversion(f, n, name, want);
  switch (name) {
    case "sizeOf": case "alignOf": case "typeName": case "enumLen": return typeFact(f, n, name);
    case "offsetOf": case "hasField": return fieldFact(f, n, name);
    case "implements": return implementsFact(f, n);
    case "as": return arity(f, n, 2) ? checkAs(f, n.list[1], resolveType(f, n.list[0])) : invalidNode(f, n.pos);
    case "intFromEnum": case "intFromBool": case "ptrCast": case "intToPtr": case "ptrToInt": case "alignCast": case "constCast":
      return checkPointerBuiltin(f, n, name);
    case "min": return twoNumbers(f, n, Builtin.min, Oper.le);
    case "max": return twoNumbers(f, n, Builtin.max, Oper.ge);
    case "fmin": return twoFloats(f, n, Builtin.fmin);
    case "fmax": return twoFloats(f, n, Builtin.fmax);
    case "abs": return oneNumber(f, n, Builtin.abs, true, true);
    case "ctz": return oneNumber(f, n, Builtin.ctz, true, false);
    case "clz": return oneNumber(f, n, Builtin.clz, true, false);
    case "popCount": return oneNumber(f, n, Builtin.pop_count, true, false);
    case "sqrt": return oneNumber(f, n, Builtin.sqrt, false, true);
    case "floor": return oneNumber(f, n, Builtin.floor, false, true);
    case "ceil": return oneNumber(f, n, Builtin.ceil, false, true);
    case "trunc": return oneNumber(f, n, Builtin.trunc, false, true);
    case "round": return oneNumber(f, n, Builtin.round, false, true);
    case "addWithOverflow": return overflowing(f, n, Builtin.add_with_overflow);
    case "subWithOverflow": return overflowing(f, n, Builtin.sub_with_overflow);
    case "mulWithOverflow": return overflowing(f, n, Builtin.mul_with_overflow);
    case "alloc": return simple(f, n, Builtin.alloc, [TypeId.i64], TypeId.i64);
    case "realloc": return simple(f, n, Builtin.realloc, [TypeId.i64, TypeId.i64], TypeId.i64);
    case "dealloc": return simple(f, n, Builtin.dealloc, [TypeId.i64], TypeId.void);
    case "memcpy": return simple(f, n, Builtin.memcpy, [-1, -1, TypeId.i64], TypeId.void);
    case "memset": return simple(f, n, Builtin.memset, [-1, TypeId.u8, TypeId.i64], TypeId.void);
    case "memorySize": return simple(f, n, Builtin.memory_size, [], TypeId.i64);
    case "memoryGrow": return simple(f, n, Builtin.memory_grow, [TypeId.i64], TypeId.i64);
    case "zeroed": return arity(f, n, 1) ? zeroed(f, n) : invalidNode(f, n.pos);
    case "newZeroed": return newZeroed(f, n);
    case "string": return simple(f, n, Builtin.string, [-1, TypeId.i64], TypeId.string);
    case "isUnique": return uniqueness(f, n, Builtin.is_unique);
    case "isOwnArray": return uniqueness(f, n, Builtin.own_array);
    case "ptrOf": return simple(f, n, Builtin.ptr_of, [-2], TypeId.i64);
    case "lenOf": return lengthOf(f, n);
    case "embedFile": return embedFile(f, n);
    case "trap": return simple(f, n, Builtin.trap, [], TypeId.noreturn);
    case "unreachable": return simple(f, n, Builtin.unreachable, [], TypeId.noreturn);
    case "panic": return simple(f, n, Builtin.panic, [TypeId.string], TypeId.noreturn);
    case "exit": return simple(f, n, Builtin.exit, [TypeId.i64], TypeId.noreturn);
    case "assert": return simple(f, n, Builtin.assert, [TypeId.bool], TypeId.void);
    case "assertEq": case "assert_eq": return assertEqual(f, n);
    case "target": return stringNode(f, f.c.options.target, n.pos);
    case "targetOs": return stringNode(f, f.c.options.target === "wasm32" ? "wasi" : "linux", n.pos);
    case "targetArch": return stringNode(f, f.c.options.target === "wasm32" ? "wasm32" : "x86_64", n.pos);
    case "tagName": return nameOf(f, n, Builtin.tag_name);
    case "errorName": return nameOf(f, n, Builtin.error_name);
    case "compileError": return compileError(f, n);
    case "TypeOf": return wrong(f, n.pos, "not-a-value", "this is a type, not a value");
    default: return unknownBuiltin(f, id, n, name);
  }
}

function unknownBuiltin(f: CheckState, id: number, n: AstNode, name: string): number {
  const later = ["field", "typeInfo", "enumName", "arcRetain", "arcRelease", "isUnique", "isOwnArray", "atomicLoad", "atomicStore", "atomicAdd", "atomicCAS", "atomicExchange"];
  if (later.indexOf(name) >= 0) return wrong(f, n.pos, "unsupported", "@" + name + " is not supported");
  return wrong(f, syntaxNode(f, id).pos, "undefined-name", "there is no builtin '@" + name + "'");
}

/** Whether a builtin has so many arguments; reported when not. */
export function arity(f: CheckState, n: AstNode, count: number): boolean {
  if (n.list.length === count) return true;
  checkError(f, n.pos, "argument-count", "'@" + nameText(f.c.names, n.name) + "' takes " + countOf(count, "argument") + ", not " + n.list.length);
  return false;
}

function builtinNode(f: CheckState, builtin: number, list: number[], type: number, pos: number): number {
  for (const id of list) if (isInvalid(f, id)) return id;
  const node = newTNode(TOp.builtin, type, pos);
  node.n = builtin;
  node.list = list;
  return addTNode(f, node);
}

/** A builtin whose arguments have given types; -1: an address, -2: a string or slice. */
function simple(f: CheckState, n: AstNode, builtin: number, params: number[], result: number): number {
  if (!arity(f, n, params.length)) return invalidNode(f, n.pos);
  const list: number[] = [];
  for (let i = 0; i < params.length; i++) {
    if (params[i] >= 0) list.push(checkAs(f, n.list[i], params[i]));
    else if (params[i] === -1) list.push(addressArgument(f, n.list[i]));
    else list.push(viewArgument(f, n.list[i]));
  }
  if (f.constant) return wrong(f, n.pos, "not-constant", "this is not known at compile time");
  return builtinNode(f, builtin, list, result, n.pos);
}

/** An address: an i64, a pointer, or where a slice or string begins. */
function addressArgument(f: CheckState, id: number): number {
  const value = settle(f, checkExpr(f, id, operandWant(f, id, TypeId.i64)));
  const kind = nodeKind(f, value);
  const pos = syntaxNode(f, id).pos;
  if (kind === Kind.pointer || kind === Kind.optional) {
    const info = f.c.types.list[nodeType(f, value)];
    if (kind === Kind.pointer || f.c.types.list[info.elem].kind === Kind.pointer) {
      const node = newTNode(TOp.convert, TypeId.i64, pos);
      node.a = value;
      node.n = Conv.pointer_to_int;
      return addTNode(f, node);
    }
  }
  if (kind === Kind.slice || kind === Kind.string) return builtinNode(f, Builtin.ptr_of, [value], TypeId.i64, pos);
  return coerce(f, value, TypeId.i64, pos);
}

/** @isUnique(x): whether nothing else holds what a pointer or slice leads to; the library's @isOwnArray(s) of a slice, which believes that an array begins there. */
function uniqueness(f: CheckState, n: AstNode, builtin: number): number {
  if (!arity(f, n, 1)) return invalidNode(f, n.pos);
  if (builtin === Builtin.own_array && !f.c.units[f.unit].isStd) return wrong(f, n.pos, "private", "'@isOwnArray' is private to the library");
  const value = settle(f, checkExpr(f, n.list[0], -1));
  if (isInvalid(f, value)) return value;
  const info = f.c.types.list[nodeType(f, value)];
  const kind = info.kind === Kind.optional ? f.c.types.list[info.elem].kind : info.kind;
  if (info.kind === Kind.slice || (kind === Kind.pointer && builtin === Builtin.is_unique)) return builtinNode(f, builtin, [value], TypeId.bool, n.pos);
  return wrong(f, syntaxNode(f, n.list[0]).pos, "type-mismatch", "a pointer or slice is needed, not " + shown(f, nodeType(f, value)));
}

function viewArgument(f: CheckState, id: number): number {
  const value = checkExpr(f, id, -1);
  const kind = nodeKind(f, value);
  if (kind === Kind.slice || kind === Kind.string || kind === Kind.invalid) return value;
  if (kind === Kind.array) return coerce(f, value, sliceOf(f.c.types, f.c.types.list[nodeType(f, value)].elem), syntaxNode(f, id).pos);
  return wrong(f, syntaxNode(f, id).pos, "type-mismatch", "a string or slice is needed, not " + shown(f, nodeType(f, value)));
}

function lengthOf(f: CheckState, n: AstNode): number {
  if (!arity(f, n, 1)) return invalidNode(f, n.pos);
  const value = viewArgument(f, n.list[0]);
  return isInvalid(f, value) ? value : lengthNode(f, value, n.pos);
}

/** @sizeOf, @alignOf, @typeName, @enumLen. */
function typeFact(f: CheckState, n: AstNode, name: string): number {
  if (!arity(f, n, 1)) return invalidNode(f, n.pos);
  const type = resolveType(f, n.list[0]);
  if (type === TypeId.invalid) return invalidNode(f, n.pos);
  completeType(f.c, type);
  f.c.unsettled = false;
  if (name === "sizeOf") return layoutConstant(f, type, sizeOfType(f.c, type), n.pos);
  if (name === "alignOf") return layoutConstant(f, type, alignOfType(f.c, type), n.pos);
  if (name === "typeName") return stringNode(f, typeText(f.c.types, type), n.pos);
  const info = f.c.types.list[type];
  if (info.kind !== Kind.enum && info.kind !== Kind.union) return wrong(f, n.pos, "type-mismatch", "@enumLen needs an enum, not " + shown(f, type));
  f.c.unsettled = f.c.complete.get(type) === 1;
  return layoutConstant(f, type, info.fields.length, n.pos);
}

/** A number that the layout of a type gives; an error when the type is not complete because it asks for this. */
function layoutConstant(f: CheckState, type: number, value: number, pos: number): number {
  if (f.c.unsettled) return wrong(f, pos, "type-loop", "the layout of " + shown(f, type) + " depends on this");
  return intConstant(f, value, TypeId.i64, pos);
}

/** @offsetOf(T, "f") and @hasField(T, "f"). */
function fieldFact(f: CheckState, n: AstNode, name: string): number {
  if (!arity(f, n, 2)) return invalidNode(f, n.pos);
  const type = resolveType(f, n.list[0]);
  const text = syntaxNode(f, n.list[1]);
  if (type === TypeId.invalid) return invalidNode(f, n.pos);
  if (text.kind !== NodeKind.string) return wrong(f, text.pos, "type-mismatch", "the name of a field must stand here as a string");
  const known = f.c.names.ids.get(f.ast.texts[text.n]);
  const index = known === undefined ? -1 : findField(f.c, type, known);
  if (name === "hasField") return intConstant(f, index >= 0 ? 1 : 0, TypeId.bool, n.pos);
  if (index < 0 || f.c.types.list[type].kind !== Kind.struct) return wrong(f, text.pos, "no-member", shown(f, type) + " has no field '" + f.ast.texts[text.n] + "'");
  f.c.unsettled = f.c.complete.get(type) === 1;
  const offset = fieldOffset(f.c, type, index);
  if (offset < 0) return wrong(f, text.pos, "no-offset", "'" + f.ast.texts[text.n] + "' of " + shown(f, type) + " does not begin at a byte");
  return layoutConstant(f, type, offset, n.pos);
}

/** @implements(T, Trait): whether the type has an impl of the trait. */
function implementsFact(f: CheckState, n: AstNode): number {
  if (!arity(f, n, 2)) return invalidNode(f, n.pos);
  const type = resolveType(f, n.list[0]);
  const trait = traitOf(f.c, f.unit, n.list[1]);
  if (type === TypeId.invalid || trait < 0) return invalidNode(f, n.pos);
  return intConstant(f, implementsTrait(f.c, type, trait) ? 1 : 0, TypeId.bool, n.pos);
}

function zeroed(f: CheckState, n: AstNode): number {
  const type = resolveType(f, n.list[0]);
  return type === TypeId.invalid ? invalidNode(f, n.pos) : zeroNode(f, type, n.pos);
}

function newZeroed(f: CheckState, n: AstNode): number {
  if (!arity(f, n, 2)) return invalidNode(f, n.pos);
  const elem = resolveType(f, n.list[0]);
  const count = checkAs(f, n.list[1], TypeId.i64);
  if (elem === TypeId.invalid || isInvalid(f, count)) return invalidNode(f, n.pos);
  if (f.constant) return wrong(f, n.pos, "const-call", "nothing can be allocated at compile time");
  const node = newTNode(TOp.builtin, sliceOf(f.c.types, elem), n.pos);
  node.n = Builtin.new_zeroed;
  node.type2 = elem;
  node.list = [count];
  return addTNode(f, node);
}

/** @min, @max: of integers or floats that meet at one type; constants are compared now. */
function twoNumbers(f: CheckState, n: AstNode, builtin: number, oper: number): number {
  if (!arity(f, n, 2)) return invalidNode(f, n.pos);
  const pair = meetingPair(f, n);
  if (isInvalid(f, pair[0]) || isInvalid(f, pair[1])) return invalidNode(f, n.pos);
  const kind = nodeKind(f, pair[0]);
  if (kind !== Kind.int && kind !== Kind.float && kind !== Kind.untyped_int && kind !== Kind.untyped_float) {
    return wrong(f, n.pos, "type-mismatch", "'@" + nameText(f.c.names, n.name) + "' does not take " + shown(f, nodeType(f, pair[0])));
  }
  if (treeNode(f, pair[0]).op === TOp.const_int && treeNode(f, pair[1]).op === TOp.const_int) {
    const test = treeNode(f, compareNodes(f, oper, pair[0], pair[1], n.pos));
    return compareI128(test.value, i128From(0)) !== 0 ? pair[0] : pair[1];
  }
  return builtinNode(f, builtin, [settle(f, pair[0]), settle(f, pair[1])], nodeType(f, settle(f, pair[0])), n.pos);
}

/** Both arguments at the type where they meet. */
function meetingPair(f: CheckState, n: AstNode): number[] {
  const a = checkExpr(f, n.list[0], -1);
  const b = checkExpr(f, n.list[1], operandWant(f, n.list[1], nodeType(f, a)));
  if (isInvalid(f, a) || isInvalid(f, b)) return [a, b];
  const type = meetTypes(f, nodeType(f, a), nodeType(f, b));
  if (type < 0) {
    const bad = wrong(f, n.pos, "type-mismatch", "'@" + nameText(f.c.names, n.name) + "' needs two values of one type, not " + shown(f, nodeType(f, a)) + " and " + shown(f, nodeType(f, b)));
    return [bad, bad];
  }
  return [coerce(f, a, type, syntaxNode(f, n.list[0]).pos), coerce(f, b, type, syntaxNode(f, n.list[1]).pos)];
}

function twoFloats(f: CheckState, n: AstNode, builtin: number): number {
  if (!arity(f, n, 2)) return invalidNode(f, n.pos);
  const pair = meetingPair(f, n);
  const a = settle(f, pair[0]);
  const b = settle(f, pair[1]);
  if (isInvalid(f, a) || isInvalid(f, b)) return invalidNode(f, n.pos);
  if (nodeKind(f, a) !== Kind.float) return wrong(f, n.pos, "type-mismatch", "'@" + nameText(f.c.names, n.name) + "' needs floats, not " + shown(f, nodeType(f, a)));
  return builtinNode(f, builtin, [a, b], nodeType(f, a), n.pos);
}

function oneNumber(f: CheckState, n: AstNode, builtin: number, ints: boolean, floats: boolean): number {
  if (!arity(f, n, 1)) return invalidNode(f, n.pos);
  let value = checkExpr(f, n.list[0], -1);
  if (!ints && nodeKind(f, value) === Kind.untyped_int) value = coerce(f, value, TypeId.f64, n.pos);
  value = settle(f, value);
  const kind = nodeKind(f, value);
  if (isInvalid(f, value)) return value;
  if (!((ints && kind === Kind.int) || (floats && kind === Kind.float))) {
    return wrong(f, n.pos, "type-mismatch", "'@" + nameText(f.c.names, n.name) + "' does not take " + shown(f, nodeType(f, value)));
  }
  return builtinNode(f, builtin, [value], nodeType(f, value), n.pos);
}

/** The result, wrapped, and whether it overflowed. */
function overflowing(f: CheckState, n: AstNode, builtin: number): number {
  if (!arity(f, n, 2)) return invalidNode(f, n.pos);
  const pair = meetingPair(f, n);
  const a = settle(f, pair[0]);
  const b = settle(f, pair[1]);
  if (isInvalid(f, a) || isInvalid(f, b)) return invalidNode(f, n.pos);
  if (nodeKind(f, a) !== Kind.int) return wrong(f, n.pos, "type-mismatch", "'@" + nameText(f.c.names, n.name) + "' needs integers, not " + shown(f, nodeType(f, a)));
  return builtinNode(f, builtin, [a, b], tupleOf(f.c.types, [nodeType(f, a), TypeId.bool]), n.pos);
}

/** @assertEq(a, b): of one type that can be compared; what cannot be printed is compared and asserted. */
function assertEqual(f: CheckState, n: AstNode): number {
  if (!arity(f, n, 2)) return invalidNode(f, n.pos);
  const pair = meetingPair(f, n);
  const a = settle(f, pair[0]);
  const b = settle(f, pair[1]);
  if (isInvalid(f, a) || isInvalid(f, b)) return invalidNode(f, n.pos);
  const equal = compareNodes(f, Oper.eq, a, b, n.pos);
  if (equal < 0) return wrong(f, n.pos, "type-mismatch", "values of " + shown(f, nodeType(f, a)) + " cannot be compared");
  const kind = nodeKind(f, a);
  const printable = kind === Kind.int || kind === Kind.float || kind === Kind.bool || kind === Kind.string || kind === Kind.enum || kind === Kind.error_set;
  if (!printable) return builtinNode(f, Builtin.assert, [equal], TypeId.void, n.pos);
  return builtinNode(f, Builtin.assert_eq, [a, b], TypeId.void, n.pos);
}

/** @tagName, @errorName. */
function nameOf(f: CheckState, n: AstNode, builtin: number): number {
  if (!arity(f, n, 1)) return invalidNode(f, n.pos);
  let value = checkExpr(f, n.list[0], -1);
  if (isInvalid(f, value)) return value;
  const info = f.c.types.list[nodeType(f, value)];
  if (builtin === Builtin.tag_name && info.kind === Kind.union) {
    completeType(f.c, nodeType(f, value));
    const tag = newTNode(TOp.union_tag, info.elem, n.pos);
    tag.a = value;
    value = addTNode(f, tag);
  }
  const needed = builtin === Builtin.tag_name ? Kind.enum : Kind.error_set;
  if (nodeKind(f, value) !== needed) return wrong(f, n.pos, "type-mismatch", "'@" + nameText(f.c.names, n.name) + "' does not take " + shown(f, nodeType(f, value)));
  return builtinNode(f, builtin, [value], TypeId.string, n.pos);
}

function compileError(f: CheckState, n: AstNode): number {
  if (!arity(f, n, 1)) return invalidNode(f, n.pos);
  const text = syntaxNode(f, n.list[0]);
  return wrong(f, n.pos, "compile-error", text.kind === NodeKind.string ? f.ast.texts[text.n] : "compile error");
}
