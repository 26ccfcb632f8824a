// Types, where a type must stand: after ":", as results, elements, after "as" and "new".
// In -> out: tokens, to a type node; names, a.b and Name(args) are the same nodes as in expressions.

import { Flag, newAstNode, NodeKind } from "./ast.ts";
import { accept, addNode, advance, afterBracket, afterToken, enterBracket, enterLevel, expect, kindAt, leaveBracket, leaveLevel, Lines, type Parser, peekKind, syntaxError, tokenPos, wrongNode } from "./parser.ts";
import { parseErrorSet, parseIdent, parseTypeDecl } from "./parse_decl.ts";
import { parseExpr } from "./parse_expr.ts";
import { Tok } from "./token.ts";

/** A type, with an error union "E!T" as its loosest form. */
export function parseType(p: Parser): number {
  if (!enterLevel(p)) return wrongNode(p);
  const pos = tokenPos(p);
  let id = -1;
  if (p.kind === Tok.bang) {
    advance(p);
    id = errorUnionNode(p, pos, -1);
  } else {
    id = parsePlainType(p);
    if (!p.failed && p.kind === Tok.bang && !p.tokens.newlines[p.at]) {
      advance(p);
      id = errorUnionNode(p, pos, id);
    }
  }
  leaveLevel(p);
  return id;
}

function errorUnionNode(p: Parser, pos: number, set: number): number {
  const node = newAstNode(NodeKind.error_union, pos);
  node.a = set;
  node.b = parseType(p);
  return addNode(p, node);
}

/** A type that is not an error union. */
export function parsePlainType(p: Parser): number {
  switch (p.kind) {
    case Tok.star: return parsePrefixType(p, NodeKind.pointer);
    case Tok.question: return parsePrefixType(p, NodeKind.optional);
    case Tok.question2: return parseDoubleOptional(p);
    case Tok.weak: return parsePrefixType(p, NodeKind.weak_type);
    case Tok.lbracket: return parseBracketType(p);
    case Tok.lparen: return parseTupleType(p);
    case Tok.fn: return parseFnType(p);
    case Tok.extern:
      if (peekKind(p, 1) === Tok.fn) return parseFnType(p);
      return parseTypeDecl(p);
    case Tok.struct: case Tok.enum: case Tok.union: case Tok.packed: return parseTypeDecl(p);
    case Tok.error:
      advance(p);
      return parseErrorSet(p);
    case Tok.name: return parseNamedType(p);
    default:
      syntaxError(p, "expected a type");
      return wrongNode(p);
  }
}

function parsePrefixType(p: Parser, kind: number): number {
  if (!enterLevel(p)) return wrongNode(p);
  const node = newAstNode(kind, tokenPos(p));
  advance(p);
  node.a = parsePlainType(p);
  leaveLevel(p);
  return addNode(p, node);
}

/** "??T" is one token but two optionals. */
function parseDoubleOptional(p: Parser): number {
  if (!enterLevel(p)) return wrongNode(p);
  if (!enterLevel(p)) {
    leaveLevel(p);
    return wrongNode(p);
  }
  const inner = newAstNode(NodeKind.optional, tokenPos(p) + 1);
  const outer = newAstNode(NodeKind.optional, tokenPos(p));
  advance(p);
  inner.a = parsePlainType(p);
  leaveLevel(p);
  leaveLevel(p);
  outer.a = addNode(p, inner);
  return addNode(p, outer);
}

/** []T, []const T, [n]T, [K]V or [T]. */
export function parseBracketType(p: Parser): number {
  if (!enterLevel(p)) return wrongNode(p);
  const node = newAstNode(NodeKind.slice, tokenPos(p));
  const kept = enterBracket(p, Lines.blank);
  advance(p);
  if (p.kind !== Tok.rbracket) {
    node.kind = NodeKind.array_type;
    node.a = parseTypeOrValue(p);
  }
  leaveBracket(p, kept);
  expect(p, Tok.rbracket, "");
  if (node.kind === NodeKind.slice) {
    if (accept(p, Tok.const)) node.flags = Flag.constant;
    node.a = parsePlainType(p);
  } else if (startsType(p, p.at)) {
    node.b = parsePlainType(p);
  } else {
    node.kind = NodeKind.list_type;
  }
  leaveLevel(p);
  return addNode(p, node);
}

/** What stands in the brackets of a type: a length, a key or an element. */
function parseTypeOrValue(p: Parser): number {
  if (p.kind === Tok.lparen || p.kind === Tok.lbracket || p.kind === Tok.bang) return parseType(p);
  return parseExpr(p);
}

/** Whether token `at` begins a type on the same line. */
export function startsType(p: Parser, at: number): boolean {
  if (at > 0 && p.tokens.newlines[at]) return false;
  switch (kindAt(p, at)) {
    case Tok.name: case Tok.star: case Tok.question: case Tok.question2: case Tok.fn: case Tok.lbracket:
    case Tok.lparen: case Tok.struct: case Tok.enum: case Tok.union: case Tok.packed: case Tok.weak:
      return true;
    case Tok.extern: return true;
    default: return false;
  }
}

function parseTupleType(p: Parser): number {
  const node = newAstNode(NodeKind.tuple_type, tokenPos(p));
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  advance(p);
  let comma = false;
  while (!p.failed && p.kind !== Tok.rparen) {
    node.list.push(parseType(p));
    if (!accept(p, Tok.comma)) break;
    comma = true;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rparen, " after the tuple's types");
  if (node.list.length === 1 && !comma) return node.list[0];
  return addNode(p, node);
}

/** fn(A, B) -> R and extern fn(A) -> R. */
export function parseFnType(p: Parser): number {
  if (!enterLevel(p)) return wrongNode(p);
  const node = newAstNode(NodeKind.fn_type, tokenPos(p));
  if (accept(p, Tok.extern)) node.flags = Flag.external;
  expect(p, Tok.fn, "");
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  expect(p, Tok.lparen, "");
  while (!p.failed && p.kind !== Tok.rparen) {
    if (accept(p, Tok.ellipsis)) {
      node.flags = node.flags | Flag.variadic;
      break;
    }
    node.list.push(parseType(p));
    if (!accept(p, Tok.comma)) break;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rparen, " after the parameter types");
  if (accept(p, Tok.arrow)) node.b = parseType(p);
  leaveLevel(p);
  return addNode(p, node);
}

/** Name, a.b.Name, Name(args). */
export function parseNamedType(p: Parser): number {
  let id = parseIdent(p);
  while (!p.failed && p.kind === Tok.dot && peekKind(p, 1) === Tok.name) {
    advance(p);
    const node = newAstNode(NodeKind.select, tokenPos(p));
    node.name = p.tokens.values[p.at];
    node.a = id;
    advance(p);
    id = addNode(p, node);
  }
  if (!p.failed && p.kind === Tok.lparen && !p.tokens.newlines[p.at]) id = parseTypeArgs(p, id);
  return id;
}

/** The type arguments of a generic type, as a call node. */
export function parseTypeArgs(p: Parser, callee: number): number {
  const node = newAstNode(NodeKind.call, p.ast.nodes[callee].pos);
  node.a = callee;
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  advance(p);
  while (!p.failed && p.kind !== Tok.rparen) {
    node.list.push(parseType(p));
    if (!accept(p, Tok.comma)) break;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rparen, " after the type arguments");
  return addNode(p, node);
}

/** Whether "[" begins an array type and not an array value: no comma stands in it, and a type follows it. */
export function isArrayType(p: Parser): boolean {
  if (peekKind(p, 1) === Tok.rbracket) return startsElement(p, p.at + 2);
  let after = afterBracket(p, p.at);
  for (let i = p.at + 1; i < after; i = afterToken(p, i)) if (kindAt(p, i) === Tok.comma) return false;
  while (kindAt(p, after) === Tok.lbracket && !p.tokens.newlines[after]) after = afterBracket(p, after);
  return kindAt(p, after) !== Tok.lparen && startsElement(p, after);
}

/** Whether token `at` begins what stands behind the brackets of a type: a type, or the const of "[]const T". */
function startsElement(p: Parser, at: number): boolean {
  return startsType(p, at) || (kindAt(p, at) === Tok.const && kindAt(p, at - 1) === Tok.rbracket && kindAt(p, at - 2) === Tok.lbracket && !p.tokens.newlines[at]);
}
