// C's calling convention, as far as types decide it: how a value travels between Cot and C.
// In -> out: a type, to its way (as one scalar, in pieces, in memory); a function type, to the signature that C knows.
// A value of one scalar is that scalar, also when it is a struct. x86-64 (System V ABI, 3.2.3): up to 16 bytes go in
// pieces of eight, each a float when nothing but floats lies in it, else an integer; more is copied to the stack.
// wasm32 (the C ABI of the Wasm tool conventions): by address, of a copy that belongs to the function called.
// A result in memory goes where a hidden first param says, on x86-64 that address is the result as well.
// Which registers there are, and what happens when they run out, is the affair of mach/abi; see CPlace in ssa/module.

import { divI32 } from "../base/int32.ts";
import type { TFunc } from "../check/tree.ts";
import { Kind, type TypeInfo } from "../check/types.ts";
import { internPlacedSig, CPlace } from "../ssa/module.ts";
import { isFloatType, Type, typeSize } from "../ssa/ops.ts";
import { type Layout, type Leaf, layoutOf, leafSize, wordLeaf } from "./layout.ts";
import type { Lower } from "./state.ts";

export const CWayKind = { scalar: 0, pieces: 1, memory: 2 };

/** How a value travels: as its only leaf, as pieces with their places in memory, or as an address. */
export interface CWay {
  kind: number;
  pieces: Leaf[];
}

/** What an eightbyte holds: nothing, only floats, anything else. */
const Class = { none: 0, float: 1, integer: 2 };

/** How values of a type travel in C's convention. */
export function cWayOf(l: Lower, type: number): CWay {
  const lay = layoutOf(l.layouts, type);
  if (isOneScalar(lay)) return { kind: CWayKind.scalar, pieces: [] };
  if (lay.size === 0) return { kind: CWayKind.pieces, pieces: [] };
  const pieces: Leaf[] = [];
  if (l.wasm) {
    const only = onlyScalar(l, type);
    if (only !== null) pieces.push(only);
    return { kind: pieces.length === 0 ? CWayKind.memory : CWayKind.pieces, pieces: pieces };
  }
  if (lay.size > 16) return { kind: CWayKind.memory, pieces: [] };
  const classes: number[] = [];
  for (let k = 0; k < 2; k++) classes.push(Class.none);
  classify(l, type, 0, classes);
  for (let offset = 0; offset < lay.size; offset += 8) pieces.push(pieceOf(classes[divI32(offset, 8)], offset, lay.size - offset));
  return { kind: CWayKind.pieces, pieces: pieces };
}

function isOneScalar(lay: Layout): boolean {
  return lay.flat && lay.leaves.length === 1 && leafSize(lay.leaves[0]) === lay.size;
}

/** An eightbyte as a scalar. */
function pieceOf(kind: number, offset: number, left: number): Leaf {
  const leaf = wordLeaf(kind === Class.integer ? Type.i64 : left < 8 ? Type.f32 : Type.f64);
  leaf.offset = offset;
  return leaf;
}

/** Enters what lies at an offset into the classes of the eightbytes. */
function classify(l: Lower, type: number, offset: number, classes: number[]): void {
  const lay = layoutOf(l.layouts, type);
  const info = l.program.types.list[type];
  if (lay.size === 0) return;
  if (lay.flat) {
    for (const leaf of lay.leaves) enterClass(classes, offset + leaf.offset, leaf.type === Type.f32 || leaf.type === Type.f64);
  } else if (info.kind === Kind.array) {
    const size = layoutOf(l.layouts, info.elem).size;
    for (let k = 0; k < info.len; k++) classify(l, info.elem, offset + k * size, classes);
  } else if (info.kind === Kind.distinct) {
    classify(l, info.elem, offset, classes);
  } else if (info.kind === Kind.struct || info.kind === Kind.tuple) {
    for (let k = 0; k < info.fields.length; k++) classify(l, info.fields[k].type, offset + lay.offsets[k], classes);
  } else {
    classifyTagged(l, info, lay, offset, classes);
  }
}

/** Optionals, error unions and unions: a tag, and behind it what one of them may hold. */
function classifyTagged(l: Lower, info: TypeInfo, lay: Layout, offset: number, classes: number[]): void {
  enterClass(classes, offset, false);
  if (info.kind === Kind.union) {
    for (const f of info.fields) classify(l, f.type, offset + lay.offsets[0], classes);
  } else {
    classify(l, info.elem, offset + lay.offsets[0], classes);
  }
}

function enterClass(classes: number[], offset: number, isFloat: boolean): void {
  const at = divI32(offset, 8);
  if (!isFloat) classes[at] = Class.integer;
  else if (classes[at] === Class.none) classes[at] = Class.float;
}

/** The scalar that is all a value in memory consists of, or null. */
function onlyScalar(l: Lower, type: number): Leaf | null {
  const lay = layoutOf(l.layouts, type);
  if (lay.flat) return isOneScalar(lay) ? lay.leaves[0] : null;
  const info = l.program.types.list[type];
  let inner = -1;
  if (info.kind === Kind.array && info.len === 1) inner = info.elem;
  if (info.kind === Kind.distinct) inner = info.elem;
  if (info.kind === Kind.struct || info.kind === Kind.tuple) inner = onlyField(l, info);
  if (inner < 0 || layoutOf(l.layouts, inner).size !== lay.size) return null;
  return onlyScalar(l, inner);
}

/** The type of the only field that takes room, or -1. */
function onlyField(l: Lower, info: TypeInfo): number {
  let found = -1;
  for (const f of info.fields) {
    if (layoutOf(l.layouts, f.type).size === 0) continue;
    if (found >= 0) return -1;
    found = f.type;
  }
  return found;
}

/** The types of a function's params. */
export function paramTypes(f: TFunc): number[] {
  const types: number[] = [];
  for (const p of f.params) types.push(f.locals[p].type);
  return types;
}

/** The signature by which C knows a function of these params and this result; what more it is given stands alone. */
export function cSignature(l: Lower, types: number[], result: number, more: number[]): number {
  const params: number[] = [];
  const places: number[] = [];
  const results: number[] = [];
  const out = cWayOf(l, result);
  if (out.kind === CWayKind.memory) {
    params.push(l.pointer);
    places.push(CPlace.alone);
    if (!l.wasm) results.push(l.pointer);
  }
  for (const leaf of cLeaves(l, result, out)) results.push(leaf.type);
  for (const t of types) appendCParams(l, t, params, places);
  for (const t of more) {
    params.push(t);
    places.push(CPlace.alone);
  }
  let placed = false;
  for (const p of places) if (p !== CPlace.alone) placed = true;
  return internPlacedSig(l.module, params, results, placed ? places : []);
}

function appendCParams(l: Lower, type: number, params: number[], places: number[]): void {
  const way = cWayOf(l, type);
  if (way.kind === CWayKind.memory) {
    params.push(l.pointer);
    places.push(l.wasm ? CPlace.alone : layoutOf(l.layouts, type).size);
  }
  const leaves = cLeaves(l, type, way);
  for (let k = 0; k < leaves.length; k++) {
    params.push(leaves[k].type);
    places.push(k === 0 ? CPlace.alone : CPlace.joined);
  }
}

function cLeaves(l: Lower, type: number, way: CWay): Leaf[] {
  return way.kind === CWayKind.scalar ? layoutOf(l.layouts, type).leaves : way.pieces;
}

/** Whether a scalar has fewer bits than what it travels in. */
export function isNarrow(leaf: Leaf): boolean {
  return !isFloatType(leaf.type) && leaf.bits < 8 * typeSize(leaf.type);
}

/** Whether C cannot enter a function as Cot does: structs travel in another way, or narrow integers arrive as C leaves them. */
export function needsCEntry(l: Lower, f: TFunc): boolean {
  const out = cWayOf(l, f.result);
  if (out.kind === CWayKind.memory || (out.kind === CWayKind.pieces && layoutOf(l.layouts, f.result).size > 0)) return true;
  for (const t of paramTypes(f)) {
    if (cWayOf(l, t).kind !== CWayKind.scalar || isNarrow(layoutOf(l.layouts, t).leaves[0])) return true;
  }
  return false;
}
