// Constants as data: what a global holds from the start.
// In -> out: the tree of a constant initialiser, to the bytes of the global's symbol and the relocations of its addresses. No
// code runs for it, so nobody can see the global before it has its value.

import { appendU64, newBytes, patchU8, readU8 } from "../base/bytes.ts";
import { lowI64 } from "../base/int128.ts";
import { divI32, shlI32 } from "../base/int32.ts";
import { type I64, i64From, lowI32, shrU64 } from "../base/int64.ts";
import { packedBits } from "../check/packed.ts";
import { Conv, TOp, type TFunc, type TNode } from "../check/tree.ts";
import { Kind } from "../check/types.ts";
import { addAddress, cellSym, entrySym, globalSym, stringSym } from "./data.ts";
import { isNullable, layoutOf, leafSize } from "./layout.ts";
import type { Lower } from "./state.ts";

/** Whether the bytes of a node's value are known before the program runs. */
export function isConstantData(l: Lower, f: TFunc, id: number): boolean {
  const n = f.nodes[id];
  switch (n.op) {
    case TOp.const_int: case TOp.const_float: return layoutOf(l.layouts, n.type).leaves.length === 1;
    case TOp.const_string: case TOp.const_zero: case TOp.const_error: case TOp.const_fn: return true;
    case TOp.make_union: return n.a < 0 || isConstantData(l, f, n.a);
    case TOp.make_struct: case TOp.make_tuple: case TOp.make_array:
      for (const part of n.list) if (!isConstantData(l, f, part)) return false;
      return true;
    case TOp.convert: return isConstantConversion(l, f, n);
    default: return false;
  }
}

function isConstantConversion(l: Lower, f: TFunc, n: TNode): boolean {
  switch (n.n) {
    case Conv.same: case Conv.some: case Conv.ok: case Conv.err: case Conv.error_union: return isConstantData(l, f, n.a);
    case Conv.widen: return f.nodes[n.a].op === TOp.const_int;
    case Conv.array_to_slice: return f.nodes[n.a].op === TOp.global && l.program.globals[f.nodes[n.a].n].isConst;
    default: return false;
  }
}

/** Writes the value of a node to an offset of a data symbol, whose bytes are there and zero. */
export function putConstant(l: Lower, sym: number, offset: number, f: TFunc, id: number): void {
  const n = f.nodes[id];
  const lay = layoutOf(l.layouts, n.type);
  switch (n.op) {
    case TOp.const_int: putNumber(l, sym, offset, lowI64(n.value), leafSize(lay.leaves[0])); break;
    case TOp.const_float: putNumber(l, sym, offset, n.bits, leafSize(lay.leaves[0])); break;
    case TOp.const_error: putNumber(l, sym, offset, i64From(n.n), 4); break;
    case TOp.const_string:
      addAddress(l, sym, offset, stringSym(l, n.n));
      putNumber(l, sym, offset + 8, i64From(l.program.strings[n.n].length), 8);
      break;
    case TOp.const_fn: addAddress(l, sym, offset, l.program.types.list[n.type].kind === Kind.extern_fn ? entrySym(l, n.n) : cellSym(l, n.n)); break;
    case TOp.make_union: {
      const info = l.program.types.list[n.type];
      putNumber(l, sym, offset, lowI64(info.fields[n.n].value), leafSize(layoutOf(l.layouts, info.elem).leaves[0]));
      if (n.a >= 0) putConstant(l, sym, offset + lay.offsets[0], f, n.a);
      break;
    }
    case TOp.make_array: {
      const size = layoutOf(l.layouts, l.program.types.list[n.type].elem).size;
      for (let k = 0; k < n.list.length; k++) putConstant(l, sym, offset + k * size, f, n.list[k]);
      break;
    }
    case TOp.make_struct:
      if (lay.packed) putPacked(l, sym, 8 * offset, f, id);
      else for (let k = 0; k < n.list.length; k++) putConstant(l, sym, offset + lay.offsets[n.list2[k]], f, n.list[k]);
      break;
    case TOp.make_tuple: for (let k = 0; k < n.list.length; k++) putConstant(l, sym, offset + lay.offsets[k], f, n.list[k]); break;
    case TOp.convert: putConverted(l, sym, offset, f, n); break;
    default: break;
  }
}

function putConverted(l: Lower, sym: number, offset: number, f: TFunc, n: TNode): void {
  const lay = layoutOf(l.layouts, n.type);
  const from = f.nodes[n.a];
  switch (n.n) {
    case Conv.widen: putNumber(l, sym, offset, lowI64(from.value), leafSize(lay.leaves[0])); break;
    case Conv.array_to_slice:
      addAddress(l, sym, offset, globalSym(l, from.n));
      putNumber(l, sym, offset + 8, i64From(l.program.types.list[from.type].len), 8);
      break;
    case Conv.some:
      if (!isNullable(l.program.types, l.program.types.list[n.type].elem)) putNumber(l, sym, offset, i64From(1), 1);
      putConstant(l, sym, offset + lay.offsets[0], f, n.a);
      break;
    case Conv.ok: putConstant(l, sym, offset + lay.offsets[0], f, n.a); break;
    default: putConstant(l, sym, offset, f, n.a); break;
  }
}

/** Writes the value of a node, a packed struct or a field of one, into a data symbol; `bit`: its first bit there. */
function putPacked(l: Lower, sym: number, bit: number, f: TFunc, id: number): void {
  const n = f.nodes[id];
  const bits = packedBits(l.program.types, n.type);
  switch (n.op) {
    case TOp.const_int: putBits(l, sym, bit, lowI64(n.value), bits); break;
    case TOp.const_float: putBits(l, sym, bit, n.bits, bits); break;
    case TOp.make_struct: for (let k = 0; k < n.list.length; k++) putPacked(l, sym, bit + layoutOf(l.layouts, n.type).offsets[n.list2[k]], f, n.list[k]); break;
    case TOp.convert:
      if (n.n === Conv.widen) putBits(l, sym, bit, lowI64(f.nodes[n.a].value), bits);
      else putPacked(l, sym, bit, f, n.a);
      break;
    default: break;
  }
}

/** The low bits of a number. */
function putBits(l: Lower, sym: number, bit: number, value: I64, bits: number): void {
  const bytes = l.module.symbols[sym].bytes;
  for (let k = 0; k < bits; k++) {
    const one = lowI32(shrU64(value, k)) & 1;
    const at = divI32(bit + k, 8);
    patchU8(bytes, at, readU8(bytes, at) | shlI32(one, (bit + k) & 7));
  }
}

/** The low bytes of a number, least first. */
function putNumber(l: Lower, sym: number, offset: number, value: I64, size: number): void {
  const whole = newBytes();
  appendU64(whole, value);
  for (let k = 0; k < size; k++) patchU8(l.module.symbols[sym].bytes, offset + k, readU8(whole, k));
}
