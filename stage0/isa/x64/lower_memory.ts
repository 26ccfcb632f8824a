// Stores for x86-64 that are more than a move.
// In -> out: a store of x op y where x is loaded from the same place, to one instruction on memory.

import { eqI64, fitsI32, lowI32 } from "../../base/int64.ts";
import { addMachInst, canSinkLoad, machConstant, isConstant, type Lowering, machAddress, setAddress, sourceInst, sourceValue, useValue } from "../../mach/lower.ts";
import { Op, Type } from "../../ssa/ops.ts";

/** A store of a 32 or 64 bit integer. */
export function lowerX64Store(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const size = inst.type === Type.i64 ? ".q" : ".l";
  if (updatesMemory(l, i)) return;
  const value = useValue(l, inst.args[1]);
  const address = machAddress(l, inst.args[0], inst.imm);
  setAddress(addMachInst(l, "mov" + size + ".s", [value]), address);
}

function updateName(op: number): string {
  switch (op) {
    case Op.iadd: return "add";
    case Op.isub: return "sub";
    case Op.band: return "and";
    case Op.bor: return "or";
    case Op.bxor: return "xor";
    default: return "";
  }
}

/** Lowers the store as an operation on memory if it is one. */
function updatesMemory(l: Lowering, i: number): boolean {
  const inst = l.func.insts[i];
  const at = sourceValue(l, inst.args[1]);
  const def = sourceInst(l, inst.args[1]);
  if (def < 0 || l.useCount[at] !== 1 || l.vregOf[at] >= 0 || l.blockOf[def] !== l.block) return false;
  const op = l.func.insts[def];
  const name = updateName(op.op);
  if (name === "" || op.type !== inst.type || at !== inst.args[1]) return false;
  let other = op.args[1];
  if (!isSamePlace(l, i, op.args[0])) {
    if (op.op === Op.isub || !isSamePlace(l, i, op.args[1])) return false;
    other = op.args[0];
  }
  const size = inst.type === Type.i64 ? ".q" : ".l";
  if (isConstant(l, other) && (inst.type === Type.i32 || fitsI32(machConstant(l, other)))) {
    const address = machAddress(l, inst.args[0], inst.imm);
    const update = addMachInst(l, name + size + ".si", []);
    update.imm = lowI32(machConstant(l, other));
    setAddress(update, address);
    return true;
  }
  const value = useValue(l, other);
  const address = machAddress(l, inst.args[0], inst.imm);
  setAddress(addMachInst(l, name + size + ".s", [value]), address);
  return true;
}

/** Whether v is a load, free to sink, from where the store goes. */
function isSamePlace(l: Lowering, store: number, v: number): boolean {
  const inst = l.func.insts[store];
  if (!canSinkLoad(l, v, Op.load, inst.type)) return false;
  const load = l.func.insts[sourceInst(l, v)];
  return eqI64(load.imm, inst.imm) && sourceValue(l, load.args[0]) === sourceValue(l, inst.args[0]);
}
