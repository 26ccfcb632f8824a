// Ranges, bundles and spill sets: what the allocator moves around.
// In -> out: live intervals, to one range for each and one bundle for each virtual register.
// Invariants: the ranges of a virtual register are disjoint, so are those of a bundle; a bundle's ranges are
// sorted; a range may be cut only at a point 4i+1 (between the moves before instruction i and its reads) or at
// the start of a block. All bundles cut from one share its spill set, which is one stack slot if it needs one.

import { filledInts } from "../base/arrays.ts";
import { divI32, minI32, sarI32 } from "../base/int32.ts";
import type { RegEnv, RegFunc } from "./function.ts";
import type { Liveness } from "./liveness.ts";

export interface Range {
  vreg: number;
  from: number;
  to: number;
  bundle: number;
  /** Its part of the uses of the register. */
  useFrom: number;
  useTo: number;
}

export interface Bundle {
  /** Range ids in order. */
  ranges: number[];
  spillSet: number;
  /** A register, IN_SLOT, or NOWHERE while it waits. */
  place: number;
  /** Importance per length; one that needs a register and cannot be cut has MAX_WEIGHT. */
  weight: number;
  /** Number of points covered. */
  size: number;
  hint: number;
  needsReg: boolean;
  /** Loop depth reached by its uses is over 0. */
  inLoop: boolean;
}

export interface SpillSet {
  /** First and last point of all its registers. */
  from: number;
  to: number;
  /** -1 while no part of it is in the stack. */
  slot: number;
  /** The register that a part of it got last. */
  lastReg: number;
  splits: number;
}

/** Who has a register when: disjoint intervals in order. */
export interface Occupancy {
  from: number[];
  to: number[];
  /** Bundle id; in the fixed part the virtual register that may be there, or -1. */
  owner: number[];
}

export interface Allocator {
  func: RegFunc;
  env: RegEnv;
  live: Liveness;
  ranges: Range[];
  bundles: Bundle[];
  spillSets: SpillSet[];
  /** By physical register: what instructions demand. */
  fixed: Occupancy[];
  /** By physical register and page of 2^PAGE_BITS points: what bundles have got there. An interval stands in every page it meets. */
  taken: Occupancy[][];
  /** By set of registers that instructions destroy: where. By set and physical register: whether it is in the set. */
  clobbers: Occupancy[];
  clobbered: boolean[];
  /** By virtual register: one that it is moved from or to without sharing a bundle, or -1; the last register it got. */
  partner: Int32Array;
  lastReg: Int32Array;
  /** Bundles that may go to the stack, to be tried once more at the end. */
  spillable: number[];
  queue: Queue;
  /** One line for each decision when tracing. */
  trace: string[];
  tracing: boolean;
}

/** A heap of bundles, see queue. */
export interface Queue {
  bundle: number[];
  size: number[];
}

export const NOWHERE = -1;
export const IN_SLOT = -2;
export const MAX_WEIGHT = 1073741824;
/** Pages are as large as an insertion into a sorted array may cost. */
export const PAGE_BITS = 11;

/** The allocator's state with one bundle for each virtual register that is live anywhere. */
export function newAllocator(func: RegFunc, env: RegEnv, live: Liveness): Allocator {
  const a: Allocator = {
    func: func, env: env, live: live, ranges: [], bundles: [], spillSets: [], fixed: [], taken: [], clobbers: [], clobbered: [], partner: filledInts(func.vregClass.length, -1), lastReg: filledInts(func.vregClass.length, -1), spillable: [],
    queue: { bundle: [], size: [] }, trace: [], tracing: false,
  };
  for (let p = 0; p < env.names.length; p++) {
    a.fixed.push({ from: [], to: [], owner: [] });
    const pages: Occupancy[] = [];
    for (let page = 0; page <= sarI32(func.instCount * 4, PAGE_BITS); page++) pages.push({ from: [], to: [], owner: [] });
    a.taken.push(pages);
  }
  for (const set of env.clobberSets) {
    const first = a.clobbered.length;
    a.clobbers.push({ from: [], to: [], owner: [] });
    for (let p = 0; p < env.names.length; p++) a.clobbered.push(false);
    for (const p of set) a.clobbered[first + p] = true;
  }
  for (let v = 0; v < func.vregClass.length; v++) {
    makeRanges(a, v);
  }
  return a;
}

function makeRanges(a: Allocator, v: number): void {
  const live = a.live;
  if (live.start[v] === live.start[v + 1]) return;
  const ids: number[] = [];
  let use = live.uses.start[v];
  for (let k = live.start[v]; k < live.start[v + 1]; k++) {
    const first = use;
    while (use < live.uses.start[v + 1] && live.uses.point[use] < live.to[k]) use += 1;
    ids.push(a.ranges.length);
    a.ranges.push({ vreg: v, from: live.from[k], to: live.to[k], bundle: -1, useFrom: first, useTo: use });
  }
  const set = a.spillSets.length;
  a.spillSets.push({ from: a.ranges[ids[0]].from, to: a.ranges[ids[ids.length - 1]].to, slot: -1, lastReg: -1, splits: 0 });
  addBundle(a, ids, set);
}

/** A new bundle of ranges, in order, with its weight and hint. */
export function addBundle(a: Allocator, ranges: number[], spillSet: number): number {
  const id = a.bundles.length;
  a.bundles.push({ ranges: ranges, spillSet: spillSet, place: NOWHERE, weight: 0, size: 0, needsReg: false, hint: -1, inLoop: false });
  for (const r of ranges) a.ranges[r].bundle = id;
  weighBundle(a, id);
  return id;
}

/** Computes a bundle's size, weight and hint from its ranges. */
export function weighBundle(a: Allocator, id: number): void {
  const b = a.bundles[id];
  const uses = a.live.uses;
  let sum = 0;
  let size = 0;
  let hint = -1;
  let hintWeight = 0;
  b.needsReg = false;
  b.inLoop = false;
  for (const r of b.ranges) {
    const range = a.ranges[r];
    size += range.to - range.from;
    for (let u = range.useFrom; u < range.useTo; u++) {
      const w = uses.weight[u];
      sum = minI32(sum + w, 4000000);
      if (uses.needsReg[u]) b.needsReg = true;
      if (w > 1) b.inLoop = true;
      if (uses.hint[u] >= 0 && w > hintWeight) {
        hintWeight = w;
        hint = uses.hint[u];
      }
    }
  }
  b.size = size;
  b.hint = hint;
  b.weight = b.needsReg && isMinimal(a, b) ? MAX_WEIGHT : divI32(sum * 100, sarI32(size, 2) + 1);
}

/** Whether a bundle lies between two neighbouring points at which it could be cut. */
export function isMinimal(a: Allocator, b: Bundle): boolean {
  const from = a.ranges[b.ranges[0]].from;
  return a.ranges[b.ranges[b.ranges.length - 1]].to <= nextCut(a, from);
}

/** The first point after p at which a range may be cut. */
export function nextCut(a: Allocator, p: number): number {
  const i = sarI32(p, 2);
  if ((p & 3) === 0) return p + 1;
  const block = a.func.blocks[a.live.blockOf[i]];
  return i + 1 < block.end ? i * 4 + 5 : i * 4 + 4;
}

/** The last point up to p at which a range may be cut. */
export function lastCut(a: Allocator, p: number): number {
  if ((p & 3) !== 0) return sarI32(p, 2) * 4 + 1;
  const i = sarI32(p, 2);
  if (i >= a.func.instCount) return p;
  const first = a.func.blocks[a.live.blockOf[i]].first;
  return i === first ? p : p - 3;
}
