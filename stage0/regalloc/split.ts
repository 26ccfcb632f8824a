// Split: cuts a bundle that fits nowhere whole.
// In -> out: a bundle and the point where its best register is lost, to a part before, a part after, and a gap
// between them without uses, which may live in the stack. Both ends of the gap are moved to where the program
// runs least: the part before reaches out of its loop, the part after begins in front of its loop.
// After many cuts of one spill set the rest is cut around every use at once, which keeps the work linear.

import { sarI32 } from "../base/int32.ts";
import { pushQueue } from "./queue.ts";
import { addBundle, type Allocator, lastCut, nextCut, NOWHERE } from "./ranges.ts";

const MAX_SPLITS = 12;

/** Cuts a bundle and queues the parts. */
export function splitBundle(a: Allocator, id: number, at: number): void {
  const b = a.bundles[id];
  const set = a.spillSets[b.spillSet];
  set.splits += 1;
  const ranges = b.ranges;
  b.ranges = [];
  b.place = NOWHERE;
  if (set.splits > MAX_SPLITS) {
    splitAround(a, ranges, b.spillSet);
    return;
  }
  const from = a.ranges[ranges[0]].from;
  const to = a.ranges[ranges[ranges.length - 1]].to;
  const x = lastCut(a, at);
  const before = lastUseBefore(a, ranges, x);
  const after = firstUseFrom(a, ranges, x);
  let end = before < 0 ? from : partEnd(a, before, x);
  let start = after < 0 ? to : partStart(a, after, x);
  if (end <= from && start <= from) {
    end = nextCut(a, after > from ? after : from);
    start = end;
  }
  const cut: Cut = { ranges: ranges, next: 0 };
  queuePart(a, rangesBefore(a, cut, end), b.spillSet);
  leavePart(a, rangesBefore(a, cut, start), b.spillSet);
  queuePart(a, rangesBefore(a, cut, to), b.spillSet);
}

/** Cuts out each use that needs a register; the rest may live in the stack. */
function splitAround(a: Allocator, ranges: number[], set: number): void {
  const uses = a.live.uses;
  const cut: Cut = { ranges: ranges, next: 0 };
  const to = a.ranges[ranges[ranges.length - 1]].to;
  const from: number[] = [];
  const end: number[] = [];
  for (const r of ranges) {
    for (let u = a.ranges[r].useFrom; u < a.ranges[r].useTo; u++) {
      if (!uses.needsReg[u]) continue;
      const start = lastCut(a, uses.point[u]);
      if (end.length > 0 && start < end[end.length - 1]) continue;
      from.push(start);
      end.push(nextCut(a, uses.point[u]));
    }
  }
  for (let k = 0; k < from.length; k++) {
    leavePart(a, rangesBefore(a, cut, from[k]), set);
    queuePart(a, rangesBefore(a, cut, end[k]), set);
  }
  leavePart(a, rangesBefore(a, cut, to), set);
}

function queuePart(a: Allocator, ranges: number[], set: number): void {
  if (ranges.length === 0) return;
  const id = addBundle(a, ranges, set);
  pushQueue(a.queue, id, a.bundles[id].size);
}

function leavePart(a: Allocator, ranges: number[], set: number): void {
  if (ranges.length === 0) return;
  a.spillable.push(addBundle(a, ranges, set));
}

/** A list of ranges of which those before `next` have been handed out. */
interface Cut {
  ranges: number[];
  next: number;
}

/** Hands out the ranges up to a point; one that lies across it is cut in two. */
function rangesBefore(a: Allocator, cut: Cut, at: number): number[] {
  const out: number[] = [];
  while (cut.next < cut.ranges.length) {
    const id = cut.ranges[cut.next];
    const range = a.ranges[id];
    if (range.from >= at) return out;
    out.push(id);
    if (range.to > at) {
      cut.ranges[cut.next] = cutRange(a, id, at);
      return out;
    }
    cut.next += 1;
  }
  return out;
}

/** Shortens a range to end at a point; the rest is a new range. */
function cutRange(a: Allocator, id: number, at: number): number {
  const range = a.ranges[id];
  let use = range.useFrom;
  while (use < range.useTo && a.live.uses.point[use] < at) use += 1;
  const rest = a.ranges.length;
  a.ranges.push({ vreg: range.vreg, from: at, to: range.to, bundle: range.bundle, useFrom: use, useTo: range.useTo });
  range.to = at;
  range.useTo = use;
  return rest;
}

function lastUseBefore(a: Allocator, ranges: number[], x: number): number {
  let found = -1;
  for (const r of ranges) {
    const range = a.ranges[r];
    if (range.from >= x) return found;
    for (let u = range.useFrom; u < range.useTo; u++) {
      if (a.live.uses.point[u] >= x) return found;
      found = a.live.uses.point[u];
    }
  }
  return found;
}

function firstUseFrom(a: Allocator, ranges: number[], x: number): number {
  for (const r of ranges) {
    const range = a.ranges[r];
    if (range.to <= x) continue;
    for (let u = range.useFrom; u < range.useTo; u++) if (a.live.uses.point[u] >= x) return a.live.uses.point[u];
  }
  return -1;
}

function blockAt(a: Allocator, point: number): number {
  const i = sarI32(point, 2);
  return i < a.func.instCount ? a.live.blockOf[i] : a.func.blocks.length - 1;
}

/** The first and least nested point after a use, up to x, at which the part before may end. */
function partEnd(a: Allocator, use: number, x: number): number {
  let best = nextCut(a, use);
  if (best >= x) return x;
  let block = blockAt(a, best);
  let depth = a.func.blocks[block].depth;
  block += 1;
  while (block < a.func.blocks.length && a.func.blocks[block].first * 4 <= x) {
    if (a.func.blocks[block].depth < depth) {
      depth = a.func.blocks[block].depth;
      best = a.func.blocks[block].first * 4;
    }
    block += 1;
  }
  return best;
}

/** The last and least nested point before a use, down to x, at which the part after may begin. */
function partStart(a: Allocator, use: number, x: number): number {
  let best = lastCut(a, use);
  if (best <= x) return x;
  let block = blockAt(a, best);
  let depth = a.func.blocks[block].depth;
  block -= 1;
  while (block >= 0 && a.func.blocks[block].end * 4 - 3 >= x) {
    if (a.func.blocks[block].depth < depth) {
      depth = a.func.blocks[block].depth;
      best = a.func.blocks[block].end * 4 - 3;
    }
    block -= 1;
  }
  return best;
}
