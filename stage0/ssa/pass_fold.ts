// Constant folding and algebra.
// In -> out: a function, to one where operations on constants are constants and operations that change nothing are
// gone. Blocks are visited in reverse postorder, so operands are folded before their uses but for loops.
// Floats: only + - * / sqrt, comparisons and conversions, and only without NaN (see arithF64); no algebra on floats.

import { eqI64, type I64, i64From } from "../base/int64.ts";
import { computeCfg } from "./cfg.ts";
import { foldFloat, isFloatFold } from "./fold_float.ts";
import { foldBinary, foldUnary } from "./fold_int.ts";
import { addInst, addResult, type Func, type Inst, replaceValue, resolveAliases, resolveValue } from "./function.ts";
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
      for (let k = 0; k < inst.args.length; k++) inst.args[k] = resolveValue(f, inst.args[k]);
      if (inst.op === Op.check && isNonZeroConst(f, inst.args[0])) continue;
      if (inst.results.length === 1) foldInst(f, inst, kept);
      if (!isReplaced(f, inst)) kept.push(i);
    }
    f.blocks[b].insts = kept;
  }
  resolveAliases(f);
}

function isReplaced(f: Func, inst: Inst): boolean {
  return inst.results.length === 1 && f.valueAlias[inst.results[0]] >= 0;
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
  if (folded.known) {
    const type = f.valueType[inst.results[0]];
    const made = addInst(f, type === Type.f32 || type === Type.f64 ? Op.fconst : Op.iconst, type, [], inst.pos);
    f.insts[made].imm = folded.bits;
    kept.push(made);
    replaceValue(f, inst.results[0], addResult(f, made, type));
    return;
  }
  const same = simplify(f, inst);
  if (same >= 0) replaceValue(f, inst.results[0], same);
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

/** A value that an operation always equals, or -1. Constants are brought to the right first. */
function simplify(f: Func, inst: Inst): number {
  if (inst.op === Op.select) return simplifySelect(f, inst);
  if (inst.args.length !== 2 || inst.type === Type.f32 || inst.type === Type.f64) return -1;
  moveConstantRight(f, inst);
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
    case Op.band: return isZero ? inst.args[1] : eqI64(c.imm, i64From(-1)) ? inst.args[0] : -1;
    case Op.ne: return isZero && inst.type === Type.i32 && isBoolean(f, inst.args[0]) ? inst.args[0] : -1;
    case Op.eq: return isZero ? invertCompare(f, inst) : -1;
  }
  return -1;
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
