// Which functions change nothing that their callers could see.
// In -> out: a program, to a flag by function. Such a function writes no memory but its own locals, runs no code that is not
// known, and releases only what it retained itself. So a call of it is no effect: what its arguments were loaded from stays as
// it is, and they are passed as they lie, neither counted nor copied. Functions that call each other in a ring may all be readers.

import { filledFlags } from "../base/arrays.ts";
import { Builtin, FuncKind, type Program, TOp, type TFunc, type TNode } from "../check/tree.ts";
import { Kind, type Types } from "../check/types.ts";

/** By function: whether a call of it changes nothing. */
export function findReaders(program: Program): boolean[] {
  const n = program.funcs.length;
  const writes = filledFlags(n);
  const callers: number[][] = [];
  for (let k = 0; k < n; k++) callers.push([]);
  for (let k = 0; k < n; k++) {
    const f = program.funcs[k];
    let own = f.kind === FuncKind.extern;
    for (const node of f.nodes) {
      if (node.op === TOp.call) callers[node.n].push(k);
      else if (writesMemory(program.types, f, node)) own = true;
    }
    writes[k] = own;
  }
  spreadToCallers(callers, writes);
  const readers: boolean[] = [];
  for (let k = 0; k < n; k++) readers.push(!writes[k]);
  return readers;
}

/** Gives a flag of some functions to all functions that call one, directly or not. `callers`: by function. */
export function spreadToCallers(callers: number[][], flags: boolean[]): void {
  const work: number[] = [];
  for (let k = 0; k < flags.length; k++) if (flags[k]) work.push(k);
  while (work.length > 0) {
    const k = work[work.length - 1];
    work.pop();
    for (const caller of callers[k]) {
      if (flags[caller]) continue;
      flags[caller] = true;
      work.push(caller);
    }
  }
}

/** Whether a node that is no call by name may change what others see. */
function writesMemory(types: Types, f: TFunc, n: TNode): boolean {
  switch (n.op) {
    case TOp.assign: case TOp.assign_op: return !isInLocal(types, f, n.a);
    case TOp.call_value: case TOp.print: case TOp.concat: case TOp.interpolate: case TOp.make_closure:
    case TOp.new_object: case TOp.new_init: case TOp.new_array: case TOp.weak_load:
      return true;
    case TOp.builtin: return !isPureBuiltin(n.n);
    default: return false;
  }
}

/** Whether a place is a local or lies in one; an element of a slice lies elsewhere. */
function isInLocal(types: Types, f: TFunc, id: number): boolean {
  let n = f.nodes[id];
  while (n.op === TOp.field || n.op === TOp.index || n.op === TOp.unwrap || n.op === TOp.union_payload) {
    const outer = f.nodes[n.a];
    if (n.op === TOp.index && types.list[outer.type].kind !== Kind.array) return false;
    n = outer;
  }
  return n.op === TOp.local;
}

/** Builtins that compute, or end the program. */
function isPureBuiltin(builtin: number): boolean {
  switch (builtin) {
    case Builtin.alloc: case Builtin.realloc: case Builtin.dealloc: case Builtin.new_zeroed: case Builtin.memcpy: case Builtin.memset:
    case Builtin.memory_grow: case Builtin.is_unique: case Builtin.own_array:
      return false;
    default: return true;
  }
}
