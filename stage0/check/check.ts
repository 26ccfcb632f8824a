// The checker: a program from its main file to typed functions.
// In -> out: options, to a Program. First all files are loaded, then all names declared, then impls found; then every
// function of the program's own files is checked, those of the library as far as they are used; last, what is
// reachable is put in order.

import { type Diags, dropErrors, errorCount, report } from "../base/diag.ts";
import { hostExists } from "../base/host.ts";
import { hostTable } from "../base/host_embedded.ts";
import { internName, type Names } from "../base/intern.ts";
import type { SourceMap } from "../base/source.ts";
import { tableRows } from "../base/table.ts";
import { Flag, hasFlag, NodeKind } from "../syntax/ast.ts";
import { addFunc, type Checker, type CheckOptions, EntityKind, newCheckerTypes, newDeclState, newCheckState, newProgram, newScope } from "./checker.ts";
import { addDefaultMethods, declareImpls, declareUnit } from "./declare.ts";
import { newInferredSet, settleErrorSets } from "./errorset.ts";
import { checkBodyBlock, checkQueue, funcInstance } from "./function.ts";
import { checkPendingGlobals, findGlobalType } from "./global.ts";
import { checkValuesInC } from "./in_c.ts";
import { loadImports, loadUnit } from "./load.ts";
import { memberEntity } from "./member.ts";
import { completePending, instantiateType } from "./named.ts";
import { orderProgram } from "./order.ts";
import { fillUniverse } from "./scope.ts";
import { checkSizes } from "./sizes.ts";
import { holdPayloads } from "./payloads.ts";
import { checkImplSignatures } from "./trait.ts";
import { FuncKind, type Program } from "./tree.ts";
import { errorUnionOf, Kind, TypeId, typeText } from "./types.ts";
import { isTypeEntity, resolveAliasEntity } from "./typexpr.ts";
import { useConstant } from "./constant.ts";

/** Checks a program. When there are errors in diags afterwards, the program is not complete. */
export function checkProgram(options: CheckOptions, sources: SourceMap, names: Names, diags: Diags): Program {
  const c = newChecker(options, sources, names, diags);
  fillUniverse(c);
  const main = loadUnit(c, options.mainPath, -1, -1);
  const runtime = readRuntimeTable(c);
  for (const wanted of runtime) loadUnit(c, wanted.module + ".cot", -1, -1);
  loadImports(c, 0);
  if (main < 0 || errorCount(diags) > 0) return newProgram(c);
  for (let unit = 0; unit < c.units.length; unit++) declareUnit(c, unit);
  for (let unit = 0; unit < c.units.length; unit++) declareImpls(c, unit);
  for (let impl = 0; impl < c.impls.length; impl++) addDefaultMethods(c, impl);
  completePending(c);
  for (let unit = 0; unit < c.units.length; unit++) if (!c.units[unit].isStd || unit === main) checkUnit(c, unit);
  const tests = options.testMode ? checkTests(c, main) : [];
  const mainInst = options.testMode ? -1 : findMain(c, main);
  const runtimeFuncs: number[] = [];
  if (wrongRuntime(c, runtime)) return newProgram(c);
  for (const decl of runtime) runtimeFuncs.push(runtimeFunc(c, decl));
  drain(c);
  checkImplSignatures(c);
  drain(c);
  settleErrorSets(c);
  if (errorCount(diags) === 0) {
    checkSizes(c);
    checkValuesInC(c);
    holdPayloads(c.types, c.funcs, diags);
  }
  forgetOwners(c);
  return orderProgram(c, main, mainInst, tests, runtimeFuncs);
}

/** Opens the circle of a checker, its entities and the states that own them, which counting could not take away. */
function forgetOwners(c: Checker): void {
  for (const e of c.entities) e.owner = null;
}

function newChecker(options: CheckOptions, sources: SourceMap, names: Names, diags: Diags): Checker {
  return {
    options: options, sources: sources, names: names, diags: diags, types: newCheckerTypes(names), units: [], unitIds: new Map(), entities: [],
    universe: newScope(null), decls: [], members: [], impls: [], funcDecls: [], insts: [], funcs: [], instOf: [], consts: [], globals: [],
    pendingGlobals: [], declOf: new Map(), argsOf: new Map(), levelOf: new Map(), typeNames: new Map(), complete: new Map(), pendingTypes: [], completing: 0, resolving: 0, unsettled: false, joined: 0,
    queue: [], strings: [], stringIds: new Map(), errorNames: [0], errorIds: new Map(), inferred: new Map(), demands: [], memberIds: new Map(), memberMaps: [], memberCounts: [], floatTexts: [],
    selfName: internName(names, "self"), SelfName: internName(names, "Self"), level: 0, initName: internName(names, "init"),
    deinitName: internName(names, "deinit"), nextName: internName(names, "next"), iteratorName: internName(names, "iterator"), lenName: internName(names, "len"),
  };
}

/** A function of the runtime as the table names it. */
interface RuntimeName {
  module: string;
  name: string;
  /** As typeText shows it. */
  type: string;
}

/** The functions of the runtime, when the library has one. */
function readRuntimeTable(c: Checker): RuntimeName[] {
  const out: RuntimeName[] = [];
  if (c.options.std !== "" && !hostExists(c.options.std + "/rt")) return out;
  for (const row of tableRows(hostTable("runtime.txt"))) out.push({ module: row[1], name: row[2], type: row[3] });
  return out;
}

/** The function of the runtime as an index in funcs. */
function runtimeFunc(c: Checker, wanted: RuntimeName): number {
  const made = funcInstance(c, c.entities[runtimeEntity(c, wanted)].index, -1, [], -1);
  return c.insts[made].func;
}

/** The declaration of a function of the runtime, or -1. */
function runtimeEntity(c: Checker, wanted: RuntimeName): number {
  const unit = c.unitIds.get(wanted.module + ".cot");
  if (unit === undefined || unit < 0) return -1;
  const e = c.units[unit].scope.entities.get(internName(c.names, wanted.name));
  return e === undefined || c.entities[e].kind !== EntityKind.func ? -1 : e;
}

/**
 * Whether the runtime is not one that this compiler can call. The first function that says so is the only error: what else
 * is wrong with the program follows from it, or cannot be known.
 */
function wrongRuntime(c: Checker, runtime: RuntimeName[]): boolean {
  for (const wanted of runtime) {
    const e = runtimeEntity(c, wanted);
    const found = e < 0 ? "" : runtimeType(c, e);
    if (found === wanted.type) continue;
    const what = e < 0 ? "is missing" : "is '" + found + "'";
    dropErrors(c.diags);
    report(c.diags, e < 0 ? -1 : c.entities[e].pos, "wrong-runtime", "this is not the library of this compiler: '" + wanted.module + "." + wanted.name + "' " + what + ", not '" + wanted.type + "'");
    return true;
  }
  return false;
}

/** The type of a function as its declaration says, for comparison with the table. */
function runtimeType(c: Checker, entity: number): string {
  const index = c.entities[entity].index;
  const decl = c.funcDecls[index];
  if (decl.params.length > 0) return "generic";
  const made = funcInstance(c, index, -1, [], -1);
  const inst = c.insts[made];
  if (c.funcs[inst.func].kind !== FuncKind.normal) return "a function of another language";
  let text = "fn(";
  for (let i = 0; i < inst.params.length; i++) text += (i > 0 ? ", " : "") + typeText(c.types, inst.params[i]);
  return text + ") -> " + typeText(c.types, inst.result);
}

/** Checks bodies, initialisers and types until none is left. */
function drain(c: Checker): void {
  while (c.queue.length > 0 || c.pendingGlobals.length > 0 || c.pendingTypes.length > 0) {
    completePending(c);
    checkPendingGlobals(c);
    checkQueue(c);
  }
}

/** Looks into everything that a file declares, but generic functions and types. */
function checkUnit(c: Checker, unit: number): void {
  const u = c.units[unit];
  for (const id of u.ast.nodes[u.ast.root].list) {
    const n = u.ast.nodes[id];
    const declared = n.kind === NodeKind.fn_decl || n.kind === NodeKind.var_decl || n.kind === NodeKind.struct_decl || n.kind === NodeKind.enum_decl || n.kind === NodeKind.union_decl || n.kind === NodeKind.alias;
    const e = declared ? u.scope.entities.get(n.name) : undefined;
    if (e !== undefined) checkEntity(c, e);
    drain(c);
  }
  for (const impl of c.impls) if (impl.unit === unit) checkImplMembers(c, impl.decl, unit);
  drain(c);
}

function checkEntity(c: Checker, entity: number): void {
  const e = c.entities[entity];
  const f = newDeclState(c, e.unit, e.scope);
  switch (e.kind) {
    case EntityKind.func:
      if (c.funcDecls[e.index].params.length === 0) funcInstance(c, e.index, -1, [], e.pos);
      break;
    case EntityKind.constant: case EntityKind.alias:
      if (isTypeEntity(f, entity)) resolveAliasEntity(f, entity);
      else useConstant(f, entity, e.pos);
      break;
    case EntityKind.global: findGlobalType(c, e.index); break;
    case EntityKind.type_decl:
      if (c.decls[e.index].params.length === 0) checkMembers(c, e.index, instantiateType(c, e.index, [], e.pos), -1);
      break;
    default: break;
  }
}

/** Checks the members of a type that is not generic; those of one file only, or of all (-1). */
function checkMembers(c: Checker, decl: number, type: number, unit: number): void {
  const members: number[] = [];
  const d = c.decls[decl];
  const own = d.unit;
  // Members are looked at in the order of their ids, which is that of the source.
  for (let id = 0; id < c.members.length; id++) {
    const m = c.members[id];
    if (d.members.get(m.name) === id && (unit < 0 ? m.unit === own : m.unit === unit)) members.push(id);
  }
  for (const id of members) {
    const m = c.members[id];
    if (m.func >= 0) {
      if (c.funcDecls[m.func].params.length === 0 && hasBody(c, m.func)) funcInstance(c, m.func, type, [], m.pos);
      continue;
    }
    const entity = memberEntity(c, type, m.name);
    if (entity >= 0) checkEntity(c, entity);
  }
}

function hasBody(c: Checker, func: number): boolean {
  const d = c.funcDecls[func];
  return c.units[d.unit].ast.nodes[d.node].c >= 0;
}

/** The members that an impl adds to a type of any file. */
function checkImplMembers(c: Checker, decl: number, unit: number): void {
  const d = c.decls[decl];
  if (d.params.length > 0 || d.isTrait) return;
  if (d.node >= 0) checkMembers(c, decl, instantiateType(c, decl, [], d.pos), unit);
  else checkMembers(c, decl, typeOfDecl(c, decl), unit);
}

/** The type whose members a declaration without syntax holds. */
function typeOfDecl(c: Checker, decl: number): number {
  for (let type = 0; type < c.types.list.length; type++) if (c.declOf.get(type) === decl) return type;
  return TypeId.invalid;
}

/** The tests of the main file as functions with the result !void. */
function checkTests(c: Checker, unit: number): number[] {
  const u = c.units[unit];
  const tests: number[] = [];
  for (const id of u.ast.nodes[u.ast.root].list) {
    const n = u.ast.nodes[id];
    if (n.kind !== NodeKind.test || hasFlag(n, Flag.bench)) continue;
    const func = addFunc(c, u.ast.file.module + ".test \"" + (n.n >= 0 ? u.ast.texts[n.n] : "") + "\"", FuncKind.test, n.pos);
    tests.push(c.funcs.length - 1);
    const f = newCheckState(c, unit, newScope(u.scope), func, c.funcs.length - 1);
    f.result = errorUnionOf(c.types, newInferredSet(c, func.name), TypeId.void);
    func.result = f.result;
    checkBodyBlock(f, n.a, n.pos);
    drain(c);
  }
  return tests;
}

/** The instance of main, or -1 when the file has none. */
function findMain(c: Checker, unit: number): number {
  const e = c.units[unit].scope.entities.get(internName(c.names, "main"));
  if (e === undefined || c.entities[e].kind !== EntityKind.func) return -1;
  const decl = c.funcDecls[c.entities[e].index];
  const pos = c.entities[e].pos;
  if (decl.params.length > 0) {
    report(c.diags, pos, "bad-main", "'main' cannot be generic");
    return -1;
  }
  const inst = funcInstance(c, c.entities[e].index, -1, [], pos);
  const i = c.insts[inst];
  const info = c.types.list[i.result];
  const result = info.kind === Kind.error_union ? info.elem : i.result;
  if (i.params.length > 0) report(c.diags, pos, "bad-main", "'main' has no parameters");
  if (result !== TypeId.void && result !== TypeId.i64 && result !== TypeId.noreturn && result !== TypeId.invalid) {
    report(c.diags, pos, "bad-main", "the result of 'main' is void, i64, !void or !i64, not '" + typeText(c.types, i.result) + "'");
  }
  return inst;
}
