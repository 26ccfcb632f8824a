// The passes over ir, left of Wasm.
// In -> out: the rows in their order, each with why it stands there; runIrPass runs one on a function, runIrModulePass
// one that looks at several functions at once. The general ones are the core's.

import { cleanBranches } from "../ssa/pass_branches.ts";
import { removeDeadCode } from "../ssa/pass_dce.ts";
import { foldConstants } from "../ssa/pass_fold.ts";
import { numberValues } from "../ssa/pass_gvn.ts";
import { removeTrivialParams } from "../ssa/pass_params.ts";
import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { threadConstants } from "../ssa/pass_thread.ts";
import { inlineCalls } from "./inline.ts";
import { removePairs } from "./pairs.ts";
import { replaceSlots } from "./scalars.ts";

export interface PassRow {
  /** The name of its dump. */
  name: string;
  pass: string;
  /** Runs on the whole module, not function by function. */
  whole: boolean;
  /** Runs only on functions that a pass over the whole module has changed since the last inlining began. */
  again: boolean;
  why: string;
}

/** The rows, in order. */
export const irPasses: PassRow[] = [
  { name: "branches", pass: "branches", whole: false, again: false, why: "lowering leaves unreachable blocks and jumps to jumps" },
  { name: "params", pass: "params", whole: false, again: false, why: "variables that never change left params behind" },
  { name: "scalars", pass: "scalars", whole: false, again: false, why: "aggregates that never leave the function are values" },
  { name: "fold", pass: "fold", whole: false, again: false, why: "constants of the program meet those of lowering" },
  { name: "gvn", pass: "gvn", whole: false, again: false, why: "checks, address arithmetic and loads repeat" },
  { name: "dce", pass: "dce", whole: false, again: false, why: "inlining counts what is there" },
  { name: "inline", pass: "inline", whole: true, again: false, why: "small functions cost less than their calls, and show their callers what they do" },
  { name: "branches2", pass: "branches", whole: false, again: true, why: "inlined bodies end in jumps" },
  { name: "scalars2", pass: "scalars", whole: false, again: true, why: "aggregates whose address was an argument are the caller's own now" },
  { name: "fold2", pass: "fold", whole: false, again: true, why: "arguments are known in inlined bodies" },
  { name: "gvn2", pass: "gvn", whole: false, again: true, why: "inlined bodies repeat what their callers did" },
  { name: "thread", pass: "thread", whole: false, again: true, why: "inlined bodies give flags that their callers test" },
  { name: "branches3", pass: "branches", whole: false, again: true, why: "threaded tests leave blocks behind" },
  { name: "params2", pass: "params", whole: false, again: true, why: "threaded tests bring params that are one value" },
  { name: "pairs", pass: "pairs", whole: true, again: false, why: "an inlined getter counts what its caller gives back at once" },
  { name: "dce2", pass: "dce", whole: false, again: true, why: "inlining counts again" },
  { name: "inline2", pass: "inline", whole: true, again: false, why: "functions that counted are small now" },
  { name: "branches4", pass: "branches", whole: false, again: true, why: "as before, where functions were inlined again" },
  { name: "scalars3", pass: "scalars", whole: false, again: true, why: "as before" },
  { name: "fold3", pass: "fold", whole: false, again: true, why: "as before" },
  { name: "gvn3", pass: "gvn", whole: false, again: true, why: "as before" },
  { name: "thread2", pass: "thread", whole: false, again: true, why: "as before" },
  { name: "branches5", pass: "branches", whole: false, again: true, why: "as before" },
  { name: "params3", pass: "params", whole: false, again: true, why: "as before" },
  { name: "pairs2", pass: "pairs", whole: true, again: false, why: "as before" },
  { name: "dce3", pass: "dce", whole: false, again: true, why: "what the passes before made unused" },
];

/** Runs the pass of a row on the whole module. */
export function runIrModulePass(row: number, m: SsaModule): void {
  switch (irPasses[row].pass) {
    case "inline": inlineCalls(m); break;
    case "pairs": removePairs(m); break;
  }
}

/** Runs the pass of a row on a function. */
export function runIrPass(row: number, m: SsaModule, f: Func): void {
  switch (irPasses[row].pass) {
    case "branches": cleanBranches(f); break;
    case "params": removeTrivialParams(f); break;
    case "scalars": replaceSlots(f); break;
    case "fold": foldConstants(f); break;
    case "thread": threadConstants(f); break;
    case "gvn": numberValues(m, f); break;
    case "dce": removeDeadCode(f); break;
  }
}
