// The same input gives the same bytes: both compilers, one variation of the world around them at a time, each compared
// with the plain run of stage0. The project is copied with compiler, library and programs, so that a copy's place shows.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrapped } from "./kit/bootstrapped.ts";
import { asNobody, runWords } from "./kit/commands.ts";
import { root } from "./kit/programs.ts";
import { nativeCompiler, newerNode, programInPath, seed, testAll } from "./kit/tools.ts";

const cot1 = nativeCompiler();
const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

/** What is compiled, with the options that say what is made of it. */
interface Unit {
  file: string;
  words: string[];
}

const programs = ["103_tokenizer", "125_generic_containers", "137_vm"];
const units: Unit[] = [];
for (const name of programs) for (const words of [["--emit=obj"], ["--target=wasm32"]]) units.push({ file: `test/run/${name}.cot`, words });
if (programInPath("cc") !== "") units.push({ file: "test/run/148_panic_in_library.cot", words: [] });

/** The world around one compilation; what is not said is as it is for the tests themselves. */
interface World {
  /** The project's folder, as the compiler is told of it. */
  project: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  umask: number;
  node: string;
  words: string[];
  /** What starts the compiler. */
  before: string[];
  absolute: boolean;
  output: string;
}

const plain: World = { project: root, cwd: root, env: process.env, umask: 0o022, node: process.execPath, words: [], before: [], absolute: false, output: path.join(work, "out.bytes") };

function compile(w: World, compiler: "stage0" | "cot1", unit: Unit): Buffer {
  const starts = compiler === "cot1" ? [path.join(w.project, "out/cot1")] : [w.node, path.join(w.project, "cot.js")];
  const full = path.join(w.project, unit.file);
  const file = w.absolute ? full : path.relative(w.cwd, full);
  const words = [...w.before, ...starts, "build", file, ...unit.words, ...w.words, "-o", w.output];
  fs.rmSync(w.output, { force: true });
  const outer = process.umask(w.umask);
  const done = spawnSync(words[0], words.slice(1), { cwd: w.cwd, env: w.env, timeout: 120000, maxBuffer: 1 << 26 });
  process.umask(outer);
  if (done.status !== 0) throw new Error(`${words.join(" ")}: status ${done.status}\n${done.stderr}`);
  return fs.readFileSync(w.output);
}

/** Copies a folder's files and folders, in the order of their names or the other way round. */
function copyFolder(from: string, to: string, reversed: boolean): void {
  fs.mkdirSync(to, { recursive: true });
  const names = fs.readdirSync(from).sort();
  if (reversed) names.reverse();
  for (const name of names) {
    const full = path.join(from, name);
    if (fs.statSync(full).isDirectory()) copyFolder(full, path.join(to, name), reversed);
    else fs.copyFileSync(full, path.join(to, name));
  }
}

/** A copy of the project with all that compiling takes. */
function copyProject(to: string, reversed: boolean): string {
  const parts = ["cot.js", "cot.json", "launch", "package.json", "stage0", "stage1", "std", "tables", "test/run", "wasm_host.js"];
  if (reversed) parts.reverse();
  fs.mkdirSync(path.join(to, "out"), { recursive: true });
  fs.mkdirSync(path.join(to, "test"));
  for (const part of parts) {
    const from = path.join(root, part);
    if (fs.statSync(from).isDirectory()) copyFolder(from, path.join(to, part), reversed);
    else fs.copyFileSync(from, path.join(to, part));
  }
  if (cot1 !== "") fs.copyFileSync(cot1, path.join(to, "out/cot1"));
  fs.symlinkSync(path.join(root, "node_modules"), path.join(to, "node_modules"));
  return to;
}

function touchAll(dir: string, time: Date): void {
  for (const name of fs.readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    const full = path.join(dir, name);
    if (!full.includes("node_modules")) fs.utimesSync(full, time, time);
  }
}

function env(changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

/** An environment that says nothing but where programs are. */
const bare: NodeJS.ProcessEnv = { PATH: process.env.PATH };

/** Nested as deep as a name of some 200 characters wants it, with a blank and a letter that is not ASCII. */
const longName = `a folder with a b\u00e9autiful name, ${"as long as they come, ".repeat(8)}`.trim();

const inWork = (name: string): string => path.join(work, name);
const made = new Map<string, string>();

/** A copy of the project, made when it is first asked for. */
function project(name: string, reversed: boolean): string {
  const known = made.get(name);
  if (known !== undefined) return known;
  const dir = copyProject(inWork(name), reversed);
  made.set(name, dir);
  return dir;
}

function linked(): string {
  const link = inWork("link");
  if (!fs.existsSync(link)) fs.symlinkSync(project("p", true), link);
  return link;
}

function copied(dir: string): Partial<World> {
  return { project: dir, cwd: dir };
}

const variations: [string, () => Partial<World>][] = [
  ["a second time", () => ({})],
  ["from another working directory", () => ({ cwd: path.join(root, "test/run") })],
  ["from outside of the project", () => ({ cwd: work })],
  ["by an absolute path", () => ({ absolute: true, cwd: "/" })],
  ["another output, in another folder", () => ({ output: inWork("another name of another length.x") })],
  ["the project in a folder with a short name, its files made in reverse order", () => copied(project("p", true))],
  ["the project in a folder with a long name", () => copied(project(longName, false))],
  ["through a link to the project's folder", () => copied(linked())],
  ["files touched long ago", () => {
    touchAll(project("p", true), new Date("1999-12-31T23:59:59Z"));
    return copied(project("p", true));
  }],
  ["files touched in the future", () => {
    touchAll(project("p", true), new Date("2037-01-01T00:00:00Z"));
    return copied(project("p", true));
  }],
  ["LC_ALL and LANG are Turkish", () => ({ env: env({ LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8", LANGUAGE: "tr" }) })],
  ["LC_ALL=C", () => ({ env: env({ LC_ALL: "C", LANG: undefined }) })],
  ["TZ=Pacific/Kiritimati", () => ({ env: env({ TZ: "Pacific/Kiritimati" }) })],
  ["TZ=America/St_Johns", () => ({ env: env({ TZ: "America/St_Johns" }) })],
  ["another HOME, another folder for temporary files", () => {
    fs.mkdirSync(inWork("temporary files"), { recursive: true });
    return { env: env({ HOME: "/nonexistent", TMPDIR: inWork("temporary files") }) };
  }],
  ["no environment but PATH", () => ({ env: bare })],
  ["SOURCE_DATE_EPOCH and COLUMNS", () => ({ env: env({ SOURCE_DATE_EPOCH: "1", COLUMNS: "20", USER: "somebody", LOGNAME: "somebody", HOSTNAME: "elsewhere" }) })],
  ["umask 077", () => ({ umask: 0o077 })],
  ["umask 0", () => ({ umask: 0 })],
  ["--verify", () => ({ words: ["--verify"] })],
  ["--time", () => ({ words: ["--time"] })],
  ["--verbose", () => ({ words: ["--verbose"] })],
  ["all dumps", () => ({ words: ["--dump=all", `--dump-dir=${inWork("dumps")}`] })],
  ["one processor", () => ({ before: [programInPath("taskset"), "-c", "0"] })],
  ["addresses not random", () => ({ before: [programInPath("setarch"), "-R"] })],
  ["the clock ten years on", () => ({ before: [programInPath("faketime"), "-f", "+10y"] })],
  ["as another user", () => {
    fs.chmodSync(work, 0o755);
    fs.mkdirSync(inWork("anybody's"), { recursive: true });
    fs.chmodSync(inWork("anybody's"), 0o777);
    return { before: nobody ?? [], output: inWork("anybody's/out.bytes"), env: env({ HOME: "/nonexistent" }) };
  }],
];

/** Bytes of the plain run of stage0, by unit. */
const expected: Buffer[] = [];
beforeAll(() => {
  for (const unit of units) expected.push(compile(plain, "stage0", unit));
}, 300000);

test("the plain run gives something for every unit, no two the same", () => {
  expect(new Set(expected.map((b) => b.toString("latin1"))).size).toBe(units.length);
});

function unequal(w: World, compiler: "stage0" | "cot1", chosen: Unit[]): string[] {
  return chosen.filter((u) => !compile(w, compiler, u).equals(expected[units.indexOf(u)])).map((u) => `${u.file} ${u.words.join(" ")}`);
}

/** A variation takes `count` of the units, the next one the next: all of them are seen in many worlds. */
function sample(n: number, count: number): Unit[] {
  return testAll ? units : Array.from({ length: count }, (_, k) => units[(n * count + k + seed) % units.length]);
}

/** Who else may read the project: words that start a program as nobody, or null. */
const nobody = asNobody();
const readable = nobody !== null && runWords("/", [...nobody, "cat", path.join(root, "cot.json")]).status === 0;

/** Whether what a variation needs is missing here. */
function lacks(name: string): boolean {
  switch (name) {
    case "one processor": return programInPath("taskset") === "";
    case "addresses not random": return programInPath("setarch") === "";
    case "the clock ten years on": return programInPath("faketime") === "";
    case "as another user": return !readable;
    default: return false;
  }
}

describe(`stage0, seed ${seed}`, () => {
  for (const [n, [name, change]] of variations.entries()) {
    test.skipIf(lacks(name))(name, () => expect(unequal({ ...plain, ...change() }, "stage0", sample(n, 1))).toEqual([]));
  }
  test.skipIf(newerNode() === "")("the newer Node", () => expect(unequal({ ...plain, node: newerNode() }, "stage0", units)).toEqual([]));
});

describe.skipIf(cot1 === "")(`cot1, seed ${seed}`, () => {
  for (const [n, [name, change]] of variations.entries()) {
    test.skipIf(lacks(name))(name, () => expect(unequal({ ...plain, ...change() }, "cot1", sample(n, 3))).toEqual([]));
  }
});

describe.skipIf(cot1 === "")("stage1, everything varied at once", () => {
  const unit: Unit = { file: "stage1/main.cot", words: ["--emit=obj"] };
  let bytes: Buffer = Buffer.alloc(0);
  const varied = (): World => ({
    ...plain, ...copied(linked()), env: { ...bare, LC_ALL: "tr_TR.UTF-8", TZ: "Pacific/Kiritimati", HOME: "/nonexistent" }, umask: 0o077,
    node: newerNode() === "" ? process.execPath : newerNode(), words: ["--time"], output: inWork("another.o"), absolute: true,
  });
  beforeAll(() => {
    bytes = bootstrapped()?.object ?? compile(plain, "stage0", unit);
  }, 120000);
  // Where the bootstrap's own comparison is of these sources, it has shown this.
  if (testAll || bootstrapped() === null) test("cot1, plain", () => expect(compile(plain, "cot1", unit).equals(bytes)).toBe(true));
  test("cot1, varied", () => expect(compile(varied(), "cot1", unit).equals(bytes)).toBe(true));
  test("stage0, varied", () => expect(compile(varied(), "stage0", unit).equals(bytes)).toBe(true));
});
