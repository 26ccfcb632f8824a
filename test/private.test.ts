// What is private: fields, methods, constants, types and functions that only their own file sees, and the runtime, which only the
// library does. Both twins say the same.

import * as fs from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { fill, runSide, sides, workFolder } from "./kit/commands.ts";

const dir = workFolder();
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const files = {
  "cot.json": "{}",
  "shape.cot": `struct Box {
    private secret: i64 = 7,
    open: i64,
    private fn hidden(self: Box) i64 { return self.secret }
    fn shown(self: Box) i64 { return self.hidden() + Box.LIMIT + helper() }
    private const LIMIT = 3
    private static fn make() Box { return Box { secret: 1, open: 2 } }
    private struct Inner { n: i64 }
}
struct Holder(T) { private items: []T, fn first(self: Holder(T)) T { return self.items[0] } }
private struct Own { n: i64 }
private const NUMBER = 5
private var state: i64 = 1
private fn helper() i64 { return NUMBER + state }
fn holder() Holder(i64) { return Holder(i64) { items: new [1]i64 } }
test "inside" { @assertEq(Box.make().secret, 1) }
`,
  "good.cot": `import "shape"
struct private { private: i64 }
fn main() {
    const b = Box { open: 1 }
    const private = private { private: 4 }
    println(b.shown(), b.open, Box {}.shown(), holder().first(), private.private)
}
`,
};

/** Statements of a main that imports shape, with what is said of each. */
const wrong: [string, string][] = [
  ["println(b.secret)", "'secret' is private to 'shape'"],
  ["b.secret = 2", "'secret' is private to 'shape'"],
  ["const p = &b.secret", "'secret' is private to 'shape'"],
  ["const c = Box { secret: 1, open: 2 }", "'secret' is private to 'shape'"],
  ["const c: Box = .{ .secret = 1 }", "'secret' is private to 'shape'"],
  ["println(b.hidden())", "'hidden' is private to 'shape'"],
  ["println(Box.LIMIT)", "'LIMIT' is private to 'shape'"],
  ["const c = Box.make()", "'make' is private to 'shape'"],
  ["const i: Box.Inner = .{}", "there is no type 'Inner' here"],
  ["const h = Holder(u8) { items: new [2]u8 }", "'items' is private to 'shape'"],
  ["const s = holder().items[0:]", "'items' is private to 'shape'"],
  ["const o = Own { n: 1 }", "'Own' is not declared"],
  ["println(NUMBER)", "'NUMBER' is not declared"],
  ["println(helper())", "'helper' is not declared"],
  ["println(shape.helper())", "the file 'shape' declares no 'helper'"],
  ["shape.state = 3", "the file 'shape' declares no 'state'"],
];

fill(dir, files);

for (const side of sides()) {
  describe(side.name, () => {
    test("its own file sees it, others use what is not private", () => {
      expect(runSide(side, dir, ["run", "--target=wasm32", "good.cot"])).toEqual({ status: 0, stdout: "1611604\n", stderr: "" });
      expect(runSide(side, dir, ["test", "--target=wasm32", "shape.cot"]).stdout).toContain("1 passed");
    });

    test("others are told what is private, each with its place", () => {
      const head = "import \"shape\"\nimpl Box { fn more(self: Box) i64 { return self.secret } }\nfn main() {}\n";
      fill(dir, { "bad.cot": head + wrong.map(([statement], k) => `fn f${k}() { var b = Box { open: 1 }; ${statement} }\n`).join("") });
      const done = runSide(side, dir, ["check", "bad.cot"]);
      const said = done.stderr.split("\n").filter((line) => line.startsWith("bad.cot:"));
      const places = [[2, "'secret' is private to 'shape'"], ...wrong.map(([, text], k) => [k + 4, text])];
      expect(done.status).toBe(1);
      expect(said.map((line) => [Number(line.split(":")[1]), line.replace(/^.*?\]: /, "")])).toEqual(places);
    });

    test("the runtime and what the containers rest on", () => {
      const uses: [string, string][] = [
        ["import \"std/rt/heap\"\nfn main() {}", "'std/rt/heap' is private to the library"],
        ["import \"std/rt/../rt/count\"\nfn main() {}", "'std/rt/count' is private to the library"],
        ["import \"std/list\"\nfn main() { var xs = List(i64) {}; moveItems(i64)(&xs, 0, 9) }", "'moveItems' is not declared"],
        ["import \"std/map\"\nfn main() { var m = Map(i64, i64) {}; m.table.?.used = 9 }", "'table' is private to 'std/map'"],
        ["import \"std/set\"\nfn main() { const s = Set(i64) {}; println(s.table.len) }", "'table' is private to 'std/set'"],
        ["import \"std/string\"\nfn main() { var b = StringBuilder {}; b.count = -100 }", "'count' is private to 'std/string'"],
        ["import \"std/os\"\nfn main() { println(textAt(4096)) }", "'textAt' is not declared"],
      ];
      fill(dir, Object.fromEntries(uses.map(([source], k) => [`use${k}.cot`, source])));
      const done = runSide(side, dir, ["check", ...uses.map((_, k) => `use${k}.cot`)]);
      const said = done.stderr.split("\n").filter((line) => line.startsWith("use"));
      expect(done.status).toBe(1);
      expect(said.map((line) => [line.split(".")[0], line.replace(/^.*?\]: /, "")])).toEqual(uses.map(([, text], k) => [`use${k}`, text]));
    });
  });
}
