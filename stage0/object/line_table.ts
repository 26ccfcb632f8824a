// The line table of an object: from the address of a fault to a place in the source.
// In -> out: the lines and traps of functions in the order of their code, to constant data that the runtime reads where
// a module asks for it by referring to the function __wasm_code_lines. All numbers are 32 bits, offsets of code count
// from the start of .text:
//   distance of .text from here, its size, number of functions, number of traps,
//   offset of the rows from here, offset of the files from here, number of files, 0
//   functions: offset of the code, offset of its rows among the rows; one entry more ends the last
//   traps: offset of the instruction, code (ssa/ops Trap); those that say more than "unreachable"
//   rows (base/line_rows), files (length as LEB128, bytes)

import { appendBytes, appendText, appendU32, appendZeros, type Bytes, newBytes } from "../base/bytes.ts";
import { shrU32 } from "../base/int32.ts";
import { appendLebU32 } from "../base/leb128.ts";
import { appendLineRow, beginLineRows, type LineRows, newLineRows } from "../base/line_rows.ts";
import type { MachCode } from "../mach/emit.ts";
import { findSymbol, type SsaModule } from "../ssa/module.ts";
import { Trap } from "../ssa/ops.ts";

/** What a module calls the table; it may only take the address. */
export const CODE_LINES = "__wasm_code_lines";

const HEAD_SIZE = 32;

export interface LineTable {
  funcs: Bytes;
  traps: Bytes;
  rows: LineRows;
}

/** Whether a module asks for the table. */
export function wantsLineTable(m: SsaModule): boolean {
  const sym = findSymbol(m, CODE_LINES);
  return sym >= 0 && !m.symbols[sym].defined;
}

/** A table without functions. */
export function newLineTable(): LineTable {
  return { funcs: newBytes(), traps: newBytes(), rows: newLineRows() };
}

/** Adds a function whose code begins at `start`; functions come in the order of their code. */
export function addFuncLines(t: LineTable, m: SsaModule, code: MachCode, start: number): void {
  appendU32(t.funcs, start);
  appendU32(t.funcs, t.rows.bytes.len);
  beginLineRows(t.rows);
  for (let k = 0; k < code.lines.length; k++) {
    const at = code.lines[k].offset;
    // A row without code says nothing.
    if (k + 1 < code.lines.length && code.lines[k + 1].offset === at) continue;
    const row = m.lines[code.lines[k].pos];
    appendLineRow(t.rows, at, row.file, row.line, row.column);
  }
  for (const trap of code.traps) {
    if (trap.code === Trap.unreachable) continue;
    appendU32(t.traps, start + trap.offset);
    appendU32(t.traps, trap.code);
  }
}

/** The bytes of the table for code of a size; the first four are left for the distance of .text. */
export function lineTableBytes(t: LineTable, m: SsaModule, textSize: number): Bytes {
  const rowsAt = HEAD_SIZE + t.funcs.len + 8 + t.traps.len;
  const b = newBytes();
  appendZeros(b, 4);
  appendU32(b, textSize);
  appendU32(b, shrU32(t.funcs.len, 3));
  appendU32(b, shrU32(t.traps.len, 3));
  appendU32(b, rowsAt);
  appendU32(b, rowsAt + t.rows.bytes.len);
  appendU32(b, m.lineFiles.length);
  appendU32(b, 0);
  appendBytes(b, t.funcs);
  appendU32(b, textSize);
  appendU32(b, t.rows.bytes.len);
  appendBytes(b, t.traps);
  appendBytes(b, t.rows.bytes);
  for (const file of m.lineFiles) {
    appendLebU32(b, file.length);
    appendText(b, file);
  }
  return b;
}
