// Loops.
// In -> out: a loop node, to blocks: a head that is sealed after the body, the body (a scope), the step (where
// continue goes), the exit (where break goes). What a loop runs over is owned, or stable, for the whole loop.

import { i64From } from "../base/int64.ts";
import { Cmp, TOp, type TNode } from "../check/tree.ts";
import { Kind, TypeId } from "../check/types.ts";
import { defVariable, emitBrif, emitIconst, emitJump, emitValue, newBlock, newVariable, sealBlock, switchTo, useVariable } from "../ssa/builder.ts";
import { Op, Type } from "../ssa/ops.ts";
import { addOffset, closeScope, keepTemp, loadVal, ownVal, pinVal } from "./counting.ts";
import { bindLocal } from "./locals.ts";
import { elementType, lowerSubject } from "./lower_access.ts";
import { bindPayload, holdsObject, lowerCaptureSubject, releaseUnbound, startBlock } from "./lower_control.ts";
import { integerCompare, integerInfo, lowerExpr, lowerScalar, normalize } from "./lower_expr.ts";
import { closeMerge, openMerge } from "./merge.ts";
import { elementAddress, readPlace } from "./place.ts";
import { type FuncState, flatVal, type Label, nodeOf, Own, typeInfo, type Val } from "./state.ts";

/** A loop node. */
export function lowerLoop(fs: FuncState, n: TNode): void {
  const depth = fs.cleanups.length;
  if (n.op === TOp.while) lowerWhile(fs, n);
  else if (n.op === TOp.for_range) lowerForRange(fs, n);
  else if (n.op === TOp.for_each) lowerForEach(fs, n);
  else lowerWhileCapture(fs, n);
  closeScope(fs, depth);
}

/** Makes the label of a loop: break leaves by its merge, continue goes to a block that is sealed by closeLoop. */
function openLoop(fs: FuncState, label: number): Label {
  const made: Label = { merge: openMerge(fs, TypeId.void), continueBlock: newBlock(fs.b), depth: fs.cleanups.length };
  if (label >= 0) fs.labels[label] = made;
  return made;
}

/** Lowers the body as a scope and goes on in the step block. */
function lowerLoopBody(fs: FuncState, loop: Label, body: number): void {
  lowerExpr(fs, body);
  closeScope(fs, loop.depth);
  emitJump(fs.b, loop.continueBlock, []);
  startBlock(fs, loop.continueBlock);
}

/** From the step back to the head; goes on after the loop. */
function closeLoop(fs: FuncState, loop: Label, head: number): void {
  emitJump(fs.b, head, []);
  sealBlock(fs.b, head);
  closeMerge(fs, loop.merge);
}

function lowerWhile(fs: FuncState, n: TNode): void {
  const loop = openLoop(fs, n.n);
  const head = newBlock(fs.b);
  const body = newBlock(fs.b);
  emitJump(fs.b, head, []);
  switchTo(fs.b, head);
  const condition = lowerScalar(fs, n.a);
  closeScope(fs, loop.depth);
  emitBrif(fs.b, condition, body, loop.merge.block);
  startBlock(fs, body);
  lowerLoopBody(fs, loop, n.b);
  lowerStep(fs, loop, n.c);
  closeLoop(fs, loop, head);
}

function lowerStep(fs: FuncState, loop: Label, step: number): void {
  if (step < 0) return;
  lowerExpr(fs, step);
  closeScope(fs, loop.depth);
}

/** while_some and while_ok: the payload belongs to the body's scope. */
function lowerWhileCapture(fs: FuncState, n: TNode): void {
  const loop = openLoop(fs, n.n2);
  const head = newBlock(fs.b);
  const body = newBlock(fs.b);
  emitJump(fs.b, head, []);
  switchTo(fs.b, head);
  const s = lowerCaptureSubject(fs, n.a, n.byRef, n.n);
  const end = holdsObject(s) ? newBlock(fs.b) : loop.merge.block;
  emitBrif(fs.b, s.flag, body, end);
  if (holdsObject(s)) {
    startBlock(fs, end);
    releaseUnbound(fs, s);
    emitJump(fs.b, loop.merge.block, []);
  }
  startBlock(fs, body);
  bindPayload(fs, n.n, s.payload);
  lowerLoopBody(fs, loop, n.b);
  lowerStep(fs, loop, n.c);
  closeLoop(fs, loop, head);
}

/** The counter is a variable of its own; the loop's local is bound to it anew each time. */
function lowerForRange(fs: FuncState, n: TNode): void {
  const from = lowerScalar(fs, n.a);
  const to = lowerScalar(fs, n.b);
  const type = fs.b.func.valueType[from];
  const info = integerInfo(fs, nodeOf(fs, n.a).type);
  const counter = newVariable(fs.b, type);
  const index = newVariable(fs.b, Type.i64);
  defVariable(fs.b, counter, from);
  if (n.list.length > 0) defVariable(fs.b, index, emitIconst(fs.b, Type.i64, i64From(0)));
  const loop = openLoop(fs, n.n2);
  const head = newBlock(fs.b);
  const body = newBlock(fs.b);
  emitJump(fs.b, head, []);
  switchTo(fs.b, head);
  const at = useVariable(fs.b, counter);
  emitBrif(fs.b, emitValue(fs.b, integerCompare(Cmp.lt, info.signed), type, [at, to], Type.i32), body, loop.merge.block);
  startBlock(fs, body);
  if (n.n >= 0) bindLocal(fs, n.n, flatVal(fs.f.locals[n.n].type, [at], Own.stable));
  if (n.list.length > 0) bindLocal(fs, n.list[0], flatVal(TypeId.i64, [useVariable(fs.b, index)], Own.stable));
  lowerLoopBody(fs, loop, n.c);
  const next = emitValue(fs.b, Op.iadd, type, [useVariable(fs.b, counter), emitIconst(fs.b, type, i64From(1))], type);
  defVariable(fs.b, counter, normalize(fs, next, info));
  if (n.list.length > 0) stepIndex(fs, index);
  closeLoop(fs, loop, head);
}

function stepIndex(fs: FuncState, index: number): void {
  const next = emitValue(fs.b, Op.iadd, Type.i64, [useVariable(fs.b, index), emitIconst(fs.b, Type.i64, i64From(1))], Type.i64);
  defVariable(fs.b, index, next);
}

/** The run of elements that a for goes over. */
interface Run {
  start: number;
  len: number;
  own: number;
}

/** An array in the payload of a union is copied when the body may change things. */
function lowerRun(fs: FuncState, id: number, effect: number): Run {
  const info = typeInfo(fs, nodeOf(fs, id).type);
  if (info.kind === Kind.array) {
    const p = lowerSubject(fs, id);
    if (p.guard !== null && effect > 0) {
      const copy = pinVal(fs, readPlace(fs, p), 2);
      return { start: copy.address, len: emitIconst(fs.b, Type.i64, i64From(info.len)), own: Own.stable };
    }
    if (p.base !== null) holdForLoop(fs, p.base);
    return { start: addOffset(fs, p.address, p.offset), len: emitIconst(fs.b, Type.i64, i64From(info.len)), own: p.own };
  }
  const v = holdForLoop(fs, lowerExpr(fs, id));
  return { start: v.leaves[0], len: v.leaves[1], own: Own.volatile };
}

/** Anything that is not stable is counted for as long as the loop runs. */
function holdForLoop(fs: FuncState, v: Val): Val {
  return v.own === Own.stable || v.own === Own.temp ? v : keepTemp(fs, ownVal(fs, v));
}

function lowerForEach(fs: FuncState, n: TNode): void {
  const run = lowerRun(fs, n.a, fs.effects[n.c]);
  const elem = elementType(fs, nodeOf(fs, n.a).type);
  const index = newVariable(fs.b, Type.i64);
  defVariable(fs.b, index, emitIconst(fs.b, Type.i64, i64From(0)));
  const loop = openLoop(fs, n.n2);
  const head = newBlock(fs.b);
  const body = newBlock(fs.b);
  emitJump(fs.b, head, []);
  switchTo(fs.b, head);
  const at = useVariable(fs.b, index);
  emitBrif(fs.b, emitValue(fs.b, Op.slt, Type.i64, [at, run.len], Type.i32), body, loop.merge.block);
  startBlock(fs, body);
  if (n.list.length > 0) bindLocal(fs, n.list[0], flatVal(TypeId.i64, [at], Own.stable));
  if (n.n >= 0) {
    const address = elementAddress(fs, run.start, at, elem);
    if (n.byRef) bindLocal(fs, n.n, flatVal(fs.f.locals[n.n].type, [address], Own.stable));
    else bindLocal(fs, n.n, loadVal(fs, elem, address, 0, run.own === Own.stable ? Own.stable : Own.volatile));
  }
  lowerLoopBody(fs, loop, n.c);
  stepIndex(fs, index);
  closeLoop(fs, loop, head);
}
