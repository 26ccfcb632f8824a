// What the shared half of the back end knows of a machine: one record of tables and functions.
// A second machine gives a record of the same shape.

import type { Bytes } from "../base/bytes.ts";
import type { I64 } from "../base/int64.ts";
import type { RegEnv, RegMove } from "../regalloc/function.ts";
import type { CallConv } from "./abi.ts";
import type { CodeBuffer } from "./buffer.ts";
import type { Emitter } from "./emit.ts";
import type { MachInst } from "./inst.ts";
import type { Lowering } from "./lower.ts";
import type { RuleSet } from "./select.ts";
import type { InstTable } from "./table.ts";

/** One decoded instruction. */
export interface Decoded {
  text: string;
  length: number;
  /** The offset that it jumps to, or -1; the text then ends in a blank for it. */
  target: number;
}

export interface Isa {
  name: string;
  table: InstTable;
  rules: RuleSet;
  env: RegEnv;
  conv: CallConv;
  /** By physical register: a function must leave it as it was. */
  calleeSaved: boolean[];
  /** Lowers an instruction that its rule leaves to a function. */
  lowerSpecial: (l: Lowering, special: number, inst: number) => void;
  /** An integer or float constant, or the address of a symbol or slot, in a new register. */
  lowerConstant: (l: Lowering, regClass: number, is32: boolean, value: I64) => number;
  lowerSymbolAddress: (l: Lowering, sym: number, offset: I64) => number;
  lowerSlotAddress: (l: Lowering, slot: number, offset: I64) => number;
  /** The entry of a function: its arguments in their registers. */
  lowerParams: (l: Lowering) => void;
  emitPrologue: (e: Emitter) => void;
  emitInst: (e: Emitter, inst: MachInst) => void;
  emitMove: (e: Emitter, m: RegMove) => void;
  emitTrap: (b: CodeBuffer, code: number, pos: number) => void;
  /** Fills code up to an alignment. */
  emitPadding: (out: Bytes, align: number) => void;
  /** Decodes the instruction at an offset; length 0 when it is none of the table. */
  decode: (code: Bytes, at: number) => Decoded;
}
