// Who calls whom in a module, and what a call may do.
// In -> out: a module as lowering left it, to its functions with callees before callers, but for cycles, and to what one
// reading of each tells of it. Calls through addresses are not seen. Depth-first with an explicit stack.

import { filledFlags, filledNumbers } from "../base/arrays.ts";
import { Counting, type SsaModule } from "../ssa/module.ts";
import { Op } from "../ssa/ops.ts";

/**
 * What may happen to counts, as a set of bits: storage of plain numbers is dropped (1), its count is read (2), that of an array of
 * references (4), that of an object (8), references are dropped (16). `object`, `array` and `ofPlain` are what matters to a
 * reference to such a block: a read of its count, and whatever may drop it.
 */
export const Drops = { nothing: 0, plain: 1, readsPlain: 2, readsArray: 4, readsObject: 8, ofPlain: 19, array: 20, object: 24, any: 31 };

export interface CallGraph {
  /** By symbol: the index of its function in m.funcs, or -1. */
  funcOf: number[];
  /** By function: those of this module that it calls, once for each call. */
  callees: number[][];
  /** By function: whether it returns anywhere. */
  returns: boolean[];
  /** By function: what it may drop by itself or by calling what is not known. */
  direct: number[];
  /** All functions, in postorder of the calls. */
  order: number[];
}

/** By symbol: the index of its function in m.funcs, or -1. */
export function funcIndexes(m: SsaModule): number[] {
  const funcOf = filledNumbers(m.symbols.length, -1);
  for (let k = 0; k < m.funcs.length; k++) funcOf[m.funcs[k].sym] = k;
  return funcOf;
}

/** Reads all functions once. */
export function readCalls(m: SsaModule): CallGraph {
  const n = m.funcs.length;
  const g: CallGraph = { funcOf: funcIndexes(m), callees: [], returns: filledFlags(n), direct: filledNumbers(n, Drops.nothing), order: [] };
  for (let k = 0; k < n; k++) {
    g.callees.push([]);
    readFunc(m, g, k);
  }
  g.order = calleesFirst(g.callees);
  return g;
}

function readFunc(m: SsaModule, g: CallGraph, k: number): void {
  const f = m.funcs[k];
  const callees = g.callees[k];
  for (const b of f.order) {
    for (const i of f.blocks[b].insts) {
      const inst = f.insts[i];
      if (inst.op === Op.return) g.returns[k] = true;
      g.direct[k] = g.direct[k] | dropsItself(m, g, inst.op, inst.sym);
      if (inst.op === Op.call && g.funcOf[inst.sym] >= 0) callees.push(g.funcOf[inst.sym]);
    }
  }
}

/** What an instruction of an op and a symbol may drop by itself; a call of what is not known may drop anything. */
export function dropsItself(m: SsaModule, g: CallGraph, op: number, sym: number): number {
  if (op === Op.return_call || op === Op.return_call_indirect || op === Op.call_indirect) return Drops.any;
  if (op !== Op.call) return Drops.nothing;
  switch (m.symbols[sym].counting) {
    case Counting.releasePlain: return Drops.plain;
    case Counting.readsPlain: return Drops.readsPlain;
    case Counting.readsArray: return Drops.readsArray;
    case Counting.readsObject: return Drops.readsObject;
    case Counting.release: case Counting.reads: return Drops.any;
    case Counting.none: return g.funcOf[sym] < 0 ? Drops.any : Drops.nothing;
    default: return Drops.nothing;
  }
}

/** All functions, by index in m.funcs, in postorder of the call graph, given whom each calls. */
function calleesFirst(callees: number[][]): number[] {
  const order: number[] = [];
  const seen = filledFlags(callees.length);
  for (let root = 0; root < callees.length; root++) {
    if (seen[root]) continue;
    seen[root] = true;
    const stack: number[] = [root];
    const next: number[] = [0];
    while (stack.length > 0) {
      const top = stack.length - 1;
      const list = callees[stack[top]];
      if (next[top] === list.length) {
        order.push(stack[top]);
        stack.pop();
        next.pop();
        continue;
      }
      const k = list[next[top]];
      next[top] += 1;
      if (seen[k]) continue;
      seen[k] = true;
      stack.push(k);
      next.push(0);
    }
  }
  return order;
}
