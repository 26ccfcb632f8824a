// Functions that lower makes itself: retain and release by type, thunks of function values, entries for C.
// In -> out: a PendingHelper, to a function in the module. Release of a type is also what its descriptor names: the
// runtime calls it with the address of each element of dead storage.

import { enterStage } from "../base/bug.ts";
import { lowI64 } from "../base/int128.ts";
import { i64From } from "../base/int64.ts";
import { FuncKind, type TFunc } from "../check/tree.ts";
import { Kind, TypeId } from "../check/types.ts";
import { defVariable, emitBrif, emitCall, emitIconst, emitJump, emitReturn, emitValue, finishFunction, newBlock, newBuilder, newVariable, sealBlock, switchTo, useVariable } from "../ssa/builder.ts";
import { resultsOf } from "../ssa/function.ts";
import { Op, Type } from "../ssa/ops.ts";
import { addOffset, loadVal, releaseVal, retainVal } from "./counting.ts";
import { lowerCEntry, lowerCThunk } from "./c_call.ts";
import { funcSym, helperSym } from "./data.ts";
import { newExits } from "./exits.ts";
import { elementAddress, firstLeafOf, memoryPlace } from "./place.ts";
import { type FuncState, Helper, layout, type Lower, Own, type PendingHelper, typeInfo } from "./state.ts";

/** A function of the program that has no body of its own: lower made it. */
export function madeFunc(name: string): TFunc {
  return {
    name: name, kind: 0, outer: "", importModule: "", variadic: false, pos: -1, params: [], captures: [], closure: false,
    result: TypeId.void, locals: [], nodes: [], body: -1, labels: 0,
  };
}

/** The state for building a function that lower makes. */
export function madeState(l: Lower, sym: number): FuncState {
  const s = l.module.symbols[sym];
  enterStage("lower", s.name);
  const f = madeFunc(s.name);
  return { l: l, b: newBuilder(l.module, sym, s.sig), f: f, homes: [], cleanups: [], labels: [], exits: newExits(f, false), effects: [], sret: -1, held: [], captured: [] };
}

/** Makes one helper. */
export function lowerHelper(l: Lower, h: PendingHelper): void {
  const fs = madeState(l, h.sym);
  const params = fs.b.func.blocks[0].params;
  if (h.kind === Helper.thunk) {
    if (l.program.funcs[h.type].kind === FuncKind.extern) lowerCThunk(fs, h.type);
    else lowerThunk(fs, h.type);
  } else if (h.kind === Helper.entry) {
    lowerCEntry(fs, h.type);
  } else {
    countAt(fs, h.kind, h.type, params[0]);
    emitReturn(fs.b, []);
  }
  l.module.funcs.push(finishFunction(fs.b));
}

/** Hands its params on to a function of the program, without the cell. */
function lowerThunk(fs: FuncState, index: number): void {
  const params = fs.b.func.blocks[0].params;
  const args: number[] = [];
  for (let k = 0; k < params.length - 1; k++) args.push(params[k]);
  const call = emitCall(fs.b, funcSym(fs.l, index), args);
  emitReturn(fs.b, resultsOf(fs.b.func.insts[call]));
}

/** Counts everything that a value of a type at an address holds. */
function countAt(fs: FuncState, kind: number, type: number, address: number): void {
  const info = typeInfo(fs, type);
  const lay = layout(fs, type);
  if (lay.flat) {
    const v = loadVal(fs, type, address, 0, Own.owned);
    if (kind === Helper.retain) retainVal(fs, v);
    else releaseVal(fs, v);
  } else if (info.kind === Kind.array) {
    countElements(fs, kind, info.elem, info.len, address);
  } else if (info.kind === Kind.union) {
    countVariants(fs, kind, type, address);
  } else if (info.kind === Kind.optional || info.kind === Kind.error_union) {
    countPart(fs, kind, info.elem, address, lay.offsets[0]);
  } else if (info.kind === Kind.distinct) {
    countPart(fs, kind, info.elem, address, 0);
  } else {
    for (let k = 0; k < info.fields.length; k++) countPart(fs, kind, info.fields[k].type, address, lay.offsets[k]);
  }
}

/** A part inside of another value: in place when flat, else by its own helper. */
function countPart(fs: FuncState, kind: number, type: number, address: number, offset: number): void {
  const lay = layout(fs, type);
  if (!lay.counted) return;
  if (!lay.flat) {
    emitCall(fs.b, helperSym(fs.l, kind, type), [addOffset(fs, address, offset)]);
    return;
  }
  const v = loadVal(fs, type, address, offset, Own.owned);
  if (kind === Helper.retain) retainVal(fs, v);
  else releaseVal(fs, v);
}

function countElements(fs: FuncState, kind: number, elem: number, len: number, address: number): void {
  const index = newVariable(fs.b, Type.i64);
  defVariable(fs.b, index, emitIconst(fs.b, Type.i64, i64From(0)));
  const head = newBlock(fs.b);
  const body = newBlock(fs.b);
  const done = newBlock(fs.b);
  emitJump(fs.b, head, []);
  switchTo(fs.b, head);
  const at = useVariable(fs.b, index);
  emitBrif(fs.b, emitValue(fs.b, Op.ult, Type.i64, [at, emitIconst(fs.b, Type.i64, i64From(len))], Type.i32), body, done);
  sealBlock(fs.b, body);
  sealBlock(fs.b, done);
  switchTo(fs.b, body);
  countPart(fs, kind, elem, elementAddress(fs, address, at, elem), 0);
  defVariable(fs.b, index, emitValue(fs.b, Op.iadd, Type.i64, [at, emitIconst(fs.b, Type.i64, i64From(1))], Type.i64));
  emitJump(fs.b, head, []);
  sealBlock(fs.b, head);
  switchTo(fs.b, done);
}

/** Tests the tag for every variant that holds something. */
function countVariants(fs: FuncState, kind: number, type: number, address: number): void {
  const info = typeInfo(fs, type);
  const lay = layout(fs, type);
  const tag = firstLeafOf(fs, memoryPlace(type, address, Own.owned, null));
  const tagType = fs.b.func.valueType[tag];
  const done = newBlock(fs.b);
  for (const f of info.fields) {
    if (!layout(fs, f.type).counted) continue;
    const yes = newBlock(fs.b);
    const next = newBlock(fs.b);
    emitBrif(fs.b, emitValue(fs.b, Op.eq, tagType, [tag, emitIconst(fs.b, tagType, lowI64(f.value))], Type.i32), yes, next);
    sealBlock(fs.b, yes);
    sealBlock(fs.b, next);
    switchTo(fs.b, yes);
    countPart(fs, kind, f.type, address, lay.offsets[0]);
    emitJump(fs.b, done, []);
    switchTo(fs.b, next);
  }
  emitJump(fs.b, done, []);
  sealBlock(fs.b, done);
  switchTo(fs.b, done);
}
