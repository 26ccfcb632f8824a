// Scalar replacement: frame slots that only loads and stores touch become values.
// In -> out: a function, to one without the slots whose address goes nowhere else and whose accesses fall into parts:
// each part is always read and written whole, as one type (a byte or half word read back is cut to its width). A part
// is a variable then; params are placed where ways with different values meet, as in Braun, Buchwald, Hack, Leissa,
// Mallon, Zwinkau (CC 2013) with all ways in known. A part read before it is written is zero. Filling with zeros a range
// that parts lie in wholly is a write of each. A part may need a param in each block between its accesses where ways meet, so
// slots that are wanted over long stretches are replaced only as far as the params stay in proportion to the function.

import { divI32 } from "../base/int32.ts";
import { fitsI32, i64From, joinI64, lowI32 } from "../base/int64.ts";
import { accessSize, isLoad, isStore } from "../ssa/memory.ts";
import { type Cfg, computeCfg, firstPred, predCount } from "../ssa/cfg.ts";
import { addInst, addParam, addResult, type Func, type Inst, replaceValue, resolveValue, type Slot, type Target } from "../ssa/function.ts";
import { isFloatType, Op } from "../ssa/ops.ts";
import { edgesInto } from "../ssa/pass_params.ts";

/** A part of a slot: bytes that are always read and written together. */
interface Part {
  slot: number;
  offset: number;
  size: number;
  /** The type of its value. */
  type: number;
}

/** A param that still lacks its arguments. */
interface OpenParam {
  block: number;
  part: number;
  index: number;
}

interface Scalars {
  f: Func;
  cfg: Cfg;
  /** By slot: whether it can still be replaced; and its parts. */
  good: boolean[];
  parts: number[][];
  all: Part[];
  /** By slot: the first and the last block that uses it, by their places in reverse postorder. */
  first: number[];
  last: number[];
  /** By block: part to its value at the end of what has been rewritten, where that is known. */
  ends: Map<number, number>[];
  edges: Target[][];
  open: OpenParam[];
  /** By type: the zero at the function's start, or -1. */
  zeros: number[];
}

/** Replaces the slots of a function that can be. */
export function replaceSlots(f: Func): void {
  if (f.slots.length === 0) return;
  const s: Scalars = { f: f, cfg: computeCfg(f), good: [], parts: [], all: [], first: [], last: [], ends: [], edges: [], open: [], zeros: [-1, -1, -1, -1, -1] };
  for (let k = 0; k < f.slots.length; k++) {
    s.good.push(true);
    s.parts.push([]);
    s.first.push(-1);
    s.last.push(-1);
  }
  for (let k = 0; k < s.cfg.rpo.length; k++) {
    const b = s.cfg.rpo[k];
    for (const i of f.blocks[b].insts) scanInst(s, f.insts[i], k);
    for (const t of f.blocks[b].targets) for (const a of t.args) spoil(s, a);
  }
  for (const b of s.cfg.rpo) for (const i of f.blocks[b].insts) if (f.insts[i].op === Op.memory_fill) scanFill(s, f.insts[i]);
  leaveLongSlots(s);
  rewrite(s);
  dropSlots(s);
}

/** Meeting points that a part may span in any case; those of all longer ones together, and the instructions for one more. */
const SHORT = 16;
const LONG = 2048;
const INSTS_FOR_ONE = 8;

/** Gives up the slots that would need params out of proportion. */
function leaveLongSlots(s: Scalars): void {
  let left = LONG + divI32(s.f.insts.length, INSTS_FOR_ONE);
  // By place in reverse postorder: the blocks up to there where ways meet.
  const meets: number[] = [];
  let count = 0;
  for (const b of s.cfg.rpo) {
    if (predCount(s.cfg, b) > 1) count += 1;
    meets.push(count);
  }
  for (let slot = 0; slot < s.good.length; slot++) {
    if (!s.good[slot] || s.first[slot] < 0) continue;
    const params = (meets[s.last[slot]] - meets[s.first[slot]]) * s.parts[slot].length;
    if (params <= SHORT) continue;
    if (params > left) s.good[slot] = false;
    else left -= params;
  }
}

/** The instruction slot_addr behind an address, or null. */
function slotAddress(f: Func, v: number): Inst | null {
  const def = f.valueDef[resolveValue(f, v)];
  return def >= 0 && f.insts[def].op === Op.slot_addr ? f.insts[def] : null;
}

/** `at`: the place of its block in reverse postorder. */
function scanInst(s: Scalars, inst: Inst, at: number): void {
  let first = 0;
  if (isLoad(inst.op) || isStore(inst.op)) {
    const slot = slotAddress(s.f, inst.args[0]);
    if (slot !== null) addAccess(s, slot, inst, at);
    first = 1;
  } else if (inst.op === Op.memory_fill && fillSize(s.f, inst) >= 0) {
    first = 1;
  }
  for (let k = first; k < inst.args.length; k++) spoil(s, inst.args[k]);
}

/** The address goes where this pass does not follow it. */
function spoil(s: Scalars, v: number): void {
  const at = slotAddress(s.f, v);
  if (at !== null) s.good[at.sym] = false;
}

function accessType(f: Func, inst: Inst): number {
  return isLoad(inst.op) ? inst.type : f.valueType[resolveValue(f, inst.args[1])];
}

/** Where an access to a slot begins, or -1 when that is no sensible number. */
function accessOffset(at: Inst, inst: Inst): number {
  if (!fitsI32(at.imm) || !fitsI32(inst.imm)) return -1;
  return lowI32(at.imm) + lowI32(inst.imm);
}

function addAccess(s: Scalars, at: Inst, inst: Inst, place: number): void {
  const slot = at.sym;
  if (!s.good[slot]) return;
  if (s.first[slot] < 0) s.first[slot] = place;
  s.last[slot] = place;
  const offset = accessOffset(at, inst);
  const size = accessSize(s.f, inst);
  const type = accessType(s.f, inst);
  if (offset < 0 || offset + size > s.f.slots[slot].size) {
    s.good[slot] = false;
    return;
  }
  for (const p of s.parts[slot]) {
    const part = s.all[p];
    if (part.offset === offset && part.size === size && part.type === type) return;
    if (part.offset < offset + size && offset < part.offset + part.size) s.good[slot] = false;
  }
  // A slot of many parts is an array or the like; looking through them for each access would not be linear.
  if (s.parts[slot].length >= 32) s.good[slot] = false;
  if (!s.good[slot]) return;
  s.parts[slot].push(s.all.length);
  s.all.push({ slot: slot, offset: offset, size: size, type: type });
}

/** The constant size of a fill of zeros, or -1. */
function fillSize(f: Func, inst: Inst): number {
  const value = f.valueDef[resolveValue(f, inst.args[1])];
  const size = f.valueDef[resolveValue(f, inst.args[2])];
  if (value < 0 || size < 0 || f.insts[value].op !== Op.iconst || f.insts[size].op !== Op.iconst) return -1;
  if (!fitsI32(f.insts[value].imm) || lowI32(f.insts[value].imm) !== 0 || !fitsI32(f.insts[size].imm)) return -1;
  return lowI32(f.insts[size].imm);
}

/** A fill may not cut a part. */
function scanFill(s: Scalars, inst: Inst): void {
  const at = slotAddress(s.f, inst.args[0]);
  if (at === null || !s.good[at.sym]) return;
  const from = fitsI32(at.imm) ? lowI32(at.imm) : -1;
  const to = from + fillSize(s.f, inst);
  for (const p of s.parts[at.sym]) {
    const part = s.all[p];
    const inside = from <= part.offset && part.offset + part.size <= to;
    const apart = part.offset + part.size <= from || to <= part.offset;
    if (from < 0 || (!inside && !apart)) s.good[at.sym] = false;
  }
}

function rewrite(s: Scalars): void {
  const f = s.f;
  for (let b = 0; b < f.blocks.length; b++) {
    s.ends.push(new Map());
    s.edges.push(s.cfg.rpoIndex[b] >= 0 ? edgesInto(f, s.cfg, b) : []);
  }
  for (const b of s.cfg.rpo) {
    const kept: number[] = [];
    for (const i of f.blocks[b].insts) if (!rewriteInst(s, b, i, kept)) kept.push(i);
    f.blocks[b].insts = kept;
  }
  while (s.open.length > 0) {
    const p = s.open[s.open.length - 1];
    s.open.pop();
    const edges = s.edges[p.block];
    const from = s.cfg.predFirst[p.block];
    for (let k = 0; k < edges.length; k++) edges[k].args[p.index] = valueAtEnd(s, s.cfg.pred[from + k], p.part);
  }
  for (let type = 0; type < s.zeros.length; type++) if (s.zeros[type] >= 0) f.blocks[0].insts.unshift(f.valueDef[s.zeros[type]]);
}

/** Whether an instruction is gone: replaced, or put into `kept` in another form. */
function rewriteInst(s: Scalars, b: number, i: number, kept: number[]): boolean {
  const f = s.f;
  const inst = f.insts[i];
  const load = isLoad(inst.op);
  if (!load && !isStore(inst.op) && inst.op !== Op.memory_fill) return false;
  const at = slotAddress(f, inst.args[0]);
  if (at === null || !s.good[at.sym]) return false;
  if (inst.op === Op.memory_fill) {
    fillParts(s, b, at, fillSize(f, inst));
    return true;
  }
  const part = partAt(s, at.sym, accessOffset(at, inst));
  if (!load) {
    s.ends[b].set(part, resolveValue(f, inst.args[1]));
    return true;
  }
  const value = valueAtEnd(s, b, part);
  if (inst.op === Op.load) {
    replaceValue(f, inst.result, value);
    return true;
  }
  narrow(s, inst, value, kept);
  kept.push(i);
  return true;
}

function partAt(s: Scalars, slot: number, offset: number): number {
  for (const p of s.parts[slot]) if (s.all[p].offset === offset) return p;
  return -1;
}

function fillParts(s: Scalars, b: number, at: Inst, size: number): void {
  const from = lowI32(at.imm);
  for (const p of s.parts[at.sym]) {
    if (s.all[p].offset >= from && s.all[p].offset < from + size) s.ends[b].set(p, zeroOf(s, s.all[p].type));
  }
}

/** The zero of a type, defined at the start of the function. */
function zeroOf(s: Scalars, type: number): number {
  if (s.zeros[type] < 0) s.zeros[type] = addResult(s.f, addInst(s.f, isFloatType(type) ? Op.fconst : Op.iconst, type, [], -1), type);
  return s.zeros[type];
}

/** A load of a part narrower than its value becomes the operation that cuts the value: a mask, or two shifts. */
function narrow(s: Scalars, load: Inst, value: number, kept: number[]): void {
  const signed = load.op === Op.sload8 || load.op === Op.sload16 || load.op === Op.sload32;
  load.imm = i64From(0);
  if (signed) {
    load.args = [value];
    load.op = load.op === Op.sload8 ? Op.sextend8 : load.op === Op.sload16 ? Op.sextend16 : Op.sextend32;
    return;
  }
  const bits = load.op === Op.uload8 ? 8 : load.op === Op.uload16 ? 16 : 32;
  const mask = addInst(s.f, Op.iconst, load.type, [], load.pos);
  s.f.insts[mask].imm = bits === 32 ? joinI64(0, -1) : i64From(bits === 8 ? 255 : 65535);
  kept.push(mask);
  load.op = Op.band;
  load.args = [value, addResult(s.f, mask, load.type)];
}

/** The value of a part at the end of what is rewritten of a block: found along single ways in, or a new param. */
function valueAtEnd(s: Scalars, block: number, part: number): number {
  const path: number[] = [];
  let at = block;
  let value = knownAtEnd(s, at, part);
  while (value < 0 && at !== 0 && s.edges[at].length === 1) {
    path.push(at);
    at = firstPred(s.cfg, at);
    value = knownAtEnd(s, at, part);
  }
  if (value < 0) {
    value = at === 0 ? zeroOf(s, s.all[part].type) : openParam(s, at, part);
    s.ends[at].set(part, value);
  }
  for (const b of path) s.ends[b].set(part, value);
  return resolveValue(s.f, value);
}

function knownAtEnd(s: Scalars, block: number, part: number): number {
  const found = s.ends[block].get(part);
  return found === undefined ? -1 : found;
}

function openParam(s: Scalars, block: number, part: number): number {
  const value = addParam(s.f, block, s.all[part].type);
  for (const e of s.edges[block]) e.args.push(-1);
  s.open.push({ block: block, part: part, index: s.f.blocks[block].params.length - 1 });
  return value;
}

/** Takes the replaced slots away; the others close up. */
function dropSlots(s: Scalars): void {
  const kept: Slot[] = [];
  const number: number[] = [];
  for (let k = 0; k < s.good.length; k++) {
    number.push(kept.length);
    if (!s.good[k]) kept.push(s.f.slots[k]);
  }
  if (kept.length === s.good.length) return;
  s.f.slots = kept;
  for (const b of s.cfg.rpo) {
    const insts: number[] = [];
    for (const i of s.f.blocks[b].insts) {
      const inst = s.f.insts[i];
      const gone = inst.op === Op.slot_addr && s.good[inst.sym];
      if (inst.op === Op.slot_addr) inst.sym = number[inst.sym];
      if (!gone) insts.push(i);
    }
    s.f.blocks[b].insts = insts;
  }
}
