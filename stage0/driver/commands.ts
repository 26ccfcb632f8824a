// The commands: build, run, test, check, inspect, report, help, version.
// In -> out: Options, to what the command does in the world and an exit status: 0 ok, 1 the program is wrong,
// 2 wrong usage or unreadable input; run gives the program's own, several files the highest.

import { errorCount, newDiags } from "../base/diag.ts";
import { hostCurrentDir, hostEnv, hostIsDirectory, hostIsTerminal, hostMakeDir, hostPrint, hostPrintProblem, hostRead, hostRealPath } from "../base/host.ts";
import { maxI32 } from "../base/int32.ts";
import { newNames } from "../base/intern.ts";
import { addSource, MAX_SOURCE, newSourceMap } from "../base/source.ts";
import { Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import type { ParseCache } from "../syntax/parse_cache.ts";
import { parseFile } from "../syntax/parser.ts";
import { checkSources, compileProgram, type Job, printErrors } from "./driver.ts";
import { newReporter, printTimes, type Reporter } from "./dump.ts";
import { filesOf, type NamedFile } from "./files.ts";
import { commandHelp, overviewText, versionText } from "./help.ts";
import { LEAST_STACK, makeJob, MOST_STACK, outputName, stackSizeOf } from "./job.ts";
import { option, type Options, parseOptions } from "./options.ts";
import { buildFile, usageError } from "./output.ts";
import { inspectFile, reportFile } from "./pages.ts";
import { unknownStage } from "./passes.ts";
import { runProduct } from "./run.ts";
import { countsText, fileText, type TestCounts } from "./tests.ts";

/** Does what a command line says; the exit status. Command lines of one process share what they parse of the library. */
export function runCommand(words: string[], parsed: ParseCache): number {
  const status = doCommand(words, parsed);
  const problem = hostPrintProblem();
  return problem === "" ? status : maxI32(status, usageError("standard output: " + problem));
}

function doCommand(words: string[], parsed: ParseCache): number {
  const o = parseOptions(words);
  if (o.problem !== "") return usageError(o.problem);
  if (hostCurrentDir() === "") return usageError("the current directory is not there any more");
  const said = spokenText(o);
  if (said !== "") {
    hostPrint(said);
    return 0;
  }
  if (o.command === "report") return reportFile(o);
  const stage = unknownStage(option(o, "--dump"));
  if (stage !== "") return usageError("option --dump knows no stage '" + stage + "'");
  if (stackSizeOf(o) < 0) return usageError("option --stack-size wants a number of bytes from " + LEAST_STACK + " to " + MOST_STACK + ", not '" + option(o, "--stack-size") + "'");
  const r = newReporter(option(o, "--dump"), option(o, "--dump-dir"), option(o, "--fn"), option(o, "--time") !== "");
  r.color = wantsColor(o);
  if (r.dir !== "") {
    const problem = hostMakeDir(r.dir);
    if (problem !== "") return usageError("'" + r.dir + "': " + problem);
  }
  const status = runFiles(o, r, parsed);
  printTimes(r);
  return r.problem === "" ? status : usageError(r.problem);
}

/** What a command does that only says something; "" for those that work. */
function spokenText(o: Options): string {
  if (option(o, "--help") !== "") return commandHelp(o.command);
  if (o.command === "version") return versionText();
  if (o.command !== "help") return "";
  return o.files.length === 0 ? overviewText() : commandHelp(o.files[0]);
}

/** Whether errors are shown in colours: as asked, as the environment says, or where somebody sees them. */
function wantsColor(o: Options): boolean {
  const asked = option(o, "--color");
  if (asked === "always" || asked === "never") return asked === "always";
  if (hostEnv("NO_COLOR") !== "") return false;
  const forced = hostEnv("FORCE_COLOR");
  return (forced !== "" && forced !== "0") || hostIsTerminal();
}

/** Does the command for every file; the highest status. */
function runFiles(o: Options, r: Reporter, parsed: ParseCache): number {
  const files = namedFiles(o);
  if (files.length > 1 && option(o, "-o") !== "") return usageError("more than one input file");
  const counts: TestCounts = { passed: 0, failed: 0, programs: 0, found: 0 };
  const outputs: Map<string, number> = new Map();
  let status = 0;
  for (const file of files) {
    const one = runFile(o, r, parsed, file, counts, outputs);
    if (one > status) status = one;
  }
  if (o.command === "test") return endTests(o, counts, status);
  return status;
}

/** The files of a command: words are files but for check and test, where they may be folders. */
function namedFiles(o: Options): NamedFile[] {
  if (o.command === "check" || o.command === "test") return filesOf(o.files);
  return [{ path: o.files[0], folder: "", problem: "" }];
}

function runFile(o: Options, r: Reporter, parsed: ParseCache, file: NamedFile, counts: TestCounts, outputs: Map<string, number>): number {
  if (file.problem !== "") return fileProblem(o, file.path, file.problem);
  const found = hostRead(file.path, MAX_SOURCE);
  if (found.problem !== "") return fileProblem(o, file.path, "'" + file.path + "': " + found.problem);
  if (o.command === "test" && file.folder !== "" && !hasTests(file.path, found.text)) return 0;
  const root = option(o, "--root");
  if (root !== "" && !hostIsDirectory(root)) return usageError("option --root: '" + root + "' is not a directory");
  const given = option(o, "--dir");
  if (given !== "" && !hostIsDirectory(given)) return usageError("option --dir: '" + given + "' is not a directory");
  if (hostRealPath(file.path) === "") return usageError("'" + file.path + "': its full path cannot be told");
  const job = makeJob(o, parsed, file);
  if (o.command === "check") return checkOnly(job, r);
  const std = job.check.std;
  if (std !== "" && !hostIsDirectory(std + "/rt")) return usageError("no runtime: '" + std + "/rt' is not a directory (name the library with --std=DIR)");
  if (o.command === "inspect") return inspectFile(o, job, r.color);
  if (o.command === "build") return buildFile(o, r, job, outputName(o, job, file.path));
  if (o.command === "test") return testFile(o, r, job, file.path, counts, outputs);
  const p = compileProgram(job, r);
  if (p.problem !== "") return usageError(p.problem);
  return p.status !== 0 ? p.status : runProduct(o, job, p, file.path, counts);
}

/** Says that a file cannot be read; status 2. */
function fileProblem(o: Options, file: string, problem: string): number {
  if (o.command === "test" && option(o, "--json") !== "") hostPrint(fileText(file, 0, 2));
  return usageError(problem);
}

/** Whether a file has tests, or errors that keep one from knowing. */
function hasTests(file: string, text: string): boolean {
  const sources = newSourceMap();
  const diags = newDiags(sources);
  const ast = parseFile(addSource(sources, file, text), newNames(), diags);
  for (const id of ast.nodes[ast.root].list) if (ast.nodes[id].kind === NodeKind.test && !hasFlag(ast.nodes[id], Flag.bench)) return true;
  return errorCount(diags) > 0;
}

function checkOnly(job: Job, r: Reporter): number {
  const sources = newSourceMap();
  const diags = newDiags(sources);
  checkSources(job, r, sources, newNames(), diags);
  return printErrors(job, r, diags) > 0 ? 1 : 0;
}

/** Runs the tests of a file, or writes the program of them where it is told what, or where to. */
function testFile(o: Options, r: Reporter, job: Job, file: string, counts: TestCounts, outputs: Map<string, number>): number {
  if (writesTests(o)) {
    const output = outputName(o, job, file);
    if (outputs.has(output)) return usageError("output '" + output + "' of '" + file + "' is that of another file");
    outputs.set(output, 1);
    const status = buildFile(o, r, job, output);
    counts.found += job.tests.length;
    return status;
  }
  const p = compileProgram(job, r);
  if (p.problem !== "" || p.status !== 0) {
    if (option(o, "--json") !== "") hostPrint(fileText(file, 0, p.status));
    return p.problem !== "" ? usageError(p.problem) : p.status;
  }
  counts.programs += 1;
  counts.found += job.tests.length;
  return runProduct(o, job, p, file, counts);
}

/** Whether test is to write its program only: it was told what, or where to. */
function writesTests(o: Options): boolean {
  return option(o, "-o") !== "" || option(o, "--emit") !== "";
}

/** The last words of test: the counts, and whether the filter left anything. */
function endTests(o: Options, counts: TestCounts, status: number): number {
  const filter = option(o, "--filter");
  const isIdle = filter !== "" && counts.found === 0 && (status === 0 || counts.programs > 0);
  if (!writesTests(o) && (status === 0 || counts.programs > 0)) hostPrint(countsText(counts, option(o, "--json") !== ""));
  if (!isIdle) return status;
  usageError("no test has a name that contains '" + filter + "'");
  return status > 1 ? status : 1;
}
