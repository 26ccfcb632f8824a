// Packed structs: the types of their fields, the bits that each takes, and what is refused.
// In -> out: types, to widths and positions in bits, counted from the lowest bit of the first byte; programs, to errors.
// A field is an integer, float, bool, enum or packed struct: nothing that is counted or has an address of its own. The
// width of a packed struct is kept in its TypeInfo as its fields are found.

import { report } from "../base/diag.ts";
import { fitsBits, type I128 } from "../base/int128.ts";
import { checkErrorHint, type CheckState, shown, treeNode } from "./checker.ts";
import { TOp } from "./tree.ts";
import { Kind, type TypeInfo, type Types, TypeId } from "./types.ts";

/** No packed struct has more bits: reading a field that is one is a run of instructions. */
const MAX_PACKED = 65536;

/** The bits that a value of a type takes in a packed struct, or -1 when it cannot be a field of one. */
export function packedBits(t: Types, type: number): number {
  const info = t.list[type];
  switch (info.kind) {
    case Kind.bool: return 1;
    case Kind.int: case Kind.float: case Kind.enum: return info.bits;
    case Kind.distinct: return packedBits(t, info.elem);
    case Kind.struct: return info.isPacked ? info.bits : -1;
    default: return -1;
  }
}

/** The bit at which a field of a packed struct begins. */
export function packedOffset(t: Types, info: TypeInfo, index: number): number {
  let at = 0;
  for (let i = 0; i < index; i++) at += packedBits(t, info.fields[i].type);
  return at;
}

/** Adds the width of a field to that of its packed struct; returns the field's type, or the invalid type after an error. */
export function packField(f: CheckState, type: number, field: number, pos: number): number {
  if (field === TypeId.invalid) return field;
  const info = f.c.types.list[type];
  const bits = packedBits(f.c.types, field);
  if (bits < 0) {
    report(f.c.diags, pos, "bad-type", "a packed struct holds integers, floats, bools, enums and packed structs, not " + shown(f, field));
    return TypeId.invalid;
  }
  info.bits += bits;
  if (info.bits <= MAX_PACKED) return field;
  report(f.c.diags, pos, "too-large", "a packed struct has at most " + MAX_PACKED + " bits");
  info.bits = 0;
  return TypeId.invalid;
}

/** The least width in bits that holds an enum's values, from 1. */
export function enumBits(least: I128, greatest: I128, signed: boolean): number {
  let bits = 1;
  while (bits < 64 && (!fitsBits(least, bits, signed) || !fitsBits(greatest, bits, signed))) bits += 1;
  return bits;
}

/** Reports a place that has no address because it lies in a packed struct. */
export function refusePackedField(f: CheckState, place: number, pos: number): void {
  const n = treeNode(f, place);
  if (n.op !== TOp.field || !f.c.types.list[treeNode(f, n.a).type].isPacked) return;
  checkErrorHint(f, pos, "not-a-place", "a field of a packed struct has no address", "copy it to a variable, and assign the field afterwards");
}
