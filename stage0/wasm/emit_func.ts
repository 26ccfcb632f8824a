// One SSA function as the body of a Wasm function.
// In -> out: a function, to body bytes, local declarations, relocations and lines. The text follows the steps of
// structure; each root is written after its operand tree, with an explicit stack for the depth of trees.
// An address in the frame becomes part of the offset of the access; a condition is turned round where that saves eqz.

import { filledInts } from "../base/arrays.ts";
import { appendU8, appendZeros, type Bytes, patchU8 } from "../base/bytes.ts";
import { bug } from "../base/bug.ts";
import { alignUp, sarI32 } from "../base/int32.ts";
import { addI64, eqI64, i64From, type I64, ltI64 } from "../base/int64.ts";
import { appendLebU32, appendLebU64, appendPaddedU32 } from "../base/leb128.ts";
import { sortByKey } from "../base/sort.ts";
import { placeAt } from "../base/source.ts";
import { computeCfg, type Cfg } from "../ssa/cfg.ts";
import { definingInst, type Func, type Inst, lastInst } from "../ssa/function.ts";
import { SymKind } from "../ssa/module.ts";
import { Effect, Extra, Op, opTable, Type } from "../ssa/ops.ts";
import { type EmitContext, lineFile, typeOfSig } from "./emit.ts";
import { assignLocals, type LocalPlan } from "./locals.ts";
import { newWasmLine, RelocType, STACK_END, type WasmFunc } from "./module.ts";
import { WasmImm, WasmOp, wasmOpOf, wasmOps } from "./opcodes.ts";
import { splitTableEdges, type Step, StepKind, structureFunc } from "./structure.ts";
import { stackifyFunc, stackOrder, type StackPlan, ValuePlace } from "./stackify.ts";
import { writeAddressConst, writeConst, writeIndexed, writeOp } from "./write.ts";

/** What to write next: a value, the operator of an instruction after its operands, the frame's address, an addition to an address. */
const Write = { value: 0, operator: 1, frame: 2, add: 3 };

interface FuncEmit {
  context: EmitContext;
  func: Func;
  out: WasmFunc;
  body: Bytes;
  /** The depths of each br_table. */
  tables: number[][];
  stack: StackPlan;
  locals: LocalPlan;
  /** By slot: offset from the frame's address. */
  slotOffset: number[];
  frameSize: number;
  /** What to write next, each as id * 4 + kind; ids are those of values and instructions. */
  work: number[];
  /** Where the last local.set stands, where it ends and its local: a local.get right after makes it local.tee. */
  setAt: number;
  setEnd: number;
  setLocal: number;
  /** Source position noted last, and the module's number of rows before the first instruction's. */
  pos: number;
  firstLine: number;
}

/** Writes a function. */
export function emitWasmFunc(c: EmitContext, f: Func, out: WasmFunc): void {
  splitTableEdges(f);
  const structure = structureFunc(f);
  const steps = structure.steps;
  const cfg = computeCfg(f);
  const stack = stackifyFunc(f, cfg);
  const e: FuncEmit = {
    context: c, func: f, out: out, body: out.body, tables: structure.tables, stack: stack, locals: { local: filledInts(0, 0), types: [], frame: -1 }, slotOffset: [], frameSize: 0,
    work: [], setAt: -1, setEnd: -1, setLocal: -1, pos: -1, firstLine: c.wasm.lines.length,
  };
  layOutFrame(e, cfg);
  e.locals = assignLocals(f, steps, stack, e.frameSize > 0, c.module.pointer);
  declareLocals(e);
  noteLine(e, f.pos);
  e.firstLine = c.wasm.lines.length;
  if (e.frameSize > 0) writePrologue(e);
  let next = 0;
  while (next < steps.length) {
    if (isBareBranch(e, steps, next)) {
      writeCondition(e, terminatorOf(e, steps[next]).args[0], false);
      writeIndexed(e.body, WasmOp.br_if, steps[next + 1].depth - 1);
      next += 3;
    } else {
      writeStep(e, steps[next], next === steps.length - 1);
      next += 1;
    }
  }
  const last = steps[steps.length - 1].kind;
  if (last === StepKind.end && c.module.sigs[f.sig].results.length > 0) writeOp(e.body, WasmOp.unreachable);
  writeOp(e.body, WasmOp.end);
}

/** Slots that are used, the most aligned first, so that there is little between them. */
function layOutFrame(e: FuncEmit, cfg: Cfg): void {
  if (e.func.slots.length === 0) return;
  const used: boolean[] = [];
  const order: number[] = [];
  const keys: number[] = [];
  for (let i = 0; i < e.func.slots.length; i++) {
    if (e.func.slots[i].align > 16) bug("a slot aligned to more than 16 bytes");
    used.push(false);
    order.push(i);
    keys.push(0 - e.func.slots[i].align);
    e.slotOffset.push(0);
  }
  for (const b of cfg.rpo) {
    for (const i of e.func.blocks[b].insts) if (e.func.insts[i].op === Op.slot_addr) used[e.func.insts[i].sym] = true;
  }
  sortByKey(order, keys);
  let at = 0;
  for (const i of order) {
    if (!used[i]) continue;
    at = alignUp(at, e.func.slots[i].align);
    e.slotOffset[i] = at;
    at += e.func.slots[i].size;
    e.frameSize = 16;
  }
  if (e.frameSize > 0 && at > 0) e.frameSize = alignUp(at, 16);
}

function declareLocals(e: FuncEmit): void {
  const types = e.locals.types;
  for (let i = e.func.blocks[0].params.length; i < types.length; i++) {
    const runs = e.out.localTypes.length;
    if (runs > 0 && e.out.localTypes[runs - 1] === types[i]) {
      e.out.localCounts[runs - 1] += 1;
    } else {
      e.out.localCounts.push(1);
      e.out.localTypes.push(types[i]);
    }
  }
}

function addressOp(e: FuncEmit, narrow: number, wide: number): number {
  return e.context.is64 ? wide : narrow;
}

function writeStackPointer(e: FuncEmit, op: number): void {
  writeOp(e.body, op);
  addReloc(e, RelocType.global_index_leb, e.context.stackSymbol, i64From(0));
  appendPaddedU32(e.body, 0);
}

function writePrologue(e: FuncEmit): void {
  writeStackPointer(e, WasmOp.global_get);
  writeConst(e.body, addressOp(e, WasmOp.i32_const, WasmOp.i64_const), i64From(e.frameSize));
  writeOp(e.body, addressOp(e, WasmOp.i32_sub, WasmOp.i64_sub));
  writeIndexed(e.body, WasmOp.local_tee, e.locals.frame);
  writeStackPointer(e, WasmOp.global_set);
  if (e.context.is64) return;
  writeIndexed(e.body, WasmOp.local_get, e.locals.frame);
  writeConst(e.body, WasmOp.i32_const, i64From(STACK_END));
  writeOp(e.body, WasmOp.i32_lt_s);
  openConstruct(e.body, WasmOp.if);
  writeOp(e.body, WasmOp.unreachable);
  writeOp(e.body, WasmOp.end);
}

function writeEpilogue(e: FuncEmit): void {
  if (e.frameSize === 0) return;
  writeIndexed(e.body, WasmOp.local_get, e.locals.frame);
  writeConst(e.body, addressOp(e, WasmOp.i32_const, WasmOp.i64_const), i64From(e.frameSize));
  writeOp(e.body, addressOp(e, WasmOp.i32_add, WasmOp.i64_add));
  writeStackPointer(e, WasmOp.global_set);
}

/** A relocation of what is written next. */
function addReloc(e: FuncEmit, type: number, index: number, addend: I64): void {
  e.out.relocs.push({ type: type, offset: e.body.len, index: index, addend: addend });
}

function writeStep(e: FuncEmit, step: Step, last: boolean): void {
  const b = e.body;
  switch (step.kind) {
    case StepKind.block: openConstruct(b, WasmOp.block); break;
    case StepKind.loop: openConstruct(b, WasmOp.loop); break;
    case StepKind.if: writeCondition(e, terminatorOf(e, step).args[0], false); openConstruct(b, WasmOp.if); break;
    case StepKind.end: writeOp(b, WasmOp.end); break;
    case StepKind.code: writeCode(e, step.block); break;
    case StepKind.pass: writeEdge(e, step); break;
    case StepKind.branch: writeEdge(e, step); if (step.depth >= 0) writeIndexed(b, WasmOp.br, step.depth); break;
    case StepKind.branchIf: writeCondition(e, terminatorOf(e, step).args[0], step.edge === 1); writeIndexed(b, WasmOp.br_if, step.depth); break;
    case StepKind.table: writeTable(e, step); break;
    default: writeLeave(e, terminatorOf(e, step), last); break;
  }
}

/** block, loop or if without parameters and results. */
function openConstruct(b: Bytes, op: number): void {
  writeOp(b, op);
  appendU8(b, 0x40);
}

/** An arm that is only a branch whose arguments are in place already: if, branch, end are one br_if. */
function isBareBranch(e: FuncEmit, steps: Step[], i: number): boolean {
  if (steps[i].kind !== StepKind.if || i + 2 >= steps.length) return false;
  const branch = steps[i + 1];
  if (branch.kind !== StepKind.branch || branch.depth < 1 || steps[i + 2].kind !== StepKind.end) return false;
  const target = e.func.blocks[branch.block].targets[branch.edge];
  const params = e.func.blocks[target.block].params;
  for (let k = 0; k < params.length; k++) if (needsMove(e, params[k], target.args[k])) return false;
  return true;
}

/** Whether passing an argument to a param takes any code. */
function needsMove(e: FuncEmit, param: number, arg: number): boolean {
  if (e.stack.place[param] === ValuePlace.unused) return false;
  return e.stack.place[arg] !== ValuePlace.local || e.locals.local[arg] !== e.locals.local[param];
}

function terminatorOf(e: FuncEmit, step: Step): Inst {
  return e.func.insts[lastInst(e.func, step.block)];
}

function writeCode(e: FuncEmit, block: number): void {
  for (let k = e.stack.rootFirst[block]; k < e.stack.rootEnd[block] - 1; k++) {
    const root = e.stack.roots[k];
    const inst = e.func.insts[root];
    if (inst.op === Op.check) {
      writeCheck(e, inst);
      continue;
    }
    pushWork(e, Write.operator, root);
    pushOperands(e, root);
    finishWork(e);
    for (let r = inst.resultCount - 1; r >= 0; r--) writeSet(e, inst.result + r);
  }
}

/** Keeps what is on the stack in the value's local, or drops it. */
function writeSet(e: FuncEmit, v: number): void {
  if (e.stack.place[v] !== ValuePlace.local) {
    writeOp(e.body, WasmOp.drop);
    return;
  }
  e.setAt = e.body.len;
  e.setLocal = e.locals.local[v];
  writeIndexed(e.body, WasmOp.local_set, e.setLocal);
  e.setEnd = e.body.len;
}

function writeGet(e: FuncEmit, local: number): void {
  if (e.body.len === e.setEnd && local === e.setLocal) {
    patchU8(e.body, e.setAt, WasmOp.local_tee);
    e.setEnd = -1;
  } else {
    writeIndexed(e.body, WasmOp.local_get, local);
  }
}

function pushWork(e: FuncEmit, kind: number, id: number): void {
  e.work.push(id * 4 + kind);
}

/** A value with all of its tree. */
function writeValue(e: FuncEmit, v: number): void {
  pushWork(e, Write.value, v);
  finishWork(e);
}

function finishWork(e: FuncEmit): void {
  while (e.work.length > 0) {
    const item = e.work[e.work.length - 1];
    const kind = item & 3;
    const id = sarI32(item, 2);
    e.work.pop();
    if (kind === Write.operator) writeOperator(e, e.func.insts[id]);
    else if (kind === Write.frame) writeGet(e, e.locals.frame);
    else if (kind === Write.add) writeAddition(e, e.func.insts[id].imm);
    else if (e.stack.place[id] === ValuePlace.local) writeGet(e, e.locals.local[id]);
    else if (e.stack.place[id] === ValuePlace.remade) writeRemade(e, e.func.insts[e.func.valueDef[id]]);
    else expandTree(e, e.func.valueDef[id]);
  }
}

function expandTree(e: FuncEmit, inst: number): void {
  pushWork(e, Write.operator, inst);
  pushOperands(e, inst);
}

/** Operands of an instruction as work, the first on top. */
function pushOperands(e: FuncEmit, i: number): void {
  const inst = e.func.insts[i];
  const operands = stackOrder(inst);
  const least = opTable.extra[inst.op] === Extra.offset ? 1 : 0;
  for (let k = operands.length - 1; k >= least; k--) {
    if (k !== 1 || !isZeroTest(e, inst)) pushWork(e, Write.value, operands[k]);
  }
  if (least === 1) pushAddress(e, i);
}

/** The address of a load or store: the frame's for a slot; with a negative offset the sum. */
function pushAddress(e: FuncEmit, i: number): void {
  const inst = e.func.insts[i];
  if (slotOfAddress(e, inst) !== null) {
    pushWork(e, Write.frame, 0);
    return;
  }
  if (ltI64(inst.imm, i64From(0))) pushWork(e, Write.add, i);
  pushWork(e, Write.value, inst.args[0]);
}

/** The slot_addr that an access goes to, when its offset can be folded into the access. */
function slotOfAddress(e: FuncEmit, inst: Inst): Inst | null {
  const def = definingInst(e.func, inst.args[0]);
  if (def < 0 || e.func.insts[def].op !== Op.slot_addr) return null;
  return ltI64(accessOffset(e, inst, e.func.insts[def]), i64From(0)) ? null : e.func.insts[def];
}

function accessOffset(e: FuncEmit, inst: Inst, slot: Inst): I64 {
  return addI64(inst.imm, addI64(slot.imm, i64From(e.slotOffset[slot.sym])));
}

/** x == 0 is one operator. */
function isZeroTest(e: FuncEmit, inst: Inst): boolean {
  return inst.op === Op.eq && isZero(e, inst.args[1]);
}

function isZero(e: FuncEmit, v: number): boolean {
  const def = definingInst(e.func, v);
  return def >= 0 && e.func.insts[def].op === Op.iconst && eqI64(e.func.insts[def].imm, i64From(0));
}

function writeAddition(e: FuncEmit, value: I64): void {
  writeConst(e.body, addressOp(e, WasmOp.i32_const, WasmOp.i64_const), value);
  writeOp(e.body, addressOp(e, WasmOp.i32_add, WasmOp.i64_add));
}

/** Constants and addresses. */
function writeRemade(e: FuncEmit, inst: Inst): void {
  if (inst.op === Op.iconst) {
    writeConst(e.body, inst.type === Type.i32 ? WasmOp.i32_const : WasmOp.i64_const, inst.imm);
  } else if (inst.op === Op.fconst) {
    writeConst(e.body, inst.type === Type.f32 ? WasmOp.f32_const : WasmOp.f64_const, inst.imm);
  } else if (inst.op === Op.slot_addr) {
    writeGet(e, e.locals.frame);
    const offset = addI64(inst.imm, i64From(e.slotOffset[inst.sym]));
    if (!eqI64(offset, i64From(0))) writeAddition(e, offset);
  } else {
    const func = e.context.module.symbols[inst.sym].kind === SymKind.func;
    const type = func ? addressOp(e, RelocType.table_index_sleb, RelocType.table_index_sleb64) : addressOp(e, RelocType.memory_addr_sleb, RelocType.memory_addr_sleb64);
    addReloc(e, type, e.context.symbolIndex[inst.sym], func ? i64From(0) : inst.imm);
    e.out.relocs[e.out.relocs.length - 1].offset += 1;
    writeAddressConst(e.body, e.context.is64);
    // An index of the table has no addend.
    if (func && !eqI64(inst.imm, i64From(0))) writeAddition(e, inst.imm);
  }
}

/** An operator whose operands are on the stack. */
function writeOperator(e: FuncEmit, inst: Inst): void {
  noteLine(e, inst.pos);
  const b = e.body;
  if (isZeroTest(e, inst)) {
    writeOp(b, inst.type === Type.i32 ? WasmOp.i32_eqz : WasmOp.i64_eqz);
    return;
  }
  const op = wasmOpOf(inst.op, inst.type);
  if (op >= 0) {
    writeOp(b, op);
    if (opTable.extra[inst.op] === Extra.offset) writeMemArg(e, inst, wasmOps.imm[op] - WasmImm.mem0);
    return;
  }
  switch (inst.op) {
    case Op.select: writeOp(b, WasmOp.select); break;
    case Op.call: writeCall(e, WasmOp.call, inst.sym); break;
    case Op.call_indirect: writeCallIndirect(e, WasmOp.call_indirect, inst.sym); break;
    case Op.memory_copy: writeMemoryOp(b, WasmOp.memory_copy, 2); break;
    case Op.memory_fill: writeMemoryOp(b, WasmOp.memory_fill, 1); break;
    case Op.memory_size: writeMemoryOp(b, WasmOp.memory_size, 1); break;
    case Op.memory_grow: writeMemoryOp(b, WasmOp.memory_grow, 1); break;
    default: bug("no Wasm operator for " + opTable.names[inst.op]);
  }
}

/** An operator on memory 0, which it names so many times. */
function writeMemoryOp(b: Bytes, op: number, count: number): void {
  writeOp(b, op);
  appendZeros(b, count);
}

function writeMemArg(e: FuncEmit, inst: Inst, align: number): void {
  appendLebU32(e.body, align);
  const slot = slotOfAddress(e, inst);
  if (slot !== null) appendLebU64(e.body, accessOffset(e, inst, slot));
  else appendLebU64(e.body, ltI64(inst.imm, i64From(0)) ? i64From(0) : inst.imm);
}

function writeCall(e: FuncEmit, op: number, sym: number): void {
  writeOp(e.body, op);
  addReloc(e, RelocType.function_index_leb, e.context.symbolIndex[sym], i64From(0));
  appendPaddedU32(e.body, e.context.funcIndex[sym]);
}

function writeCallIndirect(e: FuncEmit, op: number, sig: number): void {
  const type = typeOfSig(e.context, sig);
  writeOp(e.body, op);
  addReloc(e, RelocType.type_index_leb, type, i64From(0));
  appendPaddedU32(e.body, type);
  appendU8(e.body, 0);
}

/** Passes unless the condition is zero: then calls what reports it, which never returns. */
function writeCheck(e: FuncEmit, inst: Inst): void {
  writeCondition(e, inst.args[0], true);
  openConstruct(e.body, WasmOp.if);
  for (let k = 1; k < inst.args.length; k++) writeValue(e, inst.args[k]);
  noteLine(e, inst.pos);
  writeCall(e, WasmOp.call, inst.sym);
  for (let k = e.context.module.sigs[e.context.module.symbols[inst.sym].sig].results.length; k > 0; k--) writeOp(e.body, WasmOp.drop);
  writeOp(e.body, WasmOp.unreachable);
  writeOp(e.body, WasmOp.end);
}

/** An i32 that is not zero when the condition holds, or when it does not. */
function writeCondition(e: FuncEmit, condition: number, negate: boolean): void {
  let v = condition;
  let negated = negate;
  while (isNegation(e, v)) {
    const inst = e.func.insts[e.func.valueDef[v]];
    if (inst.op === Op.eq) negated = !negated;
    v = inst.args[0];
  }
  const inverse = e.stack.place[v] === ValuePlace.stack ? inverseOf(e.func.insts[e.func.valueDef[v]].op) : -1;
  if (negated && inverse >= 0) {
    const inst = e.func.insts[e.func.valueDef[v]];
    for (const a of inst.args) writeValue(e, a);
    noteLine(e, inst.pos);
    writeOp(e.body, wasmOpOf(inverse, inst.type));
    return;
  }
  writeValue(e, v);
  if (negated) writeOp(e.body, WasmOp.i32_eqz);
}

/** Whether a value that stays on the stack compares an i32 with zero. */
function isNegation(e: FuncEmit, v: number): boolean {
  if (e.stack.place[v] !== ValuePlace.stack) return false;
  const inst = e.func.insts[e.func.valueDef[v]];
  return inst.type === Type.i32 && (inst.op === Op.eq || inst.op === Op.ne) && isZero(e, inst.args[1]);
}

/** The integer comparison that holds when another does not, or -1. */
function inverseOf(op: number): number {
  switch (op) {
    case Op.eq: return Op.ne;
    case Op.ne: return Op.eq;
    case Op.slt: return Op.sge;
    case Op.sge: return Op.slt;
    case Op.sgt: return Op.sle;
    case Op.sle: return Op.sgt;
    case Op.ult: return Op.uge;
    case Op.uge: return Op.ult;
    case Op.ugt: return Op.ule;
    case Op.ule: return Op.ugt;
    default: return -1;
  }
}

/** All arguments are on the stack before the first param is written, so the edge is a parallel move. */
function writeEdge(e: FuncEmit, step: Step): void {
  const target = e.func.blocks[step.block].targets[step.edge];
  const params = e.func.blocks[target.block].params;
  const written: number[] = [];
  for (let k = 0; k < params.length; k++) {
    if (!needsMove(e, params[k], target.args[k])) continue;
    writeValue(e, target.args[k]);
    written.push(params[k]);
  }
  for (let k = written.length - 1; k >= 0; k--) writeSet(e, written[k]);
}

function writeTable(e: FuncEmit, step: Step): void {
  const inst = terminatorOf(e, step);
  writeValue(e, inst.args[0]);
  noteLine(e, inst.pos);
  const depths = e.tables[step.depth];
  writeIndexed(e.body, WasmOp.br_table, depths.length - 1);
  for (const depth of depths) appendLebU32(e.body, depth);
}

/** The last instruction of the function needs no return. */
function writeLeave(e: FuncEmit, inst: Inst, last: boolean): void {
  if (inst.op === Op.trap || opTable.effect[inst.op] !== Effect.control) {
    noteLine(e, inst.pos);
    writeOp(e.body, WasmOp.unreachable);
    return;
  }
  for (const a of stackOrder(inst)) writeValue(e, a);
  noteLine(e, inst.pos);
  writeEpilogue(e);
  if (inst.op === Op.return_call) writeCall(e, WasmOp.return_call, inst.sym);
  else if (inst.op === Op.return_call_indirect) writeCallIndirect(e, WasmOp.return_call_indirect, inst.sym);
  else if (!last) writeOp(e.body, WasmOp.return);
}

/** What follows belongs to a source position. */
function noteLine(e: FuncEmit, pos: number): void {
  if (pos < 0 || pos === e.pos) return;
  e.pos = pos;
  const c = e.context;
  const place = placeAt(c.sources, pos);
  const file = lineFile(c, place.file.name);
  const func = c.funcIndex[e.func.sym];
  const rows = c.wasm.lines;
  if (rows.length > 0) {
    const row = rows[rows.length - 1];
    if (row.func === func && row.file === file && row.line === place.line && row.column === place.column) return;
    if (rows.length > e.firstLine && row.offset === e.body.len) rows.pop();
  }
  rows.push(newWasmLine(func, e.body.len, file, place.line, place.column));
}
