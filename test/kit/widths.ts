// Random arithmetic on integers of every width from 1 to 64 bits, against a model in BigInt: what each operator, builtin and
// conversion gives for values from the ends of the range and from its middle, once of values that the compiler does not
// know and once of constants, in variables, fields, elements, optionals and through generic functions.

import { below, newRandom, oneIn, pick, type Random } from "./random.ts";

export interface WidthProgram {
  text: string;
  expected: string;
}

interface Int {
  name: string;
  bits: number;
  signed: boolean;
}

interface Line {
  expr: string;
  value: string;
}

function intType(bits: number, signed: boolean): Int {
  return { name: `${signed ? "i" : "u"}${bits}`, bits, signed };
}

/** A number brought into the range of a type. */
export function wrapped(value: bigint, t: Int): bigint {
  return t.signed ? BigInt.asIntN(t.bits, value) : BigInt.asUintN(t.bits, value);
}

function least(t: Int): bigint {
  return t.signed ? -(1n << BigInt(t.bits - 1)) : 0n;
}

function greatest(t: Int): bigint {
  return (1n << BigInt(t.signed ? t.bits - 1 : t.bits)) - 1n;
}

function randomValue(r: Random, t: Int): bigint {
  switch (below(r, 6)) {
    case 0: return least(t);
    case 1: return greatest(t);
    case 2: return wrapped(BigInt(below(r, 5)) - 2n, t);
    default: break;
  }
  let bits = 0n;
  for (let k = 0; k < 4; k++) bits = (bits << 16n) | BigInt(below(r, 65536));
  return wrapped(bits, t);
}

function ones(value: bigint, bits: number): string {
  return BigInt.asUintN(bits, value).toString(2).padStart(bits, "0");
}

function fits(value: bigint, t: Int): boolean {
  return wrapped(value, t) === value;
}

function overflow(name: string, exact: bigint, t: Int): Line {
  const call = `@${name}WithOverflow(a, b)`;
  return { expr: `${call}.0, " ", ${call}.1`, value: `${wrapped(exact, t)} ${!fits(exact, t)}` };
}

/** What may be asked of two values of a type and a count, and the answers. */
function questions(t: Int, a: bigint, b: bigint, count: bigint, countType: Int, u: Int): Line[] {
  const out: Line[] = [];
  const say = (expr: string, value: bigint | boolean): void => void out.push({ expr, value: String(value) });
  const shift = BigInt.asUintN(countType.bits, count) % BigInt(t.bits);
  const word = ones(a, t.bits);
  say("a + b", wrapped(a + b, t));
  say("a - b", wrapped(a - b, t));
  say("a * b", wrapped(a * b, t));
  say("a & b", a & b);
  say("a | b", a | b);
  say("a ^ b", a ^ b);
  say("~a", wrapped(~a, t));
  say("-a", wrapped(-a, t));
  say("a << c", wrapped(a << shift, t));
  say("a >> c", a >> shift);
  if (b !== 0n && fits(a / b, t)) say("a / b", a / b);
  if (b !== 0n) say("a % b", a % b);
  say("a == b", a === b);
  say("a < b", a < b);
  say("a >= b", a >= b);
  say("@min(a, b)", a < b ? a : b);
  say("@max(a, b)", a > b ? a : b);
  say("@abs(a)", wrapped(a < 0n ? -a : a, t));
  say("@popCount(a)", wrapped(BigInt([...word].filter((x) => x === "1").length), t));
  say("@clz(a)", wrapped(BigInt(word.includes("1") ? word.indexOf("1") : t.bits), t));
  say("@ctz(a)", wrapped(BigInt(word.includes("1") ? t.bits - 1 - word.lastIndexOf("1") : t.bits), t));
  out.push(overflow("add", a + b, t), overflow("sub", a - b, t), overflow("mul", a * b, t));
  say(`@truncate(${u.name}, a)`, wrapped(a, u));
  if (fits(a, u)) say(`@intCast(${u.name}, a)`, a);
  if (fits(least(t), u) && fits(greatest(t), u)) say(`(a as ${u.name})`, a);
  const turned = intType(t.bits, !t.signed);
  say(`@bitCast(${turned.name}, a)`, wrapped(a, turned));
  const near = BigInt(Number(a));
  if (fits(near, t)) say(`@intFromFloat(${t.name}, @floatFromInt(f64, a))`, near);
  return out;
}

/** The same through memory: fields, elements, optionals, a list of operations on a place. */
function kept(t: Int, a: bigint, b: bigint): { statements: string[]; value: string } {
  const sum = wrapped(a + b, t);
  return {
    statements: [
      `    var box = Box(${t.name}) { before: 1, value: a, after: 2 }`,
      "    box.value += b",
      "    var xs = [a, b, box.value]",
      "    xs[0] -= b",
      `    const view: []${t.name} = &xs`,
      "    view[1] *= a",
      `    var some: ?${t.name} = xs[0]`,
      "    if some |*v| { v.* ^= b }",
      "    const n = @intCast(i64, xs.len)",
      `    println(box.before, " ", box.value, " ", box.after, " ", xs[0], " ", xs[1], " ", xs[2], " ", some.?, " ", same(${t.name})(a), " ", n, " \${a}", a == same(${t.name})(a))`,
    ],
    value: `1 ${sum} 2 ${wrapped(a - b, t)} ${wrapped(a * b, t)} ${sum} ${wrapped(wrapped(a - b, t) ^ b, t)} ${a} 3 ${a}true`,
  };
}

/** A constant expression has the same value; what would be an error there is left out. */
function constantLines(t: Int, a: bigint, b: bigint): Line[] {
  const c = BigInt(t.bits - 1);
  return questions(t, a, b, c, intType(64, true), t).filter((q) => !q.expr.includes("WithOverflow"));
}

/** A question as it is printed. */
function shown(t: Int, expr: string): string {
  return `${t.name} ${expr.replaceAll('"', "'")}`;
}

/** A program of so many types, each with a few pairs of values. */
export function widthProgram(seed: number, types: number): WidthProgram {
  const r = newRandom(seed);
  const text = ["struct Box(T) { before: u8, value: T, after: u8 }", "fn same(T)(x: T) T { return x }"];
  const calls: string[] = [];
  const expected: string[] = [];
  for (let n = 0; n < types; n++) {
    const t = intType(1 + below(r, 64), oneIn(r, 2));
    const u = intType(1 + below(r, 64), oneIn(r, 2));
    const countType = pick(r, [t, intType(64, true), intType(64, false), intType(8, true), intType(32, true)]);
    const pairs = Array.from({ length: 3 }, () => [randomValue(r, t), randomValue(r, t), randomValue(r, countType)]);
    // One function for a question, so that a pair for which there is no answer leaves it out.
    const bodies = new Map<string, string>();
    for (const [a, b, c] of pairs) {
      for (const q of questions(t, a, b, c, countType, u)) {
        if (!bodies.has(q.expr)) bodies.set(q.expr, `q${n}x${bodies.size}`);
        calls.push(`    ${bodies.get(q.expr)}(${a}, ${b}, ${c})`);
        expected.push(`${shown(t, q.expr)} ${q.value}`);
      }
      const k = kept(t, a, b);
      calls.push(`    kept${n}(${a}, ${b})`);
      expected.push(k.value);
    }
    for (const [expr, name] of bodies) text.push(`fn ${name}(a: ${t.name}, b: ${t.name}, c: ${countType.name}) { println("${shown(t, expr)} ", ${expr}) }`);
    text.push(`fn kept${n}(a: ${t.name}, b: ${t.name}) {`, ...kept(t, 0n, 0n).statements, "}");
    const [a, b] = pairs[0];
    text.push(`const A${n}: ${t.name} = ${a}`, `const B${n}: ${t.name} = ${b}`, `const C${n} = ${t.bits - 1}`, `fn constants${n}() {`);
    for (const q of constantLines(t, a, b)) {
      const expr = q.expr.replaceAll(/\b[abc]\b/g, (name) => `${name.toUpperCase()}${n}`);
      text.push(`    println("constant ${shown(t, q.expr)} ", ${expr})`);
      expected.push(`constant ${shown(t, q.expr)} ${q.value}`);
    }
    text.push("}");
    calls.push(`    constants${n}()`);
  }
  return { text: `${text.join("\n")}\nfn main() {\n${calls.join("\n")}\n}\n`, expected: `${expected.join("\n")}\n` };
}
