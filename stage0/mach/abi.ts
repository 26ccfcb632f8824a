// Calling conventions: where the arguments and results of a call are.
// In -> out: a list of value types and the registers of a convention, to a register or a stack offset for each.
// Integers and floats use up their own registers, in order; what is left goes to the stack, eight bytes each. Params that
// are joined go to registers only when all of them find one; a struct that is copied takes its size on the stack.
// Results beyond the registers lie in the caller's outgoing area, behind the stack arguments.

import { alignUp } from "../base/int32.ts";
import { isFloatType } from "../ssa/ops.ts";
import { CPlace, type Sig } from "../ssa/module.ts";

export interface CallConv {
  intArgs: number[];
  floatArgs: number[];
  intResults: number[];
  floatResults: number[];
  /** The set of registers that a call destroys. */
  clobber: number;
}

/** For each value a register, or -1 and its offset in the stack area. */
export interface AbiPlaces {
  reg: number[];
  offset: number[];
  /** Bytes of the stack area up to and with these values. */
  size: number;
}

/** Registers that are used up so far. */
interface Taken {
  ints: number;
  floats: number;
}

function placeTypes(types: number[], structs: number[], ints: number[], floats: number[], start: number): AbiPlaces {
  const p: AbiPlaces = { reg: [], offset: [], size: start };
  const taken: Taken = { ints: 0, floats: 0 };
  let k = 0;
  while (k < types.length) {
    const first = k;
    k += 1;
    if (first < structs.length && structs[first] > CPlace.joined) {
      placeOnStack(p, alignUp(structs[first], 8));
      continue;
    }
    while (k < structs.length && structs[k] === CPlace.joined) k += 1;
    const fits = k - first === 1 || joinedFit(types, first, k, ints.length - taken.ints, floats.length - taken.floats);
    for (let i = first; i < k; i++) {
      if (fits) placeType(p, taken, types[i], ints, floats);
      else placeOnStack(p, 8);
    }
  }
  return p;
}

function placeOnStack(p: AbiPlaces, size: number): void {
  p.reg.push(-1);
  p.offset.push(p.size);
  p.size += size;
}

/** The next free register of a type's kind, else the stack. */
function placeType(p: AbiPlaces, taken: Taken, type: number, ints: number[], floats: number[]): void {
  const regs = isFloatType(type) ? floats : ints;
  const next = isFloatType(type) ? taken.floats : taken.ints;
  if (next >= regs.length) {
    placeOnStack(p, 8);
    return;
  }
  p.reg.push(regs[next]);
  p.offset.push(p.size);
  if (isFloatType(type)) taken.floats += 1;
  else taken.ints += 1;
}

/** Whether the values from first up to end all find a register among those that are left. */
function joinedFit(types: number[], first: number, end: number, ints: number, floats: number): boolean {
  let wantedFloats = 0;
  for (let i = first; i < end; i++) if (isFloatType(types[i])) wantedFloats += 1;
  return wantedFloats <= floats && end - first - wantedFloats <= ints;
}

/** Where the arguments of a signature are. */
export function argPlaces(conv: CallConv, sig: Sig): AbiPlaces {
  return placeTypes(sig.params, sig.places, conv.intArgs, conv.floatArgs, 0);
}

/** Where the results of a signature are; the stack area begins with the arguments. */
export function resultPlaces(conv: CallConv, sig: Sig): AbiPlaces {
  return placeTypes(sig.results, [], conv.intResults, conv.floatResults, argPlaces(conv, sig).size);
}

/** How many of a signature's arguments are in float registers. */
export function floatArgCount(conv: CallConv, sig: Sig): number {
  const places = argPlaces(conv, sig);
  let n = 0;
  for (let k = 0; k < sig.params.length; k++) if (places.reg[k] >= 0 && isFloatType(sig.params[k])) n += 1;
  return n;
}
