// Cot and C in one program: Cot calls the C library, C calls Cot objects, structs go by value in both directions, and
// a host of a Wasm module gives imports and calls exports. Random signatures are checked against gcc, values on both
// sides; each object must be the same from both compilers.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { WASI } from "node:wasi";
import { afterAll, describe, expect, test } from "vitest";
import { compileFile, compileJob, jobFor, root, runBytes, runFile, type Expectation } from "./kit/programs.ts";
import { ownProgram, signaturePrograms } from "./kit/signatures.ts";
import { nativeCompiler, programInPath, testAll } from "./kit/tools.ts";
import { v8Instance } from "./kit/v8.ts";

const gcc = programInPath("gcc");
const cot1 = nativeCompiler();
const folder = path.join(root, "test/interop");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "cot-interop-"));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

function run(program: string, args: string[]): { status: number | string | null; stdout: string; stderr: string } {
  const done = spawnSync(program, args, { cwd: work, timeout: 120000, maxBuffer: 1 << 26 });
  return { status: done.status ?? done.signal, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

function nothing(): Expectation {
  return { lines: [], exit: 0, args: [], stdin: "", stderr: "", panic: "", stated: true };
}

/** The object of a Cot file; stage1 makes the same. */
function objectOf(file: string, name: string): string {
  const job = jobFor(file, false, "obj");
  job.check.root = path.dirname(file);
  job.check.mainPath = path.basename(file);
  job.verify = true;
  job.heapCheck = false;
  const object = path.join(work, `${name}.o`);
  fs.writeFileSync(object, compileJob(job));
  if (cot1 !== "") {
    const twin = path.join(work, `${name}.cot1.o`);
    const done = run(cot1, ["build", file, `--root=${path.dirname(file)}`, `--std=${path.join(root, "std")}`, "--emit=obj", "-o", twin]);
    expect(done).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(fs.readFileSync(twin).equals(fs.readFileSync(object)), `${name}: both compilers make the same object`).toBe(true);
  }
  return object;
}

/** What a C file linked with objects prints. */
function withC(c: string, objects: string[], args: string[] = []): ReturnType<typeof run> {
  const program = path.join(work, "program");
  expect(run(gcc, ["-O2", "-w", "-o", program, c, ...objects, "-lm"])).toEqual({ status: 0, stdout: "", stderr: "" });
  return run(program, args);
}

describe.skipIf(gcc === "")("with gcc", () => {
  test("a Cot program calls the C library", () => {
    const done = runFile(path.join(folder, "libc.cot"), false, false, nothing());
    expect(done).toEqual({ status: 0, stdout: fs.readFileSync(path.join(folder, "libc.txt"), "utf8"), stderr: "" });
  }, 60000);

  test("a C program calls a Cot object, whose heap and globals are there", () => {
    const done = withC(path.join(folder, "main.c"), [objectOf(path.join(folder, "library.cot"), "library"), objectOf(path.join(folder, "second.cot"), "second")]);
    expect(done).toEqual({ status: 0, stdout: fs.readFileSync(path.join(folder, "main.txt"), "utf8"), stderr: "" });
  }, 60000);

  test("a panic in a Cot object ends the C program", () => {
    const done = run(path.join(work, "program"), ["panic"]);
    expect([done.status, done.stderr]).toEqual([134, "panic: library.cot:100:14: index 7 out of range for length 3\n"]);
  });

  for (let seed = 1; seed <= (testAll ? 12 : 1); seed++) {
    test(`200 random signatures, seed ${seed}`, () => {
      const p = signaturePrograms(seed, 200);
      const cot = path.join(work, `signatures${seed}.cot`);
      const c = path.join(work, `signatures${seed}.c`);
      fs.writeFileSync(cot, p.cot);
      fs.writeFileSync(c, p.c);
      expect(withC(c, [objectOf(cot, `signatures${seed}`)])).toEqual({ status: 0, stdout: "200 calls from C, 200 from Cot\n", stderr: "" });
    }, 120000);
  }
});

test("200 random signatures by address on wasm32", () => {
  const file = path.join(work, "own.cot");
  fs.writeFileSync(file, ownProgram(21, 200));
  const job = jobFor(file, true, "exe");
  job.check.root = work;
  job.check.mainPath = "own.cot";
  expect(runBytes(compileJob(job), true, nothing())).toEqual({ status: 0, stdout: "200 calls\n", stderr: "" });
}, 120000);

describe("a Wasm host", () => {
  const heard: string[] = [];
  let memory: { buffer: ArrayBuffer };
  let table: { get(index: number): (...values: number[]) => void };

  /** Calls a function of the table with a struct at an address; its result goes to another. */
  function callBack(f: number, narrow: number): number[] {
    const view = new DataView(memory.buffer);
    view.setInt32(64, 10, true);
    view.setFloat64(72, 1.5, true);
    table.get(f)(128, 64, narrow);
    return [view.getFloat64(128, true), view.getUint8(136)];
  }

  function text(at: number): string {
    const bytes = new Uint8Array(memory.buffer);
    return Buffer.from(bytes.subarray(at, bytes.indexOf(0, at))).toString();
  }

  function start(): Record<string, (...values: (number | bigint)[]) => number | bigint> {
    const wasi = new WASI({ version: "preview1", args: [], env: {} });
    const imports = {
      env: {
        say: (at: number, n: number, big: bigint, x: number) => heard.push(`${text(at)} ${n} ${big} ${x}`),
        narrow: (n: number) => n + 300,
        half: (x: number) => x / 2,
        visit: (f: number, n: number) => BigInt(callBack(f, n + 0x500)[1]),
        length: (out: number, at: number) => {
          const view = new DataView(memory.buffer);
          view.setFloat64(out, view.getInt32(at, true) + view.getFloat64(at + 8, true), true);
          view.setUint8(out + 8, 200);
          view.setInt32(at, 77, true);
        },
      },
      host: { twice: (n: bigint) => n * 2n },
      ...(wasi.getImportObject() as Record<string, Record<string, unknown>>),
    };
    const instance = v8Instance(compileFile(path.join(folder, "host.cot"), true, false), imports);
    memory = instance.exports.memory as { buffer: ArrayBuffer };
    table = instance.exports.__indirect_function_table as typeof table;
    wasi.initialize(instance);
    return instance.exports as Record<string, (...values: (number | bigint)[]) => number | bigint>;
  }

  test("gives imports and calls exports", () => {
    const exports = start();
    expect(exports.greet(3)).toBe(3n);
    expect(heard).toEqual(["hello 3 -9007199254740993 2.5", "again 44 42 0.25"]);
    // Narrow params are cut to their width, whatever the host gives.
    expect([exports.byte(511), exports.word(0x18000), exports.flag(256)]).toEqual([255, -32768, 0]);
    expect(exports.wide(0xffffffffffffffffn)).toBe(-1n);
    // A struct of one scalar is the scalar; another goes by address, and so does a result.
    expect(exports.only(1.5)).toBe(3);
    const room = Number(exports.room());
    const view = new DataView(memory.buffer);
    view.setInt32(room, 5, true);
    view.setFloat64(room + 8, 0.25, true);
    expect(exports.turn(room + 32, room)).toBeUndefined();
    expect([view.getFloat64(room + 32, true), view.getInt32(room + 40, true)]).toEqual([-0.25, 6]);
    expect(exports.measure(room)).toBe(205.25);
    expect(view.getInt32(room, true), "C wrote to its copy").toBe(5);
    // The host calls back by the table, before the call of Cot returns and after.
    expect(exports.visits()).toBe(13003n);
    expect(callBack(Number(exports.visitor()), -1)).toEqual([3, 9]);
  }, 60000);
});
