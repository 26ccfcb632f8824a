// Moves: what connects the pieces of a value, in three passes.
// In -> out: placed bundles, to single moves in program order and the place of each operand.
// 1. inside blocks and along edges, between pieces of one register; 2. from block arguments to params;
// 3. into fixed and reused inputs, out of fixed results.
// A value that is in the stack anywhere may be stored once, right after its definition, when that costs no
// more than storing it wherever a piece in the stack begins: a value never changes, so the slot stays right.

import { bug } from "../base/bug.ts";
import { sarI32 } from "../base/int32.ts";
import { sortByKey, sortByKeys } from "../base/sort.ts";
import { MoveStage, type RegResult } from "./function.ts";
import { depthWeight } from "./liveness.ts";
import { Role } from "./operand.ts";
import { resolveParallel } from "./parallel_move.ts";
import { type Allocator, IN_SLOT } from "./ranges.ts";

/** Moves that are not ordered yet, and where each value's pieces are. */
interface MoveList {
  inst: number[];
  stage: number[];
  from: number[];
  to: number[];
  /** Range ids by virtual register and point; where each register's begin. */
  ranges: number[];
  start: number[];
  /** By virtual register: its slot holds the value wherever it lives. */
  stored: boolean[];
}

/** The answer of the allocator. */
export function makeMoves(a: Allocator, slotCount: number): RegResult {
  const m = indexRanges(a);
  for (let v = 0; v < a.func.vregClass.length; v++) connectPieces(a, m, v);
  connectParams(a, m);
  const result: RegResult = { place: [], moves: [], slotCount: slotCount };
  placeOperands(a, m, result);
  orderMoves(a, m, result);
  return result;
}

function indexRanges(a: Allocator): MoveList {
  const m: MoveList = { inst: [], stage: [], from: [], to: [], ranges: [], start: [], stored: [] };
  const vregs: number[] = [];
  const froms: number[] = [];
  for (let r = 0; r < a.ranges.length; r++) {
    m.ranges.push(r);
    vregs.push(a.ranges[r].vreg);
    froms.push(a.ranges[r].from);
  }
  sortByKeys(m.ranges, vregs, froms);
  let k = 0;
  for (let v = 0; v < a.func.vregClass.length; v++) {
    m.start.push(k);
    m.stored.push(false);
    while (k < m.ranges.length && a.ranges[m.ranges[k]].vreg === v) k += 1;
  }
  m.start.push(k);
  return m;
}

function addMove(m: MoveList, inst: number, stage: number, from: number, to: number): void {
  m.inst.push(inst);
  m.stage.push(stage);
  m.from.push(from);
  m.to.push(to);
}

function rangePlace(a: Allocator, r: number): number {
  const b = a.bundles[a.ranges[r].bundle];
  return b.place === IN_SLOT ? a.env.names.length + a.spillSets[b.spillSet].slot : b.place;
}

/** The index in m.ranges of the piece of v at a point, or -1. */
function pieceAt(a: Allocator, m: MoveList, v: number, point: number): number {
  let low = m.start[v];
  let high = m.start[v + 1] - 1;
  while (low < high) {
    const mid = sarI32(low + high + 1, 1);
    if (a.ranges[m.ranges[mid]].from <= point) low = mid;
    else high = mid - 1;
  }
  if (low > high) return -1;
  const range = a.ranges[m.ranges[low]];
  return range.from <= point && point < range.to ? low : -1;
}

/** The place of v at a point where it is live. */
function placeAtPoint(a: Allocator, m: MoveList, v: number, point: number): number {
  const k = pieceAt(a, m, v, point);
  if (k < 0) bug("v" + v + " has no place at point " + point);
  return rangePlace(a, m.ranges[k]);
}

/** Moves between the pieces of one register. */
function connectPieces(a: Allocator, m: MoveList, v: number): void {
  const first = m.start[v];
  const end = m.start[v + 1];
  let same = true;
  for (let k = first + 1; k < end; k++) if (rangePlace(a, m.ranges[k]) !== rangePlace(a, m.ranges[first])) same = false;
  if (end - first < 2 || same) return;
  const mark = m.inst.length;
  for (let k = first; k < end; k++) {
    const range = a.ranges[m.ranges[k]];
    if (k > first && (range.from & 3) === 1 && a.ranges[m.ranges[k - 1]].to === range.from) {
      addMove(m, sarI32(range.from, 2), MoveStage.before, rangePlace(a, m.ranges[k - 1]), rangePlace(a, m.ranges[k]));
    }
    connectEdges(a, m, v, k);
  }
  storeOnce(a, m, v, mark);
}

/** Moves on the edges into the blocks that begin within a piece. */
function connectEdges(a: Allocator, m: MoveList, v: number, piece: number): void {
  const range = a.ranges[m.ranges[piece]];
  let block = a.live.blockOf[sarI32(range.from, 2)];
  if (a.func.blocks[block].first * 4 < range.from) block += 1;
  while (block < a.func.blocks.length && a.func.blocks[block].first * 4 < range.to) {
    const at = a.func.blocks[block].first * 4;
    if (at !== a.live.defPoint[v]) {
      for (const p of a.func.blocks[block].preds) {
        const from = placeAtPoint(a, m, v, a.func.blocks[p].end * 4 - 1);
        addEdgeMove(a, m, p, block, from, rangePlace(a, m.ranges[piece]));
      }
    }
    block += 1;
  }
}

function addEdgeMove(a: Allocator, m: MoveList, pred: number, block: number, from: number, to: number): void {
  if (from === to) return;
  const p = a.func.blocks[pred];
  if (p.succs.length === 1) addMove(m, p.end - 1, MoveStage.blockEnd, from, to);
  else addMove(m, a.func.blocks[block].first, MoveStage.blockStart, from, to);
}

/** Replaces the stores of one value, from mark on, by one at its definition if that is no dearer. */
function storeOnce(a: Allocator, m: MoveList, v: number, mark: number): void {
  const places = a.env.names.length;
  let slot = -1;
  let cost = 0;
  for (let k = mark; k < m.inst.length; k++) {
    if (m.to[k] < places) continue;
    slot = m.to[k];
    cost += depthWeight(a.func.blocks[a.live.blockOf[m.inst[k]]].depth);
  }
  const def = a.live.defPoint[v];
  const inst = sarI32(def, 2);
  const home = placeAtPoint(a, m, v, def);
  if (slot < 0) return;
  if (home < places && cost < depthWeight(a.func.blocks[a.live.blockOf[inst]].depth)) return;
  dropStores(m, mark, places);
  m.stored[v] = true;
  if (home >= places) return;
  const from = (def & 3) === 3 ? fixedSource(a, v, inst) : home;
  addMove(m, inst, (def & 3) === 0 ? MoveStage.blockStart : MoveStage.after, from, slot);
}

/** Removes the moves from mark on that go to the stack: to a place that is none of the first `places`. */
function dropStores(m: MoveList, mark: number, places: number): void {
  let kept = mark;
  for (let k = mark; k < m.inst.length; k++) {
    if (m.to[k] >= places) continue;
    m.inst[kept] = m.inst[k];
    m.stage[kept] = m.stage[k];
    m.from[kept] = m.from[k];
    m.to[kept] = m.to[k];
    kept += 1;
  }
  while (m.inst.length > kept) {
    m.inst.pop();
    m.stage.pop();
    m.from.pop();
    m.to.pop();
  }
}

/** The register in which instruction inst leaves v. */
function fixedSource(a: Allocator, v: number, inst: number): number {
  const f = a.func;
  for (let k = f.opStart[inst]; k < f.opStart[inst + 1]; k++) {
    if (f.opRole[k] === Role.defFixed && f.opVreg[k] === v) return f.opArg[k];
  }
  bug("v" + v + " is not a fixed result");
}

/** Moves from arguments to params. */
function connectParams(a: Allocator, m: MoveList): void {
  const slots = a.env.names.length;
  for (const b of a.func.blocks) {
    if (b.args.length === 0) continue;
    const to = a.func.blocks[b.succs[0]];
    for (let k = 0; k < to.params.length; k++) {
      const piece = pieceAt(a, m, to.params[k], to.first * 4);
      if (piece < 0) continue;
      const arg = b.args[k];
      const target = rangePlace(a, m.ranges[piece]);
      const source = placeAtPoint(a, m, arg, b.end * 4 - 1);
      if (source === target || (target >= slots && m.stored[arg] && slotOf(a, m, arg) === target)) continue;
      addMove(m, b.end - 1, MoveStage.blockEnd, source, target);
    }
  }
}

function slotOf(a: Allocator, m: MoveList, v: number): number {
  const bundle = a.bundles[a.ranges[m.ranges[m.start[v]]].bundle];
  return a.env.names.length + a.spillSets[bundle.spillSet].slot;
}

/** The place of each operand, and the moves into and out of fixed and reused ones. */
function placeOperands(a: Allocator, m: MoveList, result: RegResult): void {
  const f = a.func;
  for (let i = 0; i < f.instCount; i++) {
    const first = f.opStart[i];
    for (let k = first; k < f.opStart[i + 1]; k++) result.place.push(operandPlace(a, m, i, k));
    for (let k = first; k < f.opStart[i + 1]; k++) {
      const role = f.opRole[k];
      const arg = f.opArg[k];
      if (role === Role.useCopy) result.place[k] = result.place[first + arg];
      if (role === Role.defReuse) {
        addMove(m, i, MoveStage.before, result.place[first + arg], result.place[k]);
        result.place[first + arg] = result.place[k];
      } else if (role === Role.useFixed) {
        addMove(m, i, MoveStage.before, result.place[k], arg);
        result.place[k] = arg;
      } else if (role === Role.defFixed) {
        if (result.place[k] >= 0) addMove(m, i, MoveStage.after, arg, result.place[k]);
        result.place[k] = arg;
      }
    }
  }
}

/** Where a value is at its operand's point; the place of a fixed result that is not used is -1. */
function operandPlace(a: Allocator, m: MoveList, i: number, k: number): number {
  const f = a.func;
  const v = f.opVreg[k];
  switch (f.opRole[k]) {
    case Role.useAny: return placeAtPoint(a, m, v, i * 4 + 1);
    case Role.useReg: return placeAtPoint(a, m, v, i * 4 + 1);
    case Role.useFixed: return placeAtPoint(a, m, v, i * 4);
    case Role.useReused: return placeAtPoint(a, m, v, i * 4);
    case Role.useCopy: return -1;
    case Role.defReg: return placeAtPoint(a, m, v, i * 4 + 2);
    case Role.defFixed: return pieceAt(a, m, v, i * 4 + 3) < 0 ? -1 : placeAtPoint(a, m, v, i * 4 + 3);
    default: return placeAtPoint(a, m, v, i * 4 + 1);
  }
}

/** Puts the moves in program order and makes single moves of those that happen together. */
function orderMoves(a: Allocator, m: MoveList, result: RegResult): void {
  const order: number[] = [];
  const when: number[] = [];
  for (let k = 0; k < m.inst.length; k++) {
    order.push(k);
    when.push(m.inst[k] * 4 + m.stage[k]);
  }
  sortByKey(order, when);
  let k = 0;
  while (k < order.length) {
    const key = when[order[k]];
    const from: number[] = [];
    const to: number[] = [];
    while (k < order.length && when[order[k]] === key) {
      from.push(m.from[order[k]]);
      to.push(m.to[order[k]]);
      k += 1;
    }
    resolveParallel(a.env, from, to, sarI32(key, 2), key & 3, result.moves);
  }
}
