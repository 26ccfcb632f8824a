// Diagnostics: what is wrong with the program, each with its place in the source.
// In -> out: reports in any order, to lines "FILE:LINE:COL: error[code]: text" with the source line and a
// mark, sorted by place, none twice. At most 64 KB are printed, then a count of the rest.

import { internName, newNames, type Names } from "./intern.ts";
import { sortByKeys } from "./sort.ts";
import { fileAt, type SourcePlace, placeAt, type SourceMap } from "./source.ts";

export interface Diagnostic {
  pos: number;
  code: string;
  text: string;
  /** A suggestion, or "". */
  hint: string;
  /** A second place that the error is about, or -1, and what it is. */
  other: number;
  otherText: string;
}

export interface Diags {
  sources: SourceMap;
  list: Diagnostic[];
  /** What has been reported, as "pos code text", so that nothing is reported twice. */
  seen: Names;
  /** Whether texts are for a terminal that shows colours. */
  color: boolean;
}

const MAX_MESSAGE = 200;
const MAX_OUTPUT = 65536;
const MAX_SHOWN_LINE = 160;

export function newDiags(sources: SourceMap): Diags {
  return { sources: sources, list: [], seen: newNames(), color: false };
}

/** Reports an error at a position. */
export function report(d: Diags, pos: number, code: string, text: string): void {
  reportHint(d, pos, code, text, "");
}

/** Reports an error with a suggestion. */
export function reportHint(d: Diags, pos: number, code: string, text: string, hint: string): void {
  addDiagnostic(d, { pos: pos, code: code, text: clipText(text), hint: hint, other: -1, otherText: "" });
}

/** Reports an error that is about a second place too. */
export function reportBoth(d: Diags, pos: number, code: string, text: string, other: number, otherText: string): void {
  addDiagnostic(d, { pos: pos, code: code, text: clipText(text), hint: "", other: other, otherText: otherText });
}

function addDiagnostic(d: Diags, e: Diagnostic): void {
  const known = d.seen.texts.length;
  if (internName(d.seen, e.pos + " " + e.code + " " + e.text) >= known) d.list.push(e);
}

function clipText(text: string): string {
  if (text.length <= MAX_MESSAGE) return text;
  let end = MAX_MESSAGE - 3;
  while (end > 0 && (text.charCodeAt(end) & 0xc0) === 0x80) end -= 1;
  return text.slice(0, end) + "...";
}

/** Takes back what has been reported, where one error says why. */
export function dropErrors(d: Diags): void {
  d.list = [];
}

/** How many errors there are so far. */
export function errorCount(d: Diags): number {
  return d.list.length;
}

/** Leaves out the errors that other programs with the same root had (files that they share), and keeps the rest for those to come. */
export function dropTold(d: Diags, told: Names, root: string): void {
  const rest: Diagnostic[] = [];
  for (const e of d.list) {
    const known = told.texts.length;
    if (internName(told, root + "\n" + offsetText(d, e.pos) + " " + e.code + " " + e.text) >= known) rest.push(e);
  }
  d.list = rest;
}

/** A position as "FILE:OFFSET", which is the same in every program; "" for none. */
function offsetText(d: Diags, pos: number): string {
  if (pos < 0) return "";
  const file = fileAt(d.sources, pos);
  return file.name + ":" + (pos - file.base);
}

/** All errors as text, sorted by place, with the count line at the end; "" when there are none. */
export function diagsText(d: Diags): string {
  const order: number[] = [];
  const keys: number[] = [];
  const arrival: number[] = [];
  for (let i = 0; i < d.list.length; i++) {
    order.push(i);
    keys.push(d.list[i].pos);
    arrival.push(i);
  }
  sortByKeys(order, keys, arrival);
  let out = "";
  let shown = 0;
  let size = 0;
  for (const i of order) {
    // Colours do not count, so that the same errors are shown with them and without.
    size += diagnosticText(d, d.list[i], false).length;
    if (size > MAX_OUTPUT - 200) break;
    out += diagnosticText(d, d.list[i], d.color);
    shown += 1;
  }
  if (shown < d.list.length) out += "... and " + (d.list.length - shown) + " more\n";
  if (d.list.length > 0) out += d.list.length === 1 ? "1 error\n" : d.list.length + " errors\n";
  return out;
}

function diagnosticText(d: Diags, e: Diagnostic, color: boolean): string {
  const name = painted("error[" + e.code + "]", RED, color);
  if (e.pos < 0) return name + ": " + printable(e.text) + "\n";
  const place = placeAt(d.sources, e.pos);
  let text = painted(spotText(place), BOLD, color) + " " + name + ": " + printable(e.text) + "\n";
  text += markedLine(place, e.pos, color);
  if (e.hint !== "") text += "  " + painted("hint:", BOLD, color) + " " + printable(e.hint) + "\n";
  if (e.other < 0) return text;
  const other = placeAt(d.sources, e.other);
  return text + painted(spotText(other), BOLD, color) + " note: " + printable(e.otherText) + "\n" + markedLine(other, e.other, color);
}

function spotText(place: SourcePlace): string {
  return printable(place.file.name) + ":" + place.line + ":" + place.column + ":";
}

/** Attributes of a terminal's text (ECMA-48, select graphic rendition). */
const BOLD = "1";
const RED = "1;31";

/** A text with attributes, and behind it none. */
function painted(text: string, attributes: string, color: boolean): string {
  return color ? "\x1b[" + attributes + "m" + text + "\x1b[0m" : text;
}

/** The source line with a mark under the column; a long line is cut to a window around it. */
function markedLine(place: SourcePlace, pos: number, color: boolean): string {
  const file = place.file;
  const start = file.lines[place.line - 1];
  let end = place.line < file.lines.length ? file.lines[place.line] - 1 : file.text.length;
  if (end > start && file.text.charCodeAt(end - 1) === 13) end -= 1;
  let from = start;
  const at = pos - file.base;
  if (at - from > MAX_SHOWN_LINE - 40) from = at - 60;
  while (from > start && (file.text.charCodeAt(from) & 0xc0) === 0x80) from -= 1;
  if (end - from > MAX_SHOWN_LINE) end = from + MAX_SHOWN_LINE;
  let mark = "";
  for (let i = from; i < at; i++) {
    const c = file.text.charCodeAt(i);
    if (c === 9) mark += "\t";
    else if ((c & 0xc0) !== 0x80) mark += " ";
  }
  return "  " + printable(file.text.slice(from, end)) + "\n  " + mark + painted("^", RED, color) + "\n";
}

/** The text with control bytes (tabs aside), bidirectional controls and broken UTF-8 replaced by "?". */
export function printable(text: string): string {
  let out = "";
  let i = 0;
  while (i < text.length) {
    const n = scalarLength(text, i);
    const c = text.charCodeAt(i);
    if (n === 0) {
      out += "?";
      i += 1;
    } else {
      if ((c < 32 && c !== 9) || c === 127 || isHidden(text, i, n)) out += "?";
      else out += text.slice(i, i + n);
      i += n;
    }
  }
  return out;
}

function isHidden(text: string, at: number, n: number): boolean {
  if (n === 2) return (text.charCodeAt(at) === 0xc2 && text.charCodeAt(at + 1) < 0xa0) || (text.charCodeAt(at) === 0xd8 && text.charCodeAt(at + 1) === 0x9c);
  if (n !== 3 || text.charCodeAt(at) !== 0xe2) return false;
  const b = text.charCodeAt(at + 1);
  const c = text.charCodeAt(at + 2);
  return (b === 0x80 && ((c >= 0x8e && c <= 0x8f) || (c >= 0xa8 && c <= 0xae))) || (b === 0x81 && c >= 0xa6 && c <= 0xa9);
}

/** Whether a text is UTF-8 from end to end. */
export function isUtf8(text: string): boolean {
  let i = 0;
  while (i < text.length) {
    const n = scalarLength(text, i);
    if (n === 0) return false;
    i += n;
  }
  return true;
}

/** The length of the UTF-8 sequence at an offset (Unicode table 3-7), or 0 when it is not valid. */
export function scalarLength(text: string, at: number): number {
  const a = text.charCodeAt(at);
  if (a < 0x80) return 1;
  if (a < 0xc2 || a > 0xf4) return 0;
  const n = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
  if (at + n > text.length) return 0;
  const b = text.charCodeAt(at + 1);
  if ((b & 0xc0) !== 0x80) return 0;
  if ((a === 0xe0 && b < 0xa0) || (a === 0xed && b > 0x9f) || (a === 0xf0 && b < 0x90) || (a === 0xf4 && b > 0x8f)) return 0;
  for (let k = 2; k < n; k++) if ((text.charCodeAt(at + k) & 0xc0) !== 0x80) return 0;
  return n;
}
