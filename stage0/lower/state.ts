// What lowering keeps: for the program (Lower), for the function at hand (FuncState), and for a value (Val).
// Ownership of a Val says who answers for the references in it:
//   owned     this Val holds one count of each; it is consumed exactly once, or made a temporary
//   stable    somebody holds them at least as long as the scope that is open now (params, const locals)
//   temp      held until the statement ends
//   variable  held by a local variable whose address nobody has: until that is assigned
//   volatile  loaded from memory that a call or store may change: until the next effect
// Invariant: inactive payloads (null optionals, errors) are zero bits, so all leaves can be retained blindly.

import { bug } from "../base/bug.ts";
import type { SourceMap } from "../base/source.ts";
import type { Program, TFunc, TNode } from "../check/tree.ts";
import type { TypeInfo } from "../check/types.ts";
import { type Builder, emitTrap, newBlock, sealBlock, switchTo } from "../ssa/builder.ts";
import type { SsaModule } from "../ssa/module.ts";
import { type Layout, type Layouts, layoutOf } from "./layout.ts";
import type { Place } from "./place.ts";

export const Own = { owned: 0, stable: 1, temp: 2, variable: 3, volatile: 4 };

/** A value: its leaves when its type is flat, else the address where it lies. */
export interface Val {
  type: number;
  leaves: number[];
  address: number;
  own: number;
}

/** A helper that lower makes: for a type, retain or release what lies at an address; for a function, its thunk or its entry for C. */
export interface PendingHelper {
  kind: number;
  /** The type, or the index of the function. */
  type: number;
  sym: number;
}

export const Helper = { retain: 0, release: 1, thunk: 2, entry: 3 };

export interface Lower {
  program: Program;
  sources: SourceMap;
  module: SsaModule;
  layouts: Layouts;
  /** SSA type of an address. */
  pointer: number;
  wasm: boolean;
  unchecked: boolean;
  /** Programs check their heap as they run. */
  heapCheck: boolean;
  /** All functions share their cleanups. */
  shareCleanups: boolean;
  /** By func: whether a call of it changes nothing. */
  readers: boolean[];
  /** By func, once somebody asked: whether a call of it may change the variant of a union; whether some deinit does. */
  changers: boolean[];
  deinitChanges: boolean;
  /** The first global whose initialiser is code. */
  codeFrom: number;
  /** Symbols by func, global and string index; -1 until used. */
  funcSyms: number[];
  globalSyms: number[];
  stringSyms: number[];
  /** Message and place texts -> symbol. */
  textSyms: Map<string, number>;
  /** Functions by index that still have to be lowered, and helpers to be made, in order of first use. */
  pendingFuncs: number[];
  pendingHelpers: PendingHelper[];
  /** Helper and descriptor symbols by name. */
  made: Map<string, number>;
}

/** Where a local lives. */
export interface Home {
  /** SSA variables of its leaves, or where it lives elsewhere of its address; none when it has a slot for that. */
  variables: number[];
  slot: number;
  /** It lives in a counted object, of which it holds one count; or, a param, where the caller keeps it as it is during the call. */
  elsewhere: boolean;
  /** How a read of it counts: Own.stable, Own.variable or Own.volatile. */
  own: number;
}

/** Something to do when control leaves a scope. */
export interface Cleanup {
  kind: number;
  /** local: the local. deferred, on_error: the node. write_back: where in `captured`. */
  index: number;
  /** temp, part: the value to release; where `index` is a slot, a flat value lies there. */
  val: Val | null;
  /** How many of the list up to this one run on errors only. */
  errors: number;
  /** The first of its blocks in Exits.list, or -1. */
  exit: number;
}

export const CleanupKind = { local: 0, temp: 1, deferred: 2, on_error: 3, write_back: 4, part: 5 };

/** A block that does a cleanup on the way to one place, and leads on there. */
export interface SharedExit {
  /** The block that control goes to in the end, or -1 to return; and the cleanups that stay. */
  to: number;
  depth: number;
  isError: boolean;
  block: number;
  /** The values that go along. */
  params: number[];
  pos: number;
  /** The next of the same cleanup, or -1. */
  next: number;
}

/** How the exits of a function run its cleanups; see exits. */
export interface Exits {
  shared: boolean;
  /** Instructions and values of repeated cleanups: those that are allowed, and those that there are. */
  most: number;
  repeated: number;
  list: SharedExit[];
  /** By local: whether it lives in memory for the sake of deferred statements. */
  inMemory: boolean[];
}

/** A payload of a union, and the local that has a copy of it. */
export interface HeldCopy {
  local: number;
  place: Place;
}

/** A place to break or continue to. */
export interface Label {
  /** Where breaks go, with their values. */
  merge: Merge;
  /** Loops only; else -1. */
  continueBlock: number;
  /** Cleanups that stay when control goes there. */
  depth: number;
}

/** A point where several ways of computing one value meet; see merge. */
export interface Merge {
  type: number;
  block: number;
  params: number[];
  /** Address of the slot of a value in memory, or -1. */
  slot: number;
}

export interface FuncState {
  l: Lower;
  b: Builder;
  f: TFunc;
  homes: Home[];
  cleanups: Cleanup[];
  labels: (Label | null)[];
  exits: Exits;
  /** 0 pure, 1 calls or stores, 2 also assigns locals; by node. */
  effects: number[];
  /** Address that the result goes to, or -1. */
  sret: number;
  /** Copies of payloads that calls work on now, and that arms do. */
  held: HeldCopy[];
  captured: HeldCopy[];
}

export function nodeOf(fs: FuncState, id: number): TNode {
  return fs.f.nodes[id];
}

export function typeInfo(fs: FuncState, type: number): TypeInfo {
  return fs.l.program.types.list[type];
}

export function layout(fs: FuncState, type: number): Layout {
  return layoutOf(fs.l.layouts, type);
}

/** A value of a flat type. */
export function flatVal(type: number, leaves: number[], own: number): Val {
  return { type: type, leaves: leaves, address: -1, own: own };
}

/** A value that lies in memory. */
export function memoryVal(type: number, address: number, own: number): Val {
  return { type: type, leaves: [], address: address, own: own };
}

/** The only leaf of a scalar. */
export function scalarOf(v: Val): number {
  if (v.leaves.length !== 1) bug("not a scalar");
  return v.leaves[0];
}

/** Goes on in a block that nothing reaches, after a terminator in the middle of an expression. */
export function continueUnreachable(fs: FuncState): void {
  const block = newBlock(fs.b);
  sealBlock(fs.b, block);
  switchTo(fs.b, block);
}

/** Ends the block where control cannot come, and goes on. */
export function emitUnreachable(fs: FuncState): void {
  emitTrap(fs.b, 0);
  continueUnreachable(fs);
}
