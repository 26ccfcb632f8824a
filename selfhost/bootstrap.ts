// The bootstrap: what `node bootstrap.ts` does.
// In -> out: the project's folder and the command line, to an exit status: 0 equal, 1 different, 2 wrong usage or the
// environment lacks something. stage0 compiles stage1 to cot1, cot1 compiles the same source to cot2, cot2 to cot3, and
// their objects and executables are compared; then stage1 compiled to Wasm compiles stage1; then all units are compiled
// with stage0 and with cot1 and compared. Without a linker, or on another machine, the circle closes on Wasm alone.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findLinker } from "../stage0/link/link.ts";
import { type Compiler, processCompiler, type Run, stage0Worker } from "./compilers.ts";
import { artifactsIn, configurationOf, readLast } from "./config.ts";
import { readEngines } from "./engines_rows.ts";
import { byteMap } from "./evidence.ts";
import { type Case, explain, failureOf, readOutput, saidBy } from "./explain.ts";
import { firstObjectDifference } from "./object_diff.ts";
import { readSettings, type Settings, Stop } from "./options.ts";
import { addDifference, addStep, addUnit, finishReport, newReport, note, type Report } from "./report.ts";
import { closeOnWasm, compareThirdHost } from "./third_host.ts";
import { typedCommand, typedPath } from "./typed.ts";
import { compareUnits, targets, wordsOf } from "./units.ts";
import { circleWords, verifyCommand } from "./verify.ts";

/** Runs the bootstrap of the project in a folder. `stage0` compiles stage1: a process for each run where none is given. */
export async function bootstrap(root: string, words: string[], stage0 = processCompiler("stage0", [process.execPath, path.join(root, "cot.js")], root)): Promise<number> {
  try {
    const s = await readSettings(root, words);
    if (s === null) return 0;
    const lack = lackForNative();
    if (lack !== "" && (s.skipWasm || s.verify !== "")) throw new Stop(2, `bootstrap: ${lack}`);
    return s.verify !== "" ? await verifyCommand(s) : await closeCircle(s, lack, stage0);
  } catch (e) {
    if (!(e instanceof Stop)) throw e;
    console.error(e.message);
    return e.status;
  }
}

/** Why native programs cannot be made and run here, "" when they can. */
function lackForNative(): string {
  if (process.platform !== "linux" || process.arch !== "x64") return `native code is made for x86-64 Linux only, this is ${process.arch} ${process.platform}`;
  if (findLinker("") === "") return "no linker: cc is not in PATH; install a C compiler (Debian, Ubuntu: apt-get install gcc)";
  return "";
}

/** Makes room for what is to come. */
function clearOutput(s: Settings): void {
  try {
    fs.rmSync(s.places.report, { recursive: true, force: true });
    fs.mkdirSync(s.places.report, { recursive: true });
    for (const n of [1, 2, 3]) for (const ending of [".o", ".wasm", ""]) fs.rmSync(path.join(s.out, `cot${n}${ending}`), { force: true });
  } catch (e) {
    throw new Stop(2, `bootstrap: cannot write into '${s.out}': ${(e as Error).message}`);
  }
}

async function closeCircle(s: Settings, lack: string, stage0: Compiler): Promise<number> {
  const r = newReport(s.json, s.quiet, s.verbose);
  const { root } = s.places;
  r.last = readLast(path.join(s.places.report, "report.json"));
  clearOutput(s);
  r.configuration = configurationOf(root, s.flags);
  r.root = root;
  r.engines = readEngines(path.join(s.out, "engines.json"), r.configuration.texts);
  r.folders = [[`${s.out}/`, "out/"], [`${root}/`, ""], [`${os.homedir()}/`, "~/"]];
  if (lack !== "") {
    console.error(`bootstrap: ${lack}: the circle closes on Wasm alone, no native program is made`);
    await closeOnWasm(s.places, s.out, r, stage0);
    return finish(s, r, "");
  }
  const cot = [1, 2, 3].map((n) => path.join(s.out, `cot${n}`));
  const sides = [stage0, processCompiler("cot1", [cot[0]], root), processCompiler("cot2", [cot[1]], root)];
  const runs = await buildThree(s, r, sides, cot);
  const pairs = [".o", ""].flatMap((ending) => runs.slice(1).map((_, k) => ["cmp", cot[k] + ending, cot[k + 1] + ending]));
  await addStep(r, "comparing cot1, cot2 and cot3", pairs, async () => {
    await compareCompilers(s, r, sides, cot, runs);
    return process.memoryUsage.rss();
  });
  const circle = r.units.every((u) => u.equal);
  if (circle && !s.skipWasm) await compareThirdHost(s.places, s.out, r, sides[0], sides[1], { side: sides[0], file: `${cot[0]}.o`, run: runs[0] });
  if (r.units.every((u) => u.equal) || s.keepGoing) await compareAllUnits(s, r, sides[1]);
  if (circle) keepResult(cot[1], path.join(s.out, "cot"));
  return finish(s, r, circle ? "cot" : "");
}

/** Compiles the units with stage0 and with cot1. Of their commands the first is shown. */
async function compareAllUnits(s: Settings, r: Report, cot1: Compiler): Promise<void> {
  const left = stage0Worker(s.places.root);
  const [first] = s.units;
  const shown = [left, cot1].map((side) => [...side.command, ...wordsOf(s.places, first, path.join(s.places.report, `unit.${side.name}`))]);
  for (const words of shown) note(r, `$ ${typedCommand(words, s.places.root)}`);
  if (s.units.length > 1) note(r, `  and so for ${s.units.length - 1} more: each program of test/run and the tests of each std module, for each target`);
  try {
    await addStep(r, `stage0 and cot1 compile ${s.units.length} units`, [], () => compareUnits(s.places, r, left, cot1, s.units, s.keepGoing));
  } finally {
    await left.stop();
  }
}

/** Writes the report; `result` is the file in the output folder that the run proved, or "". */
function finish(s: Settings, r: Report, result: string): number {
  r.artifacts = artifactsIn(s.out, r.units, result);
  const ends = [`the report: ${typedPath(path.join(s.places.report, "index.html"))}`];
  if (result !== "") ends.unshift(`the compiler: ${typedPath(path.join(s.out, result))}`);
  return finishReport(r, path.join(s.places.report, "report.json"), ends);
}

/** Builds cot1, cot2 and cot3, each by the one before, until one cannot be built or has another object than the first. */
async function buildThree(s: Settings, r: Report, sides: Compiler[], cot: string[]): Promise<Run[]> {
  const runs: Run[] = [];
  let first: Buffer | null = null;
  for (let k = 0; k < 3; k++) {
    const words = circleWords(s.places.root, cot[k]);
    await addStep(r, `${sides[k].name} compiles stage1 to cot${k + 1}`, [[...sides[k].command, ...words]], async () => {
      runs.push(await sides[k].run(words));
      return { peakMemory: runs[k].peak, stages: runs[k].stages };
    });
    const object = readOutput(`${cot[k]}.o`, runs[k]);
    if (k === 0) {
      first = object;
      const failed = failureOf(sides[0], runs[0], readOutput(cot[0], runs[0]));
      if (failed !== "") throw new Stop(runs[0].status === 2 ? 2 : 1, `bootstrap: ${failed}`);
    }
    if (object === null || !fs.existsSync(cot[k])) break;
    if (!s.keepGoing && first !== null && !first.equals(object)) break;
  }
  return runs;
}

/** Compares the objects, then the executables, of each compiler and the next; explains the first that differ. */
async function compareCompilers(s: Settings, r: Report, sides: Compiler[], cot: string[], runs: Run[]): Promise<void> {
  let explained = false;
  for (const ending of [".o", ""]) {
    for (let k = 1; k < runs.length; k++) {
      const unit = `cot${k}${ending} cot${k + 1}${ending}`;
      const pair = [k - 1, k];
      const files = pair.map((n) => readOutput(cot[n] + ending, runs[n]));
      if (addUnit(r, unit, targets[0], files[0], files[1]) || explained) continue;
      explained = true;
      const words = (output: string, emit?: string): string[] => circleWords(s.places.root, output, emit);
      const both = { unit, target: targets[0], sides: pair.map((n) => sides[n]), runs: pair.map((n) => runs[n]), files, words };
      if (ending === ".o") await explain(s.places.report, r, both);
      else explainLink(r, both);
    }
  }
}

/** Of executables whose objects are equal, only what the linker made of them can differ. */
function explainLink(r: Report, c: Case): void {
  const [a, b] = c.files.map((file) => file ?? Buffer.alloc(0));
  const said = "the objects are equal: the difference comes from linking them";
  const object = firstObjectDifference(a, b);
  addDifference(r, { unit: c.unit, target: c.target, compilers: c.sides.map((side) => side.name), said: saidBy(c), note: said, object, dump: null, map: object === null ? null : byteMap(a, b, object), stages: [] });
}

/** The proved compiler, put in its place whole: the one that is there may be running. */
function keepResult(from: string, to: string): void {
  fs.copyFileSync(from, `${to}.new`);
  fs.renameSync(`${to}.new`, to);
}
