// Members of types: methods, static functions, constants and nested types, by type and name.
// In -> out: a type and a name, to a Member, or to an entity for constants and nested types (one for each owner).

import { Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { type Checker, checkError, type CheckState, EntityKind, shownName } from "./checker.ts";
import { declareType } from "./declare.ts";
import { completeType, ownerScope } from "./named.ts";
import { addEntity } from "./scope.ts";
import { type Field, Kind, typeText } from "./types.ts";

/** The member of a type with a name, or -1. */
export function memberOf(c: Checker, type: number, name: number): number {
  const decl = c.declOf.get(type);
  if (decl === undefined) return -1;
  const found = c.decls[decl].members.get(name);
  return found === undefined ? -1 : found;
}

/** The entity of a constant or nested type of a type, or -1. */
export function memberEntity(c: Checker, type: number, name: number): number {
  const id = memberOf(c, type, name);
  if (id < 0 || c.members[id].func >= 0) return -1;
  const m = c.members[id];
  const known = m.entities.get(type);
  if (known !== undefined) return known;
  const scope = ownerScope(c, type, m.scope, m.params, m.unit);
  const ast = c.units[m.unit].ast;
  const n = ast.nodes[m.node];
  let node = m.node;
  let entity = -1;
  if (n.kind === NodeKind.var_decl && n.b >= 0) {
    const kind = ast.nodes[n.b].kind;
    if (kind === NodeKind.struct_decl || kind === NodeKind.enum_decl || kind === NodeKind.union_decl) node = n.b;
  }
  if (n.kind !== NodeKind.var_decl || node !== m.node) {
    entity = declareType(c, m.unit, scope, node, m.name, typeText(c.types, type));
  } else {
    entity = addEntity(c, EntityKind.constant, m.name, m.pos, m.unit, m.node, scope);
    c.entities[entity].index = c.consts.length;
    c.consts.push({ entity: entity, state: 0, func: -1, node: -1, parts: 0, type: -1, global: -1 });
  }
  m.entities.set(type, entity);
  return entity;
}

/** The index of a field of a struct, variant of a union or member of an enum, or -1; the type is completed. */
export function findField(c: Checker, type: number, name: number): number {
  const info = c.types.list[type];
  if (info.kind !== Kind.struct && info.kind !== Kind.union && info.kind !== Kind.enum) return -1;
  completeType(c, type);
  const index = info.fieldIds.get(name);
  return index === undefined ? -1 : index;
}

/** Whether a declaration in a unit is hidden from the file at hand: it is private there. */
export function isPrivateElsewhere(f: CheckState, unit: number, node: number): boolean {
  return unit >= 0 && unit !== f.unit && node >= 0 && hasFlag(f.c.units[unit].ast.nodes[node], Flag.private);
}

/** Reports a use of a member that is private to another file; false then. */
export function checkMemberSeen(f: CheckState, member: number, pos: number): boolean {
  const m = f.c.members[member];
  return !isPrivateElsewhere(f, m.unit, m.node) || refusePrivate(f, m.name, m.unit, pos);
}

/** Reports a use of a field that is private to another file; false then. */
export function checkFieldSeen(f: CheckState, field: Field, pos: number): boolean {
  return field.unit < 0 || field.unit === f.unit || refusePrivate(f, field.name, field.unit, pos);
}

function refusePrivate(f: CheckState, name: number, unit: number, pos: number): boolean {
  checkError(f, pos, "private", shownName(f, name) + " is private to '" + f.c.units[unit].ast.file.module + "'");
  return false;
}

/** Whether a type has an impl of a trait. */
export function implementsTrait(c: Checker, type: number, trait: number): boolean {
  const decl = c.declOf.get(type);
  if (decl === undefined) return false;
  for (const impl of c.decls[decl].impls) if (c.impls[impl].trait === trait) return true;
  return false;
}
