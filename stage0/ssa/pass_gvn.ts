// Common subexpressions: global value numbering over the dominator tree.
// In -> out: a function, to one where a pure instruction that repeats one above it in the dominator tree is replaced by
// it, and a load whose place is known to hold a value by that value. A second check of a condition that has been checked
// above is removed, and a branch on a condition that a branch above decided is decided too.
// Algorithm: Briggs, Cooper, Simpson, "Value Numbering" (1997), dominator-based, with a scoped table: what a block adds
// is undone when its subtree is left. Memory is followed along single ways in (see memory); a join knows nothing.

import { filledInts, filledNumbers } from "../base/arrays.ts";
import { mulU32, shrU32 } from "../base/int32.ts";
import { eqI64, i64From, lowI32 } from "../base/int64.ts";
import { type Cfg, computeCfg, firstPred, predCount } from "./cfg.ts";
import { computeDominators, type Dominators } from "./dominators.ts";
import { addInst, addResult, type Func, type Inst, lastInst, replaceValue, resolveList, resolveValue } from "./function.ts";
import { findLoaded, isLoad, noteAccess } from "./memory.ts";
import { isRetaining, type SsaModule } from "./module.ts";
import { Effect, Op, opTable, Type } from "./ops.ts";

interface Gvn {
  m: SsaModule;
  f: Func;
  cfg: Cfg;
  dom: Dominators;
  /** Expressions in scope: the newest entry of each bucket, or -1; by entry its instruction, hash and the next older. */
  heads: Int32Array;
  inst: number[];
  hash: number[];
  next: number[];
  /** By value: 1 known to be not zero, 0 known to be zero, -1 unknown; and what to undo, as values with what they were. */
  truth: number[];
  undoValue: number[];
  undoTruth: number[];
  /** By block: the accesses known at its end. */
  memory: number[][];
}

/** Numbers the values of a function and removes repetitions. */
export function numberValues(m: SsaModule, f: Func): void {
  const cfg = computeCfg(f);
  let buckets = 16;
  while (buckets < f.valueType.length) buckets *= 2;
  const g: Gvn = { m: m, f: f, cfg: cfg, dom: computeDominators(cfg), heads: filledInts(buckets, -1), inst: [], hash: [], next: [], truth: filledNumbers(f.valueType.length, -1), undoValue: [], undoTruth: [], memory: [] };
  for (let b = 0; b < f.blocks.length; b++) g.memory.push([]);
  walkTree(g);
}

function walkTree(g: Gvn): void {
  const stack: number[] = [0];
  const children = g.dom.children;
  const next: number[] = [children.first[0]];
  const entries: number[] = [0];
  const undos: number[] = [0];
  numberBlock(g, 0);
  while (stack.length > 0) {
    const top = stack.length - 1;
    if (next[top] < children.first[stack[top] + 1]) {
      const child = children.items[next[top]];
      next[top] += 1;
      stack.push(child);
      next.push(children.first[child]);
      entries.push(g.inst.length);
      undos.push(g.undoValue.length);
      numberBlock(g, child);
    } else {
      leaveScope(g, entries[top], undos[top]);
      stack.pop();
      next.pop();
      entries.pop();
      undos.pop();
    }
  }
}

function leaveScope(g: Gvn, entries: number, undos: number): void {
  while (g.inst.length > entries) {
    const top = g.inst.length - 1;
    g.heads[g.hash[top] & (g.heads.length - 1)] = g.next[top];
    g.inst.pop();
    g.hash.pop();
    g.next.pop();
  }
  while (g.undoValue.length > undos) {
    g.truth[g.undoValue[g.undoValue.length - 1]] = g.undoTruth[g.undoTruth.length - 1];
    g.undoValue.pop();
    g.undoTruth.pop();
  }
}

function numberBlock(g: Gvn, b: number): void {
  noteCondition(g, b);
  const f = g.f;
  const insts = f.blocks[b].insts;
  let kept = 0;
  let memory = predCount(g.cfg, b) === 1 ? g.memory[firstPred(g.cfg, b)] : [];
  for (let k = 0; k < insts.length; k++) {
    const i = insts[k];
    const inst = f.insts[i];
    resolveList(f, inst.args);
    if (isRepeated(g, i, memory)) continue;
    if (kept < k) insts[kept] = i;
    kept += 1;
    memory = noteAccess(f, memory, i, inst.op === Op.check || (inst.op === Op.call && isRetaining(g.m, inst.sym)));
  }
  g.memory[b] = memory;
  while (insts.length > kept) insts.pop();
  decideBranch(g, b);
}

/** Whether an instruction says nothing new; its result is replaced then, else it is remembered. */
function isRepeated(g: Gvn, i: number, memory: number[]): boolean {
  const f = g.f;
  const inst = f.insts[i];
  if (inst.op === Op.check) {
    if (g.truth[inst.args[0]] === 1) return true;
    setTruth(g, inst.args[0], 1);
    return false;
  }
  let found = -1;
  if (isNumbered(inst)) found = findOrAdd(g, i);
  else if (isLoad(inst.op)) found = findLoaded(f, memory, inst);
  if (found < 0) return false;
  replaceValue(f, inst.result, found);
  return true;
}

/** Pure instructions; trapping ones too, since the one above has trapped already if they would. */
function isNumbered(inst: Inst): boolean {
  const e = opTable.effect[inst.op];
  return (e === Effect.pure || e === Effect.trap) && inst.resultCount === 1;
}

/** The value of an equal instruction in scope, or -1 after adding this one. */
function findOrAdd(g: Gvn, i: number): number {
  const inst = g.f.insts[i];
  const hash = hashInst(inst);
  const bucket = hash & (g.heads.length - 1);
  let e = g.heads[bucket];
  while (e >= 0) {
    if (g.hash[e] === hash && isSame(g.f.insts[g.inst[e]], inst)) return resolveValue(g.f, g.f.insts[g.inst[e]].result);
    e = g.next[e];
  }
  g.next.push(g.heads[bucket]);
  g.heads[bucket] = g.inst.length;
  g.inst.push(i);
  g.hash.push(hash);
  return -1;
}

/** A mix of all that makes instructions equal; multiplicative hashing, the high bits folded down. */
function hashInst(inst: Inst): number {
  let h = inst.op * 8 + inst.type;
  if (opTable.commutes[inst.op]) h = mulU32(h ^ (inst.args[0] + inst.args[1]), 2654435769);
  else for (const a of inst.args) h = mulU32(h ^ a, 2654435769);
  h = mulU32(h ^ inst.sym, 2654435769);
  h = mulU32(h ^ lowI32(inst.imm), 2654435769);
  return h ^ shrU32(h, 15);
}

function isSame(a: Inst, b: Inst): boolean {
  if (a.op !== b.op || a.type !== b.type || a.sym !== b.sym || a.args.length !== b.args.length) return false;
  if (!eqI64(a.imm, b.imm)) return false;
  if (opTable.commutes[a.op] && a.args[0] === b.args[1] && a.args[1] === b.args[0]) return true;
  for (let k = 0; k < a.args.length; k++) if (a.args[k] !== b.args[k]) return false;
  return true;
}

function setTruth(g: Gvn, v: number, truth: number): void {
  g.undoValue.push(v);
  g.undoTruth.push(g.truth[v]);
  g.truth[v] = truth;
}

/** A block whose only way in is one side of a branch knows the condition: 1 not zero, 0 zero. */
function noteCondition(g: Gvn, b: number): void {
  if (predCount(g.cfg, b) !== 1) return;
  const p = firstPred(g.cfg, b);
  const targets = g.f.blocks[p].targets;
  if (targets.length !== 2 || targets[0].block === targets[1].block) return;
  const last = g.f.insts[lastInst(g.f, p)];
  if (last.op === Op.brif) setTruth(g, resolveValue(g.f, last.args[0]), targets[0].block === b ? 1 : 0);
}

/** A branch on a condition that is known becomes a branch on a constant, for branch cleaning. */
function decideBranch(g: Gvn, b: number): void {
  const f = g.f;
  if (f.blocks[b].targets.length !== 2) return;
  const inst = f.insts[lastInst(f, b)];
  if (inst.op !== Op.brif || g.truth[inst.args[0]] < 0) return;
  const constant = addInst(f, Op.iconst, Type.i32, [], inst.pos);
  f.insts[constant].imm = i64From(g.truth[inst.args[0]]);
  const block = f.blocks[b];
  const terminator = block.insts[block.insts.length - 1];
  block.insts[block.insts.length - 1] = constant;
  block.insts.push(terminator);
  inst.args[0] = addResult(f, constant, Type.i32);
  g.truth.push(-1);
}
