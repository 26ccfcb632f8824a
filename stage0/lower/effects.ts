// Which parts of a function's tree may change memory or locals when they are evaluated.
// In -> out: the nodes of a function, to a number by node: 0 nothing changes, 1 memory may change (calls, stores,
// allocation), 2 locals may be assigned as well. Nodes stand behind their children but for a few, so that one pass in order
// finds most; the rest is found in postorder with an explicit stack.

import { listHoldsNodes, TOp, type TFunc, type TNode } from "../check/tree.ts";

/** The effects of every node that the body reaches; `readers` says by function whether a call is none. */
export function computeEffects(f: TFunc, readers: boolean[]): number[] {
  const effects: number[] = [];
  for (let i = 0; i < f.nodes.length; i++) effects.push(-1);
  if (f.body < 0) return effects;
  for (let id = 0; id < f.nodes.length; id++) effects[id] = combineEffects(f.nodes[id], effects, readers);
  const stack: number[] = [f.body];
  while (stack.length > 0) {
    const id = stack[stack.length - 1];
    if (effects[id] >= 0) {
      stack.pop();
      continue;
    }
    const depth = stack.length;
    pushUnknown(f.nodes[id], effects, stack);
    if (stack.length > depth) continue;
    effects[id] = combineEffects(f.nodes[id], effects, readers);
    stack.pop();
  }
  return effects;
}

/** Pushes the children that are not known yet. */
function pushUnknown(n: TNode, effects: number[], stack: number[]): void {
  if (n.a >= 0 && effects[n.a] < 0) stack.push(n.a);
  if (n.b >= 0 && effects[n.b] < 0) stack.push(n.b);
  if (n.c >= 0 && effects[n.c] < 0) stack.push(n.c);
  if (!listHoldsNodes(n.op)) return;
  for (const k of n.list) if (k >= 0 && effects[k] < 0) stack.push(k);
}

/** The effects of a node whose children's are known; else -1. */
function combineEffects(n: TNode, effects: number[], readers: boolean[]): number {
  let e = n.op === TOp.call && readers[n.n] ? 0 : ownEffect(n.op);
  if (n.a >= 0) e = joinEffects(e, effects[n.a]);
  if (n.b >= 0) e = joinEffects(e, effects[n.b]);
  if (n.c >= 0) e = joinEffects(e, effects[n.c]);
  if (!listHoldsNodes(n.op)) return e;
  for (const k of n.list) if (k >= 0) e = joinEffects(e, effects[k]);
  return e;
}

/** The stronger of two; -1, not known, is stronger than any. */
function joinEffects(x: number, y: number): number {
  return x < 0 || (y >= 0 && y < x) ? x : y;
}

function ownEffect(op: number): number {
  switch (op) {
    case TOp.assign:
    case TOp.assign_op: return 2;
    case TOp.call:
    case TOp.call_value:
    case TOp.builtin:
    case TOp.print:
    case TOp.concat:
    case TOp.interpolate:
    case TOp.make_closure:
    case TOp.new_object:
    case TOp.new_init:
    case TOp.new_array:
    case TOp.weak_load:
    case TOp.defer:
    case TOp.errdefer: return 1;
  }
  return 0;
}
