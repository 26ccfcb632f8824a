// Escape analysis: random programs whose addresses of locals go everywhere do what a model without a stack says, natively and
// as Wasm, with the heap checked; cot1 gives the objects that stage0 gives; what stays on the stack does; nothing in std/rt
// moves. `npm test` takes a sample by the printed seed, `npm run test:all` twenty times as many. A program that fails stays in out/escape.

import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { newDiags } from "../stage0/base/diag.ts";
import { nameText, newNames } from "../stage0/base/intern.ts";
import { newSourceMap } from "../stage0/base/source.ts";
import { checkProgram } from "../stage0/check/check.ts";
import { markMoved } from "../stage0/check/escape.ts";
import { fill, runSide, runWords, sides, workFolder } from "./kit/commands.ts";
import { escapeProgram } from "./kit/escape_random.ts";
import { compileJob, jobFor, readExpectation, root, runBytes } from "./kit/programs.ts";
import { nativeCompiler, programInPath, seed, testAll } from "./kit/tools.ts";

const cot1 = nativeCompiler();
const work = workFolder();
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

const compared = testAll ? 30 : 2;
const quick = testAll ? 1200 : 60;

/** Programs from a number on; those that would run for too long are left out. */
function programs(first: number, count: number): { seed: number; text: string; expected: string }[] {
  const out: { seed: number; text: string; expected: string }[] = [];
  for (let s = first; out.length < count; s++) {
    const p = escapeProgram(s);
    if (p !== null) out.push({ seed: s, ...p });
  }
  return out;
}

/** Keeps a program that fails, with what the model says. */
function keepFailure(p: { seed: number; text: string; expected: string }): void {
  fill(path.join(root, "out/escape"), { [`escape${p.seed}.cot`]: p.text, [`escape${p.seed}.expected`]: p.expected });
}

describe.each(programs(seed * 100000, compared))("stage0, seed $seed", (p) => {
  const name = `s${p.seed}.cot`;
  fill(work, { [name]: p.text });
  for (const wasm32 of [false, true]) {
    const job = jobFor(path.join(root, name), wasm32, wasm32 ? "exe" : "obj");
    job.check.root = work;
    let bytes: Uint8Array = new Uint8Array();
    test(wasm32 ? "wasm32" : "native", () => {
      bytes = compileJob(job);
      if (!wasm32 && programInPath("cc") === "") return;
      const done = runBytes(bytes, wasm32, readExpectation(""));
      if (done.stdout !== p.expected || done.status !== 0) keepFailure(p);
      expect([done.stdout.split("\n"), done.stderr, done.status]).toEqual([p.expected.split("\n"), "", 0]);
    });
    test.skipIf(cot1 === "")(`cot1 agrees, ${wasm32 ? "wasm32" : "native"}`, () => {
      const words = ["build", name, `--target=${wasm32 ? "wasm32" : "x86_64-linux"}`, `--emit=${wasm32 ? "exe" : "obj"}`, "--heap-check", `--std=${root}/std`, "-o", "cot1.out"];
      expect(runWords(work, [cot1, ...words])).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(Buffer.from(bytes).equals(fs.readFileSync(path.join(work, "cot1.out"))), "the same bytes").toBe(true);
    });
  }
});

test.skipIf(cot1 === "" || programInPath("cc") === "")(`${quick} programs, a tenth of them as Wasm, seed ${seed}`, () => {
  const dir = path.join(work, "quick");
  for (const p of programs(seed * 100000 + 50000, quick)) {
    fill(dir, { "p.cot": p.text });
    const targets = p.seed % 10 === 0 ? ["x86_64-linux", "wasm32"] : ["x86_64-linux"];
    for (const target of targets) {
      const done = runWords(dir, [cot1, "run", "p.cot", `--target=${target}`, `--std=${root}/std`, ...(p.seed % 4 === 0 ? [] : ["--heap-check"])]);
      if (done.stdout !== p.expected || done.status !== 0) keepFailure(p);
      expect({ seed: p.seed, ...done }).toEqual({ seed: p.seed, status: 0, stdout: p.expected, stderr: "" });
    }
  }
}, 3600000);

test("the generator tries what it is there for", () => {
  const text = programs(seed * 100000 + 50000, 60).map((p) => p.text.slice(p.text.indexOf("fn note("))).join("\n");
  const forms = [/\.me\(\)/, /\.link\(/, /\.value\(\)/, /choose\(\*Node\)\(/, /gCall\(/, /weakly\(/, /weakNum\(/, /mayFail\(/, /both\(.*\)\.0/, /both\(.*\)\.1/, /held\(/, /fn\(\) \*Node \{/, /for k\d+ in /, /defer /, /keepIn\(&l/, /gList\.append\(/, /gSlice = /, /\[1:3\]/, /&a\d+\[/, /if k > 0 \{ _ = f/, /switch u\d+/, /\.next = /, /\.num = /, /return \(/];
  expect(forms.filter((f) => !f.test(text)).map(String)).toEqual([]);
});

/** The locals of a file that move, in order: "FUNCTION.LOCAL"; those that have no name are temporaries. */
function movedIn(folder: string, file: string): string[] {
  const sources = newSourceMap();
  const names = newNames();
  const diags = newDiags(sources);
  const job = jobFor(path.join(root, file), false, "obj");
  job.check.root = folder;
  const program = checkProgram(job.check, sources, names, diags);
  const count = markMoved(program, diags);
  expect(diags.list).toEqual([]);
  const out = program.funcs.flatMap((f) => f.locals.filter((l) => l.moved).map((l) => `${f.name}.${nameText(names, l.name)}`));
  expect(out.length).toBe(count);
  return out.map((name) => name.replace(`${file.replace(/\.cot$/, "")}.`, ""));
}

const stated = fs.readdirSync(path.join(root, "test/run")).filter((f) => f.endsWith(".cot") && /^\/\/ moves: /m.test(fs.readFileSync(path.join(root, "test/run", f), "latin1").slice(0, 2000))).sort();

test("there are programs that say what moves", () => expect(stated.length).toBeGreaterThan(15));

test.each(stated)("%s: these locals move and no others", (file) => {
  const said = /^\/\/ moves: (.*)$/m.exec(fs.readFileSync(path.join(root, "test/run", file), "latin1"))?.[1] ?? "";
  expect(movedIn(root, `test/run/${file}`).join(" ")).toBe(said === "nothing" ? "" : said);
});

test("addresses that are copied as bytes have moved", () => {
  fill(work, { "bytes.cot": "fn copied(from: []*i64) []*i64 {\n    const made = @newZeroed(*i64, from.len)\n    @memcpy(@ptrOf(made), @ptrOf(from), from.len * @sizeOf(*i64))\n    return made\n}\nfn main() {\n    var x: i64 = 1\n    var slots = [&x]\n    println(copied(slots[0:1]).len)\n}\n" });
  expect(movedIn(work, "bytes.cot")).toEqual(["main.x"]);
});

test.skipIf(cot1 === "")("as many locals of stage1 move as the page says", () => {
  const done = runWords(root, [cot1, "build", "stage1/main.cot", "--time", "--emit=obj", "-o", path.join(work, "cot.o")]);
  const counted = /^count locals moved +(\d+)$/m.exec(done.stderr);
  const page = /^Of stage1's locals (\d+) move to the heap/m.exec(fs.readFileSync(path.join(root, "docs/performance.md"), "latin1"));
  expect(counted?.[1]).toBeDefined();
  expect(counted?.[1]).toBe(page?.[1]);
});

describe.each(sides())("$name", (side) => {
  test("nothing in std/rt moves: there it is an error, with the variable's place", () => {
    const dir = path.join(work, `rt_${side.name}`);
    fs.cpSync(path.join(root, "std"), path.join(dir, "std"), { recursive: true });
    fs.appendFileSync(path.join(dir, "std/rt/count.cot"), "fn countEscapes() *i64 {\n    var n: i64 = 1\n    return &n\n}\n");
    fs.appendFileSync(path.join(dir, "std/list.cot"), "fn listEscapes() *i64 { return countEscapes() }\n");
    fill(dir, { "cot.json": "{}", "a.cot": "import \"std/list\"\nfn main() { println(listEscapes().*) }\n" });
    const done = runSide(side, dir, ["check", "a.cot", "--std=std"]);
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(/^std\/rt\/count\.cot:\d+:9: error\[escapes\]: the address of 'n' may outlive its scope\n/);
    expect(done.stderr).toContain("nothing moves to the heap in std/rt");
  });

  test("a moved local that reaches itself is a circle that stays, until it is cut", () => {
    const dir = path.join(work, `leak_${side.name}`);
    const node = "struct Node { next: ?*Node }\nfn ring() *Node {\n    var n = Node { next: null }\n    n.next = &n\n    return &n\n}\nfn given() Node {\n    var n = Node { next: null }\n    kept = &n\n    return n\n}\nvar kept: ?*Node = null\n";
    fill(dir, { "a.cot": `${node}test "stays" { @assert(ring().next != null) }\ntest "cut" {\n    const p = ring()\n    p.next = null\n}\ntest "given by value" {\n    @assert(given().next == null)\n    kept = null\n}\n` });
    const done = runSide(side, dir, ["test", "a.cot"]);
    expect(done.stdout).toBe('FAIL a.test "stays": leak: 1 objects still alive\n2 passed, 1 failed\n');
    expect(done.status).toBe(1);
  });
});
