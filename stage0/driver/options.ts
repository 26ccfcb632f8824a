// The command line.
// In -> out: words, to Options, or what is wrong with them. Commands are rows of tables/commands.txt, options of
// tables/options.txt: --name=VALUE or --name VALUE. A word that is no option is a file (for check and test: or a folder,
// one of several); what follows -- goes to the program.

import { isUtf8 } from "../base/diag.ts";
import { hostTable } from "../base/host_embedded.ts";
import { nearestText } from "../base/near.ts";
import { findByte, tableRows } from "../base/table.ts";

export interface Options {
  command: string;
  files: string[];
  /** The function to inspect. */
  func: string;
  programArgs: string[];
  /** The options of the command by their longest name; "" when not given, "yes" for one without a value. */
  names: string[];
  values: string[];
  problem: string;
}

export interface CommandRow {
  name: string;
  usage: string;
  text: string;
  example: string;
}

export interface OptionRow {
  /** All names, the longest last, as "-h, --help". */
  names: string;
  value: string;
  /** The commands that take it, between commas. */
  commands: string;
  text: string;
}

/** The commands that there are. */
export function commandRows(): CommandRow[] {
  const rows: CommandRow[] = [];
  for (const r of tableRows(hostTable("commands.txt"))) rows.push({ name: r[0], usage: r[1], text: r[2], example: r[3] });
  return rows;
}

/** The options that a command takes. */
export function optionRows(command: string): OptionRow[] {
  const rows: OptionRow[] = [];
  for (const r of allOptions()) if (r.commands.indexOf("," + command + ",") >= 0) rows.push(r);
  return rows;
}

function allOptions(): OptionRow[] {
  const rows: OptionRow[] = [];
  for (const r of tableRows(hostTable("options.txt"))) rows.push({ names: r[0], value: r[1], commands: "," + r[2] + ",", text: r[3] });
  return rows;
}

/** Reads the words of the command line. */
export function parseOptions(words: string[]): Options {
  const o: Options = { command: "", files: [], func: "", programArgs: [], names: [], values: [], problem: "" };
  if (words.length > 0) o.command = commandOf(words[0]);
  o.problem = wordProblem(words);
  if (o.problem === "") o.problem = commandProblem(o.command);
  const rows = optionRows(o.command);
  for (const r of rows) {
    o.names.push(longName(r));
    o.values.push("");
  }
  let at = 1;
  while (at < words.length && o.problem === "") at = parseWord(o, rows, words, at);
  if (o.problem === "" && option(o, "--help") === "") checkFiles(o);
  return o;
}

/** What is wrong with the words whatever they say, or "": they are UTF-8, since Node passes nothing else on to a program. */
function wordProblem(words: string[]): string {
  for (const word of words) {
    if (!isUtf8(word)) return "'" + word + "' is not UTF-8";
  }
  return "";
}

/** The command that a first word stands for: two options stand alone, too. */
function commandOf(word: string): string {
  if (word === "-h" || word === "--help") return "help";
  return word === "--version" ? "version" : word;
}

/** Why there is no such command, or "". */
function commandProblem(word: string): string {
  const names: string[] = [];
  for (const r of commandRows()) names.push(r.name);
  if (names.indexOf(word) >= 0) return "";
  if (word === "") return "no command; 'cot help' lists the commands";
  names.push("--help");
  names.push("--version");
  let near = nearestText(word, names);
  if (word.slice(word.length - 4, word.length) === ".cot") near = "run " + word;
  return "unknown command '" + word + "'; " + question(near) + "'cot help' lists the commands";
}

function question(near: string): string {
  return near === "" ? "" : "did you mean '" + near + "'? ";
}

function longName(r: OptionRow): string {
  const blank = findByte(r.names, 32);
  return blank < 0 ? r.names : r.names.slice(blank + 1, r.names.length);
}

/** The index of the row that a name belongs to, or -1. */
function rowOf(rows: OptionRow[], name: string): number {
  for (let k = 0; k < rows.length; k++) if ((", " + rows[k].names + ",").indexOf(", " + name + ",") >= 0) return k;
  return -1;
}

function checkFiles(o: Options): void {
  const count = o.files.length;
  if (o.command === "version") o.problem = count === 0 ? "" : "version takes no other words";
  else if (o.command === "help") checkSubject(o);
  else if (count === 0) o.problem = "no input file; 'cot help " + o.command + "' says how " + o.command + " is used";
  else if (o.command === "inspect") takeFunction(o);
  else if (count > 1 && o.command === "run") o.problem = "more than one input file; arguments for the program stand behind --";
  else if (count > 1 && ((o.command !== "test" && o.command !== "check") || option(o, "-o") !== "")) o.problem = "more than one input file";
}

/** The words of help are none or a command. */
function checkSubject(o: Options): void {
  if (o.files.length > 1) o.problem = "help takes one command";
  else if (o.files.length === 1) o.problem = commandProblem(o.files[0]);
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
  const equals = findByte(word, 61);
  const name = equals < 0 ? word : word.slice(0, equals);
  const row = rowOf(rows, name);
  if (row < 0) {
    o.problem = optionProblem(o, name);
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
  checkChoice(o, name, rows[row].value, o.values[row]);
  return inNext ? at + 2 : at + 1;
}

/** Why a command has no such option: it belongs to others, or there is none. */
function optionProblem(o: Options, name: string): string {
  const way = "'cot help " + o.command + "' lists the options";
  const others = commandsTaking(name);
  if (others !== "") return "option '" + name + "' belongs to " + others + ", not to " + o.command + "; " + way;
  const names: string[] = [];
  for (const n of o.names) names.push(n);
  return "unknown option '" + name + "' of " + o.command + "; " + question(nearestText(name, names)) + way;
}

/** The commands that take an option: "build", "build and test", "build, run and test"; "" for none. */
function commandsTaking(name: string): string {
  const found: string[] = [];
  for (const c of commandRows()) if (rowOf(optionRows(c.name), name) >= 0) found.push(c.name);
  let text = "";
  for (let k = 0; k < found.length; k++) text += (k === 0 ? "" : k === found.length - 1 ? " and " : ", ") + found[k];
  return text;
}

/** A value of an option with choices must be one of them. */
function checkChoice(o: Options, name: string, choices: string, value: string): void {
  if (value === "") o.problem = "option " + name + " wants a value: " + choices;
  if (choices.indexOf("|") < 0) return;
  if (("|" + choices + "|").indexOf("|" + value + "|") < 0) o.problem = "option " + name + " wants one of " + choices + ", not '" + value + "'";
}

/** The value of an option, "" when it was not given. */
export function option(o: Options, name: string): string {
  const at = o.names.indexOf(name);
  return at < 0 ? "" : o.values[at];
}
