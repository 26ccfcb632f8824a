// Functions: their instances, signatures and bodies.
// In -> out: a FuncDecl, the type it is a member of and type arguments, to a FuncInst with a signature, once for the
// same ones; its body waits in a queue and is checked when no other body is. "!T" gets an error set that grows.

import { report } from "../base/diag.ts";
import { nameText } from "../base/intern.ts";
import { type AstNode, Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { addFunc, addTNode, type Checker, checkError, type FuncInst, type CheckState, newDeclState, newCheckState, newScope, nodeType, type Scope, shown } from "./checker.ts";
import { zeroNode } from "./convert.ts";
import { instanceName, traitOf } from "./declare.ts";
import { newInferredSet } from "./errorset.ts";
import { implementsTrait, memberOf } from "./member.ts";
import { ownerScope } from "./named.ts";
import { bindType, declareVariable, lookupName } from "./scope.ts";
import { checkBlock } from "./stmt.ts";
import { FuncKind, newTNode, TOp } from "./tree.ts";
import { errorUnionOf, Kind, TypeId, typeText } from "./types.ts";
import { resolveType } from "./typexpr.ts";

const MAX_INSTANCE_LEVEL = 200;

/** The instance of a function for an owner (-1: none) and type arguments. */
export function funcInstance(c: Checker, decl: number, ownerType: number, args: number[], pos: number): number {
  const d = c.funcDecls[decl];
  let key = ownerType + ":";
  for (const a of args) key += a + ",";
  const known = d.instances.get(key);
  if (known !== undefined) return known;
  const generic = args.length > 0 || (ownerType >= 0 && d.ownerParams.length > 0);
  const level = c.level + (generic ? 1 : 0);
  if (level > MAX_INSTANCE_LEVEL) {
    report(c.diags, pos, "generic-growth", "'" + nameText(c.names, d.name) + "' needs instances of itself without end");
    d.grows = true;
  }
  const scope = ownerType >= 0 ? ownerScope(c, ownerType, d.scope, d.ownerParams, d.unit) : newScope(d.scope);
  for (let i = 0; i < d.params.length && i < args.length; i++) bindType(c, scope, d.params[i], args[i], d.unit);
  const n = c.units[d.unit].ast.nodes[d.node];
  const module = c.units[d.unit].ast.file.module;
  const prefix = ownerType >= 0 ? typeText(c.types, ownerType) : module;
  const func = addFunc(c, instanceName(c, prefix + "." + nameText(c.names, d.name), args), funcKind(n), n.pos);
  const inst: FuncInst = {
    decl: decl, ownerType: ownerType, scope: scope, func: c.funcs.length - 1, params: [], result: TypeId.invalid, state: 1,
    bodyChecked: d.grows, level: level,
  };
  const id = c.insts.length;
  c.insts.push(inst);
  c.instOf[inst.func] = id;
  d.instances.set(key, id);
  if (func.kind !== FuncKind.normal) func.outer = nameText(c.names, d.name);
  if (func.kind === FuncKind.extern && n.n >= 0) func.importModule = c.units[d.unit].ast.texts[n.n];
  findSignature(c, inst, n, d.unit, func.name);
  func.result = inst.result;
  func.variadic = hasFlag(n, Flag.variadic);
  checkBounds(c, n, d.unit, scope, pos);
  if (n.c >= 0) c.queue.push(id);
  else declareParams(newCheckState(c, d.unit, newScope(scope), func, inst.func), n, inst.params);
  return id;
}

function funcKind(n: AstNode): number {
  if (hasFlag(n, Flag.external)) return FuncKind.extern;
  return hasFlag(n, Flag.exported) ? FuncKind.export : FuncKind.normal;
}

/** Parameter and result types; a body's inferred errors get a set of their own. */
function findSignature(c: Checker, inst: FuncInst, n: AstNode, unit: number, name: string): void {
  const f = newDeclState(c, unit, inst.scope);
  for (const id of n.list) {
    const type = resolveType(f, f.ast.nodes[id].a);
    inst.params.push(valueType(f, type, f.ast.nodes[id].pos, "a parameter"));
  }
  inst.result = resultType(f, n.b, n.c >= 0, name);
  inst.state = 2;
}

function valueType(f: CheckState, type: number, pos: number, what: string): number {
  if (type !== TypeId.void && type !== TypeId.noreturn) return type;
  checkError(f, pos, "bad-type", what + " cannot be of type " + shown(f, type));
  return TypeId.invalid;
}

/** The type of a result node (-1: void). */
export function resultType(f: CheckState, id: number, hasBody: boolean, name: string): number {
  if (id < 0) return TypeId.void;
  const n = f.ast.nodes[id];
  if (n.kind !== NodeKind.error_union || n.a >= 0 || !hasBody) return resolveType(f, id);
  const payload = resolveType(f, n.b);
  if (payload === TypeId.invalid) return payload;
  return errorUnionOf(f.c.types, newInferredSet(f.c, name), payload);
}

/** Reports type arguments without the traits that "where" demands. */
function checkBounds(c: Checker, n: AstNode, unit: number, scope: Scope, pos: number): void {
  if (n.d < 0) return;
  const f = newDeclState(c, unit, scope);
  for (const id of f.ast.nodes[n.d].list) {
    const bound = f.ast.nodes[id];
    const e = lookupName(f, bound.name, bound.pos);
    const type = e >= 0 ? c.entities[e].type : -1;
    if (type < 0) {
      checkError(f, bound.pos, "undefined-name", "'" + nameText(c.names, bound.name) + "' is not a type parameter");
      continue;
    }
    for (const t of bound.list) {
      const trait = traitOf(c, unit, t);
      if (trait < 0 || type === TypeId.invalid || implementsTrait(c, type, trait)) continue;
      report(c.diags, pos, "missing-trait", "'" + typeText(c.types, type) + "' does not implement the trait '" + c.decls[trait].name + "'");
    }
  }
}

/** Checks the bodies that wait, and those that come up meanwhile. */
export function checkQueue(c: Checker): void {
  while (c.queue.length > 0) {
    const inst = c.insts[c.queue.pop()!];
    if (inst.bodyChecked) continue;
    inst.bodyChecked = true;
    c.level = inst.level;
    checkFuncBody(c, inst);
  }
  c.level = 0;
}

function checkFuncBody(c: Checker, inst: FuncInst): void {
  const d = c.funcDecls[inst.decl];
  const f = newCheckState(c, d.unit, newScope(inst.scope), c.funcs[inst.func], inst.func);
  const n = f.ast.nodes[d.node];
  f.result = inst.result;
  declareParams(f, n, inst.params);
  checkBodyBlock(f, n.c, n.pos);
}

/** Declares the parameters of a function or closure as locals. */
export function declareParams(f: CheckState, n: AstNode, types: number[]): void {
  for (let i = 0; i < n.list.length; i++) {
    const param = f.ast.nodes[n.list[i]];
    f.func.params.push(declareVariable(f, param.name, types[i], param.pos, false));
  }
}

/** Checks a body as the block of a function; every path must return when there is a result. */
export function checkBodyBlock(f: CheckState, id: number, pos: number): void {
  const body = checkBlock(f, id, -1, false);
  f.func.body = body;
  if (nodeType(f, body) === TypeId.noreturn || f.result === TypeId.void || f.result === TypeId.invalid) return;
  const info = f.c.types.list[f.result];
  if (info.kind === Kind.error_union && info.elem === TypeId.void) {
    const done = newTNode(TOp.return, TypeId.noreturn, pos);
    done.a = zeroNode(f, f.result, pos);
    const block = newTNode(TOp.block, TypeId.noreturn, pos);
    block.list = [body, addTNode(f, done)];
    f.func.body = addTNode(f, block);
    return;
  }
  if (f.result === TypeId.noreturn) checkError(f, pos, "missing-return", "this function must not come to its end, but it may");
  else checkError(f, pos, "missing-return", "this function must return a value of " + shown(f, f.result) + ", but may come to its end");
}

/** Notes that objects of a type are made: its deinit belongs to the program. */
export function noteDeinit(f: CheckState, type: number, pos: number): void {
  const c = f.c;
  const info = c.types.list[type];
  if (info.deinit >= 0) return;
  const member = memberOf(c, type, c.deinitName);
  if (member < 0 || c.members[member].func < 0) return;
  const inst = c.insts[funcInstance(c, c.members[member].func, type, [], pos)];
  const param = inst.params.length === 1 ? c.types.list[inst.params[0]] : null;
  if (param === null || param.kind !== Kind.pointer || param.elem !== type || inst.result !== TypeId.void) {
    checkError(f, c.funcs[inst.func].pos, "type-mismatch", "'deinit' takes one parameter, self: *" + typeText(c.types, type) + ", and has no result");
  }
  info.deinit = inst.func;
}
