// Machine instructions before they are bytes: a row of the instruction table and what fills it.
// Registers are virtual until the allocator has placed them; regs has one entry for each slot of the row and,
// when the instruction has a memory operand, two more for base and index (-1: not there).

/** Where a memory operand is. base and index are registers of the instruction. */
export const MemKind = {
  /** base + index * scale + disp. */
  address: 0,
  /** A slot of the function's own frame: id + disp (+ index * scale). */
  slot: 1,
  /** The stack arguments that this function was given, from their first byte. */
  incoming: 2,
  /** The stack arguments of the next call, from their first byte. */
  outgoing: 3,
  /** A symbol plus disp, relative to the instruction. */
  symbol: 4,
  /** The entry of the global offset table that holds a symbol's address. */
  got: 5,
  /** A constant of the pool, by its index. */
  pool: 6,
};

export interface MemRef {
  kind: number;
  /** A slot, symbol or pool index; else -1. */
  id: number;
  scale: number;
  disp: number;
}

/** Registers that a call, return or entry fixes besides its row's slots. */
export interface Pins {
  uses: number[];
  useRegs: number[];
  defs: number[];
  defRegs: number[];
  /** Index of a set of destroyed registers, or -1. */
  clobber: number;
}

export interface MachInst {
  /** Row id. */
  op: number;
  regs: number[];
  mem: MemRef | null;
  pins: Pins | null;
  imm: number;
  /** The upper half of a 64-bit immediate. */
  immHigh: number;
  /** Condition code, or -1. A second one (float equality) in imm of a branch, or -1. */
  cc: number;
  /** A symbol, a trap code, or -1. */
  sym: number;
  /** Blocks that a terminator goes to, in vcode numbering. */
  targets: number[];
  pos: number;
}

/** An instruction with its registers. */
export function newMachInst(op: number, regs: number[], pos: number): MachInst {
  return { op: op, regs: regs, mem: null, pins: null, imm: 0, immHigh: 0, cc: -1, sym: -1, targets: [], pos: pos };
}

/** Pins without entries. */
export function newPins(clobber: number): Pins {
  return { uses: [], useRegs: [], defs: [], defRegs: [], clobber: clobber };
}
