// Starts stage0, or stage1 as a Wasm program, under the engine that runs this file: Node (V8) or Bun (JavaScriptCore).
// engines_start.js version: prints what the engine says of itself, as JSON.
// engines_start.js script PROJECT OUT: links stage0 to one script and takes its types out by the engine's own means.
// engines_start.js stage0 SCRIPT PROJECT [ARGS]: runs that script. engines_start.js wasm MODULE DIR DIR [ARGS]: runs a WASI
// command that sees the two folders.
// Node gives a stack for the deepest program in a worker; Bun's is that of the process, which its starter made deep.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { isMainThread, Worker } from "node:worker_threads";

const require = createRequire(import.meta.url);
const bun = globalThis.Bun;
const [what, ...words] = process.argv.slice(2);

/** Engines leave out an expression that nothing uses, so the function gets a name. */
const NAMED = "globalThis.stage0 = ";

function version() {
  const { v8, webkit } = process.versions;
  const said = bun === undefined ? { engine: "V8", version: v8, host: `Node ${process.versions.node}` } : { engine: "JavaScriptCore", version: `WebKit ${webkit.slice(0, 12)}`, host: `Bun ${bun.version}` };
  console.log(JSON.stringify(said));
}

/** A text without its types. */
function withoutTypes(project, text) {
  if (bun !== undefined) return new bun.Transpiler({ loader: "ts", target: "bun" }).transformSync(text);
  return require("../launch/typescript.js").withoutTypes(project, text);
}

function writeScript(project, out) {
  const { readSources } = require("../launch/stage0.js");
  const { linkScript } = require("../launch/link_script.js");
  fs.writeFileSync(out, withoutTypes(project, NAMED + linkScript(readSources(path.join(project, "stage0")))));
}

function runStage0(script, project, args) {
  process.argv.splice(2, process.argv.length, ...args);
  // The value of the assignment is the function.
  vm.runInThisContext(fs.readFileSync(script, "utf8"), { filename: script })(require, path.join(project, "stage0")).main();
}

function runWasm(file, dirs, args) {
  const { WASI } = require("node:wasi");
  const wasi = new WASI({ version: "preview1", args: [file, ...args], env: {}, preopens: Object.fromEntries(dirs.map((dir) => [dir, dir])), returnOnExit: true });
  const imports = wasi.getImportObject?.().wasi_snapshot_preview1 ?? wasi.wasiImport;
  // Behind functions of script, for the reason that wasm_host.js gives.
  const wrapped = {};
  for (const [name, call] of Object.entries(imports)) wrapped[name] = (...values) => call(...values);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(file)), { wasi_snapshot_preview1: wrapped });
  process.exit(wasi.start(instance) ?? 0);
}

function work() {
  if (what === "version") version();
  else if (what === "script") writeScript(words[0], words[1]);
  else if (what === "stage0") runStage0(words[0], words[1], words.slice(2));
  else if (what === "wasm") runWasm(words[0], words.slice(1, 3), words.slice(3));
  else process.exit(2);
}

if (bun === undefined && isMainThread && (what === "stage0" || what === "wasm")) {
  const worker = new Worker(import.meta.filename, { argv: process.argv.slice(2), execArgv: ["--no-warnings"], resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: 4096 } });
  worker.on("exit", (status) => process.exit(status));
  worker.on("error", (error) => {
    process.stderr.write(`${error.stack ?? error}\n`);
    process.exit(70);
  });
} else work();
