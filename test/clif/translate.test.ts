// Wasm read back as SSA: random functions give the same results before and after.

import { expect, test } from "vitest";
import { newSourceMap } from "../../stage0/base/source.ts";
import { hostModelProblem } from "../../stage0/clif/host_model.ts";
import { translateModule } from "../../stage0/clif/translate.ts";
import { findSymbol, type SsaModule } from "../../stage0/ssa/module.ts";
import { Type } from "../../stage0/ssa/ops.ts";
import { printFunc, printSymbols } from "../../stage0/ssa/print.ts";
import { verifyModule } from "../../stage0/ssa/verify.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeObject } from "../../stage0/wasm/encode.ts";
import { validateWasm } from "../../stage0/wasm/validate.ts";
import { Exhausted, interpCall, newInterp, Trapped } from "../kit/ssa_interp.ts";
import { randomModule } from "../kit/ssa_random.ts";

const inputs = [[0n, 0n, 0n], [1n, -1n, 5n], [-7n, 123456789012n, 1000n], [2147483647n, -9223372036854775808n, -1n]];

/** "" stands for a run that takes too long. */
function runAll(m: SsaModule, fuel: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < 3; i++) {
    for (const args of inputs) {
      const it = newInterp(m);
      it.fuel = fuel;
      const log: string[] = [];
      it.outside.set("log", (a) => { log.push(a.join(",")); return [a[1] ^ a[0]]; });
      it.outside.set("fail", (a) => { log.push("fail" + a[0]); return []; });
      it.outside.set("memset", (a) => {
        new Uint8Array(it.memory.buffer).fill(Number(a[1] & 255n), Number(a[0]), Number(a[0] + a[2]));
        return [a[0]];
      });
      let result = "";
      try {
        result = interpCall(it, findSymbol(m, "t.f" + i), args).join(",");
      } catch (e) {
        if (!(e instanceof Trapped || e instanceof Exhausted)) throw e;
        result = e instanceof Trapped ? "trap" : "";
      }
      lines.push(result === "" ? "" : "f" + i + "(" + args + ") = " + result + " | " + log.join(" "));
    }
  }
  return lines;
}

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
  const got = runAll(c, 600_000);
  for (let i = 0; i < want.length; i++) {
    if (want[i] !== "" && got[i] !== want[i]) return "seed " + seed + "\nwant " + want[i].slice(0, 400) + "\ngot  " + got[i].slice(0, 400) + "\n" + before + after;
  }
  return "";
}

test("random functions mean the same after translation", () => {
  const first = Number(process.env.SEED ?? "1");
  for (let seed = first; seed < first + Number(process.env.COUNT ?? "100"); seed++) {
    const difference = roundTrip(seed * 104729);
    if (difference !== "") expect.fail(difference);
  }
}, 60000);
