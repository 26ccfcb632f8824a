// stage0 in a worker, for comparing it with stage1: checks the file it is told, and compiles it when nothing is wrong.
// Plain JavaScript, since Node before 22.18 cannot read TypeScript and tsx must be registered in every thread.
import module from "node:module";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

module.enableCompileCache?.();
if (!process.features.typescript) (await import("tsx/esm/api")).register();
const load = (name) => import(pathToFileURL(`${workerData.root}/stage0/${name}.ts`).href);
const { diagsText, errorCount, newDiags } = await load("base/diag");
const { newNames } = await load("base/intern");
const { newSourceMap } = await load("base/source");
const { checkProgram } = await load("check/check");
const { newReporter } = await load("driver/dump");
const { compileProgram } = await load("driver/driver");
const { newParseCache } = await load("syntax/parse_cache");
const parsed = newParseCache();

parentPort.on("message", ({ dir, std, file, build }) => {
  const options = { root: dir, std, mainPath: file, target: "x86_64-linux", testMode: false, unchecked: false, parsed };
  const sources = newSourceMap();
  const diags = newDiags(sources);
  checkProgram(options, sources, newNames(), diags);
  const said = { status: errorCount(diags) > 0 ? 1 : 0, text: diagsText(diags), bytes: null };
  if (build && said.status === 0) {
    const job = { check: options, wasm32: false, emit: "obj", runs: false, verify: false, heapCheck: false, filter: "", tests: [] };
    const product = compileProgram(job, newReporter("", "", "", false));
    said.bytes = Buffer.from(product.bytes.data.subarray(0, product.bytes.len));
    if (product.problem !== "") said.text = `cot: ${product.problem}\n`;
  }
  parentPort.postMessage(said);
});
