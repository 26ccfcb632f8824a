// Expressions: the dispatch over syntax kinds, names, simple literals, and what wraps other expressions.
// In -> out: a syntax node and the type wanted (-1: none; a hint, not a demand), to a typed node. `checkAs` demands.

import { f64FromText, isInfiniteBits } from "../base/float.ts";
import { compareI128, type I128, i128From } from "../base/int128.ts";
import { nameText } from "../base/intern.ts";
import { type AstNode, NodeKind } from "../syntax/ast.ts";
import { Oper } from "../syntax/token.ts";
import { checkBuiltin } from "./builtin.ts";
import { checkCall } from "./call.ts";
import { addLocal, addTNode, addUnaryNode, checkError, type Entity, EntityKind, errorIndex, type CheckState, invalidNode, isInvalid, localNode, nodeKind, nodeType, shown, shownName, stringIndex, syntaxNode, treeNode, wrong } from "./checker.ts";
import { captureLocal, checkClosure } from "./closure.ts";
import { copyConstant, useConstant } from "./constant.ts";
import { coerce, convertNode, meetTypes, numberTarget, settle, tryCoerce, zeroNode } from "./convert.ts";
import { errorSetOf } from "./errorset.ts";
import { funcInstance } from "./function.ts";
import { checkIf, checkSwitchExpr } from "./branch.ts";
import { useGlobal } from "./global.ts";
import { checkArray, checkDotName, checkLiteral, checkNew, checkTuple } from "./literal.ts";
import { checkBinary, checkUnary } from "./operator.ts";
import { derefAll, isImmutablePlace, isPlaceNode, readWeak, takeAddress } from "./place.ts";
import { checkParts } from "./print_call.ts";
import { declareVariable, lookupName, reportUndefined } from "./scope.ts";
import { checkOptionalSelect, checkSelect } from "./select.ts";
import { checkBlock, checkJump, discardNode } from "./stmt.ts";
import { Conv, newTNode, type TNode, TOp } from "./tree.ts";
import { constSliceOf, fnTypeOf, Kind, sliceOf, TypeId } from "./types.ts";
import { denotesType, isTypeEntity, resolveType } from "./typexpr.ts";

/** The node of an expression that must be of a type. */
export function checkAs(f: CheckState, id: number, type: number): number {
  return coerce(f, checkExpr(f, id, type), type, syntaxNode(f, id).pos);
}

/** The node of an expression with its own type; untyped constants become i64 or f64. */
export function checkSettled(f: CheckState, id: number): number {
  return settle(f, checkExpr(f, id, -1));
}

/** The node of an expression. One of type weak *T is read, as ?*T; unreadWeak gives back what was read. */
export function checkExpr(f: CheckState, id: number, want: number): number {
  return readWeak(f, checkForm(f, id, want));
}

function checkForm(f: CheckState, id: number, want: number): number {
  const n = syntaxNode(f, id);
  switch (n.kind) {
    case NodeKind.integer: return intNode(f, n);
    case NodeKind.float: return checkFloat(f, n);
    case NodeKind.string: return stringNode(f, f.ast.texts[n.n], n.pos);
    case NodeKind.interpolate: return checkInterpolation(f, n);
    case NodeKind.true: return boolNode(f, true, n.pos);
    case NodeKind.false: return boolNode(f, false, n.pos);
    case NodeKind.null: return addTNode(f, newTNode(TOp.const_zero, TypeId.null, n.pos));
    case NodeKind.undefined: return addTNode(f, newTNode(TOp.const_zero, TypeId.undefined, n.pos));
    case NodeKind.array: return checkArray(f, n, want);
    case NodeKind.tuple: return checkTuple(f, n, want);
    case NodeKind.literal: return checkLiteral(f, n, want);
    case NodeKind.dot_name: return checkDotName(f, n, want);
    case NodeKind.error_name: return checkErrorName(f, n);
    case NodeKind.ident: return checkIdent(f, n);
    case NodeKind.builtin: return checkBuiltin(f, id, n, want);
    case NodeKind.unary: return checkUnary(f, n, want);
    case NodeKind.binary: return n.n === Oper.orelse ? checkOrelse(f, n, want) : checkBinary(f, id, want);
    case NodeKind.select: return checkSelect(f, id, n);
    case NodeKind.part: return checkPart(f, n);
    case NodeKind.optional_select: return checkOptionalSelect(f, n);
    case NodeKind.deref: return checkDeref(f, n);
    case NodeKind.unwrap: return checkUnwrap(f, n);
    case NodeKind.call: return checkCall(f, id, want);
    case NodeKind.index: return checkIndex(f, n);
    case NodeKind.slice_of: return checkSlice(f, n);
    case NodeKind.as: return checkAs(f, n.a, resolveType(f, n.b));
    case NodeKind.catch: return checkCatch(f, n, want);
    case NodeKind.new: return checkNew(f, n);
    case NodeKind.closure: return checkClosure(f, n);
    case NodeKind.if: return checkIf(f, id, want, true);
    case NodeKind.switch: return checkSwitchExpr(f, n, want, true);
    case NodeKind.block: return checkBlock(f, id, want, true);
    case NodeKind.return: case NodeKind.break: case NodeKind.continue: return checkJump(f, n);
    case NodeKind.wrong: return invalidNode(f, n.pos);
    default:
      if (denotesType(f, id)) resolveType(f, id);
      return wrong(f, n.pos, "not-a-value", "this is a type, not a value");
  }
}

/** Whether a syntax node is of a form that finds its own type when none is wanted. */
function hasOwnType(f: CheckState, id: number): boolean {
  const kind = syntaxNode(f, id).kind;
  return kind === NodeKind.if || kind === NodeKind.switch || kind === NodeKind.block;
}

/** What an operand may know of the type that it is to meet: names and conversions need it, numbers of an if, switch or block do not. */
export function operandWant(f: CheckState, id: number, want: number): number {
  return want >= 0 && hasOwnType(f, id) && numberTarget(f, want) >= 0 ? -1 : want;
}

function intNode(f: CheckState, n: AstNode): number {
  const node = newTNode(TOp.const_int, TypeId.untyped_int, n.pos);
  node.value = f.ast.ints[n.n];
  return addTNode(f, node);
}

/** An integer constant of a type. */
export function intConstant(f: CheckState, value: number, type: number, pos: number): number {
  return exactConstant(f, i128From(value), type, pos);
}

/** The same of a number of any size. */
export function exactConstant(f: CheckState, value: I128, type: number, pos: number): number {
  const node = newTNode(TOp.const_int, type, pos);
  node.value = value;
  return addTNode(f, node);
}

export function boolNode(f: CheckState, value: boolean, pos: number): number {
  return intConstant(f, value ? 1 : 0, TypeId.bool, pos);
}

/** A string constant. */
export function stringNode(f: CheckState, text: string, pos: number): number {
  const node = newTNode(TOp.const_string, TypeId.string, pos);
  node.n = stringIndex(f.c, text);
  return addTNode(f, node);
}

/** A float literal keeps its text, so that it is rounded once to the type it gets. */
function checkFloat(f: CheckState, n: AstNode): number {
  const node = newTNode(TOp.const_float, TypeId.untyped_float, n.pos);
  const text = f.ast.texts[n.n];
  node.bits = f64FromText(text);
  if (isInfiniteBits(node.bits, 53)) checkError(f, n.pos, "number-too-large", "this float is larger than every f64");
  f.c.floatTexts.push(text);
  node.n = f.c.floatTexts.length - 1;
  return addTNode(f, node);
}

function checkInterpolation(f: CheckState, n: AstNode): number {
  const node = newTNode(TOp.interpolate, TypeId.string, n.pos);
  node.list = checkParts(f, n.list);
  if (f.constant) return wrong(f, n.pos, "not-constant", "an interpolated string is not known at compile time");
  return addTNode(f, node);
}

function checkErrorName(f: CheckState, n: AstNode): number {
  const index = errorIndex(f.c, n.name);
  const node = newTNode(TOp.const_error, errorSetOf(f.c, [index]), n.pos);
  node.n = index;
  return addTNode(f, node);
}

function checkIdent(f: CheckState, n: AstNode): number {
  const e = lookupName(f, n.name, n.pos);
  if (e === -2) return invalidNode(f, n.pos);
  if (e < 0) {
    reportUndefined(f, n.name, n.pos);
    return invalidNode(f, n.pos);
  }
  return entityNode(f, e, n.pos);
}

/** The value of an entity used in an expression. */
export function entityNode(f: CheckState, entity: number, pos: number): number {
  const e = f.c.entities[entity];
  switch (e.kind) {
    case EntityKind.local: return checkLocal(f, entity, e, pos);
    case EntityKind.value: return copyConstant(f, e.owner!.func, e.index, pos);
    case EntityKind.global: return useGlobal(f, e.index, pos);
    case EntityKind.func: return functionValue(f, e.index, -1, pos);
    case EntityKind.constant:
      if (isTypeEntity(f, entity)) break;
      return useConstant(f, entity, pos);
    case EntityKind.unit: return wrong(f, pos, "not-a-value", shownName(f, e.name) + " is a file");
    case EntityKind.printer: case EntityKind.len: return wrong(f, pos, "not-a-value", shownName(f, e.name) + " must be called");
    default: break;
  }
  return wrong(f, pos, "not-a-value", shownName(f, e.name) + (e.kind === EntityKind.trait ? " is a trait, not a value" : " is a type, not a value"));
}

function checkLocal(f: CheckState, entity: number, e: Entity, pos: number): number {
  const local = e.owner === f ? e.index : captureLocal(f, entity, pos);
  if (local < 0) return wrong(f, pos, "not-constant", shownName(f, e.name) + " is not known at compile time");
  return localNode(f, local, pos);
}

/** A function as a value: its static cell. */
export function functionValue(f: CheckState, decl: number, ownerType: number, pos: number): number {
  const d = f.c.funcDecls[decl];
  if (d.params.length > 0) return wrong(f, pos, "type-arguments", shownName(f, d.name) + " is generic; give its type arguments, as in " + nameText(f.c.names, d.name) + "(i64)");
  return instanceValue(f, funcInstance(f.c, decl, ownerType, [], pos), pos);
}

/** A function instance as a value. */
export function instanceValue(f: CheckState, inst: number, pos: number): number {
  const i = f.c.insts[inst];
  if (i.result === TypeId.invalid) return invalidNode(f, pos);
  const func = f.c.funcs[i.func];
  if (func.variadic) return wrong(f, pos, "not-a-value", "a variadic function can only be called");
  const node = newTNode(TOp.const_fn, fnTypeOf(f.c.types, Kind.fn, i.params, i.result), pos);
  node.n = i.func;
  return addTNode(f, node);
}

function checkPart(f: CheckState, n: AstNode): number {
  const base = derefAll(f, checkSettled(f, n.a), n.pos);
  if (isInvalid(f, base)) return base;
  if (nodeKind(f, base) !== Kind.tuple) return wrong(f, n.pos, "type-mismatch", shown(f, nodeType(f, base)) + " is not a tuple");
  const fields = f.c.types.list[nodeType(f, base)].fields;
  const value = f.ast.ints[n.n];
  for (let i = 0; i < fields.length; i++) {
    if (compareI128(i128From(i), value) !== 0) continue;
    const old = treeNode(f, base);
    if (old.op === TOp.make_tuple && f.constant) return old.list[i];
    const node = newTNode(TOp.field, fields[i].type, n.pos);
    node.a = base;
    node.n = i;
    return addTNode(f, node);
  }
  return wrong(f, n.pos, "no-member", shown(f, nodeType(f, base)) + " has no such part");
}

function checkDeref(f: CheckState, n: AstNode): number {
  const base = checkExpr(f, n.a, -1);
  if (isInvalid(f, base)) return base;
  if (nodeKind(f, base) !== Kind.pointer) return wrong(f, n.pos, "type-mismatch", shown(f, nodeType(f, base)) + " is not a pointer");
  return addUnaryNode(f, TOp.deref, f.c.types.list[nodeType(f, base)].elem, n.pos, base);
}

function checkUnwrap(f: CheckState, n: AstNode): number {
  let base = checkExpr(f, n.a, -1);
  while (nodeKind(f, base) === Kind.pointer) base = readWeak(f, derefAll(f, base, n.pos));
  if (isInvalid(f, base)) return base;
  if (nodeKind(f, base) !== Kind.optional) return wrong(f, n.pos, "type-mismatch", shown(f, nodeType(f, base)) + " is not optional");
  return addUnaryNode(f, TOp.unwrap, f.c.types.list[nodeType(f, base)].elem, n.pos, base);
}

/** An index of any integer type; constants become i64. */
function checkSubscript(f: CheckState, id: number): number {
  const node = settle(f, checkExpr(f, id, operandWant(f, id, TypeId.i64)));
  const kind = nodeKind(f, node);
  if (kind === Kind.int || kind === Kind.invalid) return node;
  const asInt = kind === Kind.enum || kind === Kind.distinct ? tryCoerce(f, node, TypeId.i64, syntaxNode(f, id).pos) : -1;
  if (asInt >= 0) return asInt;
  return wrong(f, syntaxNode(f, id).pos, "type-mismatch", "an index is an integer, not " + shown(f, nodeType(f, node)));
}

function checkIndex(f: CheckState, n: AstNode): number {
  const base = derefAll(f, checkSettled(f, n.a), n.pos);
  const index = checkSubscript(f, n.b);
  if (isInvalid(f, base) || isInvalid(f, index)) return invalidNode(f, n.pos);
  const info = f.c.types.list[nodeType(f, base)];
  if (info.kind !== Kind.array && info.kind !== Kind.slice && info.kind !== Kind.string) {
    return wrong(f, n.pos, "type-mismatch", shown(f, nodeType(f, base)) + " cannot be indexed");
  }
  const old = treeNode(f, base);
  if (f.constant && old.op === TOp.make_array && treeNode(f, index).op === TOp.const_int) {
    for (let i = 0; i < old.list.length; i++) if (compareI128(i128From(i), treeNode(f, index).value) === 0) return old.list[i];
    return wrong(f, n.pos, "index-range", "this index is outside of the array");
  }
  if (f.constant && old.op === TOp.const_zero && info.kind === Kind.array && treeNode(f, index).op === TOp.const_int) {
    const value = treeNode(f, index).value;
    if (compareI128(value, i128From(0)) >= 0 && compareI128(value, i128From(info.len)) < 0) return zeroNode(f, info.elem, n.pos);
    return wrong(f, n.pos, "index-range", "this index is outside of the array");
  }
  const node = newTNode(TOp.index, info.kind === Kind.string ? TypeId.u8 : info.elem, n.pos);
  node.a = base;
  node.b = index;
  return addTNode(f, node);
}

function checkSlice(f: CheckState, n: AstNode): number {
  const base = derefAll(f, checkSettled(f, n.a), n.pos);
  const node = newTNode(TOp.slice, TypeId.invalid, n.pos);
  node.a = base;
  if (n.b >= 0) node.b = checkSubscript(f, n.b);
  if (n.c >= 0) node.c = checkSubscript(f, n.c);
  if (isInvalid(f, base) || (node.b >= 0 && isInvalid(f, node.b)) || (node.c >= 0 && isInvalid(f, node.c))) return invalidNode(f, n.pos);
  const info = f.c.types.list[nodeType(f, base)];
  if (info.kind === Kind.string) {
    node.type = TypeId.string;
  } else if (info.kind === Kind.slice) {
    node.type = nodeType(f, base);
  } else if (info.kind === Kind.array) {
    const place = isPlaceNode(f, base);
    node.type = place && isImmutablePlace(f, base) ? constSliceOf(f.c.types, info.elem) : sliceOf(f.c.types, info.elem);
    if (place) takeAddress(f, base);
    else node.a = coerce(f, base, node.type, n.pos);
  } else {
    return wrong(f, n.pos, "type-mismatch", shown(f, nodeType(f, base)) + " cannot be sliced");
  }
  return addTNode(f, node);
}

function checkOrelse(f: CheckState, n: AstNode, want: number): number {
  const value = checkExpr(f, n.a, -1);
  if (isInvalid(f, value)) {
    checkExpr(f, n.b, want);
    return value;
  }
  if (nodeKind(f, value) !== Kind.optional) return wrong(f, n.pos, "type-mismatch", "'orelse' needs an optional on its left, not " + shown(f, nodeType(f, value)));
  const payload = f.c.types.list[nodeType(f, value)].elem;
  return alternative(f, n, TOp.orelse, value, payload, want, -1);
}

/** The node of "value orelse other" and "value catch other": of the payload's type, or an optional of it. */
function alternative(f: CheckState, n: AstNode, op: number, value: number, payload: number, want: number, local: number): number {
  const optional = want >= 0 && f.c.types.list[want].kind === Kind.optional && f.c.types.list[want].elem === payload;
  let other = checkExpr(f, n.b, optional && hasOwnType(f, n.b) ? want : payload);
  let type = payload;
  if (isInvalid(f, other)) return other;
  if (payload === TypeId.void && nodeType(f, other) !== TypeId.void && nodeType(f, other) !== TypeId.noreturn) other = discardNode(f, other);
  const stays = nodeType(f, other) === TypeId.noreturn ? other : tryCoerce(f, other, payload, n.pos);
  let right = stays;
  if (stays < 0) {
    const met = meetTypes(f, payload, nodeType(f, other));
    type = met >= 0 && f.c.types.list[met].kind === Kind.optional ? met : payload;
    if (type === payload && optional) type = want;
    right = coerce(f, other, type, syntaxNode(f, n.b).pos);
    if (isInvalid(f, right)) return right;
  }
  const node = newTNode(op, type, n.pos);
  node.a = value;
  node.b = right;
  node.n = local;
  if (type === payload) return addTNode(f, node);
  // An optional is wanted of a plain payload: the left side is converted inside.
  return optionalAlternative(f, node, payload, type, op);
}

function optionalAlternative(f: CheckState, node: TNode, payload: number, type: number, op: number): number {
  if (op === TOp.orelse) {
    // "a orelse b" with b optional is a itself when it has a value: only the type says so already.
    const same = newTNode(TOp.if_some, type, node.pos);
    same.a = node.a;
    same.n = addLocal(f, 0, payload, node.pos, false);
    same.b = convertNode(f, localNode(f, same.n, node.pos), type, Conv.some);
    same.c = node.b;
    return addTNode(f, same);
  }
  const ok = newTNode(TOp.if_ok, type, node.pos);
  ok.a = node.a;
  ok.n = addLocal(f, 0, payload, node.pos, false);
  ok.n2 = node.n;
  ok.b = convertNode(f, localNode(f, ok.n, node.pos), type, Conv.some);
  ok.c = node.b;
  return addTNode(f, ok);
}

function checkCatch(f: CheckState, n: AstNode, want: number): number {
  const value = checkExpr(f, n.a, -1);
  const outer = f.scope;
  f.scope = { parent: outer, entities: new Map(), unit: -1, owner: -1 };
  const bad = isInvalid(f, value);
  const isUnion = nodeKind(f, value) === Kind.error_union;
  const info = f.c.types.list[nodeType(f, value)];
  let local = -1;
  if (n.c >= 0) local = declareCaptured(f, n.c, isUnion ? info.errors : TypeId.invalid);
  let result = value;
  if (isUnion) {
    result = alternative(f, n, TOp.catch, value, info.elem, want, local);
  } else {
    checkExpr(f, n.b, want);
    if (!bad) result = wrong(f, n.pos, "type-mismatch", "'catch' needs an error union on its left, not " + shown(f, nodeType(f, value)));
  }
  f.scope = outer;
  return result;
}

/** Declares the name of a capture node; gives its local. */
export function declareCaptured(f: CheckState, id: number, type: number): number {
  const n = syntaxNode(f, id);
  return declareVariable(f, n.name, type, n.pos, false);
}
