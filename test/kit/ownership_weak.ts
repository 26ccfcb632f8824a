// The weak part of random programs over counted values: references in fields, elements, payloads, tuples, captures and globals.
// In -> out: as ownership_values and ownership_stmts, of which this is a part. What a weak reference reads as depends on what lives, so
// it is read at checkpoints and first in a statement only, where that is certain; copies of it go anywhere.

import { type Cell, declareVar, emptyList, inScope, type FunValue, type ListValue, listClone, type Machine, readVar, say, type StructValue, type UnionValue, type Value, type Variable, weakTarget, type WeakValue, writeVar } from "./ownership_model.ts";
import { body, before, letGo } from "./ownership_nested.ts";
import { block, checkpoint, indented, inSightNow, line, type Maker, newVariable, type Place, type Stmt } from "./ownership_stmts.ts";
import { assignable, chosen, type Expr, exprOf, freshLeaf, type Gen, inSight, isGlobal, join, leafValue, type Maker as ValueMaker, onVarOf, varExpr } from "./ownership_values.ts";
import { below, oneIn, pick } from "./random.ts";

/** Types by short name, with how Cot spells them. */
export const weakTypes: Record<string, string> = {
  wleaf: "weak *Leaf", wnode: "weak *Node", ties: "Ties", oties: "?Ties", tie: "Tie", wboth: "WeakBoth", wslots: "[3]weak *Leaf", wlist: "List(weak *Leaf)", wfun: "fn(i64) -> i64",
};

export const weakPrelude = `
struct Ties { l: weak *Leaf, n: weak *Node, b: ?*Leaf }
type WeakBoth = (weak *Leaf, string)
union Tie { None, Leaf: weak *Leaf, Many: Ties, Text: string }
weak var gWeak: ?*Leaf
var gTies = Ties {}

fn weakValue(w: weak *Leaf) i64 { return leafValue(w) }
fn upNumber(w: weak *Node) i64 { return nodeNumber(w) }
fn nodeNumber(n: ?*Node) i64 { return if n |x| { x.id } else { 0 } }
fn tiesValue(t: Ties) i64 { return leafValue(t.l) * 3 + nodeNumber(t.n) * 2 + leafValue(t.b) }
fn otiesValue(t: ?Ties) i64 { return if t |x| { tiesValue(x) } else { 0 } }
fn tieValue(t: Tie) i64 {
    return switch t {
        .None => 0,
        .Leaf |w| => leafValue(w),
        .Many |x| => tiesValue(x),
        .Text |s| => s.len,
    }
}
fn slotsValue(s: [3]weak *Leaf) i64 {
    var sum: i64 = 0
    for x in s { sum += leafValue(x) }
    return sum
}
fn weakSum(xs: List(weak *Leaf)) i64 {
    var sum: i64 = 0
    for x in xs { sum += leafValue(x) }
    return sum
}
fn weakAt(xs: List(weak *Leaf), i: i64) weak *Leaf {
    if i < xs.len { return xs.get(i) }
    return null
}
fn chainUp(n: *Node) i64 {
    var at: weak *Node = n
    var sum: i64 = 0
    for i in 0..4 {
        const x = at orelse break
        sum += x.id + tiesValue(x.ties)
        at = x.up
    }
    return sum
}
fn tiedTo(w: weak *Leaf, k: i64) fn(i64) -> i64 { return fn(x: i64) i64 { return x + leafValue(w) + k } }
`;

function weak(cell: Value): WeakValue {
  return { is: "weak", cell: cell as Cell | null };
}

export function noTies(): StructValue {
  return { is: "struct", fields: [weak(null), weak(null), null] };
}

/** What a global of a type begins with, and is forgotten to. */
export function emptyWeak(type: string): Value {
  return type === "ties" ? noTies() : weak(null);
}

// What the prelude's functions give.

function readWeak(m: Machine, v: Value): Cell | null {
  return v === null ? null : weakTarget(m, v);
}

export function weakValue(m: Machine, v: Value): number {
  return leafValue(readWeak(m, v));
}

export function upNumber(m: Machine, v: Value): number {
  return readWeak(m, v)?.id ?? 0;
}

export function tiesValue(m: Machine, v: Value): number {
  const [l, n, b] = (v as StructValue).fields;
  return weakValue(m, l) * 3 + upNumber(m, n) * 2 + leafValue(b);
}

function tieValue(m: Machine, v: Value): number {
  const u = v as UnionValue;
  if (u.tag === 1) return weakValue(m, u.payload);
  if (u.tag === 2) return tiesValue(m, u.payload);
  return u.tag === 3 ? (u.payload as string).length : 0;
}

function sum(m: Machine, values: Value[]): number {
  return values.reduce((s: number, v) => s + weakValue(m, v), 0);
}

function chainUp(m: Machine, v: Value): number {
  let at = v as Cell | null;
  let total = 0;
  for (let i = 0; i < 4 && at !== null; i++) {
    total += at.id + tiesValue(m, at.slots[5]);
    at = readWeak(m, at.slots[4]);
  }
  return total;
}

function callTied(m: Machine, v: Value, x: number): number {
  const f = v as FunValue;
  const c = f.captured as WeakValue | StructValue;
  return x + (c.is === "weak" ? weakValue(m, c) : tiesValue(m, c)) + f.add;
}

// Values.

/** A strong expression where a weak reference is wanted. */
function weakened(x: Expr): Expr {
  return { text: x.text, run: (m) => weak(x.run(m)) };
}

function fieldOf(text: string, v: Variable, at: number): Expr {
  return { text, run: (m) => (readVar(m, v) as StructValue).fields[at] };
}

function slotOf(text: string, v: Variable, at: number): Expr {
  return { text, run: (m) => (readVar(m, v) as Cell).slots[at] };
}

/** An expression through a generic function. */
function sameOf(type: string): ValueMaker {
  return (g, simple) => {
    const x = exprOf(g, type, simple);
    return { text: `same(${weakTypes[type]})(${x.text})`, run: x.run };
  };
}

/** A variable of a type, or in a greater expression any value of it, seen weakly. */
function fromStrong(type: string): ValueMaker {
  return (g, simple) => (simple ? onVarOf(g, type, true, (v) => weakened(varExpr(v))) : weakened(exprOf(g, type, false)));
}

const nothing: ValueMaker = () => ({ text: "null", run: () => weak(null) });

function tie(tag: number, text: string, x: Expr): Expr {
  return { text: `Tie.${text}(${x.text})`, run: (m) => ({ is: "union", tag, payload: x.run(m) }) };
}

function weakAt(g: Gen, v: Variable): Expr {
  const k = below(g.r, 3);
  return {
    text: `weakAt(${v.name}, ${k})`, run: (m) => {
      const xs = readVar(m, v) as ListValue;
      return k < xs.count ? (xs.items.slots[k] ?? weak(null)) : weak(null);
    },
  };
}

/** The weak reference to a leaf in a variable of a type that holds one. */
function partsOf(g: Gen, v: Variable): Expr | null {
  const k = below(g.r, 3);
  switch (v.type) {
    case "wleaf": return varExpr(v);
    case "ties": return fieldOf(`${v.name}.l`, v, 0);
    case "wboth": return fieldOf(`${v.name}.0`, v, 0);
    case "wslots": return fieldOf(`${v.name}[${k}]`, v, k);
    case "wlist": return weakAt(g, v);
    case "node": return { text: `${v.name}.ties.l`, run: (m) => ((readVar(m, v) as Cell).slots[5] as StructValue).fields[0] };
    default: return null;
  }
}

const holders = ["wleaf", "ties", "wboth", "wslots", "wlist", "node"];

function partOf(g: Gen, simple: boolean): Expr | null {
  const vars = holders.flatMap((t) => inSight(g, t)).filter((v) => !simple || !isGlobal(g, v));
  return vars.length === 0 ? null : partsOf(g, pick(g.r, vars));
}

function makeTies(g: Gen, simple: boolean): Expr {
  const l = exprOf(g, "wleaf", simple);
  const n = exprOf(g, "wnode", simple);
  const b = exprOf(g, "oleaf", simple);
  return {
    text: `Ties { l: ${l.text}, n: ${n.text}, b: ${b.text} }`, run: (m) => {
      const fields = [l.run(m), n.run(m)];
      return { is: "struct", fields: [...fields, b.run(m)] };
    },
  };
}

export const weakMakers: Record<string, ValueMaker[]> = {
  wleaf: [nothing, fromStrong("leaf"), partOf, (g, simple) => onVarOf(g, "oleaf", simple, (v) => weakened(varExpr(v))), partOf, fromStrong("leaf"), sameOf("wleaf"), (g, simple) => chosen(g, "wleaf", simple), nothing],
  wnode: [
    nothing, fromStrong("node"), (g, simple) => onVarOf(g, "onode", simple, (v) => weakened(varExpr(v))), (g, simple) => onVarOf(g, "ties", simple, (v) => fieldOf(`${v.name}.n`, v, 1)),
    (g, simple) => onVarOf(g, "node", simple, (v) => slotOf(`${v.name}.up`, v, 4)), sameOf("wnode"), nothing,
  ],
  ties: [
    () => ({ text: "Ties {}", run: noTies }), makeTies, (g, simple) => onVarOf(g, "node", simple, (v) => slotOf(`${v.name}.ties`, v, 5)), sameOf("ties"), (g, simple) => chosen(g, "ties", simple),
    (g, simple) => onVarOf(g, "oties", simple, (v) => {
      const other = makeTies(g, true);
      return { text: `(${v.name} orelse ${other.text})`, run: (m) => readVar(m, v) ?? other.run(m) };
    }), makeTies,
  ],
  oties: [() => ({ text: "null", run: () => null }), (g, simple) => exprOf(g, "ties", simple)],
  tie: [
    () => ({ text: "Tie.None", run: () => ({ is: "union", tag: 0, payload: null }) }), (g, simple) => tie(1, "Leaf", exprOf(g, "wleaf", simple)), (g, simple) => tie(2, "Many", exprOf(g, "ties", simple)),
    (g, simple) => tie(3, "Text", exprOf(g, "text", simple)), (g, simple) => chosen(g, "tie", simple), (g, simple) => tie(1, "Leaf", exprOf(g, "wleaf", simple)),
  ],
  wboth: [(g, simple) => {
    const a = exprOf(g, "wleaf", simple);
    const b = exprOf(g, "text", simple);
    return join(`(${a.text}, ${b.text})`, a, b, (_m, x, y) => ({ is: "struct", fields: [x, y] }));
  }],
  wslots: [(g, simple) => {
    const items = [0, 1, 2].map(() => exprOf(g, "wleaf", simple));
    return { text: `[${items.map((x) => x.text).join(", ")}]`, run: (m) => ({ is: "struct", fields: items.map((x) => x.run(m)) }) };
  }],
  wlist: [
    (g, simple) => onVarOf(g, "wlist", simple, (v) => ({ text: `${v.name}.clone()`, run: (m) => listClone(m, readVar(m, v) as ListValue) })),
    () => ({ text: "List(weak *Leaf) {}", run: (m) => emptyList(m) }),
  ],
  wfun: [
    (g) => {
      const vars = [...inSight(g, "wleaf"), ...inSight(g, "ties")].filter((v) => !isGlobal(g, v));
      if (vars.length === 0) return null;
      const v = pick(g.r, vars);
      const k = below(g.r, 9);
      return { text: `fn(x: i64) i64 { return x + ${v.type === "ties" ? "tiesValue" : "leafValue"}(${v.name}) + ${k} }`, run: (m) => ({ is: "fun", captured: readVar(m, v), add: k }) };
    },
    (g, simple) => {
      const w = exprOf(g, "wleaf", simple);
      const k = below(g.r, 9);
      return { text: `tiedTo(${w.text}, ${k})`, run: (m) => ({ is: "fun", captured: w.run(m), add: k }) };
    },
  ],
};

// Places.

function arrayPlace(g: Gen, v: Variable): Place {
  const k = below(g.r, 3);
  return {
    text: `${v.name}[${k}]`, guard: null, resolve: (m) => ({
      hold: null, set: (x) => writeVar(m, v, { is: "struct", fields: (readVar(m, v) as StructValue).fields.map((old, i) => (i === k ? x : old)) }),
    }),
  };
}

/** A field of the ties in a node. */
function tiedPlace(v: Variable, name: string, at: number): Place {
  return {
    text: `${v.name}.ties.${name}`, guard: null, resolve: (m) => {
      const cell = readVar(m, v) as Cell;
      return {
        hold: cell, set: (x) => {
          cell.slots[5] = { is: "struct", fields: (cell.slots[5] as StructValue).fields.map((old, i) => (i === at ? x : old)) };
        },
      };
    },
  };
}

/** Places of a type that only weak types have. */
export function weakPlaces(g: Gen, type: string): Place[] {
  const out: Place[] = [];
  if (type === "wleaf") for (const v of assignable(g, "wslots")) out.push(arrayPlace(g, v));
  const at = ["wleaf", "wnode", "oleaf"].indexOf(type);
  if (at >= 0) for (const v of inSight(g, "node")) out.push(tiedPlace(v, ["l", "n", "b"][at], at));
  return out;
}

// Statements.

/** By type, what a checkpoint reads of a variable. */
const looks: Record<string, [(v: string, k: number) => string, (m: Machine, v: Value, k: number) => number]> = {
  wleaf: [(v) => `leafValue(${v})`, weakValue], wnode: [(v) => `nodeNumber(${v})`, upNumber], ties: [(v) => `tiesValue(${v})`, tiesValue],
  oties: [(v) => `otiesValue(${v})`, (m, v) => (v === null ? 0 : tiesValue(m, v))], tie: [(v) => `tieValue(${v})`, tieValue],
  wboth: [(v) => `leafValue(${v}.0) + ${v}.1.len`, (m, v) => weakValue(m, (v as StructValue).fields[0]) + ((v as StructValue).fields[1] as string).length],
  wslots: [(v) => `slotsValue(${v})`, (m, v) => sum(m, (v as StructValue).fields)],
  wlist: [(v) => `weakSum(${v})`, (m, v) => sum(m, (v as ListValue).items.slots.slice(0, (v as ListValue).count))],
  wfun: [(v, k) => `${v}(${k})`, callTied], node: [(v) => `chainUp(${v})`, chainUp],
};

/** A checkpoint that reads weak references; null when none is in sight. */
export function weakLook(g: Gen): Stmt | null {
  const vars = Object.keys(looks).flatMap((t) => inSight(g, t));
  if (vars.length === 0) return null;
  const v = pick(g.r, vars);
  const k = below(g.r, 9);
  const [text, read] = looks[v.type];
  g.marks += 1;
  const mark = g.marks;
  return line(`say(${mark}, ${text(v.name, k)})`, (m) => say(m, mark, read(m, readVar(m, v), k)));
}

const weakDeclare: Maker = (g) => {
  const type = oneIn(g.r, 2) ? "leaf" : "node";
  const from = [...inSight(g, type), ...inSight(g, `o${type}`)];
  if (from.length === 0) return null;
  const v = pick(g.r, from);
  const w = newVariable(g, `w${type}`, true);
  inSightNow(g, w);
  return line(`weak var ${w.name} = ${v.name}`, (m) => declareVar(m, w, weak(readVar(m, v))));
};

/** What nobody holds is gone when the statement ends. */
const weakFresh: Maker = (g) => {
  const w = newVariable(g, "wleaf", !oneIn(g.r, 3));
  const x = freshLeaf(g);
  inSightNow(g, w);
  return line(`${w.mutable ? "var" : "const"} ${w.name}: weak *Leaf = ${x.text}`, (m) => declareVar(m, w, weak(x.run(m))));
};

/** A weak reference that a statement may begin with. */
function readable(g: Gen, type: string): Expr | null {
  if (type === "leaf") return partOf(g, false);
  const found: Expr[] = [
    ...inSight(g, "wnode").map(varExpr), ...inSight(g, "ties").map((v) => fieldOf(`${v.name}.n`, v, 1)), ...inSight(g, "node").map((v) => slotOf(`${v.name}.up`, v, 4)),
  ];
  return found.length === 0 ? null : pick(g.r, found);
}

const weakRead: Maker = (g) => {
  const type = oneIn(g.r, 2) ? "leaf" : "node";
  const w = readable(g, type);
  if (w === null) return null;
  const x = newVariable(g, type, false);
  const there = block(g, 1, [x], checkpoint);
  const gone = block(g, 0, [], checkpoint);
  return {
    lines: [`if ${w.text} |${x.name}| {`, ...indented(there.lines), "} else {", ...indented(gone.lines), "}"], run: (m) => {
      const cell = weakTarget(m, w.run(m));
      return inScope(m, () => {
        if (cell === null) return gone.run(m);
        declareVar(m, x, cell);
        return there.run(m);
      });
    },
  };
};

/** What is still there becomes a strong reference; or something else does. */
const weakTake: Maker = (g) => {
  const type = oneIn(g.r, 3) ? "node" : "leaf";
  const w = readable(g, type);
  if (w === null) return null;
  const other = type === "leaf" && oneIn(g.r, 2) ? freshLeaf(g) : null;
  const v = newVariable(g, other === null ? `o${type}` : type, !oneIn(g.r, 3));
  inSightNow(g, v);
  const name = `${v.mutable ? "var" : "const"} ${v.name}`;
  const text = other === null ? `${name}: ?*${type === "leaf" ? "Leaf" : "Node"} = ${w.text}` : `${name} = ${w.text} orelse ${other.text}`;
  return line(text, (m) => declareVar(m, v, weakTarget(m, w.run(m)) ?? (other === null ? null : other.run(m))));
};

export const weakStatements: Maker[] = [weakDeclare, weakFresh, weakRead, weakRead, weakTake, weakLook, weakLook];

const armNames = ["None", "Leaf", "Many", "Text"];
const armTypes = ["", "wleaf", "ties", "text"];

/** A switch over a union with weak payloads, which the arms may let go of. */
const switchTie: Maker = (g) => {
  const vars = inSight(g, "tie");
  if (vars.length === 0) return null;
  const v = pick(g.r, vars);
  const arms = [0, 1, 2, 3].filter((tag) => tag < 2 || !oneIn(g.r, 3)).map((tag) => {
    const x = newVariable(g, armTypes[tag], false);
    const first = letGo(g, v);
    return { tag, x, body: before(first === null ? null : first(g), body(g, tag === 0 ? [] : [x])) };
  });
  const other = arms.length === 4 ? null : body(g, []);
  const lines = arms.flatMap((a) => [`.${armNames[a.tag]}${a.tag === 0 ? "" : ` |${a.x.name}|`} => {`, ...indented(a.body.lines), "}"]);
  if (other !== null) lines.push("else => {", ...indented(other.lines), "}");
  return {
    lines: [`switch ${v.name} {`, ...indented(lines), "}"], run: (m) => {
      const u = readVar(m, v) as UnionValue;
      const arm = arms.find((a) => a.tag === u.tag);
      return inScope(m, () => {
        if (arm === undefined) return other === null ? null : other.run(m);
        if (arm.tag !== 0) declareVar(m, arm.x, u.payload);
        return arm.body.run(m);
      });
    },
  };
};

/** Stores into a weak payload where it stands. */
const switchTieReference: Maker = (g) => {
  const vars = assignable(g, "tie").filter((v) => !isGlobal(g, v));
  if (vars.length === 0) return null;
  const v = pick(g.r, vars);
  g.locked.add(v);
  const a = exprOf(g, "wleaf", false);
  const b = exprOf(g, "wnode", false);
  g.locked.delete(v);
  g.names += 1;
  const p = `p${g.names}`;
  const set = (m: Machine, tag: number, payload: Value): void => writeVar(m, v, { is: "union", tag, payload });
  return {
    lines: [`switch ${v.name} {`, `    .Leaf |*${p}| => ${p}.* = ${a.text},`, `    .Many |*${p}| => ${p}.n = ${b.text},`, "    else => {},", "}"], run: (m) => {
      const u = readVar(m, v) as UnionValue;
      if (u.tag === 1) set(m, 1, a.run(m));
      if (u.tag !== 2) return null;
      const [l, , strong] = (u.payload as StructValue).fields;
      set(m, 2, { is: "struct", fields: [l, b.run(m), strong] });
      return null;
    },
  };
};

export const weakNested: Maker[] = [switchTie, switchTie, switchTieReference];
