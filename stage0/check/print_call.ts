// print and its like, interpolation, len.
// In -> out: arguments of any type that can be printed, to parts that are strings, integers, floats, bools, enums and
// errors. Types with an impl of a trait Printable print what its function gives.

import { nameText } from "../base/intern.ts";
import type { AstNode } from "../syntax/ast.ts";
import { callMethod } from "./call.ts";
import { addTNode, type CheckState, isInvalid, nodeKind, nodeType, shown, syntaxNode, wrong } from "./checker.ts";
import { coerce, convertNode, tryCoerce } from "./convert.ts";
import { checkExpr } from "./expr.ts";
import { memberOf } from "./member.ts";
import { completeType } from "./named.ts";
import { derefAll } from "./place.ts";
import { lengthNode, selectFromValue } from "./select.ts";
import { Conv, newTNode, TOp } from "./tree.ts";
import { Kind, TypeId } from "./types.ts";

/** print, println, eprint, eprintln: by number 0 to 3, which is 1 for a newline plus 2 for stderr. */
export function checkPrintCall(f: CheckState, n: AstNode, which: number): number {
  const node = newTNode(TOp.print, TypeId.void, n.pos);
  node.n = which;
  node.list = checkParts(f, n.list);
  if (f.constant) return wrong(f, n.pos, "const-call", "nothing can be printed at compile time");
  return addTNode(f, node);
}

/** The parts to print; what is wrong is left out. */
export function checkParts(f: CheckState, list: number[]): number[] {
  const out: number[] = [];
  for (const id of list) {
    const part = printPart(f, checkExpr(f, id, -1), syntaxNode(f, id).pos);
    if (!isInvalid(f, part)) out.push(part);
  }
  return out;
}

/** A value as a part to print. */
function printPart(f: CheckState, value: number, pos: number): number {
  const type = nodeType(f, value);
  const info = f.c.types.list[type];
  switch (info.kind) {
    case Kind.string: case Kind.int: case Kind.float: case Kind.bool: case Kind.error_set: case Kind.invalid: return value;
    case Kind.untyped_int: {
      const small = tryCoerce(f, value, TypeId.i64, pos);
      return small >= 0 ? small : coerce(f, value, TypeId.u64, pos);
    }
    case Kind.untyped_float: return coerce(f, value, TypeId.f64, pos);
    default: break;
  }
  const printed = printMethod(f, value, pos);
  if (printed >= 0) return printed;
  if (info.kind === Kind.enum) {
    completeType(f.c, type);
    return value;
  }
  if (info.kind === Kind.distinct) return printPart(f, convertNode(f, value, info.elem, Conv.same), pos);
  if (info.kind === Kind.slice && info.elem === TypeId.u8) return coerce(f, value, TypeId.string, pos);
  return wrong(f, pos, "not-printable", shown(f, type) + " cannot be printed; it does not implement Printable");
}

/** The string that the type's Printable gives, or -1. */
function printMethod(f: CheckState, value: number, pos: number): number {
  const c = f.c;
  const base = derefAll(f, value, pos);
  const decl = c.declOf.get(nodeType(f, base));
  if (decl === undefined) return -1;
  for (const id of c.decls[decl].impls) {
    const impl = c.impls[id];
    if (impl.trait < 0) continue;
    const trait = c.decls[impl.trait];
    const ast = c.units[trait.unit].ast;
    const syntax = ast.nodes[trait.node];
    if (nameText(c.names, syntax.name) !== "Printable" || syntax.list.length === 0) continue;
    const name = ast.nodes[syntax.list[0]].name;
    if (memberOf(c, nodeType(f, base), name) < 0) continue;
    return coerce(f, callMethod(f, value, name, [], true, pos), TypeId.string, pos);
  }
  return -1;
}

/** len(x) */
export function checkLenCall(f: CheckState, n: AstNode): number {
  if (n.list.length !== 1) return wrong(f, n.pos, "argument-count", "'len' takes 1 argument, not " + n.list.length);
  const value = checkExpr(f, n.list[0], -1);
  if (isInvalid(f, value)) return value;
  const base = derefAll(f, value, n.pos);
  const kind = nodeKind(f, base);
  if (kind === Kind.slice || kind === Kind.string || kind === Kind.array) return lengthNode(f, base, n.pos);
  if (kind === Kind.untyped_int || kind === Kind.untyped_float || kind === Kind.null) return wrong(f, n.pos, "type-mismatch", shown(f, nodeType(f, base)) + " has no length");
  return selectFromValue(f, value, f.c.lenName, n.pos);
}
