// Whether an executable holds an object: each function and datum of the object, wherever the linker put it.
// In -> out: an object and an executable that says to be linked from it, to what in the executable is otherwise. Places that
// are relocated are filled by the linker: what they refer to must be the same symbol in the executable, which for a name of
// another library is looked up by way of the stub and the table that the dynamic linker fills (psABI for x86-64, chapters 4 and 5).
// What the linker adds - start-up code, tables, padding - is in no object and is not compared.

import { constantOf, type Definition, definitionsIn, firstUnlike, identityOf, isCode, type ObjectSymbol, type Relocation, symbolsOf, targetOf } from "./definitions.ts";
import { sectionsOf } from "./object_diff.ts";
import type { Section } from "./section.ts";

/** A definition of which the executable holds another one, or none. */
export interface Otherwise {
  name: string;
  section: string;
  /** Where it first differs, from its start; -1 when the executable has none of the name. */
  offset: number;
  /** Up to eight bytes from there on, in hexadecimal, in the object and in the executable. */
  left: string;
  right: string;
}

export interface Linked {
  functions: number;
  data: number;
  otherwise: Otherwise[];
  /** Functions of the executable that the object has not. */
  added: string[];
  /** Names of other libraries whose references could not be followed, as where libc itself is linked in. */
  unfollowed: string[];
  /** Sections of the program, with their bytes that are none of the object's. */
  uncompared: { section: string; bytes: number }[];
}

const ABSOLUTE = 1;
const PC32 = 2;
const PLT32 = 4;
const RELATIVE = 8;
/** Of a load from the table of addresses. The linker may put the address itself in its place where it knows it. */
const REX_GOTPCRELX = 42;
const MOV = 0x8b;
const LEA = 0x8d;
const MOV_CONSTANT = 0xc7;
/** Constants have no names, so what lies where the code reads must be equal, so far. */
const WIDEST_CONSTANT = 16;
const ROW = 24;

/** Whether a reference leads to its symbol. */
type Lead = "there" | "elsewhere" | "unfollowed";

/** Where things lie in the executable. */
interface Image {
  sections: Section[];
  /** Those of the object. */
  parts: Section[];
  /** By "section start" of the object: the address of the definition, -1 for none. */
  addresses: Map<string, number>;
  /** By address: the names of what lies there. */
  names: Map<number, string[]>;
  /** By address of a place: what the dynamic linker puts there. */
  filled: Map<number, { type: number; name: string; addend: number }>;
  /** Those addresses. */
  places: number[];
}

/** Compares an object with what an executable holds of it; null when the executable has no symbols or cannot be read. */
export function compareLinked(object: Uint8Array, executable: Uint8Array): Linked | null {
  const sections = sectionsOf(executable);
  const parts = sectionsOf(object);
  if (sections === null || parts === null || !sections.some((s) => s.name === ".symtab")) return null;
  const definitions = definitionsIn(object);
  const image: Image = { sections, parts, addresses: new Map(), names: new Map(), filled: filledPlaces(sections), places: [] };
  image.places.push(...image.filled.keys());
  for (const s of sections.filter((section) => section.address > 0)) {
    for (const p of s.places) image.names.set(s.address + p.start, [...(image.names.get(s.address + p.start) ?? []), p.name]);
  }
  const named = placesByName(sections);
  for (const d of definitions) image.addresses.set(`${d.section} ${d.start}`, named.get(`${d.section} ${d.name}`)?.shift() ?? -1);
  const symbols = symbolsOf(parts);
  const unfollowed = new Set<string>();
  const otherwise = definitions.map((d) => otherwiseIn(image, d, symbols, unfollowed)).filter((o) => o !== null);
  const added = [...named].filter(([key, left]) => key.startsWith(".text ") && left.length > 0).map(([key]) => key.slice(6));
  const functions = definitions.filter(isCode).length;
  return { functions, data: definitions.length - functions, otherwise, added, unfollowed: [...unfollowed].sort(), uncompared: restOf(sections, definitions) };
}

/** Addresses of what has a name, by section and name, in order. */
function placesByName(sections: Section[]): Map<string, number[]> {
  const named = new Map<string, number[]>();
  for (const s of sections.filter((section) => section.address > 0)) {
    for (const p of s.places) {
      const key = `${s.name} ${identityOf(p.name, s.bytes.subarray(p.start, p.end))}`;
      named.set(key, [...(named.get(key) ?? []), s.address + p.start]);
    }
  }
  return named;
}

/** The rows of relocations that are left to the dynamic linker. */
function filledPlaces(sections: Section[]): Image["filled"] {
  const filled: Image["filled"] = new Map();
  const [dynsym, dynstr] = [".dynsym", ".dynstr"].map((name) => sections.find((s) => s.name === name)?.bytes ?? new Uint8Array(0));
  const nameOf = (symbol: number): string => {
    if (symbol === 0 || (symbol + 1) * ROW > dynsym.length) return "";
    const at = new DataView(dynsym.buffer, dynsym.byteOffset).getUint32(symbol * ROW, true);
    return Buffer.from(dynstr.subarray(at, dynstr.indexOf(0, at))).toString("latin1");
  };
  for (const s of sections.filter((section) => section.name.startsWith(".rela."))) {
    const view = new DataView(s.bytes.buffer, s.bytes.byteOffset, s.bytes.length);
    for (let at = 0; at + ROW <= s.bytes.length; at += ROW) {
      filled.set(Number(view.getBigUint64(at, true)), { type: view.getUint32(at + 8, true), name: nameOf(view.getUint32(at + 12, true)), addend: Number(view.getBigInt64(at + 16, true)) });
    }
  }
  return filled;
}

/** Bytes of the executable from an address on; fewer at the end of a section, none where nothing lies. */
function bytesAt(image: Image, address: number, size: number): Uint8Array {
  const s = image.sections.find((section) => section.address > 0 && section.address <= address && address < section.address + section.bytes.length);
  return s === undefined ? new Uint8Array(0) : s.bytes.subarray(address - s.address, Math.min(address - s.address + size, s.bytes.length));
}

/** How a definition differs in the executable, null when it does not. */
function otherwiseIn(image: Image, d: Definition, symbols: ObjectSymbol[], unfollowed: Set<string>): Otherwise | null {
  const address = image.addresses.get(`${d.section} ${d.start}`) ?? -1;
  const base = { name: d.name, section: d.section };
  if (address < 0) return { ...base, offset: -1, left: hexOf(d.bytes, 0), right: "" };
  const own = bytesAt(image, address, d.bytes.length);
  const skipped = new Uint8Array(d.bytes.length);
  for (const r of d.relocations) skipped.fill(1, r.type === REX_GOTPCRELX ? r.offset - 3 : r.offset, r.offset + widthOf(r));
  const sameTarget = (field: number): boolean => image.addresses.get(`${d.section} ${d.start + targetOf(d.bytes, field)}`) === address + targetOf(own, field);
  let first = firstUnlike(d.bytes, own, (at) => skipped[at] === 1, sameTarget);
  // What the dynamic linker would write over it later counts as well.
  const late = image.places.find((place) => place >= address && place < address + d.bytes.length && !d.relocations.some((r) => r.type === ABSOLUTE && address + r.offset === place));
  if (late !== undefined && (first < 0 || late - address < first)) first = late - address;
  for (const r of d.relocations) {
    const lead = r.offset + widthOf(r) > own.length ? "elsewhere" : leadOf(image, address, own, d.bytes, r, symbols[r.symbol]);
    if (lead === "unfollowed") unfollowed.add(r.name);
    if (lead === "elsewhere" && (first < 0 || r.offset < first)) first = r.offset;
  }
  return first < 0 ? null : { ...base, offset: first, left: hexOf(d.bytes, first), right: hexOf(own, first) };
}

function widthOf(r: Relocation): number {
  return r.type === ABSOLUTE ? 8 : 4;
}

function hexOf(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 8)).toString("hex").replace(/(..)(?=.)/g, "$1 ");
}

/** Where what the linker wrote for a relocation leads. `own` are the bytes in the executable, `plain` those in the object. */
function leadOf(image: Image, address: number, own: Uint8Array, plain: Uint8Array, r: Relocation, symbol: ObjectSymbol): Lead {
  const target = symbol.at === "" ? -1 : (image.addresses.get(symbol.at) ?? -1);
  const view = new DataView(own.buffer, own.byteOffset, own.length);
  if (r.type === ABSOLUTE) return placeLead(image, address + r.offset, Number(view.getBigInt64(r.offset, true)), r.addend, target, symbol.name);
  const reached = view.getInt32(r.offset, true) + address + r.offset - r.addend;
  if (r.type === REX_GOTPCRELX) return loadLead(image, own.subarray(r.offset - 3, r.offset + 4), plain.subarray(r.offset - 3, r.offset), reached, target, symbol.name);
  if (r.type !== PC32 && r.type !== PLT32) return "elsewhere";
  if (symbol.isSection) {
    // Data that counts from a function on: its first bytes are the linker's affair, its place is not.
    const start = symbol.name === ".text" ? image.addresses.get(`.text ${r.addend}`) : undefined;
    if (start !== undefined) return leadIf(reached + r.addend === start);
    const constant = constantOf(image.parts, symbol.name, r.addend, WIDEST_CONSTANT);
    return leadIf(Buffer.from(constant).equals(bytesAt(image, reached + r.addend + 4, constant.length)));
  }
  return symbol.at === "" ? foreignLead(image, reached, symbol.name) : leadIf(reached === target);
}

function leadIf(there: boolean): Lead {
  return there ? "there" : "elsewhere";
}

/** A place that holds an address, or is filled when the program starts. */
function placeLead(image: Image, place: number, value: number, addend: number, target: number, name: string): Lead {
  const row = image.filled.get(place);
  if (row === undefined) return leadIf(target >= 0 && value === target + addend);
  return leadIf(row.type === RELATIVE ? target >= 0 && row.addend === target + addend : row.name === name && row.addend === addend);
}

/** A load from the table of addresses, or what the linker put in its place. */
function loadLead(image: Image, own: Uint8Array, plain: Uint8Array, reached: number, target: number, name: string): Lead {
  const register = (plain[2] >> 3) & 7;
  const value = new DataView(own.buffer, own.byteOffset, own.length).getInt32(3, true);
  if (own[1] === MOV_CONSTANT) return leadIf(own[0] === (0x48 | ((plain[0] & 4) >> 2)) && own[2] === (0xc0 | register) && value === target);
  if (own[0] !== plain[0] || own[2] !== plain[2] || plain[1] !== MOV) return "elsewhere";
  if (own[1] === LEA) return target >= 0 ? leadIf(reached === target) : foreignLead(image, reached, name);
  const slot = bytesAt(image, reached, 8);
  if (own[1] !== MOV || slot.length < 8) return "elsewhere";
  const lead = placeLead(image, reached, Number(new DataView(slot.buffer, slot.byteOffset).getBigInt64(0, true)), 0, target, name);
  return lead === "elsewhere" && target < 0 && !image.filled.has(reached) ? "unfollowed" : lead;
}

/** A call of a foreign name: to the stub that jumps by way of the table, or to the function that is linked in. */
function foreignLead(image: Image, address: number, name: string): Lead {
  if (image.names.get(address)?.includes(name) === true) return "there";
  const stub = bytesAt(image, address, 16);
  for (let k = 0; k + 6 <= stub.length; k++) {
    if (stub[k] !== 0xff || stub[k + 1] !== 0x25) continue;
    const row = image.filled.get(address + k + 6 + new DataView(stub.buffer, stub.byteOffset).getInt32(k + 2, true));
    return row === undefined || row.name === "" ? "unfollowed" : leadIf(row.name === name);
  }
  return image.names.has(address) ? "elsewhere" : "unfollowed";
}

/** What of the sections that are loaded is none of the object's. */
function restOf(sections: Section[], definitions: Definition[]): Linked["uncompared"] {
  return sections.filter((s) => s.address > 0 && s.bytes.length > 0).map((s) => {
    const own = definitions.filter((d) => d.section === s.name).reduce((n, d) => n + d.bytes.length, 0);
    return { section: s.name, bytes: s.bytes.length - own };
  }).filter((rest) => rest.bytes > 0);
}
