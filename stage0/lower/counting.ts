// Reference counting: retains, releases, and what to do when control leaves a scope.
// In -> out: values and scopes, to calls of the runtime's retain and release at the right places.
// A scope is a depth of the cleanup list; leaving it emits its cleanups last first. Early exits emit them
// without removing them. See Own in state for who answers for a reference.

import { i64From } from "../base/int64.ts";
import { emitCall, emitFconst, emitIconst, emitInst, emitLoad, emitSlotAddr, emitStore, emitValue, useVariable } from "../ssa/builder.ts";
import { addSlot } from "../ssa/function.ts";
import { Op, Type } from "../ssa/ops.ts";
import { TOp } from "../check/tree.ts";
import { helperSym, Rt } from "./data.ts";
import { closeExits, pushCleanup, repeatsTooMuch } from "./exits.ts";
import { writeBack } from "./held.ts";
import { lowerStatement } from "./lower_stmt.ts";
import { type Cleanup, CleanupKind, type FuncState, flatVal, Helper, type Home, layout, memoryVal, nodeOf, Own, type Val } from "./state.ts";
import { Counted } from "./layout.ts";
import { callRuntime } from "./runtime_call.ts";

/** By Counted: the routine that counts such a reference, the one that takes a count back, and the one that tells whether it is the only one, which is asked of no weak one. */
export const retainRoutines = [-1, Rt.retain, Rt.retain_object, Rt.retain_array, Rt.retain_plain, Rt.weak_set];
export const releaseRoutines = [-1, Rt.release, Rt.release_object, Rt.release_array, Rt.release_plain, Rt.weak_drop];
export const uniqueRoutines = [-1, Rt.is_unique, Rt.is_unique_object, Rt.is_unique_array, Rt.is_unique_plain, -1];

/** Adds one count to every reference in a value. */
export function retainVal(fs: FuncState, v: Val): void {
  countVal(fs, v, retainRoutines, Helper.retain);
}

/** Takes one count from every reference in a value. */
export function releaseVal(fs: FuncState, v: Val): void {
  countVal(fs, v, releaseRoutines, Helper.release);
}

function countVal(fs: FuncState, v: Val, routines: number[], helper: number): void {
  const lay = layout(fs, v.type);
  if (!lay.counted) return;
  if (!lay.flat) {
    emitCall(fs.b, helperSym(fs.l, helper, v.type), [v.address]);
    return;
  }
  for (let k = 0; k < lay.leaves.length; k++) {
    if (lay.leaves[k].counted !== Counted.none) countLeaf(fs, v.leaves[k], lay.leaves[k].counted, routines);
  }
}

/** Where the heap is checked, all counts are found by search, and what is said to be whole has to be. */
function countLeaf(fs: FuncState, address: number, counted: number, routines: number[]): void {
  if (!fs.l.heapCheck || counted === Counted.weak) {
    callRuntime(fs, routines[counted], [address]);
    return;
  }
  if (counted === Counted.object) callRuntime(fs, Rt.check_object, [address]);
  if (counted >= Counted.array) callRuntime(fs, Rt.check_array, [address]);
  callRuntime(fs, routines[Counted.any], [address]);
}

function withOwn(v: Val, own: number): Val {
  return { type: v.type, leaves: v.leaves, address: v.address, own: own };
}

/** Makes an owned value a temporary: released when the statement ends. */
export function keepTemp(fs: FuncState, v: Val): Val {
  if (v.own !== Own.owned || !layout(fs, v.type).counted) return v;
  pushCleanup(fs, CleanupKind.temp, fs.exits.shared && v.address < 0 ? slotWith(fs, v) : -1, v);
  return withOwn(v, Own.temp);
}

/**
 * A value that survives effects of the given strength (see FuncState.effects) until the statement ends. What lies in
 * memory is copied: the effects may write there.
 */
export function pinVal(fs: FuncState, v: Val, effect: number): Val {
  const kept = keepTemp(fs, v);
  if (kept.own === Own.volatile) {
    if (effect < 1) return kept;
  } else if (kept.own !== Own.variable || effect < 2) {
    return kept;
  }
  if (layout(fs, v.type).counted) return keepTemp(fs, ownVal(fs, kept));
  return kept.address < 0 ? kept : withOwn(copyToSlot(fs, kept), Own.temp);
}

/** A value of which the caller owns one count. Values in memory are copied unless they are owned already. */
export function ownVal(fs: FuncState, v: Val): Val {
  if (v.own === Own.owned) return v;
  let copy = v;
  if (v.address >= 0) copy = copyToSlot(fs, v);
  retainVal(fs, copy);
  return withOwn(copy, Own.owned);
}

/** A new slot that holds a flat value. */
export function slotWith(fs: FuncState, v: Val): number {
  const lay = layout(fs, v.type);
  const slot = addSlot(fs.b.func, lay.size, lay.align);
  storeVal(fs, emitSlotAddr(fs.b, slot, 0), 0, v);
  return slot;
}

/** A bitwise copy of a value in memory, in a new slot. */
export function copyToSlot(fs: FuncState, v: Val): Val {
  const address = newSlot(fs, v.type);
  copyMemory(fs, address, 0, v);
  return memoryVal(v.type, address, v.own);
}

/** The address of a new frame slot for a value of a type. */
export function newSlot(fs: FuncState, type: number): number {
  const lay = layout(fs, type);
  return emitSlotAddr(fs.b, addSlot(fs.b.func, lay.size, lay.align), 0);
}

/** Copies a value in memory to address + offset. */
export function copyMemory(fs: FuncState, address: number, offset: number, v: Val): void {
  const size = layout(fs, v.type).size;
  if (size === 0) return;
  emitInst(fs.b, Op.memory_copy, Type.void, [addOffset(fs, address, offset), v.address, addressConst(fs, size)]);
}

/** Fills size bytes at address + offset with zeros. */
export function zeroMemory(fs: FuncState, address: number, offset: number, size: number): void {
  if (size === 0) return;
  const at = addOffset(fs, address, offset);
  emitInst(fs.b, Op.memory_fill, Type.void, [at, emitIconst(fs.b, Type.i32, i64From(0)), addressConst(fs, size)]);
}

/** A constant as wide as an address. */
export function addressConst(fs: FuncState, n: number): number {
  return emitIconst(fs.b, fs.l.pointer, i64From(n));
}

/** address + offset. */
export function addOffset(fs: FuncState, address: number, offset: number): number {
  if (offset === 0) return address;
  return emitValue(fs.b, Op.iadd, fs.l.pointer, [address, addressConst(fs, offset)], fs.l.pointer);
}

/** Loads a value from memory: its leaves, or its address when it is not flat. */
export function loadVal(fs: FuncState, type: number, address: number, offset: number, own: number): Val {
  const lay = layout(fs, type);
  if (!lay.flat) return memoryVal(type, addOffset(fs, address, offset), own);
  const leaves: number[] = [];
  for (const leaf of lay.leaves) leaves.push(emitLoad(fs.b, leaf.load, leaf.type, address, i64From(offset + leaf.offset)));
  return flatVal(type, leaves, own);
}

/** Stores a value into memory; counts are the caller's affair. */
export function storeVal(fs: FuncState, address: number, offset: number, v: Val): void {
  if (v.address >= 0) {
    copyMemory(fs, address, offset, v);
    return;
  }
  const lay = layout(fs, v.type);
  for (let k = 0; k < lay.leaves.length; k++) {
    emitStore(fs.b, lay.leaves[k].store, address, v.leaves[k], i64From(offset + lay.leaves[k].offset));
  }
}

/** The zero value of a type; one in memory is a new zeroed slot. */
export function zeroVal(fs: FuncState, type: number): Val {
  const lay = layout(fs, type);
  if (!lay.flat) {
    const address = newSlot(fs, type);
    zeroMemory(fs, address, 0, lay.size);
    return memoryVal(type, address, Own.owned);
  }
  const leaves: number[] = [];
  for (const leaf of lay.leaves) leaves.push(zeroLeaf(fs, leaf.type));
  return flatVal(type, leaves, Own.stable);
}

function zeroLeaf(fs: FuncState, type: number): number {
  if (type === Type.i32 || type === Type.i64) return emitIconst(fs.b, type, i64From(0));
  return emitFconst(fs.b, type, i64From(0));
}

/** The value that a local's home holds now. */
export function readHome(fs: FuncState, local: number): Val {
  const home = fs.homes[local];
  const type = fs.f.locals[local].type;
  if (home.elsewhere) return loadVal(fs, type, objectOf(fs, home), 0, home.own);
  if (home.slot >= 0) return loadVal(fs, type, emitSlotAddr(fs.b, home.slot, 0), 0, home.own);
  const leaves: number[] = [];
  for (const v of home.variables) leaves.push(useVariable(fs.b, v));
  return flatVal(type, leaves, home.own);
}

/** The address of a local that lives elsewhere. */
export function objectOf(fs: FuncState, home: Home): number {
  if (home.slot < 0) return useVariable(fs.b, home.variables[0]);
  return emitLoad(fs.b, Op.load, fs.l.pointer, emitSlotAddr(fs.b, home.slot, 0), i64From(0));
}

/** Emits the cleanups above a depth, last first; on_error ones only when an error is on its way. `moved` is a local whose count went elsewhere, or -1. */
export function emitCleanups(fs: FuncState, depth: number, isError: boolean, moved: number): void {
  // The function is lowered again.
  if (repeatsTooMuch(fs.exits)) return;
  const before = sizeOfCode(fs);
  const saved: Cleanup[] = [];
  while (fs.cleanups.length > depth) {
    const c = fs.cleanups[fs.cleanups.length - 1];
    fs.cleanups.pop();
    saved.push(c);
    emitCleanup(fs, c, isError, moved);
  }
  while (saved.length > 0) {
    fs.cleanups.push(saved[saved.length - 1]);
    saved.pop();
  }
  fs.exits.repeated += sizeOfCode(fs) - before;
}

/** Instructions, and values, of which some are params of blocks. */
function sizeOfCode(fs: FuncState): number {
  return fs.b.func.insts.length + fs.b.func.valueType.length;
}

/** Leaves a scope in the ordinary way: emits its cleanups and forgets them. */
export function closeScope(fs: FuncState, depth: number): void {
  while (fs.cleanups.length > depth) {
    const c = fs.cleanups[fs.cleanups.length - 1];
    fs.cleanups.pop();
    // A function that is lowered again needs no code here, and looking for n variables through n blocks would not be linear.
    if (repeatsTooMuch(fs.exits)) continue;
    emitCleanup(fs, c, false, -1);
    closeExits(fs, c);
  }
}

/** Emits one cleanup that has been taken off the list. */
export function emitCleanup(fs: FuncState, c: Cleanup, isError: boolean, moved: number): void {
  if (c.kind === CleanupKind.temp || c.kind === CleanupKind.part) {
    if (c.val !== null) releaseKept(fs, c.val, c.index);
  } else if (c.kind === CleanupKind.local) {
    if (c.index !== moved) releaseLocal(fs, c.index);
  } else if (c.kind === CleanupKind.write_back) {
    writeBack(fs, fs.captured[c.index]);
  } else if (c.kind === CleanupKind.deferred || isError) {
    lowerDeferred(fs, c.index);
  }
}

/** A flat value may lie in memory: at its address, or in a slot that is not -1. */
function releaseKept(fs: FuncState, v: Val, slot: number): void {
  const inMemory = layout(fs, v.type).flat && (slot >= 0 || v.address >= 0);
  releaseVal(fs, inMemory ? loadVal(fs, v.type, slot >= 0 ? emitSlotAddr(fs.b, slot, 0) : v.address, 0, Own.owned) : v);
}

/** A deferred statement runs with the cleanups below it open, and its own temporaries closed. */
function lowerDeferred(fs: FuncState, node: number): void {
  const depth = fs.cleanups.length;
  lowerStatement(fs, node);
  if (nodeOf(fs, node).op !== TOp.nothing) closeScope(fs, depth);
}

/** Ends a local before its scope. */
export function dropLocal(fs: FuncState, local: number): void {
  const kept: Cleanup[] = [];
  while (fs.cleanups.length > 0) {
    const c = fs.cleanups[fs.cleanups.length - 1];
    if (c.kind === CleanupKind.local && c.index === local) {
      fs.cleanups.pop();
      releaseLocal(fs, local);
      closeExits(fs, c);
      break;
    }
    if (c.kind !== CleanupKind.temp && c.kind !== CleanupKind.local) break;
    fs.cleanups.pop();
    closeExits(fs, c);
    kept.push(c);
  }
  while (kept.length > 0) {
    fs.cleanups.push(kept[kept.length - 1]);
    kept.pop();
  }
}

function releaseLocal(fs: FuncState, local: number): void {
  const home = fs.homes[local];
  const type = fs.f.locals[local].type;
  if (home.elsewhere) countLeaf(fs, objectOf(fs, home), Counted.object, releaseRoutines);
  else if (home.slot >= 0 && !layout(fs, type).flat) releaseVal(fs, memoryVal(type, emitSlotAddr(fs.b, home.slot, 0), Own.owned));
  else releaseVal(fs, readHome(fs, local));
}

