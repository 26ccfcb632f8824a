// The text of VCode: blocks with their params, one line an instruction, written registers in front of "=".
// In -> out: VCode, to text that shows every field that the allocator and the emission read.

import { textI64 } from "../base/int64.ts";
import { containsText } from "../base/table.ts";
import { isDefRole, roleName } from "../regalloc/operand.ts";
import type { SsaModule } from "../ssa/module.ts";
import { type MachInst, MemKind, type MemRef } from "./inst.ts";
import type { Isa } from "./isa.ts";
import type { VCode } from "./vcode.ts";

const memNames = ["", "slot", "incoming", "outgoing", "sym", "got", "pool"];

/** The text of a function. */
export function printVCode(isa: Isa, m: SsaModule, v: VCode): string {
  let text = "vcode " + m.symbols[v.sym].name + "  outgoing " + v.outgoing + " incoming " + v.incoming + (v.hasCalls ? " calls" : "") + (v.pos < 0 ? "" : "  ; " + v.pos) + "\n";
  for (let k = 0; k < v.slots.length; k++) text += "  slot" + k + " size " + v.slots[k].size + " align " + v.slots[k].align + "\n";
  for (let k = 0; k < v.pool.length; k++) text += "  pool" + k + " size " + v.pool[k].size + " " + textI64(v.pool[k].low) + " " + textI64(v.pool[k].high) + "\n";
  for (let b = 0; b < v.blocks.length; b++) {
    const block = v.blocks[b];
    text += "block" + b + typedList(v, block.params) + ":  depth " + block.depth + (v.cold[b] ? " cold" : "") + "\n";
    for (let i = block.first; i < block.end; i++) text += "  " + machInstText(isa, m, v.insts[i]) + "\n";
    if (block.args.length > 0) text += "  pass " + vregNames(block.args) + "\n";
  }
  return text;
}

function typedList(v: VCode, vregs: number[]): string {
  if (vregs.length === 0) return "";
  let text = "(";
  for (let k = 0; k < vregs.length; k++) text += (k > 0 ? ", v" : "v") + vregs[k] + (v.vregClass[vregs[k]] === 1 ? ": float" : ": int");
  return text + ")";
}

function vregNames(vregs: number[]): string {
  let text = "";
  for (let k = 0; k < vregs.length; k++) text += (k > 0 ? ", v" : "v") + vregs[k];
  return text;
}

/** The text of one instruction. */
export function machInstText(isa: Isa, m: SsaModule, inst: MachInst): string {
  const row = isa.table.rows[inst.op];
  let defs = "";
  let uses = "";
  for (let k = 0; k < row.slots.length; k++) {
    if (inst.regs[k] < 0) continue;
    const slot = row.slots[k];
    const fixed = slot.arg >= 0 && containsText(roleName(slot.role), "fixed") ? "@" + isa.env.names[slot.arg] : "";
    if (isDefRole(slot.role)) defs += (defs === "" ? "" : ", ") + "v" + inst.regs[k] + fixed;
    else uses += " v" + inst.regs[k] + fixed;
  }
  if (inst.pins !== null) {
    for (let k = 0; k < inst.pins.defs.length; k++) defs += (defs === "" ? "v" : ", v") + inst.pins.defs[k] + "@" + isa.env.names[inst.pins.defRegs[k]];
    for (let k = 0; k < inst.pins.uses.length; k++) uses += " v" + inst.pins.uses[k] + "@" + isa.env.names[inst.pins.useRegs[k]];
    if (inst.pins.clobber >= 0) uses += " clobbers " + inst.pins.clobber;
  }
  let text = (defs === "" ? "" : defs + " = ") + row.name;
  if (inst.cc >= 0) text += " cc" + inst.cc;
  if (inst.sym >= 0) text += row.name === "trap" || row.name === "trap.if" ? " trap" + inst.sym : " " + m.symbols[inst.sym].name;
  text += uses;
  if (inst.mem !== null) text += " " + memText(m, inst.mem, inst.regs[row.slots.length], inst.regs[row.slots.length + 1]);
  if (inst.imm !== 0 || inst.immHigh !== 0) text += " " + inst.imm + (inst.immHigh !== 0 ? ":" + inst.immHigh : "");
  for (let k = 0; k < inst.targets.length; k++) text += (k === 0 ? " block" : ", block") + inst.targets[k];
  if (inst.pos >= 0) text += "  ; " + inst.pos;
  return text;
}

function memText(m: SsaModule, mem: MemRef, base: number, index: number): string {
  let text = "[" + memNames[mem.kind];
  if (mem.kind === MemKind.symbol || mem.kind === MemKind.got) text += " " + m.symbols[mem.id].name;
  else if (mem.id >= 0) text += mem.id;
  if (base >= 0) text += "v" + base;
  if (index >= 0) text += "+v" + index + "*" + mem.scale;
  if (mem.disp !== 0) text += (mem.disp > 0 ? "+" : "") + mem.disp;
  return text + "]";
}
