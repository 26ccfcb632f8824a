// Declarations of files and of the bodies of types: what is there, before anything is looked into.
// In -> out: syntax, to entities, TypeDecl, Member, FuncDecl and Impl records. Nothing is resolved here but the
// names that an impl is for, and that only when all files are declared.

import { report } from "../base/diag.ts";
import { nameText } from "../base/intern.ts";
import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { type Checker, EntityKind, newDeclState, newScope, type Scope } from "./checker.ts";
import { addEntity, declareName, entityOf } from "./scope.ts";
import { Kind, typeText } from "./types.ts";
import { declForType } from "./named.ts";
import { resolveAliasEntity, resolveType } from "./typexpr.ts";

/** Declares all names at the top of a file. */
export function declareUnit(c: Checker, unit: number): void {
  const u = c.units[unit];
  for (const id of u.ast.nodes[u.ast.root].list) {
    const n = u.ast.nodes[id];
    switch (n.kind) {
      case NodeKind.var_decl: declareTopVar(c, unit, id); break;
      case NodeKind.fn_decl: declareTopFunc(c, unit, id); break;
      case NodeKind.struct_decl: case NodeKind.enum_decl: case NodeKind.union_decl: case NodeKind.alias: case NodeKind.trait_decl:
        declareType(c, unit, u.scope, id, n.name, u.ast.file.module);
        break;
      case NodeKind.block: report(c.diags, n.pos, "unsupported", "a comptime block at the top of a file is not supported"); break;
      default: break;
    }
  }
}

function declareTopVar(c: Checker, unit: number, id: number): void {
  const u = c.units[unit];
  const n = u.ast.nodes[id];
  if (n.list.length > 0) report(c.diags, n.pos, "unsupported", "a tuple is taken apart inside functions only");
  if (hasFlag(n, Flag.constant)) {
    declareConst(c, unit, u.scope, id, u.ast.file.module);
    return;
  }
  const e = addEntity(c, EntityKind.global, n.name, n.pos, unit, id, u.scope);
  c.entities[e].index = c.globals.length;
  c.globals.push({ entity: e, name: u.ast.file.module + "." + nameText(c.names, n.name), type: -1, pos: n.pos, state: 0, func: -1, unit: unit });
  declareName(c, u.scope, e);
}

/** Declares a constant, or the type that it names, in a scope; gives its entity. */
export function declareConst(c: Checker, unit: number, scope: Scope, id: number, owner: string): number {
  const ast = c.units[unit].ast;
  const n = ast.nodes[id];
  if (n.b >= 0 && n.a < 0) {
    const kind = ast.nodes[n.b].kind;
    if (kind === NodeKind.struct_decl || kind === NodeKind.enum_decl || kind === NodeKind.union_decl) {
      return declareType(c, unit, scope, n.b, n.name, owner);
    }
  }
  const e = addEntity(c, EntityKind.constant, n.name, n.pos, unit, id, scope);
  c.entities[e].index = c.consts.length;
  c.consts.push({ entity: e, state: 0, func: -1, node: -1, parts: 0, type: -1, global: -1 });
  declareName(c, scope, e);
  return e;
}

function declareTopFunc(c: Checker, unit: number, id: number): void {
  const u = c.units[unit];
  const n = u.ast.nodes[id];
  requireBody(c, n);
  const e = addEntity(c, EntityKind.func, n.name, n.pos, unit, id, u.scope);
  c.entities[e].index = addFuncDecl(c, unit, u.scope, id, -1, noParams);
  declareName(c, u.scope, e);
}

const noParams: number[] = [];

/** Reports a function without a body, and an extern function with one. Only traits leave bodies out. */
function requireBody(c: Checker, n: AstNode): void {
  const external = hasFlag(n, Flag.external);
  if (!external && n.c < 0) report(c.diags, n.pos, "missing-body", "the function '" + nameText(c.names, n.name) + "' needs a body");
  if (external && n.c >= 0) report(c.diags, n.pos, "unexpected-body", "an extern function has no body");
}

/** Registers a function as written. */
export function addFuncDecl(c: Checker, unit: number, scope: Scope, id: number, owner: number, ownerParams: number[]): number {
  const ast = c.units[unit].ast;
  const n = ast.nodes[id];
  const params: number[] = [];
  if (n.a >= 0) for (const p of ast.nodes[n.a].list) params.push(ast.nodes[p].name);
  const hasSelf = owner >= 0 && !hasFlag(n, Flag.static) && n.list.length > 0 && ast.nodes[n.list[0]].name === c.selfName;
  c.funcDecls.push({
    name: n.name, unit: unit, node: id, scope: scope, owner: owner, ownerParams: ownerParams, params: params, hasSelf: hasSelf, instances: new Map(), grows: false,
  });
  return c.funcDecls.length - 1;
}

/** Declares a struct, enum, union, alias or trait in a scope; `owner` is what its name begins with. Gives its entity. */
export function declareType(c: Checker, unit: number, scope: Scope, id: number, name: number, owner: string): number {
  const n = c.units[unit].ast.nodes[id];
  if (n.kind === NodeKind.alias && !hasFlag(n, Flag.distinct)) {
    const alias = addEntity(c, EntityKind.alias, name, n.pos, unit, id, scope);
    declareName(c, scope, alias);
    return alias;
  }
  const e = addEntity(c, n.kind === NodeKind.trait_decl ? EntityKind.trait : EntityKind.type_decl, name, n.pos, unit, id, scope);
  c.entities[e].index = addTypeDecl(c, unit, scope, id, uniqueTypeName(c, owner + "." + nameText(c.names, name)));
  declareName(c, scope, e);
  return e;
}

/** A name that no other type has: types of one name in several blocks of a function are numbered. */
function uniqueTypeName(c: Checker, name: string): string {
  const known = c.typeNames.get(name);
  c.typeNames.set(name, known === undefined ? 1 : known + 1);
  return known === undefined ? name : name + "." + (known + 1);
}

/** Registers a type as written, with what its body declares. */
export function addTypeDecl(c: Checker, unit: number, scope: Scope, id: number, name: string): number {
  const ast = c.units[unit].ast;
  const n = ast.nodes[id];
  const params: number[] = [];
  if (n.kind !== NodeKind.alias && n.kind !== NodeKind.enum_decl && n.a >= 0) for (const p of ast.nodes[n.a].list) params.push(ast.nodes[p].name);
  c.decls.push({
    kind: declKind(n), name: name, pos: n.pos, unit: unit, node: id, scope: scope, params: params, isTrait: n.kind === NodeKind.trait_decl,
    members: new Map(), impls: [], instances: new Map(), grows: false,
  });
  const decl = c.decls.length - 1;
  addMembers(c, decl, unit, n, scope, params);
  return decl;
}

function declKind(n: AstNode): number {
  if (n.kind === NodeKind.struct_decl) return Kind.struct;
  if (n.kind === NodeKind.enum_decl) return Kind.enum;
  if (n.kind === NodeKind.union_decl) return Kind.union;
  return n.kind === NodeKind.alias ? Kind.distinct : Kind.invalid;
}

/** The functions, constants and types in a body, as members of a type. */
function addMembers(c: Checker, decl: number, unit: number, body: AstNode, scope: Scope, params: number[]): void {
  const ast = c.units[unit].ast;
  for (const id of body.list) {
    const n = ast.nodes[id];
    if (n.kind === NodeKind.fn_decl && body.kind !== NodeKind.trait_decl) requireBody(c, n);
    switch (n.kind) {
      case NodeKind.fn_decl: addMember(c, decl, unit, id, n.name, addFuncDecl(c, unit, scope, id, decl, params), scope, params); break;
      case NodeKind.var_decl:
        if (hasFlag(n, Flag.constant)) addMember(c, decl, unit, id, n.name, -1, scope, params);
        else report(c.diags, n.pos, "unsupported", "a variable cannot stand in a type; declare it at the top of the file");
        break;
      case NodeKind.struct_decl: case NodeKind.enum_decl: case NodeKind.union_decl: case NodeKind.alias:
        addMember(c, decl, unit, id, n.name, -1, scope, params);
        break;
      default: break;
    }
  }
}

function addMember(c: Checker, decl: number, unit: number, id: number, name: number, func: number, scope: Scope, params: number[]): void {
  const d = c.decls[decl];
  const pos = c.units[unit].ast.nodes[id].pos;
  const earlier = d.members.get(name);
  if (earlier !== undefined && (c.members[earlier].unit !== unit || c.members[earlier].node !== id)) {
    report(c.diags, pos, "duplicate-name", "'" + nameText(c.names, name) + "' is already declared in '" + d.name + "'");
    return;
  }
  d.members.set(name, c.members.length);
  c.members.push({ name: name, pos: pos, unit: unit, node: id, func: func, scope: scope, params: params, entities: new Map() });
}

/** Finds what each impl of a file is for, and adds its functions there. */
export function declareImpls(c: Checker, unit: number): void {
  const u = c.units[unit];
  for (const id of u.ast.nodes[u.ast.root].list) {
    if (u.ast.nodes[id].kind === NodeKind.impl_decl) declareImpl(c, unit, id);
  }
}

function declareImpl(c: Checker, unit: number, id: number): void {
  const u = c.units[unit];
  const n = u.ast.nodes[id];
  const f = newDeclState(c, unit, u.scope);
  const params: number[] = [];
  let decl = -1;
  let target = n.a;
  if (u.ast.nodes[target].kind === NodeKind.call) {
    for (const arg of u.ast.nodes[target].list) {
      if (u.ast.nodes[arg].kind === NodeKind.ident) params.push(u.ast.nodes[arg].name);
      else report(c.diags, u.ast.nodes[arg].pos, "unsupported", "an impl of a generic type names its parameters, as in 'impl List(T)'");
    }
    target = u.ast.nodes[target].a;
  }
  const e = entityOf(f, target);
  if (e >= 0 && c.entities[e].kind === EntityKind.type_decl) {
    decl = c.entities[e].index;
  } else if (e >= 0 && (c.entities[e].kind === EntityKind.alias || c.entities[e].kind === EntityKind.constant)) {
    const type = resolveAliasEntity(f, e);
    if (type > 0) decl = declForType(c, type);
  } else {
    const type = resolveType(f, n.a);
    if (type > 0) decl = declForType(c, type);
  }
  if (decl < 0) return;
  if (c.decls[decl].params.length !== params.length) {
    report(c.diags, n.pos, "type-arguments", "'" + c.decls[decl].name + "' has " + c.decls[decl].params.length + " type parameters; the impl names " + params.length);
    return;
  }
  const impl = c.impls.length;
  const scope = newScope(u.scope);
  c.impls.push({ decl: decl, trait: n.b >= 0 ? traitOf(c, unit, n.b) : -1, unit: unit, node: id, scope: scope, params: params });
  c.decls[decl].impls.push(impl);
  addMembers(c, decl, unit, n, scope, params);
}

/** The trait that a syntax node names, or -1 with an error. */
export function traitOf(c: Checker, unit: number, id: number): number {
  const f = newDeclState(c, unit, c.units[unit].scope);
  const e = entityOf(f, id);
  if (e >= 0 && c.entities[e].kind === EntityKind.trait) return c.entities[e].index;
  report(c.diags, c.units[unit].ast.nodes[id].pos, "not-a-trait", e === -1 ? "this trait is not declared" : "this is not a trait");
  return -1;
}

/** Gives the types of a trait's impls the functions with bodies that the impls leave out. */
export function addDefaultMethods(c: Checker, impl: number): void {
  const m = c.impls[impl];
  if (m.trait < 0) return;
  const trait = c.decls[m.trait];
  const ast = c.units[trait.unit].ast;
  const target = c.decls[m.decl];
  for (const id of ast.nodes[trait.node].list) {
    const n = ast.nodes[id];
    if (target.members.has(n.name)) continue;
    const hasDefault = n.kind === NodeKind.fn_decl ? n.c >= 0 : n.kind === NodeKind.var_decl && n.b >= 0;
    if (hasDefault) {
      const func = n.kind === NodeKind.fn_decl ? addFuncDecl(c, trait.unit, trait.scope, id, m.decl, noParams) : -1;
      addMember(c, m.decl, trait.unit, id, n.name, func, trait.scope, noParams);
    } else {
      const what = n.kind === NodeKind.fn_decl ? "function" : "constant";
      report(c.diags, c.units[m.unit].ast.nodes[m.node].pos, "missing-member", "'" + target.name + "' does not give the " + what + " '" + nameText(c.names, n.name) + "' of the trait '" + trait.name + "'");
    }
  }
}

/** "name(T, U)": how an instance is called. */
export function instanceName(c: Checker, name: string, args: number[]): string {
  if (args.length === 0) return name;
  let text = name + "(";
  for (let i = 0; i < args.length; i++) text += (i > 0 ? ", " : "") + typeText(c.types, args[i]);
  return text + ")";
}
