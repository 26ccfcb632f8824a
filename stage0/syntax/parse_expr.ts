// Expressions: precedence climbing over unary expressions over postfix chains over primary ones.
// In -> out: tokens, to an expression node. Types written as *T ?T []T [n]T fn(..) -> R E!T are expressions too.
// Binary operators of one spine, comparisons apart, are read by a loop and may be as many as memory holds.

import { addSpineNode, type AstNode, Flag, newAstNode, NodeKind } from "./ast.ts";
import {
  accept, addNode, advance, continues, enterBracket, enterLevel, expect, expectMember, expectName, leaveBracket, leaveLevel, Lines, type Parser,
  peekKind, syntaxError, tokenPos, wrongNode,
} from "./parser.ts";
import { isLiteralType, parseLiteral, parsePrimary } from "./parse_primary.ts";
import { isCapture, parseCapture } from "./parse_stmt.ts";
import { parseType, startsType } from "./parse_type.ts";
import { Oper, Tok, tokenTable } from "./token.ts";

const LOOSEST = 1;
const OR_LEVEL = 2;
const COMPARE_LEVEL = 4;

/** An expression of any kind. */
export function parseExpr(p: Parser): number {
  if (!enterLevel(p)) return wrongNode(p);
  const id = parseBinary(p, LOOSEST);
  leaveLevel(p);
  return id;
}

/** A pattern of a switch arm: a value or a range of values, before which and after which `|` is a capture. */
export function parsePattern(p: Parser): number {
  const captures = p.captures;
  p.captures = true;
  let id = parseBinary(p, OR_LEVEL);
  if (!p.failed && p.kind === Tok.dot_dot) {
    const node = newAstNode(NodeKind.range, tokenPos(p));
    advance(p);
    node.a = id;
    node.b = parseBinary(p, OR_LEVEL);
    id = addNode(p, node);
  }
  p.captures = captures;
  return id;
}

function parseBinary(p: Parser, least: number): number {
  let left = parseUnary(p);
  let compared = false;
  while (continues(p)) {
    const oper = tokenTable.binary[p.kind];
    if (oper < 0) break;
    const precedence = tokenTable.operPrecedence[oper];
    if (precedence < least || (p.captures && isCapture(p))) break;
    if (precedence === COMPARE_LEVEL) {
      if (compared) syntaxError(p, "comparisons do not chain; use 'and'");
      compared = true;
    }
    left = parseOperation(p, left, oper, precedence);
  }
  return left;
}

/** The operator that is next, its right side, and the node of both sides. */
function parseOperation(p: Parser, left: number, oper: number, precedence: number): number {
  const node = newAstNode(NodeKind.binary, tokenPos(p));
  if (p.failed) return left;
  advance(p);
  node.a = left;
  if (oper === Oper.as) {
    node.kind = NodeKind.as;
    node.b = parseType(p);
    return addNode(p, node);
  }
  if (oper === Oper.catch) {
    node.kind = NodeKind.catch;
    if (p.kind === Tok.bar) {
      node.c = parseCapture(p);
      node.b = parseExpr(p);
    } else {
      node.b = parseBinary(p, OR_LEVEL);
    }
    return addNode(p, node);
  }
  node.n = oper;
  node.b = parseBinary(p, precedence + 1);
  if (oper === Oper.orelse) return addNode(p, node);
  return p.ast.nodes[left].kind === NodeKind.binary ? addSpineNode(p.ast, node, left) : addNode(p, node);
}

function parseUnary(p: Parser): number {
  const oper = p.failed ? -1 : tokenTable.unary[p.kind];
  if (oper < 0 && p.kind !== Tok.new) return parsePostfix(p);
  if (!enterLevel(p)) return wrongNode(p);
  const node = newAstNode(NodeKind.unary, tokenPos(p));
  advance(p);
  let id = -1;
  if (oper < 0) {
    id = parseNew(p, node);
  } else {
    node.n = oper;
    node.a = parseUnary(p);
    id = addNode(p, node);
  }
  leaveLevel(p);
  return id;
}

/** What follows `new`: S { ... }, S(args), S(T) { ... }, S(T)(args), [n]T, U.A(payload), U(T).A(payload). */
function parseNew(p: Parser, node: AstNode): number {
  node.kind = NodeKind.new;
  if (p.kind === Tok.lbracket) {
    node.a = parseType(p);
    return addNode(p, node);
  }
  node.a = parsePath(p);
  if (p.kind === Tok.lparen && continues(p)) {
    const args = parseArgs(p, NodeKind.call, node.a);
    const variant = p.kind === Tok.dot && peekKind(p, 1) === Tok.name;
    const generic = continues(p) && (variant || p.kind === Tok.lparen || (p.kind === Tok.lbrace && !p.noLiteral));
    if (generic) {
      node.a = parsePathFrom(p, addNode(p, args));
      if (p.kind === Tok.lparen) takeArgs(node, parseArgs(p, NodeKind.call, node.a));
    } else {
      takeArgs(node, args);
    }
  }
  if (p.kind === Tok.lbrace && continues(p) && !p.noLiteral) node.b = parseLiteral(p, -1);
  return addNode(p, node);
}

function takeArgs(node: AstNode, args: AstNode): void {
  node.list = args.list;
  node.flags = Flag.with_args;
}

/** a.b.c */
function parsePath(p: Parser): number {
  const ident = newAstNode(NodeKind.ident, tokenPos(p));
  ident.name = expectName(p, "the name of a type after 'new'");
  return parsePathFrom(p, addNode(p, ident));
}

function parsePathFrom(p: Parser, first: number): number {
  let id = first;
  while (!p.failed && p.kind === Tok.dot && peekKind(p, 1) === Tok.name) {
    advance(p);
    const node = newAstNode(NodeKind.select, tokenPos(p));
    node.name = expectName(p, "");
    node.a = id;
    id = addNode(p, node);
  }
  return id;
}

function parsePostfix(p: Parser): number {
  let left = parsePrimary(p);
  while (continues(p)) {
    switch (p.kind) {
      case Tok.lparen: left = addNode(p, parseArgs(p, NodeKind.call, left)); break;
      case Tok.lbracket: left = parseIndex(p, left); break;
      case Tok.dot: left = parseSelect(p, left); break;
      case Tok.dot_star: left = parseSuffix(p, NodeKind.deref, left); break;
      case Tok.dot_question: left = parseSuffix(p, NodeKind.unwrap, left); break;
      case Tok.question_dot: left = parseSelect(p, left); break;
      case Tok.lbrace:
        if (p.noLiteral || !isLiteralType(p, left)) return left;
        left = parseLiteral(p, left);
        break;
      case Tok.bang:
        if (!startsType(p, p.at + 1) || p.tokens.newlines[p.at]) return left;
        left = parseErrorUnion(p, left);
        break;
      default: return left;
    }
  }
  return left;
}

function parseSuffix(p: Parser, kind: number, left: number): number {
  const node = newAstNode(kind, tokenPos(p));
  node.a = left;
  advance(p);
  return addNode(p, node);
}

/** a.name, a.0, a?.name */
function parseSelect(p: Parser, left: number): number {
  const node = newAstNode(p.kind === Tok.dot ? NodeKind.select : NodeKind.optional_select, tokenPos(p));
  node.a = left;
  advance(p);
  node.pos = tokenPos(p);
  if (p.kind === Tok.integer && node.kind === NodeKind.select) {
    node.kind = NodeKind.part;
    node.n = p.tokens.values[p.at];
    advance(p);
  } else {
    node.name = expectMember(p, "a field or method");
  }
  return addNode(p, node);
}

function parseErrorUnion(p: Parser, left: number): number {
  const node = newAstNode(NodeKind.error_union, p.ast.nodes[left].pos);
  node.a = left;
  advance(p);
  node.b = parseType(p);
  return addNode(p, node);
}

/** "(a, b)" after what is called; the node is not added yet. */
export function parseArgs(p: Parser, kind: number, callee: number): AstNode {
  const node = newAstNode(kind, callee >= 0 ? p.ast.nodes[callee].pos : tokenPos(p));
  node.a = callee;
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  expect(p, Tok.lparen, "");
  while (!p.failed && p.kind !== Tok.rparen) {
    node.list.push(parseExpr(p));
    if (!accept(p, Tok.comma)) break;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rparen, " after the arguments");
  return node;
}

/** a[i], a[i:j] with either bound left out. */
function parseIndex(p: Parser, left: number): number {
  const node = newAstNode(NodeKind.index, tokenPos(p));
  node.a = left;
  const kept = enterBracket(p, Lines.blank);
  advance(p);
  if (p.kind !== Tok.colon) node.b = parseExpr(p);
  if (accept(p, Tok.colon)) {
    node.kind = NodeKind.slice_of;
    if (p.kind !== Tok.rbracket) node.c = parseExpr(p);
  }
  leaveBracket(p, kept);
  expect(p, Tok.rbracket, " after the index");
  return addNode(p, node);
}
