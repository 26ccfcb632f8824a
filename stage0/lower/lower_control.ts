// Control expressions: blocks, if and its captures, try, catch, orelse, jumps out.
// In -> out: a node, to its value (owned when arms meet). Conditions, arms and loop bodies are scopes of their own.
// A subject with a capture is owned or stable before control branches, so its temporaries end there; the capture
// takes the count over. else-if chains are a loop.

import { bug } from "../base/bug.ts";
import { i64From } from "../base/int64.ts";
import { Conv, TOp, type TNode } from "../check/tree.ts";
import { Kind, TypeId } from "../check/types.ts";
import { emitBrif, emitIconst, emitJump, emitTrap, emitValue, newBlock, sealBlock, switchTo } from "../ssa/builder.ts";
import { Op, Type } from "../ssa/ops.ts";
import { closeScope, keepTemp, ownVal, readHome, releaseVal, storeVal } from "./counting.ts";
import { hasErrorCleanups, leaveFunction, leaveTo, repeatsTooMuch } from "./exits.ts";
import { isNullable } from "./layout.ts";
import { bindLocal } from "./locals.ts";
import { lowerSubject } from "./lower_access.ts";
import { noteTestPlace, payloadOf, wrapError } from "./lower_convert.ts";
import { lowerExpr, lowerOwned, lowerScalar } from "./lower_expr.ts";
import { lowerLoop } from "./lower_loop.ts";
import { lowerStatement } from "./lower_stmt.ts";
import { lowerSwitch } from "./lower_switch.ts";
import { closeMerge, mergeArm, mergeArmFrom, mergeVal, openMerge } from "./merge.ts";
import { addressOfPlace, firstLeafOf, isPresent, memoryPlace, okPlace, somePlace } from "./place.ts";
import { CleanupKind, continueUnreachable, type FuncState, flatVal, type Label, type Merge, nodeOf, Own, typeInfo, type Val } from "./state.ts";

/** A control node, or a statement where an expression may stand. */
export function lowerControl(fs: FuncState, id: number): Val {
  const n = nodeOf(fs, id);
  switch (n.op) {
    case TOp.block: return n.n >= 0 ? lowerLabelled(fs, n) : lowerBlock(fs, n);
    case TOp.if:
    case TOp.if_some:
    case TOp.if_ok: return lowerIf(fs, id);
    case TOp.switch: return lowerSwitch(fs, n);
    case TOp.try: return lowerTry(fs, n);
    case TOp.catch: return lowerCatch(fs, n);
    case TOp.orelse: return lowerOrelse(fs, n);
    case TOp.break_to: lowerBreak(fs, n); break;
    case TOp.continue_to: lowerContinue(fs, n); break;
    case TOp.return: lowerReturn(fs, n); break;
    case TOp.while:
    case TOp.while_some:
    case TOp.while_ok:
    case TOp.for_range:
    case TOp.for_each: lowerLoop(fs, n); break;
    default: lowerStatement(fs, id);
  }
  return flatVal(TypeId.void, [], Own.stable);
}

/** Whether a type has a value worth merging. */
export function isValued(fs: FuncState, type: number): boolean {
  const kind = typeInfo(fs, type).kind;
  return kind !== Kind.void && kind !== Kind.noreturn;
}

/** Statements in a scope; the last one may be the value. */
function lowerBlock(fs: FuncState, n: TNode): Val {
  const depth = fs.cleanups.length;
  const valued = isValued(fs, n.type);
  const count = valued ? n.list.length - 1 : n.list.length;
  for (let k = 0; k < count; k++) lowerStatement(fs, n.list[k]);
  let v = flatVal(n.type, [], Own.stable);
  if (valued) {
    v = lowerExpr(fs, n.list[count]);
    if (fs.cleanups.length > depth || v.own !== Own.owned) v = ownVal(fs, v);
  }
  closeScope(fs, depth);
  return v;
}

function lowerLabelled(fs: FuncState, n: TNode): Val {
  const m = openMerge(fs, isValued(fs, n.type) ? n.type : TypeId.void);
  const depth = fs.cleanups.length;
  fs.labels[n.n] = { merge: m, continueBlock: -1, depth: depth };
  const valueAtEnd = isValued(fs, n.type) && n.list.length > 0 && nodeOf(fs, n.list[n.list.length - 1]).type === n.type;
  const count = valueAtEnd ? n.list.length - 1 : n.list.length;
  for (let k = 0; k < count; k++) lowerStatement(fs, n.list[k]);
  if (valueAtEnd) {
    mergeArmFrom(fs, m, n.list[count], depth);
  } else {
    closeScope(fs, depth);
    if (isValued(fs, n.type)) emitTrap(fs.b, 0);
    else emitJump(fs.b, m.block, []);
  }
  return closeMerge(fs, m);
}

/** if, if_some, if_ok; an else that is an if again is the next turn of the loop. */
function lowerIf(fs: FuncState, id: number): Val {
  const type = nodeOf(fs, id).type;
  const m = openMerge(fs, isValued(fs, type) ? type : TypeId.void);
  let at = id;
  while (at >= 0 && isIf(nodeOf(fs, at)) && nodeOf(fs, at).type === type) {
    const n = nodeOf(fs, at);
    fs.b.pos = n.pos;
    if (n.op === TOp.if) lowerIfPlain(fs, m, n);
    else lowerIfCapture(fs, m, n);
    at = n.c;
  }
  if (at >= 0) mergeArm(fs, m, at);
  else emitJump(fs.b, m.block, []);
  return closeMerge(fs, m);
}

function isIf(n: TNode): boolean {
  return n.op === TOp.if || n.op === TOp.if_some || n.op === TOp.if_ok;
}

/** Lowers the condition and the then side; the else side is open afterwards. */
function lowerIfPlain(fs: FuncState, m: Merge, n: TNode): void {
  const depth = fs.cleanups.length;
  const condition = lowerScalar(fs, n.a);
  closeScope(fs, depth);
  const yes = newBlock(fs.b);
  const no = newBlock(fs.b);
  emitBrif(fs.b, condition, yes, no);
  startBlock(fs, yes);
  mergeArm(fs, m, n.b);
  startBlock(fs, no);
}

/** Seals a block and goes on there. */
export function startBlock(fs: FuncState, block: number): void {
  sealBlock(fs.b, block);
  switchTo(fs.b, block);
}

/** What a capture needs, computed before control branches. */
export interface Subject {
  /** Not 0 when there is a payload. */
  flag: number;
  payload: Val;
  /** The error number of an error union, or -1. */
  code: number;
  /** Whether the payload is its address. */
  lent: boolean;
}

/** Evaluates an optional or error union for a capture and closes the scope of its temporaries. */
export function lowerCaptureSubject(fs: FuncState, id: number, byRef: boolean, local: number): Subject {
  const depth = fs.cleanups.length;
  const type = nodeOf(fs, id).type;
  const isOptional = typeInfo(fs, type).kind === Kind.optional;
  if (byRef) {
    const p = lowerSubject(fs, id);
    const flag = isOptional ? isPresent(fs, p) : firstLeafOf(fs, p);
    const pointer = addressOfPlace(fs, isOptional ? somePlace(fs, p) : okPlace(fs, p), fs.f.locals[local].type);
    const held = pointer.own === Own.stable ? pointer : ownVal(fs, pointer);
    closeScope(fs, depth);
    return { flag: isOptional ? flag : isZeroFlag(fs, flag), payload: held, code: flag, lent: true };
  }
  let v = lowerExpr(fs, id);
  if (v.own !== Own.stable || v.address >= 0) v = ownVal(fs, v);
  closeScope(fs, depth);
  const first = tagLeaf(fs, v);
  if (!isOptional) return { flag: isZeroFlag(fs, first), payload: payloadOf(fs, v), code: first, lent: false };
  return { flag: optionalFlag(fs, type, first), payload: payloadOf(fs, v), code: -1, lent: false };
}

function isZeroFlag(fs: FuncState, value: number): number {
  return emitValue(fs.b, Op.eq, Type.i32, [value, emitIconst(fs.b, Type.i32, i64From(0))], Type.i32);
}

/** The first leaf of an optional as an i32 condition. */
function optionalFlag(fs: FuncState, type: number, first: number): number {
  if (!isNullable(fs.l.program.types, typeInfo(fs, type).elem)) return first;
  return emitValue(fs.b, Op.ne, fs.l.pointer, [first, emitIconst(fs.b, fs.l.pointer, i64From(0))], Type.i32);
}

/** Binds the payload to its local, or keeps it for the scope when it has none. */
export function bindPayload(fs: FuncState, local: number, payload: Val): void {
  if (local >= 0) bindLocal(fs, local, payload);
  else keepTemp(fs, payload);
}

/** On the way without a payload: gives up the reference to the object that it would lie in. Without one a value holds no references. */
export function releaseUnbound(fs: FuncState, s: Subject): void {
  if (holdsObject(s)) releaseVal(fs, s.payload);
}

/** Whether the payload is an address that keeps an object alive. */
export function holdsObject(s: Subject): boolean {
  return s.lent && s.payload.own === Own.owned;
}

function lowerIfCapture(fs: FuncState, m: Merge, n: TNode): void {
  const s = lowerCaptureSubject(fs, n.a, n.byRef, n.n);
  const yes = newBlock(fs.b);
  const no = newBlock(fs.b);
  emitBrif(fs.b, s.flag, yes, no);
  startBlock(fs, yes);
  const depth = fs.cleanups.length;
  bindPayload(fs, n.n, s.payload);
  mergeArmFrom(fs, m, n.b, depth);
  startBlock(fs, no);
  releaseUnbound(fs, s);
  if (n.op === TOp.if_ok && n.n2 >= 0) bindLocal(fs, n.n2, flatVal(fs.f.locals[n.n2].type, [s.code], Own.stable));
}

function lowerTry(fs: FuncState, n: TNode): Val {
  const v = lowerExpr(fs, n.a);
  fs.b.pos = n.pos;
  const code = tagLeaf(fs, v);
  const failed = newBlock(fs.b);
  const fine = newBlock(fs.b);
  emitBrif(fs.b, code, failed, fine);
  startBlock(fs, failed);
  noteTestPlace(fs, n.pos);
  const result = wrapError(fs, code, fs.f.result);
  leaveFunction(fs, result, true, -1);
  startBlock(fs, fine);
  return payloadOf(fs, v);
}

/** The tag of an optional or error union value: its first leaf. */
function tagLeaf(fs: FuncState, v: Val): number {
  if (v.address < 0) return v.leaves[0];
  return firstLeafOf(fs, memoryPlace(v.type, v.address, v.own, null));
}

function lowerCatch(fs: FuncState, n: TNode): Val {
  const v = lowerExpr(fs, n.a);
  const code = tagLeaf(fs, v);
  const m = openMerge(fs, isValued(fs, n.type) ? n.type : TypeId.void);
  const failed = newBlock(fs.b);
  const fine = newBlock(fs.b);
  emitBrif(fs.b, code, failed, fine);
  startBlock(fs, fine);
  mergeVal(fs, m, payloadOf(fs, v));
  startBlock(fs, failed);
  const depth = fs.cleanups.length;
  if (n.n >= 0) bindLocal(fs, n.n, flatVal(fs.f.locals[n.n].type, [code], Own.stable));
  mergeArmFrom(fs, m, n.b, depth);
  return closeMerge(fs, m);
}

function lowerOrelse(fs: FuncState, n: TNode): Val {
  const v = lowerExpr(fs, n.a);
  const type = nodeOf(fs, n.a).type;
  const first = tagLeaf(fs, v);
  const m = openMerge(fs, n.type);
  const present = newBlock(fs.b);
  const absent = newBlock(fs.b);
  emitBrif(fs.b, optionalFlag(fs, type, first), present, absent);
  startBlock(fs, present);
  // The alternative may itself be optional: then the whole value passes.
  mergeVal(fs, m, n.type === type ? v : payloadOf(fs, v));
  startBlock(fs, absent);
  mergeArm(fs, m, n.b);
  return closeMerge(fs, m);
}

function lowerBreak(fs: FuncState, n: TNode): void {
  const label = labelOf(fs, n.n);
  let leaves: number[] = [];
  if (n.a >= 0) {
    const v = lowerOwned(fs, n.a);
    if (label.merge.slot >= 0) storeVal(fs, label.merge.slot, 0, v);
    else leaves = v.leaves;
  }
  leaveTo(fs, label.merge.block, label.depth, leaves);
  continueUnreachable(fs);
}

function labelOf(fs: FuncState, id: number): Label {
  const label = fs.labels[id];
  if (label !== null) return label;
  return bug("a jump without its label");
}

function lowerContinue(fs: FuncState, n: TNode): void {
  const label = labelOf(fs, n.n);
  leaveTo(fs, label.continueBlock, label.depth, []);
  continueUnreachable(fs);
}

function lowerReturn(fs: FuncState, n: TNode): void {
  if (n.a < 0) {
    leaveFunction(fs, flatVal(TypeId.void, [], Own.stable), false, -1);
    continueUnreachable(fs);
    return;
  }
  const moved = movableLocal(fs, n.a);
  const v = moved >= 0 ? readHome(fs, moved) : lowerOwned(fs, n.a);
  const kind = returnKind(fs, nodeOf(fs, n.a));
  if (kind !== 2 || !hasErrorCleanups(fs)) {
    leaveFunction(fs, v, kind === 1, moved);
  } else {
    returnEither(fs, v, moved);
  }
  continueUnreachable(fs);
}

/** Whether a returned node is 0 not an error, 1 an error, 2 known at run time only. */
function returnKind(fs: FuncState, n: TNode): number {
  if (typeInfo(fs, n.type).kind !== Kind.error_union) return 0;
  if (n.op === TOp.convert && n.n === Conv.err) return 1;
  return n.op === TOp.convert && n.n === Conv.ok ? 0 : 2;
}

function returnEither(fs: FuncState, v: Val, moved: number): void {
  const failed = newBlock(fs.b);
  const fine = newBlock(fs.b);
  emitBrif(fs.b, tagLeaf(fs, v), failed, fine);
  startBlock(fs, failed);
  leaveFunction(fs, v, true, moved);
  startBlock(fs, fine);
  leaveFunction(fs, v, false, moved);
}

/** A local in variables that owns its value can hand it over, unless deferred code may still touch it. */
function movableLocal(fs: FuncState, id: number): number {
  const n = nodeOf(fs, id);
  if (n.op !== TOp.local || fs.homes[n.n].slot >= 0 || fs.homes[n.n].elsewhere) return -1;
  // What follows would look through the whole list for nothing.
  if (fs.exits.shared || repeatsTooMuch(fs.exits)) return -1;
  let found = -1;
  for (const c of fs.cleanups) {
    if (c.kind === CleanupKind.deferred || c.kind === CleanupKind.on_error) return -1;
    if (c.kind === CleanupKind.local && c.index === n.n) found = n.n;
  }
  return found;
}
