// Sizes of types: what @sizeOf, @alignOf and @offsetOf give, and @bitCast compares.
// In -> out: a type, to bytes. Fields in order with C alignment; an optional is a flag byte and the payload (a pointer
// or function alone is one word), an error union a u32 and the payload, a union its tag and the payload.

import { alignUp, divI32, maxI32 } from "../base/int32.ts";
import { report } from "../base/diag.ts";
import type { Checker } from "./checker.ts";
import { completeType } from "./named.ts";
import { packedBits, packedOffset } from "./packed.ts";
import { type Field, Kind, type TypeInfo } from "./types.ts";

/** Bytes of an address on the target. */
export function pointerBytes(c: Checker): number {
  return c.options.target === "wasm32" ? 4 : 8;
}

/** No value takes more bytes; sizes that would be larger are this and one. */
const MAX_SIZE = 268435456;
const MAX_GLOBALS = 1073741824;

function limitedSize(size: number): number {
  return size > MAX_SIZE ? MAX_SIZE + 1 : size;
}

/** Reports the types whose values are too large, and globals that are too much together. */
export function checkSizes(c: Checker): void {
  for (let type = 0; type < c.types.list.length; type++) {
    const info = c.types.list[type];
    if (sizeOfType(c, type) > MAX_SIZE) report(c.diags, info.pos, "too-large", "a value of type '" + info.name + "' takes more than " + MAX_SIZE + " bytes");
  }
  let bytes = 0;
  for (const g of c.globals) {
    if (g.type >= 0) bytes += sizeOfType(c, g.type);
    if (bytes > MAX_GLOBALS) {
      report(c.diags, g.pos, "too-large", "with this one the globals take more than " + MAX_GLOBALS + " bytes together");
      return;
    }
  }
}

/** Bytes of a value of a type. */
export function sizeOfType(c: Checker, type: number): number {
  const info = c.types.list[type];
  if (info.size >= 0) return info.size;
  const was = c.unsettled;
  c.unsettled = c.complete.get(type) === 1;
  const size = limitedSize(findSize(c, type, info));
  if (!c.unsettled) info.size = size;
  c.unsettled = c.unsettled || was;
  return size;
}

function findSize(c: Checker, type: number, info: TypeInfo): number {
  switch (info.kind) {
    case Kind.bool: return 1;
    case Kind.int: case Kind.float: return intBytes(info.bits);
    case Kind.string: case Kind.slice: return 16;
    case Kind.pointer: case Kind.weak: case Kind.fn: case Kind.extern_fn: return pointerBytes(c);
    case Kind.optional: return isOneWord(c, info.elem) ? pointerBytes(c) : taggedSize(c, 1, info.elem);
    case Kind.error_set: return 4;
    case Kind.error_union: return taggedSize(c, 4, info.elem);
    case Kind.array: return arraySize(info.len, sizeOfType(c, info.elem));
    case Kind.distinct: return sizeOfType(c, info.elem);
    case Kind.enum:
      completeType(c, type);
      return sizeOfType(c, info.elem);
    case Kind.struct: case Kind.tuple:
      completeType(c, type);
      if (info.isPacked) return bytesOfBits(info.bits);
      return alignUp(offsetIn(c, info.fields, info.fields.length), alignOfType(c, type));
    case Kind.union: {
      completeType(c, type);
      let payload = 0;
      for (const v of info.fields) payload = maxI32(payload, sizeOfType(c, v.type));
      return alignUp(unionPayloadOffset(c, type) + payload, alignOfType(c, type));
    }
    default: return 0;
  }
}

function arraySize(len: number, size: number): number {
  if (size === 0) return 0;
  return len > divI32(MAX_SIZE, size) ? MAX_SIZE + 1 : len * size;
}

function intBytes(bits: number): number {
  if (bits <= 8) return 1;
  if (bits <= 16) return 2;
  return bits <= 32 ? 4 : 8;
}

/** Whether an optional of this type is one word, null being 0. */
export function isOneWord(c: Checker, type: number): boolean {
  const kind = c.types.list[type].kind;
  return kind === Kind.pointer || kind === Kind.fn || kind === Kind.extern_fn;
}

function taggedSize(c: Checker, tag: number, payload: number): number {
  const align = maxI32(tag, alignOfType(c, payload));
  return alignUp(alignUp(tag, alignOfType(c, payload)) + sizeOfType(c, payload), align);
}

/** The alignment of a type, a power of two. */
export function alignOfType(c: Checker, type: number): number {
  const info = c.types.list[type];
  if (info.align >= 0) return info.align;
  const was = c.unsettled;
  c.unsettled = c.complete.get(type) === 1;
  const align = findAlign(c, type, info);
  if (!c.unsettled) info.align = align;
  c.unsettled = c.unsettled || was;
  return align;
}

function findAlign(c: Checker, type: number, info: TypeInfo): number {
  switch (info.kind) {
    case Kind.string: case Kind.slice: return 8;
    case Kind.optional: return isOneWord(c, info.elem) ? pointerBytes(c) : alignOfType(c, info.elem);
    case Kind.error_union: return maxI32(4, alignOfType(c, info.elem));
    case Kind.array: case Kind.distinct: return alignOfType(c, info.elem);
    case Kind.struct: case Kind.tuple:
      completeType(c, type);
      return info.isPacked ? 1 : fieldsAlign(c, info.fields, 1);
    case Kind.union:
      completeType(c, type);
      return fieldsAlign(c, info.fields, alignOfType(c, info.elem));
    default: return maxI32(1, sizeOfType(c, type));
  }
}

function fieldsAlign(c: Checker, fields: Field[], least: number): number {
  let align = least;
  for (const field of fields) align = maxI32(align, alignOfType(c, field.type));
  return align;
}

/** The offset of a field of a struct or tuple; -1 for one of a packed struct that does not begin at a byte. */
export function fieldOffset(c: Checker, type: number, index: number): number {
  completeType(c, type);
  const fields = c.types.list[type].fields;
  if (c.types.list[type].isPacked) {
    const bit = packedOffset(c.types, c.types.list[type], index);
    return (bit & 7) === 0 ? divI32(bit, 8) : -1;
  }
  return alignUp(offsetIn(c, fields, index), alignOfType(c, fields[index].type));
}

/** The end of the fields before number `count`. */
function offsetIn(c: Checker, fields: Field[], count: number): number {
  let at = 0;
  for (let i = 0; i < count; i++) at = limitedSize(alignUp(at, alignOfType(c, fields[i].type)) + sizeOfType(c, fields[i].type));
  return at;
}

/** Where the payload of a union begins. */
export function unionPayloadOffset(c: Checker, type: number): number {
  const info = c.types.list[type];
  return alignUp(sizeOfType(c, info.elem), fieldsAlign(c, info.fields, 1));
}

/** Whole bytes for so many bits. */
export function bytesOfBits(bits: number): number {
  return divI32(bits + 7, 8);
}

/** Whether two types have equally many bits; a packed struct has those of its fields, and those of its bytes. */
export function sameBits(c: Checker, a: number, b: number): boolean {
  const x = bitsOfType(c, a);
  const y = bitsOfType(c, b);
  return x === y || (isPackedType(c, a) && packedBits(c.types, a) === y) || (isPackedType(c, b) && packedBits(c.types, b) === x);
}

/** An integer has the bits of its type, anything else those of its bytes. */
function bitsOfType(c: Checker, type: number): number {
  let info = c.types.list[type];
  while (info.kind === Kind.distinct || info.kind === Kind.enum) info = c.types.list[info.elem];
  return info.kind === Kind.int ? info.bits : 8 * sizeOfType(c, type);
}

function isPackedType(c: Checker, type: number): boolean {
  return c.types.list[type].isPacked;
}

/** Whether a type holds integers, outside of packed structs, that leave bits of their storage unused; `seen` has the types looked into. */
export function hasSpareBits(c: Checker, type: number, seen: Map<number, number>): boolean {
  const info = c.types.list[type];
  if (info.kind === Kind.int) return info.bits !== 8 * sizeOfType(c, type);
  if (info.kind === Kind.array || info.kind === Kind.distinct || info.kind === Kind.enum) return hasSpareBits(c, info.elem, seen);
  if (info.kind !== Kind.struct || info.isPacked || seen.has(type)) return false;
  seen.set(type, 1);
  for (const field of info.fields) if (hasSpareBits(c, field.type, seen)) return true;
  return false;
}
