// The machine half of the pipeline, function by function: select, allocate, emit.
// In -> out: a clif module, whose functions are given up one after another, to an object. With --verify the symbolic checker proves every allocation.

import { bug, enterStage, noteDump } from "../base/bug.ts";
import { appendText, type Bytes, newBytes, textOfBytes } from "../base/bytes.ts";
import { isaX64 } from "../isa/x64/isa.ts";
import { disassembleCode } from "../mach/disasm.ts";
import { emitFunction } from "../mach/emit.ts";
import { lowerFunction } from "../mach/lower.ts";
import { printVCode } from "../mach/print.ts";
import { type VCode, vcodeOperands } from "../mach/vcode.ts";
import { checkObject, addObjectFunction, finishObject, newObjectBuilder, type ObjectFile } from "../object/object.ts";
import { checkAllocation } from "../regalloc/checker.ts";
import { dumpAllocation } from "../regalloc/dump.ts";
import type { RegFunc, RegResult } from "../regalloc/function.ts";
import { allocateRegisters } from "../regalloc/regalloc.ts";
import { dropBody, type Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { addTime, dumpText, type Reporter, startTime, wantsDump, wantsFunc } from "./dump.ts";

/** Texts of one stage over all functions. */
interface Texts {
  vcode: Bytes;
  alloc: Bytes;
  asm: Bytes;
}

/** Compiles a module to an object. */
export function compileToObject(m: SsaModule, verify: boolean, r: Reporter): ObjectFile {
  const b = newObjectBuilder(isaX64, m);
  const texts: Texts = { vcode: newBytes(), alloc: newBytes(), asm: newBytes() };
  for (const f of m.funcs) {
    const wanted = wantsFunc(r, m.symbols[f.sym].name);
    let since = startTime(r);
    enterStage("vcode", m.symbols[f.sym].name);
    const code = lowerFunction(isaX64, m, f);
    addTime(r, "vcode", since);
    if (wanted && wantsDump(r, "vcode")) appendText(texts.vcode, printVCode(isaX64, m, code));
    since = startTime(r);
    const operands = vcodeOperands(code, isaX64.table);
    enterStage("alloc", m.symbols[f.sym].name);
    const alloc = allocateRegisters(operands, isaX64.env, false, []);
    addTime(r, "alloc", since);
    if (wanted && wantsDump(r, "alloc")) appendText(texts.alloc, allocText(m, f, code, operands, alloc));
    if (verify) proveAllocation(m, f, code, operands, alloc);
    since = startTime(r);
    enterStage("asm", m.symbols[f.sym].name);
    const machine = emitFunction(isaX64, m, code, operands, alloc);
    addObjectFunction(b, machine);
    addTime(r, "asm", since);
    if (wanted && wantsDump(r, "asm")) appendText(texts.asm, disassembleCode(isaX64, m, machine));
    dropBody(f);
  }
  enterStage("obj", "");
  const object = finishObject(b);
  const problem = checkObject(object);
  if (problem !== "") bug(problem);
  if (wantsDump(r, "vcode")) dumpText(r, "vcode", textOfBytes(texts.vcode, 0, texts.vcode.len));
  if (wantsDump(r, "alloc")) dumpText(r, "alloc", textOfBytes(texts.alloc, 0, texts.alloc.len));
  if (wantsDump(r, "asm")) dumpText(r, "asm", textOfBytes(texts.asm, 0, texts.asm.len));
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
