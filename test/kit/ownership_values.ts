// Random expressions over counted values, each with what the model computes for it.
// In -> out: a generator with the variables in sight, to pairs of Cot text and a function of the model's machine.
// A "simple" expression makes no object but what it gives and what nobody can take from that: where it stands, it is
// not open when a passing value dies.

import { type Cell, type FunValue, type Jump, type ListValue, type Machine, newArray, newObject, emptyList, listClone, listOf, listSlice, type PlaceValue, readVar, type SliceValue, type StructValue, type UnionValue, type Value, type Variable, writeVar } from "./ownership_model.ts";
import type { Stmt } from "./ownership_stmts.ts";
import { emptyWeak, noTies, weakMakers, weakPrelude, weakTypes } from "./ownership_weak.ts";
import { below, oneIn, pick, type Random } from "./random.ts";

export interface Expr { text: string; run: (m: Machine) => Value }

export interface Func { name: string; params: Variable[]; result: string; body: ((m: Machine) => Jump) | null }

export interface Gen {
  r: Random;
  /** Variables in sight, by open scope; the first are the globals. */
  scopes: Variable[][];
  funcs: Func[];
  current: Func;
  /** Whether circles of nodes may be made. */
  circles: boolean;
  /** Labels of the loops around, "" for one without. */
  loops: string[];
  /** Variables that a |*v| capture is looking at. */
  locked: Set<Variable>;
  depth: number;
  names: number;
  marks: number;
  /** Statements that may still be made. */
  budget: number;
  /** Makers of the statements that hold others. */
  nested: readonly ((g: Gen) => Stmt | null)[];
}

/** Types by short name, with how Cot spells them. */
export const typeTexts: Record<string, string> = {
  int: "i64", leaf: "*Leaf", node: "*Node", oleaf: "?*Leaf", onode: "?*Node", pair: "Pair", opair: "?Pair", pay: "Pay", list: "List(?*Leaf)", leaves: "List(*Leaf)", text: "string",
  fun: "fn(i64) -> i64", slice: "[]?*Leaf", place: "*i64", both: "Both", ...weakTypes,
};

/** The types that are drawn from, those without weak references twice. */
export const counted = [...Object.keys(typeTexts).filter((t) => t !== "int" && !(t in weakTypes)), ...Object.keys(typeTexts).filter((t) => t !== "int")];

/** What every program begins with; the model has the same functions. */
export const prelude = `import "std/list"
import "std/mem"

var made: i64 = 0
var alive: i64 = 0
var dead: i64 = 0
var gLeaf: ?*Leaf = null
var gNode: ?*Node = null
var gPair: ?Pair = null
var gPay = Pay.None
var gList = List(?*Leaf) {}
var gText = ""

const E = error { Bad, Worse }
struct Leaf { id: i64, val: i64, label: string,
    fn deinit(self: *Leaf) { bury(self.id) } }
struct Node { id: i64, next: ?*Node, leaf: *Leaf, pay: Pay, kids: List(*Leaf), up: weak *Node, ties: Ties,
    fn deinit(self: *Node) { bury(self.id * 3 + self.leaf.id) }
    fn swapLeaf(self: *Node, leaf: *Leaf) *Leaf {
        const old = self.leaf
        self.leaf = leaf
        return old
    }
    fn cut(self: *Node) ?*Node {
        defer self.next = null
        return self.next
    } }
type Both = (*Leaf, string)
struct Pair { a: *Leaf, b: ?*Leaf }
union Pay { None, One: *Leaf, Two: Pair, Text: string, Fun: fn(i64) -> i64 }

fn bury(n: i64) {
    alive -= 1
    dead += n
}
fn number() i64 {
    alive += 1
    made += 1
    return made
}
fn say(mark: i64, value: i64) { println(mark, " ", alive, " ", dead, " ", value) }
fn sayText(mark: i64, value: string) { println(mark, " ", alive, " ", dead, " ", value) }
fn newLeaf(val: i64) *Leaf { return new Leaf { id: number(), val: val, label: "l" ++ "\${val}" } }
fn newNode(leaf: *Leaf, next: ?*Node) *Node { return new Node { id: number(), next: next, leaf: leaf, pay: Pay.None, kids: List(*Leaf) {} } }
fn loneNode(k: i64) *Node { return newNode(newLeaf(k), null) }
fn choose(a: *Leaf, b: *Leaf, k: i64) *Leaf { return if k > 0 { a } else { b } }
fn same(T)(x: T) T { return x }
fn exchange(T)(a: *T, b: *T) {
    const t = a.*
    a.* = b.*
    b.* = t
}
fn cutText(s: string, n: i64) string { return if s.len > n { s[0:n] } else { s } }
fn tailOf(s: []?*Leaf) []?*Leaf { return if s.len > 0 { s[1:] } else { s } }
fn leafAt(xs: List(?*Leaf), i: i64) ?*Leaf {
    if i < xs.len { return xs.get(i) }
    return null
}
fn grownAt(xs: List(*Leaf), i: i64) ?*Leaf { return if i < xs.len { xs.get(i) } else { null } }
fn leafIn(s: []?*Leaf, i: i64) ?*Leaf {
    if i >= s.len { return null }
    return s[i]
}
fn placeOf(l: *Leaf) *i64 { return &l.val }
fn firstLeaf(p: Pay, k: i64) *Leaf {
    return switch p {
        .One |l| => l,
        .Two |q| => q.a,
        else => newLeaf(k),
    }
}
fn leafValue(l: ?*Leaf) i64 { return if l |x| { x.val } else { 1 } }
fn pairValue(p: Pair) i64 { return p.a.val + leafValue(p.b) }
fn payValue(p: Pay) i64 {
    return switch p {
        .None => 0,
        .One |l| => l.val,
        .Two |q| => pairValue(q),
        .Text |s| => s.len,
        .Fun |f| => f(1),
    }
}
fn nodeValue(n: ?*Node) i64 {
    var at = n
    var sum: i64 = 0
    for i in 0..4 {
        const x = at orelse break
        sum += x.leaf.val + payValue(x.pay) + leavesValue(x.kids)
        at = x.next
    }
    return sum
}
fn listValue(xs: List(?*Leaf)) i64 {
    var sum: i64 = 0
    for x in xs { sum += leafValue(x) }
    return sum
}
fn leavesValue(xs: List(*Leaf)) i64 {
    var sum: i64 = 0
    for x in xs { sum += x.val }
    return sum
}
fn sliceValue(s: []?*Leaf) i64 {
    var sum: i64 = 0
    for x in s { sum += leafValue(x) }
    return sum
}
fn link(n: *Node, next: ?*Node) {
    if next |x| {
        if x.id >= n.id { return }
    }
    n.next = next
}
fn hasPair() bool { return if gPair |p| { true } else { false } }
/// Lets go of all that globals hold.
fn forget() {
    gLeaf = null
    gNode = null
    gPair = null
    gPay = .None
    gList.clear()
    gText = ""
    gWeak = null
    gTies = .{}
}
fn clobber(T)(x: T, mark: i64, value: fn(T) -> i64) i64 {
    forget()
    say(mark, value(x))
    return value(x)
}
fn addsTo(l: *Leaf, k: i64) fn(i64) -> i64 { return fn(x: i64) i64 { return x + l.val + k } }
fn forgetting(T)(x: T) T {
    forget()
    return x
}
fn filled(a: *Leaf, b: ?*Leaf) []?*Leaf {
    const s = new [3]?*Leaf
    s[0] = a
    s[2] = b
    return s
}
fn valOf(l: *Leaf) i64 { return l.val }
fn lenOf(s: string) i64 { return s.len }
fn chainOf(n: *Node) i64 { return nodeValue(n) }
${weakPrelude}`;

/** All variables of a type that can be read here. */
export function inSight(g: Gen, type: string): Variable[] {
  const out: Variable[] = [];
  for (const s of g.scopes) for (const v of s) if (v.type === type) out.push(v);
  return out;
}

/** Local variables of a type that can be assigned as a whole. */
export function assignable(g: Gen, type: string): Variable[] {
  return inSight(g, type).filter((v) => v.mutable && !g.locked.has(v));
}

export function isGlobal(g: Gen, v: Variable): boolean {
  return g.scopes[0].includes(v);
}

export function varExpr(v: Variable): Expr {
  return { text: v.name, run: (m) => readVar(m, v) };
}

export function constant(n: number): Expr {
  return { text: String(n), run: () => n };
}

function num(v: Value): number {
  return v as number;
}

// What the prelude's functions give.

export function leafValue(v: Value): number {
  return v === null ? 1 : num((v as Cell).slots[0]);
}

export function pairValue(v: Value): number {
  const p = v as StructValue;
  return leafValue(p.fields[0]) + leafValue(p.fields[1]);
}

export function callFun(v: Value, x: number): number {
  const f = v as FunValue;
  const c = f.captured as Cell | ListValue;
  return x + ("kind" in c ? leafValue(c) : listValue(c)) + f.add;
}

export function payValue(v: Value): number {
  const u = v as UnionValue;
  if (u.tag === 1) return leafValue(u.payload);
  if (u.tag === 2) return pairValue(u.payload);
  if (u.tag === 3) return (u.payload as string).length;
  return u.tag === 4 ? callFun(u.payload, 1) : 0;
}

export function listValue(v: Value): number {
  const xs = v as ListValue;
  let sum = 0;
  for (let i = 0; i < xs.count; i++) sum += leafValue(xs.items.slots[i]);
  return sum;
}

export function nodeValue(v: Value): number {
  let at = v as Cell | null;
  let sum = 0;
  for (let i = 0; i < 4 && at !== null; i++) {
    sum += leafValue(at.slots[1]) + payValue(at.slots[2]) + listValue(at.slots[3]);
    at = at.slots[0] as Cell | null;
  }
  return sum;
}

function sliceValue(v: Value): number {
  const s = v as SliceValue;
  let sum = 0;
  for (let i = 0; i < s.len; i++) sum += leafValue(s.items.slots[s.from + i]);
  return sum;
}

function makeLeaf(m: Machine, val: number): Cell {
  return newObject(m, "leaf", [val, `l${val}`]);
}

function makeNode(m: Machine, leaf: Value, next: Value): Cell {
  return newObject(m, "node", [next, leaf, { is: "union", tag: 0, payload: null }, emptyList(m), emptyWeak("wnode"), noTies()]);
}

function loneNode(g: Gen): Expr {
  const k = below(g.r, 20);
  return { text: `loneNode(${k})`, run: (m) => makeNode(m, makeLeaf(m, k), null) };
}

/** By type, a number that is read from a variable of it. */
function numberReaders(k: number): [string, (v: Variable) => Expr][] {
  return [
    ["int", varExpr],
    ["leaf", (v) => ({ text: `${v.name}.val`, run: (m) => leafValue(readVar(m, v)) })],
    ["oleaf", (v) => ({ text: `leafValue(${v.name})`, run: (m) => leafValue(readVar(m, v)) })],
    ["node", (v) => ({ text: `nodeValue(${v.name})`, run: (m) => nodeValue(readVar(m, v)) })],
    ["onode", (v) => ({ text: `nodeValue(${v.name})`, run: (m) => nodeValue(readVar(m, v)) })],
    ["pair", (v) => ({ text: `pairValue(${v.name})`, run: (m) => pairValue(readVar(m, v)) })],
    ["pay", (v) => ({ text: `payValue(${v.name})`, run: (m) => payValue(readVar(m, v)) })],
    ["list", (v) => ({ text: `listValue(${v.name}) + ${v.name}.len`, run: (m) => listValue(readVar(m, v)) + (readVar(m, v) as ListValue).count })],
    ["leaves", (v) => ({ text: `leavesValue(${v.name}) * 2`, run: (m) => listValue(readVar(m, v)) * 2 })],
    ["text", (v) => ({ text: `${v.name}.len`, run: (m) => (readVar(m, v) as string).length })],
    ["fun", (v) => ({ text: `${v.name}(${k})`, run: (m) => callFun(readVar(m, v), k) })],
    ["slice", (v) => ({ text: `sliceValue(${v.name})`, run: (m) => sliceValue(readVar(m, v)) })],
    ["place", (v) => ({ text: `${v.name}.*`, run: (m) => leafValue((readVar(m, v) as PlaceValue).leaf) })],
    ["both", (v) => ({ text: `${v.name}.0.val + ${v.name}.1.len`, run: (m) => leafValue((readVar(m, v) as StructValue).fields[0]) + ((readVar(m, v) as StructValue).fields[1] as string).length })],
  ];
}

/** A number that is read from a variable. */
export function intOf(g: Gen, v: Variable): Expr {
  const found = numberReaders(below(g.r, 9)).find(([type]) => type === v.type);
  return found === undefined ? constant(0) : found[1](v);
}

/** A number that is read from variables only; from local ones in a simple expression, since a global is held as it is passed. */
export function intExpr(g: Gen, simple: boolean): Expr {
  const k = below(g.r, 9);
  const readers = numberReaders(k);
  for (let tries = 0; tries < 4; tries++) {
    const [type, read] = pick(g.r, readers);
    const vars = inSight(g, type).filter((v) => !simple || !isGlobal(g, v));
    if (vars.length > 0) return read(pick(g.r, vars));
  }
  return constant(k);
}

/** A condition on variables. */
export function condition(g: Gen, simple: boolean): Expr {
  const a = intExpr(g, simple);
  const n = 2 + below(g.r, 3);
  const k = below(g.r, n);
  if (oneIn(g.r, 2)) return { text: `(${a.text}) % ${n} == ${k}`, run: (m) => (num(a.run(m)) % n === k ? 1 : 0) };
  return { text: `${a.text} > ${k + 2}`, run: (m) => (num(a.run(m)) > k + 2 ? 1 : 0) };
}

export type Maker = (g: Gen, simple: boolean) => Expr | null;

/** An expression on a variable of a type, or null when none is in sight. */
function onVar(g: Gen, type: string, make: (v: Variable) => Expr): Expr | null {
  return onVarOf(g, type, false, make);
}

/** The same for what calls a function with the variable: for a simple expression that is a local one. */
export function onVarOf(g: Gen, type: string, simple: boolean, make: (v: Variable) => Expr): Expr | null {
  const vars = inSight(g, type).filter((v) => !simple || !isGlobal(g, v));
  return vars.length === 0 ? null : make(pick(g.r, vars));
}

/** a and b, evaluated in that order, to a value made of both. */
export function join(text: string, a: Expr, b: Expr, give: (m: Machine, x: Value, y: Value) => Value): Expr {
  return {
    text, run: (m) => {
      const x = a.run(m);
      return give(m, x, b.run(m));
    },
  };
}

export function freshLeaf(g: Gen): Expr {
  const k = below(g.r, 20);
  return { text: `newLeaf(${k})`, run: (m) => makeLeaf(m, k) };
}

/** A new object or array, for a variable that may hold one. */
export function freshOf(g: Gen, type: string): Expr {
  if (type === "slice") return newSlice;
  return type.endsWith("leaf") ? freshLeaf(g) : loneNode(g);
}

const newSlice: Expr = { text: "new [4]?*Leaf", run: (m) => ({ is: "slice", items: newArray(m, 4), from: 0, len: 4 }) };

const leafMakers: Maker[] = [
  (g) => freshLeaf(g),
  (g) => onVar(g, "node", (v) => ({ text: `${v.name}.leaf`, run: (m) => (readVar(m, v) as Cell).slots[1] })),
  (g) => onVar(g, "pair", (v) => ({ text: `${v.name}.a`, run: (m) => (readVar(m, v) as StructValue).fields[0] })),
  (g) => onVar(g, "both", (v) => ({ text: `${v.name}.0`, run: (m) => (readVar(m, v) as StructValue).fields[0] })),
  (g) => onVar(g, "oleaf", (v) => orElse(varExpr(v), freshLeaf(g))),
  (g, simple) => onVarOf(g, "list", simple, (v) => orElse(leafAt(g, v), freshLeaf(g))),
  (g, simple) => onVarOf(g, "leaves", simple, (v) => orElse(leafAt(g, v), freshLeaf(g))),
  (g, simple) => {
    const x = exprOf(g, "leaf", simple);
    return { text: `same(*Leaf)(${x.text})`, run: x.run };
  },
  (g, simple) => {
    const node = inSight(g, "node");
    if (node.length === 0) return null;
    const n = pick(g.r, node);
    const x = simple ? onVar(g, "leaf", varExpr) : exprOf(g, "leaf", false);
    if (x === null) return null;
    return join(`${n.name}.swapLeaf(${x.text})`, varExpr(n), x, (_m, at, v) => {
      const old = (at as Cell).slots[1];
      (at as Cell).slots[1] = v;
      return old;
    });
  },
  (g, simple) => chosen(g, "leaf", simple),
  (g, simple) => {
    const x = simple ? onVarOf(g, "pay", true, varExpr) : exprOf(g, "pay", false);
    const k = below(g.r, 20);
    if (x === null) return null;
    return {
      text: `firstLeaf(${x.text}, ${k})`, run: (m) => {
        const u = x.run(m) as UnionValue;
        if (u.tag === 1) return u.payload;
        return u.tag === 2 ? (u.payload as StructValue).fields[0] : makeLeaf(m, k);
      },
    };
  },
  (g, simple) => (simple ? null : chosenOfAssigned(g)),
  (g, simple) => (simple ? null : chosenOfAssigned(g)),
  (g, simple) => (simple ? null : part(exprOf(g, "node", false), "leaf", (v) => (v as Cell).slots[1])),
  (g, simple) => (simple ? null : part(exprOf(g, "pair", false), "a", (v) => (v as StructValue).fields[0])),
];

/** What a local variable held, or holds: it is assigned between the two readings, in the middle of an expression. */
function chosenOfAssigned(g: Gen): Expr | null {
  const vars = assignable(g, "leaf").filter((v) => !isGlobal(g, v));
  if (vars.length === 0) return null;
  const v = pick(g.r, vars);
  const x = freshLeaf(g);
  const k = below(g.r, 3);
  g.names += 1;
  const label = `b${g.names}`;
  return {
    text: `choose(${v.name}, '${label}: { ${v.name} = ${x.text}; break '${label} ${v.name} }, ${k})`, run: (m) => {
      const old = readVar(m, v);
      const leaf = x.run(m);
      writeVar(m, v, leaf);
      return k > 0 ? old : leaf;
    },
  };
}

function part(x: Expr, field: string, read: (v: Value) => Value): Expr {
  return { text: `${x.text}.${field}`, run: (m) => read(x.run(m)) };
}

function orElse(a: Expr, b: Expr): Expr {
  return {
    text: `(${a.text} orelse ${b.text})`, run: (m) => {
      const v = a.run(m);
      return v === null ? b.run(m) : v;
    },
  };
}

function leafAt(g: Gen, v: Variable): Expr {
  const k = below(g.r, 3);
  return {
    text: `${v.type === "list" ? "leafAt" : "grownAt"}(${v.name}, ${k})`, run: (m) => {
      const xs = readVar(m, v) as ListValue;
      return k < xs.count ? xs.items.slots[k] : null;
    },
  };
}

/** An if as an expression. */
export function chosen(g: Gen, type: string, simple: boolean): Expr {
  const c = condition(g, simple);
  const a = exprOf(g, type, simple);
  const b = exprOf(g, type, simple);
  return { text: `(if ${c.text} { ${a.text} } else { ${b.text} })`, run: (m) => (c.run(m) === 1 ? a.run(m) : b.run(m)) };
}

function union(tag: number, text: string, x: Expr): Expr {
  return { text: `Pay.${text}(${x.text})`, run: (m) => ({ is: "union", tag, payload: x.run(m) }) };
}

const none: Expr = { text: "null", run: () => null };

const makers: Record<string, Maker[]> = {
  leaf: leafMakers,
  oleaf: [
    () => none,
    (g, simple) => exprOf(g, "leaf", simple),
    (g, simple) => onVarOf(g, "list", simple, (v) => leafAt(g, v)),
    (g) => onVar(g, "pair", (v) => ({ text: `${v.name}.b`, run: (m) => (readVar(m, v) as StructValue).fields[1] })),
    (g) => onVar(g, "ties", (v) => ({ text: `${v.name}.b`, run: (m) => (readVar(m, v) as StructValue).fields[2] })),
    (g, simple) => onVarOf(g, "slice", simple, (v) => {
      const k = below(g.r, 4);
      return {
        text: `leafIn(${v.name}, ${k})`, run: (m) => {
          const s = readVar(m, v) as SliceValue;
          return k < s.len ? s.items.slots[s.from + k] : null;
        },
      };
    }),
  ],
  node: [
    (g, simple) => {
      if (simple) return loneNode(g);
      const a = exprOf(g, "leaf", simple);
      const b = exprOf(g, "onode", simple);
      return join(`newNode(${a.text}, ${b.text})`, a, b, (m, x, y) => makeNode(m, x, y));
    },
    (g) => onVar(g, "onode", (v) => orElse(varExpr(v), exprOf(g, "node", true))),
    (g, simple) => chosen(g, "node", simple),
  ],
  onode: [
    () => none,
    (g, simple) => exprOf(g, "node", simple),
    (g) => onVar(g, "node", (v) => ({ text: `${v.name}.next`, run: (m) => (readVar(m, v) as Cell).slots[0] })),
    (g) => onVar(g, "node", (v) => ({
      text: `${v.name}.cut()`, run: (m) => {
        const n = readVar(m, v) as Cell;
        const next = n.slots[0];
        n.slots[0] = null;
        return next;
      },
    })),
  ],
  pair: [
    (g, simple) => {
      const a = exprOf(g, "leaf", simple);
      const b = exprOf(g, "oleaf", simple);
      return join(`Pair { a: ${a.text}, b: ${b.text} }`, a, b, (_m, x, y) => ({ is: "struct", fields: [x, y] }));
    },
    (g) => onVar(g, "opair", (v) => orElse(varExpr(v), exprOf(g, "pair", true))),
    (g, simple) => {
      const x = exprOf(g, "pair", simple);
      return { text: `same(Pair)(${x.text})`, run: x.run };
    },
  ],
  opair: [() => none, (g, simple) => exprOf(g, "pair", simple)],
  pay: [
    () => ({ text: "Pay.None", run: () => ({ is: "union", tag: 0, payload: null }) }),
    (g, simple) => union(1, "One", exprOf(g, "leaf", simple)),
    (g, simple) => union(2, "Two", exprOf(g, "pair", simple)),
    (g, simple) => union(3, "Text", exprOf(g, "text", simple)),
    (g, simple) => union(4, "Fun", exprOf(g, "fun", simple)),
    (g) => onVar(g, "node", (v) => ({ text: `${v.name}.pay`, run: (m) => (readVar(m, v) as Cell).slots[2] })),
    (g, simple) => chosen(g, "pay", simple),
  ],
  list: [
    () => ({ text: "List(?*Leaf) {}", run: (m) => emptyList(m) }),
    (g, simple) => onVarOf(g, "list", simple, (v) => ({ text: `${v.name}.clone()`, run: (m) => listClone(m, readVar(m, v) as ListValue) })),
    (g, simple) => onVarOf(g, "slice", simple, (v) => ({ text: `List(?*Leaf).of(${v.name})`, run: (m) => listOf(m, readVar(m, v) as SliceValue) })),
    (g, simple) => onVarOf(g, "slice", simple, (v) => ({ text: `List(?*Leaf).of(${v.name})`, run: (m) => listOf(m, readVar(m, v) as SliceValue) })),
  ],
  leaves: [
    () => ({ text: "List(*Leaf) {}", run: (m) => emptyList(m) }),
    (g) => onVar(g, "node", (v) => ({ text: `${v.name}.kids`, run: (m) => (readVar(m, v) as Cell).slots[3] })),
  ],
  text: [
    (g) => {
      const k = below(g.r, 90);
      return { text: `"t\${${k}}"`, run: () => `t${k}` };
    },
    (g) => onVar(g, "leaf", (v) => ({ text: `${v.name}.label`, run: (m) => (readVar(m, v) as Cell).slots[1] })),
    (g, simple) => {
      const a = exprOf(g, "text", simple);
      const b = exprOf(g, "text", simple);
      return join(`cutText(${a.text} ++ ${b.text}, 6)`, a, b, (_m, x, y) => `${x}${y}`.slice(0, 6));
    },
    (g, simple) => {
      const x = exprOf(g, "text", simple);
      const k = 1 + below(g.r, 3);
      return { text: `cutText(${x.text}, ${k})`, run: (m) => (x.run(m) as string).slice(0, k) };
    },
  ],
  fun: [
    (g) => {
      const leaves = inSight(g, "leaf").filter((v) => !isGlobal(g, v));
      const k = below(g.r, 9);
      if (leaves.length === 0) return null;
      const v = pick(g.r, leaves);
      return { text: `fn(x: i64) i64 { return x + ${v.name}.val + ${k} }`, run: (m) => ({ is: "fun", captured: readVar(m, v), add: k }) };
    },
    (g) => {
      const lists = inSight(g, "list").filter((v) => !isGlobal(g, v));
      const k = below(g.r, 9);
      if (lists.length === 0) return null;
      const v = pick(g.r, lists);
      return { text: `fn(x: i64) i64 { return x + listValue(${v.name}) + ${k} }`, run: (m) => ({ is: "fun", captured: readVar(m, v), add: k }) };
    },
    (g) => {
      const k = below(g.r, 9);
      const x = freshLeaf(g);
      return { text: `addsTo(${x.text}, ${k})`, run: (m) => ({ is: "fun", captured: x.run(m), add: k }) };
    },
  ],
  slice: [
    (g, simple) => onVarOf(g, "list", simple, (v) => ({ text: `${v.name}.slice()`, run: (m) => listSlice(readVar(m, v) as ListValue) })),
    (g, simple) => onVarOf(g, "list", simple, (v) => ({ text: `${v.name}.slice()`, run: (m) => listSlice(readVar(m, v) as ListValue) })),
    () => newSlice,
    (g, simple) => {
      const a = exprOf(g, "leaf", simple);
      const b = exprOf(g, "oleaf", simple);
      return join(`filled(${a.text}, ${b.text})`, a, b, (m, x, y) => {
        const items = newArray(m, 3);
        items.slots[0] = x;
        items.slots[2] = y;
        return { is: "slice", items, from: 0, len: 3 };
      });
    },
    (g) => onVar(g, "slice", (v) => ({
      text: `tailOf(${v.name})`, run: (m) => {
        const s = readVar(m, v) as SliceValue;
        return s.len > 0 ? { is: "slice", items: s.items, from: s.from + 1, len: s.len - 1 } : s;
      },
    })),
  ],
  place: [
    (g) => onVar(g, "leaf", (v) => ({ text: `&${v.name}.val`, run: (m) => ({ is: "place", leaf: readVar(m, v) as Cell }) })),
    (g, simple) => {
      const x = exprOf(g, "leaf", simple);
      return { text: `placeOf(${x.text})`, run: (m) => ({ is: "place", leaf: x.run(m) as Cell }) };
    },
  ],
  both: [
    (g, simple) => {
      const a = exprOf(g, "leaf", simple);
      const b = exprOf(g, "text", simple);
      return join(`(${a.text}, ${b.text})`, a, b, (_m, x, y) => ({ is: "struct", fields: [x, y] }));
    },
  ],
  int: [(g, simple) => intExpr(g, simple)],
  ...weakMakers,
};

/** An expression of a type: a variable as often as not, deeper ones more rarely. */
export function exprOf(g: Gen, type: string, simple: boolean): Expr {
  g.depth += 1;
  const vars = inSight(g, type);
  let found: Expr | null = null;
  if (vars.length > 0 && (g.depth > 3 || oneIn(g.r, 2))) found = varExpr(pick(g.r, vars));
  for (let tries = 0; found === null && tries < 8; tries++) found = pick(g.r, g.depth > 4 ? makers[type].slice(0, 2) : makers[type])(g, simple);
  g.depth -= 1;
  // The last maker of each type always finds something.
  for (let n = makers[type].length - 1; found === null; n--) found = makers[type][n](g, simple);
  return found;
}
