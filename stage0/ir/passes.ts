// The passes over ir, left of Wasm.
// In -> out: the rows in their order, each with why it stands there; runIrPass runs one on a function.
// The general ones are the core's; a switch by row index stands for a table of functions.

import { cleanBranches } from "../ssa/pass_branches.ts";
import { removeDeadCode } from "../ssa/pass_dce.ts";
import { foldConstants } from "../ssa/pass_fold.ts";
import { numberValues } from "../ssa/pass_gvn.ts";
import { removeTrivialParams } from "../ssa/pass_params.ts";
import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { inlineCalls } from "./inline.ts";

export interface PassRow {
  name: string;
  /** Runs on the whole module, not function by function. */
  whole: boolean;
  why: string;
}

/** The rows, in order. */
export const irPasses: PassRow[] = [
  { name: "branches", whole: false, why: "lowering leaves unreachable blocks and jumps to jumps" },
  { name: "params", whole: false, why: "variables that never change left params behind" },
  { name: "dce", whole: false, why: "inlining counts what is there" },
  { name: "inline", whole: true, why: "small functions cost less than their calls, and show their callers what they do" },
  { name: "branches2", whole: false, why: "inlined bodies end in jumps" },
  { name: "fold", whole: false, why: "constants of the program meet those of lowering" },
  { name: "gvn", whole: false, why: "checks and address arithmetic repeat" },
  { name: "branches3", whole: false, why: "conditions are decided now" },
  { name: "params2", whole: false, why: "removed edges make params trivial" },
  { name: "dce2", whole: false, why: "what the passes before made unused" },
];

/** Runs the pass of a row on the whole module. */
export function runIrModulePass(row: number, m: SsaModule): void {
  if (irPasses[row].name === "inline") inlineCalls(m);
}

/** Runs the pass of a row on a function. */
export function runIrPass(row: number, f: Func): void {
  switch (irPasses[row].name) {
    case "branches":
    case "branches2":
    case "branches3": cleanBranches(f); break;
    case "params":
    case "params2": removeTrivialParams(f); break;
    case "fold": foldConstants(f); break;
    case "gvn": numberValues(f); break;
    case "dce":
    case "dce2": removeDeadCode(f); break;
  }
}
