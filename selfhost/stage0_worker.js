// stage0 in a worker: compiles what it is told, one command line after another, and answers with the exit status.
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

const { loadStage0 } = createRequire(import.meta.url)("../launch/stage0.js");
const { newParseCache, runCommand } = loadStage0(workerData.root, null);
const parsed = newParseCache();
// Text inside stage0 is bytes.
parentPort.on("message", (words) => parentPort.postMessage(runCommand(words.map((w) => Buffer.from(w).toString("latin1")), parsed)));
