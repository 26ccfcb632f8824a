// Tokens and operators: their names, spellings and properties.
// In -> out: rows of tables/tokens.txt and tables/operators.txt, to the constants Tok and Oper and arrays
// indexed by them. The constants stand in the order of the rows; a law test compares the two.

import { hostTable } from "../base/host_embedded.ts";
import { parseDecimal, tableRows } from "../base/table.ts";

export const Tok = {
  eof: 0, bad: 1, name: 2, builtin: 3, label: 4, integer: 5, float: 6, char: 7, string: 8, string_head: 9,
  string_middle: 10, string_tail: 11, fn: 12, extern: 13, export: 14, const: 15, var: 16, let: 17, struct: 18,
  packed: 19, enum: 20, union: 21, error: 22, type: 23, distinct: 24, trait: 25, impl: 26, where: 27, static: 28,
  if: 29, else: 30, while: 31, for: 32, in: 33, inline: 34, switch: 35, return: 36, break: 37, continue: 38,
  defer: 39, errdefer: 40, try: 41, catch: 42, orelse: 43, and: 44, or: 45, not: 46, as: 47, true: 48, false: 49,
  null: 50, undefined: 51, import: 52, new: 53, weak: 54, comptime: 55, test: 56, bench: 57, async: 58, await: 59,
  spawn: 60, select: 61, lparen: 62, rparen: 63, lbracket: 64, rbracket: 65, lbrace: 66, rbrace: 67, comma: 68,
  semicolon: 69, colon: 70, dot: 71, dot_star: 72, dot_question: 73, question_dot: 74, dot_dot: 75, ellipsis: 76,
  question: 77, question2: 78, arrow: 79, fat_arrow: 80, assign: 81, add_assign: 82, sub_assign: 83, mul_assign: 84,
  div_assign: 85, rem_assign: 86, and_assign: 87, or_assign: 88, xor_assign: 89, shl_assign: 90, shr_assign: 91,
  plus: 92, minus: 93, star: 94, slash: 95, percent: 96, plus2: 97, plus_percent: 98, minus_percent: 99,
  star_percent: 100, amp: 101, amp2: 102, bar: 103, bar2: 104, caret: 105, tilde: 106, bang: 107, shl: 108,
  shr: 109, eq2: 110, ne: 111, lt: 112, le: 113, gt: 114, ge: 115,
};

export const Oper = {
  orelse: 0, catch: 1, or: 2, and: 3, eq: 4, ne: 5, lt: 6, le: 7, gt: 8, ge: 9, add: 10, sub: 11, join: 12,
  bit_or: 13, bit_xor: 14, add_wrap: 15, sub_wrap: 16, mul: 17, div: 18, rem: 19, shl: 20, shr: 21, bit_and: 22,
  mul_wrap: 23, as: 24, neg: 25, bit_not: 26, not: 27, address: 28, try: 29, assign: 30,
};

export interface TokenTable {
  names: string[];
  spellings: string[];
  /** By token: whether it continues a statement after a newline. */
  continues: boolean[];
  /** Spelling to token, for keywords and marks. */
  keywords: Map<string, number>;
  marks: Map<string, number>;
  /** By byte: the length of the longest mark that begins with it. */
  markLengths: number[];
  /** By token: the operator it is in that role, or -1. */
  binary: number[];
  unary: number[];
  assign: number[];
  /** By operator: its first spelling, and how tightly it binds. */
  operSpellings: string[];
  operPrecedence: number[];
}

function newTokenTable(): TokenTable {
  return {
    names: [], spellings: [], continues: [], keywords: new Map(), marks: new Map(), markLengths: [], binary: [], unary: [], assign: [],
    operSpellings: [], operPrecedence: [],
  };
}

/** Reads both tables. */
export function readTokenTable(): TokenTable {
  const t = newTokenTable();
  for (let c = 0; c < 256; c++) t.markLengths.push(0);
  for (const row of tableRows(hostTable("tokens.txt"))) {
    const token = t.names.length;
    t.names.push(row[0]);
    t.spellings.push(row[1]);
    t.continues.push(row[3] === "continues");
    if (row[2] === "mark") addMark(t, row[1], token);
    else if (row[2] !== "special") t.keywords.set(row[1], token);
    t.binary.push(-1);
    t.unary.push(-1);
    t.assign.push(-1);
  }
  const operators: Map<string, number> = new Map();
  for (const row of tableRows(hostTable("operators.txt"))) addOperator(t, operators, row);
  return t;
}

function addMark(t: TokenTable, spelling: string, token: number): void {
  t.marks.set(spelling, token);
  const c = spelling.charCodeAt(0);
  if (t.markLengths[c] < spelling.length) t.markLengths[c] = spelling.length;
}

function addOperator(t: TokenTable, operators: Map<string, number>, row: string[]): void {
  const token = t.names.indexOf(row[1]);
  let oper = operators.get(row[0]);
  if (oper === undefined) {
    oper = t.operSpellings.length;
    operators.set(row[0], oper);
    t.operSpellings.push(t.spellings[token]);
    t.operPrecedence.push(parseDecimal(row[3]));
  }
  if (row[2] === "binary") t.binary[token] = oper;
  else if (row[2] === "unary") t.unary[token] = oper;
  else t.assign[token] = oper;
}

/** The tables, read once. */
export const tokenTable: TokenTable = readTokenTable();

/** How a message names a token: its spelling in quotes, or what it is. */
export function tokenSpelling(token: number): string {
  if (token === Tok.eof) return "the end of the file";
  if (token === Tok.name) return "a name";
  if (token === Tok.builtin) return "a builtin";
  if (token === Tok.label) return "a label";
  if (token === Tok.integer || token === Tok.float) return "a number";
  if (token === Tok.char) return "a character";
  if (token === Tok.string || token === Tok.string_head) return "a string";
  if (token === Tok.string_middle || token === Tok.string_tail) return "the end of an interpolation";
  if (token === Tok.bad) return "a wrong token";
  return "'" + tokenTable.spellings[token] + "'";
}

/** The spelling of an operator. */
export function operSpelling(oper: number): string {
  return tokenTable.operSpellings[oper];
}
