// What a command writes: an executable, an object, a module, and never over what it read.
// In -> out: a job and where its product goes, to files and an exit status; what is wrong goes to stderr.

import { printable } from "../base/diag.ts";
import { hostIsDirectory, hostPrintError, hostRealPath, hostWrite } from "../base/host.ts";
import { linkExecutable } from "../link/link.ts";
import { compileProgram, type Job, type Product } from "./driver.ts";
import type { Reporter } from "./dump.ts";
import { option, type Options } from "./options.ts";

/** Says what is wrong with the command line or with files; status 2. */
export function usageError(text: string): number {
  hostPrintError("cot: " + printable(text) + "\n");
  return 2;
}

/** Why a file cannot be written to, before anything is compiled; "" when it seems that it can. */
export function outputProblem(o: Options, output: string): string {
  const real = hostRealPath(output);
  for (const file of o.files) if (real !== "" && real === hostRealPath(file)) return "output '" + output + "' is the input";
  return hostIsDirectory(output) ? "'" + output + "': is a directory" : "";
}

/** Compiles a program and writes what it makes. */
export function buildFile(o: Options, r: Reporter, job: Job, output: string): number {
  const links = !job.wasm32 && job.emit === "exe";
  const object = option(o, "--object");
  let problem = outputProblem(o, output);
  if (problem === "" && object !== "") problem = links ? outputProblem(o, object) : "option --object is for native executables";
  if (problem === "" && object !== "" && placeOf(object) === placeOf(output)) problem = "option --object: '" + object + "' is the output";
  if (problem !== "") return usageError(problem);
  const p = compileProgram(job, r);
  if (p.problem !== "") return usageError(p.problem);
  if (p.status !== 0) return p.status;
  for (const input of p.inputs) {
    if (isSameFile(output, input) || isSameFile(object, input)) return usageError("output '" + (isSameFile(output, input) ? output : object) + "' is an input");
  }
  return storeProduct(o, job, p, output);
}

/** Where a file is or will be: its folder, links resolved, and its name. */
function placeOf(name: string): string {
  let start = name.length;
  while (start > 0 && name.charCodeAt(start - 1) !== 47) start -= 1;
  return hostRealPath(start === 0 ? "." : name.slice(0, start)) + "/" + name.slice(start, name.length);
}

function isSameFile(a: string, b: string): boolean {
  const real = hostRealPath(a);
  return real !== "" && real === hostRealPath(b);
}

/** Writes what a job emits: a file of its own, or an executable and the object that is asked for. */
export function storeProduct(o: Options, job: Job, p: Product, output: string): number {
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
