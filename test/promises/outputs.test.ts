// Promises about what is written, by both compilers: an output appears whole or the old one stays, and nothing else is
// left behind, whether the disk is full, memory is short, a signal comes or four builds meet.

import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { asNobody, fill, isRoot, namesIn, runSide, runWords, type Side, sides, workFolder } from "../kit/commands.ts";
import { root } from "../kit/programs.ts";
import { below, newRandom } from "../kit/random.ts";
import { programInPath, testAll } from "../kit/tools.ts";

const work = workFolder();
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));
const hasCc = programInPath("cc") !== "";
const prlimit = programInPath("prlimit");
const unshare = programInPath("unshare");
const program = fs.readFileSync(path.join(root, "test/run/137_vm.cot"), "latin1");

let folders = 0;
/** A new folder with a program, an old output, and a folder for temporary files. */
function folder(): string {
  folders += 1;
  const dir = path.join(work, `${folders}`);
  fill(dir, { "p/cot.json": "{}", "p/a.cot": program, "p/out": "old", "tmp/.keep": "" });
  return path.join(dir, "p");
}

const env = (dir: string): NodeJS.ProcessEnv => ({ ...process.env, TMPDIR: path.join(dir, "../tmp") });

/** That the folder holds what it held, the old output too, and no temporary files. */
function expectUntouched(dir: string): void {
  expect(fs.readFileSync(path.join(dir, "out"), "latin1")).toBe("old");
  expect(namesIn(dir)).toEqual(["a.cot", "cot.json", "out"]);
  expect(namesIn(path.join(dir, "../tmp"))).toEqual([".keep"]);
}

const emits: [string, string[]][] = [["an object", ["--emit=obj"]], ["a Wasm program", ["--target=wasm32"]]];
if (hasCc) emits.push(["an executable", []]);

for (const side of sides()) {
  describe(`${side.name}: outputs`, () => {
    const names: [string, string, string][] = [
      ["in a folder that is not there", "none/out", "'none/out': no such file"], ["of the name of a folder", "sub", "'sub': is a directory"],
      ["/dev/full", "/dev/full", "'/dev/full': is not a regular file"], ["that is the source", "a.cot", "output 'a.cot' is the input"],
      ["that is imported", "b.cot", "output 'b.cot' is an input"], ["that is imported, by a link", "link", "output 'link' is an input"], ["that is embedded", "text", "output 'text' is an input"],
    ];
    for (const [what, output, said] of names) {
      test(what, () => {
        const dir = folder();
        fill(dir, { "a.cot": 'import "b"\nfn main() { println(@embedFile("text")) }\n', "b.cot": "fn b() { }\n", text: "text", "sub/x": "" });
        fs.symlinkSync("b.cot", path.join(dir, "link"));
        const before = namesIn(dir).map((n) => [n, fs.statSync(path.join(dir, n)).size]);
        const done = runSide(side, dir, ["build", "a.cot", "--emit=obj", "-o", output], { env: env(dir) });
        expect(done).toEqual({ status: 2, stdout: "", stderr: `cot: ${said}\n` });
        expect(namesIn(dir).map((n) => [n, fs.statSync(path.join(dir, n)).size])).toEqual(before);
      });
    }

    const nobody = asNobody();
    test.skipIf(isRoot && nobody === null)("in a folder that is read only", () => {
      const dir = folder();
      for (const d of [work, path.dirname(dir), dir]) fs.chmodSync(d, 0o755);
      fs.chmodSync(path.join(dir, "../tmp"), 0o777);
      for (const [, words] of emits) {
        const done = runSide(side, dir, ["build", "a.cot", ...words, "-o", "out"], { env: env(dir) }, nobody ?? []);
        expect(done).toEqual({ status: 2, stdout: "", stderr: "cot: 'out': permission denied\n" });
        expectUntouched(dir);
      }
    });

    for (const [what, words] of emits) {
      test.skipIf(prlimit === "")(`${what} that is larger than files may be`, () => {
        const dir = folder();
        const done = runSide(side, dir, ["build", "a.cot", ...words, "-o", "out"], { env: env(dir) }, [prlimit, "--fsize=1024"]);
        expect(done.status).toBe(2);
        expect(done.stderr).toContain("file too large");
        expectUntouched(dir);
      });
    }

    const mounts = unshare !== "" && runWords(work, [unshare, "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;
    test.skipIf(!mounts)("on a full disk", () => {
      const dir = folder();
      const script = 'mkdir disk && mount -t tmpfs -o size=8k none disk && printf old > disk/out && "$@" -o disk/out; s=$?; ls -A disk; cat disk/out; exit $s';
      const done = runWords(dir, [unshare, "-rm", "sh", "-c", script, "sh", ...side.start, "build", "a.cot", "--emit=obj"], { env: env(dir) });
      expect(done).toEqual({ status: 2, stdout: "out\nold", stderr: "cot: 'disk/out': no space left on device\n" });
    });

    test("beside what a killed command of the same number left behind", () => {
      const dir = folder();
      const script = 'touch .out.$$.1 .out.$$.2; exec "$@" -o out';
      const done = runWords(dir, ["sh", "-c", script, "sh", ...side.start, "build", "a.cot", "--emit=obj"], { env: env(dir) });
      expect(done).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(fs.readFileSync(path.join(dir, "out"), "latin1").length).toBeGreaterThan(1000);
      expect(namesIn(dir).filter((n) => n.startsWith(".out.")).length).toBe(2);
    });

    test("four builds at once", async () => {
      const dir = folder();
      const words = [...side.start, "build", "a.cot", "--emit=obj", "-o", "out"];
      const codes = await Promise.all([1, 2, 3, 4].map(() => ended(words, dir)));
      expect(codes).toEqual([0, 0, 0, 0]);
      const made = fs.readFileSync(path.join(dir, "out"));
      expect(runSide(side, dir, ["build", "a.cot", "--emit=obj", "-o", "alone"]).status).toBe(0);
      expect(made.equals(fs.readFileSync(path.join(dir, "alone")))).toBe(true);
      expect(namesIn(dir)).toEqual(["a.cot", "alone", "cot.json", "out"]);
    });
  });
}

/** Starts a command and waits for its end: status or signal. */
function ended(words: string[], dir: string, kill?: [NodeJS.Signals, number]): Promise<number | string | null> {
  return new Promise((resolve) => {
    const child = spawn(words[0], words.slice(1), { cwd: dir, env: env(dir), stdio: "ignore" });
    child.on("exit", (status, signal) => resolve(status ?? signal));
    if (kill !== undefined) setTimeout(() => child.kill(kill[0]), kill[1]);
  });
}

const signals: NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGXFSZ", "SIGKILL"];

/** One build, ended by a signal after some time; whole is what a build makes that nobody ends. */
async function endOnce(side: Side, words: string[], whole: Buffer, signal: NodeJS.Signals, millis: number): Promise<void> {
  const dir = folder();
  const status = await ended([...side.start, "build", "a.cot", ...words, "-o", "out"], dir, [signal, millis]);
  const where = `${side.name} ${words.join(" ")}, ${signal} after ${millis} ms: ${status}`;
  const out = fs.readFileSync(path.join(dir, "out"));
  expect(out.equals(whole) || out.toString("latin1") === "old", where).toBe(true);
  expect([0, signal], where).toContain(status);
  const temporary = path.join(dir, "../tmp");
  // The linker of an ended compiler ends a little later.
  for (let n = 0; n < 20 && namesIn(temporary).length > 1; n++) await sleep(50);
  const left = namesIn(dir).filter((n) => !["a.cot", "cot.json", "out"].includes(n));
  const leftThere = fs.readdirSync(temporary).filter((n) => n !== ".keep");
  if (signal !== "SIGKILL") expect([...left, ...leftThere], where).toEqual([]);
  for (const name of left) expect(name, where).toMatch(/^\.out\.\d+\.\d+$/);
  for (const name of leftThere) expect(name, where).toMatch(/^cot-\w{6}$/);
}

/** A linker that says that it began and takes its time. */
const slow = '#!/bin/sh\n: > "$TMPDIR/began"\nexec sleep 30\n';

describe("builds that are ended while the linker works", () => {
  for (const side of sides()) {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      test(`${side.name}: ${signal}`, async () => {
        const dir = folder();
        const temporary = path.join(dir, "../tmp");
        fs.writeFileSync(path.join(temporary, ".keep"), slow, { mode: 0o755 });
        fs.chmodSync(path.join(temporary, ".keep"), 0o755);
        const words = [...side.start, "build", "a.cot", "-o", "out", `--linker=${temporary}/.keep`];
        const child = spawn(words[0], words.slice(1), { cwd: dir, env: env(dir), stdio: "ignore" });
        const end = new Promise((resolve) => child.on("exit", (status, by) => resolve(status ?? by)));
        for (let n = 0; n < 600 && !namesIn(temporary).some((name) => name.endsWith("/began")); n++) await sleep(20);
        const began = Date.now();
        child.kill(signal);
        expect(await end).toBe(signal);
        expect(Date.now() - began).toBeLessThan(10000);
        expectUntouched(dir);
      });
    }
  }
});

describe("builds that are ended at some moment", () => {
  for (const side of sides()) {
    for (const [what, words] of emits.filter(([w]) => testAll || w !== "a Wasm program")) {
      const kills = testAll ? 40 : side.name === "stage0" ? 5 : 15;
      test(`${side.name}: ${what}, ${kills} times`, async () => {
        const dir = folder();
        const began = Date.now();
        expect(runSide(side, dir, ["build", "a.cot", ...words, "-o", "whole"]).status).toBe(0);
        const span = Date.now() - began + 20;
        const whole = fs.readFileSync(path.join(dir, "whole"));
        const r = newRandom(span);
        for (let n = 0; n < kills; n++) await endOnce(side, words, whole, signals[n % signals.length], below(r, span));
      }, 600000);
    }
  }
});

describe("little memory", () => {
  const cot1 = sides().find((s) => s.name === "cot1");
  for (const megabytes of [200, 320]) {
    test.skipIf(cot1 === undefined || prlimit === "")(`cot1 with ${megabytes} MB compiles small programs and is out of memory for large ones`, () => {
      const dir = folder();
      const before = [prlimit, `--as=${megabytes * 1048576}`, "--core=unlimited"];
      expect(runSide(cot1!, dir, ["build", "a.cot", "--emit=obj", "-o", "small"], {}, before).status).toBe(0);
      fs.rmSync(path.join(dir, "small"));
      const done = runSide(cot1!, dir, ["build", path.join(root, "stage1/main.cot"), "-o", path.join(dir, "out")], { env: env(dir) }, before);
      expect(done).toEqual({ status: 134, stdout: "", stderr: "panic: out of memory\n" });
      expectUntouched(dir);
    });
  }
  test.skipIf(cot1 === undefined || prlimit === "")("cot1 with 480 MB compiles itself: half of it is the reserve, not the next power of two below", () => {
    const dir = folder();
    const built = runSide(cot1!, dir, ["build", path.join(root, "stage1/main.cot"), "--emit=obj", "-o", path.join(dir, "out")], { env: env(dir) }, [prlimit, `--as=${480 * 1048576}`]);
    expect(built).toEqual({ status: 0, stdout: "", stderr: "" });
  });
  test("stage0 with 100 MB", () => {
    const dir = folder();
    const [node, main] = sides()[0].start;
    const done = runWords(dir, [node, "--max-old-space-size=100", main, "build", path.join(root, "stage1/main.cot"), "-o", path.join(dir, "out")], { env: env(dir) });
    expect(done.status).not.toBe(0);
    expect(done.stderr).toContain("out of memory");
    expectUntouched(dir);
  });
});

test.skipIf(!hasCc || prlimit === "")("a program that takes memory to the limit ends in a panic", () => {
  const dir = folder();
  fill(dir, { "a.cot": "fn main() {\n    var kept: [64][]i64 = undefined\n    for i in 0..64 { kept[i] = new [4000000]i64 }\n    println(kept[63][0])\n}\n" });
  expect(runSide(sides()[0], dir, ["build", "a.cot", "-o", "program"]).status).toBe(0);
  const done = runWords(dir, [prlimit, "--as=268435456", path.join(dir, "program")]);
  expect(done).toEqual({ status: 134, stdout: "", stderr: "panic: out of memory\n" });
});
