// Each operation alone, in every shape that selection tells apart, run natively and by the interpreter.

import { expect, test } from "vitest";
import { emitFconst, emitIconst, emitLoad, emitReturn, emitSlotAddr, emitStore, emitValue, finishFunction, newBuilder } from "../../stage0/ssa/builder.ts";
import { addSlot } from "../../stage0/ssa/function.ts";
import { newSsaModule, type SsaModule } from "../../stage0/ssa/module.ts";
import { Op, opTable, Type } from "../../stage0/ssa/ops.ts";
import { type Call, defineFunc, hasCc, runNative } from "./harness.ts";
import { Interp, TrapError } from "./interp.ts";

const ints64 = [0n, 1n, -1n, 2n, 3n, 7n, 10n, -7n, 63n, 64n, 100n, 255n, 256n, 65535n, 1n << 31n, (1n << 31n) - 1n, -(1n << 31n), 1n << 32n, (1n << 32n) - 1n, (1n << 63n) - 1n, -(1n << 63n), 0x123456789abcdefn, -1234567890123n];
const consts64 = [0n, 1n, -1n, 2n, 3n, 5n, 7n, -3n, 9n, 10n, 16n, -16n, 100n, 641n, 1000n, 1n << 31n, -(1n << 31n), 1n << 32n, 1000000007n, 6700417n, -(1n << 63n), (1n << 63n) - 1n, 0x123456789abcdefn];

function doubleBits(x: number): bigint {
  const v = new DataView(new ArrayBuffer(8));
  v.setFloat64(0, x);
  return v.getBigInt64(0);
}

function floatBits(x: number): bigint {
  const v = new DataView(new ArrayBuffer(8));
  v.setFloat32(0, x);
  return BigInt(v.getInt32(0));
}

const numbers = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, 1e10, -1e10, 2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 4294967296, 2147483647.5, -2147483648.5, -2147483648.9,
  4294967295.9, -0.9, 2 ** 63, 2 ** 63 - 1024, -(2 ** 63), 2 ** 64, 2 ** 64 - 2048, 1e30, -1e30, 5e-324, 1e-40, Infinity, -Infinity, NaN];

function inputsOf(type: number): bigint[] {
  if (type === Type.i64) return ints64;
  if (type === Type.i32) return ints64.map((x) => BigInt.asIntN(32, x)).filter((x, k, l) => l.indexOf(x) === k);
  return numbers.map(type === Type.f32 ? (x) => floatBits(Math.fround(x)) : doubleBits);
}

function typesOf(op: number): number[] {
  const t = opTable.types[op];
  if (t === "int") return [Type.i32, Type.i64];
  if (t === "float") return [Type.f32, Type.f64];
  if (t === "any") return [Type.i32, Type.i64, Type.f32, Type.f64];
  return [["void", "i32", "i64", "f32", "f64"].indexOf(t)];
}

function operandTypes(op: number, type: number): number[] {
  if (opTable.operands[op] === "-") return [];
  return opTable.operands[op].split(" ").map((w) => {
    if (w === "T") return type;
    if (w === "B") return type === Type.i32 ? Type.f32 : type === Type.i64 ? Type.f64 : type === Type.f32 ? Type.i32 : Type.i64;
    return ["void", "i32", "i64", "f32", "f64"].indexOf(w);
  });
}

function resultType(op: number, type: number): number {
  return opTable.result[op] === "T" ? type : ["void", "i32", "i64", "f32", "f64"].indexOf(opTable.result[op]);
}

/** How the operands come: as they are, the second or first a constant, one of them loaded, equal ones. */
const shapes = ["plain", "const", "constfirst", "load", "loadfirst", "same"];

function build(m: SsaModule, op: number, type: number, shape: string, constant: bigint, name: string): number {
  const types = operandTypes(op, type);
  const result = resultType(op, type);
  const sym = defineFunc(m, name, types, [result]);
  const b = newBuilder(m, sym, m.symbols[sym].sig);
  const args = b.func.blocks[0].params.slice();
  const k = shape === "constfirst" || shape === "loadfirst" ? 0 : args.length - 1;
  if (shape === "const" || shape === "constfirst") args[k] = types[k] >= Type.f32 ? emitFconst(b, types[k], constant) : emitIconst(b, types[k], constant);
  if (shape === "load" || shape === "loadfirst") {
    const a = emitSlotAddr(b, addSlot(b.func, 64, 8), 16);
    emitStore(b, Op.store, a, args[k], 8n);
    args[k] = emitLoad(b, Op.load, types[k], a, 8n);
  }
  if (shape === "same") args[0] = args[args.length - 1];
  const v = emitValue(b, op, type, args, result);
  emitReturn(b, [v]);
  m.funcs.push(finishFunction(b));
  return sym;
}

function isNan(type: number, bits: bigint): boolean {
  return type === Type.f64 ? (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n : type === Type.f32 && (bits & 0x7fffffffn) > 0x7f800000n;
}

/** The interpreter's answer in the form of runNative; every NaN is one. */
function expected(m: SsaModule, call: Call): string {
  const sig = m.sigs[m.symbols[call.sym].sig];
  try {
    const r = new Interp(m).call(call.sym, call.args)[0];
    const bits = BigInt.asUintN(sig.results[0] === Type.i32 || sig.results[0] === Type.f32 ? 32 : 64, r);
    return isNan(sig.results[0], bits) ? "nan" : bits.toString(16);
  } catch (e) {
    if (e instanceof TrapError) return "trap " + e.code;
    throw e;
  }
}

function compare(m: SsaModule, calls: Call[], names: string[]): void {
  const got = runNative(m, calls, "");
  const wrong: string[] = [];
  for (let k = 0; k < calls.length; k++) {
    const sig = m.sigs[m.symbols[calls[k].sym].sig];
    const is32 = sig.results[0] === Type.i32 || sig.results[0] === Type.f32;
    let g = got[k] === undefined || got[k].startsWith("trap") ? got[k] : BigInt.asUintN(is32 ? 32 : 64, BigInt("0x" + got[k])).toString(16);
    if (g !== undefined && !g.startsWith("trap") && isNan(sig.results[0], BigInt("0x" + g))) g = "nan";
    const want = expected(m, calls[k]);
    if (g !== want) wrong.push(names[calls[k].sym] + "(" + calls[k].args.join(", ") + ") is " + g + ", should be " + want);
  }
  expect(wrong.slice(0, 15)).toEqual([]);
}

function runOps(from: number, to: number): void {
  const m = newSsaModule(Type.i64);
  const calls: Call[] = [];
  const names: string[] = [];
  for (let op = from; op <= to; op++) {
    for (const type of typesOf(op)) {
      const types = operandTypes(op, type);
      if (types.length === 0) continue;
      for (const shape of shapes) {
        if (shape === "same" && (types.length < 2 || types[0] !== types[types.length - 1])) continue;
        const k = shape === "constfirst" || shape === "loadfirst" ? 0 : types.length - 1;
        let constants = shape.startsWith("const") ? (types[k] === Type.i64 ? consts64 : types[k] === Type.i32 ? consts64.map((x) => BigInt.asIntN(32, x)) : inputsOf(types[k]).slice(0, 8)) : [0n];
        if (shape === "constfirst") constants = constants.slice(0, 4);
        for (const c of constants) {
          const name = "f" + m.symbols.length;
          const sym = build(m, op, type, shape, c, name);
          names[sym] = opTable.names[op] + "." + type + " " + shape + " " + c;
          for (const x of inputsOf(types[0])) {
            const second = types.length > 1 ? inputsOf(types[1]) : [0n];
            for (const y of shape.startsWith("const") ? second.slice(0, 2) : second) {
              if (types.length === 3) calls.push({ sym, args: [x, y, inputsOf(types[2])[5]] });
              else calls.push({ sym, args: types.length === 1 ? [x] : [shape === "constfirst" ? y : x, shape === "constfirst" ? x : y] });
            }
          }
        }
      }
    }
  }
  compare(m, calls, names);
}

test.skipIf(!hasCc)("integer arithmetic", () => runOps(Op.iadd, Op.imul), 60000);
test.skipIf(!hasCc)("division", () => runOps(Op.sdiv, Op.urem), 60000);
test.skipIf(!hasCc)("bits and shifts", () => runOps(Op.band, Op.sextend32), 60000);
test.skipIf(!hasCc)("comparisons", () => runOps(Op.eq, Op.uge), 60000);
test.skipIf(!hasCc)("float arithmetic", () => runOps(Op.fadd, Op.fge), 60000);
test.skipIf(!hasCc)("conversions and select", () => runOps(Op.ireduce, Op.select), 60000);
