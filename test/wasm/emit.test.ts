// SSA modules through structure, stackify, emit and link, run by V8 and compared with the interpreter.

import { expect, test } from "vitest";
import { newSourceMap } from "../../stage0/base/source.ts";
import { Type } from "../../stage0/ssa/ops.ts";
import { verifyModule } from "../../stage0/ssa/verify.ts";
import { printFunc } from "../../stage0/ssa/print.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeFinal, encodeObject } from "../../stage0/wasm/encode.ts";
import { linkWasm } from "../../stage0/wasm/link.ts";
import { validateWasm } from "../../stage0/wasm/validate.ts";
import { exactBytes, Exhausted, interpCall, newInterp, Trapped } from "../kit/ssa_interp.ts";
import { randomModule } from "../kit/ssa_random.ts";
import { readSsaModule } from "../kit/ssa_text.ts";
import { v8Instance } from "../kit/v8.ts";
import { seed } from "../kit/tools.ts";

const inputs = [[0n, 0n, 0n], [1n, -1n, 5n], [-7n, 123456789012n, 1000n], [2147483647n, -9223372036854775808n, -1n]];

function outcome(run: () => unknown, log: string[]): string {
  try {
    const r = run();
    return String(r) + "|" + log.join(" ");
  } catch (e) {
    const text = String(e);
    if (e instanceof Exhausted) return "";
    if (!(e instanceof Trapped) && !text.includes("RuntimeError")) throw e;
    return "trap|" + log.join(" ");
  }
}

/** Both ways, for all inputs; the first difference as text. */
function compareRuns(seed: number): string {
  const m = randomModule(seed, Type.i32, 3);
  const problem = verifyModule(m, "ir");
  if (problem !== "") return "seed " + seed + ": " + problem;
  const expected: string[] = [];
  for (const f of m.funcs) {
    for (const args of inputs) {
      const it = newInterp(m);
      const log: string[] = [];
      it.outside.set("log", (a) => { log.push(a.join(",")); return [a[1] ^ a[0]]; });
      it.outside.set("fail", (a) => { log.push("fail" + a[0]); return []; });
      expected.push(outcome(() => interpCall(it, f.sym, args), log));
    }
  }
  const text = m.funcs.map((f) => printFunc(m, f)).join("");
  const object = emitWasm(m, newSourceMap());
  const decoded = decodeWasm(encodeObject(object));
  if (decoded.problem !== "" || decoded.module.linkReason !== "") return "seed " + seed + ": decode " + decoded.problem + decoded.module.linkReason;
  const linked = linkWasm(decoded.module, 65536);
  for (const w of [decoded.module, linked]) {
    const v = validateWasm(w);
    if (v.reason !== "") return "seed " + seed + ": invalid " + v.offset + " " + v.reason + "\n" + text;
  }
  const bytes = exactBytes(encodeFinal(linked));
  let at = 0;
  for (let i = 0; i < m.funcs.length; i++) {
    for (const args of inputs) {
      at += 1;
      if (expected[at - 1] === "") continue;
      const log: string[] = [];
      const host = { log: (a: number, b: bigint): bigint => { log.push(a + "," + b); return b ^ BigInt(a); }, fail: (a: bigint): void => { log.push("fail" + a); } };
      const instance = v8Instance(bytes, { env: host });
      const f = instance.exports["f" + i] as (...a: unknown[]) => unknown;
      const got = outcome(() => f(Number(args[0]), args[1], Number(args[2])), log);
      if (got !== expected[at - 1]) return "seed " + seed + " f" + i + "(" + args + "): want " + expected[at - 1].slice(0, 300) + " got " + got.slice(0, 300) + "\n" + text;
    }
  }
  return "";
}

test("random functions run as the interpreter says", () => {
  for (let k = seed; k < seed + Number(process.env.COUNT ?? "150"); k++) {
    const difference = compareRuns(k * 7919);
    if (difference !== "") expect.fail(difference);
  }
}, 60000);

const effects = `
data m.cell data size 16 align 8
  05 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00 |................|
define m.bump () -> i32
define early (i32) -> i32 global
define sum (i32) -> i32 global
define late (i32) -> i32 global
func m.bump () -> i32 {
block0:
  v0: i32 = sym_addr m.cell
  v1: i32 = load v0
  v2: i32 = iconst 10
  v3: i32 = imul v1, v2
  store.i32 v0, v3
  return v3
}
func early (i32) -> i32 {
block0(v0: i32):
  v1: i32 = sym_addr m.cell
  v2: i32 = load v1
  v3: i32 = call m.bump
  v4: i32 = isub v3, v2
  return v4
}
func sum (i32) -> i32 {
block0(v0: i32):
  v1: i32 = call m.bump
  v2: i32 = call m.bump
  v3: i32 = isub v2, v1
  return v3
}
func late (i32) -> i32 {
block0(v0: i32):
  v1: i32 = sym_addr m.cell
  v2: i32 = load v1, 8
  store.i32 v1, v0, 8
  v3: i32 = load v1, 8
  v4: i32 = isub v3, v2
  return v4
}
`;

test("loads, stores and calls keep their order", () => {
  const w = emitWasm(readSsaModule(effects, Type.i32), newSourceMap());
  expect(validateWasm(w).reason).toBe("");
  const bytes = exactBytes(encodeFinal(linkWasm(w, 65536)));
  const run = (name: string): number => (v8Instance(bytes, {}).exports[name] as (x: number) => number)(20);
  expect(run("early")).toBe(45);
  expect(run("sum")).toBe(450);
  expect(run("late")).toBe(13);
});
