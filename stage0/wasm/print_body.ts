// The text of a function body.
// In -> out: the instructions of a function, one a line, with relocations after and lines before them. A body that
// cannot be read ends with what is wrong.

import { hexI64, textI64 } from "../base/int64.ts";
import type { WasmFunc, WasmModule } from "./module.ts";
import { WasmImm, WasmOp, wasmOps, WasmType, wasmTypeName } from "./opcodes.ts";
import { quoteWasm, wasmRelocText } from "./print.ts";
import { EMPTY_BLOCK, newWasmReader, readInst, type WasmReader } from "./reader.ts";

/** A body; line is the first row in lines that may belong to the function. */
export function printWasmBody(w: WasmModule, f: WasmFunc, index: number, line: number): string {
  const is64 = w.memories.length > 0 && w.memories[0].limits.is64;
  const r = newWasmReader(f.body, 0, f.body.len, is64);
  let text = "";
  let depth = 1;
  let row = line;
  let reloc = 0;
  while (readInst(r)) {
    while (row < w.lines.length && w.lines[row].func === index && w.lines[row].offset <= r.opAt) {
      text += lineText(w, row);
      row += 1;
    }
    if (r.op === WasmOp.end || r.op === WasmOp.else) depth -= 1;
    for (let i = 0; i < depth && i < 40; i++) text += "  ";
    text += wasmOps.names[r.op] + immediateText(w, r);
    while (reloc < f.relocs.length && f.relocs[reloc].offset < r.at) {
      text += "  " + wasmRelocText(w, f.relocs[reloc]);
      reloc += 1;
    }
    text += "\n";
    if (r.op === WasmOp.block || r.op === WasmOp.loop || r.op === WasmOp.if || r.op === WasmOp.else) depth += 1;
  }
  while (row < w.lines.length && w.lines[row].func === index) {
    text += lineText(w, row);
    row += 1;
  }
  return r.problem === "" ? text : text + "  ;; " + r.problem + "\n";
}

function lineText(w: WasmModule, row: number): string {
  const l = w.lines[row];
  return "  ;; " + l.offset + " " + w.lineFiles[l.file] + ":" + l.line + ":" + l.column + "\n";
}

function immediateText(w: WasmModule, r: WasmReader): string {
  switch (wasmOps.imm[r.op]) {
    case WasmImm.none: case WasmImm.memory: case WasmImm.memory_memory: return "";
    case WasmImm.block: return blockTypeText(r.first);
    case WasmImm.labels: return listText(r.list);
    case WasmImm.types: return " " + typeListText(r.list);
    case WasmImm.func: return " " + r.first + " " + funcNameText(w, r.first);
    case WasmImm.mem0: case WasmImm.mem1: case WasmImm.mem2: case WasmImm.mem3: return " offset=" + textI64(r.imm) + " align=" + r.first;
    case WasmImm.i32: case WasmImm.i64: return " " + textI64(r.imm);
    case WasmImm.f32: return " 0x" + hexI64(r.imm, 8);
    case WasmImm.f64: return " 0x" + hexI64(r.imm, 16);
    case WasmImm.reftype: return " " + wasmTypeName(r.first);
    case WasmImm.type_table: case WasmImm.elem_table: case WasmImm.table_table: return " " + r.first + " " + r.second;
    default: return " " + r.first;
  }
}

function funcNameText(w: WasmModule, index: number): string {
  return index < w.funcs.length ? quoteWasm(w.funcs[index].name) : "";
}

function blockTypeText(type: number): string {
  if (type === EMPTY_BLOCK) return "";
  if (type >= 0) return " type " + type;
  return " " + wasmTypeName(type === -16 ? WasmType.funcref : type === -17 ? WasmType.externref : 0 - type);
}

function listText(list: number[]): string {
  let text = "";
  for (const n of list) text += " " + n;
  return text;
}

function typeListText(types: number[]): string {
  let text = "";
  for (let i = 0; i < types.length; i++) text += (i > 0 ? " " : "") + wasmTypeName(types[i]);
  return text;
}
