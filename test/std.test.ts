// The test blocks of every std module, on both targets, with the heap checked and no object left alive.

import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { readExpectation, root, runFile } from "./kit/programs.ts";

const folder = path.join(root, "std");

for (const name of fs.readdirSync(folder).filter((f) => f.endsWith(".cot")).sort()) {
  const file = path.join(folder, name);
  const text = fs.readFileSync(file, "utf8");
  const tests = (text.match(/^test "/gm) ?? []).length;
  describe(`std/${name}`, () => {
    test("has tests", () => expect(tests).toBeGreaterThan(0));
    for (const wasm32 of [false, true]) {
      if (wasm32 && text.includes("// only: native")) continue;
      test(wasm32 ? "wasm32" : "native", () => {
        const done = runFile(file, wasm32, true, readExpectation(""));
        expect(done.stderr).toBe("");
        expect(done.stdout).toBe(`${tests} passed, 0 failed\n`);
      });
    }
  });
}
