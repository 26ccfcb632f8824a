// The third host: stage1 as a Wasm program under Node's WASI, which compiles stage1 like any other compiler.
// In -> out: the compilers of the circle and its first object, to units of the report. stage1 compiled to Wasm by stage0
// and by cot1 is the same module; what that module makes of stage1, for x86-64 and for wasm32, is what the others make.
// Where native code cannot be linked or run, the circle closes on Wasm alone: each module compiles the next.

import * as fs from "node:fs";
import * as path from "node:path";
import { type Compiler, processCompiler, type Run } from "./compilers.ts";
import { explain, readOutput } from "./explain.ts";
import { addStep, addUnit, type Report } from "./report.ts";
import { type Places, targets } from "./units.ts";

const [native, wasm32] = targets;

/** One side of a comparison: a compiler, what it wrote, and the run. */
interface Made {
  side: Compiler;
  file: string;
  run: Run;
}

/** A module of stage1 as a compiler; it reads the project and writes into one more folder. */
function hostedCompiler(name: string, module: string, root: string, out: string): Compiler {
  return processCompiler(name, [process.execPath, path.join(root, "wasm_host.js"), `--dir=${root}`, `--dir=${out}`, module], root);
}

function wordsFor(p: Places, target: string, output: string, emit = target === wasm32 ? "wasm" : "obj"): string[] {
  return ["build", path.join(p.root, "stage1/main.cot"), `--root=${p.root}`, `--std=${p.root}/std`, `--target=${target}`, `--emit=${emit}`, "--time", "-o", output];
}

/** Has a compiler compile stage1 as a step of the report. */
async function make(p: Places, out: string, r: Report, side: Compiler, target: string, name: string): Promise<Made> {
  const file = path.join(out, name);
  fs.rmSync(file, { force: true });
  let run: Run = { status: -1, text: "", peak: 0, stages: [] };
  const words = wordsFor(p, target, file);
  await addStep(r, `${side.name} compiles stage1 to ${name}`, [[...side.command, ...words]], async () => {
    run = await side.run(words);
    return { peakMemory: run.peak, stages: run.stages };
  });
  return { side, file, run };
}

/** Compares two outputs for one target; explains them where they differ. Whether they are equal. */
async function compare(p: Places, r: Report, target: string, both: Made[]): Promise<boolean> {
  const files = both.map((m) => readOutput(m.file, m.run));
  const unit = both.map((m) => path.basename(m.file)).join(" ");
  if (addUnit(r, unit, target, files[0], files[1])) return true;
  await explain(p.report, r, { unit, target, sides: both.map((m) => m.side), runs: both.map((m) => m.run), files, words: (output, emit) => wordsFor(p, target, output, emit) });
  return false;
}

/** Adds the third host to a circle that is closed natively; `first` is the object of cot1 and who made it. */
export async function compareThirdHost(p: Places, out: string, r: Report, stage0: Compiler, cot1: Compiler, first: Made): Promise<void> {
  const modules = [await make(p, out, r, stage0, wasm32, "cot1.wasm"), await make(p, out, r, cot1, wasm32, "cot2.wasm")];
  if (!(await compare(p, r, wasm32, modules))) return;
  const hosted = hostedCompiler("cot1.wasm", modules[0].file, p.root, out);
  await compare(p, r, native, [first, await make(p, out, r, hosted, native, "hosted.o")]);
  await compare(p, r, wasm32, [modules[0], await make(p, out, r, hosted, wasm32, "hosted.wasm")]);
}

/** The circle on Wasm alone: three modules, each compiled by the one before, and the native object of the first two compilers. */
export async function closeOnWasm(p: Places, out: string, r: Report, stage0: Compiler): Promise<void> {
  let last = await make(p, out, r, stage0, wasm32, "cot1.wasm");
  const first = hostedCompiler("cot1.wasm", last.file, p.root, out);
  let side = first;
  for (const name of ["cot2.wasm", "cot3.wasm"]) {
    const made = await make(p, out, r, side, wasm32, name);
    if (!(await compare(p, r, wasm32, [last, made]))) return;
    last = made;
    side = hostedCompiler(name, made.file, p.root, out);
  }
  await compare(p, r, native, [await make(p, out, r, stage0, native, "cot1.o"), await make(p, out, r, first, native, "cot2.o")]);
}
