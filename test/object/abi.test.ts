// The System V convention against C: arguments and results in both directions, variadic and indirect calls, data
// with addresses, undefined symbols, tail calls, large frames, start-up functions, and the linker's own rules.

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendText, appendU64, newBytes } from "../../stage0/base/bytes.ts";
import { hostFindProgram } from "../../stage0/base/host.ts";
import { linkExecutable } from "../../stage0/link/link.ts";
import { compileForTest } from "../mach/compile.ts";
import { writeElf } from "../../stage0/object/elf.ts";
import { printObject } from "../../stage0/object/object.ts";
import {
  addBlockParam, type Builder, emitBrif, emitCall, emitCallIndirect, emitIconst, emitInst, emitJump, emitLoad, emitReturn, emitSlotAddr, emitStore, emitSymAddr, emitValue,
  finishFunction, newBlock, newBuilder, sealBlock, switchTo,
} from "../../stage0/ssa/builder.ts";
import { addSlot, resultsOf } from "../../stage0/ssa/function.ts";
import { addSymbol, internSig, newSsaModule, Section, type SsaModule, SymKind } from "../../stage0/ssa/module.ts";
import { Op, Type } from "../../stage0/ssa/ops.ts";
import { defineFunc, hasCc } from "../mach/harness.ts";

const { i32, i64, f32, f64 } = Type;

let dir = "";
beforeAll(() => { dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-abi-")); });
afterAll(() => { fs.rmSync(dir, { recursive: true }); });

function extern(m: SsaModule, name: string, params: number[], results: number[]): number {
  const sym = addSymbol(m, name, SymKind.func);
  m.symbols[sym].sig = internSig(m, params, results);
  return sym;
}

function func(m: SsaModule, name: string, params: number[], results: number[], body: (b: Builder, p: number[]) => void): number {
  const sym = defineFunc(m, name, params, results);
  const b = newBuilder(m, sym, m.symbols[sym].sig);
  body(b, b.func.blocks[0].params.slice());
  m.funcs.push(finishFunction(b));
  return sym;
}

function results(b: Builder, call: number): number[] {
  return resultsOf(b.func.insts[call]);
}

/** Compiles, links with C by gcc, runs; stdout. */
function runWithC(m: SsaModule, c: string): string {
  const e = writeElf(compileForTest(m).object);
  fs.writeFileSync(path.join(dir, "m.o"), e.data.subarray(0, e.len));
  fs.writeFileSync(path.join(dir, "c.c"), "#include <stdio.h>\n#include <stdarg.h>\n#include <string.h>\n" + c);
  execFileSync("cc", ["-w", "-O1", "-o", path.join(dir, "p"), path.join(dir, "c.c"), path.join(dir, "m.o"), "-lm"]);
  return execFileSync(path.join(dir, "p")).toString();
}

test.skipIf(!hasCc)("ten integers and ten doubles arrive, from C and to C", () => {
  const m = newSsaModule(i64);
  const params: number[] = [];
  for (let k = 0; k < 10; k++) params.push(i64, f64);
  const callee = extern(m, "c_mix", params, [f64]);
  func(m, "mix", params, [f64], (b, p) => {
    let sum = p[1];
    for (let k = 0; k < 10; k++) {
      const weighted = emitValue(b, Op.imul, i64, [p[2 * k], emitIconst(b, i64, BigInt(k + 1))], i64);
      sum = emitValue(b, Op.fadd, f64, [sum, emitValue(b, Op.fmul, f64, [emitValue(b, Op.sint64_to_f, f64, [weighted], f64), p[2 * k + 1]], f64)], f64);
    }
    const call = emitCall(b, callee, p);
    emitReturn(b, [emitValue(b, Op.fsub, f64, [sum, results(b, call)[0]], f64)]);
  });
  const list = (f: (k: number) => string): string => Array.from({ length: 10 }, (_, k) => f(k)).join(", ");
  const out = runWithC(m, "double mix(" + list(() => "long, double") + ");\ndouble c_mix(" + list((k) => "long a" + k + ", double d" + k) + ") { double s = d0;" +
    Array.from({ length: 10 }, (_, k) => "s += a" + k + "*" + (k + 1) + "*d" + k + ";").join("") + " return s - 1; }\nint main() { printf(\"%g\\n\", mix(" + list((k) => k * 3 - 4 + ", " + (k + 0.5)) + ")); return 0; }");
  expect(out).toBe("1\n");
});

test.skipIf(!hasCc)("a pair of results is a C struct; eleven results of each kind come back", () => {
  const m = newSsaModule(i64);
  func(m, "pair", [i64, f64], [i64, f64], (b, p) => emitReturn(b, [emitValue(b, Op.iadd, i64, [p[0], p[0]], i64), emitValue(b, Op.fadd, f64, [p[1], p[1]], f64)]));
  const types: number[] = [];
  for (let k = 0; k < 11; k++) types.push(i64, f64);
  const many = func(m, "many", [i64, i64, i64, i64, i64, i64, i64], types, (b, p) => {
    const out: number[] = [];
    for (let k = 0; k < 11; k++) {
      const v = emitValue(b, Op.iadd, i64, [p[k % 7], emitIconst(b, i64, BigInt(k))], i64);
      out.push(v, emitValue(b, Op.sint64_to_f, f64, [v], f64));
    }
    emitReturn(b, out);
  });
  func(m, "use", [i64], [i64], (b, p) => {
    const args = Array.from({ length: 7 }, (_, k) => emitValue(b, Op.imul, i64, [p[0], emitIconst(b, i64, BigInt(k + 1))], i64));
    const r = results(b, emitCall(b, many, args));
    let sum = emitIconst(b, i64, 0n);
    for (let k = 0; k < 22; k++) {
      const v = k % 2 === 0 ? r[k] : emitValue(b, Op.f64_to_sint, i64, [r[k]], i64);
      sum = emitValue(b, Op.iadd, i64, [emitValue(b, Op.imul, i64, [sum, emitIconst(b, i64, 3n)], i64), v], i64);
    }
    emitReturn(b, [sum]);
  });
  const out = runWithC(m, `struct P { long a; double b; }; struct P pair(long, double); long use(long);
int main() { struct P p = pair(21, 1.25); long s = 0; for (int k = 0; k < 11; k++) { long v = 10L * (k % 7 + 1) + k; s = s * 3 + v; s = s * 3 + v; }
printf("%ld %g %d\\n", p.a, p.b, use(10) == s); return 0; }`);
  expect(out).toBe("42 2.5 1\n");
});

test.skipIf(!hasCc)("printf with doubles, a callback into compiled code, data with addresses", () => {
  const m = newSsaModule(i64);
  const text = addSymbol(m, "text", SymKind.data);
  const s = m.symbols[text];
  s.defined = true;
  appendText(s.bytes, "%ld %g %d %g\n\0");
  s.size = s.bytes.len;
  const printf = extern(m, "printf.4", [i64, i64, f64, i32, f64], [i32]);
  m.symbols[printf].outerName = "printf";
  m.symbols[printf].variadic = 1;
  const putsLike = extern(m, "printf.1", [i64], [i32]);
  m.symbols[putsLike].outerName = "printf";
  m.symbols[putsLike].variadic = 1;
  const compareSym = func(m, "descending", [i64, i64], [i32], (b, p) => {
    const x = emitLoad(b, Op.load, i64, p[0], 0n);
    const y = emitLoad(b, Op.load, i64, p[1], 0n);
    emitReturn(b, [emitValue(b, Op.isub, i32, [emitValue(b, Op.sgt, i64, [y, x], i32), emitValue(b, Op.slt, i64, [y, x], i32)], i32)]);
  });
  const qsort = extern(m, "qsort", [i64, i64, i64, i64], []);
  const numbers = addSymbol(m, "numbers", SymKind.data);
  const table = addSymbol(m, "table", SymKind.data);
  const zeros = addSymbol(m, "zeros", SymKind.data);
  Object.assign(m.symbols[numbers], { defined: true, section: Section.data, align: 8, size: 32, bytes: newBytes() });
  for (const n of [5n, 9n, -3n, 7n]) appendU64(m.symbols[numbers].bytes, n);
  Object.assign(m.symbols[table], { defined: true, section: Section.relro, align: 8, size: 16, bytes: newBytes() });
  appendU64(m.symbols[table].bytes, 0n);
  appendU64(m.symbols[table].bytes, 0n);
  m.symbols[table].relocs = [{ offset: 0, sym: compareSym, addend: 0 }, { offset: 8, sym: numbers, addend: 8 }];
  Object.assign(m.symbols[zeros], { defined: true, section: Section.bss, align: 16, size: 4096, bytes: newBytes() });
  const environ = addSymbol(m, "c_number", SymKind.data);
  func(m, "go", [], [i64], (b) => {
    emitCall(b, qsort, [emitSymAddr(b, numbers, 0), emitIconst(b, i64, 4n), emitIconst(b, i64, 8n), emitLoad(b, Op.load, i64, emitSymAddr(b, table, 0), 0n)]);
    const indirect = emitCallIndirect(b, m.symbols[compareSym].sig, [emitSymAddr(b, compareSym, 0), emitSymAddr(b, numbers, 0), emitLoad(b, Op.load, i64, emitSymAddr(b, table, 8), 0n)]);
    const first = emitLoad(b, Op.load, i64, emitSymAddr(b, numbers, 0), 0n);
    emitStore(b, Op.store, emitSymAddr(b, zeros, 8), first, 0n);
    emitCall(b, printf, [emitSymAddr(b, text, 0), first, emitValue(b, Op.sint64_to_f, f64, [first], f64), results(b, indirect)[0], emitValue(b, Op.fdiv, f64, [emitValue(b, Op.sint64_to_f, f64, [first], f64), emitValue(b, Op.sint64_to_f, f64, [emitIconst(b, i64, 2n)], f64)], f64)]);
    emitCall(b, putsLike, [emitSymAddr(b, text, 13)]);
    const far = emitLoad(b, Op.load, i64, emitSymAddr(b, environ, 0), 0n);
    emitReturn(b, [emitValue(b, Op.iadd, i64, [emitLoad(b, Op.load, i64, emitSymAddr(b, zeros, 0), 8n), far], i64)]);
  });
  const out = runWithC(m, `long go(void); long c_number = 100; int main() { long r = go(); printf("%ld\\n", r); return 0; }`);
  expect(out).toBe("9 9 -1 4.5\n109\n");
});

test.skipIf(!hasCc)("tail calls run in one frame", () => {
  const m = newSsaModule(i64);
  const seven = [i64, i64, i64, i64, i64, i64, i64, i64];
  const sym = defineFunc(m, "count", seven, [i64]);
  const b = newBuilder(m, sym, m.symbols[sym].sig);
  const p = b.func.blocks[0].params;
  const done = newBlock(b);
  const more = newBlock(b);
  emitBrif(b, emitValue(b, Op.eq, i64, [p[7], emitIconst(b, i64, 0n)], i32), done, more);
  sealBlock(b, done);
  sealBlock(b, more);
  switchTo(b, done);
  emitReturn(b, [p[6]]);
  switchTo(b, more);
  const next = [p[1], p[0], p[2], p[3], p[4], p[5], emitValue(b, Op.iadd, i64, [p[6], p[0]], i64), emitValue(b, Op.isub, i64, [p[7], emitIconst(b, i64, 1n)], i64)];
  const tail = emitInst(b, Op.return_call, Type.void, next);
  b.func.insts[tail].sym = sym;
  b.current = -1;
  m.funcs.push(finishFunction(b));
  const out = runWithC(m, `long count(long,long,long,long,long,long,long,long); int main() { printf("%ld\\n", count(1, 2, 0, 0, 0, 0, 0, 3000000)); return 0; }`);
  expect(out).toBe("4500000\n");
});

test.skipIf(!hasCc)("a frame of many pages is touched page by page", () => {
  const m = newSsaModule(i64);
  for (const size of [5000, 20000, 3000000]) {
    func(m, "frame" + size, [i64], [i64], (b, p) => {
      const slot = addSlot(b.func, size, 16);
      emitStore(b, Op.store, emitSlotAddr(b, slot, 0), p[0], 0n);
      emitStore(b, Op.store, emitSlotAddr(b, slot, size - 8), p[0], 0n);
      emitReturn(b, [emitValue(b, Op.iadd, i64, [emitLoad(b, Op.load, i64, emitSlotAddr(b, slot, 0), 0n), emitLoad(b, Op.load, i64, emitSlotAddr(b, slot, size - 8), 0n)], i64)]);
    });
  }
  const out = runWithC(m, `long frame5000(long); long frame20000(long); long frame3000000(long);
int main() { printf("%ld %ld %ld\\n", frame5000(1), frame20000(2), frame3000000(3)); return 0; }`);
  expect(out).toBe("2 4 6\n");
});

test.skipIf(!hasCc)("an executable with start-up functions, linked by our own driver; RELRO, NOW, PIE, no executable stack", () => {
  const m = newSsaModule(i64);
  const cell = addSymbol(m, "cell", SymKind.data);
  Object.assign(m.symbols[cell], { defined: true, section: Section.data, align: 4, size: 4, bytes: newBytes() });
  appendText(m.symbols[cell].bytes, "\0\0\0\0");
  const init = func(m, "start.up", [], [], (b) => {
    emitStore(b, Op.store, emitSymAddr(b, cell, 0), emitIconst(b, i32, 41n), 0n);
    emitReturn(b, []);
  });
  m.symbols[init].global = false;
  m.initFuncs.push(init);
  func(m, "main", [i32, i64], [i32], (b, p) => {
    const loop = newBlock(b);
    const v = addBlockParam(b, loop, i32);
    const done = newBlock(b);
    const again = newBlock(b);
    emitJump(b, loop, [p[0]]);
    switchTo(b, loop);
    emitBrif(b, emitValue(b, Op.sgt, i32, [v, emitIconst(b, i32, 100n)], i32), done, again);
    sealBlock(b, done);
    sealBlock(b, again);
    switchTo(b, again);
    emitJump(b, loop, [emitValue(b, Op.imul, i32, [v, emitIconst(b, i32, 2n)], i32)]);
    sealBlock(b, loop);
    switchTo(b, done);
    emitReturn(b, [emitValue(b, Op.iadd, i32, [emitLoad(b, Op.load, i32, emitSymAddr(b, cell, 0), 0n), p[0]], i32)]);
  });
  const object = compileForTest(m).object;
  const out = path.join(dir, "linked");
  expect(linkExecutable(writeElf(object), out, "", false)).toBe("");
  let status = 0;
  try {
    execFileSync(out, []);
  } catch (e) {
    status = (e as { status: number }).status;
  }
  expect(status).toBe(42);
  const headers = execFileSync("readelf", ["-lWd", out]).toString();
  expect(headers).toContain("GNU_RELRO");
  expect(headers).toMatch(/GNU_STACK.* RW /);
  expect(headers).toContain("NOW");
  expect(headers).not.toContain("TEXTREL");
  expect(printObject(object)).toContain("section .init_array size 8");
  expect(linkExecutable(writeElf(object), out, "no-such-linker", false)).toBe("no linker named no-such-linker");
  expect(linkExecutable(writeElf(object), path.join(dir, "no/such/folder"), "", false)).toContain("no such file");
});

test.skipIf(!hasCc || hostFindProgram("readelf") === "")("readelf finds nothing to complain of", () => {
  const m = newSsaModule(i64);
  func(m, "f", [f32], [f32], (b, p) => emitReturn(b, [emitValue(b, Op.fneg, f32, [p[0]], f32)]));
  const e = writeElf(compileForTest(m).object);
  fs.writeFileSync(path.join(dir, "x.o"), e.data.subarray(0, e.len));
  const text = execFileSync("readelf", ["-aW", path.join(dir, "x.o")], { stdio: ["ignore", "pipe", "pipe"] }).toString();
  expect(text).toContain(".note.GNU-stack");
  expect(text).not.toMatch(/warning|error|corrupt/i);
});
