// Occupancy: which intervals of each physical register are given away.
// In -> out: instructions' demands and bundles, to sorted arrays of disjoint intervals; a look-up is a
// binary search. What bundles get is kept in pages, so that no insertion costs more in a long function. A demand may
// belong to one virtual register, which may then stay in the register across it.

import { bug } from "../base/bug.ts";
import { maxI32, sarI32 } from "../base/int32.ts";
import { Role } from "./operand.ts";
import { type Allocator, type Occupancy, PAGE_BITS, type Range } from "./ranges.ts";

/** What a bundle meets in a register. */
export interface Probe {
  /** The first point that cannot be had, or -1. */
  blockedAt: number;
  /** The bundles that would have to leave, and the heaviest of their weights. */
  victims: number[];
  weight: number;
}

/** Enters what the instructions demand of physical registers, and where they destroy sets of them. */
export function reserveFixed(a: Allocator): void {
  const f = a.func;
  for (let i = 0; i < f.instCount; i++) {
    for (let k = f.opStart[i]; k < f.opStart[i + 1]; k++) {
      if (f.opRole[k] === Role.useFixed) reservePoint(a.fixed[f.opArg[k]], i * 4 + 1, f.opVreg[k]);
    }
    for (let k = f.opStart[i]; k < f.opStart[i + 1]; k++) {
      if (f.opRole[k] === Role.defFixed) reservePoint(a.fixed[f.opArg[k]], i * 4 + 2, -1);
    }
    if (f.clobber[i] >= 0) reservePoint(a.clobbers[f.clobber[i]], i * 4 + 2, -1);
  }
}

function reservePoint(o: Occupancy, point: number, owner: number): void {
  const n = o.to.length;
  if (n > 0 && o.to[n - 1] > point) {
    if (owner >= 0 && o.owner[n - 1] === owner) return;
    bug("two demands for one register at point " + point);
  }
  o.from.push(point);
  o.to.push(point + 1);
  o.owner.push(owner);
}

/** The first interval that ends after a point. */
function firstAfter(o: Occupancy, point: number): number {
  let low = 0;
  let high = o.to.length;
  while (low < high) {
    const mid = sarI32(low + high, 1);
    if (o.to[mid] > point) high = mid;
    else low = mid + 1;
  }
  return low;
}

/** What a bundle would meet in a register, up to the first thing at least as heavy as itself. */
export function probeRegister(a: Allocator, bundle: number, preg: number, out: Probe): void {
  const b = a.bundles[bundle];
  out.victims = [];
  out.weight = 0;
  out.blockedAt = fixedConflict(a, b.ranges, preg);
  for (const r of b.ranges) {
    const range = a.ranges[r];
    for (let page = sarI32(range.from, PAGE_BITS); page <= sarI32(range.to - 1, PAGE_BITS); page++) {
      if (out.blockedAt >= 0 && range.from >= out.blockedAt) return;
      if (!probePage(a, a.taken[preg][page], range, b.weight, out)) return;
    }
  }
}

/** What a range of a weight would meet in a page; false when nothing behind it matters. */
function probePage(a: Allocator, o: Occupancy, range: Range, weight: number, out: Probe): boolean {
  for (let k = firstAfter(o, range.from); k < o.from.length && o.from[k] < range.to; k++) {
    const at = maxI32(o.from[k], range.from);
    if (out.blockedAt >= 0 && at >= out.blockedAt) return false;
    const w = a.bundles[o.owner[k]].weight;
    if (w >= weight) {
      out.blockedAt = at;
      return false;
    }
    if (w >= out.weight) out.weight = w;
    const n = out.victims.length;
    if (n === 0 || o.owner[k] !== out.victims[n - 1]) out.victims.push(o.owner[k]);
  }
  return true;
}

/** The first point of the ranges at which an instruction demands or destroys the register, or -1. */
function fixedConflict(a: Allocator, ranges: number[], preg: number): number {
  for (const r of ranges) {
    const range = a.ranges[r];
    let at = rangeConflict(a.fixed[preg], range);
    for (let set = 0; set < a.clobbers.length; set++) {
      if (!a.clobbered[set * a.env.names.length + preg]) continue;
      const other = rangeConflict(a.clobbers[set], range);
      if (other >= 0 && (at < 0 || other < at)) at = other;
    }
    if (at >= 0) return at;
  }
  return -1;
}

function rangeConflict(o: Occupancy, range: Range): number {
  for (let k = firstAfter(o, range.from); k < o.from.length && o.from[k] < range.to; k++) {
    if (o.owner[k] !== range.vreg) return maxI32(o.from[k], range.from);
  }
  return -1;
}

/** Gives a bundle a register that is free for it. */
export function takeRegister(a: Allocator, bundle: number, preg: number): void {
  const b = a.bundles[bundle];
  b.place = preg;
  a.spillSets[b.spillSet].lastReg = preg;
  for (const r of b.ranges) {
    const range = a.ranges[r];
    a.lastReg[range.vreg] = preg;
    for (let page = sarI32(range.from, PAGE_BITS); page <= sarI32(range.to - 1, PAGE_BITS); page++) {
      const o = a.taken[preg][page];
      const k = firstAfter(o, range.from);
      o.from.splice(k, 0, range.from);
      o.to.splice(k, 0, range.to);
      o.owner.splice(k, 0, bundle);
    }
  }
}

/** Takes a bundle's register away again. */
export function leaveRegister(a: Allocator, bundle: number): void {
  const b = a.bundles[bundle];
  const pages = a.taken[b.place];
  b.place = -1;
  for (const r of b.ranges) {
    const range = a.ranges[r];
    for (let page = sarI32(range.from, PAGE_BITS); page <= sarI32(range.to - 1, PAGE_BITS); page++) {
      const o = pages[page];
      const k = firstAfter(o, range.from);
      o.from.splice(k, 1);
      o.to.splice(k, 1);
      o.owner.splice(k, 1);
    }
  }
}
