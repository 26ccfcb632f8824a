// Writes single instructions, as emit and link do.
// In -> out: operators and immediates, appended to the bytes of a body. Constants that a relocation will overwrite
// are padded to their full width.

import { appendU8, appendU32, appendU64, type Bytes, newBytes } from "../base/bytes.ts";
import { type I64, i64From, lowI32 } from "../base/int64.ts";
import { appendLebS32, appendLebS64, appendLebU32, appendPaddedS32, appendPaddedS64 } from "../base/leb128.ts";
import type { ConstExpr } from "./module.ts";
import { WasmOp } from "./opcodes.ts";

/** An operator without its immediates. */
export function writeOp(b: Bytes, op: number): void {
  if (op < 256) {
    appendU8(b, op);
    return;
  }
  appendU8(b, 0xfc);
  appendLebU32(b, op - 256);
}

/** An operator with one index. */
export function writeIndexed(b: Bytes, op: number, index: number): void {
  appendU8(b, op);
  appendLebU32(b, index);
}

/** A constant, by its operator. */
export function writeConst(b: Bytes, op: number, value: I64): void {
  appendU8(b, op);
  if (op === WasmOp.i32_const) appendLebS32(b, lowI32(value));
  else if (op === WasmOp.i64_const) appendLebS64(b, value);
  else if (op === WasmOp.f32_const) appendU32(b, lowI32(value));
  else appendU64(b, value);
}

/** An integer constant of address width that a relocation overwrites. */
export function writeAddressConst(b: Bytes, is64: boolean): void {
  appendU8(b, is64 ? WasmOp.i64_const : WasmOp.i32_const);
  if (is64) appendPaddedS64(b, i64From(0));
  else appendPaddedS32(b, 0);
}

/** The expression that is one constant. */
export function constExpr(op: number, value: I64): ConstExpr {
  const code = newBytes();
  writeConst(code, op, value);
  appendU8(code, WasmOp.end);
  return { code: code, at: 0 };
}
