// Parts of literals that are whole while others are still to be evaluated.
// In -> out: the nodes of a literal's parts, to cleanups of those that a later part may leave behind, by try, return, break or
// continue. They stand on the cleanup list until the literal is whole, and then go from it without being released: the literal owns them.

import { listHoldsNodes, TOp } from "../check/tree.ts";
import { slotWith } from "./counting.ts";
import { closeExits, pushCleanup } from "./exits.ts";
import { type Cleanup, CleanupKind, type FuncState, layout, nodeOf, type Val } from "./state.ts";

/** How many parts, from the first on, come before the last that may leave. */
export function partsToHold(fs: FuncState, list: number[]): number {
  for (let k = list.length - 1; k > 0; k--) if (mayLeave(fs, list[k])) return k;
  return 0;
}

/** Whether control may leave in the middle of a node. */
export function mayLeave(fs: FuncState, id: number): boolean {
  const work: number[] = [id];
  while (work.length > 0) {
    const n = nodeOf(fs, work[work.length - 1]);
    work.pop();
    if (n.op === TOp.try || n.op === TOp.return || n.op === TOp.break_to || n.op === TOp.continue_to) return true;
    if (n.a >= 0) work.push(n.a);
    if (n.b >= 0) work.push(n.b);
    if (n.c >= 0) work.push(n.c);
    if (listHoldsNodes(n.op)) for (const k of n.list) if (k >= 0) work.push(k);
  }
  return false;
}

/** Holds a part that is whole. */
export function holdPart(fs: FuncState, v: Val): void {
  if (layout(fs, v.type).counted) pushCleanup(fs, CleanupKind.part, fs.exits.shared && v.address < 0 ? slotWith(fs, v) : -1, v);
}

/** The literal is whole: the parts held above a depth are its own; temporaries stay. */
export function takeParts(fs: FuncState, depth: number): void {
  const kept: Cleanup[] = [];
  while (fs.cleanups.length > depth) {
    const c = fs.cleanups[fs.cleanups.length - 1];
    fs.cleanups.pop();
    closeExits(fs, c);
    if (c.kind !== CleanupKind.part) kept.push(c);
  }
  while (kept.length > 0) {
    fs.cleanups.push(kept[kept.length - 1]);
    kept.pop();
  }
}
