// Locals: where they live and who owns what they hold.
// In -> out: a local and its first value, to a Home. A flat local whose address nobody takes is SSA variables;
// others have a frame slot, or, where the address may outlive the scope, a counted object of their own, made at the
// declaration, so that each turn of a loop has another one. A constant local that is given a stable value borrows it and is
// never released; every other counted local owns its value until its scope ends. An object owns what it holds, and has no deinit.

import { TOp } from "../check/tree.ts";
import { i64From } from "../base/int64.ts";
import { defVariable, emitSlotAddr, emitStore, newVariable } from "../ssa/builder.ts";
import { addSlot } from "../ssa/function.ts";
import { Op, typeSize } from "../ssa/ops.ts";
import { ownVal, storeVal } from "./counting.ts";
import { isForCleanups, pushCleanup } from "./exits.ts";
import { allocateObject, isUnwritten, lowerInto } from "./lower_aggregate.ts";
import { lowerExpr } from "./lower_expr.ts";
import { CleanupKind, type FuncState, type Home, layout, nodeOf, Own, type Val } from "./state.ts";

/** A home that nothing has been put into. */
export function noHome(): Home {
  return { variables: [], slot: -1, elsewhere: false, own: Own.stable };
}

/** Binds a param. One that came by its address stays there, unless somebody may take its address or change it. */
export function bindParam(fs: FuncState, local: number, v: Val): void {
  const t = fs.f.locals[local];
  if (v.address < 0 || t.mutable || t.addressTaken || t.moved) {
    bindLocal(fs, local, v);
    return;
  }
  const home = noHome();
  home.variables.push(newVariable(fs.b, fs.l.pointer));
  defVariable(fs.b, home.variables[0], v.address);
  home.elsewhere = true;
  fs.homes[local] = home;
}

/** Gives a local its value; the value is consumed. */
export function bindLocal(fs: FuncState, local: number, v: Val): void {
  const t = fs.f.locals[local];
  const lay = layout(fs, t.type);
  if (t.moved) {
    bindMoved(fs, local, lay.counted ? ownVal(fs, v) : v);
    return;
  }
  const borrows = !t.mutable && !t.addressTaken && v.own === Own.stable;
  const inSlot = t.addressTaken || !lay.flat || isForCleanups(fs, local, lay.counted && !borrows);
  if (borrows && v.address >= 0) {
    bindSlotCopy(fs, local, v, false);
    return;
  }
  const held = lay.counted && !borrows ? ownVal(fs, v) : v;
  if (inSlot) {
    bindSlotCopy(fs, local, held, lay.counted && !borrows);
    return;
  }
  makeVariables(fs, local, held);
  if (lay.counted && !borrows) pushCleanup(fs, CleanupKind.local, local, null);
}

/** An object for a moved local, with an owned value. */
function bindMoved(fs: FuncState, local: number, v: Val): void {
  storeVal(fs, makeObject(fs, local), 0, v);
}

/** Gives a moved local a zeroed object and returns its address. */
function makeObject(fs: FuncState, local: number): number {
  const address = allocateObject(fs, fs.f.locals[local].type, false);
  const home = noHome();
  if (isForCleanups(fs, local, true)) {
    const size = typeSize(fs.l.pointer);
    home.slot = addSlot(fs.b.func, size, size);
    emitStore(fs.b, Op.store, emitSlotAddr(fs.b, home.slot, 0), address, i64From(0));
  } else {
    home.variables.push(newVariable(fs.b, fs.l.pointer));
    defVariable(fs.b, home.variables[0], address);
  }
  home.elsewhere = true;
  home.own = Own.volatile;
  fs.homes[local] = home;
  pushCleanup(fs, CleanupKind.local, local, null);
  return address;
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
  if (owned) pushCleanup(fs, CleanupKind.local, local, null);
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
  if (t.moved && nodeOf(fs, id).op === TOp.const_zero) {
    makeObject(fs, local);
    return;
  }
  if (!t.moved && (!lay.flat || t.addressTaken) && isUnwritten(fs, id)) {
    makeSlot(fs, local);
    return;
  }
  if (lay.flat || t.moved) {
    bindLocal(fs, local, lowerExpr(fs, id));
    return;
  }
  const address = makeSlot(fs, local);
  lowerInto(fs, id, address, 0);
  if (lay.counted) pushCleanup(fs, CleanupKind.local, local, null);
}
