// The text of a file's tokens: what --dump=tokens shows.
// In -> out: a source file, to a line a token: position, spelling, and the text of names and literals.

import type { Names } from "../base/intern.ts";
import type { SourceFile } from "../base/source.ts";

/** All tokens of a file. */
export function printTokens(_file: SourceFile, _names: Names): string {
  return "";
}
