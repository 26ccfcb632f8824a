// Copies: block params that are always one value, and arguments nobody needs.
// In -> out: a function, to one where no reachable block has a param whose arguments are all the same value (or the
// param itself). A param that goes may make others trivial, so blocks are looked at again as long as edges go back.

import { type Cfg, computeCfg, edgeIndex, hasBackEdge } from "./cfg.ts";
import { type Func, replaceValue, resolveValue, type Target } from "./function.ts";

/** Removes trivial block params. */
export function removeTrivialParams(f: Func): void {
  const cfg = computeCfg(f);
  const loops = hasBackEdge(cfg);
  let changed = true;
  // Each round removes every param that is trivial by then; rounds are few, as chains follow the order of blocks, and one
  // is enough where no edge goes back.
  while (changed) {
    changed = false;
    for (const b of cfg.rpo) if (b !== 0 && cleanBlock(f, cfg, b)) changed = loops;
  }
}

/** Targets of a block that are looked through for the edges to one of them. */
const FEW_TARGETS = 8;

/** The edges into a block, a predecessor's several edges in their order. */
export function edgesInto(f: Func, cfg: Cfg, b: number): Target[] {
  const edges: Target[] = [];
  let before = -1;
  for (let k = cfg.predFirst[b]; k < cfg.predFirst[b + 1]; k++) {
    const p = cfg.pred[k];
    if (p === before) continue;
    before = p;
    const targets = f.blocks[p].targets;
    if (targets.length > FEW_TARGETS) addTableEdges(f, cfg, b, k, edges);
    else for (const t of targets) if (t.block === b) edges.push(t);
  }
  return edges;
}

/** Those from the block of one entry of the predecessors on, whose table has many targets. */
function addTableEdges(f: Func, cfg: Cfg, b: number, first: number, edges: Target[]): void {
  const p = cfg.pred[first];
  for (let k = first; k < cfg.predFirst[b + 1] && cfg.pred[k] === p; k++) {
    const t = f.blocks[p].targets[edgeIndex(f, cfg, k)];
    if (t.block === b) edges.push(t);
  }
}

function cleanBlock(f: Func, cfg: Cfg, b: number): boolean {
  const params = f.blocks[b].params;
  if (params.length === 0) return false;
  const edges = edgesInto(f, cfg, b);
  const kept: number[] = [];
  for (let k = 0; k < params.length; k++) {
    const same = f.valueAlias[params[k]] >= 0 ? params[k] : onlyArgument(f, edges, params[k], k);
    if (same < 0) kept.push(k);
    else if (same !== params[k]) replaceValue(f, params[k], same);
  }
  if (kept.length === params.length) return false;
  f.blocks[b].params = pick(params, kept);
  for (const e of edges) e.args = pick(e.args, kept);
  return true;
}

/** The one value that is not the param itself among its arguments, or -1. */
function onlyArgument(f: Func, edges: Target[], param: number, k: number): number {
  let same = -1;
  for (const e of edges) {
    const arg = resolveValue(f, e.args[k]);
    if (arg === param || arg === same) continue;
    if (same >= 0) return -1;
    same = arg;
  }
  return same;
}

function pick(values: number[], indexes: number[]): number[] {
  const out: number[] = [];
  for (const i of indexes) out.push(values[i]);
  return out;
}
