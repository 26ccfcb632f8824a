// Values between Cot and C: arguments to C and its results, and the entries by which C calls Cot functions.
// In -> out: values, to the scalars of C's convention (c_abi) and back, by way of slots where the pieces of a struct
// are not its leaves. C promises nothing about the upper bits of a narrow integer, so those are made good on arrival.
// Who is not Cot hands over no count: what comes back may be what went there.

import { alignUp, maxI32 } from "../base/int32.ts";
import { i64From } from "../base/int64.ts";
import { emitCall, emitIconst, emitLoad, emitReturn, emitSlotAddr, emitStore } from "../ssa/builder.ts";
import { addSlot, resultsOf } from "../ssa/function.ts";
import { Op, Type } from "../ssa/ops.ts";
import { type CWay, CWayKind, cWayOf, isNarrow, paramTypes } from "./c_abi.ts";
import { copyToSlot, loadVal, retainVal, storeVal } from "./counting.ts";
import { funcSym } from "./data.ts";
import type { Leaf } from "./layout.ts";
import { cutBits } from "./lower_expr.ts";
import { type FuncState, flatVal, layout, memoryVal, Own, type Val } from "./state.ts";

/** The slot for a result of C that lives in memory, its address appended; else -1. */
export function cResultSlot(fs: FuncState, type: number, args: number[]): number {
  if (cWayOf(fs.l, type).kind !== CWayKind.memory) return -1;
  const address = pieceSlot(fs, type);
  args.push(address);
  return address;
}

/** A slot for a value of a type, as long as its eightbytes. */
function pieceSlot(fs: FuncState, type: number): number {
  const lay = layout(fs, type);
  return emitSlotAddr(fs.b, addSlot(fs.b.func, alignUp(lay.size, 8), maxI32(lay.align, 8)), 0);
}

/** Appends what C is given for a value. */
export function appendCArg(fs: FuncState, v: Val, args: number[]): void {
  const way = cWayOf(fs.l, v.type);
  if (way.kind === CWayKind.scalar) {
    args.push(v.leaves[0]);
  } else if (way.kind === CWayKind.memory) {
    args.push(argAddress(fs, v));
  } else {
    for (const x of piecesOfVal(fs, v, way)) args.push(x);
  }
}

/** Where a struct lies that is passed in memory; on Wasm C may write there, so it is a copy. */
function argAddress(fs: FuncState, v: Val): number {
  if (v.address >= 0) return fs.l.wasm ? copyToSlot(fs, v).address : v.address;
  const address = pieceSlot(fs, v.type);
  storeVal(fs, address, 0, v);
  return address;
}

function piecesOfVal(fs: FuncState, v: Val, way: CWay): number[] {
  if (way.pieces.length === 0) return [];
  const address = pieceSlot(fs, v.type);
  const last = way.pieces[way.pieces.length - 1];
  // What lies behind the last field is zero, the same each time.
  if (last.type === Type.i64 && layout(fs, v.type).size < last.offset + 8) {
    emitStore(fs.b, Op.store, address, emitIconst(fs.b, Type.i64, i64From(0)), i64From(last.offset));
  }
  storeVal(fs, address, 0, v);
  return loadPieces(fs, address, way);
}

function loadPieces(fs: FuncState, address: number, way: CWay): number[] {
  const pieces: number[] = [];
  for (const p of way.pieces) pieces.push(emitLoad(fs.b, p.load, p.type, address, i64From(p.offset)));
  return pieces;
}

/** Puts pieces that came from C back together; the address of the value. */
function storePieces(fs: FuncState, type: number, way: CWay, values: number[], at: number): number {
  const address = pieceSlot(fs, type);
  for (let k = 0; k < way.pieces.length; k++) emitStore(fs.b, way.pieces[k].store, address, values[at + k], i64From(way.pieces[k].offset));
  return address;
}

/** The value of what a C function returned; slot is where a result in memory went. */
export function takeCResult(fs: FuncState, type: number, results: number[], slot: number): Val {
  const way = cWayOf(fs.l, type);
  const lay = layout(fs, type);
  const own = lay.counted ? Own.volatile : lay.flat ? Own.stable : Own.owned;
  if (way.kind === CWayKind.scalar) return flatVal(type, [wholeLeaf(fs, results[0], lay.leaves[0])], own);
  const address = way.kind === CWayKind.memory ? slot : storePieces(fs, type, way, results, 0);
  return loadVal(fs, type, address, 0, own);
}

/** A scalar from C with the upper bits of its type. */
function wholeLeaf(fs: FuncState, value: number, leaf: Leaf): number {
  return isNarrow(leaf) ? cutBits(fs, value, leaf.bits, leaf.signed) : value;
}

/** The entry of a function of the program for C: takes what C gives, calls, and returns as C expects. */
export function lowerCEntry(fs: FuncState, index: number): void {
  const f = fs.l.program.funcs[index];
  const params = fs.b.func.blocks[0].params;
  const way = cWayOf(fs.l, f.result);
  const lay = layout(fs, f.result);
  const args: number[] = [];
  let at = way.kind === CWayKind.memory ? 1 : 0;
  let out = at === 1 ? params[0] : -1;
  if (!lay.flat) {
    if (out < 0) out = pieceSlot(fs, f.result);
    args.push(out);
  }
  for (const t of paramTypes(f)) at = takeCParam(fs, t, params, at, args);
  const call = emitCall(fs.b, funcSym(fs.l, index), args);
  const results = resultsOf(fs.b.func.insts[call]);
  const v = lay.flat ? flatVal(f.result, results, Own.stable) : memoryVal(f.result, out, Own.stable);
  if (way.kind === CWayKind.memory) {
    if (lay.flat) storeVal(fs, out, 0, v);
    emitReturn(fs.b, fs.l.wasm ? [] : [out]);
  } else if (way.kind === CWayKind.scalar) {
    emitReturn(fs.b, results);
  } else {
    emitReturn(fs.b, lay.flat ? piecesOfVal(fs, v, way) : loadPieces(fs, out, way));
  }
}

/** The thunk of a C function used as a fn value: takes what Cot gives and a cell, and returns as Cot expects. */
export function lowerCThunk(fs: FuncState, index: number): void {
  const f = fs.l.program.funcs[index];
  const params = fs.b.func.blocks[0].params;
  const lay = layout(fs, f.result);
  const args: number[] = [];
  let at = lay.flat ? 0 : 1;
  const slot = cResultSlot(fs, f.result, args);
  for (const t of paramTypes(f)) {
    const flat = layout(fs, t).flat;
    const leaves: number[] = [];
    for (let k = 0; flat && k < layout(fs, t).leaves.length; k++) leaves.push(params[at + k]);
    appendCArg(fs, flat ? flatVal(t, leaves, Own.stable) : memoryVal(t, params[at], Own.stable), args);
    at += flat ? leaves.length : 1;
  }
  const call = emitCall(fs.b, funcSym(fs.l, index), args);
  const v = takeCResult(fs, f.result, resultsOf(fs.b.func.insts[call]), slot);
  // The caller takes the result for its own.
  retainVal(fs, v);
  if (!lay.flat) storeVal(fs, params[0], 0, v);
  emitReturn(fs.b, lay.flat ? v.leaves : []);
}

/** Appends the arguments that C's params from `at` on make; the index after them. */
function takeCParam(fs: FuncState, type: number, params: number[], at: number, args: number[]): number {
  const way = cWayOf(fs.l, type);
  const lay = layout(fs, type);
  if (way.kind === CWayKind.scalar) {
    args.push(wholeLeaf(fs, params[at], lay.leaves[0]));
    return at + 1;
  }
  const inMemory = way.kind === CWayKind.memory;
  const v = loadVal(fs, type, inMemory ? params[at] : storePieces(fs, type, way, params, at), 0, Own.stable);
  if (lay.flat) for (const x of v.leaves) args.push(x);
  else args.push(v.address);
  return at + (inMemory ? 1 : way.pieces.length);
}
