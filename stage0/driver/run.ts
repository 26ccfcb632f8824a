// Running what was compiled: run and test.
// In -> out: a product, to the program's own exit status, or to test counts and 1 when a test failed. Programs lie in a
// folder of their own that is gone at the end.

import { appendText, newBytes } from "../base/bytes.ts";
import { hostExists, hostFindProgram, hostHomeDir, hostPrint, hostRemove, hostRun, hostTempDir, hostWrite } from "../base/host.ts";
import { hostLibrary } from "../base/host_embedded.ts";
import type { Job, Product } from "./driver.ts";
import { option, type Options } from "./options.ts";
import { storeProduct, usageError } from "./output.ts";
import { cannotStart } from "./pages.ts";
import { fileText, runTestProgram, type TestCounts } from "./tests.ts";

/** Writes a program into a folder and runs it, or its tests. */
export function runProduct(o: Options, job: Job, p: Product, file: string, counts: TestCounts): number {
  const dir = hostTempDir();
  if (dir === "") return usageError("no folder for temporary files");
  const status = storeAndRun(o, job, p, dir, file, counts);
  hostRemove(dir);
  return status;
}

function storeAndRun(o: Options, job: Job, p: Product, dir: string, file: string, counts: TestCounts): number {
  const output = dir + (job.wasm32 ? "/program.wasm" : "/program");
  const status = storeProduct(o, job, p, output);
  if (status !== 0) return status;
  const args: string[] = [];
  let program = output;
  if (job.wasm32) {
    program = hostFindProgram("node");
    if (program === "") return usageError("node is not in PATH");
    const host = wasmHost(dir);
    if (host === "") return usageError("cannot write into '" + dir + "'");
    args.push(host);
    if (option(o, "--dir") !== "") args.push("--dir=" + option(o, "--dir"));
    args.push(output);
  }
  if (o.command === "test") return runTests(o, job, program, args, file, counts);
  for (const a of o.programArgs) args.push(a);
  const result = hostRun(program, args);
  return result < 0 ? cannotStart(program) : result;
}

/** The script that runs Wasm programs: beside the compiler, else written into a folder; "" when that fails. */
function wasmHost(dir: string): string {
  const name = "rt/wasm_host.js";
  const beside = hostHomeDir() + "/std/" + name;
  if (hostExists(beside)) return beside;
  // The ending keeps Node from asking folders above whether the script is a module.
  const script = dir + "/wasm_host.cjs";
  const bytes = newBytes();
  appendText(bytes, hostLibrary(name).text);
  return hostWrite(script, bytes, false) === "" ? script : "";
}

function runTests(o: Options, job: Job, program: string, args: string[], file: string, counts: TestCounts): number {
  const json = option(o, "--json") !== "";
  if (json) hostPrint(fileText(file, job.tests.length, 0));
  const failed = counts.failed;
  if (!runTestProgram(program, args, job.tests, { json: json, all: option(o, "--verbose") !== "" }, counts)) return cannotStart(program);
  return counts.failed > failed ? 1 : 0;
}
