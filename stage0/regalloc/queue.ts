// The queue of bundles that wait for a place: a binary heap, the largest first.
// Long bundles choose while there is room, short ones fit in between. Equal sizes come in order of ids.

import { divI32 } from "../base/int32.ts";
import type { Queue } from "./ranges.ts";

/** Adds a bundle of a size. */
export function pushQueue(q: Queue, bundle: number, size: number): void {
  q.bundle.push(bundle);
  q.size.push(size);
  let k = q.bundle.length - 1;
  while (k > 0) {
    const parent = divI32(k - 1, 2);
    if (!queueBefore(q, k, parent)) return;
    swapQueue(q, k, parent);
    k = parent;
  }
}

/** Removes the first bundle, or gives -1. */
export function popQueue(q: Queue): number {
  const n = q.bundle.length;
  if (n === 0) return -1;
  swapQueue(q, 0, n - 1);
  const top = q.bundle[n - 1];
  q.bundle.pop();
  q.size.pop();
  let k = 0;
  let more = true;
  while (more) {
    let first = k;
    if (2 * k + 1 < n - 1 && queueBefore(q, 2 * k + 1, first)) first = 2 * k + 1;
    if (2 * k + 2 < n - 1 && queueBefore(q, 2 * k + 2, first)) first = 2 * k + 2;
    more = first !== k;
    if (more) swapQueue(q, k, first);
    k = first;
  }
  return top;
}

function queueBefore(q: Queue, x: number, y: number): boolean {
  if (q.size[x] !== q.size[y]) return q.size[x] > q.size[y];
  return q.bundle[x] < q.bundle[y];
}

function swapQueue(q: Queue, x: number, y: number): void {
  const bundle = q.bundle[x];
  const size = q.size[x];
  q.bundle[x] = q.bundle[y];
  q.size[x] = q.size[y];
  q.bundle[y] = bundle;
  q.size[y] = size;
}
