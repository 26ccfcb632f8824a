// The ELF64 writer: a relocatable object for x86-64 Linux (System V ABI, gABI chapter 4, psABI chapter 4).
// In -> out: an ObjectFile, to the bytes of a file. Empty sections are left out but .text; local symbols come
// first; .note.GNU-stack says that the stack is not executable. No path, name of a tool or time is written.

import { alignBytes, appendBytes, appendText, appendU16, appendU32, appendU64, appendU8, appendZeros, type Bytes, newBytes, patchU8, readU8 } from "../base/bytes.ts";
import { bug } from "../base/bug.ts";
import { i64From, joinI64 } from "../base/int64.ts";
import { checkObject, type ObjectFile, objectSectionNames, type ObjReloc, ObjSection } from "./object.ts";

const SHT_PROGBITS = 1;
const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const SHT_RELA = 4;
const SHT_NOBITS = 8;
const SHT_INIT_ARRAY = 14;

const sectionTypes = [SHT_PROGBITS, SHT_PROGBITS, SHT_PROGBITS, SHT_PROGBITS, SHT_NOBITS, SHT_INIT_ARRAY];
/** Write 1, allocate 2, execute 4. */
const sectionFlags = [6, 2, 3, 3, 3, 3];

/** R_X86_64_64, PC32, PLT32, REX_GOTPCRELX. */
const relocTypes = [1, 2, 4, 42];

interface SectionHeader {
  name: number;
  type: number;
  flags: number;
  offset: number;
  size: number;
  link: number;
  info: number;
  align: number;
  entrySize: number;
}

interface ElfWriter {
  object: ObjectFile;
  out: Bytes;
  headers: SectionHeader[];
  names: Bytes;
  /** By section of the object: its index in the file, or 0. */
  indexOf: number[];
  /** By symbol of the object: its index in the file. */
  symbolIndex: number[];
  /** By section of the object: the index of its section symbol. */
  sectionSymbol: number[];
}

/** The bytes of the object file. */
export function writeElf(o: ObjectFile): Bytes {
  const problem = checkObject(o);
  if (problem !== "") bug("object: " + problem);
  const w: ElfWriter = { object: o, out: newBytes(), headers: [], names: newBytes(), indexOf: [], symbolIndex: [], sectionSymbol: [] };
  appendZeros(w.out, 64);
  appendU8(w.names, 0);
  addHeader(w, "", 0, 0, 0).offset = 0;
  for (let k = 0; k < o.sections.length; k++) writeSection(w, k);
  const strings = newBytes();
  const symbols = symbolTable(w, strings);
  const symtab = w.headers.length + relocSectionCount(o) + 1;
  for (let k = 0; k < o.sections.length; k++) if (o.sections[k].relocs.length > 0) writeRelocs(w, k, symtab);
  addHeader(w, ".note.GNU-stack", SHT_PROGBITS, 0, 1);
  const table = writeTable(w, ".symtab", SHT_SYMTAB, symbols, 8);
  table.entrySize = 24;
  table.link = symtab + 1;
  table.info = localCount(w);
  writeTable(w, ".strtab", SHT_STRTAB, strings, 1);
  addHeader(w, ".shstrtab", SHT_STRTAB, 0, 1).size = w.names.len;
  appendBytes(w.out, w.names);
  writeHeaders(w);
  return w.out;
}

/** A header of a section that begins here. */
function addHeader(w: ElfWriter, name: string, type: number, flags: number, align: number): SectionHeader {
  const h: SectionHeader = { name: 0, type: type, flags: flags, offset: w.out.len, size: 0, link: 0, info: 0, align: align, entrySize: 0 };
  if (name !== "") {
    h.name = w.names.len;
    appendText(w.names, name);
    appendU8(w.names, 0);
  }
  w.headers.push(h);
  return h;
}

function writeSection(w: ElfWriter, k: number): void {
  const s = w.object.sections[k];
  w.indexOf.push(0);
  if (s.size === 0 && k !== ObjSection.text) return;
  if (k !== ObjSection.bss) alignBytes(w.out, s.align);
  w.indexOf[k] = w.headers.length;
  const h = addHeader(w, objectSectionNames[k], sectionTypes[k], sectionFlags[k], s.align);
  h.size = s.size;
  if (k === ObjSection.initArray) h.entrySize = 8;
  appendBytes(w.out, s.bytes);
}

function relocSectionCount(o: ObjectFile): number {
  let n = 0;
  for (const s of o.sections) if (s.relocs.length > 0) n += 1;
  return n;
}

/** Section symbols and locals, then globals; names go to the string table. */
function symbolTable(w: ElfWriter, strings: Bytes): Bytes {
  const out = newBytes();
  appendZeros(out, 24);
  appendU8(strings, 0);
  let count = 1;
  for (let k = 0; k < w.object.sections.length; k++) {
    w.sectionSymbol.push(count);
    if (w.indexOf[k] === 0) continue;
    appendSymbol(out, 0, 3, w.indexOf[k], 0, 0);
    count += 1;
  }
  for (let s = 0; s < w.object.symbols.length; s++) w.symbolIndex.push(0);
  for (let pass = 0; pass < 2; pass++) {
    for (let s = 0; s < w.object.symbols.length; s++) {
      const sym = w.object.symbols[s];
      if (sym.global !== (pass === 1)) continue;
      const type = sym.section < 0 ? 0 : sym.isFunc ? 2 : 1;
      const section = sym.section < 0 ? 0 : w.indexOf[sym.section];
      w.symbolIndex[s] = count;
      count += 1;
      appendSymbol(out, strings.len, (sym.global ? 16 : 0) + type, section, sym.offset, sym.size);
      appendText(strings, sym.name);
      appendU8(strings, 0);
    }
  }
  return out;
}

function appendSymbol(out: Bytes, name: number, info: number, section: number, offset: number, size: number): void {
  appendU32(out, name);
  appendU8(out, info);
  appendU8(out, 0);
  appendU16(out, section);
  appendU64(out, i64From(offset));
  appendU64(out, i64From(size));
}

/** The number of local symbols, which is the index of the first global one. */
function localCount(w: ElfWriter): number {
  let n = 1;
  for (const i of w.indexOf) if (i > 0) n += 1;
  for (const s of w.object.symbols) if (!s.global) n += 1;
  return n;
}

function writeRelocs(w: ElfWriter, k: number, symtab: number): void {
  alignBytes(w.out, 8);
  const h = addHeader(w, ".rela" + objectSectionNames[k], SHT_RELA, 64, 8);
  h.link = symtab;
  h.info = w.indexOf[k];
  h.entrySize = 24;
  for (const r of w.object.sections[k].relocs) {
    appendU64(w.out, i64From(r.offset));
    appendU64(w.out, joinI64(relocSymbol(w, r), relocTypes[r.kind]));
    appendU64(w.out, i64From(r.addend));
  }
  h.size = w.out.len - h.offset;
}

function relocSymbol(w: ElfWriter, r: ObjReloc): number {
  return r.sym < 0 ? w.sectionSymbol[-1 - r.sym] : w.symbolIndex[r.sym];
}

function writeTable(w: ElfWriter, name: string, type: number, bytes: Bytes, align: number): SectionHeader {
  alignBytes(w.out, align);
  const h = addHeader(w, name, type, 0, align);
  h.size = bytes.len;
  appendBytes(w.out, bytes);
  return h;
}

/** The section headers go to the end, and the file header to its place. */
function writeHeaders(w: ElfWriter): void {
  alignBytes(w.out, 8);
  const at = w.out.len;
  for (const h of w.headers) {
    appendU32(w.out, h.name);
    appendU32(w.out, h.type);
    appendU64(w.out, i64From(h.flags));
    appendU64(w.out, i64From(0));
    appendU64(w.out, i64From(h.offset));
    appendU64(w.out, i64From(h.size));
    appendU32(w.out, h.link);
    appendU32(w.out, h.info);
    appendU64(w.out, i64From(h.align));
    appendU64(w.out, i64From(h.entrySize));
  }
  const head = newBytes();
  appendText(head, "\x7fELF\x02\x01\x01");
  appendZeros(head, 9);
  appendU16(head, 1);
  appendU16(head, 62);
  appendU32(head, 1);
  appendZeros(head, 16);
  appendU64(head, i64From(at));
  appendU32(head, 0);
  appendU16(head, 64);
  appendU16(head, 0);
  appendU16(head, 0);
  appendU16(head, 64);
  appendU16(head, w.headers.length);
  appendU16(head, w.headers.length - 1);
  for (let k = 0; k < head.len; k++) patchU8(w.out, k, readU8(head, k));
}
