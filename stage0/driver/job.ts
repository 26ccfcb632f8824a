// From a command line and a file to a job.
// In -> out: Options and the path of a file, to what is to be compiled and how, and the name of what is written.

import { hostExists, hostHomeDir, hostIsDirectory, hostRealPath } from "../base/host.ts";
import { alignUp } from "../base/int32.ts";
import { parseDecimal } from "../base/table.ts";
import type { ParseCache } from "../syntax/parse_cache.ts";
import type { Job } from "./driver.ts";
import type { NamedFile } from "./files.ts";
import { option, type Options } from "./options.ts";

/**
 * The project root is given, or the nearest folder at or above the file that holds cot.json, or that of the command line
 * below which the file was found, or the file's own.
 */
export function makeJob(o: Options, parsed: ParseCache, file: NamedFile): Job {
  const real = hostRealPath(file.path);
  const dir = folderPath(real);
  let root = option(o, "--root") === "" ? "" : hostRealPath(option(o, "--root"));
  if (root === "") root = findRoot(dir, file.folder === "" ? dir : hostRealPath(file.folder));
  const inside = real.slice(0, root.length + 1) === (root === "/" ? "/" : root + "/").slice(0, root.length + 1);
  const name = inside ? real.slice(root === "/" ? 1 : root.length + 1, real.length) : real.slice(dir.length + 1, real.length);
  const wasm32 = option(o, "--target") === "wasm32";
  return {
    check: {
      root: inside ? root : dir, std: libraryFolder(o), mainPath: name,
      target: wasm32 ? "wasm32" : "x86_64-linux", testMode: o.command === "test", unchecked: option(o, "--unchecked") !== "",
      parsed: parsed,
    },
    wasm32: wasm32, emit: emitOf(o), runs: o.command === "run", verify: option(o, "--verify") !== "",
    heapCheck: option(o, "--heap-check") !== "", shareCleanups: option(o, "--share-cleanups") !== "", stackSize: alignUp(stackSizeOf(o), 16), filter: option(o, "--filter"), tests: [],
  };
}

/** The stack of a Wasm program where nothing else is asked for, and what may be asked for, in bytes. */
const STACK_SIZE = 8388608;
export const LEAST_STACK = 1024;
export const MOST_STACK = 1073741824;

/** The bytes that a Wasm program has for its stack, or -1 when the option says no such number. */
export function stackSizeOf(o: Options): number {
  const text = option(o, "--stack-size");
  if (text === "") return STACK_SIZE;
  if (text.length > 10) return -1;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 48 || text.charCodeAt(i) > 57) return -1;
  const size = parseDecimal(text);
  return size < LEAST_STACK || size > MOST_STACK ? -1 : size;
}

/** The library that is asked for, or that beside the compiler, or the one that it brings along (""). */
function libraryFolder(o: Options): string {
  if (option(o, "--std") !== "") return option(o, "--std");
  const beside = hostHomeDir() + "/std";
  return hostIsDirectory(beside + "/rt") ? beside : "";
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

function findRoot(dir: string, otherwise: string): string {
  let at = dir;
  while (at !== "/") {
    if (hostExists(at + "/cot.json")) return at;
    at = folderPath(at);
  }
  return otherwise;
}

/** -o, or the file's base name in the current folder with the ending of what is made. */
export function outputName(o: Options, job: Job, file: string): string {
  if (option(o, "-o") !== "") return option(o, "-o");
  let start = file.length;
  while (start > 0 && file.charCodeAt(start - 1) !== 47) start -= 1;
  let base = file.slice(start, file.length);
  if (base.length > 4 && base.slice(base.length - 4, base.length) === ".cot") base = base.slice(0, base.length - 4);
  if (job.emit === "wasm" || job.emit === "wasm-obj" || (job.wasm32 && job.emit === "exe")) return base + ".wasm";
  return job.emit === "obj" ? base + ".o" : base;
}
