// Loops: while with its captures, for over ranges, slices, strings, arrays and iterators.
// In -> out: syntax, to while, while_some, while_ok, for_range, for_each nodes. A value with a method next becomes a
// while_some over its calls; List, Map and their like give such a value by their method iterator.

import { compareI128, i128From } from "../base/int128.ts";
import { internName } from "../base/intern.ts";
import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { checkCapturing } from "./branch.ts";
import { addTNode, checkError, closeBlockScope, declareNode, type CheckState, isInvalid, localNode, nodeKind, nodeType, openBlockScope, pushLabel, shown, syntaxNode, treeNode, wrong } from "./checker.ts";
import { callMethod } from "./call.ts";
import { coerce, meetTypes } from "./convert.ts";
import { checkAs, checkExpr, checkSettled, intConstant } from "./expr.ts";
import { memberOf, findField } from "./member.ts";
import { derefAll, fieldNode, isPlaceNode, takeAddress, unpinCaptured } from "./place.ts";
import { declareVariable } from "./scope.ts";
import { checkBlock, checkStatement } from "./stmt.ts";
import { Bin, newTNode, TOp } from "./tree.ts";
import { Kind, TypeId } from "./types.ts";

/** while, with or without capture, with or without step. */
export function checkWhile(f: CheckState, n: AstNode): number {
  const node = newTNode(TOp.while, TypeId.void, n.pos);
  const outer = openBlockScope(f);
  const pins = f.pinned.length;
  let endless = false;
  if (n.d >= 0) {
    checkCapturing(f, n, node);
    node.op = node.op === TOp.if_ok ? TOp.while_ok : TOp.while_some;
  } else {
    node.a = checkAs(f, n.a, TypeId.bool);
    const cond = treeNode(f, node.a);
    endless = cond.op === TOp.const_int && compareI128(cond.value, i128From(0)) !== 0;
  }
  const label = pushLabel(f, n.name, true, -1);
  node.b = checkBlock(f, n.b, -1, false);
  f.labels.pop();
  if (n.c >= 0) node.c = checkStatement(f, n.c);
  unpinCaptured(f, pins);
  closeBlockScope(f, outer);
  if (n.d >= 0) node.n2 = label.id;
  else node.n = label.id;
  if (endless && !label.broken) node.type = TypeId.noreturn;
  return addTNode(f, node);
}

/** for x in ..., for i, x in ..., for k, v in ... */
export function checkFor(f: CheckState, n: AstNode): number {
  if (hasFlag(n, Flag.inline)) return wrong(f, n.pos, "unsupported", "'inline for' is not supported");
  const outer = openBlockScope(f);
  const subject = syntaxNode(f, n.a);
  const node = subject.kind === NodeKind.range ? checkForRange(f, n, subject) : checkForEach(f, n);
  closeBlockScope(f, outer);
  return node;
}

function checkForRange(f: CheckState, n: AstNode, range: AstNode): number {
  const node = newTNode(TOp.for_range, TypeId.void, n.pos);
  let from = checkExpr(f, range.a, -1);
  let to = checkExpr(f, range.b, -1);
  let type = meetTypes(f, nodeType(f, from), nodeType(f, to));
  if (type >= 0 && f.c.types.list[type].kind === Kind.untyped_int) type = TypeId.i64;
  const base = type >= 0 && f.c.types.list[type].kind === Kind.distinct ? f.c.types.list[type].elem : type;
  if (type < 0 || (f.c.types.list[base].kind !== Kind.int && type !== TypeId.invalid)) {
    if (!isInvalid(f, from) && !isInvalid(f, to)) checkError(f, range.pos, "type-mismatch", "a range goes from one integer to another, not from " + shown(f, nodeType(f, from)) + " to " + shown(f, nodeType(f, to)));
    type = TypeId.invalid;
  } else {
    from = coerce(f, from, type, treeNode(f, from).pos);
    to = coerce(f, to, type, treeNode(f, to).pos);
  }
  node.a = from;
  node.b = to;
  node.list = [];
  if (n.list.length > 1) node.list.push(declareLoopName(f, n.list[0], TypeId.i64));
  node.n = declareLoopName(f, n.list[n.list.length - 1], type);
  const label = pushLabel(f, n.name, true, -1);
  node.c = checkBlock(f, n.b, -1, false);
  f.labels.pop();
  node.n2 = label.id;
  return type === TypeId.invalid ? addTNode(f, newTNode(TOp.nothing, TypeId.void, n.pos)) : addTNode(f, node);
}

function declareLoopName(f: CheckState, id: number, type: number): number {
  const n = syntaxNode(f, id);
  return declareVariable(f, n.name, type, n.pos, false);
}

function checkForEach(f: CheckState, n: AstNode): number {
  const subject = derefAll(f, checkSettled(f, n.a), syntaxNode(f, n.a).pos);
  const type = nodeType(f, subject);
  const info = f.c.types.list[type];
  if (info.kind !== Kind.slice && info.kind !== Kind.string && info.kind !== Kind.array) return checkIterator(f, n, subject);
  const node = newTNode(TOp.for_each, TypeId.void, n.pos);
  node.a = subject;
  if (info.kind === Kind.array && isPlaceNode(f, subject)) takeAddress(f, subject);
  node.list = [];
  if (n.list.length > 1) node.list.push(declareLoopName(f, n.list[0], TypeId.i64));
  node.n = declareLoopName(f, n.list[n.list.length - 1], info.kind === Kind.string ? TypeId.u8 : info.elem);
  const label = pushLabel(f, n.name, true, -1);
  node.c = checkBlock(f, n.b, -1, false);
  f.labels.pop();
  node.n2 = label.id;
  return addTNode(f, node);
}

/** A loop over the calls of next: { var it = subject; while it.next() |x| { ... } }. */
function checkIterator(f: CheckState, n: AstNode, given: number): number {
  let subject = given;
  const place = syntaxNode(f, n.a).pos;
  const nothing = newTNode(TOp.nothing, TypeId.void, n.pos);
  if (!isInvalid(f, subject) && memberOf(f.c, nodeType(f, subject), f.c.nextName) < 0 && memberOf(f.c, nodeType(f, subject), f.c.iteratorName) >= 0) {
    subject = callMethod(f, subject, f.c.iteratorName, [], false, place);
  }
  const hasNext = !isInvalid(f, subject) && memberOf(f.c, nodeType(f, subject), f.c.nextName) >= 0;
  if (!hasNext) {
    if (!isInvalid(f, subject)) checkError(f, place, "not-iterable", shown(f, nodeType(f, subject)) + " cannot be iterated: it has no method 'next' or 'iterator'");
    for (const id of n.list) declareLoopName(f, id, TypeId.invalid);
    pushLabel(f, n.name, true, -1);
    checkBlock(f, n.b, -1, false);
    f.labels.pop();
    return addTNode(f, nothing);
  }
  const block = newTNode(TOp.block, TypeId.void, n.pos);
  const it = declareVariable(f, 0, nodeType(f, subject), n.pos, true);
  block.list = [declareNode(f, it, subject, n.pos)];
  const next = callMethod(f, localNode(f, it, place), f.c.nextName, [], false, place);
  if (nodeKind(f, next) !== Kind.optional) {
    if (!isInvalid(f, next)) checkError(f, place, "not-iterable", "the method 'next' gives " + shown(f, nodeType(f, next)) + ", not an optional");
    return addTNode(f, nothing);
  }
  block.list.push(iteratorLoop(f, n, next, block.list));
  return addTNode(f, block);
}

/** The while_some over `next`; a second name is an index or takes a pair apart. */
function iteratorLoop(f: CheckState, n: AstNode, next: number, before: number[]): number {
  const node = newTNode(TOp.while_some, TypeId.void, n.pos);
  const elem = f.c.types.list[nodeType(f, next)].elem;
  node.a = next;
  const outer = openBlockScope(f);
  const prologue: number[] = [];
  let counter = -1;
  if (n.list.length === 1) {
    node.n = declareLoopName(f, n.list[0], elem);
  } else {
    node.n = declareVariable(f, 0, elem, n.pos, false);
    if (!takePairApart(f, n, node.n, elem, prologue)) {
      counter = declareLoopName(f, n.list[0], TypeId.i64);
      before.push(declareNode(f, counter, intConstant(f, 0, TypeId.i64, n.pos), n.pos));
      const value = declareLoopName(f, n.list[1], elem);
      prologue.push(declareNode(f, value, localNode(f, node.n, n.pos), n.pos));
      const step = newTNode(TOp.assign_op, TypeId.void, n.pos);
      step.a = localNode(f, counter, n.pos);
      step.b = intConstant(f, 1, TypeId.i64, n.pos);
      step.n = Bin.add;
      node.c = addTNode(f, step);
    }
  }
  const label = pushLabel(f, n.name, true, -1);
  const body = checkBlock(f, n.b, -1, false);
  f.labels.pop();
  closeBlockScope(f, outer);
  // The program cannot assign the index; the loop does.
  if (counter >= 0) f.func.locals[counter].mutable = true;
  node.n2 = label.id;
  node.b = body;
  if (prologue.length > 0) {
    const block = newTNode(TOp.block, nodeType(f, body), n.pos);
    block.list = prologue;
    prologue.push(body);
    node.b = addTNode(f, block);
  }
  return addTNode(f, node);
}

/** Two names over pairs, or structs with key and value: each name is a part. */
function takePairApart(f: CheckState, n: AstNode, local: number, elem: number, prologue: number[]): boolean {
  const info = f.c.types.list[elem];
  let first = 0;
  let second = 1;
  if (info.kind === Kind.struct) {
    first = findField(f.c, elem, internName(f.c.names, "key"));
    second = findField(f.c, elem, internName(f.c.names, "value"));
  } else if (info.kind !== Kind.tuple || info.fields.length !== 2) {
    return false;
  }
  if (first < 0 || second < 0) return false;
  const parts = [first, second];
  for (let i = 0; i < 2; i++) {
    const name = declareLoopName(f, n.list[i], info.fields[parts[i]].type);
    prologue.push(declareNode(f, name, fieldNode(f, localNode(f, local, n.pos), parts[i], n.pos), n.pos));
  }
  return true;
}
