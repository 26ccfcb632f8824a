// Calls: of functions, of function values, of C.
// In -> out: a call node, to the result, owned. Arguments are borrowed: the caller guarantees each for the whole call,
// so what was loaded from changeable memory is pinned. Results in memory go to a slot whose address is the first
// argument. A fn value is called through its cell, which travels as the last argument.

import { bug } from "../base/bug.ts";
import { i64From } from "../base/int64.ts";
import { FuncKind, type TFunc, type TNode } from "../check/tree.ts";
import { Kind } from "../check/types.ts";
import { emitCall, emitCallIndirect, emitLoad } from "../ssa/builder.ts";
import { addSymbol, internSig, SymKind } from "../ssa/module.ts";
import { Op, typeName } from "../ssa/ops.ts";
import { copyToSlot, newSlot, ownVal, keepTemp, pinVal } from "./counting.ts";
import { addSignature, funcSym } from "./data.ts";
import { effectsAfter, effectsFrom, integerInfo, lowerExpr, normalize } from "./lower_expr.ts";
import { emitUnreachable, type FuncState, flatVal, layout, memoryVal, nodeOf, Own, typeInfo, type Val } from "./state.ts";

/** Lowers arguments in order and appends their leaves or addresses. */
export function lowerArgs(fs: FuncState, list: number[], args: number[]): void {
  const vals: Val[] = [];
  const after = effectsAfter(fs, list);
  for (let k = 0; k < list.length; k++) {
    const later = after[k];
    const v = pinVal(fs, lowerExpr(fs, list[k]), later > 1 ? later : 1);
    vals.push(safeToPass(fs, v));
  }
  for (const v of vals) appendArg(fs, v, args);
}

/** A value in memory that others may write meanwhile is copied. */
function safeToPass(fs: FuncState, v: Val): Val {
  if (v.address < 0 || v.own === Own.stable || v.own === Own.temp) return v;
  if (layout(fs, v.type).counted) return keepTemp(fs, ownVal(fs, v));
  return copyToSlot(fs, v);
}

function appendArg(fs: FuncState, v: Val, args: number[]): void {
  const lay = layout(fs, v.type);
  if (!lay.flat) args.push(v.address);
  else for (const x of v.leaves) args.push(x);
}

/** A call of a function by name. */
export function lowerCall(fs: FuncState, n: TNode): Val {
  return callFunc(fs, n.n, n.list, [], n.type, n.pos);
}

/** A call of func `index` with leading SSA arguments already there. */
export function callFunc(fs: FuncState, index: number, list: number[], leading: number[], type: number, pos: number): Val {
  const f = fs.l.program.funcs[index];
  const args: number[] = [];
  const slot = resultSlot(fs, f.result, args);
  for (const x of leading) args.push(x);
  lowerArgs(fs, list, args);
  fs.b.pos = pos;
  const sym = f.variadic ? variadicSym(fs, f, funcSym(fs.l, index), args) : funcSym(fs.l, index);
  const call = emitCall(fs.b, sym, args);
  const v = takeResult(fs, f.result, fs.b.func.insts[call].results, slot);
  if (f.kind === FuncKind.extern) {
    narrowResult(fs, v);
    // Who is not Cot hands over no count: a pointer that comes back may be one that went there.
    if (layout(fs, f.result).counted) v.own = Own.volatile;
  }
  if (typeInfo(fs, type).kind === Kind.noreturn) emitUnreachable(fs);
  return v;
}

/** The slot for a result that lives in memory, its address appended; else -1. */
function resultSlot(fs: FuncState, type: number, args: number[]): number {
  if (layout(fs, type).flat) return -1;
  const address = newSlot(fs, type);
  args.push(address);
  return address;
}

function takeResult(fs: FuncState, type: number, results: number[], slot: number): Val {
  if (slot >= 0) return memoryVal(type, slot, Own.owned);
  const leaves: number[] = [];
  for (const r of results) leaves.push(r);
  return flatVal(type, leaves, layout(fs, type).counted ? Own.owned : Own.stable);
}

/** C promises nothing about the upper bits of a narrow result. */
function narrowResult(fs: FuncState, v: Val): void {
  if (v.leaves.length !== 1) return;
  const info = integerInfo(fs, v.type);
  if (info.kind === Kind.int || info.kind === Kind.bool) v.leaves[0] = normalize(fs, v.leaves[0], info);
}

/** The symbol of one call shape of a C variadic function. */
function variadicSym(fs: FuncState, f: TFunc, base: number, args: number[]): number {
  const m = fs.l.module;
  const params: number[] = [];
  let name = m.symbols[base].name + "(";
  for (let k = 0; k < args.length; k++) {
    params.push(fs.b.func.valueType[args[k]]);
    name += (k > 0 ? " " : "") + typeName(params[k]);
  }
  name += ")";
  const found = m.byName.get(name);
  if (found !== undefined) return found;
  const sym = addSymbol(m, name, SymKind.func);
  const s = m.symbols[sym];
  s.sig = internSig(m, params, m.sigs[m.symbols[base].sig].results);
  s.importModule = f.importModule;
  s.outerName = f.outer;
  s.global = true;
  s.variadic = m.sigs[m.symbols[base].sig].params.length;
  return sym;
}

/** A call of a fn or extern fn value. */
export function lowerCallValue(fs: FuncState, n: TNode): Val {
  const info = typeInfo(fs, nodeOf(fs, n.a).type);
  const later = effectsFrom(fs, n.list, 0);
  const callee = pinVal(fs, lowerExpr(fs, n.a), later > 1 ? later : 1).leaves[0];
  const isCell = info.kind === Kind.fn;
  if (!isCell && info.kind !== Kind.extern_fn) return bug("not a function value");
  const args: number[] = [callee];
  const slot = resultSlot(fs, info.elem, args);
  lowerArgs(fs, n.list, args);
  fs.b.pos = n.pos;
  const params: number[] = [];
  const results: number[] = [];
  addSignature(fs.l, info.params, info.elem, params, results);
  if (isCell) {
    args[0] = emitLoad(fs.b, Op.load, fs.l.pointer, callee, i64From(0));
    args.push(callee);
    params.push(fs.l.pointer);
  }
  const call = emitCallIndirect(fs.b, internSig(fs.l.module, params, results), args);
  const v = takeResult(fs, info.elem, fs.b.func.insts[call].results, slot);
  if (!isCell) narrowResult(fs, v);
  if (typeInfo(fs, n.type).kind === Kind.noreturn) emitUnreachable(fs);
  return v;
}
