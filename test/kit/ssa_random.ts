// Random SSA modules: programs of nested statements over variables, through the builder.
// In -> out: a seed and a pointer type, to a module whose global functions f0, f1, .. take and give numbers and end
// after few steps. Addresses never become data, so every memory layout gives the same results.

import { appendU8 } from "../../stage0/base/bytes.ts";
import { i64From } from "../../stage0/base/int64.ts";
import { addBlockParam, type Builder, defVariable, emitBrif, emitBrTable, emitCall, emitCallIndirect, emitFconst, emitIconst, emitInst, emitJump, emitLoad, emitReturn, emitSlotAddr, emitStore, emitSymAddr, emitTrap, emitValue, finishFunction, isReachable, newBlock, newBuilder, newVariable, sealBlock, switchTo, useVariable } from "../../stage0/ssa/builder.ts";
import { addSlot, resultsOf } from "../../stage0/ssa/function.ts";
import { addSymbol, internSig, newSsaModule, Section, type SsaModule, SymKind } from "../../stage0/ssa/module.ts";
import { Op, Type } from "../../stage0/ssa/ops.ts";

interface Gen {
  m: SsaModule;
  b: Builder;
  seed: number;
  vars: number[];
  types: number[];
  slots: number[];
  /** A slot that is read and written by whole parts only, or -1. */
  parts: number;
  budget: number;
  funcs: number[];
  self: number;
  data: number;
  log: number;
  fail: number;
  /** Values made before, in blocks that dominate the current one. */
  kept: number[];
}

function rnd(g: { seed: number }, n: number): number {
  g.seed = (Math.imul(g.seed, 1103515245) + 12345) & 0x7fffffff;
  return (g.seed >> 10) % n;
}

const binary = [Op.iadd, Op.isub, Op.imul, Op.band, Op.bor, Op.bxor, Op.ishl, Op.sshr, Op.ushr, Op.rotl, Op.rotr, Op.sdiv, Op.udiv, Op.srem, Op.urem];
const compare = [Op.eq, Op.ne, Op.slt, Op.sle, Op.sgt, Op.sge, Op.ult, Op.ule, Op.ugt, Op.uge];
const unary = [Op.clz, Op.ctz, Op.popcnt, Op.sextend8, Op.sextend16];

/** A module of count functions. */
export function randomModule(seed: number, pointer: number, count: number): SsaModule {
  const m = newSsaModule(pointer);
  const g: Gen = { m, b: newBuilder(m, -1, internSig(m, [], [])), seed, vars: [], types: [], slots: [], parts: -1, budget: 0, funcs: [], self: 0, data: 0, log: 0, fail: 0, kept: [] };
  g.log = addSymbol(m, "log", SymKind.func);
  m.symbols[g.log].sig = internSig(m, [Type.i32, Type.i64], [Type.i64]);
  g.fail = addSymbol(m, "fail", SymKind.func);
  m.symbols[g.fail].sig = internSig(m, [Type.i64], []);
  g.data = addData(m, "t.table", Section.data, 64, g);
  addData(m, "t.zero", Section.bss, 64, g);
  addData(m, "t.const", Section.rodata, 48, g);
  for (let i = 0; i < count; i++) {
    const sym = addSymbol(m, "t.f" + i, SymKind.func);
    m.symbols[sym].defined = true;
    m.symbols[sym].global = true;
    m.symbols[sym].outerName = "f" + i;
    m.symbols[sym].sig = internSig(m, [Type.i32, Type.i64, Type.i32], rnd(g, 3) === 0 ? [Type.i32, Type.i64] : [Type.i64]);
    g.funcs.push(sym);
  }
  for (let i = 0; i < count; i++) buildFunc(g, i);
  const holder = addData(m, "t.pointers", Section.relro, 16, g);
  m.symbols[holder].relocs.push({ offset: 0, sym: g.funcs[0], addend: 0 }, { offset: 8, sym: g.data, addend: 4 });
  return m;
}

function addData(m: SsaModule, name: string, section: number, size: number, g: Gen): number {
  const sym = addSymbol(m, name, SymKind.data);
  const s = m.symbols[sym];
  s.defined = true;
  s.section = section;
  s.size = size;
  s.align = 8;
  if (section !== Section.bss) for (let i = 0; i < size; i++) appendU8(s.bytes, section === Section.relro ? 0 : rnd(g, 256));
  return sym;
}

function buildFunc(g: Gen, index: number): void {
  const sym = g.funcs[index];
  g.self = index;
  g.b = newBuilder(g.m, sym, g.m.symbols[sym].sig);
  g.vars = [];
  g.types = [];
  g.slots = [];
  g.kept = [];
  g.budget = rnd(g, 3) === 0 ? 2 + rnd(g, 4) : 30 + rnd(g, 60);
  for (let i = 0; i < rnd(g, 3); i++) g.slots.push(addSlot(g.b.func, 24 + 8 * rnd(g, 4), 8 << rnd(g, 2)));
  const params = g.b.func.blocks[0].params;
  for (let i = 0; i < 7; i++) {
    const type = i < 3 ? g.b.func.valueType[params[i]] : i % 2 === 0 ? Type.i32 : Type.i64;
    const v = newVariable(g.b, type);
    g.vars.push(v);
    g.types.push(type);
    defVariable(g.b, v, i < 3 ? params[i] : emitIconst(g.b, type, i64From(rnd(g, 100) - 50)));
  }
  for (const s of g.slots) {
    const size = emitIconst(g.b, g.m.pointer, i64From(g.b.func.slots[s].size));
    emitInst(g.b, Op.memory_fill, Type.void, [emitSlotAddr(g.b, s, 0), emitIconst(g.b, Type.i32, rnd(g, 2) === 0 ? 0n : 7n), size]);
  }
  g.parts = rnd(g, 2) === 0 ? -1 : addSlot(g.b.func, 24, 8);
  if (g.parts >= 0) emitInst(g.b, Op.memory_fill, Type.void, [emitSlotAddr(g.b, g.parts, 0), emitIconst(g.b, Type.i32, 0n), emitIconst(g.b, g.m.pointer, 24n)]);
  statements(g, 4, -1, -1);
  if (isReachable(g.b)) finish(g);
  g.m.funcs.push(finishFunction(g.b));
}

function finish(g: Gen): void {
  const results = g.m.sigs[g.m.symbols[g.funcs[g.self]].sig].results;
  if (g.self > 0 && rnd(g, 4) === 0) {
    const to = g.funcs[rnd(g, g.self)];
    if (g.m.symbols[to].sig === g.m.symbols[g.funcs[g.self]].sig && g.slots.length === 0) {
      const inst = emitInst(g.b, Op.return_call, Type.void, [value(g, Type.i32, 1), value(g, Type.i64, 1), value(g, Type.i32, 1)]);
      g.b.func.insts[inst].sym = to;
      g.b.current = -1;
      return;
    }
  }
  emitReturn(g.b, results.map((t) => value(g, t, 2)));
}

/** A value of a type. */
function value(g: Gen, type: number, depth: number): number {
  const b = g.b;
  const k = rnd(g, depth <= 0 ? 3 : 12);
  if (k === 0) return emitIconst(b, type, i64From(rnd(g, 2) === 0 ? rnd(g, 16) - 4 : (rnd(g, 1 << 20) - (1 << 19)) * 2047 | 0));
  if (k <= 2) return rnd(g, 2) === 0 ? keptValue(g, type) : variable(g, type);
  if (k <= 5) return operation(g, type, depth);
  if (k === 6) return type === Type.i32 ? comparison(g, depth) : emitValue(b, rnd(g, 2) === 0 ? Op.sextend : Op.uextend, Type.i64, [value(g, Type.i32, depth - 1)], Type.i64);
  if (k === 7) return emitValue(b, unary[rnd(g, unary.length)], type, [value(g, type, depth - 1)], type);
  if (k === 8) return emitValue(b, Op.select, type, [value(g, Type.i32, depth - 1), value(g, type, depth - 1), value(g, type, depth - 1)], type);
  if (k === 9) return emitLoad(b, loadOp(g, type), type, address(g), i64From(rnd(g, 3) * 8));
  if (k === 10) return type === Type.i32 ? emitValue(b, Op.ireduce, Type.i32, [value(g, Type.i64, depth - 1)], Type.i32) : floats(g, depth);
  return call(g, type, depth);
}

/** A value made before, or a variable's. */
function keptValue(g: Gen, type: number): number {
  if (g.kept.length === 0) return variable(g, type);
  const v = g.kept[rnd(g, g.kept.length)];
  if (g.b.func.valueType[v] === type) return v;
  return type === Type.i64 ? emitValue(g.b, Op.sextend, Type.i64, [v], Type.i64) : emitValue(g.b, Op.ireduce, Type.i32, [v], Type.i32);
}

function operation(g: Gen, type: number, depth: number): number {
  const op = binary[rnd(g, binary.length)];
  const left = value(g, type, depth - 1);
  let right = value(g, type, depth - 1);
  if (op >= Op.sdiv && op <= Op.urem && rnd(g, 8) !== 0) {
    right = rnd(g, 2) === 0 ? emitIconst(g.b, type, i64From(1 + rnd(g, 30))) : emitValue(g.b, Op.bor, type, [emitValue(g.b, Op.band, type, [right, emitIconst(g.b, type, 255n)], type), emitIconst(g.b, type, 1n)], type);
  }
  return emitValue(g.b, op, type, [left, right], type);
}

function comparison(g: Gen, depth: number): number {
  const type = rnd(g, 2) === 0 ? Type.i32 : Type.i64;
  const left = value(g, type, depth - 1);
  const right = rnd(g, 3) === 0 ? emitIconst(g.b, type, 0n) : value(g, type, depth - 1);
  return emitValue(g.b, compare[rnd(g, compare.length)], type, [left, right], Type.i32);
}

function floats(g: Gen, depth: number): number {
  const b = g.b;
  const x = emitValue(b, Op.sint32_to_f, Type.f64, [value(g, Type.i32, depth - 1)], Type.f64);
  const y = emitFconst(b, Type.f64, 0x3ff8000000000000n);
  const z = emitValue(b, [Op.fadd, Op.fsub, Op.fmul, Op.fdiv][rnd(g, 4)], Type.f64, [x, y], Type.f64);
  return emitValue(b, Op.float_to_int, Type.i64, [z], Type.i64);
}

function variable(g: Gen, type: number): number {
  let i = rnd(g, g.vars.length);
  while (g.types[i] !== type) i = (i + 1) % g.vars.length;
  return useVariable(g.b, g.vars[i]);
}

function loadOp(g: Gen, type: number): number {
  const all = type === Type.i64 ? [Op.load, Op.uload8, Op.sload8, Op.uload16, Op.sload16, Op.uload32, Op.sload32] : [Op.load, Op.uload8, Op.sload8, Op.uload16, Op.sload16];
  return all[rnd(g, all.length)];
}

/** An address with 8 bytes of room and 16 more. */
function address(g: Gen): number {
  if (g.slots.length > 0 && rnd(g, 2) === 0) {
    const s = g.slots[rnd(g, g.slots.length)];
    return emitSlotAddr(g.b, s, 0);
  }
  return emitSymAddr(g.b, g.data + rnd(g, 2), rnd(g, 5) * 8);
}

function call(g: Gen, type: number, depth: number): number {
  const b = g.b;
  if (g.self === 0 || rnd(g, 3) === 0) {
    const inst = emitCall(b, g.log, [value(g, Type.i32, depth - 1), value(g, Type.i64, depth - 1)]);
    const r = b.func.insts[inst].result;
    return type === Type.i64 ? r : emitValue(b, Op.ireduce, Type.i32, [r], Type.i32);
  }
  const to = g.funcs[rnd(g, g.self)];
  const args = [value(g, Type.i32, depth - 1), value(g, Type.i64, depth - 1), value(g, Type.i32, depth - 1)];
  let inst: number;
  if (rnd(g, 3) === 0) inst = emitCallIndirect(b, g.m.symbols[to].sig, [emitSymAddr(b, to, 0), ...args]);
  else inst = emitCall(b, to, args);
  const results = resultsOf(b.func.insts[inst]);
  const r = results[results.length - 1];
  return type === Type.i64 ? r : emitValue(b, Op.ireduce, Type.i32, [r], Type.i32);
}

function statements(g: Gen, depth: number, breakTo: number, continueTo: number): void {
  const n = 1 + rnd(g, 5);
  const outer = g.kept.length;
  for (let i = 0; i < n && isReachable(g.b) && g.budget > 0; i++) {
    g.budget -= 1;
    if (rnd(g, 3) === 0) g.kept.push(keep(g));
    statement(g, depth, breakTo, continueTo);
  }
  g.kept.length = outer;
}

function keep(g: Gen): number {
  const type = rnd(g, 2) === 0 ? Type.i32 : Type.i64;
  if (rnd(g, 2) === 0) return emitLoad(g.b, loadOp(g, type), type, address(g), i64From(0));
  return operation(g, type, 2);
}

function statement(g: Gen, depth: number, breakTo: number, continueTo: number): void {
  const b = g.b;
  const k = rnd(g, depth <= 0 ? 6 : 12);
  if (k <= 2) {
    const i = rnd(g, g.vars.length);
    defVariable(b, g.vars[i], value(g, g.types[i], 3));
  } else if (k === 3) {
    const type = rnd(g, 2) === 0 ? Type.i32 : Type.i64;
    const to = address(g);
    emitStore(b, [Op.store, Op.store8, Op.store16][rnd(g, 3)], to, value(g, type, 2), i64From(rnd(g, 2) * 8));
  } else if (k === 4 && rnd(g, 2) === 0) {
    touch(g);
  } else if (k === 4) {
    const inst = emitInst(b, Op.check, Type.void, [value(g, Type.i32, 1) , value(g, Type.i64, 1)]);
    if (rnd(g, 3) !== 0) b.func.insts[inst].args[0] = emitNonzero(g, inst);
    b.func.insts[inst].sym = g.fail;
  } else if (k === 5) {
    jumpOut(g, breakTo, continueTo);
  } else if (k === 6) {
    flagged(g, depth, breakTo, continueTo);
  } else if (k <= 8) {
    condition(g, depth, breakTo, continueTo);
  } else if (k <= 10) {
    loop(g, depth);
  } else {
    table(g, depth, breakTo, continueTo);
  }
}

/** Reads a place, writes one at or near it, and reads again: in a slot of its own half of the time, by whole parts. */
function touch(g: Gen): void {
  const b = g.b;
  const type = rnd(g, 3) === 0 ? Type.i32 : Type.i64;
  const own = g.parts >= 0 && rnd(g, 2) === 0;
  const at = own ? emitSlotAddr(b, g.parts, type === Type.i32 ? 16 : 0) : address(g);
  const near = own ? 0 : rnd(g, 3) * 4;
  const read = (): number => emitLoad(b, !own && rnd(g, 3) === 0 ? loadOp(g, type) : Op.load, type, at, i64From(own ? (type === Type.i32 ? 4 * rnd(g, 2) : 8 * rnd(g, 2)) : near));
  const before = read();
  const write = own ? Op.store : [Op.store, Op.store8, Op.store16][rnd(g, 3)];
  emitStore(b, write, at, value(g, type, 1), i64From(own ? (type === Type.i32 ? 4 * rnd(g, 2) : 8 * rnd(g, 2)) : rnd(g, 9)));
  const after = read();
  const i = g.types.indexOf(type);
  defVariable(b, g.vars[i], emitValue(b, Op.isub, type, [emitValue(b, Op.imul, type, [before, emitIconst(b, type, 3n)], type), after], type));
}

/** Makes the check at the end of the current block pass: its condition is or-ed with 1, before it. */
function emitNonzero(g: Gen, check: number): number {
  const insts = g.b.func.blocks[g.b.current].insts;
  insts.pop();
  const v = emitValue(g.b, Op.bor, Type.i32, [g.b.func.insts[check].args[0], emitIconst(g.b, Type.i32, 1n)], Type.i32);
  insts.push(check);
  return v;
}

function jumpOut(g: Gen, breakTo: number, continueTo: number): void {
  const k = rnd(g, 5);
  if (k === 0 && breakTo >= 0) emitJump(g.b, breakTo, []);
  else if (k === 1 && continueTo >= 0) emitJump(g.b, continueTo, []);
  else if (k === 2) finish(g);
  else if (k === 3 && rnd(g, 4) === 0) emitTrap(g.b, 0);
}

function condition(g: Gen, depth: number, breakTo: number, continueTo: number): void {
  const b = g.b;
  const yes = newBlock(b);
  const no = newBlock(b);
  const join = newBlock(b);
  const passed = rnd(g, 3) === 0 ? addBlockParam(b, join, Type.i64) : -1;
  emitBrif(b, value(g, Type.i32, 3), yes, rnd(g, 3) === 0 && passed < 0 ? join : no);
  for (const arm of [yes, no]) {
    sealBlock(b, arm);
    switchTo(b, arm);
    statements(g, depth - 1, breakTo, continueTo);
    if (isReachable(b)) emitJump(b, join, passed >= 0 ? [value(g, Type.i64, 2)] : []);
  }
  sealBlock(b, join);
  switchTo(b, join);
  if (passed >= 0) defVariable(b, g.vars[1], passed);
}

/** A condition whose arms give a flag, mostly constant, that a second condition tests at once: what inlined functions leave. */
function flagged(g: Gen, depth: number, breakTo: number, continueTo: number): void {
  const b = g.b;
  const join = newBlock(b);
  const flag = addBlockParam(b, join, Type.i32);
  const arms = [newBlock(b), newBlock(b)];
  emitBrif(b, value(g, Type.i32, 2), arms[0], arms[1]);
  for (const arm of arms) {
    sealBlock(b, arm);
    switchTo(b, arm);
    statements(g, depth - 2, breakTo, continueTo);
    if (isReachable(b)) emitJump(b, join, [rnd(g, 4) === 0 ? value(g, Type.i32, 1) : emitIconst(b, Type.i32, i64From(rnd(g, 3)))]);
  }
  sealBlock(b, join);
  switchTo(b, join);
  const tests = [newBlock(b), newBlock(b)];
  const limit = rnd(g, 2) === 0 ? -1 : emitIconst(b, Type.i32, i64From(rnd(g, 2)));
  emitBrif(b, limit < 0 ? flag : emitValue(b, rnd(g, 2) === 0 ? Op.eq : Op.ne, Type.i32, [flag, limit], Type.i32), tests[0], tests[1]);
  // A test block that both arms leave for good dominates nothing that both could reach.
  const ends = rnd(g, 2) === 0;
  const after = ends ? -1 : newBlock(b);
  for (const arm of tests) {
    sealBlock(b, arm);
    switchTo(b, arm);
    statements(g, depth - 2, breakTo, continueTo);
    if (!isReachable(b)) continue;
    if (ends) finish(g);
    else emitJump(b, after, []);
  }
  if (ends) return;
  sealBlock(b, after);
  switchTo(b, after);
}

function loop(g: Gen, depth: number): void {
  const b = g.b;
  const counter = newVariable(b, Type.i32);
  defVariable(b, counter, emitIconst(b, Type.i32, i64From(1 + rnd(g, 6))));
  const head = newBlock(b);
  const body = newBlock(b);
  const exit = newBlock(b);
  emitJump(b, head, []);
  switchTo(b, head);
  const left = emitValue(b, Op.isub, Type.i32, [useVariable(b, counter), emitIconst(b, Type.i32, 1n)], Type.i32);
  defVariable(b, counter, left);
  emitBrif(b, emitValue(b, Op.sge, Type.i32, [left, emitIconst(b, Type.i32, 0n)], Type.i32), body, exit);
  sealBlock(b, body);
  switchTo(b, body);
  statements(g, depth - 1, exit, head);
  if (isReachable(b)) {
    if (rnd(g, 3) === 0) {
      emitBrif(b, value(g, Type.i32, 2), head, exit);
    } else emitJump(b, head, []);
  }
  sealBlock(b, head);
  sealBlock(b, exit);
  switchTo(b, exit);
}

function table(g: Gen, depth: number, breakTo: number, continueTo: number): void {
  const b = g.b;
  const n = 1 + rnd(g, 5);
  const join = newBlock(b);
  const arms: number[] = [];
  const edges: number[] = [];
  for (let i = 0; i < n; i++) {
    if (arms.length > 0 && rnd(g, 4) === 0) edges.push(arms[rnd(g, arms.length)]);
    else if (rnd(g, 5) === 0) edges.push(breakTo >= 0 && rnd(g, 2) === 0 ? breakTo : continueTo >= 0 && rnd(g, 2) === 0 ? continueTo : join);
    else {
      arms.push(newBlock(b));
      edges.push(arms[arms.length - 1]);
    }
  }
  emitBrTable(b, emitValue(b, Op.band, Type.i32, [value(g, Type.i32, 2), emitIconst(b, Type.i32, 7n)], Type.i32), edges);
  for (let i = 0; i < arms.length; i++) {
    sealBlock(b, arms[i]);
    switchTo(b, arms[i]);
    statements(g, depth - 1, breakTo, continueTo);
    if (!isReachable(b)) continue;
    emitJump(b, join, []);
  }
  sealBlock(b, join);
  switchTo(b, join);
}
