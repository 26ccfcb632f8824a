// Both compilers on one source file, side by side: what they say, how they end, what they make.
// In -> out: a text, to "" or what differs between the twins. stage0 stays in a worker, which is given up when it takes
// too long; stage1 is a process each time.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { execa } from "execa";
import { root } from "./programs.ts";

/** What one compiler says of a file. */
export interface Said {
  /** Exit status, or in words how it ended otherwise. */
  status: number | string;
  text: string;
  /** The object, when one was asked for and nothing was wrong. */
  bytes: Buffer | null;
}

export interface Twins {
  native: string;
  dir: string;
  worker: Worker | null;
}

const TOO_LONG = 30_000;
const std = path.join(root, "std");

export function newTwins(native: string): Twins {
  return { native, dir: fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-twins-"))), worker: null };
}

export async function stopTwins(t: Twins): Promise<void> {
  await t.worker?.terminate();
  fs.rmSync(t.dir, { recursive: true, force: true });
}

function stage0Says(t: Twins, file: string, build: boolean): Promise<Said> {
  t.worker ??= new Worker(path.join(import.meta.dirname, "twins_worker.js"), {
    workerData: { root }, resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: 4096 },
  });
  const worker = t.worker;
  return new Promise((resolve) => {
    const done = (said: Said, lost: boolean): void => {
      clearTimeout(timer);
      worker.off("message", answered).off("error", failed).off("exit", ended);
      if (lost) {
        t.worker = null;
        void worker.terminate();
      }
      resolve(said);
    };
    const answered = (said: Said): void => done({ ...said, bytes: said.bytes === null ? null : Buffer.from(said.bytes) }, false);
    const failed = (error: unknown): void => done({ status: "exception", text: String((error as Error).stack), bytes: null }, true);
    const ended = (code: number): void => done({ status: `exit ${code}`, text: "", bytes: null }, true);
    const timer = setTimeout(() => done({ status: "time-out", text: "", bytes: null }, true), TOO_LONG);
    worker.on("message", answered).on("error", failed).on("exit", ended);
    worker.postMessage({ dir: t.dir, std, file, build });
  });
}

async function stage1Runs(t: Twins, words: string[]): Promise<Said> {
  const done = await execa(t.native, [...words, `--root=${t.dir}`, `--std=${std}`], {
    cwd: t.dir, reject: false, encoding: "buffer", stdin: "ignore", timeout: TOO_LONG, killSignal: "SIGKILL", stripFinalNewline: false,
  });
  const status = done.timedOut ? "time-out" : (done.exitCode ?? done.signal ?? "not started");
  return { status, text: Buffer.from(done.stderr).toString("latin1"), bytes: null };
}

async function stage1Says(t: Twins, file: string, build: boolean): Promise<Said> {
  const checked = await stage1Runs(t, ["check", file]);
  if (!build || checked.status !== 0) return checked;
  const object = path.join(t.dir, "object.o");
  fs.rmSync(object, { force: true });
  const built = await stage1Runs(t, ["build", file, "--emit=obj", "-o", object]);
  const bytes = fs.existsSync(object) ? fs.readFileSync(object) : Buffer.alloc(0);
  return { status: built.status === 2 ? 0 : built.status, text: built.text, bytes };
}

/** What both say of a text, and how they differ or what went wrong: "" when they agree and end well. */
export interface Agreement {
  said: Said;
  difference: string;
  /** Milliseconds that each took. */
  took: [number, number];
}

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const began = Date.now();
  return [await work, Date.now() - began];
}

export async function bothSay(t: Twins, text: string, build: boolean): Promise<Agreement> {
  const file = "mutant.cot";
  fs.writeFileSync(path.join(t.dir, file), text, "latin1");
  const [[left, first], [right, second]] = await Promise.all([timed(stage0Says(t, file, build)), timed(stage1Says(t, file, build))]);
  return { said: left, difference: differenceOf(left, right), took: [first, second] };
}

function differenceOf(left: Said, right: Said): string {
  if (left.status !== 0 && left.status !== 1) return `stage0: ${left.status}\n${left.text}`;
  if (right.status !== 0 && right.status !== 1) return `stage1: ${right.status}\n${right.text}`;
  if (left.status !== right.status) return `status ${left.status} and ${right.status}\n${left.text}\n${right.text}`;
  if (left.text !== right.text) return `the texts differ\n--- stage0\n${left.text}--- stage1\n${right.text}`;
  const a = left.bytes ?? Buffer.alloc(0);
  const b = right.bytes ?? Buffer.alloc(0);
  return a.equals(b) ? "" : `the objects differ: ${a.length} and ${b.length} bytes`;
}

/** "" when both say the same of a text and end well; else what differs. */
export async function differenceOn(t: Twins, text: string, build: boolean): Promise<string> {
  return (await bothSay(t, text, build)).difference;
}
