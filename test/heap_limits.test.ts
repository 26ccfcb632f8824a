// The allocator against a shadow model, past 1 GiB, and at the end of memory: programs of test/heap, native and on Wasm.
// Native programs meet the end by `ulimit -v`, Wasm modules by a maximum of their memory, which the test writes into them.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { linkExecutable } from "../stage0/link/link.ts";
import { decodeWasm } from "../stage0/wasm/decode.ts";
import { encodeFinal } from "../stage0/wasm/encode.ts";
import { compileJob, jobFor, root } from "./kit/programs.ts";
import { programInPath, testAll } from "./kit/tools.ts";

const hasLinker = programInPath("cc") !== "";
const work = fs.mkdtempSync(path.join(os.tmpdir(), "cot-limits-"));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

interface Done {
  status: number | string | null;
  stdout: string;
  stderr: string;
}

/** Compiles a program of test/heap; a Wasm module gets a maximum of so many pages above what it begins with (0: none). */
function build(name: string, wasm32: boolean, heapCheck: boolean, maximum: number): string {
  const job = jobFor(path.join(root, `test/heap/${name}.cot`), wasm32, wasm32 ? "exe" : "obj");
  job.heapCheck = heapCheck;
  let bytes = compileJob(job);
  const file = path.join(work, `${name}${heapCheck ? ".checked" : ""}${wasm32 ? `.${maximum}.wasm` : ""}`);
  if (!wasm32) {
    expect(linkExecutable({ data: bytes, len: bytes.length }, file, "", false)).toBe("");
    return file;
  }
  if (maximum > 0) {
    const w = decodeWasm({ data: bytes, len: bytes.length }).module;
    w.memories[0].limits.hasMax = true;
    w.memories[0].limits.max = w.memories[0].limits.min + BigInt(maximum);
    const limited = encodeFinal(w);
    bytes = limited.data.subarray(0, limited.len);
  }
  fs.writeFileSync(file, bytes);
  return file;
}

/** Runs a program, native ones with at most so many kilobytes of addresses (0: any). */
function run(file: string, args: string[], kilobytes: number): Done {
  const words = file.endsWith(".wasm") ? [process.execPath, path.join(root, "wasm_host.js"), file, ...args] : [file, ...args];
  const limit = kilobytes > 0 ? `ulimit -v ${kilobytes}; ` : "";
  const done = spawnSync("sh", ["-c", `${limit}exec "$@"`, "sh", ...words], { cwd: work, timeout: 120000 });
  return { status: done.status ?? done.signal, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

const targets: [string, boolean][] = [["native", false], ["wasm32", true]];

for (const [target, wasm32] of targets) {
  describe.skipIf(!wasm32 && !hasLinker)(target, () => {
    const modelled: Done = { status: 0, stdout: "blocks true alive 0\nbounded true true\n", stderr: "" };

    test("a million operations against a shadow model", () => {
      const file = build("shadow", wasm32, false, 0);
      for (let seed = 1; seed <= (testAll ? 8 : 1); seed++) expect(run(file, [`${seed}`, "1000000"], 0), `seed ${seed}`).toEqual(modelled);
    }, 300000);

    test("the same with the heap checked", () => expect(run(build("shadow", wasm32, true, 0), ["9", "100000"], 0)).toEqual(modelled), 60000);

    test.skipIf(os.freemem() < 3 * 2 ** 30)("growth past 1 GiB", () => {
      expect(run(build("growth", wasm32, false, 0), ["1200"], 0)).toEqual({ status: 0, stdout: "true true\ntrue true\ntrue true true\n1000 true\n", stderr: "" });
    }, 120000);

    describe("the end of memory is a panic", () => {
      let file = "";
      // What no memory holds is told by its length.
      const lengths: Record<string, string> = { array: "test/heap/exhaust.cot:13:35: length 4398046511104 out of range", overflow: "test/heap/exhaust.cot:14:38: length 2305843009213693952 out of range" };
      for (const kind of ["huge", "negative", "array", "overflow", "raw", "realloc", "objects", "list", "string"]) {
        test(kind, () => {
          if (file === "") file = build("exhaust", wasm32, false, 300);
          expect(run(file, [kind], wasm32 ? 0 : 100000)).toEqual({ status: 134, stdout: "start\n", stderr: `panic: ${lengths[kind] ?? "out of memory"}\n` });
        }, 60000);
      }
    });
  });
}
