// The file of counts that --json writes and --against reads, and how two of them differ.
// In -> out: counts, to the text of a file; a file, to counts; two counts, to lines with the change of each row in percent.

import * as fs from "node:fs";
import { z } from "zod";
import { type CountResults, grouped } from "./page.ts";
import { Stop } from "./programs.ts";

const count = z.number().int().positive();
const row = z.object({ name: z.string(), cot: count, c: count.nullable() });
const schema = z.object({ format: z.literal(1), programs: z.array(row), compiles: z.array(row), lines: count, qemu: z.string(), gcc: z.string() });

/** The text of a file. */
export function countFile(found: CountResults): string {
  return `${JSON.stringify({ format: 1, ...found }, null, 1)}\n`;
}

/** The counts in a file; a file that is none ends the command. */
export function readCounts(file: string): CountResults {
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (e) {
    throw new Stop(2, `${file}: ${(e as Error).message}`);
  }
  const read = schema.safeParse(value);
  if (!read.success) throw new Stop(2, `${file} is none that --json wrote: ${read.error.issues[0].path.join(".")}: ${read.error.issues[0].message}`);
  return read.data;
}

/** How the numbers of every row changed, in percent of what they were; those of C only where they changed. */
export function changesText(before: CountResults, now: CountResults): string {
  const lines: string[] = [];
  const percent = (a: number, b: number): string => (a === b ? "same" : `${b > a ? "+" : "-"}${(Math.abs(b / a - 1) * 100).toFixed(3)} %`);
  for (const [old, rows, of] of [[before.programs, now.programs, ""], [before.compiles, now.compiles, "cot1 compiles "]] as const) {
    for (const r of rows) {
      const was = old.find((o) => o.name === r.name);
      const c = was === undefined || was.c === null || r.c === null || was.c === r.c ? "" : `; C ${percent(was.c, r.c)}`;
      lines.push(`${`${of}${r.name}`.padEnd(20)}  ${was === undefined ? "not counted before" : `${percent(was.cot, r.cot).padStart(10)}  from ${grouped(was.cot)} to ${grouped(r.cot)}${c}`}`);
    }
  }
  if (before.qemu !== now.qemu || before.gcc !== now.gcc) lines.push(`before: qemu ${before.qemu}, gcc ${before.gcc}; now: qemu ${now.qemu}, gcc ${now.gcc}`);
  return lines.join("\n");
}
