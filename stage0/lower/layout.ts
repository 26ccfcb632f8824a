// Layout: how a type lies in memory and which scalars its values are made of.
// In -> out: a type id, to size, alignment, field offsets and leaves. A leaf is one scalar of a value, with its
// place in memory. A type is flat when it has at most MAX_LEAVES leaves, no array and no union payload inside:
// its values travel as that many SSA values; other values live in memory and travel as an address.
// Rules: language page, section 3 (C alignment, optionals, error unions, unions).

import { bug } from "../base/bug.ts";
import { alignUp } from "../base/int32.ts";
import { Op, Type } from "../ssa/ops.ts";
import { packedBits } from "../check/packed.ts";
import { bytesOfBits } from "../check/sizes.ts";
import { Kind, type TypeInfo, type Types } from "../check/types.ts";

/** Whether a leaf holds an address that may be counted: any one, an object's or 0, or one that is an array's wherever it lies in the heap; plain: of numbers; weak: any one, which its weak count is for. */
export const Counted = { none: 0, any: 1, object: 2, array: 3, plain: 4, weak: 5 };

export interface Leaf {
  /** SSA type. */
  type: number;
  offset: number;
  load: number;
  store: number;
  /** How the address that it holds is counted. */
  counted: number;
  /** Integers: the width of the type, and whether its values have a sign. */
  bits: number;
  signed: boolean;
}

export interface Layout {
  size: number;
  align: number;
  /** Structs and tuples: offset of each field, of packed structs in bits. Unions: the payload's offset is offsets[0]. Optionals, error unions: the payload's. */
  offsets: number[];
  /** Structs and tuples: index of each field's first leaf, when flat. */
  firstLeaf: number[];
  flat: boolean;
  leaves: Leaf[];
  /** A packed struct: its leaves are runs of its bytes (packedLeaves), and its fields lie in those. */
  packed: boolean;
  /** Whether a value may hold counted references. */
  counted: boolean;
  /** Whether the address behind the last byte may be that of a part: of an empty one, or of an array's end. */
  open: boolean;
}

export interface Layouts {
  types: Types;
  /** Type.i64 or Type.i32. */
  pointer: number;
  /** By pointer or slice type: whether no value holds the address of a part. */
  whole: boolean[];
  /** By type id; null until asked for. */
  list: (Layout | null)[];
}

const MAX_LEAVES = 8;

export function newLayouts(types: Types, pointer: number, whole: boolean[]): Layouts {
  return { types: types, pointer: pointer, whole: whole, list: [] };
}

/** The layout of a type. */
export function layoutOf(ls: Layouts, type: number): Layout {
  while (ls.list.length < ls.types.list.length) ls.list.push(null);
  const known = ls.list[type];
  if (known !== null) return known;
  const made = computeLayout(ls, type);
  ls.list[type] = made;
  return made;
}

/** Types that lowering makes are not looked into. */
function isWhole(ls: Layouts, type: number): boolean {
  return type < ls.whole.length && ls.whole[type];
}

function isNumber(ls: Layouts, type: number): boolean {
  const kind = ls.types.list[type].kind;
  return kind === Kind.int || kind === Kind.float || kind === Kind.bool || kind === Kind.enum;
}

function emptyLayout(): Layout {
  return { size: 0, align: 1, offsets: [], firstLeaf: [], flat: true, leaves: [], packed: false, counted: false, open: true };
}

function computeLayout(ls: Layouts, type: number): Layout {
  const info = ls.types.list[type];
  switch (info.kind) {
    case Kind.void:
    case Kind.noreturn:
    case Kind.invalid:
    case Kind.null:
    case Kind.undefined: return emptyLayout();
    case Kind.bool: return scalarLayout(intLeaf(8, false));
    case Kind.int: return scalarLayout(intLeaf(info.bits, info.signed));
    case Kind.float: return scalarLayout(wordLeaf(info.bits === 32 ? Type.f32 : Type.f64));
    case Kind.string: return sliceLayout(ls, Counted.any);
    case Kind.slice: return sliceLayout(ls, !isWhole(ls, type) ? Counted.any : isNumber(ls, info.elem) ? Counted.plain : Counted.array);
    case Kind.pointer: return scalarLayout(pointerLeaf(ls, isWhole(ls, type) ? Counted.object : Counted.any));
    case Kind.weak: return scalarLayout(pointerLeaf(ls, Counted.weak));
    case Kind.fn: return scalarLayout(pointerLeaf(ls, Counted.any));
    case Kind.extern_fn: return scalarLayout(pointerLeaf(ls, Counted.none));
    case Kind.optional: return optionalLayout(ls, info);
    case Kind.error_set: return scalarLayout(intLeaf(32, false));
    case Kind.error_union: return taggedLayout(ls, intLeaf(32, false), info.elem);
    case Kind.array: return arrayLayout(ls, info);
    case Kind.tuple:
    case Kind.struct: return info.isPacked ? packedLayout(ls, info) : structLayout(ls, info);
    case Kind.distinct:
    case Kind.enum: return layoutOf(ls, info.elem);
    case Kind.union: return unionLayout(ls, info);
  }
  bug("no layout for type " + info.name);
}

/** A leaf that is loaded and stored as a whole value of its type. */
export function wordLeaf(type: number): Leaf {
  const bits = type === Type.i32 || type === Type.f32 ? 32 : 64;
  return { type: type, offset: 0, load: Op.load, store: Op.store, counted: Counted.none, bits: bits, signed: false };
}

function intLeaf(bits: number, signed: boolean): Leaf {
  const leaf = wordLeaf(bits <= 32 ? Type.i32 : Type.i64);
  leaf.bits = bits;
  leaf.signed = signed;
  if (bits <= 8) {
    leaf.load = signed ? Op.sload8 : Op.uload8;
    leaf.store = Op.store8;
  } else if (bits <= 16) {
    leaf.load = signed ? Op.sload16 : Op.uload16;
    leaf.store = Op.store16;
  }
  return leaf;
}

function pointerLeaf(ls: Layouts, counted: number): Leaf {
  const leaf = wordLeaf(ls.pointer);
  leaf.counted = counted;
  return leaf;
}

/** A leaf further on in a larger value. */
function movedLeaf(leaf: Leaf, offset: number): Leaf {
  return { type: leaf.type, offset: offset + leaf.offset, load: leaf.load, store: leaf.store, counted: leaf.counted, bits: leaf.bits, signed: leaf.signed };
}

/** The runs of 8, 4, 2 and 1 bytes that so many bytes at an offset fall into, each an unsigned integer. */
export function packedLeaves(offset: number, bytes: number): Leaf[] {
  const leaves: Leaf[] = [];
  let at = 0;
  while (at < bytes) {
    const left = bytes - at;
    const size = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    leaves.push(movedLeaf(intLeaf(8 * size, false), offset + at));
    at += size;
  }
  return leaves;
}

/** Bytes that a leaf takes in memory. */
export function leafSize(leaf: Leaf): number {
  if (leaf.store === Op.store8) return 1;
  if (leaf.store === Op.store16) return 2;
  return leaf.type === Type.i32 || leaf.type === Type.f32 ? 4 : 8;
}

function scalarLayout(leaf: Leaf): Layout {
  const l = emptyLayout();
  l.size = leafSize(leaf);
  l.align = l.size;
  l.leaves.push(leaf);
  l.counted = leaf.counted !== Counted.none;
  l.open = false;
  return l;
}

/** Address, then the length as i64 at offset 8 on every target. */
function sliceLayout(ls: Layouts, counted: number): Layout {
  const l = scalarLayout(pointerLeaf(ls, counted));
  l.size = 16;
  l.align = 8;
  l.leaves.push(movedLeaf(wordLeaf(Type.i64), 8));
  return l;
}

/** Whether the optional of this element is one pointer with null for 0. */
export function isNullable(types: Types, elem: number): boolean {
  const kind = types.list[elem].kind;
  return kind === Kind.pointer || kind === Kind.fn || kind === Kind.extern_fn;
}

function optionalLayout(ls: Layouts, info: TypeInfo): Layout {
  if (isNullable(ls.types, info.elem)) {
    const l = scalarLayout(pointerLeaf(ls, layoutOf(ls, info.elem).leaves[0].counted));
    l.offsets.push(0);
    return l;
  }
  return taggedLayout(ls, intLeaf(8, false), info.elem);
}

/** A tag leaf, then a payload: optionals and error unions. */
function taggedLayout(ls: Layouts, tag: Leaf, elem: number): Layout {
  const l = scalarLayout(tag);
  addPart(ls, l, elem);
  finishLayout(l);
  return l;
}

/** Appends a part with C alignment. */
function addPart(ls: Layouts, l: Layout, type: number): void {
  const part = layoutOf(ls, type);
  const offset = alignUp(l.size, part.align);
  l.offsets.push(offset);
  l.firstLeaf.push(l.leaves.length);
  l.size = offset + part.size;
  if (part.align > l.align) l.align = part.align;
  if (part.counted) l.counted = true;
  if (part.open) l.open = true;
  if (!part.flat) l.flat = false;
  if (!l.flat) return;
  for (const leaf of part.leaves) l.leaves.push(movedLeaf(leaf, offset));
  if (l.leaves.length > MAX_LEAVES) l.flat = false;
}

function finishLayout(l: Layout): void {
  l.size = alignUp(l.size, l.align);
  if (!l.flat) l.leaves = [];
}

function structLayout(ls: Layouts, info: TypeInfo): Layout {
  const l = emptyLayout();
  l.open = info.fields.length === 0;
  for (const f of info.fields) addPart(ls, l, f.type);
  finishLayout(l);
  return l;
}

/** Bits from the lowest on, without gaps. */
function packedLayout(ls: Layouts, info: TypeInfo): Layout {
  const l = emptyLayout();
  l.packed = true;
  l.open = info.fields.length === 0;
  let bits = 0;
  for (const f of info.fields) {
    l.offsets.push(bits);
    bits += packedBits(ls.types, f.type);
  }
  l.size = bytesOfBits(bits);
  l.leaves = packedLeaves(0, l.size);
  l.flat = l.leaves.length <= MAX_LEAVES;
  if (!l.flat) l.leaves = [];
  return l;
}

function arrayLayout(ls: Layouts, info: TypeInfo): Layout {
  const elem = layoutOf(ls, info.elem);
  const l = emptyLayout();
  l.size = elem.size * info.len;
  l.align = elem.align;
  l.counted = elem.counted;
  l.flat = false;
  return l;
}

/** The tag, then the payload aligned for its strictest variant. */
function unionLayout(ls: Layouts, info: TypeInfo): Layout {
  const tag = layoutOf(ls, info.elem);
  let size = 0;
  let align = 1;
  let counted = false;
  for (const f of info.fields) {
    const part = layoutOf(ls, f.type);
    if (part.size > size) size = part.size;
    if (part.align > align) align = part.align;
    if (part.counted) counted = true;
  }
  if (!hasPayload(ls.types, info)) return tag;
  const l = emptyLayout();
  const offset = alignUp(tag.size, align);
  l.align = align > tag.align ? align : tag.align;
  l.size = alignUp(offset + size, l.align);
  l.offsets.push(offset);
  l.counted = counted;
  l.flat = false;
  return l;
}

/** Whether any variant of a union carries something. */
export function hasPayload(types: Types, info: TypeInfo): boolean {
  for (const f of info.fields) if (types.list[f.type].kind !== Kind.void) return true;
  return false;
}
