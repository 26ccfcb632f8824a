// Runs passes: dumps, verifies and times them.
// In -> out: functions, changed in place, each through all passes of its half before the next begins, so that it stays in
// the caches; a broken invariant ends in bug().

import { bug, enterStage, noteDump } from "../base/bug.ts";
import { appendText, newBytes, textOfBytes } from "../base/bytes.ts";
import { containsText } from "../base/table.ts";
import { clifPasses, runClifPass } from "../clif/passes.ts";
import { endIrPasses, type IrPasses, irPasses, runIrModulePass, runIrPass, startIrPasses } from "../ir/passes.ts";
import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { printFunc, printSymbols } from "../ssa/print.ts";
import { verifyFunc } from "../ssa/verify.ts";
import { addFuncDump, addTime, dumpText, type FuncDumps, newFuncDumps, type Reporter, showFuncDumps, startTime, wantsDump, wantsFunc } from "./dump.ts";

const STAGES = ",tokens,ast,types,ir,ir:all,wasm,clif,clif:all,vcode,alloc,asm,obj,";

/** The first stage of --dump that there is not, or "". "all" stands alone. */
export function unknownStage(stages: string): string {
  if (stages === "all") return "";
  let start = 0;
  for (let at = 0; at < stages.length + 1; at++) {
    if (at < stages.length && stages.charCodeAt(at) !== 44) continue;
    const stage = stages.slice(start, at);
    if (stages !== "" && !isStage(stage)) return stage;
    start = at + 1;
  }
  return "";
}

function isStage(stage: string): boolean {
  if (stage !== "" && containsText(STAGES, "," + stage + ",")) return true;
  for (const p of irPasses) if (stage === "ir:" + p.name) return true;
  for (const p of clifPasses) if (stage === "clif:" + p.name) return true;
  return false;
}

/** The passes of one half, ir or clif, while functions go through them. */
export interface PassRun {
  m: SsaModule;
  verify: boolean;
  r: Reporter;
  /** The functions before the first pass, then after each. */
  dumps: FuncDumps;
}

function newPassRun(m: SsaModule, set: string, names: string[], verify: boolean, r: Reporter): PassRun {
  const stages: string[] = [set];
  for (const name of names) stages.push(set + ":" + name);
  return { m: m, verify: verify, r: r, dumps: newFuncDumps(stages) };
}

/** Verifies and dumps the function of an index as a stage left it. */
function showFunc(p: PassRun, stage: number, f: Func, k: number): void {
  const name = p.dumps.stages[stage];
  const symbol = p.m.symbols[f.sym].name;
  if (p.verify) verifyOne(p.m, f, p.dumps.stages[0], name);
  if (wantsDump(p.r, name) && wantsFunc(p.r, symbol)) addFuncDump(p.dumps, stage, k, printFunc(p.m, f));
}

function verifyOne(m: SsaModule, f: Func, set: string, after: string): void {
  enterStage(after, m.symbols[f.sym].name);
  const problem = verifyFunc(m, f, set);
  if (problem === "") return;
  noteDump(printFunc(m, f));
  bug(problem);
}

/** The symbols of a module, which open its dumps when no function is asked for. */
function symbolsText(p: PassRun): string {
  if (p.r.glob !== "") return "";
  for (const stage of p.dumps.stages) if (wantsDump(p.r, stage)) return printSymbols(p.m);
  return "";
}

/** All passes over ir. */
export function runIrPasses(m: SsaModule, verify: boolean, r: Reporter): void {
  const names: string[] = [];
  for (const row of irPasses) if (!row.whole) names.push(row.name);
  const run = newPassRun(m, "ir", names, verify, r);
  const symbols = symbolsText(run);
  let since = startTime(r);
  const passes = startIrPasses(m);
  addTime(r, "ir:calls", since);
  for (const k of passes.calls.order) {
    showFunc(run, 0, m.funcs[k], k);
    for (let row = 0; row < names.length; row++) runIrRow(run, passes, row, k);
    since = startTime(r);
    endIrPasses(passes, k);
    addTime(r, "ir:calls", since);
  }
  showFuncDumps(r, run.dumps, symbols);
  for (let row = names.length; row < irPasses.length; row++) runWhole(passes, row, r);
}

function runIrRow(run: PassRun, passes: IrPasses, row: number, k: number): void {
  const f = run.m.funcs[k];
  const stage = run.dumps.stages[row + 1];
  const since = startTime(run.r);
  enterStage(stage, run.m.symbols[f.sym].name);
  runIrPass(passes, row, k);
  addTime(run.r, stage, since);
  showFunc(run, row + 1, f, k);
}

/** A pass over the whole module. */
function runWhole(passes: IrPasses, row: number, r: Reporter): void {
  const { m } = passes;
  const stage = "ir:" + irPasses[row].name;
  const since = startTime(r);
  enterStage(stage, "");
  runIrModulePass(passes, row);
  addTime(r, stage, since);
  if (!wantsDump(r, stage)) return;
  const text = newBytes();
  if (r.glob === "") appendText(text, printSymbols(m));
  for (const f of m.funcs) if (wantsFunc(r, m.symbols[f.sym].name)) appendText(text, printFunc(m, f));
  dumpText(r, stage, textOfBytes(text, 0, text.len));
}

/** The passes over clif, for functions that come one by one. */
export function startClifPasses(m: SsaModule, verify: boolean, r: Reporter): PassRun {
  const names: string[] = [];
  for (const row of clifPasses) names.push(row.name);
  return newPassRun(m, "clif", names, verify, r);
}

/** A function, the k-th of its module, through all passes over clif. */
export function runClifPasses(p: PassRun, f: Func, k: number): void {
  showFunc(p, 0, f, k);
  for (let row = 0; row < clifPasses.length; row++) {
    const stage = p.dumps.stages[row + 1];
    const since = startTime(p.r);
    enterStage(stage, p.m.symbols[f.sym].name);
    runClifPass(row, p.m, f);
    addTime(p.r, stage, since);
    showFunc(p, row + 1, f, k);
  }
}

/** Shows the dumps when all functions are through. */
export function endClifPasses(p: PassRun): void {
  showFuncDumps(p.r, p.dumps, symbolsText(p));
}
