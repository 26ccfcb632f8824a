// A reader of Wasm modules, as far as a difference must be named (core specification chapter 5, tool conventions).
// In -> out: a file's bytes, to its sections in file order; in the code section each function with its index and name.
// It shares no code with the compilers' decoder. A file that is not well formed ends in a RangeError.

import type { Place, Section } from "./section.ts";

const names = ["custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count"];
const SECTION_IMPORT = 2;
const SECTION_CODE = 10;
const SYMBOL_TABLE = 8;
const SYMBOL_UNDEFINED = 16;
const SYMBOL_EXPLICIT_NAME = 64;

interface Reader {
  bytes: Uint8Array;
  at: number;
}

/** Whether the file says that it is a Wasm module. */
export function isWasm(file: Uint8Array): boolean {
  return file.length >= 8 && file[0] === 0 && file[1] === 0x61 && file[2] === 0x73 && file[3] === 0x6d;
}

/** The sections of a file. */
export function readWasm(file: Uint8Array): Section[] {
  const r: Reader = { bytes: file, at: 8 };
  const sections: Section[] = [{ name: "header", start: 0, address: 0, bytes: file.subarray(0, 8), places: [] }];
  let code: Section | null = null;
  let imported = 0;
  const funcNames = new Map<number, string>();
  while (r.at < file.length) {
    const id = byte(r);
    const size = unsigned(r);
    const end = r.at + size;
    if (end > file.length) throw new RangeError("a section ends behind the file");
    const custom = id === 0 ? text(r) : "";
    const section: Section = { name: id === 0 ? custom : (names[id] ?? `section ${id}`), start: r.at, address: 0, bytes: file.subarray(r.at, end), places: [] };
    const inner: Reader = { bytes: section.bytes, at: 0 };
    if (id === SECTION_IMPORT) imported = importedFuncs(inner);
    if (id === SECTION_CODE) code = section;
    if (custom === "name") readNames(inner, funcNames);
    if (custom === "linking") readLinking(inner, funcNames);
    sections.push(section);
    r.at = end;
  }
  if (code !== null) code.places = bodies({ bytes: code.bytes, at: 0 }, imported, funcNames);
  return sections;
}

function byte(r: Reader): number {
  if (r.at >= r.bytes.length) throw new RangeError("the file ends too early");
  return r.bytes[r.at++];
}

/** An unsigned LEB128 number; one over 2^53 is only skipped. */
function unsigned(r: Reader): number {
  let value = 0;
  let scale = 1;
  let b = byte(r);
  while (b >= 128) {
    value += (b & 127) * scale;
    scale *= 128;
    b = byte(r);
  }
  return value + b * scale;
}

function text(r: Reader): string {
  const size = unsigned(r);
  if (r.at + size > r.bytes.length) throw new RangeError("a name ends behind its section");
  r.at += size;
  return Buffer.from(r.bytes.subarray(r.at - size, r.at)).toString("latin1");
}

function importedFuncs(r: Reader): number {
  let funcs = 0;
  for (let left = unsigned(r); left > 0; left--) {
    text(r);
    text(r);
    const kind = byte(r);
    if (kind === 0) funcs += 1;
    if (kind === 1) byte(r);
    if (kind === 1 || kind === 2) limits(r);
    else unsigned(r);
    if (kind === 3 || kind === 4) byte(r);
  }
  return funcs;
}

function limits(r: Reader): void {
  const flags = byte(r);
  unsigned(r);
  if ((flags & 1) !== 0) unsigned(r);
}

/** Subsection 1 of the custom section "name". */
function readNames(r: Reader, funcNames: Map<number, string>): void {
  while (r.at < r.bytes.length) {
    const id = byte(r);
    const end = unsigned(r) + r.at;
    if (id === 1) {
      for (let left = unsigned(r); left > 0; left--) {
        const index = unsigned(r);
        funcNames.set(index, text(r));
      }
    }
    r.at = end;
  }
}

/** The functions of the symbol table in the custom section "linking". */
function readLinking(r: Reader, funcNames: Map<number, string>): void {
  unsigned(r);
  while (r.at < r.bytes.length) {
    const id = byte(r);
    const end = unsigned(r) + r.at;
    if (id === SYMBOL_TABLE) for (let left = unsigned(r); left > 0; left--) readSymbol(r, funcNames);
    r.at = end;
  }
}

function readSymbol(r: Reader, funcNames: Map<number, string>): void {
  const kind = byte(r);
  const flags = unsigned(r);
  if (kind === 1) {
    text(r);
    if ((flags & SYMBOL_UNDEFINED) === 0) for (let k = 0; k < 3; k++) unsigned(r);
    return;
  }
  const index = unsigned(r);
  if (kind === 3) return;
  const named = (flags & SYMBOL_UNDEFINED) === 0 || (flags & SYMBOL_EXPLICIT_NAME) !== 0;
  const name = named ? text(r) : "";
  if (kind === 0 && name !== "") funcNames.set(index, name);
}

function bodies(r: Reader, imported: number, funcNames: Map<number, string>): Place[] {
  const places: Place[] = [];
  const count = unsigned(r);
  for (let k = 0; k < count; k++) {
    const start = r.at;
    const size = unsigned(r);
    const index = imported + k;
    places.push({ name: `func ${index} ${funcNames.get(index) ?? ""}`.trimEnd(), start, end: r.at + size });
    r.at += size;
  }
  return places;
}
