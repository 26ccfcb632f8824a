// Type inference: the type arguments of a generic function from the arguments of a call.
// In -> out: the parameter types as written and the types of the arguments, matched part by part; typed arguments
// first, then untyped constants. Arguments that need to know their type (.Name, .{ }, null) wait.

import { nameText } from "../base/intern.ts";
import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { checkError, EntityKind, type CheckState, isInvalid, newDeclState, newScope, nodeType, syntaxNode } from "./checker.ts";
import { checkExpr } from "./expr.ts";
import { ownerScope } from "./named.ts";
import { typeEntity } from "./typexpr.ts";
import { Kind, TypeId, type TypeInfo } from "./types.ts";

export interface Inferred {
  types: number[];
  /** The arguments checked meanwhile, by position; -1: not yet. */
  nodes: number[];
}

/** What inference knows: names of parameters and their types so far (-1). */
interface Bindings {
  names: number[];
  types: number[];
}

/** The type arguments of a call, or null with an error. */
export function inferTypeArgs(f: CheckState, decl: number, ownerType: number, args: number[], skip: number, pos: number): Inferred | null {
  const c = f.c;
  const d = c.funcDecls[decl];
  const n = c.units[d.unit].ast.nodes[d.node];
  const scope = ownerType >= 0 ? ownerScope(c, ownerType, d.scope, d.ownerParams, d.unit) : newScope(d.scope);
  const g = newDeclState(c, d.unit, scope);
  const b: Bindings = { names: d.params, types: [] };
  for (let i = 0; i < d.params.length; i++) b.types.push(-1);
  const nodes: number[] = [];
  let bad = false;
  for (let i = 0; i < args.length; i++) {
    const node = needsType(f, args[i]) ? -1 : checkExpr(f, args[i], -1);
    if (node >= 0 && isInvalid(f, node)) bad = true;
    nodes.push(node);
  }
  if (bad) return null;
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < args.length && i + skip < n.list.length; i++) {
      if (nodes[i] < 0) continue;
      let type = nodeType(f, nodes[i]);
      const untyped = type === TypeId.untyped_int || type === TypeId.untyped_float;
      if (untyped !== (pass === 1)) continue;
      if (untyped) type = type === TypeId.untyped_int ? TypeId.i64 : TypeId.f64;
      matchType(g, g.ast.nodes[n.list[i + skip]].a, type, b);
    }
  }
  for (let i = 0; i < b.types.length; i++) {
    if (b.types[i] >= 0) continue;
    checkError(f, pos, "cannot-infer", "the type argument '" + nameText(c.names, b.names[i]) + "' of '" + nameText(c.names, d.name) + "' cannot be inferred; give it in parentheses of its own");
    return null;
  }
  return { types: b.types, nodes: nodes };
}

/** Whether an argument says nothing about its own type. */
function needsType(f: CheckState, id: number): boolean {
  const n = syntaxNode(f, id);
  switch (n.kind) {
    case NodeKind.dot_name: case NodeKind.null: case NodeKind.undefined: return true;
    case NodeKind.literal: return n.a < 0;
    case NodeKind.array: return n.list.length === 0;
    case NodeKind.call: return syntaxNode(f, n.a).kind === NodeKind.dot_name;
    case NodeKind.builtin: return n.list.length === 1 && isOneArgumentConversion(nameText(f.c.names, n.name));
    default: return false;
  }
}

/** Builtins that take the type from where they stand when it is left out. */
export function isOneArgumentConversion(name: string): boolean {
  return name === "intCast" || name === "truncate" || name === "bitCast" || name === "floatFromInt" || name === "intFromFloat" || name === "floatCast" || name === "enumFromInt";
}

/** Matches a type as written with a type; what is a parameter and free gets bound. */
function matchType(g: CheckState, id: number, type: number, b: Bindings): void {
  const n = g.ast.nodes[id];
  const info = g.c.types.list[type];
  switch (n.kind) {
    case NodeKind.ident: bindName(n.name, type, b); break;
    case NodeKind.pointer: if (info.kind === Kind.pointer) matchType(g, n.a, info.elem, b); break;
    case NodeKind.optional: matchType(g, n.a, info.kind === Kind.optional ? info.elem : type, b); break;
    case NodeKind.weak_type: matchType(g, n.a, info.kind === Kind.weak || info.kind === Kind.optional ? info.elem : type, b); break;
    case NodeKind.slice: matchSlice(g, n, info, b); break;
    case NodeKind.array_type: if (info.kind === Kind.array) matchType(g, n.b, info.elem, b); else matchArgs(g, [n.a, n.b], type, b); break;
    case NodeKind.list_type: matchArgs(g, [n.a], type, b); break;
    case NodeKind.error_union: matchType(g, n.b, info.kind === Kind.error_union ? info.elem : type, b); break;
    case NodeKind.tuple_type:
      if (info.kind === Kind.tuple) for (let i = 0; i < n.list.length && i < info.fields.length; i++) matchType(g, n.list[i], info.fields[i].type, b);
      break;
    case NodeKind.fn_type:
      if (info.kind !== Kind.fn && info.kind !== Kind.extern_fn) break;
      for (let i = 0; i < n.list.length && i < info.params.length; i++) matchType(g, n.list[i], info.params[i], b);
      if (n.b >= 0) matchType(g, n.b, info.elem, b);
      break;
    case NodeKind.call: matchGeneric(g, n, type, b); break;
    default: break;
  }
}

function bindName(name: number, type: number, b: Bindings): void {
  const i = b.names.indexOf(name);
  if (i >= 0 && b.types[i] < 0 && type !== TypeId.null && type !== TypeId.undefined && type !== TypeId.noreturn) b.types[i] = type;
}

function matchSlice(g: CheckState, n: AstNode, info: TypeInfo, b: Bindings): void {
  if (info.kind === Kind.slice || info.kind === Kind.array) matchType(g, n.a, info.elem, b);
  else if (info.kind === Kind.pointer && g.c.types.list[info.elem].kind === Kind.array) matchType(g, n.a, g.c.types.list[info.elem].elem, b);
  else if (info.kind === Kind.string && hasFlag(n, Flag.constant)) matchType(g, n.a, TypeId.u8, b);
}

/** Generic(T, U) against an instance of the same declaration. */
function matchGeneric(g: CheckState, n: AstNode, type: number, b: Bindings): void {
  const e = typeEntity(g, n.a);
  const decl = g.c.declOf.get(type);
  if (e < 0 || decl === undefined || g.c.entities[e].kind !== EntityKind.type_decl || g.c.entities[e].index !== decl) return;
  matchArgs(g, n.list, type, b);
}

function matchArgs(g: CheckState, list: number[], type: number, b: Bindings): void {
  const args = g.c.argsOf.get(type);
  if (args === undefined) return;
  for (let i = 0; i < list.length && i < args.length; i++) matchType(g, list[i], args[i], b);
}
