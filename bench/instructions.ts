// How many instructions a program executes, to the last one, under qemu-x86_64 with test/kit/count_plugin.c.
// In -> out: an executable and its words, to a number and what it printed. What could change the number from run to run is
// held: the environment is empty; the processor is qemu64, of which the C library takes the same functions on every
// machine; AT_RANDOM is seeded; the program runs in its own folder under a short name, so the stack holds the same words; qemu
// itself gives the same addresses. What is left: a run that finds other files, and the length of
// the process number where a program asks for it, as the compiler does (20 to 50 instructions a digit).

import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { root, Stop, tool } from "./programs.ts";

/** A program that was counted. */
export interface Counted {
  instructions: number;
  stdout: string;
}

/** Builds the plugin in a folder; its file. */
export async function buildPlugin(dir: string): Promise<string> {
  const plugin = path.join(dir, "count_plugin.so");
  await tool("gcc", ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", "-o", plugin, path.join(root, "test/kit/count_plugin.c")]);
  return plugin;
}

/** Counts the run of a program that lies in a folder, in which it runs; a run that fails ends the command. */
export async function countRun(plugin: string, dir: string, program: string, words: string[]): Promise<Counted> {
  const place = fs.mkdtempSync(path.join(path.dirname(plugin), "run-"));
  const file = path.join(place, "count");
  // A comma parts the plugin's arguments.
  if (file.includes(",")) throw new Stop(2, `${place}: the folder for temporary files has a comma in its name`);
  try {
    const qemu = ["-cpu", "qemu64", "-seed", "1", "-plugin", `${plugin},count=${file}`, `./${program}`, ...words];
    const done = await execa("qemu-x86_64", qemu, { cwd: dir, reject: false, env: {}, extendEnv: false, stdin: "ignore", stripFinalNewline: false, maxBuffer: 1 << 28 });
    if (done.exitCode !== 0) throw new Stop(done.exitCode === undefined ? 2 : 1, `qemu-x86_64 ${program} ${words.join(" ")}: ${done.exitCode ?? done.shortMessage}\n${done.stderr ?? ""}`);
    const text = fs.readFileSync(file, "latin1");
    if (!/^[1-9]\d*\n$/.test(text) || !Number.isSafeInteger(Number(text))) throw new Stop(1, `${program}: the plugin wrote "${text.trim()}"`);
    return { instructions: Number(text), stdout: done.stdout };
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

/** Counts a program in each of some folders, at the same time; numbers or outputs that differ end the command. */
export async function countAlike(plugin: string, dirs: string[], program: string, words: string[]): Promise<Counted> {
  const runs = await Promise.all(dirs.map((dir) => countRun(plugin, dir, program, words)));
  const other = runs.find((run) => run.instructions !== runs[0].instructions || run.stdout !== runs[0].stdout);
  if (other !== undefined) throw new Stop(1, `${program} ${words.join(" ")}: two runs differ: ${runs[0].instructions} and ${other.instructions} instructions`);
  return runs[0];
}

/** What qemu says is its version; "" when it is not there. */
export async function qemuVersion(): Promise<string> {
  const done = await execa("qemu-x86_64", ["--version"], { reject: false });
  return done.exitCode === 0 ? (/version (\d+\.\d+\.\d+)/.exec(done.stdout)?.[1] ?? "") : "";
}
