// Random programs: variables of every type, loops, branches, switches, memory, calls, divisions that may trap;
// run natively (each allocation proved) and by the interpreter.

import { expect, test } from "vitest";
import {
  type Builder, defVariable, emitBrif, emitBrTable, emitCall, emitFconst, emitIconst, emitInst, emitJump, emitLoad, emitReturn, emitSlotAddr,
  emitStore, emitValue, finishFunction, newBlock, newBuilder, newVariable, sealBlock, switchTo, useVariable,
} from "../../stage0/ssa/builder.ts";
import { addSlot, resultsOf } from "../../stage0/ssa/function.ts";
import { newSsaModule, type SsaModule } from "../../stage0/ssa/module.ts";
import { Op, Type } from "../../stage0/ssa/ops.ts";
import { compileForTest } from "./compile.ts";
import { writeElf } from "../../stage0/object/elf.ts";
import { type Call, defineFunc, hasCc, runNative } from "./harness.ts";
import { Interp, TrapError } from "./interp.ts";

interface Gen {
  b: Builder;
  m: SsaModule;
  seed: number;
  vars: number[][];
  slot: number;
  slotSize: number;
  callees: number[];
  depth: number;
  budget: number;
}

function rnd(g: Gen, n: number): number {
  g.seed = (Math.imul(g.seed, 1664525) + 1013904223) | 0;
  return (g.seed >>> 9) % n;
}

const interesting = [0n, 1n, -1n, 2n, 3n, 8n, 10n, 63n, 100n, 255n, -128n, 1000003n, 2147483647n, -2147483648n, 4294967296n, 0x123456789abcdefn];
const floats = [0n, 0x3ff0000000000000n, 0x4008000000000000n, 0x40f86a0000000000n, 0x3fb999999999999an];

/** A value of a type: a variable or a constant. */
function operand(g: Gen, type: number): number {
  if (rnd(g, 4) === 0) return constant(g, type);
  return useVariable(g.b, g.vars[type][rnd(g, g.vars[type].length)]);
}

function constant(g: Gen, type: number): number {
  if (type === Type.f64) return emitFconst(g.b, type, floats[rnd(g, floats.length)]);
  if (type === Type.f32) return emitFconst(g.b, type, BigInt([0, 0x3f800000, 0x40400000, 0x3dcccccd][rnd(g, 4)]));
  const c = interesting[rnd(g, interesting.length)];
  return emitIconst(g.b, type, type === Type.i32 ? BigInt.asIntN(32, c) : c);
}

function intExpr(g: Gen, type: number, depth: number): number {
  const kind = rnd(g, depth > 0 ? 14 : 3);
  const sub = (): number => intExpr(g, type, depth - 1);
  const other = type === Type.i64 ? Type.i32 : Type.i64;
  if (kind < 3) return operand(g, type);
  if (kind < 7) return emitValue(g.b, [Op.iadd, Op.isub, Op.imul, Op.band, Op.bor, Op.bxor, Op.ishl, Op.sshr, Op.ushr, Op.rotl, Op.rotr][rnd(g, 11)], type, [sub(), sub()], type);
  if (kind === 7) return emitValue(g.b, [Op.clz, Op.ctz, Op.popcnt, Op.sextend8, Op.sextend16][rnd(g, 5)], type, [sub()], type);
  if (kind === 8) return emitValue(g.b, Op.select, type, [condition(g), sub(), sub()], type);
  if (kind === 9) {
    const inner = intExpr(g, other, depth - 1);
    return type === Type.i64 ? emitValue(g.b, rnd(g, 2) ? Op.sextend : Op.uextend, Type.i64, [inner], Type.i64) : emitValue(g.b, Op.ireduce, Type.i32, [inner], Type.i32);
  }
  if (kind === 10) return emitValue(g.b, [Op.sdiv, Op.udiv, Op.srem, Op.urem][rnd(g, 4)], type, [sub(), rnd(g, 3) ? emitIconst(g.b, type, [3n, 7n, 10n, 16n, -5n][rnd(g, 5)]) : operand(g, type)], type);
  if (kind === 11) {
    const a = slotAddress(g);
    const ops = type === Type.i64 ? [Op.load, Op.uload8, Op.sload8, Op.uload16, Op.sload16, Op.uload32, Op.sload32] : [Op.load, Op.uload8, Op.sload8, Op.uload16, Op.sload16];
    return emitLoad(g.b, ops[rnd(g, ops.length)], type, a, BigInt(8 * rnd(g, 4)));
  }
  if (kind === 12) {
    const x = operand(g, Type.f64);
    return emitValue(g.b, rnd(g, 2) ? Op.f64_to_sint_sat : Op.f64_to_uint_sat, type, [x], type);
  }
  const c = condition(g);
  return type === Type.i32 ? c : emitValue(g.b, Op.uextend, Type.i64, [c], Type.i64);
}

function floatExpr(g: Gen, type: number, depth: number): number {
  const kind = rnd(g, depth > 0 ? 8 : 2);
  const sub = (): number => floatExpr(g, type, depth - 1);
  if (kind < 2) return operand(g, type);
  if (kind < 5) return emitValue(g.b, [Op.fadd, Op.fsub, Op.fmul, Op.fmin, Op.fmax][rnd(g, 5)], type, [sub(), sub()], type);
  if (kind === 5) return emitValue(g.b, [Op.sint32_to_f, Op.uint32_to_f][rnd(g, 2)], type, [operand(g, Type.i32)], type);
  if (kind === 6) return emitValue(g.b, [Op.sint64_to_f, Op.uint64_to_f][rnd(g, 2)], type, [operand(g, Type.i64)], type);
  return emitValue(g.b, Op.select, type, [condition(g), sub(), sub()], type);
}

function condition(g: Gen): number {
  const kind = rnd(g, 8);
  if (kind === 0) return operand(g, Type.i32);
  if (kind === 1) return emitValue(g.b, Op.eq, Type.i32, [condition(g), emitIconst(g.b, Type.i32, 0n)], Type.i32);
  if (kind === 2) {
    const t = rnd(g, 2) ? Type.f64 : Type.f32;
    return emitValue(g.b, Op.feq + rnd(g, 6), t, [operand(g, t), operand(g, t)], Type.i32);
  }
  const t = rnd(g, 2) ? Type.i64 : Type.i32;
  return emitValue(g.b, Op.eq + rnd(g, 10), t, [operand(g, t), rnd(g, 3) ? operand(g, t) : emitIconst(g.b, t, 0n)], Type.i32);
}

/** An address in the slot with 40 bytes behind it. */
function slotAddress(g: Gen): number {
  const base = emitSlotAddr(g.b, g.slot, 8 * rnd(g, 3));
  if (rnd(g, 2) === 0) return base;
  const index = emitValue(g.b, Op.band, Type.i64, [operand(g, Type.i64), emitIconst(g.b, Type.i64, 7n)], Type.i64);
  const scaled = emitValue(g.b, Op.ishl, Type.i64, [index, emitIconst(g.b, Type.i64, BigInt(rnd(g, 4)))], Type.i64);
  return emitValue(g.b, Op.iadd, Type.i64, rnd(g, 2) ? [base, scaled] : [scaled, base], Type.i64);
}

function assign(g: Gen): void {
  const type = [Type.i64, Type.i64, Type.i32, Type.i32, Type.f64, Type.f32][rnd(g, 6)];
  const value = type >= Type.f32 ? floatExpr(g, type, 2) : intExpr(g, type, 3);
  defVariable(g.b, g.vars[type][rnd(g, g.vars[type].length)], value);
}

function statement(g: Gen): void {
  if (g.budget-- <= 0) return;
  const kind = rnd(g, 12);
  if (kind < 5 || g.depth > 3) assign(g);
  else if (kind === 5) {
    const type = rnd(g, 2) ? Type.i64 : Type.i32;
    const value = intExpr(g, type, 2);
    const ops = type === Type.i64 ? [Op.store, Op.store8, Op.store16, Op.store32] : [Op.store, Op.store8, Op.store16];
    emitStore(g.b, ops[rnd(g, ops.length)], slotAddress(g), value, BigInt(8 * rnd(g, 4)));
  } else if (kind === 6) {
    const a = slotAddress(g);
    const v = emitLoad(g.b, Op.load, Type.i64, a, 8n);
    emitStore(g.b, Op.store, a, emitValue(g.b, [Op.iadd, Op.isub, Op.bxor][rnd(g, 3)], Type.i64, [v, operand(g, Type.i64)], Type.i64), 8n);
  } else if (kind === 7 && g.callees.length > 0) {
    const sym = g.callees[rnd(g, g.callees.length)];
    const sig = g.m.sigs[g.m.symbols[sym].sig];
    const call = emitCall(g.b, sym, sig.params.map((t) => operand(g, t)));
    resultsOf(g.b.func.insts[call]).forEach((r, k) => { defVariable(g.b, g.vars[sig.results[k]][rnd(g, g.vars[sig.results[k]].length)], r); });
  } else if (kind <= 9) branch(g);
  else if (kind === 10) loop(g);
  else choose(g);
}

function statements(g: Gen): void {
  g.depth += 1;
  for (let k = rnd(g, 4); k >= 0; k--) statement(g);
  g.depth -= 1;
}

function branch(g: Gen): void {
  const yes = newBlock(g.b);
  const no = newBlock(g.b);
  const done = rnd(g, 3) === 0 ? no : newBlock(g.b);
  emitBrif(g.b, condition(g), yes, no);
  sealBlock(g.b, yes);
  if (done !== no) sealBlock(g.b, no);
  switchTo(g.b, yes);
  statements(g);
  emitJump(g.b, done, []);
  if (done !== no) {
    switchTo(g.b, no);
    statements(g);
    emitJump(g.b, done, []);
  }
  sealBlock(g.b, done);
  switchTo(g.b, done);
}

function loop(g: Gen): void {
  const counter = newVariable(g.b, Type.i64);
  defVariable(g.b, counter, emitIconst(g.b, Type.i64, BigInt(1 + rnd(g, 5))));
  const head = newBlock(g.b);
  const body = newBlock(g.b);
  const done = newBlock(g.b);
  emitJump(g.b, head, []);
  switchTo(g.b, head);
  if (rnd(g, 2)) assign(g);
  emitBrif(g.b, emitValue(g.b, Op.sgt, Type.i64, [useVariable(g.b, counter), emitIconst(g.b, Type.i64, 0n)], Type.i32), body, done);
  sealBlock(g.b, body);
  switchTo(g.b, body);
  defVariable(g.b, counter, emitValue(g.b, Op.isub, Type.i64, [useVariable(g.b, counter), emitIconst(g.b, Type.i64, 1n)], Type.i64));
  statements(g);
  if (rnd(g, 3) === 0) {
    const on = newBlock(g.b);
    emitBrif(g.b, condition(g), done, on);
    sealBlock(g.b, on);
    switchTo(g.b, on);
  }
  emitJump(g.b, head, []);
  sealBlock(g.b, head);
  sealBlock(g.b, done);
  switchTo(g.b, done);
}

function choose(g: Gen): void {
  const done = newBlock(g.b);
  const cases: number[] = [];
  for (let k = 0; k < 4; k++) cases.push(newBlock(g.b));
  emitBrTable(g.b, operand(g, Type.i32), [cases[0], cases[1], cases[0], done, cases[2], cases[3]]);
  for (const c of cases) {
    sealBlock(g.b, c);
    switchTo(g.b, c);
    statements(g);
    emitJump(g.b, done, []);
  }
  sealBlock(g.b, done);
  switchTo(g.b, done);
}

/** Everything the function knows, mixed into one value; NaNs are one. */
function mixAll(g: Gen): number {
  let sum = emitIconst(g.b, Type.i64, 1n);
  const mix = (v: number): void => {
    sum = emitValue(g.b, Op.bxor, Type.i64, [emitValue(g.b, Op.imul, Type.i64, [sum, emitIconst(g.b, Type.i64, 31n)], Type.i64), v], Type.i64);
  };
  for (const v of g.vars[Type.i64]) mix(useVariable(g.b, v));
  for (const v of g.vars[Type.i32]) mix(emitValue(g.b, Op.sextend, Type.i64, [useVariable(g.b, v)], Type.i64));
  for (const type of [Type.f64, Type.f32]) {
    for (const v of g.vars[type]) {
      let x = useVariable(g.b, v);
      if (type === Type.f32) x = emitValue(g.b, Op.fpromote, Type.f64, [x], Type.f64);
      const bits = emitValue(g.b, Op.float_to_int, Type.i64, [x], Type.i64);
      mix(emitValue(g.b, Op.select, Type.i64, [emitValue(g.b, Op.feq, Type.f64, [x, x], Type.i32), bits, emitIconst(g.b, Type.i64, 5n)], Type.i64));
    }
  }
  for (let k = 0; k < g.slotSize; k += 8) mix(emitLoad(g.b, Op.load, Type.i64, emitSlotAddr(g.b, g.slot, k), 0n));
  return sum;
}

function makeFunction(m: SsaModule, name: string, seed: number, callees: number[], budget: number): number {
  const params: number[] = [];
  const many = seed % 3 === 0;
  for (let k = 0; k < (many ? 5 : 1); k++) params.push(Type.i64, Type.i32, Type.f64, Type.f32);
  const multi = seed % 4 === 1 && budget < 40;
  const sym = defineFunc(m, name, params, multi ? [Type.i64, Type.f64, Type.i32] : [Type.i64]);
  const b = newBuilder(m, sym, m.symbols[sym].sig);
  const g: Gen = { b, m, seed, vars: [[], [], [], [], []], slot: addSlot(b.func, 128, 8), slotSize: 128, callees, depth: 0, budget };
  for (const t of [Type.i32, Type.i64, Type.f32, Type.f64]) {
    for (let k = 0; k < 4; k++) {
      const v = newVariable(b, t);
      g.vars[t].push(v);
      defVariable(b, v, constant(g, t));
    }
  }
  for (let k = 0; k < 128; k += 8) emitStore(b, Op.store, emitSlotAddr(b, g.slot, k), emitIconst(b, Type.i64, BigInt(k)), 0n);
  for (let k = rnd(g, 3); k > 0; k--) {
    const fill = emitIconst(b, Type.i64, BigInt(rnd(g, 75)));
    const copy = emitIconst(b, Type.i64, BigInt(rnd(g, 75)));
    emitInst(b, Op.memory_fill, Type.void, [emitSlotAddr(b, g.slot, rnd(g, 40)), emitIconst(b, Type.i32, BigInt(rnd(g, 3) * 77)), fill]);
    emitInst(b, Op.memory_copy, Type.void, [emitSlotAddr(b, g.slot, rnd(g, 50)), emitSlotAddr(b, g.slot, rnd(g, 50)), copy]);
  }
  b.func.blocks[0].params.forEach((p, k) => { defVariable(b, g.vars[params[k]][(k >> 2) % 4], p); });
  while (g.budget > 0) statement(g);
  const sum = mixAll(g);
  emitReturn(b, multi ? [sum, useVariable(b, g.vars[Type.f64][0]), useVariable(b, g.vars[Type.i32][0])] : [sum]);
  m.funcs.push(finishFunction(b));
  return sym;
}

function trial(from: number, count: number, budget: number): void {
  const m = newSsaModule(Type.i64);
  const calls: Call[] = [];
  const want: string[] = [];
  const callees: number[] = [];
  for (let k = 0; k < count; k++) {
    const seed = (from + k) * 7919;
    const sym = makeFunction(m, "f" + (from + k), seed, callees.slice(-5), budget);
    if (budget < 40) callees.push(sym);
    const sig = m.sigs[m.symbols[sym].sig];
    for (let c = 0; c < 6; c++) {
      const args = sig.params.map((t, j) => (t >= Type.f32 ? (t === Type.f64 ? floats[(c + j) % floats.length] : 0x40400000n) : interesting[(c * 5 + j) % interesting.length]));
      const call = { sym, args };
      try {
        want.push(BigInt.asUintN(64, new Interp(m).call(sym, args)[0]).toString(16));
        calls.push(call);
      } catch (e) {
        if (e instanceof TrapError) {
          want.push("trap " + e.code);
          calls.push(call);
        } else if (!String(e).includes("fuel")) throw e;
      }
    }
  }
  const got = runNative(m, calls, "");
  const wrong: string[] = [];
  for (let k = 0; k < calls.length; k++) if (got[k] !== want[k]) wrong.push(m.symbols[calls[k].sym].name + "(" + calls[k].args.join() + ") is " + got[k] + ", should be " + want[k]);
  expect(wrong.slice(0, 10)).toEqual([]);
}

test.skipIf(!hasCc)("small random programs that call each other", () => {
  for (let round = 0; round < 4; round++) trial(round * 60, 60, 12);
}, 120000);

test.skipIf(!hasCc)("large random programs", () => {
  for (let round = 0; round < 3; round++) trial(1000 + round * 20, 20, 120);
}, 120000);

test("the same module gives the same bytes", () => {
  const make = (): Uint8Array => {
    const m = newSsaModule(Type.i64);
    for (let k = 0; k < 10; k++) makeFunction(m, "f" + k, k * 7919, [], 60);
    const e = writeElf(compileForTest(m).object);
    return e.data.slice(0, e.len);
  };
  expect(make()).toEqual(make());
});
