// VCode: a function as machine instructions over virtual registers, in its final block order.
// In -> out: what lowering made, to the allocator's view of it. Each virtual register has one definition.
// Invariants: a block's last instruction is its only terminator; args are passed only by a block that ends in a
// plain jump; frame slots, stack arguments and pool constants are named, not placed.

import { eqI64, type I64 } from "../base/int64.ts";
import { addOperand, endRegInst, newRegFunc, type RegBlock, type RegFunc } from "../regalloc/function.ts";
import { Role } from "../regalloc/operand.ts";
import type { MachInst } from "./inst.ts";
import type { InstTable } from "./table.ts";

export interface FrameSlot {
  size: number;
  align: number;
}

/** A constant in memory: size bytes, the low half first. */
export interface PoolConstant {
  size: number;
  low: I64;
  high: I64;
}

export interface VCode {
  /** Symbol of the function, and row of its declaration in the module's lines, or -1. */
  sym: number;
  pos: number;
  insts: MachInst[];
  blocks: RegBlock[];
  /** By block: laid out at the end because it ends in a trap. */
  cold: boolean[];
  vregClass: number[];
  slots: FrameSlot[];
  pool: PoolConstant[];
  /** Bytes of stack arguments and results, of calls made and of the function itself. */
  outgoing: number;
  incoming: number;
  hasCalls: boolean;
}

/** VCode without content. */
export function newVCode(sym: number, pos: number): VCode {
  return { sym: sym, pos: pos, insts: [], blocks: [], cold: [], vregClass: [], slots: [], pool: [], outgoing: 0, incoming: 0, hasCalls: false };
}

/** A new virtual register of a class. */
export function newVreg(v: VCode, regClass: number): number {
  v.vregClass.push(regClass);
  return v.vregClass.length - 1;
}

/** The index of a pool constant; equal ones are one. */
export function poolConstant(v: VCode, size: number, low: I64, high: I64): number {
  for (let k = 0; k < v.pool.length; k++) {
    const c = v.pool[k];
    if (c.size === size && eqI64(c.low, low) && eqI64(c.high, high)) return k;
  }
  v.pool.push({ size: size, low: low, high: high });
  return v.pool.length - 1;
}

/** What the allocator is told of a function. */
export function vcodeOperands(v: VCode, table: InstTable): RegFunc {
  const f = newRegFunc();
  f.vregClass = v.vregClass;
  f.blocks = v.blocks;
  for (const inst of v.insts) {
    const row = table.rows[inst.op];
    for (let k = 0; k < row.slots.length; k++) {
      const reg = inst.regs[k];
      if (reg >= 0) addOperand(f, reg, slotRole(inst, table, k), slotArg(inst, table, k));
    }
    for (let k = row.slots.length; k < inst.regs.length; k++) {
      if (inst.regs[k] >= 0) addAddress(f, inst, table, inst.regs[k]);
    }
    let clobber = -1;
    if (inst.pins !== null) {
      for (let k = 0; k < inst.pins.uses.length; k++) addOperand(f, inst.pins.uses[k], Role.useFixed, inst.pins.useRegs[k]);
      for (let k = 0; k < inst.pins.defs.length; k++) addOperand(f, inst.pins.defs[k], Role.defFixed, inst.pins.defRegs[k]);
      clobber = inst.pins.clobber;
    }
    endRegInst(f, clobber, row.isMove && inst.mem === null);
  }
  return f;
}

/** The number of the slot's operand among the operands of its instruction: absent slots do not count. */
function operandNumber(inst: MachInst, slot: number): number {
  let n = 0;
  for (let k = 0; k < slot; k++) if (inst.regs[k] >= 0) n += 1;
  return n;
}

/** The slot whose result reuses the same register as this operand reads, or -1. */
function copiedDef(inst: MachInst, table: InstTable, reg: number): number {
  const slots = table.rows[inst.op].slots;
  for (let k = 0; k < slots.length; k++) {
    if (slots[k].role === Role.useReused && inst.regs[k] === reg) return slots[k].arg;
  }
  return -1;
}

function slotRole(inst: MachInst, table: InstTable, slot: number): number {
  const role = table.rows[inst.op].slots[slot].role;
  if (role !== Role.useAny && role !== Role.useReg) return role;
  return copiedDef(inst, table, inst.regs[slot]) >= 0 ? Role.useCopy : role;
}

function slotArg(inst: MachInst, table: InstTable, slot: number): number {
  const s = table.rows[inst.op].slots[slot];
  if (s.role === Role.defReuse || s.role === Role.useReused) return operandNumber(inst, s.arg);
  if (s.role !== Role.useAny && s.role !== Role.useReg) return s.arg;
  const def = copiedDef(inst, table, inst.regs[slot]);
  return def < 0 ? -1 : operandNumber(inst, def);
}

function addAddress(f: RegFunc, inst: MachInst, table: InstTable, reg: number): void {
  const def = copiedDef(inst, table, reg);
  if (def < 0) addOperand(f, reg, Role.useReg, -1);
  else addOperand(f, reg, Role.useCopy, operandNumber(inst, def));
}
