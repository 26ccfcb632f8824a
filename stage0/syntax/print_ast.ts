// The syntax tree as Cot source (--dump=ast).
// In -> out: an Ast, to text that parses to an equal Ast: every operand that is not a name, a literal or a postfix
// chain stands in parentheses, as do the heads of if, while, for and switch; each statement ends in ";".

import { appendText, type Bytes, newBytes, textOfBytes } from "../base/bytes.ts";
import { textI128, lowI64 } from "../base/int128.ts";
import { hexI64, i64From } from "../base/int64.ts";
import { nameText, type Names } from "../base/intern.ts";
import { type Ast, type AstNode, Flag, hasFlag, NodeKind } from "./ast.ts";
import { printDeclNode } from "./print_decl.ts";
import { Oper, operSpelling, tokenTable } from "./token.ts";

export interface AstPrinter {
  ast: Ast;
  names: Names;
  out: Bytes;
  indent: number;
}

/** The whole file as source. */
export function printAst(ast: Ast, names: Names): string {
  const p: AstPrinter = { ast: ast, names: names, out: newBytes(), indent: 0 };
  for (const id of ast.nodes[ast.root].list) {
    printDeclNode(p, id);
    put(p, "\n");
  }
  return textOfBytes(p.out, 0, p.out.len);
}

/** Appends to what is printed. */
export function put(p: AstPrinter, text: string): void {
  appendText(p.out, text);
}

/** A text in double quotes, every byte that is not plain ASCII escaped. */
export function quotedText(text: string): string {
  return "\"" + escapedText(text) + "\"";
}

/** A text as it stands between double quotes. */
export function escapedText(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34 || c === 92 || c === 36) out += "\\" + text.slice(i, i + 1);
    else if (c === 10) out += "\\n";
    else if (c >= 32 && c < 127) out += text.slice(i, i + 1);
    else out += "\\x" + hexI64(i64From(c), 2);
  }
  return out;
}

/** A name as source: quoted when it is no plain name. */
export function nameSource(names: Names, name: number): string {
  const text = nameText(names, name);
  let plain = text.length > 0 && !tokenTable.keywords.has(text);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const letter = (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95;
    if (!letter && (i === 0 || c < 48 || c > 57)) plain = false;
  }
  return plain ? text : "@" + quotedText(text);
}

/** Begins a new line at the current depth. */
export function newLine(p: AstPrinter): void {
  put(p, "\n");
  for (let i = 0; i < p.indent; i++) put(p, "  ");
}

/** A statement without what ends it. */
export function printStmtNode(p: AstPrinter, id: number): void {
  const n = p.ast.nodes[id];
  switch (n.kind) {
    case NodeKind.expr_stmt: printExprNode(p, n.a); break;
    case NodeKind.assign: printAssign(p, n); break;
    case NodeKind.while: printWhile(p, n); break;
    case NodeKind.for: printFor(p, n); break;
    case NodeKind.defer:
      put(p, hasFlag(n, Flag.on_error) ? "errdefer " : "defer ");
      printStmtNode(p, n.a);
      break;
    case NodeKind.block: printExprNode(p, id); break;
    default: printDeclNode(p, id);
  }
}

function printAssign(p: AstPrinter, n: AstNode): void {
  printExprNode(p, n.a);
  put(p, n.n === Oper.assign ? " = " : " " + operSpelling(n.n) + "= ");
  printExprNode(p, n.b);
}

function printLabel(p: AstPrinter, name: number): void {
  if (name !== 0) put(p, "'" + nameText(p.names, name) + ": ");
}

function printCapture(p: AstPrinter, id: number): void {
  if (id < 0) return;
  const n = p.ast.nodes[id];
  put(p, " |" + (hasFlag(n, Flag.pointer) ? "*" : "") + nameSource(p.names, n.name) + "|");
}

function printHead(p: AstPrinter, id: number): void {
  put(p, " (");
  printExprNode(p, id);
  put(p, ")");
}

function printWhile(p: AstPrinter, n: AstNode): void {
  printLabel(p, n.name);
  put(p, "while");
  printHead(p, n.a);
  printCapture(p, n.d);
  if (n.c >= 0) {
    put(p, " : (");
    printStmtNode(p, n.c);
    put(p, ")");
  }
  put(p, " ");
  printExprNode(p, n.b);
}

function printFor(p: AstPrinter, n: AstNode): void {
  printLabel(p, n.name);
  put(p, hasFlag(n, Flag.inline) ? "inline for " : "for ");
  for (let i = 0; i < n.list.length; i++) put(p, (i > 0 ? ", " : "") + nameSource(p.names, p.ast.nodes[n.list[i]].name));
  put(p, " in");
  const subject = p.ast.nodes[n.a];
  if (subject.kind === NodeKind.range) {
    printHead(p, subject.a);
    put(p, " ..");
    printHead(p, subject.b);
  } else {
    printHead(p, n.a);
  }
  put(p, " ");
  printExprNode(p, n.b);
}

/** Statements between braces. */
function printBlock(p: AstPrinter, n: AstNode): void {
  printLabel(p, n.name);
  put(p, hasFlag(n, Flag.comptime) ? "comptime {" : "{");
  p.indent += 1;
  for (const id of n.list) {
    newLine(p);
    printStmtNode(p, id);
    put(p, ";");
  }
  p.indent -= 1;
  newLine(p);
  put(p, "}");
}

function printIf(p: AstPrinter, first: AstNode): void {
  let n = first;
  while (true) {
    put(p, "if");
    printHead(p, n.a);
    printCapture(p, n.d);
    put(p, " ");
    printExprNode(p, n.b);
    if (n.c < 0) return;
    put(p, " else");
    if (n.list.length > 0) printCapture(p, n.list[0]);
    put(p, " ");
    const rest = p.ast.nodes[n.c];
    if (rest.kind !== NodeKind.if) {
      printExprNode(p, n.c);
      return;
    }
    n = rest;
  }
}

function printSwitch(p: AstPrinter, n: AstNode): void {
  put(p, "switch");
  printHead(p, n.a);
  put(p, " {");
  p.indent += 1;
  for (const id of n.list) {
    const arm = p.ast.nodes[id];
    newLine(p);
    if (arm.list.length === 0) put(p, "else");
    for (let i = 0; i < arm.list.length; i++) {
      if (i > 0) put(p, ", ");
      printPattern(p, arm.list[i]);
    }
    printCapture(p, arm.a);
    if (arm.b >= 0) {
      put(p, " if ");
      printExprNode(p, arm.b);
    }
    put(p, " => ");
    printStmtNode(p, arm.c);
    put(p, ",");
  }
  p.indent -= 1;
  newLine(p);
  put(p, "}");
}

function printPattern(p: AstPrinter, id: number): void {
  const n = p.ast.nodes[id];
  if (n.kind !== NodeKind.range) {
    printTight(p, id);
    return;
  }
  printTight(p, n.a);
  put(p, "..");
  printTight(p, n.b);
}

/** Expressions separated by commas. */
export function printExprList(p: AstPrinter, list: number[], open: string, close: string): void {
  put(p, open);
  for (let i = 0; i < list.length; i++) {
    if (i > 0) put(p, ", ");
    printExprNode(p, list[i]);
  }
  put(p, close);
}

/** An expression or a type. */
export function printExprNode(p: AstPrinter, id: number): void {
  const n = p.ast.nodes[id];
  switch (n.kind) {
    case NodeKind.integer: put(p, hasFlag(n, Flag.character) ? "'\\u{" + hexI64(lowI64(p.ast.ints[n.n]), 1) + "}'" : textI128(p.ast.ints[n.n])); break;
    case NodeKind.float: put(p, p.ast.texts[n.n]); break;
    case NodeKind.string: put(p, quotedText(p.ast.texts[n.n])); break;
    case NodeKind.interpolate: printInterpolation(p, n); break;
    case NodeKind.true: put(p, "true"); break;
    case NodeKind.false: put(p, "false"); break;
    case NodeKind.null: put(p, "null"); break;
    case NodeKind.undefined: put(p, "undefined"); break;
    case NodeKind.array: printExprList(p, n.list, "[", "]"); break;
    case NodeKind.tuple: case NodeKind.tuple_type: printExprList(p, n.list, "(", n.list.length === 1 ? ",)" : ")"); break;
    case NodeKind.literal: printLiteral(p, n); break;
    case NodeKind.dot_name: put(p, "." + nameSource(p.names, n.name)); break;
    case NodeKind.error_name: put(p, "error." + nameSource(p.names, n.name)); break;
    case NodeKind.ident: put(p, nameSource(p.names, n.name)); break;
    case NodeKind.builtin: printExprList(p, n.list, "@" + nameText(p.names, n.name) + "(", ")"); break;
    case NodeKind.unary: printUnary(p, n); break;
    case NodeKind.binary: printBinary(p, id); break;
    case NodeKind.block: printBlock(p, n); break;
    case NodeKind.if: printIf(p, n); break;
    case NodeKind.switch: printSwitch(p, n); break;
    case NodeKind.as: printAs(p, n); break;
    case NodeKind.catch: printCatch(p, n); break;
    case NodeKind.new: printNew(p, n); break;
    case NodeKind.return: printJump(p, n, "return"); break;
    case NodeKind.break: printJump(p, n, "break"); break;
    case NodeKind.continue: printJump(p, n, "continue"); break;
    case NodeKind.closure: printClosure(p, n); break;
    default: printPostfixOrType(p, id, n);
  }
}

function printPostfixOrType(p: AstPrinter, id: number, n: AstNode): void {
  switch (n.kind) {
    case NodeKind.select: printTight(p, n.a); put(p, "." + nameSource(p.names, n.name)); break;
    case NodeKind.optional_select: printTight(p, n.a); put(p, "?." + nameSource(p.names, n.name)); break;
    case NodeKind.part: printTight(p, n.a); put(p, "." + textI128(p.ast.ints[n.n])); break;
    case NodeKind.deref: printTight(p, n.a); put(p, ".*"); break;
    case NodeKind.unwrap: printTight(p, n.a); put(p, ".?"); break;
    case NodeKind.call: printTight(p, n.a); printExprList(p, n.list, "(", ")"); break;
    case NodeKind.index: printTight(p, n.a); put(p, "["); printExprNode(p, n.b); put(p, "]"); break;
    case NodeKind.slice_of: printSlice(p, n); break;
    case NodeKind.pointer: put(p, "*"); printElement(p, n.a); break;
    case NodeKind.optional: put(p, "?"); printElement(p, n.a); break;
    case NodeKind.weak_type: put(p, "weak "); printElement(p, n.a); break;
    case NodeKind.slice: put(p, hasFlag(n, Flag.constant) ? "[]const " : "[]"); printElement(p, n.a); break;
    case NodeKind.array_type: put(p, "["); printExprNode(p, n.a); put(p, "]"); printElement(p, n.b); break;
    case NodeKind.list_type: put(p, "["); printExprNode(p, n.a); put(p, "]"); break;
    case NodeKind.error_union: if (n.a >= 0) printTight(p, n.a); put(p, "!"); printExprNode(p, n.b); break;
    case NodeKind.fn_type: printFnType(p, n); break;
    default: printDeclNode(p, id);
  }
}

/** The operand of a prefix type: only an error union needs parentheses. */
function printElement(p: AstPrinter, id: number): void {
  if (p.ast.nodes[id].kind !== NodeKind.error_union) printExprNode(p, id);
  else printExprList(p, [id], "(", ")");
}

/** An operand: in parentheses unless it is a name, a literal or a postfix chain. */
function printTight(p: AstPrinter, id: number): void {
  if (isTight(p.ast.nodes[id].kind)) printExprNode(p, id);
  else printExprList(p, [id], "(", ")");
}

function isTight(kind: number): boolean {
  if (kind >= NodeKind.integer && kind <= NodeKind.builtin) return true;
  return (kind >= NodeKind.select && kind <= NodeKind.slice_of) || kind === NodeKind.error_decl;
}

function printUnary(p: AstPrinter, n: AstNode): void {
  put(p, n.n === Oper.try ? "try " : operSpelling(n.n));
  printTight(p, n.a);
}

/** A whole left spine: its parentheses first, then operand by operand. */
function printBinary(p: AstPrinter, id: number): void {
  const spine: number[] = [];
  let at = id;
  while (p.ast.nodes[at].kind === NodeKind.binary) {
    if (spine.length > 0) put(p, "(");
    spine.push(at);
    at = p.ast.nodes[at].a;
  }
  printTight(p, at);
  for (let i = spine.length - 1; i >= 0; i--) {
    const n = p.ast.nodes[spine[i]];
    put(p, " " + operSpelling(n.n) + " ");
    printTight(p, n.b);
    if (i > 0) put(p, ")");
  }
}

function printInterpolation(p: AstPrinter, n: AstNode): void {
  put(p, "\"");
  for (let i = 0; i < n.list.length; i++) {
    if (i % 2 === 0) {
      put(p, escapedText(p.ast.texts[p.ast.nodes[n.list[i]].n]));
    } else {
      put(p, "${");
      printExprNode(p, n.list[i]);
      put(p, "}");
    }
  }
  put(p, "\"");
}

function printLiteral(p: AstPrinter, n: AstNode): void {
  if (n.a >= 0) printExprNode(p, n.a);
  put(p, n.a >= 0 ? " {" : ".{");
  for (let i = 0; i < n.list.length; i++) {
    const init = p.ast.nodes[n.list[i]];
    put(p, (i > 0 ? ", ." : " .") + nameSource(p.names, init.name) + " = ");
    printExprNode(p, init.a);
  }
  put(p, n.list.length > 0 ? " }" : "}");
}

function printAs(p: AstPrinter, n: AstNode): void {
  printTight(p, n.a);
  put(p, " as ");
  printExprNode(p, n.b);
}

function printCatch(p: AstPrinter, n: AstNode): void {
  printTight(p, n.a);
  put(p, " catch");
  printCapture(p, n.c);
  put(p, " ");
  printTight(p, n.b);
}

function printNew(p: AstPrinter, n: AstNode): void {
  put(p, "new ");
  printExprNode(p, n.a);
  if (hasFlag(n, Flag.with_args)) printExprList(p, n.list, "(", ")");
  if (n.b >= 0) {
    const literal = p.ast.nodes[n.b];
    put(p, " {");
    for (let i = 0; i < literal.list.length; i++) {
      const init = p.ast.nodes[literal.list[i]];
      put(p, (i > 0 ? ", " : " ") + nameSource(p.names, init.name) + ": ");
      printExprNode(p, init.a);
    }
    put(p, " }");
  }
}

function printJump(p: AstPrinter, n: AstNode, word: string): void {
  put(p, word);
  if (n.name !== 0) put(p, " '" + nameText(p.names, n.name));
  if (n.a < 0) return;
  put(p, " ");
  printExprNode(p, n.a);
}

/** "(a: T, b: U)" */
export function printParams(p: AstPrinter, n: AstNode): void {
  put(p, "(");
  for (let i = 0; i < n.list.length; i++) {
    const param = p.ast.nodes[n.list[i]];
    put(p, (i > 0 ? ", " : "") + nameSource(p.names, param.name) + ": ");
    printExprNode(p, param.a);
  }
  if (hasFlag(n, Flag.variadic)) put(p, n.list.length > 0 ? ", ..." : "...");
  put(p, ")");
}

function printClosure(p: AstPrinter, n: AstNode): void {
  put(p, "fn");
  printParams(p, n);
  put(p, " ");
  if (n.b >= 0) {
    printExprNode(p, n.b);
    put(p, " ");
  }
  printExprNode(p, n.c);
}

function printSlice(p: AstPrinter, n: AstNode): void {
  printTight(p, n.a);
  put(p, "[");
  if (n.b >= 0) printExprNode(p, n.b);
  put(p, ":");
  if (n.c >= 0) printExprNode(p, n.c);
  put(p, "]");
}

function printFnType(p: AstPrinter, n: AstNode): void {
  put(p, hasFlag(n, Flag.external) ? "extern fn" : "fn");
  printExprList(p, n.list, "(", "");
  if (hasFlag(n, Flag.variadic)) put(p, n.list.length > 0 ? ", ..." : "...");
  put(p, ")");
  put(p, " -> ");
  if (n.b >= 0) printExprNode(p, n.b);
  else put(p, "void");
}
