// The scanner: a whole file to tokens.
// In -> out: the bytes of a source file, to parallel arrays of kind, start, end and value, with the partner of
// each bracket. Longest token first; blanks and comments only leave the mark "a newline stood before".
// An interpolated string is string_head, tokens, string_middle, tokens, ..., string_tail; a stack of brace
// depths says which "}" goes on with a string. A wrong byte is reported at its place and skipped.

import { appendText, newBytes, textOfBytes } from "../base/bytes.ts";
import { type Diags, report, scalarLength } from "../base/diag.ts";
import { type I128, fitsI128, i128From, pushDigitI128 } from "../base/int128.ts";
import { internName, type Names } from "../base/intern.ts";
import type { SourceFile } from "../base/source.ts";
import { scanCharLiteral, scanStringPart } from "./scan_text.ts";
import { Tok, tokenTable } from "./token.ts";

export interface Tokens {
  kinds: number[];
  /** Global positions of the first byte and of the byte after the last. */
  starts: number[];
  ends: number[];
  /** Names, builtins, labels: an id in Names. Strings, floats: index into texts. Integers, characters: index into ints. */
  values: number[];
  /** Whether a newline stands before the token. */
  newlines: boolean[];
  /** For an opening bracket the index of the token that closes it (the last one when none does), else -1. */
  partners: number[];
  texts: string[];
  ints: I128[];
  /** Some bracket is never closed; that is reported. */
  unclosed: boolean;
}

export interface Scanner {
  text: string;
  base: number;
  at: number;
  names: Names;
  diags: Diags;
  tokens: Tokens;
  newline: boolean;
  /** Indices of brackets that are still open. */
  open: number[];
  /** For each interpolation that is open: how many brackets were open when it began, its own included. */
  interpolations: number[];
}

/** All tokens of a file; the last one is eof. */
export function scanFile(file: SourceFile, names: Names, diags: Diags): Tokens {
  const tokens: Tokens = { kinds: [], starts: [], ends: [], values: [], newlines: [], partners: [], texts: [], ints: [], unclosed: false };
  const s: Scanner = {
    text: file.text, base: file.base, at: 0, names: names, diags: diags, tokens: tokens, newline: false, open: [], interpolations: [],
  };
  checkBytes(s);
  while (skipBlanks(s)) scanToken(s);
  addToken(s, Tok.eof, s.at, 0);
  const last = tokens.kinds.length - 1;
  for (const i of s.open) tokens.partners[i] = last;
  if (s.open.length > 0) {
    const outermost = s.open[0];
    tokens.unclosed = true;
    report(diags, tokens.starts[outermost], "unclosed", tokens.kinds[outermost] >= Tok.lparen ? "this bracket is never closed" : "this interpolation is never closed");
  }
  return tokens;
}

/** The bytes that no source may hold: each is reported once, then read as a blank. */
function checkBytes(s: Scanner): void {
  if (s.text.slice(0, 3) === "\xef\xbb\xbf") {
    report(s.diags, s.base, "bad-text", "a source file begins without a byte order mark");
    s.at = 3;
  }
  const text = s.text;
  let i = s.at;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if ((c >= 32 && c < 127) || c === 10) {
      i += 1;
      continue;
    }
    const n = scalarLength(text, i);
    if (n === 0) report(s.diags, s.base + i, "bad-text", "the source is not valid UTF-8 here");
    else if (c === 13 && text.charCodeAt(i + 1) !== 10) report(s.diags, s.base + i, "bad-text", "a carriage return without a newline");
    else if ((c < 32 && c !== 9 && c !== 10 && c !== 13) || c === 127) report(s.diags, s.base + i, "bad-text", "a control character");
    else if (isDirectionControl(text, i)) report(s.diags, s.base + i, "bad-text", "a character that changes the direction of text; write it as an escape");
    i += n === 0 ? 1 : n;
  }
}

/** U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, whose bytes are all there. */
function isDirectionControl(text: string, at: number): boolean {
  if (text.charCodeAt(at) === 0xd8) return text.charCodeAt(at + 1) === 0x9c;
  if (text.charCodeAt(at) !== 0xe2) return false;
  const b = text.charCodeAt(at + 1);
  const c = text.charCodeAt(at + 2);
  if (b === 0x80) return c === 0x8e || c === 0x8f || (c >= 0xaa && c <= 0xae);
  return b === 0x81 && c >= 0xa6 && c <= 0xa9;
}

/** Passes blanks and comments; false at the end of the text. */
function skipBlanks(s: Scanner): boolean {
  const text = s.text;
  while (s.at < text.length) {
    const c = text.charCodeAt(s.at);
    if (c === 10) s.newline = true;
    if (c === 47 && text.charCodeAt(s.at + 1) === 47) {
      while (s.at < text.length && text.charCodeAt(s.at) !== 10) s.at += 1;
    } else if (c <= 32 || c === 127 || (c >= 128 && scalarLength(text, s.at) === 0)) {
      s.at += 1;
    } else {
      return true;
    }
  }
  return false;
}

/** Appends a token that ends where the scanner stands. */
export function addToken(s: Scanner, kind: number, start: number, value: number): void {
  const t = s.tokens;
  t.kinds.push(kind);
  t.starts.push(s.base + start);
  t.ends.push(s.base + s.at);
  t.values.push(value);
  t.newlines.push(s.newline);
  t.partners.push(-1);
  s.newline = false;
}

function scanToken(s: Scanner): void {
  const c = s.text.charCodeAt(s.at);
  if (isNameStart(c)) scanWord(s);
  else if (isDigit(c)) scanNumber(s);
  else if (c === 34) scanString(s, s.at, true);
  else if (c === 39) scanQuote(s);
  else if (c === 64) scanAt(s);
  else if (c === 125 && closesInterpolation(s)) scanString(s, s.at, false);
  else scanMark(s);
}

function isNameStart(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95;
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

function isNamePart(c: number): boolean {
  return isNameStart(c) || isDigit(c);
}

function scanWord(s: Scanner): void {
  const all = s.text;
  const start = s.at;
  while (isNamePart(all.charCodeAt(s.at))) s.at += 1;
  const text = all.slice(start, s.at);
  const keyword = tokenTable.keywords.get(text);
  if (keyword === undefined) addToken(s, Tok.name, start, internName(s.names, text));
  else addToken(s, keyword, start, 0);
}

/** A label, or a character between quotes. */
function scanQuote(s: Scanner): void {
  const start = s.at;
  const value = scanCharLiteral(s);
  if (value >= 0) {
    s.tokens.ints.push(i128From(value));
    addToken(s, Tok.char, start, s.tokens.ints.length - 1);
    return;
  }
  s.at = start + 1;
  while (isNamePart(s.text.charCodeAt(s.at))) s.at += 1;
  const name = s.text.slice(start + 1, s.at);
  if (name === "" || isDigit(name.charCodeAt(0))) report(s.diags, s.base + start, "bad-character", "neither a character between quotes nor a label");
  addToken(s, Tok.label, start, internName(s.names, name));
}

/** A builtin, or a quoted name. */
function scanAt(s: Scanner): void {
  const start = s.at;
  s.at += 1;
  if (s.text.charCodeAt(s.at) === 34) {
    s.at += 1;
    const part = scanStringPart(s, false);
    if (part.text === "") report(s.diags, s.base + start, "bad-name", "a quoted name is not empty");
    addToken(s, Tok.name, start, internName(s.names, part.text));
    return;
  }
  while (isNamePart(s.text.charCodeAt(s.at))) s.at += 1;
  if (s.at === start + 1) {
    report(s.diags, s.base + start, "bad-character", "a name or a quoted name must follow '@'");
    return;
  }
  addToken(s, Tok.builtin, start, internName(s.names, s.text.slice(start + 1, s.at)));
}

function closesInterpolation(s: Scanner): boolean {
  const n = s.interpolations.length;
  return n > 0 && s.open.length <= s.interpolations[n - 1];
}

/** A string, or what follows an interpolation; the scanner stands on the quote or the brace. */
function scanString(s: Scanner, start: number, first: boolean): void {
  s.at += 1;
  const part = scanStringPart(s, true);
  s.tokens.texts.push(part.text);
  const value = s.tokens.texts.length - 1;
  if (!first) closeBracket(s, s.interpolations.pop()!);
  if (part.interpolated) {
    addToken(s, first ? Tok.string_head : Tok.string_middle, start, value);
    s.open.push(s.tokens.kinds.length - 1);
    s.interpolations.push(s.open.length);
  } else if (first && part.broken && s.interpolations.length > 0) {
    // The quote that was read as a beginning was meant as the end: give up all open interpolations.
    while (s.interpolations.length > 0) closeBracket(s, s.interpolations.pop()!);
    addToken(s, Tok.string_tail, start, value);
  } else {
    addToken(s, first ? Tok.string : Tok.string_tail, start, value);
  }
}

/** The next token closes the bracket that is number `depth` of the open ones, and all inside it. */
function closeBracket(s: Scanner, depth: number): void {
  while (s.open.length >= depth) s.tokens.partners[s.open.pop()!] = s.tokens.kinds.length;
}

function scanNumber(s: Scanner): void {
  const t = s.tokens;
  const start = s.at;
  if (s.text.charCodeAt(s.at) === 48) {
    const base = numberBase(s.text.charCodeAt(s.at + 1));
    if (base !== 10) {
      s.at += 2;
      scanDigits(s, start, base);
      return;
    }
  }
  // After a dot a number is digits only, so a tuple in a tuple reads as two fields.
  const afterDot = t.kinds.length > 0 && t.kinds[t.kinds.length - 1] === Tok.dot && t.ends[t.kinds.length - 1] === s.base + start;
  skipDigits(s);
  let float = false;
  if (!afterDot && s.text.charCodeAt(s.at) === 46 && isDigit(s.text.charCodeAt(s.at + 1))) {
    float = true;
    s.at += 1;
    skipDigits(s);
  }
  if (!afterDot && isExponent(s)) {
    float = true;
    s.at += isDigit(s.text.charCodeAt(s.at + 1)) ? 1 : 2;
    skipDigits(s);
  }
  if (!float) {
    s.at = start;
    scanDigits(s, start, 10);
    return;
  }
  if (isNamePart(s.text.charCodeAt(s.at))) report(s.diags, s.base + s.at, "bad-number", "a letter in a number");
  while (isNamePart(s.text.charCodeAt(s.at))) s.at += 1;
  t.texts.push(withoutUnderscores(s.text.slice(start, s.at)));
  addToken(s, Tok.float, start, t.texts.length - 1);
}

function numberBase(c: number): number {
  if (c === 120) return 16;
  if (c === 98) return 2;
  return c === 111 ? 8 : 10;
}

function skipDigits(s: Scanner): void {
  while (isDigit(s.text.charCodeAt(s.at)) || s.text.charCodeAt(s.at) === 95) s.at += 1;
}

function isExponent(s: Scanner): boolean {
  const c = s.text.charCodeAt(s.at);
  if (c !== 101 && c !== 69) return false;
  const d = s.text.charCodeAt(s.at + 1);
  return isDigit(d) || ((d === 43 || d === 45) && isDigit(s.text.charCodeAt(s.at + 2)));
}

function withoutUnderscores(text: string): string {
  const out = newBytes();
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) === 95) {
      appendText(out, text.slice(from, i));
      from = i + 1;
    }
  }
  if (from === 0) return text;
  appendText(out, text.slice(from, text.length));
  return textOfBytes(out, 0, out.len);
}

/** The digits of an integer from where the scanner stands; reading stops to add up once the limit is passed. */
function scanDigits(s: Scanner, start: number, base: number): void {
  let value = i128From(0);
  let fits = true;
  let count = 0;
  let wrong = -1;
  while (isNamePart(s.text.charCodeAt(s.at))) {
    const c = s.text.charCodeAt(s.at);
    if (c !== 95) {
      const digit = digitValue(c);
      count += 1;
      if (digit >= base && wrong < 0) wrong = s.at;
      if (fits && digit < base) {
        value = pushDigitI128(value, base, digit);
        fits = fitsI128(value);
      }
    }
    s.at += 1;
  }
  if (wrong >= 0) report(s.diags, s.base + wrong, "bad-number", base === 10 ? "a letter in a number" : "not a digit of base " + base);
  else if (count === 0) report(s.diags, s.base + start, "bad-number", "a number without digits");
  else if (!fits) report(s.diags, s.base + start, "number-too-large", "an integer constant must fit in 128 bits with sign");
  s.tokens.ints.push(fits ? value : i128From(0));
  addToken(s, Tok.integer, start, s.tokens.ints.length - 1);
}

/** The value of a digit or letter in any base up to 36. */
export function digitValue(c: number): number {
  if (isDigit(c)) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 122 ? lower - 87 : 99;
}

function scanMark(s: Scanner): void {
  const start = s.at;
  for (let n = tokenTable.markLengths[s.text.charCodeAt(start)]; n > 0; n--) {
    const kind = tokenTable.marks.get(s.text.slice(start, start + n));
    if (kind !== undefined && start + n <= s.text.length) {
      s.at = start + n;
      if (kind === Tok.lparen || kind === Tok.lbracket || kind === Tok.lbrace) s.open.push(s.tokens.kinds.length);
      else if (kind === Tok.rparen || kind === Tok.rbracket || kind === Tok.rbrace) closeMark(s, kind);
      addToken(s, kind, start, 0);
      return;
    }
  }
  const n = scalarLength(s.text, start);
  report(s.diags, s.base + start, "bad-character", "no token begins with '" + s.text.slice(start, start + n) + "'");
  s.at += n;
}

/** Finds what a closing bracket closes: a brace also closes round and square ones left open inside. */
function closeMark(s: Scanner, kind: number): void {
  let depth = s.open.length;
  if (kind === Tok.rbrace) {
    while (depth > 0 && (s.tokens.kinds[s.open[depth - 1]] === Tok.lparen || s.tokens.kinds[s.open[depth - 1]] === Tok.lbracket)) depth -= 1;
  }
  if (depth > 0 && s.tokens.kinds[s.open[depth - 1]] === kind - 1) closeBracket(s, depth);
}
