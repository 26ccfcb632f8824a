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
  const succ: number[] = [];
  const first: number[] = [];
  for (let b = 0; b < f.blocks.length; b++) {
    preds.push([]);
    rpoIndex.push(-1);
    first.push(succ.length);
    for (const t of targetsOf(f, b)) succ.push(t.block);
  }
  first.push(succ.length);
  const rpo = postorder(first, succ);
  rpo.reverse();
  for (let i = 0; i < rpo.length; i++) rpoIndex[rpo[i]] = i;
  for (const b of f.order) {
    if (rpoIndex[b] < 0) continue;
    for (let k = first[b]; k < first[b + 1]; k++) preds[succ[k]].push(b);
  }
  return { preds: preds, rpo: rpo, rpoIndex: rpoIndex };
}

/**
 * Blocks in postorder; the successors of b are succ from first[b] up to first[b + 1]. They are visited last to first, so
 * that rpo follows source order.
 */
function postorder(first: number[], succ: number[]): number[] {
  const seen: boolean[] = [];
  for (let b = 0; b + 1 < first.length; b++) seen.push(false);
  const out: number[] = [];
  const stack: number[] = [0];
  const next: number[] = [first[1]];
  seen[0] = true;
  while (stack.length > 0) {
    const top = stack.length - 1;
    const b = stack[top];
    if (next[top] === first[b]) {
      out.push(b);
      stack.pop();
      next.pop();
      continue;
    }
    next[top] -= 1;
    const to = succ[next[top]];
    if (seen[to]) continue;
    seen[to] = true;
    stack.push(to);
    next.push(first[to + 1]);
  }
  return out;
}
