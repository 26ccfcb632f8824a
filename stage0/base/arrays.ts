// Arrays made at their full length, and values grouped by key.
// In -> out: a length or pairs, to lists that are allocated once.

/** A list of so many times the same number. */
export function filledNumbers(n: number, value: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < n; i++) list.push(value);
  return list;
}

/** The same for a table that keeps its length, in 32 bits each. */
export function filledInts(n: number, value: number): Int32Array {
  return new Int32Array(n).fill(value);
}

/** A list of so many times false. */
export function filledFlags(n: number): boolean[] {
  const list: boolean[] = [];
  for (let i = 0; i < n; i++) list.push(false);
  return list;
}

/** Values by key: those of key k are items from first[k] up to first[k + 1]. */
export interface Groups {
  first: Int32Array;
  items: Int32Array;
}

/** By key from 0 up to n: the values of the pairs with that key, in their order. */
export function groupByKey(n: number, keys: number[], values: number[]): Groups {
  const g: Groups = { first: filledInts(n + 1, 0), items: filledInts(keys.length, 0) };
  for (const key of keys) g.first[key + 1] += 1;
  for (let key = 0; key < n; key++) g.first[key + 1] += g.first[key];
  const next = g.first.slice();
  for (let i = 0; i < keys.length; i++) {
    g.items[next[keys[i]]] = values[i];
    next[keys[i]] += 1;
  }
  return g;
}
