// The register allocator, in the order of its steps.
// In -> out: a function's blocks and operands, to a place for each operand and the moves between places.
// After "Improvements to linear scan" in the bundle form of backtracking allocators: bundles of live ranges,
// largest first, are put into registers; heavier ones evict lighter ones; what does not fit is cut.

import { bug } from "../base/bug.ts";
import { mergeBundles } from "./bundles.ts";
import { Choice, type Decision, decideBundle } from "./decide.ts";
import { evictBundles } from "./evict.ts";
import type { RegEnv, RegFunc, RegResult } from "./function.ts";
import { computeLiveness } from "./liveness.ts";
import { makeMoves } from "./moves.ts";
import { reserveFixed, takeRegister } from "./occupancy.ts";
import { popQueue, pushQueue } from "./queue.ts";
import { type Allocator, newAllocator } from "./ranges.ts";
import { assignSlots, placeSpillable } from "./spill.ts";
import { splitBundle } from "./split.ts";

/** Places the values of a function. The trace gets a line for each decision when it is wanted. */
export function allocateRegisters(func: RegFunc, env: RegEnv, tracing: boolean, trace: string[]): RegResult {
  const live = computeLiveness(func);
  const a = newAllocator(func, env, live);
  a.tracing = tracing;
  reserveFixed(a);
  mergeBundles(a);
  for (let id = 0; id < a.bundles.length; id++) if (a.bundles[id].ranges.length > 0) pushQueue(a.queue, id, a.bundles[id].size);
  placeBundles(a);
  placeSpillable(a);
  for (const line of a.trace) trace.push(line);
  return makeMoves(a, assignSlots(a));
}

/** Takes bundles from the queue until all have a place or are left to the stack. */
function placeBundles(a: Allocator): void {
  let steps = 0;
  let id = popQueue(a.queue);
  while (id >= 0) {
    const d = decideBundle(a, id);
    if (a.tracing) a.trace.push(decisionText(a, id, d));
    switch (d.choice) {
      case Choice.take: takeRegister(a, id, d.preg); break;
      case Choice.evict: evictBundles(a, id, d.preg, d.victims); break;
      case Choice.split: splitBundle(a, id, d.at); break;
      default: a.spillable.push(id);
    }
    steps += 1;
    if (steps > 1000 * (a.func.instCount + 100)) bug("register allocation does not end");
    id = popQueue(a.queue);
  }
}

/** One line of the trace: "b7 w40 [v3 8..21]: split at 12 (rax)". */
function decisionText(a: Allocator, id: number, d: Decision): string {
  const b = a.bundles[id];
  let text = "b" + id + " w" + b.weight + " [";
  for (let k = 0; k < b.ranges.length; k++) {
    const r = a.ranges[b.ranges[k]];
    text += (k > 0 ? " v" : "v") + r.vreg + " " + r.from + ".." + r.to;
  }
  text += "]: ";
  if (d.choice === Choice.take) return text + "take " + a.env.names[d.preg];
  if (d.choice === Choice.split) return text + "split at " + d.at + " (" + a.env.names[d.preg] + ")";
  if (d.choice === Choice.spill) return text + "spill";
  text += "evict from " + a.env.names[d.preg] + ":";
  for (const v of d.victims) text += " b" + v;
  return text;
}
