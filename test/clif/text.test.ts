// What ssa/print writes, test/kit/ssa_text reads: the text printed again is the same.

import { expect, test } from "vitest";
import { newSourceMap } from "../../stage0/base/source.ts";
import type { SsaModule } from "../../stage0/ssa/module.ts";
import { Type } from "../../stage0/ssa/ops.ts";
import { printFunc, printSymbols } from "../../stage0/ssa/print.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeObject } from "../../stage0/wasm/encode.ts";
import { translateModule } from "../kit/halves.ts";
import { randomModule } from "../kit/ssa_random.ts";
import { readSsaModule } from "../kit/ssa_text.ts";

function moduleText(m: SsaModule): string {
  return printSymbols(m) + m.funcs.map((f) => printFunc(m, f)).join("");
}

function lines(m: SsaModule): string[] {
  return moduleText(m).split("\n").sort();
}

test("the text of random modules can be read back", () => {
  for (let seed = 1; seed < 40; seed++) {
    const ir = randomModule(seed * 31337, Type.i64, 3);
    expect(lines(readSsaModule(moduleText(ir), Type.i64))).toEqual(lines(ir));
    const clif = translateModule(decodeWasm(encodeObject(emitWasm(ir, newSourceMap()))).module);
    expect(lines(readSsaModule(moduleText(clif), Type.i64))).toEqual(lines(clif));
  }
});
