// Closures: functions inside functions, with copies of what they use from around.
// In -> out: "fn(x: T) R { ... }", to a function of its own and a make_closure node that gives it the values. A name
// from further out is captured by every function between.

import type { AstNode } from "../syntax/ast.ts";
import { addFunc, addLocal, addTNode, EntityKind, type CheckState, localNode, newCheckState, newScope, wrong } from "./checker.ts";
import { checkBodyBlock, declareParams, resultType } from "./function.ts";
import { FuncKind, newTNode, TOp } from "./tree.ts";
import { fnTypeOf, Kind, TypeId } from "./types.ts";
import { resolveType } from "./typexpr.ts";

/** A closure as a value. */
export function checkClosure(f: CheckState, n: AstNode): number {
  if (f.constant) return wrong(f, n.pos, "const-call", "a closure cannot be made at compile time; declare a function");
  const c = f.c;
  let top: CheckState = f;
  while (top.parent !== null) top = top.parent;
  top.closures += 1;
  const func = addFunc(c, top.func.name + ".closure" + top.closures, FuncKind.normal, n.pos);
  const funcId = c.funcs.length - 1;
  func.closure = true;
  const inner = newCheckState(c, f.unit, newScope(f.scope), func, funcId);
  inner.parent = f;
  const params: number[] = [];
  for (const id of n.list) params.push(resolveType(inner, inner.ast.nodes[id].a));
  inner.result = resultType(inner, n.b, true, func.name);
  func.result = inner.result;
  declareParams(inner, n, params);
  checkBodyBlock(inner, n.c, n.pos);
  for (const p of params) if (p === TypeId.invalid) return addTNode(f, newTNode(TOp.nothing, TypeId.invalid, n.pos));
  if (inner.result === TypeId.invalid) return addTNode(f, newTNode(TOp.nothing, TypeId.invalid, n.pos));
  const type = fnTypeOf(c.types, Kind.fn, params, inner.result);
  if (inner.captureSources.length === 0) {
    const plain = newTNode(TOp.const_fn, type, n.pos);
    plain.n = funcId;
    return addTNode(f, plain);
  }
  const node = newTNode(TOp.make_closure, type, n.pos);
  node.n = funcId;
  node.list = [];
  for (const source of inner.captureSources) {
    node.list.push(localNode(f, source, n.pos));
  }
  return addTNode(f, node);
}

/** The local of a function that holds a name from around it; -1 when it cannot be reached (a constant's initialiser). */
export function captureLocal(f: CheckState, entity: number, pos: number): number {
  const e = f.c.entities[entity];
  if (e.kind !== EntityKind.local) return -1;
  if (e.owner === f) return e.index;
  const known = f.captured.get(entity);
  if (known !== undefined) return known;
  if (f.parent === null) return -1;
  const source = captureLocal(f.parent, entity, pos);
  if (source < 0) return -1;
  const local = addLocal(f, e.name, f.parent.func.locals[source].type, pos, false);
  f.func.captures.push(local);
  f.captured.set(entity, local);
  f.captureSources.push(source);
  return local;
}
