// Operators: arithmetic, comparison, logic, joining, and the unary ones.
// In -> out: syntax, to binary, compare, equal, and, or, concat nodes whose operands are of one type. A left spine
// of operators is walked by a loop from its innermost operand outwards.

import { compareI128, i128From } from "../base/int128.ts";
import { type AstNode, NodeKind } from "../syntax/ast.ts";
import { Oper, operSpelling } from "../syntax/token.ts";
import { addTNode, addUnaryNode, checkError, type CheckState, invalidNode, isInvalid, nodeKind, nodeType, shown, stringIndex, syntaxNode, treeNode, typeKind, wrong } from "./checker.ts";
import { coerce, joinViews, meetTypes, settle, tryCoerce } from "./convert.ts";
import { errorsFit } from "./errorset.ts";
import { checkAs, checkExpr, exactConstant, intConstant, operandWant } from "./expr.ts";
import { baseInfo, binOf, cmpOf, foldOperator, foldCompare, foldInversion, foldNegation } from "./fold.ts";
import { findField } from "./member.ts";
import { addressNode, checkChangeable, derefAll, isPlaceNode, unreadWeak } from "./place.ts";
import { Bin, Cmp, newTNode, TOp } from "./tree.ts";
import { arrayOf, Kind, sliceOf, TypeId } from "./types.ts";
import { denotesType } from "./typexpr.ts";

/** A spine of binary operators. The type wanted of it reaches no operand but the arrays that '++' joins. */
export function checkBinary(f: CheckState, id: number, want: number): number {
  const spine: number[] = [];
  let at = id;
  while (syntaxNode(f, at).kind === NodeKind.binary && syntaxNode(f, at).n !== Oper.orelse) {
    spine.push(at);
    at = syntaxNode(f, at).a;
  }
  if (syntaxNode(f, spine[spine.length - 1]).n === Oper.or && denotesType(f, at)) {
    return wrong(f, syntaxNode(f, at).pos, "not-a-value", "this is a type, not a value");
  }
  const first = syntaxNode(f, spine[spine.length - 1]);
  let left = -1;
  if (syntaxNode(f, at).kind === NodeKind.dot_name && cmpOf(first.n) >= 0) {
    // Only the other side says what .Name is; a name of a variant has no effects, so the order is free.
    const right = settle(f, checkExpr(f, first.b, -1));
    left = combine(f, first, checkExpr(f, at, nodeType(f, right)), right);
  } else {
    left = checkExpr(f, at, joinedArray(f, first, at) ? want : -1);
    left = applyRight(f, first, left, want);
  }
  for (let i = spine.length - 2; i >= 0; i--) left = applyRight(f, syntaxNode(f, spine[i]), left, want);
  return left;
}

/** Whether an operand is an array literal that '++' joins: its elements are those of the result. */
function joinedArray(f: CheckState, n: AstNode, operand: number): boolean {
  return n.n === Oper.join && syntaxNode(f, operand).kind === NodeKind.array;
}

/** The operator with its left side known: checks the right side and joins them. */
function applyRight(f: CheckState, n: AstNode, left: number, want: number): number {
  if (n.n === Oper.and || n.n === Oper.or) return checkLogic(f, n, left);
  if (cmpOf(n.n) >= 0) {
    const tag = compareVariant(f, n, left);
    if (tag >= 0) return tag;
    return combine(f, n, left, checkExpr(f, n.b, otherWant(f, n.b, left)));
  }
  if (joinedArray(f, n, n.b) && want >= 0) return combine(f, n, left, checkExpr(f, n.b, want));
  return combine(f, n, left, checkExpr(f, n.b, n.n === Oper.shl || n.n === Oper.shr ? -1 : otherWant(f, n.b, left)));
}

/** What the left operand says about the type of the right one. */
function otherWant(f: CheckState, id: number, left: number): number {
  const kind = nodeKind(f, left);
  return kind >= Kind.untyped_int && kind <= Kind.undefined ? -1 : operandWant(f, id, nodeType(f, left));
}

function checkLogic(f: CheckState, n: AstNode, left: number): number {
  const a = coerce(f, left, TypeId.bool, treeNode(f, left).pos);
  const b = checkAs(f, n.b, TypeId.bool);
  if (isInvalid(f, a) || isInvalid(f, b)) return invalidNode(f, n.pos);
  const x = treeNode(f, a);
  const isAnd = n.n === Oper.and;
  if (x.op === TOp.const_int) {
    const holds = compareI128(x.value, i128From(0)) !== 0;
    return holds === isAnd ? b : a;
  }
  const node = newTNode(isAnd ? TOp.and : TOp.or, TypeId.bool, n.pos);
  node.a = a;
  node.b = b;
  return addTNode(f, node);
}

/** "s == .Variant" of a union compares tags; -1 when it is not that. */
function compareVariant(f: CheckState, n: AstNode, left: number): number {
  const right = syntaxNode(f, n.b);
  const subject = nodeKind(f, left) === Kind.pointer ? derefAll(f, left, n.pos) : left;
  if (nodeKind(f, subject) !== Kind.union || (n.n !== Oper.eq && n.n !== Oper.ne)) return -1;
  if (right.kind !== NodeKind.dot_name && right.kind !== NodeKind.select) return -1;
  const type = nodeType(f, subject);
  const index = right.kind === NodeKind.dot_name || denotesType(f, right.a) ? findField(f.c, type, right.name) : -1;
  if (index < 0) return -1;
  const info = f.c.types.list[type];
  const node = newTNode(TOp.compare, TypeId.bool, n.pos);
  node.a = addUnaryNode(f, TOp.union_tag, info.elem, n.pos, subject);
  node.b = exactConstant(f, info.fields[index].value, info.elem, n.pos);
  node.n = n.n === Oper.eq ? Cmp.eq : Cmp.ne;
  return addTNode(f, node);
}

function combine(f: CheckState, n: AstNode, left: number, right: number): number {
  if (isInvalid(f, left) || isInvalid(f, right)) return invalidNode(f, n.pos);
  if (nodeType(f, left) === TypeId.noreturn) return left;
  const result = cmpOf(n.n) >= 0 ? compareNodes(f, n.n, left, right, n.pos) : operate(f, n.n, left, right, n.pos);
  if (result >= 0) return result;
  return wrong(f, n.pos, "type-mismatch", "operator '" + operSpelling(n.n) + "' does not take " + shown(f, nodeType(f, left)) + " and " + shown(f, nodeType(f, right)));
}

/** An arithmetic, bit or joining operator; -1 when the types do not suit. */
export function operate(f: CheckState, oper: number, left: number, right: number, pos: number): number {
  if (oper === Oper.join || (oper === Oper.add && isJoinable(f, left))) return joinNodes(f, left, right, pos);
  const bin = binOf(oper);
  if (bin < 0) return -1;
  if (bin === Bin.shl || bin === Bin.shr) return shiftNode(f, bin, left, right, pos);
  const type = meetTypes(f, nodeType(f, left), nodeType(f, right));
  if (type < 0) return -1;
  const info = baseInfo(f, type);
  const isFloat = info.kind === Kind.float || info.kind === Kind.untyped_float;
  if (!isFloat && info.kind !== Kind.int && info.kind !== Kind.untyped_int) return -1;
  if (isFloat && (bin > Bin.div || oper === Oper.add_wrap || oper === Oper.sub_wrap || oper === Oper.mul_wrap)) return -1;
  const a = coerce(f, left, type, treeNode(f, left).pos);
  const b = coerce(f, right, type, treeNode(f, right).pos);
  if (isInvalid(f, a) || isInvalid(f, b)) return invalidNode(f, pos);
  const folded = foldOperator(f, bin, a, b, type, pos);
  if (folded >= 0) return folded;
  const node = newTNode(TOp.binary, type, pos);
  node.a = a;
  node.b = b;
  node.n = bin;
  return addTNode(f, node);
}

function shiftNode(f: CheckState, bin: number, left: number, right: number, pos: number): number {
  const info = baseInfo(f, nodeType(f, left));
  const count = treeNode(f, right);
  if ((info.kind !== Kind.int && info.kind !== Kind.untyped_int) || (baseInfo(f, count.type).kind !== Kind.int && count.type !== TypeId.untyped_int)) return -1;
  const width = info.kind === Kind.int ? info.bits : 128;
  if (count.op === TOp.const_int && (compareI128(count.value, i128From(0)) < 0 || compareI128(count.value, i128From(width)) >= 0)) {
    return wrong(f, pos, "shift-range", "a shift of " + shown(f, nodeType(f, left)) + " by a constant is by 0 to " + (width - 1));
  }
  let value = left;
  if (info.kind === Kind.untyped_int && count.op !== TOp.const_int) value = settle(f, left);
  const type = nodeType(f, value);
  const folded = foldOperator(f, bin, value, right, type, pos);
  if (folded >= 0) return folded;
  const node = newTNode(TOp.binary, type, pos);
  node.a = value;
  node.b = settle(f, right);
  node.n = bin;
  return addTNode(f, node);
}

function isJoinable(f: CheckState, id: number): boolean {
  return nodeKind(f, id) === Kind.string;
}

/** What joining constants may take in one program, and what an element of an array counts for. */
const MAX_JOINED = 268435456;
const ELEMENT_BYTES = 64;

/** Whether so many bytes more may be joined at compile time; reported when not. */
function mayJoin(f: CheckState, bytes: number, pos: number): boolean {
  if (bytes > MAX_JOINED - f.c.joined) {
    checkError(f, pos, "too-large", "the constants joined by '++' take more than " + MAX_JOINED + " bytes together");
    return false;
  }
  f.c.joined += bytes;
  return true;
}

/** a ++ b: strings, slices and arrays of one element type. */
function joinNodes(f: CheckState, left: number, right: number, pos: number): number {
  const x = f.c.types.list[nodeType(f, left)];
  const y = f.c.types.list[nodeType(f, right)];
  const node = newTNode(TOp.concat, TypeId.string, pos);
  node.a = left;
  node.b = right;
  if (x.kind === Kind.string || y.kind === Kind.string) {
    const a = tryCoerce(f, left, TypeId.string, pos);
    const b = tryCoerce(f, right, TypeId.string, pos);
    if (a < 0 || b < 0) return -1;
    node.a = a;
    node.b = b;
    const s = treeNode(f, a);
    const t = treeNode(f, b);
    if (s.op !== TOp.const_string || t.op !== TOp.const_string) return addTNode(f, node);
    if (!mayJoin(f, f.c.strings[s.n].length + f.c.strings[t.n].length, pos)) return invalidNode(f, pos);
    const joined = newTNode(TOp.const_string, TypeId.string, pos);
    joined.n = stringIndex(f.c, f.c.strings[s.n] + f.c.strings[t.n]);
    return addTNode(f, joined);
  }
  const joinable = (x.kind === Kind.slice || x.kind === Kind.array) && (y.kind === Kind.slice || y.kind === Kind.array);
  if (!joinable || x.elem !== y.elem) return -1;
  const s = treeNode(f, left);
  const t = treeNode(f, right);
  if (f.constant && s.op === TOp.make_array && t.op === TOp.make_array) {
    if (!mayJoin(f, (s.list.length + t.list.length) * ELEMENT_BYTES, pos)) return invalidNode(f, pos);
    const joined = newTNode(TOp.make_array, arrayOf(f.c.types, x.elem, s.list.length + t.list.length), pos);
    joined.list = [];
    for (const item of s.list) joined.list.push(item);
    for (const item of t.list) joined.list.push(item);
    return addTNode(f, joined);
  }
  return joinViews(f, left, right, sliceOf(f.c.types, x.elem), pos);
}

/** A comparison; -1 when the types do not suit. */
export function compareNodes(f: CheckState, oper: number, left: number, right: number, pos: number): number {
  const cmp = cmpOf(oper);
  const isEquality = cmp === Cmp.eq || cmp === Cmp.ne;
  let type = meetTypes(f, nodeType(f, left), nodeType(f, right));
  if (type < 0) return -1;
  if (type === TypeId.untyped_int || type === TypeId.untyped_float) {
    if (treeNode(f, left).op > TOp.const_float || treeNode(f, right).op > TOp.const_float) type = type === TypeId.untyped_int ? TypeId.i64 : TypeId.f64;
  }
  const kind = typeKind(f, type);
  if (kind === Kind.null || kind === Kind.undefined) return -1;
  const base = baseInfo(f, type).kind;
  const ordered = base === Kind.int || base === Kind.float || base === Kind.untyped_int || base === Kind.untyped_float;
  if (!isEquality && !ordered && base !== Kind.enum) return -1;
  const a = coerce(f, left, type, treeNode(f, left).pos);
  const b = coerce(f, right, type, treeNode(f, right).pos);
  if (isInvalid(f, a) || isInvalid(f, b)) return invalidNode(f, pos);
  if (ordered || base === Kind.bool || base === Kind.enum || kind === Kind.string) {
    const folded = foldCompare(f, cmp, a, b, pos);
    if (folded >= 0) return folded;
  }
  // Whether an optional is null is known by its flag, whatever it holds.
  const isNull = kind === Kind.optional && (nodeKind(f, left) === Kind.null || nodeKind(f, right) === Kind.null);
  if (!isNull && !hasEquality(f, type)) return -1;
  const scalar = ordered || base === Kind.bool || base === Kind.enum || kind === Kind.error_set || kind === Kind.pointer || kind === Kind.fn || kind === Kind.extern_fn;
  const node = newTNode(scalar ? TOp.compare : TOp.equal, TypeId.bool, pos);
  node.a = a;
  node.b = b;
  node.n = scalar ? cmp : cmp === Cmp.ne ? 1 : 0;
  return addTNode(f, node);
}

/** Whether == is defined for a type. */
export function hasEquality(f: CheckState, type: number): boolean {
  const info = f.c.types.list[type];
  switch (info.kind) {
    case Kind.bool: case Kind.int: case Kind.float: case Kind.untyped_int: case Kind.untyped_float: case Kind.string: case Kind.pointer:
    case Kind.enum: case Kind.error_set: case Kind.fn: case Kind.extern_fn: case Kind.weak: case Kind.null:
      return true;
    case Kind.slice: return f.c.types.list[info.elem].kind === Kind.int;
    case Kind.optional: case Kind.distinct: return hasEquality(f, info.elem);
    case Kind.tuple:
      for (const part of info.fields) if (!hasEquality(f, part.type)) return false;
      return true;
    case Kind.union:
      for (const v of info.fields) if (v.type !== TypeId.void) return false;
      return true;
    default: return false;
  }
}

/** A unary operator. */
export function checkUnary(f: CheckState, n: AstNode, want: number): number {
  switch (n.n) {
    case Oper.neg: return checkNegation(f, n);
    case Oper.bit_not: return checkInversion(f, n);
    case Oper.not: return checkNot(f, n);
    case Oper.address: return checkAddress(f, n, want);
    default: return checkTry(f, n, want);
  }
}

function checkNegation(f: CheckState, n: AstNode): number {
  const a = checkExpr(f, n.a, -1);
  if (isInvalid(f, a)) return a;
  const kind = baseInfo(f, nodeType(f, a)).kind;
  if (kind !== Kind.int && kind !== Kind.float && kind !== Kind.untyped_int && kind !== Kind.untyped_float) {
    return wrong(f, n.pos, "type-mismatch", "operator '-' does not take " + shown(f, nodeType(f, a)));
  }
  const folded = foldNegation(f, a, n.pos);
  return folded >= 0 ? folded : addUnaryNode(f, TOp.neg, nodeType(f, a), n.pos, a);
}

function checkInversion(f: CheckState, n: AstNode): number {
  const a = checkExpr(f, n.a, -1);
  if (isInvalid(f, a)) return a;
  const kind = baseInfo(f, nodeType(f, a)).kind;
  if (kind !== Kind.int && kind !== Kind.untyped_int) return wrong(f, n.pos, "type-mismatch", "operator '~' does not take " + shown(f, nodeType(f, a)));
  const folded = foldInversion(f, a, n.pos);
  return folded >= 0 ? folded : addUnaryNode(f, TOp.bit_not, nodeType(f, a), n.pos, a);
}

function checkNot(f: CheckState, n: AstNode): number {
  const a = checkAs(f, n.a, TypeId.bool);
  if (isInvalid(f, a)) return a;
  const x = treeNode(f, a);
  if (x.op === TOp.const_int) return intConstant(f, compareI128(x.value, i128From(0)) === 0 ? 1 : 0, TypeId.bool, n.pos);
  return addUnaryNode(f, TOp.not, TypeId.bool, n.pos, a);
}

function checkAddress(f: CheckState, n: AstNode, want: number): number {
  const hint = want >= 0 && typeKind(f, want) === Kind.pointer ? f.c.types.list[want].elem : -1;
  const a = unreadWeak(f, checkExpr(f, n.a, hint));
  if (isInvalid(f, a)) return a;
  const x = treeNode(f, a);
  if (x.op === TOp.global && f.c.globals[x.n].unit < 0) return wrong(f, n.pos, "not-a-place", "a constant has no address; copy it to a variable");
  if (!isPlaceNode(f, a)) return wrong(f, n.pos, "not-a-place", "only a variable, or a part of one, has an address");
  if (!checkChangeable(f, a, "has no address", n.pos)) return invalidNode(f, n.pos);
  return addressNode(f, a, n.pos);
}

function checkTry(f: CheckState, n: AstNode, want: number): number {
  const a = checkExpr(f, n.a, operandWant(f, n.a, want));
  if (isInvalid(f, a)) return a;
  const info = f.c.types.list[nodeType(f, a)];
  if (info.kind !== Kind.error_union) return wrong(f, n.pos, "type-mismatch", "'try' needs an error union, not " + shown(f, nodeType(f, a)));
  if (f.inDefer) checkError(f, n.pos, "bad-jump", "'try' cannot stand inside a defer");
  const result = f.result >= 0 ? f.c.types.list[f.result] : null;
  if (result === null || result.kind !== Kind.error_union) {
    if (f.result !== TypeId.invalid) checkError(f, n.pos, "type-mismatch", "'try' returns an error, but the result of this function is " + (f.result >= 0 ? shown(f, f.result) : "none"));
  } else if (!errorsFit(f, info.errors, result.errors, n.pos)) {
    checkError(f, n.pos, "error-not-in-set", "the errors " + shown(f, info.errors) + " are not all in " + shown(f, result.errors));
  }
  return addUnaryNode(f, TOp.try, info.elem, n.pos, a);
}
