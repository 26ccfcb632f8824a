// Calls: of functions, methods, variants, distinct types, function values and the printing functions.
// In -> out: a call node of the syntax, to call, call_value, make_union and convert nodes. What is called is found
// first; type arguments stand in parentheses of their own or are inferred from the arguments.

import { nameText } from "../base/intern.ts";
import { type AstNode, NodeKind } from "../syntax/ast.ts";
import { addLocal, addTNode, checkError, type Entity, EntityKind, type CheckState, invalidNode, isInvalid, localNode, declareNode, nodeKind, nodeType, shown, shownName, syntaxNode, treeNode, wrong } from "./checker.ts";
import { coerce, convertNode, settle } from "./convert.ts";
import { checkAs, checkExpr, entityNode, instanceValue } from "./expr.ts";
import { funcInstance } from "./function.ts";
import { inferTypeArgs } from "./generic.ts";
import { literalTarget, unionNode } from "./literal.ts";
import { findField, memberEntity, memberOf } from "./member.ts";
import { completeType } from "./named.ts";
import { addressNode, checkChangeableOr, derefAll, derefNode, isImmutablePlace, isPlaceNode, noMember } from "./place.ts";
import { checkLenCall, checkPrintCall } from "./print_call.ts";
import { entityOf, reportUndefined } from "./scope.ts";
import { isUnitName, selectFromValue } from "./select.ts";
import { Conv, newTNode, TOp } from "./tree.ts";
import { Kind, TypeId, writtenType } from "./types.ts";
import { countOf, denotesGenericType, denotesType, isTypeEntity, resolveType } from "./typexpr.ts";

/** What is called: a declared function (with owner, receiver, explicit type arguments), or not. */
interface Callee {
  decl: number;
  ownerType: number;
  receiver: number;
  /** The receiver may be a copy of what is immutable. */
  copies: boolean;
}

/** A call. */
export function checkCall(f: CheckState, id: number, want: number): number {
  const n = syntaxNode(f, id);
  const callee = syntaxNode(f, n.a);
  if (callee.kind === NodeKind.dot_name) return callVariantName(f, n, callee, want);
  const e = entityOf(f, n.a);
  if (e === -2) return argsAnyway(f, n);
  if (e >= 0) {
    const entity = f.c.entities[e];
    if (entity.kind === EntityKind.printer) return checkPrintCall(f, n, entity.index);
    if (entity.kind === EntityKind.len) return checkLenCall(f, n);
    if (entity.kind !== EntityKind.func) {
      if (isTypeEntity(f, e)) return callType(f, n, want);
      return callEntityValue(f, n, entity, e);
    }
  }
  const found: Callee = { decl: -1, ownerType: -1, receiver: -1, copies: false };
  if (callee.kind === NodeKind.call) {
    // name(T)(args): what is called is generic, and the inner call gives its type arguments.
    const inner = findCallee(f, callee.a, found);
    if (inner !== -1) return inner;
    if (found.decl >= 0 && f.c.funcDecls[found.decl].params.length > 0 && areTypes(f, callee.list)) {
      return callDecl(f, found, explicitArgs(f, callee.list), n);
    }
    if (found.decl >= 0) return callNode(f, n, callDecl(f, found, null, callee));
    if (found.receiver >= 0) {
      const field = syntaxNode(f, callee.a);
      return callNode(f, n, callNode(f, callee, selectFromValue(f, found.receiver, field.name, field.pos)));
    }
    if (denotesType(f, n.a)) return callType(f, n, want);
    return callNode(f, n, checkExpr(f, n.a, -1));
  }
  const problem = findCallee(f, n.a, found);
  if (problem !== -1) return problem;
  if (found.decl >= 0) {
    const params = f.c.funcDecls[found.decl].params.length;
    if (params > 0 && n.list.length === params && areTypes(f, n.list)) return partialInstance(f, found, n);
    return callDecl(f, found, null, n);
  }
  if (found.receiver >= 0) return callNode(f, n, selectFromValue(f, found.receiver, callee.name, callee.pos));
  if (found.ownerType >= 0 && !denotesType(f, n.a)) return callVariant(f, n, found.ownerType, callee.name, callee.pos);
  if (denotesType(f, n.a)) return callType(f, n, want);
  return callNode(f, n, checkExpr(f, n.a, -1));
}

/** max(i64) as a value: the instance. */
function partialInstance(f: CheckState, found: Callee, n: AstNode): number {
  const args = explicitArgs(f, n.list);
  for (const a of args) if (a === TypeId.invalid) return invalidNode(f, n.pos);
  if (found.receiver >= 0) return wrong(f, n.pos, "not-a-value", "the method must be called");
  return instanceValue(f, funcInstance(f.c, found.decl, found.ownerType, args, n.pos), n.pos);
}

function areTypes(f: CheckState, list: number[]): boolean {
  for (const id of list) if (!denotesType(f, id)) return false;
  return list.length > 0;
}

function explicitArgs(f: CheckState, list: number[]): number[] {
  const out: number[] = [];
  for (const id of list) out.push(resolveType(f, id));
  return out;
}

/** Finds a declared function behind a callee; gives -1, or the node of an error. found.decl stays -1 for values. */
function findCallee(f: CheckState, id: number, found: Callee): number {
  const n = syntaxNode(f, id);
  const e = entityOf(f, id);
  if (e >= 0) {
    if (f.c.entities[e].kind === EntityKind.func) found.decl = f.c.entities[e].index;
    return -1;
  }
  if (n.kind === NodeKind.ident && e === -1) {
    reportUndefined(f, n.name, n.pos);
    return invalidNode(f, n.pos);
  }
  if (n.kind !== NodeKind.select) return -1;
  if (isUnitName(f, n.a)) return wrong(f, n.pos, "undefined-name", "the file '" + nameText(f.c.names, syntaxNode(f, n.a).name) + "' declares no " + shownName(f, n.name));
  if (denotesType(f, n.a)) {
    if (denotesGenericType(f, n.a)) return wrong(f, n.pos, "type-arguments", "a generic type needs its type arguments here");
    return findStatic(f, n, found);
  }
  const base = settle(f, checkExpr(f, n.a, -1));
  if (isInvalid(f, base)) return base;
  return findMethod(f, n, base, found);
}

/** Type.name( */
function findStatic(f: CheckState, n: AstNode, found: Callee): number {
  const type = resolveType(f, n.a);
  if (type === TypeId.invalid) return invalidNode(f, n.pos);
  const member = memberOf(f.c, type, n.name);
  found.ownerType = type;
  if (member >= 0 && f.c.members[member].func >= 0) found.decl = f.c.members[member].func;
  return -1;
}

/** value.name( : a method, or a field that holds a function. */
function findMethod(f: CheckState, n: AstNode, base: number, found: Callee): number {
  const value = derefAll(f, base, n.pos);
  const type = nodeType(f, value);
  // Types that pointers lead through may have methods of their own, as *T has none here.
  const member = memberOf(f.c, type, n.name);
  if (member < 0 || f.c.members[member].func < 0) {
    const index = findField(f.c, type, n.name);
    if (index < 0) {
      const info = f.c.types.list[type];
      if (info.kind === Kind.optional) return wrong(f, n.pos, "no-member", shown(f, type) + " has no method " + shownName(f, n.name) + "; unwrap it with '.?', 'orelse' or 'if'");
      if (info.kind === Kind.error_union) return wrong(f, n.pos, "no-member", shown(f, type) + " has no method " + shownName(f, n.name) + "; use 'try' or 'catch'");
      return noMember(f, type, n.name, n.pos);
    }
    found.receiver = base;
    return -1;
  }
  const decl = f.c.members[member].func;
  if (!f.c.funcDecls[decl].hasSelf) return wrong(f, n.pos, "not-a-method", shownName(f, n.name) + " is not a method; call it as " + f.c.types.list[type].name + "." + nameText(f.c.names, n.name));
  found.decl = decl;
  found.ownerType = type;
  found.receiver = base;
  return -1;
}

/** Checks the arguments of a call that is wrong, for errors in them. */
export function argsAnyway(f: CheckState, n: AstNode): number {
  for (const id of n.list) {
    const kind = syntaxNode(f, id).kind;
    if (kind !== NodeKind.dot_name && kind !== NodeKind.literal && !denotesType(f, id)) checkExpr(f, id, -1);
  }
  return invalidNode(f, n.pos);
}

/** A call of a declared function. */
function callDecl(f: CheckState, found: Callee, explicit: number[] | null, n: AstNode): number {
  const d = f.c.funcDecls[found.decl];
  if (f.constant) {
    argsAnyway(f, n);
    return wrong(f, n.pos, "const-call", "a function cannot be called at compile time");
  }
  let args: number[] = [];
  let checked: number[] = [];
  const skip = found.receiver >= 0 ? 1 : 0;
  if (explicit !== null) {
    if (explicit.length !== d.params.length) return wrong(f, n.pos, "type-arguments", shownName(f, d.name) + " needs " + countOf(d.params.length, "type argument") + ", not " + explicit.length);
    args = explicit;
  } else if (d.params.length > 0) {
    const inferred = inferTypeArgs(f, found.decl, found.ownerType, n.list, skip, n.pos);
    if (inferred === null) return invalidNode(f, n.pos);
    args = inferred.types;
    checked = inferred.nodes;
  }
  for (const a of args) if (a === TypeId.invalid) return argsAnyway(f, n);
  const inst = f.c.insts[funcInstance(f.c, found.decl, found.ownerType, args, n.pos)];
  const node = newTNode(TOp.call, inst.result, n.pos);
  node.n = inst.func;
  const values = checkArgsWith(f, n.list, checked, inst.params, skip, f.c.funcs[inst.func].variadic, n.pos, nameText(f.c.names, d.name));
  if (values === null || inst.result === TypeId.invalid) return invalidNode(f, n.pos);
  let before = -1;
  if (skip === 1) {
    const receiver = checkReceiver(f, found, inst.params[0], d.name, n.pos);
    if (receiver.value < 0) return invalidNode(f, n.pos);
    before = receiver.before;
    node.list = [receiver.value];
    for (const v of values) node.list.push(v);
  } else {
    node.list = values;
  }
  const call = addTNode(f, node);
  if (before < 0) return call;
  const block = newTNode(TOp.block, inst.result, n.pos);
  block.list = [before, call];
  return addTNode(f, block);
}

/** A receiver as an argument; before: the declaration of a variable that it needs, or -1. */
interface Receiver {
  value: number;
  before: number;
}

/** The receiver as the parameter wants it: by value, by pointer, or by the address of a place. */
function checkReceiver(f: CheckState, found: Callee, param: number, name: number, pos: number): Receiver {
  const bad: Receiver = { value: -1, before: -1 };
  let at = found.receiver;
  if (param === TypeId.invalid || isInvalid(f, at)) return bad;
  const info = f.c.types.list[param];
  while (nodeType(f, at) !== param && nodeKind(f, at) === Kind.pointer && !(info.kind === Kind.pointer && nodeType(f, at) === info.elem)) {
    if (info.kind === Kind.pointer && nodeType(f, at) === param) break;
    at = derefNode(f, at, pos);
  }
  if (nodeType(f, at) === param) return { value: at, before: -1 };
  if (info.kind === Kind.pointer && nodeType(f, at) === info.elem) {
    if (treeNode(f, at).op === TOp.deref) return { value: treeNode(f, at).a, before: -1 };
    if (isPlaceNode(f, at) && !(found.copies && isImmutablePlace(f, at))) {
      const isOwn = !f.c.units[f.c.funcDecls[found.decl].unit].isStd;
      const reader = isOwn ? ", or let the method take 'self: " + writtenType(f.c.types, info.elem) + "' where it only reads" : "";
      if (!checkChangeableOr(f, at, "cannot be the receiver of " + shownName(f, name) + ", which takes a " + shown(f, param), reader, pos)) return bad;
      return { value: addressNode(f, at, pos), before: -1 };
    }
    const local = addLocal(f, 0, info.elem, pos, true);
    return { value: addressNode(f, localNode(f, local, pos), pos), before: declareNode(f, local, at, pos) };
  }
  const value = coerce(f, at, param, pos);
  return isInvalid(f, value) ? bad : { value: value, before: -1 };
}

/** The arguments after the first `skip` parameters, converted; null when something is wrong. */
export function checkArgs(f: CheckState, list: number[], params: number[], skip: number, variadic: boolean, pos: number, name: string): number[] | null {
  return checkArgsWith(f, list, [], params, skip, variadic, pos, name);
}

/** The same, with some arguments checked before (by position, -1: not yet). */
function checkArgsWith(f: CheckState, list: number[], checked: number[], params: number[], skip: number, variadic: boolean, pos: number, name: string): number[] | null {
  const needed = params.length - skip;
  let good = true;
  const out: number[] = [];
  if (list.length < needed || (list.length > needed && !variadic)) {
    checkError(f, pos, "argument-count", "'" + name + "' takes " + (variadic ? "at least " : "") + countOf(needed, "argument") + ", not " + list.length);
    good = false;
  }
  for (let i = 0; i < list.length; i++) {
    const param = i < needed ? params[i + skip] : -1;
    const place = syntaxNode(f, list[i]).pos;
    if (param < 0 && !good) {
      if (i >= checked.length || checked[i] < 0) continue;
    }
    let value = i < checked.length && checked[i] >= 0 ? checked[i] : checkExpr(f, list[i], param);
    if (param >= 0) value = coerce(f, value, param, place);
    else value = variadicArg(f, value, place);
    if (isInvalid(f, value)) good = false;
    out.push(value);
  }
  return good ? out : null;
}

/** C's promotions: integers to at least i32, f32 to f64. */
function variadicArg(f: CheckState, id: number, pos: number): number {
  const value = settle(f, id);
  const info = f.c.types.list[nodeType(f, value)];
  switch (info.kind) {
    case Kind.int: return info.bits < 32 ? convertNode(f, value, TypeId.i32, Conv.widen) : value;
    case Kind.bool: return convertNode(f, value, TypeId.i32, Conv.widen);
    case Kind.enum: return f.c.types.list[info.elem].bits < 32 ? convertNode(f, value, TypeId.i32, Conv.widen) : convertNode(f, value, info.elem, Conv.widen);
    case Kind.float: return info.bits === 32 ? convertNode(f, value, TypeId.f64, Conv.float_to_float) : value;
    case Kind.pointer: case Kind.extern_fn: case Kind.invalid: return value;
    case Kind.optional: if (f.c.types.list[info.elem].kind === Kind.pointer) return value; break;
    default: break;
  }
  return wrong(f, pos, "type-mismatch", shown(f, nodeType(f, value)) + " cannot be passed to a C function");
}

/** A call of a value of function type. */
function callNode(f: CheckState, n: AstNode, callee: number): number {
  const value = derefAll(f, callee, n.pos);
  if (isInvalid(f, value)) return argsAnyway(f, n);
  const info = f.c.types.list[nodeType(f, value)];
  if (info.kind !== Kind.fn && info.kind !== Kind.extern_fn) {
    argsAnyway(f, n);
    return wrong(f, n.pos, "not-callable", shown(f, nodeType(f, value)) + " cannot be called");
  }
  if (f.constant) return wrong(f, n.pos, "const-call", "a function cannot be called at compile time");
  const node = newTNode(TOp.call_value, info.elem, n.pos);
  node.a = value;
  const values = checkArgs(f, n.list, info.params, 0, false, n.pos, "this function");
  if (values === null) return invalidNode(f, n.pos);
  node.list = values;
  return addTNode(f, node);
}

function callEntityValue(f: CheckState, n: AstNode, entity: Entity, id: number): number {
  if (entity.kind === EntityKind.trait) return wrong(f, n.pos, "not-callable", shownName(f, entity.name) + " is a trait");
  return callNode(f, n, entityNode(f, id, n.pos));
}

/** Type(x): wraps a distinct type, makes a union's variant, or is an error. */
function callType(f: CheckState, n: AstNode, want: number): number {
  if (denotesGenericType(f, n.a)) return wrong(f, n.pos, "not-a-value", "this is a type, not a value");
  const type = resolveType(f, n.a);
  if (type === TypeId.invalid) return argsAnyway(f, n);
  const info = f.c.types.list[type];
  if (info.kind !== Kind.distinct) {
    argsAnyway(f, n);
    return wrong(f, n.pos, "not-callable", shown(f, type) + " is a type; 'as' and the builtins convert to it");
  }
  completeType(f.c, type);
  if (n.list.length !== 1) return wrong(f, n.pos, "argument-count", shown(f, type) + " wraps 1 value, not " + n.list.length);
  const value = checkAs(f, n.list[0], want >= 0 && want === info.elem ? want : info.elem);
  return isInvalid(f, value) ? value : convertNode(f, value, type, Conv.same);
}

/** .Variant(x) */
function callVariantName(f: CheckState, n: AstNode, callee: AstNode, want: number): number {
  const type = literalTarget(f, want);
  if (type === TypeId.invalid) return argsAnyway(f, n);
  if (type < 0) {
    argsAnyway(f, n);
    return wrong(f, callee.pos, "unknown-type", "the type that '." + nameText(f.c.names, callee.name) + "' belongs to is not known here");
  }
  return callVariant(f, n, type, callee.name, callee.pos);
}

/** A variant with its payload, or a static function of the type. */
export function callVariant(f: CheckState, n: AstNode, type: number, name: number, pos: number): number {
  const info = f.c.types.list[type];
  const index = findField(f.c, type, name);
  if (info.kind !== Kind.union || index < 0) {
    const member = memberOf(f.c, type, name);
    if (member >= 0 && f.c.members[member].func >= 0) return callDecl(f, { decl: f.c.members[member].func, ownerType: type, receiver: -1, copies: false }, null, n);
    if (member >= 0) return callNode(f, n, entityNode(f, memberEntity(f.c, type, name), pos));
    argsAnyway(f, n);
    return noMember(f, type, name, pos);
  }
  const payload = info.fields[index].type;
  if (payload === TypeId.void) return wrong(f, pos, "argument-count", "the variant " + shownName(f, name) + " has no payload");
  if (n.list.length !== 1) return wrong(f, pos, "argument-count", "the variant " + shownName(f, name) + " has one payload, not " + n.list.length);
  return unionNode(f, type, index, checkAs(f, n.list[0], payload), n.pos);
}

/** Calls a method of a value that has it, with arguments from the syntax. `copies`: one that takes a pointer gets a copy of what is immutable. */
export function callMethod(f: CheckState, value: number, name: number, args: number[], copies: boolean, pos: number): number {
  const found: Callee = { decl: -1, ownerType: -1, receiver: value, copies: copies };
  const type = nodeType(f, derefAll(f, value, pos));
  const member = memberOf(f.c, type, name);
  if (member < 0 || f.c.members[member].func < 0) return noMember(f, type, name, pos);
  found.decl = f.c.members[member].func;
  found.ownerType = type;
  const n: AstNode = { kind: NodeKind.call, pos: pos, name: 0, a: -1, b: -1, c: -1, d: -1, n: -1, flags: 0, list: args };
  return callDecl(f, found, null, n);
}

