// Text: print, interpolation, concatenation, assertEq.
// In -> out: parts, evaluated first and in order, then handed one by one to the runtime's formatter, which ends by
// writing them at once or by making a string. A chain of string concatenations is one such run.

import { i64From } from "../base/int64.ts";
import { TOp, type TNode } from "../check/tree.ts";
import { Kind, TypeId } from "../check/types.ts";
import { emitBrif, emitIconst, emitInst, emitSymAddr, emitTrap, emitValue, newBlock, sealBlock, switchTo } from "../ssa/builder.ts";
import { Op, Type } from "../ssa/ops.ts";
import { keepTemp, pinVal } from "./counting.ts";
import { helperSym, panicText, Rt, textSym } from "./data.ts";
import { newSlice } from "./lower_aggregate.ts";
import { nameOfValue } from "./lower_builtin.ts";
import { widenTo64 } from "./lower_convert.ts";
import { byteLen, equalVals } from "./lower_equal.ts";
import { effectsAfter, integerInfo, lowerExpr } from "./lower_expr.ts";
import { elementAddress, toAddress } from "./place.ts";
import { type FuncState, flatVal, Helper, layout, nodeOf, Own, scalarOf, typeInfo, type Val } from "./state.ts";
import { callRuntime } from "./runtime_call.ts";

/** A print, interpolate or concat node. */
export function lowerText(fs: FuncState, id: number): Val {
  const n = nodeOf(fs, id);
  if (n.op === TOp.concat) return lowerConcat(fs, id);
  const parts = lowerParts(fs, n.list);
  fs.b.pos = n.pos;
  beginFormat(fs);
  for (const p of parts) formatPart(fs, p, n.pos);
  if (n.op === TOp.interpolate) return takeText(fs, n.type);
  if ((n.n & 1) === 1) formatConst(fs, "\n");
  callRuntime(fs, Rt.format_end, [emitIconst(fs.b, Type.i64, i64From((n.n & 2) === 2 ? 2 : 1))]);
  return flatVal(n.type, [], Own.stable);
}

function lowerParts(fs: FuncState, list: number[]): Val[] {
  const parts: Val[] = [];
  const after = effectsAfter(fs, list);
  for (let k = 0; k < list.length; k++) {
    const later = after[k];
    parts.push(pinVal(fs, lowerExpr(fs, list[k]), later > 1 ? later : 1));
  }
  return parts;
}

function beginFormat(fs: FuncState): void {
  callRuntime(fs, Rt.format_begin, []);
}

/** The text formatted since beginFormat, as a new string. */
function takeText(fs: FuncState, type: number): Val {
  const r = callRuntime(fs, Rt.format_text, []);
  return flatVal(type, [toAddress(fs, r[0]), r[1]], Own.owned);
}

function formatConst(fs: FuncState, text: string): void {
  const address = emitSymAddr(fs.b, textSym(fs.l, text), 0);
  callRuntime(fs, Rt.print_string, [address, emitIconst(fs.b, Type.i64, i64From(text.length))]);
}

/** Formats one value by its type. */
function formatPart(fs: FuncState, v: Val, pos: number): void {
  const info = typeInfo(fs, v.type);
  if (info.kind === Kind.string || info.kind === Kind.slice) {
    callRuntime(fs, Rt.print_string, [v.leaves[0], v.leaves[1]]);
    return;
  }
  if (info.kind === Kind.enum || info.kind === Kind.error_set) {
    formatPart(fs, keepTemp(fs, nameOfValue(fs, scalarOf(v), v.type, pos)), pos);
    return;
  }
  const number = integerInfo(fs, v.type);
  const value = scalarOf(v);
  if (number.kind === Kind.bool) callRuntime(fs, Rt.print_bool, [value]);
  else if (number.kind === Kind.float) callRuntime(fs, number.bits === 32 ? Rt.print_f32 : Rt.print_f64, [value]);
  else callRuntime(fs, number.signed ? Rt.print_int : Rt.print_uint, [widenTo64(fs, value, number)]);
}

/** a ++ b: strings of a whole chain at once, other sequences two by two. */
function lowerConcat(fs: FuncState, id: number): Val {
  const n = nodeOf(fs, id);
  if (typeInfo(fs, n.type).kind !== Kind.string) return concatSlices(fs, n);
  const leaves: number[] = [];
  let at = id;
  while (nodeOf(fs, at).op === TOp.concat) {
    leaves.push(nodeOf(fs, at).b);
    at = nodeOf(fs, at).a;
  }
  leaves.push(at);
  leaves.reverse();
  const parts = lowerParts(fs, leaves);
  fs.b.pos = n.pos;
  if (parts.length === 2) return concatVals(fs, parts[0], parts[1]);
  beginFormat(fs);
  for (const p of parts) formatPart(fs, p, n.pos);
  return takeText(fs, n.type);
}

/** Two strings joined into a new one. */
export function concatVals(fs: FuncState, left: Val, right: Val): Val {
  const r = callRuntime(fs, Rt.concat, [left.leaves[0], left.leaves[1], right.leaves[0], right.leaves[1]]);
  return flatVal(left.type, [toAddress(fs, r[0]), r[1]], Own.owned);
}

/** Copies both into new storage and retains what the elements hold. */
function concatSlices(fs: FuncState, n: TNode): Val {
  const parts = lowerParts(fs, [n.a, n.b]);
  fs.b.pos = n.pos;
  const elem = typeInfo(fs, n.type).elem;
  const total = emitValue(fs.b, Op.iadd, Type.i64, [parts[0].leaves[1], parts[1].leaves[1]], Type.i64);
  const made = newSlice(fs, n.type, total);
  const size = layout(fs, elem).size;
  copyElements(fs, made.leaves[0], parts[0], size);
  copyElements(fs, elementAddress(fs, made.leaves[0], parts[0].leaves[1], elem), parts[1], size);
  if (layout(fs, elem).counted) {
    const helper = emitSymAddr(fs.b, helperSym(fs.l, Helper.retain, elem), 0);
    const step = emitIconst(fs.b, Type.i64, i64From(size));
    callRuntime(fs, Rt.each_element, [made.leaves[0], total, step, helper]);
  }
  return made;
}

function copyElements(fs: FuncState, to: number, from: Val, size: number): void {
  const bytes = toAddress(fs, byteLen(fs, from.leaves[1], size));
  emitInst(fs.b, Op.memory_copy, Type.void, [to, from.leaves[0], bytes]);
}

/** @assertEq(a, b): panics with both values in words when they differ. */
export function lowerAssertEqual(fs: FuncState, n: TNode): Val {
  const parts = lowerParts(fs, n.list);
  fs.b.pos = n.pos;
  const same = equalVals(fs, parts[0], parts[1]);
  const yes = newBlock(fs.b);
  const no = newBlock(fs.b);
  emitBrif(fs.b, same, yes, no);
  sealBlock(fs.b, yes);
  sealBlock(fs.b, no);
  switchTo(fs.b, no);
  const depth = fs.cleanups.length;
  beginFormat(fs);
  formatConst(fs, "assertEq: ");
  formatPart(fs, parts[0], n.pos);
  formatConst(fs, " != ");
  formatPart(fs, parts[1], n.pos);
  const text = takeText(fs, TypeId.string);
  const prefix = panicText(fs.l, n.pos, "");
  const place = emitSymAddr(fs.b, textSym(fs.l, prefix), 0);
  const size = emitIconst(fs.b, Type.i64, i64From(prefix.length));
  callRuntime(fs, Rt.panic_message, [place, size, text.leaves[0], text.leaves[1]]);
  emitTrap(fs.b, 0);
  // The temporaries of the message end with the program.
  while (fs.cleanups.length > depth) fs.cleanups.pop();
  switchTo(fs.b, yes);
  return flatVal(n.type, [], Own.stable);
}
