// Statements: blocks, loops, assignments, defer; if and switch with their heads and captures.
// In -> out: tokens, to a statement node; a plain expression becomes an expr_stmt.

import { addSpineNode, type AstNode, Flag, newAstNode, NodeKind } from "./ast.ts";
import { parseIdent, parseTypeDecl, parseVar, startsTypeDecl } from "./parse_decl.ts";
import { parseExpr, parsePattern } from "./parse_expr.ts";
import {
  accept, addNode, advance, bracketEnd, continues, endStatement, enterBracket, enterLevel, expect, expectName, isWord, leaveBracket,
  leaveLevel, Lines, type Parser, peekKind, recoverInList, syntaxError, tokenPos, wrongNode,
} from "./parser.ts";
import { Tok, tokenTable } from "./token.ts";

/** "{ ... }", or "comptime { ... }". What a block stands in has counted its level. */
export function parseBlock(p: Parser): number {
  const node = newAstNode(NodeKind.block, tokenPos(p));
  if (accept(p, Tok.comptime)) node.flags = Flag.comptime;
  const list: number[] = [];
  node.list = list;
  const end = bracketEnd(p, p.at);
  const kept = enterBracket(p, Lines.end);
  if (expect(p, Tok.lbrace, "")) {
    while (p.kind !== Tok.rbrace && p.kind !== Tok.eof) {
      if (accept(p, Tok.semicolon)) continue;
      const start = p.at;
      const statement = parseStatement(p);
      endStatement(p);
      if (p.failed) recoverInList(p, start, end);
      else list.push(statement);
    }
  }
  leaveBracket(p, kept);
  expect(p, Tok.rbrace, " at the end of the block");
  return addNode(p, node);
}

/** One statement without what ends it. */
export function parseStatement(p: Parser): number {
  switch (p.kind) {
    case Tok.const: case Tok.var: case Tok.let: case Tok.weak: return parseVar(p);
    case Tok.while: case Tok.for: case Tok.inline: return parseLoop(p, 0);
    case Tok.defer: case Tok.errdefer: return parseDefer(p);
    case Tok.comptime: return parseComptime(p);
    case Tok.label:
      if (peekKind(p, 1) === Tok.colon && peekKind(p, 2) !== Tok.lbrace) return parseLabelled(p);
      return parseSimple(p);
    case Tok.fn:
      if (peekKind(p, 1) !== Tok.name) return parseSimple(p);
      // With a bracket open this is more likely the next function than one inside; the bracket is reported.
      if (p.tokens.unclosed) p.failed = true;
      syntaxError(p, "a function is declared at the top of a file or in a type; expected a statement");
      return wrongNode(p);
    default:
      if (startsTypeDecl(p)) return parseTypeDecl(p);
      return parseSimple(p);
  }
}

function parseComptime(p: Parser): number {
  if (!enterLevel(p)) return wrongNode(p);
  const id = parseBlock(p);
  leaveLevel(p);
  return id;
}

/** An expression or an assignment. */
function parseSimple(p: Parser): number {
  const pos = tokenPos(p);
  const first = parseExpr(p);
  const oper = tokenTable.assign[p.kind];
  if (p.failed || oper < 0 || (p.tokens.newlines[p.at] && p.lines === Lines.end)) {
    const node = newAstNode(NodeKind.expr_stmt, pos);
    node.a = first;
    return addNode(p, node);
  }
  const node = newAstNode(NodeKind.assign, tokenPos(p));
  node.n = oper;
  node.a = first;
  advance(p);
  node.b = parseExpr(p);
  return addNode(p, node);
}

function parseDefer(p: Parser): number {
  const node = newAstNode(NodeKind.defer, tokenPos(p));
  if (p.kind === Tok.errdefer) node.flags = Flag.on_error;
  advance(p);
  if (!enterLevel(p)) return wrongNode(p);
  node.a = parseStatement(p);
  leaveLevel(p);
  return addNode(p, node);
}

/** "'name: while" and its like; a labelled block is an expression. */
function parseLabelled(p: Parser): number {
  const name = p.tokens.values[p.at];
  advance(p);
  advance(p);
  if (p.kind === Tok.while || p.kind === Tok.for || p.kind === Tok.inline) return parseLoop(p, name);
  syntaxError(p, "expected a loop or a block after the label");
  return wrongNode(p);
}

function parseLoop(p: Parser, label: number): number {
  if (!enterLevel(p)) return wrongNode(p);
  const node = newAstNode(NodeKind.while, tokenPos(p));
  node.name = label;
  if (accept(p, Tok.inline)) node.flags = Flag.inline;
  if (p.kind === Tok.while && node.flags === 0) {
    advance(p);
    parseWhileRest(p, node);
  } else {
    expect(p, Tok.for, "");
    parseForRest(p, node);
  }
  leaveLevel(p);
  return addNode(p, node);
}

function parseWhileRest(p: Parser, node: AstNode): void {
  node.a = parseHead(p);
  if (p.kind === Tok.bar) node.d = parseCapture(p);
  if (accept(p, Tok.colon)) {
    const kept = enterBracket(p, p.lines);
    if (accept(p, Tok.lparen)) {
      p.lines = Lines.blank;
      node.c = parseSimple(p);
      expect(p, Tok.rparen, " after the step");
    } else {
      p.noLiteral = true;
      node.c = parseSimple(p);
    }
    leaveBracket(p, kept);
  }
  node.b = parseBlock(p);
}

function parseForRest(p: Parser, node: AstNode): void {
  node.kind = NodeKind.for;
  node.list = [];
  node.list.push(parseIdent(p));
  if (accept(p, Tok.comma)) node.list.push(parseIdent(p));
  expect(p, Tok.in, "");
  const first = parseHead(p);
  node.a = first;
  if (!p.failed && p.kind === Tok.dot_dot) {
    const range = newAstNode(NodeKind.range, tokenPos(p));
    advance(p);
    range.a = first;
    range.b = parseHead(p);
    node.a = addNode(p, range);
  }
  node.b = parseBlock(p);
}

/** The expression in the head of if, while, for and switch: no literal outside brackets, captures end it. */
export function parseHead(p: Parser): number {
  const noLiteral = p.noLiteral;
  const captures = p.captures;
  p.noLiteral = true;
  p.captures = true;
  if (p.kind === Tok.lbrace) syntaxError(p, "expected an expression");
  const id = parseExpr(p);
  p.noLiteral = noLiteral;
  p.captures = captures;
  return id;
}

/** Whether "|name|" or "|*name|" begins here and is followed by what makes it a capture. */
export function isCapture(p: Parser): boolean {
  if (p.kind !== Tok.bar) return false;
  const at = peekKind(p, 1) === Tok.star ? 2 : 1;
  if (peekKind(p, at) !== Tok.name || peekKind(p, at + 1) !== Tok.bar) return false;
  const after = peekKind(p, at + 2);
  return after === Tok.lbrace || after === Tok.colon || after === Tok.fat_arrow || after === Tok.if;
}

/** "|name|" or "|*name|". */
export function parseCapture(p: Parser): number {
  const node = newAstNode(NodeKind.capture, tokenPos(p));
  expect(p, Tok.bar, "");
  if (accept(p, Tok.star)) node.flags = Flag.pointer;
  node.pos = tokenPos(p);
  node.name = expectName(p, "the name of the capture");
  expect(p, Tok.bar, " after the capture");
  return addNode(p, node);
}

/** An if with all its else-ifs: built from the last one, so that a long chain needs no recursion. */
export function parseIf(p: Parser): number {
  const chain: AstNode[] = [];
  let last = -1;
  let more = true;
  while (more && !p.failed) {
    const node = newAstNode(NodeKind.if, tokenPos(p));
    chain.push(node);
    expect(p, Tok.if, "");
    node.a = parseHead(p);
    if (p.kind === Tok.bar) node.d = parseCapture(p);
    node.b = parseBlock(p);
    more = false;
    if (p.kind === Tok.else && continues(p)) {
      advance(p);
      if (p.kind === Tok.bar) node.list = [parseCapture(p)];
      if (p.kind === Tok.if) more = true;
      else last = parseBlock(p);
    }
  }
  if (p.failed) return wrongNode(p);
  for (let i = chain.length - 1; i >= 0; i--) {
    chain[i].c = last;
    last = last >= 0 && i < chain.length - 1 ? addSpineNode(p.ast, chain[i], last) : addNode(p, chain[i]);
  }
  return last;
}

/** switch subject { arms } */
export function parseSwitch(p: Parser): number {
  const node = newAstNode(NodeKind.switch, tokenPos(p));
  node.list = [];
  advance(p);
  node.a = parseHead(p);
  const kept = enterBracket(p, Lines.arms);
  expect(p, Tok.lbrace, "");
  while (!p.failed && p.kind !== Tok.rbrace && p.kind !== Tok.eof) {
    node.list.push(parseArm(p));
    if (p.failed || accept(p, Tok.comma)) continue;
    const ended = p.kind === Tok.rbrace || (p.tokens.newlines[p.at] && p.tokens.kinds[p.at - 1] === Tok.rbrace);
    if (!ended) syntaxError(p, "expected ',' or '}' after the arm");
  }
  leaveBracket(p, kept);
  expect(p, Tok.rbrace, " at the end of the switch");
  return addNode(p, node);
}

function parseArm(p: Parser): number {
  const node = newAstNode(NodeKind.arm, tokenPos(p));
  node.list = [];
  if (!accept(p, Tok.else) && !acceptUnderscore(p)) {
    node.list.push(parsePattern(p));
    while (accept(p, Tok.comma)) node.list.push(parsePattern(p));
  }
  if (!p.failed && p.kind === Tok.bar) node.a = parseCapture(p);
  if (accept(p, Tok.if)) node.b = parseExpr(p);
  expect(p, Tok.fat_arrow, "");
  if (!p.failed) node.c = parseStatement(p);
  return addNode(p, node);
}

function acceptUnderscore(p: Parser): boolean {
  if (!isWord(p, "_")) return false;
  return accept(p, Tok.name);
}
