// Where the lines of dumps come from in the source.
// In -> out: a folder of dumps and the folders of the sources, to places "file:line:column" of the positions that each
// stage writes. tokens, ast, types and ir count bytes over all files in the order they were read; clif and what follows
// count the entries of the Wasm module's line table, which its dump shows in order.

import * as fs from "node:fs";
import * as path from "node:path";
import { linesOf } from "./functions.ts";

export interface SourceText {
  name: string;
  /** As bytes. */
  text: string;
  base: number;
}

export interface Places {
  files: SourceText[];
  /** By index in the line table. */
  entries: string[];
  /** Those that were asked for, by position. */
  known: Map<number, string>;
}

/** Reads what is needed to find places. A file that cannot be read ends the list: positions behind it are not known. */
export function readPlaces(tokens: string, wasm: string, root: string, std: string): Places {
  const files: SourceText[] = [];
  let base = 0;
  for (const line of linesOf(tokens)) {
    if (!line.startsWith("// ")) continue;
    const name = line.slice(3);
    const file = Buffer.from(name.startsWith("std/") ? path.join(std, name.slice(4)) : path.join(root, name), "latin1").toString();
    if (!fs.existsSync(file)) break;
    const text = fs.readFileSync(file, "latin1");
    files.push({ name, text, base });
    base += text.length + 1;
  }
  return { files, entries: [...wasm.matchAll(/^ *;; \d+ (.+:\d+:\d+)$/gm)].map((m) => m[1]), known: new Map() };
}

/** The place of a position over all files, "" where it is not known. Columns count characters. */
export function placeAt(p: Places, pos: number): string {
  const known = p.known.get(pos) ?? findPlace(p, pos);
  p.known.set(pos, known);
  return known;
}

function findPlace(p: Places, pos: number): string {
  const file = p.files.find((f) => f.base <= pos && pos <= f.base + f.text.length);
  if (file === undefined) return "";
  const before = file.text.slice(0, pos - file.base);
  return `${file.name}:${before.split("\n").length}:${columnAfter(before.slice(before.lastIndexOf("\n") + 1))}`;
}

/** The column behind these bytes of a line. */
function columnAfter(bytes: string): number {
  return [...Buffer.from(bytes, "latin1").toString()].length + 1;
}

/** The place of a token of a file: its dump counts columns in bytes. */
export function placeOfToken(p: Places, name: string, token: string): string {
  const [, line, column] = /^(\d+):(\d+) /.exec(token) ?? [];
  const text = p.files.find((f) => f.name === name)?.text.split("\n")[Number(line) - 1];
  return text === undefined ? "" : `${name}:${line}:${columnAfter(text.slice(0, Number(column) - 1))}`;
}

/** The lines of the source of a function that begins at a place, from the line of its name to its closing brace. */
export interface SourceLines {
  file: string;
  /** From 1. */
  first: number;
  last: number;
}

/** Finds the end of a function by its braces; null when the place is in no file. */
export function functionLines(p: Places, tokens: string[], place: string): SourceLines | null {
  const [, file, line] = /^(.*):(\d+):\d+$/.exec(place) ?? [];
  let at = tokens.indexOf(`// ${file}`) + 1;
  if (file === undefined || at === 0) return null;
  const lineOf = (token: string): number => Number(token.split(":")[0]);
  while (at < tokens.length && !(tokens[at].startsWith(`${line}:`) && placeOfToken(p, file, tokens[at]) === place)) at += 1;
  let depth = 0;
  for (; at < tokens.length && !tokens[at].startsWith("// "); at++) {
    const kind = tokens[at].split(" ")[1];
    if (kind === "lbrace") depth += 1;
    if (kind === "rbrace") depth -= 1;
    if (kind === "rbrace" && depth === 0) return { file, first: Number(line), last: lineOf(tokens[at]) };
  }
  return null;
}
