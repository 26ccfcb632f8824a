// Random programs over counted values do what a model of counting says: what they read, what lives at each checkpoint,
// and that nothing is left. Natively and as Wasm, with the heap checked; and cot1 gives the objects that stage0 gives. The same
// where all exits of a function share its cleanups, which `npm test` tries on one target a file.
// `npm test` takes a sample, `npm run test:all` ten times as many. A file that fails stays in out/ownership.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ownershipFile } from "./kit/ownership.ts";
import { compileJob, jobFor, readExpectation, root, runBytes } from "./kit/programs.ts";
import { nativeCompiler, programInPath, seed, testAll } from "./kit/tools.ts";

const cot1 = nativeCompiler();
const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
const failures = path.join(root, "out/ownership");
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

const perFile = 15;
const files = testAll ? 30 : 3;

function seedsOf(n: number): number[] {
  return Array.from({ length: perFile }, (_, k) => seed + n * perFile + k);
}

const compiled = new Map<string, Uint8Array>();

/** An object, or a linked Wasm module, that checks its heap. */
function compile(name: string, wasm32: boolean, shared: boolean): Uint8Array {
  const key = `${name} ${wasm32} ${shared}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const job = jobFor(path.join(root, name), wasm32, wasm32 ? "exe" : "obj");
  job.check.root = work;
  job.shareCleanups = shared;
  const bytes = compileJob(job);
  compiled.set(key, bytes);
  return bytes;
}

function cot1Object(name: string, wasm32: boolean, shared: boolean, checked: boolean): Uint8Array {
  const output = path.join(work, "cot1.out");
  const target = wasm32 ? "wasm32" : "x86_64-linux";
  const words = ["build", name, `--target=${target}`, `--emit=${wasm32 ? "exe" : "obj"}`, ...(checked ? ["--heap-check"] : []), ...(shared ? ["--share-cleanups"] : []), `--std=${path.join(root, "std")}`, "-o", output];
  const done = spawnSync(cot1, words, { cwd: work, timeout: 60000 });
  expect({ status: done.status, stderr: done.stderr.toString() }).toEqual({ status: 0, stderr: "" });
  return fs.readFileSync(output);
}

/** Keeps a file that fails, with what the model says. */
function keepFailure(name: string, text: string, expected: string): void {
  fs.mkdirSync(failures, { recursive: true });
  fs.writeFileSync(path.join(failures, name), text);
  fs.writeFileSync(path.join(failures, `${name}.expected`), expected);
}

for (let n = 0; n < files; n++) {
  const seeds = seedsOf(n);
  describe(`seeds ${seeds[0]} to ${seeds[seeds.length - 1]}`, () => {
    const name = `ownership${n}.cot`;
    const file = ownershipFile(seeds);
    fs.writeFileSync(path.join(work, name), file.text);
    for (const [wasm32, shared] of [[false, false], [true, false], [false, true], [true, true]]) {
      // Of the ways with shared cleanups a file goes one, where not everything is to be tried.
      if (shared && !testAll && wasm32 !== ((seed + n) % 2 === 0)) continue;
      const way = `${wasm32 ? "wasm32" : "native"}${shared ? ", cleanups shared" : ""}`;
      test.skipIf(!wasm32 && programInPath("cc") === "")(way, () => {
        const done = runBytes(compile(name, wasm32, shared), wasm32, readExpectation(""));
        if (done.stdout !== file.expected || done.status !== 0) keepFailure(name, file.text, file.expected);
        expect(done.stderr).toBe("");
        expect(done.stdout.split("\n")).toEqual(file.expected.split("\n"));
        expect(done.status).toBe(0);
      });
      test.skipIf(cot1 === "")(`cot1 agrees, ${way}`, () => {
        expect(Buffer.from(compile(name, wasm32, shared)).equals(cot1Object(name, wasm32, shared, true)), "the same bytes").toBe(true);
      });
      // Counts are taken without a search then, and memory is given out again at once.
      test.skipIf(cot1 === "" || (!wasm32 && programInPath("cc") === ""))(`the heap not checked, ${way}`, () => {
        const done = runBytes(cot1Object(name, wasm32, shared, false), wasm32, readExpectation(""));
        expect(done.stdout.split("\n")).toEqual(file.expected.split("\n"));
        expect([done.stderr, done.status]).toEqual(["", 0]);
      });
    }
    test("sharing changes the code", () => {
      const way = !testAll && (seed + n) % 2 === 0;
      expect(Buffer.from(compile(name, way, true)).equals(compile(name, way, false))).toBe(false);
    });
  });
}

/** What the programs must hold somewhere, or they try less than they should. */
const forms = [
  /weak var/, /errdefer /, /\bdefer /, / = try /, / catch /, / orelse (return|break|continue)/, /break 'l\d+\n/, /continue/, /\|\*p\d+\| =>/, /if v\d+ \|\*p\d+\|/, /exchange\(/, /\.swapRemove\(/, /\.insert\(/,
  /return error\./, /Pay\.Fun\(/, /Pay\.Two\(/, /clobber\(Pay\)/, /fn\(x: i64\) i64 \{/, /placeOf\(/, /: Both = /, /const t\d+ = /, /: \?Pair = if /, /: \*Leaf = 'l/, /while v\d+ \|v\d+\|/, /gNode\.\?\.leaf = /, /v\d+ - 1/,
  /Ties \{ l: /, /Tie\.Leaf\(/, /\.up = /, /\.ties(\.\w)? = /, /: List\(weak \*Leaf\) = /, /: \[3\]weak \*Leaf = /, /: WeakBoth = /, /weakAt\(/, /clobber\((Ties|weak \*\w+)\)/, /\.Many \|\*p\d+\| =>/, /same\(weak \*Leaf\)/,
];

test("the sample holds every form of the generator", () => {
  const text = Array.from({ length: files }, (_, n) => ownershipFile(seedsOf(n)).text).join("\n");
  const body = text.split("\n").filter((l) => /^ +/.test(l)).join("\n");
  expect(forms.filter((f) => !f.test(body)).map(String)).toEqual([]);
});

test("the model is of some use: its programs have checkpoints, deaths, and circles that stay", () => {
  const lines = ownershipFile([0, 1, 2, 3].flatMap(seedsOf)).expected.split("\n");
  const ends = lines.filter((l) => /^p\d+ /.test(l));
  expect(lines.length).toBeGreaterThan(800);
  expect(ends.filter((l) => /^p\d+ 0 [1-9]\d* 0 0$/.test(l)).length).toBeGreaterThan(25);
  expect(ends.filter((l) => /^p\d+ [1-9]\d* \d+$/.test(l)).length).toBeGreaterThan(0);
});
