// What the bootstrap says about two files or two sets of dumps that differ: section, symbol, offset; stage, function, line.
// The readers of selfhost/ are held against the compiler's own dumps, with which they share no code.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { firstDumpDifference } from "../selfhost/compare.ts";
import { readElf } from "../selfhost/elf_read.ts";
import { firstObjectDifference } from "../selfhost/object_diff.ts";
import { differenceText } from "../selfhost/report.ts";
import type { Section } from "../selfhost/section.ts";
import { readWasm } from "../selfhost/wasm_read.ts";
import { compileProgram } from "../stage0/driver/driver.ts";
import { newReporter } from "../stage0/driver/dump.ts";
import { linkExecutable } from "../stage0/link/link.ts";
import { jobFor, root } from "./kit/programs.ts";
import { programInPath } from "./kit/tools.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-compare-"));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

/** The object of a program, with all dumps in a folder. */
function compile(wasm32: boolean): { bytes: Buffer; dumps: string } {
  const dumps = path.join(dir, wasm32 ? "wasm" : "elf");
  fs.mkdirSync(dumps);
  const job = jobFor(path.join(root, "test/run/88_expression_evaluator.cot"), wasm32, "obj");
  const p = compileProgram(job, newReporter("all", dumps, "", false));
  expect(p.status).toBe(0);
  return { bytes: Buffer.from(p.bytes.data.subarray(0, p.bytes.len)), dumps };
}

const elf = compile(false);
const wasm = compile(true);

function dumpFile(dumps: string, stage: string): string {
  return fs.readdirSync(dumps).find((f) => f.endsWith(`_${stage}.txt`)) ?? "";
}

function dumpLines(dumps: string, stage: string): string[] {
  return fs.readFileSync(path.join(dumps, dumpFile(dumps, stage)), "latin1").split("\n");
}

/** A copy with the bit at `at` turned. */
function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] ^= 1 << bit;
  return copy;
}

function sectionAt(sections: Section[], at: number): Section | undefined {
  return sections.find((s) => s.start <= at && at < s.start + s.bytes.length);
}

describe("objects", () => {
  const sections = readElf(elf.bytes);

  test("symbols lie where the dump of the object says", () => {
    const stated: string[] = [];
    for (const line of dumpLines(elf.dumps, "obj")) {
      const m = /^(?:local|global) (.+) (\.[\w.]+)\+(\d+) size (\d+) /.exec(line);
      if (m !== null && m[4] !== "0") stated.push(`${m[2]} ${m[1]} ${m[3]} ${Number(m[3]) + Number(m[4])}`);
    }
    const found: string[] = [];
    for (const s of sections) {
      if (/^\.(text|rodata|data|bss|init)/.test(s.name)) for (const p of s.places) found.push(`${s.name} ${p.name} ${p.start} ${p.end}`);
    }
    expect(stated.length).toBeGreaterThan(60);
    expect(found.sort()).toEqual(stated.sort());
  });

  test("a turned bit is found where it is, with the symbol it is in", () => {
    const tables = sections.find((s) => s.name === ".shstrtab")?.start ?? 0;
    let inText = 0;
    for (let at = 0; at < elf.bytes.length; at += 41) {
      const d = firstObjectDifference(elf.bytes, flipped(elf.bytes, at, at & 7));
      expect(d, `byte ${at}`).not.toBeNull();
      if (d === null || at < 64 || at >= tables) continue;
      const s = sectionAt(sections, at);
      if (s === undefined) continue;
      expect([d.section, d.fileOffset, d.offset]).toEqual([s.name, at, at - s.start]);
      expect(d.left.slice(0, 2)).not.toBe(d.right.slice(0, 2));
      const place = s.places.find((p) => p.start <= d.offset && d.offset < p.end);
      expect([d.symbol, d.symbolOffset]).toEqual([place?.name ?? "", d.offset - (place?.start ?? 0)]);
      if (s.name === ".text" && d.symbol !== "") inText += 1;
    }
    expect(inText).toBeGreaterThan(100);
  });

  test("relocations and symbols are named by what they are of", () => {
    const relas = sections.find((s) => s.name === ".rela.text");
    const dump = dumpLines(elf.dumps, "obj");
    const stated: string[] = [];
    for (let k = 1; dump[k].startsWith("  "); k++) stated.push(/^ {2}\d+ \w+ (.+)[+-]\d+$/.exec(dump[k])?.[1] ?? "");
    expect(stated.length).toBeGreaterThan(15);
    expect(relas?.places.map((p) => p.name)).toEqual(stated);
    const row = relas?.places[3];
    const d = firstObjectDifference(elf.bytes, flipped(elf.bytes, (relas?.start ?? 0) + 3 * 24 + 16, 0));
    expect(row?.name).not.toBe("");
    expect([d?.section, d?.symbol, d?.symbolOffset]).toEqual([".rela.text", row?.name, 16]);
  });

  test("the first symbol of another size is told apart from what only moved", () => {
    const a = [".text", ".symtab", ".strtab"].map((name) => sections.find((s) => s.name === name)?.start ?? 0);
    const copy = Buffer.from(elf.bytes);
    const main = sections.find((s) => s.name === ".symtab")?.places.find((p) => p.name === "main");
    copy[a[0] + 1] ^= 1;
    copy[a[1] + (main?.start ?? 0) + 16] += 4;
    const d = firstObjectDifference(elf.bytes, copy);
    expect(d?.section).toBe(".text");
    expect(d?.resized?.symbol).toBe("main");
    expect((d?.resized?.right ?? 0) - (d?.resized?.left ?? 0)).toBe(4);
  });

  test("what lies between sections counts too", () => {
    let at = 64;
    while (sections.some((s) => s.start <= at && at < s.start + s.bytes.length)) at += 1;
    expect(at).toBeLessThan(elf.bytes.length);
    expect(firstObjectDifference(elf.bytes, flipped(elf.bytes, at, 5))).toMatchObject({ section: "file", symbol: "", offset: at });
  });

  test("equal files have no difference; cut or foreign ones have one and do no harm", () => {
    expect(firstObjectDifference(elf.bytes, Buffer.from(elf.bytes))).toBeNull();
    for (let size = 0; size < elf.bytes.length; size += 997) expect(firstObjectDifference(elf.bytes, elf.bytes.subarray(0, size))).not.toBeNull();
    expect(firstObjectDifference(elf.bytes, wasm.bytes)?.section).toBe(".text");
    expect(firstObjectDifference(Buffer.from("a b"), Buffer.from("a c"))).toMatchObject({ section: "file", offset: 2, left: "62", right: "63" });
  });

  test.skipIf(programInPath("cc") === "")("in an executable a symbol is found by its address", () => {
    const target = path.join(dir, "program");
    expect(linkExecutable({ data: elf.bytes, len: elf.bytes.length }, target, "", false)).toBe("");
    const file = fs.readFileSync(target);
    const text = readElf(file).find((s) => s.name === ".text");
    const main = text?.places.find((p) => p.name === "main");
    const own = sections.find((s) => s.name === ".text")?.places.find((p) => p.name === "main");
    expect((main?.end ?? 0) - (main?.start ?? 1)).toBe((own?.end ?? 0) - (own?.start ?? 0));
    // Nothing is relocated in the first instruction.
    const head = (bytes: Uint8Array | undefined, at: number | undefined): string => Buffer.from(bytes?.subarray(at ?? 0, (at ?? 0) + 4) ?? []).toString("hex");
    expect(head(text?.bytes, main?.start)).toBe(head(sections.find((s) => s.name === ".text")?.bytes, own?.start));
    const d = firstObjectDifference(file, flipped(file, (text?.start ?? 0) + (main?.start ?? 0) + 2, 3));
    expect(d).toMatchObject({ section: ".text", symbol: "main", symbolOffset: 2 });
  });
});

describe("Wasm modules", () => {
  const sections = readWasm(wasm.bytes);
  const code = sections.find((s) => s.name === "code");

  test("functions have the index and the name of the dump", () => {
    const stated: string[] = [];
    for (const line of dumpLines(wasm.dumps, "wasm")) {
      const m = /^func (\d+) "(.*)" type \d+( .*)?$/.exec(line);
      if (m !== null && !(m[3] ?? "").includes("imported")) stated.push(`func ${m[1]} ${m[2]}`);
    }
    expect(stated.length).toBeGreaterThan(15);
    expect(code?.places.map((p) => p.name)).toEqual(stated);
    expect(code?.places.at(-1)?.end).toBe(code?.bytes.length);
  });

  test("a turned bit is found where it is, with the function it is in", () => {
    let inCode = 0;
    for (let at = 0; at < wasm.bytes.length; at += 29) {
      const d = firstObjectDifference(wasm.bytes, flipped(wasm.bytes, at, at & 7));
      expect(d, `byte ${at}`).not.toBeNull();
      if (d === null || code === undefined || sectionAt([code], at) === undefined) continue;
      expect([d.section, d.fileOffset]).toEqual(["code", at]);
      if (/^func \d+ \S/.test(d.symbol)) inCode += 1;
    }
    expect(inCode).toBeGreaterThan(60);
  });
});

/** The line with which a stage's dump begins the function that is looked for, and what the report calls it. */
const heads: [string, RegExp, string][] = [
  ["tokens", /^\/\/ std\/rt\/print.cot$/, "std/rt/print.cot"],
  ["ast", /^fn printInt\(/, "printInt"],
  ["types", /^normal \d+ std\/rt\/print.printInt /, "std/rt/print.printInt"],
  ["ir", /^func std\/rt\/print.printInt /, "std/rt/print.printInt"],
  ["ir_gvn", /^func std\/rt\/print.printInt /, "std/rt/print.printInt"],
  ["wasm", /^func \d+ "std\/rt\/print.printInt" /, "std/rt/print.printInt"],
  ["clif", /^func std\/rt\/print.printInt /, "std/rt/print.printInt"],
  ["clif_dce", /^func std\/rt\/print.printInt /, "std/rt/print.printInt"],
  ["vcode", /^vcode std\/rt\/print.printInt /, "std/rt/print.printInt"],
  ["alloc", /^std\/rt\/print.printInt$/, "std/rt/print.printInt"],
  ["asm", /^std\/rt\/print.printInt:$/, "std/rt/print.printInt"],
  ["obj", /^section \.rodata/, ".rodata"],
];

describe("dumps", () => {
  for (const [stage, head, func] of heads) {
    test(`${stage}: a changed line is found with its function`, () => {
      const other = path.join(dir, `changed_${stage}`);
      fs.cpSync(elf.dumps, other, { recursive: true });
      const file = dumpFile(other, stage);
      const lines = dumpLines(other, stage);
      const start = lines.findIndex((l) => head.test(l));
      expect(start).toBeGreaterThan(0);
      // Behind a label, where there is one: labels begin no function.
      const label = lines.findIndex((l, k) => k > start && /^(block[1-9]|L\d+:)/.test(l));
      const at = label > start && label < start + 40 ? label + 1 : stage === "obj" ? start : start + 1;
      lines[at] += " changed";
      fs.writeFileSync(path.join(other, file), lines.join("\n"), "latin1");
      // A later stage that differs too is not the first.
      fs.appendFileSync(path.join(other, dumpFile(other, "obj")), "more\n");
      const d = firstDumpDifference(elf.dumps, other);
      expect([d?.stage, d?.func, d?.line]).toEqual([stage, func, at + 1]);
      expect(d?.diff).toContain(`\n+${lines[at]}\n`);
      const hunk = (d?.diff ?? "").split("\n").slice(2);
      const first = Number(/^@@ -(\d+),/.exec(hunk[0])?.[1]);
      expect(first - 1 + hunk.findIndex((l) => l.startsWith("-"))).toBe(at + 1);
    });
  }

  test("equal folders have no difference, and a stage that one side lacks is one", () => {
    const other = path.join(dir, "short");
    fs.cpSync(elf.dumps, other, { recursive: true });
    expect(firstDumpDifference(elf.dumps, other)).toBeNull();
    const cut = dumpFile(other, "vcode");
    for (const f of fs.readdirSync(other)) if (f >= cut) fs.rmSync(path.join(other, f));
    expect(firstDumpDifference(elf.dumps, other)).toMatchObject({ stage: "vcode", line: 1 });
    expect(firstDumpDifference(elf.dumps, path.join(dir, "nothing"))).toMatchObject({ stage: "tokens", line: 1 });
  });
});

test("a difference reads as sentences", () => {
  const section = readElf(elf.bytes)[0];
  const at = section.start + 3;
  const object = firstObjectDifference(elf.bytes, flipped(elf.bytes, at, 0));
  const text = differenceText({ unit: "test/run/a.cot", target: "x86_64-linux", compilers: ["stage0", "cot1"], said: "", object, dump: null, note: "a note", map: null, stages: [] });
  expect(text.split("\n").slice(0, 2)).toEqual(["different: test/run/a.cot, x86_64-linux: stage0 and cot1", `  section .text, symbol ${section.places[0].name}+3, offset 3 (in the file ${at})`]);
  expect(text).toContain(`    stage0  ${object?.left}`);
  expect(text).toContain(`    cot1    ${object?.right}`);
  expect(text.endsWith("\n  a note")).toBe(true);
});
