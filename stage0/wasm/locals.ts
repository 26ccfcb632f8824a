// Wasm locals for the values that need one; values that do not overlap share.
// In -> out: a function, its steps and stack plan, to a local for each value of place local and the types of the
// locals. Linear scan over positions in the order of the text (Poletto and Sarkar 1999): a value lives from its
// definition to its last use, and to the end of each loop that it enters from outside. The text order follows the
// dominator tree, so a definition stands before its uses and a loop is one run, from its header to its last way back.
// A block param is written on the edges, where control goes straight to the block, so it lives from the block on.

import { filledInts } from "../base/arrays.ts";
import { bug } from "../base/bug.ts";
import { type Func, lastInst } from "../ssa/function.ts";
import { StepKind, type Step } from "./structure.ts";
import { stackOrder, type StackPlan, ValuePlace } from "./stackify.ts";

export interface LocalPlan {
  /** By value: its local, or -1. */
  local: Int32Array;
  /** Types of all locals, params first, then sorted by type. */
  types: number[];
  /** A local of the pointer type for the frame's address, or -1. */
  frame: number;
}

interface LocalScan {
  func: Func;
  steps: Step[];
  stack: StackPlan;
  plan: LocalPlan;
  /** Position of each loop's header and of its last way back, in order; the loop around it, or -1. */
  loopStart: number[];
  loopEnd: number[];
  loopParent: number[];
  /** By value: first and last position, -1 when it has none. */
  from: Int32Array;
  to: Int32Array;
  /** Values in order of their first position. */
  starts: number[];
  /** By position: head of the list of values that end there, and the list by value. */
  endHead: Int32Array;
  endNext: Int32Array;
  /** By value: a value that should share its local, or -1. */
  likes: Int32Array;
  /** By type: locals that may be free; and by local, whether it is. */
  pool: number[][];
  free: boolean[];
  position: number;
  /** Innermost loop at the position, or -1. */
  loop: number;
  /** Instructions of a tree that are still to be looked at. */
  work: number[];
}

/** Assigns locals. With a frame, one local more holds its address. */
export function assignLocals(f: Func, steps: Step[], stack: StackPlan, hasFrame: boolean, pointer: number): LocalPlan {
  const values = f.valueType.length;
  const s: LocalScan = {
    func: f, steps: steps, stack: stack, plan: { local: filledInts(values, -1), types: [], frame: -1 }, loopStart: [], loopEnd: [], loopParent: [],
    from: filledInts(values, -1), to: filledInts(values, -1), starts: [], endHead: filledInts(0, 0), endNext: filledInts(values, -1), likes: filledInts(values, -1),
    pool: [[], [], [], [], []], free: [], position: 0, loop: -1, work: [],
  };
  findLoops(s);
  findRanges(s);
  scanRanges(s);
  if (hasFrame) {
    s.plan.frame = s.plan.types.length;
    s.plan.types.push(pointer);
  }
  sortLocals(s);
  return s.plan;
}

/** How many positions a step takes: one each for a block's start, its roots, and whatever else reads values. */
function stepWidth(s: LocalScan, step: Step): number {
  if (step.kind === StepKind.code) return s.stack.rootEnd[step.block] - s.stack.rootFirst[step.block];
  return step.kind === StepKind.block || step.kind === StepKind.end ? 0 : 1;
}

function findLoops(s: LocalScan): void {
  const loopOf: number[] = [];
  for (let b = 0; b < s.func.blocks.length; b++) loopOf.push(-1);
  let position = 1;
  for (const step of s.steps) {
    if (step.kind === StepKind.loop) {
      loopOf[step.block] = s.loopStart.length;
      s.loopStart.push(position);
      s.loopEnd.push(position);
      s.loopParent.push(-1);
    } else if (step.kind === StepKind.branch || step.kind === StepKind.branchIf) {
      extendLoop(s, loopOf[s.func.blocks[step.block].targets[step.edge].block], position);
    } else if (step.kind === StepKind.table) {
      for (const t of s.func.blocks[step.block].targets) extendLoop(s, loopOf[t.block], position);
    }
    position += stepWidth(s, step);
  }
  s.endHead = filledInts(position + 1, -1);
  nestLoops(s);
}

/** A branch to a block that already stands is a way back. */
function extendLoop(s: LocalScan, loop: number, position: number): void {
  if (loop >= 0) s.loopEnd[loop] = position;
}

/** Makes the runs nest: one that begins inside another ends inside it. Innermost first. */
function nestLoops(s: LocalScan): void {
  // By loop: the next loop that begins after its end.
  const after: number[] = [];
  for (let i = 0; i < s.loopStart.length; i++) after.push(0);
  for (let i = s.loopStart.length - 1; i >= 0; i--) {
    let k = i + 1;
    while (k < s.loopStart.length && s.loopStart[k] <= s.loopEnd[i]) {
      s.loopParent[k] = i;
      if (s.loopEnd[k] > s.loopEnd[i]) s.loopEnd[i] = s.loopEnd[k];
      k = after[k];
    }
    after[i] = k;
  }
}

/** Walks the steps and notes definitions and uses. */
function findRanges(s: LocalScan): void {
  for (const v of s.func.blocks[0].params) define(s, v);
  s.position = 1;
  let nextLoop = 0;
  for (const step of s.steps) {
    if (step.kind === StepKind.loop) {
      s.loop = nextLoop;
      nextLoop += 1;
    } else if (step.kind === StepKind.code) {
      visitCode(s, step.block);
      continue;
    } else if (step.kind === StepKind.branch || step.kind === StepKind.pass) {
      visitEdge(s, step);
    } else if (step.kind === StepKind.if || step.kind === StepKind.branchIf || step.kind === StepKind.table || step.kind === StepKind.leave) {
      useTree(s, lastInst(s.func, step.block));
    }
    s.position += stepWidth(s, step);
  }
}

function visitCode(s: LocalScan, block: number): void {
  if (block !== 0) for (const v of s.func.blocks[block].params) define(s, v);
  s.position += 1;
  for (let k = s.stack.rootFirst[block]; k < s.stack.rootEnd[block] - 1; k++) {
    useTree(s, s.stack.roots[k]);
    const root = s.func.insts[s.stack.roots[k]];
    for (let v = root.result; v < root.result + root.resultCount; v++) define(s, v);
    s.position += 1;
  }
}

/** The terminator of a jump is its edge; the arms of a branch read their arguments where they stand. */
function visitEdge(s: LocalScan, step: Step): void {
  const target = s.func.blocks[step.block].targets[step.edge];
  const params = s.func.blocks[target.block].params;
  for (let k = 0; k < params.length; k++) {
    const a = target.args[k];
    if (s.stack.place[params[k]] === ValuePlace.unused) continue;
    if (s.stack.place[a] === ValuePlace.local && s.likes[params[k]] < 0) s.likes[params[k]] = a;
    if (s.likes[a] < 0) s.likes[a] = params[k];
    useOperand(s, a);
  }
}

function define(s: LocalScan, v: number): void {
  if (s.stack.place[v] !== ValuePlace.local) return;
  s.from[v] = s.position;
  s.to[v] = s.position;
  s.starts.push(v);
}

function useOperand(s: LocalScan, v: number): void {
  if (s.stack.place[v] === ValuePlace.local) useLocal(s, v);
  else if (s.stack.place[v] === ValuePlace.stack) useTree(s, s.func.valueDef[v]);
}

/** All locals that a tree reads. */
function useTree(s: LocalScan, root: number): void {
  s.work.push(root);
  while (s.work.length > 0) {
    const inst = s.func.insts[s.work[s.work.length - 1]];
    s.work.pop();
    for (const a of stackOrder(inst)) {
      if (s.stack.place[a] === ValuePlace.local) useLocal(s, a);
      else if (s.stack.place[a] === ValuePlace.stack) s.work.push(s.func.valueDef[a]);
    }
  }
}

function useLocal(s: LocalScan, v: number): void {
  if (s.from[v] < 0) bug("v" + v + " is read before it is written");
  let end = s.position;
  while (s.loop >= 0 && s.loopEnd[s.loop] < s.position) s.loop = s.loopParent[s.loop];
  let loop = s.loop;
  while (loop >= 0 && s.loopStart[loop] > s.from[v]) {
    if (s.loopEnd[loop] > end) end = s.loopEnd[loop];
    loop = s.loopParent[loop];
  }
  if (end > s.to[v]) s.to[v] = end;
}

/** Function params have the first locals; the rest is taken from the pool as values begin. */
function scanRanges(s: LocalScan): void {
  for (const v of s.func.blocks[0].params) {
    s.free.push(s.stack.place[v] !== ValuePlace.local);
    if (s.stack.place[v] === ValuePlace.local) s.plan.local[v] = s.plan.types.length;
    else s.pool[s.func.valueType[v]].push(s.plan.types.length);
    s.plan.types.push(s.func.valueType[v]);
  }
  for (const v of s.starts) {
    s.endNext[v] = s.endHead[s.to[v]];
    s.endHead[s.to[v]] = v;
  }
  let released = 0;
  for (const v of s.starts) {
    while (released <= s.from[v]) {
      releaseEnding(s, released);
      released += 1;
    }
    if (s.plan.local[v] < 0) s.plan.local[v] = takeLocal(s, v);
  }
}

/** A value whose last use is where another begins leaves its local to it; every value is used after its first position. */
function releaseEnding(s: LocalScan, position: number): void {
  for (let v = s.endHead[position]; v >= 0; v = s.endNext[v]) {
    s.free[s.plan.local[v]] = true;
    s.pool[s.func.valueType[v]].push(s.plan.local[v]);
  }
}

function takeLocal(s: LocalScan, v: number): number {
  const type = s.func.valueType[v];
  const liked = s.likes[v] < 0 ? -1 : s.plan.local[s.likes[v]];
  if (liked >= 0 && s.free[liked] && s.plan.types[liked] === type) {
    s.free[liked] = false;
    return liked;
  }
  const pool = s.pool[type];
  while (pool.length > 0) {
    const local = pool[pool.length - 1];
    pool.pop();
    if (s.free[local]) {
      s.free[local] = false;
      return local;
    }
  }
  s.plan.types.push(type);
  s.free.push(false);
  return s.plan.types.length - 1;
}

/** Renumbers the locals after the params by type, so that their declarations are few. */
function sortLocals(s: LocalScan): void {
  const params = s.func.blocks[0].params.length;
  const map: number[] = [];
  const types: number[] = [];
  for (let i = 0; i < s.plan.types.length; i++) {
    map.push(i);
    if (i < params) types.push(s.plan.types[i]);
  }
  for (let type = 1; type < 5; type++) {
    for (let i = params; i < s.plan.types.length; i++) {
      if (s.plan.types[i] !== type) continue;
      map[i] = types.length;
      types.push(type);
    }
  }
  for (let v = 0; v < s.plan.local.length; v++) if (s.plan.local[v] >= 0) s.plan.local[v] = map[s.plan.local[v]];
  if (s.plan.frame >= 0) s.plan.frame = map[s.plan.frame];
  s.plan.types = types;
}
