// Which code may change the variant of a union, so that what points into a payload has to be a copy meanwhile.
// In -> out: a program, to a flag by function, over the call graph; and part of a function, to yes or no. A variant changes where a value
// that holds a union is stored in memory that others may reach, bytes are copied, or code runs that is not known: a function value, C, or
// the deinit of what is released, if one of the program's changes variants. Storing numbers and references changes none, whatever they
// lie in. Found at the first question: most programs ask none.

import { filledFlags } from "../base/arrays.ts";
import { hasPrefix } from "../base/table.ts";
import { Builtin, FuncKind, listHoldsNodes, type TFunc, type TNode, TOp } from "../check/tree.ts";
import { Kind, type Types } from "../check/types.ts";
import { spreadToCallers } from "./readers.ts";
import type { Lower } from "./state.ts";

/** Whether a call of a function may change variants. */
export function changesVariants(l: Lower, func: number): boolean {
  if (l.changers.length === 0) findChangers(l);
  return l.changers[func];
}

/** Whether a part of a function may change variants. */
export function treeChangesVariants(l: Lower, f: TFunc, id: number): boolean {
  if (id < 0) return false;
  if (l.changers.length === 0) findChangers(l);
  if (l.deinitChanges) return true;
  const work: number[] = [id];
  while (work.length > 0) {
    const n = f.nodes[work[work.length - 1]];
    work.pop();
    if ((n.op === TOp.call || n.op === TOp.new_init) && l.changers[n.n]) return true;
    if (nodeChanges(l.program.types, f, n)) return true;
    if (n.a >= 0) work.push(n.a);
    if (n.b >= 0) work.push(n.b);
    if (n.c >= 0) work.push(n.c);
    if (!listHoldsNodes(n.op)) continue;
    for (const k of n.list) if (k >= 0) work.push(k);
  }
  return false;
}

function findChangers(l: Lower): void {
  const funcs = l.program.funcs;
  const changes = filledFlags(funcs.length);
  const callers: number[][] = [];
  for (let k = 0; k < funcs.length; k++) callers.push([]);
  for (let k = 0; k < funcs.length; k++) {
    const f = funcs[k];
    let own = f.kind === FuncKind.extern;
    for (const n of f.nodes) {
      if (n.op === TOp.call || n.op === TOp.new_init) callers[n.n].push(k);
      if (!own && nodeChanges(l.program.types, f, n)) own = true;
    }
    changes[k] = own;
  }
  spreadToCallers(callers, changes);
  l.changers = changes;
  for (const info of l.program.types.list) if (info.deinit >= 0 && changes[info.deinit]) l.deinitChanges = true;
  if (l.deinitChanges) for (let k = 0; k < funcs.length; k++) changes[k] = !l.readers[k];
}

/** Whether a node that is no call by name may change variants. */
function nodeChanges(types: Types, f: TFunc, n: TNode): boolean {
  switch (n.op) {
    case TOp.call_value: return true;
    case TOp.assign: case TOp.assign_op: return holdsUnion(types, f.nodes[n.a].type) && !isOwnLocal(f, n.a);
    case TOp.addr_of: case TOp.slice: case TOp.convert: case TOp.arm: return n.n2 >= 0 && holdsUnion(types, f.locals[n.n2].type);
    case TOp.builtin: return copiesBytes(n.n) && (!hasPrefix(f.name, "std/") || handlesUnions(types, f));
    default: return false;
  }
}

/** Whether a place lies in a local whose address nobody has. */
function isOwnLocal(f: TFunc, id: number): boolean {
  let n = f.nodes[id];
  while (n.op === TOp.field || n.op === TOp.index || n.op === TOp.unwrap || n.op === TOp.union_payload) n = f.nodes[n.a];
  return n.op === TOp.local && !f.locals[n.n].addressTaken;
}

/** Whether a value of a type holds a union in itself, not only behind a pointer. */
function holdsUnion(types: Types, type: number): boolean {
  const info = types.list[type];
  switch (info.kind) {
    case Kind.union: return true;
    case Kind.optional: case Kind.array: case Kind.error_union: case Kind.distinct: return holdsUnion(types, info.elem);
    case Kind.struct: case Kind.tuple: {
      for (const field of info.fields) if (holdsUnion(types, field.type)) return true;
      return false;
    }
    default: return false;
  }
}

function copiesBytes(builtin: number): boolean {
  return builtin === Builtin.memcpy || builtin === Builtin.memset || builtin === Builtin.realloc || builtin === Builtin.dealloc;
}

/** Whether a function of the library has to do with pointers or slices of what holds unions. */
function handlesUnions(types: Types, f: TFunc): boolean {
  for (const n of f.nodes) {
    const info = types.list[n.type];
    if ((info.kind === Kind.slice || info.kind === Kind.pointer) && holdsUnion(types, info.elem)) return true;
  }
  return false;
}
