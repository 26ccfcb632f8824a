// Float text is exact: reading gives the nearest float, ties to even, and printing the shortest text that reads back.
// Against V8 on random bits and random texts, and on the cases that are known to be hard; std, the readers of both
// compilers, native and wasm32. Sine, cosine and tangent of huge arguments on wasm32 are held against V8 as well.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { f32FromText, f64FromText } from "../stage0/base/float.ts";
import { linkExecutable } from "../stage0/link/link.ts";
import { bitsOfF32, bitsOfF64, f32OfBits, f64OfBits, fixedText, halfwayText, nearestF32, textOfF32, textOfF64 } from "./kit/exact_floats.ts";
import { compileFile, root } from "./kit/programs.ts";
import { below, newRandom, oneIn, type Random } from "./kit/random.ts";
import { programInPath, testAll } from "./kit/tools.ts";

const hasLinker = programInPath("cc") !== "";
const work = fs.mkdtempSync(path.join(os.tmpdir(), "cot-numbers-"));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

function randomBits(r: Random): bigint {
  let bits = 0n;
  for (let k = 0; k < 4; k++) bits = (bits << 16n) | BigInt(below(r, 65536));
  // Near the ends of the range, where rounding is special, as often as in the middle.
  const kind = below(r, 8);
  if (kind === 0) return bits & 0x800fffffffffffffn;
  if (kind === 1) return (bits & 0x800fffffffffffffn) | 0x7fe0000000000000n;
  if (kind === 2) return bits & 0xfff0000000000000n;
  return bits;
}

function randomDigits(r: Random, count: number): string {
  let text = "";
  while (text.length < count) text += below(r, 10);
  return text;
}

function randomText(r: Random): string {
  const kind = below(r, 8);
  const whole = randomDigits(r, 1 + below(r, kind === 0 ? 40 : 20));
  const part = oneIn(r, 2) ? `.${randomDigits(r, 1 + below(r, kind === 1 ? 60 : 20))}` : "";
  if (kind === 2) return whole + part;
  const range = kind === 3 ? 40 : 340;
  return `${whole}${part}e${below(r, 2 * range) - range}`;
}

/** Texts half way between two floats, just above and just below. */
function halfways(value: number, single: boolean): string[] {
  const text = halfwayText(value, single);
  const full = text.includes(".") ? text : `${text}.0`;
  const digits = full.replace(".", "");
  const less = `${BigInt(digits) - 1n}`.padStart(digits.length, "0");
  const at = full.indexOf(".");
  return [text, `${full}${"0".repeat(90)}1`, `${less.slice(0, at)}.${less.slice(at)}9`];
}

function hardTexts(): string[] {
  const texts = [
    "0", "0.0", "0e999999999", "1e23", "9007199254740993", "9007199254740992.99999999999999999999", "9007199254740993.00000000000000000001",
    "8.5e22", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1.8e308", "1e309", "1e400", "1e-324", "2e-324", "3e-324",
    "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072014e-308", "2.2250738585072011e-308",
    "2.2250738585072012e-308", "1e-400", "1e-1000000", "1e1000000", "6.631236846766476e-316", "3.237883913302901289588352412501532174863037669423108059901297049552301970670676565786835742587799557860615776559838283435514391084153169252689190564396459577394618038928365305143463955100356696665629202017331344031730044369360205258345803431471660032699580731300954848363975548690010751530018881758184174569652173110473696022749934638425380623369774736560008997404060967498028389191878963968575439222206416981462690113342524002724385941651051293552601421155333430225237291523843322331326138431477823591142408800030775170625915670728657003151953664260769822494937951845801530895238439819708403389937873241463484205608000027270531106827387907791444918534771598750162812548862768493201518991668028251730299953143924168545708663913273994694463908672332763671875e-319",
    "3.4028235677973366e38", "3.4028234663852886e38", "3.40282356779733661e38", "1.401298464324817e-45", "7.006492321624085e-46", "7.006492321624086e-46", "16777217", "16777216.99999999999", "16777217.0000000001", "33554435",
    `${"0".repeat(1000)}1.5`, `0.${"0".repeat(500)}1e500`, `1${"0".repeat(400)}e-400`, `${"9".repeat(800)}`, `0.${"9".repeat(900)}`, `1.${"0".repeat(900)}1`, `9007199254740993.${"0".repeat(900)}1`,
  ];
  const r = newRandom(11);
  for (let k = 0; k < 6; k++) texts.push(`${randomDigits(r, 800)}`, `0.${randomDigits(r, 800)}`, `${randomDigits(r, 800)}e-800`);
  const doubles = [0, 5e-324, f64OfBits(0xfffffffffffffn), f64OfBits(0x10000000000000n), f64OfBits(0x0ffffffffffffen), 1, 2 ** 53, 2 ** 1023, Number.MAX_VALUE, 1e23, 0.1];
  for (let k = 0; k < 40; k++) doubles.push(Math.abs(f64OfBits(randomBits(r))));
  for (const d of doubles) if (Number.isFinite(d)) texts.push(...halfways(d, false));
  const singles = [0, f32OfBits(1), f32OfBits(0x7fffff), f32OfBits(0x800000), f32OfBits(0x7f7fffff), 1, 2 ** 24, 0.1];
  for (let k = 0; k < 40; k++) singles.push(f32OfBits(Number(randomBits(r) & 0x7fffffffn)));
  for (const s of singles) if (Number.isFinite(s)) texts.push(...halfways(Math.fround(s), true));
  return texts;
}

function hardDoubles(): bigint[] {
  const bits: bigint[] = [0n, 1n << 63n, 0x7ff0000000000000n, 0xfff0000000000000n, 0x7ff8000000000000n, 0x7fefffffffffffffn, 0xfffffffffffffn, 0x10000000000000n];
  for (let k = 0; k < 2046; k++) bits.push(BigInt(k) << 52n, (BigInt(k) << 52n) + 1n, ((BigInt(k) + 1n) << 52n) - 1n);
  for (let k = 0; k < 52; k++) bits.push(1n << BigInt(k));
  for (let k = -323; k < 309; k++) bits.push(bitsOfF64(Number(`1e${k}`)), bitsOfF64(Number(`5e${k}`)) + 1n, bitsOfF64(Number(`9.5e${k}`)));
  for (const d of [9007199254740991, 9007199254740993, 123456789012345680, 0.3, 2 / 3, 4.35, 1e21, 999999999999999900000, 1e-5, 1e-6, 0.00001234]) bits.push(bitsOfF64(d));
  return bits;
}

function hardSingles(): number[] {
  const bits = [0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f7fffff, 0x7fffff, 0x800000];
  for (let k = 0; k < 254; k++) bits.push(k << 23, (k << 23) + 1, ((k + 1) << 23) - 1);
  for (let k = -45; k < 39; k++) bits.push(bitsOfF32(Number(`1e${k}`)), bitsOfF32(Number(`9.5e${k}`)));
  return bits;
}

interface Questions {
  lines: string[];
  answers: string[];
}

function hex(value: bigint | number, width: number): string {
  return value.toString(16).padStart(width, "0");
}

function askTexts(q: Questions, texts: string[]): void {
  for (const t of texts) {
    q.lines.push(`t ${t}`);
    const both = `${hex(bitsOfF64(Number(t)), 16)} ${hex(nearestF32(t), 8)}`;
    q.answers.push(`${both} ${both}`);
  }
}

function askBits(q: Questions, doubles: bigint[], singles: number[]): void {
  for (const b of doubles) {
    q.lines.push(`d ${hex(b, 16)}`);
    q.answers.push(textOfF64(f64OfBits(b)));
  }
  for (const b of singles) {
    q.lines.push(`f ${hex(b, 8)}`);
    q.answers.push(textOfF32(f32OfBits(b)));
  }
}

/** Fixed decimals: of quarters and the like, which are half way often, and of random bits. */
function askFixed(q: Questions, r: Random, count: number): void {
  for (let k = 0; k < count; k++) {
    const value = oneIn(r, 2) ? (below(r, 2000001) - 1000000) / 2 ** below(r, 12) : f64OfBits(randomBits(r));
    if (!Number.isFinite(value)) continue;
    const decimals = below(r, oneIn(r, 10) ? 400 : 12);
    q.lines.push(`p ${decimals} ${hex(bitsOfF64(value), 16)}`);
    q.answers.push(fixedText(value, decimals));
  }
}

/** Questions on the hard cases, and so many random ones of each kind. */
function questions(seed: number, count: number): Questions {
  const q: Questions = { lines: [], answers: [] };
  askTexts(q, hardTexts());
  askBits(q, hardDoubles(), hardSingles());
  const r = newRandom(seed);
  askTexts(q, Array.from({ length: count }, () => randomText(r)));
  askBits(q, Array.from({ length: count }, () => randomBits(r)), Array.from({ length: count }, () => Number(randomBits(r) & 0xffffffffn)));
  askFixed(q, r, count / 10);
  return q;
}

function build(name: string, wasm32: boolean): string[] {
  const bytes = compileFile(path.join(root, `test/numbers/${name}.cot`), wasm32, false);
  const file = path.join(work, `${name}${wasm32 ? ".wasm" : ""}`);
  if (wasm32) fs.writeFileSync(file, bytes);
  else expect(linkExecutable({ data: bytes, len: bytes.length }, file, "", false)).toBe("");
  return wasm32 ? [process.execPath, path.join(root, "wasm_host.js"), file] : [file];
}

function answersOf(words: string[], lines: string[]): string[] {
  fs.writeFileSync(path.join(work, "questions"), `${lines.join("\n")}\n`);
  const done = spawnSync(words[0], [...words.slice(1), "questions"], { cwd: work, timeout: 120000, maxBuffer: 1 << 28 });
  expect([done.status, done.stderr.toString()]).toEqual([0, ""]);
  return done.stdout.toString().split("\n").slice(0, -1);
}

/** The questions that were answered wrongly, a few of them. */
function wrong(q: Questions, answers: string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < q.lines.length && out.length < 8; i++) {
    if (answers[i] !== q.answers[i]) out.push(`${q.lines[i].slice(0, 200)}: ${answers[i]}, not ${q.answers[i]}`);
  }
  return out;
}

describe("float text", () => {
  const random = testAll ? 100000 : 40000;
  test.skipIf(!hasLinker)(`native: hard cases, and ${random} random ones of each kind`, () => {
    const q = questions(1, random);
    expect(q.lines.length).toBeGreaterThan(3 * random);
    expect(wrong(q, answersOf(build("floats", false), q.lines))).toEqual([]);
  }, 300000);

  test("wasm32: hard cases, and 5,000 random ones of each kind", () => {
    const q = questions(2, 5000);
    expect(wrong(q, answersOf(build("floats", true), q.lines))).toEqual([]);
  }, 300000);

  test("the reader of stage0: hard cases, and 20,000 random ones", () => {
    const r = newRandom(3);
    const texts = [...hardTexts(), ...Array.from({ length: 20000 }, () => randomText(r))];
    const q: Questions = { lines: [], answers: [] };
    askTexts(q, texts);
    const read: string[] = [];
    for (const t of texts) {
      const both = `${hex(f64FromText(t), 16)} ${hex(f32FromText(t), 8)}`;
      read.push(`${both} ${both}`);
    }
    expect(wrong(q, read)).toEqual([]);
  }, 120000);
});

describe("sine, cosine and tangent on wasm32", () => {
  /** How many floats lie between two. */
  function distance(a: bigint, b: number): number {
    const key = (bits: bigint): bigint => (bits >> 63n === 1n ? -(bits & 0x7fffffffffffffffn) : bits);
    const d = key(a) - key(bitsOfF64(b));
    return Number(d < 0n ? -d : d);
  }

  test("every size of argument is within units of the last place", () => {
    const r = newRandom(7);
    // The f64 that comes nearest to a multiple of pi/2 among all, its like, and powers of two and ten.
    const values = [6381956970095103 * 2 ** 797, -6381956970095103 * 2 ** 797, 5319372648326541 * 2 ** 9, 1e22, Number.MAX_VALUE, 1048576, 1048575.9999999999, 2 ** 62, 2 ** 63];
    for (let k = 0; k < 1024; k++) values.push(2 ** k);
    for (let k = 0; k < 309; k++) values.push(Number(`1e${k}`), Number(`-7e${k - 1}`));
    for (let k = 0; k < 4000; k++) values.push(f64OfBits((randomBits(r) & 0x800fffffffffffffn) | (BigInt(1023 + below(r, 1023)) << 52n)));
    for (let k = 1; k < 2000; k++) values.push((k * Math.PI) / 4, k * 1000003 * Math.PI);
    const lines = answersOf(build("angles", true), values.map((v) => hex(bitsOfF64(v), 16)));
    const off: string[] = [];
    values.forEach((v, i) => {
      const want = [Math.sin(v), Math.cos(v), Math.tan(v)];
      lines[i].split(" ").forEach((bits, k) => {
        const d = distance(BigInt(`0x${bits}`), want[k]);
        if (d > (k === 2 ? 2 : 1)) off.push(`${["sin", "cos", "tan"][k]}(${v}): ${f64OfBits(BigInt(`0x${bits}`))}, not ${want[k]}`);
      });
    });
    expect(lines.length).toBe(values.length);
    expect(off.slice(0, 8)).toEqual([]);
  }, 60000);
});
