// What an object defines: functions and data, each with its own bytes and what is relocated in them.
// In -> out: the bytes of an object, to definitions in file order; two objects, to the names of what they define otherwise.
// A relocation names the symbol that it is of, so what only lies elsewhere is equal.

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
}

export interface Definition {
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

/** The definitions of an object, of a Wasm module its functions; none of what cannot be read. */
export function definitionsIn(file: Uint8Array): Definition[] {
  const sections = sectionsOf(file) ?? [];
  return sections.filter((s) => !tables.test(s.name)).flatMap((s) => definitionsOf(s, sections.find((other) => other.name === `.rela${s.name}`)));
}

function definitionsOf(s: Section, rela: Section | undefined): Definition[] {
  const rows = rela === undefined ? [] : rowsOf(rela);
  let row = 0;
  return s.places.filter((p) => p.name !== "").map((p) => {
    const relocations: Relocation[] = [];
    while (row < rows.length && rows[row].offset < p.start) row += 1;
    for (let k = row; k < rows.length && rows[k].offset < p.end; k++) relocations.push({ ...rows[k], offset: rows[k].offset - p.start });
    // A function of a Wasm module is named by its index too, which shifts.
    return { name: p.name.replace(/^func \d+ /, ""), section: s.name, start: p.start, end: p.end, bytes: s.bytes.subarray(p.start, p.end), relocations };
  });
}

/** The rows of a section of relocations, by offset. */
export function rowsOf(rela: Section): Relocation[] {
  const view = new DataView(rela.bytes.buffer, rela.bytes.byteOffset, rela.bytes.length);
  const rows: Relocation[] = [];
  for (let at = 0; at + ROW <= rela.bytes.length; at += ROW) {
    const name = rela.places[at / ROW]?.name ?? "";
    rows.push({ offset: Number(view.getBigUint64(at, true)), type: view.getUint32(at + 8, true), symbol: view.getUint32(at + 12, true), name, addend: Number(view.getBigInt64(at + 16, true)) });
  }
  return rows.sort((a, b) => a.offset - b.offset);
}

/** What two objects define otherwise, in file order. */
export interface Changed {
  functions: string[];
  data: string[];
}

/** The names of what is in one of two objects only, or has other bytes or relocations; functions are what lies in code. */
export function changedDefinitions(left: Uint8Array, right: Uint8Array): Changed {
  const waiting = new Map<string, Definition[]>();
  for (const d of definitionsIn(right)) waiting.set(keyOf(d), [...(waiting.get(keyOf(d)) ?? []), d]);
  const changed: Definition[] = [];
  for (const d of definitionsIn(left)) {
    const twin = waiting.get(keyOf(d))?.shift();
    if (twin === undefined || !sameDefinition(d, twin)) changed.push(d);
  }
  changed.push(...[...waiting.values()].flat());
  const names = (code: boolean): string[] => [...new Set(changed.filter((d) => isCode(d) === code).map((d) => d.name))];
  return { functions: names(true), data: names(false) };
}

export function isCode(d: Definition): boolean {
  return d.section === ".text" || d.section === "code";
}

function keyOf(d: Definition): string {
  return `${d.section} ${d.name}`;
}

function sameDefinition(a: Definition, b: Definition): boolean {
  if (a.end - a.start !== b.end - b.start || !Buffer.from(a.bytes).equals(b.bytes) || a.relocations.length !== b.relocations.length) return false;
  return a.relocations.every((r, k) => {
    const s = b.relocations[k];
    return r.offset === s.offset && r.type === s.type && r.name === s.name && r.addend === s.addend;
  });
}
