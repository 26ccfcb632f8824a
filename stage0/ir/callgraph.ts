// Who calls whom in a module.
// In -> out: a module, to its functions with callees before callers, but for cycles. Calls through addresses are not
// seen. Depth-first with an explicit stack.

import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { Op } from "../ssa/ops.ts";

/** By symbol: the index of its function in m.funcs, or -1. */
export function funcIndexes(m: SsaModule): number[] {
  const funcOf: number[] = [];
  for (let s = 0; s < m.symbols.length; s++) funcOf.push(-1);
  for (let k = 0; k < m.funcs.length; k++) funcOf[m.funcs[k].sym] = k;
  return funcOf;
}

/** The functions of this module that a function calls, once for each call. */
export function calledFuncs(funcOf: number[], f: Func): number[] {
  const callees: number[] = [];
  for (const b of f.order) {
    for (const i of f.blocks[b].insts) {
      const inst = f.insts[i];
      if (inst.op === Op.call && funcOf[inst.sym] >= 0) callees.push(funcOf[inst.sym]);
    }
  }
  return callees;
}

/** All functions, by index in m.funcs, in postorder of the call graph. */
export function calleesFirst(m: SsaModule, funcOf: number[]): number[] {
  const order: number[] = [];
  const seen: boolean[] = [];
  for (let k = 0; k < m.funcs.length; k++) seen.push(false);
  for (let root = 0; root < m.funcs.length; root++) {
    if (seen[root]) continue;
    seen[root] = true;
    const stack: number[] = [root];
    const callees: number[][] = [calledFuncs(funcOf, m.funcs[root])];
    const next: number[] = [0];
    while (stack.length > 0) {
      const top = stack.length - 1;
      if (next[top] === callees[top].length) {
        order.push(stack[top]);
        stack.pop();
        callees.pop();
        next.pop();
        continue;
      }
      const k = callees[top][next[top]];
      next[top] += 1;
      if (seen[k]) continue;
      seen[k] = true;
      stack.push(k);
      callees.push(calledFuncs(funcOf, m.funcs[k]));
      next.push(0);
    }
  }
  return order;
}
