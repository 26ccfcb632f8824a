// stage0 in a worker: compiles what it is told, one command line after another, and answers with the exit status.
// Plain JavaScript, since Node before 22.18 cannot read TypeScript and tsx must be registered in every thread.
import module from "node:module";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

module.enableCompileCache?.();
if (!process.features.typescript) (await import("tsx/esm/api")).register();
const { runCommand } = await import(pathToFileURL(workerData.commands).href);
const { newParseCache } = await import(pathToFileURL(workerData.parseCache).href);
const parsed = newParseCache();
// Text inside stage0 is bytes.
parentPort.on("message", (words) => parentPort.postMessage(runCommand(words.map((w) => Buffer.from(w).toString("latin1")), parsed)));
