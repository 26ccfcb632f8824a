// The halves of the pipeline for whole modules, where the driver takes function by function.

import { startTranslation } from "../../stage0/clif/translate.ts";
import { translateFunc } from "../../stage0/clif/translate_func.ts";
import { compileFunction, finishBackend, newBackend } from "../../stage0/driver/backend.ts";
import type { Reporter } from "../../stage0/driver/dump.ts";
import { endIrPasses, irPasses, runIrModulePass, runIrPass, startIrPasses } from "../../stage0/ir/passes.ts";
import type { ObjectFile } from "../../stage0/object/object.ts";
import type { SsaModule } from "../../stage0/ssa/module.ts";
import type { WasmModule } from "../../stage0/wasm/module.ts";

/** A Wasm module as clif. */
export function translateModule(w: WasmModule): SsaModule {
  const t = startTranslation(w);
  for (const [i, f] of w.funcs.entries()) if (!f.imported) t.module.funcs.push(translateFunc(t, i));
  return t.module;
}

/** A clif module as an object, every allocation proved when verify is set. */
export function compileModule(m: SsaModule, verify: boolean, r: Reporter): ObjectFile {
  const backend = newBackend(m, verify, r);
  for (const [k, f] of m.funcs.entries()) compileFunction(backend, f, k);
  return finishBackend(backend);
}

/** One row of the passes over ir for all functions of a module, as if the other rows were not there. */
export function runIrRow(m: SsaModule, row: number): void {
  if (irPasses[row].whole) {
    runIrModulePass(startIrPasses(m), row);
    return;
  }
  const passes = startIrPasses(m);
  for (const k of passes.calls.order) {
    passes.changed = true;
    runIrPass(passes, row, k);
    endIrPasses(passes, k);
  }
}
