// Laws of the wasm room: tables against constants, module records against their text, limits of size.

import { expect, test } from "vitest";
import { appendText, appendU8, newBytes } from "../../stage0/base/bytes.ts";
import { addSource, newSourceMap } from "../../stage0/base/source.ts";
import { defVariable, emitBrif, emitIconst, emitJump, emitReturn, emitValue, finishFunction, newBlock, newBuilder, newVariable, sealBlock, switchTo, useVariable } from "../../stage0/ssa/builder.ts";
import { addSymbol, CPlace, internPlacedSig, internSig, newSsaModule, type SsaModule, SymKind } from "../../stage0/ssa/module.ts";
import { Op, Type } from "../../stage0/ssa/ops.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeFinal, encodeObject } from "../../stage0/wasm/encode.ts";
import { linkWasm } from "../../stage0/wasm/link.ts";
import type { WasmModule } from "../../stage0/wasm/module.ts";
import { WasmOp, wasmOps } from "../../stage0/wasm/opcodes.ts";
import { printWasm } from "../../stage0/wasm/print.ts";
import { validateWasm } from "../../stage0/wasm/validate.ts";
import { unshownFields } from "../kit/fields.ts";
import { seed, testAll } from "../kit/tools.ts";
import { exactBytes } from "../kit/ssa_interp.ts";
import { randomModule } from "../kit/ssa_random.ts";
import { v8Instance } from "../kit/v8.ts";

test("the constants for operators are the codes of the table", () => {
  for (const [name, op] of Object.entries(WasmOp)) {
    expect(wasmOps.names[op].replace(".", "_")).toBe(name);
  }
});

/** A module with every kind of record. */
function richModule(): WasmModule {
  const m = randomModule(77, Type.i64, 2);
  const variadic = m.symbols.findIndex((s) => s.name === "log");
  m.symbols[variadic].variadic = 1;
  m.symbols[variadic].sig = internPlacedSig(m, [Type.i32, Type.i64], [Type.i64], [CPlace.alone, CPlace.joined]);
  const copies = m.symbols.findIndex((s) => s.name === "fail");
  m.symbols[copies].sig = internPlacedSig(m, [Type.i64], [], [40]);
  m.initFuncs.push(m.funcs[0].sym);
  const sources = newSourceMap();
  addSource(sources, "t.cot", "let a = 1\nlet b = 2\n");
  let pos = 0;
  for (const f of m.funcs) for (const inst of f.insts) inst.pos = pos++ % 19;
  return emitWasm(m, sources);
}

test("encode and decode keep every record", () => {
  const w = richModule();
  const again = decodeWasm(encodeObject(w));
  expect(again.problem + again.module.linkReason).toBe("");
  expect(printWasm(again.module)).toBe(printWasm(w));
  expect(w.lines.length).toBeGreaterThan(10);
  const third = encodeObject(again.module);
  expect(exactBytes(third)).toEqual(exactBytes(encodeObject(w)));
});

test("the text shows every field that the next stage reads", () => {
  const w = decodeWasm(encodeObject(richModule())).module;
  const text = printWasm(w);
  // Places in the file serve messages only; an addend counts for addresses only; limits have a maximum or none.
  const silent = /\.(at|linkReason|linkAt)$|\.limits\.max$|\.relocs\.\d+\.addend$|\.usesExprs$|\.symbols\.\d+\.(offset|size)$/;
  expect(unshownFields(w, () => printWasm(w), silent)).toEqual([]);
  expect(printWasm(w)).toBe(text);
});

/** sum = 0 + 1 + .. as one expression of n terms, then a chain of n conditions. */
function bigModule(n: number): SsaModule {
  const m = newSsaModule(Type.i32);
  const sym = addSymbol(m, "big", SymKind.func);
  m.symbols[sym].defined = true;
  m.symbols[sym].global = true;
  m.symbols[sym].sig = internSig(m, [Type.i32], [Type.i32]);
  const b = newBuilder(m, sym, m.symbols[sym].sig);
  const arg = b.func.blocks[0].params[0];
  let sum = emitValue(b, Op.iadd, Type.i32, [arg, emitIconst(b, Type.i32, 0n)], Type.i32);
  for (let i = 1; i < n; i++) sum = emitValue(b, Op.iadd, Type.i32, [sum, emitIconst(b, Type.i32, BigInt(i % 3))], Type.i32);
  const out = newVariable(b, Type.i32);
  defVariable(b, out, sum);
  const join = newBlock(b);
  for (let i = 0; i < n; i++) {
    const yes = newBlock(b);
    const no = newBlock(b);
    emitBrif(b, emitValue(b, Op.eq, Type.i32, [arg, emitIconst(b, Type.i32, BigInt(i))], Type.i32), yes, no);
    sealBlock(b, yes);
    sealBlock(b, no);
    switchTo(b, yes);
    defVariable(b, out, emitValue(b, Op.iadd, Type.i32, [useVariable(b, out), emitIconst(b, Type.i32, BigInt(i))], Type.i32));
    emitJump(b, join, []);
    switchTo(b, no);
  }
  emitJump(b, join, []);
  sealBlock(b, join);
  switchTo(b, join);
  emitReturn(b, [useVariable(b, out)]);
  m.funcs.push(finishFunction(b));
  return m;
}

test("long expressions and chains of conditions take linear time and do not nest", () => {
  const started = Date.now();
  const w = emitWasm(bigModule(20000), newSourceMap());
  expect(Date.now() - started).toBeLessThan(20000);
  expect(validateWasm(w).reason).toBe("");
  const linked = exactBytes(encodeFinal(linkWasm(w, 65536)));
  const f = v8Instance(linked, {}).exports.big as (x: number) => number;
  let sum = 0;
  for (let i = 0; i < 20000; i++) sum += i % 3;
  expect(f(5)).toBe(5 + sum + 5);
  expect(f(-1)).toBe(-1 + sum);
}, 20000);

test("arbitrary bytes are refused, never a crash", () => {
  const b = newBytes();
  expect(decodeWasm(b).problem).toBe("magic header not detected");
  appendText(b, "\0asm");
  expect(decodeWasm(b).problem).toBe("unknown binary version");
  for (const n of [1, 0, 0, 0]) appendU8(b, n);
  expect(decodeWasm(b).problem).toBe("");
  for (const n of [0, 200]) appendU8(b, n);
  expect(decodeWasm(b)).toMatchObject({ problem: "unexpected end", offset: 10 });
});

test("damaged relocatable modules never crash the decoder", () => {
  const bytes = exactBytes(encodeObject(richModule()));
  let refused = 0;
  const step = testAll ? 1 : 3;
  for (let at = 8 + (seed % step); at < bytes.length; at += step) {
    const copy = { data: bytes.slice(), len: bytes.length };
    copy.data[at] ^= 1 << (at % 8);
    const d = decodeWasm(copy);
    if (d.problem !== "" || d.module.linkReason !== "" || validateWasm(d.module).reason !== "") refused += 1;
    else printWasm(d.module);
  }
  expect(refused).toBeGreaterThan(bytes.length / 4 / step);
}, 60000);
