// Programs of n exits, errors, fields and variants grow the compilers' work and their code by a constant for each, natively and as
// Wasm: the rows of `npm run bench` that are not about functions and statements, with code sizes in place of times, which any
// machine gives alike. `npm run test:all` times them, too. The programs of test/run that are named for it share their cleanups.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Growth, growths } from "../bench/growth.ts";
import { compileJob, jobFor, readExpectation, root, runBytes } from "./kit/programs.ts";
import { nativeCompiler, programInPath, testAll } from "./kit/tools.ts";

const cot1 = nativeCompiler();
const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

/** What a program of a size prints. */
const printed: Record<string, (size: number) => string> = {
  errors: (n) => `${3 * n + 1}\n`,
  tries: (n) => `${n + 1}\n`,
  defers: (n) => {
    let total = 0n;
    for (let i = n - 1; i >= 0; i--) total = BigInt.asIntN(64, total * 3n + BigInt(i));
    return `${n + 1}\n${total}\n`;
  },
  fields: (n) => `copy of n0n${n + 1}\n`,
  variants: () => "2\n",
};

/** The name of a program's file in `work`. */
function source(g: Growth, size: number): string {
  const name = `${g.name}${size}.cot`;
  if (!fs.existsSync(path.join(work, name))) fs.writeFileSync(path.join(work, name), g.text(size));
  return name;
}

function cot1Object(name: string, wasm32: boolean): Uint8Array {
  const output = path.join(work, "cot1.out");
  const words = ["build", name, `--target=${wasm32 ? "wasm32" : "x86_64-linux"}`, `--emit=${wasm32 ? "exe" : "obj"}`, `--std=${path.join(root, "std")}`, "-o", output];
  const done = spawnSync(cot1, words, { cwd: work, timeout: 120000 });
  expect({ status: done.status, stderr: done.stderr.toString() }).toEqual({ status: 0, stderr: "" });
  return fs.readFileSync(output);
}

for (const g of growths.filter((row) => printed[row.name] !== undefined)) {
  describe.skipIf(cot1 === "")(`${g.what}`, () => {
    for (const wasm32 of [false, true]) {
      const way = wasm32 ? "wasm32" : "native";
      test(`code grows as the program does, ${way}`, () => {
        const [least, small, large] = [10, 200, 2000].map((size) => cot1Object(source(g, size), wasm32).length);
        expect(large - least).toBeLessThan(11.5 * (small - least));
      });
      test.skipIf(!wasm32 && programInPath("cc") === "")(`2000 run, ${way}`, () => {
        const done = runBytes(cot1Object(source(g, 2000), wasm32), wasm32, readExpectation(""));
        expect([done.stderr, done.stdout, done.status]).toEqual(["", printed[g.name](2000), 0]);
      });
      test(`stage0 agrees, ${way}`, () => {
        const job = jobFor(path.join(root, source(g, 200)), wasm32, wasm32 ? "exe" : "obj");
        job.check.root = work;
        job.heapCheck = false;
        expect(Buffer.from(compileJob(job)).equals(cot1Object(source(g, 200), wasm32)), "the same bytes").toBe(true);
      });
    }
    if (testAll) test("20000 take at most fifteen times as long as 2000", () => {
      const least = (size: number): number => Math.min(...[0, 1, 2].map(() => {
        const begun = performance.now();
        cot1Object(source(g, size), false);
        return performance.now() - begun;
      }));
      expect(least(20000)).toBeLessThan(15 * least(2000));
    });
  });
}

describe.skipIf(cot1 === "")("programs whose cleanups are shared", () => {
  const programs = fs.readdirSync(path.join(root, "test/run")).filter((f) => /^\d+_(panic_)?shared/.test(f));
  test("there are some", () => expect(programs.length).toBeGreaterThan(10));
  for (const program of programs) {
    test(program, () => {
      const [usual, asked] = [[], ["--share-cleanups"]].map((more) => {
        const words = ["build", path.join("test/run", program), "--emit=obj", "--std=std", "-o", path.join(work, "shared.o"), "--dump=ir", "--fn=*.shared*", ...more];
        const done = spawnSync(cot1, words, { cwd: root, timeout: 60000 });
        expect(done.status).toBe(0);
        // Strings and texts are numbered in the order of their first use, which differs.
        return done.stdout.toString().replace(/(string|text)\.\d+/g, "$1");
      });
      expect(usual).toContain("func ");
      expect(usual).toBe(asked);
    });
  }
});
