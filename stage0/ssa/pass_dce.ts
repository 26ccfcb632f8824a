// Dead code: instructions without effect whose results nobody uses, and params nobody uses.
// In -> out: a function, to one where every remaining value reaches an effect and every argument is resolved. Mark and
// sweep: one walk from the last block to the first marks what effects need, since readers come after what they read; only
// what edges that go back bring along needs a work list, where a param marks its argument on every edge.

import { filledFlags, filledNumbers, type Groups, groupByKey } from "../base/arrays.ts";
import { type Cfg, computeCfg } from "./cfg.ts";
import { type Func, type Inst, resolveList, type Target } from "./function.ts";
import { Effect, isTerminator, opTable } from "./ops.ts";

/** Whether removing an instruction whose results are unused changes nothing. */
export function isRemovable(inst: Inst): boolean {
  const e = opTable.effect[inst.op];
  return e === Effect.pure || e === Effect.load;
}

interface Marking {
  f: Func;
  cfg: Cfg;
  live: boolean[];
  /** Arguments of edges, by twos with the param, whose params nobody was known to need when the edge was looked at. */
  later: number[];
  work: number[];
  /** By block: whether something in it was not known to be needed when it was looked at. */
  doubtful: boolean[];
  /** By value: the params' numbers; by number: what a param gets, over all edges. Empty until needed. */
  numbers: number[];
  edges: Groups;
}

/** Removes dead instructions and params. */
export function removeDeadCode(f: Func): void {
  const m: Marking = { f: f, cfg: computeCfg(f), live: filledFlags(f.valueType.length), later: [], work: [], doubtful: filledFlags(f.blocks.length), numbers: [], edges: groupByKey(0, [], []) };
  for (const b of f.order) if (m.cfg.rpoIndex[b] < 0) markUnreached(m, b);
  for (let k = m.cfg.rpo.length - 1; k >= 0; k--) markBlock(m, m.cfg.rpo[k]);
  for (let k = 0; k < m.later.length; k += 2) if (m.live[m.later[k + 1]]) markLater(m, m.later[k]);
  while (m.work.length > 0) {
    const v = m.work[m.work.length - 1];
    m.work.pop();
    const def = f.valueDef[v];
    if (def >= 0) {
      resolveList(f, f.insts[def].args);
      for (const a of f.insts[def].args) markLater(m, a);
    } else {
      markArguments(m, v);
    }
  }
  sweep(m);
  f.replaced = false;
}

/** Marks what a block's needed instructions read, last first: what reads their own results has been seen, but for loops. */
function markBlock(m: Marking, b: number): void {
  for (const t of m.f.blocks[b].targets) markEdge(m, t);
  const insts = m.f.blocks[b].insts;
  for (let k = insts.length - 1; k >= 0; k--) {
    const inst = m.f.insts[insts[k]];
    if (!isNeeded(m.live, inst)) {
      m.doubtful[b] = true;
      continue;
    }
    resolveList(m.f, inst.args);
    for (const a of inst.args) m.live[a] = true;
  }
}

/** What a block reads that is not reached, and so is read in no order. */
function markUnreached(m: Marking, b: number): void {
  m.doubtful[b] = true;
  for (const i of m.f.blocks[b].insts) {
    const inst = m.f.insts[i];
    if (!isNeeded(m.live, inst)) continue;
    resolveList(m.f, inst.args);
    for (const a of inst.args) markLater(m, a);
  }
  for (const t of m.f.blocks[b].targets) {
    resolveList(m.f, t.args);
    for (const a of t.args) markLater(m, a);
  }
}

function markEdge(m: Marking, t: Target): void {
  const params = m.f.blocks[t.block].params;
  resolveList(m.f, t.args);
  for (let k = 0; k < params.length; k++) {
    if (m.live[params[k]]) {
      m.live[t.args[k]] = true;
    } else {
      m.later.push(t.args[k]);
      m.later.push(params[k]);
    }
  }
}

/** Marks a value whose definition may have been passed already. */
function markLater(m: Marking, v: number): void {
  if (m.live[v]) return;
  m.live[v] = true;
  m.work.push(v);
}

/** Marks what a param gets, over all edges. */
function markArguments(m: Marking, param: number): void {
  if (m.numbers.length === 0) findEdges(m);
  const k = m.numbers[param];
  for (let i = m.edges.first[k]; i < m.edges.first[k + 1]; i++) markLater(m, m.edges.items[i]);
}

function findEdges(m: Marking): void {
  const f = m.f;
  let count = 0;
  m.numbers = filledNumbers(f.valueType.length, -1);
  for (const b of f.order) {
    for (const p of f.blocks[b].params) {
      m.numbers[p] = count;
      count += 1;
    }
  }
  const to: number[] = [];
  const args: number[] = [];
  for (const b of m.cfg.rpo) {
    for (const t of f.blocks[b].targets) {
      const params = f.blocks[t.block].params;
      for (let k = 0; k < params.length; k++) {
        to.push(m.numbers[params[k]]);
        args.push(t.args[k]);
      }
    }
  }
  m.edges = groupByKey(count, to, args);
}

function sweep(m: Marking): void {
  let dead = false;
  for (const b of m.f.order) {
    if (m.doubtful[b]) sweepBlock(m, b);
    if (b !== 0 && !allLive(m.live, m.f.blocks[b].params)) dead = true;
  }
  if (dead) dropParams(m.f, m.live);
}

function sweepBlock(m: Marking, b: number): void {
  const insts = m.f.blocks[b].insts;
  let kept = 0;
  for (let k = 0; k < insts.length; k++) {
    if (!isNeeded(m.live, m.f.insts[insts[k]])) continue;
    insts[kept] = insts[k];
    kept += 1;
  }
  while (insts.length > kept) insts.pop();
}

function dropParams(f: Func, live: boolean[]): void {
  for (const b of f.order) {
    for (const t of f.blocks[b].targets) {
      const params = f.blocks[t.block].params;
      if (!allLive(live, params)) t.args = pickLive(live, params, t.args);
    }
  }
  for (const b of f.order) {
    if (b !== 0) f.blocks[b].params = pickLive(live, f.blocks[b].params, f.blocks[b].params);
  }
}

/** The values that stand where params are live. */
function pickLive(live: boolean[], params: number[], values: number[]): number[] {
  const picked: number[] = [];
  for (let k = 0; k < params.length; k++) if (live[params[k]]) picked.push(values[k]);
  return picked;
}

function allLive(live: boolean[], values: number[]): boolean {
  for (const v of values) if (!live[v]) return false;
  return true;
}

function isNeeded(live: boolean[], inst: Inst): boolean {
  if (isTerminator(inst.op) || !isRemovable(inst)) return true;
  for (let r = inst.result; r < inst.result + inst.resultCount; r++) if (live[r]) return true;
  return false;
}
