// Dominator tree and loops.
// In -> out: a control-flow graph, to immediate dominators, tree numbering and loop depths by block id.
// Algorithm: Semi-NCA of Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems" (2005), with
// path compression, so that a join of a long chain of conditions costs no more than its edges; loops are natural loops,
// found from back edges to a dominating header, innermost header per block. Needs a reducible graph for loops
// (other back edges are ignored). All walks use work lists.

import { filledInts, type Groups, groupByKey } from "../base/arrays.ts";
import type { Cfg } from "./cfg.ts";

export interface Dominators {
  /** Immediate dominator by block id; the entry's and unreachable blocks' is -1. */
  idom: Int32Array;
  /** Children in the dominator tree, in reverse postorder. */
  children: Groups;
  /** Preorder entry and exit numbers: a dominates b when enter[a] <= enter[b] and leave[b] <= leave[a]. */
  enter: Int32Array;
  leave: Int32Array;
}

export interface Loops {
  /** Header of the innermost loop around each block, or -1. */
  header: Int32Array;
  /** By header: the header of the loop around it, or -1. */
  parent: Int32Array;
  /** Nesting depth by block id, 0 outside loops. */
  depth: Int32Array;
}

/** The dominator tree. */
export function computeDominators(cfg: Cfg): Dominators {
  if (cfg.dominators !== null) return cfg.dominators;
  const made = buildDominators(cfg);
  cfg.dominators = made;
  return made;
}

function buildDominators(cfg: Cfg): Dominators {
  const n = cfg.rpoIndex.length;
  const idom = filledInts(n, -1);
  solveIdoms(cfg, idom);
  const parents: number[] = [];
  const below: number[] = [];
  for (let i = 1; i < cfg.rpo.length; i++) {
    parents.push(idom[cfg.rpo[i]]);
    below.push(cfg.rpo[i]);
  }
  const d: Dominators = { idom: idom, children: groupByKey(n, parents, below), enter: filledInts(n, -1), leave: filledInts(n, -1) };
  numberTree(d, cfg.rpo[0]);
  return d;
}

/** Blocks by depth-first number and what the semidominator search keeps of each; numbers are from 0, the entry's. */
interface IdomSearch {
  block: Int32Array;
  /** Depth-first number by block, or -1. */
  number: Int32Array;
  parent: Int32Array;
  /** Parent for the compression of paths. */
  ancestor: Int32Array;
  semi: Int32Array;
  label: Int32Array;
}

function solveIdoms(cfg: Cfg, idom: Int32Array): void {
  const n = cfg.rpo.length;
  const s: IdomSearch = {
    block: filledInts(n, 0), number: filledInts(cfg.rpoIndex.length, -1), parent: filledInts(n, 0), ancestor: filledInts(n, 0),
    semi: filledInts(n, 0), label: filledInts(n, 0),
  };
  numberDepthFirst(cfg, s);
  for (let w = n - 1; w > 0; w--) {
    s.semi[w] = s.parent[w];
    const b = s.block[w];
    for (let k = cfg.predFirst[b]; k < cfg.predFirst[b + 1]; k++) {
      const u = s.semi[bestLabel(s, s.number[cfg.pred[k]], w + 1)];
      if (u < s.semi[w]) s.semi[w] = u;
    }
  }
  // The immediate dominator is the nearest ancestor in the tree built so far that is not below the semidominator.
  const solved = filledInts(n, 0);
  for (let w = 1; w < n; w++) {
    let d = s.parent[w];
    while (d > s.semi[w]) d = solved[d];
    solved[w] = d;
    idom[s.block[w]] = s.block[d];
  }
}

function numberDepthFirst(cfg: Cfg, s: IdomSearch): void {
  const stack: number[] = [cfg.rpo[0]];
  const from: number[] = [0];
  let number = 0;
  while (stack.length > 0) {
    const b = stack[stack.length - 1];
    const parent = from[from.length - 1];
    stack.pop();
    from.pop();
    if (s.number[b] >= 0) continue;
    s.number[b] = number;
    s.block[number] = b;
    s.parent[number] = parent;
    s.ancestor[number] = parent;
    s.semi[number] = number;
    s.label[number] = number;
    for (let k = cfg.first[b]; k < cfg.end[b]; k++) {
      stack.push(cfg.succ[k]);
      from.push(number);
    }
    number += 1;
  }
}

/** Of v and its ancestors numbered at least `linked`, the one with the least semidominator; paths are compressed. */
function bestLabel(s: IdomSearch, v: number, linked: number): number {
  if (v < linked) return s.label[v];
  const path: number[] = [];
  let at = v;
  while (s.ancestor[at] >= linked) {
    path.push(at);
    at = s.ancestor[at];
  }
  for (let k = path.length - 1; k >= 0; k--) {
    const below = path[k];
    s.ancestor[below] = s.ancestor[at];
    if (s.semi[s.label[at]] < s.semi[s.label[below]]) s.label[below] = s.label[at];
    at = below;
  }
  return s.label[v];
}

function numberTree(d: Dominators, entry: number): void {
  const stack: number[] = [entry];
  const next: number[] = [d.children.first[entry]];
  let clock = 0;
  d.enter[entry] = clock;
  while (stack.length > 0) {
    const top = stack.length - 1;
    const b = stack[top];
    if (next[top] < d.children.first[b + 1]) {
      const child = d.children.items[next[top]];
      next[top] += 1;
      clock += 1;
      d.enter[child] = clock;
      stack.push(child);
      next.push(d.children.first[child]);
    } else {
      d.leave[b] = clock;
      stack.pop();
      next.pop();
    }
  }
}

/** Whether every path to b goes through a. */
export function dominates(d: Dominators, a: number, b: number): boolean {
  return d.enter[a] <= d.enter[b] && d.leave[b] <= d.leave[a];
}

/** The natural loops. */
export function computeLoops(cfg: Cfg, d: Dominators): Loops {
  const n = cfg.rpoIndex.length;
  const loops: Loops = { header: filledInts(n, -1), parent: filledInts(n, -1), depth: filledInts(n, 0) };
  // Inner headers come later in rpo, so going backwards claims blocks for the innermost loop first.
  for (let i = cfg.rpo.length - 1; i >= 0; i--) collectLoop(cfg, d, loops, cfg.rpo[i]);
  for (const b of cfg.rpo) {
    const h = loops.header[b];
    if (h < 0) continue;
    if (h !== b) loops.depth[b] = loops.depth[h];
    else loops.depth[b] = loops.parent[b] < 0 ? 1 : loops.depth[loops.parent[b]] + 1;
  }
  return loops;
}

/** Claims for h every block that reaches a back edge to h without passing h. */
function collectLoop(cfg: Cfg, d: Dominators, loops: Loops, h: number): void {
  const work: number[] = [];
  for (let k = cfg.predFirst[h]; k < cfg.predFirst[h + 1]; k++) if (dominates(d, h, cfg.pred[k])) work.push(cfg.pred[k]);
  if (work.length === 0) return;
  loops.header[h] = h;
  while (work.length > 0) {
    let b = work[work.length - 1];
    work.pop();
    if (b === h) continue;
    if (loops.header[b] >= 0) {
      b = outermost(loops, loops.header[b]);
      if (b === h) continue;
      loops.parent[b] = h;
    } else {
      loops.header[b] = h;
    }
    for (let k = cfg.predFirst[b]; k < cfg.predFirst[b + 1]; k++) {
      const p = cfg.pred[k];
      if (dominates(d, h, p) && !inLoop(loops, p, b)) work.push(p);
    }
  }
}

function outermost(loops: Loops, header: number): number {
  let h = header;
  while (loops.parent[h] >= 0) h = loops.parent[h];
  return h;
}

/** Whether b lies in the loop of header h (or, h not being a header, is h). */
function inLoop(loops: Loops, b: number, h: number): boolean {
  let at = loops.header[b];
  while (at >= 0 && at !== h) at = loops.parent[at];
  return at === h;
}
