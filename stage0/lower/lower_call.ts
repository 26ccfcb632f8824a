// Calls: of functions, of function values, of C.
// In -> out: a call node, to the result, owned. Arguments are borrowed: the caller guarantees each for the whole call,
// so what was loaded from changeable memory is pinned. Results in memory go to a slot whose address is the first
// argument. A fn value is called through its cell, which travels as the last argument. Calls of C go by c_call.

import { bug } from "../base/bug.ts";
import { i64From } from "../base/int64.ts";
import { FuncKind, type TFunc, type TNode } from "../check/tree.ts";
import { Kind, type TypeInfo } from "../check/types.ts";
import { emitCall, emitCallIndirect, emitLoad } from "../ssa/builder.ts";
import { resultsOf } from "../ssa/function.ts";
import { addSymbol, internSig, SymKind } from "../ssa/module.ts";
import { Op, typeName } from "../ssa/ops.ts";
import { cSignature, paramTypes } from "./c_abi.ts";
import { appendCArg, cResultSlot, takeCResult } from "./c_call.ts";
import { copyToSlot, newSlot, ownVal, keepTemp, pinVal } from "./counting.ts";
import { addSignature, funcSym } from "./data.ts";
import { effectsAfter, effectsFrom, lowerExpr } from "./lower_expr.ts";
import { beginHeld, endHeld, findHeld, heldNode } from "./held.ts";
import { checkPointer } from "./nulls.ts";
import { emitUnreachable, type FuncState, flatVal, type HeldCopy, layout, memoryVal, nodeOf, Own, typeInfo, type Val } from "./state.ts";

/**
 * Lowers arguments in order to values that stay as they are until the call ends; `own`: the effect of the call itself;
 * `callee`: the function, or -1. A payload is copied when the others have been evaluated.
 */
function lowerArgs(fs: FuncState, list: number[], own: number, callee: number): Val[] {
  const vals: Val[] = [];
  const after = effectsAfter(fs, list);
  const held: (HeldCopy | null)[] = [];
  for (let k = 0; k < list.length; k++) {
    const at = heldNode(fs, list, k, callee);
    const h = at < 0 ? null : findHeld(fs, at, after[k]);
    held.push(after[k] > 0 ? h : null);
    if (h !== null && after[k] > 0) {
      vals.push(flatVal(nodeOf(fs, list[k]).type, [], Own.stable));
      continue;
    }
    if (h !== null) beginHeld(fs, h);
    vals.push(lowerArg(fs, list[k], after[k] > own ? after[k] : own));
  }
  for (let k = 0; k < list.length; k++) {
    const h = held[k];
    if (h === null) continue;
    beginHeld(fs, h);
    vals[k] = lowerArg(fs, list[k], own);
  }
  return vals;
}

/** An argument that stays as it is over effects of the given strength. */
function lowerArg(fs: FuncState, id: number, later: number): Val {
  const v = pinVal(fs, lowerExpr(fs, id), later);
  return later > 0 ? safeToPass(fs, v) : v;
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
  if (f.kind === FuncKind.extern) return callExtern(fs, index, list, type, pos);
  const args: number[] = [];
  const slot = resultSlot(fs, f.result, args);
  for (const x of leading) args.push(x);
  const held = fs.held.length;
  for (const v of lowerArgs(fs, list, fs.l.readers[index] ? 0 : 1, index)) appendArg(fs, v, args);
  fs.b.pos = pos;
  const call = emitCall(fs.b, funcSym(fs.l, index), args);
  const v = takeResult(fs, f.result, resultsOf(fs.b.func.insts[call]), slot);
  endHeld(fs, held);
  if (typeInfo(fs, type).kind === Kind.noreturn) emitUnreachable(fs);
  return v;
}

/** A call of a C function by name. */
function callExtern(fs: FuncState, index: number, list: number[], type: number, pos: number): Val {
  const f = fs.l.program.funcs[index];
  const held = fs.held.length;
  const vals = lowerArgs(fs, list, 1, index);
  fs.b.pos = pos;
  const args: number[] = [];
  const slot = cResultSlot(fs, f.result, args);
  const more: number[] = [];
  for (let k = 0; k < vals.length; k++) {
    appendCArg(fs, vals[k], args);
    if (k >= f.params.length) more.push(fs.b.func.valueType[args[args.length - 1]]);
  }
  const sym = f.variadic ? variadicSym(fs, f, funcSym(fs.l, index), more) : funcSym(fs.l, index);
  const call = emitCall(fs.b, sym, args);
  const v = takeCResult(fs, f.result, resultsOf(fs.b.func.insts[call]), slot);
  endHeld(fs, held);
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

/** The symbol of one call shape of a C variadic function: the types of what it is given more than its params. */
function variadicSym(fs: FuncState, f: TFunc, base: number, more: number[]): number {
  const m = fs.l.module;
  const fixed = m.sigs[m.symbols[base].sig].params;
  let name = m.symbols[base].name + "(";
  for (let k = 0; k < fixed.length + more.length; k++) {
    name += (k > 0 ? " " : "") + typeName(k < fixed.length ? fixed[k] : more[k - fixed.length]);
  }
  name += ")";
  const found = m.byName.get(name);
  if (found !== undefined) return found;
  const sym = addSymbol(m, name, SymKind.func);
  const s = m.symbols[sym];
  s.sig = cSignature(fs.l, paramTypes(f), f.result, more);
  s.importModule = f.importModule;
  s.outerName = f.outer;
  s.global = true;
  s.variadic = fixed.length;
  return sym;
}

/** A call of a fn or extern fn value. */
export function lowerCallValue(fs: FuncState, n: TNode): Val {
  const info = typeInfo(fs, nodeOf(fs, n.a).type);
  const held = fs.held.length;
  const later = effectsFrom(fs, n.list, 0);
  const callee = pinVal(fs, lowerExpr(fs, n.a), later > 1 ? later : 1).leaves[0];
  if (info.kind !== Kind.fn && info.kind !== Kind.extern_fn) return bug("not a function value");
  const v = info.kind === Kind.fn ? callCell(fs, n, info, callee) : callAddress(fs, n, info, callee);
  endHeld(fs, held);
  if (typeInfo(fs, n.type).kind === Kind.noreturn) emitUnreachable(fs);
  return v;
}

function callCell(fs: FuncState, n: TNode, info: TypeInfo, cell: number): Val {
  const args: number[] = [cell];
  const slot = resultSlot(fs, info.elem, args);
  for (const v of lowerArgs(fs, n.list, 1, -1)) appendArg(fs, v, args);
  fs.b.pos = n.pos;
  const params: number[] = [];
  const results: number[] = [];
  addSignature(fs.l, info.params, info.elem, params, results);
  checkPointer(fs, n.a, cell, 0, n.pos);
  args[0] = emitLoad(fs.b, Op.load, fs.l.pointer, cell, i64From(0));
  args.push(cell);
  params.push(fs.l.pointer);
  const call = emitCallIndirect(fs.b, internSig(fs.l.module, params, results), args);
  return takeResult(fs, info.elem, resultsOf(fs.b.func.insts[call]), slot);
}

/** A call through a bare C code address. */
function callAddress(fs: FuncState, n: TNode, info: TypeInfo, address: number): Val {
  const args: number[] = [address];
  const vals = lowerArgs(fs, n.list, 1, -1);
  fs.b.pos = n.pos;
  const slot = cResultSlot(fs, info.elem, args);
  for (const v of vals) appendCArg(fs, v, args);
  checkPointer(fs, n.a, address, 0, n.pos);
  const call = emitCallIndirect(fs.b, cSignature(fs.l, info.params, info.elem, []), args);
  return takeCResult(fs, info.elem, resultsOf(fs.b.func.insts[call]), slot);
}
