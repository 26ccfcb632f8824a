// Lowering: a checked program to a module in SSA form.
// In -> out: Program (typed trees) and target, to an SsaModule. Functions are lowered in the order in which they are
// first needed, from the entry on; helpers (retain and release by type, thunks) are made after them, on the same list.
// The entry is `main` (native, C's) or `_start` (Wasm); a module without a main function is a library.

import { enterStage } from "../base/bug.ts";
import type { SourceMap } from "../base/source.ts";
import { FuncKind, type Program, type TFunc } from "../check/tree.ts";
import { Kind } from "../check/types.ts";
import { emitTrap, finishFunction, newBuilder } from "../ssa/builder.ts";
import { Counting, newSsaModule, type SsaModule } from "../ssa/module.ts";
import { Type } from "../ssa/ops.ts";
import { closeScope, loadVal } from "./counting.ts";
import { addStartUp } from "./entry.ts";
import { entrySym, firstCodeGlobal, Rt } from "./data.ts";
import { computeEffects } from "./effects.ts";
import { emitResult, newExits, repeatsTooMuch } from "./exits.ts";
import { lowerHelper } from "./helpers.ts";
import { releaseRoutines, retainRoutines, uniqueRoutines } from "./counting.ts";
import { Counted, newLayouts } from "./layout.ts";
import { wholeObjects } from "./objects.ts";
import { bindLocal, bindParam, noHome } from "./locals.ts";
import { cellType } from "./lower_aggregate.ts";
import { lowerOwned } from "./lower_expr.ts";
import { lowerStatement } from "./lower_stmt.ts";
import { findReaders } from "./readers.ts";
import { type Exits, type FuncState, flatVal, layout, type Lower, memoryVal, nodeOf, Own, typeInfo, type Val } from "./state.ts";

export interface LowerOptions {
  wasm: boolean;
  unchecked: boolean;
  heapCheck: boolean;
  /** Share cleanups in all functions. */
  shareCleanups: boolean;
  /** Make an entry that runs the tests instead of main. */
  testMode: boolean;
}

/** Lowers a whole program. */
export function lowerProgram(program: Program, sources: SourceMap, options: LowerOptions): SsaModule {
  const pointer = options.wasm ? Type.i32 : Type.i64;
  const m = newSsaModule(pointer);
  const l: Lower = {
    program: program, sources: sources, module: m, layouts: newLayouts(program.types, pointer, wholeObjects(program)), pointer: pointer,
    wasm: options.wasm, unchecked: options.unchecked, heapCheck: options.heapCheck, shareCleanups: options.shareCleanups, readers: findReaders(program), changers: [], deinitChanges: false, codeFrom: 0, funcSyms: [], globalSyms: [], stringSyms: [], textSyms: new Map(),
    pendingFuncs: [], pendingHelpers: [], made: new Map(),
  };
  for (let i = 0; i < program.funcs.length; i++) l.funcSyms.push(-1);
  for (let i = 0; i < program.globals.length; i++) l.globalSyms.push(-1);
  for (let i = 0; i < program.strings.length; i++) l.stringSyms.push(-1);
  l.codeFrom = firstCodeGlobal(l);
  addStartUp(l, options.testMode);
  for (let i = 0; i < program.funcs.length; i++) if (program.funcs[i].kind === FuncKind.export) entrySym(l, i);
  lowerPending(l);
  for (let k = 1; k <= Counted.plain; k++) {
    noteCounting(l, retainRoutines[k], retainKinds[k]);
    noteCounting(l, releaseRoutines[k], k === Counted.plain ? Counting.releasePlain : Counting.release);
    noteCounting(l, uniqueRoutines[k], readKinds[k]);
  }
  noteCounting(l, Rt.own_array, Counting.readsArray);
  noteCounting(l, Rt.own_plain, Counting.readsPlain);
  return m;
}

/** By Counted: what its routines do. */
const retainKinds = [Counting.none, Counting.retain, Counting.retainObject, Counting.retainArray, Counting.retainPlain];
const readKinds = [Counting.none, Counting.reads, Counting.readsObject, Counting.readsArray, Counting.readsPlain];

function noteCounting(l: Lower, routine: number, counting: number): void {
  const sym = l.funcSyms[l.program.runtime[routine]];
  if (sym >= 0) l.module.symbols[sym].counting = counting;
}

/** Functions and helpers until none is asked for any more. */
function lowerPending(l: Lower): void {
  let funcs = 0;
  let helpers = 0;
  while (funcs < l.pendingFuncs.length || helpers < l.pendingHelpers.length) {
    if (funcs < l.pendingFuncs.length) {
      lowerFunctionBody(l, l.pendingFuncs[funcs]);
      funcs += 1;
    } else {
      lowerHelper(l, l.pendingHelpers[helpers]);
      helpers += 1;
    }
  }
}

/** Lowers one function's body; again, with shared cleanups, when they were repeated too often. */
function lowerFunctionBody(l: Lower, index: number): void {
  const f = l.program.funcs[index];
  enterStage("lower", f.name);
  const effects = computeEffects(f, l.readers);
  let fs = lowerBodyWith(l, index, effects, newExits(f, l.shareCleanups));
  if (repeatsTooMuch(fs.exits)) fs = lowerBodyWith(l, index, effects, newExits(f, true));
  l.module.funcs.push(finishFunction(fs.b));
}

function lowerBodyWith(l: Lower, index: number, effects: number[], exits: Exits): FuncState {
  const f = l.program.funcs[index];
  const sym = l.funcSyms[index];
  const b = newBuilder(l.module, sym, l.module.symbols[sym].sig);
  b.pos = f.pos;
  b.func.pos = f.pos;
  const fs: FuncState = { l: l, b: b, f: f, homes: [], cleanups: [], labels: [], exits: exits, effects: effects, sret: -1, held: [], captured: [] };
  for (let k = 0; k < f.locals.length; k++) fs.homes.push(noHome());
  for (let k = 0; k < f.labels; k++) fs.labels.push(null);
  bindParams(fs);
  lowerBody(fs, f);
  return fs;
}

/** Params are borrowed. The hidden result address comes first, the cell of a closure last. */
function bindParams(fs: FuncState): void {
  const values = fs.b.func.blocks[0].params;
  let at = 0;
  if (!layout(fs, fs.f.result).flat) {
    fs.sret = values[0];
    at = 1;
  }
  for (const p of fs.f.params) {
    const type = fs.f.locals[p].type;
    const lay = layout(fs, type);
    const count = lay.flat ? lay.leaves.length : 1;
    bindParam(fs, p, paramVal(fs, type, values, at));
    at += count;
  }
  if (fs.f.captures.length > 0) bindCaptures(fs, values[at]);
}

function paramVal(fs: FuncState, type: number, values: number[], at: number): Val {
  const lay = layout(fs, type);
  if (!lay.flat) return memoryVal(type, values[at], Own.stable);
  const leaves: number[] = [];
  for (let k = 0; k < lay.leaves.length; k++) leaves.push(values[at + k]);
  return flatVal(type, leaves, Own.stable);
}

function bindCaptures(fs: FuncState, cell: number): void {
  const types: number[] = [];
  for (const c of fs.f.captures) types.push(fs.f.locals[c].type);
  const lay = layout(fs, cellType(fs.l, types));
  for (let k = 0; k < types.length; k++) bindLocal(fs, fs.f.captures[k], loadVal(fs, types[k], cell, lay.offsets[k + 1], Own.stable));
}

/** The body is a statement, or the value of a function that is one expression. */
function lowerBody(fs: FuncState, f: TFunc): void {
  const kind = typeInfo(fs, nodeOf(fs, f.body).type).kind;
  const wanted = typeInfo(fs, f.result).kind;
  if (kind === Kind.void || kind === Kind.noreturn || wanted === Kind.void) {
    lowerStatement(fs, f.body);
    closeScope(fs, 0);
    if (wanted === Kind.void) emitResult(fs, flatVal(f.result, [], Own.stable));
    else emitTrap(fs.b, 0);
    return;
  }
  const v = lowerOwned(fs, f.body);
  closeScope(fs, 0);
  emitResult(fs, v);
}
