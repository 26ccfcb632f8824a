// Validation of a Wasm module (core specification chapter 3 and appendix A.3, with 64-bit memories and tables).
// In -> out: a decoded or emitted module, to the first problem with its offset, or reason "".
// Function bodies are checked by validate_body; here stands everything around them.

import { type I64, i64From, joinI64, ltU64 } from "../base/int64.ts";
import { internName, newNames } from "../base/intern.ts";
import { type ConstExpr, SegmentMode, type WasmElem, WasmKind, type WasmLimits, type WasmModule, type WasmProblem } from "./module.ts";
import { WasmOp, WasmType } from "./opcodes.ts";
import { newWasmReader, readInst } from "./reader.ts";
import { newBodyCheck, validateBody } from "./validate_body.ts";

/** What validation of function bodies reads of the module besides index spaces. */
export interface ValidateContext {
  module: WasmModule;
  problem: WasmProblem;
  /** By function: whether it may be named by ref.func in a body. */
  declared: boolean[];
}

/** The first problem of a module. */
export function validateWasm(w: WasmModule): WasmProblem {
  const c: ValidateContext = { module: w, problem: { offset: 0, reason: "" }, declared: [] };
  for (let i = 0; i < w.funcs.length; i++) c.declared.push(false);
  checkDeclarations(c);
  checkGlobals(c);
  checkWasmExports(c);
  checkWasmStart(c);
  for (const e of w.elems) checkElem(c, e);
  checkSegments(c);
  const check = newBodyCheck(c);
  for (let i = 0; i < w.funcs.length && c.problem.reason === ""; i++) {
    if (!w.funcs[i].imported) validateBody(check, w.funcs[i]);
  }
  return c.problem;
}

/** Notes a problem unless there is one. */
export function refuseWasm(c: ValidateContext, offset: number, reason: string): void {
  if (c.problem.reason === "") c.problem = { offset: offset, reason: reason };
}

function checkDeclarations(c: ValidateContext): void {
  const w = c.module;
  for (const f of w.funcs) if (f.type >= w.types.length) refuseWasm(c, f.at, "unknown type");
  for (const t of w.tables) checkLimits(c, t.limits, t.limits.is64 ? i64From(-1) : joinI64(0, -1), "table size");
  if (w.memories.length > 1) refuseWasm(c, 0, "multiple memories");
  for (const m of w.memories) {
    checkLimits(c, m.limits, m.limits.is64 ? joinI64(65536, 0) : i64From(65536), "memory size must be at most " + (m.limits.is64 ? "2^48" : "65536") + " pages (4GiB)");
  }
}

function checkLimits(c: ValidateContext, l: WasmLimits, limit: I64, reason: string): void {
  if (ltU64(limit, l.min)) refuseWasm(c, 0, reason);
  if (!l.hasMax) return;
  if (ltU64(limit, l.max)) refuseWasm(c, 0, reason);
  if (ltU64(l.max, l.min)) refuseWasm(c, 0, "size minimum must not be greater than maximum");
}

function checkGlobals(c: ValidateContext): void {
  let imported = 0;
  for (const g of c.module.globals) if (g.imported) imported += 1;
  for (const g of c.module.globals) if (!g.imported) checkConstExpr(c, g.init, g.type, imported);
}

/** One constant instruction of the type wanted; globals read must be imported and immutable. */
function checkConstExpr(c: ValidateContext, e: ConstExpr, want: number, globals: number): void {
  const w = c.module;
  const r = newWasmReader(e.code, 0, e.code.len, false);
  let count = 0;
  let type = WasmType.none;
  while (readInst(r) && r.op !== WasmOp.end) {
    count += 1;
    if (r.op === WasmOp.i32_const) type = WasmType.i32;
    else if (r.op === WasmOp.i64_const) type = WasmType.i64;
    else if (r.op === WasmOp.f32_const) type = WasmType.f32;
    else if (r.op === WasmOp.f64_const) type = WasmType.f64;
    else if (r.op === WasmOp.ref_null) type = r.first;
    else if (r.op === WasmOp.ref_func) {
      type = WasmType.funcref;
      if (r.first >= w.funcs.length) refuseWasm(c, e.at + r.opAt, "unknown function");
      else c.declared[r.first] = true;
    } else if (r.op === WasmOp.global_get) {
      if (r.first >= globals) {
        refuseWasm(c, e.at + r.opAt, "unknown global");
      } else {
        if (w.globals[r.first].mutable) refuseWasm(c, e.at + r.opAt, "constant expression required");
        type = w.globals[r.first].type;
      }
    } else {
      refuseWasm(c, e.at + r.opAt, "constant expression required");
    }
  }
  if (r.problem !== "") refuseWasm(c, e.at + r.problemAt, r.problem);
  if (count !== 1 || type !== want) refuseWasm(c, e.at, "type mismatch");
}

function checkWasmExports(c: ValidateContext): void {
  const w = c.module;
  const names = newNames();
  let emptySeen = false;
  for (const e of w.exports) {
    const known = names.texts.length;
    if (internName(names, e.name) < known && (e.name !== "" || emptySeen)) refuseWasm(c, 0, "duplicate export name");
    if (e.name === "") emptySeen = true;
    if (e.kind === WasmKind.func) {
      if (e.index >= w.funcs.length) refuseWasm(c, 0, "unknown function");
      else c.declared[e.index] = true;
    }
    if (e.kind === WasmKind.table && e.index >= w.tables.length) refuseWasm(c, 0, "unknown table");
    if (e.kind === WasmKind.memory && e.index >= w.memories.length) refuseWasm(c, 0, "unknown memory");
    if (e.kind === WasmKind.global && e.index >= w.globals.length) refuseWasm(c, 0, "unknown global");
  }
}

function checkWasmStart(c: ValidateContext): void {
  const w = c.module;
  if (w.start < 0) return;
  if (w.start >= w.funcs.length) {
    refuseWasm(c, 0, "unknown function");
    return;
  }
  const type = w.funcs[w.start].type;
  if (type < w.types.length && w.types[type].params.length + w.types[type].results.length > 0) refuseWasm(c, 0, "start function");
}

function checkElem(c: ValidateContext, e: WasmElem): void {
  const w = c.module;
  if (e.mode === SegmentMode.active) {
    if (e.table >= w.tables.length) {
      refuseWasm(c, e.at, "unknown table");
      return;
    }
    if (w.tables[e.table].type !== e.type) refuseWasm(c, e.at, "type mismatch");
    checkConstExpr(c, e.offset, w.tables[e.table].limits.is64 ? WasmType.i64 : WasmType.i32, importedGlobals(w));
  }
  for (const f of e.funcs) {
    if (f >= w.funcs.length) refuseWasm(c, e.at, "unknown function");
    else c.declared[f] = true;
  }
  for (const x of e.exprs) checkConstExpr(c, x, e.type, importedGlobals(w));
}

function importedGlobals(w: WasmModule): number {
  let n = 0;
  while (n < w.globals.length && w.globals[n].imported) n += 1;
  return n;
}

function checkSegments(c: ValidateContext): void {
  const w = c.module;
  for (const s of w.segments) {
    if (s.mode !== SegmentMode.active) continue;
    if (s.memory >= w.memories.length) refuseWasm(c, s.at, "unknown memory " + s.memory);
    else checkConstExpr(c, s.offset, w.memories[s.memory].limits.is64 ? WasmType.i64 : WasmType.i32, importedGlobals(w));
  }
}
