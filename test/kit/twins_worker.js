// stage0 in a worker, for comparing it with stage1: checks the file it is told, and compiles it when nothing is wrong.
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

const { loadStage0 } = createRequire(import.meta.url)("../../launch/stage0.js");
const { checkProgram, compileProgram, diagsText, errorCount, newDiags, newNames, newParseCache, newReporter, newSourceMap } = loadStage0(workerData.root, null);
const parsed = newParseCache();

parentPort.on("message", ({ dir, std, file, build }) => {
  const options = { root: dir, std, mainPath: file, target: "x86_64-linux", testMode: false, unchecked: false, parsed };
  const sources = newSourceMap();
  const diags = newDiags(sources);
  checkProgram(options, sources, newNames(), diags);
  const said = { status: errorCount(diags) > 0 ? 1 : 0, text: diagsText(diags), bytes: null };
  if (build && said.status === 0) {
    const job = { check: options, wasm32: false, emit: "obj", runs: false, verify: false, heapCheck: false, shareCleanups: false, stackSize: 8388608, filter: "", tests: [] };
    const product = compileProgram(job, newReporter("", "", "", false));
    said.bytes = Buffer.from(product.bytes.data.subarray(0, product.bytes.len));
    if (product.problem !== "") said.text = `cot: ${product.problem}\n`;
  }
  parentPort.postMessage(said);
});
