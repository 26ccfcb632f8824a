// Decide: what to do with the next bundle. Pure: it looks, others act (evict, split, spill).
// In -> out: a bundle, to one of take, evict, split, spill.
// Termination: an eviction needs strictly less weight, and a cut gives strictly smaller bundles; a bundle that
// cannot be cut has the greatest weight, and one instruction never needs more registers than there are.

import { bug } from "../base/bug.ts";
import { type Probe, probeRegister } from "./occupancy.ts";
import { type Allocator, isMinimal, MAX_WEIGHT } from "./ranges.ts";

export const Choice = { take: 0, evict: 1, split: 2, spill: 3 };

export interface Decision {
  choice: number;
  /** The register to take, or that the cut is made for. */
  preg: number;
  /** Where the cut is wanted. */
  at: number;
  victims: number[];
}

/** How often a value that could live in the stack is still cut into pieces. */
const MAX_OPTIONAL_SPLITS = 3;

/** The decision for a bundle. */
export function decideBundle(a: Allocator, id: number): Decision {
  const b = a.bundles[id];
  const best: Decision = { choice: Choice.spill, preg: -1, at: -1, victims: [] };
  const probe: Probe = { blockedAt: -1, victims: [], weight: 0 };
  let bestWeight = MAX_WEIGHT;
  const v = a.ranges[b.ranges[0]].vreg;
  const order = a.env.order[a.func.vregClass[v]];
  const hints: number[] = [b.hint, a.spillSets[b.spillSet].lastReg, a.partner[v] < 0 ? -1 : a.lastReg[a.partner[v]]];
  for (let k = 0; k < hints.length + order.length; k++) {
    const preg = k < hints.length ? hints[k] : order[k - hints.length];
    if (preg < 0 || isTried(hints, k, preg) || (k < hints.length && !canGive(order, preg))) continue;
    probeRegister(a, id, preg, probe);
    if (probe.blockedAt < 0 && probe.victims.length === 0) {
      best.choice = Choice.take;
      best.preg = preg;
      return best;
    }
    if (probe.blockedAt < 0) {
      if (probe.weight < bestWeight) {
        bestWeight = probe.weight;
        best.choice = Choice.evict;
        best.preg = preg;
        best.victims = probe.victims;
      }
    } else if (best.choice !== Choice.evict && probe.blockedAt > best.at) {
      best.choice = Choice.split;
      best.preg = preg;
      best.at = probe.blockedAt;
    }
  }
  if (best.choice === Choice.split) checkSplit(a, id, best);
  return best;
}

/** Whether one of the hints before number k was the same. */
function isTried(hints: number[], k: number, preg: number): boolean {
  for (let j = 0; j < k && j < hints.length; j++) if (hints[j] === preg) return true;
  return false;
}

/** A register that is kept back (a stack pointer, a scratch) may be a hint, but is not given. */
function canGive(order: number[], preg: number): boolean {
  for (const p of order) if (p === preg) return true;
  return false;
}

/** A bundle that is content with the stack goes there, unless a loop makes another try worth while. */
function checkSplit(a: Allocator, id: number, d: Decision): void {
  const b = a.bundles[id];
  if (b.needsReg) {
    if (b.weight === MAX_WEIGHT) bug("no register for a single instruction");
    return;
  }
  if (isMinimal(a, b) || !b.inLoop || a.spillSets[b.spillSet].splits >= MAX_OPTIONAL_SPLITS) d.choice = Choice.spill;
}
