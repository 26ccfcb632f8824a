// Dead code: instructions without effect whose results nobody uses, and params nobody uses.
// In -> out: a function, to one where every remaining value reaches an effect and every argument is resolved. Mark and
// sweep from the effects: values are marked through a work list; a param marks its argument on every edge.

import { filledFlags, filledNumbers, groupByKey } from "../base/arrays.ts";
import { computeCfg } from "./cfg.ts";
import { type Func, type Inst, lastInst, resolveList } from "./function.ts";
import { Effect, isTerminator, opTable } from "./ops.ts";

/** Whether removing an instruction whose results are unused changes nothing. */
export function isRemovable(inst: Inst): boolean {
  const e = opTable.effect[inst.op];
  return e === Effect.pure || e === Effect.load;
}

/** Removes dead instructions and params. */
export function removeDeadCode(f: Func): void {
  const live = filledFlags(f.valueType.length);
  const work: number[] = [];
  for (const b of f.order) {
    for (const i of f.blocks[b].insts) {
      if (!isRemovable(f.insts[i])) markList(live, work, resolveList(f, f.insts[i].args));
    }
  }
  const numbers = filledNumbers(f.valueType.length, -1);
  const edges = paramEdges(f, numbers);
  while (work.length > 0) {
    const v = work[work.length - 1];
    work.pop();
    const def = f.valueDef[v];
    markList(live, work, def >= 0 ? resolveList(f, f.insts[def].args) : edges[numbers[v]]);
  }
  sweep(f, live);
  f.replaced = false;
}

function markList(live: boolean[], work: number[], values: number[]): void {
  for (const v of values) {
    if (live[v]) continue;
    live[v] = true;
    work.push(v);
  }
}

/** Numbers the params, by value; by number: the arguments that a param gets, over all edges. */
function paramEdges(f: Func, numbers: number[]): number[][] {
  let count = 0;
  for (const b of f.order) {
    for (const p of f.blocks[b].params) {
      numbers[p] = count;
      count += 1;
    }
  }
  const to: number[] = [];
  const args: number[] = [];
  for (const b of computeCfg(f).rpo) {
    for (const t of f.insts[lastInst(f, b)].targets) {
      const params = f.blocks[t.block].params;
      resolveList(f, t.args);
      for (let k = 0; k < params.length; k++) {
        to.push(numbers[params[k]]);
        args.push(t.args[k]);
      }
    }
  }
  return groupByKey(count, to, args);
}

function sweep(f: Func, live: boolean[]): void {
  for (const b of f.order) {
    const insts = f.blocks[b].insts;
    let kept = 0;
    for (let k = 0; k < insts.length; k++) {
      if (!isNeeded(f, live, insts[k])) continue;
      insts[kept] = insts[k];
      kept += 1;
    }
    while (insts.length > kept) insts.pop();
  }
  for (const b of f.order) {
    for (const t of f.insts[lastInst(f, b)].targets) {
      const params = f.blocks[t.block].params;
      if (allLive(live, params)) continue;
      const args: number[] = [];
      for (let k = 0; k < params.length; k++) if (live[params[k]]) args.push(t.args[k]);
      t.args = args;
    }
  }
  for (const b of f.order) {
    if (b === 0 || allLive(live, f.blocks[b].params)) continue;
    const params: number[] = [];
    for (const p of f.blocks[b].params) if (live[p]) params.push(p);
    f.blocks[b].params = params;
  }
}

function allLive(live: boolean[], values: number[]): boolean {
  for (const v of values) if (!live[v]) return false;
  return true;
}

function isNeeded(f: Func, live: boolean[], i: number): boolean {
  const inst = f.insts[i];
  if (isTerminator(inst.op) || !isRemovable(inst)) return true;
  for (let r = inst.result; r < inst.result + inst.resultCount; r++) if (live[r]) return true;
  return false;
}
