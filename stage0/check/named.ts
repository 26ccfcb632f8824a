// Declared types: making their instances and filling in their fields.
// In -> out: a TypeDecl and argument types, to a type id, once for the same arguments. Fields are found as soon as
// no other type is being completed, so that types may refer to each other; a type that holds itself by value
// is an error, and so is a generic type that goes on making new instances.

import { report } from "../base/diag.ts";
import { addI128, compareI128, fitsBits, type I128, i128From, textI128 } from "../base/int128.ts";
import { nameText } from "../base/intern.ts";
import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { type Checker, type CheckState, enterDeclaration, leaveDeclaration, newDeclState, newScope, type Scope } from "./checker.ts";
import { constantInt } from "./constant.ts";
import { instanceName } from "./declare.ts";
import { enumBits, packField } from "./packed.ts";
import { bindType } from "./scope.ts";
import { addType, type Field, isConstSlice, Kind, MAX_TYPE_HEIGHT, partHeight, TypeId, type TypeInfo, typeText } from "./types.ts";
import { resolveType } from "./typexpr.ts";

const MAX_LEVEL = 200;

/** The type of a declaration with these arguments. */
export function instantiateType(c: Checker, decl: number, args: number[], pos: number): number {
  const d = c.decls[decl];
  let key = "";
  for (const a of args) key += a + ",";
  const known = d.instances.get(key);
  if (known !== undefined) return known;
  if (d.grows || c.level > MAX_LEVEL) {
    d.grows = true;
    report(c.diags, pos, "generic-growth", "'" + d.name + "' needs instances of itself without end");
    return TypeId.invalid;
  }
  const type = addType(c.types, d.kind, instanceName(c, d.name, args));
  const info = c.types.list[type];
  info.pos = d.pos;
  const n = c.units[d.unit].ast.nodes[d.node];
  info.isExtern = hasFlag(n, Flag.external);
  info.isPacked = hasFlag(n, Flag.packed);
  d.instances.set(key, type);
  c.declOf.set(type, decl);
  c.argsOf.set(type, args);
  c.levelOf.set(type, args.length > 0 ? c.level + 1 : c.level);
  c.pendingTypes.push(type);
  completePending(c);
  return type;
}

/** Completes the types that wait for it, unless that is under way. */
export function completePending(c: Checker): void {
  if (c.completing > 0) return;
  const level = c.level;
  while (c.pendingTypes.length > 0) {
    const type = c.pendingTypes.pop()!;
    completeType(c, type);
    c.level = level;
  }
}

/** Fills in fields, tag values and layout flags of a declared type. */
export function completeType(c: Checker, type: number): void {
  const decl = c.declOf.get(type);
  if (decl === undefined || c.complete.has(type) || c.decls[decl].node < 0) return;
  if (!enterDeclaration(c, 0, c.decls[decl].pos)) return;
  c.complete.set(type, 1);
  c.completing += 1;
  const level = c.level;
  c.level = c.levelOf.get(type)!;
  const d = c.decls[decl];
  const n = c.units[d.unit].ast.nodes[d.node];
  const f = newDeclState(c, d.unit, ownerScope(c, type, d.scope, d.params, d.unit));
  if (d.kind === Kind.struct) completeStruct(f, type, n);
  else if (d.kind === Kind.enum) completeEnum(f, type, n);
  else if (d.kind === Kind.union) completeUnion(f, type, n);
  else if (d.kind === Kind.distinct) completeDistinct(f, type, n);
  c.complete.set(type, 2);
  c.level = level;
  c.completing -= 1;
  leaveDeclaration(c, 0);
}

/** The types of which values of a type are made, itself first; behind a slice that only reads too, if that is asked for. */
export function heldTypes(c: Checker, type: number, readSlices: boolean): number[] {
  const held: number[] = [];
  const seen: Map<number, number> = new Map();
  const work: number[] = [type];
  while (work.length > 0) {
    const t = work[work.length - 1];
    work.pop();
    if (seen.has(t)) continue;
    seen.set(t, 1);
    held.push(t);
    const info = c.types.list[t];
    switch (info.kind) {
      case Kind.array: case Kind.optional: case Kind.error_union: case Kind.distinct: work.push(info.elem); break;
      case Kind.slice:
        if (readSlices && isConstSlice(c.types, t)) work.push(info.elem);
        break;
      case Kind.struct: case Kind.union: case Kind.tuple:
        completeType(c, t);
        for (const part of info.fields) work.push(part.type);
        break;
      default: break;
    }
  }
  return held;
}

/** A scope in which the names of an owner's type parameters, and Self, stand for the owner's types. */
export function ownerScope(c: Checker, type: number, parent: Scope, params: number[], unit: number): Scope {
  const scope = newScope(parent);
  scope.owner = type;
  bindType(c, scope, c.SelfName, type, unit);
  const args = c.argsOf.get(type);
  if (args !== undefined) for (let i = 0; i < params.length && i < args.length; i++) bindType(c, scope, params[i], args[i], unit);
  return scope;
}

/** Reports a field that holds its own type by value; such a field becomes invalid. */
function checkedFieldType(f: CheckState, type: number, pos: number): number {
  const c = f.c;
  const inner = valuePart(c, type);
  if (inner < 0) return type;
  if (c.complete.get(inner) === 1) {
    report(c.diags, pos, "infinite-type", "'" + typeText(c.types, inner) + "' holds itself; put a pointer between");
    return TypeId.invalid;
  }
  completeType(c, inner);
  const height = partHeight(c.types, type) + 1;
  const holder = c.types.list[f.scope.owner];
  if (height > holder.height) holder.height = height;
  if (height <= MAX_TYPE_HEIGHT) return type;
  report(c.diags, pos, "too-deep", "types stand in each other deeper than " + MAX_TYPE_HEIGHT + " levels");
  holder.height = 0;
  return TypeId.invalid;
}

/** The type of a field or variant, as its syntax node says. */
function fieldTypeOf(f: CheckState, id: number): number {
  const height = f.ast.heights[id];
  const pos = f.ast.nodes[id].pos;
  if (!enterDeclaration(f.c, height, pos)) return TypeId.invalid;
  const type = checkedFieldType(f, resolveType(f, id), pos);
  leaveDeclaration(f.c, height);
  return type;
}

/** The declared type that a type holds directly by value, or -1. Tuples are looked through by their parts. */
function valuePart(c: Checker, type: number): number {
  let t = type;
  while (true) {
    const info = c.types.list[t];
    if (info.kind === Kind.array || info.kind === Kind.optional || info.kind === Kind.error_union) {
      t = info.elem;
    } else if (info.kind === Kind.tuple) {
      for (const part of info.fields) {
        const inner = valuePart(c, part.type);
        if (inner >= 0 && c.complete.get(inner) !== 2) return inner;
      }
      return -1;
    } else {
      return c.declOf.has(t) ? t : -1;
    }
  }
}

function addField(f: CheckState, type: number, name: number, fieldType: number, value: I128, pos: number, unit: number): void {
  const info = f.c.types.list[type];
  if (info.fieldIds.has(name)) report(f.c.diags, pos, "duplicate-name", "'" + nameText(f.c.names, name) + "' stands twice in '" + typeText(f.c.types, type) + "'");
  else info.fieldIds.set(name, info.fields.length);
  const field: Field = { name: name, type: fieldType, value: value, pos: pos, unit: unit };
  info.fields.push(field);
}

function completeStruct(f: CheckState, type: number, n: AstNode): void {
  for (const id of n.list) {
    const m = f.ast.nodes[id];
    if (m.kind !== NodeKind.field) continue;
    let fieldType = fieldTypeOf(f, m.a);
    if (fieldType === TypeId.void || fieldType === TypeId.noreturn) {
      report(f.c.diags, m.pos, "bad-type", "a field cannot be of type '" + typeText(f.c.types, fieldType) + "'");
      fieldType = TypeId.invalid;
    }
    if (f.c.types.list[type].isPacked) fieldType = packField(f, type, fieldType, m.pos);
    addField(f, type, m.name, fieldType, i128From(0), m.pos, hasFlag(m, Flag.private) ? f.unit : -1);
  }
}

function completeEnum(f: CheckState, type: number, n: AstNode): void {
  const names: Map<string, number> = new Map();
  // Until the greatest value is known; a value may ask for it.
  f.c.types.list[type].elem = TypeId.i64;
  let next = i128From(0);
  let least = next;
  let greatest = next;
  for (const id of n.list) {
    const m = f.ast.nodes[id];
    if (m.kind !== NodeKind.enum_item) continue;
    if (m.a >= 0) next = constantInt(f, m.a, next);
    if (!fitsBits(next, 64, true) && (n.a < 0 || !fitsBits(next, 64, false))) {
      report(f.c.diags, m.pos, "number-too-large", "the value of an enum member must fit in 64 bits");
      next = i128From(0);
    }
    const text = textI128(next);
    const earlier = names.get(text);
    if (earlier !== undefined) report(f.c.diags, m.pos, "duplicate-value", "this value is already that of '" + nameText(f.c.names, earlier) + "'");
    names.set(text, m.name);
    addField(f, type, m.name, TypeId.void, next, m.pos, -1);
    if (compareI128(next, least) < 0) least = next;
    if (compareI128(next, greatest) > 0) greatest = next;
    next = addI128(next, i128From(1));
  }
  if (f.c.types.list[type].fields.length === 0) report(f.c.diags, n.pos, "empty-type", "an enum has at least one member");
  f.c.types.list[type].elem = n.a >= 0 ? declaredTag(f, n.a, least, greatest) : smallestTag(least, greatest);
  setEnumWidth(f.c.types.list[type], least, greatest);
}

function setEnumWidth(info: TypeInfo, least: I128, greatest: I128): void {
  info.signed = compareI128(least, i128From(0)) < 0;
  info.bits = enumBits(least, greatest, info.signed);
}

function declaredTag(f: CheckState, id: number, least: I128, greatest: I128): number {
  const tag = resolveType(f, id);
  const info = f.c.types.list[tag];
  if (tag === TypeId.invalid) return TypeId.i64;
  if (info.kind !== Kind.int) {
    report(f.c.diags, f.ast.nodes[id].pos, "bad-type", "the tag of an enum is an integer type, not '" + info.name + "'");
    return TypeId.i64;
  }
  if (!fitsBits(least, info.bits, info.signed) || !fitsBits(greatest, info.bits, info.signed)) {
    report(f.c.diags, f.ast.nodes[id].pos, "number-too-large", "'" + info.name + "' does not hold all values of the enum");
  }
  return tag;
}

function smallestTag(least: I128, greatest: I128): number {
  if (compareI128(least, i128From(0)) < 0) return TypeId.i64;
  if (fitsBits(greatest, 8, false)) return TypeId.u8;
  if (fitsBits(greatest, 16, false)) return TypeId.u16;
  return fitsBits(greatest, 32, false) ? TypeId.u32 : TypeId.i64;
}

function completeUnion(f: CheckState, type: number, n: AstNode): void {
  const c = f.c;
  const tag = addType(c.types, Kind.enum, typeText(c.types, type) + ".Tag");
  c.types.list[tag].pos = n.pos;
  c.types.list[tag].elem = TypeId.u8;
  c.types.list[type].elem = tag;
  let count = 0;
  for (const id of n.list) {
    const m = f.ast.nodes[id];
    if (m.kind !== NodeKind.union_item) continue;
    let payload: number = TypeId.void;
    if (m.a >= 0) payload = fieldTypeOf(f, m.a);
    addField(f, type, m.name, payload, i128From(count), m.pos, -1);
    c.types.list[tag].fieldIds.set(m.name, c.types.list[type].fieldIds.get(m.name)!);
    c.types.list[tag].fields.push({ name: m.name, type: TypeId.void, value: i128From(count), pos: m.pos, unit: -1 });
    count += 1;
  }
  if (count === 0) report(c.diags, n.pos, "empty-type", "a union has at least one variant");
  c.types.list[tag].elem = smallestTag(i128From(0), i128From(count));
  setEnumWidth(c.types.list[tag], i128From(0), i128From(count - 1));
}

function completeDistinct(f: CheckState, type: number, n: AstNode): void {
  let base = fieldTypeOf(f, n.a);
  if (f.c.types.list[base].kind === Kind.weak) {
    report(f.c.diags, f.ast.nodes[n.a].pos, "bad-type", "a distinct type is not of a weak reference, which is read as another type");
    base = TypeId.invalid;
  }
  f.c.types.list[type].elem = base;
}

/** The declaration that holds the members of a type; made now for a type that is not declared. */
export function declForType(c: Checker, type: number): number {
  const known = c.declOf.get(type);
  if (known !== undefined) return known;
  c.decls.push({
    kind: c.types.list[type].kind, name: typeText(c.types, type), pos: -1, unit: 0, node: -1, scope: c.universe, params: [], isTrait: false,
    members: new Map(), impls: [], instances: new Map(), grows: false,
  });
  c.declOf.set(type, c.decls.length - 1);
  return c.decls.length - 1;
}

/** Whether all zero bits are a value of the type: no pointer or fn outside an optional, no enum without the value 0. */
export function hasZeroValue(c: Checker, type: number): boolean {
  const info = c.types.list[type];
  if (info.zero >= 0) return info.zero === 1;
  const was = c.unsettled;
  c.unsettled = c.complete.get(type) === 1;
  const zero = findZeroValue(c, type, info);
  if (!c.unsettled) info.zero = zero ? 1 : 0;
  c.unsettled = c.unsettled || was;
  return zero;
}

function findZeroValue(c: Checker, type: number, info: TypeInfo): boolean {
  switch (info.kind) {
    case Kind.pointer: case Kind.fn: case Kind.extern_fn: return false;
    case Kind.array: return info.len === 0 || hasZeroValue(c, info.elem);
    case Kind.distinct: case Kind.error_union: return hasZeroValue(c, info.elem);
    case Kind.struct: case Kind.tuple:
      completeType(c, type);
      for (const field of info.fields) if (!hasZeroValue(c, field.type)) return false;
      return true;
    case Kind.union:
      completeType(c, type);
      return info.fields.length === 0 || hasZeroValue(c, info.fields[0].type);
    case Kind.enum:
      completeType(c, type);
      for (const member of info.fields) if (compareI128(member.value, i128From(0)) === 0) return true;
      return info.fields.length === 0;
    default: return true;
  }
}
