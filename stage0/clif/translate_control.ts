// Structured control as blocks and edges.
// In -> out: block, loop, if, branches, returns, to blocks whose params are what a branch passes. A level of the
// control stack knows the block that a branch to it enters: of a loop the header, else the block after the end.
// Edges of conditional branches and tables that pass values or leave the function get a block of their own.
// A loop's header is sealed at its end, any other block as soon as its last edge is there.

import { bug } from "../base/bug.ts";
import { addBlockParam, emitBrif, emitBrTable, emitJump, emitReturn, emitTrap, isReachable, newBlock, sealBlock, switchTo } from "../ssa/builder.ts";
import { Op, Trap } from "../ssa/ops.ts";
import type { WasmSig } from "../wasm/module.ts";
import { WasmOp } from "../wasm/opcodes.ts";
import { EMPTY_BLOCK } from "../wasm/reader.ts";
import { endWithTailCall, type FuncTranslation, popIndirectArgs, popValue, popValues, pushValues, topValues } from "./translate_func.ts";

export interface ControlLevel {
  op: number;
  /** What a branch enters, or -1 for the function itself, which it leaves. */
  block: number;
  /** How many values a branch passes, and how many the construct leaves. */
  arity: number;
  results: number;
  /** Height of the operand stack without params. */
  height: number;
  /** The block of the other arm of an if, as long as it has not begun, and the params for it. */
  elseBlock: number;
  params: number[];
  /** Whether there is an edge to the block after the end. */
  entered: boolean;
}

/** The level that is the function's body. */
export function enterFunction(x: FuncTranslation, results: number): void {
  x.levels.push({ op: WasmOp.block, block: -1, arity: results, results: results, height: 0, elseBlock: -1, params: [], entered: false });
}

/** Whether an operator is about control and must be seen even where it is not reached. */
export function isControlOp(op: number): boolean {
  if (op <= WasmOp.return) return op !== WasmOp.nop;
  return op === WasmOp.return_call || op === WasmOp.return_call_indirect;
}

/** Translates an operator about control. */
export function translateControl(x: FuncTranslation, op: number): void {
  if (!isReachable(x.b)) {
    if (op === WasmOp.block || op === WasmOp.loop || op === WasmOp.if) x.skipped += 1;
    else if (op === WasmOp.end && x.skipped > 0) x.skipped -= 1;
    else if (op === WasmOp.end) endLevel(x);
    else if (op === WasmOp.else && x.skipped === 0) beginElse(x);
    return;
  }
  switch (op) {
    case WasmOp.unreachable: emitTrap(x.b, Trap.unreachable); break;
    case WasmOp.block: beginBlock(x); break;
    case WasmOp.loop: beginLoop(x); break;
    case WasmOp.if: beginIf(x); break;
    case WasmOp.else: beginElse(x); break;
    case WasmOp.end: endLevel(x); break;
    case WasmOp.br: branchTo(x, levelOf(x, x.r.first)); break;
    case WasmOp.br_if: branchIf(x, levelOf(x, x.r.first)); break;
    case WasmOp.br_table: branchByTable(x); break;
    case WasmOp.return: emitReturn(x.b, popValues(x, x.levels[0].results)); break;
    default: tailCall(x, op); break;
  }
}

function levelOf(x: FuncTranslation, label: number): ControlLevel {
  return x.levels[x.levels.length - 1 - label];
}

/** What the block type of the instruction says; value types are lists of one. */
function blockSig(x: FuncTranslation): WasmSig {
  const type = x.r.first;
  if (type >= 0) return x.whole.wasm.types[type];
  return { params: [], results: type === EMPTY_BLOCK ? [] : [0 - type], places: [] };
}

function startBlock(x: FuncTranslation, block: number): void {
  switchTo(x.b, block);
  x.layout.push(block);
}

function newJoin(x: FuncTranslation, types: number[]): number {
  const block = newBlock(x.b);
  for (const t of types) addBlockParam(x.b, block, t);
  return block;
}

function pushLevel(x: FuncTranslation, op: number, block: number, arity: number, sig: WasmSig): ControlLevel {
  const level: ControlLevel = { op: op, block: block, arity: arity, results: sig.results.length, height: x.stack.length - sig.params.length, elseBlock: -1, params: [], entered: false };
  x.levels.push(level);
  return level;
}

function beginBlock(x: FuncTranslation): void {
  const sig = blockSig(x);
  pushLevel(x, WasmOp.block, newJoin(x, sig.results), sig.results.length, sig);
}

function beginLoop(x: FuncTranslation): void {
  const sig = blockSig(x);
  const head = newJoin(x, sig.params);
  const args = popValues(x, sig.params.length);
  emitJump(x.b, head, args);
  startBlock(x, head);
  for (let i = 0; i < sig.params.length; i++) x.stack.push(x.b.func.blocks[head].params[i]);
  pushLevel(x, WasmOp.loop, head, sig.params.length, sig);
}

function beginIf(x: FuncTranslation): void {
  const sig = blockSig(x);
  const condition = popValue(x);
  const yes = newBlock(x.b);
  const no = newBlock(x.b);
  emitBrif(x.b, condition, yes, no);
  sealBlock(x.b, yes);
  sealBlock(x.b, no);
  const level = pushLevel(x, WasmOp.if, newJoin(x, sig.results), sig.results.length, sig);
  level.elseBlock = no;
  for (let i = level.height; i < x.stack.length; i++) level.params.push(x.stack[i]);
  startBlock(x, yes);
}

/** Ends the first arm and begins the second with the same params. */
function beginElse(x: FuncTranslation): void {
  const level = levelOf(x, 0);
  if (isReachable(x.b)) branchTo(x, level);
  startBlock(x, level.elseBlock);
  level.elseBlock = -1;
  while (x.stack.length > level.height) x.stack.pop();
  pushValues(x, level.params);
}

function endLevel(x: FuncTranslation): void {
  const level = levelOf(x, 0);
  if (level.elseBlock >= 0) beginElse(x);
  if (level.op === WasmOp.loop) {
    sealBlock(x.b, level.block);
    x.levels.pop();
    if (!isReachable(x.b)) dropTo(x, level.height);
    return;
  }
  if (isReachable(x.b)) branchTo(x, level);
  x.levels.pop();
  dropTo(x, level.height);
  if (level.block < 0) return;
  sealBlock(x.b, level.block);
  if (!level.entered) return;
  startBlock(x, level.block);
  for (let i = 0; i < level.results; i++) x.stack.push(x.b.func.blocks[level.block].params[i]);
}

function dropTo(x: FuncTranslation, height: number): void {
  while (x.stack.length > height) x.stack.pop();
}

/** Ends the block with a branch to a level. */
function branchTo(x: FuncTranslation, level: ControlLevel): void {
  leaveTo(x, level, popValues(x, level.arity));
}

function leaveTo(x: FuncTranslation, level: ControlLevel, values: number[]): void {
  level.entered = true;
  if (level.block < 0) emitReturn(x.b, values);
  else emitJump(x.b, level.block, values);
}

/** Whether an edge to a level needs a block of its own. */
function needsEdgeBlock(level: ControlLevel): boolean {
  return level.block < 0 || level.arity > 0;
}

function branchIf(x: FuncTranslation, level: ControlLevel): void {
  const condition = popValue(x);
  const next = newBlock(x.b);
  if (needsEdgeBlock(level)) {
    const edge = newBlock(x.b);
    emitBrif(x.b, condition, edge, next);
    sealBlock(x.b, edge);
    startBlock(x, edge);
    leaveTo(x, level, topValues(x, level.arity));
  } else {
    level.entered = true;
    emitBrif(x.b, condition, level.block, next);
  }
  sealBlock(x.b, next);
  startBlock(x, next);
}

/** Labels that are the same share their edge block. */
function branchByTable(x: FuncTranslation): void {
  const index = popValue(x);
  const edges: number[] = [];
  const edgeLevels: ControlLevel[] = [];
  const edgeOf: Map<number, number> = new Map();
  const targets: number[] = [];
  for (const label of x.r.list) {
    const level = levelOf(x, label);
    level.entered = true;
    if (!needsEdgeBlock(level)) {
      targets.push(level.block);
      continue;
    }
    const known = edgeOf.get(label);
    if (known !== undefined) {
      targets.push(known);
      continue;
    }
    const edge = newBlock(x.b);
    edgeOf.set(label, edge);
    edges.push(edge);
    edgeLevels.push(level);
    targets.push(edge);
  }
  emitBrTable(x.b, index, targets);
  for (let i = 0; i < edges.length; i++) {
    sealBlock(x.b, edges[i]);
    startBlock(x, edges[i]);
    leaveTo(x, edgeLevels[i], topValues(x, edgeLevels[i].arity));
  }
}

function tailCall(x: FuncTranslation, op: number): void {
  const m = x.whole.module;
  if (op === WasmOp.return_call) {
    const sym = x.whole.funcSymbol[x.r.first];
    endWithTailCall(x, Op.return_call, sym, popValues(x, m.sigs[m.symbols[sym].sig].params.length));
  } else if (op === WasmOp.return_call_indirect) {
    const sig = x.whole.sigOf[x.r.first];
    endWithTailCall(x, Op.return_call_indirect, sig, popIndirectArgs(x, sig));
  } else {
    bug("no operator about control");
  }
}
