// The bootstrap: what `node bootstrap.ts` does.
// In -> out: the project's folder and the command line, to an exit status: 0 equal, 1 different, 2 wrong usage or the
// environment lacks something. stage0 compiles stage1 to cot1, cot1 compiles the same source to cot2, cot2 to cot3, and
// their objects and executables are compared; then stage1 compiled to Wasm compiles stage1; then all units are compiled
// with stage0 and with cot1 and compared. Without a linker, or on another machine, the circle closes on Wasm alone.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import yargs from "yargs";
import { findLinker } from "../stage0/link/link.ts";
import { artifactsIn, configurationOf, readLast } from "./config.ts";
import { type Compiler, processCompiler, type Run, stage0Worker } from "./compilers.ts";
import { readEngines } from "./engines_rows.ts";
import { byteMap } from "./evidence.ts";
import { firstObjectDifference } from "./object_diff.ts";
import { addDifference, addStep, addUnit, finishReport, newReport, type Report } from "./report.ts";
import { closeOnWasm, compareThirdHost } from "./third_host.ts";
import { type Case, compareUnits, explain, failureOf, listUnits, type Places, readOutput, saidBy, targets, type Unit } from "./units.ts";

interface Settings {
  places: Places;
  out: string;
  quiet: boolean;
  json: boolean;
  keepGoing: boolean;
  skipWasm: boolean;
  units: Unit[];
  /** What of the command line changes the report. */
  flags: string;
}

/** A failure of the environment or of stage0, told in one message. */
class Stop extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Runs the bootstrap. */
export async function bootstrap(root: string, words: string[]): Promise<number> {
  try {
    const s = await readSettings(root, words);
    return s === null ? 0 : await closeCircle(s);
  } catch (e) {
    if (!(e instanceof Stop)) throw e;
    console.error(e.message);
    return e.status;
  }
}

/** What the command line asks for; null when it asked for help, which is printed. */
async function readSettings(root: string, words: string[]): Promise<Settings | null> {
  const parser = yargs(words)
    .scriptName("node bootstrap.ts")
    .usage("$0 [options]\n\nHas stage0 compile stage1, stage1 compile itself, and compares all that comes out.\nExit status: 0 equal, 1 different, 2 wrong usage or something is missing here.")
    .parserConfiguration({ "boolean-negation": false, "duplicate-arguments-array": false })
    .option("out", { type: "string", requiresArg: true, describe: "folder for what is made", default: path.join(root, "out"), defaultDescription: "out beside bootstrap.ts" })
    .option("quiet", { type: "boolean", describe: "print differences and the verdict only", default: false })
    .option("json", { type: "boolean", describe: "print one JSON object a line", default: false })
    .option("keep-going", { type: "boolean", describe: "compare all units, also after a difference", default: false })
    .option("skip-wasm", { type: "boolean", describe: "leave out the third host: stage1 as a Wasm program", default: false })
    .option("unit", { type: "string", requiresArg: true, describe: "compare only units whose name (00_hello, std/list) matches this glob", default: "*" })
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw new Stop(2, `bootstrap: ${message ?? error.message}; --help lists the options`);
    });
  const parsed = await parser.parse();
  if (parsed.help === true) return null;
  if (parsed._.length > 0) throw new Stop(2, `bootstrap: takes options only, not '${parsed._[0]}'`);
  if (parsed.out === "") throw new Stop(2, "bootstrap: --out wants a folder");
  const units = listUnits(root, parsed.unit);
  if (units.length === 0) throw new Stop(2, `bootstrap: no program of test/run and no std module matches '${parsed.unit}'`);
  const out = path.resolve(parsed.out);
  const unitFlag = parsed.unit === "*" ? "" : `--unit='${parsed.unit.replaceAll("'", "'\\''")}'`;
  const flags = [parsed.keepGoing ? "--keep-going" : "", parsed.skipWasm ? "--skip-wasm" : "", unitFlag].filter((flag) => flag !== "").join(" ");
  return { places: { root, report: path.join(out, "report") }, out, quiet: parsed.quiet, json: parsed.json, keepGoing: parsed.keepGoing, skipWasm: parsed.skipWasm, units, flags };
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

async function closeCircle(s: Settings): Promise<number> {
  const lack = lackForNative();
  if (lack !== "" && s.skipWasm) throw new Stop(2, `bootstrap: ${lack}`);
  const r = newReport(s.json, s.quiet);
  const { root } = s.places;
  r.last = readLast(path.join(s.places.report, "report.json"));
  clearOutput(s);
  r.configuration = configurationOf(root, s.flags);
  r.engines = readEngines(path.join(s.out, "engines.json"), r.configuration.texts);
  r.folders = [[`${s.out}/`, "out/"], [`${root}/`, ""], [`${os.homedir()}/`, "~/"]];
  if (lack !== "") {
    console.error(`bootstrap: ${lack}: the circle closes on Wasm alone, no native program is made`);
    await closeOnWasm(s.places, s.out, r, processCompiler("stage0", [process.execPath, path.join(root, "cot.js")], root));
    return finish(s, r, "");
  }
  const cot = [1, 2, 3].map((n) => path.join(s.out, `cot${n}`));
  const sides = [processCompiler("stage0", [process.execPath, path.join(root, "cot.js")], root), processCompiler("cot1", [cot[0]], root), processCompiler("cot2", [cot[1]], root)];
  const runs = await buildThree(s, r, sides, cot);
  await addStep(r, "comparing cot1, cot2 and cot3", async () => {
    await compareCompilers(s, r, sides, cot, runs);
    return process.memoryUsage.rss();
  });
  const circle = r.units.every((u) => u.equal);
  if (circle && !s.skipWasm) await compareThirdHost(s.places, s.out, r, sides[0], sides[1], { side: sides[0], file: `${cot[0]}.o`, run: runs[0] });
  if (r.units.every((u) => u.equal) || s.keepGoing) {
    const left = stage0Worker(root);
    try {
      await addStep(r, `stage0 and cot1 compile ${s.units.length} units`, () => compareUnits(s.places, r, left, sides[1], s.units, s.keepGoing));
    } finally {
      await left.stop();
    }
  }
  if (circle) keepResult(cot[1], path.join(s.out, "cot"));
  return finish(s, r, circle ? "cot" : "");
}

/** Writes the report; `result` is the file in the output folder that the run proved, or "". */
function finish(s: Settings, r: Report, result: string): number {
  r.artifacts = artifactsIn(s.out, r.units, result);
  return finishReport(r, path.join(s.places.report, "report.json"));
}

function circleWords(s: Settings, output: string): string[] {
  return ["build", path.join(s.places.root, "stage1/main.cot"), `--std=${s.places.root}/std`, "--time", "-o", output, `--object=${output}.o`];
}

/** A command as one types it in the project's folder. */
function commandText(s: Settings, program: string, words: string[]): string {
  const plain = words.filter((w) => w !== "--time").map((w) => w.replace(`${s.out}/`, "out/").replace(`${s.places.root}/`, ""));
  return [program, ...plain].join(" ");
}

/** Builds cot1, cot2 and cot3, each by the one before, until one cannot be built or has another object than the first. */
async function buildThree(s: Settings, r: Report, sides: Compiler[], cot: string[]): Promise<Run[]> {
  const runs: Run[] = [];
  let first: Buffer | null = null;
  for (let k = 0; k < 3; k++) {
    await addStep(r, `${sides[k].name} compiles stage1 to cot${k + 1}`, async () => {
      runs.push(await sides[k].run(circleWords(s, cot[k])));
      const command = commandText(s, k === 0 ? "node cot.js" : `out/${sides[k].name}`, circleWords(s, cot[k]));
      return { peakMemory: runs[k].peak, command, stages: runs[k].stages };
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
      const both = { unit, target: targets[0], sides: pair.map((n) => sides[n]), runs: pair.map((n) => runs[n]), files, words: (output: string) => circleWords(s, output) };
      if (ending === ".o") await explain(s.places, r, both);
      else explainLink(r, both);
    }
  }
}

/** Of executables whose objects are equal, only what the linker made of them can differ. */
function explainLink(r: Report, c: Case): void {
  const [a, b] = c.files.map((file) => file ?? Buffer.alloc(0));
  const note = "the objects are equal: the difference comes from linking them";
  const object = firstObjectDifference(a, b);
  addDifference(r, { unit: c.unit, target: c.target, compilers: c.sides.map((side) => side.name), said: saidBy(c), note, object, dump: null, map: object === null ? null : byteMap(a, b, object), stages: [] });
}

/** The proved compiler, put in its place whole: the one that is there may be running. */
function keepResult(from: string, to: string): void {
  fs.copyFileSync(from, `${to}.new`);
  fs.renameSync(`${to}.new`, to);
}
