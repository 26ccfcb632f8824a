// A stable merge sort of ids by integer keys, bottom up.
// In -> out: ids and one or two key arrays indexed by id, to the same ids in ascending order of
// (key1, key2), equal ones in their old order. O(n log n); no comparison function, so no closures. Short lists, which
// are most, are sorted by insertion.

const SHORT = 12;

/** Sorts ids in place by key[id]. */
export function sortByKey(ids: number[], key: number[]): void {
  sortByKeys(ids, key, key);
}

/** Sorts ids in place by (first[id], second[id]). */
export function sortByKeys(ids: number[], first: number[], second: number[]): void {
  const n = ids.length;
  if (n <= SHORT) {
    insertKeys(ids, first, second);
    return;
  }
  let from: number[] = ids;
  let to: number[] = [];
  for (let i = 0; i < n; i++) to.push(0);
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) mergeRuns(from, to, start, width, first, second);
    const swap = from;
    from = to;
    to = swap;
  }
  if (from !== ids) for (let i = 0; i < n; i++) ids[i] = from[i];
}

/** The numbers in ascending order. */
export function sortedNumbers(list: number[]): number[] {
  const places: number[] = [];
  for (let k = 0; k < list.length; k++) places.push(k);
  sortByKey(places, list);
  const out: number[] = [];
  for (const k of places) out.push(list[k]);
  return out;
}

function insertKeys(ids: number[], first: number[], second: number[]): void {
  for (let i = 1; i < ids.length; i++) {
    const id = ids[i];
    let at = i;
    while (at > 0 && keyLess(id, ids[at - 1], first, second)) {
      ids[at] = ids[at - 1];
      at -= 1;
    }
    if (at < i) ids[at] = id;
  }
}

/** Merges from[start, start + width) and the run behind it into `to`. */
function mergeRuns(from: number[], to: number[], start: number, width: number, first: number[], second: number[]): void {
  const middle = start + width < from.length ? start + width : from.length;
  const end = start + 2 * width < from.length ? start + 2 * width : from.length;
  if (middle >= end || !keyLess(from[middle], from[middle - 1], first, second)) {
    for (let k = start; k < end; k++) to[k] = from[k];
    return;
  }
  let a = start;
  let b = middle;
  for (let k = start; k < end; k++) {
    if (a < middle && (b >= end || !keyLess(from[b], from[a], first, second))) {
      to[k] = from[a];
      a += 1;
    } else {
      to[k] = from[b];
      b += 1;
    }
  }
}

function keyLess(x: number, y: number, first: number[], second: number[]): boolean {
  if (first[x] !== first[y]) return first[x] < first[y];
  return second[x] < second[y];
}
