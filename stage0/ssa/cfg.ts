// The control-flow graph of a function: predecessors and reverse postorder.
// In -> out: a function whose blocks are finished, to arrays by block id. Blocks that the entry does not
// reach have order -1 and no predecessors recorded from them. Depth-first with an explicit stack.
// The graph is kept with the function, since most passes change no edge: who changes one sets Func.cfg to null, and the
// verifier compares what is kept with what stands.

import { filledFlags, filledNumbers, groupByKey } from "../base/arrays.ts";
import { type Func, targetsOf } from "./function.ts";

export interface Cfg {
  /** Predecessor blocks by block id, one entry for each edge, in order of the layout. */
  preds: number[][];
  /** Reachable blocks, each before its successors but for back edges. */
  rpo: number[];
  /** Position in rpo by block id, or -1. */
  rpoIndex: number[];
  /** Successors of block b: succ from first[b] up to end[b], in the order of its targets. */
  succ: number[];
  first: number[];
  end: number[];
}

/** The control-flow graph. */
export function computeCfg(f: Func): Cfg {
  const known = f.cfg;
  if (known !== null) return known;
  const made = buildCfg(f);
  f.cfg = made;
  return made;
}

/** The control-flow graph as it stands now. */
export function buildCfg(f: Func): Cfg {
  const n = f.blocks.length;
  const first = filledNumbers(n, 0);
  const end = filledNumbers(n, 0);
  let edges = 0;
  for (const b of f.order) edges += targetsOf(f, b).length;
  const succ = filledNumbers(edges, 0);
  edges = 0;
  for (const b of f.order) {
    first[b] = edges;
    for (const t of targetsOf(f, b)) {
      succ[edges] = t.block;
      edges += 1;
    }
    end[b] = edges;
  }
  const rpo = postorder(first, end, succ);
  rpo.reverse();
  const rpoIndex = filledNumbers(n, -1);
  for (let i = 0; i < rpo.length; i++) rpoIndex[rpo[i]] = i;
  const to: number[] = [];
  const from: number[] = [];
  for (const b of f.order) {
    if (rpoIndex[b] < 0) continue;
    for (let k = first[b]; k < end[b]; k++) {
      to.push(succ[k]);
      from.push(b);
    }
  }
  return { preds: groupByKey(n, to, from), rpo: rpo, rpoIndex: rpoIndex, succ: succ, first: first, end: end };
}

/** Whether two graphs are the same. */
export function sameCfg(a: Cfg, b: Cfg): boolean {
  if (!sameNumbers(a.rpo, b.rpo) || !sameNumbers(a.rpoIndex, b.rpoIndex)) return false;
  for (let k = 0; k < a.preds.length; k++) if (!sameNumbers(a.preds[k], b.preds[k])) return false;
  return true;
}

function sameNumbers(a: number[], b: number[]): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/**
 * Blocks in postorder; the successors of b are succ from first[b] up to end[b]. They are visited last to first, so
 * that rpo follows source order.
 */
function postorder(first: number[], end: number[], succ: number[]): number[] {
  const seen = filledFlags(first.length);
  const out: number[] = [];
  const stack: number[] = [0];
  const next: number[] = [end[0]];
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
    next.push(end[to]);
  }
  return out;
}
