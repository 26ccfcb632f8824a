// Where several ways of computing one value meet.
// In -> out: a Merge is opened for a type, each arm hands its value in (owned, if the type holds references), and
// closing it gives the value. Flat values become block params; values in memory are put into one slot.
// An arm is a scope of its own: its temporaries end before control joins.

import { addBlockParam, emitJump, emitTrap, newBlock, sealBlock, switchTo } from "../ssa/builder.ts";
import { Kind } from "../check/types.ts";
import { closeScope, keepTemp, newSlot, ownVal, storeVal } from "./counting.ts";
import { lowerInto } from "./lower_aggregate.ts";
import { lowerExpr } from "./lower_expr.ts";
import { type FuncState, flatVal, layout, type Merge, memoryVal, nodeOf, Own, typeInfo, type Val } from "./state.ts";

/** Opens a meeting point; called before the arms, where the slot's address dominates them. */
export function openMerge(fs: FuncState, type: number): Merge {
  const lay = layout(fs, type);
  const m: Merge = { type: type, block: newBlock(fs.b), params: [], slot: -1 };
  if (lay.flat) {
    for (const leaf of lay.leaves) m.params.push(addBlockParam(fs.b, m.block, leaf.type));
  } else {
    m.slot = newSlot(fs, type);
  }
  return m;
}

/** Lowers an arm's node as a scope and goes to the meeting point; nothing follows in this block. */
export function mergeArm(fs: FuncState, m: Merge, id: number): void {
  const depth = fs.cleanups.length;
  mergeArmFrom(fs, m, id, depth);
}

/** The same for an arm whose scope was opened at an earlier depth (it has captures). */
export function mergeArmFrom(fs: FuncState, m: Merge, id: number, depth: number): void {
  if (typeInfo(fs, nodeOf(fs, id).type).kind === Kind.noreturn) {
    lowerExpr(fs, id);
    closeScope(fs, depth);
    emitTrap(fs.b, 0);
    return;
  }
  const leaves: number[] = [];
  if (m.slot >= 0) {
    lowerInto(fs, id, m.slot, 0);
  } else if (m.params.length === 0) {
    keepTemp(fs, lowerExpr(fs, id));
  } else {
    const v = ownVal(fs, lowerExpr(fs, id));
    for (const x of v.leaves) leaves.push(x);
  }
  closeScope(fs, depth);
  emitJump(fs.b, m.block, leaves);
}

/** Hands in a value that is there, from an open block. */
export function mergeVal(fs: FuncState, m: Merge, v: Val): void {
  const owned = ownVal(fs, v);
  if (m.slot >= 0) storeVal(fs, m.slot, 0, owned);
  emitJump(fs.b, m.block, m.slot >= 0 ? [] : owned.leaves);
}

/** Goes on where the arms meet. */
export function closeMerge(fs: FuncState, m: Merge): Val {
  sealBlock(fs.b, m.block);
  switchTo(fs.b, m.block);
  if (m.slot >= 0) return memoryVal(m.type, m.slot, Own.owned);
  const leaves: number[] = [];
  for (const p of m.params) leaves.push(p);
  return flatVal(m.type, leaves, Own.owned);
}
