// Every program of test/run, compiled with all checks on, run as native code and, a quarter of them drawn by the seed, as Wasm: it
// must do what it states.

import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { type Expectation, readExpectation, root, runFile } from "./kit/programs.ts";
import { programInPath, sampled, seed } from "./kit/tools.ts";

const folder = path.join(root, "test/run");
const hasLinker = programInPath("cc") !== "";

function checkOutcome(file: string, wasm32: boolean, e: Expectation): void {
  const done = runFile(file, wasm32, false, e);
  if (e.panic !== "") expect(done.stderr).toContain(e.panic);
  if (e.exit === 134) expect(done.stderr).toMatch(/^panic: .*\n$/);
  else if (e.exit === 1 && e.stderr === "") expect(done.stderr).toMatch(/^(error: .*\n)?$/);
  else expect(done.stderr).toBe(e.stderr);
  expect(done.stdout).toBe(e.lines.map((l) => `${l}\n`).join(""));
  expect(done.status).toBe(e.exit);
}

const programs = fs.readdirSync(folder).filter((f) => f.endsWith(".cot")).sort();
const onWasm = new Set(hasLinker ? sampled(programs, 4) : programs);

for (const name of programs) {
  const file = path.join(folder, name);
  const text = fs.readFileSync(file, "utf8");
  if (!/\bfn main\b/.test(text)) continue;
  const e = readExpectation(text);
  describe(name, () => {
    test("states what it does", () => expect(e.stated).toBe(true));
    test.skipIf(!hasLinker)("native", () => checkOutcome(file, false, e));
    if (onWasm.has(name) && !text.includes("// only: native")) test(`wasm32, seed ${seed}`, () => checkOutcome(file, true, e));
  });
}
