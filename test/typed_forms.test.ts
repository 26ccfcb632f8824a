// Random expressions of all forms that have a block's value come out as the model of types says, in every place where a
// type is wanted and where none is: natively, as Wasm, and cot1 gives the objects that stage0 gives. Each run has 2,000, from
// the seed that the names of the tests tell. A file that fails stays in out/typed_forms.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compileJob, jobFor, readExpectation, root, runBytes } from "./kit/programs.ts";
import { nativeCompiler, programInPath, seed, testAll } from "./kit/tools.ts";
import { formsFile } from "./kit/typed_forms.ts";

const cot1 = nativeCompiler();
const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
const failures = path.join(root, "out/typed_forms");
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

const perFile = 1000;
const files = testAll ? 20 : 2;

function compile(name: string, wasm32: boolean): Uint8Array {
  const job = jobFor(path.join(root, name), wasm32, wasm32 ? "exe" : "obj");
  job.check.root = work;
  return compileJob(job);
}

function cot1Object(name: string, wasm32: boolean): Uint8Array {
  const output = path.join(work, "cot1.out");
  const target = wasm32 ? "wasm32" : "x86_64-linux";
  const done = spawnSync(cot1, ["build", name, `--target=${target}`, `--emit=${wasm32 ? "exe" : "obj"}`, "--heap-check", `--std=${path.join(root, "std")}`, "-o", output], { cwd: work, timeout: 60000 });
  expect({ status: done.status, stderr: done.stderr.toString() }).toEqual({ status: 0, stderr: "" });
  return fs.readFileSync(output);
}

for (let n = 0; n < files; n++) {
  const first = seed + n;
  const name = `forms${n}.cot`;
  const file = formsFile(first, perFile);
  describe(`${perFile} expressions of seed ${first}`, () => {
    fs.writeFileSync(path.join(work, name), file.text);
    for (const wasm32 of [false, true]) {
      test.skipIf(!wasm32 && programInPath("cc") === "")(wasm32 ? "wasm32" : "native", () => {
        fs.mkdirSync(failures, { recursive: true });
        fs.writeFileSync(path.join(failures, `seed${first}.cot`), file.text);
        const bytes = compile(name, wasm32);
        const done = runBytes(bytes, wasm32, readExpectation(""));
        expect(done.stdout.split("\n")).toEqual(file.expected.split("\n"));
        expect([done.stderr, done.status]).toEqual(["", 0]);
        if (cot1 !== "") expect(Buffer.from(bytes).equals(cot1Object(name, wasm32)), "cot1 gives the same bytes").toBe(true);
        fs.rmSync(path.join(failures, `seed${first}.cot`));
      }, 120000);
    }
  });
}

/** What the expressions must hold somewhere, or they try less than they should. */
const forms = [
  /\+ \(if /, /\(switch .*\) [-+*&|^]/, /<< \(/, />> \('l/, /~\(/, /-\(if /, /\) < \(/, /catch if /, /orelse switch /, /catch 'l\d+: /, /orelse \{/, /catch \(/, /break 'l\d+ (if|switch|'l)/, /@as\(\w+, 'l/,
  /table\[\(/, /"abcd"\[\(/, /same_\w+\(if /, /\) as \w+\)/, /\{ \{ /, /else if /, /\|c\d+\|/, /else \|_\|/, /=> \{ /, /\{ break 'l\d+ [^}]*\}; /, /var v\d+: f32 = /, /E!\?\w+ \{ return /, /\) \?\w+ \{ return /, /: \[2\]\w+ = \[/, /\.f = if /,
  /: \(bool, \w+\) = \(no, /, /f64_0/, /i8_0/, /u64_0/,
];

test("the sample holds every form of the generator", () => {
  const text = Array.from({ length: files }, (_, n) => formsFile(seed + n, perFile).text).join("\n");
  expect(forms.filter((f) => !f.test(text.slice(text.indexOf("fn case0")))).map(String)).toEqual([]);
});
