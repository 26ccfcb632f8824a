// Evict: makes room for a bundle by sending lighter ones back to the queue.
// In -> out: a bundle and the register it may have, to victims without a place and the bundle in the register.

import { leaveRegister, takeRegister } from "./occupancy.ts";
import { pushQueue } from "./queue.ts";
import type { Allocator } from "./ranges.ts";

/** Sends the victims back to the queue and gives their register to the bundle. */
export function evictBundles(a: Allocator, bundle: number, preg: number, victims: number[]): void {
  for (const v of victims) {
    if (a.bundles[v].place < 0) continue;
    leaveRegister(a, v);
    pushQueue(a.queue, v, a.bundles[v].size);
  }
  takeRegister(a, bundle, preg);
}
