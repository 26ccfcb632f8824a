// The units of the comparison: every program of test/run and the tests of every std module, for both targets.
// In -> out: units and two compilers, to the bytes that each side gave of each, and an explanation where they differ.
// The left compiler takes one unit after another; the right one, whose processes are its own, uses what is left of the
// machine. A unit is a difference too when a compiler fails: nothing that does not compile proves anything.

import * as fs from "node:fs";
import * as path from "node:path";
import { matchesGlob } from "../stage0/base/glob.ts";
import { type DumpDifference, firstDumpDifference, namesIn } from "./compare.ts";
import type { Compiler, Run } from "./compilers.ts";
import { byteMap, stagesOf } from "./evidence.ts";
import { stageOf } from "./functions.ts";
import { firstObjectDifference } from "./object_diff.ts";
import { addDifference, addUnit, type Report } from "./report.ts";

export interface Unit {
  /** Below the root. */
  file: string;
  target: string;
  /** Whether what is compiled is the program of the file's tests. */
  tests: boolean;
}

/** Where things are. */
export interface Places {
  root: string;
  /** Folder for what differs. */
  report: string;
}

export const targets = ["x86_64-linux", "wasm32"];

/** The units whose name matches: the path of the file or its last part, without the ending. */
export function listUnits(root: string, glob: string): Unit[] {
  const files: { file: string; tests: boolean }[] = [];
  for (const file of sourcesIn(root, "std")) {
    if (/^test /m.test(fs.readFileSync(path.join(root, file), "latin1"))) files.push({ file, tests: true });
  }
  for (const file of sourcesIn(root, "test/run")) files.push({ file, tests: false });
  const units: Unit[] = [];
  for (const { file, tests } of files) {
    const name = file.slice(0, -4);
    if (!matchesGlob(glob, name) && !matchesGlob(glob, path.basename(name))) continue;
    for (const target of targets) units.push({ file, target, tests });
  }
  return units;
}

function sourcesIn(root: string, folder: string): string[] {
  const found = fs.readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" });
  return found.filter((f) => f.endsWith(".cot")).map((f) => `${folder}/${f}`).sort();
}

/** The words that have a compiler write a unit's object. */
function wordsOf(p: Places, u: Unit, output: string): string[] {
  return [u.tests ? "test" : "build", path.join(p.root, u.file), `--target=${u.target}`, "--emit=obj", `--std=${p.root}/std`, "-o", output];
}

function outputOf(p: Places, u: Unit, side: string): string {
  return path.join(p.report, `${u.file.slice(0, -4).replaceAll("/", "_")}.${u.target}.${side}`);
}

/** Compiles all units with both compilers and compares them, until one differs or to the end; the peak of memory. */
export async function compareUnits(p: Places, r: Report, left: Compiler, right: Compiler, units: Unit[], keepGoing: boolean): Promise<number> {
  const sides = [left, right];
  const runs: Run[][] = [[], []];
  const next = [0, 0];
  let stopped = false;
  const lane = async (side: number): Promise<void> => {
    while (next[side] < units.length && !stopped) {
      const at = next[side]++;
      runs[side][at] = await sides[side].run(wordsOf(p, units[at], outputOf(p, units[at], sides[side].name)));
      if (runs[1 - side][at] !== undefined && !sameFiles(p, sides, units[at], [runs[0][at], runs[1][at]]) && !keepGoing) stopped = true;
    }
  };
  await Promise.all([lane(0).then(() => lane(1)), lane(1)]);
  for (let at = 0; at < units.length; at++) {
    if (runs[0][at] !== undefined && runs[1][at] !== undefined) await judge(p, r, sides, units[at], [runs[0][at], runs[1][at]]);
  }
  for (const u of units) for (const side of sides) fs.rmSync(outputOf(p, u, side.name), { force: true });
  return Math.max(0, ...runs.flat().map((run) => run.peak));
}

function readOutputs(p: Places, sides: Compiler[], u: Unit, runs: Run[]): (Buffer | null)[] {
  return sides.map((side, k) => readOutput(outputOf(p, u, side.name), runs[k]));
}

/** What a run wrote, or null when it failed or wrote nothing. */
export function readOutput(file: string, run: Run): Buffer | null {
  return run.status === 0 && fs.existsSync(file) ? fs.readFileSync(file) : null;
}

function sameFiles(p: Places, sides: Compiler[], u: Unit, runs: Run[]): boolean {
  const [a, b] = readOutputs(p, sides, u, runs);
  return a !== null && b !== null && a.equals(b);
}

async function judge(p: Places, r: Report, sides: Compiler[], u: Unit, runs: Run[]): Promise<void> {
  const [a, b] = readOutputs(p, sides, u, runs);
  if (addUnit(r, u.file, u.target, a, b)) return;
  await explain(p, r, { unit: u.file, target: u.target, sides, runs, files: [a, b], words: (output) => wordsOf(p, u, output) });
}

/** What a compiler that failed said, "" for one that did not. */
export function failureOf(side: Compiler, run: Run, file: Buffer | null): string {
  if (run.status !== 0) return `${side.name} failed with status ${run.status}: ${run.text}`;
  return file === null ? `${side.name} wrote nothing` : "";
}

/** What the compilers that failed on a unit said. */
export function saidBy(c: Case): string {
  return c.sides.map((side, k) => failureOf(side, c.runs[k], c.files[k])).filter((text) => text !== "").join("\n");
}

/** Differences of which the stages that are equal are shown too; of more, a report would be too large to read. */
const WHOLE = 5;

/** A unit that came out differently. */
export interface Case {
  unit: string;
  target: string;
  sides: Compiler[];
  runs: Run[];
  files: (Buffer | null)[];
  /** The words that compile it to a file. */
  words: (output: string) => string[];
}

/** The stages that are dumped first; the many passes before one of them are dumped only where it is the first that differs. */
const MAIN_STAGES = "tokens,ast,types,ir,wasm,clif,vcode,alloc,asm,obj";
const passesBefore: Record<string, string> = { wasm: "ir", vcode: "clif" };

/** Has both sides dump a case into folders of their own; where the dumps first differ. */
async function dumpBoth(c: Case, outputs: string[], dirs: string[]): Promise<DumpDifference | null> {
  const dump = (to: string[], ...words: string[]) => Promise.all(c.sides.map((side, k) => side.run([...c.words(outputs[k]), ...words, `--dump-dir=${to[k]}`])));
  await dump(dirs, `--dump=${MAIN_STAGES}`);
  const first = firstDumpDifference(dirs[0], dirs[1]);
  const set = passesBefore[first?.stage ?? ""];
  if (first === null || set === undefined) return first;
  const passes = dirs.map((dir) => path.join(dir, "passes"));
  // The function alone takes less time than the program; what differs may be no function, though.
  if (first.func !== "") await dump(passes, `--dump=${set}:all`, `--fn=${first.func}`);
  if (firstDumpDifference(passes[0], passes[1]) === null) await dump(passes, `--dump=${set}:all`);
  for (const [k, dir] of dirs.entries()) {
    // A pass stands behind the stage that it begins with, by its name.
    const stage = fs.readdirSync(dir).find((file) => stageOf(file) === set)?.split("_")[0] ?? "";
    for (const file of namesIn(passes[k])) fs.renameSync(path.join(passes[k], file), path.join(dir, `${stage}p${file}`));
    fs.rmSync(passes[k], { recursive: true, force: true });
  }
  return firstDumpDifference(dirs[0], dirs[1]);
}

/**
 * Says where two compilers first differ on a unit: in the file that they wrote, and in the dumps, for which both
 * compile it again. Of the dumps, the two that differ first stay in the report's folder.
 */
export async function explain(p: Places, r: Report, c: Case): Promise<void> {
  const object = c.files[0] === null || c.files[1] === null ? null : firstObjectDifference(c.files[0], c.files[1]);
  const base = path.join(p.report, `${c.unit.replace(/\.cot$/, "").replaceAll(/[/ ]/g, "_")}.${c.target}`);
  const dirs = c.sides.map((side) => `${base}.${side.name}.dumps`);
  const again = dirs.map((dir) => `${dir}/again`);
  for (const dir of dirs) fs.mkdirSync(dir, { recursive: true });
  const dump = await dumpBoth(c, again, dirs);
  const names = dump === null ? [] : [dump.func, object?.symbol ?? "", object?.resized?.symbol ?? ""];
  const stages = dump === null ? [] : stagesOf(dirs[0], dirs[1], names).filter((s) => !s.equal || r.differences.length < WHOLE);
  for (const dir of dirs) {
    for (const file of fs.readdirSync(dir)) if (file !== dump?.file) fs.rmSync(path.join(dir, file));
    if (dump === null) fs.rmdirSync(dir);
  }
  const note = dump === null ? "all dumps are equal: the difference comes after the last stage that can be shown" : "";
  const map = object === null || c.files[0] === null || c.files[1] === null ? null : byteMap(c.files[0], c.files[1], object);
  addDifference(r, { unit: c.unit, target: c.target, compilers: c.sides.map((side) => side.name), said: saidBy(c), note, object, dump, map, stages });
}
