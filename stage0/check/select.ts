// Selection: what stands behind a dot.
// In -> out: "a.b" where a is a file, a type or a value, to constants, functions, enum members, union variants,
// fields and the like. Pointers are followed. "x.len" calls a method len that has no further parameter.

import { nameText } from "../base/intern.ts";
import { type AstNode, NodeKind } from "../syntax/ast.ts";
import { callMethod } from "./call.ts";
import { addLocal, addTNode, addUnaryNode, checkErrorHint, EntityKind, type CheckState, invalidNode, isInvalid, localNode, nodeKind, nodeType, shown, shownName, syntaxNode, treeNode, wrong } from "./checker.ts";
import { convertNode, settle, zeroNode } from "./convert.ts";
import { errorIndexIn } from "./errorset.ts";
import { checkExpr, entityNode, exactConstant, functionValue, intConstant } from "./expr.ts";
import { checkFieldSeen, checkMemberSeen, findField, memberEntity, memberOf } from "./member.ts";
import { completeType } from "./named.ts";
import { derefAll, fieldNode, noMember, readWeak } from "./place.ts";
import { entityOf } from "./scope.ts";
import { Conv, newTNode, TOp } from "./tree.ts";
import { Kind, optionalOf, TypeId } from "./types.ts";
import { denotesGenericType, denotesType, isTypeEntity, resolveType } from "./typexpr.ts";

/** a.b */
export function checkSelect(f: CheckState, id: number, n: AstNode): number {
  const e = entityOf(f, id);
  if (e >= 0) return isTypeEntity(f, e) ? wrong(f, n.pos, "not-a-value", "this is a type, not a value") : entityNode(f, e, n.pos);
  if (isUnitName(f, n.a)) return wrong(f, n.pos, "undefined-name", "the file '" + nameText(f.c.names, syntaxNode(f, n.a).name) + "' declares no " + shownName(f, n.name));
  if (denotesType(f, n.a)) {
    if (denotesGenericType(f, n.a)) return wrong(f, n.pos, "type-arguments", "a generic type needs its type arguments here");
    return selectFromType(f, resolveType(f, n.a), n.name, n.pos);
  }
  const base = settle(f, checkExpr(f, n.a, -1));
  return selectFromValue(f, base, n.name, n.pos);
}

/** Whether a node is the name of an imported file. */
export function isUnitName(f: CheckState, id: number): boolean {
  const n = syntaxNode(f, id);
  if (n.kind !== NodeKind.ident) return false;
  const e = entityOf(f, id);
  return e >= 0 && f.c.entities[e].kind === EntityKind.unit;
}

/** Type.name: a member of an enum, a variant without payload, an error, a constant, a function. */
export function selectFromType(f: CheckState, type: number, name: number, pos: number): number {
  if (type === TypeId.invalid) return invalidNode(f, pos);
  const info = f.c.types.list[type];
  const index = findField(f.c, type, name);
  if (index >= 0 && info.kind === Kind.enum) return exactConstant(f, info.fields[index].value, type, pos);
  if (index >= 0 && info.kind === Kind.union) {
    if (info.fields[index].type !== TypeId.void) return wrong(f, pos, "missing-value", "the variant " + shownName(f, name) + " has a payload; give it in parentheses");
    const node = newTNode(TOp.make_union, type, pos);
    node.n = index;
    return addTNode(f, node);
  }
  if (info.kind === Kind.error_set) return errorFromSet(f, type, name, pos);
  const member = memberOf(f.c, type, name);
  if (member < 0) return noMember(f, type, name, pos);
  if (!checkMemberSeen(f, member, pos)) return invalidNode(f, pos);
  if (f.c.members[member].func >= 0) return functionValue(f, f.c.members[member].func, type, pos);
  const entity = memberEntity(f.c, type, name);
  if (isTypeEntity(f, entity)) return wrong(f, pos, "not-a-value", "this is a type, not a value");
  return entityNode(f, entity, pos);
}

function errorFromSet(f: CheckState, type: number, name: number, pos: number): number {
  const index = errorIndexIn(f.c, type, name);
  if (index < 0) return wrong(f, pos, "no-member", shown(f, type) + " has no error " + shownName(f, name));
  const node = newTNode(TOp.const_error, type, pos);
  node.n = index;
  return addTNode(f, node);
}

/** value.name */
export function selectFromValue(f: CheckState, value: number, name: number, pos: number): number {
  const base = derefAll(f, value, pos);
  if (isInvalid(f, base)) return base;
  const type = nodeType(f, base);
  const info = f.c.types.list[type];
  const isLen = name === f.c.lenName;
  if (info.kind === Kind.struct || info.kind === Kind.union) {
    completeType(f.c, type);
    const index = findField(f.c, type, name);
    if (index >= 0 && !checkFieldSeen(f, info.fields[index], pos)) return invalidNode(f, pos);
    if (index >= 0) return info.kind === Kind.struct ? structField(f, base, index, pos) : payloadNode(f, base, index, pos);
    if (info.kind === Kind.union && nameText(f.c.names, name) === "tag") return addUnaryNode(f, TOp.union_tag, info.elem, pos, base);
  }
  if (isLen && (info.kind === Kind.slice || info.kind === Kind.string || info.kind === Kind.array)) return lengthNode(f, base, pos);
  const member = memberOf(f.c, type, name);
  if (member >= 0) {
    if (!checkMemberSeen(f, member, pos)) return invalidNode(f, pos);
    const func = f.c.members[member].func;
    if (func >= 0 && isLen && f.c.funcDecls[func].hasSelf) return callMethod(f, value, name, [], false, pos);
    if (func >= 0) return wrong(f, pos, "not-a-value", "the method " + shownName(f, name) + " must be called");
    const entity = memberEntity(f.c, type, name);
    if (!isTypeEntity(f, entity)) return entityNode(f, entity, pos);
  }
  if (info.kind === Kind.optional) {
    checkErrorHint(f, pos, "no-member", shown(f, type) + " has no field or method " + shownName(f, name), "unwrap it with '.?', 'orelse' or 'if'");
    return invalidNode(f, pos);
  }
  return noMember(f, type, name, pos);
}

function structField(f: CheckState, base: number, index: number, pos: number): number {
  const old = treeNode(f, base);
  if (f.constant && old.op === TOp.make_struct) {
    const at = old.list2.indexOf(index);
    if (at >= 0) return old.list[at];
    return zeroNode(f, f.c.types.list[old.type].fields[index].type, pos);
  }
  return fieldNode(f, base, index, pos);
}

function payloadNode(f: CheckState, base: number, index: number, pos: number): number {
  const type = f.c.types.list[nodeType(f, base)].fields[index].type;
  const node = newTNode(TOp.union_payload, type, pos);
  node.a = base;
  node.n = index;
  return addTNode(f, node);
}

/** The length of a string, slice or array. */
export function lengthNode(f: CheckState, base: number, pos: number): number {
  const info = f.c.types.list[nodeType(f, base)];
  if (info.kind === Kind.array) return intConstant(f, info.len, TypeId.i64, pos);
  const n = treeNode(f, base);
  if (n.op === TOp.const_string) return intConstant(f, f.c.strings[n.n].length, TypeId.i64, pos);
  return addUnaryNode(f, TOp.len, TypeId.i64, pos, base);
}

/** a?.b: null when a is, else the field, as an optional. */
export function checkOptionalSelect(f: CheckState, n: AstNode): number {
  const base = checkExpr(f, n.a, -1);
  if (isInvalid(f, base)) return base;
  const type = nodeType(f, base);
  if (nodeKind(f, base) !== Kind.optional) return wrong(f, n.pos, "type-mismatch", "'?.' needs an optional on its left, not " + shown(f, type));
  const node = newTNode(TOp.if_some, TypeId.invalid, n.pos);
  node.a = base;
  node.n = addLocal(f, 0, f.c.types.list[type].elem, n.pos, false);
  const field = readWeak(f, selectFromValue(f, localNode(f, node.n, n.pos), n.name, n.pos));
  if (isInvalid(f, field)) return field;
  const isOptional = nodeKind(f, field) === Kind.optional;
  node.type = isOptional ? nodeType(f, field) : optionalOf(f.c.types, nodeType(f, field));
  node.b = isOptional ? field : convertNode(f, field, node.type, Conv.some);
  node.c = zeroNode(f, node.type, n.pos);
  return addTNode(f, node);
}

