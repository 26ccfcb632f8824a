// Declarations: at the top of a file, in the bodies of types, traits and impls, and types inside blocks.
// In -> out: tokens from the keyword on, to a declaration node.

import { printable, report } from "../base/diag.ts";
import { nameText } from "../base/intern.ts";
import { type AstNode, Flag, newAstNode, NodeKind } from "./ast.ts";
import {
  accept, addNode, advance, atStatementEnd, bracketEnd, endStatement, enterBracket, enterLevel, expect, expectName,
  leaveBracket, leaveLevel, Lines, type Parser, peekKind, recoverInList, skipStatement, syntaxError, tokenPos, wrongNode,
} from "./parser.ts";
import { parseExpr } from "./parse_expr.ts";
import { parseBlock } from "./parse_stmt.ts";
import { parseNamedType, parseType } from "./parse_type.ts";
import { Tok } from "./token.ts";

/** All declarations of a file. */
export function parseDeclarations(p: Parser): number[] {
  const list: number[] = [];
  const end = p.tokens.kinds.length - 1;
  while (p.kind !== Tok.eof) {
    if (p.kind === Tok.semicolon) {
      advance(p);
      continue;
    }
    const start = p.at;
    const node = parseDeclaration(p);
    if (!p.failed) endStatement(p);
    if (p.failed) {
      skipStatement(p, start, end);
      while (p.kind !== Tok.eof && !startsDeclaration(p)) skipStatement(p, p.at, end);
    }
    list.push(node);
  }
  return list;
}

function startsDeclaration(p: Parser): boolean {
  switch (p.kind) {
    case Tok.import: case Tok.const: case Tok.var: case Tok.let: case Tok.weak: case Tok.fn: case Tok.extern: case Tok.export:
    case Tok.struct: case Tok.packed: case Tok.enum: case Tok.union: case Tok.type: case Tok.trait: case Tok.impl: case Tok.test: case Tok.bench: case Tok.comptime:
      return true;
    default:
      return startsPrivate(p);
  }
}

/** One declaration at the top of a file. */
export function parseDeclaration(p: Parser): number {
  if (!startsPrivate(p)) return parseShared(p);
  advance(p);
  return hide(p, parseShared(p));
}

/** Whether "private" stands here before what it hides: it is a name anywhere else. */
function startsPrivate(p: Parser): boolean {
  if (p.kind !== Tok.name || p.tokens.newlines[p.at + 1] || nameText(p.names, p.tokens.values[p.at]) !== "private") return false;
  switch (peekKind(p, 1)) {
    case Tok.name: case Tok.fn: case Tok.static: case Tok.extern: case Tok.const: case Tok.var: case Tok.let: case Tok.weak: case Tok.struct:
    case Tok.packed: case Tok.enum: case Tok.union: case Tok.type: case Tok.trait:
      return true;
    default: return false;
  }
}

/** Marks a declaration or member as one that only its own file sees. */
function hide(p: Parser, id: number): number {
  const node = p.ast.nodes[id];
  node.flags = node.flags | Flag.private;
  return id;
}

function parseShared(p: Parser): number {
  switch (p.kind) {
    case Tok.import: return parseImport(p);
    case Tok.test: case Tok.bench: return parseTest(p);
    case Tok.impl: return parseImpl(p);
    case Tok.fn: case Tok.export: return parseFn(p);
    case Tok.const: case Tok.var: case Tok.let: case Tok.weak: return parseVar(p);
    case Tok.extern:
      if (peekKind(p, 1) === Tok.struct) return parseTypeDecl(p);
      return parseFn(p);
    case Tok.comptime: return parseBlock(p);
    default:
      if (startsTypeDecl(p)) return parseTypeDecl(p);
      syntaxError(p, "expected a declaration");
      return wrongNode(p);
  }
}

function parseImport(p: Parser): number {
  const node = newAstNode(NodeKind.import, tokenPos(p));
  advance(p);
  node.pos = tokenPos(p);
  if (p.kind === Tok.string) node.n = p.tokens.values[p.at];
  expect(p, Tok.string, " with the path of a file");
  return addNode(p, node);
}

function parseTest(p: Parser): number {
  const node = newAstNode(NodeKind.test, tokenPos(p));
  if (p.kind === Tok.bench) node.flags = Flag.bench;
  advance(p);
  if (p.kind === Tok.string) {
    node.n = p.tokens.values[p.at];
    // It is shown in lines of its own and is a part of a symbol.
    const name = p.tokens.texts[node.n];
    if (printable(name) !== name) report(p.diags, tokenPos(p), "bad-test-name", "the name of a test is UTF-8 without control characters");
  }
  expect(p, Tok.string, " with the name of the test");
  node.a = parseBlock(p);
  return addNode(p, node);
}

/** const, var, let, weak var: at the top, in a type's body or in a block; without the end of the statement. */
export function parseVar(p: Parser): number {
  const node = newAstNode(NodeKind.var_decl, tokenPos(p));
  if (accept(p, Tok.weak)) node.flags = Flag.weak;
  else if (p.kind === Tok.const) node.flags = Flag.constant;
  if (node.flags !== Flag.constant && p.kind !== Tok.var && p.kind !== Tok.let) syntaxError(p, "expected 'var' after 'weak'");
  if (!p.failed) advance(p);
  node.pos = tokenPos(p);
  node.name = expectName(p, "a name");
  if (p.kind === Tok.comma) {
    node.list = [];
    while (accept(p, Tok.comma)) node.list.push(parseIdent(p));
  }
  if (accept(p, Tok.colon)) node.a = parseType(p);
  if (accept(p, Tok.assign)) node.b = parseExpr(p);
  return addNode(p, node);
}

/** A name as a node of its own. */
export function parseIdent(p: Parser): number {
  const node = newAstNode(NodeKind.ident, tokenPos(p));
  node.name = expectName(p, "a name");
  return addNode(p, node);
}

/** A function with or without body: fn, extern fn, export fn, static fn. */
export function parseFn(p: Parser): number {
  const node = newAstNode(NodeKind.fn_decl, tokenPos(p));
  if (accept(p, Tok.extern)) {
    node.flags = Flag.external;
    if (p.kind === Tok.string) {
      node.n = p.tokens.values[p.at];
      advance(p);
    }
  } else if (accept(p, Tok.export)) {
    node.flags = Flag.exported;
  } else if (accept(p, Tok.static)) {
    node.flags = Flag.static;
  }
  expect(p, Tok.fn, "");
  node.pos = tokenPos(p);
  node.name = expectName(p, "the name of the function");
  if (p.kind === Tok.lparen && peekKind(p, 1) === Tok.name && peekKind(p, 2) !== Tok.colon) node.a = parseTypeParams(p);
  parseParams(p, node);
  // A newline or a body ends the head: then there is no result type.
  if (!p.failed && p.kind !== Tok.lbrace && p.kind !== Tok.where && p.kind !== Tok.comma && !atStatementEnd(p)) node.b = parseType(p);
  if (p.kind === Tok.where) node.d = parseWhere(p);
  if (p.kind === Tok.lbrace) node.c = parseBlock(p);
  return addNode(p, node);
}

/** "(T, U)" after the name of a generic function or type. */
function parseTypeParams(p: Parser): number {
  const node = newAstNode(NodeKind.type_params, tokenPos(p));
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  advance(p);
  while (!p.failed && p.kind !== Tok.rparen) {
    node.list.push(parseIdent(p));
    if (!accept(p, Tok.comma)) break;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rparen, " after the type parameters");
  return addNode(p, node);
}

/** "(a: T, b: U, ...)" of a function or closure, into node.list. */
export function parseParams(p: Parser, node: AstNode): void {
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  expect(p, Tok.lparen, " before the parameters");
  while (!p.failed && p.kind !== Tok.rparen) {
    if (accept(p, Tok.ellipsis)) {
      node.flags = node.flags | Flag.variadic;
      break;
    }
    const param = newAstNode(NodeKind.param, tokenPos(p));
    param.name = expectName(p, "the name of a parameter");
    expect(p, Tok.colon, " and the type of the parameter");
    if (!p.failed) param.a = parseType(p);
    node.list.push(addNode(p, param));
    if (!accept(p, Tok.comma)) break;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rparen, " after the parameters");
}

function parseWhere(p: Parser): number {
  const node = newAstNode(NodeKind.where, tokenPos(p));
  node.list = [];
  advance(p);
  while (!p.failed) {
    const bound = newAstNode(NodeKind.bound, tokenPos(p));
    bound.name = expectName(p, "a type parameter");
    expect(p, Tok.colon, " and a trait");
    bound.list = [];
    if (!p.failed) bound.list.push(parseNamedType(p));
    while (accept(p, Tok.plus)) bound.list.push(parseNamedType(p));
    node.list.push(addNode(p, bound));
    if (!accept(p, Tok.comma)) break;
  }
  return addNode(p, node);
}

function parseImpl(p: Parser): number {
  const node = newAstNode(NodeKind.impl_decl, tokenPos(p));
  advance(p);
  node.a = parseType(p);
  if (accept(p, Tok.for)) {
    node.b = node.a;
    node.a = parseType(p);
  }
  if (p.kind === Tok.where) node.d = parseWhere(p);
  parseMembers(p, node, NodeKind.wrong);
  return addNode(p, node);
}

/** Whether a type declaration begins here: also used inside blocks. */
export function startsTypeDecl(p: Parser): boolean {
  if (p.kind === Tok.type || p.kind === Tok.trait) return true;
  if (p.kind === Tok.extern || p.kind === Tok.packed) return peekKind(p, 1) === Tok.struct && peekKind(p, 2) === Tok.name;
  return (p.kind === Tok.struct || p.kind === Tok.enum || p.kind === Tok.union) && peekKind(p, 1) === Tok.name;
}

/** A named struct, enum, union, trait or alias, or one without a name as an expression. */
export function parseTypeDecl(p: Parser): number {
  if (!enterLevel(p)) return wrongNode(p);
  let id = -1;
  if (p.kind === Tok.type) id = parseAlias(p);
  else if (p.kind === Tok.trait) id = parseTrait(p);
  else if (p.kind === Tok.enum) id = parseEnum(p);
  else id = parseStructOrUnion(p);
  leaveLevel(p);
  return id;
}

function parseAlias(p: Parser): number {
  const node = newAstNode(NodeKind.alias, tokenPos(p));
  advance(p);
  node.pos = tokenPos(p);
  node.name = expectName(p, "the name of the type");
  expect(p, Tok.assign, "");
  if (accept(p, Tok.distinct)) node.flags = Flag.distinct;
  node.a = parseType(p);
  return addNode(p, node);
}

function parseTrait(p: Parser): number {
  const node = newAstNode(NodeKind.trait_decl, tokenPos(p));
  advance(p);
  node.pos = tokenPos(p);
  node.name = expectName(p, "the name of the trait");
  parseMembers(p, node, NodeKind.wrong);
  return addNode(p, node);
}

function parseEnum(p: Parser): number {
  const node = newAstNode(NodeKind.enum_decl, tokenPos(p));
  advance(p);
  node.pos = tokenPos(p);
  if (p.kind === Tok.name) node.name = expectName(p, "");
  if (accept(p, Tok.lparen)) {
    node.a = parseType(p);
    expect(p, Tok.rparen, " after the type of the tag");
  }
  parseMembers(p, node, NodeKind.enum_item);
  return addNode(p, node);
}

function parseStructOrUnion(p: Parser): number {
  const node = newAstNode(NodeKind.struct_decl, tokenPos(p));
  if (accept(p, Tok.extern)) node.flags = Flag.external;
  else if (accept(p, Tok.packed)) node.flags = Flag.packed;
  if (p.kind === Tok.union) node.kind = NodeKind.union_decl;
  else if (p.kind !== Tok.struct) syntaxError(p, "expected 'struct'");
  if (!p.failed) advance(p);
  node.pos = tokenPos(p);
  if (p.kind === Tok.name) node.name = expectName(p, "");
  if (p.kind === Tok.lparen) node.a = parseTypeParams(p);
  parseMembers(p, node, node.kind === NodeKind.struct_decl ? NodeKind.field : NodeKind.union_item);
  return addNode(p, node);
}

/** The body of a type, trait or impl, into node.list; items are of kind `item`, or not allowed (wrong). */
function parseMembers(p: Parser, node: AstNode, item: number): void {
  const members: number[] = [];
  node.list = members;
  const end = bracketEnd(p, p.at);
  const kept = enterBracket(p, Lines.end);
  if (expect(p, Tok.lbrace, "")) {
    while (p.kind !== Tok.rbrace && p.kind !== Tok.eof) {
      const start = p.at;
      parseMember(p, members, item);
      if (p.failed) recoverInList(p, start, end);
    }
  }
  leaveBracket(p, kept);
  expect(p, Tok.rbrace, " at the end of the body");
}

function parseMember(p: Parser, members: number[], item: number): void {
  const isPrivate = item !== NodeKind.enum_item && item !== NodeKind.union_item && startsPrivate(p);
  if (isPrivate) advance(p);
  const count = members.length;
  parseSharedMember(p, members, item);
  if (isPrivate && members.length > count) hide(p, members[count]);
}

function parseSharedMember(p: Parser, members: number[], item: number): void {
  if (p.kind === Tok.fn || p.kind === Tok.static || p.kind === Tok.export || (p.kind === Tok.extern && peekKind(p, 1) !== Tok.struct)) {
    members.push(parseFn(p));
  } else if (p.kind === Tok.const || p.kind === Tok.var) {
    members.push(parseVar(p));
  } else if (startsTypeDecl(p)) {
    members.push(parseTypeDecl(p));
  } else if (item !== NodeKind.wrong && p.kind === Tok.name) {
    members.push(parseItem(p, item));
    if (!p.failed && p.kind !== Tok.rbrace && p.kind !== Tok.comma) syntaxError(p, "expected ',' or '}'");
    accept(p, Tok.comma);
    return;
  } else {
    syntaxError(p, item === NodeKind.wrong ? "expected a function or a constant" : "expected a name, a function or a constant");
    return;
  }
  if (!accept(p, Tok.comma)) endStatement(p);
}

/** A field, an enum member or a union variant. */
function parseItem(p: Parser, item: number): number {
  const kept = enterBracket(p, Lines.blank);
  const node = newAstNode(item, tokenPos(p));
  node.name = expectName(p, "a name");
  if (item === NodeKind.field) {
    expect(p, Tok.colon, " and the type of the field");
    if (!p.failed) node.a = parseType(p);
    if (accept(p, Tok.assign)) node.b = parseExpr(p);
  } else if (item === NodeKind.enum_item) {
    if (accept(p, Tok.assign)) node.a = parseExpr(p);
  } else if (accept(p, Tok.colon)) {
    node.a = parseType(p);
  }
  leaveBracket(p, kept);
  return addNode(p, node);
}

/** A set of errors as an expression, after the keyword `error`. */
export function parseErrorSet(p: Parser): number {
  const node = newAstNode(NodeKind.error_decl, tokenPos(p));
  node.list = [];
  const kept = enterBracket(p, Lines.blank);
  expect(p, Tok.lbrace, "");
  while (!p.failed && p.kind !== Tok.rbrace) {
    node.list.push(parseIdent(p));
    if (!accept(p, Tok.comma)) break;
  }
  leaveBracket(p, kept);
  expect(p, Tok.rbrace, " at the end of the error set");
  return addNode(p, node);
}
