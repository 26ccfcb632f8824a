// Bundles: live ranges that would like to share one register.
// In: one bundle a virtual register. Out: fewer bundles; every range is still in exactly one.
// A bundle is merged with the other side of a reused input, a block param or a move when the two do not
// overlap. Heavier places first within each kind; very large bundles are left alone, to stay linear.

import { sortByKey } from "../base/sort.ts";
import { type Allocator, type Bundle, weighBundle } from "./ranges.ts";
import { Role } from "./operand.ts";

const MAX_MERGED = 600;

/** The pairs to be merged, in order of finding. */
interface MergePairs {
  a: number[];
  b: number[];
  /** Negative weight, so that an ascending sort has the heaviest first. */
  key: number[];
}

/** Merges what can share a register. */
export function mergeBundles(a: Allocator): void {
  mergePairs(a, operandPairs(a));
  mergePairs(a, paramPairs(a));
  for (let id = 0; id < a.bundles.length; id++) if (a.bundles[id].ranges.length > 0) weighBundle(a, id);
}

function operandPairs(a: Allocator): MergePairs {
  const f = a.func;
  const pairs: MergePairs = { a: [], b: [], key: [] };
  for (let i = 0; i < f.instCount; i++) {
    const depth = f.blocks[a.live.blockOf[i]].depth;
    const first = f.opStart[i];
    for (let k = first; k < f.opStart[i + 1]; k++) {
      if (f.opRole[k] === Role.defReuse) addPair(pairs, f.opVreg[k], f.opVreg[first + f.opArg[k]], depth);
    }
    if (f.isMove[i]) addPair(pairs, f.opVreg[first], f.opVreg[first + 1], depth);
  }
  return pairs;
}

function paramPairs(a: Allocator): MergePairs {
  const pairs: MergePairs = { a: [], b: [], key: [] };
  for (const b of a.func.blocks) {
    if (b.args.length === 0) continue;
    const params = a.func.blocks[b.succs[0]].params;
    for (let k = 0; k < params.length; k++) addPair(pairs, params[k], b.args[k], b.depth);
  }
  return pairs;
}

function addPair(pairs: MergePairs, x: number, y: number, depth: number): void {
  pairs.a.push(x);
  pairs.b.push(y);
  pairs.key.push(0 - depth);
}

function mergePairs(a: Allocator, pairs: MergePairs): void {
  const order: number[] = [];
  for (let k = 0; k < pairs.a.length; k++) order.push(k);
  sortByKey(order, pairs.key);
  for (const k of order) {
    const v = pairs.a[k];
    const w = pairs.b[k];
    const x = currentBundle(a, v);
    const y = currentBundle(a, w);
    if (x < 0 || y < 0 || x === y) continue;
    if (!tryMerge(a, x, y, a.func.vregClass[v] === a.func.vregClass[w])) notePartners(a, v, w);
  }
}

/** Registers of different bundles that would still save a move by being the same. */
function notePartners(a: Allocator, v: number, w: number): void {
  if (a.partner[v] < 0) a.partner[v] = w;
  if (a.partner[w] < 0) a.partner[w] = v;
}

/** The bundle that a register's ranges are in now. Before any cut, range ids are interval numbers. */
function currentBundle(a: Allocator, v: number): number {
  const first = a.live.start[v];
  return first === a.live.start[v + 1] ? -1 : a.ranges[first].bundle;
}

/** Joins two bundles, if they do not overlap. */
function tryMerge(a: Allocator, x: number, y: number, sameClass: boolean): boolean {
  const p = a.bundles[x];
  const q = a.bundles[y];
  if (!sameClass || p.ranges.length + q.ranges.length > MAX_MERGED) return false;
  const merged = mergedRanges(a, p, q);
  if (merged.length === 0) return false;
  for (const r of q.ranges) a.ranges[r].bundle = x;
  p.ranges = merged;
  q.ranges = [];
  const s = a.spillSets[p.spillSet];
  const t = a.spillSets[q.spillSet];
  if (t.from < s.from) s.from = t.from;
  if (t.to > s.to) s.to = t.to;
  return true;
}

/** The ranges of both in order, or none when two overlap. */
function mergedRanges(a: Allocator, p: Bundle, q: Bundle): number[] {
  const merged: number[] = [];
  let i = 0;
  let k = 0;
  let end = -1;
  while (i < p.ranges.length || k < q.ranges.length) {
    const fromP = k >= q.ranges.length || (i < p.ranges.length && a.ranges[p.ranges[i]].from < a.ranges[q.ranges[k]].from);
    const id = fromP ? p.ranges[i] : q.ranges[k];
    if (a.ranges[id].from < end) return [];
    end = a.ranges[id].to;
    merged.push(id);
    if (fromP) i += 1;
    else k += 1;
  }
  return merged;
}
