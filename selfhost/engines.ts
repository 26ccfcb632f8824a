// npm run engines: stage0 under other engines than the one that runs Node here, and stage1 as a Wasm program under two.
// In -> out: the project, to a table, out/engines.json, and an exit status: 0 all the same bytes, 1 some differ (the first
// difference is told), 2 an engine cannot be had here. Each engine compiles stage1 for both targets; everything is
// compared with what the Node that runs this makes. Every engine takes the types out of stage0 by its own means; QuickJS, which has
// none, is given the script that Bun made: so the rows of these two owe nothing to V8. QuickJS is built here from its sources.

import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import yargs from "yargs";
import { matchesGlob } from "../stage0/base/glob.ts";
import { configurationOf, sha256 } from "./config.ts";
import { enginesFile, type EngineRow, enginesSentence, enginesTable } from "./engines_rows.ts";
import { fetchParts, Lack, pinned } from "./engines_fetch.ts";
import { firstObjectDifference } from "./object_diff.ts";
import { renderReport } from "./render.ts";
import { differenceText } from "./report.ts";
import { readReport } from "./schema.ts";
import { targets } from "./units.ts";

/** An engine that can run stage0, and perhaps Wasm: the commands to which the words of a compiler are added. */
interface Engine {
  /** Also the name of its folder. */
  id: string;
  engine: string;
  version: string;
  stage0: string[];
  wasm: ((module: string) => string[]) | null;
}

/** What an engine made of stage1 for a target; null where it failed. */
export interface Made {
  /** The engine's. */
  id: string;
  row: EngineRow;
  bytes: Uint8Array | null;
  said: string;
}

interface Places {
  root: string;
  out: string;
}

const STAGE0 = "stage0";
const WASM = "stage1 as Wasm";
/** Gives a program a stack for the deepest source that the language allows; the engines keep clear of its end. */
const DEEP = ["sh", "-c", 'ulimit -s 65536 && exec "$@"', "sh"];
const STACK = 60_000_000;
const start = path.join(import.meta.dirname, "engines_start.js");

/** Runs the command; `node` is the program that others are compared with. */
export async function engines(root: string, node: string, words: string[]): Promise<number> {
  const options = await yargs(words)
    .scriptName("npm run engines --")
    .option("only", { type: "string", requiresArg: true, describe: "run only engines whose name matches this glob (node22, node26, bun, quickjs), and write no file", default: "*" })
    .strict()
    .help()
    .parse();
  const p = { root, out: path.join(root, "out/engines") };
  try {
    if (process.platform !== "linux" || process.arch !== "x64") throw new Lack(`the engines are programs for linux x64, and this is ${process.platform} ${process.arch}`);
    fs.mkdirSync(p.out, { recursive: true });
    const list = await findEngines(p, node, (id) => matchesGlob(options.only, id));
    return await compareEngines(p, list, options.only === "*");
  } catch (e) {
    if (!(e instanceof Lack)) throw e;
    console.error(`engines: ${e.message}`);
    return 2;
  }
}

/** The engines, this Node first; fetched and built where they are not there. */
async function findEngines(p: Places, node: string, isWanted: (id: string) => boolean): Promise<Engine[]> {
  const list = [await hostedEngine(p, "node", node)];
  for (const id of ["node22", "node26"] as const) if (isWanted(id)) list.push(await hostedEngine(p, id, path.join(await fetchParts(p.out, pinned[id], ["bin/node"]), "bin/node")));
  if (!isWanted("bun") && !isWanted("quickjs")) return list;
  const bun = await hostedEngine(p, "bun", path.join(await fetchParts(p.out, pinned.bun, ["bin/bun"]), "bin/bun"));
  if (isWanted("bun")) list.push(bun);
  if (isWanted("quickjs")) list.push(await quickjs(p, scriptIn(p, "bun")));
  return list;
}

function scriptIn(p: Places, id: string): string {
  return path.join(p.out, id, "stage0.js");
}

/** Runs a tool of the command itself; its output. */
async function tool(words: string[]): Promise<string> {
  const done = await execa(words[0], words.slice(1), { reject: false, stdin: "ignore" });
  if (done.exitCode !== 0) throw new Lack(`${words.slice(0, 2).map((w) => path.basename(w)).join(" ")}: ${done.stderr || done.shortMessage}`);
  return done.stdout;
}

/** An engine that has Node's modules, and the script that it makes of stage0. */
async function hostedEngine(p: Places, id: string, program: string): Promise<Engine> {
  const { engine, version, host } = JSON.parse(await tool([program, start, "version"]));
  fs.mkdirSync(path.join(p.out, id), { recursive: true });
  const script = scriptIn(p, id);
  // Node makes its deep stack itself, in a worker.
  const command = engine === "V8" ? [program, start] : [...DEEP, "env", `BUN_JSC_maxPerThreadStackUsage=${STACK}`, program, start];
  await tool([program, start, "script", p.root, script]);
  return {
    id, engine: `${engine}, ${host}`, version,
    stage0: [...command, "stage0", script, p.root],
    wasm: (module) => [...command, "wasm", module, p.root, path.join(p.out, id)],
  };
}

/** QuickJS, built by cc from the sources in a package. Its terminal, which nobody uses here, is left out. */
async function quickjs(p: Places, script: string): Promise<Engine> {
  const folder = path.join(await fetchParts(p.out, pinned.quickjs, ["deps"]), "deps/quickjs_2021_03_27");
  const dir = path.join(p.out, "quickjs");
  fs.mkdirSync(dir, { recursive: true });
  const version = fs.readFileSync(path.join(folder, "VERSION"), "latin1").trim();
  const terminal = path.join(dir, "terminal.c");
  fs.writeFileSync(terminal, ["repl", "qjscalc"].map((name) => `const unsigned char qjsc_${name}[1];\nconst unsigned qjsc_${name}_size = 0;\n`).join(""));
  const program = path.join(dir, "qjs");
  const sources = ["qjs", "quickjs", "quickjs-libc", "libregexp", "libunicode", "cutils", "libbf"].map((name) => path.join(folder, `${name}.c`));
  await tool(["cc", "-O2", "-w", "-D_GNU_SOURCE", `-DCONFIG_VERSION="${version}"`, "-DCONFIG_BIGNUM", "-o", program, ...sources, terminal, "-lm", "-ldl", "-lpthread"]);
  const host = path.join(import.meta.dirname, "engines_bare.js");
  return { id: "quickjs", engine: "QuickJS", version, stage0: [...DEEP, program, "--std", "--stack-size", String(STACK), host, script, path.join(p.root, "stage0")], wasm: null };
}

/** Has every engine compile stage1, two engines at a time, and says what came of it. */
async function compareEngines(p: Places, list: Engine[], whole: boolean): Promise<number> {
  const results: Made[][] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < list.length) {
      const at = next++;
      results[at] = await runEngine(p, list[at]);
    }
  };
  await Promise.all([lane(), lane()]);
  const made = results.flat();
  for (const m of made) {
    const reference = made.find((o) => o.row.target === m.row.target)?.bytes ?? null;
    m.row.equal = m.bytes !== null && reference !== null && Buffer.from(m.bytes).equals(reference);
  }
  const rows = made.map((m) => m.row);
  console.log(enginesTable(rows));
  const wrong = made.find((m) => !m.row.equal);
  if (wrong !== undefined) console.log(firstDifference(made.find((o) => o.row.target === wrong.row.target) ?? wrong, wrong));
  console.log(enginesSentence(rows));
  if (whole) writeRows(p, rows);
  return wrong === undefined ? 0 : 1;
}

/** All that an engine compiles: stage1 by stage0 for both targets, and again by the module of stage1 that this gave. */
async function runEngine(p: Places, e: Engine): Promise<Made[]> {
  const made: Made[] = [];
  for (const target of targets) made.push(await compile(p, e, STAGE0, e.stage0, target));
  const module = outputOf(p, e, STAGE0, "wasm32");
  if (e.wasm !== null && fs.existsSync(module)) for (const target of targets) made.push(await compile(p, e, WASM, e.wasm(module), target));
  return made;
}

function outputOf(p: Places, e: Engine, ran: string, target: string): string {
  return path.join(p.out, e.id, `${ran.replaceAll(" ", "_")}.${target}`);
}

async function compile(p: Places, e: Engine, ran: string, command: string[], target: string): Promise<Made> {
  const output = outputOf(p, e, ran, target);
  fs.rmSync(output, { force: true });
  const emit = target === "wasm32" ? "wasm" : "obj";
  const words = ["build", path.join(p.root, "stage1/main.cot"), `--root=${p.root}`, `--std=${p.root}/std`, `--target=${target}`, `--emit=${emit}`, "-o", output];
  const before = process.hrtime.bigint();
  const done = await execa(command[0], [...command.slice(1), ...words], { cwd: p.root, reject: false, all: true, stdin: "ignore" });
  const bytes = done.exitCode === 0 && fs.existsSync(output) ? fs.readFileSync(output) : null;
  const seconds = (Number(process.hrtime.bigint() - before) / 1e9).toFixed(1);
  console.log(`${e.engine}: ${ran} compiles stage1 for ${target}: ${bytes === null ? "failed" : `${seconds} s`}`);
  const said = bytes !== null ? "" : `${e.engine} failed with status ${done.exitCode ?? done.signal ?? "none"}: ${done.all ?? ""}`;
  return { id: e.id, row: { engine: e.engine, version: e.version, ran, target, bytes: bytes?.length ?? 0, sha256: bytes === null ? "" : sha256(bytes), equal: false }, bytes, said };
}

/** Where what two engines made first differs. */
export function firstDifference(left: Made, right: Made): string {
  const object = left.bytes === null || right.bytes === null ? null : firstObjectDifference(left.bytes, right.bytes);
  const said = [...new Set([left.said, right.said])].filter((text) => text !== "").join("\n");
  return differenceText({ unit: `stage1/main.cot by ${right.row.ran}`, target: right.row.target, compilers: [left.id, right.id], said, note: "", object, dump: null, map: null, stages: [] });
}

/** Writes the file, and the rows into the report of a bootstrap of the same texts, where there is one. */
function writeRows(p: Places, rows: EngineRow[]): void {
  const out = path.join(p.root, "out");
  const { texts } = configurationOf(p.root, "");
  fs.writeFileSync(path.join(out, "engines.json"), enginesFile(texts, rows));
  const file = path.join(out, "report/report.json");
  const report = fs.existsSync(file) ? readReport(fs.readFileSync(file, "utf8")) : "";
  if (typeof report === "string" || report.configuration === null) return;
  const same = report.configuration.texts.length === texts.length && report.configuration.texts.every((t, k) => t.sha256 === texts[k].sha256);
  if (same) for (const [name, text] of renderReport({ ...report, engines: rows })) fs.writeFileSync(path.join(path.dirname(file), name), text);
}
