// Untyped integer constants: exact within 128 signed bits. A bigint here; two 64-bit halves in Cot.
// In -> out: each operation gives its exact result, or says through fitsI128 that there is none.
// Values outside the range exist only until the caller has asked fitsI128 and reported the error.

import type { I64 } from "./int64.ts";

/** An exact integer constant. */
export type I128 = bigint;

/** Whether a is within 128 signed bits. */
export function fitsI128(a: I128): boolean {
  return BigInt.asIntN(128, a) === a;
}

export function i128From(n: number): I128 {
  return BigInt(n);
}

/** The value of a signed 64-bit integer. */
export function i128FromI64(a: I64): I128 {
  return a;
}

/** The value of an unsigned 64-bit integer. */
export function i128FromU64(a: I64): I128 {
  return BigInt.asUintN(64, a);
}

/** The low 64 bits. */
export function lowI64(a: I128): I64 {
  return BigInt.asIntN(64, a);
}

/** Whether a is in the range of an integer type of so many bits. */
export function fitsBits(a: I128, bits: number, signed: boolean): boolean {
  return signed ? BigInt.asIntN(bits, a) === a : BigInt.asUintN(bits, a) === a;
}

export function addI128(a: I128, b: I128): I128 {
  return a + b;
}

export function subI128(a: I128, b: I128): I128 {
  return a - b;
}

export function mulI128(a: I128, b: I128): I128 {
  return a * b;
}

/** Truncating division; b is not 0. */
export function divI128(a: I128, b: I128): I128 {
  return a / b;
}

/** Remainder with the sign of a; b is not 0. */
export function remI128(a: I128, b: I128): I128 {
  return a % b;
}

export function andI128(a: I128, b: I128): I128 {
  return a & b;
}

export function orI128(a: I128, b: I128): I128 {
  return a | b;
}

export function xorI128(a: I128, b: I128): I128 {
  return a ^ b;
}

/** a << n for n in 0..127. */
export function shlI128(a: I128, n: number): I128 {
  return a << BigInt(n);
}

/** a >> n keeping the sign, for n in 0..127. */
export function sarI128(a: I128, n: number): I128 {
  return a >> BigInt(n);
}

/** -1, 0 or 1. */
export function compareI128(a: I128, b: I128): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** Decimal digits, with a sign when negative. */
export function textI128(a: I128): string {
  return a.toString();
}

/** The i32 value of a, which must fit. */
export function i32FromI128(a: I128): number {
  return Number(a);
}

/** a * base + digit: one step of reading a literal. */
export function pushDigitI128(a: I128, base: number, digit: number): I128 {
  return a * BigInt(base) + BigInt(digit);
}
