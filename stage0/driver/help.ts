// What the tool says of itself: its commands, how one is used, its version.
// In -> out: the rows of tables/commands.txt, tables/options.txt and tables/version.txt, to texts for stdout. No line
// passes 80 columns unless a word does.

import { hostTable } from "../base/host_embedded.ts";
import { splitWords, tableRows } from "../base/table.ts";
import { commandRows, type OptionRow, optionRows } from "./options.ts";

const WIDTH = 80;

/** The commands, each in a line, and where to read more. */
export function overviewText(): string {
  const rows = commandRows();
  let column = 0;
  for (const r of rows) if (r.name.length + 4 > column) column = r.name.length + 4;
  let text = "usage: cot COMMAND [WORDS AND OPTIONS]\n\ncommands:\n";
  for (const r of rows) text += entryText(r.name, column, r.text);
  return text + "\n'cot help COMMAND' says how a command is used and lists its options.\n";
}

/** How a command is used, what it does, its options, an example. */
export function commandHelp(command: string): string {
  let text = "";
  for (const r of commandRows()) {
    if (r.name === command) text = "usage: " + r.usage + "\n\n" + r.text + "\n\noptions:\n" + optionLines(command) + "\nexample:\n  " + r.example + "\n";
  }
  return text;
}

function optionLines(command: string): string {
  const rows = optionRows(command);
  let column = 0;
  for (const r of rows) if (shownOption(r).length + 4 > column) column = shownOption(r).length + 4;
  let text = "";
  for (const r of rows) text += entryText(shownOption(r), column, r.text);
  return text;
}

/** An option as one types it: "-o FILE", "--target=x86_64-linux|wasm32". */
function shownOption(r: OptionRow): string {
  if (r.value === "-") return r.names;
  return r.names + (r.names.length === 2 ? " " : "=") + r.value;
}

/** A word, and from a column on a text, broken at blanks. */
function entryText(left: string, column: number, text: string): string {
  let out = "";
  let line = padded("  " + left, column);
  for (const word of splitWords(text)) {
    if (line.length > column && line.length + 1 + word.length > WIDTH) {
      out += line + "\n";
      line = padded("", column);
    }
    line += (line.length > column ? " " : "") + word;
  }
  return out + line + "\n";
}

function padded(text: string, width: number): string {
  let out = text;
  while (out.length < width) out += " ";
  return out;
}

/** The name and version of the tool. */
export function versionText(): string {
  const row = tableRows(hostTable("version.txt"))[0];
  return row[0] + " " + row[1] + "\n";
}
