// The bootstrap: what `node bootstrap.ts` does.
// In -> out: the project's folder and the command line, to an exit status: 0 equal, 1 different, 2 the environment
// lacks something. stage0 compiles stage1 to cot1, cot1 compiles the same source to cot2, cot2 to cot3; then every
// program of test/run is compiled with stage0 and with cot1 for both targets. A line per step goes to stdout.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import yargs from "yargs";
import { matchesGlob } from "../stage0/base/glob.ts";
import { firstDifference } from "./compare.ts";

interface Settings {
  root: string;
  out: string;
  quiet: boolean;
  json: boolean;
  keepGoing: boolean;
  unit: string;
}

/** What one unit gave on both sides. */
interface Unit {
  unit: string;
  target: string;
  bytes: number;
  sha256: string;
  equal: boolean;
}

/** A compiler: the command line that starts it. */
type Compiler = string[];

/** A failure of the environment or of a compiler, told in one message. */
class Stop extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Runs the bootstrap. */
export async function bootstrap(root: string, words: string[]): Promise<number> {
  const parsed = await yargs(words)
    .scriptName("node bootstrap.ts")
    .parserConfiguration({ "boolean-negation": false })
    .option("out", { type: "string", describe: "folder for what is made", default: path.join(root, "out") })
    .option("quiet", { type: "boolean", describe: "print the verdict only", default: false })
    .option("json", { type: "boolean", describe: "print one JSON object a line", default: false })
    .option("keep-going", { type: "boolean", describe: "compare all units, also after a difference", default: false })
    .option("unit", { type: "string", describe: "compare only programs whose name matches this glob", default: "*" })
    .strict()
    .help()
    .parse();
  const s: Settings = { root, out: path.resolve(parsed.out), quiet: parsed.quiet, json: parsed.json, keepGoing: parsed.keepGoing, unit: parsed.unit };
  fs.rmSync(path.join(s.out, "report"), { recursive: true, force: true });
  fs.mkdirSync(path.join(s.out, "report"), { recursive: true });
  try {
    return await closeCircle(s);
  } catch (e) {
    if (!(e instanceof Stop)) throw e;
    console.error(e.message);
    return e.status;
  }
}

async function closeCircle(s: Settings): Promise<number> {
  const main = path.join("stage1", "main.cot");
  const stage0: Compiler = [process.execPath, path.join(s.root, "cot.js")];
  const cot = [1, 2, 3].map((n) => path.join(s.out, `cot${n}`));
  const units: Unit[] = [];
  const sides: Compiler[] = [stage0, [cot[0]], [cot[1]]];
  for (let i = 0; i < 3; i++) {
    const text = `${i === 0 ? "stage0" : `cot${i}`} compiles stage1 to cot${i + 1}`;
    await step(s, text, async () => {
      await compile(s, sides[i], [main, "--emit=obj", "-o", `${cot[i]}.o`]);
      await compile(s, sides[i], [main, "-o", cot[i]]);
    });
  }
  for (const ending of [".o", ""]) {
    for (const [a, b] of [[0, 1], [1, 2]]) {
      units.push(compareFiles(`cot${a + 1}${ending} cot${b + 1}${ending}`, "x86_64-linux", cot[a] + ending, cot[b] + ending));
    }
  }
  const circle = units.every((u) => u.equal);
  if (!circle) await explain(s, main, sides[units[0].equal ? 1 : 0], sides[units[0].equal ? 2 : 1], "x86_64-linux");
  if (circle || s.keepGoing) await step(s, "stage0 and cot1 compile the programs", () => comparePrograms(s, stage0, sides[1], units));
  fs.copyFileSync(cot[1], path.join(s.out, "cot"));
  return verdict(s, units);
}

/** Every program of test/run, for both targets, two at a time. */
async function comparePrograms(s: Settings, left: Compiler, right: Compiler, units: Unit[]): Promise<void> {
  const work: { file: string; target: string }[] = [];
  for (const name of fs.readdirSync(path.join(s.root, "test/run")).sort()) {
    if (!name.endsWith(".cot") || !matchesGlob(s.unit, name.slice(0, -4))) continue;
    for (const target of ["x86_64-linux", "wasm32"]) work.push({ file: `test/run/${name}`, target });
  }
  if (work.length === 0) throw new Stop(2, `no program of test/run matches ${s.unit}`);
  const results: Unit[] = [];
  let next = 0;
  let stopped = false;
  const worker = async (): Promise<void> => {
    while (next < work.length && !stopped) {
      const at = next++;
      const { file, target } = work[at];
      results[at] = await compareUnit(s, left, right, file, target);
      if (!results[at].equal && !s.keepGoing) stopped = true;
    }
  };
  await Promise.all([worker(), worker()]);
  const done = results.filter((u) => u !== undefined);
  units.push(...done);
  for (const u of done.filter((d) => !d.equal)) await explain(s, u.unit, left, right, u.target);
}

async function compareUnit(s: Settings, left: Compiler, right: Compiler, file: string, target: string): Promise<Unit> {
  const base = path.join(s.out, "report", `${path.basename(file, ".cot")}.${target}`);
  const made = [`${base}.stage0`, `${base}.cot1`];
  await compile(s, left, [file, `--target=${target}`, "--emit=obj", "-o", made[0]]);
  await compile(s, right, [file, `--target=${target}`, "--emit=obj", "-o", made[1]]);
  const unit = compareFiles(file, target, made[0], made[1]);
  if (unit.equal) for (const f of made) fs.rmSync(f);
  return unit;
}

function compareFiles(unit: string, target: string, left: string, right: string): Unit {
  const a = fs.readFileSync(left);
  const b = fs.readFileSync(right);
  return { unit, target, bytes: a.length, sha256: createHash("sha256").update(a).digest("hex"), equal: a.equals(b) };
}

/** Runs a compiler in the project's folder; a failure ends the bootstrap with what it said. */
async function compile(s: Settings, compiler: Compiler, words: string[]): Promise<void> {
  const done = await execa(compiler[0], [...compiler.slice(1), "build", ...words], { cwd: s.root, reject: false, all: true });
  if (done.exitCode === 0) return;
  const how = done.exitCode === undefined ? (done.signal ?? "not started") : `exit ${done.exitCode}`;
  throw new Stop(done.exitCode === 2 ? 2 : 1, `${path.basename(compiler[compiler.length - 1])} build ${words.join(" ")}: ${how}\n${done.all ?? ""}`);
}

/** Says where two compilers first differ on a program: stage, function and line, as a diff. */
async function explain(s: Settings, file: string, left: Compiler, right: Compiler, target: string): Promise<void> {
  const dirs = ["left", "right"].map((side) => path.join(s.out, "report", `${path.basename(file, ".cot")}.${target}.${side}`));
  for (const [i, compiler] of [left, right].entries()) {
    fs.mkdirSync(dirs[i], { recursive: true });
    await compile(s, compiler, [file, `--target=${target}`, "--emit=obj", "-o", `${dirs[i]}.o`, "--dump=all", `--dump-dir=${dirs[i]}`]);
  }
  const found = await firstDifference(dirs[0], dirs[1]);
  if (s.json) console.log(JSON.stringify({ different: file, target, first: found }));
  else if (found === null) console.log(`different: ${file} ${target}: all dumps are equal, so the difference is in the object's bytes`);
  else console.log(`different: ${file} ${target}: stage ${found.stage}, ${found.func}, line ${found.line}\n${found.diff}`);
}

async function step(s: Settings, text: string, work: () => Promise<void>): Promise<void> {
  const start = process.hrtime.bigint();
  await work();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (s.json) console.log(JSON.stringify({ step: text, seconds }));
  else if (!s.quiet) console.log(`${text}: ${seconds.toFixed(1)} s`);
}

function verdict(s: Settings, units: Unit[]): number {
  const different = units.filter((u) => !u.equal).length;
  if (!s.quiet && !s.json) {
    for (const u of units) console.log(`${u.equal ? "equal" : "DIFFERENT"}  ${u.target.padEnd(12)}  ${String(u.bytes).padStart(8)}  ${u.sha256.slice(0, 16)}  ${u.unit}`);
  }
  const text = different === 0 ? "fixed point" : `${different} of ${units.length} units differ`;
  fs.writeFileSync(path.join(s.out, "report/report.json"), `${JSON.stringify({ verdict: text, units }, undefined, 2)}\n`);
  console.log(s.json ? JSON.stringify({ verdict: text, units }) : text);
  return different === 0 ? 0 : 1;
}
