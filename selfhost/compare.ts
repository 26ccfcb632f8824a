// The first difference between two compilers' dumps of one program.
// In -> out: two folders of dumps (the same file names in both), to the first stage, function and line that differ, as a
// diff of that function. Stages come in the order of the pipeline, which is that of the file names. Functions are told
// apart by the lines that begin them, so one early difference does not hide which function it is in.

import * as fs from "node:fs";
import * as path from "node:path";
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from "diff";
import { headOf, linesOf, nameIn, stageOf } from "./functions.ts";

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
    return differenceIn(stageOf(file), file, linesOf(a), linesOf(b), [path.basename(left), path.basename(right)]);
  }
  return null;
}

/** The dumps in a folder, in the order of the pipeline. */
export function namesIn(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder).filter((f) => f.endsWith(".txt")) : [];
}

/** The text of a dump as bytes, "" where there is none. */
export function readIf(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, "latin1") : "";
}

function differenceIn(stage: string, file: string, a: string[], b: string[], sides: string[]): DumpDifference {
  let line = 0;
  while (line < a.length && line < b.length && a[line] === b[line]) line += 1;
  const head = headOf(stage);
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
  return { stage, file, func: nameIn(found), line: line + 1, diff: formatPatch(patch, FILE_HEADERS_ONLY) };
}
