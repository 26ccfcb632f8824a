// The parser: every form of the language page parses, prints and parses again to the same tree; errors have
// their place, recover, and never come twice.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { expect, test } from "vitest";
import { parseText, shapeOf } from "./kit.ts";

const forms = String.raw`
import "std/list"
import "a/b"
const A: i64 = 1 + 2 * 3
const big = 0xFF + 0b1010 + 0o777 + 1_000_000
var f = 3.14 * 1e-5
weak var w = null
type Id = distinct i64
type Names = [string]
type M = [string]i64
type B = [4]u8
type P = fn(A, B) -> E!T
type C = extern fn(*u8, ...) -> i32
fn add(a: i64, b: i64) i64 { return a + b }
fn pair() (i64, string) { return (1, "a") }
fn max(T)(a: T, b: T) T where T: Ord + Eq, U: X { if a > b { return a }
  return b }
extern fn puts(s: *u8) i32
extern "mod" fn other(a: i64, ...)
export fn visible() { }
struct S {
  x: i64,
  y: i64 = 5,
  fn method(self: *S) i64 { return self.x }
  static fn make() S { return S { x: 1 } }
  const MAX: i64 = 9
  struct Inner { a: u8 }
}
extern struct X { a: i32 }
packed struct Y { a: u3, b: i5 }
struct Pair(T, U) { first: T, second: U }
enum Color { Red, Green = 5, Blue, fn is(self: Color) bool { return self == .Red } }
const Color2 = enum(u8) { A, B }
union Shape { Circle: f64, Rect: Pair(f64, f64), None }
const E = error { NotFound, Denied }
const F = E || error { More }
impl S { fn f(self: *S) void {} }
impl List(T) { fn g(self: List(T)) ?T { return null } }
trait T { fn f(self: *Self) i64
  const N: i64 }
impl T for S { fn f(self: *S) i64 { return 1 } }
fn all(x: ?i64) !void {
  var a = [1, 2, 3]
  const q, r = pair()
  a[0] += 1; a[1:2] = a[:]
  x.?.b.c?.d
  t.0.1 = 5
  p.* = 'A'
  p.* = '\n'
  'outer: while a < b : (i += 1) { break 'outer }
  while next() |v| { continue }
  for x in xs { }
  for i, x in xs { }
  for i in 0..10 { }
  inline for i in 0..3 { }
  const v = 'blk: { break 'blk 5 }
  if opt |*v| { v.* = 1 } else if failing() |v| { } else |err| { return err }
  if (S { x: 1 }).x == 1 { }
  if (a | b) == c { }
  switch x {
    1 => a,
    2, 3 => b
    ,4..9 => { c() }
    .Rect |r| if r.a > 1 => d = 5,
    'a'..'z' => return,
    error.Foo => print("x"),
    .Other |*p| => {
      p.* = 1
    }
    else => d,
  }
  defer close(f)
  errdefer { undo() }
  const c = fn(x: i64) i64 { return x + offset }
  c(1)
  const o = new S { x: 1 }
  const o2 = new S(1, 2)
  const o3 = new Pair(i64, string) { first: 1 }
  const o4 = new List(*S)(4)
  const arr = new [n]?*S
  const t = (1, "two", (3,))
  const s = "x is \${no} ${ "nested ${x + 1}" } end\u{41}\x42"
  const e = try foo(*T, ?i64, []u8, [4]T, fn(i64) -> i64, E!T)
  const g = a catch |err| b orelse c
  const h = a catch b catch c orelse return 5
  y = -x as i64 + ~z << 2 & 7 ++ w
  z = not a == b and !c or d
  q = @as(u8, x) + @sizeOf([]S)
  m = .{ .a = 1, .b = .Red, }
  m = .{}
  comptime { }
  a
    .foo()
    .bar()
  b
  -c
  [1, 2].len
  ok = [1, 2][i] * 3
  new S(1)
}
test "a \"name\"" { @assertEq(1, 1) }
bench "b" { }
`;

test("every form prints and parses back to the same tree", () => {
  const once = parseText(forms);
  expect(once.errors).toBe("");
  const twice = parseText(once.printed);
  expect(twice.errors).toBe("");
  expect(twice.printed).toBe(once.printed);
  expect(shapeOf(twice).replaceAll(":8192:", ":0:")).toBe(shapeOf(once).replaceAll(":8192:", ":0:"));
});

test("a newline ends a statement unless the next token continues it", () => {
  const p = parseText("fn f() {\n a\n -b\n a\n + b\n g\n (x)\n return\n 5\n}\n");
  expect(p.errors).toBe("");
  expect(p.printed).toContain("a;\n  -b;\n  a + b;\n  g;\n  x;\n  return;\n  5;");
});

test("long chains are read by loops", () => {
  const sum = parseText(`const a = 1${" + 1".repeat(100000)}\n`);
  expect(sum.errors).toBe("");
  const elseIf = parseText(`fn f() { if a { }${" else if a { }".repeat(20000)} }\n`);
  expect(elseIf.errors).toBe("");
  expect(parseText(`const a = [${"1,".repeat(100000)}]\n`).errors).toBe("");
});

test("a string that ends inside a block of an interpolation ends the parse of that block", () => {
  const p = parseText("fn f() {\n    g(\"${if x { \"a\" } else { \"b)\n}\n");
  expect(p.errors).toContain("this string is not closed on its line");
  expect(p.errors).toContain("2 errors");
});

test("nesting is limited to 1,000 levels", () => {
  for (const open of ["(", "-", "[", "!", "f(", "a[", "\"${"]) {
    const p = parseText(`fn f() { x = ${open.repeat(100000)}\n}\n`);
    expect(p.errors, open).toContain("too-deep");
  }
  const types = parseText(`const a: ${"?".repeat(50001)}i64 = 1\n`);
  expect(types.errors).toContain("too-deep");
  expect(parseText(`const a = ${"(".repeat(900)}1${")".repeat(900)}\n`).errors).toBe("");
  expect(parseText(`const a = b${".c".repeat(100000)}\n`).errors).toContain("too-deep");
}, 20000);

test("blocks nest to the limit and no further", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "cot-syntax-"));
  const deep = (open: string, n: number) => `fn f${n}() { var a = true\n ${open.repeat(n)} ${"}".repeat(n)} }\n`;
  const forms = ["{", "if a { ", "while a { "];
  writeFileSync(path.join(dir, "good.cot"), forms.map((o, i) => deep(o, 980 + i)).join(""));
  writeFileSync(path.join(dir, "bad.cot"), forms.map((o, i) => deep(o, 50000 + i)).join(""));
  const cot = path.resolve(import.meta.dirname, "../../cot.js");
  const good = spawnSync("node", [cot, "check", path.join(dir, "good.cot")], { encoding: "utf8" });
  const bad = spawnSync("node", [cot, "check", path.join(dir, "bad.cot")], { encoding: "utf8" });
  rmSync(dir, { recursive: true });
  expect(good.stderr).toBe("");
  expect(good.status).toBe(0);
  expect(bad.stderr.match(/too-deep/g)?.length).toBe(3);
  expect(bad.status).toBe(1);
}, 30000);

function codes(text: string): string[] {
  return parseText(text).errors.split("\n").filter((l) => l.includes("error[")).map((l) => l.replace(/^[^:]*:/, "").replace(/: error/, " "));
}

test("errors recover at the next statement or declaration", () => {
  const found = codes("fn f() {\n  a b\n  c = )\n  g(1 2)\n  d = 1\n}\nstruct S { x i64, y: }\nfn g() {\n  S { x 1,\n y: 2 }\n e f\n}\n");
  expect(found.map((f) => f.split(" ")[0])).toEqual(["2:5", "3:7", "4:7", "7:14", "9:9", "11:4"]);
});

test("an unclosed bracket is one error", () => {
  const found = codes("fn f() {\n  if a {\n  b\n}\nfn g() {\n}\nfn h() { x y }\n");
  expect(found.length).toBe(1);
  expect(found[0]).toContain("[unclosed]");
});

test("bytes that no source may hold", () => {
  const p = parseText("﻿const a = 1\nconst b = \"‮\"\n\x00const c\x1b = 'é'\nconst d = 1\r\nconst e = 2\rconst f = é\n");
  expect(p.errors.match(/bad-text/g)?.length).toBe(5);
  expect(p.errors).toContain("no token begins with");
  expect(parseText("const a = \"abc\nconst b = \"x ${y\"\nconst c = 1\n").errors.match(/unclosed/g)?.length).toBe(2);
  expect(parseText("const a = \"\\q\" + '\\u{D800}' + \"\\x4\"").errors.match(/bad-escape/g)?.length).toBe(3);
});

test("numbers", () => {
  expect(parseText(`const a = ${"9".repeat(1000000)}\n`).errors).toContain("number-too-large");
  expect(parseText("const a = 0x + 0b12 + 12ab + 1.5e3x").errors.match(/bad-number/g)?.length).toBe(4);
  const p = parseText("const a = t.0.1 + 1.5.2 + 4..9");
  expect(p.errors).toContain("syntax");
});
