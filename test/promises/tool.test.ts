// Promises about the tool in the world, of both compilers: which programs it starts and how, what it opens, where it
// writes, as whom it runs; and what an executable of ours holds.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { asNobody, fill, isRoot, namesIn, runSide, runWords, sides, workFolder } from "../kit/commands.ts";
import { root } from "../kit/programs.ts";
import { nativeCompiler, programInPath } from "../kit/tools.ts";

const work = workFolder();
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));
const hasCc = programInPath("cc") !== "";
const strace = programInPath("strace");
const readelf = programInPath("readelf");
const hello = 'fn main() { println("hello") }\n';

let folders = 0;
function folder(files: Record<string, string>): string {
  folders += 1;
  const dir = path.join(work, `${folders}`, "p");
  fill(dir, { "cot.json": "{}", "../tmp/.keep": "", ...files });
  for (const d of [work, path.dirname(dir), dir]) fs.chmodSync(d, 0o755);
  return dir;
}

/** A linker that says how it was called, and fails. */
const spy = '#!/bin/sh\nfor word in "$@"; do echo "word $word"; done\nfor word in "$@"; do case $word in *.o) echo "folder $(stat -c %a "$(dirname "$word")") $(dirname "$word")";; esac; done\necho "temporary $TMPDIR"\nexit 3\n';

for (const side of sides()) {
  const env = (dir: string, changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ ...process.env, TMPDIR: path.join(dir, "../tmp"), ...changes });

  describe(`${side.name}: programs that are started`, () => {
    test("PATH=/nonexistent is told", () => {
      const dir = folder({ "a.cot": hello });
      const done = runSide(side, dir, ["build", "a.cot"], { env: env(dir, { PATH: "/nonexistent" }) });
      expect(done).toEqual({ status: 2, stdout: "", stderr: "cot: no linker: cc is not in PATH (name one with --linker=PATH)\n" });
      const wasm = runSide(side, dir, ["run", "a.cot", "--target=wasm32"], { env: env(dir, { PATH: "/nonexistent" }) });
      expect(wasm).toEqual({ status: 2, stdout: "", stderr: "cot: node is not in PATH\n" });
      expect(namesIn(path.join(dir, "../tmp"))).toEqual([".keep"]);
    });

    test("empty and relative entries of PATH are passed over", () => {
      const dir = folder({ "a.cot": hello, cc: spy, "sub/cc": spy });
      for (const name of ["cc", "sub/cc"]) fs.chmodSync(path.join(dir, name), 0o755);
      for (const PATH of ["", ".", ":", "::/nonexistent:", "sub", "./sub:.:"]) {
        const done = runSide(side, dir, ["build", "a.cot"], { env: env(dir, { PATH }) });
        expect(done.stderr, PATH).toContain("no linker: cc is not in PATH");
      }
    });

    test("a linker gets words, in a folder of its own that is gone at the end, and that is its folder for temporary files", () => {
      const dir = folder({ "a.cot": hello, "bin dir/cc": spy });
      fs.chmodSync(path.join(dir, "bin dir/cc"), 0o755);
      fs.writeFileSync(path.join(dir, "bin dir/not"), "");
      const done = runSide(side, dir, ["build", "a.cot", "-o", "-x; echo $HOME"], { env: env(dir, { PATH: `/nonexistent:${dir}/bin dir:${process.env.PATH}` }) });
      expect(done.status).toBe(2);
      expect(done.stderr).toBe(`cot: ${dir}/bin dir/cc failed with status 3\n`);
      const lines = done.stdout.trim().split("\n");
      const own = /^folder 700 (.*)$/m.exec(done.stdout)?.[1] ?? "";
      expect(own).toMatch(/\/tmp\/cot-\w{6}$/);
      expect(lines).toContain(`temporary ${own}`);
      expect(lines.filter((l) => l.startsWith("word ")).map((l) => l.slice(5))).toEqual([
        "-o", `${own}/program`, `${own}/program.o`, "-pie", "-Wl,-z,relro,-z,now,-z,noexecstack,--build-id=none", "-Wl,--as-needed", "-lm",
      ]);
      expect(namesIn(path.join(dir, "../tmp"))).toEqual([".keep"]);
    });

    test.skipIf(!hasCc)("names that begin with a dash", () => {
      const dir = folder({ "-a.cot": 'import "-b"\nfn main() { b() }\n', "-b.cot": 'fn b() { println("b") }\n' });
      expect(runSide(side, dir, ["build", "./-a.cot", "-o", "-out"], { env: env(dir, {}) })).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(runWords(dir, [path.join(dir, "-out")])).toEqual({ status: 0, stdout: "b\n", stderr: "" });
    });

    test.skipIf(!hasCc)("--verbose prints the command that is run", () => {
      const dir = folder({ "a.cot": hello });
      const done = runSide(side, dir, ["build", "a.cot", "--verbose", "-o", "out"], { env: env(dir, {}) });
      expect(done.status).toBe(0);
      expect(done.stderr).toMatch(/^\/\S*\/cc -o \S+\/cot-\w{6}\/program \S+\/cot-\w{6}\/program\.o -pie /);
    });
  });

  test.skipIf(strace === "" || !hasCc)(`${side.name}: strace sees no network, no writing elsewhere, no reading elsewhere`, () => {
    const dir = folder({ "a.cot": 'import "std/list"\nimport "b"\nfn main() { b() }\n', "b.cot": "fn b() { }\n", "../beside.cot": "" });
    const log = path.join(dir, "../log");
    const traced = [strace, "-f", "-qq", "-e", "trace=open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,socket,connect,unlink,unlinkat", "-o", log];
    const done = runSide(side, dir, ["build", "a.cot", "-o", "out"], { env: env(dir, {}) }, traced);
    expect(done.status).toBe(0);
    const lines = fs.readFileSync(log, "latin1").split("\n").filter((l) => !l.includes("= -1 "));
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((l) => /\b(socket|connect)\(/.test(l))).toEqual([]);
    const temporary = path.join(dir, "../tmp");
    const within = (name: string, folders: string[]): boolean => folders.some((f) => name === f || name.startsWith(`${f}/`));
    const writes = lines.filter((l) => /O_CREAT|O_WRONLY|O_RDWR|\b(creat|mkdir\w*|rename\w*|link\w*|symlink\w*|unlink\w*)\(/.test(l));
    expect(writes.length).toBeGreaterThan(3);
    for (const line of writes) {
      for (const m of line.matchAll(/"([^"]*)"/g)) expect(within(path.resolve(dir, m[1]), [dir, temporary, "/dev", "/proc"]), line).toBe(true);
    }
    // The compiler itself is the first process; what its runtime needs is the system's.
    const own = lines[0].split(" ")[0];
    const allowed = [dir, temporary, path.join(root, "std"), "/etc", "/lib", "/lib64", "/usr", "/proc", "/sys", "/dev"];
    const runtime = side.name === "stage0" ? [root, path.dirname(path.dirname(process.execPath))] : [];
    const reads = lines.filter((l) => /\bopen\w*\(/.test(l) && (side.name === "stage0" || l.startsWith(`${own} `)));
    for (const line of reads) {
      const name = /"([^"]*)"/.exec(line)?.[1] ?? "";
      expect(within(path.resolve(dir, name), [...allowed, ...runtime]), line).toBe(true);
    }
    const sources = reads.map((l) => /"([^"]*\.cot)"/.exec(l)?.[1] ?? "").filter((n) => n !== "");
    expect(sources.filter((n) => !within(n, [path.join(root, "std")])).map((n) => path.resolve(dir, n)).sort()).toEqual([...new Set([path.join(dir, "a.cot"), ...sources.map((n) => path.resolve(dir, n)).filter((n) => within(n, [dir]))])].sort().flatMap((n) => (n === path.join(dir, "a.cot") ? [n, n] : [n])));
  });

  const nobody = asNobody();
  const readable = !isRoot || (nobody !== null && runWords("/", [...nobody, "cat", path.join(root, "cot.json")]).status === 0);
  test.skipIf(!readable || !hasCc || (isRoot && nobody === null))(`${side.name}: as nobody, over a tree that is read only`, () => {
    const dir = folder({ "a.cot": hello });
    for (const d of [path.join(dir, "../tmp")]) fs.chmodSync(d, 0o777);
    const out = path.join(dir, "../tmp/out");
    const done = runSide(side, dir, ["build", "a.cot", "-o", out], { env: env(dir, { HOME: "/nonexistent" }) }, nobody ?? []);
    expect(done).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(runWords(dir, [out]).stdout).toBe("hello\n");
    expect(namesIn(path.join(dir, "../tmp"))).toEqual([".keep", "out"]);
  });
}

const deep = "fn deep(n: i64) i64 {\n    var xs: [4000]i64 = undefined\n    xs[n] = n\n    if n == 0 { return xs[0] }\n    return deep(n - 1) + xs[n]\n}\n";

describe.skipIf(!hasCc || readelf === "")("what an executable holds", () => {
  const dir = folder({ "a.cot": `var table = [1, 2, 3]\n${deep}fn main() { println(deep(3) + table[1]) }\n` });
  const start = nativeCompiler() === "" ? sides()[0] : sides()[1];
  const built = runSide(start, dir, ["build", "a.cot", "-o", "out", "--object=out.o"]);
  const elf = (...words: string[]): string => runWords(dir, [readelf, ...words]).stdout;

  test("no segment to be written and executed, no executable stack, PIE, RELRO and NOW", () => {
    expect(built).toEqual({ status: 0, stdout: "", stderr: "" });
    const text = elf("-lWd", "out");
    expect(text).toContain("GNU_RELRO");
    expect(text).toMatch(/\(FLAGS_1\).*NOW.*PIE/);
    expect(text).not.toMatch(/^ +\w+ .* RWE +0x/m);
    expect(text).toMatch(/GNU_STACK .* RW +0x/);
    expect(text).not.toMatch(/TEXTREL|RPATH|RUNPATH/);
  });
  test("the object asks for no executable stack and has no section to be written and executed", () => {
    const text = elf("-SW", "out.o");
    expect(text).toMatch(/\.note\.GNU-stack +PROGBITS +0+ \w+ 0+ 00 +0 /);
    expect(text).not.toMatch(/\bWAX?\b.*X|\bAWX\b|\bWAX\b/);
    const relocated = elf("-rW", "out.o");
    expect(relocated).not.toMatch(/'\.rela\.text'[^']*R_X86_64_(32|32S|64)\b/);
  });
  test("nothing of this machine in the object", () => {
    const bytes = fs.readFileSync(path.join(dir, "out.o"), "latin1");
    for (const word of [dir, root, work, os.hostname(), os.homedir(), process.execPath]) if (word.length > 5) expect(bytes.includes(word), word).toBe(false);
  });
  test("frames over a page are touched page by page: a frame larger than the stack ends where the stack does", () => {
    const far = "fn far(n: i64) i64 {\n    var xs: [8000000]i64 = undefined\n    xs[4000000 + n] = n\n    return xs[4000000 + n]\n}\n";
    fill(dir, { "b.cot": `${far}fn main() { println(far(10)) }\n` });
    expect(runSide(start, dir, ["build", "b.cot", "-o", "b"]).status).toBe(0);
    const done = runWords(dir, [path.join(dir, "b")]);
    expect(done.status).toBe(134);
    expect(done.stderr).toMatch(/^panic: .*stack overflow/);
  });
});
