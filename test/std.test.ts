// The test blocks of every std module, and of stage1's own containers, on both targets, with the heap checked and no
// object left alive.

import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { readExpectation, root, runFile } from "./kit/programs.ts";

/** Files of a folder with the number of their test blocks. */
function testedFiles(folder: string): { name: string; text: string; tests: number }[] {
  return fs.readdirSync(path.join(root, folder)).filter((f) => f.endsWith(".cot")).sort().map((f) => {
    const text = fs.readFileSync(path.join(root, folder, f), "utf8");
    return { name: `${folder}/${f}`, text, tests: (text.match(/^test "/gm) ?? []).length };
  });
}

const library = testedFiles("std");
const containers = testedFiles("stage1/base").filter((f) => f.tests > 0);

test("every module of the library has tests, and so have the lists of stage1", () => {
  expect(library.filter((f) => f.tests === 0).map((f) => f.name)).toEqual([]);
  expect(containers.map((f) => f.name)).toEqual(["stage1/base/ints.cot", "stage1/base/small_list.cot"]);
});

for (const file of [...library, ...containers]) {
  describe(file.name, () => {
    for (const wasm32 of [false, true]) {
      if (wasm32 && file.text.includes("// only: native")) continue;
      test(wasm32 ? "wasm32" : "native", () => {
        const done = runFile(path.join(root, file.name), wasm32, true, readExpectation(""));
        expect(done.stderr).toBe("");
        expect(done.stdout).toBe(`${file.tests} passed, 0 failed\n`);
      });
    }
  });
}
