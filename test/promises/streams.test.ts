// Promises about standard output, memory and a foreign library, by both compilers: what cannot be written is said and is no
// success, nothing is left behind, dumps that fail leave no output, and a library of another compiler is one error.

import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fill, namesIn, runSide, runWords, type Side, sides, workFolder } from "../kit/commands.ts";
import { root } from "../kit/programs.ts";
import { programInPath } from "../kit/tools.ts";

const work = workFolder();
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));
const hasCc = programInPath("cc") !== "";
const prlimit = programInPath("prlimit");

fill(work, {
  "cot.json": "{}",
  "a.cot": 'fn main() { println("hello") }\ntest "one" { println("in one") }\ntest "two" { }\n',
  "loop.cot": 'fn main() { for i in 0..200000 { println("line ", i) } }\n',
  "tmp/.keep": "",
});
fs.cpSync(path.join(root, "std"), path.join(work, "changed"), { recursive: true });
fs.cpSync(path.join(root, "std"), path.join(work, "lacking"), { recursive: true });

function edit(name: string, from: string, to: string): void {
  const file = path.join(work, name);
  const text = fs.readFileSync(file, "utf8");
  expect(text).toContain(from);
  fs.writeFileSync(file, text.replace(from, to));
}
edit("changed/rt/count.cot", "fn weakLoad(address: i64) i64", "fn weakLoad(address: i32) i64");
edit("lacking/rt/text.cot", "fn findName(", "fn findNames(");

const env = { ...process.env, TMPDIR: path.join(work, "tmp") };

/** Runs a command whose standard output a shell has redirected. */
function redirected(side: Side, words: string[], redirection: string): { status: number | string | null; stderr: string } {
  const done = runWords(work, ["sh", "-c", `"$@" ${redirection}`, "sh", ...side.start, ...words], { env });
  expect(namesIn(path.join(work, "tmp"))).toEqual([".keep"]);
  return { status: done.status, stderr: done.stderr };
}

const full = "cot: standard output: no space left on device\n";
const panic = "panic: cannot write to standard output\n";

for (const side of sides()) {
  describe(`${side.name}: standard output that takes nothing`, () => {
    for (const words of [["help"], ["--help"], ["build", "--help"], ["version"], ["check", "a.cot", "--dump=ast"], ["build", "a.cot", "--dump=asm", "--emit=obj", "-o", "dumped.o"]]) {
      test(words.join(" "), () => {
        expect(redirected(side, words, "> /dev/full")).toEqual({ status: 2, stderr: full });
        // Under Node a stream that is closed is /dev/null.
        if (side.name === "cot1") expect(redirected(side, words, ">&-")).toEqual({ status: 2, stderr: "cot: standard output: it is closed\n" });
        expect(fs.existsSync(path.join(work, "dumped.o"))).toBe(false);
      });
    }
    for (const target of ["wasm32", ...(hasCc ? ["x86_64-linux"] : [])]) {
      test(`run and test, ${target}`, () => {
        expect(redirected(side, ["run", "a.cot", `--target=${target}`], "> /dev/full")).toEqual({ status: 134, stderr: panic });
        expect(redirected(side, ["test", "a.cot", `--target=${target}`, "--filter=two"], "> /dev/full")).toEqual({ status: 2, stderr: full });
        const failed = redirected(side, ["test", "a.cot", `--target=${target}`], "> /dev/full");
        expect(failed.status).toBe(2);
        expect(failed.stderr).toMatch(/^(panic: cannot write to standard output\n)+cot: standard output: no space left on device\n$/);
      });
    }
    test.skipIf(!hasCc)("nobody reads it any more", () => {
      expect(redirected(side, ["run", "loop.cot"], "| head -n 1; :").status).toBe(0);
      const words = ["sh", "-c", '{ "$@"; echo "status $?" >&2; } | head -n 1', "sh", ...side.start];
      const run = runWords(work, [...words, "run", "loop.cot"], { env });
      expect([run.stdout, run.stderr]).toEqual(["line 0\n", "status 141\n"]);
      const dump = runWords(work, [...words, "check", "loop.cot", "--dump=all", "--std=changed"], { env });
      expect(dump.stderr).toContain("wrong-runtime");
      const dumped = runWords(work, [...words, "build", "loop.cot", "--dump=all", "-o", "lost"], { env });
      expect([dumped.stdout, dumped.stderr]).toEqual(["; tokens\n", "cot: standard output: nobody reads it any more\nstatus 2\n"]);
      expect(fs.existsSync(path.join(work, "lost"))).toBe(false);
      expect(namesIn(path.join(work, "tmp"))).toEqual([".keep"]);
    });
  });

  describe(`${side.name}: dumps that fail`, () => {
    test("leave no output", () => {
      fs.rmSync(path.join(work, "d"), { recursive: true, force: true });
      fill(work, { "d/002_ast.txt/x": "a folder where a dump belongs" });
      for (const words of [["build", "a.cot", "--emit=obj", "-o", "out.o"], ["build", "a.cot", "--target=wasm32", "-o", "out.o"], ["test", "a.cot", "--target=wasm32", "-o", "out.o"], ["run", "a.cot", "--target=wasm32"]]) {
        const done = runSide(side, work, [...words, "--dump=all", "--dump-dir=d"], { env });
        expect(done).toEqual({ status: 2, stdout: "", stderr: "cot: cannot write into 'd': is a directory\n" });
        expect(fs.existsSync(path.join(work, "out.o"))).toBe(false);
      }
    });
  });

  describe(`${side.name}: a library of another compiler`, () => {
    test("is one error", () => {
      const place = "std/rt/count.cot:257:4: error[wrong-runtime]: this is not the library of this compiler: 'std/rt/count.weakLoad' is 'fn(i32) -> i64', not 'fn(i64) -> i64'\n";
      for (const command of ["build", "check", "run", "test"]) {
        const done = runSide(side, work, [command, "a.cot", "--std=changed"], { env });
        expect(done.status).toBe(1);
        expect(done.stderr.replace(/count\.cot:\d+:/, "count.cot:257:").startsWith(place)).toBe(true);
        expect(done.stderr.endsWith("\n1 error\n")).toBe(true);
      }
      const lacking = runSide(side, work, ["build", "a.cot", "--std=lacking"], { env });
      expect(lacking.stderr).toBe("error[wrong-runtime]: this is not the library of this compiler: 'std/rt/text.findName' is missing, not 'fn(i64, i64, i64) -> (i64, i64)'\n1 error\n");
    });
  });

  if (side.name === "cot1") describe.skipIf(prlimit === "")("cot1: little memory", () => {
    for (const megabytes of [12, 16, 20, 21, 24]) {
      test(`${megabytes} MB`, () => {
        const done = runSide(side, work, ["build", "a.cot", "--emit=obj", "-o", "never.o"], { env }, [prlimit, `--as=${megabytes << 20}`]);
        expect(done).toEqual({ status: 134, stdout: "", stderr: "panic: out of memory\n" });
        expect(fs.existsSync(path.join(work, "never.o"))).toBe(false);
        expect(namesIn(path.join(work, "tmp"))).toEqual([".keep"]);
      });
    }
  });
}
