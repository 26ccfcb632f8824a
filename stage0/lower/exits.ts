// Ways out of scopes before their end: return, try, break, continue.
// In -> out: where control goes, with what values, to the cleanups of the scopes that it leaves and the jump or return. A function is
// lowered with its cleanups repeated at each exit, which for few exits is the better code. Where that would make more instructions and
// values than the function has nodes and a constant, it is given up and lowered again with shared cleanups: for each place that exits lead to
// (and apart for errors, where an errdefer lies below) a cleanup has one block, to which the exits jump that find it last on the list,
// and which goes on to the block of the cleanup before it. Code is linear in the cleanups and exits then, not their product.
// Invariants: a block is written when its cleanup leaves the list, with those before it in place; the values that go along are its
// params. What cleanups read lies in memory, never in variables of the builder: each would be a param of every block on the way.

import { filledFlags } from "../base/arrays.ts";
import { type TFunc, type TNode, listHoldsNodes, TOp } from "../check/tree.ts";
import { addBlockParam, emitJump, emitReturn, newBlock, sealBlock, switchTo } from "../ssa/builder.ts";
import { resolveValue } from "../ssa/function.ts";
import { emitCleanup, emitCleanups, storeVal } from "./counting.ts";
import { type Cleanup, CleanupKind, type Exits, type FuncState, type Val } from "./state.ts";

/** Instructions and values of repeated cleanups that a function may have besides one for each of its nodes. */
const REPEATED = 256;

/** The exits of a function of which no code is there. */
export function newExits(f: TFunc, shared: boolean): Exits {
  const e: Exits = { shared: shared, most: REPEATED + f.nodes.length, repeated: 0, list: [], inMemory: [] };
  if (shared) markDeferred(f, e.inMemory);
  return e;
}

/** Whether cleanups were repeated so often that the function has to be lowered again; what there is of it is of no use. */
export function repeatsTooMuch(e: Exits): boolean {
  return !e.shared && e.repeated > e.most;
}

/** Marks the locals that deferred statements name. */
function markDeferred(f: TFunc, inMemory: boolean[]): void {
  const seen = filledFlags(f.nodes.length);
  for (let k = 0; k < f.locals.length; k++) inMemory.push(false);
  const work: number[] = [];
  for (const n of f.nodes) if (n.op === TOp.defer || n.op === TOp.errdefer) pushNode(n.a, seen, work);
  while (work.length > 0) {
    const n = f.nodes[work[work.length - 1]];
    work.pop();
    if (n.op === TOp.local) inMemory[n.n] = true;
    pushChildren(n, seen, work);
  }
}

function pushChildren(n: TNode, seen: boolean[], work: number[]): void {
  pushNode(n.a, seen, work);
  pushNode(n.b, seen, work);
  pushNode(n.c, seen, work);
  if (listHoldsNodes(n.op)) for (const k of n.list) pushNode(k, seen, work);
}

function pushNode(id: number, seen: boolean[], work: number[]): void {
  if (id < 0 || seen[id]) return;
  seen[id] = true;
  work.push(id);
}

/** Whether a local lives in memory so that shared cleanups find it there. */
export function isForCleanups(fs: FuncState, local: number, owned: boolean): boolean {
  return fs.exits.shared && (owned || fs.exits.inMemory[local]);
}

/** Adds something to do when control leaves the scope. */
export function pushCleanup(fs: FuncState, kind: number, index: number, val: Val | null): void {
  let errors = fs.cleanups.length > 0 ? fs.cleanups[fs.cleanups.length - 1].errors : 0;
  if (kind === CleanupKind.on_error) errors += 1;
  fs.cleanups.push({ kind: kind, index: index, val: val, errors: errors, exit: -1 });
}

/** Whether leaving the function with an error does more than leaving it without. */
export function hasErrorCleanups(fs: FuncState): boolean {
  return fs.cleanups.length > 0 && fs.cleanups[fs.cleanups.length - 1].errors > 0;
}

/** Leaves the function with an owned value. `moved` is a local whose count goes with it, or -1. */
export function leaveFunction(fs: FuncState, v: Val, isError: boolean, moved: number): void {
  if (!fs.exits.shared) {
    emitCleanups(fs, 0, isError, moved);
    emitResult(fs, v);
  } else if (fs.sret < 0) {
    goOut(fs, -1, 0, isError, v.leaves);
  } else {
    // A result in memory goes to fresh storage, which no cleanup can see.
    storeVal(fs, fs.sret, 0, v);
    goOut(fs, -1, 0, isError, []);
  }
}

/** Leaves the scopes above a depth and goes to a block with values for its params. */
export function leaveTo(fs: FuncState, block: number, depth: number, leaves: number[]): void {
  if (fs.exits.shared) {
    goOut(fs, block, depth, false, leaves);
    return;
  }
  emitCleanups(fs, depth, false, -1);
  emitJump(fs.b, block, leaves);
}

/** From the current block to the cleanup that is last on the list, or out when none is left above the depth; `to`: a block, or -1 to return. */
function goOut(fs: FuncState, to: number, depth: number, isError: boolean, leaves: number[]): void {
  if (fs.cleanups.length <= depth) {
    if (to >= 0) emitJump(fs.b, to, leaves);
    else emitReturn(fs.b, leaves);
    return;
  }
  const c = fs.cleanups[fs.cleanups.length - 1];
  const failing = isError && c.errors > 0;
  let k = c.exit;
  while (k >= 0 && (fs.exits.list[k].to !== to || fs.exits.list[k].isError !== failing)) k = fs.exits.list[k].next;
  if (k < 0) k = openExit(fs, c, to, depth, failing, leaves);
  emitJump(fs.b, fs.exits.list[k].block, leaves);
}

/** A block for a cleanup on the way to a place. What it does has the position of the first exit that gets there. */
function openExit(fs: FuncState, c: Cleanup, to: number, depth: number, isError: boolean, leaves: number[]): number {
  const block = newBlock(fs.b);
  const params: number[] = [];
  for (const v of leaves) {
    const type = fs.b.func.valueType[resolveValue(fs.b.func, v)];
    params.push(addBlockParam(fs.b, block, type));
  }
  fs.exits.list.push({ to: to, depth: depth, isError: isError, block: block, params: params, pos: fs.b.pos, next: c.exit });
  c.exit = fs.exits.list.length - 1;
  return c.exit;
}

/** Writes the blocks of a cleanup that has just been taken off the list. */
export function closeExits(fs: FuncState, c: Cleanup): void {
  if (c.exit < 0) return;
  const block = fs.b.current;
  const pos = fs.b.pos;
  let k = c.exit;
  while (k >= 0) {
    const x = fs.exits.list[k];
    sealBlock(fs.b, x.block);
    switchTo(fs.b, x.block);
    fs.b.pos = x.pos;
    emitCleanup(fs, c, x.isError, -1);
    goOut(fs, x.to, x.depth, x.isError, x.params);
    k = x.next;
  }
  c.exit = -1;
  fs.b.pos = pos;
  switchTo(fs.b, block);
}

/** Ends the function with an owned value. */
export function emitResult(fs: FuncState, v: Val): void {
  if (fs.sret >= 0) {
    storeVal(fs, fs.sret, 0, v);
    emitReturn(fs.b, []);
  } else {
    const leaves: number[] = [];
    for (const x of v.leaves) leaves.push(x);
    emitReturn(fs.b, leaves);
  }
}
