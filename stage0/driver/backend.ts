// The machine half of the pipeline, function by function: select, allocate, emit.
// In -> out: the functions of a clif module, one after another, to an object. With --verify the symbolic checker proves every allocation.

import { bug, enterStage, noteDump } from "../base/bug.ts";
import { isaX64 } from "../isa/x64/isa.ts";
import { disassembleCode } from "../mach/disasm.ts";
import { emitFunction } from "../mach/emit.ts";
import { lowerFunction } from "../mach/lower.ts";
import { printVCode } from "../mach/print.ts";
import { type VCode, vcodeOperands } from "../mach/vcode.ts";
import { checkObject, addObjectFunction, finishObject, newObjectBuilder, type ObjectBuilder, type ObjectFile } from "../object/object.ts";
import { checkAllocation } from "../regalloc/checker.ts";
import { dumpAllocation } from "../regalloc/dump.ts";
import type { RegFunc, RegResult } from "../regalloc/function.ts";
import { allocateRegisters } from "../regalloc/regalloc.ts";
import { dropBody, type Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { addFuncDump, addTime, type FuncDumps, newFuncDumps, type Reporter, showFuncDumps, startTime, wantsDump, wantsFunc } from "./dump.ts";

/** An object under way. */
export interface Backend {
  m: SsaModule;
  verify: boolean;
  r: Reporter;
  object: ObjectBuilder;
  dumps: FuncDumps;
}

/** The stages, by their place in the dumps. */
const Stage = { vcode: 0, alloc: 1, asm: 2 };

/** Starts an object of a module's functions. */
export function newBackend(m: SsaModule, verify: boolean, r: Reporter): Backend {
  return { m: m, verify: verify, r: r, object: newObjectBuilder(isaX64, m), dumps: newFuncDumps(["vcode", "alloc", "asm"]) };
}

/** Adds a function, the k-th of its module, to the object, and gives it up. */
export function compileFunction(b: Backend, f: Func, k: number): void {
  const m = b.m;
  const wanted = wantsFunc(b.r, m.symbols[f.sym].name);
  let since = startTime(b.r);
  enterStage("vcode", m.symbols[f.sym].name);
  const code = lowerFunction(isaX64, m, f);
  addTime(b.r, "vcode", since);
  if (wanted && wantsDump(b.r, "vcode")) addFuncDump(b.dumps, Stage.vcode, k, printVCode(isaX64, m, code));
  since = startTime(b.r);
  const operands = vcodeOperands(code, isaX64.table);
  enterStage("alloc", m.symbols[f.sym].name);
  const alloc = allocateRegisters(operands, isaX64.env, false, []);
  addTime(b.r, "alloc", since);
  if (wanted && wantsDump(b.r, "alloc")) addFuncDump(b.dumps, Stage.alloc, k, allocText(m, f, code, operands, alloc));
  if (b.verify) proveAllocation(m, f, code, operands, alloc);
  since = startTime(b.r);
  enterStage("asm", m.symbols[f.sym].name);
  const machine = emitFunction(isaX64, m, code, operands, alloc);
  addObjectFunction(b.object, machine);
  addTime(b.r, "asm", since);
  if (wanted && wantsDump(b.r, "asm")) addFuncDump(b.dumps, Stage.asm, k, disassembleCode(isaX64, m, machine));
  dropBody(f);
}

/** The object of all functions that were added. */
export function finishBackend(b: Backend): ObjectFile {
  enterStage("obj", "");
  const object = finishObject(b.object);
  const problem = checkObject(object);
  if (problem !== "") bug(problem);
  showFuncDumps(b.r, b.dumps, "");
  return object;
}

function allocText(m: SsaModule, f: Func, code: VCode, operands: RegFunc, alloc: RegResult): string {
  const names: string[] = [];
  for (const inst of code.insts) names.push(isaX64.table.rows[inst.op].name);
  return m.symbols[f.sym].name + "\n" + dumpAllocation(operands, isaX64.env, alloc, names);
}

function proveAllocation(m: SsaModule, f: Func, code: VCode, operands: RegFunc, alloc: RegResult): void {
  const problem = checkAllocation(operands, isaX64.env, alloc);
  if (problem === "") return;
  noteDump(allocText(m, f, code, operands, alloc));
  bug("allocation: " + problem);
}
