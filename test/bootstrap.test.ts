// The bootstrap as a command: options, exit status, report, and that a wrong compiler does not pass.
// Most runs work on a small project in a temporary folder, whose stage1 is a stand-in written in Cot: it hands its
// command line to stage0, and has a fault where a test wants one. The last part breaks a copy of the true stage1.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { processCompiler, stage0Worker } from "../selfhost/compilers.ts";
import { readElf } from "../selfhost/elf_read.ts";
import { givenCompiler, readGiven } from "../selfhost/given.ts";
import { addStep, addUnit, finishReport, newReport } from "../selfhost/report.ts";
import { readReport, type WholeReport } from "../selfhost/schema.ts";
import { startStatus, terminalOf } from "../selfhost/status.ts";
import { typedCommand, typedPath } from "../selfhost/typed.ts";
import { compareUnits, listUnits, type Places } from "../selfhost/units.ts";
import { type Verification, verifyGiven } from "../selfhost/verify.ts";
import { root } from "./kit/programs.ts";
import { namesOfThisMachine, programInPath, testAll } from "./kit/tools.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-bootstrap-"));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));
const hasLinker = programInPath("cc") !== "";

interface Done {
  status: number | null;
  stdout: string;
  stderr: string;
}

function runNode(words: string[], env: Record<string, string | undefined> = {}): Done {
  const done = spawnSync(process.execPath, words, { cwd: dir, env: { ...process.env, ...env }, timeout: 300000, maxBuffer: 1 << 26 });
  return { status: done.status, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

/** A folder that the bootstrap takes for a project: its own stage1 and programs, the rest from here. */
function makeProject(name: string, programs: Record<string, string>): string {
  const project = path.join(dir, name);
  fs.mkdirSync(path.join(project, "test/run"), { recursive: true });
  for (const f of ["bootstrap.ts", "cot.js", "cot.json", "package.json"]) fs.copyFileSync(path.join(root, f), path.join(project, f));
  for (const f of ["launch", "stage0", "selfhost", "std", "node_modules"]) fs.symlinkSync(path.join(root, f), path.join(project, f));
  for (const [file, text] of Object.entries(programs)) fs.writeFileSync(path.join(project, "test/run", file), text);
  return project;
}

/** The stand-in: stage0 by another road. `fault` are statements that know the words, their last one, and the status. */
function standIn(fault: string): string {
  return `import "std/fs"
import "std/list"
import "std/os"
import "std/process"
import "std/string"

fn main() !void {
    const words = args()
    var command = List(string) {}
    command.append("${process.execPath}")
    command.append("${path.join(root, "cot.js")}")
    for i in 1..words.len() { command.append(words.get(i)) }
    var child = try process.start(command.slice())
    const status = child.wait()
    const last = words.get(words.len() - 1)
    ${fault}
    exit(status)
}

/// Flips one bit of the byte in the middle of a file.
fn damage(file: string) !void {
    const text = try readFile(file)
    const bytes = new [text.len]u8
    for i in 0..text.len { bytes[i] = text[i] }
    bytes[text.len / 2] = bytes[text.len / 2] ^ 16
    try writeFile(file, bytes)
}
`;
}

function setFault(project: string, fault: string): void {
  fs.mkdirSync(path.join(project, "stage1"), { recursive: true });
  fs.writeFileSync(path.join(project, "stage1/main.cot"), standIn(fault));
}

const hello = "fn main() { println(\"hello\") }\n";

/** Does something, and gives what it printed. */
async function quietly(work: () => Promise<unknown>): Promise<string> {
  const printed: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((text) => {
    printed.push(text);
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return printed.join("\n");
}

function reportOf(out: string, folder = "report"): WholeReport {
  const report = readReport(fs.readFileSync(path.join(out, folder, "report.json"), "utf8"));
  if (typeof report === "string") throw new Error(report);
  return report;
}

describe("usage and environment", () => {
  const command = path.join(root, "bootstrap.ts");

  test("--help lists the options", () => {
    const done = runNode([command, "--help"]);
    for (const option of ["--json", "--quiet", "--keep-going", "--skip-wasm", "--unit", "--out", "--verbose", "--verify", "--help"]) expect(done.stdout).toContain(option);
    expect([done.status, done.stderr]).toEqual([0, ""]);
  });

  test("wrong usage ends with 2 and says why", () => {
    const wrong: [string[], string][] = [[["--frob"], "frob"], [["word"], "word"], [["--unit=no-such-unit"], "'no-such-unit'"], [["--unit"], "unit"], [["--out="], "--out"], [["--verify="], "--verify"]];
    for (const [words, text] of wrong) {
      const done = runNode([command, ...words]);
      expect([done.status, done.stdout], words.join(" ")).toEqual([2, ""]);
      expect(done.stderr).toContain(text);
    }
  });

  test("without a linker and without Wasm nothing can be shown: 2, and what to install", () => {
    const out = path.join(dir, "no-linker");
    const done = runNode([command, "--skip-wasm", `--out=${out}`], { PATH: dir });
    expect(done.status).toBe(2);
    expect(done.stderr).toMatch(/^bootstrap: no linker: .*install.*\n$/);
    expect(fs.existsSync(out)).toBe(false);
  });

  test("an out folder that cannot be made ends with 2", () => {
    const done = runNode([command, `--out=${path.join(root, "package.json")}/out`]);
    expect([done.status, done.stdout]).toEqual([2, ""]);
    expect(done.stderr).toMatch(/^bootstrap: cannot write into .*\n$/);
  });

  test("a Node that is too old ends with 2 and says what to install", () => {
    const preload = path.join(dir, "old.cjs");
    fs.writeFileSync(preload, "Object.defineProperty(process, \"versions\", { value: { ...process.versions, node: \"20.18.3\" } });\n");
    const done = runNode(["-r", preload, command]);
    expect([done.status, done.stdout, done.stderr]).toEqual([2, "", "bootstrap: Node 20.18.3 is too old: install Node 20.19 or newer\n"]);
  });

  test("packages are installed when absent, in one line; no npm or a failing one ends with 2", () => {
    const project = makeProject("fresh", { "00_hello.cot": hello });
    fs.rmSync(path.join(project, "node_modules"));
    const bin = path.join(dir, "bin");
    fs.mkdirSync(bin);
    const run = (): Done => runNode([path.join(project, "bootstrap.ts"), "--help"], { PATH: `${bin}:/usr/bin:/bin` });
    const none = runNode([path.join(project, "bootstrap.ts"), "--help"], { PATH: bin });
    expect([none.status, none.stderr]).toEqual([2, "installing the pinned packages (npm ci)\nbootstrap: cannot start npm: install npm (it comes with Node)\n"]);
    fs.writeFileSync(path.join(bin, "npm"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const failing = run();
    expect(failing.status).toBe(2);
    expect(failing.stderr).toContain("npm ci failed");
    fs.writeFileSync(path.join(bin, "npm"), `#!/bin/sh\necho "$@" > ${dir}/npm-words\nln -s ${root}/node_modules node_modules\n`, { mode: 0o755 });
    const done = run();
    expect([done.status, done.stderr]).toEqual([0, "installing the pinned packages (npm ci)\n"]);
    expect(fs.readFileSync(path.join(dir, "npm-words"), "utf8")).toMatch(/^ci /);
  });
});

describe.skipIf(!hasLinker)("a small project", () => {
  let project = "";
  const bootstrap = (...words: string[]): Done => runNode([path.join(project, "bootstrap.ts"), "--skip-wasm", ...words]);
  beforeAll(() => {
    project = makeProject("small", { "00_hello.cot": hello, "01_other.cot": "fn main() { println(\"other\") }\n" });
  });

  test("equal: status 0, steps, table, verdict and report", () => {
    setFault(project, "");
    const out = path.join(dir, "out-equal");
    const done = bootstrap("--unit=*0_hello", `--out=${out}`);
    expect([done.status, done.stderr]).toEqual([0, ""]);
    const lines = done.stdout.trimEnd().split("\n");
    const steps = ["stage0 compiles stage1 to cot1", "cot1 compiles stage1 to cot2", "cot2 compiles stage1 to cot3", "comparing cot1, cot2 and cot3", "stage0 and cot1 compile 2 units"];
    const build = (by: string, made: string): string => `$ ${by} build stage1/main.cot --std=std -o ${out}/${made} --object=${out}/${made}.o`;
    const unit = (by: string, side: string): string => `$ ${by} build test/run/00_hello.cot --target=x86_64-linux --emit=obj --std=std -o ${out}/report/unit.${side}`;
    const cost = "\\d+\\.\\d s, \\d+ MB";
    const story = [
      build("node cot.js", "cot1"), /cot1 = stage1's source compiled by stage0: /, build(`${out}/cot1`, "cot2"), /cot2 = stage1's source compiled by cot1: /,
      build(`${out}/cot2`, "cot3"), /cot3 = stage1's source compiled by cot2: /,
      ...[["cot1.o", "cot2.o"], ["cot2.o", "cot3.o"], ["cot1", "cot2"], ["cot2", "cot3"]].map(([a, b]) => `$ cmp ${out}/${a} ${out}/${b}`), /comparing cot1, cot2 and cot3: /,
      unit("node cot.js", "stage0"), unit(`${out}/cot1`, "cot1"), "  and so for 1 more: each program of test/run and the tests of each std module, for each target", /stage0 and cot1 compile 2 units: /,
    ];
    for (const [k, line] of story.entries()) expect(lines[k]).toEqual(typeof line === "string" ? line : expect.stringMatching(new RegExp(`^${line.source}${cost}$`)));
    const end = lines.slice(story.length);
    expect(end[0]).toMatch(/^unit +target +bytes +sha256 +equal\?$/);
    expect(end.slice(5)).toEqual(["test/run wasm32: 1 of 1 equal", "test/run x86_64-linux: 1 of 1 equal", "fixed point", "the compiler: out-equal/cot", "the report: out-equal/report/index.html"]);
    const report = reportOf(out);
    expect([report.verdict, report.equal, report.differences]).toEqual(["fixed point", true, []]);
    expect(report.steps.map((s) => s.step)).toEqual(steps);
    for (const s of report.steps) expect(s.seconds >= 0 && s.peakMemory > 1 << 20).toBe(true);
    const names = ["cot1.o cot2.o", "cot2.o cot3.o", "cot1 cot2", "cot2 cot3", "test/run/00_hello.cot", "test/run/00_hello.cot"];
    expect(report.units.map((u) => u.unit)).toEqual(names);
    expect(report.units.map((u) => u.target).slice(3)).toEqual(["x86_64-linux", "x86_64-linux", "wasm32"]);
    for (const [k, u] of report.units.entries()) {
      expect(u.equal && u.bytes > 1000 && /^[0-9a-f]{64}$/.test(u.sha256)).toBe(true);
      if (u.pair.length > 0) expect(end[1 + k].replace(/ +/g, " ")).toBe(`${u.unit} ${u.target} ${u.bytes} ${u.sha256.slice(0, 16)} equal`);
    }
    expect(fs.readdirSync(out).sort()).toEqual(["cot", "cot1", "cot1.o", "cot2", "cot2.o", "cot3", "cot3.o", "report"]);
    expect(fs.readdirSync(path.join(out, "report")).sort()).toEqual(["SHA256SUMS", "index.html", "report.json", "report.md"]);
    expect(report.last).toBe(null);
    expect(report.steps.slice(0, 3).map((s) => [s.by, s.source, s.makes])).toEqual([["stage0", "stage1", "cot1"], ["cot1", "stage1", "cot2"], ["cot2", "stage1", "cot3"]]);
    for (const s of report.steps.slice(0, 3)) expect(s.stages.map((t) => t.stage)).toEqual(expect.arrayContaining(["check", "ir:gvn", "translate", "alloc"]));
    expect(report.steps[1].command).toBe("out/cot1 build stage1/main.cot --std=std -o out/cot2 --object=out/cot2.o");
    expect(report.artifacts.map((a) => a.file)).toEqual(["cot", "cot1", "cot1.o", "cot2", "cot2.o", "cot3", "cot3.o"]);
    const sums = spawnSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: path.join(out, "report"), encoding: "utf8" });
    expect([sums.status, sums.stdout.trimEnd().split("\n")]).toEqual([0, report.artifacts.map((a) => `../${a.file}: OK`)]);
    const files = ["report.json", "index.html", "report.md", "SHA256SUMS"].map((file) => fs.readFileSync(path.join(out, "report", file), "utf8"));
    for (const text of files) for (const own of namesOfThisMachine([project, out, root])) expect(text.includes(own)).toBe(false);
    expect(files[1]).toContain("cot2 = stage1&#39;s source compiled by cot1");
    expect(fs.readFileSync(path.join(out, "cot")).equals(fs.readFileSync(path.join(out, "cot2")))).toBe(true);
  });

  test("the commands that are shown do what was done, and with --verbose each unit is a line", () => {
    setFault(project, "");
    const out = path.join(project, "out");
    const done = runNode([path.join(project, "bootstrap.ts"), "--skip-wasm", "--unit=0*", "--verbose"]);
    expect([done.status, done.stderr]).toEqual([0, ""]);
    const before = reportOf(out).artifacts;
    const lines = done.stdout.split("\n");
    const commands = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
    expect(commands.slice(0, 4)).toEqual([...["node cot.js", "out/cot1", "out/cot2"].map((by, k) => `${by} build stage1/main.cot --std=std -o out/cot${k + 1} --object=out/cot${k + 1}.o`), "cmp out/cot1.o out/cot2.o"]);
    for (const [n, ending] of [[1, ""], [1, ".o"], [2, ""], [2, ".o"], [3, ""], [3, ".o"]]) fs.rmSync(path.join(out, `cot${n}${ending}`));
    for (const command of commands) {
      const again = spawnSync("sh", ["-c", command], { cwd: project, env: { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` } });
      expect([again.status, again.stdout.toString(), again.stderr.toString()], command).toEqual([0, "", ""]);
    }
    const sums = spawnSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: path.join(out, "report"), encoding: "utf8" });
    expect([sums.status, sums.stdout.trimEnd().split("\n").length]).toEqual([0, before.length]);
    const [a, b] = ["stage0", "cot1"].map((side) => fs.readFileSync(path.join(out, "report", `unit.${side}`)));
    expect(a.equals(b)).toBe(true);
    for (const unit of ["00_hello", "01_other"]) for (const target of ["x86_64-linux", "wasm32"]) expect(done.stdout).toMatch(new RegExp(`^test/run/${unit}\\.cot +${target} +\\d+  [0-9a-f]{16}  equal$`, "m"));
    expect(lines.slice(-6)).toEqual(["test/run wasm32: 2 of 2 equal", "test/run x86_64-linux: 2 of 2 equal", "fixed point", "the compiler: small/out/cot", "the report: small/out/report/index.html", ""]);
  });

  test("--verify: the compiler of the source, another, and files that are none", async () => {
    setFault(project, "");
    const out = path.join(dir, "out-verify");
    const make = (name: string): string => {
      const file = path.join(dir, name);
      expect(runNode([path.join(project, "cot.js"), "build", path.join(project, "stage1/main.cot"), `--std=${project}/std`, "-o", file])).toEqual({ status: 0, stdout: "", stderr: "" });
      return file;
    };
    const verify = (file: string, ...words: string[]): Done => runNode([path.join(project, "bootstrap.ts"), `--verify=${file}`, `--out=${out}`, ...words]);
    const honest = make("honest");
    const done = verify(honest);
    expect([done.status, done.stderr]).toEqual([0, ""]);
    const said = done.stdout.trimEnd().split("\n");
    expect(said).toEqual([
      `$ node cot.js build stage1/main.cot --std=std -o ${out}/verify/stage0 --object=${out}/verify/stage0.o`, expect.stringMatching(/^stage0\.o = stage1's source compiled by stage0: \d/), "FILE = honest",
      `$ ${honest} build stage1/main.cot --std=std --emit=obj -o ${out}/verify/FILE.o`, expect.stringMatching(/^FILE\.o = stage1's source compiled by FILE: \d/),
      expect.stringMatching(/^what FILE makes of stage1: the object that stage0 makes, \d+ bytes$/), "FILE itself: byte for byte what is linked here from that object", "honest is the compiler of this source",
    ]);
    expect(verify(honest, "--quiet").stdout).toBe("honest is the compiler of this source\n");
    expect(JSON.parse(verify(honest, "--json").stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ verify: "honest", equal: true, makesTheSame: true, itself: "same" });
    const [object, executable] = ["stage0.o", "stage0"].map((name) => fs.readFileSync(path.join(out, "verify", name)));

    // It makes the right thing of this source, and is the compiler of another.
    setFault(project, "println(\"never\")\n    if words.len > 99 { exit(3) }");
    const chatty = make("chatty");
    setFault(project, "");
    const other = verify(chatty);
    expect(other.status).toBe(1);
    expect(other.stdout).toMatch(/\nwhat FILE makes of stage1: the object that stage0 makes, .*\nFILE itself: not what is linked from that object: main, .*stage1\/main\.main\n {2}main \(\.text\) differs first at offset .*\nchatty is not the compiler of this source\n$/s);

    /** What the command does once it has read the file and asked stage0. */
    const verifyHere = async (file: string): Promise<Verification> => {
      const r = newReport(false, false);
      r.root = project;
      return verifyGiven(r, project, fs.mkdtempSync(path.join(dir, "verify-")), file, fs.readFileSync(file), { object, executable }, 60000);
    };
    const faults: [string, RegExp, RegExp][] = [
      ["if startsWith(last, \"/\") { try damage(last) }", /^different: stage0\.o FILE\.o, /m, /^what FILE makes of stage1: not what stage0 makes: /],
      ["@panic(\"never again\")", /^FILE\.o = /m, /^what FILE makes of stage1: nothing: FILE failed with status 134: panic: .*never again/],
      ["if startsWith(last, \"/\") { try remove(last) }", /^FILE\.o = /m, /^what FILE makes of stage1: nothing: FILE wrote nothing$/],
    ];
    for (const [k, [fault, printed, made]] of faults.entries()) {
      setFault(project, fault);
      const file = make(`faulty${k}`);
      setFault(project, "");
      let v: Verification | null = null;
      expect(await quietly(async () => {
        v = await verifyHere(file);
      }), fault).toMatch(printed);
      expect(v, fault).toMatchObject({ equal: false, makesTheSame: false, lines: [expect.stringMatching(made), ...Array(2).fill(expect.anything()), expect.stringMatching(`faulty${k} is not the compiler of this source$`)] });
    }

    const [noX, text, cut, script] = ["no-x", "text", "cut", "script"].map((name) => path.join(dir, name));
    fs.copyFileSync(honest, noX);
    fs.chmodSync(noX, 0o644);
    fs.writeFileSync(text, "not a program\n", { mode: 0o755 });
    fs.writeFileSync(script, `#!/bin/sh\nexec ${honest} "$@"\n`, { mode: 0o755 });
    fs.writeFileSync(cut, fs.readFileSync(honest).subarray(0, 5000), { mode: 0o755 });
    const absent = path.join(dir, "absent");
    const found = verify(absent);
    expect(found).toEqual({ status: 2, stdout: "", stderr: "bootstrap: 'absent': no such file\n" });
    const wrong: [string, string][] = [[absent, "no such file"], [dir, "is not a regular file"], [noX, "is not executable or cannot be read"], [path.join(honest, "x"), "cannot be read (ENOTDIR)"]];
    for (const file of [text, cut, script]) wrong.push([file, "is not a native program for x86-64 Linux"]);
    for (const [file, message] of wrong) expect(readGiven(file), file).toBe(message);
    // The dynamic linker that it asks for is not there.
    const bytes = fs.readFileSync(honest);
    bytes.write("/no", bytes.indexOf("/lib64/ld-"), "latin1");
    fs.writeFileSync(cut, bytes, { mode: 0o755 });
    const notStarted = verify(cut);
    expect([notStarted.status, notStarted.stderr]).toEqual([2, "bootstrap: 'cut' cannot be started: ENOENT\n"]);
    expect(typeof readGiven(honest)).toBe("object");
  }, 200000);

  test("a given compiler that hangs is ended with all that it started, and does nothing to the terminal", async () => {
    const source = path.join(dir, "hangs.cot");
    fs.writeFileSync(source, `import "std/list"
import "std/process"

fn main() !void {
    println("\\x1b[2J early")
    var command = List(string) {}
    command.append("/bin/sh")
    command.append("-c")
    command.append("sleep 3; echo alive > ${dir}/alive")
    var child = try process.start(command.slice())
    _ = child.wait()
}
`);
    expect(runNode([path.join(root, "cot.js"), "build", source, `--std=${root}/std`, "-o", path.join(dir, "hangs")])).toEqual({ status: 0, stdout: "", stderr: "" });
    const hung = await givenCompiler("FILE", path.join(dir, "hangs"), dir, 700).run([]);
    expect(hung).toMatchObject({ status: -1, text: "?[2J early\ndid not end within 0.7 s" });
    await new Promise((resolve) => setTimeout(resolve, 3500));
    expect(fs.existsSync(path.join(dir, "alive"))).toBe(false);
  });

  test("a compiler that flips one bit of the object it writes: status 1, section, symbol and offset, and no out/cot", () => {
    setFault(project, "if startsWith(last, \"--object=\") { try damage(last[9:]) }");
    const out = path.join(dir, "out-byte");
    const done = bootstrap("--unit=00_hello", `--out=${out}`, "--json");
    expect([done.status, done.stderr]).toEqual([1, ""]);
    const said = done.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    const report = reportOf(out);
    expect(said.at(-1)).toEqual(report);
    expect([said[0].step, said[2].different]).toEqual(["stage0 compiles stage1 to cot1", report.differences[0]]);
    expect([report.verdict, report.equal]).toEqual(["1 of 2 units differ", false]);
    const [d] = report.differences;
    expect([d.unit, d.target, d.compilers]).toEqual(["cot1.o cot2.o", "x86_64-linux", ["stage0", "cot1"]]);
    const file = fs.readFileSync(path.join(out, "cot1.o"));
    const at = Math.floor(file.length / 2);
    const section = readElf(file).find((s) => s.start <= at && at < s.start + s.bytes.length);
    expect([d.object?.section, d.object?.fileOffset]).toEqual([section?.name, at]);
    expect(d.object?.symbol).not.toBe("");
    expect(d.object?.left.slice(0, 2)).toBe(file[at].toString(16).padStart(2, "0"));
    expect([d.dump, d.note]).toEqual([null, expect.stringContaining("all dumps are equal")]);
    expect(fs.existsSync(path.join(out, "cot"))).toBe(false);
  });

  test("a compiler that links otherwise: status 1, and the linker is named", () => {
    setFault(project, "if startsWith(last, \"--object=\") { try appendFile(last[9:last.len - 2], \"x\") }");
    // Into the folder of a run that was equal, whose report is the last run of this one.
    const out = path.join(dir, "out-equal");
    const done = bootstrap("--unit=00_hello", `--out=${out}`, "--quiet");
    expect([done.status, done.stderr]).toEqual([1, ""]);
    const report = reportOf(out);
    expect(report.units.map((u) => u.equal)).toEqual([true, true, false, true]);
    const [d] = report.differences;
    expect([d.unit, d.dump, d.note]).toEqual(["cot1 cot2", null, expect.stringContaining("linking")]);
    expect([report.last?.verdict, report.last?.steps.length, report.last?.artifacts.length]).toEqual(["fixed point", 5, 7]);
    expect(report.artifacts.map((a) => a.file)).toEqual(["cot1", "cot1.o", "cot2", "cot2.o", "cot3", "cot3.o"]);
    expect(d.object).toMatchObject({ section: "file", offset: fs.statSync(path.join(out, "cot1")).size, left: "", right: "78" });
  });

  test("a compiler that fails on one target: status 1 and what it said, for each unit with --keep-going", () => {
    setFault(project, "for w in words { if w == \"--target=wasm32\" { @panic(\"not today\") } }");
    const out = path.join(dir, "out-fails");
    const done = bootstrap("--unit=0*", `--out=${out}`, "--keep-going", "--quiet");
    expect([done.status, done.stderr]).toEqual([1, ""]);
    const lines = done.stdout.trimEnd().split("\n");
    expect(lines.at(-1)).toBe("2 of 8 units differ");
    expect(lines[0]).toBe("different: test/run/00_hello.cot, wasm32: stage0 and cot1");
    expect(lines[1]).toMatch(/^ {2}cot1 failed with status 134: panic: .*not today/);
    expect(done.stdout).toContain("different: test/run/01_other.cot, wasm32");
    expect(done.stdout).not.toContain("sha256");
    const report = reportOf(out);
    expect(report.units.filter((u) => !u.equal).map((u) => `${u.unit} ${u.target}`)).toEqual(["test/run/00_hello.cot wasm32", "test/run/01_other.cot wasm32"]);
    expect(report.differences.length).toBe(2);
  });

  test("what no compiler accepts proves nothing: status 1", async () => {
    fs.writeFileSync(path.join(project, "test/run/02_wrong.cot"), "fn main() { nothing() }\n");
    const p: Places = { root: project, report: path.join(dir, "report-wrong") };
    fs.mkdirSync(p.report);
    const both = ["left", "right"].map((name) => processCompiler(name, [process.execPath, path.join(root, "cot.js")], project));
    const r = newReport(false, true);
    const units = listUnits(project, "02*");
    const said = await quietly(() => compareUnits(p, r, both[0], both[1], units, false));
    let status = -1;
    await quietly(async () => {
      status = finishReport(r, path.join(p.report, "report.json"));
    });
    expect([status, r.units.length, r.units[0].equal]).toEqual([1, 1, false]);
    for (const name of ["left", "right"]) expect(said).toContain(`${name} failed with status 1: test/run/02_wrong.cot:1:13: error`);
    fs.rmSync(path.join(project, "test/run/02_wrong.cot"));
  });
});

describe("what is said", () => {
  test("on a terminal a line moves and is gone; it goes to no file, and to none under CI", async () => {
    const written: string[] = [];
    const terminal = { isTTY: true, columns: 40, write: (text: string) => written.push(text) };
    const file = { write: () => 0 };
    expect([terminalOf([file, terminal], undefined), terminalOf([file, terminal], "")]).toEqual([terminal, terminal]);
    expect([terminalOf([file, file], undefined), terminalOf([terminal, terminal], "true")]).toEqual([null, null]);
    let done = 0;
    const status = startStatus(terminal, "cot2 = stage1's source", () => `, ${done++} of 460`);
    await new Promise((resolve) => setTimeout(resolve, 900));
    status.stop();
    const drawn = written.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(written.length).toBe(drawn);
    expect(drawn).toBeGreaterThan(3);
    for (const [k, text] of written.slice(0, -1).entries()) expect(text).toBe(`\r\x1b[Kcot2 = stage1's source ... ${/\d\.\d/.exec(text)?.[0]} s, ${k} of 460`.slice(0, 4 + 39));
    expect(written.at(-1)).toBe("\r\x1b[K");
  });

  test("commands as one types them", () => {
    expect(typedCommand([process.execPath, "/p/cot.js", "build", "/p/a b.cot", "--time", "--std=/p/std", "--root=/p", "-o", "/q/out/x"], "/p")).toBe("node cot.js build 'a b.cot' --std=std --root=. -o /q/out/x");
    expect(typedCommand(["/q/out/cot1", "--dir=/q/out", "--dir=/p", "-o", "/q/out/x", "it's"], "/p", [["/q/out/", "out/"]])).toBe("out/cot1 --dir=out --dir=. -o out/x 'it'\\''s'");
    expect([typedCommand(["/p/cot1"], "/p"), typedCommand(["cmp", "/p/a"], "/p")]).toEqual(["./cot1", "cmp a"]);
    expect([typedPath(path.resolve("a/b")), typedPath("/elsewhere/b")]).toEqual(["a/b", "/elsewhere/b"]);
  });

  test("units are counted by family; one that differs is always shown", async () => {
    const p = path.join(dir, "said");
    fs.mkdirSync(p);
    const r = newReport(false, false);
    const said = await quietly(async () => {
      await addStep(r, "stage0 compiles stage1 to cot1", [["/p/x", "y"]], async () => 3 << 20);
      const bytes = [Buffer.from("a"), Buffer.from("b")];
      addUnit(r, "cot1.o cot2.o", "x86_64-linux", bytes[0], bytes[0]);
      for (const [k, unit] of ["test/run/a.cot", "test/run/b.cot", "test/run/deep/c.cot", "std/list.cot"].entries()) addUnit(r, unit, "wasm32", bytes[0], bytes[k === 1 ? 1 : 0]);
      finishReport(r, path.join(p, "report.json"), ["the end"]);
    });
    expect(said.replace(/\d+\.\d s/, "T")).toBe([
      "$ /p/x y", "cot1 = stage1's source compiled by stage0: T, 3 MB",
      "unit            target        bytes  sha256            equal?", "cot1.o cot2.o   x86_64-linux      1  ca978112ca1bbdca  equal", "test/run/b.cot  wasm32            1  ca978112ca1bbdca  DIFFERENT",
      "std tests wasm32: 1 of 1 equal", "test/run wasm32: 2 of 3 equal", "1 of 5 units differ", "the end",
    ].join("\n"));
  });
});

test("one line of code says that the circle is closed", () => {
  const lines: string[] = [];
  for (const folder of ["bootstrap.ts", "cot.js", "launch", "selfhost", "stage0", "stage1", "std", "tables"]) {
    const full = path.join(root, folder);
    const files = fs.statSync(full).isFile() ? [full] : fs.readdirSync(full, { recursive: true, encoding: "utf8" }).map((f) => path.join(full, f));
    for (const file of files.filter((f) => fs.statSync(f).isFile())) {
      for (const line of fs.readFileSync(file, "latin1").split("\n")) if (line.includes("fixed point")) lines.push(path.relative(root, file));
    }
  }
  expect(lines).toEqual(["selfhost/report.ts"]);
});

test("the units are all programs and all std modules with tests, for both targets", () => {
  const units = listUnits(root, "*");
  const programs = fs.readdirSync(path.join(root, "test/run"), { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".cot"));
  const modules = fs.readdirSync(path.join(root, "std")).filter((f) => f.endsWith(".cot"));
  expect(units.filter((u) => !u.tests).length).toBe(2 * programs.length);
  expect(units.filter((u) => u.tests).map((u) => u.file)).toEqual(modules.sort().flatMap((f) => [`std/${f}`, `std/${f}`]));
  expect(listUnits(root, "std/li*").map((u) => `${u.file} ${u.target}`)).toEqual(["std/list.cot x86_64-linux", "std/list.cot wasm32"]);
  expect(listUnits(root, "09_strings").map((u) => u.file)).toEqual(["test/run/09_strings.cot", "test/run/09_strings.cot"]);
});

// Two minutes: with everything only.
if (testAll) {
  test("a machine without a linker closes the circle on Wasm alone, and a stage1 that compiles otherwise there does not pass", () => {
    const project = makeProject("hosted", { "00_hello.cot": hello });
    for (const f of ["stage1", "tables"]) fs.cpSync(path.join(root, f), path.join(project, f), { recursive: true });
    fs.symlinkSync(path.join(root, "wasm_host.js"), path.join(project, "wasm_host.js"));
    const file = path.join(project, "stage1/wasm/emit_func.cot");
    const text = fs.readFileSync(file, "utf8");
    const broken = text.replace("alignUp(at, 16)", "alignUp(at, if @targetOs() == \"wasi\" { 32 } else { 16 })");
    expect(broken).not.toBe(text);
    fs.writeFileSync(file, broken);
    const out = path.join(dir, "out-hosted");
    const done = runNode([path.join(project, "bootstrap.ts"), `--out=${out}`, "--quiet"], { PATH: path.dirname(project) });
    expect(done.stderr).toMatch(/^bootstrap: no linker: .*the circle closes on Wasm alone, no native program is made\n$/);
    const report = reportOf(out);
    expect([done.status, report.verdict]).toEqual([1, "1 of 1 units differ"]);
    expect(report.steps.map((s) => s.step)).toEqual(["stage0 compiles stage1 to cot1.wasm", "cot1.wasm compiles stage1 to cot2.wasm"]);
    expect(report.differences[0]).toMatchObject({ unit: "cot1.wasm cot2.wasm", target: "wasm32", compilers: ["stage0", "cot1.wasm"], dump: { stage: "wasm" } });
  });
}

describe.skipIf(!hasLinker)("a stage1 with one constant changed", () => {
  let cot1 = "";
  let project = "";
  beforeAll(() => {
    project = makeProject("broken", { "00_add.cot": "export fn addMany(n: i64) i64 { return n - 128 }\n\nfn main() { println(\"hello\") }\n", "01_hello.cot": hello });
    for (const f of ["stage1", "tables"]) fs.cpSync(path.join(root, f), path.join(project, f), { recursive: true });
    const file = path.join(project, "stage1/isa/x64/emit.cot");
    const text = fs.readFileSync(file, "utf8");
    const broken = text.replace("imm >= -128 and imm <= 127", "imm >= -127 and imm <= 127");
    expect(broken).not.toBe(text);
    fs.writeFileSync(file, broken);
    cot1 = path.join(dir, "broken-cot1");
    const done = runNode([path.join(project, "cot.js"), "build", path.join(project, "stage1/main.cot"), `--std=${root}/std`, "-o", cot1, `--object=${cot1}.o`]);
    expect([done.status, done.stderr]).toEqual([0, ""]);
  });

  test("does not pass: status 1, and the report names stage, function, section, symbol and offset", async () => {
    const p: Places = { root: project, report: path.join(dir, "broken-report") };
    fs.mkdirSync(p.report);
    const r = newReport(false, false);
    const left = stage0Worker(project);
    let status = -1;
    const said = await quietly(async () => {
      await compareUnits(p, r, left, processCompiler("cot1", [cot1], project), listUnits(project, "0*"), true);
      await left.stop();
      status = finishReport(r, path.join(p.report, "report.json"));
    });
    expect(said).toMatch(/\ntest\/run wasm32: 2 of 2 equal\ntest\/run x86_64-linux: 1 of 2 equal\n1 of 4 units differ$/);
    expect(said).not.toMatch(/01_hello.*equal$/m);
    expect([status, reportOf(dir, "broken-report").verdict, said.split("\n").at(-1)]).toEqual([1, "1 of 4 units differ", "1 of 4 units differ"]);
    expect(said).toMatch(/^different: test\/run\/00_add\.cot, x86_64-linux: stage0 and cot1\n {2}section \.text, symbol addMany\+1, offset \d+ /);
    expect(said).toMatch(/\n {2}the dumps differ first in stage asm, function addMany, line \d+\n/);
    expect(said).toMatch(/\ntest\/run\/00_add\.cot +x86_64-linux +\d+ {2}[0-9a-f]{16} {2}DIFFERENT\n/);
    expect(r.units.map((u) => u.equal)).toEqual([false, true, true, true]);
    const [d] = r.differences;
    expect(d).toMatchObject({ unit: "test/run/00_add.cot", target: "x86_64-linux", compilers: ["stage0", "cot1"], said: "" });
    expect(d.object?.section).toBe(".text");
    expect(d.object?.resized?.symbol).toBe("addMany");
    expect(d.object?.offset).toBeGreaterThan(0);
    expect(d.dump).toMatchObject({ stage: "asm", func: "addMany" });
    expect(d.dump?.diff).toMatch(/^-.*, -128\b/m);
    expect(d.dump?.diff).toMatch(/^\+.* 80 ff ff ff .*, -128\b/m);
    for (const side of d.compilers) {
      const folder = path.join(p.report, `test_run_00_add.x86_64-linux.${side}.dumps`);
      const file = fs.readdirSync(folder).find((f) => f.endsWith("_asm.txt")) ?? "";
      const dump = fs.readFileSync(path.join(folder, file), "utf8").split("\n");
      expect(dump[(d.dump?.line ?? 0) - 1]).toContain(", -128");
    }
  });

  test("the first difference ends the comparison where nothing else is asked for", async () => {
    const p: Places = { root: project, report: path.join(dir, "first-report") };
    fs.mkdirSync(p.report);
    const r = newReport(false, false);
    const left = stage0Worker(project);
    await quietly(() => compareUnits(p, r, left, processCompiler("cot1", [cot1], project), listUnits(project, "0*"), false));
    await left.stop();
    expect(r.units[0]).toMatchObject({ unit: "test/run/00_add.cot", target: "x86_64-linux", equal: false });
    expect(r.units.length).toBeLessThan(4);
  });

  test("both twins write an object beside the executable, and the program of tests without running it", () => {
    for (const command of [[process.execPath, path.join(root, "cot.js")], [cot1]]) {
      const run = (...words: string[]): Done => {
        const done = spawnSync(command[0], [...command.slice(1), ...words], { cwd: dir });
        return { status: done.status, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
      };
      const std = `--std=${root}/std`;
      const source = path.join(project, "test/run/01_hello.cot");
      const made = path.join(dir, `made-${command.length}`);
      expect(run("build", source, std, "-o", made, `--object=${made}.o`)).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(run("build", source, std, "-o", `${made}.alone`, "--emit=obj").status).toBe(0);
      expect(fs.readFileSync(`${made}.o`).equals(fs.readFileSync(`${made}.alone`))).toBe(true);
      expect(spawnSync(made).stdout.toString()).toBe("hello\n");
      expect(run("build", source, std, "--target=wasm32", `--object=${made}.o`)).toEqual({ status: 2, stdout: "", stderr: "cot: option --object is for native executables\n" });
      const tests = path.join(dir, "tests.cot");
      fs.writeFileSync(tests, "test \"fails\" { @assert(false) }\n");
      expect(run("test", tests, std, "-o", `${made}.tests`)).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(spawnSync(`${made}.tests`).status).not.toBe(0);
      expect(run("test", tests, std, "--emit=obj", "-o", `${made}.tests.o`).status).toBe(0);
      expect(readElf(fs.readFileSync(`${made}.tests.o`)).find((s) => s.name === ".text")?.places.map((p) => p.name)).toContain("main");
      expect(run("test", tests, tests, std, "-o", made)).toEqual({ status: 2, stdout: "", stderr: "cot: more than one input file\n" });
      expect(run("test", tests, std).status).toBe(1);
    }
  });
});
