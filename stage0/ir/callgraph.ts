// Who calls whom in a module, and what a call may do.
// In -> out: a module as lowering left it, to its functions with callees before callers, but for cycles, and to what one
// reading of each tells of it. Calls through addresses are not seen. Depth-first with an explicit stack.

import { filledFlags, filledNumbers } from "../base/arrays.ts";
import { Counting, type SsaModule } from "../ssa/module.ts";
import { Op } from "../ssa/ops.ts";

export interface CallGraph {
  /** By symbol: the index of its function in m.funcs, or -1. */
  funcOf: number[];
  /** By function: those of this module that it calls, once for each call. */
  callees: number[][];
  /** By function: whether it returns anywhere. */
  returns: boolean[];
  /** By function: whether it releases by itself, or calls what is not known. */
  direct: boolean[];
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
  const g: CallGraph = { funcOf: funcIndexes(m), callees: [], returns: filledFlags(n), direct: filledFlags(n), order: [] };
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
      if (releasesItself(m, g, inst.op, inst.sym)) g.direct[k] = true;
      if (inst.op === Op.call && g.funcOf[inst.sym] >= 0) callees.push(g.funcOf[inst.sym]);
    }
  }
}

/** Whether an instruction of an op and a symbol releases, or calls what is not known. */
export function releasesItself(m: SsaModule, g: CallGraph, op: number, sym: number): boolean {
  if (op === Op.return_call || op === Op.return_call_indirect || op === Op.call_indirect) return true;
  if (op !== Op.call) return false;
  const counting = m.symbols[sym].counting;
  return counting === Counting.release || (counting === Counting.none && g.funcOf[sym] < 0);
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
