// The object model: sections, symbols, relocations, before they are a file of some format.
// In -> out: compiled functions in module order and the module's data, to an ObjectFile.
// Calls and addresses within .text are filled in here; what is left for the linker are addresses in other
// sections, undefined symbols, and absolute addresses in data. Constants of all functions share one pool at the
// end of .rodata; the line table, where the module asks for one, stands behind it. Undefined symbols appear only when
// something refers to them, each outer name once.

import { alignUp, maxI32 } from "../base/int32.ts";
import { alignBytes, appendBytes, appendText, appendU64, appendZeros, type Bytes, newBytes, patchU32, readU8, textOfBytes, truncateBytes } from "../base/bytes.ts";
import { bug } from "../base/bug.ts";
import { hexI64, i64From } from "../base/int64.ts";
import { CodeRelocKind } from "../mach/buffer.ts";
import type { MachCode } from "../mach/emit.ts";
import type { Isa } from "../mach/isa.ts";
import { addFuncLines, CODE_LINES, lineTableBytes, type LineTable, newLineTable, wantsLineTable } from "./line_table.ts";
import { findSymbol, type ModuleSymbol, outerName, Section, type SsaModule, SymKind } from "../ssa/module.ts";

/** The sections of every object, by index. */
export const ObjSection = { text: 0, rodata: 1, relro: 2, data: 3, bss: 4, initArray: 5 };

export const ObjRelocKind = { absolute64: 0, pcRelative32: 1, call32: 2, got32: 3 };

export interface ObjReloc {
  offset: number;
  kind: number;
  /** Symbol index, or -1 - section for the start of a section. */
  sym: number;
  addend: number;
}

export interface ObjSectionData {
  align: number;
  /** Equal to bytes.len but in .bss, which has no bytes. */
  size: number;
  bytes: Bytes;
  relocs: ObjReloc[];
}

export interface ObjSymbol {
  name: string;
  /** -1: undefined. */
  section: number;
  offset: number;
  size: number;
  isFunc: boolean;
  global: boolean;
}

/** A trap instruction of .text. */
export interface ObjTrap {
  offset: number;
  code: number;
  pos: number;
}

export interface ObjectFile {
  sections: ObjSectionData[];
  symbols: ObjSymbol[];
  traps: ObjTrap[];
}

/** An object while functions are added to it. */
export interface ObjectBuilder {
  isa: Isa;
  module: SsaModule;
  object: ObjectFile;
  /** By module symbol: its symbol in the object, or -1. */
  symbolOf: number[];
  byOuterName: Map<string, number>;
  pool: Bytes;
  poolOffsets: Map<string, number>;
  /** Null when the module does not ask for one. */
  lines: LineTable | null;
  /** Relocations of .text that are not resolved yet, by module symbol (pool: offset in the pool). */
  pending: PendingReloc[];
}

interface PendingReloc {
  offset: number;
  kind: number;
  sym: number;
  addend: number;
}

/** A builder with the module's data in place. */
export function newObjectBuilder(isa: Isa, m: SsaModule): ObjectBuilder {
  const b: ObjectBuilder = {
    isa: isa, module: m, object: { sections: [], symbols: [], traps: [] }, symbolOf: [], byOuterName: new Map(),
    pool: newBytes(), poolOffsets: new Map(), lines: wantsLineTable(m) ? newLineTable() : null, pending: [],
  };
  for (let k = 0; k < 6; k++) b.object.sections.push({ align: k === ObjSection.text ? 16 : 8, size: 0, bytes: newBytes(), relocs: [] });
  for (let s = 0; s < m.symbols.length; s++) {
    b.symbolOf.push(-1);
    if (m.symbols[s].defined) defineSymbol(b, s);
  }
  return b;
}

/** The symbol of the object for a defined symbol of the module; data is placed at once. */
function defineSymbol(b: ObjectBuilder, s: number): void {
  const sym = b.module.symbols[s];
  const name = sym.global ? outerName(b.module, s) : sym.name;
  const entry: ObjSymbol = { name: name, section: ObjSection.text, offset: 0, size: 0, isFunc: sym.kind === SymKind.func, global: sym.global };
  b.symbolOf[s] = b.object.symbols.length;
  b.object.symbols.push(entry);
  if (sym.global) {
    if (b.byOuterName.has(name)) bug("two definitions of " + name);
    b.byOuterName.set(name, b.symbolOf[s]);
  }
  if (!entry.isFunc) placeData(b, sym, entry);
}

/** By section of the module. */
const dataSections = [ObjSection.rodata, ObjSection.relro, ObjSection.data, ObjSection.bss];

function placeData(b: ObjectBuilder, sym: ModuleSymbol, entry: ObjSymbol): void {
  entry.section = dataSections[sym.section];
  const section = b.object.sections[entry.section];
  if (sym.align > section.align) section.align = sym.align;
  section.size = alignUp(section.size, sym.align);
  entry.offset = section.size;
  entry.size = sym.size;
  if (sym.section !== Section.bss) {
    alignBytes(section.bytes, sym.align);
    appendBytes(section.bytes, sym.bytes);
    appendZeros(section.bytes, sym.size - sym.bytes.len);
  }
  section.size += sym.size;
}

/** The symbol of the object for any symbol of the module; an undefined one is added when first wanted. */
function objectSymbol(b: ObjectBuilder, s: number): number {
  while (b.symbolOf.length <= s) b.symbolOf.push(-1);
  if (b.symbolOf[s] >= 0) return b.symbolOf[s];
  const name = outerName(b.module, s);
  const known = b.byOuterName.get(name);
  const found = known === undefined ? -1 : known;
  const id = found < 0 ? b.object.symbols.length : found;
  b.symbolOf[s] = id;
  if (found < 0) {
    b.byOuterName.set(name, id);
    b.object.symbols.push({ name: name, section: -1, offset: 0, size: 0, isFunc: b.module.symbols[s].kind === SymKind.func, global: true });
  }
  return id;
}

/** Adds a compiled function behind those there are. */
export function addObjectFunction(b: ObjectBuilder, code: MachCode): void {
  const text = b.object.sections[ObjSection.text];
  b.isa.emitPadding(text.bytes, 16);
  const start = text.bytes.len;
  appendBytes(text.bytes, code.bytes);
  text.size = text.bytes.len;
  const entry = b.object.symbols[b.symbolOf[code.sym]];
  entry.offset = start;
  entry.size = code.bytes.len;
  for (const r of code.relocs) {
    const sym = r.kind === CodeRelocKind.pool ? poolOffset(b, code, r.sym) : r.sym;
    b.pending.push({ offset: start + r.offset, kind: r.kind, sym: sym, addend: r.addend });
  }
  if (b.lines !== null) addFuncLines(b.lines, b.module, code, start);
  for (const t of code.traps) b.object.traps.push({ offset: start + t.offset, code: t.code, pos: t.pos });
}

/** The offset in the pool of one of a function's constants. */
function poolOffset(b: ObjectBuilder, code: MachCode, id: number): number {
  const c = code.pool[id];
  const key = c.size + " " + hexI64(c.low, 16) + hexI64(c.high, 16);
  const found = b.poolOffsets.get(key);
  if (found !== undefined) return found;
  alignBytes(b.pool, c.size);
  const at = b.pool.len;
  appendU64(b.pool, c.low);
  if (c.size === 4) truncateBytes(b.pool, b.pool.len - 4);
  if (c.size === 16) appendU64(b.pool, c.high);
  b.poolOffsets.set(key, at);
  return at;
}

/** The finished object. */
export function finishObject(b: ObjectBuilder): ObjectFile {
  const rodata = b.object.sections[ObjSection.rodata];
  let poolBase = 0;
  if (b.pool.len > 0) {
    rodata.align = maxI32(rodata.align, 16);
    alignBytes(rodata.bytes, 16);
    poolBase = rodata.bytes.len;
    appendBytes(rodata.bytes, b.pool);
    rodata.size = rodata.bytes.len;
  }
  if (b.lines !== null) placeLineTable(b, b.lines);
  for (const r of b.pending) resolveTextReloc(b, r, poolBase);
  for (let s = 0; s < b.module.symbols.length; s++) if (b.module.symbols[s].defined) addDataRelocs(b, s);
  const init = b.object.sections[ObjSection.initArray];
  for (const s of b.module.initFuncs) {
    init.relocs.push({ offset: init.bytes.len, kind: ObjRelocKind.absolute64, sym: objectSymbol(b, s), addend: 0 });
    appendZeros(init.bytes, 8);
  }
  init.size = init.bytes.len;
  return b.object;
}

/** The line table as a constant of the object's own. */
function placeLineTable(b: ObjectBuilder, lines: LineTable): void {
  const rodata = b.object.sections[ObjSection.rodata];
  const table = lineTableBytes(lines, b.module, b.object.sections[ObjSection.text].size);
  alignBytes(rodata.bytes, 8);
  const at = rodata.bytes.len;
  appendBytes(rodata.bytes, table);
  rodata.size = rodata.bytes.len;
  rodata.relocs.push({ offset: at, kind: ObjRelocKind.pcRelative32, sym: -1 - ObjSection.text, addend: 0 });
  b.symbolOf[findSymbol(b.module, CODE_LINES)] = b.object.symbols.length;
  b.object.symbols.push({ name: CODE_LINES, section: ObjSection.rodata, offset: at, size: table.len, isFunc: false, global: false });
}

/** A reference from code: filled in when it stays in .text, else a relocation. */
function resolveTextReloc(b: ObjectBuilder, r: PendingReloc, poolBase: number): void {
  const text = b.object.sections[ObjSection.text];
  if (r.kind === CodeRelocKind.pool) {
    text.relocs.push({ offset: r.offset, kind: ObjRelocKind.pcRelative32, sym: -1 - ObjSection.rodata, addend: poolBase + r.sym + r.addend });
    return;
  }
  const id = objectSymbol(b, r.sym);
  const sym = b.object.symbols[id];
  if (sym.section === ObjSection.text && r.kind !== CodeRelocKind.got) {
    patchU32(text.bytes, r.offset, sym.offset + r.addend - r.offset);
    return;
  }
  text.relocs.push({ offset: r.offset, kind: objectRelocKind(r.kind), sym: id, addend: r.addend });
}

function objectRelocKind(kind: number): number {
  if (kind === CodeRelocKind.call) return ObjRelocKind.call32;
  return kind === CodeRelocKind.got ? ObjRelocKind.got32 : ObjRelocKind.pcRelative32;
}

function addDataRelocs(b: ObjectBuilder, s: number): void {
  const sym = b.module.symbols[s];
  const entry = b.object.symbols[b.symbolOf[s]];
  if (sym.relocs.length > 0 && (sym.section === Section.rodata || sym.section === Section.bss)) bug("addresses in constant data of " + sym.name);
  for (const r of sym.relocs) {
    b.object.sections[entry.section].relocs.push({
      offset: entry.offset + r.offset, kind: ObjRelocKind.absolute64, sym: objectSymbol(b, r.sym), addend: r.addend,
    });
  }
}

/** "" or what is wrong with an object: every writer asks before it writes. */
export function checkObject(o: ObjectFile): string {
  for (let k = 0; k < o.sections.length; k++) {
    const s = o.sections[k];
    if ((s.align & (s.align - 1)) !== 0 || s.align < 1) return "section " + k + ": alignment " + s.align;
    if (s.bytes.len !== (k === ObjSection.bss ? 0 : s.size)) return "section " + k + ": size " + s.size + " with " + s.bytes.len + " bytes";
    for (const r of s.relocs) {
      const width = r.kind === ObjRelocKind.absolute64 ? 8 : 4;
      if (r.offset < 0 || r.offset + width > s.bytes.len) return "section " + k + ": relocation at " + r.offset;
      if (r.sym >= o.symbols.length || r.sym < 0 - o.sections.length) return "section " + k + ": relocation against symbol " + r.sym;
      if (r.kind === ObjRelocKind.absolute64 && (k === ObjSection.text || k === ObjSection.rodata)) return "section " + k + ": an absolute address at " + r.offset;
    }
  }
  for (const s of o.symbols) {
    if (s.section >= 0 && (s.offset < 0 || s.offset + s.size > o.sections[s.section].size)) return "symbol " + s.name + " lies outside its section";
    if (s.section < 0 && !s.global) return "symbol " + s.name + " is local and undefined";
  }
  return "";
}

/** By section of an object: its name in files and listings. */
export const objectSectionNames = [".text", ".rodata", ".data.rel.ro", ".data", ".bss", ".init_array"];
const objectRelocNames = ["abs64", "pc32", "call32", "got32"];

/** Bytes in rows of 32. */
function dataText(b: Bytes): string {
  const text = newBytes();
  for (let at = 0; at < b.len; at++) {
    if (at % 32 === 0) appendText(text, at === 0 ? "  " : "\n  ");
    appendText(text, hexI64(i64From(readU8(b, at)), 2));
  }
  if (b.len > 0) appendText(text, "\n");
  return textOfBytes(text, 0, text.len);
}

/** A listing of an object: sections, symbols, relocations, traps. */
export function printObject(o: ObjectFile): string {
  let text = "";
  for (let k = 0; k < o.sections.length; k++) {
    text += "section " + objectSectionNames[k] + " size " + o.sections[k].size + " align " + o.sections[k].align + "\n";
    // The code stands in the dump of asm.
    if (k !== ObjSection.text) text += dataText(o.sections[k].bytes);
    for (const r of o.sections[k].relocs) {
      const name = r.sym < 0 ? objectSectionNames[-1 - r.sym] : o.symbols[r.sym].name;
      text += "  " + r.offset + " " + objectRelocNames[r.kind] + " " + name + (r.addend < 0 ? "" : "+") + r.addend + "\n";
    }
  }
  for (const s of o.symbols) {
    const place = s.section < 0 ? "undefined" : objectSectionNames[s.section] + "+" + s.offset + " size " + s.size;
    text += (s.global ? "global " : "local ") + s.name + " " + place + (s.isFunc ? " func" : " data") + "\n";
  }
  for (const t of o.traps) text += "trap " + t.offset + " code " + t.code + " pos " + t.pos + "\n";
  return text;
}
