// The contract of the allocator: what it is told of a function and of the machine, and what it answers.
// It knows no instruction: only blocks, operands, clobbered registers and which instructions are plain moves.
// Invariants of the input: each virtual register has one definition (an operand or a block param), which
// dominates its uses; no edge goes from a block with several ways out to one with several ways in; args are
// passed only by a block with one way out, whose last instruction has no operands.

export interface RegBlock {
  /** Instructions first <= i < end, never empty. */
  first: number;
  end: number;
  preds: number[];
  succs: number[];
  params: number[];
  /** What the params of the only successor become. */
  args: number[];
  /** Loop nesting. */
  depth: number;
}

export interface RegFunc {
  blocks: RegBlock[];
  instCount: number;
  /** By instruction: its first operand; one entry more at the end. */
  opStart: number[];
  opVreg: number[];
  opRole: number[];
  opArg: number[];
  /** By instruction: a set of the environment that it destroys, or -1. */
  clobber: number[];
  /** By instruction: a plain move, operand 0 written, operand 1 read. */
  isMove: boolean[];
  /** By virtual register. */
  vregClass: number[];
}

/** What the machine offers. Classes are 0 (integer) and 1 (float). */
export interface RegEnv {
  /** By physical register. */
  names: string[];
  pregClass: number[];
  /** By class: the registers to give out, in order of preference. */
  order: number[][];
  clobberSets: number[][];
  /** A register that is never given out, to break cycles of moves of either class. */
  cycleScratch: number;
  /** A register that is never given out, for moves from stack to stack. */
  stackScratch: number;
}

/** When a move happens at an instruction. */
export const MoveStage = { blockStart: 0, before: 1, blockEnd: 2, after: 3 };

/** A place is a physical register p as p, or spill slot s as pregCount + s. */
export interface RegMove {
  inst: number;
  stage: number;
  from: number;
  to: number;
}

export interface RegResult {
  /** By operand: its place. */
  place: number[];
  /** In program order, each a single move. */
  moves: RegMove[];
  slotCount: number;
}

/** A function without content. */
export function newRegFunc(): RegFunc {
  return { blocks: [], instCount: 0, opStart: [0], opVreg: [], opRole: [], opArg: [], clobber: [], isMove: [], vregClass: [] };
}

/** Adds an operand to the instruction that is being added. */
export function addOperand(f: RegFunc, vreg: number, role: number, arg: number): void {
  f.opVreg.push(vreg);
  f.opRole.push(role);
  f.opArg.push(arg);
}

/** Ends the instruction whose operands were added. */
export function endRegInst(f: RegFunc, clobber: number, isMove: boolean): void {
  f.clobber.push(clobber);
  f.isMove.push(isMove);
  f.opStart.push(f.opVreg.length);
  f.instCount += 1;
}

/** The name of a place: a register or "[s3]". */
export function placeName(env: RegEnv, place: number): string {
  if (place < 0) return "-";
  if (place < env.names.length) return env.names[place];
  return "[s" + (place - env.names.length) + "]";
}
