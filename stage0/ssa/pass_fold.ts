// Constant folding and algebra.
// In -> out: a function, to one where operations on constants are constants and operations that change nothing are
// gone. Blocks are visited in reverse postorder, so operands are folded before their uses but for loops.
// Floats: only + - * / sqrt, comparisons and conversions, and only without NaN (see arithF64); no algebra on floats.

import { addI64, eqI64, fitsI32, type I64, i64From, lowI32 } from "../base/int64.ts";
import { computeCfg } from "./cfg.ts";
import { foldFloat, isFloatFold } from "./fold_float.ts";
import { foldBinary, foldUnary } from "./fold_int.ts";
import { addInst, addResult, type Func, type Inst, replaceValue, resolveList, resolveValue } from "./function.ts";
import { isLoad, isStore } from "./memory.ts";
import { Op, Type } from "./ops.ts";

/** What folding an instruction came to. */
export interface Folded {
  known: boolean;
  bits: I64;
}

/** Folds the constants of a function. */
export function foldConstants(f: Func): void {
  for (const b of computeCfg(f).rpo) {
    const kept: number[] = [];
    for (const i of f.blocks[b].insts) {
      const inst = f.insts[i];
      resolveList(f, inst.args);
      if (inst.op === Op.check && isNonZeroConst(f, inst.args[0])) continue;
      if (isLoad(inst.op) || isStore(inst.op)) foldAddress(f, inst);
      if (inst.resultCount === 1) foldInst(f, inst, kept);
      if (!isReplaced(f, inst)) kept.push(i);
    }
    f.blocks[b].insts = kept;
  }
}

function isReplaced(f: Func, inst: Inst): boolean {
  return inst.resultCount === 1 && f.valueAlias[inst.result] >= 0;
}

/** The constant behind a value, or null. */
export function constantOf(f: Func, v: number): Inst | null {
  const def = f.valueDef[v];
  if (def < 0) return null;
  const inst = f.insts[def];
  return inst.op === Op.iconst || inst.op === Op.fconst ? inst : null;
}

function isNonZeroConst(f: Func, v: number): boolean {
  const c = constantOf(f, v);
  return c !== null && !eqI64(c.imm, i64From(0));
}

function foldInst(f: Func, inst: Inst, kept: number[]): void {
  const folded = foldOp(f, inst);
  if (!folded.known) foldCompare(f, inst, folded);
  if (folded.known) {
    const type = f.valueType[inst.result];
    const made = addInst(f, type === Type.f32 || type === Type.f64 ? Op.fconst : Op.iconst, type, [], inst.pos);
    f.insts[made].imm = folded.bits;
    kept.push(made);
    replaceValue(f, inst.result, addResult(f, made, type));
    return;
  }
  const same = simplify(f, inst, kept);
  if (same >= 0) replaceValue(f, inst.result, same);
}

function foldOp(f: Func, inst: Inst): Folded {
  const none: Folded = { known: false, bits: i64From(0) };
  const n = inst.args.length;
  if (n === 0 || n > 2) return none;
  const a = constantOf(f, inst.args[0]);
  if (a === null) return none;
  if (n === 1) return isFloatFold(inst.op) ? foldFloat(inst, f.valueType[inst.args[0]], a.imm, a.imm) : foldUnary(inst.op, inst.type, a.imm);
  const b = constantOf(f, inst.args[1]);
  if (b === null) return none;
  return isFloatFold(inst.op) ? foldFloat(inst, inst.type, a.imm, b.imm) : foldBinary(inst.op, inst.type, a.imm, b.imm);
}

/** A constant that was added to an address goes into the offset; it is not negative and small, so nothing wraps. */
function foldAddress(f: Func, inst: Inst): void {
  const def = f.valueDef[inst.args[0]];
  if (def < 0 || f.insts[def].op !== Op.iadd) return;
  const c = constantOf(f, resolveValue(f, f.insts[def].args[1]));
  if (c === null || !isSmallOffset(c.imm) || !isSmallOffset(inst.imm)) return;
  inst.args[0] = resolveValue(f, f.insts[def].args[0]);
  inst.imm = addI64(inst.imm, c.imm);
}

function isSmallOffset(n: I64): boolean {
  return fitsI32(n) && lowI32(n) >= 0 && lowI32(n) < 1000000;
}

/** The address of a slot or symbol plus a constant is one address, in place. */
function joinAddress(f: Func, inst: Inst): void {
  const def = f.valueDef[inst.args[0]];
  const c = constantOf(f, inst.args[1]);
  if (def < 0 || c === null || (f.insts[def].op !== Op.slot_addr && f.insts[def].op !== Op.sym_addr) || !isSmallOffset(c.imm) || !isSmallOffset(f.insts[def].imm)) return;
  inst.op = f.insts[def].op;
  inst.sym = f.insts[def].sym;
  inst.imm = addI64(f.insts[def].imm, c.imm);
  inst.args = [];
}

/** x - c is x + -c, in place. */
function addNegative(f: Func, inst: Inst, kept: number[]): void {
  const c = constantOf(f, inst.args[1]);
  if (c === null) return;
  inst.op = Op.iadd;
  inst.args[1] = newConstant(f, inst, foldBinary(Op.isub, inst.type, i64From(0), c.imm).bits, kept);
}

/** (x + c) + d is x + (c + d), in place. */
function joinConstants(f: Func, inst: Inst, kept: number[]): void {
  const def = f.valueDef[inst.args[0]];
  if (def < 0 || f.insts[def].op !== Op.iadd) return;
  const inner = constantOf(f, resolveValue(f, f.insts[def].args[1]));
  const outer = constantOf(f, inst.args[1]);
  if (inner === null || outer === null) return;
  inst.args[0] = resolveValue(f, f.insts[def].args[0]);
  inst.args[1] = newConstant(f, inst, foldBinary(Op.iadd, inst.type, inner.imm, outer.imm).bits, kept);
}

function newConstant(f: Func, at: Inst, bits: I64, kept: number[]): number {
  const made = addInst(f, Op.iconst, at.type, [], at.pos);
  f.insts[made].imm = bits;
  kept.push(made);
  return addResult(f, made, at.type);
}

/** Integer comparisons that do not depend on their operands: of a value with itself, and unsigned with 0. */
function foldCompare(f: Func, inst: Inst, folded: Folded): void {
  if (inst.op < Op.eq || inst.op > Op.uge) return;
  let truth = -1;
  if (inst.args[0] === inst.args[1]) {
    truth = inst.op === Op.eq || inst.op === Op.sle || inst.op === Op.sge || inst.op === Op.ule || inst.op === Op.uge ? 1 : 0;
  } else if (isZeroConst(f, inst.args[0])) {
    truth = inst.op === Op.ule ? 1 : inst.op === Op.ugt ? 0 : -1;
  } else if (isZeroConst(f, inst.args[1])) {
    truth = inst.op === Op.uge ? 1 : inst.op === Op.ult ? 0 : -1;
  }
  if (truth < 0) return;
  folded.known = true;
  folded.bits = i64From(truth);
}

function isZeroConst(f: Func, v: number): boolean {
  const c = constantOf(f, v);
  return c !== null && eqI64(c.imm, i64From(0));
}

/** A value that an operation always equals, or -1. Constants are brought to the right first. */
function simplify(f: Func, inst: Inst, kept: number[]): number {
  if (inst.op === Op.select) return simplifySelect(f, inst);
  if (inst.args.length !== 2 || inst.type === Type.f32 || inst.type === Type.f64) return -1;
  moveConstantRight(f, inst);
  if (inst.op === Op.isub) addNegative(f, inst, kept);
  if (inst.op === Op.iadd) joinConstants(f, inst, kept);
  if (inst.op === Op.iadd) joinAddress(f, inst);
  if (inst.op === Op.slot_addr || inst.op === Op.sym_addr) return -1;
  const c = constantOf(f, inst.args[1]);
  if (c === null) return -1;
  const isZero = eqI64(c.imm, i64From(0));
  switch (inst.op) {
    case Op.iadd:
    case Op.isub:
    case Op.bor:
    case Op.bxor:
    case Op.ishl:
    case Op.sshr:
    case Op.ushr:
    case Op.rotl:
    case Op.rotr: return isZero ? inst.args[0] : -1;
    case Op.imul:
    case Op.sdiv:
    case Op.udiv: return eqI64(c.imm, i64From(1)) ? inst.args[0] : -1;
    case Op.band: return isZero ? inst.args[1] : keepsBits(f, inst.args[0], c.imm) ? inst.args[0] : -1;
    case Op.ne: return isZero && inst.type === Type.i32 && isBoolean(f, inst.args[0]) ? inst.args[0] : -1;
    case Op.eq: return isZero ? invertCompare(f, inst) : -1;
  }
  return -1;
}

/** Whether a mask leaves a value as it is. */
function keepsBits(f: Func, v: number, mask: I64): boolean {
  return eqI64(mask, i64From(-1)) || (eqI64(mask, i64From(1)) && isBoolean(f, v));
}

function moveConstantRight(f: Func, inst: Inst): void {
  if (inst.op !== Op.iadd && inst.op !== Op.imul && inst.op !== Op.band && inst.op !== Op.bor && inst.op !== Op.bxor && inst.op !== Op.eq && inst.op !== Op.ne) return;
  if (constantOf(f, inst.args[0]) === null || constantOf(f, inst.args[1]) !== null) return;
  const left = inst.args[0];
  inst.args[0] = inst.args[1];
  inst.args[1] = left;
}

function isBoolean(f: Func, v: number): boolean {
  const def = f.valueDef[v];
  if (def < 0) return false;
  const op = f.insts[def].op;
  return (op >= Op.eq && op <= Op.uge) || (op >= Op.feq && op <= Op.fge);
}

const inverse: number[] = [Op.ne, Op.eq, Op.sge, Op.sgt, Op.sle, Op.slt, Op.uge, Op.ugt, Op.ule, Op.ult];

/** eq(compare, 0) of integers is the opposite comparison, in place; it is not replaced. */
function invertCompare(f: Func, inst: Inst): number {
  const def = f.valueDef[inst.args[0]];
  if (def < 0 || inst.type !== Type.i32) return -1;
  const compare = f.insts[def];
  if (compare.op < Op.eq || compare.op > Op.uge) return -1;
  inst.op = inverse[compare.op - Op.eq];
  inst.type = compare.type;
  inst.args[0] = resolveValue(f, compare.args[0]);
  inst.args[1] = resolveValue(f, compare.args[1]);
  return -1;
}

function simplifySelect(f: Func, inst: Inst): number {
  if (inst.args[1] === inst.args[2]) return inst.args[1];
  const c = constantOf(f, inst.args[0]);
  if (c === null) return -1;
  return eqI64(c.imm, i64From(0)) ? inst.args[2] : inst.args[1];
}
