// Arrays made at their full length, and values grouped by key.
// In -> out: a length or pairs, to lists that are allocated once. Groups are parts of one array in order of their keys:
// they are read, not appended to.

/** A list of so many times the same number. */
export function filledNumbers(n: number, value: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < n; i++) list.push(value);
  return list;
}

/** A list of so many times false. */
export function filledFlags(n: number): boolean[] {
  const list: boolean[] = [];
  for (let i = 0; i < n; i++) list.push(false);
  return list;
}

/** By key from 0 up to n: the values of the pairs with that key, in their order. */
export function groupByKey(n: number, keys: number[], values: number[]): number[][] {
  const start = filledNumbers(n + 1, 0);
  for (const key of keys) start[key + 1] += 1;
  for (let key = 0; key < n; key++) start[key + 1] += start[key];
  const all = filledNumbers(values.length, 0);
  const next = start.slice(0, n);
  for (let i = 0; i < keys.length; i++) {
    all[next[keys[i]]] = values[i];
    next[keys[i]] += 1;
  }
  const groups: number[][] = [];
  for (let key = 0; key < n; key++) groups.push(all.slice(start[key], start[key + 1]));
  return groups;
}
