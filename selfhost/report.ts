// What the bootstrap says: lines as it goes, the table and the verdict, and report.json.
// In -> out: steps, units and differences as they come, to stdout, and at the end to OUT/report/report.json:
//   verdict      the last line of the output
//   equal        whether all units are equal
//   steps        step, seconds, peakMemory (bytes, of the largest process; 0 where the system does not tell)
//   units        unit, target, bytes, sha256 (both of what the first compiler gave), equal
//   differences  unit, target, compilers (two names), said (what a compiler that failed said, else ""),
//                object (ObjectDifference of object_diff.ts or null), dump (DumpDifference of compare.ts or null),
//                note (what can be said without a dump, else "")
// With --json each step and difference is one line of that form, and the last line is the whole report.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import type { DumpDifference } from "./compare.ts";
import type { ObjectDifference } from "./object_diff.ts";

export interface StepReport {
  step: string;
  seconds: number;
  peakMemory: number;
}

export interface UnitReport {
  unit: string;
  target: string;
  bytes: number;
  sha256: string;
  equal: boolean;
}

export interface DifferenceReport {
  unit: string;
  target: string;
  compilers: string[];
  said: string;
  object: ObjectDifference | null;
  dump: DumpDifference | null;
  note: string;
}

export interface Report {
  json: boolean;
  quiet: boolean;
  steps: StepReport[];
  units: UnitReport[];
  differences: DifferenceReport[];
}

export function newReport(json: boolean, quiet: boolean): Report {
  return { json, quiet, steps: [], units: [], differences: [] };
}

/** Does a step, which tells its peak of memory, and prints the step's line. */
export async function addStep(r: Report, step: string, work: () => Promise<number>): Promise<void> {
  const start = process.hrtime.bigint();
  const peakMemory = await work();
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e6) / 1e3;
  r.steps.push({ step, seconds, peakMemory });
  if (r.json) console.log(JSON.stringify({ step, seconds, peakMemory }));
  else if (!r.quiet) console.log(`${step}: ${seconds.toFixed(1)} s${peakMemory > 0 ? `, ${Math.round(peakMemory / (1 << 20))} MB` : ""}`);
}

/** Adds a unit that both sides gave bytes of, or null for a side that failed; whether it is equal. */
export function addUnit(r: Report, unit: string, target: string, left: Uint8Array | null, right: Uint8Array | null): boolean {
  const equal = left !== null && right !== null && Buffer.from(left).equals(right);
  const sha256 = left === null ? "" : createHash("sha256").update(left).digest("hex");
  r.units.push({ unit, target, bytes: left?.length ?? 0, sha256, equal });
  return equal;
}

/** Adds a difference and prints it, also when little else is printed. */
export function addDifference(r: Report, d: DifferenceReport): void {
  r.differences.push(d);
  console.log(r.json ? JSON.stringify({ different: d }) : differenceText(d));
}

/** A difference as one reads it. */
export function differenceText(d: DifferenceReport): string {
  const lines = [`different: ${d.unit}, ${d.target}: ${d.compilers.join(" and ")}`];
  for (const line of d.said.split("\n")) if (line !== "") lines.push(`  ${line}`);
  const o = d.object;
  if (o !== null) {
    const symbol = o.symbol === "" ? "" : ` symbol ${o.symbol}+${o.symbolOffset},`;
    lines.push(`  section ${o.section},${symbol} offset ${o.offset} (in the file ${o.fileOffset})`);
    lines.push(`    ${d.compilers[0].padEnd(8)}${o.left.padEnd(24)} of ${o.leftSize} bytes`);
    lines.push(`    ${d.compilers[1].padEnd(8)}${o.right.padEnd(24)} of ${o.rightSize} bytes`);
    if (o.resized !== null) lines.push(`  the first symbol of another size: ${o.resized.symbol}, ${o.resized.left} and ${o.resized.right} bytes`);
  }
  if (d.dump !== null) {
    const func = d.dump.func === "" ? "" : ` function ${d.dump.func},`;
    lines.push(`  the dumps differ first in stage ${d.dump.stage},${func} line ${d.dump.line}`, d.dump.diff.trimEnd());
  }
  if (d.note !== "") lines.push(`  ${d.note}`);
  return lines.join("\n");
}

/** Prints the table and the verdict and writes the report; the exit status. */
export function finishReport(r: Report, file: string): number {
  const different = r.units.filter((u) => !u.equal).length;
  const equal = different === 0;
  const verdict = equal ? "fixed point" : `${different} of ${r.units.length} units differ`;
  const whole = { verdict, equal, steps: r.steps, units: r.units, differences: r.differences };
  fs.writeFileSync(file, `${JSON.stringify(whole, undefined, 2)}\n`);
  if (!r.json && !r.quiet) console.log(tableText(r.units));
  console.log(r.json ? JSON.stringify(whole) : verdict);
  return equal ? 0 : 1;
}

function tableText(units: UnitReport[]): string {
  const rows = units.map((u) => [u.unit, u.target, String(u.bytes), u.sha256.slice(0, 16), u.equal ? "equal" : "DIFFERENT"]);
  rows.unshift(["unit", "target", "bytes", "sha256", "equal?"]);
  const widths = [0, 1, 2, 3].map((c) => Math.max(...rows.map((row) => row[c].length)));
  const line = (row: string[]): string => row.map((cell, c) => (c === 2 ? cell.padStart(widths[c]) : c < 4 ? cell.padEnd(widths[c]) : cell)).join("  ");
  return rows.map(line).join("\n");
}
