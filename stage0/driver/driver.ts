// The driver: the whole pipeline on one screen.
// In -> out: Options, to an exit status; files and streams through base/host. Every stage is timed and can be dumped;
// with --verify every pass is followed by the verifier. The right half starts from the bytes of the Wasm module.

import { bug, enterStage } from "../base/bug.ts";
import { type Bytes, newBytes } from "../base/bytes.ts";
import { diagsText, dropTold, errorCount, type Diags, newDiags } from "../base/diag.ts";
import { alignUp } from "../base/int32.ts";
import { hostPrintError } from "../base/host.ts";
import { type Names, newNames } from "../base/intern.ts";
import { newSourceMap, type SourceMap } from "../base/source.ts";
import { containsText } from "../base/table.ts";
import { checkProgram } from "../check/check.ts";
import type { CheckOptions } from "../check/checker.ts";
import { markMoved } from "../check/escape.ts";
import { printTree } from "../check/print_tree.ts";
import type { Program } from "../check/tree.ts";
import { hostModelProblem } from "../clif/host_model.ts";
import { startTranslation } from "../clif/translate.ts";
import { translateFunc } from "../clif/translate_func.ts";
import { lowerProgram } from "../lower/lower.ts";
import { type ObjectFile, printObject } from "../object/object.ts";
import { writeElf } from "../object/elf.ts";
import type { SsaModule } from "../ssa/module.ts";
import { decodeWasm } from "../wasm/decode.ts";
import { emitWasm } from "../wasm/emit.ts";
import { encodeFinal, encodeObject } from "../wasm/encode.ts";
import { linkWasm, undefinedWasmData, wasmLimitProblem } from "../wasm/link.ts";
import type { WasmModule } from "../wasm/module.ts";
import { printWasm } from "../wasm/print.ts";
import { validateWasm } from "../wasm/validate.ts";
import { compileFunction, finishBackend, newBackend } from "./backend.ts";
import { addCount, addTime, dumpText, type Reporter, startTime, wantsDump, wantsFunc } from "./dump.ts";
import { dumpSources } from "./dump_source.ts";
import { endClifPasses, runClifPasses, runIrPasses, startClifPasses } from "./passes.ts";

/** What to compile and how. */
export interface Job {
  check: CheckOptions;
  wasm32: boolean;
  /** "exe", "obj", "wasm" or "wasm-obj". */
  emit: string;
  /** Whether the program is to be run at once. */
  runs: boolean;
  verify: boolean;
  heapCheck: boolean;
  shareCleanups: boolean;
  /** Bytes of the stack of a linked Wasm module. */
  stackSize: number;
  /** Text that the names of the tests to run contain. */
  filter: string;
  /** The names of those, once the program is checked. */
  tests: string[];
}

/** What came of it: bytes, or errors printed already (status 1) or a problem in words (status 2). */
export interface Product {
  bytes: Bytes;
  status: number;
  problem: string;
  /** Paths of the files that were read. */
  inputs: string[];
}

/** Source to the bytes of what the job emits; for an executable, the object to be linked. */
export function compileProgram(job: Job, r: Reporter): Product {
  const sources = newSourceMap();
  const names = newNames();
  const diags = newDiags(sources);
  const program = checkSources(job, r, sources, names, diags);
  if (printErrors(job, r, diags) > 0) return withoutBytes(1, "");
  if (lacksMain(job, program)) return withoutBytes(2, "'" + job.check.mainPath + "' declares no main, so it is a library: --emit=obj makes an object of it");
  selectTests(program, job.filter);
  for (const t of program.tests) job.tests.push(program.funcs[t].name);
  const p = compileChecked(job, r, program, sources);
  // Who asked for dumps and does not get them gets nothing else.
  if (r.problem !== "") return withoutBytes(2, "");
  p.inputs = sources.inputs;
  return p;
}

/** Leaves out the tests whose names do not contain a text. */
function selectTests(program: Program, filter: string): void {
  const tests: number[] = [];
  for (const t of program.tests) if (containsText(program.funcs[t].name, filter)) tests.push(t);
  program.tests = tests;
}

/** A checked program to bytes. */
function compileChecked(job: Job, r: Reporter, program: Program, sources: SourceMap): Product {
  const ir = lowerSources(job, r, program, sources);
  const limit = frameProblem(ir);
  if (limit !== "") return withoutBytes(1, limit);
  if (job.wasm32) return finishWasm(job, r, emitModule(r, ir, sources));
  const bytes = encodeModule(r, emitModule(r, ir, sources));
  if (job.emit === "wasm" || job.emit === "wasm-obj") return product(bytes);
  const object = compileBytes(job, r, bytes);
  const since = startTime(r);
  const elf = writeElf(object);
  addTime(r, "obj", since);
  if (wantsDump(r, "obj")) dumpText(r, "obj", printObject(object));
  return product(elf);
}

/** The largest frame of a function, in bytes. */
const MAX_FRAME = 268435456;

/** Why a function's frame cannot be made, or "". */
function frameProblem(ir: SsaModule): string {
  for (const f of ir.funcs) {
    let bytes = 0;
    for (const slot of f.slots) {
      if (slot.size > MAX_FRAME - bytes - 16) return "'" + ir.symbols[f.sym].name + "' has variables of more than " + MAX_FRAME + " bytes together; larger ones belong in 'new [n]T'";
      bytes = alignUp(bytes + slot.size, 16);
    }
  }
  return "";
}

/** Whether main is missing where it must be: in what runs, and in a native executable. A wasm32 module without it is a reactor. */
function lacksMain(job: Job, program: Program): boolean {
  const needs = job.runs || (job.emit === "exe" && !job.wasm32);
  return needs && !job.check.testMode && program.main < 0;
}

/** Scanner, parser and checker. */
export function checkSources(job: Job, r: Reporter, sources: SourceMap, names: Names, diags: Diags): Program {
  const since = startTime(r);
  enterStage("check", "");
  const program = checkProgram(job.check, sources, names, diags);
  addTime(r, "check", since);
  if (errorCount(diags) === 0) findMoved(r, program, diags);
  dumpSources(r, sources, names);
  if (errorCount(diags) === 0 && wantsDump(r, "types")) dumpText(r, "types", printTree(program, funcsWanted(program, r)));
  return program;
}

/** Escape analysis. */
function findMoved(r: Reporter, program: Program, diags: Diags): void {
  const since = startTime(r);
  enterStage("escape", "");
  addCount(r, "locals moved", markMoved(program, diags));
  addTime(r, "escape", since);
}

/** The functions that --fn names; none when it is not given. */
function funcsWanted(program: Program, r: Reporter): string[] {
  const wanted: string[] = [];
  if (r.glob === "") return wanted;
  for (const f of program.funcs) if (wantsFunc(r, f.name)) wanted.push(f.name);
  return wanted;
}

function lowerSources(job: Job, r: Reporter, program: Program, sources: SourceMap): SsaModule {
  const since = startTime(r);
  const ir = lowerProgram(program, sources, { wasm: job.wasm32, unchecked: job.check.unchecked, heapCheck: job.heapCheck, shareCleanups: job.shareCleanups, testMode: job.check.testMode });
  for (const f of program.funcs) f.nodes = [];
  addTime(r, "lower", since);
  // What the passes would take away counts too: whether a program is within the limit is not their affair.
  if (frameProblem(ir) === "") runIrPasses(ir, job.verify, r);
  return ir;
}

function emitModule(r: Reporter, ir: SsaModule, sources: SourceMap): WasmModule {
  const since = startTime(r);
  enterStage("wasm", "");
  const wasm = emitWasm(ir, sources);
  // No stage's work is kept longer than the next one reads it.
  ir.funcs = [];
  addTime(r, "wasm", since);
  if (wantsDump(r, "wasm")) dumpText(r, "wasm", printWasm(wasm));
  return wasm;
}

function encodeModule(r: Reporter, wasm: WasmModule): Bytes {
  const since = startTime(r);
  enterStage("encode", "");
  const bytes = encodeObject(wasm);
  addTime(r, "encode", since);
  requireValid(r, wasm);
  return bytes;
}

/** No module leaves the compiler that its own validator refuses. */
function requireValid(r: Reporter, wasm: WasmModule): void {
  const since = startTime(r);
  enterStage("validate", "");
  const problem = validateWasm(wasm);
  if (problem.reason !== "") bug("invalid module at offset " + problem.offset + ": " + problem.reason);
  addTime(r, "validate", since);
}

/** wasm32: the relocatable module, or the linked one. */
function finishWasm(job: Job, r: Reporter, wasm: WasmModule): Product {
  const limit = wasmLimitProblem(wasm);
  if (limit !== "") return withoutBytes(1, limit);
  if (job.emit === "obj" || job.emit === "wasm-obj") return product(encodeModule(r, wasm));
  const missing = undefinedWasmData(wasm);
  if (missing !== "") bug("undefined data symbol " + missing);
  const since = startTime(r);
  enterStage("link", "");
  const linked = linkWasm(wasm, job.stackSize);
  const bytes = encodeFinal(linked);
  addTime(r, "link", since);
  requireValid(r, linked);
  return product(bytes);
}

/** Bytes of a 64-bit module to an object. A function is through all stages before the next one is translated. */
function compileBytes(job: Job, r: Reporter, bytes: Bytes): ObjectFile {
  let since = startTime(r);
  enterStage("decode", "");
  const wasm = decodeOwn(bytes);
  addTime(r, "decode", since);
  since = startTime(r);
  const t = startTranslation(wasm);
  addTime(r, "translate", since);
  const passes = startClifPasses(t.module, job.verify, r);
  const backend = newBackend(t.module, job.verify, r);
  for (let k = 0; k < wasm.funcs.length; k++) {
    if (wasm.funcs[k].imported) continue;
    since = startTime(r);
    enterStage("translate", wasm.funcs[k].name);
    const f = translateFunc(t, k);
    addTime(r, "translate", since);
    runClifPasses(passes, f, k);
    compileFunction(backend, f, k);
  }
  endClifPasses(passes);
  return finishBackend(backend);
}

function decodeOwn(bytes: Bytes): WasmModule {
  const decoded = decodeWasm(bytes);
  if (decoded.problem !== "") bug("cannot read its own module at offset " + decoded.offset + ": " + decoded.problem);
  const refused = hostModelProblem(decoded.module);
  if (refused.reason !== "") bug("its own module does not fit the host at offset " + refused.offset + ": " + refused.reason);
  return decoded.module;
}

function product(bytes: Bytes): Product {
  return { bytes: bytes, status: 0, problem: "", inputs: [] };
}

function withoutBytes(status: number, problem: string): Product {
  return { bytes: newBytes(), status: status, problem: problem, inputs: [] };
}

/** Prints the errors that were not printed for another program; how many there are in all. */
export function printErrors(job: Job, r: Reporter, diags: Diags): number {
  const count = errorCount(diags);
  diags.color = r.color;
  dropTold(diags, r.told, job.check.root);
  hostPrintError(diagsText(diags));
  return count;
}
