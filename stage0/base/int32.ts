// Small integers: the operators on numbers that JavaScript and Cot spell or define differently.
// In -> out: i32 values that never overflow, to i32 values. Division truncates, shifts are modulo 32.
// Every other integer in the compilers is an i32 that never overflows, so + - * and comparisons need no help.

/** a / b, truncated towards zero; b is not 0. */
export function divI32(a: number, b: number): number {
  return Math.trunc(a / b) | 0;
}

/** a << n as a signed 32-bit value. */
export function shlI32(a: number, n: number): number {
  return a << n;
}

/** a >> n, the sign is kept. */
export function sarI32(a: number, n: number): number {
  return a >> n;
}

/** a >> n with zeros from the left, read as a signed 32-bit value. */
export function shrU32(a: number, n: number): number {
  return (a >>> n) | 0;
}

/** The low 32 bits of a * b, signed. */
export function mulU32(a: number, b: number): number {
  return Math.imul(a, b);
}

/** The smaller of two. */
export function minI32(a: number, b: number): number {
  return a < b ? a : b;
}

/** The greater of two. */
export function maxI32(a: number, b: number): number {
  return a > b ? a : b;
}

/** n rounded up to a multiple of align, a power of two. */
export function alignUp(n: number, align: number): number {
  return (n + align - 1) & (0 - align);
}

/** The exponent of the power of two n. */
export function log2I32(n: number): number {
  let k = 0;
  while (1 << k < n) k += 1;
  return k;
}
