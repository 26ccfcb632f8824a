// The back end as the driver runs it, with every allocation proved.

import { isaX64 } from "../../stage0/isa/x64/isa.ts";
import { disassembleCode } from "../../stage0/mach/disasm.ts";
import { emitFunction } from "../../stage0/mach/emit.ts";
import { lowerFunction } from "../../stage0/mach/lower.ts";
import { printVCode } from "../../stage0/mach/print.ts";
import { vcodeOperands } from "../../stage0/mach/vcode.ts";
import { addObjectFunction, finishObject, newObjectBuilder, type ObjectFile } from "../../stage0/object/object.ts";
import { checkAllocation } from "../../stage0/regalloc/checker.ts";
import { dumpAllocation } from "../../stage0/regalloc/dump.ts";
import { allocateRegisters } from "../../stage0/regalloc/regalloc.ts";
import type { SsaModule } from "../../stage0/ssa/module.ts";

export interface Compiled {
  object: ObjectFile;
  /** vcode, allocation and code of every function. */
  texts: string[];
}

/** Compiles a module; a wrong allocation is an error. */
export function compileForTest(m: SsaModule): Compiled {
  const b = newObjectBuilder(isaX64, m);
  const texts: string[] = [];
  for (const f of m.funcs) {
    const code = lowerFunction(isaX64, m, f);
    const operands = vcodeOperands(code, isaX64.table);
    const alloc = allocateRegisters(operands, isaX64.env, false, []);
    const dump = dumpAllocation(operands, isaX64.env, alloc, code.insts.map((i) => isaX64.table.rows[i.op].name));
    const problem = checkAllocation(operands, isaX64.env, alloc);
    if (problem !== "") throw new Error(m.symbols[f.sym].name + ": " + problem + "\n" + dump);
    const machine = emitFunction(isaX64, m, code, operands, alloc);
    texts.push(printVCode(isaX64, m, code) + dump + disassembleCode(isaX64, m, machine));
    addObjectFunction(b, machine);
  }
  return { object: finishObject(b), texts };
}
