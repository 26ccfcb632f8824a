// The custom sections of the relocatable form (Wasm tool conventions, "Linking").
// In -> out: symbols, segment facts, start-up functions and relocations of a module, appended to its bytes:
//   linking     version 2: 8 symbol table, 5 segment info, 6 init functions
//   reloc.CODE, reloc.DATA
//   name
//   c-abi       version 1; count; for each variadic C function its symbol and the number of fixed parameters.
//               Then a count; for each function type through which C passes a struct: the type, a count, and for each
//               parameter that does not stand alone its index and its place (1: joined to the one before it, both in
//               registers or both on the stack; else the size of the struct at that address, which is copied to the
//               stack). Such a type stands apart from a plain one of the same parameters.
//   lines       version 1; file names; count of functions; for each its symbol, a count of rows, and rows (base/line_rows);
//               offsets count from the first instruction. The first row of a function may be the place of its declaration.
//               A module without symbols has version 2: functions by index.
// Version and counts are unsigned LEB128 numbers.

import { appendBytes, appendU8, type Bytes, newBytes } from "../base/bytes.ts";
import { appendLebS64, appendLebU32 } from "../base/leb128.ts";
import { appendLineRow, newLineRows } from "../base/line_rows.ts";
import { appendCustom, appendNameSection, appendWasmName, type WasmOutput } from "./encode.ts";
import { isAddressReloc, symbolsOfFuncs, type WasmModule, type WasmReloc, type WasmSymbol, WasmSymFlag, WasmSymKind } from "./module.ts";

/** Adds the custom sections of a relocatable module. */
export function appendLinkSections(out: WasmOutput): void {
  appendLinking(out);
  appendCodeRelocs(out);
  appendDataRelocs(out);
  appendNameSection(out);
  appendCAbi(out);
  appendLines(out, true);
  for (const c of out.module.customs) appendCustom(out, c.name, c.bytes);
}

function appendLinking(out: WasmOutput): void {
  const w = out.module;
  const b = newBytes();
  appendLebU32(b, 2);
  const symbols = newBytes();
  appendLebU32(symbols, w.symbols.length);
  for (const s of w.symbols) appendSymbol(symbols, s);
  appendSubsection(b, 8, symbols);
  if (w.segments.length > 0) {
    const info = newBytes();
    appendLebU32(info, w.segments.length);
    for (const s of w.segments) {
      appendWasmName(info, s.name);
      appendLebU32(info, s.align);
      appendLebU32(info, s.flags);
    }
    appendSubsection(b, 5, info);
  }
  if (w.inits.length > 0) {
    const inits = newBytes();
    appendLebU32(inits, w.inits.length);
    for (const i of w.inits) {
      appendLebU32(inits, i.priority);
      appendLebU32(inits, i.symbol);
    }
    appendSubsection(b, 6, inits);
  }
  appendCustom(out, "linking", b);
}

function appendSubsection(b: Bytes, id: number, content: Bytes): void {
  appendU8(b, id);
  appendLebU32(b, content.len);
  appendBytes(b, content);
}

function appendSymbol(b: Bytes, s: WasmSymbol): void {
  const defined = (s.flags & WasmSymFlag.undefined) === 0;
  appendU8(b, s.kind);
  appendLebU32(b, s.flags);
  if (s.kind === WasmSymKind.data) {
    appendWasmName(b, s.name);
    if (!defined) return;
    appendLebU32(b, s.index);
    appendLebU32(b, s.offset);
    appendLebU32(b, s.size);
    return;
  }
  appendLebU32(b, s.index);
  if (s.kind !== WasmSymKind.section && (defined || (s.flags & WasmSymFlag.explicit_name) !== 0)) appendWasmName(b, s.name);
}

function appendReloc(b: Bytes, r: WasmReloc, base: number): void {
  appendU8(b, r.type);
  appendLebU32(b, base + r.offset);
  appendLebU32(b, r.index);
  if (isAddressReloc(r.type)) appendLebS64(b, r.addend);
}

function appendRelocSection(out: WasmOutput, name: string, section: number, count: number, relocs: Bytes): void {
  if (count === 0) return;
  const b = newBytes();
  appendLebU32(b, section);
  appendLebU32(b, count);
  appendBytes(b, relocs);
  appendCustom(out, name, b);
}

function appendCodeRelocs(out: WasmOutput): void {
  const b = newBytes();
  let count = 0;
  let defined = 0;
  for (const f of out.module.funcs) {
    if (f.imported) continue;
    for (const r of f.relocs) appendReloc(b, r, out.bodyStarts[defined]);
    count += f.relocs.length;
    defined += 1;
  }
  appendRelocSection(out, "reloc.CODE", out.codeSection, count, b);
}

function appendDataRelocs(out: WasmOutput): void {
  const b = newBytes();
  let count = 0;
  for (let i = 0; i < out.module.segments.length; i++) {
    for (const r of out.module.segments[i].relocs) appendReloc(b, r, out.segmentStarts[i]);
    count += out.module.segments[i].relocs.length;
  }
  appendRelocSection(out, "reloc.DATA", out.dataSection, count, b);
}

function appendCAbi(out: WasmOutput): void {
  const w = out.module;
  const placed = newBytes();
  const count = appendPlacedTypes(placed, w);
  if (w.variadics.length === 0 && count === 0) return;
  const b = newBytes();
  appendLebU32(b, 1);
  appendLebU32(b, w.variadics.length);
  for (const v of w.variadics) {
    appendLebU32(b, v.symbol);
    appendLebU32(b, v.fixed);
  }
  appendLebU32(b, count);
  appendBytes(b, placed);
  appendCustom(out, "c-abi", b);
}

/** The types with places; how many there are. */
function appendPlacedTypes(b: Bytes, w: WasmModule): number {
  let count = 0;
  for (let i = 0; i < w.types.length; i++) {
    const facts = newBytes();
    const places = w.types[i].places;
    let params = 0;
    for (let k = 0; k < places.length; k++) {
      if (places[k] === 0) continue;
      appendLebU32(facts, k);
      appendLebU32(facts, places[k]);
      params += 1;
    }
    if (params === 0) continue;
    appendLebU32(b, i);
    appendLebU32(b, params);
    appendBytes(b, facts);
    count += 1;
  }
  return count;
}

/** The section `lines`; functions are named by symbol or by index. */
export function appendLines(out: WasmOutput, bySymbol: boolean): void {
  const w = out.module;
  if (w.lines.length === 0) return;
  const b = newBytes();
  appendLebU32(b, bySymbol ? 1 : 2);
  appendLebU32(b, w.lineFiles.length);
  for (const f of w.lineFiles) appendWasmName(b, f);
  const symbols = bySymbol ? symbolsOfFuncs(w) : [];
  const rows = newBytes();
  let funcs = 0;
  let i = 0;
  while (i < w.lines.length) {
    const func = w.lines[i].func;
    appendLebU32(rows, bySymbol ? symbols[func] : func);
    i = appendFuncLines(rows, w, i);
    funcs += 1;
  }
  appendLebU32(b, funcs);
  appendBytes(b, rows);
  appendCustom(out, "lines", b);
}

/** The rows of the function that row `from` belongs to; the index after them. */
function appendFuncLines(b: Bytes, w: WasmModule, from: number): number {
  const func = w.lines[from].func;
  let to = from;
  while (to < w.lines.length && w.lines[to].func === func) to += 1;
  appendLebU32(b, to - from);
  const rows = newLineRows();
  for (let i = from; i < to; i++) appendLineRow(rows, w.lines[i].offset, w.lines[i].file, w.lines[i].line, w.lines[i].column);
  appendBytes(b, rows.bytes);
  return to;
}
