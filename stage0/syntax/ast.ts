// The syntax tree of one file: nodes under dense ids, children by id (-1: none).
// In -> out: what the parser builds, the checker and the printer read. The table at NodeKind says what the
// fields of the uniform record mean for each kind. No node is deeper than MAX_HEIGHT over its leaves, but for
// the left spine of binary operators and the right spine of else-if, which are walked by loops.

import type { I128 } from "../base/int128.ts";
import type { SourceFile } from "../base/source.ts";

/**
 * The kinds. `flags` is a set of Flag bits; params, members and so on are node ids in `list`.
 *
 *   file          list: declarations
 *   import        n: text
 *   var_decl      name; a: type; b: value; list: further names (ident nodes) of a tuple; flags: constant, weak
 *   fn_decl       name; list: params; a: type_params; b: result type; c: body block; d: where (list node);
 *                 n: text of the import module or -1; flags: external, exported, static, variadic
 *   param         name; a: type
 *   type_params   list: ident nodes
 *   where         list: bound nodes (name; list: trait types)
 *   struct_decl   name (0: none); a: type_params; list: field, fn_decl, var_decl, type declarations; flags: external, packed
 *   field         name; a: type; b: default. Any declaration or member: flags: private
 *   enum_decl     name; a: tag type; list: enum_item (name; a: value), fn_decl, ...
 *   union_decl    name; a: type_params; list: union_item (name; a: payload type), fn_decl, ...
 *   error_decl    list: ident nodes (an expression)
 *   alias         name; a: type; flags: distinct
 *   trait_decl    name; list: fn_decl without body, var_decl without value
 *   impl_decl     a: target type; b: trait; d: where; list: fn_decl, var_decl
 *   test          n: text; a: block; flags: bench
 *   block         list: statements; name: label or 0; flags: comptime
 *   expr_stmt     a
 *   assign        a: place; b: value; n: Oper (Oper.assign for plain =)
 *   while         a: condition; b: body; c: step; d: capture; name: label
 *   for           list: one or two ident nodes; a: subject or range; b: body; name: label; flags: inline
 *   defer         a: statement; flags: on_error
 *   capture       name; flags: pointer
 *   if            a: condition; b: block; c: block or if; d: capture; list: [capture of else] or empty
 *   switch        a: subject; list: arms
 *   arm           list: patterns (empty: else); a: capture; b: guard; c: body (statement)
 *   range         a; b
 *   return a, break name a, continue name
 *   integer       n: index in ints; flags: character
 *   float         n: text            string   n: text
 *   interpolate   list: string nodes and expressions in turn, a string first and last
 *   true false null undefined
 *   array         list               tuple    list
 *   literal       a: type (-1: .{}); list: field_init (name; a: value)
 *   dot_name      name: .Variant     error_name   name: error.Name
 *   ident         name               builtin  name; list: arguments
 *   unary         n: Oper; a         binary   n: Oper; a; b (also orelse)
 *   select        a; name: a.b       part     a; n: number (a.0)
 *   optional_select  a; name: a?.b
 *   deref a, unwrap a
 *   call          a; list            index    a; b          slice_of   a; b; c
 *   as            a; b: type         catch    a; b; c: capture
 *   new           a: type; b: literal or -1; list: arguments; flags: with_args
 *   closure       list: params; b: result; c: block
 *   pointer a, optional a, slice a (flags: constant): types          array_type  a: length or key; b: element
 *   list_type a   tuple_type list    error_union  a: set or -1; b: payload
 *   fn_type       list: types; b: result; flags: external, variadic              weak_type   a: the pointer type
 *   wrong         what could not be read; it is reported already
 */
export const NodeKind = {
  file: 0, import: 1, var_decl: 2, fn_decl: 3, param: 4, type_params: 5, where: 6, bound: 7, struct_decl: 8, field: 9,
  enum_decl: 10, enum_item: 11, union_decl: 12, union_item: 13, error_decl: 14, alias: 15, trait_decl: 16,
  impl_decl: 17, test: 18, block: 19, expr_stmt: 20, assign: 21, while: 22, for: 23, defer: 24, capture: 25, if: 26,
  switch: 27, arm: 28, range: 29, return: 30, break: 31, continue: 32, integer: 33, float: 34, string: 35,
  interpolate: 36, true: 37, false: 38, null: 39, undefined: 40, array: 41, tuple: 42, literal: 43, field_init: 44,
  dot_name: 45, error_name: 46, ident: 47, builtin: 48, unary: 49, binary: 50, select: 51, part: 52,
  optional_select: 53, deref: 54, unwrap: 55, call: 56, index: 57, slice_of: 58, as: 59, catch: 60, new: 61,
  closure: 62, pointer: 63, optional: 64, slice: 65, array_type: 66, list_type: 67, tuple_type: 68, error_union: 69,
  fn_type: 70, weak_type: 71, wrong: 72,
};

export const Flag = {
  constant: 1, weak: 2, external: 4, exported: 8, static: 16, variadic: 32, packed: 64, distinct: 128, bench: 256,
  comptime: 512, inline: 1024, on_error: 2048, pointer: 4096, character: 8192, with_args: 16384, private: 32768,
};

export interface AstNode {
  kind: number;
  pos: number;
  name: number;
  a: number;
  b: number;
  c: number;
  d: number;
  n: number;
  flags: number;
  list: number[];
}

export interface Ast {
  file: SourceFile;
  nodes: AstNode[];
  /** By node: how many levels stand under it. */
  heights: number[];
  root: number;
  texts: string[];
  ints: I128[];
}

export const MAX_HEIGHT = 4000;

/** A node with nothing set but kind and place; heights are settled by finishNode. */
export function newAstNode(kind: number, pos: number): AstNode {
  return { kind: kind, pos: pos, name: 0, a: -1, b: -1, c: -1, d: -1, n: -1, flags: 0, list: noNodes };
}

/** The list of nodes without children; never appended to. */
const noNodes: number[] = [];

/** Adds a finished node; its children are there already. */
export function addAstNode(ast: Ast, node: AstNode): number {
  let height = 0;
  if (node.a >= 0) height = higher(height, ast.heights[node.a] + 1);
  if (node.b >= 0) height = higher(height, ast.heights[node.b] + 1);
  if (node.c >= 0) height = higher(height, ast.heights[node.c] + 1);
  if (node.d >= 0) height = higher(height, ast.heights[node.d] + 1);
  for (const child of node.list) if (child >= 0) height = higher(height, ast.heights[child] + 1);
  ast.nodes.push(node);
  ast.heights.push(height);
  return ast.nodes.length - 1;
}

/** Adds a node of a spine that is walked by a loop: the child on the spine does not count as a level. */
export function addSpineNode(ast: Ast, node: AstNode, spine: number): number {
  const height = ast.heights[spine];
  ast.heights[spine] = height - 1;
  const id = addAstNode(ast, node);
  ast.heights[spine] = height;
  return id;
}

function higher(a: number, b: number): number {
  return a > b ? a : b;
}

/** Whether a flag is set. */
export function hasFlag(node: AstNode, flag: number): boolean {
  return (node.flags & flag) !== 0;
}
