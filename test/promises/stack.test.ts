// Promises about the stack of Wasm programs, by both compilers: 8 MiB, or what --stack-size says; who would pass its end
// panics with a place, however large the frame, and nothing below the stack or above it is touched.

import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fill, runSide, sides, workFolder } from "../kit/commands.ts";
import { v8Instance } from "../kit/v8.ts";

const work = workFolder();
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

fill(work, {
  "cot.json": "{}",
  // Each frame has 1,000 bytes and more; one is asked for at a time, since the result is used after the call.
  "deep.cot": `fn down(n: i64) i64 {
    var a: [125]i64 = undefined
    a[n % 125] = n
    if n == 0 { return 0 }
    const below = down(n - 1)
    return below + a[n % 125] - n + 1
}
fn main() { println(down(50), " ", down(3000)) }
`,
  "large.cot": `var before: i64 = 1
fn large(n: i64) i64 {
    var a: [90000000]u8 = undefined
    a[n] = 7
    return a[n]
}
fn main() {
    before = 2
    println(large(@intCast(i64, before) * 100))
}
`,
});

const overflow = (place: string): object => ({ status: 134, stdout: "", stderr: `panic: ${place}: stack overflow\n` });

for (const side of sides()) {
  const wasm = (file: string, size: string): object => runSide(side, work, ["run", "--target=wasm32", ...(size === "" ? [] : [`--stack-size=${size}`]), file]);
  describe(`${side.name}: the stack of a Wasm program`, () => {
    test("holds 8 MiB", () => expect(wasm("deep.cot", "")).toEqual({ status: 0, stdout: "50 3000\n", stderr: "" }));
    test("is as large as one asks for", () => {
      expect(wasm("deep.cot", "67108864")).toEqual({ status: 0, stdout: "50 3000\n", stderr: "" });
      expect(wasm("deep.cot", "1048576")).toEqual(overflow("deep.cot:1:4"));
      expect(wasm("deep.cot", "1025")).toEqual(overflow("deep.cot:1:4"));
    });
    test("is not left by a frame that is larger than it", () => {
      for (const size of ["", "1024", "80000000"]) expect(wasm("large.cot", size)).toEqual(overflow("large.cot:2:4"));
      expect(wasm("large.cot", "200000000")).toEqual({ status: 0, stdout: "7\n", stderr: "" });
    });
    test("is a number of bytes", () => {
      for (const size of ["0", "1023", "1073741825", "8M", "-1", "99999999999"]) {
        expect(wasm("deep.cot", size)).toEqual({ status: 2, stdout: "", stderr: `cot: option --stack-size wants a number of bytes from 1024 to 1073741824, not '${size}'\n` });
      }
    });
    test("lies below all data in what is linked", () => {
      const made = runSide(side, work, ["build", "large.cot", "--target=wasm32", "--stack-size=100000", "-o", path.join(work, `${side.name}.wasm`)]);
      expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
      const imports = Object.fromEntries(["args_sizes_get", "args_get", "fd_write", "proc_exit"].map((name) => [name, () => 0]));
      const instance = v8Instance(fs.readFileSync(path.join(work, `${side.name}.wasm`)), { wasi_snapshot_preview1: imports });
      expect((instance.exports.__stack_pointer as { value: number }).value).toBe(1024 + 100000);
    });
  });
}
