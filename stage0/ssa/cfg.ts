// The control-flow graph of a function: predecessors and reverse postorder.
// In -> out: a function whose blocks are finished, to arrays by block id. Blocks that the entry does not
// reach have order -1 and no predecessors recorded from them. Depth-first with an explicit stack.
// The graph is kept with the function, since most passes change no edge: who changes one sets Func.cfg to null, and the
// verifier compares what is kept with what stands.

import { filledFlags, filledInts } from "../base/arrays.ts";
import type { Dominators } from "./dominators.ts";
import type { Func } from "./function.ts";

export interface Cfg {
  /** Predecessors of block b: pred from predFirst[b] up to predFirst[b + 1], one for each edge, in order of the layout. */
  pred: Int32Array;
  predFirst: Int32Array;
  /** By entry of pred: which of the targets there the edge is; empty until somebody has asked. */
  predEdge: Int32Array;
  /** Reachable blocks, each before its successors but for back edges. */
  rpo: number[];
  /** Position in rpo by block id, or -1. */
  rpoIndex: Int32Array;
  /** Successors of block b: succ from first[b] up to end[b], in the order of its targets. */
  succ: number[];
  first: Int32Array;
  end: Int32Array;
  /** Whether branch cleaning has found no chain in it and nothing out of reach. */
  clean: boolean;
  /** Its dominator tree, once somebody has asked for it. */
  dominators: Dominators | null;
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
  const first = filledInts(n, 0);
  const end = filledInts(n, 0);
  const succ: number[] = [];
  for (const b of f.order) {
    first[b] = succ.length;
    for (const t of f.blocks[b].targets) succ.push(t.block);
    end[b] = succ.length;
  }
  const rpo = postorder(first, end, succ);
  rpo.reverse();
  const rpoIndex = filledInts(n, -1);
  for (let i = 0; i < rpo.length; i++) rpoIndex[rpo[i]] = i;
  const cfg: Cfg = { pred: filledInts(0, 0), predFirst: filledInts(n + 1, 0), predEdge: filledInts(0, 0), rpo: rpo, rpoIndex: rpoIndex, succ: succ, first: first, end: end, clean: false, dominators: null };
  addPreds(f, cfg);
  return cfg;
}

/** Predecessors, counted first, then put where the counts say. */
function addPreds(f: Func, c: Cfg): void {
  for (const b of c.rpo) for (let k = c.first[b]; k < c.end[b]; k++) c.predFirst[c.succ[k] + 1] += 1;
  for (let b = 1; b < c.predFirst.length; b++) c.predFirst[b] += c.predFirst[b - 1];
  c.pred = filledInts(c.predFirst[c.predFirst.length - 1], 0);
  const next = c.predFirst.slice(0, c.predFirst.length);
  for (const b of f.order) {
    if (c.rpoIndex[b] < 0) continue;
    for (let k = c.first[b]; k < c.end[b]; k++) {
      const to = c.succ[k];
      c.pred[next[to]] = b;
      next[to] += 1;
    }
  }
}

/** Which of the targets of its block the edge of an entry of pred is. */
export function edgeIndex(f: Func, c: Cfg, k: number): number {
  if (c.predEdge.length === 0) numberEdges(f, c);
  return c.predEdge[k];
}

/** Goes over the edges as addPreds does. */
function numberEdges(f: Func, c: Cfg): void {
  c.predEdge = filledInts(c.pred.length, 0);
  const next = c.predFirst.slice(0, c.predFirst.length);
  for (const b of f.order) {
    if (c.rpoIndex[b] < 0) continue;
    for (let k = c.first[b]; k < c.end[b]; k++) {
      const to = c.succ[k];
      c.predEdge[next[to]] = k - c.first[b];
      next[to] += 1;
    }
  }
}

/** How many edges come into a block. */
export function predCount(c: Cfg, b: number): number {
  return c.predFirst[b + 1] - c.predFirst[b];
}

/** Where the first edge into a block comes from. */
export function firstPred(c: Cfg, b: number): number {
  return c.pred[c.predFirst[b]];
}

/** Whether some edge goes back to a block that comes no later. */
export function hasBackEdge(c: Cfg): boolean {
  for (const b of c.rpo) for (let k = c.first[b]; k < c.end[b]; k++) if (c.rpoIndex[c.succ[k]] <= c.rpoIndex[b]) return true;
  return false;
}

/** Whether two graphs are the same; rpoIndex says all that rpo does. */
export function sameCfg(a: Cfg, b: Cfg): boolean {
  return sameNumbers(a.rpoIndex, b.rpoIndex) && sameNumbers(a.pred, b.pred) && sameNumbers(a.predFirst, b.predFirst);
}

function sameNumbers(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/**
 * Blocks in postorder; the successors of b are succ from first[b] up to end[b]. They are visited last to first, so
 * that rpo follows source order.
 */
function postorder(first: Int32Array, end: Int32Array, succ: number[]): number[] {
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
