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
fs.writeFileSync(path.join(work, "s.cot"), 'extern fn raise(number: i32) i32\ntest "1" { }\ntest "2" { }\ntest "killed" { _ = raise(9) }\ntest "3" { }\n');
fs.writeFileSync(path.join(work, "p.cot"), `test "a" { }
test "b" { print("x"); @assert(false) }
test "c" { @panic("\\xff \\xc3\\xa4 \\xc3 \\xed\\xa0\\x80 \\xf0\\x9d\\x84\\x9e \\xe2\\x82") }
test "d" { print("y") }
`);
fs.writeFileSync(path.join(work, "e.cot"), `const E = error { Deep, Other, Kept, Late }
fn deep(n: i64) E!i64 { return error.Deep }
test "try" {
    _ = try deep(1) }
test "second" { _ = deep(1) catch 0
    const x = 1 + try deep(2)
    @assert(x == 1) }
test "caught" {
    if deep(1) |n| { @assert(n == 1) } else |err| {
        return error.Other }
}
fn kept() E { return error.Kept }
test "value" { const e = kept()
    return e }
test "defer" {
    defer _ = deep(3) catch 0
    return error.Late
}
`);
fs.mkdirSync(path.join(work, "folder/sub"), { recursive: true });
for (const [name, text] of [["a.cot", 'test "a" { }\n'], ["sub/a.cot", 'test "a" { }\n'], ["lib.cot", "fn f() { }\n"], ["wrong.cot", "fn f() { x }\n" + 'test "w" { }\n']]) fs.writeFileSync(path.join(work, "folder", name), text);

const failures = [
  'FAIL t.test "bad": panic: t.cot:2:14: assertEq: 1 != 2',
  'FAIL t.test "error": error.Oops at t.cot:3:23',
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
    test("nothing left by the filter", () => expect(run(twin.command, ["t.cot", "u.cot", "--filter=absent"])).toEqual({ status: 1, lines: ["0 passed, 0 failed"] }));
    test("the filter leaves something in one of two files", () => expect(run(twin.command, ["t.cot", "u.cot", "--filter=one"])).toEqual({ status: 0, lines: ["1 passed, 0 failed"] }));
    test("verbose: a line for each test, once, in their order, on both targets", () => {
      for (const [words, inOrder] of [[[], natively], [["--target=wasm32"], inWasm]] as const) {
        const lines = [...inOrder];
        lines.unshift('ok t.test "good"');
        expect(run(twin.command, ["t.cot", "--verbose", ...words])).toEqual({ status: 1, lines: [...lines, 'ok t.test "good again"', "2 passed, 6 failed"] });
      }
    });
    test("a test that is killed: those before it and behind it are told once", () => {
      const killed = 'the program ended with status 137';
      expect(run(twin.command, ["s.cot", "--verbose"])).toEqual({ status: 1, lines: ['ok s.test "1"', 'ok s.test "2"', `FAIL s.test "killed": ${killed}`, 'ok s.test "3"', "3 passed, 1 failed"] });
      expect(run(twin.command, ["s.cot", "--json"]).lines.map((l) => JSON.parse(l))).toEqual([
        { file: "s.cot", tests: 4 }, { test: 's.test "1"', passed: true }, { test: 's.test "2"', passed: true }, { test: 's.test "killed"', passed: false, message: killed },
        { test: 's.test "3"', passed: true }, { passed: 3, failed: 1 },
      ]);
    });
    test("a folder: files without tests are passed over, those that do not compile are told", () => {
      const all = run(twin.command, ["folder", "--verbose"]);
      expect(all).toEqual({ status: 1, lines: ['ok a.test "a"', 'ok sub/a.test "a"', "2 passed, 0 failed"] });
      expect(run(twin.command, ["folder/wrong.cot"])).toEqual({ status: 1, lines: [] });
    });
    test("the place of an error is where it left the test, and where it was made", () => {
      expect(run(twin.command, ["e.cot"]).lines).toEqual([
        'FAIL e.test "try": error.Deep at e.cot:4:9, made at e.cot:2:32',
        'FAIL e.test "second": error.Deep at e.cot:6:19, made at e.cot:2:32',
        'FAIL e.test "caught": error.Other at e.cot:10:16',
        'FAIL e.test "value": error.Kept at e.cot:13:1',
        'FAIL e.test "defer": error.Late at e.cot:17:12', "0 passed, 5 failed",
      ]);
    });
    test("JSON", () => {
      const done = run(twin.command, ["t.cot", "--json"]);
      const rows: { test?: string; passed: boolean | number; failed?: number; message?: string }[] = done.lines.map((l) => JSON.parse(l));
      expect(rows.filter((r) => r.passed === true).map((r) => r.test)).toEqual(['t.test "good"', 't.test "good again"']);
      expect(rows.filter((r) => r.passed === false).map((r) => `FAIL ${r.test}: ${r.message}`)).toEqual(natively);
      expect(rows[0]).toEqual({ file: "t.cot", tests: 8 });
      expect(rows.at(-1)).toEqual({ passed: 2, failed: 6 });
      expect(rows.length).toBe(10);
    });
    test("each line is one of its own, and UTF-8, whatever the tests print", () => {
      const done = run(twin.command, ["p.cot", "--json"]);
      const rows = done.lines.filter((l) => l.startsWith("{")).map((l) => JSON.parse(l));
      expect(done.lines.filter((l) => !l.startsWith("{"))).toEqual(["x", "y"]);
      expect(rows.map((r) => r.test ?? r)).toEqual([{ file: "p.cot", tests: 4 }, 'p.test "a"', 'p.test "b"', 'p.test "c"', 'p.test "d"', { passed: 2, failed: 2 }]);
      expect(rows[3].message).toBe("panic: p.cot:3:12: \ufffd \u00e4 \ufffd \ufffd\ufffd\ufffd \u{1d11e} \ufffd\ufffd");
      expect(run(twin.command, ["p.cot"]).lines.slice(0, 3)).toEqual(["x", 'FAIL p.test "b": panic: p.cot:2:24: assertion failed', expect.stringMatching(/^FAIL p\.test "c"/)]);
      expect(run(twin.command, ["p.cot"]).lines.slice(-2)).toEqual(["y", "2 passed, 2 failed"]);
    });
    test("JSON: each test once, files that do not compile, no counts when none does", () => {
      const parse = (words: string[]): unknown[] => run(twin.command, [...words, "--json"]).lines.map((l) => JSON.parse(l));
      const tests = parse(["t.cot", "--target=wasm32"]).filter((r) => (r as { test?: string }).test !== undefined);
      expect(new Set(tests.map((r) => (r as { test: string }).test)).size).toBe(tests.length);
      expect(tests.length).toBe(8);
      expect(parse(["folder"])).toEqual([
        { file: "folder/a.cot", tests: 1 }, { test: 'a.test "a"', passed: true }, { file: "folder/sub/a.cot", tests: 1 }, { test: 'sub/a.test "a"', passed: true },
        { file: "folder/wrong.cot", status: 1 }, { passed: 2, failed: 0 },
      ]);
      expect(parse(["folder/wrong.cot", "missing.cot"])).toEqual([{ file: "folder/wrong.cot", status: 1 }, { file: "missing.cot", status: 2 }]);
    });
  });
}
