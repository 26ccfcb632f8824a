// Constants: their values, found when first needed, and how they are used.
// In -> out: a constant's initialiser, to a tree of constant nodes. A scalar is copied to where it is used; an
// aggregate becomes a global that is never written. A constant that needs itself is an error.

import type { I128 } from "../base/int128.ts";
import { nameText } from "../base/intern.ts";
import { addFunc, addTNode, type Checker, checkError, checkErrorHint, type Const, enterDeclaration, EntityKind, type CheckState, invalidNode, leaveDeclaration, newDeclState, nodeKind, nodeType, shown, shownName, syntaxNode, treeNode, typeKind, wrong } from "./checker.ts";
import { coerce, settle } from "./convert.ts";
import { heldTypes } from "./named.ts";
import { checkExpr } from "./expr.ts";
import { addEntity } from "./scope.ts";
import { Conv, FuncKind, newTNode, type TFunc, type TNode, TOp } from "./tree.ts";
import { isConstSlice, Kind, TypeId } from "./types.ts";
import { resolveType } from "./typexpr.ts";

/** A const_int node for a syntax node that must be an integer constant; -1, reported, when it is none. */
export function constantIntNode(f: CheckState, id: number): number {
  const was = f.constant;
  f.constant = true;
  const node = checkExpr(f, id, -1);
  f.constant = was;
  const kind = nodeKind(f, node);
  if (kind === Kind.invalid) return -1;
  if (treeNode(f, node).op === TOp.const_int && (kind === Kind.int || kind === Kind.untyped_int)) return node;
  if (kind === Kind.int || kind === Kind.untyped_int) checkError(f, syntaxNode(f, id).pos, "not-constant", "this must be known at compile time");
  else checkError(f, syntaxNode(f, id).pos, "type-mismatch", "an integer constant must stand here, not " + shown(f, nodeType(f, node)));
  return -1;
}

/** The value of an integer constant, or the fallback with an error. */
export function constantInt(f: CheckState, id: number, fallback: I128): I128 {
  const node = constantIntNode(f, id);
  return node < 0 ? fallback : treeNode(f, node).value;
}

/** What a constant copies of others is limited, since each may be used several times in the next. */
const MAX_PARTS = 262144;

/** Finds the value of a constant, if that has not been done. */
function evaluateConst(c: Checker, k: Const): void {
  if (k.state === 2) return;
  const e = c.entities[k.entity];
  const f = newDeclState(c, e.unit, e.scope);
  const n = f.ast.nodes[e.node];
  k.func = c.funcs.length;
  c.funcs.push(f.func);
  c.instOf.push(-1);
  f.funcId = k.func;
  f.func.name = f.ast.file.module + "." + nameText(c.names, e.name) + ".init";
  k.type = TypeId.invalid;
  if (k.state === 1) {
    checkError(f, e.pos, "constant-loop", shownName(f, e.name) + " is defined by itself");
    k.state = 2;
    k.node = invalidNode(f, e.pos);
    return;
  }
  k.state = 1;
  const height = n.b < 0 ? 0 : f.ast.heights[n.b];
  let value = -1;
  if (enterDeclaration(c, height, e.pos)) {
    value = constantOf(f, n.a, n.b, e.pos);
    leaveDeclaration(c, height);
  } else {
    value = invalidNode(f, e.pos);
  }
  if (k.node >= 0) return;
  k.state = 2;
  k.node = value;
  k.type = nodeType(f, value);
  k.parts = f.func.nodes.length;
  f.func.body = value;
  f.func.result = k.type;
}

/** The checked value of "name: type = value". */
function constantOf(f: CheckState, typeId: number, valueId: number, pos: number): number {
  if (valueId < 0) return wrong(f, pos, "missing-value", "a constant needs a value");
  let node = -1;
  if (typeId >= 0) {
    const type = resolveType(f, typeId);
    node = coerce(f, checkExpr(f, valueId, type), type, syntaxNode(f, valueId).pos);
  } else {
    node = checkExpr(f, valueId, -1);
    const kind = nodeKind(f, node);
    if (kind === Kind.null || kind === Kind.undefined) node = settle(f, node);
  }
  const type = nodeType(f, node);
  const kept = type === TypeId.invalid ? -1 : changeablePart(f, type);
  if (kept >= 0) {
    const hint = f.c.types.list[kept].kind === Kind.slice ? "a '[]const T' only reads" : "make it a 'var'";
    checkErrorHint(f, pos, "not-constant", "a constant of type " + shown(f, type) + " holds a " + shown(f, kept) + ", through which something could be changed", hint);
    return invalidNode(f, pos);
  }
  if (type === TypeId.invalid || isConstantTree(f.func, node)) return node;
  return wrong(f, syntaxNode(f, valueId).pos, "not-constant", "the value of a constant must be known at compile time");
}

/** The pointer, or slice that can be written through, in values of a type; -1 when there is none. */
function changeablePart(f: CheckState, type: number): number {
  for (const t of heldTypes(f.c, type, true)) {
    const kind = f.c.types.list[t].kind;
    if (kind === Kind.pointer || kind === Kind.weak || (kind === Kind.slice && !isConstSlice(f.c.types, t))) return t;
  }
  return -1;
}

/** Whether a node is made of constants only. */
export function isConstantTree(func: TFunc, id: number): boolean {
  const n = func.nodes[id];
  switch (n.op) {
    case TOp.const_int: case TOp.const_float: case TOp.const_string: case TOp.const_zero: case TOp.const_error: case TOp.const_fn:
      return true;
    case TOp.convert:
      if (n.n === Conv.array_to_slice) return func.nodes[n.a].op === TOp.global;
      return isConstantTree(func, n.a);
    case TOp.make_union: return n.a < 0 || isConstantTree(func, n.a);
    case TOp.make_array: case TOp.make_struct: case TOp.make_tuple:
      for (const item of n.list) if (!isConstantTree(func, item)) return false;
      return true;
    default: return false;
  }
}

/** Whether a node is a constant without parts. */
export function isScalarConstant(n: TNode): boolean {
  return n.op <= TOp.const_fn;
}

/** A node for the use of a constant. */
export function useConstant(f: CheckState, entity: number, pos: number): number {
  const k = f.c.consts[f.c.entities[entity].index];
  evaluateConst(f.c, k);
  if (k.type === TypeId.invalid) return invalidNode(f, pos);
  const from = f.c.funcs[k.func];
  if (f.constant && f.func.nodes.length + k.parts > MAX_PARTS) return wrong(f, pos, "too-large", "a constant is made of at most " + MAX_PARTS + " others and their parts");
  const zeros = from.nodes[k.node].op === TOp.const_zero && typeKind(f, k.type) === Kind.array;
  if (f.constant || (!zeros && !isAggregateNode(from.nodes[k.node]))) return copyConstant(f, from, k.node, pos);
  const node = newTNode(TOp.global, k.type, pos);
  node.n = constGlobal(f.c, k);
  return addTNode(f, node);
}

function isAggregateNode(n: TNode): boolean {
  return n.op === TOp.make_array || n.op === TOp.make_struct || n.op === TOp.make_tuple || n.op === TOp.make_union;
}

/** Copies a tree of constants into a function, all at one place. */
export function copyConstant(f: CheckState, from: TFunc, id: number, pos: number): number {
  const old = from.nodes[id];
  const node = newTNode(old.op, old.type, pos);
  node.n = old.n;
  node.n2 = old.n2;
  node.type2 = old.type2;
  node.value = old.value;
  node.bits = old.bits;
  node.list2 = old.list2;
  if (old.a >= 0) node.a = copyConstant(f, from, old.a, pos);
  if (old.list.length > 0) {
    node.list = [];
    for (const item of old.list) node.list.push(copyConstant(f, from, item, pos));
  }
  return addTNode(f, node);
}

/** The global that holds a constant aggregate. */
function constGlobal(c: Checker, k: Const): number {
  if (k.global >= 0) return k.global;
  const e = c.entities[k.entity];
  k.global = c.globals.length;
  const name = c.funcs[k.func].name;
  c.globals.push({ entity: k.entity, name: name.slice(0, name.length - 5), type: k.type, pos: e.pos, state: 2, func: k.func, unit: -1 });
  return k.global;
}

/** A global for a constant array that a constant slice points to. */
export function hiddenArray(f: CheckState, array: number): number {
  const c = f.c;
  const pos = treeNode(f, array).pos;
  const type = nodeType(f, array);
  const name = f.c.units[f.unit].ast.file.module + ".array" + c.globals.length;
  const func = addFunc(c, name + ".init", FuncKind.normal, pos);
  const holder = newDeclState(c, f.unit, f.scope);
  holder.func = func;
  func.result = type;
  func.body = copyConstant(holder, f.func, array, pos);
  const e = addEntity(c, EntityKind.constant, 0, pos, f.unit, -1, f.scope);
  c.globals.push({ entity: e, name: name, type: type, pos: pos, state: 2, func: c.funcs.length - 1, unit: -1 });
  const node = newTNode(TOp.global, type, pos);
  node.n = c.globals.length - 1;
  return addTNode(f, node);
}
