#!/usr/bin/env node
// Starts stage0 in a worker with a stack deep enough for the deepest program that the language allows. This thread waits
// for signals: it ends the programs that the compiler started and removes its temporary files, of which the compiler
// tells it.
"use strict";
const { Worker, isMainThread, MessageChannel, receiveMessageOnPort, workerData } = require("node:worker_threads");
const fs = require("node:fs");
const path = require("node:path");
const { loadStage0, setShortRun } = require("./launch/stage0.js");
const { Lack } = require("./launch/typescript.js");

/** In the worker: loads stage0 and does what the command line says. */
function main() {
  try {
    loadStage0(__dirname, workerData.watcher).main();
  } catch (e) {
    if (!(e instanceof Lack)) throw e;
    process.stderr.write(`cot: ${e.message}\n`);
    process.exit(2);
  }
}

/** Megabytes of objects that the compiler may have: as Node was told, or 4096. */
function memoryLimit() {
  const asked = /--max[-_]old[-_]space[-_]size=(\d+)/.exec([...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" "));
  return asked === null ? 4096 : Number(asked[1]);
}

/** The processes that a process started, and what those started. */
function childrenOf(id) {
  const found = [];
  try {
    for (const thread of fs.readdirSync(`/proc/${id}/task`)) {
      for (const child of fs.readFileSync(`/proc/${id}/task/${thread}/children`, "latin1").trim().split(" ")) {
        if (child !== "") found.push(Number(child), ...childrenOf(child));
      }
    }
  } catch {
    // It has ended, or the system does not say.
  }
  return found;
}

/** Whether the current directory is there; a worker cannot be started without. */
function isSomewhere() {
  try {
    return process.cwd() !== "";
  } catch {
    return false;
  }
}

function watch() {
  setShortRun();
  const lock = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(path.resolve(__filename), {
    argv: process.argv.slice(2), workerData: { watcher: { lock, port: port2 } }, transferList: [port2],
    resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: memoryLimit() },
  });
  /** Removes what the compiler made and did not give up. */
  const clean = () => {
    const left = new Set();
    for (let m = receiveMessageOnPort(port1); m !== undefined; m = receiveMessageOnPort(port1)) {
      if (m.message[1]) left.add(m.message[0]);
      else left.delete(m.message[0]);
    }
    for (const name of left) fs.rmSync(name, { recursive: true, force: true, maxRetries: 5 });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, () => {
      while (Atomics.compareExchange(lock, 0, 0, 1) !== 0) Atomics.wait(lock, 0, 1);
      for (const child of childrenOf("self")) {
        try {
          process.kill(child, signal);
        } catch {
          // It ended by itself.
        }
      }
      clean();
      process.kill(process.pid, signal);
    });
  }
  // A write past the limit for files fails, and is told like any other failure.
  process.on("SIGXFSZ", () => {});
  worker.on("exit", (code) => {
    clean();
    process.exit(code);
  });
  worker.on("error", (error) => {
    clean();
    process.stderr.write(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "cot: out of memory\n" : `internal error: ${error.stack ?? error}\n`);
    process.exit(70);
  });
}

if (!isMainThread) main();
else if (isSomewhere()) watch();
else {
  process.stderr.write("cot: the current directory is not there any more\n");
  process.exitCode = 2;
}
