// Random expressions over all forms that have a block's value: if, switch, blocks, labelled blocks, catch and orelse,
// between operators, under conversions, as indexes, bounds and arguments, and in every place where a type is wanted.
// In -> out: a seed and a count, to one Cot file and what it prints, as the model of typed_model computes it.

import { below, newRandom, oneIn, pick, type Random } from "./random.ts";
import { binary, coerce, compare, constantNode, Ill, inner, intTypes, isFloat, isOptional, isUntyped, join, leaf, type Node, settle, type Type, unary, type Value } from "./typed_model.ts";

export interface FormsFile { text: string; expected: string }

/** An expression: how it is written, and its node where a type is wanted or not. */
interface Expr {
  text: string;
  /** Whether it finds its own type as an if, switch or block does. */
  form: boolean;
  check(want: Type | null): Node;
}

interface Variable { name: string; type: Type; value: Value }

interface Gen {
  r: Random;
  variables: Variable[];
  names: number;
  float: boolean;
  /** Types that meet each other. */
  palette: Type[];
}

const palettes = [["u8", "u16", "u32", "u64"], ["i8", "i16", "i32", "i64"], ["u8", "u16", "i32", "i64"], ["u8", "i16", "u16", "i64"], ["u32", "i64"], ["u8"], ["i8", "u8"], ["u64"]];
const samples: Record<string, bigint[]> = {
  u8: [200n, 7n], i8: [-100n, 3n], u16: [65530n, 12n], i16: [-30000n, 5n], u32: [4294967290n, 9n], i32: [-2000000000n, 77n],
  u64: [18446744073709551610n, 2n], i64: [-9000000000000000000n, 41n],
};

/** Globals of every type: two numbers, an optional with and one without value; floats, flags, and numbers to switch on. */
function globals(): Variable[] {
  const all: Variable[] = [];
  for (const t of intTypes) {
    for (const [k, value] of samples[t].entries()) all.push({ name: `${t}_${k}`, type: t, value });
    all.push({ name: `o_${t}`, type: `?${t}`, value: samples[t][1] }, { name: `n_${t}`, type: `?${t}`, value: null });
  }
  for (const t of ["f32", "f64"]) all.push({ name: `${t}_0`, type: t, value: 1.5 }, { name: `${t}_1`, type: t, value: -3.25 }, { name: `o_${t}`, type: `?${t}`, value: 0.75 }, { name: `n_${t}`, type: `?${t}`, value: null });
  all.push({ name: "yes", type: "bool", value: true }, { name: "no", type: "bool", value: false });
  return all;
}

const table = [1000n, 2000n, 3000n, 65535n];

function written(v: Value, type: Type): string {
  return typeof v === "number" && !Number.isInteger(v) ? String(v) : typeof v === "number" && isFloat(type) ? `${v}.0` : String(v);
}

function variable(g: Gen, type: (t: Type) => boolean): Expr {
  const found = g.variables.filter((v) => type(v.type));
  if (found.length === 0) throw new Ill();
  const v = pick(g.r, found);
  return { text: v.name, form: false, check: () => leaf(v.type, () => v.value) };
}

function constant(g: Gen): Expr {
  const value: bigint | number = g.float && oneIn(g.r, 2) ? below(g.r, 32) / 4 : BigInt(pick(g.r, [0, 1, 2, 3, 5, 100, 127, 200, 300]));
  return { text: written(value, "f64"), form: false, check: () => constantNode(value) };
}

function typeOf(g: Gen): Type {
  return g.float ? pick(g.r, ["f32", "f64"]) : pick(g.r, g.palette);
}

function simple(g: Gen): Expr {
  if (oneIn(g.r, 3)) return constant(g);
  if (g.float) {
    const f = g.palette[0];
    return variable(g, (t) => t === f);
  }
  return variable(g, (t) => g.palette.includes(t));
}

function condition(g: Gen, depth: number): Expr {
  if (depth <= 0 || oneIn(g.r, 2)) return variable(g, (t) => t === "bool");
  const op = pick(g.r, ["<", "==", ">="]);
  const a = expr(g, depth - 1);
  const b = expr(g, depth - 1);
  return { text: `(${a.text}) ${op} (${b.text})`, form: false, check: () => compare(op, a.check(null), b.check(null)) };
}

/** One of some branches, chosen as the program runs. */
function choice(branches: Expr[], want: Type | null, choose: () => () => number): Node {
  const at = choose();
  const j = join(branches.map((b) => b.check(want)), want);
  return inner(j.type, j.branches, () => j.branches[at()].run());
}

function ifForm(g: Gen, depth: number): Expr {
  const conditions = Array.from({ length: 1 + below(g.r, 2) }, () => condition(g, depth - 1));
  const branches = [...conditions, null].map(() => expr(g, depth - 1));
  const text = conditions.map((c, k) => `if ${c.text} { ${branches[k].text} } else `).join("") + `{ ${branches[branches.length - 1].text} }`;
  return {
    text, form: true, check: (want) => choice(branches, want, () => {
      const tests = conditions.map((c) => c.check(null));
      return () => {
        const k = tests.findIndex((t) => t.run() === true);
        return k < 0 ? tests.length : k;
      };
    }),
  };
}

/** An if with the payload of an optional, or of what may fail. */
function captureForm(g: Gen, depth: number): Expr {
  const type = g.float ? g.palette[0] : pick(g.r, g.palette);
  const fails = oneIn(g.r, 2);
  const absent = oneIn(g.r, 2);
  const name = `c${g.names++}`;
  const v: Variable = { name, type, value: absent ? null : g.variables.find((x) => x.name === `o_${type}`)!.value };
  g.variables.push(v);
  const some = expr(g, depth - 1);
  g.variables.splice(g.variables.indexOf(v), 1);
  const other = expr(g, depth - 1);
  const subject = fails ? `may_${type}(${absent ? "yes" : "no"})` : `${absent ? "n" : "o"}_${type}`;
  return { text: `if ${subject} |${name}| { ${some.text} } else ${fails ? "|_| " : ""}{ ${other.text} }`, form: true, check: (want) => choice([some, other], want, () => () => (absent ? 1 : 0)) };
}

function switchForm(g: Gen, depth: number): Expr {
  const value = below(g.r, 8);
  const arms = [0, 1, 2, 3].map(() => expr(g, depth - 1));
  const body = (k: number): string => (oneIn(g.r, 2) ? arms[k].text : `{ ${arms[k].text} }`);
  const text = `switch number(${value}) { 0 => ${body(0)}, 1, 2 => ${body(1)}, 3..5 => ${body(2)}, else => ${body(3)} }`;
  const at = value === 0 ? 0 : value < 3 ? 1 : value < 6 ? 2 : 3;
  return { text, form: true, check: (want) => choice(arms, want, () => () => at) };
}

/** A block, perhaps with a variable of its own. */
function blockForm(g: Gen, depth: number): Expr {
  if (oneIn(g.r, 2)) {
    const e = expr(g, depth - 1);
    return { text: `{ ${e.text} }`, form: true, check: (want) => {
      const n = e.check(want);
      return inner(n.type, [n], () => n.run());
    } };
  }
  const first = expr(g, depth - 1);
  const type = typeOf(g);
  const v: Variable = { name: `v${g.names++}`, type, value: null };
  g.variables.push(v);
  const last = expr(g, depth - 1);
  g.variables.splice(g.variables.indexOf(v), 1);
  return {
    text: `{ var ${v.name}: ${type} = ${first.text}; ${last.text} }`, form: true, check: (want) => {
      const a = coerce(first.check(type), type);
      const b = last.check(want);
      return inner(b.type, [b], () => {
        v.value = a.run();
        return b.run();
      });
    },
  };
}

function labelForm(g: Gen, depth: number): Expr {
  const label = `'l${g.names++}`;
  const values = Array.from({ length: 1 + below(g.r, 3) }, () => expr(g, depth - 1));
  const last = values.length - 1;
  const always = last > 0 && oneIn(g.r, 4);
  const tests = values.slice(0, last).map((_, k) => (always && k === last - 1 ? null : condition(g, depth - 1)));
  const breaks = tests.map((t, k) => (t === null ? `{ break ${label} ${values[k].text} }; ` : `if ${t.text} { break ${label} ${values[k].text} }; `));
  const end = last === 0 ? `break ${label} ${values[0].text}` : values[last].text;
  return {
    text: `${label}: { ${breaks.join("")}${end} }`, form: true, check: (want) => choice(values, want, () => {
      const checked = tests.map((t) => t?.check(null) ?? null);
      return () => {
        const k = checked.findIndex((t) => t === null || t.run() === true);
        return k < 0 ? last : k;
      };
    }),
  };
}

/** orelse and catch: the right side is of the payload's type. */
function alternativeForm(g: Gen, depth: number): Expr {
  const type = g.float ? g.palette[0] : pick(g.r, g.palette);
  const fails = oneIn(g.r, 2);
  const absent = oneIn(g.r, 2);
  const value = g.variables.find((x) => x.name === `o_${type}`)!.value;
  const other = expr(g, depth - 1);
  const left = fails ? `may_${type}(${absent ? "yes" : "no"})` : `${absent ? "n" : "o"}_${type}`;
  const right = other.form ? other.text : `(${other.text})`;
  return {
    text: `(${left} ${fails ? "catch" : "orelse"} ${right})`, form: false, check: (want) => {
      if (want === `?${type}` && other.form) {
        // Wanted as an optional, it may be absent after all.
        const b = coerce(other.check(want), want);
        return leaf(want, () => (absent ? b.run() : value));
      }
      const b = coerce(other.check(type), type);
      return leaf(type, () => (absent ? b.run() : value));
    },
  };
}

function operator(g: Gen, depth: number): Expr {
  const op = pick(g.r, g.float ? ["+", "-", "*"] : ["+", "-", "*", "&", "|", "^", "<<", ">>", "/", "%"]);
  const a = expr(g, depth - 1);
  const divides = op === "/" || op === "%";
  const shifts = op === "<<" || op === ">>";
  const b = divides ? { text: "3", form: false, check: () => constantNode(3n) } : shifts && oneIn(g.r, 2) ? { text: "5", form: false, check: () => constantNode(5n) } : expr(g, depth - 1);
  return {
    text: `(${a.text}) ${op} (${b.text})`, form: false, check: () => {
      const left = a.check(null);
      const right = b.check(null);
      // A constant count must be within the width.
      const count = shifts && right.known ? right.run() : 0n;
      if (typeof count === "bigint" && (count < 0n || count > 7n)) throw new Ill();
      return binary(op, left, right);
    },
  };
}

function sign(g: Gen, depth: number): Expr {
  const op = g.float ? "-" : pick(g.r, ["-", "~"]);
  const a = expr(g, depth - 1);
  return { text: `${op}(${a.text})`, form: false, check: () => unary(op, a.check(null)) };
}

/** A conversion, argument, index or bound. */
function context(g: Gen, depth: number): Expr {
  const type = typeOf(g);
  const e = expr(g, depth - 1);
  const kind = below(g.r, g.float ? 3 : 5);
  const called = kind === 2;
  const converted = (): Node => {
    const n = coerce(e.check(type), type);
    return { ...leaf(type, () => n.run()), known: n.known && !called };
  };
  if (kind === 0) return { text: `@as(${type}, ${e.text})`, form: false, check: converted };
  if (kind === 1) return { text: `((${e.text}) as ${type})`, form: false, check: converted };
  if (kind === 2) return { text: `same_${type}(${e.text})`, form: false, check: converted };
  const three: Expr = { text: "3", form: false, check: () => constantNode(3n) };
  const index = (): Node => settle(binary("&", e.check(null), three.check(null)));
  if (kind === 3) {
    return { text: `table[(${e.text}) & 3]`, form: false, check: () => {
      const at = index();
      return leaf("u16", () => table[Number(at.run())]);
    } };
  }
  return { text: `len("abcd"[(${e.text}) & 3:])`, form: false, check: () => {
    const at = index();
    return leaf("i64", () => 4n - (at.run() as bigint));
  } };
}

const makers = [ifForm, captureForm, switchForm, blockForm, labelForm, labelForm, alternativeForm, operator, operator, operator, sign, context];

function expr(g: Gen, depth: number): Expr {
  return depth <= 0 || oneIn(g.r, 6) ? simple(g) : pick(g.r, makers)(g, depth);
}

/** A place where a type is wanted: statements that print the value of E as a line, and functions for them. */
interface Place { name: string; decl: (k: number, type: Type, text: string) => string; use: (k: number, type: Type, text: string) => string }

const places: Place[] = [
  { name: "var", decl: () => "", use: (k, t, e) => `var x${k}: ${t} = ${e}` },
  { name: "assign", decl: () => "", use: (k, t, e) => `var x${k}: ${t} = ${isOptional(t) ? "null" : "1"}; x${k} = ${e}` },
  { name: "argument", decl: (k, t) => `fn pass${k}(x: ${t}) ${t} { return x }\n`, use: (k, _, e) => `const x${k} = pass${k}(${e})` },
  { name: "return", decl: (k, t, e) => `fn give${k}() ${t} { return ${e} }\n`, use: (k) => `const x${k} = give${k}()` },
  { name: "fail", decl: (k, t, e) => `fn fail${k}() E!${t} { return ${e} }\n`, use: (k) => `const x${k} = fail${k}() catch @panic("failed")` },
  { name: "as", decl: () => "", use: (k, t, e) => `const x${k} = @as(${t}, ${e})` },
  { name: "field", decl: (k, t) => `struct S${k} { a: bool, f: ${t} }\n`, use: (k, _, e) => `const s${k} = S${k} { .a = yes, .f = ${e} }; const x${k} = s${k}.f` },
  { name: "element", decl: () => "", use: (k, t, e) => `const a${k}: [2]${t} = [${e}, ${isOptional(t) ? "null" : "0"}]; const x${k} = a${k}[0]` },
  { name: "tuple", decl: () => "", use: (k, t, e) => `const t${k}: (bool, ${t}) = (no, ${e}); const x${k} = t${k}.1` },
];

/** A type that the expression converts to, and its node as that. */
function placed(g: Gen, e: Expr): { type: Type; node: Node } {
  for (let tries = 0; tries < 6; tries++) {
    const base = typeOf(g);
    const type = oneIn(g.r, 4) ? `?${base}` : base;
    try {
      return { type, node: coerce(e.check(type), type) };
    } catch (wrong) {
      if (!(wrong instanceof Ill)) throw wrong;
    }
  }
  throw new Ill();
}

function printed(k: number, type: Type): string {
  if (isOptional(type)) return `if x${k} |y${k}| { println(${k}, " ", ${shown(`y${k}`, type.slice(1))}) } else { println("${k} null") }`;
  return `println(${k}, " ", ${shown(`x${k}`, type)})`;
}

/** Floats are shown as a number of quarters, so that no digits need be modelled. */
function shown(name: string, type: Type): string {
  return isFloat(type) ? `@intFromFloat(i64, ${name} * 4)` : name;
}

function lineOf(k: number, type: Type, v: Value): string {
  if (v === null) return `${k} null`;
  const base = isOptional(type) ? type.slice(1) : type;
  if (typeof v !== "number") return `${k} ${v}`;
  const quarters = base === "f32" ? Math.fround(v * 4) : v * 4;
  return `${k} ${BigInt(Math.trunc(quarters))}`;
}

/** One expression in a place, or as it is where no type is wanted. */
function makeCase(g: Gen, k: number): { decl: string; body: string; line: string } {
  g.float = oneIn(g.r, 5);
  g.palette = g.float ? [pick(g.r, ["f32", "f64"])] : pick(g.r, palettes);
  const e = expr(g, 4);
  if (oneIn(g.r, 5)) {
    const node = settle(e.check(null));
    if (isUntyped(node.type) || node.type === "bool") throw new Ill();
    return { decl: "", body: `const x${k} = ${e.text}; ${printed(k, node.type)}`, line: lineOf(k, node.type, node.run()) };
  }
  const { type, node } = placed(g, e);
  const place = pick(g.r, places);
  return { decl: place.decl(k, type, e.text), body: `${place.use(k, type, e.text)}; ${printed(k, type)}`, line: lineOf(k, type, node.run()) };
}

function prelude(): string {
  const lines = ["const E = error { Absent }", `const table = [${table.map((v, k) => (k === 0 ? `@as(u16, ${v})` : v)).join(", ")}]`, "fn number(n: i64) i64 { return n }"];
  for (const v of globals()) lines.push(`var ${v.name}: ${v.type} = ${written(v.value, v.type)}`);
  for (const t of [...intTypes, "f32", "f64"]) {
    lines.push(`fn same_${t}(x: ${t}) ${t} { return x }`);
    lines.push(`fn may_${t}(absent: bool) E!${t} { return if absent { error.Absent } else { o_${t}.? } }`);
  }
  return `${lines.join("\n")}\n`;
}

/** A file of so many expressions. */
export function formsFile(seed: number, count: number): FormsFile {
  const g: Gen = { r: newRandom(seed), variables: globals(), names: 0, float: false, palette: [] };
  let decls = "";
  let calls = "";
  const lines: string[] = [];
  while (lines.length < count) {
    const scope = g.variables.length;
    try {
      const made = makeCase(g, lines.length);
      decls += `${made.decl}fn case${lines.length}() { ${made.body} }\n`;
      calls += `    case${lines.length}()\n`;
      lines.push(made.line);
    } catch (wrong) {
      if (!(wrong instanceof Ill)) throw wrong;
      g.variables.length = scope;
    }
  }
  return { text: `${prelude()}${decls}fn main() {\n${calls}}\n`, expected: lines.map((l) => `${l}\n`).join("") };
}
