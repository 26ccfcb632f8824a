// Emission: VCode with its allocation to bytes.
// In -> out: blocks in layout order, each instruction with the moves around it, to code, relocations, traps, lines.
// A block that only jumps is another name of its target. Traps lie behind the code, jump tables behind them.

import { enterStage } from "../base/bug.ts";
import type { Bytes } from "../base/bytes.ts";
import type { RegFunc, RegResult } from "../regalloc/function.ts";
import { addLabelRef, aliasLabel, bindLabel, type CodeBuffer, type CodeLine, type CodeReloc, finishBuffer, newCodeBuffer, newLabel, noteCodeLine, resolveLabel, type TrapEntry } from "./buffer.ts";
import { type Frame, layoutFrame } from "./frame.ts";
import type { MachInst } from "./inst.ts";
import type { Isa } from "./isa.ts";
import type { PoolConstant, VCode } from "./vcode.ts";
import type { SsaModule } from "../ssa/module.ts";

/** A trap to be placed behind the code. */
interface TrapSite {
  label: number;
  code: number;
  pos: number;
}

/** A table of distances from itself to blocks. */
interface JumpTable {
  label: number;
  targets: number[];
}

export interface Emitter {
  isa: Isa;
  module: SsaModule;
  code: VCode;
  regs: RegFunc;
  alloc: RegResult;
  frame: Frame;
  buffer: CodeBuffer;
  /** Places of the current instruction's registers, by slot, then base and index. */
  places: number[];
  /** Whether the flags set before this instruction are still read after it. */
  flagsLive: boolean;
  /** The block laid out after the current one, or -1. */
  nextBlock: number;
  trapSites: TrapSite[];
  trapIds: Map<string, number>;
  tables: JumpTable[];
}

/** The machine code of one function. */
export interface MachCode {
  sym: number;
  bytes: Bytes;
  /** Bytes before the jump tables. */
  codeSize: number;
  relocs: CodeReloc[];
  traps: TrapEntry[];
  /** By offset; those of code that may fault, and the declaration's at 0. */
  lines: CodeLine[];
  pool: PoolConstant[];
}

/** Emits one function. */
export function emitFunction(isa: Isa, m: SsaModule, v: VCode, regs: RegFunc, alloc: RegResult): MachCode {
  enterStage("asm", m.symbols[v.sym].name);
  const e: Emitter = {
    isa: isa, module: m, code: v, regs: regs, alloc: alloc, frame: layoutFrame(isa, v, alloc), buffer: newCodeBuffer(v.blocks.length),
    places: [], flagsLive: false, nextBlock: -1, trapSites: [], trapIds: new Map(), tables: [],
  };
  const moveStart = firstMoves(e);
  noteCodeLine(e.buffer, v.pos);
  isa.emitPrologue(e);
  aliasEmptyBlocks(e, moveStart);
  const order = emitOrder(e);
  for (let k = 0; k < order.length; k++) {
    e.nextBlock = k + 1 < order.length ? order[k + 1] : -1;
    emitBlock(e, order[k], moveStart);
  }
  emitTrapSites(e);
  const end = newLabel(e.buffer);
  bindLabel(e.buffer, end);
  emitTables(e);
  const bytes = finishBuffer(e.buffer);
  return { sym: v.sym, bytes: bytes, codeSize: e.buffer.labels[end], relocs: e.buffer.relocs, traps: e.buffer.traps, lines: e.buffer.lines, pool: v.pool };
}

/** Blocks that have code of their own as they are laid out, the cold ones last. */
function emitOrder(e: Emitter): number[] {
  const order: number[] = [];
  for (let b = 0; b < e.code.blocks.length; b++) if (!e.code.cold[b] && e.buffer.alias[b] < 0) order.push(b);
  for (let b = 0; b < e.code.blocks.length; b++) if (e.code.cold[b] && e.buffer.alias[b] < 0) order.push(b);
  return order;
}

/** By instruction: its first move; one entry more at the end. */
function firstMoves(e: Emitter): number[] {
  const start: number[] = [];
  let next = 0;
  for (let i = 0; i <= e.code.insts.length; i++) {
    while (next < e.alloc.moves.length && e.alloc.moves[next].inst < i) next += 1;
    start.push(next);
  }
  return start;
}

/** A block that is one jump without moves is a name of the block it jumps to, unless that makes a ring. */
function aliasEmptyBlocks(e: Emitter, moveStart: number[]): void {
  for (let b = 1; b < e.code.blocks.length; b++) {
    const block = e.code.blocks[b];
    if (block.end - block.first !== 1 || block.succs.length !== 1 || resolveLabel(e.buffer, block.succs[0]) === b) continue;
    if (moveStart[block.first] === moveStart[block.end]) aliasLabel(e.buffer, b, block.succs[0]);
  }
}

function emitBlock(e: Emitter, b: number, moveStart: number[]): void {
  const block = e.code.blocks[b];
  bindLabel(e.buffer, b);
  const live = flagsAfter(e, block.first, block.end);
  for (let i = block.first; i < block.end; i++) {
    let k = moveStart[i];
    while (k < moveStart[i + 1] && e.alloc.moves[k].stage < 3) {
      e.isa.emitMove(e, e.alloc.moves[k]);
      k += 1;
    }
    e.flagsLive = live[i - block.first];
    const inst = e.code.insts[i];
    findPlaces(e, i, inst);
    if (mayFault(inst)) noteCodeLine(e.buffer, inst.pos);
    e.isa.emitInst(e, inst);
    while (k < moveStart[i + 1]) {
      e.isa.emitMove(e, e.alloc.moves[k]);
      k += 1;
    }
  }
}

/** Whether somebody may ask where an instruction comes from: it touches memory, calls or traps. */
function mayFault(inst: MachInst): boolean {
  return inst.mem !== null || inst.pins !== null || inst.sym >= 0;
}

/** For each instruction whether flags are read behind it before they are written. */
function flagsAfter(e: Emitter, first: number, end: number): boolean[] {
  const live: boolean[] = [];
  for (let i = first; i < end; i++) live.push(false);
  let wanted = false;
  for (let i = end - 1; i >= first; i--) {
    live[i - first] = wanted;
    const row = e.isa.table.rows[e.code.insts[i].op];
    if (row.readsFlags) wanted = true;
    else if (row.writesFlags) wanted = false;
  }
  return live;
}

function findPlaces(e: Emitter, i: number, inst: MachInst): void {
  let next = e.regs.opStart[i];
  e.places = [];
  for (const reg of inst.regs) {
    if (reg < 0) {
      e.places.push(-1);
    } else {
      e.places.push(e.alloc.place[next]);
      next += 1;
    }
  }
}

/** The label of the trap for a code and position. */
export function trapLabel(e: Emitter, code: number, pos: number): number {
  const key = code + " " + pos;
  const found = e.trapIds.get(key);
  if (found !== undefined) return e.trapSites[found].label;
  e.trapIds.set(key, e.trapSites.length);
  const label = newLabel(e.buffer);
  e.trapSites.push({ label: label, code: code, pos: pos });
  return label;
}

/** A new jump table for blocks; its label. */
export function jumpTable(e: Emitter, targets: number[]): number {
  const label = newLabel(e.buffer);
  e.tables.push({ label: label, targets: targets });
  return label;
}

function emitTrapSites(e: Emitter): void {
  for (const t of e.trapSites) {
    bindLabel(e.buffer, t.label);
    noteCodeLine(e.buffer, t.pos);
    e.isa.emitTrap(e.buffer, t.code, t.pos);
  }
}

function emitTables(e: Emitter): void {
  for (const t of e.tables) {
    bindLabel(e.buffer, t.label);
    for (const to of t.targets) addLabelRef(e.buffer, to, t.label);
  }
}

/** The stack offset of a place that is a spill slot. */
export function spillOffset(e: Emitter, place: number): number {
  return e.frame.spillBase + 8 * (place - e.isa.env.names.length);
}
