// Builds a function in SSA form from code with assignable variables.
// In -> out: declare variables, define and use them, make blocks and instructions; block params are placed
// as needed. Algorithm: Braun, Buchwald, Hack, Leissa, Mallon, Zwinkau, "Simple and Efficient Construction
// of Static Single Assignment Form" (CC 2013), with block params for phis and a work list for recursion:
// a read that meets several predecessors makes a param at once, and its arguments are filled in later.
// Invariants: sealBlock is called once for each block, when all its predecessors are known; after
// finishFunction no block is unsealed and every param has an argument on each edge.

import { bug } from "../base/bug.ts";
import { type I64, i64From } from "../base/int64.ts";
import { addBlock, addInst, addParam, addResult, type Func, newFunc, replaceValue, resolveValue, type Target } from "./function.ts";
import type { SsaModule } from "./module.ts";
import { Op, Type } from "./ops.ts";

/** A param that still lacks its arguments. */
interface PendingParam {
  block: number;
  variable: number;
  value: number;
  /** Which param of the block it is. */
  index: number;
}

/** The value of a variable at the end of what is in a block so far. */
interface Definition {
  variable: number;
  value: number;
  /** Another one of the same block, or -1. */
  next: number;
}

/** What the builder knows of a block besides its instructions. */
interface BlockState {
  sealed: boolean;
  /** The first of its definitions, or -1; once there are more than a few, all of them by variable. */
  firstDef: number;
  many: Map<number, number> | null;
  /** The edges into the block, as (predecessor, target record), in order of creation. */
  preds: number[];
  edges: Target[];
  /** Params made before the block was sealed. */
  waiting: PendingParam[];
}

export interface Builder {
  module: SsaModule;
  func: Func;
  states: BlockState[];
  defs: Definition[];
  /** By variable. */
  variableType: number[];
  work: PendingParam[];
  /** The block that instructions go to; -1 after a terminator. */
  current: number;
  /** Position given to new instructions. */
  pos: number;
}

/** A builder with an entry block whose params are those of the signature. */
export function newBuilder(m: SsaModule, sym: number, sig: number): Builder {
  const b: Builder = { module: m, func: newFunc(sym, sig), states: [], defs: [], variableType: [], work: [], current: -1, pos: -1 };
  const entry = newBlock(b);
  for (const t of m.sigs[sig].params) addParam(b.func, entry, t);
  sealBlock(b, entry);
  b.current = entry;
  return b;
}

/** A new block, not sealed, at the end of the layout. */
export function newBlock(b: Builder): number {
  b.states.push({ sealed: false, firstDef: -1, many: null, preds: [], edges: [], waiting: [] });
  return addBlock(b.func);
}

/** A new variable of a value type. */
export function newVariable(b: Builder, type: number): number {
  b.variableType.push(type);
  return b.variableType.length - 1;
}

/** Goes on in another block. */
export function switchTo(b: Builder, block: number): void {
  b.current = block;
}

/** Whether instructions can be added: false after a terminator. */
export function isReachable(b: Builder): boolean {
  return b.current >= 0;
}

/** Assigns a variable in the current block. */
export function defVariable(b: Builder, variable: number, value: number): void {
  setDefinition(b, b.current, variable, value);
}

/** So many definitions of a block are looked through one by one. */
const FEW_DEFINITIONS = 8;

function setDefinition(b: Builder, block: number, variable: number, value: number): void {
  const state = b.states[block];
  if (state.many !== null) {
    state.many.set(variable, value);
    return;
  }
  let count = 0;
  for (let d = state.firstDef; d >= 0; d = b.defs[d].next) {
    if (b.defs[d].variable === variable) {
      b.defs[d].value = value;
      return;
    }
    count += 1;
  }
  b.defs.push({ variable: variable, value: value, next: state.firstDef });
  state.firstDef = b.defs.length - 1;
  if (count < FEW_DEFINITIONS) return;
  const many: Map<number, number> = new Map();
  for (let d = state.firstDef; d >= 0; d = b.defs[d].next) many.set(b.defs[d].variable, b.defs[d].value);
  state.many = many;
}

/** The value of a variable at the end of what is in a block so far, or -1 when the block says nothing of it. */
function findDefinition(b: Builder, block: number, variable: number): number {
  const state = b.states[block];
  if (state.many !== null) return state.many.get(variable) ?? -1;
  for (let d = state.firstDef; d >= 0; d = b.defs[d].next) if (b.defs[d].variable === variable) return b.defs[d].value;
  return -1;
}

/** The value of a variable in the current block. */
export function useVariable(b: Builder, variable: number): number {
  const v = readVariable(b, variable, b.current);
  fillParams(b);
  return resolveValue(b.func, v);
}

/** The value of a variable at the end of a block: found along single predecessors, or a new param. */
function readVariable(b: Builder, variable: number, block: number): number {
  const path: number[] = [];
  let at = block;
  let value = -1;
  while (value < 0) {
    const state = b.states[at];
    value = findDefinition(b, at, variable);
    if (value >= 0) break;
    if (state.sealed && state.preds.length === 1) {
      path.push(at);
      at = state.preds[0];
    } else {
      value = makeParam(b, variable, at);
    }
  }
  for (const p of path) setDefinition(b, p, variable, value);
  return value;
}

function makeParam(b: Builder, variable: number, block: number): number {
  const state = b.states[block];
  if (state.sealed && state.preds.length === 0) return undefinedValue(b, variable, block);
  const value = addParam(b.func, block, b.variableType[variable]);
  setDefinition(b, block, variable, value);
  const pending: PendingParam = { block: block, variable: variable, value: value, index: b.func.blocks[block].params.length - 1 };
  if (state.sealed) queueParam(b, pending);
  else state.waiting.push(pending);
  return value;
}

/** Queues a param of a sealed block; each edge gets a place for its argument, so that arguments stand in the order of params. */
function queueParam(b: Builder, p: PendingParam): void {
  for (const e of b.states[p.block].edges) e.args.push(-1);
  b.work.push(p);
}

/** A variable read before any assignment is zero: unreachable code and Wasm locals. */
function undefinedValue(b: Builder, variable: number, block: number): number {
  const type = b.variableType[variable];
  const inst = addInst(b.func, type === Type.f32 || type === Type.f64 ? Op.fconst : Op.iconst, type, [], b.pos);
  const value = addResult(b.func, inst, type);
  b.func.blocks[block].insts.unshift(inst);
  setDefinition(b, block, variable, value);
  return value;
}

/** Gives every pending param its argument on each edge; params whose arguments are all one value go. */
function fillParams(b: Builder): void {
  while (b.work.length > 0) {
    const p = b.work[b.work.length - 1];
    b.work.pop();
    const state = b.states[p.block];
    for (let k = 0; k < state.preds.length; k++) {
      const value = readVariable(b, p.variable, state.preds[k]);
      state.edges[k].args[p.index] = value;
    }
    dropTrivialParam(b, p);
  }
}

/** A param whose arguments are one value or the param itself stands for that value. It stays in place until cleaned. */
function dropTrivialParam(b: Builder, p: PendingParam): void {
  const f = b.func;
  let same = -1;
  for (const e of b.states[p.block].edges) {
    const arg = resolveValue(f, e.args[p.index]);
    if (arg === same || arg === p.value) continue;
    if (same >= 0) return;
    same = arg;
  }
  if (same >= 0) replaceValue(f, p.value, same);
}

/** Says that a block's predecessors are all known. */
export function sealBlock(b: Builder, block: number): void {
  const state = b.states[block];
  if (state.sealed) bug("block sealed twice");
  state.sealed = true;
  for (const p of state.waiting) queueParam(b, p);
  state.waiting = [];
  fillParams(b);
}

/** Adds an instruction to the current block; results are added by the caller. */
export function emitInst(b: Builder, op: number, type: number, args: number[]): number {
  const inst = addInst(b.func, op, type, args, b.pos);
  b.func.blocks[b.current].insts.push(inst);
  return inst;
}

/** Adds an instruction with one result of the given type. */
export function emitValue(b: Builder, op: number, type: number, args: number[], result: number): number {
  return addResult(b.func, emitInst(b, op, type, args), result);
}

/** An integer constant. */
export function emitIconst(b: Builder, type: number, value: I64): number {
  const inst = emitInst(b, Op.iconst, type, []);
  b.func.insts[inst].imm = value;
  return addResult(b.func, inst, type);
}

/** A float constant, by its bits. */
export function emitFconst(b: Builder, type: number, bits: I64): number {
  const inst = emitInst(b, Op.fconst, type, []);
  b.func.insts[inst].imm = bits;
  return addResult(b.func, inst, type);
}

/** A load of the given op (load, uload8, ...) and type at address + offset. */
export function emitLoad(b: Builder, op: number, type: number, address: number, offset: I64): number {
  const inst = emitInst(b, op, type, [address]);
  b.func.insts[inst].imm = offset;
  return addResult(b.func, inst, type);
}

/** A store of the given op (store, store8, ...) at address + offset. */
export function emitStore(b: Builder, op: number, address: number, value: number, offset: I64): void {
  const inst = emitInst(b, op, b.func.valueType[resolveValue(b.func, value)], [address, value]);
  b.func.insts[inst].imm = offset;
}

/** The address of a symbol plus an offset. */
export function emitSymAddr(b: Builder, sym: number, offset: number): number {
  const inst = emitInst(b, Op.sym_addr, b.module.pointer, []);
  b.func.insts[inst].sym = sym;
  b.func.insts[inst].imm = i64From(offset);
  return addResult(b.func, inst, b.module.pointer);
}

/** The address of a frame slot plus an offset. */
export function emitSlotAddr(b: Builder, slot: number, offset: number): number {
  const inst = emitInst(b, Op.slot_addr, b.module.pointer, []);
  b.func.insts[inst].sym = slot;
  b.func.insts[inst].imm = i64From(offset);
  return addResult(b.func, inst, b.module.pointer);
}

/** A call of a function symbol; the results are in the instruction's record. */
export function emitCall(b: Builder, sym: number, args: number[]): number {
  const inst = emitInst(b, Op.call, Type.void, args);
  b.func.insts[inst].sym = sym;
  for (const t of b.module.sigs[b.module.symbols[sym].sig].results) addResult(b.func, inst, t);
  return inst;
}

/** A call through an address; args[0] is the address. */
export function emitCallIndirect(b: Builder, sig: number, args: number[]): number {
  const inst = emitInst(b, Op.call_indirect, Type.void, args);
  b.func.insts[inst].sym = sig;
  for (const t of b.module.sigs[sig].results) addResult(b.func, inst, t);
  return inst;
}

/** An edge from the current block. */
function makeEdge(b: Builder, to: number): Target {
  const state = b.states[to];
  if (state.sealed) bug("edge into a sealed block");
  const t: Target = { block: to, args: [] };
  state.preds.push(b.current);
  state.edges.push(t);
  return t;
}

/** Ends the block with a jump. args go to the params the target has by addBlockParam. */
export function emitJump(b: Builder, to: number, args: number[]): void {
  emitInst(b, Op.jump, Type.void, []);
  const t = makeEdge(b, to);
  for (const a of args) t.args.push(a);
  b.func.blocks[b.current].targets = [t];
  b.current = -1;
}

/** Ends the block with a branch: to yes when the i32 condition is not 0, else to no. */
export function emitBrif(b: Builder, condition: number, yes: number, no: number): void {
  emitInst(b, Op.brif, Type.void, [condition]);
  b.func.blocks[b.current].targets = [makeEdge(b, yes), makeEdge(b, no)];
  b.current = -1;
}

/** Ends the block with a jump by index; the last block is the default. */
export function emitBrTable(b: Builder, index: number, blocks: number[]): void {
  if (blocks.length === 1) {
    emitJump(b, blocks[0], []);
    return;
  }
  emitInst(b, Op.br_table, Type.void, [index]);
  for (const to of blocks) b.func.blocks[b.current].targets.push(makeEdge(b, to));
  b.current = -1;
}

/** Ends the block and the function. */
export function emitReturn(b: Builder, values: number[]): void {
  emitInst(b, Op.return, Type.void, values);
  b.current = -1;
}

/** Ends the block: control never comes here, or stops here. */
export function emitTrap(b: Builder, code: number): void {
  const inst = emitInst(b, Op.trap, Type.void, []);
  b.func.insts[inst].imm = i64From(code);
  b.current = -1;
}

/** A param of a block for a value that is passed explicitly by emitJump; before any other edge or variable. */
export function addBlockParam(b: Builder, block: number, type: number): number {
  return addParam(b.func, block, type);
}

/** The finished function. Unreachable blocks are still there. */
export function finishFunction(b: Builder): Func {
  for (let block = 0; block < b.states.length; block++) {
    if (!b.states[block].sealed) bug("block" + block + " was never sealed");
    if (b.func.blocks[block].insts.length === 0) {
      b.current = block;
      emitTrap(b, 0);
    }
  }
  return b.func;
}
