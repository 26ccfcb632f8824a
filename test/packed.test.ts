// Packed structs and integers of odd widths: 500 random structs against gcc's bit-fields, random arithmetic against a model
// in BigInt. Natively and as Wasm; cot1 gives the same bytes. Programs are drawn by the seed; one that fails stays in out/packed.
// `npm test` takes 200 structs, `npm run test:all` the 500; where cot1 is there, stage0 compiles every fifth program of them only.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { packedPrograms } from "./kit/packed.ts";
import { compileJob, jobFor, readExpectation, root, runBytes } from "./kit/programs.ts";
import { nativeCompiler, programInPath, seed, testAll } from "./kit/tools.ts";
import { widthProgram } from "./kit/widths.ts";

const gcc = programInPath("gcc");
const cot1 = nativeCompiler();
const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-packed-")));
const failures = path.join(root, "out/packed");
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

const perProgram = 100;
const programs = testAll ? 5 : 1;
const widthPrograms = testAll ? 20 : 2;

function write(name: string, text: string): string {
  const file = path.join(work, name);
  fs.writeFileSync(file, text);
  return file;
}

function compiled(name: string, wasm32: boolean): Uint8Array {
  const job = jobFor(path.join(root, name), wasm32, wasm32 ? "exe" : "obj");
  job.check.root = work;
  job.heapCheck = false;
  return compileJob(job);
}

function cot1Bytes(name: string, wasm32: boolean): Buffer {
  const output = path.join(work, "cot1.out");
  const done = spawnSync(cot1, ["build", name, `--target=${wasm32 ? "wasm32" : "x86_64-linux"}`, `--emit=${wasm32 ? "exe" : "obj"}`, `--std=${path.join(root, "std")}`, "-o", output], { cwd: work, timeout: 60000 });
  expect({ status: done.status, stderr: done.stderr.toString() }).toEqual({ status: 0, stderr: "" });
  return fs.readFileSync(output);
}

/** Runs a program of both compilers, or of cot1 alone; what it prints is what is expected. */
function checkProgram(name: string, text: string, expected: string, wasm32: boolean, both: boolean): void {
  write(name, text);
  const bytes = both || cot1 === "" ? compiled(name, wasm32) : cot1Bytes(name, wasm32);
  if (both && cot1 !== "") expect(Buffer.from(bytes).equals(cot1Bytes(name, wasm32)), "cot1 gives the same bytes").toBe(true);
  const done = runBytes(bytes, wasm32, readExpectation(""));
  if (done.stdout !== expected) {
    fs.mkdirSync(failures, { recursive: true });
    fs.writeFileSync(path.join(failures, name), text);
    fs.writeFileSync(path.join(failures, `${name}.expected`), expected);
  }
  expect([done.stderr, done.status]).toEqual(["", 0]);
  expect(done.stdout.split("\n")).toEqual(expected.split("\n"));
}

describe.skipIf(gcc === "")("random packed structs and gcc's bit-fields", () => {
  for (let n = 0; n < programs; n++) {
    test(`${perProgram} structs, seed ${seed + n}`, () => {
      const p = packedPrograms(seed + n, perProgram);
      const c = write(`structs${n}.c`, p.c);
      const program = path.join(work, `structs${n}`);
      const built = spawnSync(gcc, ["-w", "-o", program, c], { timeout: 120000 });
      expect([built.status, built.stderr.toString()]).toEqual([0, ""]);
      const expected = spawnSync(program, [], { timeout: 60000 }).stdout.toString();
      expect(expected.split("\n").length).toBe(13 * perProgram + 1);
      checkProgram(`structs${n}.cot`, p.cot, expected, false, n % 5 === 0);
      checkProgram(`structs${n}.cot`, p.cot, expected, true, n % 5 === 1);
    }, 120000);
  }
});

describe("random arithmetic on widths from 1 to 64", () => {
  for (let n = 0; n < widthPrograms; n++) {
    for (const wasm32 of [false, true]) {
      test.skipIf(!wasm32 && programInPath("cc") === "")(`16 types, seed ${seed + n}, ${wasm32 ? "wasm32" : "native"}`, () => {
        const p = widthProgram(seed + n, 16);
        checkProgram(`widths${n}.cot`, p.text, p.expected, wasm32, true);
      }, 120000);
    }
  }
});
