// Removal of counting that changes nothing.
// In -> out: a function, to one without the retains whose count is taken back, on every way on, before anything is released.
// What is retained is alive, so somebody else holds a count; as long as nothing is released, that holder stays, and
// neither the retain nor the releases that match it are needed. Counting of what is never on the heap goes as well.
// The blocks between a retain and its releases have no way in but from one another, so every way to one of the releases
// comes from the retain and has met no other of them.
// A function drops what it may release, directly or not, as it was before the passes, and as it is once it has been
// through them; callees come before their callers. Whatever is not known drops anything: calls through addresses and
// foreign functions. A test whether a count is one keeps the counts of its kind where they are, on both sides: those of objects, of
// arrays of references, of storage of plain numbers. Such storage holds nothing, so that a list of numbers that grows keeps no
// object's pair in place.

import { filledNumbers } from "../base/arrays.ts";
import { eqI64, i64From } from "../base/int64.ts";
import { type Cfg, computeCfg } from "../ssa/cfg.ts";
import { type Func, type Inst, resolveValue } from "../ssa/function.ts";
import { Counting, isCounting, isRetaining, type SsaModule } from "../ssa/module.ts";
import { Effect, Op, opTable } from "../ssa/ops.ts";
import { type CallGraph, Drops, dropsItself } from "./callgraph.ts";

/** Blocks that are searched for the releases of one retain. */
const REACH = 48;
/** Instructions that are. */
const STEPS = 1000;

/** What calls may do, as the functions go through the passes. */
export interface Pairs {
  m: SsaModule;
  calls: CallGraph;
  /** By function: what a call may drop. */
  drops: number[];
}

interface Search {
  p: Pairs;
  f: Func;
  cfg: Cfg;
  /** By instruction: removed already. */
  gone: boolean[];
  /** By block: the search that was there last; and the number of this one. */
  seen: number[];
  round: number;
  /** The retain's block and the value it counts, and what must not happen between it and its releases. */
  block: number;
  value: number;
  harmful: number;
  work: number[];
  /** Instructions that may still be looked at. */
  left: number;
  /** Releases found. */
  found: number[];
  /** Blocks behind the retain's that release or lead on; by block, the search that followed its ways out. */
  region: number[];
  leaves: number[];
}

/** What is known of a module's functions before any of them is through the passes. */
export function newPairs(m: SsaModule, calls: CallGraph): Pairs {
  const p: Pairs = { m: m, calls: calls, drops: filledNumbers(m.funcs.length, Drops.nothing) };
  let changed = true;
  // Grows from nothing until no call adds to it.
  while (changed) {
    changed = false;
    for (const k of calls.order) {
      if (!calls.returns[k]) continue;
      const all = p.drops[k] | calls.direct[k] | dropsOfCallees(p, calls.callees[k]);
      if (all !== p.drops[k]) changed = true;
      p.drops[k] = all;
    }
  }
  return p;
}

/** What counts by itself is known by what it is, not by its body. */
function dropsOfCallees(p: Pairs, callees: number[]): number {
  let all = Drops.nothing;
  for (const callee of callees) if (p.m.symbols[p.m.funcs[callee].sym].counting === Counting.none) all = all | p.drops[callee];
  return all;
}

/** Removes the counting that the function of an index does not need; whether there was any. */
export function removePairs(p: Pairs, k: number): boolean {
  if (!hasCounts(p, p.m.funcs[k])) return false;
  return removeInFunc(p, p.m.funcs[k]);
}

function hasCounts(p: Pairs, f: Func): boolean {
  for (const b of f.order) for (const i of f.blocks[b].insts) if (isCount(p, f.insts[i])) return true;
  return false;
}

/** Takes note of what a function does that has been through all passes. One that never returns does not matter to what follows its call. */
export function noteDrops(p: Pairs, k: number): void {
  const f = p.m.funcs[k];
  let returns = false;
  let all = Drops.nothing;
  for (const b of f.order) {
    for (const i of f.blocks[b].insts) {
      const inst = f.insts[i];
      if (inst.op === Op.return) returns = true;
      const isItself = inst.op === Op.call && inst.sym === f.sym;
      if (!isItself) all = all | dropsOf(p, inst);
    }
  }
  p.drops[k] = returns ? all : Drops.nothing;
}

function isCount(p: Pairs, inst: Inst): boolean {
  return inst.op === Op.call && isCounting(p.m, inst.sym);
}

function isRetain(p: Pairs, inst: Inst): boolean {
  return inst.op === Op.call && isRetaining(p.m, inst.sym);
}

/** What an instruction may drop. */
function dropsOf(p: Pairs, inst: Inst): number {
  if (inst.op !== Op.call || p.m.symbols[inst.sym].counting !== Counting.none || p.calls.funcOf[inst.sym] < 0) return dropsItself(p.m, p.calls, inst.op, inst.sym);
  return p.drops[p.calls.funcOf[inst.sym]];
}

function removeInFunc(p: Pairs, f: Func): boolean {
  const cfg = computeCfg(f);
  const s: Search = { p: p, f: f, cfg: cfg, gone: [], seen: [], round: 0, block: -1, value: -1, harmful: Drops.any, work: [], left: 0, found: [], region: [], leaves: [] };
  for (let i = 0; i < f.insts.length; i++) s.gone.push(isCount(p, f.insts[i]) && isUncounted(f, f.insts[i].args[0]));
  for (let b = 0; b < f.blocks.length; b++) {
    s.seen.push(0);
    s.leaves.push(0);
  }
  // Last first, so that inner pairs are gone when the search of an outer retain comes by.
  for (let k = cfg.rpo.length - 1; k >= 0; k--) {
    const insts = f.blocks[cfg.rpo[k]].insts;
    for (let n = insts.length - 1; n >= 0; n--) {
      const inst = f.insts[insts[n]];
      if (isRetain(p, inst) && !s.gone[insts[n]]) removePair(s, cfg.rpo[k], n);
    }
  }
  let removed = false;
  for (const b of cfg.rpo) {
    const kept: number[] = [];
    for (const i of f.blocks[b].insts) if (!s.gone[i]) kept.push(i);
    if (kept.length < f.blocks[b].insts.length) removed = true;
    f.blocks[b].insts = kept;
  }
  return removed;
}

/** Addresses that are never those of counted objects: null, literals and globals, slots. */
function isUncounted(f: Func, v: number): boolean {
  const def = f.valueDef[resolveValue(f, v)];
  if (def < 0) return false;
  const inst = f.insts[def];
  if (inst.op === Op.uextend) return isUncounted(f, inst.args[0]);
  return inst.op === Op.sym_addr || inst.op === Op.slot_addr || isNullConst(f, v);
}

/** What must not happen between a retain and its releases: its holder may go then, or its count is read. */
function harmfulTo(counting: number): number {
  switch (counting) {
    case Counting.retainObject: return Drops.object;
    case Counting.retainArray: return Drops.array;
    case Counting.retainPlain: return Drops.ofPlain;
    default: return Drops.any;
  }
}

/** Removes the retain at an index of a block with its releases, when they are all found and nothing is released before. */
function removePair(s: Search, block: number, index: number): void {
  const retain = s.f.blocks[block].insts[index];
  s.round += 1;
  s.block = block;
  s.value = resolveValue(s.f, s.f.insts[retain].args[0]);
  s.harmful = harmfulTo(s.p.m.symbols[s.f.insts[retain].sym].counting);
  s.work = [];
  s.left = STEPS;
  s.found = [];
  s.region = [];
  if (!scanBlock(s, block, index + 1)) return;
  let visited = 0;
  while (s.work.length > 0) {
    const b = s.work[s.work.length - 1];
    s.work.pop();
    visited += 1;
    if (visited > REACH || !scanBlock(s, b, 0)) return;
  }
  if (s.found.length === 0 || !isClosed(s)) return;
  s.gone[retain] = true;
  for (const i of s.found) s.gone[i] = true;
}

/** Follows one block from an index on; false when a release may come first, or the retain again. */
function scanBlock(s: Search, b: number, from: number): boolean {
  const insts = s.f.blocks[b].insts;
  for (let n = from; n < insts.length; n++) {
    s.left -= 1;
    if (s.left < 0) return false;
    const inst = s.f.insts[insts[n]];
    if (s.gone[insts[n]]) continue;
    if (isCount(s.p, inst) && resolveValue(s.f, inst.args[0]) === s.value) {
      if (isRetain(s.p, inst)) return false;
      s.found.push(insts[n]);
      if (b !== s.block) s.region.push(b);
      return true;
    }
    if ((dropsOf(s.p, inst) & s.harmful) !== 0) return false;
    if (opTable.effect[inst.op] === Effect.control) return leaveBlock(s, b, inst);
  }
  return false;
}

/** A way that ends in a trap needs no release, and one where the value is null neither; one that returns does. */
function leaveBlock(s: Search, b: number, inst: Inst): boolean {
  if (inst.op === Op.return) return false;
  const targets = s.f.blocks[b].targets;
  if (targets.length > 0 && b !== s.block) s.region.push(b);
  s.leaves[b] = s.round;
  const isNull = nullSide(s, inst);
  for (let k = 0; k < targets.length; k++) {
    const t = targets[k];
    if (k === isNull) continue;
    if (t.block === s.block) return false;
    if (s.seen[t.block] === s.round) continue;
    s.seen[t.block] = s.round;
    s.work.push(t.block);
  }
  return true;
}

/** The target of a branch that is taken when the value is null, or -1. */
function nullSide(s: Search, branch: Inst): number {
  if (branch.op !== Op.brif) return -1;
  const condition = resolveValue(s.f, branch.args[0]);
  const def = s.f.valueDef[condition];
  if (def < 0) return -1;
  const compare = s.f.insts[def];
  if ((compare.op !== Op.eq && compare.op !== Op.ne) || !isSameAddress(s, compare.args[0]) || !isNullConst(s.f, compare.args[1])) return -1;
  return compare.op === Op.ne ? 1 : 0;
}

/** Whether v is the address that is counted; the runtime takes a narrow one widened. */
function isSameAddress(s: Search, value: number): boolean {
  const v = resolveValue(s.f, value);
  if (v === s.value) return true;
  const def = s.f.valueDef[s.value];
  return def >= 0 && s.f.insts[def].op === Op.uextend && resolveValue(s.f, s.f.insts[def].args[0]) === v;
}

function isNullConst(f: Func, value: number): boolean {
  const def = f.valueDef[resolveValue(f, value)];
  return def >= 0 && f.insts[def].op === Op.iconst && eqI64(f.insts[def].imm, i64From(0));
}

/** Whether all ways into the region come from the retain without having met a release. */
function isClosed(s: Search): boolean {
  for (const b of s.region) {
    for (let k = s.cfg.predFirst[b]; k < s.cfg.predFirst[b + 1]; k++) if (s.leaves[s.cfg.pred[k]] !== s.round) return false;
  }
  return true;
}
