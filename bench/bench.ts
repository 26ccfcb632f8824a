// npm run bench: measures the compilers and the programs they make, and writes docs/performance.md.
// In -> out: the sources of the project, to the page and an exit status: 0 all bars met, 1 a bar missed or outputs that
// differ, 2 the environment lacks something. stage0 compiles stage1 to a cot1 of its own, that compiles stage1 again and
// the benchmarks; each benchmark has a twin in C for `gcc -O2`. The two run in turn, and ratios are taken pair by pair.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import yargs from "yargs";
import { matchesGlob } from "../stage0/base/glob.ts";
import { growths } from "./growth.ts";
import { type BenchResult, type CompilerResult, countSection, type GrowthResult, type Results, type Sizes, isMet, pageText, readBars } from "./page.ts";
import { type Benchmark, benchmarks, buildBenchmark, compileWords, gccVersion, root, runMain, stage0Command, Stop, tool } from "./programs.ts";

/** What one run took. */
interface Run {
  wall: number;
  cpu: number;
  memory: number;
  output: string;
}

async function main(): Promise<number> {
  const options = await yargs(process.argv.slice(2))
    .scriptName("npm run bench --")
    .option("runs", { type: "number", describe: "how often each program runs", default: 7 })
    .option("only", { type: "string", describe: "run only benchmarks whose name matches this glob, and write no page" })
    .strict()
    .help()
    .parse();
  if (!Number.isInteger(options.runs) || options.runs < 1) throw new Stop(2, "--runs wants a number from 1 on");
  const wanted = benchmarks.filter((b) => options.only === undefined || matchesGlob(options.only, b.name));
  if (wanted.length === 0) throw new Stop(2, `no benchmark matches ${options.only}`);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-bench-"));
  try {
    await tool("gcc", ["-O2", "-o", path.join(dir, "measure"), path.join(root, "bench/measure.c")]);
    const compilers = await measureCompilers(dir, options.only === undefined ? options.runs : 1);
    const hello = await measureHello(dir);
    const growth = options.only === undefined ? await measureGrowth(dir) : [];
    const programs = await measurePrograms(dir, wanted, options.runs);
    const results: Results = {
      compilers, hello, growth, programs, compilerSizes: await sizesOf(dir, path.join(dir, "cot1")), runs: options.runs,
      cores: os.cpus().length, gcc: await gccVersion(), node: process.versions.node.split(".")[0],
    };
    for (const p of programs) console.log(`${p.benchmark.name.padEnd(8)}  C ${p.c.toFixed(3)} s  Cot ${p.cot.toFixed(3)} s  ratio ${p.ratio.toFixed(2)}`);
    const bars = readBars(results);
    for (const b of bars) console.log(`${isMet(b) ? "met   " : "MISSED"}  ${b.what}: ${b.shown}, at most ${b.limitShown}`);
    if (options.only !== undefined) return 0;
    const page = path.join(root, "docs/performance.md");
    fs.writeFileSync(page, pageText(results, countSection(fs.existsSync(page) ? fs.readFileSync(page, "utf8") : "")));
    return bars.every(isMet) ? 0 : 1;
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** stage0 and cot1 compiling stage1: times, memory and the figures of --time. Other work on the machine only adds to a time, so the least counts. */
async function measureCompilers(dir: string, runs: number): Promise<CompilerResult[]> {
  const cot1 = path.join(dir, "cot1");
  const words = [...compileWords("stage1/main.cot"), "--time"];
  const [node, ...stage0] = stage0Command();
  const stage0Runs: Run[] = [];
  const cot1Runs: Run[] = [];
  for (let i = 0; i < Math.min(runs, 3); i++) stage0Runs.push(await measure(dir, node, [...stage0, ...words, "-o", cot1]));
  for (let i = 0; i < runs; i++) cot1Runs.push(await measure(dir, cot1, [...words, "-o", path.join(dir, "cot2")]));
  if (!fs.readFileSync(cot1).equals(fs.readFileSync(path.join(dir, "cot2")))) throw new Stop(1, "cot1 compiles stage1 to something else than stage0 does");
  return [compilerResult("stage0", stage0Runs), compilerResult("cot1", cot1Runs)];
}

/** The least processor time of `cot run` of a small program with stage0. The first run keeps what makes the others start quickly. */
async function measureHello(dir: string): Promise<number> {
  const [node, ...stage0] = stage0Command();
  const times: number[] = [];
  for (let i = 0; i < 6; i++) times.push((await measure(dir, node, [...stage0, "run", path.join(root, "test/run/00_hello.cot")])).cpu);
  return Math.min(...times.slice(1));
}

/** Programs and others ten times their size, compiled by both compilers to objects; of each the least of three times. */
async function measureGrowth(dir: string): Promise<GrowthResult[]> {
  const results: GrowthResult[] = [];
  const least = async (program: string, words: string[]): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) times.push((await measure(dir, program, words)).cpu);
    return Math.min(...times);
  };
  for (const g of growths) {
    const files = [g.small, g.large].map((size) => path.join(dir, `${g.name}${size}.cot`));
    for (const [k, size] of [g.small, g.large].entries()) fs.writeFileSync(files[k], g.text(size));
    for (const [name, command] of [["stage0", stage0Command()], ["cot1", [path.join(dir, "cot1")]]] as const) {
      const words = (file: string) => [...command.slice(1), "build", file, `--std=${path.join(root, "std")}`, "--emit=obj", "-o", path.join(dir, "growth.o")];
      results.push({ growth: g, compiler: name, small: await least(command[0], words(files[0])), large: await least(command[0], words(files[1])) });
    }
  }
  return results;
}

function compilerResult(name: string, runs: Run[]): CompilerResult {
  const stages: { name: string; time: number }[] = [];
  for (const line of stageLines(runs[0].output)) {
    const times = runs.map((r) => stageLines(r.output).find((l) => l.name === line.name)?.time ?? 0);
    stages.push({ name: line.name, time: Math.min(...times) });
  }
  if (stages.length === 0) throw new Stop(1, `${name} --time printed no stage`);
  const moved = /^count locals moved +(\d+)$/m.exec(runs[0].output);
  if (moved === null) throw new Stop(1, `${name} --time does not count the locals that moved`);
  return { name, moved: Number(moved[1]), time: Math.min(...runs.map((r) => r.wall)), cpu: Math.min(...runs.map((r) => r.cpu)), memory: Math.max(...runs.map((r) => r.memory)), stages };
}

/** The lines of --time, in seconds. */
function stageLines(output: string): { name: string; time: number }[] {
  const lines: { name: string; time: number }[] = [];
  for (const m of output.matchAll(/^time (\S+) +([0-9.]+) ms$/gm)) lines.push({ name: m[1], time: Number(m[2]) / 1000 });
  return lines;
}

/** Builds each benchmark and its twin, runs them in turn, and compares what they print. */
async function measurePrograms(dir: string, wanted: Benchmark[], runs: number): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const benchmark of wanted) {
    const { cot, c } = await buildBenchmark(dir, benchmark);
    const cotTimes: number[] = [];
    const cTimes: number[] = [];
    for (let i = 0; i < runs; i++) {
      const ours = await measure(dir, cot, []);
      const theirs = await measure(dir, c, []);
      if (ours.output !== theirs.output) throw new Stop(1, `${benchmark.name}: Cot and C print different results\n${ours.output}---\n${theirs.output}`);
      if (ours.output === "") throw new Stop(1, `${benchmark.name}: no output`);
      cotTimes.push(ours.cpu);
      cTimes.push(theirs.cpu);
    }
    const ratio = median(cotTimes.map((t, i) => t / cTimes[i]));
    results.push({ benchmark, cot: median(cotTimes), c: median(cTimes), ratio, cotSizes: await sizesOf(dir, cot), cSizes: await sizesOf(dir, c) });
  }
  return results;
}

/** Runs a program under measure.c; a failure ends the bench. */
async function measure(dir: string, program: string, words: string[]): Promise<Run> {
  const report = path.join(dir, "measure.txt");
  const done = await execa(path.join(dir, "measure"), [report, program, ...words], { cwd: root, reject: false, all: true, stripFinalNewline: false });
  const text = `${path.basename(program)} ${words.join(" ")}`;
  if (done.exitCode !== 0) throw new Stop(2, `${text}: not measured\n${done.all}`);
  const [wall, user, system, memory, status] = fs.readFileSync(report, "latin1").trim().split(" ").map(Number);
  if (status !== 0) throw new Stop(1, `${text}: exit ${status}\n${done.all}`);
  return { wall, cpu: user + system, memory: memory * 1024, output: done.all };
}

/** The bytes of an executable, of its code, and of the whole when stripped of symbols. */
async function sizesOf(dir: string, file: string): Promise<Sizes> {
  const stripped = path.join(dir, "stripped");
  await tool("strip", ["-o", stripped, file]);
  const text = /^\.text\s+(\d+)/m.exec(await tool("size", ["-A", file]));
  if (text === null) throw new Stop(2, `size -A shows no .text of ${path.basename(file)}`);
  return { file: fs.statSync(file).size, stripped: fs.statSync(stripped).size, text: Number(text[1]) };
}

/** The middle of the numbers; of an even count the mean of the two in the middle. */
function median(numbers: number[]): number {
  const sorted = numbers.slice().sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

await runMain(main);
