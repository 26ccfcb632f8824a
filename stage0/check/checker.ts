// The state of the checker: one record for the program, one for each function (or constant, or declaration)
// under way.
// In -> out: what all files of the room share: entities behind names, declarations, instances, and the helpers
// that add nodes, locals and labels. Everything has a dense id; records that refer to each other do so by id.

import { type Diags, report, reportHint } from "../base/diag.ts";
import { nameText, type Names } from "../base/intern.ts";
import type { SourceMap } from "../base/source.ts";
import type { Ast, AstNode } from "../syntax/ast.ts";
import type { ParseCache } from "../syntax/parse_cache.ts";
import { FuncKind, newTNode, type Program, type TFunc, type TNode, TOp } from "./tree.ts";
import { newTypes, type Types, TypeId, typeText } from "./types.ts";

export interface CheckOptions {
  /** Directory of the project and of the library, for opening files; "" is the library that the compiler brings along. */
  root: string;
  std: string;
  /** The main file, relative to root, with "/". */
  mainPath: string;
  /** "x86_64-linux" or "wasm32". */
  target: string;
  /** Compile the tests of the main file instead of its main. */
  testMode: boolean;
  unchecked: boolean;
  /** What this process has parsed of the library. */
  parsed: ParseCache;
}

/** A source file of the program. */
export interface Unit {
  ast: Ast;
  scope: Scope;
  /** Unit ids of its imports in source order. */
  imports: number[];
  /** Part of the library: checked only as far as it is used. */
  isStd: boolean;
  importedBy: number;
}

/** What a name may stand for. */
export const EntityKind = { unit: 0, type_decl: 1, alias: 2, func: 3, constant: 4, global: 5, local: 6, trait: 7, printer: 8, len: 9, value: 10 };

export interface Entity {
  kind: number;
  name: number;
  pos: number;
  unit: number;
  /** The declaring syntax node in the unit, or -1. */
  node: number;
  /** The scope that it was declared in. */
  scope: Scope;
  /** unit, type_decl, trait: its id. func: FuncDecl id. constant: Const id. global: global id. local: local id.
   *  printer: 0 print, 1 println, 2 eprint, 3 eprintln. value: node in the function `owner`. */
  index: number;
  /** alias: the type once it is known, -1 before, -2 while it is being found. */
  type: number;
  /** local, value: the function that it belongs to. */
  owner: CheckState | null;
  /** constant: whether it has been asked if it stands for a type. */
  classified: boolean;
  used: boolean;
}

export interface Scope {
  parent: Scope | null;
  entities: Map<number, number>;
  /** A file's own scope: the unit id; else -1. */
  unit: number;
  /** The body of a type: whose constants and nested types are visible; else -1. */
  owner: number;
}

/** A declared type, generic or not; also the place of the methods of a type that is not declared (i64, []u8). */
export interface TypeDecl {
  /** Kind of the types it makes. */
  kind: number;
  name: string;
  pos: number;
  unit: number;
  node: number;
  scope: Scope;
  params: number[];
  isTrait: boolean;
  /** Name to Member id. */
  members: Map<number, number>;
  impls: number[];
  /** Argument types as text to type. */
  instances: Map<string, number>;
  /** It needs instances of itself without end; that is reported. */
  grows: boolean;
}

/** A function, constant or type inside a type, from its body or an impl. */
export interface Member {
  name: number;
  pos: number;
  unit: number;
  node: number;
  /** FuncDecl id, or -1 for a constant or type. */
  func: number;
  /** The scope of the body or impl, and the names it has for the parameters of the type. */
  scope: Scope;
  params: number[];
  /** Entity ids by owner type, for constants and types. */
  entities: Map<number, number>;
}

export interface Impl {
  decl: number;
  /** Trait (a TypeDecl id), or -1. */
  trait: number;
  unit: number;
  node: number;
  scope: Scope;
  params: number[];
}

/** A function as written. */
export interface FuncDecl {
  name: number;
  unit: number;
  node: number;
  scope: Scope;
  /** TypeDecl id that it is a method or static function of, or -1. */
  owner: number;
  /** Names of the type parameters of the owner (as the impl calls them), and its own. */
  ownerParams: number[];
  params: number[];
  hasSelf: boolean;
  instances: Map<string, number>;
  grows: boolean;
}

/** A function with all its types known. */
export interface FuncInst {
  decl: number;
  ownerType: number;
  scope: Scope;
  /** Index in funcs. */
  func: number;
  params: number[];
  result: number;
  /** The signature is being found, is found. */
  state: number;
  bodyChecked: boolean;
  level: number;
}

export interface Const {
  entity: number;
  /** 0 not begun, 1 under way, 2 known. */
  state: number;
  /** Index in funcs of the function that holds its value, the node, and how many nodes it is made of. */
  func: number;
  node: number;
  parts: number;
  type: number;
  /** Global that holds an aggregate, once one is needed, or -1. */
  global: number;
}

export interface Global {
  entity: number;
  name: string;
  type: number;
  pos: number;
  state: number;
  /** Index in funcs of the initialiser, or -1. */
  func: number;
  unit: number;
}

/** A loop or labelled block under way. */
export interface LabelInfo {
  name: number;
  id: number;
  isLoop: boolean;
  broken: boolean;
  /** Wanted type of a block's value, or -1; and the breaks that gave values. */
  want: number;
  breaks: number[];
  /** Where a break gives no value, or -1. */
  empty: number;
  /** How many defers were open when it began. */
  deferDepth: number;
}

/** A function body, constant or declaration being checked. */
export interface CheckState {
  c: Checker;
  unit: number;
  ast: Ast;
  scope: Scope;
  func: TFunc;
  /** Index of func in funcs. */
  funcId: number;
  /** The function around a closure. */
  parent: CheckState | null;
  /** Declared result; -1 outside of functions. */
  result: number;
  /** Only constants may stand here. */
  constant: boolean;
  labels: LabelInfo[];
  closures: number;
  /** Entity ids of what a closure captures, with its local for each. */
  captured: Map<number, number>;
  /** The outer local of each capture. */
  captureSources: number[];
  inDefer: boolean;
  /** The condition of the if being checked. */
  conditions: number[];
  /** Variables under a live |*v| capture: locals as they are, globals as -1 - id. */
  pinned: number[];
  level: number;
}

/** A demand on error sets that is settled when all bodies are checked. */
export interface SetDemand {
  pos: number;
  from: number;
  to: number;
  /** Names handled by a switch that must cover `from`; used when to is -1. */
  handled: number[];
}

export interface Checker {
  options: CheckOptions;
  sources: SourceMap;
  names: Names;
  diags: Diags;
  types: Types;
  units: Unit[];
  unitIds: Map<string, number>;
  entities: Entity[];
  universe: Scope;
  decls: TypeDecl[];
  members: Member[];
  impls: Impl[];
  funcDecls: FuncDecl[];
  insts: FuncInst[];
  funcs: TFunc[];
  /** By func: the instance, or -1. */
  instOf: number[];
  consts: Const[];
  globals: Global[];
  /** Globals whose initialisers wait to be checked. */
  pendingGlobals: number[];
  /** Types of declarations: declaration, arguments. */
  declOf: Map<number, number>;
  argsOf: Map<number, number[]>;
  /** How many instances of generic declarations led to a type: growth without end is found by it. */
  levelOf: Map<number, number>;
  /** How often a name of a type has been given. */
  typeNames: Map<string, number>;
  /** Completed or being completed: 2, 1. */
  complete: Map<number, number>;
  pendingTypes: number[];
  completing: number;
  /** Levels of the declarations that are being looked into, one because of the other. */
  resolving: number;
  /** A size or the like was asked of a type that is not complete, so it holds for the moment only. */
  unsettled: boolean;
  /** Bytes of constants that were joined. */
  joined: number;
  /** Instances whose bodies wait to be checked. */
  queue: number[];
  strings: string[];
  stringIds: Map<string, number>;
  /** Error names by internal number (from 1), and their numbers. */
  errorNames: number[];
  errorIds: Map<number, number>;
  /** Sets that grow, and what they must contain. */
  inferred: Map<number, boolean>;
  demands: SetDemand[];
  /** By set that has more than a few errors and was asked for one: where in memberMaps its errors are, of which so many are there. */
  memberIds: Map<number, number>;
  memberMaps: Map<number, number>[];
  memberCounts: number[];
  floatTexts: string[];
  selfName: number;
  SelfName: number;
  level: number;
  initName: number;
  deinitName: number;
  nextName: number;
  iteratorName: number;
  lenName: number;
}

/** The scope of a new block, type or function inside another. */
export function newScope(parent: Scope | null): Scope {
  return { parent: parent, entities: new Map(), unit: -1, owner: -1 };
}

/** A function without body, registered under the next id. */
export function addFunc(c: Checker, name: string, kind: number, pos: number): TFunc {
  const func: TFunc = {
    name: name, kind: kind, outer: "", importModule: "env", variadic: false, pos: pos, params: [], captures: [], closure: false, result: TypeId.void,
    locals: [], nodes: [], body: -1, labels: 0,
  };
  c.funcs.push(func);
  c.instOf.push(-1);
  return func;
}

/** What bounds chains of declarations that need each other, in levels of syntax. */
const MAX_RESOLVING = 20000;
/** Levels that a declaration takes for itself. */
const DECLARATION_LEVELS = 4;

/** Begins to look into a declaration with so many levels; false, reported, when too many are begun. Each true is followed by leaveDeclaration. */
export function enterDeclaration(c: Checker, height: number, pos: number): boolean {
  if (c.resolving + height + DECLARATION_LEVELS > MAX_RESOLVING) {
    report(c.diags, pos, "too-deep", "too many declarations need each other in a row to find this one");
    return false;
  }
  c.resolving += height + DECLARATION_LEVELS;
  return true;
}

export function leaveDeclaration(c: Checker, height: number): void {
  c.resolving -= height + DECLARATION_LEVELS;
}

/** A state for checking something in a unit; func is where its nodes go. */
export function newCheckState(c: Checker, unit: number, scope: Scope, func: TFunc, funcId: number): CheckState {
  return {
    c: c, unit: unit, ast: c.units[unit].ast, scope: scope, func: func, funcId: funcId, parent: null, result: -1, constant: false, labels: [],
    closures: 0, captured: new Map(), captureSources: [], inDefer: false, conditions: [], pinned: [], level: c.level,
  };
}

/** A state for types and constants of declarations; its nodes belong to no function of the program. */
export function newDeclState(c: Checker, unit: number, scope: Scope): CheckState {
  const func: TFunc = {
    name: "", kind: FuncKind.normal, outer: "", importModule: "env", variadic: false, pos: -1, params: [], captures: [], closure: false, result: TypeId.void,
    locals: [], nodes: [], body: -1, labels: 0,
  };
  const f = newCheckState(c, unit, scope, func, -1);
  f.constant = true;
  return f;
}

/** A syntax node of the file being checked. */
export function syntaxNode(f: CheckState, id: number): AstNode {
  return f.ast.nodes[id];
}

/** Reports an error. */
export function checkError(f: CheckState, pos: number, code: string, text: string): void {
  report(f.c.diags, pos, code, text);
}

/** Reports an error with a suggestion. */
export function checkErrorHint(f: CheckState, pos: number, code: string, text: string, hint: string): void {
  reportHint(f.c.diags, pos, code, text, hint);
}

/** Reports an error and gives the node that stands for it: later errors about it are kept quiet. */
export function wrong(f: CheckState, pos: number, code: string, text: string): number {
  report(f.c.diags, pos, code, text);
  return invalidNode(f, pos);
}

/** The node for what is wrong and reported. */
export function invalidNode(f: CheckState, pos: number): number {
  return addTNode(f, newTNode(TOp.nothing, TypeId.invalid, pos));
}

/** Adds a node to the function. */
export function addTNode(f: CheckState, node: TNode): number {
  f.func.nodes.push(node);
  return f.func.nodes.length - 1;
}

/** Adds a node with one operand. */
export function addUnaryNode(f: CheckState, op: number, type: number, pos: number, a: number): number {
  const node = newTNode(op, type, pos);
  node.a = a;
  return addTNode(f, node);
}

export function treeNode(f: CheckState, id: number): TNode {
  return f.func.nodes[id];
}

/** The type of a node. */
export function nodeType(f: CheckState, id: number): number {
  return f.func.nodes[id].type;
}

export function isInvalid(f: CheckState, id: number): boolean {
  return f.func.nodes[id].type === TypeId.invalid;
}

/** The kind of a node's type. */
export function nodeKind(f: CheckState, id: number): number {
  return f.c.types.list[f.func.nodes[id].type].kind;
}

/** The kind of a type. */
export function typeKind(f: CheckState, type: number): number {
  return f.c.types.list[type].kind;
}

/** A type as messages show it. */
export function shown(f: CheckState, type: number): string {
  return "'" + typeText(f.c.types, type) + "'";
}

/** A name as messages show it. */
export function shownName(f: CheckState, name: number): string {
  return "'" + nameText(f.c.names, name) + "'";
}

/** A new local of the function. */
export function addLocal(f: CheckState, name: number, type: number, pos: number, mutable: boolean): number {
  f.func.locals.push({ name: name, type: type, pos: pos, mutable: mutable, addressTaken: false, moved: false });
  return f.func.locals.length - 1;
}

/** A node that reads or names a local. */
export function localNode(f: CheckState, local: number, pos: number): number {
  const node = newTNode(TOp.local, f.func.locals[local].type, pos);
  node.n = local;
  return addTNode(f, node);
}

/** A statement that declares a local with a value. */
export function declareNode(f: CheckState, local: number, value: number, pos: number): number {
  const node = newTNode(TOp.var_decl, TypeId.void, pos);
  node.n = local;
  node.a = value;
  return addTNode(f, node);
}

/** Opens an inner scope; the result goes to closeBlockScope. */
export function openBlockScope(f: CheckState): Scope {
  const outer = f.scope;
  f.scope = newScope(outer);
  return outer;
}

export function closeBlockScope(f: CheckState, outer: Scope): void {
  f.scope = outer;
}

/** Begins a loop or block that break and continue may name. */
export function pushLabel(f: CheckState, name: number, isLoop: boolean, want: number): LabelInfo {
  const label: LabelInfo = { name: name, id: f.func.labels, isLoop: isLoop, broken: false, want: want, breaks: [], empty: -1, deferDepth: 0 };
  f.func.labels += 1;
  f.labels.push(label);
  return label;
}

/** The index in Program.strings of a text. */
export function stringIndex(c: Checker, text: string): number {
  const found = c.stringIds.get(text);
  if (found !== undefined) return found;
  c.strings.push(text);
  c.stringIds.set(text, c.strings.length - 1);
  return c.strings.length - 1;
}

/** The internal number of an error's name; the program's own numbers come from the final order. */
export function errorIndex(c: Checker, name: number): number {
  const found = c.errorIds.get(name);
  if (found !== undefined) return found;
  c.errorNames.push(name);
  c.errorIds.set(name, c.errorNames.length - 1);
  return c.errorNames.length - 1;
}

/** What a finished program is returned in, still empty. */
export function newProgram(c: Checker): Program {
  return {
    names: c.names, sources: c.sources, types: c.types, funcs: [], globals: [], strings: c.strings, errors: [0], main: -1, tests: [], runtime: [],
  };
}

/** An empty type table over the names. */
export function newCheckerTypes(names: Names): Types {
  return newTypes(names);
}
