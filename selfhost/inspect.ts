// One function in every stage and pass.
// In -> out: a folder of a compiler's dumps and a function's name, to the columns of a page: each stage's lines, the place
// in the source that each comes from, and which of them the pass brought. Or, in words, why there is none.

import * as path from "node:path";
import { matchesGlob } from "../stage0/base/glob.ts";
import { clifPasses } from "../stage0/clif/passes.ts";
import { irPasses } from "../stage0/ir/passes.ts";
import { alignTexts } from "./align.ts";
import { namesIn, readIf } from "./compare.ts";
import { linesOf, partsOf, stageOf } from "./functions.ts";
import { functionLines, placeAt, placeOfToken, type Places, readPlaces, type SourceLines } from "./places.ts";

export interface ColumnLine {
  text: string;
  /** "file:line:column", "" where none is known. */
  place: string;
  /** Whether the pass before did not have it. */
  isNew: boolean;
}

export interface Column {
  stage: string;
  /** Why the pass stands where it does, "" for a stage. */
  why: string;
  lines: ColumnLine[];
  /** The same as the pass before left it. */
  unchanged: boolean;
  /** Lines of the pass before that are not here. */
  removed: number;
}

export interface Inspection {
  func: string;
  program: string;
  target: string;
  compiler: string;
  columns: Column[];
}

export interface Subject {
  dumps: string;
  func: string;
  program: string;
  root: string;
  std: string;
  target: string;
  compiler: string;
}

/** All stages of a function. */
export function inspect(s: Subject): Inspection | string {
  const texts = new Map(namesIn(s.dumps).sort().map((file) => [stageOf(file), readIf(path.join(s.dumps, file))]));
  const func = chooseFunction(texts, s.func);
  if (func.name === "") return func.problem;
  const tokens = linesOf(texts.get("tokens") ?? "");
  const places = readPlaces(texts.get("tokens") ?? "", texts.get("wasm") ?? "", s.root, s.std);
  const types = partOf("types", texts.get("types") ?? "", func.name);
  const start = /@(\d+)$/.exec(types[0] ?? "");
  const source = start === null ? null : functionLines(places, tokens, placeAt(places, Number(start[1])));
  const columns: Column[] = [];
  if (source !== null) columns.push(sourceColumn(places, source));
  for (const [stage, text] of texts) {
    const lines = stage === "tokens" ? tokensOf(tokens, source) : stage === "ast" ? treeOf(linesOf(text), source, func.name) : partOf(stage, text, func.name);
    columns.push(columnOf(stage, lines, places, source, columns));
  }
  placeAllocation(columns);
  return { func: func.name, program: s.program, target: s.target, compiler: s.compiler, columns };
}

/** The function that is meant: of that very name, or the only one whose name ends so, or matches. */
function chooseFunction(texts: Map<string, string>, wanted: string): { name: string; problem: string } {
  const names = partsOf("ir", linesOf(texts.get("ir") ?? "")).map((p) => p.name).filter((name) => name !== "");
  const fits = [names.filter((n) => n === wanted), names.filter((n) => n.endsWith(`.${wanted}`)), names.filter((n) => matchesGlob(wanted, n))].find((list) => list.length > 0) ?? [];
  if (fits.length === 1) return { name: fits[0], problem: "" };
  if (fits.length > 1) return { name: "", problem: `several functions are named so, take one of: ${fits.slice(0, 10).join(", ")}` };
  const others = [...(texts.get("wasm") ?? "").matchAll(/^func \d+ "(.*?)" type \d+(?! imported)/gm)].map((m) => m[1]);
  const near = others.filter((n) => n.toLowerCase().includes(wanted.toLowerCase().split(".").at(-1) ?? ""));
  const list = (near.length > 0 ? near : others.filter((n) => !n.startsWith("std/"))).slice(0, 10).join(", ");
  return { name: "", problem: `the program has no function '${wanted}' that can be reached${list === "" ? "" : `; it has ${list}`}` };
}

/** The lines of the function in a stage; none when it is not there any more. */
function partOf(stage: string, text: string, func: string): string[] {
  const lines = linesOf(text);
  const all = partsOf(stage, lines);
  const own = all.filter((p) => p.name === func);
  // The checker names an exported function by its module, too.
  const parts = own.length === 0 && stage === "types" ? all.filter((p) => p.name.endsWith(`.${func}`)) : own;
  // The symbols and sections of a module name a function in lines of their own.
  return parts.flatMap((p) => (stage === "obj" || /^symbol /.test(lines[p.start]) ? [lines[p.start]] : lines.slice(p.start, p.end)));
}

function tokensOf(lines: string[], source: SourceLines | null): string[] {
  if (source === null) return [];
  const start = lines.indexOf(`// ${source.file}`) + 1;
  const end = lines.findIndex((line, k) => k >= start && line.startsWith("// "));
  return lines.slice(start, end < 0 ? lines.length : end).filter((line) => {
    const at = Number(line.split(":")[0]);
    return at >= source.first && at <= source.last;
  });
}

/** The declaration in the syntax tree: the dump has no positions, so it is found by name within the file. */
function treeOf(lines: string[], source: SourceLines | null, func: string): string[] {
  if (source === null) return [];
  const start = lines.indexOf(`// ${source.file}`) + 1;
  const names = func.replace(/\([^()]*\)/g, "").replace(/^.*\//, "").split(".").reverse();
  for (const name of names) {
    for (let k = start; k < lines.length && !lines[k].startsWith("// "); k++) {
      const found = /^( *)(?:export |static )*fn ([\w]+)/.exec(lines[k]);
      if (found === null || found[2] !== name) continue;
      const end = lines.findIndex((line, at) => at >= k && line.startsWith(`${found[1]}}`));
      return lines.slice(k, end + 1);
    }
  }
  return [];
}

function sourceColumn(places: Places, source: SourceLines): Column {
  const text = places.files.find((f) => f.name === source.file)?.text ?? "";
  const lines = text.split("\n").slice(source.first - 1, source.last);
  const shown = lines.map((line, k) => ({ text: line.replace(/\r$/, ""), place: `${source.file}:${source.first + k}:1`, isNew: false }));
  return { stage: "source", why: "", lines: shown, unchanged: false, removed: 0 };
}

function columnOf(stage: string, texts: string[], places: Places, source: SourceLines | null, before: Column[]): Column {
  const why = [...irPasses.map((p) => [`ir_${p.name}`, p.why]), ...clifPasses.map((p) => [`clif_${p.name}`, p.why])].find(([name]) => name === stage)?.[1] ?? "";
  const last = why === "" ? undefined : before.at(-1);
  const lines = texts.map((text) => ({ text, place: placeOf(stage, text, places, source), isNew: false }));
  if (stage === "wasm") carryPlaces(lines);
  if (last === undefined) return { stage, why, lines, unchanged: false, removed: 0 };
  const old = last.lines.map((line) => line.text);
  if (old.join("\n") === texts.join("\n")) return { stage, why, lines, unchanged: true, removed: 0 };
  let removed = 0;
  for (const row of alignTexts(stage, old, texts)) {
    if (row.kind === "left" || row.kind === "changed") removed += 1;
    if (row.right >= 0 && row.kind !== "same") lines[row.right].isNew = true;
  }
  return { stage, why, lines, unchanged: false, removed };
}

function placeOf(stage: string, line: string, places: Places, source: SourceLines | null): string {
  if (stage === "tokens") return source === null ? "" : placeOfToken(places, source.file, line);
  if (stage === "wasm") return /^ *;; \d+ (.+:\d+:\d+)$/.exec(line)?.[1] ?? "";
  const named = /^clif/.test(stage) ? / {2}; @\d+ (.+:\d+:\d+)$/.exec(line) : null;
  if (named !== null) return named[1];
  const found = /(?:; @?|@)(\d+)$/.exec(line);
  if (found === null) return "";
  if (/^(vcode|asm)/.test(stage)) return places.entries[Number(found[1])] ?? "";
  return placeAt(places, Number(found[1]));
}

/** An entry of the line table stands before the instruction that it is of. */
function carryPlaces(lines: ColumnLine[]): void {
  for (let k = 1; k < lines.length; k++) if (lines[k].place === "" && / ;; |^;; /.test(lines[k - 1].text)) lines[k].place = lines[k - 1].place;
}

/** The allocation has no positions of its own, but the instructions of vcode in their order. */
function placeAllocation(columns: Column[]): void {
  const vcode = columns.find((c) => c.stage === "vcode");
  const alloc = columns.find((c) => c.stage === "alloc");
  if (vcode === undefined || alloc === undefined) return;
  const places = vcode.lines.filter((line) => /^ {2}(?!pass )\S/.test(line.text)).map((line) => line.place);
  for (const line of alloc.lines) {
    const found = /^ {2}(\d+) {2}/.exec(line.text);
    if (found !== null) line.place = places[Number(found[1])] ?? "";
  }
}
