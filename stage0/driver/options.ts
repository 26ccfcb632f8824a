// The command line.
// In -> out: words, to Options, or a usage message. Options are rows of tables/options.txt: --name=VALUE or --name VALUE.
// A word that is no option is the file (for test: one of several); what follows -- goes to the program.

import { hostTable } from "../base/host.ts";
import { tableRows } from "../base/table.ts";

export interface Options {
  command: string;
  files: string[];
  /** The function to inspect. */
  func: string;
  programArgs: string[];
  /** By option name; "" when not given, "yes" for one without a value. */
  names: string[];
  values: string[];
  problem: string;
}

interface OptionRow {
  name: string;
  value: string;
  commands: string;
  text: string;
}

function readOptionRows(): OptionRow[] {
  const rows: OptionRow[] = [];
  for (const r of tableRows(hostTable("options.txt"))) rows.push({ name: r[0], value: r[1], commands: "," + r[2] + ",", text: r[3] });
  return rows;
}

/** Reads the words of the command line. */
export function parseOptions(words: string[]): Options {
  const rows = readOptionRows();
  const o: Options = { command: "", files: [], func: "", programArgs: [], names: [], values: [], problem: "" };
  for (const r of rows) {
    o.names.push(r.name);
    o.values.push("");
  }
  if (words.length > 0) o.command = words[0];
  if (o.command === "--help" || o.command === "help") {
    o.command = "help";
    return o;
  }
  if (o.command !== "build" && o.command !== "run" && o.command !== "test" && o.command !== "check" && o.command !== "inspect" && o.command !== "report") {
    o.problem = o.command === "" ? "no command" : "unknown command '" + o.command + "'";
    return o;
  }
  let at = 1;
  while (at < words.length && o.problem === "") at = parseWord(o, rows, words, at);
  if (o.problem === "" && option(o, "--help") === "") checkFiles(o);
  return o;
}

function checkFiles(o: Options): void {
  if (o.files.length === 0) o.problem = "no input file";
  else if (o.command === "inspect") takeFunction(o);
  else if (o.files.length > 1 && (o.command !== "test" || option(o, "-o") !== "")) o.problem = "more than one input file";
}

/** The second word of inspect names a function. */
function takeFunction(o: Options): void {
  if (o.files.length !== 2) {
    o.problem = "inspect takes a file and the name of a function";
    return;
  }
  o.func = o.files[1];
  o.files.pop();
}

/** Takes the word at `at`, and its value; the index of the next. */
function parseWord(o: Options, rows: OptionRow[], words: string[], at: number): number {
  const word = words[at];
  if (word === "--") {
    for (let k = at + 1; k < words.length; k++) o.programArgs.push(words[k]);
    if (o.command !== "run" && at + 1 < words.length) o.problem = "only run takes arguments for the program";
    return words.length;
  }
  if (word.length < 2 || word.charCodeAt(0) !== 45) {
    o.files.push(word);
    return at + 1;
  }
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const row = o.names.indexOf(name);
  if (row < 0 || rows[row].commands.indexOf("," + o.command + ",") < 0) {
    o.problem = "unknown option '" + name + "'";
    return at + 1;
  }
  if (rows[row].value === "-") {
    if (equals >= 0) o.problem = "option " + name + " takes no value";
    o.values[row] = "yes";
    return at + 1;
  }
  const inNext = equals < 0;
  if (inNext && at + 1 >= words.length) {
    o.problem = "option " + name + " wants a value: " + rows[row].value;
    return at + 1;
  }
  o.values[row] = inNext ? words[at + 1] : word.slice(equals + 1, word.length);
  checkChoice(o, rows[row], o.values[row]);
  return inNext ? at + 2 : at + 1;
}

/** A value of an option with choices must be one of them. */
function checkChoice(o: Options, row: OptionRow, value: string): void {
  if (value === "") o.problem = "option " + row.name + " wants a value: " + row.value;
  if (row.value.indexOf("|") < 0) return;
  if (("|" + row.value + "|").indexOf("|" + value + "|") < 0) o.problem = "option " + row.name + " wants one of " + row.value + ", not '" + value + "'";
}

/** The value of an option, "" when it was not given. */
export function option(o: Options, name: string): string {
  const at = o.names.indexOf(name);
  return at < 0 ? "" : o.values[at];
}

/** How the tool is used. */
export function usageText(): string {
  let text = "usage: cot build FILE | run FILE [-- ARGS] | test FILE... | check FILE\n       cot inspect FILE FUNC | report FILE.json\n\noptions:\n";
  for (const r of readOptionRows()) {
    const left = "  " + (r.value === "-" ? r.name : r.name + "=" + r.value);
    text += left + "\n        " + r.text + " [" + r.commands.slice(1, r.commands.length - 1) + "]\n";
  }
  return text;
}
