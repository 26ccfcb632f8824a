// The frame of a function: what lies where above the stack pointer, after the prologue.
// In -> out: VCode and its allocation, to offsets. From the stack pointer up: outgoing arguments, spill slots,
// frame slots, padding, saved registers, the return address, incoming arguments.
// Invariant: the stack pointer is 16-aligned wherever a call happens.

import { alignUp } from "../base/int32.ts";
import { sortByKey } from "../base/sort.ts";
import type { RegResult } from "../regalloc/function.ts";
import type { Isa } from "./isa.ts";
import type { VCode } from "./vcode.ts";

export interface Frame {
  spillBase: number;
  /** By frame slot. */
  slotOffset: number[];
  /** What the prologue subtracts from the stack pointer. */
  size: number;
  /** Callee-saved registers in use, in the order they are pushed. */
  saved: number[];
  incoming: number;
}

/** Lays out the frame. */
export function layoutFrame(isa: Isa, v: VCode, r: RegResult): Frame {
  const f: Frame = { spillBase: alignUp(v.outgoing, 8), slotOffset: [], size: 0, saved: savedRegisters(isa, r), incoming: 0 };
  let size = f.spillBase + 8 * r.slotCount;
  const order: number[] = [];
  const keys: number[] = [];
  for (let k = 0; k < v.slots.length; k++) {
    order.push(k);
    keys.push(v.slots[k].size);
    f.slotOffset.push(0);
  }
  sortByKey(order, keys);
  let aligned = v.hasCalls;
  for (const k of order) {
    const align = v.slots[k].align > 8 ? 16 : 8;
    if (align === 16) aligned = true;
    size = alignUp(size, align);
    f.slotOffset[k] = size;
    size += v.slots[k].size;
  }
  size = alignUp(size, 8);
  const pushed = 8 + 8 * f.saved.length;
  if (aligned && ((size + pushed) & 15) !== 0) size += 8;
  f.size = size;
  f.incoming = size + pushed;
  return f;
}

/** Callee-saved registers that hold anything. */
function savedRegisters(isa: Isa, r: RegResult): number[] {
  const used: boolean[] = [];
  for (let p = 0; p < isa.env.names.length; p++) used.push(false);
  for (const p of r.place) if (p >= 0 && p < used.length) used[p] = true;
  for (const m of r.moves) if (m.to < used.length) used[m.to] = true;
  const saved: number[] = [];
  for (let p = 0; p < used.length; p++) if (used[p] && isa.calleeSaved[p]) saved.push(p);
  return saved;
}
