// What the checker gives: which functions, in which order; globals and errors in theirs; files and their limits.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, expect, test } from "vitest";
import { diagsText, newDiags } from "../../stage0/base/diag.ts";
import { nameText, newNames } from "../../stage0/base/intern.ts";
import { newSourceMap } from "../../stage0/base/source.ts";
import { checkProgram } from "../../stage0/check/check.ts";
import { printTree } from "../../stage0/check/print_tree.ts";
import type { Program } from "../../stage0/check/tree.ts";
import { typeText } from "../../stage0/check/types.ts";
import { newParseCache } from "../../stage0/syntax/parse_cache.ts";

const top = mkdtempSync(path.join(tmpdir(), "cot-check-"));
let count = 0;

afterAll(() => rmSync(top, { recursive: true }));

interface Checked {
  program: Program;
  errors: string;
}

/** Checks a project of files by name; "main.cot" is the main file, "lib/..." the library. */
function check(files: Record<string, string>, testMode = false): Checked {
  count += 1;
  const root = path.join(top, `p${count}`);
  for (const name of Object.keys(files)) {
    const full = path.join(root, name);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, files[name]);
  }
  const sources = newSourceMap();
  const diags = newDiags(sources);
  const program = checkProgram({ root, std: path.join(root, "lib"), mainPath: "main.cot", target: "x86_64-linux", testMode, unchecked: false, parsed: newParseCache() }, sources, newNames(), diags);
  return { program, errors: diagsText(diags) };
}

function funcNames(c: Checked): string[] {
  return c.program.funcs.map((f) => f.name);
}

test("functions stand in the order of first appearance, depth first", () => {
  const c = check({ "main.cot": `
fn unused() { a() }
fn d() {}
fn c() { d() }
fn b() { d() }
fn a() { c()
  b() }
fn id(T)(x: T) T { return x }
struct S { x: i64, fn get(self: S) i64 { return id(self.x) } fn never(self: *S) {} }
export fn visible() { exported() }
fn exported() {}
fn main() {
  a()
  var s = S { x: 1 }
  const f = fn(x: i64) i64 { return x + s.get() }
  println(id("x"), f(1))
}
`.replace(" fn never", ", fn never").replace("} , fn never", "}\n fn never") });
  expect(c.errors).toBe("");
  expect(funcNames(c)).toEqual(["main.main", "main.a", "main.c", "main.d", "main.b", "main.main.closure1", "main.S.get", "main.id(i64)", "main.id(string)", "main.visible", "main.exported"]);
  expect(c.program.main).toBe(0);
});

test("errors are numbered by first appearance from main, sets hold final numbers", () => {
  const c = check({ "main.cot": `
const E = error { Last, Second, First }
fn g() !void { return error.Second }
fn main() !void {
  if 1 > 2 { return error.NeverTaken }
  g() catch return error.First
  try g()
}
` });
  expect(c.errors).toBe("");
  expect(c.program.errors.slice(1).map((e) => nameText(c.program.names, e))).toEqual(["Second", "First", "Last"]);
  const main = c.program.types.list[c.program.funcs[0].result];
  expect(c.program.types.list[main.errors].members).toEqual([1, 2]);
});

test("globals: constants first, then imported files before their importers", () => {
  const c = check({
    "main.cot": "import \"a\"\nimport \"b\"\nvar m = 1\nconst T = [1, 2]\nfn main() { println(T[m], fromA) }\n",
    "a.cot": "import \"b\"\nimport \"main\"\nvar fromA = fromB\n",
    "b.cot": "import \"a\"\nvar fromB = 5\n",
  });
  expect(c.errors).toBe("");
  expect(c.program.globals.map((g) => g.name)).toEqual(["main.T", "b.fromB", "a.fromA", "main.m"]);
  expect(c.program.globals.map((g) => g.isConst)).toEqual([true, false, false, false]);
});

test("the library is checked only as far as it is used", () => {
  const lib = "fn used() i64 { return 1 }\nfn unused() { thisIsWrong() }\nvar quiet: i64 = alsoWrong()\nstruct L(T) { x: T, fn bad(self: *L(T)) { wrong() } }\n";
  const c = check({ "main.cot": "import \"std/list\"\nfn main() { println(used(), list.used())\n var x: L(i64) = .{ .x = 1 }\n x.x = 2 }\n", "lib/list.cot": lib });
  expect(c.errors).toBe("");
  expect(funcNames(c)).toEqual(["main.main", "std/list.used"]);
});

test("the program's own functions are checked wholly, generic ones when they are used", () => {
  const c = check({ "main.cot": "import \"x\"\nfn main() {}\n", "x.cot": "fn f() { wrong1() }\nfn g(T)(x: T) { wrong2() }\nstruct S { fn m(self: *S) { wrong3() } }\nstruct G(T) { fn m(self: *G(T)) { wrong4() } }\nvar v = wrong5\nconst K = wrong6\n" });
  expect(c.errors.match(/wrong\d' is/g)).toEqual(["wrong1' is", "wrong3' is", "wrong5' is", "wrong6' is"]);
});

test("imports: rings and long chains once each, errors with the chain, nothing outside", () => {
  const files: Record<string, string> = { "main.cot": "import \"m0\"\nfn main() { println(v1999) }\n" };
  for (let i = 0; i < 2000; i++) files[`m${i}.cot`] = i < 1999 ? `import "m${i + 1}"\nimport "m${Math.max(0, i - 1)}"\n` : "const v1999 = 7\n";
  expect(check(files).errors).toContain("'v1999' is not declared");
  files["main.cot"] = "import \"m0\"\nimport \"m1999\"\nfn main() { println(v1999) }\n";
  expect(check(files).errors).toBe("");
  const missing = check({ "main.cot": "import \"a/x\"\nfn main() {}\n", "a/x.cot": "import \"../b\"\n", "b.cot": "import \"none\"\n" });
  expect(missing.errors).toContain("'none.cot': no such file; imported by b.cot, imported by a/x.cot, imported by main.cot");
  const outside = path.join(top, `p${count + 1}`);
  mkdirSync(outside);
  symlinkSync("/etc/passwd", path.join(outside, "link.cot"));
  mkdirSync(path.join(outside, "folder.cot"));
  const c = check({ "main.cot": "import \"link\"\nimport \"folder\"\nimport \"a/../../../etc/passwd\"\nfn main() {}\n" });
  expect(c.errors).toContain("'link.cot': leads outside of its folder");
  expect(c.errors).toContain("'folder.cot': is a directory");
  expect(c.errors).toContain("'a/../../../etc/passwd' is not a path inside");
  expect(c.errors).not.toContain("root:");
});

test("tests are functions of the result !void, checked in test mode only", () => {
  const text = { "main.cot": "fn f() !i64 { return 1 }\ntest \"one\" { const x = try f()\n @assertEq(x, 1) }\ntest \"two\" { wrong() }\nfn main() {}\n" };
  expect(check(text).errors).toBe("");
  const c = check(text, true);
  expect(c.errors).toContain("'wrong' is not declared");
  const good = check({ "main.cot": "fn f() !i64 { return error.A }\ntest \"one\" { _ = try f() }\nfn main() { }\n" }, true);
  expect(good.errors).toBe("");
  expect(good.program.tests).toEqual([0]);
  expect(good.program.main).toBe(-1);
  expect(typeText(good.program.types, good.program.funcs[0].result)).toContain("!void");
});

test("embedded files are constants", () => {
  const c = check({ "main.cot": "const T = @embedFile(\"data/t.txt\")\nconst N = T.len\nvar a: [N]u8 = undefined\nfn main() { println(T, a.len) }\n", "data/t.txt": "hello\n" });
  expect(c.errors).toBe("");
  expect(c.program.strings).toContain("hello\n");
  expect(check({ "main.cot": "const T = @embedFile(\"../x\")\nfn main() { }\n" }).errors).toContain("cannot-embed");
});

test("long chains are checked in linear time", () => {
  const rep = (s: string, n: number) => s.repeat(n);
  const seq = (f: (i: number) => string, n: number) => Array.from({ length: n }, (_, i) => f(i)).join("");
  const texts = [
    `fn main() { var x = 1\n println(x${rep(" + x", 100000)}) }`,
    `fn main() { var b = true\n println(b${rep(" and b", 100000)}) }`,
    `fn main() { var x = 1\n if x == 0 { }${seq((i) => ` else if x == ${i} { x = 2 }`, 20000)} }`,
    `fn main() { var x = 1\n switch x { ${seq((i) => `${i} => x = 2,\n`, 50000)} else => {} } }`,
    `fn f(${seq((i) => `a${i}: i64, `, 10000)}) {}\nfn main() { f(${seq((i) => `${i}, `, 10000)}) }`,
    `${seq((i) => `fn f${i}() i64 { return ${i === 0 ? "1" : `f${i - 1}()`} }\n`, 10000)}fn main() { println(f9999()) }`,
  ];
  for (const text of texts) {
    const c = check({ "main.cot": text });
    expect(c.errors).toBe("");
    expect(printTree(c.program, []).length).toBeGreaterThan(100000);
  }
}, 60000);
