// Type expressions: the same syntax nodes as in expressions, read as types.
// In -> out: a node, to a type id; `denotesType` says beforehand, without reporting, whether a node is a type.

import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { Oper } from "../syntax/token.ts";
import { internName, nameText } from "../base/intern.ts";
import { compareI128, fitsBits, i128From, i32FromI128 } from "../base/int128.ts";
import { checkError, checkErrorHint, enterDeclaration, EntityKind, type CheckState, leaveDeclaration, newDeclState, nodeType, shown, shownName, syntaxNode, treeNode } from "./checker.ts";
import { constantIntNode } from "./constant.ts";
import { declareType } from "./declare.ts";
import { declareErrorSet, mergeErrorSets } from "./errorset.ts";
import { checkSettled } from "./expr.ts";
import { isPrivateElsewhere, memberEntity, memberOf } from "./member.ts";
import { instantiateType } from "./named.ts";
import { entityOf, lookupName, reportUndefined } from "./scope.ts";
import { arrayOf, constSliceOf, errorUnionOf, fnTypeOf, Kind, MAX_TYPE_HEIGHT, optionalOf, pointerTo, sliceOf, tupleOf, TypeId, weakOf } from "./types.ts";

/** Whether a syntax node stands for a type. */
export function denotesType(f: CheckState, id: number): boolean {
  const n = syntaxNode(f, id);
  switch (n.kind) {
    case NodeKind.pointer: case NodeKind.optional: case NodeKind.slice: case NodeKind.array_type: case NodeKind.list_type: case NodeKind.tuple_type:
    case NodeKind.error_union: case NodeKind.fn_type: case NodeKind.weak_type: case NodeKind.struct_decl: case NodeKind.enum_decl: case NodeKind.union_decl: case NodeKind.error_decl:
      return true;
    case NodeKind.ident: case NodeKind.select: {
      const e = typeEntity(f, id);
      return e >= 0 && isTypeEntity(f, e);
    }
    case NodeKind.call: {
      const e = typeEntity(f, n.a);
      return e >= 0 && f.c.entities[e].kind === EntityKind.type_decl && f.c.decls[f.c.entities[e].index].params.length > 0;
    }
    case NodeKind.builtin: return nameText(f.c.names, n.name) === "TypeOf";
    case NodeKind.binary: return n.n === Oper.or && denotesType(f, n.a);
    default: return false;
  }
}

/** Whether a node names a generic type without its arguments. */
export function denotesGenericType(f: CheckState, id: number): boolean {
  const e = typeEntity(f, id);
  return e >= 0 && f.c.entities[e].kind === EntityKind.type_decl && f.c.decls[f.c.entities[e].index].params.length > 0;
}

/** The entity of a name, of file.name or of Type.Name, or -1. */
export function typeEntity(f: CheckState, id: number): number {
  const found = entityOf(f, id);
  if (found >= 0) return found;
  const n = syntaxNode(f, id);
  if (n.kind !== NodeKind.select || !denotesType(f, n.a) || denotesGenericType(f, n.a)) return -1;
  const owner = resolveType(f, n.a);
  const member = memberOf(f.c, owner, n.name);
  return member >= 0 && isPrivateElsewhere(f, f.c.members[member].unit, f.c.members[member].node) ? -1 : memberEntity(f.c, owner, n.name);
}

/** Whether an entity is a type; a constant is looked into once. */
export function isTypeEntity(f: CheckState, entity: number): boolean {
  const e = f.c.entities[entity];
  if (e.kind === EntityKind.type_decl || e.kind === EntityKind.alias) return true;
  if (e.kind !== EntityKind.constant || e.classified) return false;
  e.classified = true;
  const n = f.c.units[e.unit].ast.nodes[e.node];
  if (n.b < 0 || n.a >= 0) return false;
  const inner = newDeclState(f.c, e.unit, e.scope);
  const height = inner.ast.heights[n.b];
  if (!enterDeclaration(f.c, height, e.pos)) return false;
  const isType = denotesType(inner, n.b);
  leaveDeclaration(f.c, height);
  if (!isType) return false;
  e.kind = EntityKind.alias;
  return true;
}

/** The type of an alias, or of a constant that is one; invalid, reported, when it is none. */
export function resolveAliasEntity(f: CheckState, entity: number): number {
  const e = f.c.entities[entity];
  if (!isTypeEntity(f, entity) || e.kind === EntityKind.type_decl) {
    checkError(f, e.pos, "not-a-type", shownName(f, e.name) + " is not a type");
    return TypeId.invalid;
  }
  if (e.type >= 0) return e.type;
  const n = f.c.units[e.unit].ast.nodes[e.node];
  if (e.type === -2) {
    checkError(f, e.pos, "type-loop", shownName(f, e.name) + " is defined by itself");
    return TypeId.invalid;
  }
  e.type = -2;
  const inner = newDeclState(f.c, e.unit, e.scope);
  const value = n.kind === NodeKind.alias ? n.a : n.b;
  const height = inner.ast.heights[value];
  let type: number = TypeId.invalid;
  if (!enterDeclaration(f.c, height, e.pos)) {
    e.type = type;
    return type;
  }
  if (inner.ast.nodes[value].kind === NodeKind.error_decl) type = declareErrorSet(inner, value, f.c.units[e.unit].ast.file.module + "." + nameText(f.c.names, e.name));
  else type = resolveType(inner, value);
  leaveDeclaration(f.c, height);
  e.type = type;
  return type;
}

/** The type that a node stands for; anything else is reported and invalid. */
export function resolveType(f: CheckState, id: number): number {
  const n = syntaxNode(f, id);
  switch (n.kind) {
    case NodeKind.pointer: case NodeKind.optional: case NodeKind.slice: return wrapped(f, n);
    case NodeKind.array_type: return resolveArray(f, n);
    case NodeKind.weak_type: return resolveWeak(f, n);
    case NodeKind.list_type: return resolveLibraryType(f, n, "List", "std/list", [n.a]);
    case NodeKind.tuple_type: return resolveTuple(f, n);
    case NodeKind.error_union: return resolveErrorUnion(f, n);
    case NodeKind.fn_type: return resolveFnType(f, n);
    case NodeKind.ident: case NodeKind.select: return resolveNamed(f, id);
    case NodeKind.call: return resolveApplied(f, n.a, n.list, n.pos);
    case NodeKind.error_decl: return declareErrorSet(f, id, "");
    case NodeKind.binary:
      if (n.n === Oper.or) return mergeErrorSets(f, resolveType(f, n.a), resolveType(f, n.b), n.pos);
      break;
    case NodeKind.struct_decl: case NodeKind.enum_decl: case NodeKind.union_decl: return resolveAnonymous(f, id, n);
    case NodeKind.builtin:
      if (nameText(f.c.names, n.name) === "TypeOf" && n.list.length === 1) return typeOfExpr(f, n.list[0]);
      break;
    case NodeKind.wrong: return TypeId.invalid;
    default: break;
  }
  checkError(f, n.pos, "not-a-type", "a type must stand here");
  return TypeId.invalid;
}

function wrapped(f: CheckState, n: AstNode): number {
  const elem = resolveType(f, n.a);
  if (elem === TypeId.invalid) return elem;
  if (elem === TypeId.noreturn || (elem === TypeId.void && n.kind !== NodeKind.pointer)) {
    checkError(f, syntaxNode(f, n.a).pos, "bad-type", "there is no such type of " + shown(f, elem));
    return TypeId.invalid;
  }
  const pos = syntaxNode(f, n.a).pos;
  if (n.kind === NodeKind.pointer) return boundedType(f, pointerTo(f.c.types, elem), pos);
  if (n.kind === NodeKind.optional) return boundedType(f, optionalOf(f.c.types, elem), pos);
  return boundedType(f, hasFlag(n, Flag.constant) ? constSliceOf(f.c.types, elem) : sliceOf(f.c.types, elem), pos);
}

function resolveWeak(f: CheckState, n: AstNode): number {
  const held = resolveType(f, n.a);
  if (held === TypeId.invalid) return held;
  if (f.c.types.list[held].kind === Kind.pointer) return boundedType(f, weakOf(f.c.types, held), n.pos);
  const hint = weakHeld(f, held) >= 0 ? "a 'weak *T' reads as '?*T' by itself" : "write 'weak *T'";
  checkErrorHint(f, syntaxNode(f, n.a).pos, "bad-type", "what is weak is a pointer '*T', not " + shown(f, held), hint);
  return TypeId.invalid;
}

/** The pointer type that *T and ?*T are about, or -1 for any other type. */
function weakHeld(f: CheckState, type: number): number {
  const info = f.c.types.list[type];
  if (info.kind === Kind.pointer) return type;
  return info.kind === Kind.optional && f.c.types.list[info.elem].kind === Kind.pointer ? info.elem : -1;
}

/** The type of a `weak var` that is declared as a type, or has a value of it; any but *T and ?*T is reported and invalid. */
export function weakVarType(f: CheckState, type: number, pos: number): number {
  if (type === TypeId.invalid) return type;
  const held = weakHeld(f, type);
  if (held >= 0) return boundedType(f, weakOf(f.c.types, held), pos);
  checkError(f, pos, "type-mismatch", "a weak variable holds a pointer, not " + shown(f, type));
  return TypeId.invalid;
}

/** The type, first written here if nowhere before; or invalid, reported, when too many types stand in each other in it. */
export function boundedType(f: CheckState, type: number, pos: number): number {
  const info = f.c.types.list[type];
  if (info.pos < 0) info.pos = pos;
  if (info.height <= MAX_TYPE_HEIGHT) return type;
  checkError(f, pos, "too-deep", "types stand in each other deeper than " + MAX_TYPE_HEIGHT + " levels");
  return TypeId.invalid;
}

function resolveArray(f: CheckState, n: AstNode): number {
  if (denotesType(f, n.a)) return resolveLibraryType(f, n, "Map", "std/map", [n.a, n.b]);
  const elem = resolveType(f, n.b);
  const length = constantIntNode(f, n.a);
  if (elem === TypeId.invalid || length < 0) return TypeId.invalid;
  const value = treeNode(f, length).value;
  if (compareI128(value, i128From(0)) < 0 || !fitsBits(value, 31, false)) {
    checkError(f, syntaxNode(f, n.a).pos, "bad-length", "the length of an array is from 0 to 2147483647");
    return TypeId.invalid;
  }
  return boundedType(f, arrayOf(f.c.types, elem, i32FromI128(value)), n.pos);
}

/** [T] and [K]V: the types of the library, which must be imported. */
function resolveLibraryType(f: CheckState, n: AstNode, name: string, file: string, args: number[]): number {
  const e = lookupName(f, internName(f.c.names, name), n.pos);
  if (e < 0 || f.c.entities[e].kind !== EntityKind.type_decl) {
    checkErrorHint(f, n.pos, "undefined-name", "this type is '" + name + "', which is not declared", "import \"" + file + "\"");
    return TypeId.invalid;
  }
  const types: number[] = [];
  for (const a of args) {
    types.push(resolveType(f, a));
    if (types[types.length - 1] === TypeId.invalid) return TypeId.invalid;
  }
  return instantiateType(f.c, f.c.entities[e].index, types, n.pos);
}

function resolveTuple(f: CheckState, n: AstNode): number {
  const parts: number[] = [];
  let good = true;
  for (const id of n.list) {
    const part = resolveType(f, id);
    if (part === TypeId.invalid) good = false;
    parts.push(part);
  }
  return good ? boundedType(f, tupleOf(f.c.types, parts), n.pos) : TypeId.invalid;
}

function resolveErrorUnion(f: CheckState, n: AstNode): number {
  const payload = resolveType(f, n.b);
  let errors: number = TypeId.any_error;
  if (n.a >= 0) errors = resolveType(f, n.a);
  else checkError(f, n.pos, "inferred-set", "'!T' infers its errors from a body; only the result of a function with a body can be that");
  if (payload === TypeId.invalid || errors === TypeId.invalid) return TypeId.invalid;
  if (f.c.types.list[errors].kind !== Kind.error_set) {
    checkError(f, n.pos, "not-an-error-set", shown(f, errors) + " is not an error set");
    return TypeId.invalid;
  }
  return boundedType(f, errorUnionOf(f.c.types, errors, payload), n.pos);
}

function resolveFnType(f: CheckState, n: AstNode): number {
  const params: number[] = [];
  let good = true;
  for (const id of n.list) {
    const param = resolveType(f, id);
    if (param === TypeId.invalid) good = false;
    params.push(param);
  }
  const result = n.b >= 0 ? resolveType(f, n.b) : TypeId.void;
  if (hasFlag(n, Flag.variadic)) {
    checkError(f, n.pos, "unsupported", "a function type cannot be variadic");
    good = false;
  }
  if (!good || result === TypeId.invalid) return TypeId.invalid;
  return boundedType(f, fnTypeOf(f.c.types, hasFlag(n, Flag.external) ? Kind.extern_fn : Kind.fn, params, result), n.pos);
}

function resolveNamed(f: CheckState, id: number): number {
  const n = syntaxNode(f, id);
  const e = typeEntity(f, id);
  if (e === -2) return TypeId.invalid;
  if (e < 0) {
    if (n.kind === NodeKind.ident) reportUndefined(f, n.name, n.pos);
    else checkError(f, n.pos, "undefined-name", "there is no type " + shownName(f, n.name) + " here");
    return TypeId.invalid;
  }
  const entity = f.c.entities[e];
  if (!isTypeEntity(f, e)) {
    checkError(f, n.pos, "not-a-type", shownName(f, n.name) + (entity.kind === EntityKind.trait ? " is a trait, not a type" : " is not a type"));
    return TypeId.invalid;
  }
  if (entity.kind === EntityKind.alias) return resolveAliasEntity(f, e);
  const d = f.c.decls[entity.index];
  if (d.params.length > 0) {
    checkError(f, n.pos, "type-arguments", "'" + d.name + "' needs " + countOf(d.params.length, "type argument"));
    return TypeId.invalid;
  }
  return instantiateType(f.c, entity.index, [], n.pos);
}

/** "1 thing" or "n things". */
export function countOf(n: number, word: string): string {
  return n + " " + word + (n === 1 ? "" : "s");
}

/** A generic type (by its syntax node) applied to type arguments. */
export function resolveApplied(f: CheckState, callee: number, list: number[], pos: number): number {
  const e = typeEntity(f, callee);
  if (e < 0 || f.c.entities[e].kind !== EntityKind.type_decl || f.c.decls[f.c.entities[e].index].params.length === 0) {
    if (e === -1 && syntaxNode(f, callee).kind === NodeKind.ident) reportUndefined(f, syntaxNode(f, callee).name, pos);
    else if (e !== -2) checkError(f, pos, "not-a-type", "this is not a generic type");
    return TypeId.invalid;
  }
  const decl = f.c.entities[e].index;
  const d = f.c.decls[decl];
  if (list.length !== d.params.length) {
    checkError(f, pos, "type-arguments", "'" + d.name + "' needs " + countOf(d.params.length, "type argument") + ", not " + list.length);
    return TypeId.invalid;
  }
  const args: number[] = [];
  for (const a of list) {
    const arg = resolveType(f, a);
    if (arg === TypeId.invalid) return arg;
    args.push(arg);
  }
  return instantiateType(f.c, decl, args, pos);
}

function resolveAnonymous(f: CheckState, id: number, n: AstNode): number {
  const name = n.name !== 0 ? n.name : internName(f.c.names, "anonymous");
  const entity = f.c.entities[declareType(f.c, f.unit, { parent: f.scope, entities: new Map(), unit: -1, owner: -1 }, id, name, f.c.units[f.unit].ast.file.module)];
  return instantiateType(f.c, entity.index, [], n.pos);
}

/** @TypeOf(x): the nodes of x are left without use. */
function typeOfExpr(f: CheckState, id: number): number {
  if (denotesType(f, id)) return TypeId.type;
  return nodeType(f, checkSettled(f, id));
}
