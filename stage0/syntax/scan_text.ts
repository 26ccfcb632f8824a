// The scanner's part for text: strings, characters and their escapes.
// In -> out: the bytes after a quote, to the decoded text of one part of a string. A part ends at the
// closing quote, at an interpolation, or, in error, at the end of the line.

import { appendText, type Bytes, newBytes, textOfBytes } from "../base/bytes.ts";
import { report, scalarLength } from "../base/diag.ts";
import { parseHex } from "../base/table.ts";
import { shrU32 } from "../base/int32.ts";
import { digitValue, type Scanner } from "./scanner.ts";

export interface StringPart {
  text: string;
  /** Ends in "${". */
  interpolated: boolean;
  /** Ends at the end of the line, and is reported. */
  broken: boolean;
}

/** Reads one part of a string; the scanner stands after the quote or brace that begins it. */
export function scanStringPart(s: Scanner, interpolate: boolean): StringPart {
  // What stands before `from`, once there was an escape.
  let done: Bytes | null = null;
  const start = s.at;
  let from = s.at;
  while (true) {
    const c = s.at < s.text.length ? s.text.charCodeAt(s.at) : 10;
    if (c === 34) {
      const text = partText(done, s.text.slice(from, s.at));
      s.at += 1;
      return { text: text, interpolated: false, broken: false };
    }
    if (c === 10 || c === 13) {
      report(s.diags, s.base + start - 1, "unclosed", "this string is not closed on its line");
      return { text: partText(done, s.text.slice(from, s.at)), interpolated: false, broken: true };
    }
    if (interpolate && c === 36 && s.text.charCodeAt(s.at + 1) === 123) {
      const text = partText(done, s.text.slice(from, s.at));
      s.at += 2;
      return { text: text, interpolated: true, broken: false };
    }
    if (c === 92) {
      if (done === null) done = newBytes();
      appendText(done, s.text.slice(from, s.at));
      appendText(done, scanEscape(s));
      from = s.at;
    } else {
      s.at += 1;
    }
  }
}

/** The text of a part: what is done of it and the rest. */
function partText(done: Bytes | null, rest: string): string {
  if (done === null) return rest;
  appendText(done, rest);
  return textOfBytes(done, 0, done.len);
}

/** The bytes of the escape that the scanner stands on. */
function scanEscape(s: Scanner): string {
  const start = s.at;
  const c = s.text.charCodeAt(s.at + 1);
  s.at += 2;
  if (c === 110) return "\n";
  if (c === 116) return "\t";
  if (c === 114) return "\r";
  if (c === 48) return "\0";
  if (c === 92 || c === 34 || c === 39 || c === 36) return String.fromCharCode(c);
  if (c === 120) {
    const digits = s.text.slice(s.at, s.at + 2);
    if (isHexText(digits, 2)) {
      s.at += 2;
      return String.fromCharCode(parseHex(digits));
    }
  } else if (c === 117 && s.text.charCodeAt(s.at) === 123) {
    const first = s.at + 1;
    let end = first;
    while (digitValue(s.text.charCodeAt(end)) < 16) end += 1;
    const digits = s.text.slice(first, end);
    const scalar = isHexText(digits, 0) && digits.length <= 6 ? parseHex(digits) : 0x110000;
    if (s.text.charCodeAt(end) === 125 && isScalar(scalar)) {
      s.at = end + 1;
      return utf8Text(scalar);
    }
  }
  if (c === 10 || s.at > s.text.length) s.at = start + 1;
  report(s.diags, s.base + start, "bad-escape", "no such escape; there are \\n \\t \\r \\\\ \\\" \\' \\0 \\$ \\xNN and \\u{...}");
  return "";
}

function isHexText(digits: string, length: number): boolean {
  if (digits.length === 0 || (length > 0 && digits.length !== length)) return false;
  for (let i = 0; i < digits.length; i++) if (digitValue(digits.charCodeAt(i)) >= 16) return false;
  return true;
}

function isScalar(c: number): boolean {
  return c < 0xd800 || (c > 0xdfff && c < 0x110000);
}

/** A Unicode scalar as UTF-8 bytes. */
export function utf8Text(c: number): string {
  if (c < 0x80) return String.fromCharCode(c);
  const last = String.fromCharCode(0x80 | (c & 63));
  if (c < 0x800) return String.fromCharCode(0xc0 | shrU32(c, 6)) + last;
  const third = String.fromCharCode(0x80 | (shrU32(c, 6) & 63));
  if (c < 0x10000) return String.fromCharCode(0xe0 | shrU32(c, 12)) + third + last;
  const second = String.fromCharCode(0x80 | (shrU32(c, 12) & 63));
  return String.fromCharCode(0xf0 | shrU32(c, 18)) + second + third + last;
}

/** The code point of a character literal, or -1 when the quote begins a label; the scanner stands on the quote. */
export function scanCharLiteral(s: Scanner): number {
  const c = s.text.charCodeAt(s.at + 1);
  if (c === 92) {
    s.at += 1;
    const start = s.at;
    const hex = s.text.charCodeAt(s.at + 1) === 120;
    const text = scanEscape(s);
    if (s.text.charCodeAt(s.at) === 39) s.at += 1;
    else report(s.diags, s.base + start - 1, "unclosed", "this character is not closed");
    if (text === "") return 0;
    return hex ? text.charCodeAt(0) : scalarValue(text, 0);
  }
  if (c === 39 || c === 10 || c === 13 || s.at + 1 >= s.text.length) return -1;
  const n = scalarLength(s.text, s.at + 1);
  if (n === 0 || s.text.charCodeAt(s.at + 1 + n) !== 39) return -1;
  const value = scalarValue(s.text, s.at + 1);
  s.at += n + 2;
  return value;
}

/** The Unicode scalar whose UTF-8 bytes begin at an offset. */
export function scalarValue(text: string, at: number): number {
  const a = text.charCodeAt(at);
  const n = scalarLength(text, at);
  if (n === 1) return a;
  const b = text.charCodeAt(at + 1) & 63;
  if (n === 2) return (a & 31) * 64 + b;
  const c = text.charCodeAt(at + 2) & 63;
  if (n === 3) return (a & 15) * 4096 + b * 64 + c;
  return (a & 7) * 262144 + b * 4096 + c * 64 + (text.charCodeAt(at + 3) & 63);
}
