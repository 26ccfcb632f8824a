// Other engines: what of `npm run engines` can be tried without a network. The archive of a package is taken only when it
// hashes to what is pinned; the rows are told, kept and shown only for the texts that they were made from; a planted
// difference is found with its place; stage0 as one script, under a host that has no module of Node, makes the same object.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import vm from "node:vm";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { firstDifference, type Made } from "../selfhost/engines.ts";
import { archiveName, fetchParts, isIntact, type Pinned, pinned } from "../selfhost/engines_fetch.ts";
import { type EngineRow, enginesFile, enginesSentence, enginesTable, readEngines } from "../selfhost/engines_rows.ts";
import { enginesMarkdown, enginesSection } from "../selfhost/page_engines.ts";
import { compileFile, root } from "./kit/programs.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-engines-"));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const rows: EngineRow[] = [
  { engine: "V8, Node 1", version: "1.2", ran: "stage0", target: "wasm32", bytes: 1000, sha256: "0123456789abcdef".repeat(4), equal: true },
  { engine: "QuickJS", version: "2021-03-27", ran: "stage0", target: "wasm32", bytes: 1000, sha256: "0123456789abcdef".repeat(4), equal: true },
];
const broken: EngineRow = { ...rows[1], engine: "Other <b>", sha256: "f".repeat(64), equal: false };

describe("packages", () => {
  test("an archive is taken when it has the pinned hash, and removed when it has not", async () => {
    const packed = path.join(dir, "made");
    fs.mkdirSync(path.join(packed, "package/bin"), { recursive: true });
    fs.writeFileSync(path.join(packed, "package/bin/tool"), "a tool");
    const p: Pinned = { name: "@some/tool", version: "1.0.0", integrity: "" };
    const archive = path.join(dir, archiveName(p));
    expect(archiveName(p)).toBe("some-tool-1.0.0.tgz");
    await execa("tar", ["-czf", archive, "-C", packed, "package"]);
    const bytes = fs.readFileSync(archive);
    p.integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    expect(isIntact(p, bytes)).toBe(true);
    const to = await fetchParts(dir, p, ["bin/tool"]);
    expect(fs.readFileSync(path.join(to, "bin/tool"), "utf8")).toBe("a tool");
    bytes[bytes.length >> 1] ^= 1;
    fs.writeFileSync(archive, bytes);
    expect(isIntact(p, bytes)).toBe(false);
    await expect(fetchParts(dir, p, ["bin/tool"])).rejects.toThrow("@some/tool@1.0.0: the archive is not the one that is pinned");
    expect(fs.existsSync(archive)).toBe(false);
  });

  test("every version is exact and has a hash of the right length", () => {
    for (const p of Object.values(pinned)) {
      expect(p.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(Buffer.from(p.integrity.replace("sha512-", ""), "base64").length).toBe(64);
    }
  });

  test("without a network it is a sentence and status 2", async () => {
    // A registry that nobody answers for, and a cache in which nothing is.
    const env = { npm_config_registry: "http://127.0.0.1:9/", npm_config_cache: path.join(dir, "cache"), npm_config_fetch_retry_mintimeout: "10" };
    const copy = path.join(dir, "project");
    fs.mkdirSync(copy);
    for (const name of ["selfhost", "stage0", "stage1", "std", "tables", "launch", "node_modules", "package.json"]) fs.symlinkSync(path.join(root, name), path.join(copy, name));
    const start = path.join(copy, "start.cjs");
    fs.writeFileSync(start, `require("${root}/launch/typescript.js").importTypeScript("${root}", "selfhost/engines.ts", true).then(async ({ engines }) => { process.exitCode = await engines("${copy}", process.execPath, ["--only=bun"]); });\n`);
    const done = await execa(process.execPath, [start], { cwd: root, env, reject: false });
    expect([done.exitCode, done.stderr]).toEqual([2, expect.stringMatching(/^engines: npm cannot fetch @oven\/bun-linux-x64@\S+ \(\w+\): .*registry/)]);
  });
});

/** QuickJS's modules std and os in terms of Node, as far as the host uses them; what ends the program is thrown. */
function quickjsModules(ended: number[], said: string[]): Record<string, unknown> {
  const errno = (work: () => unknown): [unknown, number] => {
    try {
      return [work(), 0];
    } catch (e) {
      return [null, -((e as NodeJS.ErrnoException).errno ?? 0)];
    }
  };
  const status = (work: () => unknown): number => {
    const [value, problem] = errno(work);
    return problem !== 0 ? -problem : typeof value === "number" ? value : 0;
  };
  const { S_IFMT, S_IFREG, S_IFDIR, O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
  const os = {
    S_IFMT, S_IFREG, S_IFDIR, O_RDONLY, O_WRONLY, O_CREAT, O_EXCL,
    stat: (name: string) => errno(() => fs.statSync(name)), lstat: (name: string) => errno(() => fs.lstatSync(name)), readdir: (name: string) => errno(() => [".", "..", ...fs.readdirSync(name)]), realpath: (name: string) => errno(() => fs.realpathSync(name)), getcwd: () => [root, 0], isatty: () => false,
    open: (name: string, flags: number, mode: number) => status(() => fs.openSync(name, flags, mode)), close: (fd: number) => status(() => fs.closeSync(fd)),
    read: (fd: number, bytes: ArrayBuffer, at: number, length: number) => status(() => fs.readSync(fd, new Uint8Array(bytes), at, length, null)),
    write: (fd: number, bytes: ArrayBuffer, at: number, length: number) => status(() => (fd === 2 ? said.push(Buffer.from(bytes, at, length).toString()) && length : fs.writeSync(fd, new Uint8Array(bytes), at, length))),
    rename: (from: string, to: string) => status(() => fs.renameSync(from, to)), remove: (name: string) => status(() => fs.rmSync(name)), mkdir: (name: string, mode: number) => status(() => fs.mkdirSync(name, mode)),
  };
  const exit = (n: number): never => {
    ended.push(n);
    throw new Error("ended");
  };
  return { os, std: { exit, out: { flush: () => {} }, err: { puts: (text: string) => said.push(text) }, loadFile: (name: string) => fs.readFileSync(name, "utf8") } };
}

describe("the host for engines that have none of Node's modules", () => {
  const script = path.join(dir, "stage0.js");
  const host = fs.readFileSync(path.join(root, "selfhost/engines_bare.js"), "utf8");

  /** Runs stage0 under that host, in a global scope where the language is all there is. */
  function run(words: string[]): { status: number; said: string } {
    const ended: number[] = [];
    const said: string[] = [];
    const scope = vm.createContext({ ...quickjsModules(ended, said), scriptArgs: ["host", script, path.join(root, "stage0"), ...words] });
    (scope.std as Record<string, unknown>).evalScript = (text: string) => vm.runInContext(text, scope);
    // The host takes the end of the program that this scope throws for an error and ends it once more.
    expect(() => vm.runInContext(host, scope)).toThrow("ended");
    return { status: ended[0], said: said.filter((text) => !text.startsWith("internal error: Error: ended")).join("") };
  }

  test("stage0 as one script makes the object that it makes under Node, and says the same of what is wrong", async () => {
    await execa(process.execPath, [path.join(root, "selfhost/engines_start.js"), "script", root, script]);
    const output = path.join(dir, "new/folder/hello.o");
    const file = path.join(root, "test/run/00_hello.cot");
    const words = (to: string): string[] => [`--root=${root}`, `--std=${root}/std`, "--emit=obj", "-o", to];
    expect(run(["build", file, ...words(path.join(dir, "hello.o"))])).toEqual({ status: 0, said: "" });
    const node = await execa(process.execPath, [path.join(root, "cot.js"), "build", file, ...words(path.join(dir, "node.o"))]);
    expect(node.exitCode).toBe(0);
    expect(fs.readFileSync(path.join(dir, "hello.o")).equals(fs.readFileSync(path.join(dir, "node.o")))).toBe(true);
    for (const wrong of [["build", path.join(dir, "no file ü.cot")], ["build", dir], ["build", file, ...words(output)], ["build", file, ...words(dir)], ["test", path.join(root, "test/kit")], ["check", path.join(root, "test/error/argument_count.cot")]]) {
      const under = run(wrong);
      const theirs = await execa(process.execPath, [path.join(root, "cot.js"), ...wrong], { cwd: root, reject: false, stripFinalNewline: false });
      expect(under, wrong.join(" ")).toEqual({ status: theirs.exitCode, said: theirs.stderr });
    }
  });
});

describe("rows", () => {
  test("the table and the sentence", () => {
    expect(enginesTable(rows).split("\n")).toEqual([
      "engine      version     ran     to make stage1 for  bytes  sha256            equal?",
      "V8, Node 1  1.2         stage0  wasm32               1000  0123456789abcdef  equal",
      "QuickJS     2021-03-27  stage0  wasm32               1000  0123456789abcdef  equal",
    ]);
    expect(enginesSentence(rows)).toBe("2 engines make the same bytes of stage1");
    expect(enginesTable([...rows, broken])).toMatch(/ffffffffffffffff {2}DIFFERENT$/);
    expect(enginesSentence([...rows, broken])).toBe("1 of 3 differ");
  });

  test("a file is read for the texts that it was made from, and for no others", () => {
    const file = path.join(dir, "engines.json");
    const texts = [{ name: "stage0", sha256: "a" }, { name: "std", sha256: "b" }];
    expect(readEngines(file, texts)).toBe(null);
    fs.writeFileSync(file, enginesFile(texts, rows));
    expect(readEngines(file, texts)).toEqual(rows);
    for (const other of [[], texts.slice(1), [texts[0], { name: "std", sha256: "c" }], [...texts, { name: "tables", sha256: "d" }]]) expect(readEngines(file, other)).toBe(null);
    fs.writeFileSync(file, "{}");
    expect(readEngines(file, texts)).toBe(null);
  });

  test("the page shows each, and no text of them is HTML", () => {
    expect(enginesSection([])).toBe("");
    const page = enginesSection([...rows, broken]);
    expect(page.match(/<tr>/g)?.length).toBe(4);
    expect([page.match(/tag equal/g)?.length, page.match(/tag different/g)?.length]).toEqual([2, 1]);
    expect(page).not.toContain("<b>Other");
    expect(page).not.toContain("Other <b>");
    expect(enginesMarkdown([], String, String)).toEqual([]);
    expect(enginesMarkdown([broken], String, String).at(-2)).toBe("| Other <b> | stage0 | wasm32 | 1,000 | ffffffffffffffff | **different** |");
  });

  test("a planted difference is found with its section, symbol and offset", () => {
    const bytes = compileFile(path.join(root, "test/run/00_hello.cot"), false, false);
    const made = (row: EngineRow, object: Uint8Array | null, said = ""): Made => ({ id: row === broken ? "other" : "node", row: { ...row, target: "x86_64-linux" }, bytes: object, said });
    const bent = new Uint8Array(bytes);
    // The first byte behind the ELF header is of the first section, .text.
    bent[64] ^= 1;
    const text = firstDifference(made(rows[0], bytes), made(broken, bent));
    expect(text).toMatch(/^different: stage1\/main.cot by stage0, x86_64-linux: node and other\n {2}section \.text, symbol \S+\+0, offset 0 \(in the file 64\)\n/);
    expect(firstDifference(made(rows[0], bytes), made(broken, null, "Other failed with status 70: why"))).toContain("\n  Other failed with status 70: why");
  });
});
