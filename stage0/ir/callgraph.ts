// Who calls whom in a module.
// In -> out: a module, to its functions with callees before callers, but for cycles. Calls through addresses are not
// seen. Depth-first with an explicit stack.

import { filledFlags, filledNumbers } from "../base/arrays.ts";
import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { Op } from "../ssa/ops.ts";

/** By symbol: the index of its function in m.funcs, or -1. */
export function funcIndexes(m: SsaModule): number[] {
  const funcOf = filledNumbers(m.symbols.length, -1);
  for (let k = 0; k < m.funcs.length; k++) funcOf[m.funcs[k].sym] = k;
  return funcOf;
}

/** The functions of this module that a function calls, once for each call. */
function calledFuncs(funcOf: number[], f: Func): number[] {
  const callees: number[] = [];
  for (const b of f.order) {
    for (const i of f.blocks[b].insts) {
      const inst = f.insts[i];
      if (inst.op === Op.call && funcOf[inst.sym] >= 0) callees.push(funcOf[inst.sym]);
    }
  }
  return callees;
}

/** By function: those that it calls. */
export function calledLists(m: SsaModule, funcOf: number[]): number[][] {
  const lists: number[][] = [];
  for (const f of m.funcs) lists.push(calledFuncs(funcOf, f));
  return lists;
}

/** All functions, by index in m.funcs, in postorder of the call graph, given whom each calls. */
export function calleesFirst(callees: number[][]): number[] {
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
