// The compilers that the bootstrap runs, and what each run cost.
// In -> out: the words of a command line, to an exit status, what was said, and the peak of memory. stage0 runs as a
// process of its own where it is the command that is proved, and in a worker that stays where many programs are
// compiled. Runs in the worker share the module's tables, which nothing writes to, and what was parsed of the library, of
// which every run has a copy: it has its own sources, names and types, so it gives the bytes that a fresh process gives.

import * as fs from "node:fs";
import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { execa } from "execa";
import type { StageTime } from "./schema.ts";

/** What one run of a compiler came to. */
export interface Run {
  /** As the shell has it; -1 when it was ended by a signal, by us after too long, or could not start. */
  status: number;
  /** What it said on both streams; the worker of stage0 says it directly. */
  text: string;
  /** Peak of memory in bytes, 0 where the system does not tell. */
  peak: number;
  /** What --time told. */
  stages: StageTime[];
}

export interface Compiler {
  name: string;
  /** What starts it from a command line. */
  command: string[];
  run(words: string[]): Promise<Run>;
  stop(): Promise<void>;
}

const TOO_LONG = 600_000;
const POLL_MILLIS = 5;

/** A compiler that is a program of its own: a command line to which the words are added. */
export function processCompiler(name: string, command: string[], root: string): Compiler {
  return {
    name,
    command,
    run: async (words) => {
      const child = execa(command[0], [...command.slice(1), ...words], { cwd: root, reject: false, all: true, stdin: "ignore", timeout: TOO_LONG });
      const memory = watchMemory(child.pid);
      const done = await child;
      const { said, stages } = takeTimes(done.all ?? "");
      if (done.exitCode !== undefined) return { status: done.exitCode, text: said, peak: memory.stop(), stages };
      const why = done.timedOut ? `did not end within ${TOO_LONG / 1000} s` : done.signal !== undefined ? `ended by ${done.signal}` : "could not be started";
      return { status: -1, text: `${said}${said === "" ? "" : "\n"}${why}`, peak: memory.stop(), stages };
    },
    stop: async () => {},
  };
}

/** Takes the lines of --time, its counts too, out of what a compiler said. */
function takeTimes(text: string): { said: string; stages: StageTime[] } {
  const stages: StageTime[] = [];
  const said = text.replace(/^time (\S+) +(\d+\.\d{3}) ms(?:\n|$)/gm, (_, stage, millis) => {
    if (stage !== "total") stages.push({ stage, millis: Number(millis) });
    return "";
  });
  return { said: said.replace(/^count .+ \d+(?:\n|$)/gm, "").replace(/\n$/, ""), stages };
}

/** stage0 in a worker that compiles one program after another. */
export function stage0Worker(root: string): Compiler {
  let worker: Worker | null = null;
  const start = (): Worker => new Worker(path.join(import.meta.dirname, "stage0_worker.js"), {
    workerData: { root },
    resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: 4096 },
  });
  return {
    name: "stage0",
    command: [process.execPath, path.join(root, "cot.js")],
    run: (words) => new Promise((resolve) => {
      worker ??= start();
      const current = worker;
      const memory = watchMemory(process.pid);
      const finish = (status: number, text: string): void => {
        current.off("message", answer).off("exit", ended).off("error", failed);
        resolve({ status, text, peak: memory.stop(), stages: [] });
      };
      const answer = (status: number): void => finish(status, status === 0 ? "" : "what it said stands above");
      // An internal error ends the worker; the next run starts another.
      const fail = (text: string): void => {
        worker = null;
        finish(70, text);
      };
      const ended = (): void => fail("stage0 ended in an internal error");
      const failed = (e: Error): void => fail(e.stack ?? e.message);
      current.on("message", answer).on("exit", ended).on("error", failed);
      // Its times would go to our own output.
      current.postMessage(words.filter((w) => w !== "--time"));
    }),
    stop: async () => {
      await worker?.terminate();
      worker = null;
    },
  };
}

/**
 * Watches the memory of a process. Node tells the peak of its own process only, so the kernel's own mark of another's
 * (VmHWM) is read until it ends; our own peak lasts longer than a step, so there the present size (VmRSS) is read.
 */
function watchMemory(pid: number | undefined): { stop(): number } {
  const field = pid === process.pid ? /^VmRSS:\s+(\d+) kB/m : /^VmHWM:\s+(\d+) kB/m;
  let peak = 0;
  const look = (): void => {
    try {
      const found = field.exec(fs.readFileSync(`/proc/${pid}/status`, "latin1"));
      if (found !== null) peak = Math.max(peak, Number(found[1]) * 1024);
    } catch {
      // It has ended.
    }
  };
  look();
  const timer = setInterval(look, POLL_MILLIS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}
