// The commands: build, run, test, check, inspect, report.
// In -> out: Options, to what the command does in the world and an exit status: 0 ok, 1 the program is wrong,
// 2 wrong usage or unreadable input; run gives the program's own.

import { type Diags, diagsText, errorCount, newDiags } from "../base/diag.ts";
import { hostCompilerName, hostCurrentDir, hostExists, hostFindProgram, hostHomeDir, hostIsDirectory, hostMakeDir, hostPrint, hostPrintError, hostRead, hostRealPath, hostRemove, hostRun, hostTempDir, hostWrite } from "../base/host.ts";
import { newNames } from "../base/intern.ts";
import { MAX_SOURCE, newSourceMap } from "../base/source.ts";
import { checkSources, compileProgram, type Job, type Product } from "./driver.ts";
import { newReporter, printTimes, type Reporter } from "./dump.ts";
import { linkExecutable } from "../link/link.ts";
import type { ParseCache } from "../syntax/parse_cache.ts";
import { option, type Options, parseOptions, usageText } from "./options.ts";
import { countsText, runTestProgram, type TestCounts } from "./tests.ts";
import { unknownStage } from "./passes.ts";

/** Does what a command line says; the exit status. Command lines of one process share what they parse of the library. */
export function runCommand(words: string[], parsed: ParseCache): number {
  const o = parseOptions(words);
  if (o.problem !== "") return usageError(o.problem);
  if (o.command === "help" || option(o, "--help") !== "") {
    hostPrint(usageText());
    return 0;
  }
  if (o.command === "report") return showPages(["report", o.files[0], option(o, "-o")]);
  const stage = unknownStage(option(o, "--dump"));
  if (stage !== "") return usageError("option --dump knows no stage '" + stage + "'");
  const r = newReporter(option(o, "--dump"), option(o, "--dump-dir"), option(o, "--fn"), option(o, "--time") !== "");
  if (r.dir !== "") {
    const problem = hostMakeDir(r.dir);
    if (problem !== "") return usageError("'" + r.dir + "': " + problem);
  }
  let status = 0;
  const counts: TestCounts = { passed: 0, failed: 0 };
  for (const file of o.files) {
    const one = runFile(o, r, parsed, file, counts);
    if (one > status) status = one;
  }
  if (o.command === "test" && !writesTests(o)) hostPrint(countsText(counts, option(o, "--json") !== ""));
  printTimes(r);
  return r.problem === "" ? status : usageError(r.problem);
}

function usageError(text: string): number {
  hostPrintError("cot: " + text + "\n");
  return 2;
}

function runFile(o: Options, r: Reporter, parsed: ParseCache, file: string, counts: TestCounts): number {
  const found = hostRead(file, MAX_SOURCE);
  if (found.problem !== "") return usageError("'" + file + "': " + found.problem);
  const root = option(o, "--root");
  if (root !== "" && !hostIsDirectory(root)) return usageError("option --root: '" + root + "' is not a directory");
  const job = makeJob(o, parsed, file);
  if (o.command === "check") return checkOnly(job, r);
  if (!hostIsDirectory(job.check.std + "/rt")) return usageError("no runtime: '" + job.check.std + "/rt' is not a directory (name the library with --std=DIR)");
  if (o.command === "build" || writesTests(o)) return buildFile(o, r, job, outputName(o, job, file));
  if (o.command === "inspect") return inspectInFolder(o, job);
  const p = compileProgram(job, r);
  if (p.problem !== "") return usageError(p.problem);
  if (p.status !== 0) return p.status;
  const dir = hostTempDir();
  if (dir === "") return usageError("no folder for temporary files");
  const status = storeAndRun(o, job, p, dir, counts);
  hostRemove(dir);
  return status;
}

/** Whether test is to write its program only: it was told what, or where to. */
function writesTests(o: Options): boolean {
  return o.command === "test" && (option(o, "-o") !== "" || option(o, "--emit") !== "");
}

/** The project root is given, or the nearest folder at or above the file that holds cot.json, or the file's own. */
function makeJob(o: Options, parsed: ParseCache, file: string): Job {
  const real = hostRealPath(file);
  const dir = folderPath(real);
  let root = option(o, "--root") === "" ? "" : hostRealPath(option(o, "--root"));
  if (root === "") root = findRoot(dir);
  const inside = real.slice(0, root.length + 1) === (root === "/" ? "/" : root + "/").slice(0, root.length + 1);
  const name = inside ? real.slice(root === "/" ? 1 : root.length + 1, real.length) : real.slice(dir.length + 1, real.length);
  const wasm32 = option(o, "--target") === "wasm32";
  return {
    check: {
      root: inside ? root : dir, std: option(o, "--std") === "" ? hostHomeDir() + "/std" : option(o, "--std"), mainPath: name,
      target: wasm32 ? "wasm32" : "x86_64-linux", testMode: o.command === "test", unchecked: option(o, "--unchecked") !== "",
      parsed: parsed,
    },
    wasm32: wasm32, emit: emitOf(o), runs: o.command === "run", verify: option(o, "--verify") !== "",
    heapCheck: option(o, "--heap-check") !== "", filter: option(o, "--filter"), tests: [],
  };
}

/** What to make: an object where only its stages are looked at, since a library has them too. */
function emitOf(o: Options): string {
  if (o.command === "inspect") return "obj";
  return option(o, "--emit") === "" ? "exe" : option(o, "--emit");
}

function folderPath(path: string): string {
  let at = path.length - 1;
  while (at > 0 && path.charCodeAt(at) !== 47) at -= 1;
  return at === 0 ? "/" : path.slice(0, at);
}

function findRoot(dir: string): string {
  let at = dir;
  while (at !== "/") {
    if (hostExists(at + "/cot.json")) return at;
    at = folderPath(at);
  }
  return dir;
}

/** -o, or the file's base name in the current folder with the ending of what is made. */
function outputName(o: Options, job: Job, file: string): string {
  if (option(o, "-o") !== "") return option(o, "-o");
  let start = file.length;
  while (start > 0 && file.charCodeAt(start - 1) !== 47) start -= 1;
  let base = file.slice(start, file.length);
  if (base.length > 4 && base.slice(base.length - 4, base.length) === ".cot") base = base.slice(0, base.length - 4);
  if (job.emit === "wasm" || job.emit === "wasm-obj" || (job.wasm32 && job.emit === "exe")) return base + ".wasm";
  return job.emit === "obj" ? base + ".o" : base;
}

function checkOnly(job: Job, r: Reporter): number {
  const sources = newSourceMap();
  const diags: Diags = newDiags(sources);
  checkSources(job, r, sources, newNames(), diags);
  hostPrintError(diagsText(diags));
  return errorCount(diags) > 0 ? 1 : 0;
}

/** Why a file cannot be written to, before anything is compiled; "" when it seems that it can. */
function outputProblem(o: Options, output: string): string {
  const real = hostRealPath(output);
  for (const file of o.files) if (real !== "" && real === hostRealPath(file)) return "output '" + output + "' is the input";
  return hostIsDirectory(output) ? "'" + output + "': is a directory" : "";
}

function buildFile(o: Options, r: Reporter, job: Job, output: string): number {
  const links = !job.wasm32 && job.emit === "exe";
  const object = option(o, "--object");
  let problem = outputProblem(o, output);
  if (problem === "" && object !== "") problem = links ? outputProblem(o, object) : "option --object is for native executables";
  if (problem !== "") return usageError(problem);
  const p = compileProgram(job, r);
  if (p.problem !== "") return usageError(p.problem);
  if (p.status !== 0) return p.status;
  for (const input of p.inputs) {
    if (isSameFile(output, input) || isSameFile(object, input)) return usageError("output '" + (isSameFile(output, input) ? output : object) + "' is an input");
  }
  return storeProduct(o, job, p, output);
}

function isSameFile(a: string, b: string): boolean {
  const real = hostRealPath(a);
  return real !== "" && real === hostRealPath(b);
}

/** Writes what a job emits: a file of its own, or an executable and the object that is asked for. */
function storeProduct(o: Options, job: Job, p: Product, output: string): number {
  const links = !job.wasm32 && job.emit === "exe";
  const object = option(o, "--object");
  let problem = "";
  const plain = links ? object : output;
  if (plain !== "") problem = hostWrite(plain, p.bytes, false);
  if (problem !== "") return usageError("'" + plain + "': " + problem);
  if (!links) return 0;
  problem = linkExecutable(p.bytes, output, option(o, "--linker"), option(o, "--verbose") !== "");
  return problem === "" ? 0 : usageError(problem);
}

/** Writes a program into a folder and runs it, or its tests. */
function storeAndRun(o: Options, job: Job, p: Product, dir: string, counts: TestCounts): number {
  const output = dir + (job.wasm32 ? "/program.wasm" : "/program");
  const status = storeProduct(o, job, p, output);
  if (status !== 0) return status;
  const args: string[] = [];
  let program = output;
  if (job.wasm32) {
    program = hostFindProgram("node");
    if (program === "") return usageError("node is not in PATH");
    args.push(hostHomeDir() + "/wasm_host.js");
    if (option(o, "--dir") !== "") args.push("--dir=" + option(o, "--dir"));
    args.push(output);
  }
  if (o.command === "test") {
    const failed = counts.failed;
    if (!runTestProgram(program, args, job.tests, option(o, "--json") !== "", counts)) return cannotStart(program);
    return counts.failed > failed ? 1 : 0;
  }
  for (const a of o.programArgs) args.push(a);
  const result = hostRun(program, args);
  return result < 0 ? cannotStart(program) : result;
}

function inspectInFolder(o: Options, job: Job): number {
  const dir = hostTempDir();
  if (dir === "") return usageError("no folder for temporary files");
  const status = inspectFunction(o, job, dir);
  hostRemove(dir);
  return status;
}

/** Compiles a program with every stage of one function dumped, and has a page made of the dumps. */
function inspectFunction(o: Options, job: Job, dir: string): number {
  const problem = option(o, "-o") === "" ? "" : outputProblem(o, option(o, "-o"));
  if (problem !== "") return usageError(problem);
  // The name may be given without its module; the page picks the function among those that end so.
  const r = newReporter("all", dir, "*" + o.func, false);
  const p = compileProgram(job, r);
  if (p.problem !== "") return usageError(p.problem);
  if (p.status !== 0) return p.status;
  if (r.problem !== "") return usageError(r.problem);
  return showPages(["inspect", dir, o.func, option(o, "-o"), job.check.mainPath, job.check.root, job.check.std, job.check.target, hostCompilerName()]);
}

/** Starts the script that makes pages, which both compilers share. */
function showPages(words: string[]): number {
  const node = hostFindProgram("node");
  if (node === "") return usageError("node is not in PATH");
  const args: string[] = [hostHomeDir() + "/pages.js"];
  for (const w of words) args.push(w);
  const status = hostRun(node, args);
  return status < 0 ? cannotStart(node) : status;
}

function cannotStart(program: string): number {
  return usageError("cannot start '" + program + "' in '" + hostCurrentDir() + "'");
}
