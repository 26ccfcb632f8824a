// --unchecked: what a program does right it does the same without the checks, with less code; what it asserts stays.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compileJob, jobFor, readExpectation, root, runBytes } from "./kit/programs.ts";
import { programInPath, sampled, seed } from "./kit/tools.ts";

const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

function cot(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const done = spawnSync(process.execPath, [path.join(root, "cot.js"), ...words], { cwd: work, timeout: 120000 });
  return { status: done.status, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

const folder = path.join(root, "test/run");
const sane = fs.readdirSync(folder).filter((f) => f.endsWith(".cot")).filter((f) => {
  const text = fs.readFileSync(path.join(folder, f), "utf8");
  const e = readExpectation(text);
  return e.panic === "" && e.exit === 0 && e.args.length === 0 && e.stdin === "" && !text.includes("// only: native") && /\bfn main\b/.test(text);
}).sort();

describe.skipIf(programInPath("cc") === "")(`programs, seed ${seed}`, () => {
  for (const name of sampled(sane, 25)) {
    test(name, () => {
      const file = path.join(folder, name);
      const e = readExpectation(fs.readFileSync(file, "utf8"));
      for (const wasm32 of [false, true]) {
        const job = jobFor(file, wasm32, wasm32 ? "exe" : "obj");
        job.check.unchecked = true;
        job.heapCheck = false;
        expect(runBytes(compileJob(job), wasm32, e).stdout, job.check.target).toBe(e.lines.map((l) => `${l}\n`).join(""));
      }
    });
  }
});

test("checks are gone, assertions are not", () => {
  const file = path.join(work, "a.cot");
  fs.writeFileSync(file, "fn at(xs: []i64, i: i64) i64 { return xs[i] }\n\nfn main() {\n    var xs = new [3]i64\n    println(at(xs, 1))\n    @assert(xs.len == 4)\n}\n");
  expect(cot("run", file, "--unchecked", "--target=wasm32")).toEqual({ status: 134, stdout: "0\n", stderr: "panic: a.cot:6:5: assertion failed\n" });
  const sizes = ["--unchecked", "--verify"].map((option) => {
    const done = cot("build", file, option, "--emit=obj", "-o", path.join(work, "a.o"), "--dump=ir", "--fn=a.at");
    expect(done.status).toBe(0);
    return done.stdout.length;
  });
  expect(sizes[0]).toBeLessThan(sizes[1]);
});

test.skipIf(programInPath("cc") === "")("what the machine traps on has the checks' words and place", () => {
  const file = path.join(work, "d.cot");
  fs.writeFileSync(file, "fn main() {\n    var zero: i64 = 0\n    for i in 0..3 { zero = zero * i }\n    println(5 / zero)\n}\n");
  for (const target of ["x86_64-linux", "wasm32"]) {
    expect(cot("run", file, "--unchecked", `--target=${target}`), target).toEqual({ status: 134, stdout: "", stderr: "panic: d.cot:4:15: division by zero\n" });
  }
});
