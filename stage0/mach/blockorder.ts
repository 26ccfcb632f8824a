// Block order: which blocks there are after edges are split, and where they go.
// In -> out: a function in SSA form, to blocks in layout order with predecessors, successors and loop depths.
// An edge from a block with several ways out to one with several ways in gets a block of its own, so that moves
// on the edge have a place; equal edges of one block share it. Blocks follow in reverse postorder, each loop in
// one piece. A loop whose header leaves it is turned round:
// the header goes to the loop's end, which saves a jump each time. Blocks that end in a trap go last.
// Invariants given: lowerOrder lists every block after all blocks whose values it uses are listed later
// (a postorder), block 0 of the layout is the entry.

import { filledInts } from "../base/arrays.ts";
import { computeCfg, type Cfg, predCount } from "../ssa/cfg.ts";
import { computeDominators, computeLoops, type Loops } from "../ssa/dominators.ts";
import { type Func, lastInst, type Target } from "../ssa/function.ts";
import { Op } from "../ssa/ops.ts";

export interface OrderBlock {
  /** The block of the function, or -1 for the block of a split edge. */
  ssa: number;
  /** What the only successor's params become (split edges only). */
  edge: Target | null;
  preds: number[];
  succs: number[];
  depth: number;
  cold: boolean;
}

export interface BlockOrder {
  /** In layout order. */
  blocks: OrderBlock[];
  /** Layout index by block of the function, or -1. */
  indexOf: number[];
  /** Layout indices, users of values before their definitions. */
  lowerOrder: number[];
  /** By layout index, for each target of the terminator: the layout index it goes to. */
  targets: number[][];
}

/** Splits edges and orders the blocks of a function. */
export function orderBlocks(f: Func): BlockOrder {
  const cfg = computeCfg(f);
  const loops = computeLoops(cfg, computeDominators(cfg));
  const order: BlockOrder = { blocks: [], indexOf: [], lowerOrder: [], targets: [] };
  for (let b = 0; b < f.blocks.length; b++) order.indexOf.push(-1);
  const layout = rotateLoops(f, cfg, loops, coldLast(f, loopLayout(cfg, loops)));
  for (const b of layout) placeBlock(f, cfg, loops, order, b);
  connectBlocks(f, order);
  orderLowering(cfg, order);
  return order;
}

/** Reverse postorder, changed so that the blocks of each loop stand together. */
function loopLayout(cfg: Cfg, loops: Loops): number[] {
  const lists: number[][] = [];
  for (let b = 0; b <= cfg.rpoIndex.length; b++) lists.push([]);
  const outside = cfg.rpoIndex.length;
  for (const b of cfg.rpo) {
    const around = loops.header[b] === b ? loops.parent[b] : loops.header[b];
    lists[around < 0 ? outside : around].push(b);
  }
  const layout: number[] = [];
  const stack: number[] = [outside];
  const next: number[] = [0];
  while (stack.length > 0) {
    const top = stack.length - 1;
    const list = lists[stack[top]];
    if (next[top] === list.length) {
      stack.pop();
      next.pop();
      continue;
    }
    const b = list[next[top]];
    next[top] += 1;
    layout.push(b);
    if (loops.header[b] !== b) continue;
    stack.push(b);
    next.push(0);
  }
  return layout;
}

/** Moves blocks that end in a trap to the end. */
function coldLast(f: Func, order: number[]): number[] {
  const layout: number[] = [];
  for (const b of order) if (!isCold(f, b)) layout.push(b);
  for (const b of order) if (isCold(f, b)) layout.push(b);
  return layout;
}

function isCold(f: Func, b: number): boolean {
  return b !== 0 && f.blocks[b].targets.length === 0 && f.insts[lastInst(f, b)].op === Op.trap;
}

/** Moves a header that can leave its loop behind the last block of the loop, if that block jumps to it. */
function rotateLoops(f: Func, cfg: Cfg, loops: Loops, layout: number[]): number[] {
  const moveTo: number[] = [];
  const moved: boolean[] = [];
  const last: number[] = [];
  for (let b = 0; b < f.blocks.length; b++) {
    moveTo.push(-1);
    moved.push(false);
    last.push(-1);
  }
  for (const b of layout) if (loops.header[b] >= 0) last[loops.header[b]] = b;
  for (const h of layout) {
    const bottom = last[h];
    if (loops.header[h] !== h || bottom < 0 || bottom === h || h === 0) continue;
    if (!leavesLoop(f, loops, h) || f.blocks[bottom].targets.length !== 1 || f.blocks[bottom].targets[0].block !== h) continue;
    if (predCount(cfg, h) !== 2) continue;
    moveTo[bottom] = h;
    moved[h] = true;
  }
  const out: number[] = [];
  for (const b of layout) {
    if (!moved[b]) out.push(b);
    let at = b;
    while (moveTo[at] >= 0 && (at === b || moved[at])) {
      if (!moved[moveTo[at]]) return layout;
      at = moveTo[at];
      out.push(at);
    }
  }
  return out.length === layout.length ? out : layout;
}

function leavesLoop(f: Func, loops: Loops, h: number): boolean {
  if (f.insts[lastInst(f, h)].op !== Op.brif) return false;
  let inside = 0;
  for (const t of f.blocks[h].targets) if (isInLoop(loops, t.block, h)) inside += 1;
  return inside === 1;
}

function isInLoop(loops: Loops, b: number, h: number): boolean {
  let at = loops.header[b];
  while (at >= 0 && at !== h) at = loops.parent[at];
  return at === h;
}

/** Adds a block, and behind it the blocks of its critical edges. */
function placeBlock(f: Func, cfg: Cfg, loops: Loops, order: BlockOrder, b: number): void {
  const index = order.blocks.length;
  order.indexOf[b] = index;
  order.blocks.push({ ssa: b, edge: null, preds: [], succs: [], depth: loops.depth[b], cold: isCold(f, b) });
  order.targets.push([]);
  const targets = f.blocks[b].targets;
  if (!hasSeveralWays(targets)) return;
  const mine: number[] = [];
  for (let k = 0; k < targets.length; k++) {
    mine.push(-1);
    const t = targets[k];
    if (predCount(cfg, t.block) < 2) continue;
    mine[k] = sameEdge(targets, mine, k);
    if (mine[k] >= 0) continue;
    mine[k] = order.blocks.length;
    const depth = loops.depth[t.block] < loops.depth[b] ? loops.depth[t.block] : loops.depth[b];
    order.blocks.push({ ssa: -1, edge: t, preds: [], succs: [], depth: depth, cold: isCold(f, t.block) });
    order.targets.push([]);
  }
  order.targets[index] = mine;
}

function hasSeveralWays(targets: Target[]): boolean {
  for (const t of targets) if (t.block !== targets[0].block || t.args.length > 0) return targets.length > 1;
  return false;
}

/** The block of an earlier edge to the same block with the same arguments. */
function sameEdge(targets: Target[], placed: number[], k: number): number {
  for (let j = k - 1; j >= 0; j--) {
    if (placed[j] >= 0 && targets[j].block === targets[k].block && sameArgs(targets[j].args, targets[k].args)) return placed[j];
    if (k - j > 64) return -1;
  }
  return -1;
}

function sameArgs(a: number[], b: number[]): boolean {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return a.length === b.length;
}

/** Fills in targets, successors (each once) and predecessors. */
function connectBlocks(f: Func, order: BlockOrder): void {
  // By block: the last one that was found to go there.
  const from = filledInts(order.blocks.length, -1);
  for (let i = 0; i < order.blocks.length; i++) {
    const b = order.blocks[i];
    fillTargets(f, order, i);
    for (const to of order.targets[i]) {
      if (from[to] === i) continue;
      from[to] = i;
      b.succs.push(to);
      order.blocks[to].preds.push(i);
    }
  }
}

/** Targets that have no edge block are the blocks themselves; several equal ones without arguments are one. */
function fillTargets(f: Func, order: BlockOrder, i: number): void {
  const b = order.blocks[i];
  if (b.edge !== null) {
    order.targets[i] = [order.indexOf[b.edge.block]];
    return;
  }
  const targets = f.blocks[b.ssa].targets;
  const mine = order.targets[i];
  if (mine.length === 0 && targets.length > 0) order.targets[i] = [order.indexOf[targets[0].block]];
  for (let k = 0; k < mine.length; k++) if (mine[k] < 0) mine[k] = order.indexOf[targets[k].block];
}

/** Blocks from last to first in reverse postorder, the blocks of edges before the block they come from. */
function orderLowering(cfg: Cfg, order: BlockOrder): void {
  for (let k = cfg.rpo.length - 1; k >= 0; k--) {
    const at = order.indexOf[cfg.rpo[k]];
    let edge = at + 1;
    while (edge < order.blocks.length && order.blocks[edge].ssa < 0) {
      order.lowerOrder.push(edge);
      edge += 1;
    }
    order.lowerOrder.push(at);
  }
}
