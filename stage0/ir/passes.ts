// The passes over ir, left of Wasm.
// In -> out: the rows in their order, each with why it stands there; runIrPass runs one on a function.
// The general ones are the core's; a switch by row index stands for a table of functions.

import { cleanBranches } from "../ssa/pass_branches.ts";
import { removeDeadCode } from "../ssa/pass_dce.ts";
import { foldConstants } from "../ssa/pass_fold.ts";
import { numberValues } from "../ssa/pass_gvn.ts";
import { removeTrivialParams } from "../ssa/pass_params.ts";
import type { Func } from "../ssa/function.ts";

export interface PassRow {
  name: string;
  why: string;
}

/** The rows, in order. */
export const irPasses: PassRow[] = [
  { name: "branches", why: "lowering leaves unreachable blocks and jumps to jumps" },
  { name: "params", why: "variables that never change left params behind" },
  { name: "fold", why: "constants of the program meet those of lowering" },
  { name: "gvn", why: "checks and address arithmetic repeat" },
  { name: "branches2", why: "conditions are decided now" },
  { name: "params2", why: "removed edges make params trivial" },
  { name: "dce", why: "what the passes before made unused" },
];

/** Runs the pass of a row. */
export function runIrPass(row: number, f: Func): void {
  switch (irPasses[row].name) {
    case "branches":
    case "branches2": cleanBranches(f); break;
    case "params":
    case "params2": removeTrivialParams(f); break;
    case "fold": foldConstants(f); break;
    case "gvn": numberValues(f); break;
    case "dce": removeDeadCode(f); break;
  }
}
