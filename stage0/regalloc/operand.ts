// Operands: how an instruction wants each of its registers.
// In -> out: a role says when a value is needed and where it may be.
// Time runs in points, four to an instruction i: 4i before the moves in front of it, 4i+1 when it reads,
// 4i+2 when it writes, 4i+3 after the moves behind it. A fixed or reused input is only needed at 4i: a move
// in front of the instruction brings it where it must be, so an allocation never has two requirements.

/** How an operand is used; arg is what the comment names. */
export const Role = {
  /** Read from a register or the stack. */
  useAny: 0,
  /** Read from a register. */
  useReg: 1,
  /** Read from the register arg. */
  useFixed: 2,
  /** Moved before the instruction to the register of the definition that reuses it. */
  useReused: 3,
  /** The same value as the reused operand: read from the register of definition number arg. */
  useCopy: 4,
  /** Written to a register after all operands are read. */
  defReg: 5,
  /** Written before all operands are read. */
  defEarly: 6,
  /** Written to the register arg. */
  defFixed: 7,
  /** Written to the register that operand number arg was moved to. */
  defReuse: 8,
};

/** Whether a role writes the operand. */
export function isDefRole(role: number): boolean {
  return role >= Role.defReg;
}

/** The point at which an operand of instruction i is needed or made. */
export function rolePoint(role: number, i: number): number {
  switch (role) {
    case Role.useAny: return i * 4 + 1;
    case Role.useReg: return i * 4 + 1;
    case Role.useFixed: return i * 4;
    case Role.useReused: return i * 4;
    case Role.useCopy: return i * 4;
    case Role.defReg: return i * 4 + 2;
    case Role.defEarly: return i * 4 + 1;
    case Role.defFixed: return i * 4 + 3;
    default: return i * 4 + 1;
  }
}

/** Whether the value itself must be in a register at its point. */
export function roleNeedsReg(role: number): boolean {
  return role === Role.useReg || role === Role.defReg || role === Role.defEarly || role === Role.defReuse;
}

const roleNames = ["any", "reg", "fixed", "reused", "copy", "def", "early", "deffixed", "reuse"];

/** A short name of a role, for dumps. */
export function roleName(role: number): string {
  return roleNames[role];
}
