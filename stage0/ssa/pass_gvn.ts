// Common subexpressions: global value numbering over the dominator tree.
// In -> out: a function, to one where a pure instruction that repeats one above it in the dominator tree is replaced by
// it. A second check of a condition that has been checked above is removed, and a branch on a condition that a branch
// above decided is decided too. Algorithm: Briggs, Cooper, Simpson, "Value Numbering" (1997), dominator-based, with
// a scoped table: what a block adds is undone when its subtree is left. Loads are not numbered.

import { i64From, textI64 } from "../base/int64.ts";
import { type Cfg, computeCfg } from "./cfg.ts";
import { computeDominators, type Dominators } from "./dominators.ts";
import { addInst, addResult, type Func, type Inst, lastInst, replaceValue, resolveAliases, resolveValue } from "./function.ts";
import { Effect, Extra, Op, opTable, Type } from "./ops.ts";

interface Gvn {
  f: Func;
  cfg: Cfg;
  dom: Dominators;
  /** Expression -> value, for what is in scope. */
  table: Map<string, number>;
  /** Keys in order of addition, with what they hid (-1: nothing). */
  keys: string[];
  hidden: number[];
}

/** Numbers the values of a function and removes repetitions. */
export function numberValues(f: Func): void {
  const cfg = computeCfg(f);
  const g: Gvn = { f: f, cfg: cfg, dom: computeDominators(cfg), table: new Map(), keys: [], hidden: [] };
  const stack: number[] = [0];
  const next: number[] = [0];
  const marks: number[] = [0];
  numberBlock(g, 0);
  while (stack.length > 0) {
    const top = stack.length - 1;
    const children = g.dom.children[stack[top]];
    if (next[top] < children.length) {
      const child = children[next[top]];
      next[top] += 1;
      stack.push(child);
      next.push(0);
      marks.push(g.keys.length);
      numberBlock(g, child);
    } else {
      leaveScope(g, marks[top]);
      stack.pop();
      next.pop();
      marks.pop();
    }
  }
  resolveAliases(f);
}

function leaveScope(g: Gvn, mark: number): void {
  while (g.keys.length > mark) {
    const key = g.keys[g.keys.length - 1];
    const old = g.hidden[g.hidden.length - 1];
    g.keys.pop();
    g.hidden.pop();
    g.table.set(key, old);
  }
}

function remember(g: Gvn, key: string, value: number): void {
  const old = g.table.get(key);
  g.keys.push(key);
  g.hidden.push(old === undefined ? -1 : old);
  g.table.set(key, value);
}

function lookUp(g: Gvn, key: string): number {
  const found = g.table.get(key);
  return found === undefined ? -1 : found;
}

function numberBlock(g: Gvn, b: number): void {
  noteCondition(g, b);
  const f = g.f;
  const kept: number[] = [];
  for (const i of f.blocks[b].insts) {
    const inst = f.insts[i];
    for (let k = 0; k < inst.args.length; k++) inst.args[k] = resolveValue(f, inst.args[k]);
    if (inst.op === Op.check) {
      if (lookUp(g, conditionKey(inst.args[0])) === 1) continue;
      remember(g, conditionKey(inst.args[0]), 1);
    } else if (isNumbered(inst)) {
      const key = keyOf(inst);
      const found = lookUp(g, key);
      if (found >= 0) {
        replaceValue(f, inst.results[0], found);
        continue;
      }
      remember(g, key, inst.results[0]);
    }
    kept.push(i);
  }
  f.blocks[b].insts = kept;
  decideBranch(g, b);
}

/** Pure instructions; trapping ones too, since the one above has trapped already if they would. */
function isNumbered(inst: Inst): boolean {
  const e = opTable.effect[inst.op];
  return (e === Effect.pure || e === Effect.trap) && inst.results.length === 1;
}

function keyOf(inst: Inst): string {
  let a = inst.args.length > 0 ? inst.args[0] : -1;
  let b = inst.args.length > 1 ? inst.args[1] : -1;
  if (opTable.commutes[inst.op] && b < a) {
    const swap = a;
    a = b;
    b = swap;
  }
  let key = inst.op + " " + inst.type + " " + a + " " + b;
  if (inst.args.length > 2) key += " " + inst.args[2];
  if (opTable.extra[inst.op] !== Extra.none) key += " " + inst.sym + " " + textI64(inst.imm);
  return key;
}

function conditionKey(v: number): string {
  return "? " + v;
}

/** A block whose only way in is one side of a branch knows the condition: 1 not zero, 0 zero. */
function noteCondition(g: Gvn, b: number): void {
  if (g.cfg.preds[b].length !== 1) return;
  const last = g.f.insts[lastInst(g.f, g.cfg.preds[b][0])];
  if (last.op !== Op.brif || last.targets[0].block === last.targets[1].block) return;
  remember(g, conditionKey(resolveValue(g.f, last.args[0])), last.targets[0].block === b ? 1 : 0);
}

/** A branch on a condition that is known becomes a branch on a constant, for branch cleaning. */
function decideBranch(g: Gvn, b: number): void {
  const f = g.f;
  const inst = f.insts[lastInst(f, b)];
  if (inst.op !== Op.brif) return;
  const known = lookUp(g, conditionKey(inst.args[0]));
  if (known < 0) return;
  const constant = addInst(f, Op.iconst, Type.i32, [], inst.pos);
  f.insts[constant].imm = i64From(known);
  const insts = f.blocks[b].insts;
  const terminator = insts[insts.length - 1];
  insts[insts.length - 1] = constant;
  insts.push(terminator);
  inst.args[0] = addResult(f, constant, Type.i32);
}
