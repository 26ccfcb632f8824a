// An interpreter of the SSA form, ir or clif: the reference that compiled code is compared with.
// In -> out: a module, a function symbol and argument bits, to result bits or a trap. Memory is one array: data
// symbols from 65536 on, frame slots above them; an address is a number. Functions have the address of their symbol id.

import { bytesFrom, type Bytes } from "../../stage0/base/bytes.ts";
import { type Func, resolveValue, resultsOf } from "../../stage0/ssa/function.ts";
import { type SsaModule, SymKind } from "../../stage0/ssa/module.ts";
import { opTable, Type } from "../../stage0/ssa/ops.ts";

export class Trapped extends Error {}

/** Too many steps: no result to compare. */
export class Exhausted extends Error {}

export interface Interp {
  m: SsaModule;
  funcs: Map<number, Func>;
  memory: DataView;
  address: number[];
  top: number;
  fuel: number;
  /** Undefined functions by name. */
  outside: Map<string, (args: bigint[]) => bigint[]>;
  /** Addresses are 32-bit numbers though pointers are not; small callees are indices into table. */
  narrow: boolean;
  table: number[];
  /** Memory from HIGH on, apart from the rest. */
  high: DataView;
}

/** Where the memory apart begins. */
export const HIGH = 2 ** 40;

const CODE = 0x7000000;

export function newInterp(m: SsaModule): Interp {
  const it: Interp = { m, funcs: new Map(), memory: new DataView(new ArrayBuffer(1 << 20)), address: [], top: 65536, fuel: 200_000, outside: new Map(), narrow: false, table: [], high: new DataView(new ArrayBuffer(0)) };
  for (const f of m.funcs) it.funcs.set(f.sym, f);
  m.symbols.forEach((s, i) => {
    if (s.kind === SymKind.func) {
      it.address.push(CODE + i);
      return;
    }
    it.top = (it.top + s.align - 1) & -s.align;
    it.address.push(it.top);
    copyIn(it, s.bytes, it.top);
    it.top += s.size;
  });
  m.symbols.forEach((s, i) => {
    for (const r of s.relocs) {
      const value = it.address[r.sym] + r.addend;
      if (m.pointer === Type.i64) it.memory.setBigInt64(it.address[i] + r.offset, BigInt(value), true);
      else it.memory.setInt32(it.address[i] + r.offset, value, true);
    }
  });
  it.top = (it.top + 15) & -16;
  return it;
}

function copyIn(it: Interp, b: Bytes, at: number): void {
  for (let i = 0; i < b.len; i++) it.memory.setUint8(at + i, b.data[i]);
}

function wrapTo(type: number, v: bigint): bigint {
  return type === Type.i64 || type === Type.f64 ? BigInt.asIntN(64, v) : BigInt.asIntN(32, v);
}

const scratch = new DataView(new ArrayBuffer(8));

function toFloat(type: number, bits: bigint): number {
  if (type === Type.f32) {
    scratch.setInt32(0, Number(BigInt.asIntN(32, bits)));
    return scratch.getFloat32(0);
  }
  scratch.setBigInt64(0, bits);
  return scratch.getFloat64(0);
}

function fromFloat(type: number, x: number): bigint {
  if (type === Type.f32) {
    scratch.setFloat32(0, x);
    return BigInt(scratch.getInt32(0));
  }
  scratch.setFloat64(0, x);
  return scratch.getBigInt64(0);
}

/** Calls a function by symbol. */
export function interpCall(it: Interp, sym: number, args: bigint[]): bigint[] {
  const f = it.funcs.get(sym);
  if (f === undefined) {
    const s = it.m.symbols[sym];
    const out = it.outside.get(s.outerName === "" ? s.name : s.outerName);
    if (out === undefined) throw new Error("undefined " + s.name);
    return out(args);
  }
  const savedTop = it.top;
  const slots: number[] = [];
  for (const s of f.slots) {
    it.top = (it.top + 15) & -16;
    slots.push(it.top);
    it.top += s.size;
  }
  if (f.slots.length > 0 && it.top > it.memory.byteLength - 64) throw new Trapped("stack");
  const values: bigint[] = [];
  const results = run(it, f, values, slots, args);
  it.top = savedTop;
  return results;
}

function run(it: Interp, f: Func, values: bigint[], slots: number[], args: bigint[]): bigint[] {
  let block = 0;
  f.blocks[0].params.forEach((p, k) => { values[p] = args[k]; });
  const get = (v: number): bigint => {
    const x = values[resolveValue(f, v)];
    if (x === undefined) throw new Error("undefined value v" + v);
    return x;
  };
  for (;;) {
    let next = -1;
    for (const i of f.blocks[block].insts) {
      const inst = f.insts[i];
      if (it.fuel-- <= 0) throw new Exhausted("fuel");
      const name = opTable.names[inst.op];
      const a = inst.args.map(get);
      if (name === "return") return a;
      if (name === "trap") throw new Trapped("trap");
      if (name === "return_call") return interpCall(it, inst.sym, a);
      if (name === "return_call_indirect") return interpCall(it, callee(it, inst.sym, a[0]), a.slice(1));
      if (name === "jump") next = 0;
      else if (name === "brif") next = a[0] !== 0n ? 0 : 1;
      else if (name === "br_table") next = Math.min(Number(BigInt.asUintN(32, a[0])), f.blocks[block].targets.length - 1);
      else if (name === "call") setResults(values, resultsOf(inst), interpCall(it, inst.sym, a));
      else if (name === "call_indirect") setResults(values, resultsOf(inst), interpCall(it, callee(it, inst.sym, a[0]), a.slice(1)));
      else if (name === "check") {
        if (a[0] === 0n) {
          interpCall(it, inst.sym, a.slice(1));
          throw new Trapped("check");
        }
      } else if (name === "sym_addr") values[inst.result] = wrapTo(it.m.pointer, BigInt(it.address[inst.sym]) + inst.imm);
      else if (name === "slot_addr") values[inst.result] = BigInt(slots[inst.sym]) + inst.imm;
      else if (name === "memory_copy") copyBytes(it, a[0], a[1], a[2]);
      else if (name === "memory_fill") fillBytes(it, a[0], a[1], a[2]);
      else if (name.includes("load")) values[inst.result] = access(() => load(it, name, inst.type, base(it, a[0]) + inst.imm));
      else if (name.startsWith("store")) access(() => store(it, name, inst.type, base(it, a[0]) + inst.imm, a[1]));
      else values[inst.result] = compute(name, inst.type, f.valueType[inst.result], a, inst.imm);
    }
    const target = f.blocks[block].targets[next];
    const passed = target.args.map(get);
    f.blocks[target.block].params.forEach((p, k) => { values[p] = passed[k]; });
    block = target.block;
  }
}

function callee(it: Interp, sig: number, address: bigint): number {
  const sym = calleeSymbol(it, address);
  if (it.m.symbols[sym].sig !== sig) throw new Trapped("signature");
  return sym;
}

function calleeSymbol(it: Interp, address: bigint): number {
  if (it.narrow && address >= 0n && address < BigInt(it.table.length)) return it.table[Number(address)];
  const sym = Number(address) - CODE;
  if (sym === undefined || sym < 0 || sym >= it.m.symbols.length) throw new Trapped("bad callee");
  return sym;
}

function setResults(values: bigint[], results: number[], from: bigint[]): void {
  results.forEach((r, k) => { values[r] = from[k]; });
}

function base(it: Interp, address: bigint): bigint {
  return it.narrow && address < HIGH ? BigInt.asUintN(32, address) : address;
}

function copyBytes(it: Interp, to: bigint, from: bigint, size: bigint): void {
  const source = rangeOf(it, from, size);
  new Uint8Array(it.memory.buffer).copyWithin(rangeOf(it, to, size)[0], source[0], source[1]);
}

function fillBytes(it: Interp, to: bigint, byte: bigint, size: bigint): void {
  new Uint8Array(it.memory.buffer).fill(Number(byte & 255n), ...rangeOf(it, to, size));
}

/** First byte and end of a range of memory. */
function rangeOf(it: Interp, address: bigint, size: bigint): [number, number] {
  const at = base(it, address);
  const end = at + base(it, size);
  if (end > BigInt(it.memory.byteLength)) throw new Trapped("memory");
  return [Number(at), Number(end)];
}

/** An access outside memory is a trap. */
function access<T>(run: () => T): T {
  try {
    return run();
  } catch (e) {
    if (e instanceof RangeError) throw new Trapped("memory");
    throw e;
  }
}

function load(it: Interp, name: string, type: number, address: bigint): bigint {
  const full = Number(BigInt.asUintN(it.m.pointer === Type.i64 ? 64 : 32, address));
  const d = full >= HIGH ? it.high : it.memory;
  const at = full >= HIGH ? full - HIGH : full;
  switch (name) {
    case "load": return type === Type.i64 || type === Type.f64 ? d.getBigInt64(at, true) : BigInt(d.getInt32(at, true));
    case "uload8": return BigInt(d.getUint8(at));
    case "sload8": return BigInt(d.getInt8(at));
    case "uload16": return BigInt(d.getUint16(at, true));
    case "sload16": return BigInt(d.getInt16(at, true));
    case "uload32": return BigInt(d.getUint32(at, true));
    default: return BigInt(d.getInt32(at, true));
  }
}

function store(it: Interp, name: string, type: number, address: bigint, v: bigint): void {
  const full = Number(BigInt.asUintN(it.m.pointer === Type.i64 ? 64 : 32, address));
  const d = full >= HIGH ? it.high : it.memory;
  const at = full >= HIGH ? full - HIGH : full;
  if (name === "store8") d.setInt8(at, Number(BigInt.asIntN(8, v)));
  else if (name === "store16") d.setInt16(at, Number(BigInt.asIntN(16, v)), true);
  else if (name === "store32" || type === Type.i32 || type === Type.f32) d.setInt32(at, Number(BigInt.asIntN(32, v)), true);
  else d.setBigInt64(at, v, true);
}

function compute(name: string, type: number, resultType: number, a: bigint[], imm: bigint): bigint {
  const bits = type === Type.i64 || type === Type.f64 ? 64 : 32;
  const u = (v: bigint): bigint => BigInt.asUintN(bits, v);
  const flag = (c: boolean): bigint => (c ? 1n : 0n);
  const n = a.length > 1 ? a[1] & BigInt(bits - 1) : 0n;
  switch (name) {
    case "iconst": case "fconst": return wrapTo(type, imm);
    case "iadd": return wrapTo(type, a[0] + a[1]);
    case "isub": return wrapTo(type, a[0] - a[1]);
    case "imul": return wrapTo(type, a[0] * a[1]);
    case "sdiv": if (a[1] === 0n || u(a[0] / a[1]) === 1n << BigInt(bits - 1) && a[1] === -1n) throw new Trapped("div"); return wrapTo(type, a[0] / a[1]);
    case "udiv": if (a[1] === 0n) throw new Trapped("div"); return wrapTo(type, u(a[0]) / u(a[1]));
    case "srem": if (a[1] === 0n) throw new Trapped("div"); return a[0] % a[1];
    case "urem": if (a[1] === 0n) throw new Trapped("div"); return wrapTo(type, u(a[0]) % u(a[1]));
    case "band": return a[0] & a[1];
    case "bor": return a[0] | a[1];
    case "bxor": return a[0] ^ a[1];
    case "ishl": return wrapTo(type, a[0] << n);
    case "sshr": return a[0] >> n;
    case "ushr": return wrapTo(type, u(a[0]) >> n);
    case "rotl": return wrapTo(type, (u(a[0]) << n) | (u(a[0]) >> (BigInt(bits) - n)));
    case "rotr": return wrapTo(type, (u(a[0]) >> n) | (u(a[0]) << (BigInt(bits) - n)));
    case "clz": return BigInt(bits - (u(a[0]) === 0n ? 0 : u(a[0]).toString(2).length));
    case "ctz": return BigInt(u(a[0]) === 0n ? bits : u(a[0]).toString(2).length - 1 - u(a[0]).toString(2).lastIndexOf("1"));
    case "popcnt": return BigInt(u(a[0]).toString(2).split("1").length - 1);
    case "sextend8": return BigInt.asIntN(8, a[0]);
    case "sextend16": return BigInt.asIntN(16, a[0]);
    case "sextend32": return BigInt.asIntN(32, a[0]);
    case "eq": return flag(a[0] === a[1]);
    case "ne": return flag(a[0] !== a[1]);
    case "slt": return flag(a[0] < a[1]);
    case "sle": return flag(a[0] <= a[1]);
    case "sgt": return flag(a[0] > a[1]);
    case "sge": return flag(a[0] >= a[1]);
    case "ult": return flag(u(a[0]) < u(a[1]));
    case "ule": return flag(u(a[0]) <= u(a[1]));
    case "ugt": return flag(u(a[0]) > u(a[1]));
    case "uge": return flag(u(a[0]) >= u(a[1]));
    case "ireduce": return BigInt.asIntN(32, a[0]);
    case "sextend": return a[0];
    case "uextend": return BigInt.asUintN(32, a[0]);
    case "select": return a[0] !== 0n ? a[1] : a[2];
    case "int_to_float": case "float_to_int": return a[0];
    default: return computeFloat(name, type, resultType, a);
  }
}

function computeFloat(name: string, type: number, resultType: number, a: bigint[]): bigint {
  const x = toFloat(type, a[0]);
  const y = a.length > 1 ? toFloat(type, a[1]) : 0;
  const flag = (c: boolean): bigint => (c ? 1n : 0n);
  switch (name) {
    case "fadd": return fromFloat(type, x + y);
    case "fsub": return fromFloat(type, x - y);
    case "fmul": return fromFloat(type, x * y);
    case "fdiv": return fromFloat(type, x / y);
    case "fsqrt": return fromFloat(type, Math.sqrt(x));
    case "feq": return flag(x === y);
    case "fne": return flag(x !== y);
    case "flt": return flag(x < y);
    case "fle": return flag(x <= y);
    case "fgt": return flag(x > y);
    case "fge": return flag(x >= y);
    case "sint32_to_f": case "sint64_to_f": return resultType === Type.f32 ? narrow(a[0]) : fromFloat(resultType, Number(a[0]));
    case "fpromote": return fromFloat(Type.f64, toFloat(Type.f32, a[0]));
    case "fdemote": return fromFloat(Type.f32, toFloat(Type.f64, a[0]));
    case "fneg": return wrapTo(type, a[0] ^ (1n << (type === Type.f32 ? 31n : 63n)));
    case "fabs": return wrapTo(type, a[0] & ((1n << (type === Type.f32 ? 31n : 63n)) - 1n));
    case "fcopysign": {
      const sign = 1n << (type === Type.f32 ? 31n : 63n);
      return wrapTo(type, (a[0] & (sign - 1n)) | (a[1] & sign));
    }
    case "fceil": return quiet(type, a[0], x, Math.ceil(x));
    case "ffloor": return quiet(type, a[0], x, Math.floor(x));
    case "ftrunc": return quiet(type, a[0], x, Math.trunc(x));
    case "fnearest": return quiet(type, a[0], x, nearest(x));
    case "fmin": return Number.isNaN(x) || Number.isNaN(y) ? fromFloat(type, Number.NaN) : fromFloat(type, Math.min(x, y));
    case "fmax": return Number.isNaN(x) || Number.isNaN(y) ? fromFloat(type, Number.NaN) : fromFloat(type, Math.max(x, y));
    case "uint32_to_f": return fromFloat(resultType, Number(BigInt.asUintN(32, a[0])));
    case "uint64_to_f": return resultType === Type.f32 ? narrow(BigInt.asUintN(64, a[0])) : fromFloat(resultType, Number(BigInt.asUintN(64, a[0])));
    default: return toInteger(name, resultType, a[0]);
  }
}

/** The f32 nearest to an integer, rounded once: bits that a double cannot hold become a sticky one. */
function narrow(v: bigint): bigint {
  const negative = v < 0n;
  let rest = negative ? -v : v;
  let scale = 1;
  while (rest >> 53n !== 0n) {
    rest = (rest >> 1n) | (rest & 1n);
    scale *= 2;
  }
  return fromFloat(Type.f32, (negative ? -1 : 1) * Number(rest) * scale);
}

function quiet(type: number, bits: bigint, x: number, result: number): bigint {
  if (!Number.isNaN(x)) return fromFloat(type, result);
  return wrapTo(type, bits | (1n << (type === Type.f32 ? 22n : 51n)));
}

function nearest(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const down = Math.floor(x);
  const rest = x - down;
  const up = rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
  return up === 0 ? (Object.is(x, -0) || x < 0 ? -0 : 0) : up;
}

function toInteger(name: string, resultType: number, bits: bigint): bigint {
  const parts = /^(f32|f64)_to_([su])int(_sat)?$/.exec(name);
  if (parts === null) throw new Error("interpreter lacks " + name);
  const x = toFloat(parts[1] === "f32" ? Type.f32 : Type.f64, bits);
  const width = resultType === Type.i64 ? 64n : 32n;
  const least = parts[2] === "s" ? -(1n << (width - 1n)) : 0n;
  const most = parts[2] === "s" ? (1n << (width - 1n)) - 1n : (1n << width) - 1n;
  const saturates = parts[3] !== undefined;
  if (Number.isNaN(x)) {
    if (saturates) return 0n;
    throw new Trapped("conversion");
  }
  const whole = Number.isFinite(x) ? BigInt(Math.trunc(x)) : x < 0 ? least - 1n : most + 1n;
  if (whole >= least && whole <= most) return wrapTo(resultType, whole);
  if (!saturates) throw new Trapped("conversion");
  return wrapTo(resultType, whole < least ? least : most);
}

/** The bytes of a module's output in a fresh array. */
export function exactBytes(b: Bytes): Uint8Array {
  return bytesFrom(b.data.slice(0, b.len)).data;
}
