// Liveness: where each virtual register holds a value that is still wanted.
// In -> out: operands, to the uses of each virtual register in order and its live intervals.
// Each use walks up the predecessors until the definition (Appel's path exploration), so the work is the
// size of the answer. Invariants given: the intervals of a register are sorted and disjoint and do not
// touch; a definition that nobody reads still has the points at which it is written.

import { filledFlags, filledInts } from "../base/arrays.ts";
import { shlI32, minI32, sarI32 } from "../base/int32.ts";
import { sortByKey } from "../base/sort.ts";
import type { RegBlock, RegFunc } from "./function.ts";
import { isDefRole, Role, roleNeedsReg, rolePoint } from "./operand.ts";

/** All uses and definitions, grouped by virtual register, each group in order of points. */
export interface RegUses {
  /** By virtual register: its first use; one entry more at the end. */
  start: Int32Array;
  point: Int32Array;
  weight: Int32Array;
  needsReg: boolean[];
  /** A register that would save a move, or -1. */
  hint: Int32Array;
}

export interface Liveness {
  uses: RegUses;
  /** By virtual register: where it is defined (-1: nowhere). */
  defPoint: Int32Array;
  /** By virtual register: its first interval; one entry more at the end. */
  start: number[];
  from: number[];
  to: number[];
  /** By instruction. */
  blockOf: Int32Array;
}

/** The weight of one execution at a loop depth. */
export function depthWeight(depth: number): number {
  return shlI32(1, 3 * minI32(depth, 5));
}

/** Computes uses and live intervals. */
export function computeLiveness(f: RegFunc): Liveness {
  const n = f.blocks.length;
  const blockOf = filledInts(f.instCount, 0);
  for (let b = 0; b < n; b++) for (let i = f.blocks[b].first; i < f.blocks[b].end; i++) blockOf[i] = b;
  const live: Liveness = { uses: collectUses(f), defPoint: filledInts(f.vregClass.length, -1), start: [0], from: [], to: [], blockOf: blockOf };
  findDefs(f, live);
  const walk: BlockWalk = { live: live, blocks: f.blocks, inStamp: filledInts(n, -1), outStamp: filledInts(n, -1), touched: [], touchedStamp: filledInts(n, -1), lastUse: filledInts(n, -1), work: [], keys: [] };
  for (let b = 0; b < n; b++) walk.keys.push(b);
  for (let v = 0; v < f.vregClass.length; v++) {
    liveIntervals(walk, v);
    live.start.push(live.from.length);
  }
  return live;
}

/** Counting sort of operands, params and args by virtual register; program order within. */
function collectUses(f: RegFunc): RegUses {
  const count = filledInts(f.vregClass.length + 1, 0);
  for (const v of f.opVreg) count[v + 1] += 1;
  for (const b of f.blocks) {
    for (const v of b.params) count[v + 1] += 1;
    for (const v of b.args) count[v + 1] += 1;
  }
  for (let v = 0; v < f.vregClass.length; v++) count[v + 1] += count[v];
  const n = count[f.vregClass.length];
  const uses: RegUses = { start: count.slice(), point: filledInts(n, 0), weight: filledInts(n, 0), needsReg: filledFlags(n), hint: filledInts(n, -1) };
  for (const b of f.blocks) {
    const w = depthWeight(b.depth);
    for (const v of b.params) putUse(uses, count, v, b.first * 4, w, false, -1);
    for (let i = b.first; i < b.end; i++) {
      for (let k = f.opStart[i]; k < f.opStart[i + 1]; k++) {
        const role = f.opRole[k];
        const hint = role === Role.useFixed || role === Role.defFixed ? f.opArg[k] : -1;
        putUse(uses, count, f.opVreg[k], rolePoint(role, i), w, roleNeedsReg(role), hint);
      }
    }
    for (const v of b.args) putUse(uses, count, v, b.end * 4 - 1, w, false, -1);
  }
  return uses;
}

/** Puts a use at its register's next place. Within an instruction the operands may come out of order: insert. */
function putUse(uses: RegUses, next: Int32Array, v: number, point: number, weight: number, needsReg: boolean, hint: number): void {
  let k = next[v];
  next[v] += 1;
  while (k > uses.start[v] && uses.point[k - 1] > point) {
    uses.point[k] = uses.point[k - 1];
    uses.weight[k] = uses.weight[k - 1];
    uses.needsReg[k] = uses.needsReg[k - 1];
    uses.hint[k] = uses.hint[k - 1];
    k -= 1;
  }
  uses.point[k] = point;
  uses.weight[k] = weight;
  uses.needsReg[k] = needsReg;
  uses.hint[k] = hint;
}

function findDefs(f: RegFunc, live: Liveness): void {
  for (const b of f.blocks) for (const v of b.params) live.defPoint[v] = b.first * 4;
  for (let i = 0; i < f.instCount; i++) {
    for (let k = f.opStart[i]; k < f.opStart[i + 1]; k++) {
      if (isDefRole(f.opRole[k])) live.defPoint[f.opVreg[k]] = rolePoint(f.opRole[k], i);
    }
  }
}

interface BlockWalk {
  live: Liveness;
  blocks: RegBlock[];
  /** By block: the last register found live at its start, at its end, and at all. */
  inStamp: Int32Array;
  outStamp: Int32Array;
  touchedStamp: Int32Array;
  /** By block: the last point at which the register is needed. */
  lastUse: Int32Array;
  touched: number[];
  work: number[];
  /** Block ids are layout positions, so each is its own sort key. */
  keys: number[];
}

function touchBlock(w: BlockWalk, v: number, block: number): void {
  if (w.touchedStamp[block] === v) return;
  w.touchedStamp[block] = v;
  w.lastUse[block] = -1;
  w.touched.push(block);
}

function enterBlock(w: BlockWalk, v: number, block: number): void {
  if (w.inStamp[block] === v) return;
  w.inStamp[block] = v;
  w.work.push(block);
}

/** Appends the intervals of one register. */
function liveIntervals(w: BlockWalk, v: number): void {
  const live = w.live;
  const def = live.defPoint[v];
  if (def < 0) return;
  const defBlock = live.blockOf[sarI32(def, 2)];
  w.touched = [];
  for (let k = live.uses.start[v]; k < live.uses.start[v + 1]; k++) {
    const point = live.uses.point[k];
    const block = live.blockOf[sarI32(point, 2)];
    touchBlock(w, v, block);
    w.lastUse[block] = point;
    if (block !== defBlock || point < def) enterBlock(w, v, block);
  }
  while (w.work.length > 0) {
    const block = w.work[w.work.length - 1];
    w.work.pop();
    for (const p of w.blocks[block].preds) {
      touchBlock(w, v, p);
      w.outStamp[p] = v;
      if (p !== defBlock) enterBlock(w, v, p);
    }
  }
  sortByKey(w.touched, w.keys);
  for (const block of w.touched) {
    const b = w.blocks[block];
    const from = w.inStamp[block] === v ? b.first * 4 : def;
    let to = w.lastUse[block] + 1;
    if (block === defBlock && to < deadEnd(def)) to = deadEnd(def);
    if (w.outStamp[block] === v) to = b.end * 4;
    if (block === defBlock && w.outStamp[block] !== v && onlyFixedDef(live, v)) continue;
    appendInterval(live, v, from, to);
  }
}

/** A value written at a point occupies its register until the instruction is done. */
function deadEnd(def: number): number {
  return (def & 3) === 0 || (def | 3) === def ? def + 1 : def | 3;
}

/** A fixed result or a block param that nobody reads needs no place. */
function onlyFixedDef(live: Liveness, v: number): boolean {
  const low = live.defPoint[v] & 3;
  return (low === 3 || low === 0) && live.uses.start[v + 1] - live.uses.start[v] === 1;
}

function appendInterval(live: Liveness, v: number, from: number, to: number): void {
  const n = live.from.length;
  if (n > live.start[v] && live.to[n - 1] === from) {
    live.to[n - 1] = to;
    return;
  }
  live.from.push(from);
  live.to.push(to);
}
