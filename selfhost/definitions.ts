// What an object defines: functions and data, each with its own bytes and what is relocated in them.
// In -> out: the bytes of an object, to definitions in file order; two objects, to the names of what they define otherwise.
// A relocation names the symbol that it is of, so what only lies elsewhere is equal; and a literal is what it says, so one that
// is only numbered otherwise is equal too. Calls within code carry distances: they are equal where they lead to the same name.

import { sectionsOf } from "./object_diff.ts";
import type { Section } from "./section.ts";

export interface Relocation {
  /** In the definition. */
  offset: number;
  /** As the psABI numbers it. */
  type: number;
  /** Index in the symbol table, and its name. */
  symbol: number;
  name: string;
  addend: number;
  /** What it refers to, whatever that is numbered and wherever it lies. */
  means: string;
}

export interface Definition {
  /** A literal's is its text. */
  name: string;
  section: string;
  /** In the section. */
  start: number;
  end: number;
  /** Empty where the section holds none, as .bss. */
  bytes: Uint8Array;
  relocations: Relocation[];
}

const ROW = 24;
/** Sections that say something of others, whose rows are no definitions. */
const tables = /^\.rela|^\.(sym|str|shstr)tab$|header/;

/** The name of what has these bytes: literals are numbered in the order in which they are met, which says nothing of them. */
export function identityOf(name: string, bytes: Uint8Array): string {
  return /^string\.\d+$/.test(name) ? `string ${JSON.stringify(Buffer.from(bytes).toString("latin1"))}` : name;
}

/** The definitions of an object, of a Wasm module its functions; none of what cannot be read. */
export function definitionsIn(file: Uint8Array): Definition[] {
  const sections = sectionsOf(file) ?? [];
  const definitions = sections.filter((s) => !tables.test(s.name)).flatMap((s) => definitionsOf(s, sections.find((other) => other.name === `.rela${s.name}`)));
  const named = new Map(definitions.map((d) => [`${d.section} ${d.start}`, d.name]));
  const symbols = symbolsOf(sections);
  for (const r of definitions.flatMap((d) => d.relocations)) {
    const constant = symbols[r.symbol]?.isSection ? constantOf(sections, symbols[r.symbol].name, r.addend, 8) : null;
    // A constant without a name is what its bytes are.
    r.means = constant === null ? `${named.get(symbols[r.symbol]?.at ?? "") ?? r.name} ${r.addend}` : `constant ${Buffer.from(constant).toString("hex")}`;
  }
  return definitions;
}

function definitionsOf(s: Section, rela: Section | undefined): Definition[] {
  const rows = rela === undefined ? [] : rowsOf(rela);
  let row = 0;
  return s.places.filter((p) => p.name !== "").map((p) => {
    const relocations: Relocation[] = [];
    while (row < rows.length && rows[row].offset < p.start) row += 1;
    for (let k = row; k < rows.length && rows[k].offset < p.end; k++) relocations.push({ ...rows[k], offset: rows[k].offset - p.start });
    const bytes = s.bytes.subarray(p.start, p.end);
    // A function of a Wasm module is named by its index too, which shifts.
    return { name: identityOf(p.name.replace(/^func \d+ /, ""), bytes), section: s.name, start: p.start, end: p.end, bytes, relocations };
  });
}

/**
 * The bytes of a constant that code reaches relative to itself, by the section's symbol: the distance counts from the end of
 * its field. They end where something that has a name begins.
 */
export function constantOf(sections: Section[], section: string, addend: number, size: number): Uint8Array {
  const s = sections.find((one) => one.name === section);
  const start = addend + 4;
  const next = s?.places.find((p) => p.start > start)?.start ?? start + size;
  return s?.bytes.subarray(start, Math.min(next, start + size)) ?? new Uint8Array(0);
}

export interface ObjectSymbol {
  /** "section start" of a definition, or "" for a name that is foreign. */
  at: string;
  name: string;
  /** Whether it stands for a section, so that the addend says what is meant. */
  isSection: boolean;
}

const STT_SECTION = 3;

/** The symbols of an object, by index. */
export function symbolsOf(sections: Section[]): ObjectSymbol[] {
  const symtab = sections.find((s) => s.name === ".symtab");
  if (symtab === undefined) return [];
  const view = new DataView(symtab.bytes.buffer, symtab.bytes.byteOffset, symtab.bytes.length);
  const order = sections.find((s) => s.name === "section headers")?.places ?? [];
  return symtab.places.map((p) => {
    const section = view.getUint16(p.start + 6, true);
    return { at: section === 0 ? "" : `${order[section]?.name ?? ""} ${view.getBigUint64(p.start + 8, true)}`, name: p.name, isSection: (view.getUint8(p.start + 4) & 15) === STT_SECTION };
  });
}

/** The rows of a section of relocations, by offset. */
function rowsOf(rela: Section): Relocation[] {
  const view = new DataView(rela.bytes.buffer, rela.bytes.byteOffset, rela.bytes.length);
  const rows: Relocation[] = [];
  for (let at = 0; at + ROW <= rela.bytes.length; at += ROW) {
    const name = rela.places[at / ROW]?.name ?? "";
    rows.push({ offset: Number(view.getBigUint64(at, true)), type: view.getUint32(at + 8, true), symbol: view.getUint32(at + 12, true), name, addend: Number(view.getBigInt64(at + 16, true)), means: "" });
  }
  return rows.sort((a, b) => a.offset - b.offset);
}

/** What two objects define otherwise, in file order. */
export interface Changed {
  functions: string[];
  data: string[];
  /** Definitions of both, 0 where neither can be read. */
  inAll: number;
}

/** The names of what is in one of two objects only, or has other bytes or relocations; functions are what lies in code. */
export function changedDefinitions(left: Uint8Array, right: Uint8Array): Changed {
  const [lefts, rights] = [left, right].map(definitionsIn);
  const starts = [lefts, rights].map((side) => new Map(side.map((d) => [`${d.section} ${d.start}`, d.name])));
  const waiting = new Map<string, Definition[]>();
  for (const d of rights) waiting.set(keyOf(d), [...(waiting.get(keyOf(d)) ?? []), d]);
  const changed: Definition[] = [];
  for (const d of lefts) {
    const twin = waiting.get(keyOf(d))?.shift();
    if (twin === undefined || !sameDefinition(d, twin, starts)) changed.push(d);
  }
  changed.push(...[...waiting.values()].flat());
  const names = (code: boolean): string[] => [...new Set(changed.filter((d) => isCode(d) === code).map((d) => d.name))];
  return { functions: names(true), data: names(false), inAll: lefts.length + rights.length };
}

export function isCode(d: Definition): boolean {
  return d.section === ".text" || d.section === "code";
}

function keyOf(d: Definition): string {
  return `${d.section} ${d.name}`;
}

/** `starts` are, for each side, the names of what begins where. */
function sameDefinition(a: Definition, b: Definition, starts: Map<string, string>[]): boolean {
  if (a.end - a.start !== b.end - b.start || a.relocations.length !== b.relocations.length) return false;
  const nameAt = (side: number, d: Definition, field: number): string | undefined => starts[side].get(`${d.section} ${d.start + targetOf(d.bytes, field)}`);
  const sameTarget = (field: number): boolean => nameAt(0, a, field) !== undefined && nameAt(0, a, field) === nameAt(1, b, field);
  if (firstUnlike(a.bytes, b.bytes, () => false, sameTarget) >= 0) return false;
  return a.relocations.every((r, k) => {
    const s = b.relocations[k];
    return r.offset === s.offset && r.type === s.type && r.means === s.means;
  });
}

/** Where the distance at `field` leads, from the start of the code. */
export function targetOf(code: Uint8Array, field: number): number {
  return field + 4 + new DataView(code.buffer, code.byteOffset, code.length).getInt32(field, true);
}

/**
 * The first byte that differs, -1 for none. What `skip` says is passed over, and so is a distance behind a call, a jump or an address
 * relative to the instruction, where both sides' lead to the same.
 */
export function firstUnlike(a: Uint8Array, b: Uint8Array, skip: (at: number) => boolean, sameTarget: (field: number) => boolean): number {
  const both = Math.min(a.length, b.length);
  for (let k = 0; k < both; k++) {
    if (a[k] === b[k] || skip(k)) continue;
    const field = [k, k - 1, k - 2, k - 3].find((f) => f + 4 <= both && isDistance(a, f) && isDistance(b, f) && sameTarget(f));
    if (field === undefined) return k;
    k = field + 3;
  }
  return a.length === b.length ? -1 : both;
}

/** Whether the bytes before are those of call, jmp, a conditional jump, or lea relative to the instruction. */
function isDistance(code: Uint8Array, field: number): boolean {
  const [before, last] = [code[field - 2], code[field - 1]];
  return last === 0xe8 || last === 0xe9 || (before === 0x0f && (last & 0xf0) === 0x80) || (before === 0x8d && (last & 0xc7) === 5);
}
