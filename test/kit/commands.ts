// Both compilers as commands, for tests of what they do in the world: files, folders, streams, signals.
// In -> out: the words of a command line and a folder, to status, streams and what is there afterwards.

import { spawnSync, type SpawnSyncOptions } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { root } from "./programs.ts";
import { nativeCompiler, programInPath } from "./tools.ts";

export interface Side {
  name: "stage0" | "cot1";
  /** What starts the compiler. */
  start: string[];
}

/** The compilers that are there. */
export function sides(): Side[] {
  const all: Side[] = [{ name: "stage0", start: [process.execPath, path.join(root, "cot.js")] }];
  if (nativeCompiler() !== "") all.push({ name: "cot1", start: [nativeCompiler()] });
  return all;
}

export interface Done {
  /** The exit status, or the signal. */
  status: number | string | null;
  stdout: string;
  stderr: string;
}

/** Runs a command in a folder; text as bytes. */
export function runWords(dir: string, words: string[], options: SpawnSyncOptions = {}): Done {
  const done = spawnSync(words[0], words.slice(1), { cwd: dir, timeout: 60000, killSignal: "SIGKILL", maxBuffer: 1 << 26, ...options });
  const text = (b: string | Buffer | null): string => (b === null ? "" : Buffer.from(b).toString("latin1"));
  return { status: done.status ?? done.signal, stdout: text(done.stdout), stderr: text(done.stderr) };
}

/** Runs a compiler; what stands before it (as prlimit) comes first. */
export function runSide(side: Side, dir: string, words: string[], options: SpawnSyncOptions = {}, before: string[] = []): Done {
  return runWords(dir, [...before, ...side.start, ...words], options);
}

/** A folder of its own, removed by the caller. */
export function workFolder(): string {
  return fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-promise-")));
}

/** Writes files by name, making their folders. */
export function fill(dir: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text, "latin1");
  }
}

/** Every name below a folder. */
export function namesIn(dir: string): string[] {
  return fs.readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
}

export const isRoot = process.getuid?.() === 0;

/** Words that run what follows as a user without rights, or null when that cannot be done here. */
export function asNobody(): string[] | null {
  const setpriv = programInPath("setpriv");
  return isRoot && setpriv !== "" ? [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"] : null;
}
