// Tables: facts that both compilers read, one row a line.
// In -> out: the text of a file in tables/, to rows of columns. Columns are separated by two or more
// blanks (one blank is part of a column); "#" starts a comment line; empty lines are skipped.

/** The rows of a table, each a list of columns without surrounding blanks. */
export function tableRows(text: string): string[][] {
  const rows: string[][] = [];
  let start = 0;
  while (start < text.length) {
    let end = start;
    while (end < text.length && text.charCodeAt(end) !== 10) end += 1;
    const line = text.slice(start, end);
    if (line.length > 0 && line.charCodeAt(0) !== 35) rows.push(splitColumns(line));
    start = end + 1;
  }
  return rows;
}

function splitColumns(line: string): string[] {
  const columns: string[] = [];
  let at = 0;
  while (at < line.length) {
    while (at < line.length && line.charCodeAt(at) === 32) at += 1;
    const start = at;
    while (at < line.length && !(line.charCodeAt(at) === 32 && isGap(line, at))) at += 1;
    if (at > start) columns.push(line.slice(start, at));
  }
  return columns;
}

function isGap(line: string, at: number): boolean {
  return at + 1 >= line.length || line.charCodeAt(at + 1) === 32;
}

/** The words of a text, separated by blanks. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    while (at < text.length && text.charCodeAt(at) === 32) at += 1;
    const start = at;
    while (at < text.length && text.charCodeAt(at) !== 32) at += 1;
    if (at > start) words.push(text.slice(start, at));
  }
  return words;
}

/** The index of a text in a list, or -1. */
export function findText(list: string[], text: string): number {
  for (let i = 0; i < list.length; i++) if (list[i] === text) return i;
  return -1;
}

/** Whether a part stands somewhere in a text. */
export function containsText(text: string, part: string): boolean {
  for (let at = 0; at + part.length <= text.length; at++) if (text.slice(at, at + part.length) === part) return true;
  return false;
}

/** The index of the first byte of a text that is c, or -1. */
export function findByte(text: string, c: number): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === c) return i;
  return -1;
}

/** Whether a text begins with a prefix. */
export function hasPrefix(text: string, prefix: string): boolean {
  return text.length >= prefix.length && text.slice(0, prefix.length) === prefix;
}

/** The decimal value of a text of digits. */
export function parseDecimal(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++) n = n * 10 + (text.charCodeAt(i) - 48);
  return n;
}

/** The value of a text of hexadecimal digits, either case. */
export function parseHex(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    n = n * 16 + (c <= 57 ? c - 48 : (c | 32) - 87);
  }
  return n;
}
