// Branch cleaning: constant branches, jumps to jumps, straight lines, unreachable blocks.
// In -> out: a function, to one where no branch is on a constant, no edge goes to an empty forwarding block, no block has
// a single predecessor that ends in a jump to it, and every block is reachable. One walk from the last block to the first,
// so that edges follow what comes behind them as it is clean already; merging walks chains once.

import { eqI64, fitsI32, type I64, i64From, lowI32 } from "../base/int64.ts";
import { type Cfg, computeCfg, predCount } from "./cfg.ts";
import { type Func, lastInst, replaceValue, resolveValue, type Target } from "./function.ts";
import { Op } from "./ops.ts";

/** Cleans the branches of a function. */
export function cleanBranches(f: Func): void {
  for (let k = f.order.length - 1; k >= 0; k--) {
    foldTerminator(f, f.order[k]);
    threadJumps(f, f.order[k]);
  }
  const cfg = computeCfg(f);
  if (cfg.clean) return;
  mergeChains(f, cfg);
  dropUnreached(f, cfg);
  computeCfg(f).clean = true;
}

/** A branch whose condition is known, or whose ways out are all the same, becomes a jump. */
function foldTerminator(f: Func, b: number): void {
  if (f.blocks[b].targets.length < 2) return;
  const inst = f.insts[lastInst(f, b)];
  let chosen = -1;
  const def = f.valueDef[resolveValue(f, inst.args[0])];
  if (def >= 0 && f.insts[def].op === Op.iconst) chosen = chosenTarget(inst.op, f.blocks[b].targets.length, f.insts[def].imm);
  if (chosen < 0 && allSame(f.blocks[b].targets)) chosen = 0;
  if (chosen < 0) return;
  inst.op = Op.jump;
  inst.args = [];
  f.blocks[b].targets = [f.blocks[b].targets[chosen]];
  f.cfg = null;
}

function chosenTarget(op: number, count: number, constant: I64): number {
  if (op === Op.brif) return eqI64(constant, i64From(0)) ? 1 : 0;
  const last = count - 1;
  if (!fitsI32(constant)) return last;
  const at = lowI32(constant);
  return at >= 0 && at < last ? at : last;
}

function allSame(targets: Target[]): boolean {
  for (const t of targets) if (t.block !== targets[0].block || t.args.length > 0) return false;
  return true;
}

/** Edges of a block to one that only jumps on, without params, go where it goes; chains are followed, cycles are left. */
function threadJumps(f: Func, b: number): void {
  for (const t of f.blocks[b].targets) {
    let hops = 0;
    while (forwards(f, t.block) && hops < 64) {
      const next = f.blocks[t.block].targets[0];
      t.block = next.block;
      t.args = next.args.slice();
      f.cfg = null;
      hops += 1;
    }
  }
}

function forwards(f: Func, b: number): boolean {
  if (f.blocks[b].params.length > 0 || f.blocks[b].insts.length !== 1) return false;
  return f.blocks[b].targets.length === 1 && f.blocks[b].targets[0].block !== b;
}

/** A block that is the only way into the next, by a jump, takes its instructions over. */
function mergeChains(f: Func, cfg: Cfg): void {
  const gone: boolean[] = [];
  for (let b = 0; b < f.blocks.length; b++) gone.push(false);
  for (const b of cfg.rpo) {
    if (gone[b]) continue;
    const block = f.blocks[b];
    while (block.targets.length === 1) {
      const t = block.targets[0];
      if (t.block === b || t.block === 0 || predCount(cfg, t.block) !== 1) break;
      const next = f.blocks[t.block];
      for (let k = 0; k < next.params.length; k++) replaceValue(f, next.params[k], t.args[k]);
      block.insts.pop();
      for (const i of next.insts) block.insts.push(i);
      block.targets = next.targets;
      next.insts = [];
      next.targets = [];
      next.params = [];
      gone[t.block] = true;
      f.cfg = null;
    }
  }
}

/** Removes blocks that the entry does not reach from the layout. */
export function dropUnreachable(f: Func): void {
  dropUnreached(f, computeCfg(f));
}

/** The same with the graph of the function before blocks were merged: merged ones are empty. */
function dropUnreached(f: Func, cfg: Cfg): void {
  const order: number[] = [];
  for (const b of f.order) {
    const block = f.blocks[b];
    if (cfg.rpoIndex[b] >= 0 && block.insts.length > 0) {
      order.push(b);
    } else {
      block.insts = [];
      block.targets = [];
    }
  }
  f.order = order;
}
