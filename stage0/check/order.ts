// The final order: what the program needs, numbered from main.
// In -> out: all functions, globals and errors met while checking, to a Program with those that are reachable, in the
// order of first appearance, depth first from main, then the globals' initialisers, exports, tests and the runtime.
// Bodies are walked with a work list, since the spines of operators are long.

import { sortedNumbers } from "../base/sort.ts";
import { FuncKind, type Program, type TFunc, type TNode, TOp } from "./tree.ts";
import { type Checker, newProgram } from "./checker.ts";
import { Kind, TypeId } from "./types.ts";

/** A body under way and the nodes still to be visited, the next one last. */
interface Walk {
  func: TFunc;
  work: number[];
}

interface Order {
  c: Checker;
  program: Program;
  /** By old number: the new one, or -1. */
  funcs: number[];
  globals: number[];
  errors: number[];
  /** Bodies under way, the innermost last. */
  walks: Walk[];
  /** Old numbers in their new order. */
  funcOrder: number[];
}

/** Puts the program together. */
export function orderProgram(c: Checker, main: number, mainInst: number, tests: number[], runtime: number[]): Program {
  const o: Order = { c: c, program: newProgram(c), funcs: [], globals: [], errors: [], walks: [], funcOrder: [] };
  for (let i = 0; i < c.funcs.length; i++) o.funcs.push(-1);
  for (let i = 0; i < c.globals.length; i++) o.globals.push(-1);
  for (let i = 0; i < c.errorNames.length; i++) o.errors.push(0);
  if (mainInst >= 0) reachFunc(o, c.insts[mainInst].func);
  walkStack(o);
  for (const t of tests) reachRoot(o, t);
  for (let i = 0; i < c.globals.length; i++) if (c.globals[i].unit >= 0 && !c.units[c.globals[i].unit].isStd) reachGlobal(o, i);
  walkStack(o);
  for (let i = 0; i < c.funcs.length; i++) if (c.funcs[i].kind === FuncKind.export && c.funcs[i].body >= 0) reachRoot(o, i);
  for (const r of runtime) if (r >= 0) reachRoot(o, r);
  finishGlobals(o, main);
  for (const f of o.funcOrder) {
    renumber(o, c.funcs[f]);
    o.program.funcs.push(c.funcs[f]);
  }
  finishTypes(o);
  if (mainInst >= 0) o.program.main = o.funcs[c.insts[mainInst].func];
  for (const t of tests) o.program.tests.push(o.funcs[t]);
  for (const r of runtime) o.program.runtime.push(r < 0 ? -1 : o.funcs[r]);
  return o.program;
}

function reachRoot(o: Order, func: number): void {
  reachFunc(o, func);
  walkStack(o);
}

function reachFunc(o: Order, func: number): void {
  if (o.funcs[func] >= 0) return;
  o.funcs[func] = o.funcOrder.length;
  o.funcOrder.push(func);
  const f = o.c.funcs[func];
  if (f.body >= 0) o.walks.push({ func: f, work: [f.body] });
}

function reachGlobal(o: Order, global: number): void {
  if (o.globals[global] >= 0) return;
  o.globals[global] = 0;
  if (o.c.globals[global].func >= 0) reachFunc(o, o.c.globals[global].func);
}

function reachError(o: Order, error: number): void {
  if (error <= 0 || o.errors[error] > 0) return;
  o.errors[error] = o.program.errors.length;
  o.program.errors.push(o.c.errorNames[error]);
}

/** Walks bodies until none is left: one that is met is walked before its caller's walk goes on. */
function walkStack(o: Order): void {
  while (o.walks.length > 0) {
    const walk = o.walks[o.walks.length - 1];
    if (walk.work.length === 0) {
      o.walks.pop();
      continue;
    }
    const n = walk.func.nodes[walk.work.pop()!];
    pushChildren(walk.work, n);
    visitNode(o, n);
  }
}

function visitNode(o: Order, n: TNode): void {
  switch (n.op) {
    case TOp.new_object: case TOp.new_init: {
      if (n.op === TOp.new_init) reachFunc(o, n.n);
      const deinit = o.c.types.list[o.c.types.list[n.type].elem].deinit;
      if (deinit >= 0) reachFunc(o, deinit);
      break;
    }
    case TOp.call: case TOp.const_fn: case TOp.make_closure: reachFunc(o, n.n); break;
    case TOp.global: reachGlobal(o, n.n); break;
    case TOp.const_error: reachError(o, n.n); break;
    default: break;
  }
}

/** The children, the first one last, so that it is taken first. */
function pushChildren(work: number[], n: TNode): void {
  if (n.op !== TOp.for_range && n.op !== TOp.for_each && n.op !== TOp.destructure) {
    for (let i = n.list.length - 1; i >= 0; i--) work.push(n.list[i]);
  }
  if (n.c >= 0) work.push(n.c);
  if (n.b >= 0) work.push(n.b);
  if (n.a >= 0) work.push(n.a);
}

/** The globals that are needed, in the order of their initialisation: constants, then file by file. */
function finishGlobals(o: Order, main: number): void {
  const c = o.c;
  for (let i = 0; i < c.globals.length; i++) if (c.globals[i].unit < 0 && o.globals[i] >= 0) addGlobal(o, i, true);
  const begun: boolean[] = [];
  for (let u = 0; u < c.units.length; u++) begun.push(false);
  const byUnit: number[][] = [];
  for (let u = 0; u < c.units.length; u++) byUnit.push([]);
  for (let i = 0; i < c.globals.length; i++) if (c.globals[i].unit >= 0 && o.globals[i] >= 0) byUnit[c.globals[i].unit].push(i);
  addUnitGlobals(o, main, begun, byUnit);
  for (let u = 0; u < c.units.length; u++) addUnitGlobals(o, u, begun, byUnit);
}

/** A file after those it imports; a cycle is cut at a file already begun. Depth first, with a stack of its own. */
function addUnitGlobals(o: Order, first: number, begun: boolean[], byUnit: number[][]): void {
  if (begun[first]) return;
  begun[first] = true;
  const units: number[] = [first];
  const nexts: number[] = [0];
  while (units.length > 0) {
    const unit = units[units.length - 1];
    const next = nexts[nexts.length - 1];
    const imports = o.c.units[unit].imports;
    if (next < imports.length) {
      nexts[nexts.length - 1] = next + 1;
      if (!begun[imports[next]]) {
        begun[imports[next]] = true;
        units.push(imports[next]);
        nexts.push(0);
      }
    } else {
      for (const g of byUnit[unit]) addGlobal(o, g, false);
      units.pop();
      nexts.pop();
    }
  }
}

function addGlobal(o: Order, global: number, isConst: boolean): void {
  const g = o.c.globals[global];
  o.globals[global] = o.program.globals.length;
  o.program.globals.push({ name: g.name, type: g.type, pos: g.pos, initFunc: g.func < 0 ? -1 : o.funcs[g.func], isConst: isConst });
}

/** Puts the final numbers into the nodes of a function. */
function renumber(o: Order, func: TFunc): void {
  for (const n of func.nodes) {
    if (n.op === TOp.call || n.op === TOp.const_fn || n.op === TOp.make_closure || n.op === TOp.new_init) n.n = o.funcs[n.n];
    else if (n.op === TOp.global) n.n = o.globals[n.n];
    else if (n.op === TOp.const_error) n.n = o.errors[n.n];
  }
}

/** Final numbers of errors and deinit functions in the types. Errors that only a type names come last. */
function finishTypes(o: Order): void {
  for (const info of o.c.types.list) {
    if (info.kind === Kind.error_set) {
      const members: number[] = [];
      for (const m of info.members) {
        reachError(o, m);
        if (m > 0) members.push(o.errors[m]);
      }
      info.members = sortedNumbers(members);
    }
    if (info.deinit >= 0) info.deinit = o.funcs[info.deinit];
  }
  o.c.types.list[TypeId.any_error].members = [];
}
