// Branches: if in its three forms and switch, as statements and as expressions.
// In -> out: syntax, to if, if_some, if_ok and switch nodes. Branches with values meet at one type, or at the wanted
// one. A condition known at compile time leaves only the branch taken; else-if chains are walked by a loop.

import { compareI128, i128From } from "../base/int128.ts";
import { nameText } from "../base/intern.ts";
import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { addCase, type Cases, isHandled, newCases, settleCases } from "./cases.ts";
import { addTNode, checkError, closeBlockScope, type CheckState, invalidNode, isInvalid, nodeKind, nodeType, openBlockScope, shown, syntaxNode, treeNode, wrong } from "./checker.ts";
import { coerce, meetTypes, settle } from "./convert.ts";
import { demandHandled } from "./errorset.ts";
import { checkAs, checkExpr, declareCaptured } from "./expr.ts";
import { checkChangeable, derefAll, isPlaceNode, readWeak, pinCaptured, takeAddress, unpinCaptured } from "./place.ts";
import { checkBlock, checkStatement, discardNode } from "./stmt.ts";
import { findField } from "./member.ts";
import { newTNode, type TNode, TOp } from "./tree.ts";
import { Kind, pointerTo, type TypeInfo, TypeId } from "./types.ts";

/** An if with its else-ifs. asValue: its branches give a value. */
export function checkIf(f: CheckState, id: number, want: number, asValue: boolean): number {
  // Each link is checked in order; the links are then joined from the last to the first.
  const links: TNode[] = [];
  let at = id;
  let last = -1;
  while (true) {
    const n = syntaxNode(f, at);
    const known = knownCondition(f, n);
    if (known === 1 || (known === 0 && n.c < 0)) {
      last = known === 1 ? checkBlock(f, n.b, want, asValue) : emptyBlock(f, n.pos);
      break;
    }
    if (known < 0) links.push(checkLink(f, n, want, asValue));
    if (n.c < 0) break;
    const rest = syntaxNode(f, n.c);
    if (rest.kind !== NodeKind.if || n.list.length > 0) {
      last = known === 0 || n.list.length === 0 ? checkBlock(f, n.c, want, asValue) : checkElse(f, n, links[links.length - 1], want, asValue);
      break;
    }
    at = n.c;
  }
  return joinLinks(f, links, last, want, asValue, syntaxNode(f, id).pos);
}

function emptyBlock(f: CheckState, pos: number): number {
  return addTNode(f, newTNode(TOp.block, TypeId.void, pos));
}

/** 1 or 0 for a condition known at compile time, -1 for others; the condition's node is made only here. */
function knownCondition(f: CheckState, n: AstNode): number {
  if (n.d >= 0 || n.list.length > 0) return -1;
  const cond = checkAs(f, n.a, TypeId.bool);
  const node = treeNode(f, cond);
  if (node.op === TOp.const_int) return compareI128(node.value, i128From(0)) === 0 ? 0 : 1;
  f.conditions.push(cond);
  return -1;
}

/** One link: its condition and first branch; `c` is filled in later. */
function checkLink(f: CheckState, n: AstNode, want: number, asValue: boolean): TNode {
  const node = newTNode(TOp.if, TypeId.void, n.pos);
  if (n.d < 0 && n.list.length === 0) {
    node.a = f.conditions.pop()!;
    node.b = checkBlock(f, n.b, want, asValue);
    return node;
  }
  const outer = openBlockScope(f);
  const pins = f.pinned.length;
  checkCapturing(f, n, node);
  node.b = checkBlock(f, n.b, want, asValue);
  unpinCaptured(f, pins);
  closeBlockScope(f, outer);
  return node;
}

/** A condition with captures: optional or error union; sets op, a, n, byRef of the node. */
export function checkCapturing(f: CheckState, n: AstNode, node: TNode): void {
  let subject = checkExpr(f, n.a, -1);
  const capture = n.d >= 0 ? syntaxNode(f, n.d) : null;
  const byRef = capture !== null && hasFlag(capture, Flag.pointer);
  if (nodeKind(f, subject) === Kind.pointer) subject = readWeak(f, derefAll(f, subject, n.pos));
  const info = f.c.types.list[nodeType(f, subject)];
  node.a = subject;
  node.op = info.kind === Kind.error_union ? TOp.if_ok : TOp.if_some;
  let payload: number = TypeId.invalid;
  if (info.kind === Kind.optional || info.kind === Kind.error_union) payload = info.elem;
  else if (info.kind !== Kind.invalid) checkError(f, syntaxNode(f, n.a).pos, "type-mismatch", "a capture needs an optional or an error union, not " + shown(f, nodeType(f, subject)));
  if (info.kind === Kind.optional && n.kind === NodeKind.if && n.list.length > 0) checkError(f, n.pos, "type-mismatch", "an optional has no error to capture after 'else'");
  if (capture === null) return;
  node.byRef = byRef;
  if (byRef && payload !== TypeId.invalid) {
    if (!isPlaceNode(f, subject)) checkError(f, capture.pos, "not-a-place", "a '|*name|' capture needs a place to point into");
    else checkChangeable(f, subject, "cannot be captured by pointer", capture.pos);
    takeAddress(f, subject);
    pinCaptured(f, subject);
    payload = pointerTo(f.c.types, payload);
  }
  if (payload !== TypeId.void) node.n = declareCaptured(f, n.d, payload);
}

/** The else branch of an if_ok, with its error. */
function checkElse(f: CheckState, n: AstNode, link: TNode, want: number, asValue: boolean): number {
  const outer = openBlockScope(f);
  const info = f.c.types.list[nodeType(f, link.a)];
  const local = declareCaptured(f, n.list[0], info.kind === Kind.error_union ? info.errors : TypeId.invalid);
  if (info.kind === Kind.error_union) link.n2 = local;
  const isIf = syntaxNode(f, n.c).kind === NodeKind.if;
  const node = isIf ? checkIf(f, n.c, want, asValue) : checkBlock(f, n.c, want, asValue);
  closeBlockScope(f, outer);
  return node;
}

/** The links as nodes, each the else of the one before, of one type. */
function joinLinks(f: CheckState, links: TNode[], last: number, want: number, asValue: boolean, pos: number): number {
  if (links.length === 0) return last >= 0 ? last : emptyBlock(f, pos);
  const branches: number[] = [];
  for (const link of links) branches.push(link.b);
  if (last >= 0) branches.push(last);
  let type: number = TypeId.void;
  if (asValue && last < 0) {
    if (want >= 0 && want !== TypeId.void) checkError(f, pos, "missing-else", "an 'if' that gives a value needs 'else'");
    type = want >= 0 && want !== TypeId.void ? TypeId.invalid : TypeId.void;
  } else if (asValue) {
    type = joinBranches(f, branches, want);
  } else if (allNoreturn(f, branches) && last >= 0) {
    type = TypeId.noreturn;
  }
  let rest = last >= 0 ? branches[branches.length - 1] : -1;
  for (let i = links.length - 1; i >= 0; i--) {
    links[i].b = branches[i];
    links[i].c = rest;
    links[i].type = type;
    rest = addTNode(f, links[i]);
  }
  return rest;
}

function allNoreturn(f: CheckState, branches: number[]): boolean {
  for (const b of branches) if (nodeType(f, b) !== TypeId.noreturn) return false;
  return true;
}

/** The one type of some branches, each converted to it in place. */
export function joinBranches(f: CheckState, branches: number[], want: number): number {
  let type = want;
  if (want < 0) {
    type = TypeId.noreturn;
    for (const b of branches) {
      const met = meetTypes(f, type, nodeType(f, b));
      if (met < 0) {
        checkError(f, treeNode(f, b).pos, "type-mismatch", "the branches give different types: " + shown(f, type) + " and " + shown(f, nodeType(f, b)));
        return TypeId.invalid;
      }
      type = met;
    }
    const kind = f.c.types.list[type].kind;
    if (kind === Kind.null || kind === Kind.undefined) return nodeType(f, settle(f, branches[0]));
  }
  let invalid = false;
  for (let i = 0; i < branches.length; i++) {
    if (nodeType(f, branches[i]) === TypeId.noreturn) continue;
    if (type === TypeId.void && nodeType(f, branches[i]) !== TypeId.void) branches[i] = discardNode(f, branches[i]);
    else branches[i] = coerce(f, branches[i], type, treeNode(f, branches[i]).pos);
    if (isInvalid(f, branches[i])) invalid = true;
  }
  return invalid ? TypeId.invalid : allNoreturn(f, branches) ? TypeId.noreturn : type;
}

/** What the arms of a switch have covered so far. */
interface Coverage {
  cases: Cases;
  /** The internal numbers of errors. */
  errors: number[];
  hasElse: boolean;
}

/** A switch. */
export function checkSwitchExpr(f: CheckState, n: AstNode, want: number, asValue: boolean): number {
  let subject = settle(f, checkExpr(f, n.a, -1));
  if (nodeKind(f, subject) === Kind.pointer) subject = derefAll(f, subject, n.pos);
  const node = newTNode(TOp.switch, TypeId.void, n.pos);
  node.a = subject;
  const type = nodeType(f, subject);
  const info = f.c.types.list[type];
  const known = info.kind === Kind.int || info.kind === Kind.enum || info.kind === Kind.union || info.kind === Kind.bool || info.kind === Kind.error_set || info.kind === Kind.string;
  if (!known && info.kind !== Kind.invalid) {
    checkError(f, syntaxNode(f, n.a).pos, "type-mismatch", "a switch takes an integer, enum, union, bool, error or string, not " + shown(f, type));
  }
  const coverage: Coverage = { cases: newCases(), errors: [], hasElse: false };
  const arms: TNode[] = [];
  const bodies: number[] = [];
  for (const id of n.list) {
    const arm = syntaxNode(f, id);
    if (coverage.hasElse) checkError(f, arm.pos, "unreachable", "no case is left for an arm after 'else'");
    const tree = newTNode(TOp.arm, TypeId.void, arm.pos);
    arms.push(tree);
    bodies.push(checkArm(f, arm, tree, subject, known ? info : null, coverage, want, asValue));
  }
  settleCases(f, coverage.cases);
  if (known) checkCoverage(f, n, type, info, coverage);
  node.type = asValue ? joinBranches(f, bodies, want) : TypeId.void;
  if (!asValue && arms.length > 0 && allNoreturn(f, bodies)) node.type = TypeId.noreturn;
  node.list = [];
  for (let i = 0; i < arms.length; i++) {
    arms[i].a = bodies[i];
    arms[i].type = nodeType(f, bodies[i]);
    node.list.push(addTNode(f, arms[i]));
  }
  return info.kind === Kind.invalid ? invalidNode(f, n.pos) : addTNode(f, node);
}

/** An arm: patterns, capture, guard; gives the node of its body. */
function checkArm(f: CheckState, arm: AstNode, tree: TNode, subject: number, info: TypeInfo | null, coverage: Coverage, want: number, asValue: boolean): number {
  const outer = openBlockScope(f);
  const pins = f.pinned.length;
  const guarded = arm.b >= 0;
  if (arm.list.length === 0 && !guarded) coverage.hasElse = true;
  tree.list = [];
  let payload: number = TypeId.invalid;
  for (const id of arm.list) {
    const pattern = info === null ? -1 : checkPattern(f, id, nodeType(f, subject), info, coverage, guarded);
    if (pattern < 0) continue;
    if (info !== null && info.kind === Kind.union) payload = payloadOf(f, id, info, payload, arm);
    tree.list.push(pattern);
  }
  if (arm.list.length > 0 && tree.list.length === 0 && info !== null) tree.list.push(invalidNode(f, arm.pos));
  if (arm.a >= 0) checkArmCapture(f, arm, tree, subject, info, payload);
  if (guarded) tree.b = checkAs(f, arm.b, TypeId.bool);
  const body = asValue ? armValue(f, arm.c, want) : checkStatement(f, arm.c);
  unpinCaptured(f, pins);
  closeBlockScope(f, outer);
  return body;
}

function armValue(f: CheckState, id: number, want: number): number {
  const n = syntaxNode(f, id);
  return n.kind === NodeKind.expr_stmt ? checkExpr(f, n.a, want) : checkStatement(f, id);
}

function payloadOf(f: CheckState, id: number, info: TypeInfo, before: number, arm: AstNode): number {
  const index = variantIndex(f, id, info);
  if (index < 0) return before;
  const type = info.fields[index].type;
  if (arm.a >= 0 && before !== TypeId.invalid && before !== type) checkError(f, syntaxNode(f, id).pos, "type-mismatch", "the variants of an arm with a capture must have one type of payload");
  return type;
}

function variantIndex(f: CheckState, id: number, info: TypeInfo): number {
  const n = syntaxNode(f, id);
  if (n.kind !== NodeKind.dot_name && n.kind !== NodeKind.select) return -1;
  const index = info.fieldIds.get(n.name);
  return index === undefined ? -1 : index;
}

function checkArmCapture(f: CheckState, arm: AstNode, tree: TNode, subject: number, info: TypeInfo | null, payload: number): void {
  const capture = syntaxNode(f, arm.a);
  let type = payload;
  if (info !== null && info.kind !== Kind.union) type = nodeType(f, subject);
  if (info !== null && info.kind === Kind.union && arm.list.length === 0) type = nodeType(f, subject);
  if (type === TypeId.void) checkError(f, capture.pos, "type-mismatch", "this variant has no payload to capture");
  if (hasFlag(capture, Flag.pointer)) {
    tree.byRef = true;
    if (!isPlaceNode(f, subject)) checkError(f, capture.pos, "not-a-place", "a '|*name|' capture needs a place to point into");
    else checkChangeable(f, subject, "cannot be captured by pointer", capture.pos);
    takeAddress(f, subject);
    pinCaptured(f, subject);
    if (type !== TypeId.invalid) type = pointerTo(f.c.types, type);
  }
  tree.n = declareCaptured(f, arm.a, type);
}

/** A pattern as a node, or -1 when it is wrong. */
function checkPattern(f: CheckState, id: number, type: number, info: TypeInfo, coverage: Coverage, guarded: boolean): number {
  const n = syntaxNode(f, id);
  if (n.kind === NodeKind.range) {
    const low = constantPattern(f, n.a, type);
    const high = constantPattern(f, n.b, type);
    if (low < 0 || high < 0) return -1;
    if (info.kind !== Kind.int && info.kind !== Kind.enum) return wrong(f, n.pos, "type-mismatch", "a range needs an integer, not " + shown(f, type));
    const node = newTNode(TOp.range, type, n.pos);
    node.value = treeNode(f, low).value;
    node.value2 = treeNode(f, high).value;
    if (compareI128(node.value, node.value2) > 0) return wrong(f, n.pos, "empty-range", "this range holds nothing: its end is before its beginning");
    addCase(coverage.cases, node.value, node.value2, n.pos, guarded);
    return addTNode(f, node);
  }
  if (info.kind === Kind.union) return unionPattern(f, id, type, info, coverage, guarded);
  const node = constantPattern(f, id, type);
  if (node < 0) return -1;
  const value = treeNode(f, node);
  if (info.kind === Kind.error_set && !guarded) coverage.errors.push(value.n);
  const number = value.op === TOp.const_int ? value.value : i128From(value.n);
  addCase(coverage.cases, number, number, n.pos, guarded);
  return node;
}

/** A constant of the subject's type. */
function constantPattern(f: CheckState, id: number, type: number): number {
  const node = checkAs(f, id, type);
  if (isInvalid(f, node)) return -1;
  const n = treeNode(f, node);
  if (n.op === TOp.const_int || n.op === TOp.const_string) return node;
  if (n.op === TOp.const_error) return node;
  if (n.op === TOp.convert && treeNode(f, n.a).op === TOp.const_error) return n.a;
  checkError(f, syntaxNode(f, id).pos, "not-constant", "a pattern must be known at compile time");
  return -1;
}

/** ".Variant" or "Type.Variant" of a union: the tag's value. */
function unionPattern(f: CheckState, id: number, type: number, info: TypeInfo, coverage: Coverage, guarded: boolean): number {
  const n = syntaxNode(f, id);
  if (n.kind !== NodeKind.dot_name && n.kind !== NodeKind.select) return wrong(f, n.pos, "type-mismatch", "a pattern of " + shown(f, type) + " is one of its variants, as in '.Name'");
  const index = findField(f.c, type, n.name);
  if (index < 0) return wrong(f, n.pos, "no-member", shown(f, type) + " has no variant '" + nameText(f.c.names, n.name) + "'");
  const node = newTNode(TOp.const_int, info.elem, n.pos);
  node.value = info.fields[index].value;
  addCase(coverage.cases, node.value, node.value, n.pos, guarded);
  return addTNode(f, node);
}

/** Reports the cases that no arm handles. */
function checkCoverage(f: CheckState, n: AstNode, type: number, info: TypeInfo, coverage: Coverage): void {
  if (coverage.hasElse) return;
  if (info.kind === Kind.error_set) {
    demandHandled(f, type, coverage.errors, n.pos);
    return;
  }
  let missing = "";
  let count = 0;
  if (info.kind === Kind.bool) {
    for (let v = 0; v < 2; v++) {
      if (isHandled(coverage.cases, i128From(v))) continue;
      missing += (count > 0 ? ", " : "") + (v === 1 ? "true" : "false");
      count += 1;
    }
  } else if (info.kind === Kind.enum || info.kind === Kind.union) {
    for (let i = 0; i < info.fields.length; i++) {
      if (isHandled(coverage.cases, info.fields[i].value)) continue;
      if (count < 5) missing += (count > 0 ? ", " : "") + "." + nameText(f.c.names, info.fields[i].name);
      count += 1;
    }
    if (count > 5) missing += " and " + (count - 5) + " more";
  } else {
    checkError(f, n.pos, "not-exhaustive", "a switch over " + shown(f, type) + " needs 'else'");
    return;
  }
  if (count > 0) checkError(f, n.pos, "not-exhaustive", "this switch does not handle " + missing);
}
