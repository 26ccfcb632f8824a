// x86-64 as the shared back end sees it.
// In -> out: nothing to compute; the record of its tables and functions that mach is given.

import { bug } from "../../base/bug.ts";
import { hostTable } from "../../base/host_embedded.ts";
import type { Isa } from "../../mach/isa.ts";
import type { Lowering } from "../../mach/lower.ts";
import { readRules } from "../../mach/select.ts";
import { decodeX64 } from "./decode.ts";
import { emitX64Move, emitX64Padding, emitX64Prologue, emitX64Trap, x64Table } from "./emit.ts";
import { emitX64Inst } from "./emit_pseudo.ts";
import {
  lowerX64Add64, lowerX64Branch, lowerX64Compare, lowerX64CountZeros, lowerX64Jump, lowerX64MulConst, lowerX64Select, lowerX64SubConst, lowerX64Switch, lowerX64Trap, lowerX64Constant,
  lowerX64Slot, lowerX64Symbol,
} from "./lower.ts";
import { lowerX64Call, lowerX64Memory, lowerX64Return, lowerX64TailCall, lowerX64Params } from "./lower_call.ts";
import { lowerX64Divide } from "./lower_div.ts";
import { lowerX64FloatBits, lowerX64FloatSize, lowerX64FloatToInt, lowerX64FloatToIntSat, lowerX64IntToFloat, lowerX64Round } from "./lower_float.ts";
import { lowerX64Store } from "./lower_memory.ts";
import { x64CalleeSaved, x64CallConv, x64RegEnv } from "./regs.ts";

/** The functions that rules name, in the order of lowerX64Special. */
const specialNames = [
  "lowerAdd64", "lowerMulConst", "lowerDivide", "lowerCountZeros", "lowerCompare", "lowerSelect", "lowerFloatBits", "lowerRound", "lowerFloatToInt",
  "lowerFloatToIntSat", "lowerIntToFloat", "lowerFloatSize", "lowerStore", "lowerMemory", "lowerCall", "lowerTailCall", "lowerReturn", "lowerJump",
  "lowerBranch", "lowerSwitch", "lowerTrap", "lowerSubConst",
];

function lowerX64Special(l: Lowering, special: number, inst: number): void {
  switch (special) {
    case 0: lowerX64Add64(l, inst); return;
    case 1: lowerX64MulConst(l, inst); return;
    case 2: lowerX64Divide(l, inst); return;
    case 3: lowerX64CountZeros(l, inst); return;
    case 4: lowerX64Compare(l, inst); return;
    case 5: lowerX64Select(l, inst); return;
    case 6: lowerX64FloatBits(l, inst); return;
    case 7: lowerX64Round(l, inst); return;
    case 8: lowerX64FloatToInt(l, inst); return;
    case 9: lowerX64FloatToIntSat(l, inst); return;
    case 10: lowerX64IntToFloat(l, inst); return;
    case 11: lowerX64FloatSize(l, inst); return;
    case 12: lowerX64Store(l, inst); return;
    case 13: lowerX64Memory(l, inst); return;
    case 14: lowerX64Call(l, inst); return;
    case 15: lowerX64TailCall(l, inst); return;
    case 16: lowerX64Return(l, inst); return;
    case 17: lowerX64Jump(l); return;
    case 18: lowerX64Branch(l, inst); return;
    case 19: lowerX64Switch(l, inst); return;
    case 20: lowerX64Trap(l, inst); return;
    case 21: lowerX64SubConst(l, inst); return;
    default: bug("no lowering function " + special);
  }
}

/** The record of x86-64. */
export const isaX64: Isa = {
  name: "x86-64",
  table: x64Table,
  rules: readRules(hostTable("x64_rules.txt"), x64Table, specialNames),
  env: x64RegEnv,
  conv: x64CallConv,
  calleeSaved: x64CalleeSaved,
  lowerSpecial: lowerX64Special,
  lowerConstant: lowerX64Constant,
  lowerSymbolAddress: lowerX64Symbol,
  lowerSlotAddress: lowerX64Slot,
  lowerParams: lowerX64Params,
  emitPrologue: emitX64Prologue,
  emitInst: emitX64Inst,
  emitMove: emitX64Move,
  emitTrap: emitX64Trap,
  emitPadding: emitX64Padding,
  decode: decodeX64,
};
