// The control-flow graph of a function: predecessors and reverse postorder.
// In -> out: a function whose blocks are finished, to arrays by block id. Blocks that the entry does not
// reach have order -1 and no predecessors recorded from them. Depth-first with an explicit stack.

import { type Func, targetsOf } from "./function.ts";

export interface Cfg {
  /** Predecessor blocks by block id, one entry for each edge, in order of the layout. */
  preds: number[][];
  /** Reachable blocks, each before its successors but for back edges. */
  rpo: number[];
  /** Position in rpo by block id, or -1. */
  rpoIndex: number[];
}

/** The control-flow graph as it stands now. */
export function computeCfg(f: Func): Cfg {
  const preds: number[][] = [];
  const rpoIndex: number[] = [];
  for (let b = 0; b < f.blocks.length; b++) {
    preds.push([]);
    rpoIndex.push(-1);
  }
  const rpo = postorder(f);
  rpo.reverse();
  for (let i = 0; i < rpo.length; i++) rpoIndex[rpo[i]] = i;
  for (const b of f.order) {
    if (rpoIndex[b] < 0) continue;
    for (const t of targetsOf(f, b)) preds[t.block].push(b);
  }
  return { preds: preds, rpo: rpo, rpoIndex: rpoIndex };
}

/** Blocks in postorder; successors are visited last to first, so that rpo follows source order. */
function postorder(f: Func): number[] {
  const seen: boolean[] = [];
  for (let b = 0; b < f.blocks.length; b++) seen.push(false);
  const out: number[] = [];
  const stack: number[] = [0];
  const next: number[] = [targetsOf(f, 0).length];
  seen[0] = true;
  while (stack.length > 0) {
    const top = stack.length - 1;
    const b = stack[top];
    if (next[top] === 0) {
      out.push(b);
      stack.pop();
      next.pop();
      continue;
    }
    next[top] -= 1;
    const to = targetsOf(f, b)[next[top]].block;
    if (seen[to]) continue;
    seen[to] = true;
    stack.push(to);
    next.push(targetsOf(f, to).length);
  }
  return out;
}
