// A compiler that somebody was given, as a program that is not trusted to end, to be quiet, or to write what it should.
// In -> out: a path, to what is wrong with the file before it is started; words, to a run like any other's. It is started by its
// full path and by no shell, in a process group that is ended whole after a time limit; what it says is cut, and shown without
// control characters. It still runs with the rights of whoever starts it.

import { spawn } from "node:child_process";
import * as fs from "node:fs";
import type { Compiler, Run } from "./compilers.ts";
import { isElf } from "./elf_read.ts";
import { sectionsOf } from "./object_diff.ts";

const MOST_BYTES = 1 << 28;
const MOST_SAID = 2000;
const X86_64 = 62;
/** Of the file's header: what can be run, at a fixed address or at any. */
const programs = [2, 3];

/** The bytes of a native program, or in words why the file is none that can be started. */
export function readGiven(file: string): Buffer | string {
  try {
    const stat = fs.statSync(file);
    if (!stat.isFile()) return "is not a regular file";
    if (stat.size > MOST_BYTES) return "is larger than 256 MiB";
    fs.accessSync(file, fs.constants.X_OK);
    const bytes = fs.readFileSync(file);
    const native = isElf(bytes) && bytes[4] === 2 && bytes.readUInt16LE(18) === X86_64 && programs.includes(bytes.readUInt16LE(16));
    return native && sectionsOf(bytes) !== null ? bytes : "is not a native program for x86-64 Linux";
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === undefined) throw e;
    if (code === "ENOENT") return "no such file";
    return code === "EACCES" ? "is not executable or cannot be read" : `cannot be read (${code})`;
  }
}

/** What could not even be started has said why, and this status. */
export const NOT_STARTED = -2;

/** The compiler; each run may take so long. */
export function givenCompiler(name: string, file: string, root: string, limitMillis: number): Compiler {
  return { name, command: [file], run: (words) => runGiven(file, words, root, limitMillis), stop: async () => {} };
}

function runGiven(file: string, words: string[], root: string, limitMillis: number): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(file, words, { cwd: root, env: { PATH: process.env.PATH }, stdio: ["ignore", "pipe", "pipe"], detached: true, shell: false });
    let said = "";
    let late = false;
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // All of them have ended.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      end();
    }, limitMillis);
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => {
      if (said.length < MOST_SAID) said += part.toString("latin1").slice(0, MOST_SAID - said.length);
    });
    const finish = (status: number, why: string): void => {
      clearTimeout(timer);
      end();
      const text = [plain(said), why].filter((t) => t !== "").join("\n");
      resolve({ status, text, peak: 0, stages: [] });
    };
    child.on("error", (e) => finish(NOT_STARTED, `cannot be started: ${(e as NodeJS.ErrnoException).code ?? e.message}`));
    // Not "close": a process that it left behind may hold its streams.
    child.on("exit", (code, signal) => {
      if (late) finish(-1, `did not end within ${limitMillis / 1000} s`);
      else if (code === null) finish(-1, `ended by ${signal}`);
      else setImmediate(() => finish(code, ""));
    });
  });
}

/** Text that does nothing to a terminal. */
function plain(text: string): string {
  return Buffer.from(text, "latin1").toString().replace(/[^\P{C}\n]/gu, "?").trimEnd();
}
