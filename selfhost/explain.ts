// Where two compilers first differ on a program: in the file that they wrote, and in the stages that they dump.
// In -> out: both compilers, what they wrote and the words that compile it, to a difference of the report. Both compile the
// program again, at once. The files say which functions came out otherwise, so only those are dumped, in all stages and
// passes of one run. Where they differ before the code generator, what was left out may differ earlier: the stages up to ir are then
// dumped whole. Whole programs go through all stages only where nothing else differs. Of the dumps, the two that differ first stay.

import * as fs from "node:fs";
import * as path from "node:path";
import { type DumpDifference, firstDumpDifference, namesIn } from "./compare.ts";
import type { Compiler, Run } from "./compilers.ts";
import { type Changed, changedDefinitions } from "./definitions.ts";
import { byteMap, stagesOf } from "./evidence.ts";
import { stageOf } from "./functions.ts";
import { firstObjectDifference } from "./object_diff.ts";
import { addDifference, type Report } from "./report.ts";

/** A program that came out differently. */
export interface Case {
  unit: string;
  target: string;
  sides: Compiler[];
  runs: Run[];
  files: (Buffer | null)[];
  /** The words that compile it to a file, of the kind that the comparison is of or of another (--emit). */
  words: (output: string, emit?: string) => string[];
}

/** What a run wrote, or null when it failed or wrote nothing. */
export function readOutput(file: string, run: Run): Buffer | null {
  return run.status === 0 && fs.existsSync(file) ? fs.readFileSync(file) : null;
}

/** What a compiler that failed said, "" for one that did not. */
export function failureOf(side: Compiler, run: Run, file: Buffer | null): string {
  if (run.status !== 0) return `${side.name} failed with status ${run.status}: ${run.text}`;
  return file === null ? `${side.name} wrote nothing` : "";
}

/** What the compilers that failed on a program said. */
export function saidBy(c: Case): string {
  return c.sides.map((side, k) => failureOf(side, c.runs[k], c.files[k])).filter((text) => text !== "").join("\n");
}

/** The stages in order. A pass stands behind the stage that it begins with, by its name. */
const stages = ["tokens", "ast", "types", "ir", "wasm", "clif", "vcode", "alloc", "asm", "obj"];
const SOURCE = "tokens,ast,types,ir";
const passesBefore: Record<string, string> = { wasm: "ir", vcode: "clif" };

function rankOf(stage: string): number {
  return stages.indexOf(stage.split("_")[0]);
}

/** Functions that are dumped at first; where more differ, the first of them. */
const MOST_FUNCTIONS = 32;
/** Differences of which the stages that are equal are shown too; of more, a report would be too large to read. */
const WHOLE = 5;

/** Has both sides dump stages, of some functions only where there are globs; where all dumps so far first differ. */
async function dump(c: Case, dirs: string[], show: string, globs: string[], emit?: string): Promise<DumpDifference | null> {
  await Promise.all(c.sides.map(async (side, k) => {
    const folder = path.join(dirs[k], "new");
    // A symbol that holds a star matches itself, and a few others.
    const only = globs.length === 0 ? [] : [`--fn=${globs.map((name) => name.replaceAll("\n", "*")).join("\n")}`];
    const words = emit === "check" ? checkWords(c.words("")) : c.words(path.join(dirs[k], "again"), emit);
    await side.run([...words, `--dump=${show}`, `--dump-dir=${folder}`, ...only]);
    for (const file of namesIn(folder)) takeDump(folder, file, dirs[k]);
    fs.rmSync(folder, { recursive: true, force: true });
  }));
  return firstDumpDifference(dirs[0], dirs[1]);
}

/** The words that only check a program. */
function checkWords(words: string[]): string[] {
  return ["check", words[1], ...words.filter((w) => /^--(root|std|target)=/.test(w))];
}

/** Moves a dump to the others, under a name that sorts in the order of the pipeline; it replaces one of the same stage. */
function takeDump(from: string, file: string, to: string): void {
  const stage = stageOf(file);
  for (const old of namesIn(to)) if (stageOf(old) === stage) fs.rmSync(path.join(to, old));
  const pass = stages.includes(stage) ? "" : `p${file.split("_")[0]}`;
  fs.renameSync(path.join(from, file), path.join(to, `${String(rankOf(stage)).padStart(2, "0")}${pass}_${stage}.txt`));
}

/** The stages before Wasm, whole: not the functions alone that came out otherwise. Where these are checked otherwise, checking them again is all it takes. */
function dumpSource(c: Case, dirs: string[], first: DumpDifference): Promise<DumpDifference | null> {
  const checked = rankOf(first.stage) <= rankOf("types") && c.words("")[0] === "build";
  return checked ? dump(c, dirs, "tokens,ast,types", [], "check") : dump(c, dirs, SOURCE, [], "wasm-obj");
}

/** Where the dumps of a case first differ; they come to lie in a folder for each side. */
async function dumpBoth(c: Case, dirs: string[], changed: Changed | null): Promise<DumpDifference | null> {
  let first: DumpDifference | null = null;
  const asked = (changed?.functions ?? []).slice(0, MOST_FUNCTIONS);
  if (asked.length > 0) first = await dump(c, dirs, "types,ir,ir:all,wasm,clif,clif:all,vcode,alloc,asm,obj", asked, "obj");
  // Data alone comes from the sources by way of the module; or a compiler failed.
  else first = await dump(c, dirs, `${SOURCE},wasm,obj`, [], "obj");
  if (asked.length > 0 && first !== null && rankOf(first.stage) <= rankOf("wasm")) first = await dumpSource(c, dirs, first);
  if (first === null && isEmpty(changed)) return null;
  first ??= await dump(c, dirs, `${SOURCE},wasm,clif,vcode,alloc,asm,obj`, [], "obj");
  const set = passesBefore[first?.stage ?? ""];
  if (first === null || set === undefined || asked.includes(first.func)) return first;
  // The function alone takes less time than the program; what differs may be no function, though.
  if (first.func !== "") first = await dump(c, dirs, `${set}:all`, [first.func]);
  return first !== null && first.stage.startsWith(`${set}_`) ? first : dump(c, dirs, `${set}:all`, []);
}

/** Whether all that two objects define is equal, so that they differ in what is said of it. */
function isEmpty(changed: Changed | null): boolean {
  return changed !== null && changed.inAll > 0 && changed.functions.length + changed.data.length === 0;
}

/** Says where two compilers first differ on a program. */
export async function explain(folder: string, r: Report, c: Case): Promise<void> {
  const [a, b] = c.files;
  const object = a === null || b === null ? null : firstObjectDifference(a, b);
  const base = path.join(folder, `${c.unit.replace(/\.cot$/, "").replaceAll(/[/ ]/g, "_")}.${c.target}`);
  const dirs = c.sides.map((side) => `${base}.${side.name}.dumps`);
  for (const dir of dirs) fs.mkdirSync(dir, { recursive: true });
  const changed = a === null || b === null ? null : changedDefinitions(a, b);
  const found = await dumpBoth(c, dirs, changed);
  const names = found === null ? [] : [found.func, object?.symbol ?? "", object?.resized?.symbol ?? ""];
  const shown = found === null ? [] : stagesOf(dirs[0], dirs[1], names).filter((s) => !s.equal || r.differences.length < WHOLE);
  for (const dir of dirs) {
    for (const file of fs.readdirSync(dir)) if (file !== found?.file) fs.rmSync(path.join(dir, file));
    if (found === null) fs.rmdirSync(dir);
  }
  const equal = isEmpty(changed) ? "all functions and data are equal, and so are the dumps of the sources, the module and the object" : "all dumps are equal";
  const note = found === null ? `${equal}: the difference comes after the last stage that can be shown` : "";
  const map = object === null || a === null || b === null ? null : byteMap(a, b, object);
  addDifference(r, { unit: c.unit, target: c.target, compilers: c.sides.map((side) => side.name), said: saidBy(c), note, object, dump: found, map, stages: shown });
}
