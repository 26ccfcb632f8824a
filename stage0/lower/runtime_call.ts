// Calls of the runtime.
// In -> out: a routine and SSA arguments, to its results. The runtime takes and gives addresses as i64, on every
// target; here they are widened on the way in, and callers narrow them on the way out (toAddress).

import { emitCall, emitValue } from "../ssa/builder.ts";
import { resultsOf } from "../ssa/function.ts";
import { Op, Type } from "../ssa/ops.ts";
import { runtimeSym } from "./data.ts";
import type { FuncState } from "./state.ts";

/** Calls a runtime routine; its results. */
export function callRuntime(fs: FuncState, routine: number, args: number[]): number[] {
  const call = emitCall(fs.b, runtimeSym(fs.l, routine), runtimeArgs(fs, routine, args));
  return resultsOf(fs.b.func.insts[call]);
}

/** Arguments as the routine's params want them: 32-bit addresses become i64. */
export function runtimeArgs(fs: FuncState, routine: number, args: number[]): number[] {
  const m = fs.l.module;
  const params = m.sigs[m.symbols[runtimeSym(fs.l, routine)].sig].params;
  const wide: number[] = [];
  for (let k = 0; k < args.length; k++) {
    const narrow = params[k] === Type.i64 && fs.b.func.valueType[args[k]] === Type.i32;
    wide.push(narrow ? emitValue(fs.b, Op.uextend, Type.i64, [args[k]], Type.i64) : args[k]);
  }
  return wide;
}
