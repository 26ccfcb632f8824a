// A growing buffer of bytes, little-endian.
// In -> out: appended integers, byte strings and buffers, to one run of bytes. patchU32 and its like
// overwrite what is there already; nothing is ever removed but by truncateBytes.

import { type I64, lowI32, highI32, joinI64 } from "./int64.ts";
import { shrU32 } from "./int32.ts";

export interface Bytes {
  data: Uint8Array;
  len: number;
}

/** An empty buffer. */
export function newBytes(): Bytes {
  return { data: new Uint8Array(64), len: 0 };
}

/** A buffer over bytes that are already there. */
export function bytesFrom(data: Uint8Array): Bytes {
  return { data: data, len: data.length };
}

function reserve(b: Bytes, extra: number): void {
  const need = b.len + extra;
  if (need <= b.data.length) return;
  let cap = b.data.length * 2;
  if (cap < need) cap = need;
  const data = new Uint8Array(cap);
  data.set(b.data.subarray(0, b.len), 0);
  b.data = data;
}

export function appendU8(b: Bytes, v: number): void {
  reserve(b, 1);
  b.data[b.len] = v;
  b.len += 1;
}

export function appendU16(b: Bytes, v: number): void {
  appendU8(b, v & 255);
  appendU8(b, shrU32(v, 8) & 255);
}

export function appendU32(b: Bytes, v: number): void {
  appendU16(b, v & 65535);
  appendU16(b, shrU32(v, 16) & 65535);
}

export function appendU64(b: Bytes, v: I64): void {
  appendU32(b, lowI32(v));
  appendU32(b, highI32(v));
}

/** Appends count zero bytes. */
export function appendZeros(b: Bytes, count: number): void {
  reserve(b, count);
  b.data.fill(0, b.len, b.len + count);
  b.len += count;
}

/** Appends the bytes of a byte string. */
export function appendText(b: Bytes, s: string): void {
  reserve(b, s.length);
  for (let i = 0; i < s.length; i++) b.data[b.len + i] = s.charCodeAt(i);
  b.len += s.length;
}

/** Appends all of another buffer. */
export function appendBytes(b: Bytes, other: Bytes): void {
  appendSlice(b, other, 0, other.len);
}

/** Appends the bytes [from, to) of another buffer. */
export function appendSlice(b: Bytes, other: Bytes, from: number, to: number): void {
  reserve(b, to - from);
  b.data.set(other.data.subarray(from, to), b.len);
  b.len += to - from;
}

/** Appends zeros up to a multiple of align, a power of two. */
export function alignBytes(b: Bytes, align: number): void {
  while ((b.len & (align - 1)) !== 0) appendU8(b, 0);
}

export function patchU8(b: Bytes, at: number, v: number): void {
  b.data[at] = v;
}

export function patchU32(b: Bytes, at: number, v: number): void {
  b.data[at] = v & 255;
  b.data[at + 1] = shrU32(v, 8) & 255;
  b.data[at + 2] = shrU32(v, 16) & 255;
  b.data[at + 3] = shrU32(v, 24) & 255;
}

export function readU8(b: Bytes, at: number): number {
  return b.data[at];
}

export function readU16(b: Bytes, at: number): number {
  return b.data[at] | (b.data[at + 1] << 8);
}

/** Four bytes as a signed i32. */
export function readU32(b: Bytes, at: number): number {
  return readU16(b, at) | (readU16(b, at + 2) << 16);
}

export function readU64(b: Bytes, at: number): I64 {
  return joinI64(readU32(b, at + 4), readU32(b, at));
}

/** The bytes [from, to) as a byte string. */
export function textOfBytes(b: Bytes, from: number, to: number): string {
  let s = "";
  for (let i = from; i < to; i += 8192) {
    const end = i + 8192 < to ? i + 8192 : to;
    s += String.fromCharCode(...b.data.subarray(i, end));
  }
  return s;
}

/** A byte as a byte string. */
export function textOfByte(c: number): string {
  return String.fromCharCode(c);
}

/** Forgets all bytes from len on. */
export function truncateBytes(b: Bytes, len: number): void {
  b.len = len;
}
