// Statements and blocks: declarations of locals, assignments, jumps, defer.
// In -> out: syntax, to statement nodes of type void or noreturn. A block that gives a value is checked by the same
// function: its last statement is its value, or the labelled breaks are.

import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { Oper } from "../syntax/token.ts";
import { nameText } from "../base/intern.ts";
import { joinBranches, checkIf, checkSwitchExpr } from "./branch.ts";
import { addTNode, addUnaryNode, checkError, closeBlockScope, declareNode, EntityKind, type CheckState, invalidNode, isInvalid, type LabelInfo, localNode, nodeKind, nodeType, openBlockScope, pushLabel, shown, shownName, syntaxNode, treeNode, wrong } from "./checker.ts";
import { isScalarConstant } from "./constant.ts";
import { coerce, settle, zeroNode } from "./convert.ts";
import { declareConst, declareType } from "./declare.ts";
import { checkAs, checkExpr } from "./expr.ts";
import { checkFor, checkWhile } from "./loop.ts";
import { hasZeroValue } from "./named.ts";
import { operate } from "./operator.ts";
import { isInPayload } from "./payloads.ts";
import { addressNode, checkAssignable, unreadWeak } from "./place.ts";
import { addEntity, declareVariable, declareName } from "./scope.ts";
import { binOf } from "./fold.ts";
import { Bin, newTNode, type TNode, TOp } from "./tree.ts";
import { Kind, TypeId } from "./types.ts";
import { denotesType, resolveType, weakVarType } from "./typexpr.ts";

/** A block. asValue: its value is wanted, of type `want` when that is known. */
export function checkBlock(f: CheckState, id: number, want: number, asValue: boolean): number {
  const n = syntaxNode(f, id);
  if (hasFlag(n, Flag.comptime)) return wrong(f, n.pos, "unsupported", "comptime blocks are not supported");
  const node = newTNode(TOp.block, TypeId.void, n.pos);
  const label = n.name !== 0 ? pushLabel(f, n.name, false, want) : null;
  const outer = openBlockScope(f);
  const inDefer = f.inDefer;
  node.list = [];
  let ended = false;
  let valued = false;
  for (let i = 0; i < n.list.length; i++) {
    const isLast = i === n.list.length - 1;
    const inner = syntaxNode(f, n.list[i]);
    const isValue = asValue && isLast && inner.kind === NodeKind.expr_stmt;
    const statement = isValue ? checkExpr(f, inner.a, want) : checkStatement(f, n.list[i]);
    if (nodeType(f, statement) === TypeId.noreturn) ended = true;
    valued = isValue && nodeType(f, statement) !== TypeId.void;
    node.list.push(statement);
  }
  closeBlockScope(f, outer);
  f.inDefer = inDefer;
  if (ended) node.type = TypeId.noreturn;
  else if (asValue && node.list.length > 0) node.type = nodeType(f, node.list[node.list.length - 1]);
  if (label !== null) {
    f.labels.pop();
    node.n = label.id;
    closeLabel(f, node.list, label, asValue ? want : -1, valued, ended);
    if (label.broken) node.type = label.want;
    if (label.broken && isUntyped(f, node.type)) node.list2 = label.breaks;
  }
  // Nothing reaches the value of a block that has ended before.
  if (node.type === TypeId.noreturn && valued) node.list[node.list.length - 1] = discardNode(f, node.list[node.list.length - 1]);
  if (node.type === TypeId.invalid && !asValue) node.type = TypeId.void;
  if (asValue && node.type === TypeId.invalid) return invalidNode(f, n.pos);
  return asValue ? addTNode(f, node) : settle(f, addTNode(f, node));
}

function isUntyped(f: CheckState, type: number): boolean {
  const kind = f.c.types.list[type].kind;
  return kind === Kind.untyped_int || kind === Kind.untyped_float;
}

/** Brings the breaks of a labelled block, and its last value, to one type, left in label.want. */
function closeLabel(f: CheckState, list: number[], label: LabelInfo, want: number, valued: boolean, ended: boolean): void {
  if (!label.broken) return;
  const values: number[] = [];
  for (const b of label.breaks) values.push(treeNode(f, b).a);
  if (valued) values.push(list[list.length - 1]);
  if (values.length === 0) {
    label.want = TypeId.void;
    return;
  }
  label.want = joinBranches(f, values, want);
  for (let i = 0; i < label.breaks.length; i++) treeNode(f, label.breaks[i]).a = values[i];
  if (valued) list[list.length - 1] = values[values.length - 1];
  if (label.want === TypeId.invalid || label.want === TypeId.void) return;
  if (label.empty >= 0) checkError(f, label.empty, "missing-value", "this break gives no value, but the block has one");
  else if (!valued && !ended) checkError(f, treeNode(f, label.breaks[0]).pos, "missing-value", "the block ends without a value, but this break gives one");
}

/** A statement: a node of type void or noreturn. */
export function checkStatement(f: CheckState, id: number): number {
  const n = syntaxNode(f, id);
  switch (n.kind) {
    case NodeKind.var_decl: return checkVar(f, id, n);
    case NodeKind.assign: return checkAssign(f, n);
    case NodeKind.while: return checkWhile(f, n);
    case NodeKind.for: return checkFor(f, n);
    case NodeKind.defer: return checkDefer(f, n);
    case NodeKind.expr_stmt: return checkExprStatement(f, n);
    case NodeKind.block: return checkBlock(f, id, -1, false);
    case NodeKind.struct_decl: case NodeKind.enum_decl: case NodeKind.union_decl: case NodeKind.alias: case NodeKind.trait_decl:
      declareType(f.c, f.unit, f.scope, id, n.name, f.func.name);
      break;
    case NodeKind.wrong: break;
    default: checkError(f, n.pos, "unsupported", "this cannot stand in a block");
  }
  return addTNode(f, newTNode(TOp.nothing, TypeId.void, n.pos));
}

function checkExprStatement(f: CheckState, n: AstNode): number {
  const inner = syntaxNode(f, n.a);
  if (inner.kind === NodeKind.if) return checkIf(f, n.a, -1, false);
  if (inner.kind === NodeKind.switch) return checkSwitchExpr(f, inner, -1, false);
  if (inner.kind === NodeKind.block) return checkBlock(f, n.a, -1, false);
  return discardNode(f, checkExpr(f, n.a, -1));
}

/** An expression as a statement: its value is dropped; an error must not be. */
export function discardNode(f: CheckState, id: number): number {
  const kind = nodeKind(f, id);
  const pos = treeNode(f, id).pos;
  if (kind === Kind.noreturn) return id;
  if (kind === Kind.error_union) checkError(f, pos, "ignored-error", "an error may come out of this; use 'try' or 'catch'");
  let value = id;
  if (kind === Kind.untyped_int || kind === Kind.untyped_float) value = settle(f, id);
  if (kind === Kind.invalid || kind === Kind.null || kind === Kind.undefined) return addTNode(f, newTNode(TOp.nothing, TypeId.void, pos));
  return addUnaryNode(f, TOp.discard, TypeId.void, pos, value);
}

/** var, let, const, weak var in a function. */
function checkVar(f: CheckState, id: number, n: AstNode): number {
  const nothing = newTNode(TOp.nothing, TypeId.void, n.pos);
  const constant = hasFlag(n, Flag.constant);
  if (n.b < 0) return checkVarZero(f, n);
  if (constant && n.a < 0 && n.list.length === 0 && denotesType(f, n.b)) {
    declareConst(f.c, f.unit, f.scope, id, f.func.name);
    return addTNode(f, nothing);
  }
  let declared = n.a >= 0 ? resolveType(f, n.a) : -1;
  if (declared >= 0 && hasFlag(n, Flag.weak)) declared = weakVarType(f, declared, n.pos);
  let value = declared >= 0 ? checkAs(f, n.b, declared) : checkExpr(f, n.b, -1);
  if (n.list.length > 0) return checkDestructure(f, n, settle(f, value));
  if (constant && isScalarConstant(treeNode(f, value)) && nodeKind(f, value) !== Kind.null && nodeKind(f, value) !== Kind.undefined) {
    const e = addEntity(f.c, EntityKind.value, n.name, n.pos, f.unit, id, f.scope);
    f.c.entities[e].index = value;
    f.c.entities[e].owner = f;
    declareName(f.c, f.scope, e);
    return addTNode(f, nothing);
  }
  value = settle(f, value);
  if (declared < 0 && hasFlag(n, Flag.weak)) {
    declared = weakVarType(f, nodeType(f, value), n.pos);
    value = coerce(f, value, declared, n.pos);
  }
  const type = storableType(f, declared >= 0 ? declared : nodeType(f, value), n.pos);
  const local = declareVariable(f, n.name, type, n.pos, !constant);
  return declareNode(f, local, value, n.pos);
}

/** var name: T, which begins with the zero value of its type. */
function checkVarZero(f: CheckState, n: AstNode): number {
  let type: number = n.a >= 0 ? resolveType(f, n.a) : TypeId.invalid;
  if (n.a >= 0) type = storableType(f, type, n.pos);
  if (hasFlag(n, Flag.weak)) type = weakVarType(f, type, n.pos);
  if (n.a < 0 || hasFlag(n, Flag.constant)) checkError(f, n.pos, "missing-value", shownName(f, n.name) + " needs a value");
  else if (!hasZeroValue(f.c, type)) checkError(f, n.pos, "missing-value", shownName(f, n.name) + " needs a value: " + shown(f, type) + " has no zero value");
  return declareNode(f, declareVariable(f, n.name, type, n.pos, true), zeroNode(f, type, n.pos), n.pos);
}

/** A type that a variable can have; void and noreturn are reported. */
function storableType(f: CheckState, type: number, pos: number): number {
  if (type !== TypeId.void && type !== TypeId.noreturn) return type;
  checkError(f, pos, "bad-type", "there is no value here to store, its type is " + shown(f, type));
  return TypeId.invalid;
}

/** const a, b = pair() */
function checkDestructure(f: CheckState, n: AstNode, value: number): number {
  const node = newTNode(TOp.destructure, TypeId.void, n.pos);
  const info = f.c.types.list[nodeType(f, value)];
  const names: number[] = [n.name];
  const places: number[] = [n.pos];
  for (const id of n.list) {
    names.push(syntaxNode(f, id).name);
    places.push(syntaxNode(f, id).pos);
  }
  if (hasFlag(n, Flag.weak)) checkError(f, n.pos, "unsupported", "a tuple is not taken apart into weak variables; declare each by its own 'weak var'");
  const good = info.kind === Kind.tuple && info.fields.length === names.length;
  if (info.kind !== Kind.tuple && info.kind !== Kind.invalid) checkError(f, n.pos, "type-mismatch", "only a tuple can be taken apart, not " + shown(f, nodeType(f, value)));
  else if (!good && info.kind === Kind.tuple) checkError(f, n.pos, "type-mismatch", "the tuple has " + info.fields.length + " parts, not " + names.length);
  node.a = value;
  node.list = [];
  for (let i = 0; i < names.length; i++) {
    const local = declareVariable(f, names[i], good ? info.fields[i].type : TypeId.invalid, places[i], !hasFlag(n, Flag.constant));
    node.list.push(local);
  }
  return addTNode(f, node);
}

function checkAssign(f: CheckState, n: AstNode): number {
  const target = syntaxNode(f, n.a);
  const nothing = newTNode(TOp.nothing, TypeId.void, n.pos);
  if (target.kind === NodeKind.ident && nameText(f.c.names, target.name) === "_" && n.n === Oper.assign) {
    const value = settle(f, checkExpr(f, n.b, -1));
    return isInvalid(f, value) ? addTNode(f, nothing) : addUnaryNode(f, TOp.discard, TypeId.void, n.pos, value);
  }
  const place = unreadWeak(f, checkExpr(f, n.a, -1));
  const good = checkAssignable(f, place, target.pos) && !isInvalid(f, place);
  if (n.n === Oper.assign) {
    const value = checkAs(f, n.b, nodeType(f, place));
    if (!good || isInvalid(f, value)) return addTNode(f, nothing);
    const node = newTNode(TOp.assign, TypeId.void, n.pos);
    node.a = place;
    node.b = value;
    return addTNode(f, node);
  }
  if (!good) {
    checkExpr(f, n.b, -1);
    return addTNode(f, nothing);
  }
  return assignOperation(f, n, place);
}

/** "place op= value": in place for numbers, through a pointer for what is joined. */
function assignOperation(f: CheckState, n: AstNode, place: number): number {
  const kind = nodeKind(f, place);
  const type = nodeType(f, place);
  if (n.n === Oper.add && (kind === Kind.string || kind === Kind.slice)) return assignJoined(f, n, place);
  const base = kind === Kind.distinct ? f.c.types.list[type].elem : type;
  const baseKind = f.c.types.list[base].kind;
  const isShift = n.n === Oper.shl || n.n === Oper.shr;
  const bin = binOf(n.n);
  const bits = n.n === Oper.rem || n.n === Oper.bit_and || n.n === Oper.bit_or || n.n === Oper.bit_xor || isShift;
  if (baseKind !== Kind.int && (baseKind !== Kind.float || bits)) {
    checkExpr(f, n.b, -1);
    return wrong(f, n.pos, "type-mismatch", "this operator does not take " + shown(f, type));
  }
  const value = isShift ? settle(f, checkExpr(f, n.b, -1)) : checkAs(f, n.b, type);
  if (isInvalid(f, value)) return addTNode(f, newTNode(TOp.nothing, TypeId.void, n.pos));
  if (isShift && operate(f, n.n, place, value, n.pos) < 0) return value;
  const node = newTNode(TOp.assign_op, TypeId.void, n.pos);
  node.a = place;
  node.b = value;
  node.n = bin;
  return addTNode(f, node);
}

/** A join in the payload of a union, whose address nobody keeps. */
function assignTyped(f: CheckState, n: AstNode, place: number, type: number): number {
  const node = newTNode(TOp.assign_op, TypeId.void, n.pos);
  node.a = place;
  node.b = checkAs(f, n.b, type);
  node.n = Bin.add;
  return isInvalid(f, node.b) ? addTNode(f, newTNode(TOp.nothing, TypeId.void, n.pos)) : addTNode(f, node);
}

/** A join needs the old value too: the place is named once, by its address. */
function assignJoined(f: CheckState, n: AstNode, place: number): number {
  const type = nodeType(f, place);
  if (isInPayload(f.c.types, f.func, place)) return assignTyped(f, n, place, type);
  const block = newTNode(TOp.block, TypeId.void, n.pos);
  block.list = [];
  let target = place;
  let old = -1;
  if (treeNode(f, place).op === TOp.local) {
    old = localNode(f, treeNode(f, place).n, n.pos);
  } else {
    const address = addressNode(f, place, n.pos);
    const pointer = declareVariable(f, 0, nodeType(f, address), n.pos, false);
    block.list.push(declareNode(f, pointer, address, n.pos));
    target = addUnaryNode(f, TOp.deref, type, n.pos, localNode(f, pointer, n.pos));
    old = addUnaryNode(f, TOp.deref, type, n.pos, localNode(f, pointer, n.pos));
  }
  const added = checkAs(f, n.b, type);
  if (isInvalid(f, added)) return addTNode(f, newTNode(TOp.nothing, TypeId.void, n.pos));
  const joined = newTNode(TOp.concat, type, n.pos);
  joined.a = old;
  joined.b = added;
  const assign = newTNode(TOp.assign, TypeId.void, n.pos);
  assign.a = target;
  assign.b = addTNode(f, joined);
  block.list.push(addTNode(f, assign));
  return addTNode(f, block);
}

function checkDefer(f: CheckState, n: AstNode): number {
  const node = newTNode(hasFlag(n, Flag.on_error) ? TOp.errdefer : TOp.defer, TypeId.void, n.pos);
  const was = f.inDefer;
  const labels = f.labels;
  f.inDefer = true;
  f.labels = [];
  node.a = checkStatement(f, n.a);
  f.labels = labels;
  f.inDefer = was;
  return addTNode(f, node);
}

/** return, break, continue: nodes of type noreturn. */
export function checkJump(f: CheckState, n: AstNode): number {
  if (n.kind === NodeKind.return) return checkReturn(f, n);
  const label = findLabel(f, n);
  if (label === null) {
    if (n.a >= 0) checkExpr(f, n.a, -1);
    let text = "there is no loop around this";
    if (n.name !== 0) text = "there is no label '" + nameText(f.c.names, n.name) + "' around this";
    if (f.inDefer) text += " inside the defer";
    return wrongJump(f, n.pos, "no-label", text);
  }
  if (n.kind === NodeKind.continue) {
    if (!label.isLoop) return wrongJump(f, n.pos, "no-label", "'continue' needs a loop, and the label is that of a block");
    const node = newTNode(TOp.continue_to, TypeId.noreturn, n.pos);
    node.n = label.id;
    return addTNode(f, node);
  }
  const node = newTNode(TOp.break_to, TypeId.noreturn, n.pos);
  node.n = label.id;
  label.broken = true;
  if (n.a >= 0) {
    node.a = checkExpr(f, n.a, label.want);
    if (label.isLoop) checkError(f, n.pos, "type-mismatch", "a loop has no value; only a labelled block has");
  } else {
    label.empty = n.pos;
  }
  const id = addTNode(f, node);
  if (n.a >= 0 && !label.isLoop) label.breaks.push(id);
  return id;
}

/** The loop or block that a jump means, or null. */
function findLabel(f: CheckState, n: AstNode): LabelInfo | null {
  for (let i = f.labels.length - 1; i >= 0; i--) {
    const label = f.labels[i];
    if (n.name !== 0 ? label.name === n.name : label.isLoop) return label;
  }
  return null;
}

function checkReturn(f: CheckState, n: AstNode): number {
  const node = newTNode(TOp.return, TypeId.noreturn, n.pos);
  if (f.inDefer) return wrongJump(f, n.pos, "bad-jump", "'return' cannot stand inside a defer");
  if (f.result < 0) return wrongJump(f, n.pos, "bad-jump", "there is no function to return from");
  const info = f.c.types.list[f.result];
  if (n.a >= 0) {
    if (f.result === TypeId.void) return returnVoid(f, n);
    node.a = checkAs(f, n.a, f.result);
    if (isInvalid(f, node.a)) node.a = zeroNode(f, f.result, n.pos);
  } else if (info.kind === Kind.error_union && info.elem === TypeId.void) {
    node.a = zeroNode(f, f.result, n.pos);
  } else if (f.result !== TypeId.void && f.result !== TypeId.invalid) {
    return wrongJump(f, n.pos, "missing-value", "a value of " + shown(f, f.result) + " must be returned");
  }
  return addTNode(f, node);
}

/** Reports a jump that cannot be; it counts as one, so that nothing is said about what follows. */
function wrongJump(f: CheckState, pos: number, code: string, text: string): number {
  checkError(f, pos, code, text);
  return addTNode(f, newTNode(TOp.nothing, TypeId.noreturn, pos));
}

/** A return with an expression in a function without result: a call of another such function may stand there. */
function returnVoid(f: CheckState, n: AstNode): number {
  const value = checkExpr(f, n.a, TypeId.void);
  const type = nodeType(f, value);
  if (type === TypeId.void) return addTNode(f, voidThenReturn(f, value, n.pos));
  if (type === TypeId.noreturn) return value;
  if (type === TypeId.invalid) return addTNode(f, newTNode(TOp.nothing, TypeId.noreturn, n.pos));
  return wrongJump(f, n.pos, "type-mismatch", "this function has no result, but a value of " + shown(f, type) + " is returned");
}

/** "return call()" of a call without result. */
function voidThenReturn(f: CheckState, value: number, pos: number): TNode {
  const block = newTNode(TOp.block, TypeId.noreturn, pos);
  block.list = [addUnaryNode(f, TOp.discard, TypeId.void, pos, value), addTNode(f, newTNode(TOp.return, TypeId.noreturn, pos))];
  return block;
}

