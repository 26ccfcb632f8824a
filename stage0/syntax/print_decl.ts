// The printer's part for declarations; see print_ast.
// In -> out: a declaration node, to source that parses to the same node.

import { type AstNode, Flag, hasFlag, NodeKind } from "./ast.ts";
import { type AstPrinter, nameSource, newLine, printExprList, printExprNode, printParams, put, quotedText } from "./print_ast.ts";

/** A declaration without what ends it. */
export function printDeclNode(p: AstPrinter, id: number): void {
  const n = p.ast.nodes[id];
  if (hasFlag(n, Flag.private)) put(p, "private ");
  switch (n.kind) {
    case NodeKind.import: put(p, "import " + (n.n >= 0 ? quotedText(p.ast.texts[n.n]) : "\"\"")); break;
    case NodeKind.var_decl: printVar(p, n); break;
    case NodeKind.fn_decl: printFn(p, n); break;
    case NodeKind.struct_decl: case NodeKind.union_decl: printStruct(p, n); break;
    case NodeKind.enum_decl: printEnum(p, n); break;
    case NodeKind.error_decl: printExprList(p, n.list, "error {", "}"); break;
    case NodeKind.alias: printAlias(p, n); break;
    case NodeKind.trait_decl: put(p, "trait " + nameSource(p.names, n.name)); printMembers(p, n); break;
    case NodeKind.impl_decl: printImpl(p, n); break;
    case NodeKind.test:
      put(p, hasFlag(n, Flag.bench) ? "bench " : "test ");
      put(p, quotedText(p.ast.texts[n.n]) + " ");
      printExprNode(p, n.a);
      break;
    case NodeKind.block: printExprNode(p, id); break;
    default: put(p, "@wrong()");
  }
}

function printVar(p: AstPrinter, n: AstNode): void {
  if (hasFlag(n, Flag.weak)) put(p, "weak ");
  put(p, hasFlag(n, Flag.constant) ? "const " : "var ");
  put(p, nameSource(p.names, n.name));
  for (const more of n.list) put(p, ", " + nameSource(p.names, p.ast.nodes[more].name));
  if (n.a >= 0) {
    put(p, ": ");
    printExprNode(p, n.a);
  }
  if (n.b >= 0) {
    put(p, " = ");
    printExprNode(p, n.b);
  }
}

function printFn(p: AstPrinter, n: AstNode): void {
  if (hasFlag(n, Flag.external)) put(p, n.n >= 0 ? "extern " + quotedText(p.ast.texts[n.n]) + " " : "extern ");
  if (hasFlag(n, Flag.exported)) put(p, "export ");
  if (hasFlag(n, Flag.static)) put(p, "static ");
  put(p, "fn " + nameSource(p.names, n.name));
  if (n.a >= 0) printExprList(p, p.ast.nodes[n.a].list, "(", ")");
  printParams(p, n);
  if (n.b >= 0) {
    put(p, " ");
    printExprNode(p, n.b);
  }
  printWhere(p, n.d);
  if (n.c >= 0) {
    put(p, " ");
    printExprNode(p, n.c);
  }
}

function printWhere(p: AstPrinter, id: number): void {
  if (id < 0) return;
  const bounds = p.ast.nodes[id].list;
  for (let i = 0; i < bounds.length; i++) {
    const bound = p.ast.nodes[bounds[i]];
    put(p, (i > 0 ? ", " : " where ") + nameSource(p.names, bound.name) + ": ");
    for (let j = 0; j < bound.list.length; j++) {
      if (j > 0) put(p, " + ");
      printExprNode(p, bound.list[j]);
    }
  }
}

function printStruct(p: AstPrinter, n: AstNode): void {
  if (hasFlag(n, Flag.external)) put(p, "extern ");
  if (hasFlag(n, Flag.packed)) put(p, "packed ");
  put(p, n.kind === NodeKind.union_decl ? "union" : "struct");
  if (n.name !== 0) put(p, " " + nameSource(p.names, n.name));
  if (n.a >= 0) printExprList(p, p.ast.nodes[n.a].list, "(", ")");
  printMembers(p, n);
}

function printEnum(p: AstPrinter, n: AstNode): void {
  put(p, "enum");
  if (n.name !== 0) put(p, " " + nameSource(p.names, n.name));
  if (n.a >= 0) printExprList(p, [n.a], "(", ")");
  printMembers(p, n);
}

function printAlias(p: AstPrinter, n: AstNode): void {
  put(p, "type " + nameSource(p.names, n.name) + " = ");
  if (hasFlag(n, Flag.distinct)) put(p, "distinct ");
  printExprNode(p, n.a);
}

function printImpl(p: AstPrinter, n: AstNode): void {
  put(p, "impl ");
  if (n.b >= 0) {
    printExprNode(p, n.b);
    put(p, " for ");
  }
  printExprNode(p, n.a);
  printWhere(p, n.d);
  printMembers(p, n);
}

function printMembers(p: AstPrinter, n: AstNode): void {
  put(p, " {");
  p.indent += 1;
  for (const id of n.list) {
    newLine(p);
    const member = p.ast.nodes[id];
    if (hasFlag(member, Flag.private) && member.kind === NodeKind.field) put(p, "private ");
    if (member.kind === NodeKind.field || member.kind === NodeKind.enum_item || member.kind === NodeKind.union_item) {
      printItem(p, member);
      put(p, ",");
    } else {
      printDeclNode(p, id);
    }
  }
  p.indent -= 1;
  newLine(p);
  put(p, "}");
}

function printItem(p: AstPrinter, n: AstNode): void {
  put(p, nameSource(p.names, n.name));
  if (n.kind === NodeKind.enum_item) {
    if (n.a >= 0) {
      put(p, " = ");
      printExprNode(p, n.a);
    }
    return;
  }
  if (n.a >= 0) {
    put(p, ": ");
    printExprNode(p, n.a);
  }
  if (n.b >= 0) {
    put(p, " = ");
    printExprNode(p, n.b);
  }
}
