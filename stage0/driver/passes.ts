// Runs passes: one loop over functions and passes dumps, verifies and times them.
// In -> out: a module, changed in place function by function; a broken invariant ends in bug().

import { bug, enterStage, noteDump } from "../base/bug.ts";
import { appendText, type Bytes, newBytes, textOfBytes } from "../base/bytes.ts";
import { containsText } from "../base/table.ts";
import { clifPasses, runClifPass } from "../clif/passes.ts";
import { irPasses, runIrModulePass, runIrPass } from "../ir/passes.ts";
import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { printFunc, printSymbols } from "../ssa/print.ts";
import { verifyFunc } from "../ssa/verify.ts";
import { addTime, dumpText, type Reporter, startTime, wantsDump, wantsFunc } from "./dump.ts";

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

/** The text of a module: its symbols when no function is asked for, and the functions that are. */
export function dumpModule(r: Reporter, stage: string, m: SsaModule): void {
  const text = newBytes();
  if (r.glob === "") appendText(text, printSymbols(m));
  for (const f of m.funcs) if (wantsFunc(r, m.symbols[f.sym].name)) appendText(text, printFunc(m, f));
  dumpText(r, stage, textOfBytes(text, 0, text.len));
}

function verifyAll(m: SsaModule, set: string, after: string): void {
  for (const f of m.funcs) verifyOne(m, f, set, after);
}

function verifyOne(m: SsaModule, f: Func, set: string, after: string): void {
  enterStage(after, m.symbols[f.sym].name);
  const problem = verifyFunc(m, f, set);
  if (problem === "") return;
  noteDump(printFunc(m, f));
  bug(problem);
}

/** All passes over ir. */
export function runIrPasses(m: SsaModule, verify: boolean, r: Reporter): void {
  if (verify) verifyAll(m, "ir", "ir");
  let k = 0;
  while (k < irPasses.length) {
    const from = k;
    while (k < irPasses.length && !irPasses[k].whole) k += 1;
    runGroup(m, "ir", from, k, verify, r);
    if (k < irPasses.length) runWhole(m, k, verify, r);
    k += 1;
  }
}

/** All passes over clif. */
export function runClifPasses(m: SsaModule, verify: boolean, r: Reporter): void {
  if (verify) verifyAll(m, "clif", "clif");
  runGroup(m, "clif", 0, clifPasses.length, verify, r);
}

/** A pass over the whole module. */
function runWhole(m: SsaModule, row: number, verify: boolean, r: Reporter): void {
  const stage = "ir:" + irPasses[row].name;
  const since = startTime(r);
  enterStage(stage, "");
  runIrModulePass(row, m);
  addTime(r, stage, since);
  if (verify) verifyAll(m, "ir", stage);
  if (wantsDump(r, stage)) dumpModule(r, stage, m);
}

/** The passes of rows from <= k < end, function by function: a function stays in the caches from pass to pass. */
function runGroup(m: SsaModule, set: string, from: number, end: number, verify: boolean, r: Reporter): void {
  const stages: string[] = [];
  const texts: Bytes[] = [];
  for (let k = from; k < end; k++) {
    stages.push(set + ":" + (set === "ir" ? irPasses[k].name : clifPasses[k].name));
    texts.push(newBytes());
    if (r.glob === "" && wantsDump(r, stages[k - from])) appendText(texts[k - from], printSymbols(m));
  }
  for (const f of m.funcs) {
    const name = m.symbols[f.sym].name;
    for (let k = from; k < end; k++) {
      const stage = stages[k - from];
      const since = startTime(r);
      enterStage(stage, name);
      if (set !== "ir") runClifPass(k, m, f);
      else if (!irPasses[k].again || f.changed) runIrPass(k, m, f);
      addTime(r, stage, since);
      if (verify) verifyOne(m, f, set, stage);
      if (wantsDump(r, stage) && wantsFunc(r, name)) appendText(texts[k - from], printFunc(m, f));
    }
  }
  for (let k = 0; k < stages.length; k++) if (wantsDump(r, stages[k])) dumpText(r, stages[k], textOfBytes(texts[k], 0, texts[k].len));
}
