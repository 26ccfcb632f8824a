// LEB128, the variable-length integers of Wasm and DWARF (Wasm core 5.2.2, DWARF 4 section 7.6).
// In -> out: integers to bytes and back. The padded forms take a fixed number of bytes, so that a
// relocation can overwrite them in place.

import { type Bytes, appendU8 } from "./bytes.ts";
import { type I64, lowI32, sarI64, shrU64, eqI64, i64From } from "./int64.ts";

/** Unsigned, shortest form. v is read as an unsigned 32-bit value. */
export function appendLebU32(b: Bytes, v: number): void {
  let rest = v;
  while ((rest & ~127) !== 0) {
    appendU8(b, (rest & 127) | 128);
    rest = rest >>> 7;
  }
  appendU8(b, rest);
}

/** Signed, shortest form. */
export function appendLebS32(b: Bytes, v: number): void {
  let rest = v;
  while (rest < -64 || rest > 63) {
    appendU8(b, (rest & 127) | 128);
    rest = rest >> 7;
  }
  appendU8(b, rest & 127);
}

/** Unsigned 64-bit, shortest form. */
export function appendLebU64(b: Bytes, v: I64): void {
  let rest = v;
  let more = true;
  while (more) {
    const low = lowI32(rest) & 127;
    rest = shrU64(rest, 7);
    more = !eqI64(rest, i64From(0));
    appendU8(b, more ? low | 128 : low);
  }
}

/** Signed 64-bit, shortest form. */
export function appendLebS64(b: Bytes, v: I64): void {
  let rest = v;
  let more = true;
  while (more) {
    const low = lowI32(rest) & 127;
    rest = sarI64(rest, 7);
    const sign = (low & 64) !== 0;
    more = !eqI64(rest, i64From(sign ? -1 : 0));
    appendU8(b, more ? low | 128 : low);
  }
}

/** Unsigned in exactly five bytes. */
export function appendPaddedU32(b: Bytes, v: number): void {
  for (let i = 0; i < 4; i++) appendU8(b, ((v >>> (7 * i)) & 127) | 128);
  appendU8(b, (v >>> 28) & 15);
}

/** Signed 32-bit in exactly five bytes. */
export function appendPaddedS32(b: Bytes, v: number): void {
  for (let i = 0; i < 4; i++) appendU8(b, ((v >> (7 * i)) & 127) | 128);
  appendU8(b, (v >> 28) & 127);
}

/** Signed 64-bit in exactly ten bytes. */
export function appendPaddedS64(b: Bytes, v: I64): void {
  for (let i = 0; i < 9; i++) appendU8(b, (lowI32(sarI64(v, 7 * i)) & 127) | 128);
  appendU8(b, lowI32(sarI64(v, 63)) & 127);
}
