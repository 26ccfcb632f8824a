// Random C signatures, and the same checks on them in Cot and in C.
// In -> out: a seed and a number, to a Cot library and a C program that call each other by them. Every value is known on
// both sides: the caller writes it out, the callee compares each scalar, and the other way round for the result. Calls go
// by name and by address, in turn. The C program prints what arrived wrong and at last how many calls were made. Where no C
// compiler is, a Cot program calls its own functions as C would, by address.

import { below, newRandom, oneIn, pick, type Random } from "./random.ts";

interface Scalar {
  cot: string;
  c: string;
  bits: number;
  kind: "signed" | "unsigned" | "float" | "pointer";
}

type Shape = { scalar: Scalar } | { elem: Shape; count: number } | { name: string; fields: Shape[] };

/** A value of a shape: the text of each scalar, in order. */
type Value = { cot: string; c: string } | Value[];

const scalars: Scalar[] = [
  ...[8, 16, 32, 64].flatMap((bits): Scalar[] => [
    { cot: `i${bits}`, c: `int${bits}_t`, bits, kind: "signed" },
    { cot: `u${bits}`, c: `uint${bits}_t`, bits, kind: "unsigned" },
  ]),
  { cot: "f32", c: "float", bits: 32, kind: "float" },
  { cot: "f64", c: "double", bits: 64, kind: "float" },
  { cot: "f32", c: "float", bits: 32, kind: "float" },
  { cot: "f64", c: "double", bits: 64, kind: "float" },
  { cot: "*u8", c: "uint8_t *", bits: 64, kind: "pointer" },
];

interface Layout {
  size: number;
  align: number;
}

function layoutOf(s: Shape): Layout {
  if ("scalar" in s) return { size: s.scalar.bits / 8, align: s.scalar.bits / 8 };
  if ("elem" in s) {
    const elem = layoutOf(s.elem);
    return { size: elem.size * s.count, align: elem.align };
  }
  let size = 0;
  let align = 1;
  for (const f of s.fields) {
    const part = layoutOf(f);
    size = Math.ceil(size / part.align) * part.align + part.size;
    align = Math.max(align, part.align);
  }
  return { size: Math.ceil(size / align) * align, align };
}

/** A struct of up to 40 bytes: of small ones there are as many as of large. */
function randomStruct(r: Random, structs: Shape[]): Shape {
  const limit = oneIn(r, 2) ? 16 : 40;
  const onlyFloats = oneIn(r, 4);
  const fields: Shape[] = [];
  const wanted = 1 + below(r, 10);
  while (fields.length < wanted) {
    let field: Shape = { scalar: pick(r, onlyFloats ? scalars.filter((s) => s.kind === "float") : scalars) };
    if (structs.length > 0 && oneIn(r, 6)) field = pick(r, structs);
    if (oneIn(r, 6)) field = { elem: field, count: 1 + below(r, 4) };
    fields.push(field);
    if (layoutOf({ name: "", fields }).size > limit) {
      fields.pop();
      break;
    }
  }
  if (fields.length === 0) fields.push({ scalar: scalars[0] });
  const made: Shape = { name: `S${structs.length}`, fields };
  structs.push(made);
  return made;
}

function randomShape(r: Random, structs: Shape[]): Shape {
  if (!oneIn(r, 3)) return { scalar: pick(r, scalars) };
  return structs.length > 20 && oneIn(r, 2) ? pick(r, structs) : randomStruct(r, structs);
}

function scalarValue(r: Random, s: Scalar): { cot: string; c: string } {
  if (s.kind === "float") {
    const text = `${(below(r, 2000001) - 1000000) / 8}`;
    const full = text.includes(".") ? text : `${text}.0`;
    return { cot: full, c: s.bits === 32 ? `${full}f` : full };
  }
  if (s.kind === "pointer") {
    const at = 0x10000 + below(r, 1 << 22) * 16;
    return { cot: `@intToPtr(*u8, ${at})`, c: `(uint8_t *)${at}` };
  }
  // The high bits are set as often as not: what is not extended shows.
  let bits = 0n;
  for (let k = 0; k < 64; k += 16) bits |= BigInt(below(r, 65536)) << BigInt(k);
  if (oneIn(r, 2)) bits |= 0xffffff80n;
  const value = s.kind === "signed" ? BigInt.asIntN(s.bits, bits) : BigInt.asUintN(s.bits, bits);
  if (value === -(1n << 63n)) return { cot: "1", c: "1" };
  return { cot: `${value}`, c: s.bits === 64 ? `${value}${s.kind === "signed" ? "LL" : "ULL"}` : `${value}${value > 2147483647n ? "U" : ""}` };
}

function randomValue(r: Random, s: Shape): Value {
  if ("scalar" in s) return scalarValue(r, s.scalar);
  if ("elem" in s) return Array.from({ length: s.count }, () => randomValue(r, s.elem));
  return s.fields.map((f) => randomValue(r, f));
}

function cotType(s: Shape): string {
  if ("scalar" in s) return s.scalar.cot;
  return "elem" in s ? `[${s.count}]${cotType(s.elem)}` : s.name;
}

function cDeclaration(s: Shape, name: string): string {
  if ("scalar" in s) return `${s.scalar.c} ${name}`;
  return "elem" in s ? cDeclaration(s.elem, `${name}[${s.count}]`) : `${s.name} ${name}`;
}

function cotLiteral(s: Shape, v: Value): string {
  if (!Array.isArray(v)) return v.cot;
  if ("elem" in s) return `[${v.map((x) => cotLiteral(s.elem, x)).join(", ")}]`;
  const struct = s as { name: string; fields: Shape[] };
  return `${struct.name} { ${v.map((x, k) => `.f${k} = ${cotLiteral(struct.fields[k], x)}`).join(", ")} }`;
}

function cLiteral(s: Shape, v: Value): string {
  if (!Array.isArray(v)) return v.c;
  if ("elem" in s) return `{ ${v.map((x) => cLiteral(s.elem, x)).join(", ")} }`;
  const struct = s as { name: string; fields: Shape[] };
  return `(${struct.name}) { ${v.map((x, k) => cLiteral(struct.fields[k], x)).join(", ")} }`;
}

/** The comparisons of a place with a value, one for each scalar. */
function comparisons(s: Shape, v: Value, place: string, c: boolean): string[] {
  if ("scalar" in s) {
    const text = v as { cot: string; c: string };
    if (c) return [`${place} == ${text.c}`];
    return [s.scalar.kind === "pointer" ? `@ptrToInt(${place}) == @ptrToInt(${text.cot})` : `${place} == ${text.cot}`];
  }
  const parts = v as Value[];
  if ("elem" in s) return parts.flatMap((x, k) => comparisons(s.elem, x, `${place}[${k}]`, c));
  return parts.flatMap((x, k) => comparisons(s.fields[k], x, `${place}.f${k}`, c));
}

interface Signature {
  params: Shape[];
  args: Value[];
  result: Shape | null;
  value: Value;
}

function randomSignature(r: Random, structs: Shape[]): Signature {
  const params = Array.from({ length: below(r, 13) }, () => randomShape(r, structs));
  const result = oneIn(r, 12) ? null : randomShape(r, structs);
  return { params, args: params.map((p) => randomValue(r, p)), result, value: result === null ? [] : randomValue(r, result) };
}

function cotChecks(s: Signature, of: string): string {
  return s.params.flatMap((p, k) => comparisons(p, s.args[k], `a${k}`, false)).map((t, k) => `  if not (${t}) { wrong(${of}, ${k}) }\n`).join("");
}

function cChecks(s: Signature, of: string): string {
  return s.params.flatMap((p, k) => comparisons(p, s.args[k], `a${k}`, true)).map((t, k) => `  if (!(${t})) wrong(${of}, ${k});\n`).join("");
}

function cotOf(s: Signature, i: number): string {
  const types = s.params.map(cotType).join(", ");
  const params = s.params.map((p, k) => `a${k}: ${cotType(p)}`).join(", ");
  const result = s.result === null ? "void" : cotType(s.result);
  const byName = i % 2 === 0;
  const body = cotChecks(s, `${i}`) + (s.result === null ? "" : `  return ${cotLiteral(s.result, s.value)}\n`);
  let text = `${byName ? "export " : ""}fn cot${i}(${params}) ${result} {\n${body}}\n`;
  if (!byName) text += `export fn address${i}() extern fn(${types}) -> ${result} { return cot${i} }\nextern fn c_address${i}() extern fn(${types}) -> ${result}\n`;
  else text += `extern fn c${i}(${params}) ${result}\n`;
  const call = `${byName ? `c${i}` : "f"}(${s.params.map((p, k) => cotLiteral(p, s.args[k])).join(", ")})`;
  text += `fn call${i}() {\n${byName ? "" : `  const f = c_address${i}()\n`}`;
  if (s.result === null) return `${text}  ${call}\n}\n`;
  return `${text}  const r = ${call}\n${comparisons(s.result, s.value, "r", false).map((t, k) => `  if not (${t}) { wrong(${i}, ${100 + k}) }\n`).join("")}}\n`;
}

function cOf(s: Signature, i: number): string {
  const result = s.result === null ? "void " : cDeclaration(s.result, "");
  const params = s.params.length === 0 ? "void" : s.params.map((p, k) => cDeclaration(p, `a${k}`)).join(", ");
  const body = cChecks(s, `1000 + ${i}`) + (s.result === null ? "" : `  return ${cLiteral(s.result, s.value)};\n`);
  const byName = i % 2 === 0;
  let text = `${result}c${i}(${params}) {\n${body}}\n`;
  if (byName) text += `${result}cot${i}(${params});\n`;
  else text += `typedef ${result}(*F${i})(${params});\nF${i} address${i}(void);\nF${i} c_address${i}(void) { return c${i}; }\n`;
  const call = `${byName ? `cot${i}` : `address${i}()`}(${s.params.map((p, k) => cLiteral(p, s.args[k])).join(", ")})`;
  text += `static void call${i}(void) {\n  calls++;\n`;
  if (s.result === null) return `${text}  ${call};\n}\n`;
  return `${text}  ${cDeclaration(s.result, "r")} = ${call};\n${comparisons(s.result, s.value, "r", true).map((t, k) => `  if (!(${t})) wrong(1000 + ${i}, ${100 + k});\n`).join("")}}\n`;
}

/** A Cot function, and a function that calls it by its C address. */
function ownOf(s: Signature, i: number): string {
  const types = s.params.map(cotType).join(", ");
  const params = s.params.map((p, k) => `a${k}: ${cotType(p)}`).join(", ");
  const result = s.result === null ? "void" : cotType(s.result);
  const body = cotChecks(s, `${i}`) + (s.result === null ? "" : `  return ${cotLiteral(s.result, s.value)}\n`);
  const call = `f(${s.params.map((p, k) => cotLiteral(p, s.args[k])).join(", ")})`;
  const text = `fn cot${i}(${params}) ${result} {\n${body}}\nfn call${i}() {\n  calls += 1\n  const f: extern fn(${types}) -> ${result} = cot${i}\n`;
  if (s.result === null) return `${text}  ${call}\n}\n`;
  return `${text}  const r = ${call}\n${comparisons(s.result, s.value, "r", false).map((t, k) => `  if not (${t}) { wrong(${i}, ${100 + k}) }\n`).join("")}}\n`;
}

function cotStructs(structs: { name: string; fields: Shape[] }[]): string {
  return structs.map((s) => `extern struct ${s.name} { ${s.fields.map((f, k) => `f${k}: ${cotType(f)}`).join(", ")} }\n`).join("");
}

/** A Cot program that calls itself by this many signatures, and says how many calls it made. */
export function ownProgram(seed: number, count: number): string {
  const r = newRandom(seed);
  const structs: Shape[] = [];
  const signatures = Array.from({ length: count }, () => randomSignature(r, structs));
  return `${cotStructs(structs as { name: string; fields: Shape[] }[])}var calls = 0\nfn wrong(of: i32, at: i32) { println("wrong: signature ", of, ", value ", at) }\n` +
    `${signatures.map(ownOf).join("")}fn main() {\n${signatures.map((_, i) => `  call${i}()\n`).join("")}  println(calls, " calls")\n}\n`;
}

/** The Cot library and the C program of this many signatures. */
export function signaturePrograms(seed: number, count: number): { cot: string; c: string } {
  const r = newRandom(seed);
  const structs: Shape[] = [];
  const signatures = Array.from({ length: count }, () => randomSignature(r, structs));
  const all = structs as { name: string; fields: Shape[] }[];
  const numbers = signatures.map((_, i) => i);
  const cot = `${cotStructs(all)}extern fn wrong(of: i32, at: i32)\n` +
    `${signatures.map(cotOf).join("")}export fn calls_of_cot() i32 {\n${numbers.map((i) => `  call${i}()\n`).join("")}${all.map((s, k) => `  if @sizeOf(${s.name}) != ${layoutOf(s).size} { wrong(2000, ${k}) }\n`).join("")}  return ${count}\n}\n`;
  const c = `#include <stdint.h>\n#include <stdio.h>\nstatic int calls;\n` +
    `void wrong(int of, int at) { printf("wrong: %s signature %d, value %d\\n", of < 1000 ? "in Cot," : "in C,", of % 1000, at); }\n` +
    `${all.map((s) => `typedef struct { ${s.fields.map((f, k) => `${cDeclaration(f, `f${k}`)}; `).join("")}} ${s.name};\n_Static_assert(sizeof(${s.name}) == ${layoutOf(s).size}, "size");\n`).join("")}` +
    `${signatures.map(cOf).join("")}int calls_of_cot(void);\nint main(void) {\n${numbers.map((i) => `  call${i}();\n`).join("")}  printf("%d calls from C, %d from Cot\\n", calls, calls_of_cot());\n  return 0;\n}\n`;
  return { cot, c };
}
