// Runs passes: one loop for each op set dumps, verifies and times them.
// In -> out: a module, changed in place function by function; a broken invariant ends in bug().

import { bug, enterStage, noteDump } from "../base/bug.ts";
import { appendText, newBytes, textOfBytes } from "../base/bytes.ts";
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
  for (const f of m.funcs) {
    enterStage(after, m.symbols[f.sym].name);
    const problem = verifyFunc(m, f, set);
    if (problem !== "") failVerify(m, f, problem);
  }
}

function failVerify(m: SsaModule, f: Func, problem: string): void {
  noteDump(printFunc(m, f));
  bug(problem);
}

/** All passes over ir. */
export function runIrPasses(m: SsaModule, verify: boolean, r: Reporter): void {
  if (verify) verifyAll(m, "ir", "ir");
  for (let k = 0; k < irPasses.length; k++) {
    const stage = "ir:" + irPasses[k].name;
    const since = startTime(r);
    if (irPasses[k].whole) {
      enterStage(stage, "");
      runIrModulePass(k, m);
    } else {
      for (const f of m.funcs) {
        if (irPasses[k].again && !f.changed) continue;
        enterStage(stage, m.symbols[f.sym].name);
        runIrPass(k, m, f);
      }
    }
    addTime(r, stage, since);
    if (verify) verifyAll(m, "ir", stage);
    if (wantsDump(r, stage)) dumpModule(r, stage, m);
  }
}

/** All passes over clif. */
export function runClifPasses(m: SsaModule, verify: boolean, r: Reporter): void {
  if (verify) verifyAll(m, "clif", "clif");
  for (let k = 0; k < clifPasses.length; k++) {
    const stage = "clif:" + clifPasses[k].name;
    const since = startTime(r);
    for (const f of m.funcs) {
      enterStage(stage, m.symbols[f.sym].name);
      runClifPass(k, m, f);
    }
    addTime(r, stage, since);
    if (verify) verifyAll(m, "clif", stage);
    if (wantsDump(r, stage)) dumpModule(r, stage, m);
  }
}
