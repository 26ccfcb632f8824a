// A reader of 64-bit little-endian ELF files: objects and executables (gABI chapters 4 and 5).
// In -> out: a file's bytes, to its sections in file order, then its headers; each with the symbols or rows in it.
// It shares no code with the compilers' writer. A file that is not well formed ends in a RangeError.

import type { Place, Section } from "./section.ts";

const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHT_NOBITS = 8;
const STT_SECTION = 3;
const ET_REL = 1;

interface Header {
  name: string;
  type: number;
  address: number;
  offset: number;
  size: number;
  link: number;
}

interface ElfSymbol {
  name: string;
  nameAt: number;
  section: number;
  value: number;
  size: number;
}

/** Whether the file says that it is ELF. */
export function isElf(file: Uint8Array): boolean {
  return file.length >= 64 && file[0] === 0x7f && file[1] === 0x45 && file[2] === 0x4c && file[3] === 0x46;
}

/** The sections of a file. */
export function readElf(file: Uint8Array): Section[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const headersAt = word(view, 40);
  const count = view.getUint16(60, true);
  const relocatable = view.getUint16(16, true) === ET_REL;
  const headers = readHeaders(view, file, headersAt, count, view.getUint16(62, true));
  const symtab = headers.find((h) => h.type === SHT_SYMTAB);
  const symbols = symtab === undefined ? [] : readSymbols(view, file, headers, symtab);
  const sections: Section[] = [];
  for (let k = 1; k < headers.length; k++) {
    const h = headers[k];
    const bytes = h.type === SHT_NOBITS ? new Uint8Array(0) : slice(file, h.offset, h.size);
    sections.push({ name: h.name, start: h.offset, address: h.address, bytes, places: placesIn(view, headers, k, symbols, relocatable) });
  }
  sections.sort((a, b) => a.start - b.start);
  const rows = headers.map((h, k) => ({ name: h.name, start: k * 64, end: k * 64 + 64 }));
  sections.push({ name: "section headers", start: headersAt, address: 0, bytes: slice(file, headersAt, count * 64), places: rows });
  const programAt = word(view, 32);
  sections.push({ name: "program headers", start: programAt, address: 0, bytes: slice(file, programAt, view.getUint16(56, true) * 56), places: [] });
  sections.push({ name: "ELF header", start: 0, address: 0, bytes: slice(file, 0, 64), places: [] });
  return sections;
}

/** A 64-bit field that must be a place in a file. */
function word(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function slice(file: Uint8Array, start: number, size: number): Uint8Array {
  if (start + size > file.length) throw new RangeError("a section ends behind the file");
  return file.subarray(start, start + size);
}

function readHeaders(view: DataView, file: Uint8Array, at: number, count: number, namesIndex: number): Header[] {
  const headers: Header[] = [];
  const nameAts: number[] = [];
  for (let k = 0; k < count; k++) {
    const h = at + k * 64;
    nameAts.push(view.getUint32(h, true));
    headers.push({ name: "", type: view.getUint32(h + 4, true), address: word(view, h + 16), offset: word(view, h + 24), size: word(view, h + 32), link: view.getUint32(h + 40, true) });
  }
  if (namesIndex >= count) throw new RangeError("no section names");
  const names = slice(file, headers[namesIndex].offset, headers[namesIndex].size);
  for (let k = 0; k < count; k++) headers[k].name = textAt(names, nameAts[k]);
  return headers;
}

function textAt(bytes: Uint8Array, at: number): string {
  let end = at;
  while (end < bytes.length && bytes[end] !== 0) end += 1;
  return Buffer.from(bytes.subarray(at, end)).toString("latin1");
}

function readSymbols(view: DataView, file: Uint8Array, headers: Header[], table: Header): ElfSymbol[] {
  if (table.link >= headers.length) throw new RangeError("no symbol names");
  const names = slice(file, headers[table.link].offset, headers[table.link].size);
  const symbols: ElfSymbol[] = [];
  for (let at = table.offset; at + 24 <= table.offset + table.size; at += 24) {
    const nameAt = view.getUint32(at, true);
    const section = view.getUint16(at + 6, true);
    const isSection = (view.getUint8(at + 4) & 15) === STT_SECTION && section < headers.length;
    const name = isSection ? headers[section].name : textAt(names, nameAt);
    symbols.push({ name, nameAt: isSection ? -1 : nameAt, section, value: word(view, at + 8), size: word(view, at + 16) });
  }
  return symbols;
}

/** What stands in section k: rows of a table by the symbol they are of, else the symbols defined there. */
function placesIn(view: DataView, headers: Header[], k: number, symbols: ElfSymbol[], relocatable: boolean): Place[] {
  const h = headers[k];
  const places: Place[] = [];
  if (h.type === SHT_SYMTAB) {
    for (let i = 0; i < symbols.length; i++) places.push({ name: symbols[i].name, start: i * 24, end: i * 24 + 24 });
  } else if (h.type === SHT_RELA && headers[h.link]?.type === SHT_SYMTAB) {
    for (let at = 0; at + 24 <= h.size; at += 24) {
      const symbol = view.getUint32(h.offset + at + 12, true);
      places.push({ name: symbol < symbols.length ? symbols[symbol].name : "", start: at, end: at + 24 });
    }
  } else if (headers.some((t) => t.type === SHT_SYMTAB && t.link === k)) {
    for (const s of symbols) if (s.nameAt > 0) places.push({ name: s.name, start: s.nameAt, end: s.nameAt + s.name.length + 1 });
  } else {
    for (const s of symbols) {
      const start = relocatable ? s.value : s.value - h.address;
      if (s.section === k && s.size > 0) places.push({ name: s.name, start, end: start + s.size });
    }
  }
  return places.sort((a, b) => a.start - b.start);
}
