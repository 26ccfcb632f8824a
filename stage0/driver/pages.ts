// Pages of the compilers' work: inspect and report. Both compilers start the same script, which lies with the project.
// In -> out: Options, to a page and an exit status.

import { hostCompilerName, hostCurrentDir, hostExists, hostFindProgram, hostHomeDir, hostRemove, hostRun, hostTempDir } from "../base/host.ts";
import { compileProgram, type Job } from "./driver.ts";
import { newReporter } from "./dump.ts";
import { option, type Options } from "./options.ts";
import { outputProblem, usageError } from "./output.ts";

/** What makes pages, in the project and in an installed package. */
const SCRIPT = "/pages.js";

/** Writes the page of a function. */
export function inspectFile(o: Options, job: Job, color: boolean): number {
  const missing = pagesProblem(o);
  if (missing !== "") return usageError(missing);
  const dir = hostTempDir();
  if (dir === "") return usageError("no folder for temporary files");
  const status = inspectInFolder(o, job, dir, color);
  hostRemove(dir);
  return status;
}

/** Renders the page of a bootstrap. */
export function reportFile(o: Options): number {
  const missing = pagesProblem(o);
  return missing === "" ? showPages(["report", o.files[0], option(o, "-o")]) : usageError(missing);
}

/** A compiler that was copied out of the project has nothing that makes pages. */
function pagesProblem(o: Options): string {
  const home = hostHomeDir();
  if (hostExists(home + SCRIPT)) return "";
  return o.command + " needs pages.js and selfhost/ of Cot's project, which are not in '" + home + "'";
}

/** Compiles a program with every stage of one function dumped, and has a page made of the dumps. */
function inspectInFolder(o: Options, job: Job, dir: string, color: boolean): number {
  const problem = option(o, "-o") === "" ? "" : outputProblem(o, option(o, "-o"));
  if (problem !== "") return usageError(problem);
  // The name may be given without its module; the page picks the function among those that end so.
  const r = newReporter("all", dir, "*" + o.func, false);
  r.color = color;
  const p = compileProgram(job, r);
  if (r.problem !== "") return usageError(r.problem);
  if (p.problem !== "") return usageError(p.problem);
  if (p.status !== 0) return p.status;
  return showPages(["inspect", dir, o.func, option(o, "-o"), job.check.mainPath, job.check.root, job.check.std, job.check.target, hostCompilerName()]);
}

/** Starts the script that makes pages. */
function showPages(words: string[]): number {
  const node = hostFindProgram("node");
  if (node === "") return usageError("node is not in PATH");
  const args: string[] = [hostHomeDir() + SCRIPT];
  for (const w of words) args.push(w);
  const status = hostRun(node, args);
  return status < 0 ? cannotStart(node) : status;
}

/** Says that a program cannot be started here. */
export function cannotStart(program: string): number {
  return usageError("cannot start '" + program + "' in '" + hostCurrentDir() + "'");
}
