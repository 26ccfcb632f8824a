// What the host memory model refuses, and that symbols, data and places survive the way through Wasm.

import { expect, test } from "vitest";
import { addSource, newSourceMap } from "../../stage0/base/source.ts";
import { hostModelProblem } from "../../stage0/clif/host_model.ts";
import { CPlace, findSymbol, type SsaModule, internPlacedSig } from "../../stage0/ssa/module.ts";
import { Op, Type } from "../../stage0/ssa/ops.ts";
import { printFunc, printSymbols } from "../../stage0/ssa/print.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeObject } from "../../stage0/wasm/encode.ts";
import { constExpr, writeIndexed, writeOp } from "../../stage0/wasm/write.ts";
import { newBytes } from "../../stage0/base/bytes.ts";
import { newSegment, type WasmModule } from "../../stage0/wasm/module.ts";
import { WasmOp, WasmType } from "../../stage0/wasm/opcodes.ts";
import { translateModule } from "../kit/halves.ts";
import { randomModule } from "../kit/ssa_random.ts";
import { readSsaModule } from "../kit/ssa_text.ts";

/** A module that uses all its symbols. */
const SEED = 3;

function throughWasm(m: SsaModule): WasmModule {
  const d = decodeWasm(encodeObject(emitWasm(m, newSourceMap())));
  expect(d.problem + d.module.linkReason).toBe("");
  return d.module;
}

function sample(): WasmModule {
  return throughWasm(randomModule(SEED, Type.i64, 2));
}

const refusals: [string, (w: WasmModule) => void][] = [
  ["the module is not relocatable", (w) => { w.relocatable = false; }],
  ["more than one memory", (w) => { w.memories.push(w.memories[0]); }],
  ["the memory is not imported", (w) => { w.memories[0].imported = false; }],
  ["the memory is not 64-bit", (w) => { w.memories[0].limits.is64 = false; }],
  ["the table is not 64-bit", (w) => { w.tables[0].limits.is64 = false; }],
  ["element segments", (w) => { w.elems.push({ mode: 0, table: 0, type: WasmType.funcref, offset: constExpr(WasmOp.i64_const, 0n), usesExprs: false, funcs: [], exprs: [], at: 0 }); }],
  ["a start function", (w) => { w.start = 3; }],
  ["imported global other", (w) => { w.imports.push({ module: "env", name: "other", kind: 3, index: 1 }); }],
  ["function 0 has no symbol", (w) => { w.symbols = w.symbols.filter((s) => s.kind !== 0 || s.index !== 0); }],
  ["segment 4 has no symbol", (w) => { w.segments.push(newSegment(".data.x", 0, 0, constExpr(WasmOp.i64_const, 0n))); }],
  ["symbol t.table is a part of its segment", (w) => { for (const s of w.symbols) if (s.name === "t.table") s.size -= 1; }],
  ["table.size is not supported", (w) => {
    const f = w.funcs[w.funcs.length - 1];
    f.body = newBytes();
    writeOp(f.body, WasmOp.table_size);
    writeIndexed(f.body, 0, 0);
  }],
];

test("what has no place in the host model is refused", () => {
  expect(hostModelProblem(sample()).reason).toBe("");
  for (const [reason, change] of refusals) {
    const w = sample();
    change(w);
    expect(hostModelProblem(w).reason).toBe(reason);
  }
});

test("symbols and data survive", () => {
  const m = randomModule(SEED, Type.i64, 2);
  m.symbols[findSymbol(m, "log")].variadic = 1;
  m.symbols[findSymbol(m, "log")].sig = internPlacedSig(m, [Type.i32, Type.i64], [Type.i64], [CPlace.alone, CPlace.joined]);
  m.symbols[findSymbol(m, "fail")].sig = internPlacedSig(m, [Type.i64], [], [40]);
  m.initFuncs.push(m.funcs[1].sym, m.funcs[0].sym);
  const c = translateModule(throughWasm(m));
  const before = printSymbols(m).split("\n");
  const after = printSymbols(c).split("\n");
  for (const line of before) expect(after).toContain(line);
  for (const line of after) expect(before).toContain(line);
});

const accumulate = `
declare log (i32, i64) -> i64 import env
func m.sum (i64, i32) -> i64 {
  slot0 12 align 4
  slot1 8 align 8
block0(v0: i64, v1: i32):
  v2: i64 = slot_addr slot1
  store.i64 v2, v0
  v3: i64 = slot_addr slot0 + 4
  store.i32 v3, v1, 4
  v4: i32 = iconst 0
  brif v1, block1(v4), block2
block1(v5: i32):
  v6: i32 = iconst 1
  v7: i32 = iadd v5, v6
  v8: i32 = slt.i32 v7, v1
  brif v8, block1(v7), block2
block2:
  v9: i64 = slot_addr slot1
  v10: i64 = load v9
  v11: i64 = call log, v1, v10
  return v11
}
`;

const expected = `func m.sum (i64, i32) -> i64 {
  slot0 32 align 16
block0(v0: i64, v1: i32):
  v2: i64 = slot_addr slot0
  store.i64 v2, v0
  v3: i64 = slot_addr slot0
  store.i32 v3, v1, 16
`;

test("slots become one frame slot", () => {
  const m = readSsaModule(accumulate, Type.i64);
  const w = throughWasm(m);
  const c = translateModule(w);
  expect(printFunc(c, c.funcs[0]).slice(0, expected.length)).toBe(expected);
  expect(c.funcs[0].insts.some((i) => i.op === Op.br_table)).toBe(false);
});

test("places of instructions are rows of lines", () => {
  const m = readSsaModule(accumulate, Type.i64);
  const sources = newSourceMap();
  addSource(sources, "a.cot", "first\nsecond\nthird\n");
  for (const inst of m.funcs[0].insts) if (inst.op === Op.call) inst.pos = 8;
  const w = decodeWasm(encodeObject(emitWasm(m, sources))).module;
  expect(w.lines).toMatchObject([{ func: 1, line: 2, column: 3 }]);
  expect(w.lineFiles).toEqual(["a.cot"]);
  const c = translateModule(w);
  for (const inst of c.funcs[0].insts) if (inst.op === Op.call) expect(inst.pos).toBe(0);
});
