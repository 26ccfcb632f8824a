// Inlining: the bodies of small functions in place of calls.
// In -> out: a function, to one where calls of small functions are gone. Callees have been through all passes before their
// callers come (postorder of the call graph), so that a body that is copied is as small as it gets; a call on a cycle of
// the call graph stays. What a function costs is counted once, after its own turn, which bounds the growth: each call is
// replaced by no more than SMALL instructions, or, where few places call, by as much in all as BUDGET.

import { filledFlags, filledNumbers } from "../base/arrays.ts";
import { addInst, addResult, addSlot, addValue, type Func, type Inst, lastInst, replaceValue, resolveAliases, resolveValue } from "../ssa/function.ts";
import { Counting, isReadingCount, type SsaModule } from "../ssa/module.ts";
import { Op, Type } from "../ssa/ops.ts";
import { dropUnreachable } from "../ssa/pass_branches.ts";
import type { CallGraph } from "./callgraph.ts";

/** A function of at most this cost is inlined everywhere. */
const SMALL = 20;
/** A function is inlined when its cost times the number of its calls is at most this. */
const BUDGET = 160;

/** Bytes of slots that a function may bring along: a caller that recurses would pay for them at every depth. */
const MOST_SLOTS = 128;

export interface Inliner {
  m: SsaModule;
  calls: CallGraph;
  /** By function: calls of it, before inlining. */
  sites: number[];
  /** By function: its cost, or -1 while it is not to be inlined. */
  cost: number[];
  /** By function: whether it may call what reads a count. */
  reads: boolean[];
}

/** An inliner that has seen no function yet. */
export function newInliner(m: SsaModule, calls: CallGraph): Inliner {
  const p: Inliner = { m: m, calls: calls, sites: filledNumbers(m.funcs.length, 0), cost: filledNumbers(m.funcs.length, -1), reads: filledFlags(m.funcs.length) };
  for (let k = 0; k < m.funcs.length; k++) {
    for (const callee of calls.callees[k]) {
      p.sites[callee] += 1;
      if (isReadingCount(m, m.funcs[callee].sym)) p.reads[k] = true;
    }
  }
  return p;
}

/** Inlines small functions that the function of an index calls; whether there were any. */
export function inlineCalls(p: Inliner, k: number): boolean {
  if (!callsSmall(p, k)) return false;
  for (const callee of p.calls.callees[k]) if (p.reads[callee] && isSmall(p, callee)) p.reads[k] = true;
  inlineInto(p, p.m.funcs[k]);
  return true;
}

/** Takes note of a function that its callers may inline from now on. What counts stays a call, which the removal of pairs knows. */
export function noteInlinable(p: Inliner, k: number): void {
  const f = p.m.funcs[k];
  if (canInline(f) && p.m.symbols[f.sym].counting === Counting.none) p.cost[k] = costOf(f);
}

/**
 * Inlines what only reads a count, in a module whose functions are through all passes: that counts are looked at shows to nobody
 * any more. Gives the functions that got blocks.
 */
export function inlineCountReads(p: Inliner): Func[] {
  const { m } = p;
  for (let k = 0; k < m.funcs.length; k++) {
    const f = m.funcs[k];
    p.cost[k] = isReadingCount(m, f.sym) && canInline(f) ? costOf(f) : -1;
  }
  const changed: Func[] = [];
  for (let k = 0; k < m.funcs.length; k++) if (p.reads[k] && callsCandidate(p, m.funcs[k])) changed.push(m.funcs[k]);
  const split: Func[] = [];
  for (const f of changed) {
    const blocks = f.blocks.length;
    inlineInto(p, f);
    resolveAliases(f);
    if (f.blocks.length > blocks) split.push(f);
  }
  return split;
}

function callsCandidate(p: Inliner, f: Func): boolean {
  for (const b of f.order) if (hasCandidate(p, f, b)) return true;
  return false;
}

/** A function of a small frame that returns somewhere, by return alone. One that never returns is a cold end, not worth a copy. */
function canInline(f: Func): boolean {
  let returns = false;
  let size = 0;
  for (const s of f.slots) size += s.size;
  if (size > MOST_SLOTS) return false;
  for (const b of f.order) {
    if (f.blocks[b].targets.length > 0) continue;
    const op = f.insts[lastInst(f, b)].op;
    if (op === Op.return) returns = true;
    if (op === Op.return_call || op === Op.return_call_indirect) return false;
  }
  return returns;
}

/** About how many machine instructions a copy takes; counting stops where it is too many anyhow. */
function costOf(f: Func): number {
  let cost = 0;
  for (const b of f.order) {
    for (const i of f.blocks[b].insts) cost += instCost(f.insts[i]);
    if (cost > BUDGET) return cost;
  }
  return cost;
}

function instCost(inst: Inst): number {
  switch (inst.op) {
    case Op.iconst:
    case Op.fconst:
    case Op.sym_addr:
    case Op.slot_addr:
    case Op.jump:
    case Op.return: return 0;
    case Op.check: return 2;
    case Op.call:
    case Op.call_indirect: return 2 + inst.args.length;
    default: return 1;
  }
}

/** The function to put in place of a call, or -1. */
function calleeOf(p: Inliner, caller: Func, inst: Inst): number {
  const k = p.calls.funcOf[inst.sym];
  return k < 0 || inst.sym === caller.sym || !isSmall(p, k) ? -1 : k;
}

function isSmall(p: Inliner, k: number): boolean {
  return p.cost[k] >= 0 && (p.cost[k] <= SMALL || p.cost[k] * p.sites[k] <= BUDGET);
}

/** Whether a function calls others that take its calls' place. */
function callsSmall(p: Inliner, caller: number): boolean {
  for (const k of p.calls.callees[caller]) if (k !== caller && isSmall(p, k)) return true;
  return false;
}

function inlineInto(p: Inliner, f: Func): void {
  const order: number[] = [];
  for (const b of f.order) {
    order.push(b);
    if (!hasCandidate(p, f, b)) continue;
    const insts = f.blocks[b].insts;
    const targets = f.blocks[b].targets;
    f.blocks[b].insts = [];
    f.blocks[b].targets = [];
    let current = b;
    for (const i of insts) {
      const callee = f.insts[i].op === Op.call ? calleeOf(p, f, f.insts[i]) : -1;
      if (callee < 0) f.blocks[current].insts.push(i);
      else current = spliceBody(f, p.m.funcs[callee], f.insts[i], current, order);
    }
    f.blocks[current].targets = targets;
  }
  f.order = order;
  f.cfg = null;
  dropUnreachable(f);
}

function hasCandidate(p: Inliner, f: Func, b: number): boolean {
  for (const i of f.blocks[b].insts) if (f.insts[i].op === Op.call && calleeOf(p, f, f.insts[i]) >= 0) return true;
  return false;
}

/** A copy under way: where each value, block and slot of the callee went. */
interface Copy {
  f: Func;
  from: Func;
  values: number[];
  blocks: number[];
  firstSlot: number;
  /** Where returns go; -1 when the callee is one block, which goes in line. */
  exit: number;
}

/** Puts the callee's body at the end of a block; the block where the caller goes on. */
function spliceBody(f: Func, from: Func, call: Inst, at: number, order: number[]): number {
  const c: Copy = { f: f, from: from, values: [], blocks: [], firstSlot: f.slots.length, exit: -1 };
  for (let v = 0; v < from.valueType.length; v++) c.values.push(-1);
  for (let b = 0; b < from.blocks.length; b++) c.blocks.push(-1);
  for (const s of from.slots) addSlot(f, s.size, s.align);
  const params = from.blocks[0].params;
  for (let k = 0; k < params.length; k++) c.values[params[k]] = resolveValue(f, call.args[k]);
  c.blocks[0] = at;
  for (const b of from.order) if (b !== 0) copyBlock(c, b, order);
  if (from.order.length > 1) c.exit = makeExit(f, call, order);
  const made: number[] = [];
  for (const b of from.order) copyInsts(c, b, made);
  let next = 0;
  for (const b of from.order) {
    for (const i of from.blocks[b].insts) {
      fillInst(c, b, from.insts[i], f.insts[made[next]], call);
      next += 1;
    }
    for (const t of from.blocks[b].targets) f.blocks[c.blocks[b]].targets.push({ block: c.blocks[t.block], args: copiedValues(c, t.args) });
  }
  if (c.exit >= 0) return c.exit;
  f.blocks[at].insts.pop();
  return at;
}

/** A block outside of the layout, with the type and number of another's params. */
function copyBlock(c: Copy, b: number, order: number[]): void {
  const to = c.f.blocks.length;
  c.f.blocks.push({ params: [], insts: [], targets: [] });
  c.blocks[b] = to;
  order.push(to);
  for (const p of c.from.blocks[b].params) {
    c.values[p] = addValue(c.f, c.from.valueType[p], -1 - to);
    c.f.blocks[to].params.push(c.values[p]);
  }
}

/** The block behind the call: its params stand for the call's results. */
function makeExit(f: Func, call: Inst, order: number[]): number {
  const exit = f.blocks.length;
  f.blocks.push({ params: [], insts: [], targets: [] });
  order.push(exit);
  for (let r = call.result; r < call.result + call.resultCount; r++) {
    const param = addValue(f, f.valueType[r], -1 - exit);
    f.blocks[exit].params.push(param);
    replaceValue(f, r, param);
  }
  return exit;
}

/** The instructions of a block with their results; arguments follow when every value has its place. */
function copyInsts(c: Copy, b: number, made: number[]): void {
  for (const i of c.from.blocks[b].insts) {
    const old = c.from.insts[i];
    const id = addInst(c.f, old.op, old.type, [], old.pos);
    for (let r = old.result; r < old.result + old.resultCount; r++) c.values[r] = addResult(c.f, id, c.from.valueType[r]);
    c.f.blocks[c.blocks[b]].insts.push(id);
    made.push(id);
  }
}

function fillInst(c: Copy, b: number, old: Inst, inst: Inst, call: Inst): void {
  inst.imm = old.imm;
  inst.sym = old.op === Op.slot_addr ? c.firstSlot + old.sym : old.sym;
  if (old.op === Op.return && c.exit < 0) {
    for (let k = 0; k < old.args.length; k++) replaceValue(c.f, call.result + k, copiedValue(c, old.args[k]));
    return;
  }
  if (old.op === Op.return) {
    inst.op = Op.jump;
    inst.type = Type.void;
    c.f.blocks[c.blocks[b]].targets.push({ block: c.exit, args: copiedValues(c, old.args) });
    return;
  }
  inst.args = copiedValues(c, old.args);
}

function copiedValue(c: Copy, v: number): number {
  return c.values[resolveValue(c.from, v)];
}

function copiedValues(c: Copy, values: number[]): number[] {
  const list = filledNumbers(values.length, 0);
  for (let k = 0; k < list.length; k++) list[k] = copiedValue(c, values[k]);
  return list;
}
