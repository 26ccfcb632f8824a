// Helpers of the syntax tests: parse a text, compare two trees without their places.

import { diagsText, newDiags } from "../../stage0/base/diag.ts";
import { newNames } from "../../stage0/base/intern.ts";
import { addSource, newSourceMap } from "../../stage0/base/source.ts";
import type { Ast } from "../../stage0/syntax/ast.ts";
import { parseFile } from "../../stage0/syntax/parser.ts";
import { printAst } from "../../stage0/syntax/print_ast.ts";

export interface Parsed {
  ast: Ast;
  errors: string;
  printed: string;
}

export function parseText(text: string): Parsed {
  const sources = newSourceMap();
  const diags = newDiags(sources);
  const names = newNames();
  const ast = parseFile(addSource(sources, "t.cot", Buffer.from(text, "utf8").toString("latin1")), names, diags);
  const errors = diagsText(diags);
  return { ast: ast, errors: errors, printed: errors === "" ? printAst(ast, names) : "" };
}

/** The tree as text: kinds, names, numbers and children, no places. */
export function shapeOf(parsed: Parsed): string {
  const ast = parsed.ast;
  const out: string[] = [];
  const work: number[] = [ast.root];
  while (work.length > 0) {
    const id = work.pop()!;
    if (id < 0) {
      out.push("-");
      continue;
    }
    const n = ast.nodes[id];
    // Literals are compared by value: their indexes depend on the order of scanning only.
    out.push(`${n.kind}:${n.name}:${n.flags}:${n.list.length}`);
    if (n.kind === 33 || n.kind === 52) out.push(String(ast.ints[n.n]));
    else if (n.kind === 34 || n.kind === 35) out.push(ast.texts[n.n]);
    else if (n.kind === 49 || n.kind === 50 || n.kind === 21) out.push(String(n.n));
    for (let i = n.list.length - 1; i >= 0; i--) work.push(n.list[i]);
    work.push(n.d, n.c, n.b, n.a);
  }
  return out.join(" ");
}
