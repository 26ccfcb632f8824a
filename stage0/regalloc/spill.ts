// Spill: gives stack slots to what could not have a register.
// In -> out: spillable bundles, some to a register that is still free, the others to the slot of their spill
// set. Sets whose lifetimes do not meet share a slot (linear scan over the lifetimes).

import { sortByKey } from "../base/sort.ts";
import { decideBundle, Choice } from "./decide.ts";
import { takeRegister } from "./occupancy.ts";
import { popQueue, pushQueue } from "./queue.ts";
import { type Allocator, IN_SLOT, type Queue } from "./ranges.ts";

/** Tries free registers once more, then marks the rest as being in the stack. */
export function placeSpillable(a: Allocator): void {
  for (const id of a.spillable) {
    const d = decideBundle(a, id);
    if (d.choice === Choice.take) takeRegister(a, id, d.preg);
    else a.bundles[id].place = IN_SLOT;
  }
}

/** Gives each spill set with a part in the stack a slot; the number of slots. */
export function assignSlots(a: Allocator): number {
  const used: boolean[] = [];
  const start: number[] = [];
  for (const s of a.spillSets) {
    used.push(false);
    start.push(s.from);
  }
  for (const b of a.bundles) if (b.ranges.length > 0 && b.place === IN_SLOT) used[b.spillSet] = true;
  const order: number[] = [];
  for (let s = 0; s < used.length; s++) if (used[s]) order.push(s);
  sortByKey(order, start);
  const ends: Queue = { bundle: [], size: [] };
  let count = 0;
  for (const s of order) {
    const set = a.spillSets[s];
    if (ends.bundle.length > 0 && 0 - ends.size[0] <= set.from) {
      set.slot = popQueue(ends);
    } else {
      set.slot = count;
      count += 1;
    }
    pushQueue(ends, set.slot, 0 - set.to);
  }
  return count;
}
