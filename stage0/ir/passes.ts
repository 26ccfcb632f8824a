// The passes over ir, left of Wasm.
// In -> out: the rows in their order, each with why it stands there. Functions go through them one after another, callees
// before callers, so that what is inlined is done, and a function stays in the caches from pass to pass; runIrPass runs a
// row on one. Last come the rows that look at the whole module. The general passes are the core's.

import { cleanBranches } from "../ssa/pass_branches.ts";
import { removeDeadCode } from "../ssa/pass_dce.ts";
import { foldConstants } from "../ssa/pass_fold.ts";
import { numberValues } from "../ssa/pass_gvn.ts";
import { removeTrivialParams } from "../ssa/pass_params.ts";
import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { threadConstants } from "../ssa/pass_thread.ts";
import { type CallGraph, readCalls } from "./callgraph.ts";
import { inlineCalls, inlineCountReads, type Inliner, newInliner, noteInlinable } from "./inline.ts";
import { newPairs, noteDrops, type Pairs, removePairs } from "./pairs.ts";
import { replaceSlots } from "./scalars.ts";
import { dropUnused } from "./unused.ts";

export interface PassRow {
  /** The name of its dump. */
  name: string;
  pass: string;
  /** Runs on the whole module when all functions are through the rows before. */
  whole: boolean;
  /** Runs only on functions that inlining or the removal of pairs has changed. */
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
  { name: "inline", pass: "inline", whole: false, again: false, why: "small functions cost less than their calls, and show their callers what they do" },
  { name: "branches2", pass: "branches", whole: false, again: true, why: "inlined bodies end in jumps" },
  { name: "scalars2", pass: "scalars", whole: false, again: true, why: "aggregates whose address was an argument are the caller's own now" },
  { name: "fold2", pass: "fold", whole: false, again: true, why: "arguments are known in inlined bodies" },
  { name: "gvn2", pass: "gvn", whole: false, again: true, why: "inlined bodies repeat what their callers did" },
  { name: "thread", pass: "thread", whole: false, again: true, why: "inlined bodies give flags that their callers test" },
  { name: "branches3", pass: "branches", whole: false, again: true, why: "threaded tests leave blocks behind" },
  { name: "params2", pass: "params", whole: false, again: true, why: "threaded tests bring params that are one value" },
  { name: "pairs", pass: "pairs", whole: false, again: false, why: "an inlined getter counts what its caller gives back at once" },
  { name: "gvn3", pass: "gvn", whole: false, again: true, why: "what a release might have changed is known now" },
  { name: "pairs2", pass: "pairs", whole: false, again: true, why: "loads that were two are one value" },
  { name: "dce", pass: "dce", whole: false, again: false, why: "callers that inline it count what is there" },
  { name: "counts", pass: "counts", whole: true, again: false, why: "a call that reads a count has kept other counts where they were" },
  { name: "unused", pass: "unused", whole: true, again: false, why: "functions that were inlined everywhere are called by nobody" },
];

/** What the passes know of a module while its functions go through them. */
export interface IrPasses {
  m: SsaModule;
  calls: CallGraph;
  inliner: Inliner;
  pairs: Pairs;
  /** Whether inlining or the removal of pairs has changed the function under way. */
  changed: boolean;
}

/** Reads a module whose functions are to go through the passes, in the order of calls.order. */
export function startIrPasses(m: SsaModule): IrPasses {
  const calls = readCalls(m);
  return { m: m, calls: calls, inliner: newInliner(m, calls), pairs: newPairs(m, calls), changed: false };
}

/** Runs the pass of a row on a function, by its index in the module. */
export function runIrPass(p: IrPasses, row: number, k: number): void {
  const f = p.m.funcs[k];
  if (irPasses[row].again && !p.changed) return;
  switch (irPasses[row].pass) {
    case "branches": cleanBranches(f); break;
    case "params": removeTrivialParams(f); break;
    case "scalars": replaceSlots(f); break;
    case "fold": foldConstants(f); break;
    case "thread": threadConstants(f); break;
    case "gvn": numberValues(p.m, f); break;
    case "dce": removeDeadCode(f); break;
    case "inline": p.changed = inlineCalls(p.inliner, k); break;
    case "pairs": p.changed = removePairs(p.pairs, k); break;
  }
}

/** Takes note of a function that is through the passes: callers may inline it, and know what it does. */
export function endIrPasses(p: IrPasses, k: number): void {
  noteInlinable(p.inliner, k);
  noteDrops(p.pairs, k);
}

/** What inlined tests leave behind: a flag that is tested again, params, values that stand for others. */
function tidy(f: Func): void {
  threadConstants(f);
  cleanBranches(f);
  removeTrivialParams(f);
  removeDeadCode(f);
}

/** Runs the pass of a row on the whole module. */
export function runIrModulePass(p: IrPasses, row: number): void {
  switch (irPasses[row].pass) {
    case "counts": for (const f of inlineCountReads(p.inliner)) tidy(f); break;
    case "unused": dropUnused(p.m); break;
  }
}
