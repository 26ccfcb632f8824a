// The first place in which two files of one unit differ: objects, executables, Wasm modules.
// In -> out: the bytes of both, to section, symbol, offset and bytes, or null when they are equal. Sections are compared
// in file order and headers last, since offsets in a header differ whenever anything before them has another size.

import { isElf, readElf } from "./elf_read.ts";
import type { Place, Section } from "./section.ts";
import { isWasm, readWasm } from "./wasm_read.ts";

export interface ObjectDifference {
  section: string;
  /** The symbol, function or row that the first differing byte belongs to, "" for none. */
  symbol: string;
  /** Of the first differing byte: in the symbol, in the section, in the left file. */
  symbolOffset: number;
  offset: number;
  fileOffset: number;
  /** Up to eight bytes from there on, in hexadecimal; "" behind the end. */
  left: string;
  right: string;
  /** Sizes of the section. */
  leftSize: number;
  rightSize: number;
  /** The section's first symbol that has another size, which may be what moved the rest; or null. */
  resized: { symbol: string; left: number; right: number } | null;
}

/** The first difference of two files. */
export function firstObjectDifference(left: Uint8Array, right: Uint8Array): ObjectDifference | null {
  if (Buffer.from(left).equals(right)) return null;
  const a = sectionsOf(left);
  const b = sectionsOf(right);
  if (a === null || b === null) return differenceInFile(left, right, a ?? b ?? []);
  const other = new Map(b.map((s) => [s.name, s]));
  for (const s of a) {
    const twin = other.get(s.name);
    other.delete(s.name);
    const found = compareSections(s, twin);
    if (found !== null) return found;
  }
  for (const s of other.values()) {
    const found = compareSections(undefined, s);
    if (found !== null) return found;
  }
  // Nothing but padding between sections is left.
  return compareSections(wholeFile(left), wholeFile(right));
}

/** Where one of the files cannot be read, the sections of the other say what the first differing byte belongs to. */
function differenceInFile(left: Uint8Array, right: Uint8Array, sections: Section[]): ObjectDifference | null {
  const d = compareSections(wholeFile(left), wholeFile(right));
  const section = sections.find((s) => d !== null && s.start <= d.offset && d.offset < s.start + s.bytes.length);
  if (d === null || section === undefined) return d;
  const offset = d.offset - section.start;
  const place = placeAt(section.places, offset);
  return { ...d, section: section.name, symbol: place?.name ?? "", offset, symbolOffset: offset - (place?.start ?? 0) };
}

/** The sections of a file, each with a name of its own; null when it cannot be read. */
export function sectionsOf(file: Uint8Array): Section[] | null {
  try {
    const sections = isElf(file) ? readElf(file) : isWasm(file) ? readWasm(file) : [wholeFile(file)];
    const seen = new Map<string, number>();
    for (const s of sections) {
      const times = (seen.get(s.name) ?? 0) + 1;
      seen.set(s.name, times);
      if (times > 1) s.name += ` (${times})`;
    }
    return sections;
  } catch (e) {
    if (!(e instanceof RangeError)) throw e;
  }
  return null;
}

function wholeFile(file: Uint8Array): Section {
  return { name: "file", start: 0, address: 0, bytes: file, places: [] };
}

function compareSections(a: Section | undefined, b: Section | undefined): ObjectDifference | null {
  const left = a?.bytes ?? new Uint8Array(0);
  const right = b?.bytes ?? new Uint8Array(0);
  let at = 0;
  while (at < left.length && at < right.length && left[at] === right[at]) at += 1;
  if (a !== undefined && b !== undefined && at === left.length && at === right.length) return null;
  const some = a ?? b;
  const place = placeAt(a?.places ?? [], at) ?? placeAt(b?.places ?? [], at);
  return {
    section: some?.name ?? "", symbol: place?.name ?? "", symbolOffset: at - (place?.start ?? 0), offset: at, fileOffset: (some?.start ?? 0) + at,
    left: hex(left, at), right: hex(right, at), leftSize: left.length, rightSize: right.length, resized: firstResized(a?.places ?? [], b?.places ?? []),
  };
}

function placeAt(places: Place[], at: number): Place | undefined {
  return places.find((p) => p.start <= at && at < p.end);
}

/** The first of two lists in step that has another size; null when the lists name other symbols first. */
function firstResized(a: Place[], b: Place[]): ObjectDifference["resized"] {
  for (let k = 0; k < a.length && k < b.length && a[k].name === b[k].name; k++) {
    const left = a[k].end - a[k].start;
    const right = b[k].end - b[k].start;
    if (left !== right) return { symbol: a[k].name, left, right };
  }
  return null;
}

function hex(bytes: Uint8Array, at: number): string {
  const words: string[] = [];
  for (let k = at; k < bytes.length && k < at + 8; k++) words.push(bytes[k].toString(16).padStart(2, "0"));
  return words.join(" ");
}
