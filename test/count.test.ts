// Counting instructions: the plugin is exact on programs whose instructions are known to the last, with one thread and with two;
// a program of Cot has one count, and one more instruction a turn is as many more as there are turns. And the page that two
// commands write: neither takes the other's part away.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changesText, countFile, readCounts } from "../bench/count_file.ts";
import { buildPlugin, countAlike, countRun } from "../bench/instructions.ts";
import { type CountResults, countSection, pageText, type Results, withCountSection } from "../bench/page.ts";
import { root } from "./kit/programs.ts";
import { programInPath } from "./kit/tools.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-counted-"));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

/** Links assembler text to a program that needs nothing else. */
function assemble(name: string, text: string): string {
  fs.writeFileSync(path.join(dir, `${name}.s`), text);
  const done = spawnSync("gcc", ["-nostdlib", "-static", "-no-pie", "-o", path.join(dir, name), path.join(dir, `${name}.s`)]);
  expect(done.stderr.toString()).toBe("");
  return name;
}

/** The end of a program: three instructions. */
const EXIT = "  mov $60, %eax\n  xor %edi, %edi\n  syscall\n";

/** A loop of so many turns over so many instructions and two more; and one before it, and the end. */
function loop(turns: number, inner: number): { text: string; instructions: number } {
  return { text: `.globl _start\n_start:\n  mov $${turns}, %ecx\n1:\n${"  nop\n".repeat(inner)}  dec %ecx\n  jnz 1b\n${EXIT}`, instructions: 1 + turns * (inner + 2) + 3 };
}

/** A program that starts a thread, waits for its end, and ends; each runs a loop of so many turns. */
function threads(turns: number): { text: string; instructions: number } {
  const text = `.globl _start
_start:
  mov $56, %eax
  mov $0x3d0f00, %edi
  lea stack_end(%rip), %rsi
  lea parent(%rip), %rdx
  lea alive(%rip), %r10
  lea local(%rip), %r8
  syscall
  test %eax, %eax
  jz 3f
  mov $${turns}, %ecx
1:
  dec %ecx
  jnz 1b
  lea alive(%rip), %rdi
  xor %esi, %esi
  mov $1, %edx
  xor %r10d, %r10d
  mov $202, %eax
  syscall
  mov $231, %eax
  xor %edi, %edi
  syscall
3:
  mov $${turns}, %ecx
4:
  dec %ecx
  jnz 4b
${EXIT}.data
parent: .long 0
alive: .long 1
.bss
local: .skip 256
.balign 16
.skip 4096
stack_end: .skip 16
`;
  // Nine before the two part ways, counted once; the thread's own are test, jz, mov, the loop and the end.
  return { text, instructions: 7 + (2 + 1 + 2 * turns + 9) + (2 + 1 + 2 * turns + 3) };
}

const lacks = programInPath("qemu-x86_64") === "" || programInPath("gcc") === "";

describe.skipIf(lacks)("the plugin", () => {
  let plugin = "";
  beforeAll(async () => {
    plugin = await buildPlugin(dir);
  });

  test("counts loops of known length to the last instruction", async () => {
    for (const [turns, inner] of [[1, 0], [1000, 0], [1000, 1], [7, 2000], [123456, 3]]) {
      const l = loop(turns, inner);
      expect((await countRun(plugin, dir, assemble(`loop_${turns}_${inner}`, l.text), [])).instructions, `${turns} turns`).toBe(l.instructions);
    }
  });

  test("adds up the threads", async () => {
    const t = threads(200000);
    const name = assemble("threads", t.text);
    for (let k = 0; k < 5; k++) expect((await countRun(plugin, dir, name, [])).instructions).toBe(t.instructions);
  });

  test("a repetition of a string instruction is one, and its end is one", async () => {
    const text = `.globl _start\n_start:\n  lea area(%rip), %rdi\n  mov $1000, %ecx\n  rep stosb\n${EXIT}.bss\narea: .skip 1000\n`;
    expect((await countRun(plugin, dir, assemble("rep", text), [])).instructions).toBe(2 + 1001 + 3);
  });

  test("a program that fails is no count", async () => {
    const name = assemble("fails", ".globl _start\n_start:\n  mov $60, %eax\n  mov $3, %edi\n  syscall\n");
    await expect(countRun(plugin, dir, name, [])).rejects.toThrow("fails : 3");
  });

  test("a program of Cot has one count, and one more addition a turn is so many more", async () => {
    const turns = 100000;
    const dirs = ["a", "b"].map((name) => path.join(dir, name));
    for (const to of dirs) fs.mkdirSync(to);
    const counts: number[] = [];
    for (const [name, more] of [["plain", ""], ["more", "x ^= k\n        "]]) {
      const file = path.join(dir, `${name}.cot`);
      fs.writeFileSync(file, `fn main() {\n    var x: u64 = 1\n    var k: u64 = 0\n    while k < ${turns} {\n        ${more}x = (x << 3) ^ (x >> 5)\n        k += 1\n    }\n    if x == k { println("equal") }\n    println("done")\n}\n`);
      const done = spawnSync(process.execPath, [path.join(root, "cot.js"), "build", file, "-o", path.join(dirs[0], name)]);
      expect(done.stderr.toString()).toBe("");
      fs.copyFileSync(path.join(dirs[0], name), path.join(dirs[1], name));
      counts.push((await countAlike(plugin, dirs, name, [])).instructions);
    }
    expect(counts[1] - counts[0]).toBe(turns);
  });

  test("two runs that differ are told", async () => {
    const dirs = ["short", "long"].map((name) => path.join(dir, name));
    for (const [k, to] of dirs.entries()) {
      fs.mkdirSync(to);
      fs.copyFileSync(path.join(dir, assemble(`turns_${k}`, loop(10 + k, 0).text)), path.join(to, "program"));
    }
    await expect(countAlike(plugin, dirs, "program", [])).rejects.toThrow("two runs differ: 24 and 26 instructions");
  });
});

const counts: CountResults = { programs: [{ name: "a", cot: 3000, c: 1500 }, { name: "b", cot: 1000, c: 2000 }], compiles: [{ name: "stage1", cot: 5000000, c: null }], lines: 1000, qemu: "7.2.22", gcc: "12.2.0" };

describe("the page", () => {
  const page = fs.readFileSync(path.join(root, "docs/performance.md"), "utf8");

  test("the counts are written between the marks, and the rest stays", () => {
    const once = withCountSection(page, counts) ?? "";
    for (const line of ["| a | 1,500 | 3,000 | 2.000 |", "| geometric mean |  |  | 1.000 |", "| stage1 | 5,000,000 |", "there are 1,000: 5,000 instructions"]) expect(countSection(once)).toContain(line);
    expect(once.replace(countSection(once), "")).toBe(page.replace(countSection(page), ""));
    expect(withCountSection(once, counts)).toBe(once);
    expect(withCountSection("# A page without the marks\n", counts)).toBe(null);
  });

  test("what `npm run bench` writes is around the section, which stays", () => {
    const sizes = { file: 3, text: 1, stripped: 2 };
    const compiler = { moved: 0, time: 1, cpu: 1, memory: 1000000, stages: [{ name: "check", time: 1 }] };
    const measured: Results = {
      compilers: [{ name: "stage0", ...compiler }, { name: "cot1", ...compiler }], hello: 0.4, growth: [], compilerSizes: sizes, runs: 3, cores: 2, gcc: "12.2.0", node: "20",
      programs: [{ benchmark: { name: "a", what: "nothing" }, cot: 3, c: 2, ratio: 1.5, cotSizes: sizes, cSizes: sizes }],
    };
    const counted = withCountSection(page, counts) ?? "";
    const timed = pageText(measured, countSection(counted));
    expect(countSection(timed)).toBe(countSection(counted));
    expect(timed).toContain("| a | nothing | 2.000 | 3.000 | 1.50 |");
    expect(withCountSection(timed, counts)).toBe(timed);
    // A page that was never counted gets a place for it.
    const first = pageText(measured, countSection(""));
    expect(withCountSection(first, counts)).toBe(timed);
  });
});

describe("--against", () => {
  test("tells the change of every row in percent", () => {
    const file = path.join(dir, "counts.json");
    fs.writeFileSync(file, countFile(counts));
    const before = readCounts(file);
    expect(before).toMatchObject(counts);
    const now = structuredClone(counts);
    expect(changesText(before, now)).toBe("a                           same  from 3,000 to 3,000\nb                           same  from 1,000 to 1,000\ncot1 compiles stage1        same  from 5,000,000 to 5,000,000");
    now.programs[0].cot = 3090;
    now.programs[1] = { name: "b", cot: 999, c: 2001 };
    now.compiles = [{ name: "hello", cot: 5, c: null }];
    now.gcc = "13.0.0";
    expect(changesText(before, now).split("\n")).toEqual([
      "a                       +3.000 %  from 3,000 to 3,090",
      "b                       -0.100 %  from 1,000 to 999; C +0.050 %",
      "cot1 compiles hello   not counted before",
      "before: qemu 7.2.22, gcc 12.2.0; now: qemu 7.2.22, gcc 13.0.0",
    ]);
  });

  test("a file that is none ends the command", () => {
    const file = path.join(dir, "wrong.json");
    for (const [text, why] of [["", /^\S+wrong.json: Unexpected end/], ["{}", /none that --json wrote: format/], [countFile(counts).replace("3000", "-3000"), /none that --json wrote: programs.0.cot/]] as const) {
      fs.writeFileSync(file, text);
      expect(() => readCounts(file)).toThrow(why);
    }
    expect(() => readCounts(path.join(dir, "absent.json"))).toThrow("no such file");
  });
});
