// `cot test`: a line for each failure, a panic or an exit costs one test, filters, JSON, the last line; both twins alike.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { root } from "./kit/programs.ts";
import { nativeCompiler, programInPath } from "./kit/tools.ts";

const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

const source = `test "good" { @assertEq(1, 1) }
test "bad" { @assertEq(1, 2) }
test "error" { return error.Oops }
test "index" { var a = [1, 2]
    var i: i64 = 5
    @assert(a[i] == 1) }
test "exit" { @exit(0) }
fn deep(n: i64) i64 { return deep(n + 1) + 1 }
test "deep \\"q\\"" { @assert(deep(0) == 1) }
struct P { x: i64 }
var keep: ?*P = null
test "leak" { keep = new P { .x = 1 } }
test "good again" { }
`;
fs.writeFileSync(path.join(work, "t.cot"), source);
fs.writeFileSync(path.join(work, "u.cot"), 'test "one" { }\n');

const failures = [
  'FAIL t.test "bad": panic: t.cot:2:14: assertEq: 1 != 2',
  'FAIL t.test "error": error.Oops',
  'FAIL t.test "index": panic: t.cot:6:14: index 5 out of range for length 2',
  'FAIL t.test "exit": exit with status 0',
];
const leak = 'FAIL t.test "leak": leak: 1 objects still alive';
const natively = [...failures, 'FAIL t.test "deep "q"": panic: t.cot:8:4: stack overflow', leak];
const inWasm = [...failures, 'FAIL t.test "deep "q"": the program ended with status 134', leak];

const cot1 = nativeCompiler();
const stage0 = [process.execPath, path.join(root, "cot.js")];
const twins = [
  { name: "stage0", command: stage0, absent: false },
  { name: "cot1", command: [cot1], absent: cot1 === "" },
];

function run(command: string[], words: string[]): { status: number | null; lines: string[] } {
  const done = spawnSync(command[0], [...command.slice(1), "test", ...words, `--std=${path.join(root, "std")}`], { cwd: work, timeout: 120000 });
  return { status: done.status, lines: done.stdout.toString().split("\n").slice(0, -1) };
}

for (const twin of twins) {
  describe.skipIf(twin.absent || programInPath("cc") === "")(twin.name, () => {
    test("native", () => expect(run(twin.command, ["t.cot", "u.cot"])).toEqual({ status: 1, lines: [...natively, "3 passed, 6 failed"] }));
    test("wasm32", () => expect(run(twin.command, ["t.cot", "--target=wasm32"])).toEqual({ status: 1, lines: [...inWasm, "2 passed, 6 failed"] }));
    test("filter", () => expect(run(twin.command, ["t.cot", "--filter=good"])).toEqual({ status: 0, lines: ["2 passed, 0 failed"] }));
    test("nothing left by the filter", () => expect(run(twin.command, ["t.cot", "--filter=absent"])).toEqual({ status: 0, lines: ["0 passed, 0 failed"] }));
    test("JSON", () => {
      const done = run(twin.command, ["t.cot", "--json"]);
      const rows: { test?: string; passed: boolean | number; failed?: number; message?: string }[] = done.lines.map((l) => JSON.parse(l));
      expect(rows.filter((r) => r.passed === true).map((r) => r.test)).toEqual(['t.test "good"', 't.test "good again"']);
      expect(rows.filter((r) => r.passed === false).map((r) => `FAIL ${r.test}: ${r.message}`)).toEqual(natively);
      expect(rows.at(-1)).toEqual({ passed: 2, failed: 6 });
    });
  });
}
