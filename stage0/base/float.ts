// Decimal text to the nearest binary float.
// In -> out: "3.14", "1e-5", to the bits of the f64 or f32 that is nearest, ties to even. Exact: the value is a
// fraction of two big integers (limbs of 24 bits, lowest first), its bits come by long division.
// Digits after the 800th only say "there is more": no tie between two f64 needs more than 767.

import { addI64, eqI64, i64From, type I64, joinI64, lowI32, orI64, shlI64 } from "./int64.ts";
import { sarI32 } from "./int32.ts";

const LIMB = 16777216;
const MAX_DIGITS = 800;

interface Decimal {
  digits: string;
  /** The value is digits * 10^exponent. */
  exponent: number;
}

/** The bits of the f64 nearest to a literal: digits, perhaps a point and digits, perhaps an exponent. */
export function f64FromText(text: string): I64 {
  return nearestFloat(text, 53, -1022, 1023);
}

/** The bits of the f32 nearest to a literal, in the low half. */
export function f32FromText(text: string): I64 {
  return nearestFloat(text, 24, -126, 127);
}

/** Whether float bits (of so many mantissa bits, 53 or 24) are an infinity. */
export function isInfiniteBits(bits: I64, mantissa: number): boolean {
  return eqI64(bits, infinityBits(mantissa));
}

function infinityBits(mantissa: number): I64 {
  return mantissa === 53 ? joinI64(0x7ff00000, 0) : i64From(0x7f800000);
}

function nearestFloat(text: string, mantissa: number, least: number, greatest: number): I64 {
  const d = readDecimal(text);
  if (d.digits === "") return i64From(0);
  const size = d.digits.length + d.exponent;
  if (size > 310) return infinityBits(mantissa);
  if (size < -330) return i64From(0);
  const top = bigFromDigits(d.digits);
  const bottom = bigFromDigits("1");
  if (d.exponent >= 0) mulPower10(top, d.exponent);
  else mulPower10(bottom, 0 - d.exponent);
  // Scale so that bottom <= top < 2 * bottom; the value is then top / bottom * 2^exponent.
  let exponent = bigBits(top) - bigBits(bottom);
  if (exponent > 0) shiftLeft(bottom, exponent);
  else shiftLeft(top, 0 - exponent);
  if (compareBig(top, bottom) < 0) {
    exponent -= 1;
    shiftLeft(top, 1);
  }
  return roundQuotient(top, bottom, exponent, mantissa, least, greatest);
}

/** The bits of top / bottom * 2^exponent, the quotient being in 1..2. */
function roundQuotient(top: number[], bottom: number[], exponent: number, mantissa: number, least: number, greatest: number): I64 {
  let count = mantissa;
  if (exponent < least) count = mantissa - (least - exponent);
  if (count < 0) return i64From(0);
  let bits = i64From(0);
  for (let i = 0; i < count; i++) {
    bits = shlI64(bits, 1);
    if (compareBig(top, bottom) >= 0) {
      subtractBig(top, bottom);
      bits = orI64(bits, i64From(1));
    }
    shiftLeft(top, 1);
  }
  // Between half the least subnormal and all of it: only the half itself rounds to even zero.
  if (count === 0) return i64From(compareBig(top, bottom) > 0 ? 1 : 0);
  // What is left, doubled already, against one unit of the last bit.
  const rest = compareBig(top, bottom);
  const odd = (lowI32(bits) & 1) === 1;
  if (rest > 0 || (rest === 0 && odd)) bits = addI64(bits, i64From(1));
  if (exponent < least) return bits;
  if (exponent > greatest) return infinityBits(mantissa);
  // The leading bit adds one to the exponent field, and so does a carry out of the mantissa.
  return addI64(bits, shlI64(i64From(exponent - least), mantissa - 1));
}

function readDecimal(text: string): Decimal {
  let digits = "";
  let exponent = 0;
  let i = 0;
  let point = false;
  let more = false;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      point = true;
    } else if (c >= 48 && c <= 57) {
      if (point) exponent -= 1;
      if (digits.length < MAX_DIGITS) {
        if (c !== 48 || digits !== "") digits += text.slice(i, i + 1);
      } else {
        exponent += 1;
        if (c !== 48) more = true;
      }
    } else {
      break;
    }
  }
  if (more) {
    digits += "1";
    exponent -= 1;
  }
  if (i < text.length) exponent += readExponent(text, i + 1);
  return { digits: digits, exponent: exponent };
}

function readExponent(text: string, at: number): number {
  let i = at;
  const sign = text.charCodeAt(i);
  if (sign === 43 || sign === 45) i += 1;
  let n = 0;
  for (; i < text.length; i++) if (n < 100000000) n = n * 10 + (text.charCodeAt(i) - 48);
  return sign === 45 ? 0 - n : n;
}

function bigFromDigits(digits: string): number[] {
  const big: number[] = [];
  for (let i = 0; i < digits.length; i++) mulAdd(big, 10, digits.charCodeAt(i) - 48);
  return big;
}

/** big becomes big * factor + add; factor is at most 100. */
function mulAdd(big: number[], factor: number, add: number): void {
  let carry = add;
  for (let i = 0; i < big.length; i++) {
    const v = big[i] * factor + carry;
    big[i] = v & (LIMB - 1);
    carry = sarI32(v, 24);
  }
  if (carry > 0) big.push(carry);
}

function mulPower10(big: number[], power: number): void {
  let rest = power;
  while (rest >= 2) {
    mulAdd(big, 100, 0);
    rest -= 2;
  }
  if (rest === 1) mulAdd(big, 10, 0);
}

/** How many bits a big integer over 0 has. */
function bigBits(big: number[]): number {
  let top = big[big.length - 1];
  let n = 24 * (big.length - 1);
  while (top > 0) {
    n += 1;
    top = sarI32(top, 1);
  }
  return n;
}

function shiftLeft(big: number[], count: number): void {
  let rest = count;
  while (rest > 0) {
    const step = rest > 6 ? 6 : rest;
    mulAdd(big, powerOf2(step), 0);
    rest -= step;
  }
}

function powerOf2(n: number): number {
  let p = 1;
  for (let i = 0; i < n; i++) p *= 2;
  return p;
}

function compareBig(a: number[], b: number[]): number {
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}

/** a becomes a - b; b is not greater. */
function subtractBig(a: number[], b: number[]): void {
  let borrow = 0;
  for (let i = 0; i < a.length; i++) {
    let v = a[i] - borrow - (i < b.length ? b[i] : 0);
    borrow = v < 0 ? 1 : 0;
    if (v < 0) v += LIMB;
    a[i] = v;
  }
  while (a.length > 0 && a[a.length - 1] === 0) a.pop();
}
