// Start-up and entry: initialising globals, and main.
// In -> out: the program's globals and main (or tests), to functions: `initialize`, idempotent, named by the module's
// init functions; `main` for C (native) or `_start` (Wasm), which call the runtime's start, then the program.
// A Wasm module without main is a reactor: `_initialize`.

import { newBytes } from "../base/bytes.ts";
import { i64From } from "../base/int64.ts";
import { Kind, TypeId } from "../check/types.ts";
import { emitBrif, emitCall, emitIconst, emitJump, emitLoad, emitReturn, emitStore, emitSymAddr, emitValue, finishFunction, newBlock } from "../ssa/builder.ts";
import { addSymbol, internSig, Section, SymKind } from "../ssa/module.ts";
import { Op, Type } from "../ssa/ops.ts";
import { storeVal } from "./counting.ts";
import { addData, errorPlaceSym, globalSym, isDataGlobal, nameTableLen, nameTableSym, Rt, testPlaceSym, textSym } from "./data.ts";
import { madeState } from "./helpers.ts";
import { notePlace, widenTo64 } from "./lower_convert.ts";
import { callFunc } from "./lower_call.ts";
import { startBlock } from "./lower_control.ts";
import { assignPlace, memoryPlace } from "./place.ts";
import { type FuncState, type Lower, Own, typeInfo } from "./state.ts";
import { callRuntime } from "./runtime_call.ts";

/** Makes initialize and the entry, the roots of everything else. */
export function addStartUp(l: Lower, testMode: boolean): void {
  const init = makeInitialize(l);
  if (testMode) makeEntry(l, init, true);
  else if (l.program.main >= 0) makeEntry(l, init, false);
  else if (l.wasm) makeReactor(l, init);
  else l.module.initFuncs.push(init);
}

function makeSym(l: Lower, name: string, params: number[], results: number[], global: boolean): number {
  const sym = addSymbol(l.module, name, SymKind.func);
  const s = l.module.symbols[sym];
  s.sig = internSig(l.module, params, results);
  s.defined = true;
  s.global = global;
  return sym;
}

/** Runs every initialiser that is code, in order, the first time it is called. */
function makeInitialize(l: Lower): number {
  const sym = makeSym(l, "initialize", [], [], false);
  const fs = madeState(l, sym);
  const flag = addData(l, "initialized", Section.bss, 4, newBytes());
  l.module.symbols[flag].size = 4;
  const address = emitSymAddr(fs.b, flag, 0);
  const done = newBlock(fs.b);
  const first = newBlock(fs.b);
  emitBrif(fs.b, emitLoad(fs.b, Op.load, Type.i32, address, i64From(0)), done, first);
  startBlock(fs, first);
  emitStore(fs.b, Op.store, address, emitIconst(fs.b, Type.i32, i64From(1)), i64From(0));
  for (let g = 0; g < l.program.globals.length; g++) initGlobal(fs, g);
  emitJump(fs.b, done, []);
  startBlock(fs, done);
  emitReturn(fs.b, []);
  l.module.funcs.push(finishFunction(fs.b));
  return sym;
}

function initGlobal(fs: FuncState, index: number): void {
  const g = fs.l.program.globals[index];
  if (g.initFunc < 0 || isDataGlobal(fs.l, index)) return;
  const v = callFunc(fs, g.initFunc, [], [], g.type, g.pos);
  const address = emitSymAddr(fs.b, globalSym(fs.l, index), 0);
  // Code that ran before may have put something there.
  if (index > fs.l.codeFrom) assignPlace(fs, memoryPlace(g.type, address, Own.volatile, null), v);
  else storeVal(fs, address, 0, v);
}

function makeReactor(l: Lower, init: number): void {
  const sym = makeSym(l, "_initialize", [], [], true);
  const fs = madeState(l, sym);
  emitCall(fs.b, init, []);
  emitReturn(fs.b, []);
  l.module.funcs.push(finishFunction(fs.b));
}

/** What the runtime is told of the program, as it reads it. */
const StartFlag = { heapCheck: 1, silentDeaths: 2 };

/** Whether an object of the program runs a deinit when it dies. */
function hasDeinit(l: Lower): boolean {
  for (const info of l.program.types.list) if (info.deinit >= 0) return true;
  return false;
}

/** `main(argc, argv)` for C, or `_start`. */
function makeEntry(l: Lower, init: number, testMode: boolean): void {
  const sym = l.wasm ? makeSym(l, "_start", [], [], true) : makeSym(l, "main", [Type.i32, Type.i64], [Type.i32], true);
  const fs = madeState(l, sym);
  const params = fs.b.func.blocks[0].params;
  const count = l.wasm ? emitIconst(fs.b, Type.i64, i64From(0)) : emitValue(fs.b, Op.sextend, Type.i64, [params[0]], Type.i64);
  const values = l.wasm ? emitIconst(fs.b, Type.i64, i64From(0)) : params[1];
  const flags = emitIconst(fs.b, Type.i64, i64From((l.heapCheck ? StartFlag.heapCheck : 0) + (hasDeinit(l) ? 0 : StartFlag.silentDeaths)));
  callRuntime(fs, Rt.start, [count, values, flags]);
  emitCall(fs.b, init, []);
  const status = testMode ? runTests(fs) : runMain(fs);
  callRuntime(fs, Rt.exit, [status]);
  emitReturn(fs.b, l.wasm ? [] : [emitValue(fs.b, Op.ireduce, Type.i32, [status], Type.i32)]);
  l.module.funcs.push(finishFunction(fs.b));
}

/** Calls main; its status as i64. */
function runMain(fs: FuncState): number {
  const main = fs.l.program.funcs[fs.l.program.main];
  const v = callFunc(fs, fs.l.program.main, [], [], main.result, main.pos);
  let info = typeInfo(fs, main.result);
  let at = 0;
  if (info.kind === Kind.error_union) {
    failOnError(fs, v.leaves[0]);
    info = typeInfo(fs, info.elem);
    at = 1;
  }
  if (v.leaves.length <= at) return emitIconst(fs.b, Type.i64, i64From(0));
  return widenTo64(fs, v.leaves[at], info);
}

function failOnError(fs: FuncState, code: number): void {
  const failed = newBlock(fs.b);
  const fine = newBlock(fs.b);
  emitBrif(fs.b, code, failed, fine);
  startBlock(fs, failed);
  const table = emitSymAddr(fs.b, nameTableSym(fs.l, TypeId.any_error), 0);
  const count = emitIconst(fs.b, Type.i64, i64From(nameTableLen(fs.l, TypeId.any_error)));
  const number = emitValue(fs.b, Op.uextend, Type.i64, [code], Type.i64);
  const args: number[] = [table, count, number];
  addPlace(fs, args, errorPlaceSym(fs.l), 0);
  callRuntime(fs, Rt.main_error, args);
  emitJump(fs.b, fine, []);
  startBlock(fs, fine);
}

/** Adds the address and length of a place's text that a symbol's memory holds at an offset. */
function addPlace(fs: FuncState, args: number[], sym: number, offset: number): void {
  const place = emitSymAddr(fs.b, sym, 0);
  args.push(emitLoad(fs.b, Op.load, fs.l.pointer, place, i64From(offset)));
  args.push(emitLoad(fs.b, Op.load, Type.i64, place, i64From(offset + 8)));
}

/** Makes a place that a symbol's memory holds at an offset one that nobody knows. */
function forgetPlace(fs: FuncState, sym: number, offset: number): void {
  emitStore(fs.b, Op.store, emitSymAddr(fs.b, sym, 0), emitIconst(fs.b, fs.l.pointer, i64From(0)), i64From(offset));
}

/** Runs the tests one after another, telling the runtime of each beginning and end; the status says whether all passed. */
function runTests(fs: FuncState): number {
  const l = fs.l;
  for (const t of l.program.tests) {
    const f = l.program.funcs[t];
    const name = emitSymAddr(fs.b, textSym(l, f.name), 0);
    const wanted = callRuntime(fs, Rt.test_begin, [name, emitIconst(fs.b, Type.i64, i64From(f.name.length))])[0];
    const run = newBlock(fs.b);
    const done = newBlock(fs.b);
    emitBrif(fs.b, wanted, run, done);
    startBlock(fs, run);
    forgetPlace(fs, errorPlaceSym(l), 0);
    forgetPlace(fs, testPlaceSym(l), 16);
    notePlace(fs, testPlaceSym(l), f.pos);
    const v = callFunc(fs, t, [], [], f.result, f.pos);
    let code = emitIconst(fs.b, Type.i64, i64From(0));
    if (v.leaves.length > 0) code = emitValue(fs.b, Op.uextend, Type.i64, [v.leaves[0]], Type.i64);
    const table = emitSymAddr(fs.b, nameTableSym(l, TypeId.any_error), 0);
    const count = emitIconst(fs.b, Type.i64, i64From(nameTableLen(l, TypeId.any_error)));
    const args: number[] = [table, count, code];
    addPlace(fs, args, testPlaceSym(l), 0);
    addPlace(fs, args, testPlaceSym(l), 16);
    callRuntime(fs, Rt.test_end, args);
    emitJump(fs.b, done, []);
    startBlock(fs, done);
  }
  return callRuntime(fs, Rt.test_status, [])[0];
}
