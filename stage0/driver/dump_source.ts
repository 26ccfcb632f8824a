// Dumps of the source stages: tokens and ast, of the project's own files and of the library's that were read.
// In -> out: the files of the source map, scanned and parsed again for show, to text.

import { appendText, newBytes, textOfBytes } from "../base/bytes.ts";
import { newDiags } from "../base/diag.ts";
import type { Names } from "../base/intern.ts";
import type { SourceMap } from "../base/source.ts";
import { parseFile } from "../syntax/parser.ts";
import { printAst } from "../syntax/print_ast.ts";
import { printTokens } from "../syntax/print_tokens.ts";
import { dumpText, type Reporter, wantsDump } from "./dump.ts";

/** Dumps tokens and syntax trees where asked. */
export function dumpSources(r: Reporter, sources: SourceMap, names: Names): void {
  if (wantsDump(r, "tokens")) {
    const text = newBytes();
    for (const f of sources.files) appendText(text, "// " + f.name + "\n" + printTokens(f, names));
    dumpText(r, "tokens", textOfBytes(text, 0, text.len));
  }
  if (wantsDump(r, "ast")) {
    const text = newBytes();
    for (const f of sources.files) appendText(text, "// " + f.name + "\n" + printAst(parseFile(f, names, newDiags(sources)), names));
    dumpText(r, "ast", textOfBytes(text, 0, text.len));
  }
}
