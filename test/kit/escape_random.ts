// Random programs whose addresses of locals go everywhere: through calls, receivers, structs, lists, closures, loops, globals.
// In -> out: a seed, to the text of a Cot program and the lines that it must print. The model is the language without a
// stack: every variable is an object of its own, made when its declaration runs, that lives as long as somebody reaches it.

import { below, newRandom, oneIn, pick, type Random } from "./random.ts";

interface Node { v: number; s: string; next: Node | null; num: Num | null }
/** An i64 that somebody can point at. */
interface Num { at: () => number; put: (n: number) => void }
interface Run { out: string[]; gNode: Node | null; gNum: Num | null; gSlice: { a: number[]; from: number }; gList: Node[]; steps: number }
// biome-ignore lint/suspicious/noExplicitAny: a variable of the program may hold anything that a variable can
type Any = any;
type Env = Map<string, Any>;
interface Expr { text: string; value: (m: Run, e: Env) => Any }
/** What a statement ends with: nothing, or a result. */
interface Stmt { lines: string[]; run: (m: Run, e: Env) => { result: Any } | null }
interface Variable { name: string; kind: string }
interface Func { name: string; body: Stmt }
interface Gen { r: Random; vars: Variable[]; names: number; funcs: Func[]; self: string; budget: number; loops: number; tame: boolean }

export class TooLong extends Error {}

const prelude = `import "std/list"
const E = error { Bad }
union U { P: *Node, Q: *i64, None }
struct Holder { p: *Node, q: *i64 }
struct Weak { node: weak *Node, num: weak *i64 }
struct Node {
    v: i64, s: string, next: ?*Node, num: ?*i64,
    fn me(self: *Node) *Node { return self }
    fn link(self: *Node, next: ?*Node) *Node {
        self.next = next
        return self
    }
    fn value(self: *Node) *i64 { return &self.v }
}
var gNode: ?*Node = null
var gNum: ?*i64 = null
var gArray: [3]i64 = [5, 6, 7]
var gSlice: []i64 = undefined
var gList: List(*Node) = List(*Node) {}
var gCall: fn(*Node) -> *Node = idNode
fn make(k: i64) Node { return Node { v: k, s: "s" + "\${k}", next: null, num: null } }
fn idNode(p: *Node) *Node { return p }
fn idNum(p: *i64) *i64 { return p }
fn weakly(p: *Node) *Node {
    const w = Weak { node: p, num: &p.v }
    return w.node.?
}
fn weakNum(q: *i64) *i64 {
    var w: [2]weak *i64 = [null, q]
    w[0] = w[1]
    return w[0].?
}
fn same(T)(x: T) T { return x }
fn choose(T)(c: i64, a: T, b: T) T { return if c % 2 == 0 { a } else { b } }
fn keepNode(p: *Node) { gNode = p }
fn keepNum(q: *i64) { gNum = q }
fn keepIn(xs: *List(*Node), p: *Node) { xs.append(p) }
fn both(p: *Node, q: *i64) (*Node, *i64) { return (p, q) }
fn held(p: *Node, q: *i64) Holder { return Holder { p: p, q: q } }
fn mayFail(k: i64, p: *Node) E!*Node {
    if k % 3 == 0 { return error.Bad }
    return p
}
fn clobber(n: i64) i64 {
    var a = [900, 901, 902, 903, 904, 905, 906, 907]
    var b = [make(990), make(991)]
    const s = a[0:8]
    const t = b[0:2]
    return if n == 0 { s[1] - t[1].v } else { clobber(n - 1) }
}
fn note(p: *Node) {
    const zero = clobber(2) + 90
    print(p.v + zero, " ", p.s)
    if p.next |n| { print(" ", n.v, n.s) }
    if p.num |q| { print(" n", q.*) }
    println()
}
`;

function newNode(v: number): Node { return { v, s: `s${v}`, next: null, num: null }; }
function numOfNode(n: Node): Num { return { at: () => n.v, put: (x) => { n.v = x; } }; }
function numOfElement(a: number[], k: number): Num { return { at: () => a[k], put: (x) => { a[k] = x; } }; }
function named(g: Gen, kind: string): Variable | null {
  const fit = g.vars.filter((v) => v.kind === kind);
  return fit.length === 0 ? null : fit[Math.max(below(g.r, fit.length), below(g.r, fit.length))];
}
function fresh(g: Gen, kind: string): Variable {
  g.names += 1;
  return { name: `${kind[0]}${g.names}`, kind };
}
function get(v: Variable): Expr { return { text: v.name, value: (_m, e) => e.get(v.name) }; }

/** An i64. */
function int(g: Gen, depth = 0): Expr {
  const k = below(g.r, 6);
  const v = named(g, pick(g.r, ["int", "k"]));
  if (k === 0 && v !== null) return { text: v.name, value: (_m, e) => (v.kind === "int" ? e.get(v.name).at() : e.get(v.name)) };
  if (k === 1 && depth < 2) { const p = ptr(g, depth + 1); return { text: `${p.text}.v`, value: (m, e) => p.value(m, e).v }; }
  if (k === 2 && depth < 2) { const q = num(g, depth + 1); return { text: `${q.text}.*`, value: (m, e) => q.value(m, e).at() }; }
  const s = k === 3 ? slice(g, depth) : null;
  if (s !== null) { const j = below(g.r, 2); return { text: `${s.text}[${j}]`, value: (m, e) => { const x = s.value(m, e); return x.a[x.from + j]; } }; }
  const n = below(g.r, 90);
  return { text: `${n}`, value: () => n };
}

/** A *Node. */
function ptr(g: Gen, depth: number): Expr {
  const k = depth > 2 ? below(g.r, 5) : below(g.r, 17);
  const of = (kind: string): Variable | null => named(g, kind);
  const v = of(["node", "node", "ptr", "ptr", "node", "opt", "holder", "closure", "list", "node"][k] ?? "");
  if (v !== null) {
    if (k === 4) return { text: `${v.name}.me()`, value: (_m, e) => e.get(v.name) };
    if (v.kind === "node") return { text: `(&${v.name})`, value: (_m, e) => e.get(v.name) };
    if (v.kind === "ptr") return get(v);
    if (v.kind === "holder") return { text: `${v.name}.p`, value: (_m, e) => e.get(v.name).p };
    if (v.kind === "closure") return { text: `${v.name}()`, value: (_m, e) => e.get(v.name) };
    const other = ptr(g, depth + 1);
    if (v.kind === "opt") return { text: `(${v.name} orelse ${other.text})`, value: (m, e) => e.get(v.name).o ?? other.value(m, e) };
    return { text: `(${v.name}.last() orelse ${other.text})`, value: (m, e) => { const xs: Node[] = e.get(v.name); return xs.length > 0 ? xs[xs.length - 1] : other.value(m, e); } };
  }
  if (depth > 2 || k < 10) {
    const n = below(g.r, 90);
    if (oneIn(g.r, 2)) return { text: `make(${n}).me()`, value: () => newNode(n) };
    return { text: `(new Node { v: ${n}, s: "s" + "${n}", next: null, num: null })`, value: () => newNode(n) };
  }
  return ptrOfCalls(g, depth + 1, k);
}

function ptrOfCalls(g: Gen, depth: number, k: number): Expr {
  const a = ptr(g, depth);
  switch (k) {
    case 10: return { text: `${pick(g.r, ["idNode", "same", g.tame ? "idNode" : "gCall", g.tame ? "same" : "weakly"])}(${a.text})`, value: a.value };
    case 11: {
      const b = ptr(g, depth);
      const c = int(g, depth);
      return { text: `choose(*Node)(${c.text}, ${a.text}, ${b.text})`, value: (m, e) => { const x = c.value(m, e); const y = a.value(m, e); const z = b.value(m, e); return x % 2 === 0 ? y : z; } };
    }
    case 12: { const n = below(g.r, 90); return { text: `make(${n}).link(${a.text})`, value: (m, e) => { const made = newNode(n); made.next = a.value(m, e); return made; } }; }
    case 13: { const q = num(g, depth); return { text: `both(${a.text}, ${q.text}).0`, value: (m, e) => { const x = a.value(m, e); q.value(m, e); return x; } }; }
    case 14: { const b = ptr(g, depth); const n = below(g.r, 9); return { text: `(mayFail(${n}, ${a.text}) catch ${b.text})`, value: (m, e) => { const x = a.value(m, e); return n % 3 === 0 ? b.value(m, e) : x; } }; }
    case 15: { const q = num(g, depth); return { text: `held(${a.text}, ${q.text}).p.me()`, value: (m, e) => { const x = a.value(m, e); q.value(m, e); return x; } }; }
    default: {
      const c = int(g, depth);
      const b = ptr(g, depth);
      const t = fresh(g, "temp");
      return { text: `(if ${c.text} % 2 == 0 { ${a.text} } else { var ${t.name} = ${b.text}.*; &${t.name} })`, value: (m, e) => (c.value(m, e) % 2 === 0 ? a.value(m, e) : { ...b.value(m, e) }) };
    }
  }
}

/** A *i64. */
function num(g: Gen, depth: number): Expr {
  const k = depth > 2 ? below(g.r, 5) : below(g.r, 11);
  const v = named(g, ["int", "num", "node", "arr", "int", "holder"][k] ?? "");
  if (v !== null) {
    if (k === 2) return oneIn(g.r, 2) ? { text: `(&${v.name}.v)`, value: (_m, e) => numOfNode(e.get(v.name)) } : { text: `${v.name}.value()`, value: (_m, e) => numOfNode(e.get(v.name)) };
    if (k === 3) { const j = below(g.r, 3); return { text: `(&${v.name}[${j}])`, value: (_m, e) => numOfElement(e.get(v.name), j) }; }
    if (v.kind === "int") return { text: `(&${v.name})`, value: (_m, e) => e.get(v.name) };
    return v.kind === "num" ? get(v) : { text: `${v.name}.q`, value: (_m, e) => e.get(v.name).q };
  }
  if (depth > 2 || k < 6) { const n = below(g.r, 90); return { text: `make(${n}).value()`, value: () => numOfNode(newNode(n)) }; }
  const q = num(g, depth + 1);
  switch (k) {
    case 6: return { text: `${pick(g.r, ["idNum", "same", g.tame ? "idNum" : "weakNum"])}(${q.text})`, value: q.value };
    case 7: { const p = ptr(g, depth + 1); return { text: `both(${p.text}, ${q.text}).1`, value: (m, e) => { p.value(m, e); return q.value(m, e); } }; }
    case 8: { const p = ptr(g, depth + 1); return { text: `${p.text}.value()`, value: (m, e) => numOfNode(p.value(m, e)) }; }
    case 9: { const p = ptr(g, depth + 1); return { text: `(${p.text}.num orelse ${q.text})`, value: (m, e) => p.value(m, e).num ?? q.value(m, e) }; }
    default: { const s = slice(g, depth + 1); return s === null ? q : { text: `(&${s.text}[1])`, value: (m, e) => { const x = s.value(m, e); return numOfElement(x.a, x.from + 1); } }; }
  }
}

/** A []i64 of at least two elements, or null where nothing has one. */
function slice(g: Gen, depth: number): Expr | null {
  const k = below(g.r, 4);
  const v = named(g, ["arr", "arr", "slice", "slice"][k]);
  if (v === null) return { text: "gSlice", value: (m) => m.gSlice };
  if (v.kind === "slice") return depth < 2 && oneIn(g.r, 3) ? { text: `same(${v.name})`, value: (_m, e) => e.get(v.name) } : get(v);
  const from = below(g.r, 2);
  return { text: `${v.name}[${from}:3]`, value: (_m, e) => ({ a: e.get(v.name), from }) };
}

function simple(text: string, run: (m: Run, e: Env) => void): Stmt {
  return { lines: [text], run: (m, e) => { m.steps += 1; if (m.steps > 20000) throw new TooLong(); run(m, e); return null; } };
}

function declare(g: Gen): Stmt {
  const kind = pick(g.r, ["node", "node", "node", "ptr", "ptr", "opt", "int", "int", "num", "num", "arr", "slice", "list", "holder", "closure"]);
  const v = fresh(g, kind);
  const n = below(g.r, 90);
  let made: Stmt;
  if (kind === "node") {
    const p = oneIn(g.r, 2) ? ptr(g, 1) : null;
    made = p === null ? simple(`var ${v.name} = make(${n})`, (_m, e) => { e.set(v.name, newNode(n)); }) : simple(`var ${v.name} = ${p.text}.*`, (m, e) => { e.set(v.name, { ...p.value(m, e) }); });
  } else if (kind === "ptr") { const p = ptr(g, 0); made = simple(`var ${v.name} = ${p.text}`, (m, e) => { e.set(v.name, p.value(m, e)); }); }
  else if (kind === "opt") { const p = ptr(g, 1); made = simple(`var ${v.name}: ?*Node = ${p.text}`, (m, e) => { e.set(v.name, { o: p.value(m, e) }); }); }
  else if (kind === "int") { const x = int(g); made = simple(`var ${v.name}: i64 = ${x.text}`, (m, e) => { const a = [x.value(m, e)]; e.set(v.name, numOfElement(a, 0)); }); }
  else if (kind === "num") { const q = num(g, 0); made = simple(`var ${v.name} = ${q.text}`, (m, e) => { e.set(v.name, q.value(m, e)); }); }
  else if (kind === "arr") { const x = int(g); made = simple(`var ${v.name}: [3]i64 = [${n}, ${n + 1}, ${x.text}]`, (m, e) => { e.set(v.name, [n, n + 1, x.value(m, e)]); }); }
  else if (kind === "slice") { const s = slice(g, 0); made = simple(`var ${v.name} = ${s?.text}`, (m, e) => { e.set(v.name, s?.value(m, e)); }); }
  else if (kind === "list") made = simple(`var ${v.name} = List(*Node) {}`, (_m, e) => { e.set(v.name, []); });
  else if (kind === "holder") { const p = ptr(g, 1); const q = num(g, 1); made = simple(`var ${v.name} = held(${p.text}, ${q.text})`, (m, e) => { const a = p.value(m, e); e.set(v.name, { p: a, q: q.value(m, e) }); }); }
  else { const p = named(g, "ptr"); if (p === null) return declare(g); made = simple(`const ${v.name} = fn() *Node { return ${p.name} }`, (_m, e) => { e.set(v.name, e.get(p.name)); }); }
  g.vars.push(v);
  return made;
}

/** In a tame program nothing is stored through a pointer but numbers, so that variables can stay on the stack. */
function assign(g: Gen): Stmt {
  const k = g.tame ? pick(g.r, [0, 1, 2, 3, 4, 5, 6, 8]) : below(g.r, 12);
  const v = named(g, ["ptr", "ptr", "opt", "num", "slice", "node", "holder"][k] ?? "");
  if (v !== null) {
    if (k === 3) { const q = num(g, 0); return simple(`${v.name} = ${q.text}`, (m, e) => { e.set(v.name, q.value(m, e)); }); }
    if (k === 4) { const s = slice(g, 0); return simple(`${v.name} = ${s?.text}`, (m, e) => { e.set(v.name, s?.value(m, e)); }); }
    const p = ptr(g, 0);
    if (k < 2) return simple(`${v.name} = ${p.text}`, (m, e) => { e.set(v.name, p.value(m, e)); });
    if (k === 2) return simple(`${v.name} = ${p.text}`, (m, e) => { const x = p.value(m, e); e.get(v.name).o = x; });
    if (k === 5) return simple(`${v.name} = ${p.text}.*`, (m, e) => { const x = { ...p.value(m, e) }; Object.assign(e.get(v.name), x); });
    return simple(`${v.name}.p = ${p.text}`, (m, e) => { const x = p.value(m, e); e.get(v.name).p = x; });
  }
  const p = ptr(g, 1);
  if (k === 7 && !g.tame) { const q = num(g, 1); return simple(`${p.text}.num = ${q.text}`, (m, e) => { const x = p.value(m, e); x.num = q.value(m, e); }); }
  if (k === 8 || g.tame) { const q = num(g, 1); const x = int(g, 1); return simple(`${q.text}.* = ${x.text}`, (m, e) => { const at = q.value(m, e); at.put(x.value(m, e)); }); }
  const o = ptr(g, 1);
  return simple(`${p.text}.next = ${o.text}`, (m, e) => { const x = p.value(m, e); x.next = o.value(m, e); });
}

function keep(g: Gen): Stmt {
  if (g.tame && !oneIn(g.r, 8)) return show(g);
  const k = below(g.r, 6);
  const p = ptr(g, 0);
  const weak = oneIn(g.r, 2);
  if (k === 0) return simple(`keepNode(${weak ? `weakly(${p.text})` : p.text})`, (m, e) => { m.gNode = p.value(m, e); });
  if (k === 1) { const q = num(g, 0); return simple(`keepNum(${weak ? `weakNum(${q.text})` : q.text})`, (m, e) => { m.gNum = q.value(m, e); }); }
  if (k === 2) { const s = slice(g, 0); return simple(`gSlice = ${s?.text}`, (m, e) => { m.gSlice = s?.value(m, e); }); }
  const xs = named(g, pick(g.r, ["list", "xs"]));
  if (k === 3 || xs === null) return simple(`gList.append(${p.text})`, (m, e) => { m.gList.push(p.value(m, e)); });
  const place = xs.kind === "list" ? `&${xs.name}` : xs.name;
  return k === 4 ? simple(`${xs.name}.append(${p.text})`, (m, e) => { e.get(xs.name).push(p.value(m, e)); }) : simple(`keepIn(${place}, ${p.text})`, (m, e) => { e.get(xs.name).push(p.value(m, e)); });
}

function note(m: Run, p: Node): void {
  m.out.push(`${p.v} ${p.s}${p.next === null ? "" : ` ${p.next.v}${p.next.s}`}${p.num === null ? "" : ` n${p.num.at()}`}`);
}

function show(g: Gen): Stmt {
  if (oneIn(g.r, 2)) { const p = ptr(g, 0); return simple(`note(${p.text})`, (m, e) => { note(m, p.value(m, e)); }); }
  const x = int(g);
  return simple(`println("i", ${x.text})`, (m, e) => { m.out.push(`i${x.value(m, e)}`); });
}

/** A call of another function, or of itself with less to do. */
function call(g: Gen): Stmt {
  const f = g.funcs.length === 0 || oneIn(g.r, 4) ? null : pick(g.r, g.funcs);
  const own = f === null && g.self !== "" && g.loops === 0;
  if (f === null && !own) return show(g);
  const p = ptr(g, 1);
  const o = ptr(g, 1);
  const q = num(g, 1);
  const xs = named(g, pick(g.r, ["list", "xs"]));
  const list = xs === null ? "&gList" : xs.kind === "list" ? `&${xs.name}` : xs.name;
  const k = own ? "k - 1" : `${below(g.r, 3)}`;
  const name = f === null ? g.self : f.name;
  const r = fresh(g, "opt");
  const text = `${own ? "if k > 0 { " : ""}${own ? "_ =" : `var ${r.name} =`} ${name}(${p.text}, ${o.text}, ${list}, ${q.text}, ${k})${own ? " }" : ""}`;
  const made = simple(text, (m, e) => {
    const fuel = own ? e.get("k") - 1 : Number(k);
    if (fuel < 0) return;
    const env: Env = new Map();
    env.set("p", p.value(m, e));
    env.set("o", { o: o.value(m, e) });
    env.set("xs", xs === null ? m.gList : e.get(xs.name));
    env.set("q", q.value(m, e));
    env.set("k", fuel);
    const body = f === null ? (g as Gen & { body: Stmt }).body : f.body;
    const done = body.run(m, env);
    if (!own) e.set(r.name, { o: done === null ? null : done.result });
  });
  if (!own) g.vars.push(r);
  return made;
}

function nested(g: Gen): Stmt {
  const k = below(g.r, 5);
  const at = (lines: string[]): string[] => lines.map((l) => `    ${l}`);
  if (k === 0) {
    const n = 1 + below(g.r, 3);
    const i = fresh(g, "k");
    g.loops += 1;
    const body = block(g, 2 + below(g.r, 4), [i]);
    g.loops -= 1;
    return { lines: [`for ${i.name} in 0..${n} {`, ...at(body.lines), "}"], run: (m, e) => { for (let x = 0; x < n; x++) { e.set(i.name, x); const r = body.run(m, e); if (r !== null) return r; } return null; } };
  }
  if (k === 1) {
    const x = int(g);
    const yes = block(g, 1 + below(g.r, 3), []);
    const no = block(g, 1 + below(g.r, 3), []);
    return { lines: [`if ${x.text} % 2 == 0 {`, ...at(yes.lines), "} else {", ...at(no.lines), "}"], run: (m, e) => (x.value(m, e) % 2 === 0 ? yes : no).run(m, e) };
  }
  if (k === 2) {
    const o = named(g, "opt");
    const v = fresh(g, "ptr");
    if (o === null) return show(g);
    const capture: Variable = { name: v.name, kind: "param" };
    g.vars.push({ name: v.name, kind: "ptr" });
    const body = block(g, 1 + below(g.r, 3), [capture]);
    g.vars = g.vars.filter((x) => x.name !== v.name);
    return { lines: [`if ${o.name} |${v.name}0| {`, `    var ${v.name} = ${v.name}0`, ...at(body.lines), "}"], run: (m, e) => { const x = e.get(o.name).o; if (x === null) return null; e.set(v.name, x); return body.run(m, e); } };
  }
  if (k === 3) {
    const p = ptr(g, 0);
    const u = fresh(g, "union");
    const v = fresh(g, "ptr");
    g.vars.push(v);
    const body = block(g, 1 + below(g.r, 3), []);
    g.vars = g.vars.filter((x) => x.name !== v.name);
    return { lines: [`var ${u.name} = U.P(${p.text})`, `switch ${u.name} {`, `    .P |${v.name}0| => {`, `        var ${v.name} = ${v.name}0`, ...at(at(body.lines)), "    },", "    else => {},", "}"], run: (m, e) => { e.set(v.name, p.value(m, e)); return body.run(m, e); } };
  }
  const body = block(g, 2 + below(g.r, 3), []);
  return { lines: ["{", ...at(body.lines), "}"], run: body.run };
}

/** Statements in a scope, with what is deferred in it. */
function block(g: Gen, count: number, extra: Variable[]): Stmt {
  const outer = g.vars.slice();
  g.vars.push(...extra);
  const list: Stmt[] = [];
  const deferred: { stmt: Stmt }[] = [];
  const flags: ({ stmt: Stmt } | null)[] = [];
  for (let n = 0; n < count; n++) {
    g.budget -= 1;
    if (oneIn(g.r, 9)) {
      const s = show(g);
      const d = { stmt: s };
      deferred.push(d);
      flags.push(d);
      list.push({ lines: s.lines.map((l) => `defer ${l}`), run: () => null });
      continue;
    }
    const k = below(g.r, 12);
    list.push(k < 4 ? declare(g) : k < 6 ? assign(g) : k < 8 ? keep(g) : k < 9 ? call(g) : k < 10 && g.budget > 0 ? nested(g) : show(g));
    flags.push(null);
  }
  if (g.self !== "" && oneIn(g.r, 5)) {
    const p = ptr(g, 0);
    list.push({ lines: [`return ${p.text}`], run: (m, e) => ({ result: p.value(m, e) }) });
    flags.push(null);
  }
  g.vars = outer;
  return {
    lines: list.flatMap((s) => s.lines),
    run: (m, e) => {
      let result: { result: Any } | null = null;
      const waiting: Stmt[] = [];
      for (let k = 0; k < list.length && result === null; k++) {
        const d = flags[k];
        if (d !== null) waiting.push(d.stmt);
        else result = list[k].run(m, e);
      }
      while (waiting.length > 0) waiting.pop()?.run(m, e);
      return result;
    },
  };
}

/** A program and what it prints; null when it would run for too long. */
export function escapeProgram(seed: number): { text: string; expected: string } | null {
  const g: Gen & { body: Stmt | null } = { r: newRandom(seed), vars: [], names: 0, funcs: [], self: "", budget: 0, loops: 0, tame: seed % 3 === 0, body: null };
  let text = prelude;
  for (let n = 1 + below(g.r, 4); n > 0; n--) {
    g.self = `f${n}`;
    g.budget = 12;
    g.vars = [{ name: "p", kind: "ptr0" }, { name: "o", kind: "opt" }, { name: "xs", kind: "xs" }, { name: "q", kind: "num0" }, { name: "k", kind: "k" }];
    const inner: Stmt = { lines: [], run: (m, e) => body.run(m, e) };
    g.body = inner;
    // The pointers are given to variables of their own, since a parameter cannot be assigned.
    g.vars.push({ name: "pp", kind: "ptr" }, { name: "qq", kind: "num" }, { name: "oo", kind: "opt" });
    g.vars = g.vars.filter((v) => v.name !== "o");
    const made = block(g, 6 + below(g.r, 8), []);
    const body: Stmt = { lines: made.lines, run: (m, e) => { e.set("pp", e.get("p")); e.set("qq", e.get("q")); e.set("oo", { o: e.get("o").o }); return made.run(m, e); } };
    text += `fn f${n}(p: *Node, o: ?*Node, xs: *List(*Node), q: *i64, k: i64) ?*Node {\n    var pp = p\n    var qq = q\n    var oo = o\n${body.lines.map((l) => `    ${l}\n`).join("")}    return null\n}\n`;
    const own = g.body;
    g.funcs.push({ name: `f${n}`, body: { lines: [], run: (m, e) => { const before = g.body; g.body = own; const r = body.run(m, e); g.body = before; return r; } } });
  }
  g.self = "";
  g.vars = [];
  g.budget = 30;
  const main = block(g, 20 + below(g.r, 20), []);
  text += `fn run() {\n${main.lines.map((l) => `    ${l}\n`).join("")}}\nfn main() {\n    gSlice = gArray[0:3]\n    run()\n    if gNode |n| { note(n) }\n    if gNum |n| { println("g", n.*) }\n    println(gSlice[0], " ", gSlice[1])\n    for n in gList { note(n) }\n}\n`;
  const m: Run = { out: [], gNode: null, gNum: null, gSlice: { a: [5, 6, 7], from: 0 }, gList: [], steps: 0 };
  try {
    main.run(m, new Map());
  } catch (e) {
    if (e instanceof TooLong) return null;
    throw e;
  }
  if (m.gNode !== null) note(m, m.gNode);
  if (m.gNum !== null) m.out.push(`g${m.gNum.at()}`);
  m.out.push(`${m.gSlice.a[m.gSlice.from]} ${m.gSlice.a[m.gSlice.from + 1]}`);
  for (const n of m.gList) note(m, n);
  return { text, expected: m.out.map((l) => `${l}\n`).join("") };
}
