// A function in SSA form with block parameters.
// Values, instructions and blocks are dense ids into arrays; an id is also the printed name (v3, block1).
// Layout is apart from meaning: `order` and each block's `insts` say where, `insts` says what.
// A value that is replaced becomes an alias; resolveValue follows aliases, and passes resolve what they read.
// Invariants: block 0 is the entry, its params are the function's; the last instruction of a finished block,
// and no other, is a terminator; the arguments of a target match the target block's params.

import type { Cfg } from "./cfg.ts";
import { filledNumbers } from "../base/arrays.ts";
import { type I64, i64From } from "../base/int64.ts";

/** One way out of a block: where to, and what the target's params become. */
export interface Target {
  block: number;
  args: number[];
}

export interface Inst {
  op: number;
  /** The type T of the op's row. */
  type: number;
  args: number[];
  /** The first result, or -1; the ids of others follow. */
  result: number;
  resultCount: number;
  /** A constant (floats as bits), a byte offset, an offset added to a symbol or slot, or a trap code. */
  imm: I64;
  /** A symbol, slot or signature id; else -1. */
  sym: number;
  /** Source position, or code offset right of Wasm; -1 unknown. */
  pos: number;
}

export interface Block {
  params: number[];
  insts: number[];
  /** The ways out that the terminator chooses from. jump: one. brif: taken when not zero, then when zero. br_table, two or more: the cases in order, the default last. */
  targets: Target[];
}

/** Memory of the function's frame. */
export interface Slot {
  size: number;
  align: number;
}

export interface Func {
  sym: number;
  sig: number;
  /** Position of the declaration, or -1; of the same kind as those of instructions. */
  pos: number;
  /** By value id. */
  valueType: number[];
  /** By value id: the defining instruction, or -1 - block for a block param. */
  valueDef: number[];
  /** By value id: the value that stands for it, or -1. */
  valueAlias: number[];
  insts: Inst[];
  blocks: Block[];
  /** Block ids in layout order, entry first. */
  order: number[];
  slots: Slot[];
  /** Whether a value was replaced since arguments were resolved. */
  replaced: boolean;
  /** The control-flow graph as computeCfg gave it last; null once a block was added or an edge changed. */
  cfg: Cfg | null;
}

export function newFunc(sym: number, sig: number): Func {
  return { sym: sym, sig: sig, pos: -1, valueType: [], valueDef: [], valueAlias: [], insts: [], blocks: [], order: [], slots: [], replaced: false, cfg: null };
}

/** Gives up all that a function is made of, once nothing reads it any more. */
export function dropBody(f: Func): void {
  f.valueType = [];
  f.valueDef = [];
  f.valueAlias = [];
  f.insts = [];
  f.blocks = [];
  f.order = [];
  f.slots = [];
  f.cfg = null;
}

/** A new block at the end of the layout. */
export function addBlock(f: Func): number {
  const b = f.blocks.length;
  f.blocks.push({ params: [], insts: [], targets: [] });
  f.order.push(b);
  f.cfg = null;
  return b;
}

/** A new value; def is an instruction id, or -1 - block. */
export function addValue(f: Func, type: number, def: number): number {
  const v = f.valueType.length;
  f.valueType.push(type);
  f.valueDef.push(def);
  f.valueAlias.push(-1);
  return v;
}

/** A new last param of a block. */
export function addParam(f: Func, block: number, type: number): number {
  const v = addValue(f, type, -1 - block);
  f.blocks[block].params.push(v);
  return v;
}

/** A new instruction, in no block yet. */
export function addInst(f: Func, op: number, type: number, args: number[], pos: number): number {
  const i = f.insts.length;
  f.insts.push({ op: op, type: type, args: args, result: -1, resultCount: 0, imm: i64From(0), sym: -1, pos: pos });
  return i;
}

/** Gives an instruction one more result. No value may be made between the results of one instruction. */
export function addResult(f: Func, inst: number, type: number): number {
  const v = addValue(f, type, inst);
  const made = f.insts[inst];
  if (made.resultCount === 0) made.result = v;
  made.resultCount += 1;
  return v;
}

/** The results of an instruction as a list. */
export function resultsOf(inst: Inst): number[] {
  const list = filledNumbers(inst.resultCount, 0);
  for (let k = 0; k < list.length; k++) list[k] = inst.result + k;
  return list;
}

/** A new frame slot; its address is an instruction slot_addr. */
export function addSlot(f: Func, size: number, align: number): number {
  f.slots.push({ size: size, align: align });
  return f.slots.length - 1;
}

/** The value that stands for v now. Shortens chains of aliases on the way. */
export function resolveValue(f: Func, v: number): number {
  if (f.valueAlias[v] < 0) return v;
  let to = v;
  while (f.valueAlias[to] >= 0) to = f.valueAlias[to];
  let at = v;
  while (f.valueAlias[at] >= 0) {
    const next = f.valueAlias[at];
    f.valueAlias[at] = to;
    at = next;
  }
  return to;
}

/** Makes every use of v a use of other. */
export function replaceValue(f: Func, v: number, other: number): void {
  const to = resolveValue(f, other);
  if (to === v) return;
  f.valueAlias[v] = to;
  f.replaced = true;
}

/** The last instruction of a block, or -1 when it has none. */
export function lastInst(f: Func, block: number): number {
  const insts = f.blocks[block].insts;
  return insts.length === 0 ? -1 : insts[insts.length - 1];
}

/** The instruction that defines v, or -1 when v is a block param. */
export function definingInst(f: Func, v: number): number {
  return f.valueDef[v] >= 0 ? f.valueDef[v] : -1;
}

/** Rewrites all arguments to the values that stand for them now. */
export function resolveAliases(f: Func): void {
  if (!f.replaced) return;
  f.replaced = false;
  for (const b of f.order) {
    for (const i of f.blocks[b].insts) resolveList(f, f.insts[i].args);
    for (const t of f.blocks[b].targets) resolveList(f, t.args);
  }
}

/** Rewrites values to those that stand for them now. */
export function resolveList(f: Func, values: number[]): void {
  for (let k = 0; k < values.length; k++) {
    if (f.valueAlias[values[k]] >= 0) values[k] = resolveValue(f, values[k]);
  }
}
