// What C does not take: values that it has no type for.
// In -> out: a program, to errors at the functions that hand such a value to C or take one from there, and at the types of C's
// functions. Which registers C takes for a packed struct is not said anywhere. A weak reference is counted where it lies, which
// C cannot do; what it reads as goes there like other pointers.

import { report } from "../base/diag.ts";
import type { Checker } from "./checker.ts";
import { FuncKind } from "./tree.ts";
import { Kind } from "./types.ts";

/** What a value of a type has in it: nothing that matters to C, or what it does not take. */
const Held = { fine: 0, packed: 1, weak: 2 };

/** What a value of a type has in it, not behind a pointer; `known` has the types that were looked into. */
function heldInC(c: Checker, type: number, known: Map<number, number>): number {
  const found = known.get(type);
  if (found !== undefined) return found;
  known.set(type, Held.fine);
  const info = c.types.list[type];
  let held = Held.fine;
  switch (info.kind) {
    case Kind.weak: held = Held.weak; break;
    case Kind.array: case Kind.optional: case Kind.error_union: case Kind.distinct: held = heldInC(c, info.elem, known); break;
    case Kind.struct: case Kind.tuple: case Kind.union:
      if (info.isPacked) held = Held.packed;
      for (const part of info.fields) if (held === Held.fine) held = heldInC(c, part.type, known);
      break;
    default: break;
  }
  known.set(type, held);
  return held;
}

/** Reports functions that hand to C, or take from there, by value what C does not take. */
export function checkValuesInC(c: Checker): void {
  const known: Map<number, number> = new Map();
  for (const f of c.funcs) {
    if (f.kind !== FuncKind.extern && f.kind !== FuncKind.export) continue;
    let held = heldInC(c, f.result, known);
    for (const p of f.params) if (held === Held.fine) held = heldInC(c, f.locals[p].type, known);
    refuseInC(c, held, f.pos);
  }
  for (const info of c.types.list) {
    if (info.kind !== Kind.extern_fn) continue;
    let held = heldInC(c, info.elem, known);
    for (const p of info.params) if (held === Held.fine) held = heldInC(c, p, known);
    refuseInC(c, held, info.pos);
  }
}

function refuseInC(c: Checker, held: number, pos: number): void {
  if (held === Held.packed) report(c.diags, pos, "bad-type", "a packed struct does not go to or from C by value; pass a pointer to it");
  else if (held === Held.weak) report(c.diags, pos, "bad-type", "a weak reference does not go to or from C; pass the '?*T' that it reads as");
}
