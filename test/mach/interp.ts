// An interpreter of SSA functions for tests: the meaning of each operation in plain JavaScript.
// In -> out: a module, a function symbol and arguments as bigints (floats as bits), to results, or the trap code.
// Memory is one flat array; addresses of slots and data are offsets into it.

import { Op, Trap, Type } from "../../stage0/ssa/ops.ts";
import { type Func, resultsOf } from "../../stage0/ssa/function.ts";
import type { SsaModule } from "../../stage0/ssa/module.ts";

export class TrapError extends Error {
  code: number;
  constructor(code: number) {
    super("trap " + code);
    this.code = code;
  }
}

const view = new DataView(new ArrayBuffer(8));

function f64(bits: bigint): number {
  view.setBigInt64(0, bits);
  return view.getFloat64(0);
}

function bits64(x: number): bigint {
  view.setFloat64(0, x);
  return view.getBigInt64(0);
}

function f32(bits: bigint): number {
  view.setInt32(0, Number(BigInt.asIntN(32, bits)));
  return view.getFloat32(0);
}

function bits32(x: number): bigint {
  view.setFloat32(0, x);
  return BigInt(view.getInt32(0));
}

export class Interp {
  m: SsaModule;
  memory = new DataView(new ArrayBuffer(1 << 16));
  top = 1024;
  fuel = 200000;
  dataAt = new Map<number, number>();
  constructor(m: SsaModule) {
    this.m = m;
  }

  call(sym: number, args: bigint[]): bigint[] {
    const f = this.m.funcs.find((g) => g.sym === sym)!;
    const top = this.top;
    const slots: number[] = [];
    for (const s of f.slots) {
      this.top = (this.top + 15) & ~15;
      slots.push(this.top);
      for (let k = 0; k < s.size; k++) this.memory.setUint8(this.top + k, 0);
      this.top += s.size;
    }
    const out = this.run(f, args, slots);
    this.top = top;
    return out;
  }

  run(f: Func, args: bigint[], slots: number[]): bigint[] {
    const val: bigint[] = [];
    let block = 0;
    f.blocks[0].params.forEach((p, k) => { val[p] = wrapType(f.valueType[p], args[k]); });
    for (;;) {
      for (const i of f.blocks[block].insts) {
        if (this.fuel-- <= 0) throw new Error("out of fuel");
        const inst = f.insts[i];
        const a = inst.args.map((v) => val[v]);
        const goto = (k: number): void => {
          const t = f.blocks[block].targets[k];
          const next = t.args.map((v) => val[v]);
          f.blocks[t.block].params.forEach((p, j) => { val[p] = next[j]; });
          block = t.block;
        };
        if (inst.op === Op.return) return a;
        if (inst.op === Op.jump) { goto(0); break; }
        if (inst.op === Op.brif) { goto(BigInt.asIntN(32, a[0]) !== 0n ? 0 : 1); break; }
        if (inst.op === Op.br_table) {
          const k = Number(BigInt.asUintN(32, a[0]));
          goto(k < f.blocks[block].targets.length - 1 ? k : f.blocks[block].targets.length - 1);
          break;
        }
        if (inst.op === Op.trap) throw new TrapError(Number(inst.imm));
        if (inst.op === Op.call) {
          const r = this.call(inst.sym, a);
          resultsOf(inst).forEach((v, k) => { val[v] = wrapType(f.valueType[v], r[k]); });
          continue;
        }
        if (inst.op === Op.return_call) return this.call(inst.sym, a);
        if (inst.op === Op.slot_addr) { val[inst.result] = BigInt(slots[inst.sym]) + inst.imm; continue; }
        if (inst.op === Op.memory_fill) {
          for (let k = 0n; k < a[2]; k++) this.memory.setUint8(Number(a[0] + k), Number(BigInt.asUintN(8, a[1])));
          continue;
        }
        if (inst.op === Op.memory_copy) {
          const bytes = new Uint8Array(this.memory.buffer);
          bytes.copyWithin(Number(a[0]), Number(a[1]), Number(a[1] + a[2]));
          continue;
        }
        const r = this.simple(inst.op, inst.type, inst.imm, a);
        if (inst.resultCount > 0) val[inst.result] = wrapType(f.valueType[inst.result], r);
      }
    }
  }

  simple(op: number, type: number, imm: bigint, a: bigint[]): bigint {
    const bits = type === Type.i64 || type === Type.f64 ? 64 : 32;
    const n = BigInt(bits);
    const u = (x: bigint): bigint => BigInt.asUintN(bits, x);
    const s = (x: bigint): bigint => BigInt.asIntN(bits, x);
    const single = type === Type.f32;
    const F = single ? f32 : f64;
    const B = single ? bits32 : bits64;
    const bool = (b: boolean): bigint => (b ? 1n : 0n);
    const at = (): number => Number(a[0] + imm);
    switch (op) {
      case Op.iconst: case Op.fconst: return imm;
      case Op.iadd: return a[0] + a[1];
      case Op.isub: return a[0] - a[1];
      case Op.imul: return a[0] * a[1];
      case Op.sdiv:
        if (s(a[1]) === 0n) throw new TrapError(Trap.division_by_zero);
        if (s(a[1]) === -1n && s(a[0]) === -(1n << (n - 1n))) throw new TrapError(Trap.integer_overflow);
        return s(a[0]) / s(a[1]);
      case Op.udiv: if (u(a[1]) === 0n) throw new TrapError(Trap.division_by_zero); return u(a[0]) / u(a[1]);
      case Op.srem: if (s(a[1]) === 0n) throw new TrapError(Trap.division_by_zero); return s(a[0]) % s(a[1]);
      case Op.urem: if (u(a[1]) === 0n) throw new TrapError(Trap.division_by_zero); return u(a[0]) % u(a[1]);
      case Op.band: return a[0] & a[1];
      case Op.bor: return a[0] | a[1];
      case Op.bxor: return a[0] ^ a[1];
      case Op.ishl: return a[0] << (u(a[1]) % n);
      case Op.sshr: return s(a[0]) >> (u(a[1]) % n);
      case Op.ushr: return u(a[0]) >> (u(a[1]) % n);
      case Op.rotl: { const k = u(a[1]) % n; return (u(a[0]) << k) | (u(a[0]) >> (n - k)); }
      case Op.rotr: { const k = u(a[1]) % n; return (u(a[0]) >> k) | (u(a[0]) << (n - k)); }
      case Op.clz: { let k = 0n; while (k < n && (u(a[0]) >> (n - 1n - k)) % 2n === 0n) k++; return k; }
      case Op.ctz: { let k = 0n; while (k < n && (u(a[0]) >> k) % 2n === 0n) k++; return k; }
      case Op.popcnt: { let k = 0n; for (let j = 0n; j < n; j++) k += (u(a[0]) >> j) & 1n; return k; }
      case Op.sextend8: return BigInt.asIntN(8, a[0]);
      case Op.sextend16: return BigInt.asIntN(16, a[0]);
      case Op.sextend32: case Op.sextend: return BigInt.asIntN(32, a[0]);
      case Op.uextend: return BigInt.asUintN(32, a[0]);
      case Op.ireduce: return a[0];
      case Op.eq: return bool(s(a[0]) === s(a[1]));
      case Op.ne: return bool(s(a[0]) !== s(a[1]));
      case Op.slt: return bool(s(a[0]) < s(a[1]));
      case Op.sle: return bool(s(a[0]) <= s(a[1]));
      case Op.sgt: return bool(s(a[0]) > s(a[1]));
      case Op.sge: return bool(s(a[0]) >= s(a[1]));
      case Op.ult: return bool(u(a[0]) < u(a[1]));
      case Op.ule: return bool(u(a[0]) <= u(a[1]));
      case Op.ugt: return bool(u(a[0]) > u(a[1]));
      case Op.uge: return bool(u(a[0]) >= u(a[1]));
      case Op.fadd: return B(F(a[0]) + F(a[1]));
      case Op.fsub: return B(F(a[0]) - F(a[1]));
      case Op.fmul: return B(F(a[0]) * F(a[1]));
      case Op.fdiv: return B(F(a[0]) / F(a[1]));
      case Op.fmin: return B(Math.min(F(a[0]), F(a[1])));
      case Op.fmax: return B(Math.max(F(a[0]), F(a[1])));
      case Op.fcopysign: { const m = 1n << (n - 1n); return (u(a[0]) & (m - 1n)) | (u(a[1]) & m); }
      case Op.fneg: return u(a[0]) ^ (1n << (n - 1n));
      case Op.fabs: return u(a[0]) & ((1n << (n - 1n)) - 1n);
      case Op.fsqrt: return B(Math.sqrt(F(a[0])));
      case Op.fceil: return B(Math.ceil(F(a[0])));
      case Op.ffloor: return B(Math.floor(F(a[0])));
      case Op.ftrunc: return B(Math.trunc(F(a[0])));
      case Op.fnearest: return B(nearest(F(a[0])));
      case Op.feq: return bool(F(a[0]) === F(a[1]));
      case Op.fne: return bool(F(a[0]) !== F(a[1]));
      case Op.flt: return bool(F(a[0]) < F(a[1]));
      case Op.fle: return bool(F(a[0]) <= F(a[1]));
      case Op.fgt: return bool(F(a[0]) > F(a[1]));
      case Op.fge: return bool(F(a[0]) >= F(a[1]));
      case Op.f32_to_sint: return toInt(f32(a[0]), bits, true, false);
      case Op.f32_to_uint: return toInt(f32(a[0]), bits, false, false);
      case Op.f64_to_sint: return toInt(f64(a[0]), bits, true, false);
      case Op.f64_to_uint: return toInt(f64(a[0]), bits, false, false);
      case Op.f32_to_sint_sat: return toInt(f32(a[0]), bits, true, true);
      case Op.f32_to_uint_sat: return toInt(f32(a[0]), bits, false, true);
      case Op.f64_to_sint_sat: return toInt(f64(a[0]), bits, true, true);
      case Op.f64_to_uint_sat: return toInt(f64(a[0]), bits, false, true);
      case Op.sint32_to_f: return fromInt(BigInt.asIntN(32, a[0]), single);
      case Op.uint32_to_f: return fromInt(BigInt.asUintN(32, a[0]), single);
      case Op.sint64_to_f: return fromInt(BigInt.asIntN(64, a[0]), single);
      case Op.uint64_to_f: return fromInt(BigInt.asUintN(64, a[0]), single);
      case Op.fdemote: return bits32(f64(a[0]));
      case Op.fpromote: return bits64(f32(a[0]));
      case Op.int_to_float: case Op.float_to_int: return a[0];
      case Op.select: return BigInt.asIntN(32, a[0]) !== 0n ? a[1] : a[2];
      case Op.load: return bits === 64 ? this.memory.getBigInt64(at(), true) : BigInt(this.memory.getInt32(at(), true));
      case Op.uload8: return BigInt(this.memory.getUint8(at()));
      case Op.sload8: return BigInt(this.memory.getInt8(at()));
      case Op.uload16: return BigInt(this.memory.getUint16(at(), true));
      case Op.sload16: return BigInt(this.memory.getInt16(at(), true));
      case Op.uload32: return BigInt(this.memory.getUint32(at(), true));
      case Op.sload32: return BigInt(this.memory.getInt32(at(), true));
      case Op.store: if (bits === 64) this.memory.setBigInt64(at(), a[1], true); else this.memory.setInt32(at(), Number(BigInt.asIntN(32, a[1])), true); return 0n;
      case Op.store8: this.memory.setUint8(at(), Number(BigInt.asUintN(8, a[1]))); return 0n;
      case Op.store16: this.memory.setUint16(at(), Number(BigInt.asUintN(16, a[1])), true); return 0n;
      case Op.store32: this.memory.setUint32(at(), Number(BigInt.asUintN(32, a[1])), true); return 0n;
      default: throw new Error("op " + op);
    }
  }
}

export function wrapType(type: number, x: bigint): bigint {
  return type === Type.i32 || type === Type.f32 ? BigInt.asIntN(32, x) : BigInt.asIntN(64, x);
}

function nearest(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52 || x === 0) return x;
  const r = Math.round(x);
  const even = Math.abs(x - Math.trunc(x)) === 0.5 ? 2 * Math.round(x / 2) : r;
  return even === 0 && (x < 0 || Object.is(x, -0)) ? -0 : even;
}

function toInt(x: number, bits: number, signed: boolean, sat: boolean): bigint {
  const low = signed ? -(2n ** BigInt(bits - 1)) : 0n;
  const high = signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n;
  if (Number.isNaN(x)) {
    if (sat) return 0n;
    throw new TrapError(Trap.bad_conversion);
  }
  if (!Number.isFinite(x)) {
    if (sat) return x > 0 ? high : low;
    throw new TrapError(Trap.integer_overflow);
  }
  const t = BigInt(Math.trunc(x));
  if (t < low || t > high) {
    if (sat) return t < low ? low : high;
    throw new TrapError(Trap.integer_overflow);
  }
  return t;
}

/** The nearest float to an integer, rounded once. */
function fromInt(x: bigint, single: boolean): bigint {
  if (!single) return bits64(Number(x));
  const neg = x < 0n;
  const size = neg ? -x : x;
  let drop = 0n;
  while (size >> drop >= 1n << 24n) drop++;
  let q = size >> drop;
  const rest = size - (q << drop);
  const half = drop > 0n ? 1n << (drop - 1n) : 0n;
  if (drop > 0n && (rest > half || (rest === half && q % 2n === 1n))) q++;
  const value = Number(q) * 2 ** Number(drop);
  return bits32(neg ? -value : value);
}
