// The text of a Wasm module: all that encode, link and translate read.
// In -> out: a module, to lines in the manner of the text format: index spaces in order, bodies indented by their
// constructs, floats as bits. A relocation stands after its instruction as "@offset type symbol+addend", a row of
// lines before its instruction as ";; offset file:line:column".

import { appendText, type Bytes, newBytes, readU8, textOfByte, textOfBytes } from "../base/bytes.ts";
import { eqI64, hexI64, i64From, type I64, ltI64, textI64 } from "../base/int64.ts";
import { placedText } from "../ssa/module.ts";
import { printWasmBody } from "./print_body.ts";
import { type ConstExpr, isAddressReloc, SegmentMode, type WasmElem, type WasmExport, type WasmFunc, type WasmImport, WasmKind, type WasmLimits, type WasmModule, type WasmReloc, type WasmSegment, type WasmSig, type WasmSymbol, WasmSymKind } from "./module.ts";
import { WasmOp, wasmOps, wasmTypeName } from "./opcodes.ts";
import { newWasmReader, readInst } from "./reader.ts";

const kindNames = ["func", "table", "memory", "global"];
const symbolKindNames = ["func", "data", "global", "section", "tag", "table"];
const relocNames = [
  "function_index_leb", "table_index_sleb", "table_index_i32", "memory_addr_leb", "memory_addr_sleb", "memory_addr_i32", "type_index_leb",
  "global_index_leb", "", "", "", "", "", "", "memory_addr_leb64", "memory_addr_sleb64", "memory_addr_i64", "", "table_index_sleb64", "table_index_i64",
];
const modeNames = ["active", "passive", "declarative"];

/** The whole module. */
export function printWasm(w: WasmModule): string {
  const out = newBytes();
  appendText(out, w.relocatable ? "module relocatable\n" : "module\n");
  for (let i = 0; i < w.types.length; i++) appendText(out, "type " + i + " " + wasmSigText(w.types[i]) + "\n");
  for (const i of w.imports) appendText(out, importText(w, i));
  for (let i = 0; i < w.tables.length; i++) appendText(out, "table " + i + " " + wasmTypeName(w.tables[i].type) + " " + limitsText(w.tables[i].limits) + importedText(w.tables[i].imported) + "\n");
  for (let i = 0; i < w.memories.length; i++) appendText(out, "memory " + i + " " + limitsText(w.memories[i].limits) + importedText(w.memories[i].imported) + "\n");
  for (let i = 0; i < w.globals.length; i++) appendText(out, globalText(w, i));
  for (const e of w.exports) appendText(out, exportText(e));
  if (w.start >= 0) appendText(out, "start " + w.start + "\n");
  for (let i = 0; i < w.elems.length; i++) appendText(out, elemText(w.elems[i], i));
  if (w.dataCount >= 0) appendText(out, "data count " + w.dataCount + "\n");
  for (let i = 0; i < w.symbols.length; i++) appendText(out, symbolText(w.symbols[i], i));
  for (const i of w.inits) appendText(out, "init " + i.priority + " " + quoteWasm(w.symbols[i.symbol].name) + " symbol " + i.symbol + "\n");
  for (const v of w.variadics) appendText(out, "variadic " + quoteWasm(w.symbols[v.symbol].name) + " symbol " + v.symbol + " from " + v.fixed + "\n");
  for (let i = 0; i < w.lineFiles.length; i++) appendText(out, "file " + i + " " + quoteWasm(w.lineFiles[i]) + "\n");
  for (let i = 0; i < w.segments.length; i++) appendText(out, segmentText(w, w.segments[i], i));
  let line = 0;
  for (let i = 0; i < w.funcs.length; i++) {
    appendText(out, printWasmFunc(w, i, line));
    while (line < w.lines.length && w.lines[line].func === i) line += 1;
  }
  for (const c of w.customs) appendText(out, "custom " + quoteWasm(c.name) + " " + c.bytes.len + " bytes\n" + bytesText(c.bytes));
  return textOfBytes(out, 0, out.len);
}

/** A function; line is its first row in lines, if it has any. */
export function printWasmFunc(w: WasmModule, index: number, line: number): string {
  const f = w.funcs[index];
  let text = "func " + index + " " + quoteWasm(f.name) + " type " + f.type + localsText(f) + importedText(f.imported) + "\n";
  if (!f.imported) text += printWasmBody(w, f, index, line);
  return text;
}

function localsText(f: WasmFunc): string {
  let text = "";
  for (let i = 0; i < f.localCounts.length; i++) text += (i === 0 ? " locals " : ", ") + f.localCounts[i] + " " + wasmTypeName(f.localTypes[i]);
  return text;
}

/** A signature: "(i32, i64) -> i64"; "+" joins a parameter to the one before it, ":24" is the size of a copied struct. */
export function wasmSigText(s: WasmSig): string {
  let text = "(";
  for (let i = 0; i < s.params.length; i++) text += (i > 0 ? ", " : "") + placedText(wasmTypeName(s.params[i]), i < s.places.length ? s.places[i] : 0);
  text += ")";
  for (let i = 0; i < s.results.length; i++) text += (i > 0 ? ", " : " -> ") + wasmTypeName(s.results[i]);
  return text;
}

/** A name in quotes; bytes that would break the line are escaped. */
export function quoteWasm(name: string): string {
  let text = "\"";
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    if (c < 32 || c === 127 || c === 34 || c === 92) text += "\\" + hexI64(i64From(c), 2);
    else text += name.slice(i, i + 1);
  }
  return text + "\"";
}

function importedText(imported: boolean): string {
  return imported ? " imported" : "";
}

function limitsText(l: WasmLimits): string {
  return (l.is64 ? "i64 " : "i32 ") + textI64(l.min) + (l.hasMax ? " " + textI64(l.max) : "");
}

function importText(w: WasmModule, i: WasmImport): string {
  const type = i.kind === WasmKind.func ? " " + wasmSigText(w.types[w.funcs[i.index].type]) : "";
  return "import " + quoteWasm(i.module) + " " + quoteWasm(i.name) + " " + kindNames[i.kind] + " " + i.index + type + "\n";
}

function exportText(e: WasmExport): string {
  return "export " + quoteWasm(e.name) + " " + kindNames[e.kind] + " " + e.index + "\n";
}

function globalText(w: WasmModule, index: number): string {
  const g = w.globals[index];
  const init = g.imported ? "" : " = " + constText(g.init);
  return "global " + index + " " + quoteWasm(g.name) + (g.mutable ? " mut " : " ") + wasmTypeName(g.type) + init + importedText(g.imported) + "\n";
}

function constText(e: ConstExpr): string {
  const r = newWasmReader(e.code, 0, e.code.len, true);
  let text = "";
  while (readInst(r) && r.op !== WasmOp.end) {
    if (text !== "") text += "; ";
    text += wasmOps.names[r.op];
    if (r.op === WasmOp.i32_const || r.op === WasmOp.i64_const) text += " " + textI64(r.imm);
    else if (r.op === WasmOp.f32_const || r.op === WasmOp.f64_const) text += " 0x" + hexI64(r.imm, 8);
    else text += " " + r.first;
  }
  return text;
}

function elemText(e: WasmElem, index: number): string {
  let text = "elem " + index + " " + modeNames[e.mode] + " " + wasmTypeName(e.type);
  if (e.mode === SegmentMode.active) text += " table " + e.table + " at " + constText(e.offset);
  for (let i = 0; i < e.funcs.length; i++) text += (i % 16 === 0 ? "\n  " : " ") + e.funcs[i];
  for (const x of e.exprs) text += "\n  " + constText(x);
  return text + "\n";
}

function symbolText(s: WasmSymbol, index: number): string {
  let text = "symbol " + index + " " + symbolKindNames[s.kind] + " " + quoteWasm(s.name) + " flags " + s.flags + " index " + s.index;
  if (s.kind === WasmSymKind.data) text += " offset " + s.offset + " size " + s.size;
  return text + "\n";
}

/** A relocation: "@offset type symbol+addend". */
export function wasmRelocText(w: WasmModule, r: WasmReloc): string {
  const name = r.type < relocNames.length ? relocNames[r.type] : "";
  const text = "@" + r.offset + " " + name;
  if (name === "" || name === "type_index_leb") return text + " " + r.index;
  const named = text + " " + quoteWasm(w.symbols[r.index].name) + " symbol " + r.index;
  return isAddressReloc(r.type) ? named + addendText(r.addend) : named;
}

function addendText(addend: I64): string {
  if (eqI64(addend, i64From(0))) return "";
  return (ltI64(addend, i64From(0)) ? " " : " +") + textI64(addend);
}

function segmentText(w: WasmModule, s: WasmSegment, index: number): string {
  let text = "data " + index + " " + quoteWasm(s.name) + " " + modeNames[s.mode] + " size " + s.size + " align " + s.align + " flags " + s.flags;
  if (s.mode === SegmentMode.active) text += " memory " + s.memory + " at " + constText(s.offset);
  text += "\n" + bytesText(s.bytes);
  for (const r of s.relocs) text += "  " + wasmRelocText(w, r) + "\n";
  return text;
}

function bytesText(bytes: Bytes): string {
  let text = "";
  for (let from = 0; from < bytes.len; from += 16) {
    let hex = "";
    let shown = "";
    for (let at = from; at < from + 16 && at < bytes.len; at++) {
      const c = readU8(bytes, at);
      hex += hexI64(i64From(c), 2) + " ";
      shown += c >= 32 && c < 127 ? textOfByte(c) : ".";
    }
    text += "  " + hex + " |" + shown + "|\n";
  }
  return text;
}
