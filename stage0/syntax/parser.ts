// The parser's state and its common parts: looking, expecting, newlines, levels, recovery.
// In -> out: the tokens of a file, to its Ast. Recursive descent; each function is named after what it reads.
// An error sets `failed`: from then on nothing is reported or consumed, every loop ends, and the nearest list of
// statements or declarations skips to the next one and goes on. Levels are counted in enterLevel.

import { type Diags, report, reportHint } from "../base/diag.ts";
import { internName, nameText, type Names } from "../base/intern.ts";
import type { SourceFile } from "../base/source.ts";
import { type Ast, addAstNode, type AstNode, MAX_HEIGHT, newAstNode, NodeKind } from "./ast.ts";
import { parseDeclarations } from "./parse_decl.ts";
import { scanFile, type Tokens } from "./scanner.ts";
import { Tok, tokenSpelling, tokenTable } from "./token.ts";

/** What a newline means, by the innermost bracket: it ends statements, is a blank, or is a blank but after "}". */
export const Lines = { end: 0, blank: 1, arms: 2 };

export interface Parser {
  ast: Ast;
  tokens: Tokens;
  names: Names;
  diags: Diags;
  at: number;
  /** The kind of the token at `at`. */
  kind: number;
  lines: number;
  /** In the head of if, while, for, switch: no struct literal. */
  noLiteral: boolean;
  /** Where "|name|" is a capture. */
  captures: boolean;
  depth: number;
  failed: boolean;
}

/** The marks of a place that brackets suspend; kept by enterBracket for leaveBracket. */
export interface ParserContext {
  lines: number;
  noLiteral: boolean;
  captures: boolean;
}

const MAX_LEVELS = 1000;

/** The syntax tree of a file; errors go to diags, and what could not be read is missing or `wrong`. */
export function parseFile(file: SourceFile, names: Names, diags: Diags): Ast {
  const tokens = scanFile(file, names, diags);
  const ast: Ast = { file: file, nodes: [], heights: [], root: -1, texts: tokens.texts, ints: tokens.ints };
  const p: Parser = {
    ast: ast, tokens: tokens, names: names, diags: diags, at: 0, kind: tokens.kinds[0], lines: Lines.end,
    noLiteral: false, captures: false, depth: 0, failed: false,
  };
  const node = newAstNode(NodeKind.file, file.base);
  node.list = parseDeclarations(p);
  ast.root = addAstNode(ast, node);
  return ast;
}

/** Goes to the next token. */
export function advance(p: Parser): void {
  if (p.at < p.tokens.kinds.length - 1) p.at += 1;
  p.kind = p.tokens.kinds[p.at];
}

/** The kind of the token n places on. */
export function peekKind(p: Parser, n: number): number {
  const at = p.at + n;
  return at < p.tokens.kinds.length ? p.tokens.kinds[at] : Tok.eof;
}

export function tokenPos(p: Parser): number {
  return p.tokens.starts[p.at];
}

/** Consumes a token of this kind if it is next. */
export function accept(p: Parser, kind: number): boolean {
  if (p.failed || p.kind !== kind) return false;
  advance(p);
  return true;
}

/** Consumes a token of this kind, or reports what stands there instead. */
export function expect(p: Parser, kind: number, what: string): boolean {
  if (accept(p, kind)) return true;
  syntaxError(p, "expected " + tokenSpelling(kind) + what);
  return false;
}

/** Consumes a name and gives its id; 0 after an error. */
export function expectName(p: Parser, what: string): number {
  if (!p.failed && p.kind === Tok.name) {
    const name = p.tokens.values[p.at];
    advance(p);
    return name;
  }
  const word = tokenTable.spellings[p.kind];
  if (!p.failed && tokenTable.keywords.has(word)) {
    reportHint(p.diags, tokenPos(p), "syntax", "'" + word + "' is a keyword; expected " + what, "write @\"" + word + "\" to use it as a name");
    p.failed = true;
  } else {
    syntaxError(p, "expected " + what);
  }
  return 0;
}

/** Consumes the name of a member after "."; on the same line a keyword is a name there. */
export function expectMember(p: Parser, what: string): number {
  const word = tokenTable.spellings[p.kind];
  if (p.failed || p.tokens.newlines[p.at] || !tokenTable.keywords.has(word)) return expectName(p, what);
  advance(p);
  return internName(p.names, word);
}

/** Reports "... , found ..." at the next token, once until recovery. */
export function syntaxError(p: Parser, text: string): void {
  if (p.failed) return;
  p.failed = true;
  if (p.kind === Tok.eof && p.tokens.unclosed) return;
  report(p.diags, tokenPos(p), "syntax", text + ", found " + foundText(p));
}

function foundText(p: Parser): string {
  if (p.kind === Tok.name) return "'" + nameText(p.names, p.tokens.values[p.at]) + "'";
  if (p.kind === Tok.builtin) return "'@" + nameText(p.names, p.tokens.values[p.at]) + "'";
  return tokenSpelling(p.kind);
}

/** Adds a node; one too high over its leaves is reported and cut off. */
export function addNode(p: Parser, node: AstNode): number {
  const id = addAstNode(p.ast, node);
  if (p.ast.heights[id] > MAX_HEIGHT) {
    if (!p.failed) report(p.diags, node.pos, "too-deep", "this is a chain of more than " + MAX_HEIGHT + " links");
    p.failed = true;
    p.ast.nodes[id] = newAstNode(NodeKind.wrong, node.pos);
    p.ast.heights[id] = 0;
  }
  return id;
}

/** A node for what could not be read. */
export function wrongNode(p: Parser): number {
  return addAstNode(p.ast, newAstNode(NodeKind.wrong, tokenPos(p)));
}

/** Counts a level; false, reported, when there are too many. Each true is followed by leaveLevel. */
export function enterLevel(p: Parser): boolean {
  if (p.depth >= MAX_LEVELS) {
    if (!p.failed) report(p.diags, tokenPos(p), "too-deep", "this is nested deeper than " + MAX_LEVELS + " levels");
    p.failed = true;
    return false;
  }
  p.depth += 1;
  return true;
}

export function leaveLevel(p: Parser): void {
  p.depth -= 1;
}

/** Begins what stands in brackets: the rules of heads end, newlines mean `lines`. */
export function enterBracket(p: Parser, lines: number): ParserContext {
  const kept: ParserContext = { lines: p.lines, noLiteral: p.noLiteral, captures: p.captures };
  p.lines = lines;
  p.noLiteral = false;
  p.captures = false;
  return kept;
}

export function leaveBracket(p: Parser, kept: ParserContext): void {
  p.lines = kept.lines;
  p.noLiteral = kept.noLiteral;
  p.captures = kept.captures;
}

/** Whether the next token goes on with the expression before it. */
export function continues(p: Parser): boolean {
  if (p.failed) return false;
  if (!p.tokens.newlines[p.at] || p.lines === Lines.blank) return true;
  if (p.lines === Lines.arms) return p.tokens.kinds[p.at - 1] !== Tok.rbrace || p.kind === Tok.comma;
  return tokenTable.continues[p.kind];
}

/** Whether a statement may end before the next token. */
export function atStatementEnd(p: Parser): boolean {
  return p.kind === Tok.semicolon || p.kind === Tok.rbrace || p.kind === Tok.eof || p.tokens.newlines[p.at];
}

/** Passes the end of a statement, or reports what stands there. */
export function endStatement(p: Parser): void {
  if (p.failed) return;
  if (p.kind === Tok.semicolon) advance(p);
  else if (!atStatementEnd(p)) syntaxError(p, "expected the end of the statement");
}

/**
 * After an error in the statement or declaration that began at token `start`: goes to the next one of the same
 * list, which ends at token `end`. It is the first after the error that begins a line outside any bracket.
 */
export function skipStatement(p: Parser, start: number, end: number): void {
  const failedAt = p.at;
  let i = start;
  while (i < end) {
    const kind = p.tokens.kinds[i];
    if (i >= failedAt && kind === Tok.semicolon) {
      i += 1;
      break;
    }
    if (i > start && i >= failedAt && p.tokens.newlines[i] && !tokenTable.continues[kind]) break;
    i = afterToken(p, i);
  }
  p.at = i < end ? i : end;
  p.kind = p.tokens.kinds[p.at];
  p.failed = false;
}

/** After an error inside brackets: goes on in the list, or to the end of the file when the brackets are never closed. */
export function recoverInList(p: Parser, start: number, end: number): void {
  if (p.tokens.kinds[end] !== Tok.eof && start < end) {
    skipStatement(p, start, end);
    return;
  }
  p.failed = true;
  p.at = end;
  p.kind = Tok.eof;
}

/** The index of the token after this one, or after all of a bracket that it opens. */
export function afterToken(p: Parser, at: number): number {
  let i = at;
  while (p.tokens.partners[i] > i) i = p.tokens.partners[i];
  return i + 1;
}

/** The index of the token that ends the list in the brackets that token `at` opens: the last one when nothing does. */
export function bracketEnd(p: Parser, at: number): number {
  const partner = p.tokens.partners[at];
  return partner < 0 ? p.tokens.kinds.length - 1 : partner;
}

/** The index of the token after the bracket that token `at` opens: the last one when nothing closes it. */
export function afterBracket(p: Parser, at: number): number {
  const partner = p.tokens.partners[at];
  const last = p.tokens.kinds.length - 1;
  return partner < 0 || partner === last ? last : partner + 1;
}

/** The kind of a token by index. */
export function kindAt(p: Parser, at: number): number {
  return at < p.tokens.kinds.length ? p.tokens.kinds[at] : Tok.eof;
}

/** Whether the next token is a name with this text (words that are keywords in one place only). */
export function isWord(p: Parser, text: string): boolean {
  return p.kind === Tok.name && p.tokens.values[p.at] === internName(p.names, text);
}
