// The first difference between two compilers' dumps of one program.
// In -> out: two folders of dumps (the same file names in both), to the first stage, function and line that differ, as a
// diff of that function. Stages come in the order of the pipeline, which is that of the file names. Functions are told
// apart by the lines that begin them, so one early difference does not hide which function it is in.

import * as fs from "node:fs";
import * as path from "node:path";
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from "diff";

export interface DumpDifference {
  /** As --dump names it, with "_" for ":". */
  stage: string;
  /** The name of the dump's file on both sides. */
  file: string;
  /** The function, or the declaration where a stage has none, "" for none. */
  func: string;
  /** Of the dump, from 1. */
  line: number;
  /** In the unified form, with line numbers of the dumps. */
  diff: string;
}

/** How a stage's dump begins a function or declaration; the one group that matched is its name. */
const heads: [string, RegExp][] = [
  ["tokens", /^\/\/ (.+)$/],
  ["ast", /^(?:export |extern |packed )*(?:fn|struct|union|enum|trait|impl|const|var|type|test|error|import) ([\w."]+)/],
  ["types", /^\w+ \d+ (.+?) -> |^(?:constant|global) (.+?): |^(?:struct|union|enum|distinct|error_set) (\S+)/],
  ["ir", /^(?:func|define|declare|data) (?:'([^']*)'|(\S+))/],
  ["clif", /^(?:func|define|declare|data) (?:'([^']*)'|(\S+))/],
  ["wasm", /^(?:func|symbol|data|global) \d+ (?:\w+ )?"(.*?)"(?: |$)/],
  ["vcode", /^vcode (.+?) {2}outgoing /],
  ["alloc", /^(?!slots \d|block\d)(\S.*)$/],
  ["asm", /^(?!L\d+:$)(\S.*):$/],
  ["obj", /^section (\S+)|^(?:local|global) (.+?) (?:undefined |[.\w]+\+\d+ size )/],
];

/** Lines of a function that a diff shows before the first difference, and behind it. */
const BEFORE = 40;
const BEHIND = 80;

/** The first difference, or null when all dumps are equal. */
export function firstDumpDifference(left: string, right: string): DumpDifference | null {
  const files = [...new Set([...namesIn(left), ...namesIn(right)])].sort();
  for (const file of files) {
    const a = readIf(path.join(left, file));
    const b = readIf(path.join(right, file));
    if (a === b) continue;
    const stage = file.replace(/^\d+_|\.txt$/g, "");
    return differenceIn(stage, file, linesOf(a), linesOf(b), [path.basename(left), path.basename(right)]);
  }
  return null;
}

function namesIn(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder).filter((f) => f.endsWith(".txt")) : [];
}

function readIf(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, "latin1") : "";
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function differenceIn(stage: string, file: string, a: string[], b: string[], sides: string[]): DumpDifference {
  let line = 0;
  while (line < a.length && line < b.length && a[line] === b[line]) line += 1;
  const head = heads.find(([name]) => stage === name || stage.startsWith(`${name}_`))?.[1] ?? /^(\S.*)$/;
  // The text that has more is the one that says what the other lacks.
  const more = line < a.length ? a : b;
  let start = Math.min(line, Math.max(more.length - 1, 0));
  while (start > 0 && !head.test(more[start])) start -= 1;
  const found = head.exec(more[start] ?? "");
  const from = Math.max(start, line - BEFORE);
  const cut = (lines: string[]): string => {
    let end = line + 1;
    while (end < lines.length && end < line + BEHIND && !head.test(lines[end])) end += 1;
    return lines.slice(from, end).map((l) => `${l}\n`).join("");
  };
  const patch = structuredPatch(`${sides[0]}/${file}`, `${sides[1]}/${file}`, cut(a), cut(b), undefined, undefined, { context: 5 });
  for (const h of patch.hunks) {
    h.oldStart += from;
    h.newStart += from;
  }
  return { stage, file, func: found?.slice(1).find((g) => g !== undefined) ?? "", line: line + 1, diff: formatPatch(patch, FILE_HEADERS_ONLY) };
}
