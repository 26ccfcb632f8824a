// Instruction selection rules: rows "PATTERN  ->  RESULT", the first that matches wins.
// In -> out: the text of a rule table, to rules grouped by operation and type; one instruction, to its rule and
// the values bound to the rule's names.
// A pattern is OP.TYPE (or OP for every type) and an operand for each argument: NAME or NAME:PREDICATE. A result
// is an instruction with its inputs (NAME, or @NAME: memory at that address), or !NAME, a function of the
// machine. The name of argument k is the letter k.

import { bug } from "../base/bug.ts";
import { type I64, eqI64, fitsI32, i64From, lowI32 } from "../base/int64.ts";
import { findByte, findText, splitWords, tableRows } from "../base/table.ts";
import { opTable } from "../ssa/ops.ts";
import { type InstTable, rowId } from "./table.ts";

/** What an operand of a pattern asks of a value. */
export const Test = { any: 0, imm32: 1, zero: 2, one: 3, minusOne: 4, constant: 5, shared: 6 };

const testNames = ["any", "imm32", "zero", "one", "minusone", "const", "shared"];

export interface RuleInput {
  /** Number of the argument. */
  arg: number;
  isAddress: boolean;
}

export interface Rule {
  /** By argument. */
  tests: number[];
  /** Row of the result, or -1. */
  row: number;
  inputs: RuleInput[];
  /** Function of the machine, or -1. */
  special: number;
}

export interface RuleSet {
  /** By op * 5 + type. */
  rules: Rule[][];
}

/** Reads the rules of a machine; specials are the names of its functions. */
export function readRules(text: string, table: InstTable, specials: string[]): RuleSet {
  const set: RuleSet = { rules: [] };
  for (let k = 0; k < opTable.names.length * 5; k++) set.rules.push([]);
  for (const columns of tableRows(text)) {
    const words = splitWords(columns[0]);
    const rule = readRule(words, splitWords(columns[2]), table, specials);
    for (const key of rootKeys(words[0])) set.rules[key].push(rule);
  }
  return set;
}

const typeSuffixes = ["void", "i32", "i64", "f32", "f64"];

/** op * 5 + type for "op.type", or for every type for "op". */
function rootKeys(word: string): number[] {
  const keys: number[] = [];
  const dot = findByte(word, 46);
  const op = opTable.names.indexOf(dot < 0 ? word : word.slice(0, dot));
  if (op < 0) bug("rule for an unknown operation " + word);
  for (let k = 0; k < 5; k++) {
    if (dot < 0 || word.slice(dot + 1, word.length) === typeSuffixes[k]) keys.push(op * 5 + k);
  }
  return keys;
}

function readRule(pattern: string[], result: string[], table: InstTable, specials: string[]): Rule {
  const rule: Rule = { tests: [], row: -1, inputs: [], special: -1 };
  for (let k = 1; k < pattern.length; k++) {
    const word = pattern[k];
    const asked = word.length > 1 ? findText(testNames, word.slice(2, word.length)) : Test.any;
    if (asked < 0 || word.charCodeAt(0) !== 96 + k) bug("rule with the operand " + word);
    rule.tests.push(asked);
  }
  const name = result[0];
  if (name.charCodeAt(0) === 33) {
    rule.special = findText(specials, name.slice(1, name.length));
    if (rule.special < 0) bug("no lowering function " + name);
    return rule;
  }
  rule.row = rowId(table, name);
  for (let k = 1; k < result.length; k++) {
    const isAddress = result[k].charCodeAt(0) === 64;
    rule.inputs.push({ arg: result[k].charCodeAt(isAddress ? 1 : 0) - 97, isAddress: isAddress });
  }
  return rule;
}

/** Whether a constant passes a test. */
export function constantPasses(asked: number, value: I64, is32: boolean): boolean {
  switch (asked) {
    case Test.imm32: return is32 || fitsI32(value);
    case Test.zero: return eqI64(value, i64From(0));
    case Test.one: return eqI64(value, i64From(1));
    case Test.minusOne: return is32 ? lowI32(value) === -1 : eqI64(value, i64From(-1));
    case Test.constant: return true;
    default: return false;
  }
}
