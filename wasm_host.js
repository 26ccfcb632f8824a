// Runs a WASI preview 1 command under Node: the host that `cot run --target=wasm32` starts.
// node wasm_host.js [--dir=DIR]... PROGRAM.wasm [ARGS]. A trap after the panic line is status 134.
"use strict";
const { Worker, isMainThread } = require("node:worker_threads");
const fs = require("node:fs");

/**
 * The imports behind functions of script. Called by Wasm code directly, the functions of Node 20 look at the memory where
 * it lay before it grew: output gets lost, or the process dies.
 */
function throughScript(imports) {
  const wrapped = {};
  for (const [name, call] of Object.entries(imports.wasi_snapshot_preview1)) wrapped[name] = (...values) => call(...values);
  return { wasi_snapshot_preview1: wrapped };
}

async function main() {
  const words = process.argv.slice(2);
  const preopens = { ".": process.cwd() };
  while (words.length > 0 && words[0].startsWith("--dir=")) {
    const dir = words.shift().slice(6);
    preopens[dir] = dir;
  }
  const { WASI } = require("node:wasi");
  const wasi = new WASI({ version: "preview1", args: words, env: {}, preopens, returnOnExit: true });
  const module = await WebAssembly.compile(fs.readFileSync(words[0]));
  const instance = await WebAssembly.instantiate(module, throughScript(wasi.getImportObject()));
  try {
    return wasi.start(instance);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return 134;
    if (error instanceof RangeError) {
      fs.writeSync(2, "panic: stack overflow\n");
      return 134;
    }
    throw error;
  }
}

if (isMainThread) {
  process.removeAllListeners("warning");
  const worker = new Worker(__filename, { argv: process.argv.slice(2), execArgv: ["--no-warnings"], resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: 4096 } });
  worker.on("exit", (code) => process.exit(code));
  worker.on("error", (error) => {
    process.stderr.write(`wasm host: ${error.message}\n`);
    process.exit(70);
  });
} else {
  main().then((status) => process.exit(status ?? 0));
}
