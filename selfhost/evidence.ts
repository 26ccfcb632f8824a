// What a report shows of a difference: which bytes of which sections and symbols differ, and one function in every stage.
// In -> out: the two files, to a map of their bytes; two folders of dumps, to the texts of the function on both sides.

import * as path from "node:path";
import { namesIn, readIf } from "./compare.ts";
import { linesOf, type Part, partsOf, stageOf } from "./functions.ts";
import { sectionsOf, type ObjectDifference } from "./object_diff.ts";
import type { ByteMap, SectionMap, StageDifference } from "./schema.ts";
import type { Place, Section } from "./section.ts";

const CELLS = 64;
const MOST_SYMBOLS = 20;
/** Sections that say something of others, whose rows are no symbols of their own. */
const tables = /^\.rela|^\.(sym|str|shstr)tab$|header/;
const ROW = 16;
/** Lines of a function that a stage shows. */
const MOST_LINES = 800;
/** Of those, before the first that differs. */
const BEFORE = 200;

/** Where two files differ, section by section and symbol by symbol; null when one of them cannot be read. */
export function byteMap(left: Uint8Array, right: Uint8Array, first: ObjectDifference): ByteMap | null {
  const a = sectionsOf(left);
  const b = sectionsOf(right);
  if (a === null || b === null) return null;
  const map: ByteMap = { sections: [], symbols: [], symbolsInAll: 0, rows: byteRows(left, right, first.fileOffset) };
  const other = new Map(b.map((s) => [s.name, s]));
  for (const s of a) {
    addSection(map, s, other.get(s.name));
    other.delete(s.name);
  }
  for (const s of other.values()) addSection(map, undefined, s);
  map.symbolsInAll = map.symbols.length;
  // One that has another size is what moved others, whose distances differ for that.
  map.symbols.sort((x, y) => Number(x.leftSize === x.rightSize) - Number(y.leftSize === y.rightSize));
  map.symbols = map.symbols.slice(0, MOST_SYMBOLS);
  return map;
}

/** How a byte of the left side stands to the right side's. */
const EQUAL = 0;
const MOVED = 1;
const OTHER = 2;

function addSection(map: ByteMap, a: Section | undefined, b: Section | undefined): void {
  const left = a?.bytes ?? new Uint8Array(0);
  const right = b?.bytes ?? new Uint8Array(0);
  const size = Math.max(left.length, right.length);
  if (size === 0) return;
  const pairs = pairsOfPlaces(a?.places ?? [], b?.places ?? []);
  const marks = markBytes(left, right, pairs);
  const sizes = { leftSize: left.length, rightSize: right.length };
  const section: SectionMap = { name: (a ?? b)?.name ?? "", ...sizes, differing: 0, moved: 0, cellBytes: Math.ceil(size / CELLS), cells: [] };
  for (let at = 0; at < size; at += section.cellBytes) {
    const end = Math.min(at + section.cellBytes, size);
    const cell = { differing: 0, moved: 0, added: Math.max(0, end - Math.max(at, left.length)) };
    for (const mark of marks.subarray(at, end)) {
      if (mark === OTHER) cell.differing += 1;
      if (mark === MOVED) cell.moved += 1;
    }
    section.differing += cell.differing;
    section.moved += cell.moved;
    section.cells.push(cell);
  }
  map.sections.push(section);
  if (!tables.test(section.name)) addSymbols(map, section.name, left, right, pairs);
}

/** The places of both sides under one name, the first with the first, the second with the second. */
function pairsOfPlaces(a: Place[], b: Place[]): [Place, Place][] {
  const waiting = new Map<string, Place[]>();
  for (const p of b) waiting.set(p.name, [...(waiting.get(p.name) ?? []), p]);
  const pairs: [Place, Place][] = [];
  for (const p of a) {
    const twin = waiting.get(p.name)?.shift();
    if (twin !== undefined) pairs.push([p, twin]);
  }
  return pairs;
}

/** Compares what lies in a symbol with the symbol's own bytes on the right, wherever they lie; the rest where it lies. */
function markBytes(left: Uint8Array, right: Uint8Array, pairs: [Place, Place][]): Uint8Array {
  const marks = new Uint8Array(left.length);
  for (let k = 0; k < left.length; k++) if (left[k] !== right[k]) marks[k] = OTHER;
  for (const [p, twin] of pairs) {
    for (let k = p.start; k < p.end; k++) {
      const at = twin.start + k - p.start;
      marks[k] = at >= twin.end || left[k] !== right[at] ? OTHER : left[k] === right[k] ? EQUAL : MOVED;
    }
  }
  return marks;
}

/** Symbols whose own bytes differ, wherever they lie: what was only moved does not count. */
function addSymbols(map: ByteMap, section: string, left: Uint8Array, right: Uint8Array, pairs: [Place, Place][]): void {
  for (const [p, twin] of pairs) {
    const count = differing(left.subarray(p.start, p.end), right.subarray(twin.start, twin.end));
    if (p.name !== "" && count > 0) map.symbols.push({ section, symbol: p.name, leftSize: p.end - p.start, rightSize: twin.end - twin.start, differing: count });
  }
}

function differing(left: Uint8Array, right: Uint8Array): number {
  const both = Math.min(left.length, right.length);
  let count = Math.max(left.length, right.length) - both;
  for (let k = 0; k < both; k++) if (left[k] !== right[k]) count += 1;
  return count;
}

/** Both files in hexadecimal around the first byte that differs. */
function byteRows(left: Uint8Array, right: Uint8Array, at: number): ByteMap["rows"] {
  const rows: ByteMap["rows"] = [];
  const start = Math.max(0, at - (at % ROW) - 2 * ROW);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").replace(/(..)(?=.)/g, "$1 ");
  for (let offset = start; offset < start + 8 * ROW; offset += ROW) {
    const row = { offset, left: hex(left.subarray(offset, offset + ROW)), right: hex(right.subarray(offset, offset + ROW)) };
    if (row.left !== "" || row.right !== "") rows.push(row);
  }
  return rows;
}

/** One function in all stages. `names` are what it may be called, the likeliest first. */
export function stagesOf(left: string, right: string, names: string[]): StageDifference[] {
  const stages: StageDifference[] = [];
  for (const file of [...new Set([...namesIn(left), ...namesIn(right)])].sort()) {
    const stage = stageDifference(stageOf(file), readIf(path.join(left, file)), readIf(path.join(right, file)), names);
    if (stage !== null) stages.push(stage);
  }
  return stages;
}

/** A stage that shows the function, or differs in another place; null when there is nothing to show. */
function stageDifference(stage: string, left: string, right: string, names: string[]): StageDifference | null {
  const a = linesOf(left);
  const b = linesOf(right);
  const parts = [partsOf(stage, a), partsOf(stage, b)];
  const changed = left === right ? [] : partsThatDiffer(a, b, parts);
  const name = nameFor(parts, names) ?? changed[0] ?? "";
  if (name === "") return null;
  const part = parts.map((side) => side.find((p) => p.name === name) ?? { name, start: 0, end: 0 });
  const texts = [a.slice(part[0].start, part[0].end), b.slice(part[1].start, part[1].end)];
  let first = 0;
  while (first < texts[0].length && first < texts[1].length && texts[0][first] === texts[1][first]) first += 1;
  const equal = left === right;
  const from = equal ? 0 : Math.max(0, first - BEFORE);
  const cut = texts.map((lines) => lines.slice(from, from + MOST_LINES));
  return {
    stage, equal, func: utf8(name), functionsDiffering: changed.length, functions: parts[0].length, line: equal ? 0 : part[0].start + first + 1,
    left: utf8(cut[0].join("\n")), right: equal ? "" : utf8(cut[1].join("\n")), linesLeftOut: Math.max(texts[0].length, texts[1].length) - Math.max(cut[0].length, cut[1].length),
  };
}

/** The first of the names that a side shows. */
function nameFor(parts: Part[][], names: string[]): string | null {
  for (const name of names) if (name !== "" && parts.some((side) => side.some((p) => p.name === name))) return name;
  return null;
}

/** The names of functions whose text differs, in the order of the left side. */
function partsThatDiffer(a: string[], b: string[], parts: Part[][]): string[] {
  const other = new Map<string, Part>();
  for (const p of parts[1]) if (!other.has(p.name)) other.set(p.name, p);
  const names: string[] = [];
  const textOf = (lines: string[], p: Part): string => lines.slice(p.start, p.end).join("\n");
  for (const p of parts[0]) {
    const twin = other.get(p.name);
    if (twin === undefined || textOf(a, p) !== textOf(b, twin)) names.push(p.name);
    other.delete(p.name);
  }
  return [...names, ...other.keys()].filter((name, k, all) => name !== "" && all.indexOf(name) === k);
}

/** Dumps are bytes; what people read is UTF-8. */
function utf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
