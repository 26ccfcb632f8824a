// Which pointers and slices are counted without a look at the heap.
// In -> out: a program, to the pointer types whose values are all null or addresses that `new` gave, and the slice types
// whose values start where an array starts if they are in the heap at all. Their counts stand at a fixed distance in front
// of them. The address of part of something is another matter, and so is one that came from outside or from a number: a
// type with such a value is left out, and with it, where memory was read as another type, all that the type leads to.

import { filledFlags } from "../base/arrays.ts";
import { compareI128, i128From } from "../base/int128.ts";
import { hasPrefix } from "../base/table.ts";
import { Builtin, Conv, FuncKind, type Program, TOp, type TFunc, type TNode } from "../check/tree.ts";
import { Kind, type Types } from "../check/types.ts";

interface Objects {
  types: Types;
  /** By pointer or slice type: whether a value may hold another address. */
  loose: boolean[];
  /** By type: whether its values were looked into. */
  seen: boolean[];
  work: number[];
}

/** By pointer or slice type: whether no value holds the address of a part. */
export function wholeObjects(program: Program): boolean[] {
  const n = program.types.list.length;
  const o: Objects = { types: program.types, loose: filledFlags(n), seen: filledFlags(n), work: [] };
  for (const info of o.types.list) if (info.kind === Kind.extern_fn) doubtSignature(o, info.params, info.elem);
  for (const f of program.funcs) {
    if (f.kind === FuncKind.extern || f.kind === FuncKind.export) doubtFunc(o, f);
    for (const node of f.nodes) readNode(o, f, node);
  }
  const whole: boolean[] = [];
  for (let t = 0; t < n; t++) whole.push(isAddress(o, t) && !o.loose[t]);
  // What reads and what writes are slices of the same storage.
  for (let t = 0; t < n; t++) {
    const writable = o.types.list[t].writable;
    if (writable < 0 || (whole[t] && whole[writable])) continue;
    whole[t] = false;
    whole[writable] = false;
  }
  return whole;
}

function isAddress(o: Objects, type: number): boolean {
  const kind = o.types.list[type].kind;
  return kind === Kind.pointer || kind === Kind.slice;
}

function doubtFunc(o: Objects, f: TFunc): void {
  const params: number[] = [];
  for (const p of f.params) params.push(f.locals[p].type);
  doubtSignature(o, params, f.result);
}

function doubtSignature(o: Objects, params: number[], result: number): void {
  for (const t of params) doubtValues(o, t);
  doubtValues(o, result);
}

/** Values of a type, and what they lead to, may be any bits. */
function doubtValues(o: Objects, type: number): void {
  o.work.push(type);
  while (o.work.length > 0) {
    const t = o.work[o.work.length - 1];
    o.work.pop();
    if (t < 0 || o.seen[t]) continue;
    o.seen[t] = true;
    const info = o.types.list[t];
    if (isAddress(o, t)) o.loose[t] = true;
    if (info.kind === Kind.fn || info.kind === Kind.extern_fn) continue;
    o.work.push(info.elem);
    for (const f of info.fields) o.work.push(f.type);
  }
}

/** The pointer or slice type of which a type is an optional or a distinct type, or -1. */
function addressOf(o: Objects, type: number): number {
  let t = type;
  while (!isAddress(o, t)) {
    const kind = o.types.list[t].kind;
    if (kind !== Kind.distinct && kind !== Kind.optional && kind !== Kind.weak) return -1;
    t = o.types.list[t].elem;
  }
  return t;
}

/** The same, where a slice that reads stands for the one that writes. */
function writableOf(o: Objects, type: number): number {
  const t = addressOf(o, type);
  return t >= 0 && o.types.list[t].writable >= 0 ? o.types.list[t].writable : t;
}

function loosen(o: Objects, type: number): void {
  const t = addressOf(o, type);
  if (t >= 0) o.loose[t] = true;
}

/** Looks for addresses that a node makes. */
function readNode(o: Objects, f: TFunc, n: TNode): void {
  if (n.byRef && n.n >= 0) loosen(o, f.locals[n.n].type);
  switch (n.op) {
    case TOp.addr_of:
      if (f.nodes[n.a].op !== TOp.deref) loosen(o, n.type);
      break;
    case TOp.slice:
      if (!isFirst(f, n.b) || isInObject(o, f, n.a)) loosen(o, n.type);
      break;
    case TOp.convert: readConversion(o, f, n); break;
    case TOp.builtin:
      // The library moves elements as they are.
      if (n.n === Builtin.ptr_of) {
        if (!hasPrefix(f.name, "std/")) doubtValues(o, f.nodes[n.list[0]].type);
      } else if (n.n !== Builtin.new_zeroed && addressOf(o, n.type) >= 0) {
        doubtValues(o, n.type);
      }
      break;
  }
}

/** Whether a slice from a node's value on starts at the first element. */
function isFirst(f: TFunc, from: number): boolean {
  return from < 0 || (f.nodes[from].op === TOp.const_int && compareI128(f.nodes[from].value, i128From(0)) === 0);
}

/** Whether an array may lie in an object of the heap, and not at its start: one reached through a pointer or a slice, or part of a local that moved. */
function isInObject(o: Objects, f: TFunc, array: number): boolean {
  let n = f.nodes[array];
  if (o.types.list[n.type].kind !== Kind.array) return false;
  while (n.op === TOp.field || n.op === TOp.index || n.op === TOp.unwrap || n.op === TOp.union_payload) {
    n = f.nodes[n.a];
    if (o.types.list[n.type].kind === Kind.slice) return true;
  }
  if (n.op === TOp.local && f.locals[n.n].moved) return n !== f.nodes[array];
  return n.op !== TOp.local && n.op !== TOp.global && n.op !== TOp.make_array;
}

function readConversion(o: Objects, f: TFunc, n: TNode): void {
  const from = f.nodes[n.a].type;
  switch (n.n) {
    case Conv.array_to_slice:
      if (isInObject(o, f, n.a)) loosen(o, n.type);
      return;
    case Conv.pointer_to_slice:
      loosen(o, n.type);
      return;
    case Conv.same:
      if (writableOf(o, from) === writableOf(o, n.type)) return;
      break;
    case Conv.bits:
    case Conv.int_to_pointer:
    case Conv.pointer_to_int: break;
    default: return;
  }
  doubtValues(o, from);
  doubtValues(o, n.type);
}
