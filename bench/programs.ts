// What is measured: the benchmarks, how they and their twins in C are built, and the words that have a compiler compile stage1.
// In -> out: names, to executables in a folder. bench.ts times these and count.ts counts their instructions, so both speak of
// the same programs, which do the same work: no program takes an argument.

import * as path from "node:path";
import { execa } from "execa";

export interface Benchmark {
  name: string;
  what: string;
}

export const benchmarks: Benchmark[] = [
  { name: "calls", what: "recursive functions; function values in a loop" },
  { name: "sieve", what: "the sieve of Eratosthenes over an array of flags" },
  { name: "nbody", what: "five bodies, 64-bit floats in an array of structs" },
  { name: "matrix", what: "product of matrices of 64-bit floats" },
  { name: "hashmap", what: "`std/map` with integer keys and with strings" },
  { name: "sha256", what: "SHA-256, block by block" },
  { name: "strings", what: "`std/string`: interpolation, builder, split, join" },
  { name: "sorting", what: "`std/sort` on integers, strings and records" },
];

/** The project's folder, in which every command runs. */
export const root = path.resolve(import.meta.dirname, "..");

/** The environment lacks something, or what was measured is wrong; told in one message. */
export class Stop extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Runs a tool; its stdout. */
export async function tool(name: string, words: string[]): Promise<string> {
  const done = await execa(name, words, { cwd: root, reject: false });
  if (done.exitCode !== 0) throw new Stop(2, `${name} ${words.join(" ")}: ${done.exitCode ?? "not started"}\n${done.stderr ?? ""}`);
  return done.stdout;
}

/** Ends a command: its status, or what stopped it in one message. */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (e) {
    if (!(e instanceof Stop)) throw e;
    console.error(e.message);
    process.exitCode = e.status;
  }
}

/** The words that have a compiler compile a program of this project, but for the output. */
export function compileWords(file: string): string[] {
  return ["build", path.join(root, file), `--std=${path.join(root, "std")}`, `--root=${root}`];
}

/** The command that has stage0 compile stage1 to an executable. */
export function stage0Command(): string[] {
  return [process.execPath, path.join(root, "cot.js")];
}

/** A benchmark as an executable of Cot, made by cot1, and of C. */
export interface Built {
  cot: string;
  c: string;
}

/** Builds a benchmark and its twin in a folder that holds cot1. */
export async function buildBenchmark(dir: string, benchmark: Benchmark): Promise<Built> {
  const cot = path.join(dir, benchmark.name);
  const c = `${cot}.c`;
  await tool(path.join(dir, "cot1"), [...compileWords(`bench/${benchmark.name}.cot`), "-o", cot]);
  await tool("gcc", ["-O2", "-o", c, path.join(root, "bench", `${benchmark.name}.c`), "-lm"]);
  return { cot, c };
}

export async function gccVersion(): Promise<string> {
  return (await tool("gcc", ["-dumpfullversion"])).trim();
}
