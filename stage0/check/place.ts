// Places: what can be assigned, and whose address is taken.
// In -> out: nodes, to yes or no and errors. A place is a local, a global, what a pointer leads to, an element of a
// slice, or a part of a place.

import { nameText } from "../base/intern.ts";
import { addTNode, addUnaryNode, checkError, checkErrorHint, type CheckState, nodeKind, nodeType, shown, treeNode, wrong } from "./checker.ts";
import { refusePackedField } from "./packed.ts";
import { newTNode, TOp } from "./tree.ts";
import { isConstSlice, Kind, pointerTo, readType, TypeId, writtenType } from "./types.ts";

/** What a node of type weak *T reads as; any other node as it is. */
export function readWeak(f: CheckState, id: number): number {
  const type = nodeType(f, id);
  if (f.c.types.list[type].kind !== Kind.weak) return id;
  return addUnaryNode(f, TOp.weak_load, readType(f.c.types, type), treeNode(f, id).pos, id);
}

/** The node of type weak *T that a node reads, where the place itself is wanted; any other node as it is. */
export function unreadWeak(f: CheckState, id: number): number {
  return treeNode(f, id).op === TOp.weak_load ? treeNode(f, id).a : id;
}

/** Whether a node is a place. */
export function isPlaceNode(f: CheckState, id: number): boolean {
  let at = id;
  while (true) {
    const n = treeNode(f, at);
    switch (n.op) {
      case TOp.local: case TOp.global: case TOp.deref: return true;
      case TOp.index:
        if (nodeKind(f, n.a) === Kind.slice || nodeKind(f, n.a) === Kind.string) return true;
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
    if (n.op === TOp.index && (nodeKind(f, n.a) === Kind.slice || nodeKind(f, n.a) === Kind.string)) return at;
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
  refusePackedField(f, id, pos);
  takeAddress(f, id);
  return addUnaryNode(f, TOp.addr_of, pointerTo(f.c.types, nodeType(f, id)), pos, id);
}

/** Reports a place that cannot be assigned; false then. */
export function checkAssignable(f: CheckState, id: number, pos: number): boolean {
  const root = placeRoot(f, id);
  const n = treeNode(f, root);
  switch (n.op) {
    case TOp.local: return checkChangeable(f, id, "cannot be assigned", pos) && checkPinned(f, n.n, root === id, pos);
    case TOp.global: return checkChangeable(f, id, "cannot be assigned", pos) && checkPinned(f, -1 - n.n, root === id, pos);
    case TOp.deref: return true;
    case TOp.index: return checkChangeable(f, id, "cannot be assigned", pos);
    default:
      if (n.type !== TypeId.invalid) checkError(f, pos, "not-a-place", "this value cannot be assigned");
      return false;
  }
}

/** Whether what lies at a place is immutable: a part of an immutable binding, of a string, or of a slice that only reads. */
export function isImmutablePlace(f: CheckState, id: number): boolean {
  const n = treeNode(f, placeRoot(f, id));
  if (n.op === TOp.local) return !f.func.locals[n.n].mutable;
  if (n.op === TOp.global) return f.c.globals[n.n].unit < 0;
  return n.op === TOp.index && (nodeKind(f, n.a) === Kind.string || isConstSlice(f.c.types, nodeType(f, n.a)));
}

/** Reports a place of which nothing may be made through which it could change; false then. `verb`: what cannot be done with it. */
export function checkChangeable(f: CheckState, id: number, verb: string, pos: number): boolean {
  return checkChangeableOr(f, id, verb, "", pos);
}

/** The same, with one more way out for the hint. */
export function checkChangeableOr(f: CheckState, id: number, verb: string, way: string, pos: number): boolean {
  if (!isImmutablePlace(f, id)) return true;
  const n = treeNode(f, placeRoot(f, id));
  if (n.op === TOp.index) {
    const isString = nodeKind(f, n.a) === Kind.string;
    checkErrorHint(f, pos, "not-mutable", isString ? "a string cannot be changed" : "the elements of a " + shown(f, nodeType(f, n.a)) + " cannot be changed", "copy what is to change, or take a '[]T'" + way);
    return false;
  }
  if (n.op === TOp.global) {
    checkErrorHint(f, pos, "not-mutable", "'" + f.c.globals[n.n].name + "' " + verb + ": it is a constant", "make it a 'var', or copy it to one" + way);
    return false;
  }
  const local = f.func.locals[n.n];
  const name = local.name === 0 ? "this value" : "'" + nameText(f.c.names, local.name) + "'";
  checkErrorHint(f, pos, "not-mutable", name + " " + verb + ": it is not a 'var'", changeHint(f, n.n) + way);
  return false;
}

/** How to change what an immutable local holds. */
function changeHint(f: CheckState, local: number): string {
  if (f.func.params.indexOf(local) >= 0) return "take a '*" + writtenType(f.c.types, f.func.locals[local].type) + "', or copy it to a 'var'";
  if (f.func.captures.indexOf(local) >= 0) return "a closure has copies; capture a pointer, or copy it to a 'var'";
  return "declare it with 'var', or copy it to one";
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
