// The command line as somebody at a terminal meets it: help, version, colours, folders; and the compiler copied alone
// into an empty folder, or run as a Wasm program, with the library that it holds.

import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tableRows } from "../stage0/base/table.ts";
import { asNobody, type Done, fill, isRoot, namesIn, runSide, runWords, sides, workFolder } from "./kit/commands.ts";
import { root } from "./kit/programs.ts";
import { nativeCompiler, programInPath } from "./kit/tools.ts";

const work = workFolder();
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));
const script = programInPath("script");
const cot1 = nativeCompiler();
const hasCc = programInPath("cc") !== "";
const commands = ["build", "run", "test", "check", "inspect", "report", "help", "version"];

const optionTable = tableRows(fs.readFileSync(path.join(root, "tables/options.txt"), "latin1"));

const wrong = 'fn main() {\n\tprint("\xc3\xa9", lenght)\n}\nfn length() {}\nvar lengths = 1\n';
const plain = "w.cot:2:13: error[undefined-name]: 'lenght' is not declared\n  \tprint(\"\xc3\xa9\", lenght)\n  \t           ^\n  hint: did you mean 'length'?\n1 error\n";
const colored = plain
  .replace("w.cot:2:13:", "\x1b[1mw.cot:2:13:\x1b[0m").replace("error[undefined-name]", "\x1b[1;31merror[undefined-name]\x1b[0m")
  .replace("^", "\x1b[1;31m^\x1b[0m").replace("hint:", "\x1b[1mhint:\x1b[0m");

/** The environment without the names that say something of colours. */
function env(changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const bare = { ...process.env };
  delete bare.NO_COLOR;
  delete bare.FORCE_COLOR;
  return { ...bare, ...changes };
}

for (const side of sides()) {
  const run = (words: string[], changes: NodeJS.ProcessEnv = {}): Done => runSide(side, work, words, { env: env(changes) });
  const quoted = (words: string[]): string => words.map((w) => `'${w}'`).join(" ");
  /** All output of a command on a terminal of its own. */
  const onTerminal = (words: string[], changes: NodeJS.ProcessEnv): string =>
    runWords(work, [script, "-qec", quoted([...side.start, ...words]), "/dev/null"], { env: env(changes), stdio: ["ignore", "pipe", "pipe"] }).stdout.replaceAll("\r\n", "\n");

  // What both say is compared elsewhere (twins.test.ts); stage0, slow to start, does here what the host is asked for.
  const all = side.name === "cot1" || cot1 === "";

  describe(side.name, () => {
    beforeAll(() => fill(work, { "w.cot": wrong }));

    if (all) test("help has no line over 80 columns, and names exactly the options of the command", () => {
      for (const command of commands) {
        const done = run(["help", command]);
        expect([done.status, done.stderr]).toEqual([0, ""]);
        for (const line of done.stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
        const listed = done.stdout.match(/^ {2}(?:-\w, )?--?[\w-]+/gm)?.map((l) => l.trim());
        expect(listed, command).toEqual(optionTable.filter((r) => r[2].split(",").includes(command)).map((r) => r[0]));
        expect(done.stdout).toMatch(/^usage: cot [^\n]+\n\n[A-Z][^\n]+\.\n\noptions:\n(?: {2}[^\n]+\n)+\nexample:\n {2}cot [^\n]+\n$/);
      }
      expect(run(["build", "a", "b", "--time", "-h"])).toEqual(run(["help", "build"]));
    });

    if (all) test("the overview names every command", () => {
      const done = run(["help"]);
      expect(done.stdout.match(/^ {2}\w+/gm)?.map((c) => c.trim())).toEqual(commands);
      expect(run(["--help"])).toEqual(done);
      expect(run(["-h"])).toEqual(done);
      expect(run([])).toEqual({ status: 2, stdout: "", stderr: "cot: no command; 'cot help' lists the commands\n" });
    });

    test("colours in a pipe only when they are asked for", () => {
      const cases: [string[], NodeJS.ProcessEnv, boolean][] = [
        [[], {}, false], [[], { FORCE_COLOR: "1" }, true], [[], { FORCE_COLOR: "1", NO_COLOR: "1" }, false], [["--color=auto"], {}, false],
        [["--color=always"], {}, true], [["--color=never"], { FORCE_COLOR: "1" }, false], [[], { FORCE_COLOR: "0" }, false], [[], { FORCE_COLOR: "" }, false], [["--color", "auto"], { FORCE_COLOR: "true" }, true],
        [[], { FORCE_COLOR: "1", NO_COLOR: "" }, true], [["--color=always"], { NO_COLOR: "1" }, true],
      ];
      for (const [words, changes, isColored] of cases.slice(0, all ? cases.length : 3)) {
        expect(run(["check", "w.cot", ...words], changes), JSON.stringify([words, changes])).toEqual({ status: 1, stdout: "", stderr: isColored ? colored : plain });
      }
    });

    test.skipIf(script === "")("colours on a terminal unless they are not wanted", () => {
      const cases: [string[], NodeJS.ProcessEnv, boolean][] = [
        [[], {}, true], [[], { NO_COLOR: "1" }, false], [["--color=never"], {}, false], [[], { NO_COLOR: "" }, true], [["--color=never"], { FORCE_COLOR: "1" }, false],
        [["--color=auto"], { NO_COLOR: "0" }, false], [["--color=always"], { NO_COLOR: "1" }, true],
      ];
      for (const [words, changes, isColored] of cases.slice(0, all ? cases.length : 3)) {
        expect(onTerminal(["check", "w.cot", ...words], changes), JSON.stringify([words, changes])).toBe(isColored ? colored : plain);
      }
    });

    if (all) test("as many errors are shown with colours as without", () => {
      fill(work, { "many.cot": `fn main() {\n${Array.from({ length: 900 }, (_, i) => `    undeclared${i}()\n`).join("")}}\n` });
      const seen = run(["check", "many.cot"]).stderr;
      expect(seen).toContain(" more\n900 errors\n");
      const marks = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
      expect(run(["check", "many.cot", "--color=always"]).stderr.replace(marks, "")).toBe(seen);
    });

    test("errors of a file that many share are told once, in the order of the paths", () => {
      const dir = path.join(work, `shared.${side.name}`);
      fill(dir, { "a.cot": 'import "z"\nfn a() { z() }\n', "m/b.cot": 'import "../z"\nfn b() { z() + own }\n', "m.cot": "fn m() { mine }\n", "z.cot": "fn z() { nowhere }\n" });
      const lines = (words: string[]): string[] => runSide(side, dir, ["check", ...words], { env: env({}) }).stderr.match(/^\S+: error.*$/gm) ?? [];
      expect(lines(["."])).toEqual([
        "z.cot:1:10: error[undefined-name]: 'nowhere' is not declared", "m.cot:1:10: error[undefined-name]: 'mine' is not declared",
        "m/b.cot:2:16: error[undefined-name]: 'own' is not declared",
      ]);
      // Alone, a file's own folder is its root.
      expect(lines(["m/b.cot"])).toEqual(["b.cot:1:8: error[cannot-import]: '../z' is not a path inside the project or the library; imported by b.cot"]);
    });

    const nobody = asNobody();
    test.skipIf(isRoot && nobody === null)("a folder that cannot be read is told, and the others are looked at", () => {
      const dir = path.join(work, `unread.${side.name}`);
      fill(dir, { "f/locked/x.cot": "fn x() { }\n", "f/w.cot": "fn w() { y }\n" });
      for (let d = dir; d !== path.dirname(work); d = path.dirname(d)) fs.chmodSync(d, 0o755);
      fs.chmodSync(path.join(dir, "f/locked"), 0);
      const done = runSide(side, dir, ["check", "f"], { env: env({}) }, nobody ?? []);
      fs.chmodSync(path.join(dir, "f/locked"), 0o755);
      expect(done.status).toBe(2);
      expect(done.stderr).toContain("cot: 'f/locked/': permission denied\n");
      expect(done.stderr).toContain("w.cot:1:10: error[undefined-name]");
    });
  });
}

const hello = 'import "std/list"\n\nfn main() {\n    var xs = List(string) {}\n    for i in 0..3 { xs.append("n${i}") }\n    for x in xs { println(x) }\n}\n\ntest "one" { @assert(true) }\n';

describe.skipIf(cot1 === "" || !hasCc)("the native compiler alone in a folder", () => {
  const dir = path.join(work, "alone/bin");
  const cot = path.join(dir, "cot");
  const run = (words: string[]): Done => runWords(dir, [cot, ...words], { env: env({ TMPDIR: path.join(work, "alone/tmp") }) });
  beforeAll(() => {
    fill(dir, { "hello.cot": hello, "wrong.cot": 'import "std/nowhere"\nfn main() {}\n', "embeds.cot": 'fn main() { println(len(@embedFile("std/set.cot"))) }\n', "../tmp/package.json": '{ "type": "module" }' });
    fs.copyFileSync(cot1, cot);
    fs.chmodSync(cot, 0o755);
  });

  test("check, build, run and test, on both targets", () => {
    expect(run(["check", "hello.cot"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(run(["build", "hello.cot"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(runWords(dir, [path.join(dir, "hello")]).stdout).toBe("n0\nn1\nn2\n");
    for (const target of ["x86_64-linux", "wasm32"]) {
      expect(run(["run", "hello.cot", `--target=${target}`])).toEqual({ status: 0, stdout: "n0\nn1\nn2\n", stderr: "" });
      expect(run(["test", ".", `--target=${target}`])).toEqual({ status: 0, stdout: "1 passed, 0 failed\n", stderr: "" });
    }
    expect(namesIn(path.join(work, "alone/tmp"))).toEqual(["package.json"]);
  });

  test("the objects are those of the library in a folder", () => {
    for (const target of ["x86_64-linux", "wasm32"]) {
      for (const [name, words] of [["held", []], ["read", [`--std=${root}/std`]]] as const) {
        expect(run(["build", "hello.cot", "--emit=obj", `--target=${target}`, "-o", name, ...words])).toEqual({ status: 0, stdout: "", stderr: "" });
      }
      expect(fs.readFileSync(path.join(dir, "held")).equals(fs.readFileSync(path.join(dir, "read")))).toBe(true);
    }
  });

  test("files of the library that there are not, and files of it as data", () => {
    expect(run(["check", "wrong.cot"]).stderr).toContain("wrong.cot:1:8: error[cannot-import]: 'std/nowhere.cot': no such file; imported by wrong.cot\n");
    expect(run(["run", "embeds.cot"]).stdout).toBe(`${fs.statSync(path.join(root, "std/set.cot")).size}\n`);
  });

  test("a library beside the executable comes before the one that it holds, and --std before both", () => {
    fs.cpSync(path.join(root, "std"), path.join(work, "alone/std"), { recursive: true });
    fill(path.join(work, "alone/std"), { "nowhere.cot": "" });
    expect(run(["check", "wrong.cot"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(run(["check", "wrong.cot", `--std=${root}/std`]).status).toBe(1);
    // A folder of that name which is no library does not count.
    fs.rmSync(path.join(work, "alone/std/rt"), { recursive: true });
    expect(run(["run", "hello.cot"]).stdout).toBe("n0\nn1\nn2\n");
    fs.rmSync(path.join(work, "alone/std"), { recursive: true });
  });

  test("inspect and report say what they need", () => {
    for (const [words, name] of [[["inspect", "hello.cot", "main"], "inspect"], [["report", "x.json"], "report"]] as const) {
      expect(run([...words])).toEqual({ status: 2, stdout: "", stderr: `cot: ${name} needs pages.js and selfhost/ of Cot's project, which are not in '${path.join(work, "alone")}'\n` });
    }
  });
});

describe.skipIf(cot1 === "")("the compiler as a Wasm program", () => {
  const dir = path.join(work, "wasm");
  const module = path.join(work, "cot.wasm");
  const run = (words: string[]): Done => runWords(dir, [process.execPath, path.join(root, "wasm_host.js"), module, ...words], { env: env({}) });
  beforeAll(() => {
    fill(dir, { "hello.cot": hello, "tree/a.cot": "fn a() { x }\n", "tree/a/b.cot": "fn b() { y }\n", "tree/.h/c.cot": "fn c() { z }\n", "tree/empty/x.txt": "" });
    for (let i = 0; i < 300; i++) fill(dir, { [`many/${"long".repeat(10)}${i}.cot`]: `fn f() { missing${i} }\n` });
    fs.symlinkSync("../hello.cot", path.join(dir, "tree/link.cot"));
    expect(runWords(work, [cot1, "build", path.join(root, "stage1/main.cot"), `--std=${root}/std`, "--target=wasm32", "-o", module]).status).toBe(0);
  });

  test("it holds the library, too", () => {
    expect(run(["build", "hello.cot", "--emit=obj", "-o", "hosted.o"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(runWords(dir, [cot1, "build", "hello.cot", "--emit=obj", "-o", "native.o", `--std=${root}/std`]).status).toBe(0);
    expect(fs.readFileSync(path.join(dir, "hosted.o")).equals(fs.readFileSync(path.join(dir, "native.o")))).toBe(true);
  });

  test("it reads a folder of many files to the end", () => {
    const done = run(["check", "many"]);
    expect(done.stderr.match(/'missing\d+' is not declared/g)?.length).toBe(300);
    expect(done).toEqual(runWords(dir, [cot1, "check", "many"], { env: env({}) }));
  });

  test("it lists folders as the native one does, and shows colours when told to", () => {
    for (const words of [["check", "tree"], ["check", "tree", "--color=always"], ["check", "tree/empty"], ["--version"]]) {
      expect(run(words), words.join(" ")).toEqual(runWords(dir, [cot1, ...words], { env: env({}) }));
    }
  });
});
