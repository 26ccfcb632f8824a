// Runs a WASI preview 1 command under Node: the host that `cot run --target=wasm32` starts.
// node wasm_host.js [--dir=DIR]... PROGRAM.wasm [ARGS]. A trap is status 134; where the program has not said why, the host
// prints the panic line, with the place that the module's section "lines" gives (stage0/wasm/encode_link).
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

/** A reader of LEB128 numbers. */
class Reader {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  unsigned() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  signed() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * factor;
      if (byte < 128) return byte & 64 ? value - factor * 128 : value;
    }
  }

  text() {
    const length = this.unsigned();
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }
}

/** The place of the code at an offset of the file (-1: of the whole function), in the function with an index: "FILE:LINE:COLUMN", or "". */
function placeOf(bytes, module, index, offset) {
  const sections = WebAssembly.Module.customSections(module, "lines");
  if (sections.length === 0) return "";
  const r = new Reader(Buffer.from(sections[0]), 0);
  if (r.unsigned() !== 2) return "";
  const files = Array.from({ length: r.unsigned() }, () => r.text());
  const imported = WebAssembly.Module.imports(module).filter((i) => i.kind === "function").length;
  const inBody = offset - firstInstruction(bytes, index - imported);
  for (let funcs = r.unsigned(); funcs > 0; funcs--) {
    const found = r.unsigned() === index;
    let [at, file, line, place] = [0, 0, 0, ""];
    for (let rows = r.unsigned(); rows > 0; rows--) {
      const first = r.unsigned();
      if (first % 2 === 1) file = r.unsigned();
      at += Math.floor(first / 2);
      line += r.signed();
      const column = r.unsigned();
      if (place === "" || at <= inBody) place = `${files[file]}:${line}:${column}`;
    }
    if (found) return place;
  }
  return "";
}

/** Where in the file the instructions of a defined function begin. */
function firstInstruction(bytes, defined) {
  const r = new Reader(bytes, 8);
  for (;;) {
    const id = bytes[r.at++];
    const size = r.unsigned();
    if (id === 10) break;
    r.at += size;
  }
  r.unsigned();
  for (let k = 0; k < defined; k++) {
    const size = r.unsigned();
    r.at += size;
  }
  r.unsigned();
  for (let runs = r.unsigned(); runs > 0; runs--) {
    r.unsigned();
    r.at += 1;
  }
  return r.at;
}

/** What the engine calls a trap, and what the panic line calls it. */
const trapTexts = [
  [/divide by zero|remainder by zero/, "division by zero"],
  [/unrepresentable in integer range/, "invalid conversion"],
  [/unrepresentable/, "integer overflow"],
  [/memory access/, "invalid memory access"],
  [/table index|signature/, "invalid call"],
];

/** Where the stack ends (stage0/wasm/module). */
const STACK_END = 1024;

/**
 * The panic line of a trap; "" when the program has printed one: then the trap is the runtime's own. There are two stacks that
 * can end: the engine's, and that of the module, whose pointer is below the end then.
 */
function panicLine(error, bytes, module, stackPointer) {
  const overflow = error instanceof RangeError || (stackPointer !== undefined && stackPointer.value < STACK_END);
  const frames = [...error.stack.matchAll(/wasm-function\[(\d+)\]:0x([0-9a-f]+)/g)];
  const places = frames.map((f) => placeOf(bytes, module, Number(f[1]), overflow ? -1 : Number.parseInt(f[2], 16)));
  if (!overflow && /unreachable/.test(error.message) && (places[0] ?? "").startsWith("std/rt/")) return "";
  const place = places.find((p) => p !== "" && !p.startsWith("std/rt/")) ?? places[0] ?? "";
  const what = overflow ? "stack overflow" : (trapTexts.find(([pattern]) => pattern.test(error.message))?.[1] ?? "trap");
  return `panic: ${place === "" ? "" : `${place}: `}${what}\n`;
}

async function main() {
  Error.stackTraceLimit = 100;
  const words = process.argv.slice(2);
  const preopens = { ".": process.cwd() };
  while (words.length > 0 && words[0].startsWith("--dir=")) {
    const dir = words.shift().slice(6);
    preopens[dir] = dir;
  }
  const { WASI } = require("node:wasi");
  const wasi = new WASI({ version: "preview1", args: words, env: {}, preopens, returnOnExit: true });
  const bytes = fs.readFileSync(words[0]);
  const module = await WebAssembly.compile(bytes);
  const instance = await WebAssembly.instantiate(module, throughScript(wasi.getImportObject()));
  try {
    return wasi.start(instance);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      fs.writeSync(2, panicLine(error, bytes, module, instance.exports.__stack_pointer));
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
