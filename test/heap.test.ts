// stage1 as a program that checks its heap: every retain and release of a compilation is right, and nothing leaks.
// It is built with --heap-check, where freed blocks are poisoned and reused late, and counting a dead object panics
// (test/heap/dead.cot does that); by cot1 where the bootstrap made that of these sources, else by stage0. That compiler
// must give the bytes that stage0 gives. test/heap/leaks.cot counts what compilations leave alive.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrapped } from "./kit/bootstrapped.ts";
import { root } from "./kit/programs.ts";
import { nativeCompiler, programInPath } from "./kit/tools.ts";

const hasLinker = programInPath("cc") !== "";
const work = fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-"));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

interface Done {
  status: number | string | null;
  stdout: string;
  stderr: string;
}

const quiet: Done = { status: 0, stdout: "", stderr: "" };

function runWords(program: string, words: string[]): Done {
  const done = spawnSync(program, words, { cwd: root, timeout: 300000, maxBuffer: 1 << 26 });
  return { status: done.status ?? done.signal, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

function stage0(words: string[]): Done {
  return runWords(process.execPath, [path.join(root, "cot.js"), ...words]);
}

const std = `--std=${path.join(root, "std")}`;

/** Builds a program that has stage1 in it. */
function buildLarge(words: string[]): void {
  const done = bootstrapped() === null ? stage0(["build", ...words]) : runWords(nativeCompiler(), ["build", ...words, std]);
  expect(done).toEqual(quiet);
}

describe.skipIf(!hasLinker)("stage1 with its heap checked", () => {
  const checked = path.join(work, "checked");
  beforeAll(() => buildLarge(["stage1/main.cot", "--heap-check", "-o", checked]), 300000);

  /** What stage0 makes of a program. */
  function byStage0(file: string, words: string[]): Buffer {
    const output = path.join(work, "stage0.out");
    expect(stage0(["build", file, ...words, "-o", output])).toEqual(quiet);
    return fs.readFileSync(output);
  }

  function sameBytes(file: string, words: string[], expected = byStage0(file, words)): void {
    const mine = path.join(work, "checked.out");
    expect(runWords(checked, ["build", file, std, ...words, "-o", mine])).toEqual(quiet);
    expect(fs.readFileSync(mine).equals(expected), "the same bytes").toBe(true);
  }

  test("a program, verified", () => sameBytes("test/run/42_map.cot", ["--emit=obj", "--verify"]));
  test("a program for wasm32", () => sameBytes("test/run/137_vm.cot", ["--target=wasm32"]));
  test("all dumps", () => {
    const dumps = path.join(work, "dumps");
    expect(runWords(checked, ["build", "test/run/64_unions.cot", std, "--emit=obj", "--dump=all", `--dump-dir=${dumps}`, "-o", path.join(work, "dumped.o")])).toEqual(quiet);
    expect(fs.readdirSync(dumps).length).toBeGreaterThan(10);
  });
  test("a wrong program", () => {
    const words = ["check", "test/error/unions.cot"];
    const done = runWords(checked, [...words, std]);
    expect(done.status).toBe(1);
    expect(done).toEqual(stage0(words));
  });
  test("its own source", () => sameBytes("stage1/main.cot", ["--emit=obj"], bootstrapped()?.object), 300000);
});

describe("a reference to an object that is gone", () => {
  const freed = "a weak reference to a freed object";
  const kinds = [["small", "retain of a dead object"], ["large", "retain of a dead object"], ["weak", freed], ["read", freed], ["drop", "a weak reference is dropped twice"]];
  for (const [kind, text] of kinds) {
    const panic: Done = { status: 134, stdout: "gone\n", stderr: `panic: ${text}\n` };
    test.skipIf(!hasLinker)(`native, ${kind}`, () => expect(stage0(["run", "test/heap/dead.cot", "--heap-check", "--", kind])).toEqual(panic));
    test(`wasm32, ${kind}`, () => expect(stage0(["run", "test/heap/dead.cot", "--heap-check", "--target=wasm32", "--", kind])).toEqual(panic));
  }
});

describe.skipIf(!hasLinker)("what a compilation leaves alive", () => {
  const leaks = path.join(work, "leaks");
  beforeAll(() => buildLarge(["test/heap/leaks.cot", "-o", leaks]), 300000);

  const output = path.join(work, "leaks.out");
  const lines: [string, string[], number][] = [
    ["check", ["check", "test/run/42_map.cot"], 0],
    ["native object", ["build", "test/run/137_vm.cot", "--emit=obj", "--verify", "-o", output], 0],
    ["wasm32 module", ["build", "test/run/64_unions.cot", "--target=wasm32", "-o", output], 0],
    ["executable", ["build", "test/run/00_hello.cot", "-o", output], 0],
    ["dumps", ["build", "test/run/75_closures.cot", "--emit=obj", "-o", output, "--dump=all", `--dump-dir=${path.join(work, "leaks.dumps")}`], 0],
    ["test blocks", ["test", "std/list.cot"], 0],
    ["wrong program", ["check", "test/error/syntax_recovery.cot"], 1],
    ["wrong types", ["check", "test/error/unions.cot"], 1],
    ["missing file", ["check", "missing.cot"], 2],
    ["wrong usage", ["build", "--nope"], 2],
  ];
  for (const [name, words, status] of lines) {
    test(name, () => {
      const done = runWords(leaks, name === "wrong usage" ? words : [...words, std]);
      expect(done.status, done.stderr).toBe(0);
      const counts = done.stderr.split("\n").filter((l) => /^run \d:/.test(l));
      expect(counts).toEqual([2, 3].map((n) => `run ${n}: status ${status}, 0 objects, 0 blocks`));
    });
  }
});
