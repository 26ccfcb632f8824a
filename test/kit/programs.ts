// Test programs: what a file under test/run states about itself, and compiling and running it.
// `// expect: LINE` (in order), `// exit: N`, `// args: ...`, `// stdin: TEXT`, `// panic: TEXT`, `// error: TEXT`.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { newReporter } from "../../stage0/driver/dump.ts";
import { compileProgram, type Job } from "../../stage0/driver/driver.ts";
import { linkExecutable } from "../../stage0/link/link.ts";
import { newParseCache } from "../../stage0/syntax/parse_cache.ts";

export const root = path.resolve(import.meta.dirname, "../..");

export interface Expectation {
  lines: string[];
  exit: number;
  args: string[];
  stdin: string;
  /** All of standard error, when no panic is expected. */
  stderr: string;
  /** Text of the panic line, or "". */
  panic: string;
  /** Whether the file states anything at all. */
  stated: boolean;
}

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

/** What a program says that it does. */
export function readExpectation(text: string): Expectation {
  const e: Expectation = { lines: [], exit: 0, args: [], stdin: "", stderr: "", panic: "", stated: false };
  for (const line of text.split("\n")) {
    const m = /^\s*\/\/ (expect|exit|args|stdin|panic|stderr): ?(.*)$/.exec(line);
    if (m === null) continue;
    if (m[1] === "expect") e.lines.push(m[2]);
    else if (m[1] === "exit") e.exit = Number(m[2]);
    else if (m[1] === "args") e.args = m[2].split(" ");
    else if (m[1] === "stderr") e.stderr += `${m[2]}\n`;
    else if (m[1] === "stdin") e.stdin += m[2].replaceAll("\\n", "\n");
    else {
      e.panic = m[2];
      e.exit = 134;
    }
    e.stated = e.stated || m[1] === "expect" || m[1] === "exit" || m[1] === "panic";
  }
  return e;
}

/** The library, parsed once for all programs that this process compiles. */
const parsed = newParseCache();

/** The job of compiling a file of this repository, with everything verified and the heap checked. */
export function jobFor(file: string, wasm32: boolean, emit: string): Job {
  return {
    check: { root: root, std: path.join(root, "std"), mainPath: path.relative(root, file), target: wasm32 ? "wasm32" : "x86_64-linux", testMode: false, unchecked: false, parsed: parsed },
    wasm32: wasm32, emit: emit, runs: false, verify: true, heapCheck: true, shareCleanups: false, stackSize: 8388608, filter: "", tests: [],
  };
}

/** Compiles a file in this process. */
export function compileFile(file: string, wasm32: boolean, testMode: boolean): Uint8Array {
  const job = jobFor(file, wasm32, wasm32 ? "exe" : "obj");
  job.check.testMode = testMode;
  return compileJob(job);
}

/** Compiles in this process; an error is thrown. */
export function compileJob(job: Job): Uint8Array {
  const p = compileProgram(job, newReporter("", "", "", false));
  if (p.status !== 0 || p.problem !== "") throw new Error(`${job.check.mainPath} does not compile: ${p.problem}`);
  return p.bytes.data.subarray(0, p.bytes.len);
}

/** Has a native compiler do what compileFile does in this process. */
export function compileBy(compiler: string, file: string, wasm32: boolean): Uint8Array {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-"));
  try {
    const output = path.join(dir, "program");
    const done = spawnSync(compiler, ["build", file, `--root=${root}`, `--std=${root}/std`, wasm32 ? "--target=wasm32" : "--emit=obj", "--verify", "--heap-check", "-o", output], { cwd: root, timeout: 60000 });
    if (done.status !== 0) throw new Error(`${file} does not compile: ${done.stderr}`);
    return fs.readFileSync(output);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** Compiles and runs a file on one target. */
export function runFile(file: string, wasm32: boolean, testMode: boolean, e: Expectation): Outcome {
  return runBytes(compileFile(file, wasm32, testMode), wasm32, e);
}

/** Runs a Wasm module, or what an object links to. */
export function runBytes(bytes: Uint8Array, wasm32: boolean, e: Expectation): Outcome {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-"));
  try {
    const target = path.join(dir, wasm32 ? "program.wasm" : "program");
    let command = target;
    const args: string[] = [];
    if (wasm32) {
      fs.writeFileSync(target, bytes);
      command = process.execPath;
      args.push(path.join(root, "wasm_host.js"), target);
    } else {
      const problem = linkExecutable({ data: bytes, len: bytes.length }, target, "", false);
      if (problem !== "") throw new Error(problem);
    }
    const done = spawnSync(command, [...args, ...e.args], { cwd: dir, input: e.stdin, timeout: 60000, maxBuffer: 1 << 26 });
    return { status: done.status ?? -1, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}
