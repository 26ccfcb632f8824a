// The twins side by side: stage1 as a native program must say what stage0 says, byte for byte, and end as it ends:
// on the wrong programs of test/error and on every kind of command line, a third of them drawn by the seed (promises/mutated
// has the damaged programs).

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { diagsText, errorCount, newDiags } from "../stage0/base/diag.ts";
import { newNames } from "../stage0/base/intern.ts";
import { newSourceMap } from "../stage0/base/source.ts";
import { checkProgram } from "../stage0/check/check.ts";
import { newParseCache } from "../stage0/syntax/parse_cache.ts";
import { root } from "./kit/programs.ts";
import { nativeCompiler, sampled, seed } from "./kit/tools.ts";

const cot1 = nativeCompiler();
const version: string = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).version;
const std = path.join(root, "std");
const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

interface Verdict {
  status: number | string | null;
  stderr: string;
}

/** What `check` says in this process. */
function stage0Check(dir: string, library: string, file: string): Verdict {
  const sources = newSourceMap();
  const diags = newDiags(sources);
  checkProgram({ root: dir, std: library, mainPath: file, target: "x86_64-linux", testMode: false, unchecked: false, parsed: newParseCache() }, sources, newNames(), diags);
  return { status: errorCount(diags) > 0 ? 1 : 0, stderr: diagsText(diags) };
}

function cot1Check(dir: string, library: string, file: string): Verdict {
  const done = spawnSync(cot1, ["check", file, `--root=${dir}`, `--std=${library}`], { cwd: dir, timeout: 60000, maxBuffer: 1 << 26 });
  return { status: done.status ?? done.signal, stderr: done.stderr.toString("latin1") };
}

const errorDir = path.join(root, "test/error");

describe.skipIf(cot1 === "")("wrong programs", () => {
  for (const file of fs.readdirSync(errorDir).filter((f) => f.endsWith(".cot")).sort()) {
    test(file, () => {
      for (const library of [path.join(errorDir, "no-library"), std]) {
        expect(cot1Check(errorDir, library, file), library).toEqual(stage0Check(errorDir, library, file));
      }
    });
  }
});

/** What a folder of commands begins with. */
function fillFolder(dir: string): void {
  fs.mkdirSync(path.join(dir, "folder.cot"), { recursive: true });
  fs.mkdirSync(path.join(dir, "locked"), { mode: 0o555 });
  const files: Record<string, string> = {
    "ok.cot": 'fn main() { println("hi") }\n',
    "library.cot": 'fn f() { println("hi") }\n',
    "wrong.cot": "fn main() { x }\n",
    "mark.cot": "\xef\xbb\xbffn main() { }\n",
    "bytes.cot": 'fn main() { println("\xff") }\n',
    "control.cot": 'fn main() { println("a\0b") }\n',
    "empty.cot": "",
    "args.cot": 'import "std/os"\nfn main() i64 { for a in os.args() { println(a) }\n return 7 }\n',
    "panics.cot": "fn main() { var xs = [1, 2]\n var i = 2\n println(xs[i]) }\n",
    "tests.cot": 'fn main() {}\ntest "good" { @assert(true) }\n',
    "a name.cot": "fn main() {}\n",
    "fails.cot": 'import "std/fs"\nfn make() !i64 { return error.Made }\ntest "try" { _ = try make() }\ntest "fine" { }\ntest "return" { return error.Here }\n' +
      'fn kept() anyerror { return error.Kept }\ntest "value" { const e = kept()\n return e }\ntest "library" { _ = try readFile("none") }\n',
    "silent.cot": 'extern fn raise(number: i32) i32\ntest "before" { }\ntest "killed" { _ = raise(9) }\ntest "after" { }\n',
    "tree/a.cot": "fn a() { x }\n", "tree/a/b.cot": "fn b() { y }\n", "tree/a-b.cot": "fn ab() { z }\n", "tree/a/notes.txt": "", "tree/b/c/t.cot": 'test "deep" { }\n',
    "tree/.hidden/h.cot": "fn h() { hidden }\n", "tree/.h.cot": "fn h() { hidden }\n", "tree/out/o.cot": "fn o() { inOut }\n", "tree/node_modules/n.cot": "fn n() { inModules }\n",
    "shared/a.cot": 'import "base"\nfn a() { base() }\n', "shared/b.cot": 'import "base"\nfn b() { base() + own }\n', "shared/base.cot": "fn base() { nowhere }\n",
    "fine/lib.cot": "fn lib() {}\n", "fine/t.cot": 'test "t" { }\n', "fine/u.cot": 'test "u" { }\n', "plain/lib.cot": "fn lib() {}\n", "barren/notes.txt": "",
    "same/x/t.cot": 'test "x" { }\n', "same/y/t.cot": 'test "y" { }\n',
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text, "latin1");
  }
  // Links out of a folder, to the folder itself and to a file in it.
  for (const [name, target] of [["up.cot", "../wrong.cot"], ["above", ".."], ["around", "."], ["again.cot", "a.cot"]]) fs.symlinkSync(target, path.join(dir, "tree", name));
  fs.symlinkSync("fine", path.join(dir, "fine-link"));
  fs.mkdirSync(path.join(dir, "unread"), { mode: 0 });
  fs.symlinkSync("loop", path.join(dir, "loop"));
  fs.symlinkSync("nowhere", path.join(dir, "dangling"));
  spawnSync("mkfifo", [path.join(dir, "pipe")]);
}

/** Every file that there is below a folder, with a digest of what it holds; links, which are not followed, and pipes as such. */
function contents(dir: string, folder = ""): string[] {
  const lines: string[] = [];
  for (const entry of fs.readdirSync(path.join(dir, folder)).sort()) {
    const name = path.join(folder, entry);
    const full = path.join(dir, name);
    const stat = fs.lstatSync(full);
    const kind = stat.isFile() ? createHash("sha256").update(fs.readFileSync(full)).digest("hex") : stat.isDirectory() ? "folder" : stat.isSymbolicLink() ? fs.readlinkSync(full) : "other";
    lines.push(`${name} ${(stat.mode & 0o777).toString(8)} ${kind}`);
    if (stat.isDirectory() && (stat.mode & 0o444) !== 0) lines.push(...contents(dir, name));
  }
  return lines;
}

/** Temporary folders and the folder of the side have names of their own; times are times. */
function plain(text: string, dir: string): string {
  return text.replaceAll(dir, "DIR").replace(/cot-[A-Za-z0-9]{6}\b/g, "cot-XXXXXX").replace(/\d+\.\d{3} ms/g, "N ms");
}

/** Root writes where it likes. */
const isRoot = process.getuid?.() === 0;

/** Command lines, and a part of what they must say; "" where they print nothing of interest. */
const commandLines: [string[], number, string][] = [
  [[], 2, "no command"], [["--help"], 0, "usage: cot"], [["help"], 0, "usage: cot"], [["check", "ok.cot", "--help"], 0, "usage: cot"],
  [["frob"], 2, "unknown command 'frob'; 'cot help' lists the commands"], [["build"], 2, "no input file; 'cot help build' says how build is used"],
  [["--version"], 0, `cot ${version}\n`], [["version"], 0, `cot ${version}\n`], [["version", "x"], 2, "takes no other words"], [["version", "--frob"], 2, "unknown option '--frob' of version"],
  [["-h"], 0, "usage: cot"], [["help", "frob"], 2, "unknown command 'frob'"], [["help", "build", "run"], 2, "help takes one command"], [["help", "help"], 0, "usage: cot help"],
  ...["build", "run", "test", "check", "inspect", "report", "help", "version"].flatMap((c): [string[], number, string][] => [
    [["help", c], 0, `usage: cot ${c}`], [[c, "--help"], 0, `usage: cot ${c}`], [[c, "-h"], 0, "example:\n  cot "],
  ]),
  [["biuld"], 2, "unknown command 'biuld'; did you mean 'build'? 'cot help' lists the commands"], [["tset", "a"], 2, "did you mean 'test'?"], [["--verson"], 2, "did you mean '--version'?"],
  [["ok.cot"], 2, "did you mean 'run ok.cot'?"], [["build", "--tagret=x", "ok.cot"], 2, "unknown option '--tagret' of build; did you mean '--target'? 'cot help build' lists the options"],
  [["build", "--filter=x", "ok.cot"], 2, "option '--filter' belongs to test, not to build; 'cot help build' lists the options"], [["help", "--target"], 2, "belongs to build, run, test, check and inspect, not to help"],
  [["build", "ok.cot", "library.cot"], 2, "more than one input file"], [["build", "--nope", "ok.cot"], 2, "unknown option '--nope'"],
  [["check", "--emit=obj", "ok.cot"], 2, "option '--emit' belongs to build and test, not to check"], [["build", "--emit=frob", "ok.cot"], 2, "wants one of"],
  [["build", "--emit=", "ok.cot"], 2, "wants one of"], [["build", "ok.cot", "--emit"], 2, "wants a value"], [["build", "--verify=1", "ok.cot"], 2, "takes no value"],
  [["build", "ok.cot", "--", "a"], 2, "only run takes"], [["build", "ok.cot", "--dump=ir,frob"], 2, "no stage 'frob'"],
  [["build", "ok.cot", "--emit=obj", "--dump=clif:nope"], 2, "no stage 'clif:nope'"], [["check", "missing.cot"], 2, "'missing.cot': no such file"],
  [["build", "folder.cot"], 2, "'folder.cot': is a directory"], [["check", "ok.cot/x.cot"], 2, "a part of the path"], [["check", "loop"], 2, "too many symbolic links"],
  [["check", "dangling"], 2, "no such file"], [["check", "pipe"], 2, "not a regular file"], [["check", ""], 2, "no such file"], [["check", "caf\xe9.cot"], 2, "no such file"],
  [["check", "library.cot"], 0, ""], [["build", "library.cot"], 2, "declares no main"], [["run", "empty.cot", "--target=wasm32"], 2, "declares no main"],
  [["build", "library.cot", "--target=wasm32"], 0, ""], [["build", "library.cot", "--emit=obj"], 0, ""], [["test", "library.cot"], 0, "0 passed, 0 failed"],
  [["build", "ok.cot", "-o", "ok.cot"], 2, "is the input"], [["build", "ok.cot", "-o", "./folder.cot/../ok.cot", "--emit=obj"], 2, "is the input"],
  [["build", "ok.cot", "-o", "folder.cot"], 2, "is a directory"], [["build", "ok.cot", "-o", "none/x"], 2, "'none/x': no such file"],
  [["build", "ok.cot", "-o", "none/x", "--emit=obj"], 2, "'none/x': no such file"], [["build", "ok.cot", "-o", "ok.cot/x", "--emit=obj"], 2, "a part of the path"],
  [["build", "ok.cot", "-o", "pipe", "--emit=obj"], 2, "'pipe': is not a regular file"], [["build", "ok.cot", "-o", "pipe"], 2, "is not a regular file"],
  [["build", "ok.cot", "-o", "", "--emit=obj"], 2, "wants a value"], [["build", "ok.cot", "-o", "dangling", "--emit=obj"], 0, ""],
  [["build", "ok.cot", "-o", "locked/x", "--emit=obj"], isRoot ? 0 : 2, isRoot ? "" : "permission denied"], [["build", "ok.cot", "-o", "/proc/none", "--emit=obj"], 2, "'/proc/none': "],
  [["build", "ok.cot", "--linker=/nonexistent"], 2, "cannot start /nonexistent"], [["build", "ok.cot", "--linker=nonexistent"], 2, "no linker named"],
  [["build", "ok.cot", "--linker=false"], 2, "failed with status 1"], [["build", "ok.cot", "--std=none"], 2, "no runtime"],
  [["build", "ok.cot", "--root=none"], 2, "'none' is not a directory"], [["build", "ok.cot", "--emit=obj", "--dump=ir", "--fn=none"], 0, "; ir\n"], [["build", "ok.cot", "--emit=obj", "--dump=asm", "--fn=none\nmain"], 0, "main:\n"],
  [["check", "ok.cot", "--dump=ast", "--dump-dir=ok.cot"], 2, "'ok.cot': exists already"], [["check", "ok.cot", "--dump=ast", "--dump-dir=ok.cot/x"], 2, "a part of the path"],
  [["build", "ok.cot", "--emit=obj", "--dump=all", "--dump-dir=dumps", "--fn=*main"], 0, ""], [["check", "wrong.cot"], 1, "undefined-name"], [["run", "wrong.cot"], 1, "undefined-name"],
  [["check", "mark.cot"], 1, "bad-text"], [["check", "bytes.cot"], 1, "bad-text"], [["check", "control.cot"], 1, "bad-text"], [["check", "empty.cot"], 0, ""],
  [["check", "a name.cot"], 0, ""], [["run", "ok.cot"], 0, "hi\n"], [["run", "args.cot", "--", "a", "", "caf\xe9 -x"], 7, "caf"], [["run", "panics.cot"], 134, "panic: panics.cot:3:"],
  [["run", "panics.cot", "--target=wasm32"], 134, "panic: panics.cot:3:"], [["build", "ok.cot", "--verbose", "-o", "program"], 0, "-pie"], [["check", "ok.cot", "--time"], 0, "time total"],
  [["inspect", "ok.cot"], 2, "a file and the name of a function"], [["inspect", "ok.cot", "main", "main"], 2, "a file and the name of a function"], [["inspect", "missing.cot", "main"], 2, "no such file"],
  [["inspect", "wrong.cot", "main"], 1, "undefined-name"], [["inspect", "ok.cot", "nowhere"], 2, "no function 'nowhere'"], [["inspect", "ok.cot", "main", "-o", "ok.cot"], 2, "is the input"],
  [["inspect", "ok.cot", "main", "-o", "none/x.html"], 2, "no such file"], [["inspect", "ok.cot", "main", "--dump=ir"], 2, "option '--dump' belongs to build, run, test and check, not to inspect"], [["report"], 2, "no input file"],
  [["report", "missing.json"], 2, "'missing.json': no such file"], [["report", "ok.cot"], 2, "is not JSON"], [["report", "ok.cot", "ok.cot"], 2, "more than one input file"],
  [["report", "ok.cot", "--target=wasm32"], 2, "not to report"],
  [["test", "tests.cot", "missing.cot", "library.cot"], 2, "1 passed, 0 failed"], [["test", "wrong.cot"], 1, "undefined-name"],
  [["check", "tree"], 1, "a.cot:1:10"], [["check", "./tree/a/"], 1, "b.cot:1:10"], [["check", "tree", "--color=never"], 1, "a/b.cot:1:10: error[undefined-name]"], [["run", "ok.cot", "a"], 2, "arguments for the program stand behind --"], [["check", "tree", "tree/a.cot", "./tree/../tree/a/b.cot"], 1, "1 error"], [["check", "."], 1, "error"],
  [["check", "shared"], 1, "base.cot:1:13"], [["check", "shared/b.cot", "shared/a.cot", "missing.cot", "ok.cot"], 2, "no such file"], [["check", "ok.cot", "ok.cot", "library.cot"], 0, ""],
  [["check", "no\x1b[2Jsuch\x7f\x85.cot"], 2, "cot: 'no?[2Jsuch??.cot': no such file\n"], [["\x1b]0;x\x07"], 2, "unknown command '?]0;x?'"], [["check", "barren"], 2, "'barren': no .cot file in this folder"], [["check", "folder.cot", "wrong.cot"], 2, "undefined-name"], [["check", "unread"], 2, isRoot ? "no .cot file" : "permission denied"],
  [["check", "fine-link", "fine"], 0, ""], [["check", "tree/around", "--time"], 1, "time total"], [["check", "fine", "--dump=ast"], 0, "// lib.cot"], [["check", "fine/"], 0, ""],
  [["build", "fine"], 2, "'fine': is a directory"], [["run", "fine"], 2, "'fine': is a directory"], [["check", "/dev/null"], 2, "is not a regular file"],
  [["test", "fine"], 0, "2 passed, 0 failed"], [["test", "fine", "fine/t.cot", "plain"], 0, "2 passed, 0 failed"], [["test", "plain"], 0, "0 passed, 0 failed"], [["test", "barren"], 2, "no .cot file"],
  [["test", "tree/b", "tree/a.cot"], 1, "1 passed, 0 failed"], [["test", "fine", "--verbose"], 0, 'ok t.test "t"\nok u.test "u"\n2 passed, 0 failed\n'], [["test", "fine", "--filter=u"], 0, "1 passed, 0 failed"],
  [["test", "fine", "--filter=none"], 1, "no test has a name that contains 'none'"], [["test", "plain", "--filter=none"], 1, "no test has a name"], [["test", "fine", "--emit=obj", "--filter=none"], 1, "no test has a name"],
  [["test", "wrong.cot", "--filter=none"], 1, "undefined-name"], [["test", "fine", "missing.cot", "--json"], 2, '{"file":"missing.cot","status":2}\n{"passed":2,"failed":0}\n'],
  [["test", "wrong.cot", "--json"], 1, '{"file":"wrong.cot","status":1}\n'], [["test", "same", "--emit=obj"], 2, "output 't.o' of 'same/y/t.cot' is that of another file"],
  [["test", "same", "--verbose"], 0, 'ok x/t.test "x"\nok y/t.test "y"\n'], [["test", "fine", "-o", "x"], 2, "more than one input file"], [["test", "tree/b", "-o", "x"], 0, ""], [["test", "fails.cot"], 1, 'FAIL fails.test "try": error.Made at fails.cot:3:18, made at fails.cot:2:25\n'],
  [["test", "fails.cot", "--target=wasm32", "--verbose"], 1, 'ok fails.test "fine"\nFAIL fails.test "return": error.Here at fails.cot:5:24\nFAIL fails.test "value": error.Kept at fails.cot:7:1\n'],
  [["test", "silent.cot", "--verbose"], 1, 'ok silent.test "before"\nFAIL silent.test "killed": the program ended with status 137\nok silent.test "after"\n2 passed, 1 failed\n'],
  [["test", "silent.cot", "--json"], 1, '{"passed":2,"failed":1}'], [["check", "wrong.cot", "--color=always"], 1, "\x1b[1;31merror[undefined-name]\x1b[0m"], [["check", "wrong.cot", "--color=never"], 1, ": error[undefined-name]: "],
  [["check", "wrong.cot", "--color=frob"], 2, "wants one of auto|always|never"], [["test", "wrong.cot", "--color=always"], 1, "\x1b[1;31m^\x1b[0m"], [["inspect", "wrong.cot", "main", "--color=always"], 1, "\x1b["],
  [["version", "--color=always"], 2, "belongs to"], [["build", "ok.cot", "-o", "q", "--object=./q"], 2, "option --object: './q' is the output"], [["run", "ok.cot", "--dir=none"], 2, "option --dir: 'none' is not a directory"],
];

/** Runs a command line in a folder; text as bytes. */
async function runIn(dir: string, program: string, words: string[]): Promise<Verdict & { stdout: string }> {
  const done = await execa(program, words, { cwd: dir, reject: false, encoding: "buffer", stripFinalNewline: false, timeout: 60000 });
  const text = (b: Uint8Array): string => plain(Buffer.from(b).toString("latin1"), dir);
  return { status: done.exitCode ?? done.signal ?? null, stdout: text(done.stdout), stderr: text(done.stderr) };
}

describe.skipIf(cot1 === "").concurrent(`command lines, seed ${seed}`, () => {
  for (const [n, [words, status, part]] of sampled([...commandLines.entries()], 3)) {
    test(`cot ${JSON.stringify(words.join(" ")).slice(1, -1)}`, async () => {
      const dirs = ["stage0", "cot1"].map((side) => path.join(work, `${n}.${side}`));
      for (const dir of dirs) fillFolder(dir);
      const left = await runIn(dirs[0], process.execPath, [path.join(root, "cot.js"), ...words]);
      const right = await runIn(dirs[1], cot1, words);
      expect(right).toEqual(left);
      expect(left.status).toBe(status);
      expect(left.stdout + left.stderr).toContain(part);
      expect(contents(dirs[1])).toEqual(contents(dirs[0]));
    });
  }
});
