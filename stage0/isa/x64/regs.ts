// The registers of x86-64 and the System V calling convention.
// Integer registers are 0 to 15 in the order of their encoding, xmm0 to xmm15 are 16 to 31. rsp is the stack
// pointer; r11 and xmm15 are kept back for moves. Results beyond C's two of a kind go to further registers.

import type { RegEnv } from "../../regalloc/function.ts";
import type { CallConv } from "../../mach/abi.ts";

export const RAX = 0;
export const RCX = 1;
export const RSP = 4;
export const R10 = 10;
export const R11 = 11;
export const XMM0 = 16;
export const XMM15 = 31;

export const x64RegNames = [
  "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
];

const callerSaved = [0, 1, 2, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31];

/** By register: a function leaves it as it was. */
export const x64CalleeSaved = calleeSavedTable();

function calleeSavedTable(): boolean[] {
  const saved: boolean[] = [];
  for (let p = 0; p < x64RegNames.length; p++) saved.push(p !== RSP);
  for (const p of callerSaved) saved[p] = false;
  return saved;
}

const regClasses = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
const intOrder = [0, 1, 2, 6, 7, 8, 9, 10, 3, 5, 12, 13, 14, 15];
const floatOrder = [16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30];

/** What the allocator may give out: caller-saved registers first. */
export const x64RegEnv: RegEnv = {
  names: x64RegNames,
  pregClass: regClasses,
  order: [intOrder, floatOrder],
  clobberSets: [callerSaved],
  cycleScratch: R11,
  stackScratch: XMM15,
};

const intArgRegs = [7, 6, 2, 1, 8, 9];
const intResultRegs = [0, 2, 1, 6, 7, 8, 9, 10];
const floatRegs = [16, 17, 18, 19, 20, 21, 22, 23];

/** System V: integer arguments, float arguments; results start with C's registers. */
export const x64CallConv: CallConv = {
  intArgs: intArgRegs,
  floatArgs: floatRegs,
  intResults: intResultRegs,
  floatResults: floatRegs,
  clobber: 0,
};

/** Condition codes, as they are added to an opcode. */
export const Cc = { o: 0, no: 1, b: 2, ae: 3, e: 4, ne: 5, be: 6, a: 7, s: 8, ns: 9, p: 10, np: 11, l: 12, ge: 13, le: 14, g: 15 };

export const ccNames = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];

/** The opposite condition. */
export function invertCc(cc: number): number {
  return cc ^ 1;
}
