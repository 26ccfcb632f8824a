// Two texts of one stage side by side, with what only moved left uncoloured.
// In -> out: the lines of both, to rows that pair them. Names that a compiler only counts out (values, blocks, labels,
// indices) and addresses shift behind every inserted line, so lines are first aligned by their shape without them; the
// aligned lines then vote which name on the left is which on the right, and the lines are aligned again with the right
// side's names translated. What differs then differs in more than numbers: an operand that is another value shows, a
// function that is numbered otherwise does not. Positions and locals of Wasm count only where nothing else differs.

import { diffArrays } from "diff";

export interface Row {
  /** "renamed": the same but for names and addresses. */
  kind: "same" | "renamed" | "changed" | "left" | "right";
  /** Indices of lines, -1 for none. */
  left: number;
  right: number;
}

/** A line with its names and addresses taken out. */
interface Shape {
  text: string;
  /** Class and name, as "v 12". */
  names: string[];
  /** How many of the first names the line defines. */
  defines: number;
  /** The position that the line ends with, "" for none. */
  position: string;
}

const NAME = "\u0001";
/** Edits between two texts that are still aligned line by line; texts that share less are shown one after the other. */
const MOST_EDITS = 1500;
/** Lines among which the partner of a changed line is looked for. */
const NEAR = 20;

const values = /\b(v|block)(\d+)\b/g;
/** A label or the block of some parameters; a value. */
const definitions = /^ *(block\d+\b.*:|L\d+:)|^ *v\d+(: \w+|@\w+)? = /;
const indices = /\b(symbol|func|call|type|data|index|global|table|local\.(?:get|set|tee)|global\.(?:get|set)) (\d+)\b/g;

/** What a stage's lines hold that may shift. */
function shapeOf(stage: string, line: string): Shape {
  const hasPosition = /^(ir|clif|vcode|types|asm)/.test(stage);
  const found = hasPosition ? /(?: {2}; @?| @)(\d+)(?: \S+:\d+:\d+)?$/.exec(line) : null;
  const names: string[] = [];
  const take = (text: string, pattern: RegExp): string => text.replace(pattern, (_, kind, number) => {
    names.push(`${kind.replace(/\..*/, "")} ${number}`);
    return `${kind}${NAME}`;
  });
  const defined = definitions.exec(line);
  const text = plainShape(stage, found === null ? line : line.slice(0, found.index));
  const pattern = patterns.find(([of]) => of.test(stage))?.[1];
  const shape = pattern === undefined ? text : take(text, pattern);
  return { text: shape, names, defines: defined === null ? 0 : defined[1] === undefined ? 1 : names.length, position: found?.[1] ?? "" };
}

/** A line without its addresses. */
function plainShape(stage: string, line: string): string {
  if (stage === "alloc") return line.replace(/^ {2}\d+ {2}/, "  # ");
  if (stage === "asm") return asmShape(line);
  if (stage === "wasm") return line.replace(/^( *;; )\d+ /, "$1").replace(/ {2}@\d+ /, "  ");
  return stage === "obj" ? objShape(line) : line;
}

/** The names of each stage that may be others: their kind, and their number. */
const patterns: [RegExp, RegExp][] = [[/^(ir|clif|vcode|alloc)/, values], [/^asm$/, /\b(L)(\d+)\b/g], [/^wasm$/, indices], [/^obj$/, /\b(pos) (\d+)\b/g]];

/** An instruction without its address, and without the distance in its bytes where an operand is a place. */
function asmShape(line: string): string {
  const found = /^ {2}[0-9a-f]{4,} {2}((?:[0-9a-f]{2} ?)+) *(.*)$/.exec(line);
  if (found === null) return line;
  const bytes = found[1].trim();
  const isPlace = /\bL\d+\b|\brip\b/.test(found[2]);
  return `  ${isPlace ? `${bytes.slice(0, 2)}*${(bytes.length + 1) / 3}` : bytes}  ${found[2]}`;
}

function objShape(line: string): string {
  return line.replace(/^( {2})\d+ /, "$1").replace(/ (\.[\w.]+)\+\d+ size /, " $1 size ").replace(/^trap \d+ /, "trap ");
}

/** Pairs the lines of two texts of a stage. */
export function alignTexts(stage: string, left: string[], right: string[]): Row[] {
  const a = left.map((line) => shapeOf(stage, line));
  const b = right.map((line) => shapeOf(stage, line));
  const first = pairsOf(a.map((s) => s.text), b.map((s) => s.text));
  const toLeft = translate(first, a, b);
  const exact = pairsOf(a.map((s) => withNames(s, null)), b.map((s) => withNames(s, toLeft)));
  const moved = exact.every((row) => row.kind === "same") ? movedLines(exact, a, b) : new Set<number>();
  const rows = exact.map((row): Row => {
    if (row.kind !== "same" || left[row.left] === right[row.right]) return row;
    return { ...row, kind: moved.has(row.left) ? "changed" : "renamed" };
  });
  return joinChanged(rows, a, b);
}

/**
 * Where nothing else differs: lines of other locals, whose numbers no line defines; and lines whose positions are not just
 * counted otherwise, so that one on the left is two on the right, or the other way round.
 */
function movedLines(rows: Row[], a: Shape[], b: Shape[]): Set<number> {
  const moved = new Set<number>();
  const pairs = [new Map<string, string>(), new Map<string, string>()];
  for (const row of rows) {
    if (a[row.left].names.some((name, k) => name.startsWith("local ") && name !== b[row.right].names[k])) moved.add(row.left);
    const both = [a[row.left].position, b[row.right].position];
    for (const [k, seen] of pairs.entries()) {
      const known = seen.get(both[k]) ?? both[1 - k];
      if (known !== both[1 - k]) moved.add(row.left);
      seen.set(both[k], known);
    }
  }
  return moved;
}

/** Rows of lines that are equal, or stand on one side only. */
function pairsOf(a: string[], b: string[]): Row[] {
  const parts = diffArrays(a, b, { maxEditLength: MOST_EDITS });
  const rows: Row[] = [];
  let l = 0;
  let r = 0;
  const all = parts ?? [{ removed: true, added: false, count: a.length }, { removed: false, added: true, count: b.length }];
  for (const part of all) {
    for (let k = 0; k < (part.count ?? 0); k++) {
      if (part.removed) rows.push({ kind: "left", left: l++, right: -1 });
      else if (part.added) rows.push({ kind: "right", left: -1, right: r++ });
      else rows.push({ kind: "same", left: l++, right: r++ });
    }
  }
  return rows;
}

/**
 * For the names on the right, the one on the left that stands in their places most often; no name twice. A definition
 * says more than a use, unless its line has twins that it may have been taken for.
 */
function translate(rows: Row[], a: Shape[], b: Shape[]): Map<string, string> {
  const sure = rows.every((row) => row.kind === "same");
  const times = new Map<string, number>();
  for (const s of [...a, ...b]) times.set(s.text, (times.get(s.text) ?? 0) + 1);
  const votes = new Map<string, number>();
  for (const row of rows) {
    if (row.kind !== "same") continue;
    const { names, defines, text } = a[row.left];
    const weight = sure || times.get(text) === 2 ? 3 : 0.5;
    for (let k = 0; k < names.length; k++) {
      const pair = `${b[row.right].names[k]}${NAME}${names[k]}`;
      votes.set(pair, (votes.get(pair) ?? 0) + (k < defines ? weight : 1));
    }
  }
  const toLeft = new Map<string, string>();
  const taken = new Set<string>();
  for (const [pair] of [...votes].sort((x, y) => y[1] - x[1])) {
    const [from, to] = pair.split(NAME);
    if (toLeft.has(from) || taken.has(to)) continue;
    toLeft.set(from, to);
    taken.add(to);
  }
  // What nothing speaks for keeps its name.
  for (const s of b) {
    for (const name of s.names) if (!toLeft.has(name) && !taken.has(name)) toLeft.set(name, name);
  }
  return toLeft;
}

/** A line with its names in the left side's numbering; a name that has no partner is its own. */
function withNames(s: Shape, toLeft: Map<string, string> | null): string {
  let at = 0;
  return s.text.replaceAll(NAME, () => {
    const name = s.names[at++];
    return toLeft === null ? name : toLeft.get(name) ?? `${name} of its own`;
  });
}

/** Within a run of lines of one side each, pairs those that say the same of something else. */
function joinChanged(rows: Row[], a: Shape[], b: Shape[]): Row[] {
  const joined: Row[] = [];
  for (let k = 0; k < rows.length;) {
    const lefts: number[] = [];
    const rights: number[] = [];
    for (; k < rows.length && (rows[k].kind === "left" || rows[k].kind === "right"); k++) {
      if (rows[k].kind === "left") lefts.push(rows[k].left);
      else rights.push(rows[k].right);
    }
    joined.push(...joinRun(lefts, rights, a, b));
    if (k < rows.length) joined.push(rows[k++]);
  }
  return joined;
}

function joinRun(lefts: number[], rights: number[], a: Shape[], b: Shape[]): Row[] {
  const rows: Row[] = [];
  let r = 0;
  for (const left of lefts) {
    let partner = r;
    const end = Math.min(rights.length, r + NEAR);
    while (partner < end && !alike(a[left].text, b[rights[partner]].text)) partner += 1;
    if (partner === end) {
      rows.push({ kind: "left", left, right: -1 });
      continue;
    }
    for (; r < partner; r++) rows.push({ kind: "right", left: -1, right: rights[r] });
    rows.push({ kind: "changed", left, right: rights[r++] });
  }
  for (; r < rights.length; r++) rows.push({ kind: "right", left: -1, right: rights[r] });
  return rows;
}

/** Whether two lines have at least half of their words in common, in any order. */
function alike(a: string, b: string): boolean {
  const words = (text: string): string[] => text.split(/[^\w.]+/).filter((w) => w !== "");
  const rest = words(b);
  const all = words(a);
  let common = 0;
  for (const w of all) {
    const at = rest.indexOf(w);
    if (at < 0) continue;
    rest.splice(at, 1);
    common += 1;
  }
  return common * 2 >= Math.max(all.length, common + rest.length) && common > 0;
}
