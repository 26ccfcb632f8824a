// @embedFile: the bytes of a file beside the source file as a string constant.
// In -> out: a path, resolved and confined like an import's, to a const_string node.

import { MAX_FILE } from "../base/host.ts";
import { type AstNode, NodeKind } from "../syntax/ast.ts";
import { arity } from "./builtin.ts";
import { type CheckState, invalidNode, syntaxNode, wrong } from "./checker.ts";
import { stringNode } from "./expr.ts";
import { importedName, readNamed } from "./load.ts";

/** @embedFile("path") */
export function embedFile(f: CheckState, n: AstNode): number {
  if (!arity(f, n, 1)) return invalidNode(f, n.pos);
  const text = syntaxNode(f, n.list[0]);
  if (text.kind !== NodeKind.string) return wrong(f, text.pos, "type-mismatch", "the path of a file must stand here as a string");
  const path = f.ast.texts[text.n];
  const name = importedName(f.ast.file.name, path);
  if (name === "") return wrong(f, text.pos, "cannot-embed", "'" + path + "' is not a path inside the project or the library");
  const found = readNamed(f.c, name, MAX_FILE);
  if (found.problem !== "") return wrong(f, text.pos, "cannot-embed", "'" + name + "': " + found.problem);
  return stringNode(f, found.text, n.pos);
}
