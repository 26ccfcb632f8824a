// Validation of function bodies: the algorithm of the core specification's appendix A.3.
// In -> out: a function, to a problem noted in the context. A stack of value types and a stack of control frames;
// after an instruction that never goes on, the frame is unreachable and pops below its base give any type.
// Operators with types in the table need no code here; the others have a rule each.

import { sarI32 } from "../base/int32.ts";
import { joinI64, ltU64 } from "../base/int64.ts";
import { equalTypes, isRefType, newWasmFunc, type WasmFunc, type WasmModule } from "./module.ts";
import { WasmImm, WasmOp, wasmOps, WasmType, wasmTypeName } from "./opcodes.ts";
import { EMPTY_BLOCK, newWasmReader, readInst, type WasmReader } from "./reader.ts";
import { refuseWasm, type ValidateContext } from "./validate.ts";

interface ControlFrame {
  op: number;
  params: number[];
  results: number[];
  height: number;
  unreachable: boolean;
}

export interface BodyCheck {
  context: ValidateContext;
  module: WasmModule;
  func: WasmFunc;
  r: WasmReader;
  stack: number[];
  frames: ControlFrame[];
  /** Runs of locals: index of the first after each run, and type. Params are runs of one. */
  localEnds: number[];
  localTypes: number[];
  /** Address type of memory 0. */
  address: number;
}

const noTypes: number[] = [];
/** The list of just one type, by type. */
const oneType: number[][] = singleTypes();

function singleTypes(): number[][] {
  const lists: number[][] = [[]];
  for (let type = 1; type <= WasmType.externref; type++) lists.push([type]);
  return lists;
}

/** The state for checking all bodies of a module. */
export function newBodyCheck(c: ValidateContext): BodyCheck {
  const w = c.module;
  const is64 = w.memories.length > 0 && w.memories[0].limits.is64;
  const empty = newWasmFunc(0, false);
  return {
    context: c, module: w, func: empty, r: newWasmReader(empty.body, 0, 0, is64), stack: [], frames: [],
    localEnds: [], localTypes: [], address: is64 ? WasmType.i64 : WasmType.i32,
  };
}

/** Checks one function. */
export function validateBody(v: BodyCheck, f: WasmFunc): void {
  v.func = f;
  v.r = newWasmReader(f.body, 0, f.body.len, v.address === WasmType.i64);
  v.stack = [];
  v.frames = [];
  const sig = v.module.types[f.type];
  declareLocals(v, f);
  pushFrame(v, WasmOp.block, noTypes, sig.results);
  while (v.frames.length > 0 && readInst(v.r) && v.context.problem.reason === "") checkOperator(v);
  if (v.r.problem !== "") refuseWasm(v.context, f.at + v.r.problemAt, v.r.problem);
  else if (v.frames.length > 0) refuse(v, "END opcode expected");
  else if (v.r.at !== v.r.end) refuse(v, "operators after the end of the function");
}

function declareLocals(v: BodyCheck, f: WasmFunc): void {
  v.localEnds = [];
  v.localTypes = [];
  let total = 0;
  for (const t of v.module.types[f.type].params) {
    total += 1;
    v.localEnds.push(total);
    v.localTypes.push(t);
  }
  for (let i = 0; i < f.localCounts.length; i++) {
    total += f.localCounts[i];
    v.localEnds.push(total);
    v.localTypes.push(f.localTypes[i]);
  }
}

function refuse(v: BodyCheck, reason: string): void {
  refuseWasm(v.context, v.func.at + v.r.opAt, reason);
}

/** The type of a local, by binary search for its run; none when there is no such local. */
function localType(v: BodyCheck, index: number): number {
  let low = 0;
  let high = v.localEnds.length;
  while (low < high) {
    const middle = sarI32(low + high, 1);
    if (v.localEnds[middle] <= index) low = middle + 1;
    else high = middle;
  }
  if (low < v.localTypes.length) return v.localTypes[low];
  refuse(v, "unknown local");
  return WasmType.none;
}

function pushFrame(v: BodyCheck, op: number, params: number[], results: number[]): void {
  v.frames.push({ op: op, params: params, results: results, height: v.stack.length, unreachable: false });
  pushTypes(v, params);
}

function topFrame(v: BodyCheck): ControlFrame {
  return v.frames[v.frames.length - 1];
}

function pushTypes(v: BodyCheck, types: number[]): void {
  for (const t of types) v.stack.push(t);
}

function popAny(v: BodyCheck): number {
  const frame = topFrame(v);
  if (v.stack.length === frame.height) {
    if (!frame.unreachable) refuse(v, "type mismatch: the stack is empty");
    return WasmType.bottom;
  }
  const t = v.stack[v.stack.length - 1];
  v.stack.pop();
  return t;
}

function popType(v: BodyCheck, want: number): number {
  const t = popAny(v);
  if (t !== want && t !== WasmType.bottom && want !== WasmType.bottom) {
    refuse(v, "type mismatch: expected " + wasmTypeName(want) + ", found " + wasmTypeName(t));
  }
  return t;
}

function popTypes(v: BodyCheck, types: number[]): void {
  for (let i = types.length - 1; i >= 0; i--) popType(v, types[i]);
}

function setUnreachable(v: BodyCheck): void {
  const frame = topFrame(v);
  while (v.stack.length > frame.height) v.stack.pop();
  frame.unreachable = true;
}

/** What a branch to a frame passes. */
function labelTypes(frame: ControlFrame): number[] {
  return frame.op === WasmOp.loop ? frame.params : frame.results;
}

/** The frame of a label, or the innermost when there is none such. */
function frameOf(v: BodyCheck, label: number): ControlFrame {
  if (label < v.frames.length) return v.frames[v.frames.length - 1 - label];
  refuse(v, "unknown label");
  return topFrame(v);
}

function tableType(v: BodyCheck, index: number): number {
  return v.module.tables[index].limits.is64 ? WasmType.i64 : WasmType.i32;
}

function checkOperator(v: BodyCheck): void {
  const op = v.r.op;
  checkImmediates(v, op);
  if (v.context.problem.reason !== "") return;
  if (wasmOps.special[op]) {
    checkSpecial(v, op);
    return;
  }
  const operands = wasmOps.operands[op];
  for (let i = operands.length - 1; i >= 0; i--) popType(v, operands[i] === WasmType.address ? v.address : operands[i]);
  for (const t of wasmOps.results[op]) v.stack.push(t === WasmType.address ? v.address : t);
}

function checkImmediates(v: BodyCheck, op: number): void {
  const w = v.module;
  const r = v.r;
  switch (wasmOps.imm[op]) {
    case WasmImm.func: refuseIf(v, r.first >= w.funcs.length, "unknown function"); break;
    case WasmImm.type_table: checkTypeTable(v); break;
    case WasmImm.global: refuseIf(v, r.first >= w.globals.length, "unknown global"); break;
    case WasmImm.table: refuseIf(v, r.first >= w.tables.length, "unknown table"); break;
    case WasmImm.mem0: case WasmImm.mem1: case WasmImm.mem2: case WasmImm.mem3: checkMemArg(v, wasmOps.imm[op] - WasmImm.mem0); break;
    case WasmImm.memory: case WasmImm.memory_memory: refuseIf(v, w.memories.length === 0, "unknown memory 0"); break;
    case WasmImm.data_memory: refuseIf(v, w.memories.length === 0, "unknown memory 0"); checkData(v); break;
    case WasmImm.data: checkData(v); break;
    case WasmImm.elem: refuseIf(v, r.first >= w.elems.length, "unknown elem segment"); break;
    case WasmImm.elem_table: refuseIf(v, r.second >= w.tables.length, "unknown table"); refuseIf(v, r.first >= w.elems.length, "unknown elem segment"); break;
    case WasmImm.table_table: refuseIf(v, r.first >= w.tables.length || r.second >= w.tables.length, "unknown table"); break;
    default: break;
  }
}

function refuseIf(v: BodyCheck, wrong: boolean, reason: string): void {
  if (wrong) refuse(v, reason);
}

function checkTypeTable(v: BodyCheck): void {
  const w = v.module;
  if (v.r.second >= w.tables.length) refuse(v, "unknown table");
  else if (w.tables[v.r.second].type !== WasmType.funcref) refuse(v, "type mismatch: the table holds no functions");
  else if (v.r.first >= w.types.length) refuse(v, "unknown type");
}

function checkMemArg(v: BodyCheck, natural: number): void {
  if (v.module.memories.length === 0) refuse(v, "unknown memory 0");
  else if (v.r.first > natural) refuse(v, "alignment must not be larger than natural");
  else if (v.address === WasmType.i32 && ltU64(joinI64(0, -1), v.r.imm)) refuse(v, "offset out of range");
}

function checkData(v: BodyCheck): void {
  if (v.module.dataCount < 0) refuse(v, "data count section required");
  else if (v.r.first >= v.module.dataCount) refuse(v, "unknown data segment");
}

function checkSpecial(v: BodyCheck, op: number): void {
  const w = v.module;
  const r = v.r;
  switch (op) {
    case WasmOp.unreachable: setUnreachable(v); break;
    case WasmOp.block: case WasmOp.loop: enterBlock(v, op); break;
    case WasmOp.if: popType(v, WasmType.i32); enterBlock(v, op); break;
    case WasmOp.else: checkElse(v); break;
    case WasmOp.end: checkEnd(v); break;
    case WasmOp.br: popTypes(v, labelTypes(frameOf(v, r.first))); setUnreachable(v); break;
    case WasmOp.br_if: popType(v, WasmType.i32); passTypes(v, labelTypes(frameOf(v, r.first))); break;
    case WasmOp.br_table: checkBrTable(v); break;
    case WasmOp.return: popTypes(v, v.frames[0].results); setUnreachable(v); break;
    case WasmOp.call: checkCallType(v, w.funcs[r.first].type); break;
    case WasmOp.call_indirect: popType(v, tableType(v, r.second)); checkCallType(v, r.first); break;
    case WasmOp.return_call: checkTailCall(v, w.funcs[r.first].type); break;
    case WasmOp.return_call_indirect: popType(v, tableType(v, r.second)); checkTailCall(v, r.first); break;
    case WasmOp.drop: popAny(v); break;
    case WasmOp.select: checkSelect(v); break;
    case WasmOp.select_t: checkTypedSelect(v); break;
    case WasmOp.local_get: v.stack.push(localType(v, r.first)); break;
    case WasmOp.local_set: popType(v, localType(v, r.first)); break;
    case WasmOp.local_tee: passTypes(v, [localType(v, r.first)]); break;
    case WasmOp.global_get: v.stack.push(w.globals[r.first].type); break;
    case WasmOp.global_set: checkGlobalSet(v); break;
    default: checkReference(v, op); break;
  }
}

function passTypes(v: BodyCheck, types: number[]): void {
  popTypes(v, types);
  pushTypes(v, types);
}

function enterBlock(v: BodyCheck, op: number): void {
  let params = noTypes;
  let results = noTypes;
  if (v.r.first >= 0) {
    if (v.r.first >= v.module.types.length) {
      refuse(v, "unknown type");
      return;
    }
    params = v.module.types[v.r.first].params;
    results = v.module.types[v.r.first].results;
  } else if (v.r.first !== EMPTY_BLOCK) {
    results = oneType[v.r.first === -16 ? WasmType.funcref : v.r.first === -17 ? WasmType.externref : 0 - v.r.first];
  }
  popTypes(v, params);
  pushFrame(v, op, params, results);
}

function leaveFrame(v: BodyCheck): ControlFrame {
  const frame = topFrame(v);
  popTypes(v, frame.results);
  if (v.stack.length !== frame.height) refuse(v, "type mismatch: values remain on the stack");
  v.frames.pop();
  return frame;
}

function checkElse(v: BodyCheck): void {
  if (topFrame(v).op !== WasmOp.if) {
    refuse(v, "else without if");
    return;
  }
  const frame = leaveFrame(v);
  pushFrame(v, WasmOp.else, frame.params, frame.results);
}

function checkEnd(v: BodyCheck): void {
  const frame = leaveFrame(v);
  if (frame.op === WasmOp.if && !equalTypes(frame.params, frame.results)) refuse(v, "type mismatch: if without else");
  pushTypes(v, frame.results);
}

/** Each label takes what is on the stack; in unreachable code one value may be of several types. */
function checkBrTable(v: BodyCheck): void {
  popType(v, WasmType.i32);
  const labels = v.r.list;
  const last = labelTypes(frameOf(v, labels[labels.length - 1]));
  for (const label of labels) {
    const types = labelTypes(frameOf(v, label));
    if (types.length !== last.length) refuse(v, "type mismatch: labels of br_table differ");
    if (v.context.problem.reason !== "") return;
    passFound(v, types);
  }
  popTypes(v, last);
  setUnreachable(v);
}

/** Pops types and pushes what was there. */
function passFound(v: BodyCheck, types: number[]): void {
  const found: number[] = [];
  for (let i = types.length - 1; i >= 0; i--) found.push(popType(v, types[i]));
  for (let i = found.length - 1; i >= 0; i--) v.stack.push(found[i]);
}

function checkCallType(v: BodyCheck, type: number): void {
  popTypes(v, v.module.types[type].params);
  pushTypes(v, v.module.types[type].results);
}

function checkTailCall(v: BodyCheck, type: number): void {
  popTypes(v, v.module.types[type].params);
  if (!equalTypes(v.module.types[type].results, v.frames[0].results)) refuse(v, "type mismatch: results of the tail call differ");
  setUnreachable(v);
}

function checkSelect(v: BodyCheck): void {
  popType(v, WasmType.i32);
  const a = popAny(v);
  const b = popAny(v);
  if (isRefType(a) || isRefType(b)) refuse(v, "type mismatch: select of references needs a type");
  if (a !== b && a !== WasmType.bottom && b !== WasmType.bottom) refuse(v, "type mismatch: select of two types");
  v.stack.push(a === WasmType.bottom ? b : a);
}

function checkTypedSelect(v: BodyCheck): void {
  if (v.r.list.length !== 1) {
    refuse(v, "invalid result arity");
    return;
  }
  const type = v.r.list[0];
  popType(v, WasmType.i32);
  popType(v, type);
  popType(v, type);
  v.stack.push(type);
}

function checkGlobalSet(v: BodyCheck): void {
  const g = v.module.globals[v.r.first];
  if (!g.mutable) refuse(v, "global is immutable");
  popType(v, g.type);
}

function checkReference(v: BodyCheck, op: number): void {
  const w = v.module;
  const r = v.r;
  if (op === WasmOp.ref_null) {
    v.stack.push(r.first);
  } else if (op === WasmOp.ref_is_null) {
    const t = popAny(v);
    if (!isRefType(t) && t !== WasmType.bottom) refuse(v, "type mismatch: no reference");
    v.stack.push(WasmType.i32);
  } else if (op === WasmOp.ref_func) {
    if (!v.context.declared[r.first]) refuse(v, "undeclared function reference");
    v.stack.push(WasmType.funcref);
  } else if (op === WasmOp.table_init) {
    if (w.elems[r.first].type !== w.tables[r.second].type) refuse(v, "type mismatch: element type");
    popTypes(v, [tableType(v, r.second), WasmType.i32, WasmType.i32]);
  } else {
    checkTableOperator(v, op);
  }
}

function checkTableOperator(v: BodyCheck, op: number): void {
  const w = v.module;
  const address = tableType(v, v.r.first);
  const type = w.tables[v.r.first].type;
  if (op === WasmOp.table_get) {
    popType(v, address);
    v.stack.push(type);
  } else if (op === WasmOp.table_set) {
    popTypes(v, [address, type]);
  } else if (op === WasmOp.table_size) {
    v.stack.push(address);
  } else if (op === WasmOp.table_grow) {
    popTypes(v, [type, address]);
    v.stack.push(address);
  } else if (op === WasmOp.table_fill) {
    popTypes(v, [address, type, address]);
  } else {
    const from = tableType(v, v.r.second);
    if (w.tables[v.r.second].type !== type) refuse(v, "type mismatch: tables differ");
    popTypes(v, [address, from, address === WasmType.i32 || from === WasmType.i32 ? WasmType.i32 : WasmType.i64]);
  }
}
