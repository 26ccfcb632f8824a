// npm run count: counts the instructions that the benchmarks, their twins in C, and cot1 execute, and writes the table of
// docs/performance.md. A number that does not shake: "at most 3 % more" is judged by it and not by a time.
// In -> out: the sources of the project, to a section of the page, --json=FILE, and an exit status: 0 counted (with --against
// also when the numbers changed), 1 two runs differ or Cot and C print different results, 2 the environment lacks something.
// With --twice every program runs twice, in folders of their own whose names are equally long, and the two numbers must be
// equal. cot1 compiles copies of the sources there, so that the length of the project's own path is not in the count, and
// starts no linker. Two programs run side by side: a count does not depend on what else runs.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import yargs from "yargs";
import { matchesGlob } from "../stage0/base/glob.ts";
import { changesText, countFile, readCounts } from "./count_file.ts";
import { buildPlugin, countAlike, type Counted, qemuVersion } from "./instructions.ts";
import { type CountResults, type CountRow, grouped, withCountSection } from "./page.ts";
import { type Benchmark, benchmarks, buildBenchmark, compileWords, gccVersion, root, runMain, stage0Command, Stop, tool } from "./programs.ts";

/** What cot1 is seen compiling: the name in the table, the file, and what else it reads. */
const sources = [
  { name: "stage1", file: "stage1/main.cot", reads: ["stage1", "tables", "std", "cot.json"] },
  { name: "hello", file: "test/run/00_hello.cot", reads: ["test/run/00_hello.cot", "std", "cot.json"] },
];

/** A program to count, which lies in each of the folders. */
interface Job {
  program: string;
  words: string[];
}

async function main(): Promise<number> {
  const options = await yargs(process.argv.slice(2))
    .scriptName("npm run count --")
    .option("only", { type: "string", requiresArg: true, describe: "count only programs whose name matches this glob, and write no page" })
    .option("twice", { type: "boolean", describe: "count everything twice; two numbers that differ are a failure", default: false })
    .option("json", { type: "string", requiresArg: true, describe: "write the numbers to this file" })
    .option("against", { type: "string", requiresArg: true, describe: "say how the numbers differ from those in this file" })
    .strict()
    .help()
    .parse();
  const before = options.against === undefined ? null : readCounts(options.against);
  const isWanted = (name: string): boolean => options.only === undefined || matchesGlob(options.only, name);
  if (![...benchmarks.map((b) => b.name), ...sources.map((o) => o.name)].some(isWanted)) throw new Stop(2, `no program matches ${options.only}`);
  const qemu = await qemuVersion();
  if (qemu === "") throw new Stop(2, "qemu-x86_64 is not there: install qemu-user");
  const dirs = (options.twice ? [1, 2] : [1]).map(() => fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "cot-count-")));
  try {
    const found = await countAll(dirs, qemu, isWanted);
    if (options.json !== undefined) fs.writeFileSync(options.json, countFile(found));
    if (before !== null) console.log(changesText(before, found));
    if (options.only === undefined) writePage(found);
    return 0;
  } finally {
    for (const dir of dirs) fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function countAll(dirs: string[], qemu: string, isWanted: (name: string) => boolean): Promise<CountResults> {
  const [dir] = dirs;
  const plugin = await buildPlugin(dir);
  const [node, ...stage0] = stage0Command();
  await tool(node, [...stage0, ...compileWords("stage1/main.cot"), "-o", path.join(dir, "cot1")]);
  const programs = benchmarks.filter((b) => isWanted(b.name));
  const compiles = sources.filter((o) => isWanted(o.name));
  const jobs: Job[] = [];
  for (const b of programs) {
    const built = await buildBenchmark(dir, b);
    for (const file of [built.cot, built.c]) jobs.push({ program: path.basename(file), words: [] });
  }
  for (const o of compiles) jobs.push({ program: "cot1", words: ["build", o.file, "--std=std", "--root=.", "--emit=obj", "-o", `${o.name}.o`] });
  for (const to of dirs) {
    for (const program of new Set(["cot1", ...jobs.map((j) => j.program)])) if (to !== dir) fs.copyFileSync(path.join(dir, program), path.join(to, program));
    for (const part of new Set(compiles.flatMap((o) => o.reads))) fs.cpSync(path.join(root, part), path.join(to, part), { recursive: true });
  }
  const counted = await sideBySide(jobs, 2 / dirs.length, async (job) => {
    const found = await countAlike(plugin, dirs, job.program, job.words);
    console.log(`${[job.program, ...job.words.slice(0, 2)].join(" ")}: ${grouped(found.instructions)}`);
    return found;
  });
  return {
    programs: programs.map((b, k) => benchmarkRow(b, counted[2 * k], counted[2 * k + 1])),
    compiles: compiles.map((o, k) => compileRow(dirs, o.name, counted[2 * programs.length + k])),
    lines: linesOf("stage1"), qemu, gcc: await gccVersion(),
  };
}

/** Does work for all items, for so many at a time; what came of each. */
async function sideBySide<T, R>(items: T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** A benchmark and its twin, which print the same. */
function benchmarkRow(benchmark: Benchmark, cot: Counted, c: Counted): CountRow {
  if (cot.stdout === "") throw new Stop(1, `${benchmark.name}: no output`);
  if (cot.stdout !== c.stdout) throw new Stop(1, `${benchmark.name}: Cot and C print different results\n${cot.stdout}---\n${c.stdout}`);
  const ratio = (cot.instructions / c.instructions).toFixed(3);
  console.log(`${benchmark.name.padEnd(8)}  C ${grouped(c.instructions).padStart(14)}  Cot ${grouped(cot.instructions).padStart(14)}  ratio ${ratio}`);
  return { name: benchmark.name, cot: cot.instructions, c: c.instructions };
}

/** cot1 compiling something, to the same object in each folder. */
function compileRow(dirs: string[], name: string, cot: Counted): CountRow {
  const objects = dirs.map((dir) => fs.readFileSync(path.join(dir, `${name}.o`)));
  if (!objects.every((o) => o.equals(objects[0]))) throw new Stop(1, `${name}: two runs of cot1 write different objects`);
  return { name, cot: cot.instructions, c: null };
}

/** The lines of the sources below a folder. */
function linesOf(folder: string): number {
  const files = fs.readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".cot"));
  return files.reduce((sum, f) => sum + fs.readFileSync(path.join(root, folder, f), "latin1").split("\n").length - 1, 0);
}

function writePage(found: CountResults): void {
  const file = path.join(root, "docs/performance.md");
  const page = fs.existsSync(file) ? withCountSection(fs.readFileSync(file, "utf8"), found) : null;
  if (page === null) throw new Stop(2, "docs/performance.md has no section for the counts: `npm run bench` makes one");
  fs.writeFileSync(file, page);
}

await runMain(main);
