// The units of the comparison: every program of test/run and the tests of every std module, for both targets.
// In -> out: units and two compilers, to the bytes that each side gave of each, and an explanation where they differ.
// The left compiler takes one unit after another; the right one, whose processes are its own, uses what is left of the
// machine. A unit is a difference too when a compiler fails: nothing that does not compile proves anything.

import * as fs from "node:fs";
import * as path from "node:path";
import { matchesGlob } from "../stage0/base/glob.ts";
import type { Compiler, Run } from "./compilers.ts";
import { explain, readOutput } from "./explain.ts";
import { addUnit, type Report } from "./report.ts";

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
export function wordsOf(p: Places, u: Unit, output: string, emit = "obj"): string[] {
  return [u.tests ? "test" : "build", path.join(p.root, u.file), `--target=${u.target}`, `--emit=${emit}`, `--std=${p.root}/std`, "-o", output];
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
  r.progress = { done: 0, all: units.length };
  const lane = async (side: number): Promise<void> => {
    while (next[side] < units.length && !stopped) {
      const at = next[side]++;
      runs[side][at] = await sides[side].run(wordsOf(p, units[at], outputOf(p, units[at], sides[side].name)));
      if (runs[1 - side][at] === undefined) continue;
      r.progress.done += 1;
      if (!sameFiles(p, sides, units[at], [runs[0][at], runs[1][at]]) && !keepGoing) stopped = true;
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

function sameFiles(p: Places, sides: Compiler[], u: Unit, runs: Run[]): boolean {
  const [a, b] = readOutputs(p, sides, u, runs);
  return a !== null && b !== null && a.equals(b);
}

async function judge(p: Places, r: Report, sides: Compiler[], u: Unit, runs: Run[]): Promise<void> {
  const [a, b] = readOutputs(p, sides, u, runs);
  if (addUnit(r, u.file, u.target, a, b)) return;
  await explain(p.report, r, { unit: u.file, target: u.target, sides, runs, files: [a, b], words: (output, emit) => wordsOf(p, u, output, emit) });
}
