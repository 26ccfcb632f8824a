// Random packed structs as two programs that do the same: one in Cot, one in C with bit-fields and __attribute__((packed)),
// where the fields of nested structs stand in a row. Both store, load and combine fields in globals, locals, elements,
// objects and parameters, and after each step print a checksum of every field and every byte, so that the first line
// that differs names the struct and the step.

import { below, newRandom, oneIn, pick, type Random } from "./random.ts";

export interface PackedPrograms {
  cot: string;
  c: string;
}

/** A scalar of a struct: its name in Cot ("n.a") and in C ("n_a"), and its bits. */
interface Leaf {
  cot: string;
  c: string;
  type: string;
  kind: "int" | "bool" | "enum";
  bits: number;
  signed: boolean;
  /** Members of an enum. */
  members: number;
}

interface Nested {
  cot: string;
  type: string;
  leaves: Leaf[];
}

interface Shape {
  name: string;
  leaves: Leaf[];
  nested: Nested[];
  bits: number;
}

interface Maker {
  r: Random;
  cot: string[];
  c: string[];
}

const widths = [1, 2, 3, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 40, 47, 48, 57, 63, 64];

function scalar(m: Maker, name: string, type: string): { field: string; leaf: Leaf } {
  const kind = below(m.r, 8);
  if (kind === 0) return { field: "bool", leaf: { cot: name, c: name, type: "bool", kind: "bool", bits: 1, signed: false, members: 0 } };
  if (kind === 1) {
    const members = 2 + below(m.r, 12);
    m.cot.push(`enum ${type} { ${Array.from({ length: members }, (_, k) => `M${k}`).join(", ")} }`);
    return { field: type, leaf: { cot: name, c: name, type, kind: "enum", bits: Math.ceil(Math.log2(members)), signed: false, members } };
  }
  const bits = oneIn(m.r, 3) ? pick(m.r, widths) : 1 + below(m.r, 64);
  const signed = oneIn(m.r, 2);
  const int = `${signed ? "i" : "u"}${bits}`;
  return { field: int, leaf: { cot: name, c: name, type: int, kind: "int", bits, signed, members: 0 } };
}

/** Declares a packed struct; its scalars, those of nested ones among them. */
function declare(m: Maker, name: string, depth: number): Shape {
  const shape: Shape = { name, leaves: [], nested: [], bits: 0 };
  const fields: string[] = [];
  const count = 1 + below(m.r, depth > 0 ? 4 : 10);
  for (let k = 0; k < count; k++) {
    const field = `f${k}`;
    if (depth < 2 && oneIn(m.r, 6)) {
      const inner = declare(m, `${name}N${k}`, depth + 1);
      const leaves = inner.leaves.map((l) => ({ ...l, cot: `${field}.${l.cot}`, c: `${field}_${l.c}` }));
      shape.nested.push({ cot: field, type: inner.name, leaves });
      for (const n of inner.nested) shape.nested.push({ cot: `${field}.${n.cot}`, type: n.type, leaves: n.leaves.map((l) => ({ ...l, cot: `${field}.${l.cot}`, c: `${field}_${l.c}` })) });
      shape.leaves.push(...leaves);
      fields.push(`${field}: ${inner.name}`);
      continue;
    }
    const made = scalar(m, field, `${name}E${k}`);
    shape.leaves.push(made.leaf);
    fields.push(`${field}: ${made.field}`);
  }
  for (const l of shape.leaves) shape.bits += l.bits;
  m.cot.push(`packed struct ${name} { ${fields.join(", ")} }`);
  return shape;
}

function cType(l: Leaf): string {
  return l.signed ? "long long" : "unsigned long long";
}

/** A new random value for a scalar. */
function fresh(l: Leaf): { cot: string; c: string } {
  if (l.kind === "bool") return { cot: "(next() & 1) == 1", c: "next() & 1" };
  if (l.kind === "enum") return { cot: `@enumFromInt(${l.type}, next() % ${l.members})`, c: `next() % ${l.members}` };
  return { cot: `@truncate(${l.type}, next())`, c: `(${cType(l)})next()` };
}

/** A scalar as the 64 bits that a checksum takes. */
function asWord(l: Leaf, place: string): string {
  if (l.kind === "bool") return `@intFromBool(${place}.${l.cot})`;
  if (l.kind === "enum") return `@intFromEnum(${place}.${l.cot})`;
  return l.signed ? `@bitCast(u64, (${place}.${l.cot} as i64))` : `${place}.${l.cot}`;
}

interface Place {
  cot: string;
  c: string;
}

const places: Place[] = [
  { cot: "g", c: "g" }, { cot: "s", c: "s" }, { cot: "xs[at]", c: "xs[at]" }, { cot: "h", c: "(*h)" }, { cot: "w.mid", c: "w.mid" }, { cot: "k", c: "k" },
];

function operation(m: Maker, l: Leaf, p: Place): Place {
  const cot = `${p.cot}.${l.cot}`;
  const c = `${p.c}.${l.c}`;
  const value = fresh(l);
  if (l.kind !== "int") return { cot: `${cot} = ${value.cot}`, c: `${c} = ${value.c};` };
  const word = `((unsigned long long)(${cType(l)})${c})`;
  switch (below(m.r, 9)) {
    case 0: return { cot: `${cot} += ${value.cot}`, c: `${c} = (${cType(l)})(${word} + (unsigned long long)${value.c});` };
    case 1: return { cot: `${cot} -= ${value.cot}`, c: `${c} = (${cType(l)})(${word} - (unsigned long long)${value.c});` };
    case 2: return { cot: `${cot} *= ${value.cot}`, c: `${c} = (${cType(l)})(${word} * (unsigned long long)${value.c});` };
    case 3: return { cot: `${cot} ^= ${value.cot}`, c: `${c} = (${cType(l)})(${word} ^ (unsigned long long)${value.c});` };
    case 4: return { cot: `${cot} <<= next() % 64`, c: `${c} = (${cType(l)})(${word} << (next() % 64 % ${l.bits}));` };
    case 5: return { cot: `${cot} >>= next() % 64`, c: `${c} = (${cType(l)})(${cType(l)})${c} >> (next() % 64 % ${l.bits});` };
    case 6: return { cot: `${cot} = ~${cot}`, c: `${c} = (${cType(l)})~${word};` };
    case 7: return { cot: `${cot} = -${cot}`, c: `${c} = (${cType(l)})(0 - ${word});` };
    default: return { cot: `${cot} = ${value.cot}`, c: `${c} = ${value.c};` };
  }
}

/** One step on both sides. */
function step(m: Maker, s: Shape): Place {
  const p = pick(m.r, places);
  const q = pick(m.r, places);
  switch (below(m.r, 10)) {
    case 0: return { cot: `${p.cot}${p.cot === "h" ? ".*" : ""} = ${q.cot}${q.cot === "h" ? ".*" : ""}`, c: `${p.c} = ${q.c};` };
    case 1: return { cot: `s = change${s.name}(${q.cot}${q.cot === "h" ? ".*" : ""})`, c: `s = change${s.name}(${q.c});` };
    case 2: {
      if (s.nested.length === 0) break;
      const n = pick(m.r, s.nested);
      return { cot: `${p.cot}.${n.cot} = ${q.cot}.${n.cot}`, c: n.leaves.map((l) => `${p.c}.${l.c} = ${q.c}.${l.c};`).join(" ") };
    }
    case 3: {
      const from = pick(m.r, s.leaves.filter((l) => l.kind === "int").concat(s.leaves));
      const to = pick(m.r, s.leaves);
      if (from.kind !== "int" || to.kind !== "int") break;
      return { cot: `${p.cot}.${to.cot} = @truncate(${to.type}, ${q.cot}.${from.cot})`, c: `${p.c}.${to.c} = (${cType(to)})(${cType(from)})${q.c}.${from.c};` };
    }
    default: break;
  }
  return operation(m, pick(m.r, s.leaves), p);
}

function literal(s: Shape, m: Maker): { cot: string; c: string } {
  // Only fields of the struct itself; the rest is zero.
  const own = s.leaves.filter((l) => !l.cot.includes("."));
  const parts = own.filter(() => !oneIn(m.r, 4)).map((l) => ({ l, value: fresh(l) }));
  return {
    cot: `${s.name} { ${parts.map((p) => `${p.l.cot}: ${p.value.cot}`).join(", ")} }`,
    c: `${parts.map((p) => `k.${p.l.c} = ${p.value.c};`).join(" ")}`,
  };
}

const cotHead = `
var seed: u64 = SEED
fn next() u64 {
    seed = seed * 6364136223846793005 + 1442695040888963407
    return (seed >> 29) ^ (seed << 13)
}
var sum: u64 = 0
fn take(x: u64) { sum = (sum ^ x) * 1099511628211 }
fn takeBytes(at: i64, n: i64) { for i in 0..n { take(@intToPtr(*u8, at + i).*) } }
`;

const cHead = `#include <stdio.h>
#include <stddef.h>
#include <string.h>
typedef unsigned long long u64;
static u64 seed = SEEDULL;
static u64 next(void) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 29) ^ (seed << 13);
}
static u64 sum = 0;
static void take(u64 x) { sum = (sum ^ x) * 1099511628211ULL; }
static void takeBytes(void *p, int n) { for (int i = 0; i < n; i++) take(((unsigned char *)p)[i]); }
`;

function functionsOf(m: Maker, s: Shape, n: number): void {
  const bytes = Math.ceil(s.bits / 8);
  m.c.push(`struct __attribute__((packed)) ${s.name} { ${s.leaves.map((l) => `${cType(l)} ${l.c} : ${l.bits};`).join(" ")} };`);
  m.c.push(`struct W${s.name} { unsigned char pre; struct ${s.name} mid; unsigned char post; };`);
  m.cot.push(`struct W${s.name} { pre: u8, mid: ${s.name}, post: u8 }`);
  m.cot.push(`var global${s.name} = ${s.name} {}`);
  m.cot.push(`fn show${s.name}(s: ${s.name}) {`, ...s.leaves.map((l) => `    take(${asWord(l, "s")})`), "}");
  m.c.push(`static struct ${s.name} global${s.name};`);
  m.c.push(`static void show${s.name}(struct ${s.name} s) { ${s.leaves.map((l) => `take((u64)(${cType(l)})s.${l.c});`).join(" ")} }`);
  const changed = pick(m.r, s.leaves);
  const change = operation(m, changed, { cot: "t", c: "t" });
  m.cot.push(`fn change${s.name}(s: ${s.name}) ${s.name} {`, "    var t = s", `    ${change.cot}`, "    return t", "}");
  m.c.push(`static struct ${s.name} change${s.name}(struct ${s.name} s) { struct ${s.name} t = s; ${change.c} return t; }`);
  const made = literal(s, m);
  const word = s.bits <= 64 ? `    take(@bitCast(u${s.bits}, s))` : "    take(0)";
  m.cot.push(`fn run${s.name}() {`, `    var s = ${s.name} {}`, `    var xs: [3]${s.name} = [s, s, s]`, `    var w = W${s.name} { pre: 255, mid: s, post: 255 }`,
    `    const h = new ${s.name} {}`, `    var k = ${made.cot}`, "    const at = @intCast(i64, next() % 3)", `    const g = &global${s.name}`);
  m.c.push(`static void run${s.name}(void) { struct ${s.name} s, xs[3], heap, *h = &heap, k; struct W${s.name} w;`,
    `    memset(&s, 0, sizeof s); memset(xs, 0, sizeof xs); memset(h, 0, sizeof heap); memset(&k, 0, sizeof k); memset(&w, 0, sizeof w); w.pre = w.post = 255;`,
    `    ${made.c} int at = (int)(next() % 3);`, `    #define g global${s.name}`);
  for (let k = 0; k < 12; k++) {
    const done = step(m, s);
    m.cot.push(`    ${done.cot.replace(/^g = /, "g.* = ").replace(/= g$/, "= g.*").replace(/\(g\)$/, "(g.*)")}`, `    show${s.name}(s)`, `    show${s.name}(k)`, `    show${s.name}(g.*)`, `    for x in xs { show${s.name}(x) }`,
      `    show${s.name}(h.*)`, `    takeBytes(@ptrToInt(g), ${bytes})`, `    takeBytes(@ptrToInt(&xs), 3 * ${bytes})`, `    takeBytes(@ptrToInt(h), ${bytes})`, `    takeBytes(@ptrToInt(&w), ${bytes} + 2)`, word, `    println("${s.name} ${k} ", sum)`);
    m.c.push(`    ${done.c}`, `    show${s.name}(s); show${s.name}(k); show${s.name}(g); for (int i = 0; i < 3; i++) show${s.name}(xs[i]); show${s.name}(*h);`,
      `    takeBytes(&g, ${bytes}); takeBytes(xs, 3 * ${bytes}); takeBytes(h, ${bytes}); takeBytes(&w, ${bytes} + 2);`,
      s.bits <= 64 ? `    { u64 word = 0; memcpy(&word, &s, ${bytes}); take(word & (~0ULL >> ${64 - s.bits})); }` : "    take(0);", `    printf("${s.name} ${k} %llu\\n", sum);`);
  }
  m.cot.push("}");
  m.c.push("    #undef g", "}");
  void n;
}

/** Two programs about `count` random structs that print the same. */
export function packedPrograms(seed: number, count: number): PackedPrograms {
  const m: Maker = { r: newRandom(seed), cot: [], c: [] };
  const shapes: Shape[] = [];
  for (let n = 0; n < count; n++) {
    const s = declare(m, `S${n}`, 0);
    functionsOf(m, s, n);
    shapes.push(s);
  }
  const start = 1000003 * seed + 17;
  const sizes = (s: Shape): string => `    println(@sizeOf(${s.name}), " ", @alignOf(${s.name}), " ", @sizeOf([3]${s.name}), " ", @sizeOf(W${s.name}), " ", @offsetOf(W${s.name}, "post"))`;
  const cSizes = (s: Shape): string => `    printf("%d %d %d %d %d\\n", (int)sizeof(struct ${s.name}), (int)_Alignof(struct ${s.name}), 3 * (int)sizeof(struct ${s.name}), (int)sizeof(struct W${s.name}), (int)offsetof(struct W${s.name}, post));`;
  return {
    cot: `${cotHead.replace("SEED", String(start))}${m.cot.join("\n")}\nfn main() {\n${shapes.map((s) => `${sizes(s)}\n    run${s.name}()`).join("\n")}\n}\n`,
    c: `${cHead.replace("SEED", String(start))}${m.c.join("\n")}\nint main(void) {\n${shapes.map((s) => `${cSizes(s)}\n    run${s.name}();`).join("\n")}\n    return 0;\n}\n`,
  };
}
