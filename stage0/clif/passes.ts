// The passes over clif, right of Wasm.
// In -> out: the rows in their order, each with why it stands there; runClifPass runs one on a function.

import { cleanBranches } from "../ssa/pass_branches.ts";
import { removeDeadCode } from "../ssa/pass_dce.ts";
import { foldConstants } from "../ssa/pass_fold.ts";
import { numberValues } from "../ssa/pass_gvn.ts";
import { removeTrivialParams } from "../ssa/pass_params.ts";
import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";

export interface ClifPassRow {
  name: string;
  why: string;
}

/** The rows, in order. */
export const clifPasses: ClifPassRow[] = [
  { name: "branches", why: "Wasm's blocks leave jumps to jumps and unreachable code" },
  { name: "params", why: "locals that never change left params behind" },
  { name: "fold", why: "addresses of frame slots and symbols are known now" },
  { name: "gvn", why: "what Wasm's locals hid is visible again" },
  { name: "dce", why: "what the passes before made unused" },
];

/** Runs the pass of a row. */
export function runClifPass(row: number, m: SsaModule, f: Func): void {
  switch (clifPasses[row].name) {
    case "branches": cleanBranches(f); break;
    case "params": removeTrivialParams(f); break;
    case "fold": foldConstants(f); break;
    case "gvn": numberValues(m, f); break;
    case "dce": removeDeadCode(f); break;
  }
}
