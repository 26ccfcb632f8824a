// The text of a file's tokens: what --dump=tokens shows.
// In -> out: a source file, to a line a token: line, byte in the line from 1, kind, and the value of names and
// literals; "newline" says that one stands before the token.

import { appendText, newBytes, textOfBytes } from "../base/bytes.ts";
import { newDiags } from "../base/diag.ts";
import { textI128 } from "../base/int128.ts";
import { nameText, type Names } from "../base/intern.ts";
import { newSourceMap, type SourceFile } from "../base/source.ts";
import { quotedText } from "./print_ast.ts";
import { scanFile, type Tokens } from "./scanner.ts";
import { Tok, tokenTable } from "./token.ts";

/** All tokens of a file; errors in it are not reported again. */
export function printTokens(file: SourceFile, names: Names): string {
  const tokens = scanFile(file, names, newDiags(newSourceMap()));
  const out = newBytes();
  let line = 0;
  for (let i = 0; i < tokens.kinds.length; i++) {
    const at = tokens.starts[i] - file.base;
    while (line + 1 < file.lines.length && file.lines[line + 1] <= at) line += 1;
    appendText(out, line + 1 + ":" + (at - file.lines[line] + 1) + " " + tokenText(tokens, names, i));
    appendText(out, tokens.newlines[i] ? " newline\n" : "\n");
  }
  return textOfBytes(out, 0, out.len);
}

function tokenText(tokens: Tokens, names: Names, at: number): string {
  const kind = tokens.kinds[at];
  const value = tokens.values[at];
  const text = tokenTable.names[kind];
  if (kind === Tok.name || kind === Tok.builtin || kind === Tok.label) return text + " " + quotedText(nameText(names, value));
  if (kind === Tok.integer || kind === Tok.char) return text + " " + textI128(tokens.ints[value]);
  if (kind === Tok.float || (kind >= Tok.string && kind <= Tok.string_tail)) return text + " " + quotedText(tokens.texts[value]);
  return text;
}
