// Wasm read back as SSA: random functions give the same results before and after.

import { expect, test } from "vitest";
import { newSourceMap } from "../../stage0/base/source.ts";
import { hostModelProblem } from "../../stage0/clif/host_model.ts";
import { Type } from "../../stage0/ssa/ops.ts";
import { printFunc, printSymbols } from "../../stage0/ssa/print.ts";
import { verifyModule } from "../../stage0/ssa/verify.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeObject } from "../../stage0/wasm/encode.ts";
import { validateWasm } from "../../stage0/wasm/validate.ts";
import { translateModule } from "../kit/halves.ts";
import { randomModule } from "../kit/ssa_random.ts";
import { firstOtherLine, runAll } from "../kit/ssa_run.ts";
import { seed } from "../kit/tools.ts";

/** Through bytes and back; "" or what is wrong. */
function roundTrip(seed: number): string {
  const m = randomModule(seed, Type.i64, 3);
  const want = runAll(m, 200_000);
  const before = m.funcs.map((f) => printFunc(m, f)).join("");
  const decoded = decodeWasm(encodeObject(emitWasm(m, newSourceMap())));
  if (decoded.problem !== "") return "seed " + seed + " " + decoded.problem;
  const valid = validateWasm(decoded.module);
  if (valid.reason !== "") return "seed " + seed + " " + valid.reason;
  const host = hostModelProblem(decoded.module);
  if (host.reason !== "") return "seed " + seed + " " + host.reason;
  const c = translateModule(decoded.module);
  const after = printSymbols(c) + c.funcs.map((f) => printFunc(c, f)).join("");
  const problem = verifyModule(c, "clif");
  if (problem !== "") return "seed " + seed + " " + problem + "\n" + before + after;
  const other = firstOtherLine(want, runAll(c, 600_000));
  return other === "" ? "" : "seed " + seed + "\n" + other + before + after;
}

test("random functions mean the same after translation", () => {
  for (let k = seed; k < seed + Number(process.env.COUNT ?? "100"); k++) {
    const difference = roundTrip(k * 104729);
    if (difference !== "") expect.fail(difference);
  }
}, 60000);
