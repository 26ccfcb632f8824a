// Sets of small integers as bits in 32-bit words.
// In -> out: membership of ids 0..n-1; walks go upwards, so their order is total.

export interface Bitset {
  words: Int32Array;
}

/** An empty set for ids under n. */
export function newBitset(n: number): Bitset {
  return { words: new Int32Array((n + 31) >> 5) };
}

export function addBit(s: Bitset, i: number): void {
  s.words[i >> 5] |= 1 << (i & 31);
}

export function removeBit(s: Bitset, i: number): void {
  s.words[i >> 5] &= ~(1 << (i & 31));
}

export function hasBit(s: Bitset, i: number): boolean {
  return (s.words[i >> 5] & (1 << (i & 31))) !== 0;
}

/** a becomes a union b; whether a changed. Both have the same size. */
export function unionBits(a: Bitset, b: Bitset): boolean {
  let changed = false;
  for (let i = 0; i < a.words.length; i++) {
    const merged = a.words[i] | b.words[i];
    if (merged !== a.words[i]) {
      a.words[i] = merged;
      changed = true;
    }
  }
  return changed;
}

/** A copy of its own. */
export function copyBits(a: Bitset): Bitset {
  const s = newBitset(a.words.length * 32);
  for (let i = 0; i < a.words.length; i++) s.words[i] = a.words[i];
  return s;
}

/** Removes every id of b from a. */
export function subtractBits(a: Bitset, b: Bitset): void {
  for (let i = 0; i < a.words.length; i++) a.words[i] &= ~b.words[i];
}

/** The least member that is at least from, or -1. */
export function nextBit(s: Bitset, from: number): number {
  let w = from >> 5;
  if (w >= s.words.length) return -1;
  let word = s.words[w] & (-1 << (from & 31));
  while (word === 0) {
    w += 1;
    if (w >= s.words.length) return -1;
    word = s.words[w];
  }
  return w * 32 + lowestBit(word);
}

/** The index of the lowest bit of a word that is not 0. */
export function lowestBit(word: number): number {
  let n = 0;
  let w = word;
  if ((w & 0xffff) === 0) {
    n += 16;
    w >>= 16;
  }
  if ((w & 0xff) === 0) {
    n += 8;
    w >>= 8;
  }
  while ((w & 1) === 0) {
    n += 1;
    w >>= 1;
  }
  return n;
}
