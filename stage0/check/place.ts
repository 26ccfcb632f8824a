// Places: what can be assigned, and whose address is taken.
// In -> out: nodes, to yes or no and errors. A place is a local, a global, what a pointer leads to, an element of a
// slice, or a part of a place.

import { nameText } from "../base/intern.ts";
import { addTNode, addUnaryNode, checkError, type CheckState, nodeKind, nodeType, shown, treeNode, wrong } from "./checker.ts";
import { newTNode, TOp } from "./tree.ts";
import { Kind, pointerTo, TypeId } from "./types.ts";

/** Whether a node is a place. */
export function isPlaceNode(f: CheckState, id: number): boolean {
  let at = id;
  while (true) {
    const n = treeNode(f, at);
    switch (n.op) {
      case TOp.local: case TOp.global: case TOp.deref: return true;
      case TOp.index:
        if (nodeKind(f, n.a) === Kind.slice) return true;
        break;
      case TOp.field: case TOp.unwrap: case TOp.union_payload: break;
      default: return false;
    }
    at = n.a;
  }
}

/** The local or global node that a place is a part of, or the deref or index node where it lies elsewhere. */
export function placeRoot(f: CheckState, id: number): number {
  let at = id;
  while (true) {
    const n = treeNode(f, at);
    if (n.op === TOp.index && nodeKind(f, n.a) === Kind.slice) return at;
    if (n.op !== TOp.field && n.op !== TOp.index && n.op !== TOp.unwrap && n.op !== TOp.union_payload) return at;
    at = n.a;
  }
}

/** Notes that the address of a place is used. */
export function takeAddress(f: CheckState, id: number): void {
  const root = treeNode(f, placeRoot(f, id));
  if (root.op === TOp.local) f.func.locals[root.n].addressTaken = true;
}

/** The address of a place as a node. */
export function addressNode(f: CheckState, id: number, pos: number): number {
  takeAddress(f, id);
  return addUnaryNode(f, TOp.addr_of, pointerTo(f.c.types, nodeType(f, id)), pos, id);
}

/** Reports a place that cannot be assigned; false then. */
export function checkAssignable(f: CheckState, id: number, pos: number): boolean {
  let at = id;
  while (true) {
    const n = treeNode(f, at);
    switch (n.op) {
      case TOp.local: {
        const local = f.func.locals[n.n];
        if (local.mutable) return checkPinned(f, n.n, at === id, pos);
        checkError(f, pos, "not-mutable", "'" + nameText(f.c.names, local.name) + "' cannot be assigned: it is not a 'var'");
        return false;
      }
      case TOp.global:
        if (f.c.globals[n.n].unit >= 0) return checkPinned(f, -1 - n.n, at === id, pos);
        checkError(f, pos, "not-mutable", "'" + f.c.globals[n.n].name + "' is a constant");
        return false;
      case TOp.deref: return true;
      case TOp.index:
        if (nodeKind(f, n.a) === Kind.slice) return true;
        if (nodeKind(f, n.a) === Kind.string) {
          checkError(f, pos, "not-mutable", "a string cannot be changed");
          return false;
        }
        break;
      case TOp.field: case TOp.unwrap: case TOp.union_payload: break;
      default:
        if (n.type !== TypeId.invalid) checkError(f, pos, "not-a-place", "this value cannot be assigned");
        return false;
    }
    at = n.a;
  }
}

function checkPinned(f: CheckState, root: number, whole: boolean, pos: number): boolean {
  if (!whole || f.pinned.indexOf(root) < 0) return true;
  checkError(f, pos, "captured", "this variable cannot be assigned as a whole while a '|*name|' capture points into it");
  return false;
}

/** Notes that a place is captured by pointer; gives how many captures there were, for unpinCaptured. */
export function pinCaptured(f: CheckState, id: number): number {
  const root = treeNode(f, placeRoot(f, id));
  const count = f.pinned.length;
  if (root.op === TOp.local) f.pinned.push(root.n);
  else if (root.op === TOp.global) f.pinned.push(-1 - root.n);
  return count;
}

export function unpinCaptured(f: CheckState, count: number): void {
  while (f.pinned.length > count) f.pinned.pop();
}

/** What a pointer leads to. */
export function derefNode(f: CheckState, id: number, pos: number): number {
  return addUnaryNode(f, TOp.deref, f.c.types.list[nodeType(f, id)].elem, pos, id);
}

/** The node with all pointers followed. */
export function derefAll(f: CheckState, id: number, pos: number): number {
  let at = id;
  while (nodeKind(f, at) === Kind.pointer) at = derefNode(f, at, pos);
  return at;
}

/** Takes apart "*T" under a place or value of a field, unwrapping nothing else; reports optionals. */
export function fieldNode(f: CheckState, id: number, index: number, pos: number): number {
  const n = newTNode(TOp.field, f.c.types.list[nodeType(f, id)].fields[index].type, pos);
  n.a = id;
  n.n = index;
  return addTNode(f, n);
}

/** Reports that a type has no such member. */
export function noMember(f: CheckState, type: number, name: number, pos: number): number {
  return wrong(f, pos, "no-member", shown(f, type) + " has no field or method '" + nameText(f.c.names, name) + "'");
}
