// Which modules the host memory model takes: those in which every address is a relocation against a symbol.
// In -> out: a decoded and valid module, to the first thing that is refused with its offset, or reason "".
// Taken: relocatable modules with at most one memory and one table, both imported and 64-bit, the table never
// written; each segment belongs to one symbol; each function has one; __stack_pointer is the only imported global.

import { RelocType, type WasmFunc, WasmKind, type WasmModule, type WasmProblem, WasmSymFlag, WasmSymKind } from "../wasm/module.ts";
import { WasmOp, WasmType, wasmOps } from "../wasm/opcodes.ts";
import { newWasmReader, readInst } from "../wasm/reader.ts";

/** The first thing in a module that the host model refuses. */
export function hostModelProblem(w: WasmModule): WasmProblem {
  if (w.linkReason !== "") return refusal(w.linkAt, w.linkReason);
  if (!w.relocatable) return refusal(0, "the module is not relocatable");
  let reason = environmentProblem(w);
  if (reason === "") reason = globalProblem(w);
  if (reason === "") reason = functionProblem(w);
  if (reason !== "") return refusal(0, reason);
  const segment = segmentProblem(w);
  if (segment.reason !== "") return segment;
  for (const f of w.funcs) {
    if (f.imported) continue;
    const body = bodyProblem(f);
    if (body.reason !== "") return body;
  }
  return refusal(0, "");
}

function refusal(offset: number, reason: string): WasmProblem {
  return { offset: offset, reason: reason };
}

function environmentProblem(w: WasmModule): string {
  if (w.memories.length > 1) return "more than one memory";
  if (w.tables.length > 1) return "more than one table";
  for (const m of w.memories) {
    if (!m.imported) return "the memory is not imported";
    if (!m.limits.is64) return "the memory is not 64-bit";
  }
  for (const t of w.tables) {
    if (!t.imported) return "the table is not imported";
    if (!t.limits.is64) return "the table is not 64-bit";
  }
  if (w.elems.length > 0) return "element segments";
  return w.start >= 0 ? "a start function" : "";
}

function globalProblem(w: WasmModule): string {
  for (const i of w.imports) {
    if (i.kind === WasmKind.global && i.name !== "__stack_pointer") return "imported global " + i.name;
  }
  for (const g of w.globals) {
    if (g.type >= WasmType.funcref) return "a global of reference type";
  }
  for (const s of w.symbols) if (s.kind === WasmSymKind.section || s.kind === WasmSymKind.tag) return "a section or tag symbol";
  return "";
}

/** Each function has exactly one symbol, and only numbers as parameters and results. */
function functionProblem(w: WasmModule): string {
  const symbols: number[] = [];
  for (let i = 0; i < w.funcs.length; i++) symbols.push(0);
  for (const s of w.symbols) if (s.kind === WasmSymKind.func) symbols[s.index] += 1;
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === 0) return "function " + i + " has no symbol";
    if (symbols[i] > 1) return "function " + i + " has several symbols";
  }
  for (const t of w.types) {
    for (const p of t.params) if (p >= WasmType.funcref) return "a parameter of reference type";
    for (const r of t.results) if (r >= WasmType.funcref) return "a result of reference type";
  }
  return "";
}

function segmentProblem(w: WasmModule): WasmProblem {
  const symbols: number[] = [];
  for (let i = 0; i < w.segments.length; i++) symbols.push(0);
  for (const s of w.symbols) {
    if (s.kind !== WasmSymKind.data || (s.flags & WasmSymFlag.undefined) !== 0) continue;
    symbols[s.index] += 1;
    if (s.offset !== 0 || s.size !== w.segments[s.index].size) return refusal(w.segments[s.index].at, "symbol " + s.name + " is a part of its segment");
  }
  for (let i = 0; i < symbols.length; i++) {
    const at = w.segments[i].at;
    if (symbols[i] === 0) return refusal(at, "segment " + i + " has no symbol");
    if (symbols[i] > 1) return refusal(at, "segment " + i + " has several symbols");
    for (const r of w.segments[i].relocs) {
      if (r.type !== RelocType.memory_addr_i64 && r.type !== RelocType.table_index_i64) return refusal(at + r.offset, "a relocation that is not a 64-bit address");
    }
  }
  return refusal(0, "");
}

function bodyProblem(f: WasmFunc): WasmProblem {
  for (const r of f.relocs) {
    const known = r.type === RelocType.function_index_leb || r.type === RelocType.type_index_leb || r.type === RelocType.global_index_leb;
    if (!known && r.type !== RelocType.memory_addr_sleb64 && r.type !== RelocType.table_index_sleb64) {
      return refusal(f.at + r.offset, "a relocation that is not a 64-bit constant");
    }
  }
  for (const t of f.localTypes) if (t >= WasmType.funcref) return refusal(f.at, "a local of reference type");
  const r = newWasmReader(f.body, 0, f.body.len, true);
  while (readInst(r)) {
    if (isRefused(r.op)) return refusal(f.at + r.opAt, wasmOps.names[r.op] + " is not supported");
  }
  return refusal(0, "");
}

/** Operators on tables, references and passive segments. */
function isRefused(op: number): boolean {
  if (op === WasmOp.table_get || op === WasmOp.table_set) return true;
  if (op >= WasmOp.ref_null && op <= WasmOp.ref_func) return true;
  return op >= WasmOp.memory_init && op !== WasmOp.memory_copy && op !== WasmOp.memory_fill;
}
