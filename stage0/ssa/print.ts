// The text of functions and modules in SSA form; test/kit reads it back.
// In -> out: an SsaModule, to text that shows everything the next stage reads. Floats print as their bits,
// values as v3, blocks as block1, symbols by name; aliases are resolved on the way.
//
//   func std/list.f (i64, i32) -> i64 {  ; @120
//     slot0 16 align 8
//   block0(v0: i64, v1: i32):
//     v2: i64 = iadd v0, v0
//     store.i64 v0, v2, 8
//     brif v1, block1(v2), block2
//   }
//
// A position is what the module's builder gave; where it is a row of the module's lines, the place follows.

import { eqI64, hexI64, i64From, textI64 } from "../base/int64.ts";
import { appendText, newBytes, readU8, textOfByte, textOfBytes } from "../base/bytes.ts";
import { containsText } from "../base/table.ts";
import { type Func, type Inst, lastInst, resolveValue, type Target } from "./function.ts";
import { Counting, type ModuleSymbol, sigText, type SsaModule, SymKind } from "./module.ts";
import { Extra, Op, opTable, Type, typeName, typeSize } from "./ops.ts";

/** The name of a symbol as dumps show it: quoted when it holds a blank. */
function symText(m: SsaModule, sym: number): string {
  const name = m.symbols[sym].name;
  return containsText(name, " ") || containsText(name, ",") ? "'" + name + "'" : name;
}

/** A whole function. */
export function printFunc(m: SsaModule, f: Func): string {
  const out = newBytes();
  appendText(out, "func " + symText(m, f.sym) + " " + sigText(m.sigs[f.sig]) + " {" + posText(m, f.pos) + "\n");
  for (let i = 0; i < f.slots.length; i++) appendText(out, "  slot" + i + " " + f.slots[i].size + " align " + f.slots[i].align + "\n");
  for (const b of f.order) appendText(out, printBlock(m, f, b));
  appendText(out, "}\n");
  return textOfBytes(out, 0, out.len);
}

function printBlock(m: SsaModule, f: Func, b: number): string {
  let text = "block" + b;
  const params = f.blocks[b].params;
  for (let k = 0; k < params.length; k++) {
    text += (k === 0 ? "(" : ", ") + "v" + params[k] + ": " + typeName(f.valueType[params[k]]);
  }
  text += params.length > 0 ? "):\n" : ":\n";
  const last = lastInst(f, b);
  for (const i of f.blocks[b].insts) text += "  " + printInst(m, f, f.insts[i], i === last ? f.blocks[b].targets : []) + "\n";
  return text;
}

/** One instruction with the ways out that it chooses from, without indentation. */
function printInst(m: SsaModule, f: Func, inst: Inst, targets: Target[]): string {
  let text = "";
  for (let k = 0; k < inst.resultCount; k++) {
    text += (k > 0 ? ", " : "") + "v" + (inst.result + k) + ": " + typeName(f.valueType[inst.result + k]);
  }
  if (inst.resultCount > 0) text += " = ";
  text += opTable.names[inst.op] + typeSuffix(inst);
  const extra = opTable.extra[inst.op];
  let separator = " ";
  if (extra === Extra.sym || extra === Extra.slot || extra === Extra.sig) {
    text += " " + subjectText(m, inst, extra);
    separator = ", ";
  }
  for (const a of inst.args) {
    text += separator + "v" + resolveValue(f, a);
    separator = ", ";
  }
  text += extraText(inst, extra, separator);
  for (const t of targets) {
    text += separator + targetText(f, t);
    separator = ", ";
  }
  return text + posText(m, inst.pos);
}

function posText(m: SsaModule, pos: number): string {
  if (pos < 0) return "";
  const text = "  ; @" + pos;
  if (pos >= m.lines.length) return text;
  const at = m.lines[pos];
  return text + " " + m.lineFiles[at.file] + ":" + at.line + ":" + at.column;
}

/** Ops whose type no result shows say it after a dot. */
function typeSuffix(inst: Inst): string {
  if (inst.type === Type.void) return "";
  if (opTable.result[inst.op] === "T") return "";
  const named = containsText(opTable.operands[inst.op], "T");
  return named ? "." + typeName(inst.type) : "";
}

function subjectText(m: SsaModule, inst: Inst, extra: number): string {
  let text = extra === Extra.sym ? symText(m, inst.sym) : extra === Extra.slot ? "slot" + inst.sym : sigText(m.sigs[inst.sym]);
  if (!eqI64(inst.imm, i64From(0))) text += " + " + textI64(inst.imm);
  return text;
}

function extraText(inst: Inst, extra: number, separator: string): string {
  if (extra === Extra.imm) {
    return " " + (inst.op === Op.fconst ? "0x" + hexI64(inst.imm, typeSize(inst.type) * 2) : textI64(inst.imm));
  }
  if (extra === Extra.code) return " " + textI64(inst.imm);
  if (extra === Extra.offset && !eqI64(inst.imm, i64From(0))) return separator + textI64(inst.imm);
  return "";
}

function targetText(f: Func, t: Target): string {
  let text = "block" + t.block;
  for (let k = 0; k < t.args.length; k++) text += (k === 0 ? "(" : ", ") + "v" + resolveValue(f, t.args[k]);
  return t.args.length > 0 ? text + ")" : text;
}

/** The symbols of a module: declarations and data, without function bodies. */
export function printSymbols(m: SsaModule): string {
  const out = newBytes();
  for (let i = 0; i < m.symbols.length; i++) {
    const s = m.symbols[i];
    appendText(out, s.kind === SymKind.data ? printData(m, s, i) : printFuncSymbol(m, s, i));
  }
  for (const f of m.initFuncs) appendText(out, "init " + symText(m, f) + "\n");
  for (const f of m.kept) appendText(out, "kept " + symText(m, f) + "\n");
  return textOfBytes(out, 0, out.len);
}

/** By Counting: the word for it in a dump. */
export const countingWords = ["", "retains", "releases", "retains_object", "retains_array", "retains_plain", "releases_plain", "reads_counts", "reads_object", "reads_array", "reads_plain"];

function printFuncSymbol(m: SsaModule, s: ModuleSymbol, id: number): string {
  let text = (s.defined ? "define " : "declare ") + symText(m, id) + " " + sigText(m.sigs[s.sig]);
  if (s.global) text += " global";
  if (!s.defined) text += " import " + s.importModule;
  if (s.outerName !== "") text += " as " + s.outerName;
  if (s.variadic >= 0) text += " variadic " + s.variadic;
  if (s.counting !== Counting.none) text += " " + countingWords[s.counting];
  return text + "\n";
}

function printData(m: SsaModule, s: ModuleSymbol, id: number): string {
  const sections = ["rodata", "relro", "data", "bss"];
  let text = "data " + symText(m, id) + " " + sections[s.section] + " size " + s.size + " align " + s.align;
  if (s.global) text += " global";
  if (!s.defined) return text + " undefined\n";
  text += "\n";
  for (let at = 0; at < s.bytes.len; at += 16) text += "  " + dataRow(s, at) + "\n";
  for (const r of s.relocs) text += "  reloc " + r.offset + " " + symText(m, r.sym) + " + " + r.addend + "\n";
  return text;
}

function dataRow(s: ModuleSymbol, from: number): string {
  let hex = "";
  let shown = "";
  for (let at = from; at < from + 16 && at < s.bytes.len; at++) {
    const c = readU8(s.bytes, at);
    hex += hexI64(i64From(c), 2) + " ";
    shown += c >= 32 && c < 127 ? textOfByte(c) : ".";
  }
  return hex + " |" + shown + "|";
}
