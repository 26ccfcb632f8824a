// Memory for x86-64 where one move is not the answer.
// In -> out: a store of x op y where x is loaded from the same place, to one instruction on memory; a copy or fill
// of few bytes, their number constant, to moves (a copy loads all before it stores, so the two may overlap).

import { minI32, mulU32 } from "../../base/int32.ts";
import { eqI64, fitsI32, i64From, joinI64, lowI32 } from "../../base/int64.ts";
import { type Address, addMachInst, canSinkLoad, machConstant, isConstant, type Lowering, machAddress, setAddress, sourceInst, sourceValue, useValue } from "../../mach/lower.ts";
import type { MemRef } from "../../mach/inst.ts";
import { newVreg } from "../../mach/vcode.ts";
import { Op, Type } from "../../ssa/ops.ts";
import { poolAddress } from "./lower.ts";

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

const MAX_INLINE = 64;

/** The bytes of a copy or fill when it is done by moves, else -1. */
function inlineSize(l: Lowering, v: number): number {
  if (!isConstant(l, v)) return -1;
  const size = machConstant(l, v);
  return fitsI32(size) && lowI32(size) >= 0 && lowI32(size) <= MAX_INLINE ? lowI32(size) : -1;
}

/** The widest move that still fits. */
function chunkSize(left: number): number {
  if (left >= 16) return 16;
  if (left >= 8) return 8;
  if (left >= 4) return 4;
  return left >= 2 ? 2 : 1;
}

/** An address some bytes further. */
function shiftedAddress(a: Address, by: number): Address {
  const mem: MemRef = { kind: a.mem.kind, id: a.mem.id, scale: a.mem.scale, disp: a.mem.disp + by };
  return { mem: mem, base: a.base, index: a.index };
}

function loadName(size: number): string {
  switch (size) {
    case 16: return "movups.x";
    case 8: return "mov.q";
    case 4: return "mov.l";
    case 2: return "movzx.l.w";
    default: return "movzx.l.b";
  }
}

function storeName(size: number): string {
  switch (size) {
    case 16: return "movups.s";
    case 8: return "mov.q.s";
    case 4: return "mov.l.s";
    case 2: return "mov.w.s";
    default: return "mov.b.s";
  }
}

function loadChunk(l: Lowering, size: number, from: Address): number {
  const reg = newVreg(l.code, size === 16 ? 1 : 0);
  setAddress(addMachInst(l, loadName(size), size === 16 ? [reg] : [reg, -1]), from);
  return reg;
}

function storeChunk(l: Lowering, size: number, reg: number, to: Address): void {
  setAddress(addMachInst(l, storeName(size), [reg]), to);
}

/** Copies or fills by moves if that is short; whether it did. */
export function lowerX64SmallMemory(l: Lowering, i: number): boolean {
  const inst = l.func.insts[i];
  const size = inlineSize(l, inst.args[2]);
  if (size < 0) return false;
  const to = machAddress(l, inst.args[0], i64From(0));
  if (inst.op === Op.memory_fill) return fillSmall(l, to, inst.args[1], size);
  const from = machAddress(l, inst.args[1], i64From(0));
  copyX64Bytes(l, to, from, size);
  return true;
}

/** Copies by moves, MAX_INLINE bytes at a time; all of those are loaded before they are stored. */
export function copyX64Bytes(l: Lowering, to: Address, from: Address, size: number): void {
  let start = 0;
  while (start < size) {
    const end = minI32(start + MAX_INLINE, size);
    const regs: number[] = [];
    let at = start;
    while (at < end) {
      regs.push(loadChunk(l, chunkSize(end - at), shiftedAddress(from, at)));
      at += chunkSize(end - at);
    }
    at = start;
    for (const reg of regs) {
      storeChunk(l, chunkSize(end - at), reg, shiftedAddress(to, at));
      at += chunkSize(end - at);
    }
    start = end;
  }
}

/** Fills with a constant byte, repeated over a register. */
function fillSmall(l: Lowering, to: Address, byte: number, size: number): boolean {
  if (!isConstant(l, byte)) return false;
  const value = lowI32(machConstant(l, byte)) & 255;
  const word = mulU32(value, 16843009);
  const pattern = (size & 15) === 0 ? -1 : l.isa.lowerConstant(l, 0, false, joinI64(word, word));
  let wide = -1;
  if (size >= 16) {
    wide = newVreg(l.code, 1);
    if (value === 0) addMachInst(l, "zero.x", [wide]);
    else setAddress(addMachInst(l, "movups.x", [wide]), poolAddress(l, 16, joinI64(word, word), joinI64(word, word)));
  }
  let at = 0;
  while (at < size) {
    const chunk = chunkSize(size - at);
    storeChunk(l, chunk, chunk === 16 ? wide : pattern, shiftedAddress(to, at));
    at += chunk;
  }
  return true;
}
