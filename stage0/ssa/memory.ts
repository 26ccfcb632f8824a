// What memory is known to hold: loads that repeat an earlier load or store.
// In -> out: the loads and stores of a path through a function in order, to the value that a load gives when it is
// known already. Knowledge is a short list of accesses, each the instruction that read or wrote a place; a store or call
// forgets what it may have changed. Two accesses are apart when they have the same base and their bytes do not meet,
// or when their bases are a slot and a symbol, two slots or two symbols.
// Invariant: the value of each access in a list is what its place holds at that point of the path.

import { fitsI32, lowI32 } from "../base/int64.ts";
import { type Func, type Inst, resolveValue } from "./function.ts";
import { Effect, Op, opTable, typeSize } from "./ops.ts";

/** Accesses that are remembered at once; older ones are forgotten. */
const MOST = 24;

/** A place in memory: a base (value, slot or symbol), a distance from it and a size in bytes. */
export interface MemoryPlace {
  /** -1: the address is a value; else Op.slot_addr or Op.sym_addr. */
  kind: number;
  base: number;
  offset: number;
  size: number;
}

/** Bytes that a load or store touches. */
export function accessSize(f: Func, inst: Inst): number {
  switch (inst.op) {
    case Op.load: return typeSize(inst.type);
    case Op.store: return typeSize(f.valueType[resolveValue(f, inst.args[1])]);
    case Op.uload8:
    case Op.sload8:
    case Op.store8: return 1;
    case Op.uload16:
    case Op.sload16:
    case Op.store16: return 2;
    default: return 4;
  }
}

/** Where a load or store goes. Offsets that do not fit 32 bits count as unknown: the size is then 0. */
export function accessPlace(f: Func, inst: Inst): MemoryPlace {
  const address = resolveValue(f, inst.args[0]);
  const place: MemoryPlace = { kind: -1, base: address, offset: 0, size: accessSize(f, inst) };
  if (!isNear(inst)) {
    place.size = 0;
    return place;
  }
  place.offset = lowI32(inst.imm);
  const def = f.valueDef[address];
  if (def < 0) return place;
  const from = f.insts[def];
  if ((from.op !== Op.slot_addr && from.op !== Op.sym_addr) || !isNear(from)) return place;
  place.kind = from.op;
  place.base = from.sym;
  place.offset += lowI32(from.imm);
  return place;
}

/** Offsets small enough to be added without a thought. */
function isNear(inst: Inst): boolean {
  return fitsI32(inst.imm) && lowI32(inst.imm) > -1000000000 && lowI32(inst.imm) < 1000000000;
}

function mayMeet(a: MemoryPlace, b: MemoryPlace): boolean {
  if (a.size === 0 || b.size === 0) return true;
  if (a.kind === b.kind && a.base === b.base) return a.offset < b.offset + b.size && b.offset < a.offset + a.size;
  return a.kind < 0 || b.kind < 0;
}

/** Whether an instruction reads memory in a way that is followed here. */
export function isLoad(op: number): boolean {
  return op >= Op.load && op <= Op.sload32;
}

/** Whether an instruction writes memory in a way that is followed here. */
export function isStore(op: number): boolean {
  return op >= Op.store && op <= Op.store32;
}

/** The value that a load gives, when an access in the list says so, or -1. */
export function findLoaded(f: Func, known: number[], load: Inst): number {
  const place = accessPlace(f, load);
  if (place.size === 0) return -1;
  for (let k = known.length - 1; k >= 0; k--) {
    const from = f.insts[known[k]];
    const other = accessPlace(f, from);
    if (other.kind !== place.kind || other.base !== place.base || other.offset !== place.offset) continue;
    if (from.op === load.op && from.type === load.type) return resolveValue(f, from.result);
    if (from.op === Op.store && load.op === Op.load) {
      const value = resolveValue(f, from.args[1]);
      if (f.valueType[value] === load.type) return value;
    }
  }
  return -1;
}

/** What is known after an instruction: itself added, what it may change removed. quiet: a call that changes nothing here. */
export function noteAccess(f: Func, known: number[], i: number, quiet: boolean): number[] {
  const inst = f.insts[i];
  if (isLoad(inst.op)) return withAccess(known, i);
  if (isStore(inst.op)) {
    const place = accessPlace(f, inst);
    const kept: number[] = [];
    for (const k of known) if (!mayMeet(place, accessPlace(f, f.insts[k]))) kept.push(k);
    return place.size > 0 ? withAccess(kept, i) : kept;
  }
  const effect = opTable.effect[inst.op];
  if ((effect === Effect.store || effect === Effect.call) && !quiet) return [];
  return known;
}

function withAccess(known: number[], i: number): number[] {
  const list: number[] = [];
  for (let k = known.length >= MOST ? 1 : 0; k < known.length; k++) list.push(known[k]);
  list.push(i);
  return list;
}
