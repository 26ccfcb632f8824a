// The disassembler: a function's bytes as text, from the bytes alone and the relocations beside them.
// In -> out: machine code, to lines "OFFSET  BYTES  INSTRUCTION", a label in front of each place that is jumped
// to, relocations and traps behind their instruction. Everything that goes into the object is in the text.

import { readU32, readU8 } from "../base/bytes.ts";
import { bug } from "../base/bug.ts";
import { hexI64, i64From } from "../base/int64.ts";
import type { SsaModule } from "../ssa/module.ts";
import { type CodeReloc, CodeRelocKind, type TrapEntry } from "./buffer.ts";
import type { MachCode } from "./emit.ts";
import type { Decoded, Isa } from "./isa.ts";

const relocNames = ["pc", "call", "got", "pool", "label"];

/** The listing of a function. */
export function disassembleCode(isa: Isa, m: SsaModule, c: MachCode): string {
  const lines: Decoded[] = [];
  const offsets: number[] = [];
  const isTarget: Map<number, number> = new Map();
  let at = 0;
  while (at < c.codeSize) {
    const d = isa.decode(c.bytes, at);
    if (d.length === 0) bug("cannot decode the instruction at " + at);
    if (d.target >= 0) isTarget.set(d.target, 1);
    lines.push(d);
    offsets.push(at);
    at += d.length;
  }
  let text = m.symbols[c.sym].name + ":\n";
  let reloc = 0;
  let trap = 0;
  let row = 0;
  for (let k = 0; k < lines.length; k++) {
    const line = lines[k];
    const start = offsets[k];
    const end = start + line.length;
    if (isTarget.has(start)) text += "L" + start + ":\n";
    text += "  " + hexI64(i64From(start), 4) + "  " + bytesText(c, start, end) + "  " + line.text;
    if (line.target >= 0) text += "L" + line.target;
    while (reloc < c.relocs.length && c.relocs[reloc].offset < end) {
      text += "  ; " + relocText(m, c.relocs[reloc]);
      reloc += 1;
    }
    while (trap < c.traps.length && c.traps[trap].offset < end) {
      text += trapText(c.traps[trap]);
      trap += 1;
    }
    while (row < c.lines.length && c.lines[row].offset < end) {
      text += "  ; @" + c.lines[row].pos;
      row += 1;
    }
    text += "\n";
  }
  let table = c.codeSize;
  while (table < c.bytes.len) {
    text += "  " + hexI64(i64From(table), 4) + "  table " + readU32(c.bytes, table) + "\n";
    table += 4;
  }
  for (let k = 0; k < c.pool.length; k++) {
    const constant = c.pool[k];
    text += "  pool" + k + "  " + constant.size + "  0x" + hexI64(constant.low, 16) + " 0x" + hexI64(constant.high, 16) + "\n";
  }
  return text;
}

function bytesText(c: MachCode, from: number, to: number): string {
  let text = "";
  for (let k = from; k < to; k++) text += (k > from ? " " : "") + hexI64(i64From(readU8(c.bytes, k)), 2);
  while (text.length < 32) text += " ";
  return text;
}

function relocText(m: SsaModule, r: CodeReloc): string {
  const name = r.kind === CodeRelocKind.pool ? "pool" + r.sym : m.symbols[r.sym].name;
  return relocNames[r.kind] + " " + name + (r.addend < 0 ? "" : "+") + r.addend;
}

function trapText(t: TrapEntry): string {
  return "  ; trap " + t.code + " at " + t.pos;
}
