// One Wasm function as an SSA function.
// In -> out: a body, read once from front to end, to blocks and instructions by the SSA builder. The operand stack
// holds SSA values, locals are variables. After an instruction that never goes on nothing is translated up to the end
// of the construct. The frame idiom (see wasm/emit) becomes one slot aligned to 16 bytes: reading the frame's local
// gives the slot's address anew, the writes of __stack_pointer vanish; any other use of it is a bug.
// Control is in translate_control.

import { filledNumbers } from "../base/arrays.ts";
import { bug } from "../base/bug.ts";
import { addI64, eqI64, fitsI32, i64From, type I64, lowI32 } from "../base/int64.ts";
import { type Builder, defVariable, emitCall, emitCallIndirect, emitFconst, emitIconst, emitInst, emitLoad, emitSlotAddr, emitStore, emitSymAddr, emitValue, finishFunction, isReachable, newBuilder, newVariable, useVariable } from "../ssa/builder.ts";
import { computeCfg } from "../ssa/cfg.ts";
import { addSlot, definingInst, type Func, resultsOf } from "../ssa/function.ts";
import { Effect, Op, opTable, Type } from "../ssa/ops.ts";
import { isTableReloc, RelocType, type WasmFunc, type WasmReloc } from "../wasm/module.ts";
import { WasmOp, wasmOps } from "../wasm/opcodes.ts";
import { newWasmReader, readInst, type WasmReader } from "../wasm/reader.ts";
import { memoryGrowSymbol, memorySizeSymbol, type Translation } from "./translate.ts";
import { type ControlLevel, enterFunction, isControlOp, translateControl } from "./translate_control.ts";

export interface FuncTranslation {
  whole: Translation;
  source: WasmFunc;
  r: WasmReader;
  b: Builder;
  stack: number[];
  /** By local: variable. */
  locals: number[];
  levels: ControlLevel[];
  /** Constructs opened in code that is not reached. */
  skipped: number;
  /** The local that holds the frame's address and the slot that the frame is, or -1. */
  frameLocal: number;
  frameSlot: number;
  frameSize: I64;
  /** Next relocation. */
  reloc: number;
  /** Next row of lines, and the first that belongs to another function. */
  line: number;
  lineEnd: number;
  /** Blocks in the order in which their code appears. */
  layout: number[];
}

/** Translates a function. */
export function translateFunc(t: Translation, index: number): Func {
  const f = t.wasm.funcs[index];
  const sym = t.funcSymbol[index];
  const x: FuncTranslation = {
    whole: t, source: f, r: newWasmReader(f.body, 0, f.body.len, true), b: newBuilder(t.module, sym, t.sigOf[f.type]), stack: [], locals: [],
    levels: [], skipped: 0, frameLocal: -1, frameSlot: -1, frameSize: i64From(0), reloc: 0, line: t.lineStart[index], lineEnd: t.lineStart[index + 1], layout: [0],
  };
  x.b.func.pos = declarationRow(x);
  addLocals(x);
  findFrame(x);
  enterFunction(x, t.wasm.types[f.type].results.length);
  while (x.levels.length > 0 && readInst(x.r)) translateInst(x);
  const made = finishFunction(x.b);
  const cfg = computeCfg(made);
  made.cfg = null;
  made.order = [];
  for (const block of x.layout) if (cfg.rpoIndex[block] >= 0) made.order.push(block);
  return made;
}

/** The row of lines that is the function's declaration, or -1. */
function declarationRow(x: FuncTranslation): number {
  return x.line < x.lineEnd && x.whole.wasm.lines[x.line].offset === 0 ? x.line : -1;
}

/** Params have their values; other locals are zero until they are set. */
function addLocals(x: FuncTranslation): void {
  const params = x.whole.wasm.types[x.source.type].params;
  const values = x.b.func.blocks[0].params;
  for (let i = 0; i < params.length; i++) {
    x.locals.push(newVariable(x.b, params[i]));
    defVariable(x.b, x.locals[i], values[i]);
  }
  for (let run = 0; run < x.source.localCounts.length; run++) {
    for (let k = 0; k < x.source.localCounts[run]; k++) x.locals.push(newVariable(x.b, x.source.localTypes[run]));
  }
}

function isStackPointer(x: FuncTranslation, global: number): boolean {
  return x.whole.globalSymbol[global] < 0;
}

/** Reads the frame idiom at the entry, if it is there. */
function findFrame(x: FuncTranslation): void {
  const r = x.r;
  if (!readInst(r) || r.op !== WasmOp.global_get || !isStackPointer(x, r.first)) {
    r.at = 0;
    return;
  }
  let found = readInst(r) && r.op === WasmOp.i64_const;
  x.frameSize = r.imm;
  found = found && readInst(r) && r.op === WasmOp.i64_sub && readInst(r) && r.op === WasmOp.local_tee;
  x.frameLocal = r.first;
  found = found && readInst(r) && r.op === WasmOp.global_set && isStackPointer(x, r.first);
  if (!found) bug("__stack_pointer is not used as a frame in " + x.source.name);
  x.frameSlot = addSlot(x.b.func, lowI32(x.frameSize), 16);
}

/** Whether the frame's end follows the reading of its local: then it is passed over. */
function passFrameEnd(x: FuncTranslation): boolean {
  const r = x.r;
  const at = r.at;
  if (readInst(r) && r.op === WasmOp.i64_const && eqI64(r.imm, x.frameSize) && readInst(r) && r.op === WasmOp.i64_add) {
    if (readInst(r) && r.op === WasmOp.global_set && isStackPointer(x, r.first)) return true;
  }
  r.at = at;
  return false;
}

/** The top of the operand stack, taken off. */
export function popValue(x: FuncTranslation): number {
  const v = x.stack[x.stack.length - 1];
  x.stack.pop();
  return v;
}

/** The top values of the operand stack, the lowest first. */
export function topValues(x: FuncTranslation, count: number): number[] {
  const values = filledNumbers(count, 0);
  const base = x.stack.length - count;
  for (let k = 0; k < count; k++) values[k] = x.stack[base + k];
  return values;
}

/** The top values of the operand stack, taken off, the lowest first. */
export function popValues(x: FuncTranslation, count: number): number[] {
  const values = topValues(x, count);
  for (let i = 0; i < count; i++) x.stack.pop();
  return values;
}

/** Puts values on the operand stack. */
export function pushValues(x: FuncTranslation, values: number[]): void {
  for (const v of values) x.stack.push(v);
}

/** The relocation at an offset of the body, or null; offsets are asked for in ascending order. */
function relocAt(x: FuncTranslation, offset: number): WasmReloc | null {
  const relocs = x.source.relocs;
  while (x.reloc < relocs.length && relocs[x.reloc].offset < offset) x.reloc += 1;
  return x.reloc < relocs.length && relocs[x.reloc].offset === offset ? relocs[x.reloc] : null;
}

function translateInst(x: FuncTranslation): void {
  const lines = x.whole.wasm.lines;
  while (x.line < x.lineEnd && lines[x.line].offset <= x.r.opAt) {
    x.b.pos = x.line;
    x.line += 1;
  }
  const op = x.r.op;
  if (isControlOp(op)) translateControl(x, op);
  else if (!isReachable(x.b)) return;
  else if (wasmOps.ssaOp[op] >= 0) translateNumeric(x, op);
  else translateOther(x, op);
}

/** Operators that are one SSA operation. */
function translateNumeric(x: FuncTranslation, op: number): void {
  const ssa = wasmOps.ssaOp[op];
  const type = wasmOps.ssaType[op];
  const effect = opTable.effect[ssa];
  const args = popValues(x, wasmOps.operands[op].length);
  if (effect === Effect.load) {
    x.stack.push(emitLoad(x.b, ssa, type, args[0], x.r.imm));
  } else if (effect === Effect.store) {
    emitStore(x.b, ssa, args[0], args[1], x.r.imm);
  } else if (op === WasmOp.i64_add && isSlotPlusConst(x, args)) {
    x.stack.push(addToSlot(x, args[0], args[1]));
  } else {
    x.stack.push(emitValue(x.b, ssa, type, args, wasmOps.results[op][0]));
  }
}

/** A constant index that a check refuses may lead far away: such an address is a sum like any other. */
function isSlotPlusConst(x: FuncTranslation, args: number[]): boolean {
  const a = definingInst(x.b.func, args[0]);
  const c = definingInst(x.b.func, args[1]);
  if (a < 0 || c < 0 || x.b.func.insts[a].op !== Op.slot_addr || x.b.func.insts[c].op !== Op.iconst) return false;
  const sum = addI64(x.b.func.insts[a].imm, x.b.func.insts[c].imm);
  return fitsI32(sum) && lowI32(sum) > -MAX_SLOT_OFFSET && lowI32(sum) < MAX_SLOT_OFFSET;
}

/** A frame has at most 256 MiB. */
const MAX_SLOT_OFFSET = 1073741824;

function addToSlot(x: FuncTranslation, address: number, constant: number): number {
  const f = x.b.func;
  const v = emitSlotAddr(x.b, x.frameSlot, 0);
  f.insts[f.valueDef[v]].imm = addI64(f.insts[f.valueDef[address]].imm, f.insts[f.valueDef[constant]].imm);
  return v;
}

function translateOther(x: FuncTranslation, op: number): void {
  const b = x.b;
  const r = x.r;
  switch (op) {
    case WasmOp.nop: break;
    case WasmOp.drop: popValue(x); break;
    case WasmOp.select: case WasmOp.select_t: translateSelect(x); break;
    case WasmOp.local_get: translateLocalGet(x); break;
    case WasmOp.local_set: setLocal(x, popValue(x)); break;
    case WasmOp.local_tee: setLocal(x, x.stack[x.stack.length - 1]); break;
    case WasmOp.global_get: case WasmOp.global_set: translateGlobal(x, op); break;
    case WasmOp.i32_const: x.stack.push(emitIconst(b, Type.i32, r.imm)); break;
    case WasmOp.i64_const: translateConst(x); break;
    case WasmOp.f32_const: x.stack.push(emitFconst(b, Type.f32, r.imm)); break;
    case WasmOp.f64_const: x.stack.push(emitFconst(b, Type.f64, r.imm)); break;
    case WasmOp.i32_eqz: translateZeroTest(x, Type.i32); break;
    case WasmOp.i64_eqz: translateZeroTest(x, Type.i64); break;
    case WasmOp.call: translateCall(x, x.whole.funcSymbol[r.first]); break;
    case WasmOp.call_indirect: translateCallIndirect(x); break;
    case WasmOp.memory_size: callHelper(x, memorySizeSymbol(x.whole), 0); break;
    case WasmOp.memory_grow: callHelper(x, memoryGrowSymbol(x.whole), 1); break;
    case WasmOp.memory_copy: translateBytes(x, Op.memory_copy); break;
    case WasmOp.memory_fill: translateBytes(x, Op.memory_fill); break;
    default: bug(wasmOps.names[op] + " under the host memory model");
  }
}

function translateSelect(x: FuncTranslation): void {
  const args = popValues(x, 3);
  const type = x.b.func.valueType[args[0]];
  x.stack.push(emitValue(x.b, Op.select, type, [args[2], args[0], args[1]], type));
}

function translateLocalGet(x: FuncTranslation): void {
  const local = x.r.first;
  if (local !== x.frameLocal) x.stack.push(useVariable(x.b, x.locals[local]));
  else if (!passFrameEnd(x)) x.stack.push(emitSlotAddr(x.b, x.frameSlot, 0));
}

function setLocal(x: FuncTranslation, value: number): void {
  if (x.r.first === x.frameLocal) bug("the frame's address is overwritten in " + x.source.name);
  defVariable(x.b, x.locals[x.r.first], value);
}

function translateGlobal(x: FuncTranslation, op: number): void {
  const global = x.r.first;
  if (isStackPointer(x, global)) bug("__stack_pointer is not used as a frame in " + x.source.name);
  const address = emitSymAddr(x.b, x.whole.globalSymbol[global], 0);
  if (op === WasmOp.global_get) x.stack.push(emitLoad(x.b, Op.load, x.whole.wasm.globals[global].type, address, i64From(0)));
  else emitStore(x.b, Op.store, address, popValue(x), i64From(0));
}

/** A constant, or an address when a relocation says so. */
function translateConst(x: FuncTranslation): void {
  const reloc = relocAt(x, x.r.opAt + 1);
  if (reloc === null) {
    x.stack.push(emitIconst(x.b, Type.i64, x.r.imm));
    return;
  }
  if (!isTableReloc(reloc.type) && reloc.type !== RelocType.memory_addr_sleb64) bug("a constant with a relocation that is no address");
  const v = emitSymAddr(x.b, x.whole.symbolOf[reloc.index], 0);
  if (!isTableReloc(reloc.type)) x.b.func.insts[x.b.func.valueDef[v]].imm = reloc.addend;
  x.stack.push(v);
}

function translateZeroTest(x: FuncTranslation, type: number): void {
  const v = popValue(x);
  x.stack.push(emitValue(x.b, Op.eq, type, [v, emitIconst(x.b, type, i64From(0))], Type.i32));
}

function translateCall(x: FuncTranslation, sym: number): void {
  const m = x.whole.module;
  const args = popValues(x, m.sigs[m.symbols[sym].sig].params.length);
  const inst = emitCall(x.b, sym, args);
  pushValues(x, resultsOf(x.b.func.insts[inst]));
}

/** The callee's address and the arguments, as an indirect call has them. */
export function popIndirectArgs(x: FuncTranslation, sig: number): number[] {
  const args: number[] = [popValue(x)];
  for (const a of popValues(x, x.whole.module.sigs[sig].params.length)) args.push(a);
  return args;
}

function translateCallIndirect(x: FuncTranslation): void {
  const sig = x.whole.sigOf[x.r.first];
  const inst = emitCallIndirect(x.b, sig, popIndirectArgs(x, sig));
  pushValues(x, resultsOf(x.b.func.insts[inst]));
}

/** Copies or fills bytes. */
function translateBytes(x: FuncTranslation, op: number): void {
  emitInst(x.b, op, Type.void, popValues(x, 3));
}

/** Calls what stands for a memory operator. */
function callHelper(x: FuncTranslation, sym: number, params: number): void {
  const args = popValues(x, params);
  const inst = emitCall(x.b, sym, args);
  pushValues(x, resultsOf(x.b.func.insts[inst]));
}

/** Ends the block with a tail call. */
export function endWithTailCall(x: FuncTranslation, op: number, subject: number, args: number[]): void {
  const inst = emitInst(x.b, op, Type.void, args);
  x.b.func.insts[inst].sym = subject;
  x.b.current = -1;
}
