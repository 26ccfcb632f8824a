// Fields of packed structs: runs of bits in whole bytes.
// In -> out: the bytes of a packed struct, as the leaves of a value or in memory, and a position in bits, to the value
// of a field, or the same bytes with another value there. In memory only the bytes that a field touches are read and
// written. A field may lie across leaves; leaves are unsigned (packedLeaves) and stay so.

import { bug } from "../base/bug.ts";
import { divI32, maxI32, minI32 } from "../base/int32.ts";
import { i64From, shlI64, subI64 } from "../base/int64.ts";
import { packedBits } from "../check/packed.ts";
import { Kind } from "../check/types.ts";
import { emitIconst, emitLoad, emitStore, emitValue } from "../ssa/builder.ts";
import { isFloatType, Op, Type } from "../ssa/ops.ts";
import { newSlot, zeroVal } from "./counting.ts";
import { type Leaf, leafSize, packedLeaves } from "./layout.ts";
import { cutBits, lowBits } from "./lower_expr.ts";
import { type FuncState, flatVal, layout, memoryVal, Own, typeInfo, type Val } from "./state.ts";

/** Bytes of a packed struct in registers: leaves by their place, and the value of each. */
interface PackedBytes {
  leaves: Leaf[];
  values: number[];
}

/** The field of a type that begins at a bit of the leaves of a value. */
export function readBits(fs: FuncState, type: number, v: Val, bit: number): Val {
  const bytes: PackedBytes = { leaves: layout(fs, v.type).leaves, values: v.leaves };
  if (typeInfo(fs, type).kind !== Kind.struct) return flatVal(type, [scalarAt(fs, type, bytes, bit)], Own.stable);
  const leaves: number[] = [];
  for (const leaf of layout(fs, type).leaves) leaves.push(runAt(fs, bytes, bit + 8 * leaf.offset, leafBits(fs, type, leaf), leaf.type));
  return flatVal(type, leaves, Own.stable);
}

/** The field of a type that begins at a bit behind an address. */
export function loadBits(fs: FuncState, type: number, address: number, offset: number, bit: number): Val {
  if (typeInfo(fs, type).kind !== Kind.struct) {
    const bytes = loadBytes(fs, address, offset, bit, packedBits(fs.l.program.types, type));
    return flatVal(type, [scalarAt(fs, type, bytes, bit)], Own.stable);
  }
  const lay = layout(fs, type);
  const slot = lay.flat ? -1 : newSlot(fs, type);
  const leaves: number[] = [];
  for (const leaf of packedLeaves(0, lay.size)) {
    const at = bit + 8 * leaf.offset;
    const bits = leafBits(fs, type, leaf);
    const value = runAt(fs, loadBytes(fs, address, offset, at, bits), at, bits, leaf.type);
    if (slot < 0) leaves.push(value);
    else emitStore(fs.b, leaf.store, slot, value, i64From(leaf.offset));
  }
  return slot < 0 ? flatVal(type, leaves, Own.stable) : memoryVal(type, slot, Own.stable);
}

/** The leaves of a packed value, changed: the field that begins at a bit has the value v. */
export function writeBits(fs: FuncState, whole: Val, bit: number, v: Val): number[] {
  const bytes: PackedBytes = { leaves: layout(fs, whole.type).leaves, values: [] };
  for (const x of whole.leaves) bytes.values.push(x);
  if (typeInfo(fs, v.type).kind !== Kind.struct) {
    putRun(fs, bytes, bit, packedBits(fs.l.program.types, v.type), scalarBits(fs, v.leaves[0]));
    return bytes.values;
  }
  const leaves = layout(fs, v.type).leaves;
  for (let k = 0; k < leaves.length; k++) putRun(fs, bytes, bit + 8 * leaves[k].offset, leafBits(fs, v.type, leaves[k]), v.leaves[k]);
  return bytes.values;
}

/** Gives the field that begins at a bit behind an address the value v. */
export function storeBits(fs: FuncState, address: number, offset: number, bit: number, v: Val): void {
  if (typeInfo(fs, v.type).kind !== Kind.struct) {
    storeRun(fs, address, offset, bit, packedBits(fs.l.program.types, v.type), scalarBits(fs, v.leaves[0]));
    return;
  }
  const leaves = packedLeaves(0, layout(fs, v.type).size);
  for (let k = 0; k < leaves.length; k++) {
    const leaf = leaves[k];
    const value = v.address < 0 ? v.leaves[k] : emitLoad(fs.b, leaf.load, leaf.type, v.address, i64From(leaf.offset));
    storeRun(fs, address, offset, bit + 8 * leaf.offset, leafBits(fs, v.type, leaf), value);
  }
}

/** Whether castPacked takes these types: one is a packed struct, both are flat and may be fields of one. */
export function isPackedCast(fs: FuncState, from: number, to: number): boolean {
  const a = layout(fs, from);
  const b = layout(fs, to);
  const types = fs.l.program.types;
  return (a.packed || b.packed) && a.flat && b.flat && packedBits(types, from) >= 0 && packedBits(types, to) >= 0;
}

/** The bits of a value as one of another type. */
export function castPacked(fs: FuncState, v: Val, type: number): Val {
  if (layout(fs, v.type).packed) return readBits(fs, type, v, 0);
  const zero = zeroVal(fs, type);
  return flatVal(type, writeBits(fs, zero, 0, v), Own.stable);
}

/** How many bits of a leaf of a packed struct its fields may take. */
function leafBits(fs: FuncState, type: number, leaf: Leaf): number {
  return minI32(8 * leafSize(leaf), typeInfo(fs, type).bits - 8 * leaf.offset);
}

/** A run of bits as the scalar of a field's type. */
function scalarAt(fs: FuncState, type: number, bytes: PackedBytes, bit: number): number {
  const info = packedInfo(fs, type);
  const to = layout(fs, type).leaves[0].type;
  if (!isFloatType(to)) return info.signed ? cutBits(fs, joinRun(fs, bytes, bit, info.bits, to), info.bits, true) : runAt(fs, bytes, bit, info.bits, to);
  const run = runAt(fs, bytes, bit, info.bits, to === Type.f32 ? Type.i32 : Type.i64);
  return emitValue(fs.b, Op.int_to_float, to, [run], to);
}

/** A scalar as an integer. */
function scalarBits(fs: FuncState, value: number): number {
  const type = fs.b.func.valueType[value];
  if (!isFloatType(type)) return value;
  const to = type === Type.f32 ? Type.i32 : Type.i64;
  return emitValue(fs.b, Op.float_to_int, to, [value], to);
}

/** How a scalar field is read: its width, and whether its highest bit is a sign. */
interface PackedScalar {
  bits: number;
  signed: boolean;
}

function packedInfo(fs: FuncState, type: number): PackedScalar {
  let info = typeInfo(fs, type);
  while (info.kind === Kind.distinct) info = typeInfo(fs, info.elem);
  return { bits: packedBits(fs.l.program.types, type), signed: info.kind !== Kind.float && info.signed };
}

/** A run of bits in a type that is wide enough, with zeros above. */
function runAt(fs: FuncState, bytes: PackedBytes, bit: number, bits: number, type: number): number {
  const value = joinRun(fs, bytes, bit, bits, type);
  // What reaches to the end of a leaf has nothing above.
  for (const leaf of bytes.leaves) if (8 * (leaf.offset + leafSize(leaf)) === bit + bits) return value;
  return cutBits(fs, value, bits, false);
}

/** The leaves that a run of bits touches, shifted to where they stand in it; what lies above the run is anything. */
function joinRun(fs: FuncState, bytes: PackedBytes, bit: number, bits: number, type: number): number {
  let joined = -1;
  for (let k = 0; k < bytes.leaves.length; k++) {
    const from = 8 * bytes.leaves[k].offset;
    if (from + 8 * leafSize(bytes.leaves[k]) <= bit || from >= bit + bits) continue;
    const low = shifted(fs, bytes.values[k], Op.ushr, bit - from);
    const part = shifted(fs, asType(fs, low, type), Op.ishl, from - bit);
    joined = joined < 0 ? part : emitValue(fs.b, Op.bor, type, [joined, part], type);
  }
  return joined < 0 ? bug("a field outside of its packed struct") : joined;
}

function shifted(fs: FuncState, value: number, op: number, count: number): number {
  if (count <= 0) return value;
  const type = fs.b.func.valueType[value];
  return emitValue(fs.b, op, type, [value, emitIconst(fs.b, type, i64From(count))], type);
}

function asType(fs: FuncState, value: number, type: number): number {
  if (fs.b.func.valueType[value] === type) return value;
  return emitValue(fs.b, type === Type.i32 ? Op.ireduce : Op.uextend, type, [value], type);
}

/** Puts the low bits of a value into a run of bits of the leaves. */
function putRun(fs: FuncState, bytes: PackedBytes, bit: number, bits: number, value: number): void {
  for (let k = 0; k < bytes.leaves.length; k++) {
    const leaf = bytes.leaves[k];
    const from = 8 * leaf.offset;
    const low = maxI32(bit - from, 0);
    const high = minI32(bit + bits - from, 8 * leafSize(leaf));
    if (low < high) bytes.values[k] = withRun(fs, bytes.values[k], leaf, low, high, shifted(fs, value, Op.ushr, from - bit));
  }
}

/** A leaf with the bits from low up to high taken from the lowest ones of a value; the old leaf is not looked at when all are. */
function withRun(fs: FuncState, old: number, leaf: Leaf, low: number, high: number, value: number): number {
  const placed = shifted(fs, asType(fs, value, leaf.type), Op.ishl, low);
  const whole = low === 0 && high === 8 * leafSize(leaf);
  if (whole) return cutBits(fs, placed, high, false);
  const mask = shlI64(lowBits(high - low), low);
  const part = emitValue(fs.b, Op.band, leaf.type, [placed, emitIconst(fs.b, leaf.type, mask)], leaf.type);
  const rest = emitIconst(fs.b, leaf.type, subI64(i64From(-1), mask));
  const kept = emitValue(fs.b, Op.band, leaf.type, [old, rest], leaf.type);
  return emitValue(fs.b, Op.bor, leaf.type, [kept, part], leaf.type);
}

/** The bytes that a run of bits touches. */
function touchedLeaves(bit: number, bits: number): Leaf[] {
  const first = divI32(bit, 8);
  return packedLeaves(first, divI32(bit + bits + 7, 8) - first);
}

function loadBytes(fs: FuncState, address: number, offset: number, bit: number, bits: number): PackedBytes {
  const bytes: PackedBytes = { leaves: touchedLeaves(bit, bits), values: [] };
  for (const leaf of bytes.leaves) bytes.values.push(emitLoad(fs.b, leaf.load, leaf.type, address, i64From(offset + leaf.offset)));
  return bytes;
}

/** Writes a run of bits: bytes that it only touches are read before. */
function storeRun(fs: FuncState, address: number, offset: number, bit: number, bits: number, value: number): void {
  const bytes: PackedBytes = { leaves: touchedLeaves(bit, bits), values: [] };
  for (const leaf of bytes.leaves) {
    const inside = 8 * leaf.offset >= bit && 8 * (leaf.offset + leafSize(leaf)) <= bit + bits;
    bytes.values.push(inside ? -1 : emitLoad(fs.b, leaf.load, leaf.type, address, i64From(offset + leaf.offset)));
  }
  putRun(fs, bytes, bit, bits, value);
  for (let k = 0; k < bytes.leaves.length; k++) emitStore(fs.b, bytes.leaves[k].store, address, bytes.values[k], i64From(offset + bytes.leaves[k].offset));
}
