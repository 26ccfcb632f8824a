// A model of types and values of expressions, for random programs: which type an expression has where a type is wanted or
// none is, what is converted, and what comes out. Integers are BigInt, floats numbers rounded to their width, an absent
// optional is null. A type is its name; "ui" and "uf" are the types of untyped constants. What is wrong throws Ill.

export type Type = string;
export type Value = bigint | number | boolean | null;

/** An expression that does not compile: the generator tries another. */
export class Ill extends Error {}

/** A checked expression. */
export interface Node {
  type: Type;
  /** What has the same type as long as that is untyped. */
  same: Node[];
  /** The value of an untyped constant. */
  constant: bigint | number | null;
  /** Whether the compiler knows the value. */
  known: boolean;
  run(): Value;
}

export const intTypes = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64"];

export const isInt = (t: Type): boolean => /^[ui]\d+$/.test(t);
export const isFloat = (t: Type): boolean => t === "f32" || t === "f64";
export const isUntyped = (t: Type): boolean => t === "ui" || t === "uf";
export const isOptional = (t: Type): boolean => t.startsWith("?");
const width = (t: Type): number => Number(t.slice(1));
const signed = (t: Type): boolean => t.startsWith("i");

/** A value brought into the range or precision of a type. */
export function wrap(v: bigint | number, t: Type): bigint | number {
  if (t === "f32") return Math.fround(Number(v));
  if (t === "f64" || t === "uf") return Number(v);
  if (t === "ui") return v;
  return signed(t) ? BigInt.asIntN(width(t), BigInt(v)) : BigInt.asUintN(width(t), BigInt(v));
}

function holds(to: Type, from: Type): boolean {
  if (signed(to) === signed(from)) return width(from) <= width(to);
  return signed(to) && width(from) < width(to);
}

/** Where two types meet. */
export function meet(a: Type, b: Type): Type {
  if (a === b) return a;
  if (a === "ui" && (isInt(b) || isFloat(b) || b === "uf")) return b;
  if (a === "uf" && isFloat(b)) return b;
  if (isUntyped(b) && !isUntyped(a) && !isOptional(a) && a !== "null") return meet(b, a);
  if (b === "ui" && a === "uf") return a;
  if (isInt(a) && isInt(b)) {
    if (holds(a, b)) return a;
    if (holds(b, a)) return b;
  }
  if (a === "null" && !isUntyped(b) && b !== "bool") return isOptional(b) ? b : `?${b}`;
  if (b === "null" && a !== "null") return meet(b, a);
  if (isOptional(a) && !isOptional(b) && b !== "bool" && meet(a.slice(1), b) === a.slice(1)) return a;
  if (isOptional(b) && !isOptional(a) && a !== "bool" && meet(a, b.slice(1)) === b.slice(1)) return b;
  throw new Ill();
}

export function leaf(type: Type, run: () => Value): Node {
  return { type, same: [], constant: null, known: false, run };
}

/** A node whose value depends on its own type, which an untyped one gets later. */
export function inner(type: Type, same: Node[], run: (self: Node) => Value): Node {
  const node: Node = { type, same: isUntyped(type) ? same : [], constant: null, known: false, run: () => run(node) };
  return node;
}

export function constantNode(value: bigint | number): Node {
  const node: Node = { type: typeof value === "bigint" ? "ui" : "uf", same: [], constant: value, known: true, run: () => wrap(value, node.type) };
  return node;
}

function fits(n: Node, t: Type): boolean {
  if (n.constant === null) return n.same.every((s) => fits(s, t));
  return isInt(t) ? typeof n.constant === "bigint" && wrap(n.constant, t) === n.constant : true;
}

function retype(n: Node, t: Type): void {
  n.type = t;
  for (const s of n.same) retype(s, t);
}

/** The node as one of a type. */
export function coerce(n: Node, t: Type): Node {
  if (n.type === t) return n;
  if (isUntyped(n.type) && (isInt(t) || isFloat(t) || t === "uf")) {
    if (n.type === "uf" && isInt(t)) throw new Ill();
    if (!fits(n, t)) throw new Ill();
    retype(n, t);
    return n;
  }
  if (n.type === "null" && isOptional(t)) return leaf(t, () => null);
  if (isOptional(t) && !isOptional(n.type)) {
    const value = coerce(n, t.slice(1));
    return leaf(t, () => value.run());
  }
  if (isInt(t) && isInt(n.type) && holds(t, n.type)) return { ...leaf(t, () => n.run()), known: n.known };
  throw new Ill();
}

/** The node with a type of its own. */
export function settle(n: Node): Node {
  if (n.type === "ui") return coerce(n, "i64");
  if (n.type === "uf") return coerce(n, "f64");
  if (n.type === "null") throw new Ill();
  return n;
}

/** Branches that meet at one type, or at the wanted one. */
export function join(branches: Node[], want: Type | null): { type: Type; branches: Node[] } {
  const type = want ?? branches.map((b) => b.type).reduce(meet);
  if (type === "null") throw new Ill();
  return { type, branches: branches.map((b) => coerce(b, type)) };
}

function compute(op: string, a: bigint, b: bigint): bigint {
  switch (op) {
    case "+": return a + b;
    case "-": return a - b;
    case "*": return a * b;
    case "&": return a & b;
    case "|": return a | b;
    case "^": return a ^ b;
    case "/": return a / b;
    case "%": return a % b;
    case "<<": return a << b;
    default: return a >> b;
  }
}

function computeFloat(op: string, a: number, b: number): number {
  if (op === "+") return a + b;
  return op === "-" ? a - b : a * b;
}

const floatOps = ["+", "-", "*"];

/** An arithmetic operator. */
export function binary(op: string, left: Node, right: Node): Node {
  if (op === "<<" || op === ">>") return shift(op, left, right);
  const type = meet(left.type, right.type);
  const a = coerce(left, type);
  const b = coerce(right, type);
  const float = isFloat(type) || type === "uf";
  if (!float && !isInt(type) && type !== "ui") throw new Ill();
  if (float && !floatOps.includes(op)) throw new Ill();
  if (isUntyped(type) && a.constant !== null && b.constant !== null) {
    if (float) return constantNode(computeFloat(op, Number(a.constant), Number(b.constant)));
    return constantNode(compute(op, BigInt(a.constant), BigInt(b.constant)));
  }
  return knownAs(a.known && b.known, inner(type, [a, b], (self) => {
    if (isFloat(self.type)) return wrap(computeFloat(op, Number(a.run()), Number(b.run())), self.type);
    return wrap(compute(op, a.run() as bigint, b.run() as bigint), self.type);
  }));
}

function knownAs(known: boolean, n: Node): Node {
  n.known = known;
  return n;
}

/** Counts are taken modulo the width, without sign. */
function shift(op: string, left: Node, right: Node): Node {
  if ((!isInt(left.type) && left.type !== "ui") || (!isInt(right.type) && right.type !== "ui")) throw new Ill();
  if (left.constant !== null && right.constant !== null) return constantNode(compute(op, BigInt(left.constant), BigInt(right.constant)));
  const value = left.type === "ui" && right.constant === null ? settle(left) : left;
  const count = settle(right);
  return knownAs(left.known && right.known, inner(value.type, [value], (self) => {
    const by = BigInt.asUintN(64, count.run() as bigint) % BigInt(width(self.type));
    return wrap(compute(op, value.run() as bigint, by), self.type);
  }));
}

/** - or ~ of a node. */
export function unary(op: string, a: Node): Node {
  const float = isFloat(a.type) || a.type === "uf";
  if (!float && !isInt(a.type) && a.type !== "ui") throw new Ill();
  if (float && op === "~") throw new Ill();
  if (a.constant !== null && isUntyped(a.type)) {
    if (typeof a.constant === "number") return constantNode(-a.constant);
    return constantNode(op === "-" ? -a.constant : ~a.constant);
  }
  return knownAs(a.known, inner(a.type, [a], (self) => {
    const v = a.run() as bigint | number;
    return wrap(typeof v === "number" ? -v : op === "-" ? -v : ~v, self.type);
  }));
}

/** a < b and the like: a bool. */
export function compare(op: string, left: Node, right: Node): Node {
  let type = meet(left.type, right.type);
  // A condition that is known leaves one arm of an if unchecked, which is another matter.
  if (left.known && right.known) throw new Ill();
  if (type === "bool" || isOptional(type)) throw new Ill();
  if (isUntyped(type) && (left.constant === null || right.constant === null)) type = type === "ui" ? "i64" : "f64";
  const a = coerce(left, type);
  const b = coerce(right, type);
  return leaf("bool", () => {
    const x = a.run() as bigint;
    const y = b.run() as bigint;
    if (op === "==") return x === y;
    return op === "<" ? x < y : x >= y;
  });
}
