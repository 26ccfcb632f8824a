// Random numbers of tests: a seed gives the same row everywhere, so that a failure can be met again.

export interface Random {
  seed: number;
}

export function newRandom(seed: number): Random {
  return { seed: (Math.imul(seed, 2654435761) ^ 0x5bd1e995) & 0x7fffffff };
}

/** A number from 0 to n - 1. */
export function below(r: Random, n: number): number {
  r.seed = (Math.imul(r.seed, 1103515245) + 12345) & 0x7fffffff;
  return (r.seed >>> 8) % n;
}

/** One of a list. */
export function pick<T>(r: Random, list: readonly T[]): T {
  return list[below(r, list.length)];
}

/** True once in n times. */
export function oneIn(r: Random, n: number): boolean {
  return below(r, n) === 0;
}
