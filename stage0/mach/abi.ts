// Calling conventions: where the arguments and results of a call are.
// In -> out: a list of value types and the registers of a convention, to a register or a stack offset for each.
// Integers and floats use up their own registers, in order; what is left goes to the stack, eight bytes each.
// Results beyond the registers lie in the caller's outgoing area, behind the stack arguments.

import { isFloatType } from "../ssa/ops.ts";
import type { Sig } from "../ssa/module.ts";

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

function placeTypes(types: number[], ints: number[], floats: number[], start: number): AbiPlaces {
  const p: AbiPlaces = { reg: [], offset: [], size: start };
  let nextInt = 0;
  let nextFloat = 0;
  for (const t of types) {
    let reg = -1;
    if (isFloatType(t)) {
      if (nextFloat < floats.length) reg = floats[nextFloat];
      nextFloat += 1;
    } else {
      if (nextInt < ints.length) reg = ints[nextInt];
      nextInt += 1;
    }
    p.reg.push(reg);
    p.offset.push(p.size);
    if (reg < 0) p.size += 8;
  }
  return p;
}

/** Where the arguments of a signature are. */
export function argPlaces(conv: CallConv, sig: Sig): AbiPlaces {
  return placeTypes(sig.params, conv.intArgs, conv.floatArgs, 0);
}

/** Where the results of a signature are; the stack area begins with the arguments. */
export function resultPlaces(conv: CallConv, sig: Sig): AbiPlaces {
  return placeTypes(sig.results, conv.intResults, conv.floatResults, argPlaces(conv, sig).size);
}

/** How many of a signature's arguments are in float registers. */
export function floatArgCount(conv: CallConv, sig: Sig): number {
  let n = 0;
  for (const t of sig.params) if (isFloatType(t)) n += 1;
  return n < conv.floatArgs.length ? n : conv.floatArgs.length;
}
