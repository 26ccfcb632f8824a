// Runs the functions of a random module in the interpreter.
// In -> out: a module of randomModule, to a line for each function and input: what it gave and what it told the outside.

import { findSymbol, type SsaModule } from "../../stage0/ssa/module.ts";
import { Exhausted, interpCall, newInterp, Trapped } from "./ssa_interp.ts";

const inputs = [[0n, 0n, 0n], [1n, -1n, 5n], [-7n, 123456789012n, 1000n], [2147483647n, -9223372036854775808n, -1n]];

/** "" stands for a run that takes too long. */
export function runAll(m: SsaModule, fuel: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < 3; i++) {
    for (const args of inputs) {
      const it = newInterp(m);
      it.fuel = fuel;
      const log: string[] = [];
      it.outside.set("log", (a) => { log.push(a.join(",")); return [a[1] ^ a[0]]; });
      it.outside.set("fail", (a) => { log.push("fail" + a[0]); return []; });
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

/** The first line of `got` that differs from `want` where both are known, or "". */
export function firstOtherLine(want: string[], got: string[]): string {
  for (let i = 0; i < want.length; i++) {
    if (want[i] !== "" && got[i] !== "" && got[i] !== want[i]) return `want ${want[i].slice(0, 400)}\ngot  ${got[i].slice(0, 400)}\n`;
  }
  return "";
}
