// The passes over ir on random modules: after each row the module is sound and means what it meant before.
// The interpreter is the oracle. Functions are small now and then, so that they are inlined.

import { expect, test } from "vitest";
import { newReporter } from "../../stage0/driver/dump.ts";
import { runIrPasses } from "../../stage0/driver/passes.ts";
import { irPasses } from "../../stage0/ir/passes.ts";
import type { SsaModule } from "../../stage0/ssa/module.ts";
import { Type } from "../../stage0/ssa/ops.ts";
import { printFunc } from "../../stage0/ssa/print.ts";
import { verifyModule } from "../../stage0/ssa/verify.ts";
import { runIrRow } from "../kit/halves.ts";
import { randomModule } from "../kit/ssa_random.ts";
import { firstOtherLine, runAll } from "../kit/ssa_run.ts";
import { seed, testAll } from "../kit/tools.ts";

function moduleText(m: SsaModule): string {
  return m.funcs.map((f) => printFunc(m, f)).join("");
}

/** What is wrong after the first row that breaks something, or "". Counts the rows that changed a module. */
function problemOf(seed: number, pointer: number, changes: Map<string, number>): string {
  const m = randomModule(seed, pointer, 3);
  const want = runAll(m, 200_000);
  let before = moduleText(m);
  for (let row = 0; row < irPasses.length; row++) {
    runIrRow(m, row);
    const after = moduleText(m);
    const name = irPasses[row].name;
    if (after === before) continue;
    changes.set(irPasses[row].pass, (changes.get(irPasses[row].pass) ?? 0) + 1);
    const problem = verifyModule(m, "ir");
    if (problem !== "") return `seed ${seed}, ${name}: ${problem}\n${before}${after}`;
    const other = firstOtherLine(want, runAll(m, 200_000));
    if (other !== "") return `seed ${seed}, ${name}\n${other}${before}${after}`;
    before = after;
  }
  return "";
}

/** What is wrong after all rows as the driver runs them, callees before callers, or "". */
function pipelineProblem(seed: number, pointer: number): string {
  const m = randomModule(seed, pointer, 3);
  const want = runAll(m, 200_000);
  const before = moduleText(m);
  runIrPasses(m, true, newReporter("", "", "", false));
  const other = firstOtherLine(want, runAll(m, 200_000));
  return other === "" ? "" : `seed ${seed}, all passes\n${other}${before}${moduleText(m)}`;
}

test("random modules mean the same after every pass", () => {
  const changes = new Map<string, number>();
  for (let k = seed; k < seed + (testAll ? 2000 : 40); k++) {
    for (const pointer of [Type.i64, Type.i32]) {
      const problem = problemOf(k * 7919, pointer, changes) + pipelineProblem(k * 7919, pointer);
      if (problem !== "") expect.fail(problem);
    }
  }
  for (const pass of ["branches", "params", "scalars", "fold", "gvn", "dce", "inline", "thread"]) expect(changes.get(pass) ?? 0, pass).toBeGreaterThan(0);
}, 1800000);
