// 64-bit integers: a bigint here, an i64 in Cot. A value is always kept in its signed form.
// In -> out: exact arithmetic modulo 2^64. The U forms read their operands as unsigned.

/** A 64-bit integer in signed form. */
export type I64 = bigint;

/** The signed 64-bit form of any bigint: arithmetic modulo 2^64. */
function wrap(a: bigint): I64 {
  return BigInt.asIntN(64, a);
}

function unsigned(a: I64): bigint {
  return BigInt.asUintN(64, a);
}

/** The 64-bit value of an i32. */
export function i64From(n: number): I64 {
  return BigInt(n);
}

/** The low 32 bits, signed. */
export function lowI32(a: I64): number {
  return Number(BigInt.asIntN(32, a));
}

/** The high 32 bits, signed. */
export function highI32(a: I64): number {
  return Number(BigInt.asIntN(32, a >> 32n));
}

/** The 64-bit value with these halves, each taken modulo 2^32. */
export function joinI64(high: number, low: number): I64 {
  return wrap((BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low)));
}

/** Whether a is an i32. */
export function fitsI32(a: I64): boolean {
  return BigInt.asIntN(32, a) === a;
}

export function addI64(a: I64, b: I64): I64 {
  return wrap(a + b);
}

export function subI64(a: I64, b: I64): I64 {
  return wrap(a - b);
}

export function mulI64(a: I64, b: I64): I64 {
  return wrap(a * b);
}

/** Truncating signed division; b is not 0 and the pair is not MIN / -1. */
export function divI64(a: I64, b: I64): I64 {
  return a / b;
}

/** Remainder with the sign of a; b is not 0. MIN % -1 is 0. */
export function remI64(a: I64, b: I64): I64 {
  return a % b;
}

export function divU64(a: I64, b: I64): I64 {
  return wrap(unsigned(a) / unsigned(b));
}

export function remU64(a: I64, b: I64): I64 {
  return wrap(unsigned(a) % unsigned(b));
}

export function andI64(a: I64, b: I64): I64 {
  return a & b;
}

export function orI64(a: I64, b: I64): I64 {
  return a | b;
}

export function xorI64(a: I64, b: I64): I64 {
  return a ^ b;
}

/** a << n, n modulo 64. */
export function shlI64(a: I64, n: number): I64 {
  return wrap(a << BigInt(n & 63));
}

/** a >> n keeping the sign, n modulo 64. */
export function sarI64(a: I64, n: number): I64 {
  return a >> BigInt(n & 63);
}

/** a >> n with zeros from the left, n modulo 64. */
export function shrU64(a: I64, n: number): I64 {
  return wrap(unsigned(a) >> BigInt(n & 63));
}

export function eqI64(a: I64, b: I64): boolean {
  return a === b;
}

export function ltI64(a: I64, b: I64): boolean {
  return a < b;
}

export function ltU64(a: I64, b: I64): boolean {
  return unsigned(a) < unsigned(b);
}

/** a sign-extended from its low bits. */
export function signExtendI64(a: I64, bits: number): I64 {
  return BigInt.asIntN(bits, a);
}

/** a zero-extended from its low bits. */
export function zeroExtendI64(a: I64, bits: number): I64 {
  return wrap(BigInt.asUintN(bits, a));
}

/** Decimal digits, with a sign when negative. */
export function textI64(a: I64): string {
  return a.toString();
}

/** Lower-case hexadecimal digits of the unsigned reading, no prefix, at least width digits. */
export function hexI64(a: I64, width: number): string {
  return unsigned(a).toString(16).padStart(width, "0");
}

/** The bits of an f64 value computed from two f64 bit patterns: + - * / by kind 0 1 2 3. */
export function arithF64(kind: number, a: I64, b: I64): I64 {
  const x = f64FromBits(a);
  const y = f64FromBits(b);
  if (kind === 0) return f64ToBits(x + y);
  if (kind === 1) return f64ToBits(x - y);
  if (kind === 2) return f64ToBits(x * y);
  return f64ToBits(x / y);
}

/** The same for f32 bit patterns (in the low 32 bits): each operation is rounded once. */
export function arithF32(kind: number, a: I64, b: I64): I64 {
  const x = f32FromBits(a);
  const y = f32FromBits(b);
  if (kind === 0) return f32ToBits(x + y);
  if (kind === 1) return f32ToBits(x - y);
  if (kind === 2) return f32ToBits(x * y);
  return f32ToBits(x / y);
}

/** The square root of an f64 bit pattern, correctly rounded. */
export function sqrtF64(a: I64): I64 {
  return f64ToBits(Math.sqrt(f64FromBits(a)));
}

/** The square root of an f32 bit pattern, correctly rounded. */
export function sqrtF32(a: I64): I64 {
  return f32ToBits(Math.sqrt(f32FromBits(a)));
}

/** Compares two f64 bit patterns: -1, 0, 1, or 2 when one is a NaN. */
export function compareF64(a: I64, b: I64): number {
  const x = f64FromBits(a);
  const y = f64FromBits(b);
  if (x < y) return -1;
  if (x > y) return 1;
  return x === y ? 0 : 2;
}

/** Compares two f32 bit patterns like compareF64. */
export function compareF32(a: I64, b: I64): number {
  return compareF64(f64FromF32(a), f64FromF32(b));
}

/** The f64 bits nearest to a signed 64-bit integer. */
export function f64FromI64(a: I64): I64 {
  return f64ToBits(Number(a));
}

/** The f64 bits nearest to an unsigned 64-bit integer. */
export function f64FromU64(a: I64): I64 {
  return f64ToBits(Number(unsigned(a)));
}

/** The f64 bits of an f32 bit pattern that is not a NaN; exact. */
export function f64FromF32(a: I64): I64 {
  return f64ToBits(f32FromBits(a));
}

/** The f32 bits nearest to an f64 bit pattern that is not a NaN. */
export function f32FromF64(a: I64): I64 {
  return f32ToBits(f64FromBits(a));
}

/** The integer part of an f64 bit pattern whose integer part is an i64. */
export function i64FromF64(a: I64): I64 {
  return BigInt(Math.trunc(f64FromBits(a)));
}

const floatView = new DataView(new ArrayBuffer(8));

function f64FromBits(a: I64): number {
  floatView.setBigInt64(0, a);
  return floatView.getFloat64(0);
}

function f64ToBits(x: number): I64 {
  floatView.setFloat64(0, x);
  return floatView.getBigInt64(0);
}

function f32FromBits(a: I64): number {
  floatView.setInt32(0, lowI32(a));
  return floatView.getFloat32(0);
}

function f32ToBits(x: number): I64 {
  floatView.setFloat32(0, x);
  return BigInt(floatView.getUint32(0));
}
