// Lowering: a function in SSA form to VCode.
// In -> out: blocks in postorder, each from its end to its start, so that every user of a value is seen before
// the value: what nobody asked for is not lowered, and what a user takes into itself (a constant, an address, a
// load) is never computed apart. Rules choose instructions; what they cannot say, the machine's functions do.
// A load may sink into its only user in the same block when no store or call lies between.
// Invariants given: those of vcode. Flags are set directly before the instruction that reads them: operands are
// brought to registers first.

import { filledInts } from "../base/arrays.ts";
import { bug, enterStage } from "../base/bug.ts";
import { addI64, eqI64, fitsI32, type I64, i64From, lowI32, mulI64, subI64 } from "../base/int64.ts";
import { divI32, shlI32 } from "../base/int32.ts";
import { type Func, resolveValue, type Target } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { Effect, isFloatType, Op, opTable, Type } from "../ssa/ops.ts";
import { type BlockOrder, orderBlocks } from "./blockorder.ts";
import type { Isa } from "./isa.ts";
import { type MachInst, MemKind, type MemRef, newMachInst } from "./inst.ts";
import { constantPasses, type Rule, Test } from "./select.ts";
import { OperandKind, rowId } from "./table.ts";
import { newVCode, newVreg, poolConstant, type VCode } from "./vcode.ts";

export interface Lowering {
  isa: Isa;
  module: SsaModule;
  func: Func;
  code: VCode;
  order: BlockOrder;
  /** By value: the register it is wanted in, or -1; the value that a block param of a single edge is, or -1. */
  vregOf: Int32Array;
  aliasOf: Int32Array;
  useCount: Int32Array;
  /** By value: a block param that it is passed to, or -1. */
  passedTo: Int32Array;
  /** By instruction: its block, and how many stores and calls come before it there. */
  blockOf: Int32Array;
  epoch: Int32Array;
  /** The instruction being lowered, the block it is in, whether loads may sink into it. */
  root: number;
  block: number;
  canSink: boolean;
  /** What the current instruction has become, in order. */
  out: MachInst[];
  /** Instructions of all blocks as they were made, those of a block from its last to its first; by block: its part. */
  made: MachInst[];
  madeFirst: Int32Array;
  madeEnd: Int32Array;
  /** By block in layout order: the registers passed to its successor. */
  passed: number[][];
}

/** Lowers one function. */
export function lowerFunction(isa: Isa, m: SsaModule, f: Func): VCode {
  enterStage("vcode", m.symbols[f.sym].name);
  const order = orderBlocks(f);
  const l: Lowering = {
    isa: isa, module: m, func: f, code: newVCode(f.sym, f.pos), order: order, vregOf: filledInts(f.valueType.length, -1),
    aliasOf: filledInts(f.valueType.length, -1), useCount: filledInts(f.valueType.length, 0), passedTo: filledInts(f.valueType.length, -1),
    blockOf: filledInts(f.insts.length, -1), epoch: filledInts(f.insts.length, 0), root: -1, block: 0, canSink: false, out: [],
    made: [], madeFirst: filledInts(order.blocks.length, 0), madeEnd: filledInts(order.blocks.length, 0), passed: [],
  };
  for (const s of f.slots) l.code.slots.push({ size: s.size, align: s.align });
  numberInsts(l);
  aliasParams(l);
  for (let b = 0; b < l.order.blocks.length; b++) l.passed.push([]);
  for (const b of l.order.lowerOrder) {
    l.madeFirst[b] = l.made.length;
    lowerBlock(l, b);
    l.madeEnd[b] = l.made.length;
  }
  assembleBlocks(l);
  return l.code;
}

/** Counts uses, and stores and calls along each block. */
function numberInsts(l: Lowering): void {
  const f = l.func;
  for (const ob of l.order.blocks) {
    if (ob.ssa < 0) continue;
    let epoch = 0;
    for (const i of f.blocks[ob.ssa].insts) {
      const inst = f.insts[i];
      l.blockOf[i] = ob.ssa;
      l.epoch[i] = epoch;
      const effect = opTable.effect[inst.op];
      if (effect === Effect.store || effect === Effect.call) epoch += 1;
      for (const a of inst.args) countUse(l, resolveValue(f, a));
    }
    for (const t of f.blocks[ob.ssa].targets) countPassed(l, t);
  }
}

function countUse(l: Lowering, v: number): void {
  l.useCount[v] += 1;
}

function countPassed(l: Lowering, t: Target): void {
  for (let k = 0; k < t.args.length; k++) {
    const v = resolveValue(l.func, t.args[k]);
    countUse(l, v);
    l.passedTo[v] = l.func.blocks[t.block].params[k];
  }
}

/** Params of a block with one edge into it are its arguments. */
function aliasParams(l: Lowering): void {
  const f = l.func;
  for (const ob of l.order.blocks) {
    if (ob.ssa < 0 || ob.preds.length !== 1) continue;
    const params = f.blocks[ob.ssa].params;
    if (params.length === 0) continue;
    const pred = l.order.blocks[ob.preds[0]];
    if (pred.edge !== null) {
      aliasList(l, params, pred.edge.args);
      continue;
    }
    for (const t of f.blocks[pred.ssa].targets) if (t.block === ob.ssa) aliasList(l, params, t.args);
  }
}

function aliasList(l: Lowering, params: number[], args: number[]): void {
  for (let k = 0; k < params.length; k++) l.aliasOf[params[k]] = args[k];
}

/** The value that v stands for, through aliases and conversions that cost nothing. */
export function sourceValue(l: Lowering, v: number): number {
  let at = resolveValue(l.func, v);
  let more = true;
  while (more) {
    more = false;
    if (l.aliasOf[at] >= 0) {
      at = resolveValue(l.func, l.aliasOf[at]);
      more = true;
    } else if (l.func.valueDef[at] >= 0) {
      const inst = l.func.insts[l.func.valueDef[at]];
      if (inst.op === Op.ireduce || (inst.op === Op.uextend && isZeroExtended(l, inst.args[0]))) {
        at = resolveValue(l.func, inst.args[0]);
        more = true;
      }
    }
  }
  return at;
}

/** Whether the instruction that makes an i32 leaves zeros above it: all that write a 32-bit register do. */
function isZeroExtended(l: Lowering, v: number): boolean {
  let at = resolveValue(l.func, v);
  while (l.aliasOf[at] >= 0) at = resolveValue(l.func, l.aliasOf[at]);
  if (l.func.valueDef[at] < 0) return false;
  const op = l.func.insts[l.func.valueDef[at]].op;
  if (op === Op.iconst) return false;
  return (op >= Op.iadd && op <= Op.fge) || op === Op.select || (op >= Op.load && op <= Op.sload16) || op === Op.float_to_int;
}

/** The instruction that defines what v stands for, or -1. */
export function sourceInst(l: Lowering, v: number): number {
  const def = l.func.valueDef[sourceValue(l, v)];
  return def >= 0 ? def : -1;
}

/** Whether v is an integer constant. */
export function isConstant(l: Lowering, v: number): boolean {
  const def = sourceInst(l, v);
  return def >= 0 && l.func.insts[def].op === Op.iconst;
}

/** The value of an integer constant. */
export function machConstant(l: Lowering, v: number): I64 {
  return l.func.insts[sourceInst(l, v)].imm;
}

/** A new register of the class of a type. */
export function newTypedVreg(l: Lowering, type: number): number {
  return newVreg(l.code, isFloatType(type) ? 1 : 0);
}

/** The register that holds v; what is cheap to make is made here. */
export function useValue(l: Lowering, v: number): number {
  const at = sourceValue(l, v);
  const type = l.func.valueType[at];
  if (l.func.valueDef[at] >= 0) {
    const inst = l.func.insts[l.func.valueDef[at]];
    if (inst.op === Op.iconst) return l.isa.lowerConstant(l, 0, l.func.valueType[resolveValue(l.func, v)] === Type.i32, inst.imm);
    if (inst.op === Op.fconst) return l.isa.lowerConstant(l, 1, type === Type.f32, inst.imm);
    if (inst.op === Op.sym_addr) return l.isa.lowerSymbolAddress(l, inst.sym, inst.imm);
    if (inst.op === Op.slot_addr) return l.isa.lowerSlotAddress(l, inst.sym, inst.imm);
  }
  return wantedVreg(l, at);
}

/** The register of v itself; a new one when nobody has wanted it yet. */
function wantedVreg(l: Lowering, v: number): number {
  if (l.vregOf[v] < 0) l.vregOf[v] = newTypedVreg(l, l.func.valueType[v]);
  return l.vregOf[v];
}

/** The register of result k of the instruction being lowered; a new one when nobody wants it. */
export function resultVreg(l: Lowering, k: number): number {
  return wantedVreg(l, l.func.insts[l.root].result + k);
}

/** Whether v is a load of a type that may become part of the instruction being lowered. */
export function canSinkLoad(l: Lowering, v: number, op: number, type: number): boolean {
  const at = sourceValue(l, v);
  const def = l.func.valueDef[at];
  if (!l.canSink || def < 0 || l.useCount[at] !== 1 || l.vregOf[at] >= 0) return false;
  if (resolveValue(l.func, v) !== at) return false;
  const inst = l.func.insts[def];
  return inst.op === op && inst.type === type && l.blockOf[def] === l.block && l.epoch[def] === l.epoch[l.root];
}

/** Adds an instruction. */
export function addMachInst(l: Lowering, name: string, regs: number[]): MachInst {
  return addMachRow(l, rowId(l.isa.table, name), regs);
}

/** Adds an instruction of a row. */
export function addMachRow(l: Lowering, row: number, regs: number[]): MachInst {
  const inst = newMachInst(row, regs, l.root < 0 ? -1 : l.func.insts[l.root].pos);
  l.out.push(inst);
  return inst;
}

/** A memory operand with its registers. */
export interface Address {
  mem: MemRef;
  base: number;
  index: number;
}

/** A memory operand without registers. */
export function plainAddress(kind: number, id: number, disp: number): Address {
  return { mem: { kind: kind, id: id, scale: 1, disp: disp }, base: -1, index: -1 };
}

/** What an address is the sum of, while it is taken apart. */
interface AddressParts {
  disp: I64;
  values: number[];
  scale: number;
}

/** Takes v + disp apart: constants go to disp, at most two values stay, the second scaled. */
function addressParts(l: Lowering, v: number, disp: I64): AddressParts {
  const p: AddressParts = { disp: disp, values: [], scale: 1 };
  const sum = stripConstants(l, v, p, 1);
  const def = sourceInst(l, sum);
  if (def < 0 || l.func.insts[def].op !== Op.iadd || l.useCount[sourceValue(l, sum)] > 1) {
    p.values.push(sum);
    return p;
  }
  addSumParts(l, l.func.insts[def].args[0], l.func.insts[def].args[1], p);
  return p;
}

/** The parts of x + y. */
function addSumParts(l: Lowering, first: number, second: number, p: AddressParts): void {
  const x = stripConstants(l, first, p, 1);
  const y = stripConstants(l, second, p, 1);
  const swap = scaleOf(l, y) === 1 && (scaleOf(l, x) > 1 || isFixedAddress(l, y));
  p.values.push(swap ? y : x);
  p.values.push(swap ? x : y);
  p.scale = scaleOf(l, p.values[1]);
  if (p.scale > 1) p.values[1] = stripConstants(l, l.func.insts[sourceInst(l, p.values[1])].args[0], p, p.scale);
}

function isFixedAddress(l: Lowering, v: number): boolean {
  const def = sourceInst(l, v);
  return def >= 0 && (l.func.insts[def].op === Op.slot_addr || l.func.insts[def].op === Op.sym_addr);
}

/** v without the constants added to it, which go to the displacement, times scale. */
function stripConstants(l: Lowering, v: number, p: AddressParts, scale: number): number {
  let at = v;
  let def = sourceInst(l, at);
  while (def >= 0 && isConstantSum(l, def)) {
    const inst = l.func.insts[def];
    const c = mulI64(machConstant(l, inst.args[1]), i64From(scale));
    const sum = inst.op === Op.iadd ? addI64(p.disp, c) : subI64(p.disp, c);
    if (!fitsI32(sum)) return at;
    p.disp = sum;
    at = inst.args[0];
    def = sourceInst(l, at);
  }
  return at;
}

/** Whether an instruction adds or subtracts a 64-bit constant. */
function isConstantSum(l: Lowering, i: number): boolean {
  const inst = l.func.insts[i];
  return (inst.op === Op.iadd || inst.op === Op.isub) && inst.type === Type.i64 && isConstant(l, inst.args[1]);
}

/** 2, 4 or 8 when v is another value times that; else 1. */
function scaleOf(l: Lowering, v: number): number {
  const def = sourceInst(l, v);
  if (def < 0) return 1;
  const inst = l.func.insts[def];
  if ((inst.op !== Op.ishl && inst.op !== Op.imul) || inst.type !== Type.i64 || !isConstant(l, inst.args[1])) return 1;
  const c = machConstant(l, inst.args[1]);
  if (inst.op === Op.imul) return fitsI32(c) && (lowI32(c) === 2 || lowI32(c) === 4 || lowI32(c) === 8) ? lowI32(c) : 1;
  const n = lowI32(c) & 63;
  return n >= 1 && n <= 3 ? shlI32(1, n) : 1;
}

/** Whether v is a product that an address can do for its only user. */
export function isScaledValue(l: Lowering, v: number): boolean {
  return scaleOf(l, v) > 1 && l.useCount[sourceValue(l, v)] === 1;
}

/** The memory operand for address v + offset. */
export function machAddress(l: Lowering, v: number, offset: I64): Address {
  const p = addressParts(l, v, offset);
  if (fitsI32(p.disp)) return addressOfParts(l, p);
  const a = plainAddress(MemKind.address, -1, 0);
  a.base = addDisp(l, v, offset);
  return a;
}

/** The memory operand for address x + y. */
export function machSumAddress(l: Lowering, x: number, y: number): Address {
  const p: AddressParts = { disp: i64From(0), values: [], scale: 1 };
  addSumParts(l, x, y, p);
  return addressOfParts(l, p);
}

function addressOfParts(l: Lowering, p: AddressParts): Address {
  const a = plainAddress(MemKind.address, -1, lowI32(p.disp));
  a.mem.scale = p.scale;
  const def = sourceInst(l, p.values[0]);
  const op = def < 0 ? -1 : l.func.insts[def].op;
  const sum = def < 0 ? p.disp : addI64(p.disp, l.func.insts[def].imm);
  if (op === Op.slot_addr && fitsI32(sum)) {
    a.mem.kind = MemKind.slot;
    a.mem.id = l.func.insts[def].sym;
    a.mem.disp = lowI32(sum);
  } else if (op === Op.sym_addr && p.values.length === 1 && fitsI32(sum) && l.module.symbols[l.func.insts[def].sym].defined) {
    a.mem.kind = MemKind.symbol;
    a.mem.id = l.func.insts[def].sym;
    a.mem.disp = lowI32(sum);
  } else {
    a.base = useValue(l, p.values[0]);
  }
  if (p.values.length > 1) a.index = useValue(l, p.values[1]);
  return a;
}

/** v + offset in a register, for an offset beyond 32 bits. */
function addDisp(l: Lowering, v: number, offset: I64): number {
  const base = useValue(l, v);
  const sum = newVreg(l.code, 0);
  addMachInst(l, "add3.q", [sum, base, l.isa.lowerConstant(l, 0, false, offset)]);
  return sum;
}

/** Gives an instruction its memory operand. */
export function setAddress(inst: MachInst, a: Address): void {
  inst.mem = a.mem;
  inst.regs.push(a.base);
  inst.regs.push(a.index);
}

/** Lowers a block, last instruction first, in reverse order. */
function lowerBlock(l: Lowering, b: number): void {
  const ob = l.order.blocks[b];
  l.block = ob.ssa;
  if (ob.edge !== null) {
    l.root = -1;
    lowerEdge(l, b, ob.edge.args);
    takeOutput(l);
    return;
  }
  const insts = l.func.blocks[ob.ssa].insts;
  lowerRoot(l, insts[insts.length - 1]);
  for (let k = insts.length - 2; k >= 0; k--) if (isStep(l, insts[k])) lowerRoot(l, insts[k]);
  for (let k = insts.length - 2; k >= 0; k--) if (!isStep(l, insts[k]) && isWanted(l, insts[k])) lowerRoot(l, insts[k]);
  if (ob.ssa === 0) {
    l.root = -1;
    l.isa.lowerParams(l);
    takeOutput(l);
  }
}

function lowerRoot(l: Lowering, i: number): void {
  l.root = i;
  l.canSink = true;
  lowerByRule(l, i);
  takeOutput(l);
}

/**
 * Whether an instruction only makes the next value of a counter: x + c, passed on in place of x. It is done last in
 * its block, when nobody needs x any more, so that both can have one register.
 */
function isStep(l: Lowering, i: number): boolean {
  const inst = l.func.insts[i];
  if ((inst.op !== Op.iadd && inst.op !== Op.isub) || !isConstant(l, inst.args[1])) return false;
  const v = inst.result;
  return l.vregOf[v] >= 0 && l.useCount[v] === 1 && l.passedTo[v] >= 0 && l.passedTo[v] === sourceValue(l, inst.args[0]);
}

/** The jump of a split edge, and the registers that it passes. */
function lowerEdge(l: Lowering, b: number, args: number[]): void {
  passArguments(l, b, args);
  addMachInst(l, "jump", []).targets = l.order.targets[b];
}

/** Notes what block b passes to its successor. */
export function passArguments(l: Lowering, b: number, args: number[]): void {
  const list: number[] = [];
  if (l.order.blocks[l.order.targets[b][0]].preds.length > 1) for (const a of args) list.push(useValue(l, a));
  l.passed[b] = list;
}

function takeOutput(l: Lowering): void {
  while (l.out.length > 0) {
    l.made.push(l.out[l.out.length - 1]);
    l.out.pop();
  }
}

/** Whether an instruction does something, or somebody asked for a result. */
function isWanted(l: Lowering, i: number): boolean {
  const inst = l.func.insts[i];
  const effect = opTable.effect[inst.op];
  if (effect === Effect.store || effect === Effect.call || effect === Effect.control || effect === Effect.trap) return true;
  for (let r = inst.result; r < inst.result + inst.resultCount; r++) if (l.vregOf[r] >= 0) return true;
  return false;
}

/** Lowers one instruction by the first rule that matches. Nobody reads the order of commuting arguments any more. */
function lowerByRule(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  if (opTable.commutes[inst.op] && inst.args.length === 2 && shouldSwap(l, inst.args[0], inst.args[1], inst.type, l.passedTo[inst.result])) {
    const first = inst.args[0];
    inst.args[0] = inst.args[1];
    inst.args[1] = first;
  }
  for (const rule of l.isa.rules.rules[inst.op * 5 + inst.type]) {
    if (!ruleMatches(l, rule, inst.args)) continue;
    if (rule.special >= 0) l.isa.lowerSpecial(l, rule.special, i);
    else applyRule(l, rule, inst.args, inst.resultCount > 0);
    return;
  }
  bug("no rule for " + opTable.names[inst.op]);
}

/** The first operand is overwritten: best a value that ends here, or the block param that the result goes to. */
function shouldSwap(l: Lowering, x: number, y: number, type: number, passedTo: number): boolean {
  if (isConstant(l, y)) return false;
  if (isConstant(l, x)) return true;
  if (canSinkLoad(l, y, Op.load, type)) return false;
  if (canSinkLoad(l, x, Op.load, type)) return true;
  let param = passedTo;
  let steps = 0;
  while (steps < 4 && param >= 0) {
    if (sourceValue(l, x) === param) return false;
    if (sourceValue(l, y) === param) return true;
    param = l.passedTo[param];
    steps += 1;
  }
  return l.useCount[sourceValue(l, x)] > 1 && l.useCount[sourceValue(l, y)] === 1;
}

function ruleMatches(l: Lowering, rule: Rule, args: number[]): boolean {
  for (let k = 0; k < rule.tests.length; k++) {
    const asked = rule.tests[k];
    if (asked === Test.any) continue;
    if (asked === Test.shared) {
      if (l.useCount[sourceValue(l, args[k])] < 2) return false;
    } else {
      if (!isConstant(l, args[k])) return false;
      if (!constantPasses(asked, machConstant(l, args[k]), l.func.valueType[resolveValue(l.func, args[k])] === Type.i32)) return false;
    }
  }
  return true;
}

/** Adds the instruction of a rule: its operands take the inputs in order, a written one the result. */
function applyRule(l: Lowering, rule: Rule, args: number[], hasResult: boolean): void {
  const row = l.isa.table.rows[rule.row];
  const regs: number[] = [];
  let address: Address | null = null;
  let imm = i64From(0);
  let next = 0;
  for (const o of row.operands) {
    if (o.access === "w" && o.kind !== OperandKind.memory) {
      regs.push(hasResult ? resultVreg(l, 0) : newVreg(l.code, o.regClass));
      continue;
    }
    const input = rule.inputs[next];
    next += 1;
    const v = args[input.arg];
    if (o.kind === OperandKind.immediate) {
      imm = machConstant(l, v);
    } else if (input.isAddress) {
      address = machAddress(l, v, l.func.insts[l.root].imm);
      if (o.kind === OperandKind.registerOrMemory) regs.push(-1);
    } else if (o.access === "rw") {
      regs.push(resultVreg(l, 0));
      regs.push(useValue(l, v));
    } else {
      const memory = o.kind === OperandKind.registerOrMemory ? memoryInput(l, v, o.bits, o.regClass) : null;
      if (memory !== null) address = memory;
      regs.push(memory === null ? useValue(l, v) : -1);
    }
  }
  const inst = addMachRow(l, rule.row, regs);
  inst.imm = lowI32(imm);
  if (address !== null) setAddress(inst, address);
}

/** The memory operand that an input may be instead of a register: a load that can sink, or a float constant. */
export function memoryInput(l: Lowering, v: number, bits: number, regClass: number): Address | null {
  const def = sourceInst(l, v);
  if (def < 0) return null;
  const type = typeOfClass(bits, regClass);
  if ((bits === 32 || bits === 64) && canSinkLoad(l, v, Op.load, type)) {
    return machAddress(l, l.func.insts[def].args[0], l.func.insts[def].imm);
  }
  const inst = l.func.insts[def];
  if (inst.op === Op.fconst && regClass === 1 && inst.type === type && !eqI64(inst.imm, i64From(0))) {
    return plainAddress(MemKind.pool, poolConstant(l.code, divI32(bits, 8), inst.imm, i64From(0)), 0);
  }
  return null;
}

function typeOfClass(bits: number, regClass: number): number {
  if (regClass === 1) return bits === 32 ? Type.f32 : Type.f64;
  return bits === 32 ? Type.i32 : Type.i64;
}

/** Puts the blocks together in layout order. */
function assembleBlocks(l: Lowering): void {
  for (let b = 0; b < l.order.blocks.length; b++) {
    const ob = l.order.blocks[b];
    const first = l.code.insts.length;
    for (let k = l.madeEnd[b] - 1; k >= l.madeFirst[b]; k--) l.code.insts.push(l.made[k]);
    const params: number[] = [];
    if (ob.ssa > 0 && ob.preds.length > 1) {
      for (const p of l.func.blocks[ob.ssa].params) params.push(wantedVreg(l, p));
    }
    l.code.blocks.push({ first: first, end: l.code.insts.length, preds: ob.preds, succs: ob.succs, params: params, args: l.passed[b], depth: ob.depth });
    l.code.cold.push(ob.cold);
  }
}
