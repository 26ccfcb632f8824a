// Reads the numbers and instructions of the binary format, strictly (core specification, chapter 5).
// In -> out: bytes [at, end), to fields of the reader. Malformed input never stops a walk abnormally: the first
// problem is kept with its offset, after it every read gives 0 and nothing advances.

import { type Bytes, readU8, readU32, readU64, textOfBytes } from "../base/bytes.ts";
import { scalarLength } from "../base/diag.ts";
import { sarI32, shlI32 } from "../base/int32.ts";
import { i64From, type I64, joinI64, orI64, sarI64, shlI64 } from "../base/int64.ts";
import { wasmTypeOfByte } from "./module.ts";
import { WasmImm, WasmOp, wasmOps, WasmType } from "./opcodes.ts";

/** The block type without a value type or type index. */
export const EMPTY_BLOCK = -64;

export interface WasmReader {
  bytes: Bytes;
  at: number;
  end: number;
  problem: string;
  problemAt: number;
  /** Memory 0 has 64-bit addresses, so offsets are 64-bit numbers. */
  is64: boolean;
  /** The instruction read last: operator, where it begins, and immediates. */
  op: number;
  opAt: number;
  /** Block type (type index, or negative), first index, alignment exponent or reference type. */
  first: number;
  second: number;
  /** A constant (floats as bits) or an offset. */
  imm: I64;
  /** Labels with the default last, or types of a select. */
  list: number[];
}

/** A reader of the bytes [at, end). */
export function newWasmReader(bytes: Bytes, at: number, end: number, is64: boolean): WasmReader {
  return { bytes: bytes, at: at, end: end, problem: "", problemAt: 0, is64: is64, op: 0, opAt: at, first: 0, second: 0, imm: i64From(0), list: [] };
}

/** Notes a problem unless there is one. */
export function readerFails(r: WasmReader, at: number, text: string): void {
  if (r.problem !== "") return;
  r.problem = text;
  r.problemAt = at;
}

/** One byte. */
export function readByte(r: WasmReader): number {
  if (r.problem !== "") return 0;
  if (r.at >= r.end) {
    readerFails(r, r.at, "unexpected end");
    return 0;
  }
  r.at += 1;
  return readU8(r.bytes, r.at - 1);
}

/** An unsigned 32-bit LEB128 number, as its 32 bits. */
export function readLebBits(r: WasmReader): number {
  const start = r.at;
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = readByte(r);
    if (shift === 28 && byte > 15) {
      readerFails(r, start, byte > 127 ? "integer representation too long" : "integer too large");
      return 0;
    }
    value |= shlI32(byte & 127, shift);
    if (byte < 128) break;
  }
  return value;
}

/** An unsigned 32-bit number used as an index, count or size: values of 2^31 and more become 2^31 - 1, which nothing has. */
export function readIndex(r: WasmReader): number {
  const value = readLebBits(r);
  return value < 0 ? 0x7fffffff : value;
}

/** A signed LEB128 number of 32 or 33 bits. */
export function readLebSigned(r: WasmReader, bits: number): number {
  const start = r.at;
  let value = 0;
  let shift = 0;
  let byte = 128;
  while (byte >= 128 && shift < 28) {
    byte = readByte(r);
    value |= shlI32(byte & 127, shift);
    shift += 7;
  }
  if (byte < 128) return sarI32(shlI32(value, 32 - shift), 32 - shift);
  byte = readByte(r);
  if (byte >= 128) readerFails(r, start, "integer representation too long");
  // The last byte holds bits - 28 bits of the number; those above repeat its sign.
  const top = sarI32(shlI32(byte & 127, 25), 24 + bits - 28);
  if (top !== 0 && top !== -1) readerFails(r, start, "integer too large");
  return value | shlI32(byte, 28);
}

/** A signed 64-bit LEB128 number. */
export function readLebS64(r: WasmReader): I64 {
  const start = r.at;
  let value = i64From(0);
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = readByte(r);
    if (shift === 63 && byte !== 0 && byte !== 127) {
      readerFails(r, start, byte > 127 ? "integer representation too long" : "integer too large");
      return i64From(0);
    }
    value = orI64(value, shlI64(i64From(byte & 127), shift));
    if (byte < 128) {
      const used = shift + 7;
      return used >= 64 ? value : sarI64(shlI64(value, 64 - used), 64 - used);
    }
  }
  return value;
}

/** An unsigned 64-bit LEB128 number. */
export function readLebU64(r: WasmReader): I64 {
  const start = r.at;
  let value = i64From(0);
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = readByte(r);
    if (shift === 63 && byte > 1) {
      readerFails(r, start, byte > 127 ? "integer representation too long" : "integer too large");
      return i64From(0);
    }
    value = orI64(value, shlI64(i64From(byte & 127), shift));
    if (byte < 128) break;
  }
  return value;
}

/** An unsigned 32-bit number as an I64. */
export function readLebU32Wide(r: WasmReader): I64 {
  return joinI64(0, readLebBits(r));
}

/** A name: its length and bytes, which are valid UTF-8. */
export function readWasmName(r: WasmReader): string {
  const length = readIndex(r);
  const start = r.at;
  if (length > r.end - r.at) {
    readerFails(r, start, "length out of bounds");
    return "";
  }
  r.at += length;
  const text = textOfBytes(r.bytes, start, r.at);
  let i = 0;
  while (i < text.length) {
    const n = scalarLength(text, i);
    if (n === 0) {
      readerFails(r, start + i, "malformed UTF-8 encoding");
      return "";
    }
    i += n;
  }
  return text;
}

/** A value type. */
export function readValueType(r: WasmReader): number {
  const at = r.at;
  const type = wasmTypeOfByte(readByte(r));
  if (type === WasmType.none) readerFails(r, at, "malformed value type");
  return type;
}

/** A reference type. */
export function readRefType(r: WasmReader): number {
  const at = r.at;
  const type = readValueType(r);
  if (type < WasmType.funcref) readerFails(r, at, "malformed reference type");
  return type;
}

/** The next instruction; false at the end of the bytes or after a problem. */
export function readInst(r: WasmReader): boolean {
  if (r.problem !== "" || r.at >= r.end) return false;
  r.opAt = r.at;
  let op = readByte(r);
  if (op === 0xfc) {
    const sub = readIndex(r);
    op = sub < 32 ? 256 + sub : 287;
  }
  if (wasmOps.names[op] === "") {
    readerFails(r, r.opAt, "illegal opcode");
    return false;
  }
  r.op = op;
  readImmediates(r, wasmOps.imm[op]);
  return r.problem === "";
}

function readImmediates(r: WasmReader, imm: number): void {
  switch (imm) {
    case WasmImm.none: break;
    case WasmImm.block: readBlockType(r); break;
    case WasmImm.labels: readLabels(r); break;
    case WasmImm.types: readSelectTypes(r); break;
    case WasmImm.mem0: case WasmImm.mem1: case WasmImm.mem2: case WasmImm.mem3: readMemArg(r); break;
    case WasmImm.memory: readZeroByte(r); break;
    case WasmImm.memory_memory: readZeroByte(r); readZeroByte(r); break;
    case WasmImm.i32: r.imm = i64From(readLebSigned(r, 32)); break;
    case WasmImm.i64: r.imm = readLebS64(r); break;
    case WasmImm.f32: readFixed(r, 4); break;
    case WasmImm.f64: readFixed(r, 8); break;
    case WasmImm.reftype: r.first = readRefType(r); break;
    case WasmImm.data_memory: r.first = readIndex(r); readZeroByte(r); break;
    case WasmImm.type_table: case WasmImm.elem_table: case WasmImm.table_table: r.first = readIndex(r); r.second = readIndex(r); break;
    default: r.first = readIndex(r); break;
  }
}

function readZeroByte(r: WasmReader): void {
  const at = r.at;
  if (readByte(r) !== 0) readerFails(r, at, "zero byte expected");
}

/** A value type by its negative 7-bit number, the empty type, or a type index as a signed 33-bit number. */
function readBlockType(r: WasmReader): void {
  const at = r.at;
  if (r.at < r.end && (readU8(r.bytes, r.at) & 0xc0) === 0x40) {
    const byte = readByte(r);
    r.first = byte - 128;
    if (r.first !== EMPTY_BLOCK && wasmTypeOfByte(byte) === WasmType.none) readerFails(r, at, "malformed block type");
    return;
  }
  r.first = readLebSigned(r, 33);
  if (r.first < 0) readerFails(r, at, "unknown type");
}

function readLabels(r: WasmReader): void {
  const at = r.at;
  const count = readIndex(r);
  r.list = [];
  if (count > r.end - r.at) {
    readerFails(r, at, "length out of bounds");
    return;
  }
  for (let i = 0; i <= count; i++) r.list.push(readIndex(r));
}

function readSelectTypes(r: WasmReader): void {
  const at = r.at;
  const count = readIndex(r);
  r.list = [];
  if (count > r.end - r.at) {
    readerFails(r, at, "length out of bounds");
    return;
  }
  for (let i = 0; i < count; i++) r.list.push(readValueType(r));
}

function readMemArg(r: WasmReader): void {
  const at = r.at;
  r.first = readIndex(r);
  if (r.first >= 64) readerFails(r, at, "malformed memop flags");
  r.imm = r.is64 ? readLebU64(r) : readLebU32Wide(r);
}

function readFixed(r: WasmReader, size: number): void {
  if (r.end - r.at < size) {
    readerFails(r, r.at, "unexpected end");
    return;
  }
  r.imm = size === 4 ? joinI64(0, readU32(r.bytes, r.at)) : readU64(r.bytes, r.at);
  r.at += size;
}

/** The value of a constant expression that is one integer constant; its op is then in the reader, else 0 is given. */
export function constExprValue(code: Bytes): I64 {
  const r = newWasmReader(code, 0, code.len, true);
  if (!readInst(r)) return i64From(0);
  return r.op === WasmOp.i32_const || r.op === WasmOp.i64_const || r.op === WasmOp.f32_const || r.op === WasmOp.f64_const ? r.imm : i64From(0);
}
