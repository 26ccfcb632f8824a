// Every program of test/run, compiled with all checks on, run as native code and, a quarter of them drawn by the seed, as Wasm: it
// must do what it states. They are compiled by stage1 where the last bootstrap made it of these sources (that run's own verdict
// says whether stage0 makes the same of them); else by stage0. Where everything is to be tried, both compile them.

import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { bootstrapped } from "./kit/bootstrapped.ts";
import { compileBy, compileFile, type Expectation, readExpectation, root, runBytes } from "./kit/programs.ts";
import { nativeCompiler, programInPath, sampled, seed, testAll } from "./kit/tools.ts";

const folder = path.join(root, "test/run");
const hasLinker = programInPath("cc") !== "";

function checkOutcome(bytes: Uint8Array, wasm32: boolean, e: Expectation): void {
  const done = runBytes(bytes, wasm32, e);
  if (e.panic !== "") expect(done.stderr).toContain(e.panic);
  if (e.exit === 134) expect(done.stderr).toMatch(/^panic: .*\n$/);
  else if (e.exit === 1 && e.stderr === "") expect(done.stderr).toMatch(/^(error: .*\n)?$/);
  else expect(done.stderr).toBe(e.stderr);
  expect(done.stdout).toBe(e.lines.map((l) => `${l}\n`).join(""));
  expect(done.status).toBe(e.exit);
}

const programs = fs.readdirSync(folder).filter((f) => f.endsWith(".cot")).sort();
type Compile = (file: string, wasm32: boolean) => Uint8Array;
const compilers: [string, Compile][] = [];
if (hasLinker && bootstrapped() !== null) compilers.push(["stage1", (file, wasm32) => compileBy(nativeCompiler(), file, wasm32)]);
if (compilers.length === 0 || testAll) compilers.push(["stage0", (file, wasm32) => compileFile(file, wasm32, false)]);
const onWasm = new Set(hasLinker ? sampled(programs, 4) : programs);

for (const name of programs) {
  const file = path.join(folder, name);
  const text = fs.readFileSync(file, "utf8");
  if (!/\bfn main\b/.test(text)) continue;
  const e = readExpectation(text);
  describe(name, () => {
    test("states what it does", () => expect(e.stated).toBe(true));
    for (const [by, compile] of compilers) {
      test.skipIf(!hasLinker)(`native, by ${by}`, () => checkOutcome(compile(file, false), false, e));
      if (onWasm.has(name) && !text.includes("// only: native")) test(`wasm32, by ${by}, seed ${seed}`, () => checkOutcome(compile(file, true), true, e));
    }
  });
}
