// Primary expressions: literals, names, brackets, if, switch, blocks, jumps, closures, type forms.
// In -> out: tokens, to an expression node that the postfix chain goes on from.

import { addAstNode, Flag, newAstNode, NodeKind } from "./ast.ts";
import { parseErrorSet, parseParams, parseTypeDecl } from "./parse_decl.ts";
import { parseArgs, parseExpr } from "./parse_expr.ts";
import {
  accept, addNode, advance, afterBracket, enterBracket, expect, expectMember, expectName, kindAt, leaveBracket, Lines,
  type Parser, syntaxError, tokenPos, wrongNode,
} from "./parser.ts";
import { parseBlock, parseIf, parseSwitch } from "./parse_stmt.ts";
import { isArrayType, parseFnType, parsePlainType, parseType } from "./parse_type.ts";
import { Tok } from "./token.ts";

/** The innermost part of an expression. */
export function parsePrimary(p: Parser): number {
  if (p.failed) return wrongNode(p);
  switch (p.kind) {
    case Tok.integer: return parseValueToken(p, NodeKind.integer, 0);
    case Tok.char: return parseValueToken(p, NodeKind.integer, Flag.character);
    case Tok.float: return parseValueToken(p, NodeKind.float, 0);
    case Tok.string: return parseValueToken(p, NodeKind.string, 0);
    case Tok.true: return parseWord(p, NodeKind.true);
    case Tok.false: return parseWord(p, NodeKind.false);
    case Tok.null: return parseWord(p, NodeKind.null);
    case Tok.undefined: return parseWord(p, NodeKind.undefined);
    case Tok.string_head: return parseInterpolation(p);
    case Tok.name: return parseNameToken(p);
    case Tok.builtin: return parseBuiltin(p);
    case Tok.dot: return parseDot(p);
    case Tok.lparen: return parseParen(p);
    case Tok.lbracket: return isArrayType(p) ? parsePlainType(p) : parseArray(p);
    case Tok.lbrace: return parseBlock(p);
    case Tok.label: return parseLabelledBlock(p);
    case Tok.if: return parseIf(p);
    case Tok.switch: return parseSwitch(p);
    case Tok.fn: return kindAt(p, afterBracket(p, p.at + 1)) === Tok.arrow ? parseFnType(p) : parseClosure(p);
    case Tok.error: return parseError(p);
    case Tok.return: case Tok.break: case Tok.continue: return parseJump(p);
    case Tok.struct: case Tok.enum: case Tok.union: case Tok.packed: return parseTypeDecl(p);
    case Tok.star: case Tok.question: case Tok.question2: case Tok.weak: case Tok.extern: return parsePlainType(p);
    default:
      syntaxError(p, "expected an expression");
      return wrongNode(p);
  }
}

function parseValueToken(p: Parser, kind: number, flags: number): number {
  const node = newAstNode(kind, tokenPos(p));
  node.n = p.tokens.values[p.at];
  node.flags = flags;
  advance(p);
  return addAstNode(p.ast, node);
}

function parseWord(p: Parser, kind: number): number {
  const node = newAstNode(kind, tokenPos(p));
  advance(p);
  return addAstNode(p.ast, node);
}

function parseNameToken(p: Parser): number {
  const node = newAstNode(NodeKind.ident, tokenPos(p));
  node.name = p.tokens.values[p.at];
  advance(p);
  return addAstNode(p.ast, node);
}

/** "text ${ expression } text". */
function parseInterpolation(p: Parser): number {
  const node = newAstNode(NodeKind.interpolate, tokenPos(p));
  node.list = [parseValueToken(p, NodeKind.string, 0)];
  const kept = enterBracket(p, Lines.blank);
  let more = true;
  while (more && !p.failed) {
    node.list.push(parseExpr(p));
    more = p.kind === Tok.string_middle;
    if (!more && p.kind !== Tok.string_tail) syntaxError(p, "expected '}' after the interpolated expression");
    if (!p.failed) node.list.push(parseValueToken(p, NodeKind.string, 0));
  }
  leaveBracket(p, kept);
  return addNode(p, node);
}

function parseBuiltin(p: Parser): number {
  const pos = tokenPos(p);
  const name = p.tokens.values[p.at];
  advance(p);
  const node = parseArgs(p, NodeKind.builtin, -1);
  node.pos = pos;
  node.name = name;
  return addNode(p, node);
}

/** .Variant or .{ ... } */
function parseDot(p: Parser): number {
  const node = newAstNode(NodeKind.dot_name, tokenPos(p));
  advance(p);
  if (p.kind === Tok.lbrace) return parseLiteral(p, -1);
  node.name = expectMember(p, "a variant or '{' after '.'");
  return addNode(p, node);
}

/** Whether "{" after this expression begins a struct literal of that type. */
export function isLiteralType(p: Parser, left: number): boolean {
  const kind = p.ast.nodes[left].kind;
  return kind === NodeKind.ident || kind === NodeKind.select || kind === NodeKind.call || kind === NodeKind.array_type;
}

/** "{ .x = 1, y: 2 }" after its type (-1: none). */
export function parseLiteral(p: Parser, type: number): number {
  const node = newAstNode(NodeKind.literal, type >= 0 ? p.ast.nodes[type].pos : tokenPos(p));
  node.a = type;
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  expect(p, Tok.lbrace, "");
  while (!p.failed && p.kind !== Tok.rbrace) {
    const dotted = accept(p, Tok.dot);
    const init = newAstNode(NodeKind.field_init, tokenPos(p));
    init.name = dotted ? expectMember(p, "the name of a field") : expectName(p, "the name of a field");
    if (dotted) expect(p, Tok.assign, " and the value of the field");
    else expect(p, Tok.colon, " and the value of the field");
    init.a = parseExpr(p);
    node.list.push(addNode(p, init));
    if (!accept(p, Tok.comma)) break;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rbrace, " at the end of the literal");
  return addNode(p, node);
}

/** (a) or the tuple (a, b). */
function parseParen(p: Parser): number {
  const node = newAstNode(NodeKind.tuple, tokenPos(p));
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  advance(p);
  let comma = false;
  while (!p.failed && (p.kind !== Tok.rparen || node.list.length === 0)) {
    node.list.push(parseExpr(p));
    if (!accept(p, Tok.comma)) break;
    comma = true;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rparen, "");
  if (node.list.length === 1 && !comma) return node.list[0];
  return addNode(p, node);
}

function parseArray(p: Parser): number {
  const node = newAstNode(NodeKind.array, tokenPos(p));
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  advance(p);
  while (!p.failed && p.kind !== Tok.rbracket) {
    node.list.push(parseExpr(p));
    if (!accept(p, Tok.comma)) break;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rbracket, " at the end of the array");
  return addNode(p, node);
}

function parseLabelledBlock(p: Parser): number {
  const name = p.tokens.values[p.at];
  advance(p);
  if (!expect(p, Tok.colon, " after the label")) return wrongNode(p);
  if (p.kind !== Tok.lbrace) syntaxError(p, "expected a block after the label");
  const id = parseBlock(p);
  p.ast.nodes[id].name = name;
  return id;
}

/** error.Name or error { A, B } */
function parseError(p: Parser): number {
  const node = newAstNode(NodeKind.error_name, tokenPos(p));
  advance(p);
  if (p.kind === Tok.lbrace) return parseErrorSet(p);
  expect(p, Tok.dot, " or '{' after 'error'");
  node.name = expectName(p, "the name of an error");
  return addNode(p, node);
}

/** return, break, continue */
function parseJump(p: Parser): number {
  const node = newAstNode(NodeKind.return, tokenPos(p));
  if (p.kind === Tok.break) node.kind = NodeKind.break;
  else if (p.kind === Tok.continue) node.kind = NodeKind.continue;
  advance(p);
  if (node.kind !== NodeKind.return && p.kind === Tok.label && continuesJump(p)) {
    node.name = p.tokens.values[p.at];
    advance(p);
  }
  if (node.kind !== NodeKind.continue && continuesJump(p)) node.a = parseExpr(p);
  return addNode(p, node);
}

/** Whether a jump has an operand: something stands on its line that does not close what is around it. */
function continuesJump(p: Parser): boolean {
  if (p.failed || (p.tokens.newlines[p.at] && p.lines === Lines.end)) return false;
  switch (p.kind) {
    case Tok.rparen: case Tok.rbracket: case Tok.rbrace: case Tok.comma: case Tok.semicolon: case Tok.colon: case Tok.eof:
    case Tok.else: case Tok.string_middle: case Tok.string_tail: case Tok.fat_arrow: case Tok.catch: case Tok.orelse:
      return false;
    default:
      return true;
  }
}

/** fn(x: T) R { ... } */
function parseClosure(p: Parser): number {
  const node = newAstNode(NodeKind.closure, tokenPos(p));
  advance(p);
  parseParams(p, node);
  if (!p.failed && p.kind !== Tok.lbrace) node.b = parseType(p);
  const kept = enterBracket(p, p.lines);
  node.c = parseBlock(p);
  leaveBracket(p, kept);
  return addNode(p, node);
}
