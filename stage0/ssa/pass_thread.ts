// Jump threading: ways into a block that only tests what they bring go where the test sends them.
// In -> out: a function, to one where an edge that gives a constant to the param that its target block branches on goes
// to the right target itself. Such a block comes of an inlined function that gives a flag or an optional.
// The tested block B must hold nothing but the test, be no loop header, and be the only way into both of its targets.
// The targets get params in place of B's, since B no longer dominates them: a use of B's param that one of them
// dominates takes that target's param; with any other use outside of B the block is left alone. B has several ways in and
// a target one, so no target is a test block itself.

import { filledNumbers } from "../base/arrays.ts";
import { eqI64, type I64, i64From } from "../base/int64.ts";
import { type Cfg, computeCfg, predCount } from "./cfg.ts";
import { computeDominators, type Dominators, dominates } from "./dominators.ts";
import { addParam, type Func, type Inst, lastInst, resolveAliases, resolveValue, type Target } from "./function.ts";
import { Op } from "./ops.ts";
import { edgesInto } from "./pass_params.ts";
import { constantOf } from "./pass_fold.ts";

/** A block that only tests. */
interface TestBlock {
  block: number;
  /** Its targets, taken when the condition is not zero and when it is; and, by param, what stands for it there. */
  yes: number;
  no: number;
  yesParams: number[];
  noParams: number[];
  /** The param tested, by index; the condition, or that param itself. */
  index: number;
  condition: number;
  good: boolean;
}

interface Threading {
  f: Func;
  cfg: Cfg;
  dom: Dominators;
  tests: TestBlock[];
  /** By value: the test block whose param or condition it is, or -1; and which param (-1: the condition). */
  testOf: number[];
  paramOf: number[];
  /** Constants on their way to the entry. */
  constants: number[];
}

/** Threads the jumps of a function. */
export function threadConstants(f: Func): void {
  const cfg = computeCfg(f);
  const t: Threading = { f: f, cfg: cfg, dom: computeDominators(cfg), tests: [], testOf: filledNumbers(f.valueType.length, -1), paramOf: filledNumbers(f.valueType.length, -1), constants: [] };
  for (const b of cfg.rpo) findTest(t, b);
  if (t.tests.length === 0) return;
  resolveAliases(f);
  for (const i of f.blocks[0].insts) t.constants.push(i);
  f.blocks[0].insts = t.constants;
  visitUses(t, false);
  for (const site of t.tests) if (site.good) openTargets(t, site);
  visitUses(t, true);
  for (const site of t.tests) if (site.good) redirectEdges(t, site);
}

function findTest(t: Threading, b: number): void {
  const f = t.f;
  const params = f.blocks[b].params;
  const last = f.insts[lastInst(f, b)];
  if (params.length === 0 || predCount(t.cfg, b) < 2 || last.op !== Op.brif || !isOnlyTest(t, b)) return;
  const tested = testedParam(f, last);
  let index = -1;
  for (let k = 0; k < params.length; k++) if (params[k] === tested) index = k;
  const yes = f.blocks[b].targets[0];
  const no = f.blocks[b].targets[1];
  if (index < 0 || yes.block === no.block || predCount(t.cfg, yes.block) !== 1 || predCount(t.cfg, no.block) !== 1) return;
  const site: TestBlock = { block: b, yes: yes.block, no: no.block, yesParams: [], noParams: [], index: index, condition: resolveValue(f, last.args[0]), good: true };
  if (!bringsConstant(t, site)) return;
  for (let k = 0; k < params.length; k++) {
    t.testOf[params[k]] = t.tests.length;
    t.paramOf[params[k]] = k;
  }
  if (site.condition !== tested) t.testOf[site.condition] = t.tests.length;
  t.tests.push(site);
  hoistConstants(t, b);
}

/** Whether a block holds constants and one comparison at most, and no way back comes to it. */
function isOnlyTest(t: Threading, b: number): boolean {
  let compares = 0;
  const insts = t.f.blocks[b].insts;
  for (let k = 0; k < insts.length - 1; k++) {
    const op = t.f.insts[insts[k]].op;
    if (op === Op.eq || op === Op.ne) compares += 1;
    else if (op !== Op.iconst) return false;
  }
  if (compares > 1) return false;
  for (let k = t.cfg.predFirst[b]; k < t.cfg.predFirst[b + 1]; k++) if (dominates(t.dom, b, t.cfg.pred[k])) return false;
  return true;
}

/** The value that a branch tests: its condition, or what the condition compares with a constant; -1 when it is neither. */
function testedParam(f: Func, branch: Inst): number {
  const condition = resolveValue(f, branch.args[0]);
  const def = f.valueDef[condition];
  if (def < 0) return condition;
  const compare = f.insts[def];
  if ((compare.op !== Op.eq && compare.op !== Op.ne) || constantOf(f, resolveValue(f, compare.args[1])) === null) return -1;
  return resolveValue(f, compare.args[0]);
}

function bringsConstant(t: Threading, site: TestBlock): boolean {
  for (const e of edgesInto(t.f, t.cfg, site.block)) if (wayOf(t.f, site, e) >= 0) return true;
  return false;
}

/** Where an edge into a test block leads: 1 yes, 0 no, -1 unknown. */
function wayOf(f: Func, site: TestBlock, edge: Target): number {
  const given = constantOf(f, resolveValue(f, edge.args[site.index]));
  if (given === null) return -1;
  const def = f.valueDef[site.condition];
  if (def < 0) return eqI64(given.imm, i64From(0)) ? 0 : 1;
  const compare = f.insts[def];
  const equal = eqI64(given.imm, constantBits(f, resolveValue(f, compare.args[1])));
  return equal === (compare.op === Op.eq) ? 1 : 0;
}

function constantBits(f: Func, v: number): I64 {
  return f.insts[f.valueDef[v]].imm;
}

/** Constants go to the entry, since their block will not dominate what it does now. */
function hoistConstants(t: Threading, b: number): void {
  const kept: number[] = [];
  for (const i of t.f.blocks[b].insts) {
    if (t.f.insts[i].op === Op.iconst) t.constants.push(i);
    else kept.push(i);
  }
  t.f.blocks[b].insts = kept;
}

/** Looks at every use of what test blocks define: says which blocks are no good, or rewrites the uses of those that are. */
function visitUses(t: Threading, rewrite: boolean): void {
  for (const b of t.cfg.rpo) {
    for (const i of t.f.blocks[b].insts) visitList(t, b, t.f.insts[i].args, rewrite);
    for (const to of t.f.blocks[b].targets) visitList(t, b, to.args, rewrite);
  }
}

function visitList(t: Threading, b: number, values: number[], rewrite: boolean): void {
  for (let k = 0; k < values.length; k++) {
    const v = resolveValue(t.f, values[k]);
    if (v >= t.testOf.length || t.testOf[v] < 0) continue;
    const site = t.tests[t.testOf[v]];
    if (b === site.block || !site.good) continue;
    const yes = dominates(t.dom, site.yes, b);
    if (t.paramOf[v] < 0 || (!yes && !dominates(t.dom, site.no, b))) site.good = false;
    else if (rewrite) values[k] = yes ? site.yesParams[t.paramOf[v]] : site.noParams[t.paramOf[v]];
  }
}

/** Gives both targets a param for each of the test block's. */
function openTargets(t: Threading, site: TestBlock): void {
  const f = t.f;
  const targets = f.blocks[site.block].targets;
  for (const p of f.blocks[site.block].params) {
    site.yesParams.push(addParam(f, site.yes, f.valueType[p]));
    site.noParams.push(addParam(f, site.no, f.valueType[p]));
    targets[0].args.push(p);
    targets[1].args.push(p);
  }
}

function redirectEdges(t: Threading, site: TestBlock): void {
  const f = t.f;
  for (const e of edgesInto(f, t.cfg, site.block)) {
    const way = wayOf(f, site, e);
    if (way < 0) continue;
    const to = f.blocks[site.block].targets[way === 1 ? 0 : 1];
    const args: number[] = [];
    for (const a of to.args) args.push(givenFor(f, site, e, a));
    e.block = to.block;
    e.args = args;
    f.cfg = null;
  }
}

/** What an edge gives for a value that the test block passes on. */
function givenFor(f: Func, site: TestBlock, edge: Target, v: number): number {
  const params = f.blocks[site.block].params;
  for (let k = 0; k < params.length; k++) if (params[k] === v) return edge.args[k];
  return v;
}
