// Literals of aggregates: arrays, tuples, structs, .Name, and new.
// In -> out: syntax and the wanted type, to make_array, make_tuple, make_struct, make_union, new_object, new_init and
// new_array nodes. Fields that a struct literal leaves out get their defaults, or zero when they have a zero value.

import { nameText } from "../base/intern.ts";
import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { callVariant, checkArgs } from "./call.ts";
import { addTNode, addUnaryNode, checkError, type CheckState, invalidNode, isInvalid, nodeKind, nodeType, shown, shownName, syntaxNode, treeNode, wrong } from "./checker.ts";
import { coerce, meetTypes, settle, zeroNode } from "./convert.ts";
import { checkAs, checkExpr, operandWant } from "./expr.ts";
import { noteDeinit, funcInstance } from "./function.ts";
import { findField, memberOf } from "./member.ts";
import { completeType, hasZeroValue, ownerScope } from "./named.ts";
import { selectFromType } from "./select.ts";
import { newTNode, type TNode, TOp } from "./tree.ts";
import { arrayOf, Kind, pointerTo, sliceOf, tupleOf, TypeId } from "./types.ts";
import { boundedType, denotesGenericType, denotesType, resolveApplied, resolveType } from "./typexpr.ts";

/** The type that a literal is to have inside optionals and error unions, or -1. */
export function literalTarget(f: CheckState, want: number): number {
  let type = want;
  while (type >= 0) {
    const info = f.c.types.list[type];
    if (info.kind !== Kind.optional && info.kind !== Kind.error_union) return type;
    type = info.elem;
  }
  return -1;
}

/** [a, b, c] */
export function checkArray(f: CheckState, n: AstNode, want: number): number {
  const target = literalTarget(f, want);
  let elem = -1;
  if (target >= 0) {
    const info = f.c.types.list[target];
    if (info.kind === Kind.array || info.kind === Kind.slice) elem = info.elem;
  }
  const items: number[] = [];
  let bad = false;
  let met = elem;
  for (const id of n.list) {
    const item = elem >= 0 ? checkAs(f, id, elem) : checkExpr(f, id, operandWant(f, id, met));
    if (isInvalid(f, item)) bad = true;
    items.push(item);
    if (elem >= 0 || bad) continue;
    const next = met < 0 ? nodeType(f, item) : meetTypes(f, met, nodeType(f, item));
    if (next < 0) {
      checkError(f, syntaxNode(f, id).pos, "type-mismatch", "the elements of an array are of one type; this is " + shown(f, nodeType(f, item)) + ", those before " + shown(f, met));
      bad = true;
    } else {
      met = next;
    }
  }
  if (bad) return invalidNode(f, n.pos);
  if (met < 0) return wrong(f, n.pos, "unknown-type", "the type of an empty array must be written, as in 'var x: [0]T = []'");
  const kind = f.c.types.list[met].kind;
  if (kind === Kind.untyped_int) met = TypeId.i64;
  else if (kind === Kind.untyped_float) met = TypeId.f64;
  for (let i = 0; i < items.length; i++) {
    items[i] = coerce(f, items[i], met, treeNode(f, items[i]).pos);
    if (isInvalid(f, items[i])) return items[i];
  }
  const type = boundedType(f, arrayOf(f.c.types, met, items.length), n.pos);
  if (type === TypeId.invalid) return invalidNode(f, n.pos);
  const node = newTNode(TOp.make_array, type, n.pos);
  node.list = items;
  return addTNode(f, node);
}

/** (a, b) */
export function checkTuple(f: CheckState, n: AstNode, want: number): number {
  const target = literalTarget(f, want);
  const info = target >= 0 ? f.c.types.list[target] : null;
  const given = info !== null && info.kind === Kind.tuple && info.fields.length === n.list.length ? info : null;
  const node = newTNode(TOp.make_tuple, TypeId.invalid, n.pos);
  const types: number[] = [];
  node.list = [];
  let bad = false;
  for (let i = 0; i < n.list.length; i++) {
    const item = given !== null ? checkAs(f, n.list[i], given.fields[i].type) : settle(f, checkExpr(f, n.list[i], -1));
    if (isInvalid(f, item)) bad = true;
    node.list.push(item);
    types.push(nodeType(f, item));
  }
  if (bad) return invalidNode(f, n.pos);
  node.type = given !== null ? target : boundedType(f, tupleOf(f.c.types, types), n.pos);
  if (node.type === TypeId.invalid) return invalidNode(f, n.pos);
  return addTNode(f, node);
}

/** S { .x = 1 } or .{ .x = 1 } */
export function checkLiteral(f: CheckState, n: AstNode, want: number): number {
  let type = -1;
  if (n.a >= 0) {
    type = resolveType(f, n.a);
    if (type === TypeId.invalid) return checkFieldsAnyway(f, n);
  } else {
    type = literalTarget(f, want);
    if (type < 0) {
      checkError(f, n.pos, "unknown-type", "the type of this literal is not known; write its name before the brace");
      return checkFieldsAnyway(f, n);
    }
  }
  if (type === TypeId.invalid) return checkFieldsAnyway(f, n);
  return structLiteral(f, n, type);
}

/** Checks the values of a literal whose type is not known, for errors in them. */
function checkFieldsAnyway(f: CheckState, n: AstNode): number {
  for (const id of n.list) {
    const kind = syntaxNode(f, syntaxNode(f, id).a).kind;
    if (kind !== NodeKind.dot_name && kind !== NodeKind.literal) checkExpr(f, syntaxNode(f, id).a, -1);
  }
  return invalidNode(f, n.pos);
}

function structLiteral(f: CheckState, n: AstNode, type: number): number {
  completeType(f.c, type);
  const info = f.c.types.list[type];
  if (info.kind === Kind.union) return unionLiteral(f, n, type);
  if ((info.kind === Kind.array || info.kind === Kind.tuple) && n.list.length === 0) {
    if (hasZeroValue(f.c, type)) return zeroNode(f, type, n.pos);
    return wrong(f, n.pos, "no-zero-value", shown(f, type) + " has no zero value");
  }
  if (info.kind !== Kind.struct) {
    checkFieldsAnyway(f, n);
    return wrong(f, n.pos, "type-mismatch", shown(f, type) + " is not a struct");
  }
  const node = newTNode(TOp.make_struct, type, n.pos);
  node.list = [];
  node.list2 = [];
  const given: Map<number, number> = new Map();
  let bad = false;
  for (const id of n.list) {
    const init = syntaxNode(f, id);
    const index = findField(f.c, type, init.name);
    if (index < 0) {
      checkError(f, init.pos, "no-member", shown(f, type) + " has no field " + shownName(f, init.name));
      bad = true;
      continue;
    }
    if (given.has(index)) checkError(f, init.pos, "duplicate-name", "the field " + shownName(f, init.name) + " is given twice");
    given.set(index, 1);
    const value = checkAs(f, init.a, info.fields[index].type);
    if (isInvalid(f, value)) bad = true;
    node.list.push(value);
    node.list2.push(index);
  }
  if (!addDefaults(f, n, type, node, given)) bad = true;
  return bad ? invalidNode(f, n.pos) : addTNode(f, node);
}

/** The defaults of the fields that are left out; false when one must not be. */
function addDefaults(f: CheckState, n: AstNode, type: number, node: TNode, given: Map<number, number>): boolean {
  const fields = f.c.types.list[type].fields;
  if (given.size === fields.length) return true;
  let missing = "";
  const defaults = fieldDefaults(f, type);
  for (let i = 0; i < fields.length; i++) {
    if (given.has(i)) continue;
    if (defaults[i] >= 0) {
      const value = defaultValue(f, type, defaults[i], fields[i].type);
      if (isInvalid(f, value)) return false;
      node.list.push(value);
      node.list2.push(i);
    } else if (!hasZeroValue(f.c, fields[i].type)) {
      missing += (missing === "" ? "" : ", ") + "'" + nameText(f.c.names, fields[i].name) + "'";
    }
  }
  if (missing === "") return true;
  checkError(f, n.pos, "missing-field", "these fields of " + shown(f, type) + " have no zero value and must be given: " + missing);
  return false;
}

/** By field: the syntax node of its default, in the declaration's file, or -1. */
function fieldDefaults(f: CheckState, type: number): number[] {
  const decl = f.c.decls[f.c.declOf.get(type)!];
  const ast = f.c.units[decl.unit].ast;
  const out: number[] = [];
  for (const id of ast.nodes[decl.node].list) if (ast.nodes[id].kind === NodeKind.field) out.push(ast.nodes[id].b);
  return out;
}

/** A default is checked where its struct is declared, into the function that uses it. */
function defaultValue(f: CheckState, type: number, id: number, fieldType: number): number {
  const decl = f.c.decls[f.c.declOf.get(type)!];
  const scope = f.scope;
  const ast = f.ast;
  const unit = f.unit;
  f.scope = ownerScope(f.c, type, decl.scope, decl.params, decl.unit);
  f.unit = decl.unit;
  f.ast = f.c.units[decl.unit].ast;
  const value = checkAs(f, id, fieldType);
  f.scope = scope;
  f.ast = ast;
  f.unit = unit;
  return value;
}

/** .{ .Variant = payload } of a union. */
function unionLiteral(f: CheckState, n: AstNode, type: number): number {
  if (n.list.length !== 1) return wrong(f, n.pos, "type-mismatch", "a union literal gives one variant");
  const init = syntaxNode(f, n.list[0]);
  const index = findField(f.c, type, init.name);
  if (index < 0) return wrong(f, init.pos, "no-member", shown(f, type) + " has no variant " + shownName(f, init.name));
  return unionNode(f, type, index, checkAs(f, init.a, f.c.types.list[type].fields[index].type), n.pos);
}

/** A variant with its payload (-1: none). */
export function unionNode(f: CheckState, type: number, index: number, payload: number, pos: number): number {
  if (payload >= 0 && isInvalid(f, payload)) return payload;
  const node = newTNode(TOp.make_union, type, pos);
  node.n = index;
  node.a = payload;
  return addTNode(f, node);
}

/** .Name where the type is known: a member, variant, error or constant of it. */
export function checkDotName(f: CheckState, n: AstNode, want: number): number {
  const type = literalTarget(f, want);
  if (type === TypeId.invalid) return invalidNode(f, n.pos);
  if (type < 0) return wrong(f, n.pos, "unknown-type", "the type that '." + nameText(f.c.names, n.name) + "' belongs to is not known here");
  const kind = f.c.types.list[type].kind;
  if (kind !== Kind.enum && kind !== Kind.union && kind !== Kind.error_set && kind !== Kind.struct) {
    return wrong(f, n.pos, "type-mismatch", "expected " + shown(f, type) + ", found '." + nameText(f.c.names, n.name) + "'");
  }
  return selectFromType(f, type, n.name, n.pos);
}

/** new S { ... }, new S(args), new [n]T, new U.A(payload) */
export function checkNew(f: CheckState, n: AstNode): number {
  if (f.constant) return wrong(f, n.pos, "const-call", "nothing can be allocated at compile time");
  const variant = newVariant(f, n);
  if (variant >= 0) return variant;
  const kind = syntaxNode(f, n.a).kind;
  if (kind === NodeKind.array_type) return newArray(f, n);
  if (kind === NodeKind.slice || kind === NodeKind.list_type) return wrong(f, n.pos, "bad-type", "the length must be written, as in 'new [n]T'");
  let args = n.list;
  let withArgs = hasFlag(n, Flag.with_args);
  let type = -1;
  if (withArgs && denotesGenericType(f, n.a) && args.length > 0 && denotesType(f, args[0])) {
    // "new List(i64)": what stands in the parentheses are the type arguments.
    type = resolveApplied(f, n.a, args, n.pos);
    withArgs = false;
    args = [];
  } else {
    type = resolveType(f, n.a);
  }
  if (type === TypeId.invalid) {
    for (const a of args) checkExpr(f, a, -1);
    return invalidNode(f, n.pos);
  }
  return newObject(f, n, type, withArgs, args);
}

/** An object that holds a union with a variant, or -1 when that is not what is made. */
function newVariant(f: CheckState, n: AstNode): number {
  const path = syntaxNode(f, n.a);
  if (path.kind !== NodeKind.select || n.b >= 0 || denotesType(f, n.a) || !denotesType(f, path.a) || denotesGenericType(f, path.a)) return -1;
  const type = resolveType(f, path.a);
  completeType(f.c, type);
  const info = f.c.types.list[type];
  const index = info.kind === Kind.union ? findField(f.c, type, path.name) : -1;
  if (index < 0) return -1;
  const bare = info.fields[index].type === TypeId.void && !hasFlag(n, Flag.with_args);
  const value = bare ? unionNode(f, type, index, -1, n.pos) : callVariant(f, n, type, path.name, path.pos);
  if (isInvalid(f, value)) return value;
  noteDeinit(f, type, n.pos);
  return addUnaryNode(f, TOp.new_object, pointerTo(f.c.types, type), n.pos, value);
}

function newObject(f: CheckState, n: AstNode, type: number, withArgs: boolean, args: number[]): number {
  let value = -1;
  if (n.b >= 0) {
    value = structLiteral(f, syntaxNode(f, n.b), type);
  } else {
    const empty: AstNode = { kind: NodeKind.literal, pos: n.pos, name: 0, a: -1, b: -1, c: -1, d: -1, n: -1, flags: 0, list: [] };
    value = withArgs ? zeroedObject(f, n, type) : structLiteral(f, empty, type);
  }
  if (isInvalid(f, value)) {
    for (const a of args) checkExpr(f, a, -1);
    return value;
  }
  noteDeinit(f, type, n.pos);
  const pointer = pointerTo(f.c.types, type);
  if (!withArgs) return addUnaryNode(f, TOp.new_object, pointer, n.pos, value);
  return callInit(f, n, type, value, args);
}

/** The object that init gets: defaults and zeros; init gives the rest. */
function zeroedObject(f: CheckState, n: AstNode, type: number): number {
  completeType(f.c, type);
  const info = f.c.types.list[type];
  if (info.kind !== Kind.struct) return wrong(f, n.pos, "type-mismatch", shown(f, type) + " is not a struct");
  const node = newTNode(TOp.make_struct, type, n.pos);
  node.list = [];
  node.list2 = [];
  const defaults = fieldDefaults(f, type);
  for (let i = 0; i < info.fields.length; i++) {
    if (defaults[i] < 0) continue;
    node.list.push(defaultValue(f, type, defaults[i], info.fields[i].type));
    node.list2.push(i);
  }
  return addTNode(f, node);
}

function callInit(f: CheckState, n: AstNode, type: number, value: number, args: number[]): number {
  const member = memberOf(f.c, type, f.c.initName);
  if (member < 0 || f.c.members[member].func < 0) {
    for (const a of args) checkExpr(f, a, -1);
    return wrong(f, n.pos, "no-member", shown(f, type) + " has no function 'init' to call");
  }
  const pointer = pointerTo(f.c.types, type);
  const inst = funcInstance(f.c, f.c.members[member].func, type, [], n.pos);
  const i = f.c.insts[inst];
  if (i.params.length === 0 || i.params[0] !== pointer) return wrong(f, n.pos, "type-mismatch", "the first parameter of 'init' must be of type " + shown(f, pointer));
  if (f.c.types.list[i.result].kind === Kind.error_union) return wrong(f, n.pos, "type-mismatch", "'init' cannot fail when it is called by 'new'");
  const node = newTNode(TOp.new_init, pointer, n.pos);
  node.a = value;
  node.n = i.func;
  const values = checkArgs(f, args, i.params, 1, false, n.pos, "init");
  if (values === null) return invalidNode(f, n.pos);
  node.list = values;
  return addTNode(f, node);
}

function newArray(f: CheckState, n: AstNode): number {
  const syntax = syntaxNode(f, n.a);
  const elem = resolveType(f, syntax.b);
  const count = coerce(f, settle(f, checkExpr(f, syntax.a, TypeId.i64)), TypeId.i64, syntaxNode(f, syntax.a).pos);
  if (elem === TypeId.invalid || isInvalid(f, count)) return invalidNode(f, n.pos);
  if (!hasZeroValue(f.c, elem)) {
    return wrong(f, n.pos, "no-zero-value", shown(f, elem) + " has no zero value, so an array of it cannot be made; use '?' in the element or @newZeroed");
  }
  if (nodeKind(f, count) !== Kind.int) return invalidNode(f, n.pos);
  return addUnaryNode(f, TOp.new_array, sliceOf(f.c.types, elem), n.pos, count);
}
