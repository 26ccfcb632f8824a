// Expressions: constants, operators, reads of places; the dispatch for all nodes that have a value.
// In -> out: a node, to a Val with its ownership (see state). Integers narrower than 32 bits are kept sign- or
// zero-extended in an i32. Left-deep chains of operators are walked by a loop, so that a sum of any length lowers.

import { bug } from "../base/bug.ts";
import { lowI64 } from "../base/int128.ts";
import { eqI64, type I64, i64From, shlI64, subI64 } from "../base/int64.ts";
import { Bin, Cmp, TOp, type TNode } from "../check/tree.ts";
import { Kind, type TypeInfo } from "../check/types.ts";
import { addBlockParam, emitBrif, emitFconst, emitIconst, emitJump, emitSymAddr, emitValue, newBlock, sealBlock, switchTo } from "../ssa/builder.ts";
import { isFloatType, Op, Type } from "../ssa/ops.ts";
import { closeScope, keepTemp, newSlot, ownVal, pinVal, zeroVal } from "./counting.ts";
import { cellSym, entrySym, stringSym } from "./data.ts";
import { lowerAggregate } from "./lower_aggregate.ts";
import { lowerBuiltin } from "./lower_builtin.ts";
import { lowerCall, lowerCallValue } from "./lower_call.ts";
import { lowerControl } from "./lower_control.ts";
import { lowerConvert } from "./lower_convert.ts";
import { lowerEqual } from "./lower_equal.ts";
import { lowerText } from "./lower_print.ts";
import { emitCheck, isPlace, readPlaceNode } from "./place.ts";
import { lowerAddress, lowerElement, lowerSlice, lowerWeak } from "./lower_access.ts";
import { type FuncState, flatVal, layout, memoryVal, nodeOf, Own, scalarOf, typeInfo, type Val } from "./state.ts";

/** Lowers a node that has a value. The caller consumes an owned result (ownVal, keepTemp). */
export function lowerExpr(fs: FuncState, id: number): Val {
  const n = nodeOf(fs, id);
  fs.b.pos = n.pos;
  switch (n.op) {
    case TOp.const_int:
    case TOp.const_float:
    case TOp.const_string:
    case TOp.const_zero:
    case TOp.const_error:
    case TOp.const_fn: return lowerConst(fs, n);
    case TOp.local:
    case TOp.global:
    case TOp.deref: return readPlaceNode(fs, id);
    case TOp.field:
    case TOp.index:
    case TOp.unwrap:
    case TOp.union_payload: return isPlace(fs, id) ? readPlaceNode(fs, id) : lowerElement(fs, id);
    case TOp.union_tag:
    case TOp.len: return lowerElement(fs, id);
    case TOp.weak_load: return lowerWeak(fs, n);
    case TOp.slice: return lowerSlice(fs, n);
    case TOp.addr_of: return lowerAddress(fs, n);
    case TOp.neg:
    case TOp.bit_not:
    case TOp.not: return lowerUnary(fs, n);
    case TOp.binary:
    case TOp.and:
    case TOp.or: return lowerChain(fs, id);
    case TOp.compare: return lowerCompare(fs, n);
    case TOp.equal: return lowerEqual(fs, n);
    case TOp.convert: return lowerConvert(fs, n);
    case TOp.concat:
    case TOp.interpolate:
    case TOp.print: return lowerText(fs, id);
    case TOp.call: return lowerCall(fs, n);
    case TOp.call_value: return lowerCallValue(fs, n);
    case TOp.builtin: return lowerBuiltin(fs, n);
    case TOp.make_struct:
    case TOp.make_array:
    case TOp.make_tuple:
    case TOp.make_union:
    case TOp.make_closure:
    case TOp.new_object:
    case TOp.new_init:
    case TOp.new_array: return lowerAggregate(fs, n);
  }
  return lowerControl(fs, id);
}

/** A value that is used before the statement ends: an owned one becomes a temporary. */
export function lowerBorrowed(fs: FuncState, id: number): Val {
  return keepTemp(fs, lowerExpr(fs, id));
}

/** A value of which the caller owns one count. */
export function lowerOwned(fs: FuncState, id: number): Val {
  return ownVal(fs, lowerExpr(fs, id));
}

/** A scalar. */
export function lowerScalar(fs: FuncState, id: number): number {
  return scalarOf(lowerBorrowed(fs, id));
}

/** The effects of the nodes from list[from] on. */
export function effectsFrom(fs: FuncState, list: number[], from: number): number {
  let e = 0;
  for (let k = from; k < list.length; k++) if (list[k] >= 0 && fs.effects[list[k]] > e) e = fs.effects[list[k]];
  return e;
}

/** For each node of a list, the effects of the nodes after it. */
export function effectsAfter(fs: FuncState, list: number[]): number[] {
  const after: number[] = [];
  for (let k = 0; k < list.length; k++) after.push(0);
  let e = 0;
  for (let k = list.length - 1; k >= 0; k--) {
    after[k] = e;
    if (list[k] >= 0 && fs.effects[list[k]] > e) e = fs.effects[list[k]];
  }
  return after;
}

function lowerConst(fs: FuncState, n: TNode): Val {
  switch (n.op) {
    case TOp.const_zero:
      if (n.n === 1 && !layout(fs, n.type).flat && !layout(fs, n.type).counted) return memoryVal(n.type, newSlot(fs, n.type), Own.owned);
      return zeroVal(fs, n.type);
    case TOp.const_float: return flatVal(n.type, [emitFconst(fs.b, layout(fs, n.type).leaves[0].type, n.bits)], Own.stable);
    case TOp.const_int: return flatVal(n.type, [emitIconst(fs.b, layout(fs, n.type).leaves[0].type, lowI64(n.value))], Own.stable);
    case TOp.const_error: return flatVal(n.type, [emitIconst(fs.b, Type.i32, i64From(n.n))], Own.stable);
    case TOp.const_fn: {
      const sym = typeInfo(fs, n.type).kind === Kind.extern_fn ? entrySym(fs.l, n.n) : cellSym(fs.l, n.n);
      return flatVal(n.type, [emitSymAddr(fs.b, sym, 0)], Own.stable);
    }
  }
  const text = fs.l.program.strings[n.n];
  const address = emitSymAddr(fs.b, stringSym(fs.l, n.n), 0);
  return flatVal(n.type, [address, emitIconst(fs.b, Type.i64, i64From(text.length))], Own.stable);
}

/** The integer behind bool, enum and distinct types. */
export function integerInfo(fs: FuncState, type: number): TypeInfo {
  let info = typeInfo(fs, type);
  while (info.kind === Kind.enum || info.kind === Kind.distinct) info = typeInfo(fs, info.elem);
  return info;
}

/** Brings an integer back into the range of its type, where that is narrower than the i32 or i64 that it is in. */
export function normalize(fs: FuncState, value: number, info: TypeInfo): number {
  return info.kind === Kind.float ? value : cutBits(fs, value, info.bits, info.signed);
}

/** The low bits of an integer, extended with their sign or with zeros. */
export function cutBits(fs: FuncState, value: number, bits: number, signed: boolean): number {
  const type = fs.b.func.valueType[value];
  const width = type === Type.i64 ? 64 : 32;
  if (bits >= width) return value;
  if (signed && bits === 8) return emitValue(fs.b, Op.sextend8, type, [value], type);
  if (signed && bits === 16) return emitValue(fs.b, Op.sextend16, type, [value], type);
  if (!signed) return emitValue(fs.b, Op.band, type, [value, emitIconst(fs.b, type, lowBits(bits))], type);
  const count = emitIconst(fs.b, type, i64From(width - bits));
  return emitValue(fs.b, Op.sshr, type, [emitValue(fs.b, Op.ishl, type, [value, count], type), count], type);
}

/** So many ones from the lowest bit on, under 64. */
export function lowBits(bits: number): I64 {
  return subI64(shlI64(i64From(1), bits), i64From(1));
}

function lowerUnary(fs: FuncState, n: TNode): Val {
  const value = lowerScalar(fs, n.a);
  fs.b.pos = n.pos;
  const type = fs.b.func.valueType[value];
  const info = integerInfo(fs, n.type);
  if (n.op === TOp.not) return flatVal(n.type, [emitValue(fs.b, Op.eq, type, [value, emitIconst(fs.b, type, i64From(0))], Type.i32)], Own.stable);
  if (isFloatType(type)) return flatVal(n.type, [emitValue(fs.b, Op.fneg, type, [value], type)], Own.stable);
  const made = n.op === TOp.neg
    ? emitValue(fs.b, Op.isub, type, [emitIconst(fs.b, type, i64From(0)), value], type)
    : emitValue(fs.b, Op.bxor, type, [value, emitIconst(fs.b, type, i64From(-1))], type);
  return flatVal(n.type, [normalize(fs, made, info)], Own.stable);
}

/** binary, and, or: the left spine is a loop. */
function lowerChain(fs: FuncState, id: number): Val {
  const spine: number[] = [];
  let at = id;
  while (isChainOp(nodeOf(fs, at).op)) {
    spine.push(at);
    at = nodeOf(fs, at).a;
  }
  let left = lowerScalar(fs, at);
  for (let k = spine.length - 1; k >= 0; k--) {
    const n = nodeOf(fs, spine[k]);
    if (n.op === TOp.binary) left = lowerBinary(fs, n, n.type, left, lowerScalar(fs, n.b));
    else left = lowerShortCircuit(fs, n, left);
  }
  return flatVal(nodeOf(fs, id).type, [left], Own.stable);
}

function isChainOp(op: number): boolean {
  return op === TOp.binary || op === TOp.and || op === TOp.or;
}

function lowerShortCircuit(fs: FuncState, n: TNode, left: number): number {
  const right = newBlock(fs.b);
  const done = newBlock(fs.b);
  const short = newBlock(fs.b);
  const result = addBlockParam(fs.b, done, Type.i32);
  if (n.op === TOp.and) emitBrif(fs.b, left, right, short);
  else emitBrif(fs.b, left, short, right);
  sealBlock(fs.b, short);
  sealBlock(fs.b, right);
  switchTo(fs.b, short);
  emitJump(fs.b, done, [emitIconst(fs.b, Type.i32, i64From(n.op === TOp.and ? 0 : 1))]);
  switchTo(fs.b, right);
  const depth = fs.cleanups.length;
  const value = typeInfo(fs, nodeOf(fs, n.b).type).kind === Kind.noreturn ? lowerNever(fs, n.b) : lowerScalar(fs, n.b);
  closeScope(fs, depth);
  emitJump(fs.b, done, [value]);
  sealBlock(fs.b, done);
  switchTo(fs.b, done);
  return result;
}

function lowerNever(fs: FuncState, id: number): number {
  lowerExpr(fs, id);
  return emitIconst(fs.b, Type.i32, i64From(0));
}

/** The operation n.n of a type on two scalars that are there. */
export function lowerBinary(fs: FuncState, n: TNode, operandType: number, left: number, right: number): number {
  fs.b.pos = n.pos;
  const info = integerInfo(fs, operandType);
  const type = fs.b.func.valueType[left];
  if (info.kind === Kind.float) return emitValue(fs.b, floatOp(n.n), type, [left, right], type);
  if (n.n === Bin.div || n.n === Bin.rem) checkDivision(fs, n, left, right, info);
  if (n.n === Bin.shl || n.n === Bin.shr) return lowerShift(fs, n, left, right, info);
  return normalize(fs, emitValue(fs.b, integerOp(n.n, info.signed), type, [left, right], type), info);
}

function floatOp(op: number): number {
  switch (op) {
    case Bin.add: return Op.fadd;
    case Bin.sub: return Op.fsub;
    case Bin.mul: return Op.fmul;
    case Bin.div: return Op.fdiv;
  }
  return bug("no such operation on floats");
}

function integerOp(op: number, signed: boolean): number {
  switch (op) {
    case Bin.add: return Op.iadd;
    case Bin.sub: return Op.isub;
    case Bin.mul: return Op.imul;
    case Bin.div: return signed ? Op.sdiv : Op.udiv;
    case Bin.rem: return signed ? Op.srem : Op.urem;
    case Bin.and: return Op.band;
    case Bin.or: return Op.bor;
    case Bin.xor: return Op.bxor;
    case Bin.shl: return Op.ishl;
    case Bin.shr: return signed ? Op.sshr : Op.ushr;
  }
  return bug("no such operation");
}

function checkDivision(fs: FuncState, n: TNode, left: number, right: number, info: TypeInfo): void {
  const type = fs.b.func.valueType[right];
  const divisor = n.b >= 0 ? nodeOf(fs, n.b) : n;
  const known = divisor.op === TOp.const_int ? lowI64(divisor.value) : i64From(0);
  if (eqI64(known, i64From(0))) {
    emitCheck(fs, emitValue(fs.b, Op.ne, type, [right, emitIconst(fs.b, type, i64From(0))], Type.i32), "division by zero", n.pos);
  }
  if (!info.signed || n.n === Bin.rem || (divisor.op === TOp.const_int && !eqI64(known, i64From(-1)))) return;
  const least = emitIconst(fs.b, type, leastOf(info.bits));
  const notLeast = emitValue(fs.b, Op.ne, type, [left, least], Type.i32);
  const notMinus = emitValue(fs.b, Op.ne, type, [right, emitIconst(fs.b, type, i64From(-1))], Type.i32);
  emitCheck(fs, emitValue(fs.b, Op.bor, Type.i32, [notLeast, notMinus], Type.i32), "integer overflow in division", n.pos);
}

/** The least value of a signed integer type. */
export function leastOf(bits: number): I64 {
  return subI64(i64From(0), shlI64(i64From(1), bits - 1));
}

/** Counts are unsigned and taken modulo the width. */
function lowerShift(fs: FuncState, n: TNode, left: number, right: number, info: TypeInfo): number {
  const type = fs.b.func.valueType[left];
  if ((info.bits & (info.bits - 1)) !== 0) return shiftBy(fs, n, left, remainingCount(fs, n, right, info.bits, type), info);
  let count = right;
  if (fs.b.func.valueType[count] !== type) {
    count = type === Type.i32 ? emitValue(fs.b, Op.ireduce, Type.i32, [count], Type.i32) : emitValue(fs.b, Op.uextend, Type.i64, [count], Type.i64);
  }
  if (info.bits < 32) count = emitValue(fs.b, Op.band, type, [count, emitIconst(fs.b, type, i64From(info.bits - 1))], type);
  return shiftBy(fs, n, left, count, info);
}

function shiftBy(fs: FuncState, n: TNode, left: number, count: number, info: TypeInfo): number {
  const type = fs.b.func.valueType[left];
  return normalize(fs, emitValue(fs.b, integerOp(n.n, info.signed), type, [left, count], type), info);
}

/** A count modulo a width that is no power of two: of the bits that the count's own type has, read without sign. */
function remainingCount(fs: FuncState, n: TNode, right: number, bits: number, type: number): number {
  const wide = fs.b.func.valueType[right];
  const known = nodeOf(fs, n.b);
  let count = right;
  if (known.op !== TOp.const_int) {
    count = cutBits(fs, right, integerInfo(fs, known.type).bits, false);
    count = emitValue(fs.b, Op.urem, wide, [count, emitIconst(fs.b, wide, i64From(bits))], wide);
  }
  if (wide === type) return count;
  return emitValue(fs.b, type === Type.i32 ? Op.ireduce : Op.uextend, type, [count], type);
}

function lowerCompare(fs: FuncState, n: TNode): Val {
  const left = scalarOf(pinVal(fs, lowerExpr(fs, n.a), fs.effects[n.b]));
  const right = scalarOf(lowerBorrowed(fs, n.b));
  fs.b.pos = n.pos;
  const type = fs.b.func.valueType[left];
  const info = integerInfo(fs, nodeOf(fs, n.a).type);
  const op = isFloatType(type) ? floatCompare(n.n) : integerCompare(n.n, info.kind === Kind.int && info.signed);
  return flatVal(n.type, [emitValue(fs.b, op, type, [left, right], Type.i32)], Own.stable);
}

/** The comparison op for integers, addresses and whatever else is one. */
export function integerCompare(cmp: number, signed: boolean): number {
  switch (cmp) {
    case Cmp.eq: return Op.eq;
    case Cmp.ne: return Op.ne;
    case Cmp.lt: return signed ? Op.slt : Op.ult;
    case Cmp.le: return signed ? Op.sle : Op.ule;
    case Cmp.gt: return signed ? Op.sgt : Op.ugt;
  }
  return signed ? Op.sge : Op.uge;
}

function floatCompare(cmp: number): number {
  switch (cmp) {
    case Cmp.eq: return Op.feq;
    case Cmp.ne: return Op.fne;
    case Cmp.lt: return Op.flt;
    case Cmp.le: return Op.fle;
    case Cmp.gt: return Op.fgt;
  }
  return Op.fge;
}
