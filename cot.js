#!/usr/bin/env node
// Starts stage0: registers tsx where Node cannot read TypeScript itself, and runs the compiler in a worker with a
// stack deep enough for the deepest program that the language allows.
"use strict";
const { Worker, isMainThread } = require("node:worker_threads");
const path = require("node:path");

async function main() {
  require("node:module").enableCompileCache?.();
  if (!process.features.typescript) (await import("tsx/esm/api")).register();
  await import("./stage0/main.ts");
}

if (isMainThread) {
  const worker = new Worker(path.resolve(__filename), { argv: process.argv.slice(2), resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: 4096 } });
  worker.on("exit", (code) => process.exit(code));
  worker.on("error", (error) => {
    process.stderr.write(`internal error: ${error.stack ?? error}\n`);
    process.exit(70);
  });
} else {
  main();
}
