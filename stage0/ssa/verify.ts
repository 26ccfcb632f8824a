// The verifier: checks the invariants of a function in SSA form.
// In -> out: a function, to "" or one sentence that names block, instruction and what is wrong.
// Checked: terminators, edges and their arguments, operand and result types by the op table, call signatures,
// that the op belongs to the set, and that each use is dominated by its definition. Shares no code with the passes.

import { buildCfg, sameCfg } from "./cfg.ts";
import { computeDominators, type Dominators, dominates } from "./dominators.ts";
import { type Func, type Inst, lastInst, resolveValue, resultsOf } from "./function.ts";
import type { SsaModule } from "./module.ts";
import { isFloatType, isTerminator, Op, opTable, Type, typeName } from "./ops.ts";
import { splitWords } from "../base/table.ts";

interface Check {
  module: SsaModule;
  func: Func;
  /** "ir" or "clif". */
  set: string;
  dom: Dominators;
  /** Block and index in it of each instruction in the layout, by instruction id; -1 when not placed. */
  blockOf: number[];
  indexOf: number[];
  problem: string;
}

/** "" when the function is sound for the op set, else what is wrong. */
export function verifyFunc(m: SsaModule, f: Func, set: string): string {
  const cfg = buildCfg(f);
  const kept = f.cfg;
  if (kept !== null && !sameCfg(kept, cfg)) return "the graph that is kept is not that of the function";
  const c: Check = { module: m, func: f, set: set, dom: computeDominators(cfg), blockOf: [], indexOf: [], problem: "" };
  placeInsts(c);
  if (c.problem === "") checkEntry(c);
  for (const b of cfg.rpo) {
    if (c.problem !== "") break;
    checkBlock(c, b);
  }
  return c.problem;
}

/** "" when all functions are sound, else the first problem with the function's name. */
export function verifyModule(m: SsaModule, set: string): string {
  for (const f of m.funcs) {
    const problem = verifyFunc(m, f, set);
    if (problem !== "") return m.symbols[f.sym].name + ": " + problem;
  }
  return "";
}

function fail(c: Check, block: number, i: number, text: string): void {
  if (c.problem !== "") return;
  c.problem = "block" + block + (i >= 0 ? " inst" + i + " " + opTable.names[c.func.insts[i].op] : "") + ": " + text;
}

function placeInsts(c: Check): void {
  for (let i = 0; i < c.func.insts.length; i++) {
    c.blockOf.push(-1);
    c.indexOf.push(-1);
  }
  for (const b of c.func.order) {
    const insts = c.func.blocks[b].insts;
    for (let k = 0; k < insts.length; k++) {
      if (c.blockOf[insts[k]] >= 0) fail(c, b, insts[k], "placed twice");
      c.blockOf[insts[k]] = b;
      c.indexOf[insts[k]] = k;
    }
  }
}

function checkEntry(c: Check): void {
  const params = c.func.blocks[0].params;
  const want = c.module.sigs[c.func.sig].params;
  if (c.func.order.length === 0 || c.func.order[0] !== 0) fail(c, 0, -1, "the entry is not first");
  if (params.length !== want.length) fail(c, 0, -1, "params differ from the signature");
  for (let k = 0; k < params.length && k < want.length; k++) {
    if (c.func.valueType[params[k]] !== want[k]) fail(c, 0, -1, "param " + k + " differs from the signature");
  }
}

function checkBlock(c: Check, b: number): void {
  const insts = c.func.blocks[b].insts;
  if (insts.length === 0) fail(c, b, -1, "empty");
  for (let k = 0; k < insts.length; k++) {
    const inst = c.func.insts[insts[k]];
    if (isTerminator(inst.op) !== (k === insts.length - 1)) fail(c, b, insts[k], "terminator out of place");
    checkInst(c, b, insts[k], inst);
  }
  checkTargets(c, b);
}

function checkInst(c: Check, b: number, i: number, inst: Inst): void {
  const set = opTable.sets[inst.op];
  if (set !== "both" && set !== c.set) fail(c, b, i, "not an op of " + c.set);
  if (!typeAllowed(inst.op, inst.type)) fail(c, b, i, "type " + typeName(inst.type) + " not allowed");
  for (const a of inst.args) checkUse(c, b, i, a);
  checkOperands(c, b, i, inst);
}

function typeAllowed(op: number, type: number): boolean {
  const rule = opTable.types[op];
  if (rule === "int") return type === Type.i32 || type === Type.i64;
  if (rule === "float") return isFloatType(type);
  if (rule === "any") return type !== Type.void;
  if (rule === "none") return type === Type.void;
  return typeName(type) === rule;
}

function checkUse(c: Check, b: number, i: number, value: number): void {
  const v = resolveValue(c.func, value);
  const def = c.func.valueDef[v];
  const from = def >= 0 ? c.blockOf[def] : -1 - def;
  if (from < 0) {
    fail(c, b, i, "v" + v + " is defined by a removed instruction");
  } else if (def >= 0 && from === b && c.blockOf[i] === b) {
    if (c.indexOf[def] >= c.indexOf[i]) fail(c, b, i, "v" + v + " is used before its definition");
  } else if (!dominates(c.dom, from, b)) {
    fail(c, b, i, "v" + v + " does not dominate its use");
  }
}

function checkEdge(c: Check, b: number, i: number, to: number, args: number[]): void {
  if (to <= 0 || to >= c.func.blocks.length) {
    fail(c, b, i, "bad target");
    return;
  }
  const params = c.func.blocks[to].params;
  if (params.length !== args.length) fail(c, b, i, "block" + to + " wants " + params.length + " arguments");
  for (let k = 0; k < args.length && k < params.length; k++) {
    checkUse(c, b, i, args[k]);
    if (typeOf(c, args[k]) !== c.func.valueType[params[k]]) fail(c, b, i, "argument " + k + " of block" + to + " has the wrong type");
  }
}

function typeOf(c: Check, v: number): number {
  return c.func.valueType[resolveValue(c.func, v)];
}

function checkOperands(c: Check, b: number, i: number, inst: Inst): void {
  const rule = opTable.operands[inst.op];
  const words = rule === "-" ? [] : splitWords(rule);
  if (words.length > 0 && words[words.length - 1] === "...") {
    checkCall(c, b, i, inst);
    return;
  }
  if (words.length !== inst.args.length) {
    fail(c, b, i, "wants " + words.length + " operands");
    return;
  }
  for (let k = 0; k < words.length; k++) {
    if (typeOf(c, inst.args[k]) !== operandType(c, inst, words[k])) fail(c, b, i, "operand " + k + " has the wrong type");
  }
  const result = opTable.result[inst.op];
  if (result === "-" ? inst.resultCount !== 0 : inst.resultCount !== 1) fail(c, b, i, "wrong number of results");
  else if (result !== "-" && c.func.valueType[inst.result] !== operandType(c, inst, result)) fail(c, b, i, "result has the wrong type");
}

/** B is the type of the same width and the other class. */
function operandType(c: Check, inst: Inst, word: string): number {
  if (word === "T") return inst.type;
  if (word === "P") return c.module.pointer;
  if (word === "i32") return Type.i32;
  if (word === "i64") return Type.i64;
  if (word === "f32") return Type.f32;
  if (word === "f64") return Type.f64;
  if (inst.type === Type.i32) return Type.f32;
  if (inst.type === Type.i64) return Type.f64;
  return inst.type === Type.f32 ? Type.i32 : Type.i64;
}

function checkCall(c: Check, b: number, i: number, inst: Inst): void {
  if (inst.op === Op.return) {
    checkTypes(c, b, i, inst.args, 0, c.module.sigs[c.func.sig].results);
    return;
  }
  const indirect = inst.op === Op.call_indirect || inst.op === Op.return_call_indirect;
  const sig = c.module.sigs[indirect ? inst.sym : c.module.symbols[inst.sym].sig];
  if (indirect && (inst.args.length === 0 || typeOf(c, inst.args[0]) !== c.module.pointer)) fail(c, b, i, "callee is not an address");
  checkTypes(c, b, i, inst.args, indirect || inst.op === Op.check ? 1 : 0, sig.params);
  const returns = inst.op === Op.return_call || inst.op === Op.return_call_indirect;
  if (returns || inst.op === Op.check) {
    if (inst.resultCount !== 0) fail(c, b, i, "has results");
  } else {
    checkTypes(c, b, i, resultsOf(inst), 0, sig.results);
  }
}

function checkTypes(c: Check, b: number, i: number, values: number[], from: number, want: number[]): void {
  if (values.length - from !== want.length) {
    fail(c, b, i, "wants " + want.length + " values, has " + (values.length - from));
    return;
  }
  for (let k = 0; k < want.length; k++) {
    if (typeOf(c, values[from + k]) !== want[k]) fail(c, b, i, "value " + k + " has the wrong type");
  }
}

function checkTargets(c: Check, b: number): void {
  const last = lastInst(c.func, b);
  const targets = c.func.blocks[b].targets;
  const op = last < 0 ? -1 : c.func.insts[last].op;
  for (const t of targets) checkEdge(c, b, last, t.block, t.args);
  if (op === Op.jump) {
    if (targets.length !== 1) fail(c, b, last, "wants one target");
  } else if (op === Op.brif) {
    if (targets.length !== 2) fail(c, b, last, "wants two targets");
  } else if (op === Op.br_table) {
    if (targets.length < 2) fail(c, b, last, "wants two targets or more");
  } else if (targets.length !== 0) {
    fail(c, b, last, "wants no targets");
  }
}
