// Syntax trees of files that several programs of one process share: each text is scanned and parsed once.
// In -> out: a file, to its Ast, as parseFile gives it to the byte: a file is parsed for the cache with positions from 0
// and names of its own, and every program gets a copy with its own positions and names. Names are given in the order of
// first appearance, so that a copy gives them the ids that parsing would. A file with errors is never kept.

import { type Diags, errorCount, newDiags } from "../base/diag.ts";
import { internName, type Names, newNames } from "../base/intern.ts";
import { addSource, newSourceMap, type SourceFile } from "../base/source.ts";
import type { Ast } from "./ast.ts";
import { parseFile } from "./parser.ts";

interface ParsedFile {
  text: string;
  ast: Ast;
  names: Names;
}

export interface ParseCache {
  /** By the file's name. */
  files: Map<string, ParsedFile>;
}

/** A cache without files. */
export function newParseCache(): ParseCache {
  return { files: new Map() };
}

/** The syntax tree of a file. */
export function parseCached(cache: ParseCache, file: SourceFile, names: Names, diags: Diags): Ast {
  const known = cache.files.get(file.name);
  if (known !== undefined && known.text === file.text) return copyAst(known, file, names);
  const sources = newSourceMap();
  const own = newNames();
  const found = newDiags(sources);
  const ast = parseFile(addSource(sources, file.name, file.text), own, found);
  if (errorCount(found) > 0) return parseFile(file, names, diags);
  const parsed: ParsedFile = { text: file.text, ast: ast, names: own };
  cache.files.set(file.name, parsed);
  return copyAst(parsed, file, names);
}

function copyAst(parsed: ParsedFile, file: SourceFile, names: Names): Ast {
  const from = parsed.ast;
  const ids: number[] = [];
  for (const text of parsed.names.texts) ids.push(internName(names, text));
  const ast: Ast = { file: file, nodes: [], heights: from.heights, root: from.root, texts: from.texts, ints: from.ints };
  for (const n of from.nodes) {
    ast.nodes.push({
      kind: n.kind, pos: n.pos + file.base, name: ids[n.name], a: n.a, b: n.b, c: n.c, d: n.d, n: n.n, flags: n.flags, list: n.list,
    });
  }
  return ast;
}
