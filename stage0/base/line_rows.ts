// Rows of a line table as bytes: what code comes from what line of what file.
// In -> out: rows in order of offset, to bytes. The Wasm section `lines` and the table of native objects share the form:
//   unsigned  twice the offset minus that of the row before, plus 1 when the file differs
//   unsigned  the file, if it differs
//   signed    the line minus that of the row before
//   unsigned  the column
// all LEB128. A function's first row counts from offset 0, file 0 and line 0.

import { type Bytes, newBytes } from "./bytes.ts";
import { appendLebS32, appendLebU32 } from "./leb128.ts";

export interface LineRows {
  bytes: Bytes;
  /** The last row of the function. */
  offset: number;
  file: number;
  line: number;
}

/** No rows. */
export function newLineRows(): LineRows {
  return { bytes: newBytes(), offset: 0, file: 0, line: 0 };
}

/** The rows of another function follow. */
export function beginLineRows(r: LineRows): void {
  r.offset = 0;
  r.file = 0;
  r.line = 0;
}

/** Adds a row; its offset is not below that of the row before. */
export function appendLineRow(r: LineRows, offset: number, file: number, line: number, column: number): void {
  const differs = file !== r.file;
  appendLebU32(r.bytes, 2 * (offset - r.offset) + (differs ? 1 : 0));
  if (differs) appendLebU32(r.bytes, file);
  appendLebS32(r.bytes, line - r.line);
  appendLebU32(r.bytes, column);
  r.offset = offset;
  r.file = file;
  r.line = line;
}
