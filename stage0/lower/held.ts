// Payloads that a call or an arm works on in a variable of its own.
// In -> out: a place in the payload of a union, and the variable that check/payloads put beside its address, to a copy there before the
// call or arm and the copy back behind it. It goes back only if the union still has the variant; else the program panics. So what a
// pointer to a payload leads to is never read or written as another variant. What changes no variant works in place.

import { Conv, TOp, type TNode } from "../check/tree.ts";
import { changesVariants, treeChangesVariants } from "./changers.ts";
import { dropLocal, ownVal, readHome } from "./counting.ts";
import { pushCleanup } from "./exits.ts";
import { lowerSubject } from "./lower_access.ts";
import { bindLocal } from "./locals.ts";
import { addressOfPlace, assignPlace, checkVariants, homePlace, lowerPlace, lowerTarget, pinPlace, type Place, readPlace } from "./place.ts";
import { CleanupKind, type FuncState, type HeldCopy, nodeOf, typeInfo } from "./state.ts";

/** The node of argument `k` that makes the address of a payload of which the call gets a copy, or -1. `callee`: the function, or -1. */
export function heldNode(fs: FuncState, list: number[], k: number, callee: number): number {
  let at = list[k];
  while (nodeOf(fs, at).op === TOp.convert && nodeOf(fs, at).n !== Conv.array_to_slice) at = nodeOf(fs, at).a;
  const n = nodeOf(fs, at);
  if (!isHeld(n)) return -1;
  if (callee < 0 || fs.f.locals[n.n2].moved || changesVariants(fs.l, callee)) return at;
  for (let j = k + 1; j < list.length; j++) if (fs.effects[list[j]] > 0 && treeChangesVariants(fs.l, fs.f, list[j])) return at;
  return -1;
}

function isHeld(n: TNode): boolean {
  return n.n2 >= 0 && (n.op === TOp.addr_of || n.op === TOp.slice || n.op === TOp.convert);
}

/** The place whose address a node makes: that of the variable, once it has the copy. */
export function addressedPlace(fs: FuncState, n: TNode): Place {
  if (isHeld(n) && (fs.homes[n.n2].slot >= 0 || fs.homes[n.n2].elsewhere)) return homePlace(fs, n.n2, fs.f.locals[n.n2].type);
  return lowerSubject(fs, n.a);
}

/** Finds the payload whose address an argument is; what comes before its copy is made has effects of the given strength. */
export function findHeld(fs: FuncState, id: number, effect: number): HeldCopy {
  const n = nodeOf(fs, id);
  const place = effect > 0 ? lowerTarget(fs, n.a) : lowerPlace(fs, n.a);
  pinPlace(fs, place, effect > 1 ? effect : 1);
  return { local: n.n2, place: place };
}

/** Makes the copy. */
export function beginHeld(fs: FuncState, h: HeldCopy): void {
  checkVariants(fs, h.place, "wrong variant");
  bindLocal(fs, h.local, readPlace(fs, h.place));
  fs.held.push(h);
}

/** After a call: the copies made since there were `count` of them go back. */
export function endHeld(fs: FuncState, count: number): void {
  while (fs.held.length > count) {
    const h = fs.held[fs.held.length - 1];
    fs.held.pop();
    writeBack(fs, h);
    dropLocal(fs, h.local);
  }
}

/** A capture by pointer of a payload: it leads to a copy, which goes back wherever control leaves the arm. */
export function captureHeld(fs: FuncState, capture: number, h: HeldCopy): void {
  bindLocal(fs, h.local, readPlace(fs, h.place));
  fs.captured.push(h);
  pushCleanup(fs, CleanupKind.write_back, fs.captured.length - 1, null);
  const type = fs.f.locals[capture].type;
  bindLocal(fs, capture, addressOfPlace(fs, homePlace(fs, h.local, typeInfo(fs, type).elem), type));
}

/** Puts a copy back where the payload still is. */
export function writeBack(fs: FuncState, h: HeldCopy): void {
  checkVariants(fs, h.place, "changed while captured");
  assignPlace(fs, h.place, ownVal(fs, readHome(fs, h.local)));
}
