// The source map: every file's text under one numbering of positions.
// In -> out: files in the order they are read; a position is a file's base plus a byte offset, so one
// i32 names file, line and column. Position -1 is "no place".

export interface SourceFile {
  /** Relative to the project root, with "/"; library files start with "std/". */
  name: string;
  /** The module name: the name without its ending. */
  module: string;
  text: string;
  base: number;
  /** Byte offset of each line's first byte. */
  lines: number[];
  /** Every byte is a character, so that columns need no counting. */
  ascii: boolean;
}

export interface SourceMap {
  files: SourceFile[];
  /** Paths of all files that were read, embedded ones too. */
  inputs: string[];
}

export interface SourcePlace {
  file: SourceFile;
  /** From 1. */
  line: number;
  /** From 1, in Unicode scalars. */
  column: number;
}

/** The largest source file that is read, in bytes. */
export const MAX_SOURCE = 33554432;

export function newSourceMap(): SourceMap {
  return { files: [], inputs: [] };
}

/** Adds a file; its positions begin after those of all files before it. */
export function addSource(map: SourceMap, name: string, text: string): SourceFile {
  let base = 0;
  if (map.files.length > 0) {
    const last = map.files[map.files.length - 1];
    base = last.base + last.text.length + 1;
  }
  const file: SourceFile = { name: name, module: moduleOf(name), text: text, base: base, lines: lineStarts(text), ascii: isAscii(text) };
  map.files.push(file);
  return file;
}

function moduleOf(name: string): string {
  if (name.length > 4 && name.slice(name.length - 4, name.length) === ".cot") return name.slice(0, name.length - 4);
  return name;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 128) return false;
  return true;
}

function lineStarts(text: string): number[] {
  const starts: number[] = [0];
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 10) starts.push(i + 1);
  return starts;
}

/** The file that a position lies in. */
export function fileAt(map: SourceMap, pos: number): SourceFile {
  let low = 0;
  let high = map.files.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (map.files[mid].base <= pos) low = mid;
    else high = mid - 1;
  }
  return map.files[low];
}

/** File, line and column of a position. */
export function placeAt(map: SourceMap, pos: number): SourcePlace {
  const file = fileAt(map, pos);
  const line = lineAt(file, pos - file.base);
  if (file.ascii) return { file: file, line: line, column: pos - file.base - file.lines[line - 1] + 1 };
  let column = 1;
  for (let i = file.lines[line - 1]; i < pos - file.base; i++) {
    if ((file.text.charCodeAt(i) & 0xc0) !== 0x80) column += 1;
  }
  return { file: file, line: line, column: column };
}

/** The line, from 1, of a byte offset in a file. */
export function lineAt(file: SourceFile, offset: number): number {
  let low = 0;
  let high = file.lines.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (file.lines[mid] <= offset) low = mid;
    else high = mid - 1;
  }
  return low + 1;
}

/** "FILE:LINE:COL". */
export function placeText(map: SourceMap, pos: number): string {
  const p = placeAt(map, pos);
  return p.file.name + ":" + p.line + ":" + p.column;
}
