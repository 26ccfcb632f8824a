// Locals: where they live and who owns what they hold.
// In -> out: a local and its first value, to a Home. A flat local whose address nobody takes is SSA variables;
// others have a frame slot. A constant local that is given a stable value borrows it and is never released;
// every other counted local owns its value until its scope ends.

import { defVariable, emitSlotAddr, newVariable } from "../ssa/builder.ts";
import { addSlot } from "../ssa/function.ts";
import { ownVal, storeVal } from "./counting.ts";
import { Rt } from "./data.ts";
import { isUnwritten, lowerInto } from "./lower_aggregate.ts";
import { lowerExpr } from "./lower_expr.ts";
import { CleanupKind, type FuncState, type Home, layout, Own, type Val } from "./state.ts";
import { callRuntime } from "./runtime_call.ts";

/** A home that nothing has been put into. */
export function noHome(): Home {
  return { variables: [], slot: -1, own: Own.stable };
}

/** Gives a local its value; the value is consumed. */
export function bindLocal(fs: FuncState, local: number, v: Val): void {
  const t = fs.f.locals[local];
  const lay = layout(fs, t.type);
  if (t.weak) {
    bindWeak(fs, local, v);
    return;
  }
  const inSlot = t.addressTaken || !lay.flat;
  const borrows = !t.mutable && !t.addressTaken && v.own === Own.stable;
  if (borrows && v.address >= 0) {
    bindSlotCopy(fs, local, v, false);
    return;
  }
  const held = lay.counted && !borrows ? ownVal(fs, v) : v;
  if (inSlot) {
    bindSlotCopy(fs, local, held, lay.counted);
    return;
  }
  makeVariables(fs, local, held);
  if (lay.counted && !borrows) fs.cleanups.push({ kind: CleanupKind.local, index: local, val: null });
}

function makeVariables(fs: FuncState, local: number, v: Val): void {
  const home = noHome();
  const lay = layout(fs, fs.f.locals[local].type);
  home.own = fs.f.locals[local].mutable ? Own.variable : Own.stable;
  for (let k = 0; k < lay.leaves.length; k++) {
    const variable = newVariable(fs.b, lay.leaves[k].type);
    defVariable(fs.b, variable, v.leaves[k]);
    home.variables.push(variable);
  }
  fs.homes[local] = home;
}

function bindSlotCopy(fs: FuncState, local: number, v: Val, owned: boolean): void {
  storeVal(fs, makeSlot(fs, local), 0, v);
  if (owned) fs.cleanups.push({ kind: CleanupKind.local, index: local, val: null });
}

/** Gives a local a slot and returns its address. */
function makeSlot(fs: FuncState, local: number): number {
  const t = fs.f.locals[local];
  const lay = layout(fs, t.type);
  const home = noHome();
  home.slot = addSlot(fs.b.func, lay.size, lay.align);
  home.own = t.addressTaken ? Own.volatile : t.mutable ? Own.variable : Own.stable;
  fs.homes[local] = home;
  return emitSlotAddr(fs.b, home.slot, 0);
}

/** Declares a local with the value of a node: one in memory is built in place. */
export function declareLocal(fs: FuncState, local: number, id: number): void {
  const t = fs.f.locals[local];
  const lay = layout(fs, t.type);
  if ((!lay.flat || t.addressTaken) && isUnwritten(fs, id)) {
    makeSlot(fs, local);
    return;
  }
  if (lay.flat || t.weak) {
    bindLocal(fs, local, lowerExpr(fs, id));
    return;
  }
  const address = makeSlot(fs, local);
  lowerInto(fs, id, address, 0);
  if (lay.counted) fs.cleanups.push({ kind: CleanupKind.local, index: local, val: null });
}

/** A weak local holds the object's address and one weak count. */
function bindWeak(fs: FuncState, local: number, v: Val): void {
  callRuntime(fs, Rt.weak_set, [v.leaves[0]]);
  makeVariables(fs, local, v);
  fs.cleanups.push({ kind: CleanupKind.local, index: local, val: null });
}
