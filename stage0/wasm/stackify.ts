// Which values stay on the operand stack.
// In -> out: an SSA function, to a place for each value and the root instructions of each block in order. A root is
// written where it stands, its operands of place stack just before it, as a tree; no value but those of place local
// needs a Wasm local. Constants and addresses are made anew at each use.
// One walk over each block: a result used once, in the same block, is held back in the hope that its user takes it
// from the stack. Held-back trees with effects keep their order: `held` lists them oldest first, and a tree that
// cannot be taken in order is written out, with all before it, and goes to a local.

import { filledInts } from "../base/arrays.ts";
import { eqI64, i64From } from "../base/int64.ts";
import type { Cfg } from "../ssa/cfg.ts";
import { definingInst, type Func, type Inst } from "../ssa/function.ts";
import { Effect, Op, opTable } from "../ssa/ops.ts";

/** Where a value lives. */
export const ValuePlace = { unused: 0, stack: 1, local: 2, remade: 3 };

/** What may not change order: hard effects with anything but pure, loads with hard effects. */
const Level = { pure: 0, load: 1, hard: 2 };

export interface StackPlan {
  /** By value. */
  place: Int32Array;
  /** Instructions in the order of their writing, the terminator of each block last; by block: its part. */
  roots: number[];
  rootFirst: Int32Array;
  rootEnd: Int32Array;
}

interface Stackifier {
  func: Func;
  plan: StackPlan;
  useCount: Int32Array;
  /** By value used once: the block of the use. */
  useBlock: Int32Array;
  /** By value: level of the tree held back, or -1. */
  heldLevel: Int32Array;
  /** Trees with effects that are held back, -1 where one was taken; valid from heldBase on. */
  held: number[];
  heldBase: number;
  /** By value: index in held. */
  heldIndex: Int32Array;
  /** Indices in held of the hard ones, ascending; valid from hardBase on. */
  hards: number[];
  hardBase: number;
  block: number;
  /** Block params found to be used. */
  work: number[];
}

/** Plans a function. */
export function stackifyFunc(f: Func, cfg: Cfg): StackPlan {
  const values = f.valueType.length;
  const s: Stackifier = {
    func: f, plan: { place: filledInts(values, ValuePlace.unused), roots: [], rootFirst: filledInts(f.blocks.length, 0), rootEnd: filledInts(f.blocks.length, 0) }, useCount: filledInts(values, 0), useBlock: filledInts(values, -1),
    heldLevel: filledInts(values, -1), held: [], heldBase: 0, heldIndex: filledInts(values, -1), hards: [], hardBase: 0, block: 0, work: [],
  };
  countAllUses(s, cfg);
  for (let v = 0; v < f.valueType.length; v++) {
    if (s.useCount[v] > 0) s.plan.place[v] = isRemade(f, v) ? ValuePlace.remade : ValuePlace.local;
  }
  for (const b of cfg.rpo) planBlock(s, b);
  return s.plan;
}

/** What instructions read, then what params read that something reads: an argument of an unused param is no use. */
function countAllUses(s: Stackifier, cfg: Cfg): void {
  for (const b of cfg.rpo) {
    for (const i of s.func.blocks[b].insts) for (const a of s.func.insts[i].args) countUse(s, a, b);
  }
  while (s.work.length > 0) {
    const v = s.work[s.work.length - 1];
    s.work.pop();
    const block = -1 - s.func.valueDef[v];
    const index = s.func.blocks[block].params.indexOf(v);
    for (let k = cfg.predFirst[block]; k < cfg.predFirst[block + 1]; k++) countArguments(s, cfg.pred[k], block, index);
  }
}

/** Arguments of conditional edges are read inside the arms, so they count as used elsewhere. */
function countArguments(s: Stackifier, from: number, to: number, index: number): void {
  const targets = s.func.blocks[from].targets;
  for (const t of targets) if (t.block === to) countUse(s, t.args[index], targets.length === 1 ? from : -1);
}

function countUse(s: Stackifier, v: number, block: number): void {
  s.useCount[v] += 1;
  s.useBlock[v] = block;
  if (s.useCount[v] === 1 && s.func.valueDef[v] < -1) s.work.push(v);
}

function isRemade(f: Func, v: number): boolean {
  const def = definingInst(f, v);
  if (def < 0) return false;
  const op = f.insts[def].op;
  return op === Op.iconst || op === Op.fconst || op === Op.sym_addr || op === Op.slot_addr;
}

/** The operands of an instruction in the order in which Wasm wants them on the stack. */
export function stackOrder(inst: Inst): number[] {
  if (inst.op === Op.select) return [inst.args[1], inst.args[2], inst.args[0]];
  if (inst.op !== Op.call_indirect && inst.op !== Op.return_call_indirect) return inst.args;
  const list: number[] = [];
  for (let k = 1; k < inst.args.length; k++) list.push(inst.args[k]);
  list.push(inst.args[0]);
  return list;
}

function planBlock(s: Stackifier, block: number): void {
  s.block = block;
  s.held = [];
  s.heldBase = 0;
  s.hards = [];
  s.hardBase = 0;
  s.plan.rootFirst[block] = s.plan.roots.length;
  for (const i of s.func.blocks[block].insts) planInst(s, i);
  s.plan.rootEnd[block] = s.plan.roots.length;
}

function planInst(s: Stackifier, i: number): void {
  const inst = s.func.insts[i];
  if (inst.resultCount === 1 && isRemade(s.func, inst.result)) return;
  let level = ownLevel(s.func, inst);
  const operands = inst.op === Op.jump ? s.func.blocks[s.block].targets[0].args : stackOrder(inst);
  for (let k = operands.length - 1; k >= 0; k--) {
    if (s.heldLevel[operands[k]] < 0) continue;
    const taken = takeOperand(s, operands[k], inst.op === Op.check && k > 0);
    if (taken > level) level = taken;
  }
  if (mayHoldBack(s, inst)) {
    holdBack(s, inst.result, level);
    return;
  }
  if (level === Level.hard) writeThrough(s, s.held.length - 1);
  else if (level === Level.load && s.hards.length > s.hardBase) writeThrough(s, s.hards[s.hards.length - 1]);
  s.plan.roots.push(i);
}

function mayHoldBack(s: Stackifier, inst: Inst): boolean {
  if (inst.resultCount !== 1) return false;
  return s.useCount[inst.result] === 1 && s.useBlock[inst.result] === s.block;
}

function ownLevel(f: Func, inst: Inst): number {
  const effect = opTable.effect[inst.op];
  if (effect === Effect.pure) return Level.pure;
  if (effect === Effect.load) return Level.load;
  if (inst.op >= Op.sdiv && inst.op <= Op.urem && dividesSafely(f, inst.args[1])) return Level.pure;
  return Level.hard;
}

/** A constant divisor other than 0 and -1 never traps. */
function dividesSafely(f: Func, divisor: number): boolean {
  const def = definingInst(f, divisor);
  if (def < 0 || f.insts[def].op !== Op.iconst) return false;
  const c = f.insts[def].imm;
  return !eqI64(c, i64From(0)) && !eqI64(c, i64From(-1));
}

function holdBack(s: Stackifier, v: number, level: number): void {
  s.heldLevel[v] = level;
  if (level === Level.pure) return;
  s.heldIndex[v] = s.held.length;
  if (level === Level.hard) s.hards.push(s.held.length);
  s.held.push(v);
}

/** Takes a held-back operand onto the stack if its effects stay in order, else writes it out; the level taken. */
function takeOperand(s: Stackifier, v: number, onlyPure: boolean): number {
  const level = s.heldLevel[v];
  if (level < 0) return Level.pure;
  if (level !== Level.pure) {
    const index = s.heldIndex[v];
    const lastHard = s.hards.length > s.hardBase ? s.hards[s.hards.length - 1] : -1;
    const inOrder = level === Level.hard ? index === s.held.length - 1 : index > lastHard;
    if (onlyPure || !inOrder) {
      writeThrough(s, index);
      return Level.pure;
    }
    s.held[index] = -1;
    if (level === Level.hard) s.hards.pop();
    while (s.held.length > s.heldBase && s.held[s.held.length - 1] < 0) s.held.pop();
  }
  s.heldLevel[v] = -1;
  s.plan.place[v] = ValuePlace.stack;
  return level;
}

/** Makes roots of all held-back trees with effects up to an index. */
function writeThrough(s: Stackifier, index: number): void {
  while (s.heldBase <= index) {
    const v = s.held[s.heldBase];
    s.heldBase += 1;
    if (v < 0) continue;
    if (s.heldLevel[v] === Level.hard) s.hardBase += 1;
    s.heldLevel[v] = -1;
    s.plan.roots.push(definingInst(s.func, v));
  }
}
