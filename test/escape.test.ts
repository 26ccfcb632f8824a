// Escape analysis: random programs whose addresses of locals go everywhere do what a model without a stack says, natively and
// as Wasm, with the heap checked; cot1 gives the objects that stage0 gives; what stays on the stack does; nothing in std/rt
// moves. `npm test` takes a sample by the printed seed, `npm run test:all` twenty times as many. A program that fails stays in out/escape.

import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
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
  const forms = [/\.me\(\)/, /\.link\(/, /\.value\(\)/, /choose\(\*Node\)\(/, /gCall\(/, /mayFail\(/, /both\(.*\)\.0/, /both\(.*\)\.1/, /held\(/, /fn\(\) \*Node \{/, /for k\d+ in /, /defer /, /keepIn\(&l/, /gList\.append\(/, /gSlice = /, /\[1:3\]/, /&a\d+\[/, /if k > 0 \{ _ = f/, /switch u\d+/, /\.next = /, /\.num = /, /return \(/];
  expect(forms.filter((f) => !f.test(text)).map(String)).toEqual([]);
});

/** The locals that moved, of functions whose names match a pattern: "FUNCTION.LOCAL". */
function movedIn(file: string, pattern: RegExp, words: string[] = []): string[] {
  const done = runWords(root, [...sides()[0].start, "build", file, "--dump=types", "--emit=obj", "-o", path.join(work, "dump.o"), ...words]);
  expect([done.status, done.stderr]).toEqual([0, ""]);
  const out: string[] = [];
  let name = "";
  for (const line of done.stdout.split("\n")) {
    const func = /^(?:normal|export|test) \d+ (\S+)/.exec(line);
    const local = /^ {2}local \d+ ([^ :]*): .* moved( weak)?$/.exec(line);
    if (func !== null) name = func[1];
    else if (local !== null && pattern.test(name)) out.push(`${name}.${local[1]}`);
  }
  return out;
}

test("what stays below stays on the stack, what does not moves", () => {
  expect(movedIn("test/run/212_stays_on_the_stack.cot", /./)).toEqual([]);
  const moved = movedIn("test/run/200_escape_callees.cot", /^test\//);
  expect(moved.map((m) => m.replace(/^.*200_escape_callees\./, ""))).toEqual(["object.o", "number.a", "number.b", "later.y"]);
});

test.skipIf(cot1 === "")("as many locals of stage1 move as the page says", () => {
  const done = runWords(root, [cot1, "build", "stage1/main.cot", "--time", "--emit=obj", "-o", path.join(work, "cot.o")]);
  const counted = /^count locals moved +(\d+)$/m.exec(done.stderr);
  const stated = /^Of stage1's locals (\d+) move to the heap/m.exec(fs.readFileSync(path.join(root, "docs/performance.md"), "latin1"));
  expect(counted?.[1]).toBeDefined();
  expect(counted?.[1]).toBe(stated?.[1]);
});

describe.each(sides())("$name", (side) => {
  test("nothing in std/rt moves: there it is an error, with the variable's place", () => {
    const dir = path.join(work, `rt_${side.name}`);
    fs.cpSync(path.join(root, "std"), path.join(dir, "std"), { recursive: true });
    fs.appendFileSync(path.join(dir, "std/rt/count.cot"), "fn countEscapes() *i64 {\n    var n: i64 = 1\n    return &n\n}\n");
    fill(dir, { "cot.json": "{}", "a.cot": "import \"std/rt/count\"\nfn main() { println(countEscapes().*) }\n" });
    const done = runSide(side, dir, ["check", "a.cot", "--std=std"]);
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(/^std\/rt\/count\.cot:\d+:9: error\[escapes\]: the address of 'n' may outlive its scope\n/);
    expect(done.stderr).toContain("nothing moves to the heap in std/rt");
  });

  test("a moved local that reaches itself is a circle that stays, until it is cut", () => {
    const dir = path.join(work, `leak_${side.name}`);
    const node = "struct Node { next: ?*Node }\nfn ring() *Node {\n    var n = Node { next: null }\n    n.next = &n\n    return &n\n}\n";
    fill(dir, { "a.cot": `${node}test "stays" { @assert(ring().next != null) }\ntest "cut" {\n    const p = ring()\n    p.next = null\n}\n` });
    const done = runSide(side, dir, ["test", "a.cot"]);
    expect(done.stdout).toBe('FAIL a.test "stays": leak: 1 objects still alive\n1 passed, 1 failed\n');
    expect(done.status).toBe(1);
  });
});
