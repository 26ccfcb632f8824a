// docs/performance.md: its text and the bars.
// In -> out: what bench.ts measured, to the page; what count.ts counted, to a section of it. Every word of the page stands
// here, so the commands make it anew. The section stands between two marks: each command writes its own side of them only.

import type { Growth } from "./growth.ts";
import type { Benchmark } from "./programs.ts";

/** Bytes: the executable, its code, and the executable without symbols. */
export interface Sizes {
  file: number;
  text: number;
  stripped: number;
}

/** A compiler compiling stage1: seconds elapsed, seconds of processor time, and bytes. */
export interface CompilerResult {
  name: string;
  time: number;
  cpu: number;
  memory: number;
  stages: { name: string; time: number }[];
  /** How many locals of stage1 live in counted objects. */
  moved: number;
}

/** Seconds of processor time that a compiler takes for a program and for one ten times larger. */
export interface GrowthResult {
  growth: Growth;
  compiler: string;
  small: number;
  large: number;
}

/** A benchmark and its twin: seconds, and the median of the ratios pair by pair. */
export interface BenchResult {
  benchmark: Benchmark;
  cot: number;
  c: number;
  ratio: number;
  cotSizes: Sizes;
  cSizes: Sizes;
}

export interface Results {
  compilers: CompilerResult[];
  /** Processor time of `cot run` of a small program with stage0, its start kept, in seconds. */
  hello: number;
  growth: GrowthResult[];
  programs: BenchResult[];
  compilerSizes: Sizes;
  runs: number;
  cores: number;
  gcc: string;
  node: string;
}

/** A program that was counted: instructions of Cot, and of the twin in C or null where there is none. */
export interface CountRow {
  name: string;
  cot: number;
  c: number | null;
}

/** What `npm run count` found: the benchmarks, and cot1 compiling something. */
export interface CountResults {
  programs: CountRow[];
  compiles: CountRow[];
  /** Lines of the sources of stage1. */
  lines: number;
  qemu: string;
  gcc: string;
}

/** A promise, and what was measured. */
export interface Bar {
  what: string;
  value: number;
  limit: number;
  shown: string;
  limitShown: string;
}

const MEGABYTE = 1000000;

/** The bars and how they stand. */
export function readBars(r: Results): Bar[] {
  const stage0 = r.compilers[0];
  const cot1 = r.compilers[1];
  const mean = geometricMean(r.programs.map((p) => p.ratio));
  const worst = Math.max(...r.programs.map((p) => p.ratio));
  return [
    { what: "processor time of `node cot.js run hello.cot`", value: r.hello, limit: 0.8, shown: `${r.hello.toFixed(2)} s`, limitShown: "0.8 s" },
    { what: "stage0 compiles stage1", value: stage0.time, limit: 20, shown: `${stage0.time.toFixed(1)} s`, limitShown: "20 s" },
    { what: "cot1 compiles stage1", value: cot1.time, limit: 2, shown: `${cot1.time.toFixed(2)} s`, limitShown: "2 s" },
    { what: "memory of cot1 compiling stage1", value: cot1.memory, limit: 500 * MEGABYTE, shown: megabytes(cot1.memory), limitShown: "500 MB" },
    growthBar("a program ten times larger takes longer by", 12, r.growth),
    growthBar("one with ten times the exits, errors, fields or variants by", 15, r.growth),
    { what: "geometric mean of the ratios to `gcc -O2`", value: mean, limit: 3.5, shown: mean.toFixed(2), limitShown: "3.5" },
    { what: "largest ratio", value: worst, limit: 8, shown: worst.toFixed(2), limitShown: "8" },
  ];
}

/** The most of the programs of a limit. */
function growthBar(what: string, limit: number, growth: GrowthResult[]): Bar {
  const value = Math.max(0, ...growth.filter((g) => g.growth.limit === limit).map((g) => g.large / g.small));
  return { what, value, limit, shown: value.toFixed(1), limitShown: String(limit) };
}

export function isMet(bar: Bar): boolean {
  return bar.value <= bar.limit;
}

/** The lines around what `npm run count` writes. */
const COUNT_BEGINS = "<!-- npm run count begins -->\n";
const COUNT_ENDS = "<!-- npm run count ends -->\n";

/** The counted section of a page, with its marks; both marks alone where it has none. */
export function countSection(page: string): string {
  const start = page.indexOf(COUNT_BEGINS);
  const end = page.indexOf(COUNT_ENDS, start);
  return start < 0 || end < 0 ? `${COUNT_BEGINS}${COUNT_ENDS}` : page.slice(start, end + COUNT_ENDS.length);
}

/** A page with another counted section, or null when the page has no place for one. */
export function withCountSection(page: string, c: CountResults): string | null {
  const old = countSection(page);
  const at = page.indexOf(old);
  return at < 0 ? null : page.slice(0, at) + COUNT_BEGINS + countText(c) + COUNT_ENDS + page.slice(at + old.length);
}

/** The whole page around a counted section. */
export function pageText(r: Results, counted: string): string {
  return `# Performance

Written by \`npm run bench\`, the instructions by \`npm run count\`; do not edit. Measured on a ${r.cores}-core x86-64 machine with gcc ${r.gcc} and Node ${r.node}, ${r.runs} runs of each program.
Every check of the language is on. No pass knows a benchmark.

## The bars

${table(["bar", "at most", "measured", ""], "lrrl", readBars(r).map((b) => [b.what, b.limitShown, b.shown, isMet(b) ? "met" : "missed"]))}
## The programs

Each program stands in \`bench/\` twice, in Cot and in C, with the same algorithm on the same data structure; where the Cot program uses the
library, the C twin has that part of the library in C. The twins free what they allocate; Cot counts references. Both print results, and
the command fails when these differ. They run in turn, Cot, C, Cot, C; a time is user and system time, the median of the runs; a ratio
is the median of the ratios pair by pair.

${table(["program", "what it does", "C, s", "Cot, s", "ratio"], "llrrr", programRows(r))}
${counted}
## The compilers

\`cot build stage1/main.cot\`, from the sources to the executable: elapsed and processor time, each the least of
the runs, since other work on the machine only adds to it, and the peak of resident memory.

${table(["compiler", "elapsed, s", "processor, s", "memory"], "lrrr", r.compilers.map(compilerRow))}
The same by stage, as \`--time\` shows it, in milliseconds. What total has beyond total of the stages is reading, linking and writing.

${table(["stage", "stage0", "cot1"], "lrr", stageRows(r))}
Of stage1's locals ${r.compilers[0].moved} move to the heap, as \`--time\` counts them: it lends addresses of locals (lists to be filled, results to be given) to what it
calls, which keeps none; what is kept it makes with \`new\`. In doubt a local moves, so a number that grows shows a function that keeps what it was lent.

## Growth

Generated programs, and others of ten times the size, compiled to objects: processor time, the least of three runs.

${table(["program", "compiler", "small, s", "large, s", "times"], "llrrr", r.growth.map(growthRow))}
## Sizes

In bytes: the code, and the executable without symbols. Both link libc dynamically; Cot's hold the runtime.

${table(["program", "C, code", "Cot, code", "C, file", "Cot, file"], "lrrrr", sizeRows(r))}`;
}

/** The counted section, without its marks. */
function countText(c: CountResults): string {
  const whole = c.compiles.find((row) => row.name === "stage1");
  return `### Instructions

The same programs, the same work: executed instructions under \`qemu-x86_64\` ${c.qemu}, with the C library's start-up; a repeated string
instruction counts once for each repetition. Unlike a time such a number does not depend on what else the machine does, only on the compilers
and the C library (gcc ${c.gcc} here), and a second run gives it again to the last instruction: \`npm run count -- --twice\` demands that.

${table(["program", "C", "Cot", "ratio"], "lrrr", countRows(c))}
cot1 compiling to an object. It writes it aside under a name with its process number in it; a digit more or less there is 20 to 50 instructions:

${table(["source", "instructions"], "lr", c.compiles.map((row) => [row.name, grouped(row.cot)]))}${whole === undefined ? "" : `
For a line of stage1, of which there are ${grouped(c.lines)}: ${grouped(Math.round(whole.cot / c.lines))} instructions.
`}`;
}

function countRows(c: CountResults): string[][] {
  const ratios = c.programs.map((p) => p.cot / (p.c ?? Number.NaN));
  const rows = c.programs.map((p, k) => [p.name, p.c === null ? "" : grouped(p.c), grouped(p.cot), ratios[k].toFixed(3)]);
  rows.push(["geometric mean", "", "", geometricMean(ratios).toFixed(3)]);
  return rows;
}

/** 1234567 as 1,234,567. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

function compilerRow(c: CompilerResult): string[] {
  return [c.name === "stage0" ? "stage0, in Node" : "cot1, stage1 compiled by stage0", c.time.toFixed(2), c.cpu.toFixed(2), megabytes(c.memory)];
}

function growthRow(g: GrowthResult): string[] {
  const what = `${g.growth.name}: ${g.growth.small} and ${g.growth.large} ${g.growth.what}`;
  return [what, g.compiler, g.small.toFixed(2), g.large.toFixed(2), (g.large / g.small).toFixed(1)];
}

function programRows(r: Results): string[][] {
  const rows = r.programs.map((p) => [p.benchmark.name, p.benchmark.what, p.c.toFixed(3), p.cot.toFixed(3), p.ratio.toFixed(2)]);
  rows.push(["geometric mean", "", "", "", geometricMean(r.programs.map((p) => p.ratio)).toFixed(2)]);
  return rows;
}

function stageRows(r: Results): string[][] {
  const rows: string[][] = [];
  for (const s of r.compilers[0].stages) {
    const other = r.compilers[1].stages.find((o) => o.name === s.name);
    rows.push([s.name, (s.time * 1000).toFixed(0), other === undefined ? "" : (other.time * 1000).toFixed(0)]);
  }
  return rows;
}

function sizeRows(r: Results): string[][] {
  const rows = r.programs.map((p) => [p.benchmark.name, p.cSizes.text, p.cotSizes.text, p.cSizes.stripped, p.cotSizes.stripped].map(String));
  rows.push(["cot1", "", String(r.compilerSizes.text), "", String(r.compilerSizes.stripped)]);
  return rows;
}

/** A table in Markdown; the alignment of each column is l or r. */
function table(head: string[], alignment: string, rows: string[][]): string {
  const lines = [head, head.map((_, i) => (alignment[i] === "r" ? "--:" : "---")), ...rows];
  return lines.map((row) => `| ${row.join(" | ")} |\n`).join("");
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(0)} MB`;
}

export function geometricMean(numbers: number[]): number {
  return Math.exp(numbers.reduce((sum, n) => sum + Math.log(n), 0) / numbers.length);
}
