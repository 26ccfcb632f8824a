// Linking: layout, table, start-up functions, what is kept, and the heap's beginning.

import { programInPath } from "../kit/tools.ts";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { expect, test } from "vitest";
import { appendU32 } from "../../stage0/base/bytes.ts";
import { newSourceMap } from "../../stage0/base/source.ts";
import { type Builder, emitCall, emitCallIndirect, emitIconst, emitLoad, emitReturn, emitStore, emitSymAddr, emitValue, finishFunction, newBuilder } from "../../stage0/ssa/builder.ts";
import { addSymbol, internSig, newSsaModule, Section, type SsaModule, SymKind } from "../../stage0/ssa/module.ts";
import { Op, Type } from "../../stage0/ssa/ops.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeFinal, encodeObject } from "../../stage0/wasm/encode.ts";
import { linkWasm, undefinedWasmData } from "../../stage0/wasm/link.ts";
import { printWasm } from "../../stage0/wasm/print.ts";
import { validateWasm } from "../../stage0/wasm/validate.ts";
import { exactBytes } from "../kit/ssa_interp.ts";
import { v8Instance } from "../kit/v8.ts";

function addFunction(m: SsaModule, name: string, global: boolean, params: number[], results: number[]): number {
  const sym = addSymbol(m, name, SymKind.func);
  m.symbols[sym].defined = true;
  m.symbols[sym].global = global;
  m.symbols[sym].sig = internSig(m, params, results);
  return sym;
}

function addDatum(m: SsaModule, name: string, section: number, size: number, align: number): number {
  const sym = addSymbol(m, name, SymKind.data);
  Object.assign(m.symbols[sym], { defined: true, section, size, align });
  return sym;
}

function begin(m: SsaModule, sym: number): Builder {
  return newBuilder(m, sym, m.symbols[sym].sig);
}

function sample(): SsaModule {
  const m = newSsaModule(Type.i32);
  const counter = addDatum(m, "m.counter", Section.bss, 4, 4);
  const words = addDatum(m, "m.words", Section.rodata, 8, 4);
  appendU32(m.symbols[words].bytes, 11);
  appendU32(m.symbols[words].bytes, 22);
  const pointers = addDatum(m, "m.pointers", Section.relro, 12, 4);
  for (let i = 0; i < 3; i++) appendU32(m.symbols[pointers].bytes, 0);
  const unused = addDatum(m, "m.unused", Section.data, 4, 4);
  appendU32(m.symbols[unused].bytes, 0x55555555);
  const heap = addSymbol(m, "__heap_base", SymKind.data);
  const setup = addFunction(m, "m.setup", false, [], []);
  const twice = addFunction(m, "m.twice", false, [Type.i32], [Type.i32]);
  const dead = addFunction(m, "m.dead", false, [], []);
  const run = addFunction(m, "m.run", true, [Type.i32], [Type.i32]);
  m.symbols[run].outerName = "run";
  const base = addFunction(m, "base", true, [], [Type.i32]);
  const init = addFunction(m, "_initialize", true, [], []);
  const ctors = addSymbol(m, "__wasm_call_ctors", SymKind.func);
  m.symbols[ctors].sig = internSig(m, [], []);
  m.symbols[pointers].relocs.push({ offset: 0, sym: words, addend: 4 }, { offset: 4, sym: twice, addend: 0 }, { offset: 8, sym: counter, addend: 0 });
  m.initFuncs.push(setup);

  let b = begin(m, setup);
  emitStore(b, Op.store, emitSymAddr(b, counter, 0), emitIconst(b, Type.i32, 100n), 0n);
  emitReturn(b, []);
  m.funcs.push(finishFunction(b));
  b = begin(m, twice);
  emitReturn(b, [emitValue(b, Op.iadd, Type.i32, [b.func.blocks[0].params[0], b.func.blocks[0].params[0]], Type.i32)]);
  m.funcs.push(finishFunction(b));
  b = begin(m, dead);
  emitLoad(b, Op.load, Type.i32, emitSymAddr(b, unused, 0), 0n);
  emitReturn(b, []);
  m.funcs.push(finishFunction(b));
  // *pointers[0] + pointers[1](x) + *pointers[2]
  b = begin(m, run);
  const word = emitLoad(b, Op.load, Type.i32, emitLoad(b, Op.load, Type.i32, emitSymAddr(b, pointers, 0), 0n), 0n);
  const callee = emitLoad(b, Op.load, Type.i32, emitSymAddr(b, pointers, 0), 4n);
  const call = emitCallIndirect(b, m.symbols[twice].sig, [callee, b.func.blocks[0].params[0]]);
  const count = emitLoad(b, Op.load, Type.i32, emitLoad(b, Op.load, Type.i32, emitSymAddr(b, pointers, 8), 0n), 0n);
  const sum = emitValue(b, Op.iadd, Type.i32, [word, b.func.insts[call].result], Type.i32);
  emitReturn(b, [emitValue(b, Op.iadd, Type.i32, [sum, count], Type.i32)]);
  m.funcs.push(finishFunction(b));
  b = begin(m, base);
  emitReturn(b, [emitSymAddr(b, heap, 0)]);
  m.funcs.push(finishFunction(b));
  b = begin(m, init);
  emitCall(b, ctors, []);
  emitReturn(b, []);
  m.funcs.push(finishFunction(b));
  return m;
}

test("a module linked from its bytes runs", () => {
  const object = decodeWasm(encodeObject(emitWasm(sample(), newSourceMap()))).module;
  expect(validateWasm(object).reason).toBe("");
  expect(undefinedWasmData(object)).toBe("");
  const linked = linkWasm(object, 65536);
  expect(validateWasm(linked).reason).toBe("");
  const text = printWasm(linked);
  expect(text).not.toContain("m.dead");
  expect(text).not.toContain("55 55 55 55");
  const instance = v8Instance(exactBytes(encodeFinal(linked)), {});
  const run = instance.exports.run as (x: number) => number;
  const base = instance.exports.base as () => number;
  expect(run(5)).toBe(22 + 10);
  (instance.exports._initialize as () => void)();
  expect(run(5)).toBe(22 + 10 + 100);
  expect(base()).toBe((1024 + 65536 + 8 + 12 + 4 + 15) & -16);
  expect(Object.keys(instance.exports).sort()).toEqual(["__indirect_function_table", "_initialize", "base", "memory", "run"]);
});

test("undefined data is named", () => {
  const m = sample();
  const sym = m.symbols.findIndex((s) => s.name === "m.words");
  m.symbols[sym].defined = false;
  expect(undefinedWasmData(emitWasm(m, newSourceMap()))).toBe("m.words");
});

/** The path of a linker that takes "-flavor wasm". */
const linker = process.env.WASM_LLD ?? programInPath("wasm-ld");

test.skipIf(linker === "")("LLVM's linker takes the object", () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-"));
  fs.writeFileSync(path.join(dir, "a.o"), exactBytes(encodeObject(emitWasm(sample(), newSourceMap()))));
  const done = spawnSync(linker, ["-flavor", "wasm", "--no-entry", "--fatal-warnings", "-o", path.join(dir, "a.wasm"), path.join(dir, "a.o")], { encoding: "utf8" });
  expect(done.stderr).toBe("");
  const instance = v8Instance(new Uint8Array(fs.readFileSync(path.join(dir, "a.wasm"))), {});
  fs.rmSync(dir, { recursive: true });
  const run = instance.exports.run as (x: number) => number;
  expect(run(5)).toBe(22 + 10);
  (instance.exports._initialize as () => void)();
  expect(run(5)).toBe(22 + 10 + 100);
});
