// Untyped expressions: an if, switch, block or operator whose values are all untyped constants has no type yet.
// In -> out: such a node and the number type that is wanted of it, to the same nodes with that type: the constants in it
// are converted where they stand. Either all of them fit and are converted, or nothing is changed. Left spines and
// else-if chains are of any length, so the tree is walked by a work list.

import { compareI128, i128From } from "../base/int128.ts";
import { checkError, type CheckState, nodeType, shown, treeNode } from "./checker.ts";
import { tryCoerce } from "./convert.ts";
import { baseInfo } from "./fold.ts";
import { Bin, type TNode, TOp } from "./tree.ts";
import { Kind, TypeId } from "./types.ts";

/** Whether a node is untyped and yet no constant. */
export function isUntypedTree(n: TNode): boolean {
  return (n.type === TypeId.untyped_int || n.type === TypeId.untyped_float) && n.op !== TOp.const_int && n.op !== TOp.const_float;
}

/** The nodes that get the type of an untyped one: itself, what gives its value, and the constants at the ends. */
function untypedParts(f: CheckState, id: number): number[] {
  const parts: number[] = [];
  const work: number[] = [id];
  while (work.length > 0) {
    const at = work.pop()!;
    const n = treeNode(f, at);
    if (n.type === TypeId.noreturn) continue;
    parts.push(at);
    switch (n.op) {
      case TOp.block:
        for (const b of n.list2) work.push(treeNode(f, b).a);
        if (nodeType(f, n.list[n.list.length - 1]) !== TypeId.void) work.push(n.list[n.list.length - 1]);
        break;
      case TOp.if: case TOp.if_some: case TOp.if_ok:
        work.push(n.b);
        work.push(n.c);
        break;
      case TOp.switch: for (const arm of n.list) work.push(arm); break;
      case TOp.arm: case TOp.neg: case TOp.bit_not: work.push(n.a); break;
      case TOp.binary:
        if (n.n !== Bin.shl && n.n !== Bin.shr) work.push(n.b);
        work.push(n.a);
        break;
      default: break;
    }
  }
  return parts;
}

function isConstant(n: TNode): boolean {
  return n.op === TOp.const_int || n.op === TOp.const_float;
}

/** Gives an untyped node a number type; -1, with nothing changed, when a constant in it does not fit. */
export function typeUntyped(f: CheckState, id: number, type: number, pos: number): number {
  const parts = untypedParts(f, id);
  const made: number[] = [];
  for (const p of parts) {
    const m = isConstant(treeNode(f, p)) ? tryCoerce(f, p, type, pos) : p;
    if (m < 0) return -1;
    made.push(m);
  }
  for (let i = 0; i < parts.length; i++) {
    const n = treeNode(f, parts[i]);
    const from = treeNode(f, made[i]);
    n.op = from.op;
    n.value = from.value;
    n.bits = from.bits;
    n.n = from.n;
    n.n2 = from.n2;
    n.type = type;
    if (n.op === TOp.block && type !== TypeId.untyped_float) n.list2 = [];
    checkCount(f, n, type);
  }
  return id;
}

/** A constant shift count is looked at again: now the width is known. */
function checkCount(f: CheckState, n: TNode, type: number): void {
  if (n.op !== TOp.binary || (n.n !== Bin.shl && n.n !== Bin.shr) || f.c.types.list[type].kind === Kind.untyped_float) return;
  const count = treeNode(f, n.b);
  const width = baseInfo(f, type).bits;
  if (count.op !== TOp.const_int || compareI128(count.value, i128From(width)) < 0) return;
  checkError(f, n.pos, "shift-range", "a shift of " + shown(f, type) + " by a constant is by 0 to " + (width - 1));
}

/** The first constant in an untyped node that a type does not hold, or the node itself. */
export function misfit(f: CheckState, id: number, type: number, pos: number): TNode {
  for (const p of untypedParts(f, id)) if (isConstant(treeNode(f, p)) && tryCoerce(f, p, type, pos) < 0) return treeNode(f, p);
  return treeNode(f, id);
}
