// The launchers: what is kept under out/cache, that nothing else is written, and the installation of the pinned packages.
// Each test works on a copy of the project, whose stage0 is the true one; npm is a stand-in where one is asked for.

import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCommand } from "../stage0/driver/commands.ts";
import { newParseCache } from "../stage0/syntax/parse_cache.ts";
import { root } from "./kit/programs.ts";
import { newerNode, programInPath } from "./kit/tools.ts";

const { linkScript } = createRequire(import.meta.url)("../launch/link_script.js") as { linkScript(sources: Map<string, string>): string };
const { loadStage0 } = createRequire(import.meta.url)("../launch/stage0.js") as { loadStage0(root: string, watcher: null): { runCommand(words: string[], parsed: unknown): number; newParseCache(): unknown } };

const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-launch-")));
afterAll(() => {
  spawnSync("chmod", ["-R", "u+w", dir]);
  fs.rmSync(dir, { recursive: true, force: true });
});

/** A copy of what a program needs to be compiled; `packages`: whether the pinned packages are there. */
function project(name: string, packages: boolean): string {
  const to = path.join(dir, name);
  fs.mkdirSync(to);
  for (const f of ["cot.js", "cot.json", "package.json", "package-lock.json", "wasm_host.js"]) fs.copyFileSync(path.join(root, f), path.join(to, f));
  for (const f of ["launch", "stage0"]) fs.cpSync(path.join(root, f), path.join(to, f), { recursive: true });
  for (const f of ["std", "tables"]) fs.symlinkSync(path.join(root, f), path.join(to, f));
  if (packages) fs.symlinkSync(path.join(root, "node_modules"), path.join(to, "node_modules"));
  fs.writeFileSync(path.join(to, "hello.cot"), 'fn main() { println("hello") }\n');
  return to;
}

interface Done {
  status: number | null;
  stdout: string;
  stderr: string;
}

const hello: Done = { status: 0, stdout: "", stderr: "" };

/** Compiles hello, to a module so that no linker is asked for. */
function build(at: string, env: NodeJS.ProcessEnv = {}, node = process.execPath, before: string[] = []): Done {
  const words = [...before, node, path.join(at, "cot.js"), "build", path.join(at, "hello.cot"), "--target=wasm32", "-o", path.join(dir, "hello.wasm")];
  const done = spawnSync(words[0], words.slice(1), { cwd: dir, env: { ...process.env, ...env }, timeout: 120000 });
  return { status: done.status, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

const kept = (at: string): string[] => fs.readdirSync(path.join(at, "out/cache")).sort();
const stamp = (at: string): string[] => kept(at).map((f) => `${f} ${fs.statSync(path.join(at, "out/cache", f)).mtimeMs}`);

describe("what is kept", () => {
  const at = project("kept", true);

  test("the first start keeps the script and V8's code of it, the second takes both", () => {
    expect(build(at)).toEqual(hello);
    expect(kept(at)).toEqual([expect.stringMatching(/^stage0-[0-9a-f]{32}-[0-9a-f]{16}\.code$/), expect.stringMatching(/^stage0-[0-9a-f]{32}\.js$/)]);
    const before = stamp(at);
    expect(build(at)).toEqual(hello);
    expect(stamp(at)).toEqual(before);
  });

  test("a file that was cut or changed is not taken, and made again", () => {
    for (const file of kept(at)) {
      const full = path.join(at, "out/cache", file);
      const whole = fs.readFileSync(full);
      for (const damage of [whole.subarray(0, whole.length - 1), Buffer.concat([whole.subarray(0, 70_000), Buffer.from("x"), whole.subarray(70_001)])]) {
        fs.writeFileSync(full, damage);
        expect(build(at), file).toEqual(hello);
        const again = fs.readFileSync(full);
        expect(again.equals(damage), `${file}, ${damage.length} bytes`).toBe(false);
      }
    }
  });

  test("what is no file, a pipe for one, is not waited for", () => {
    const full = path.join(at, "out/cache", kept(at)[0]);
    fs.rmSync(full);
    spawnSync("mkfifo", [full]);
    expect(build(at)).toEqual(hello);
  });

  test("a source that was changed is what runs", () => {
    const file = path.join(at, "stage0/driver/commands.ts");
    const text = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, text.replace("export function runCommand(words: string[], parsed: ParseCache): number {\n", "$&  if (words.length > 90) return 3;\n  hostPrint(\"changed\\n\");\n"));
    expect(build(at).stdout).toBe("changed\n");
    fs.writeFileSync(file, text);
    expect(build(at)).toEqual(hello);
  });

  test("nothing is written elsewhere", () => {
    fs.rmSync(path.join(at, "out"), { recursive: true });
    const temporary = path.join(dir, "temporary");
    fs.mkdirSync(temporary);
    expect(build(at, { TMPDIR: temporary })).toEqual(hello);
    expect(fs.readdirSync(temporary)).toEqual([]);
    expect(fs.readdirSync(at).sort()).toEqual(["cot.js", "cot.json", "hello.cot", "launch", "node_modules", "out", "package-lock.json", "package.json", "stage0", "std", "tables", "wasm_host.js"]);
  });

  test("many at once, none of which finds anything", async () => {
    fs.rmSync(path.join(at, "out"), { recursive: true });
    const one = (n: number): Promise<number | null> => new Promise((resolve) => {
      spawn(process.execPath, [path.join(at, "cot.js"), "build", path.join(at, "hello.cot"), "--target=wasm32", "-o", path.join(dir, `${n}.wasm`)], { stdio: "ignore" }).on("exit", resolve);
    });
    expect(await Promise.all([1, 2, 3, 4].map(one))).toEqual([0, 0, 0, 0]);
    expect(kept(at).length).toBe(2);
  });

  test("a folder that cannot be written works without", () => {
    fs.rmSync(path.join(at, "out"), { recursive: true });
    // Root may write everywhere: a file takes the place of the folder.
    if (process.getuid?.() === 0) fs.writeFileSync(path.join(at, "out"), "");
    else fs.chmodSync(at, 0o555);
    expect(build(at)).toEqual(hello);
    if (process.getuid?.() === 0) expect(fs.readFileSync(path.join(at, "out"), "utf8")).toBe("");
  });

  test.skipIf(programInPath("bash") === "")("hello takes at most 0.8 s of processor time, on each Node that is here", () => {
    for (const node of [process.execPath, newerNode()].filter((n) => n !== "")) {
      const times: number[] = [];
      for (let k = 0; k < 4; k++) {
        const done = spawnSync("bash", ["-c", `TIMEFORMAT="%U %S"; time "$0" "$@"`, node, path.join(root, "cot.js"), "run", path.join(at, "hello.cot"), ...(programInPath("cc") === "" ? ["--target=wasm32"] : [])], { encoding: "utf8" });
        expect(done.stdout).toBe("hello\n");
        const [user, system] = done.stderr.trim().split(" ").map(Number);
        times.push(user + system);
      }
      expect(Math.min(...times), `${node}: ${times}`).toBeLessThanOrEqual(0.8);
    }
  });
});

describe("the packages", () => {
  const at = project("packages", false);
  const bin = path.join(dir, "bin");
  fs.mkdirSync(bin);
  /** What npm is in these tests. */
  const setNpm = (script: string): void => fs.writeFileSync(path.join(bin, "npm"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const hidden = { PATH: `${bin}:/usr/bin:/bin` };
  const builtIn = createRequire(import.meta.url)("node:module").stripTypeScriptTypes !== undefined;
  const line = "installing the pinned packages (npm ci)\n";

  test.skipIf(builtIn)("no npm, or one that fails: a sentence and 2", () => {
    expect(build(at, { PATH: bin })).toEqual({ status: 2, stdout: "", stderr: `${line}cot: cannot start npm: install npm (it comes with Node)\n` });
    setNpm("exit 1");
    expect(build(at, hidden)).toEqual({ status: 2, stdout: "", stderr: `${line}cot: npm ci failed: is the registry reachable?\n` });
  });

  test.skipIf(newerNode() === "")("the newer Node needs none", () => {
    expect(build(at, { PATH: bin }, newerNode())).toEqual(hello);
    fs.rmSync(path.join(at, "out"), { recursive: true });
  });

  test.skipIf(builtIn)("they are installed once, in one line; who comes second waits", async () => {
    setNpm(`echo "$@" >> ${dir}/npm-words; sleep 1; ln -s ${root}/node_modules node_modules`);
    const one = (n: number): Promise<string> => new Promise((resolve) => {
      const child = spawn(process.execPath, [path.join(at, "cot.js"), "build", path.join(at, "hello.cot"), "--target=wasm32", "-o", path.join(dir, `p${n}.wasm`)], { env: { ...process.env, ...hidden } });
      let said = "";
      child.stderr.on("data", (d) => {
        said += d;
      });
      child.on("exit", (status) => resolve(`${status} ${said}`));
    });
    const said = await Promise.all([1, 2, 3].map(one));
    // Who comes when the first is through need not wait.
    expect(said.filter((s) => s === `0 ${line}`).length).toBe(1);
    for (const s of said) expect(["0 ", `0 ${line}`, "0 waiting for another process that installs the pinned packages\n"]).toContain(s);
    expect(fs.readFileSync(path.join(dir, "npm-words"), "utf8")).toMatch(/^ci .*\n$/);
    expect(fs.existsSync(path.join(at, "out/installing"))).toBe(false);
    fs.rmSync(path.join(at, "node_modules"));
    fs.rmSync(path.join(at, "out"), { recursive: true });
    // A lock that is left of a process that has ended holds nobody up, nor one that names none.
    for (const owner of ["999999999", ""]) {
      fs.mkdirSync(path.join(at, "out"));
      fs.writeFileSync(path.join(at, "out/installing"), owner);
      expect(await one(4)).toMatch(new RegExp(`^0 (waiting .*\\n)?${line.replace(/[()]/g, "\\$&")}$`));
      fs.rmSync(path.join(at, "node_modules"));
      fs.rmSync(path.join(at, "out"), { recursive: true });
    }
    setNpm("mkdir node_modules; echo > node_modules/.package-lock.json");
    expect(await one(5)).toBe(`2 ${line}cot: npm ci left packages out: what does npm config say of omit?\n`);
  });
});

describe("the script", () => {
  test("makes the bytes that the modules make", () => {
    const script = loadStage0(root, null);
    for (const [target, output] of [["x86_64-linux", path.join(dir, "a.o")], ["wasm32", path.join(dir, "a.wasm")]]) {
      const words = ["build", path.join(root, "test/run/103_tokenizer.cot"), `--target=${target}`, `--emit=${target === "wasm32" ? "wasm" : "obj"}`, "-o", output];
      expect(script.runCommand(words, script.newParseCache())).toBe(0);
      const bytes = fs.readFileSync(output);
      fs.rmSync(output);
      expect(runCommand(words, newParseCache())).toBe(0);
      expect(fs.readFileSync(output).equals(bytes)).toBe(true);
    }
  });

  test("what cannot be linked is an error with its place", () => {
    const link = (text: string, other = "export function b(): number { return 1; }\n"): string => {
      try {
        linkScript(new Map([["main.ts", text], ["b.ts", other]]));
        return "";
      } catch (e) {
        return (e as Error).message;
      }
    };
    expect(link('import { b } from "./b.ts";\nb();\n')).toBe("");
    expect(link('import b from "./b.ts";\n')).toBe("main.ts:1: no import that can be linked");
    expect(link('\nimport { b as c } from "./b.ts";\n')).toBe("main.ts: ./b.ts exports no b as c".replace("./", ""));
    expect(link('import { c } from "./b.ts";\n')).toBe("main.ts: b.ts exports no c");
    expect(link('import { b } from "./c.ts";\n')).toBe("c.ts: no such module");
    expect(link("\nexport default 1;\n")).toBe("main.ts:2: no export that can be linked");
    expect(link("export let x = 1;\n")).toBe("main.ts:1: no export that can be linked");
    expect(link('import { b } from "./b.ts";\nexport function b(): void {}\n')).toBe("b is exported twice");
  });
});
