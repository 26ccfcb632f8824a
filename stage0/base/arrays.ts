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

/** By key from 0 up to n: the values of the pairs with that key, in their order. */
export function groupByKey(n: number, keys: number[], values: number[]): number[][] {
  const groups: number[][] = [];
  for (let key = 0; key < n; key++) groups.push([]);
  for (let i = 0; i < keys.length; i++) groups[keys[i]].push(values[i]);
  return groups;
}
