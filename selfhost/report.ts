// What the bootstrap says: commands and lines as it goes, the table and the verdict, and the report's files.
// In -> out: steps, units and differences as they come, to stdout, and at the end to report.json (docs/report.md says what
// is in it) and what is rendered from it. With --json each step and difference is one line as it stands in the report, and
// the last line is the whole report. On a terminal a line moves while a step is done.

import * as fs from "node:fs";
import * as path from "node:path";
import { compileOf, sha256 } from "./config.ts";
import type { EngineRow } from "./engines_rows.ts";
import { renderReport } from "./render.ts";
import { type ArtifactReport, type Configuration, type DifferenceReport, FORMAT, type LastRun, type StageTime, type StepReport, type UnitReport, type WholeReport } from "./schema.ts";
import { startStatus, type Status, terminalOf } from "./status.ts";
import { typedCommand } from "./typed.ts";

export interface Report {
  json: boolean;
  quiet: boolean;
  /** Whether each unit is a line of the table. */
  verbose: boolean;
  steps: StepReport[];
  units: UnitReport[];
  differences: DifferenceReport[];
  /** Where they are known. */
  configuration: Configuration | null;
  artifacts: ArtifactReport[];
  last: LastRun | null;
  /** The project's folder, in which commands are typed. */
  root: string;
  /** What other engines made of the same texts. */
  engines: EngineRow[] | null;
  /** Folders of this machine, with "/" behind them, and what is said instead: no report names them. */
  folders: [string, string][];
  /** Of the step that is done now: units that are done, of all; all is 0 for a step that has no units. */
  progress: { done: number; all: number };
  status: Status | null;
}

/** What is known of a step once it is done, besides its time. */
export interface StepDone {
  peakMemory: number;
  stages: StageTime[];
}

export function newReport(json: boolean, quiet: boolean, verbose = false): Report {
  return {
    json, quiet, verbose, steps: [], units: [], differences: [], configuration: null, artifacts: [], last: null, engines: null, root: "", folders: [],
    progress: { done: 0, all: 0 }, status: null,
  };
}

/** Whether people read along. */
function tells(r: Report): boolean {
  return !r.json && !r.quiet;
}

/** Prints lines, with nothing of the line that moves among them. */
function print(r: Report, text: string): void {
  r.status?.hide();
  console.log(text);
}

/** Prints lines where people read along. */
export function note(r: Report, text: string): void {
  if (tells(r)) print(r, text);
}

/** What a step is for: "A compiles B to C" says what C is. */
export function stepText(step: string): string {
  const { by, source, makes } = compileOf(step);
  return makes === "" ? step : `${makes} = ${source}'s source compiled by ${by}`;
}

/**
 * Does a step, which tells its peak of memory or all that is known of it. Its commands are printed before, each the words
 * of one, and its line when it is done. A step that is named "A compiles B to C" is a link of the chain that the page draws.
 */
export async function addStep(r: Report, step: string, commands: string[][], work: () => Promise<number | StepDone>): Promise<void> {
  for (const words of commands) note(r, `$ ${typedCommand(words, r.root)}`);
  const start = process.hrtime.bigint();
  const done = await whileShown(r, stepText(step), work);
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e6) / 1e3;
  const known = typeof done === "number" ? { peakMemory: done, stages: [] } : done;
  const { by, source, makes } = compileOf(step);
  // Only what makes something is repeated by its command alone.
  const command = makes === "" || commands.length === 0 ? "" : typedCommand(commands[0], r.root, r.folders);
  const whole = { step, seconds, peakMemory: known.peakMemory, by, source, makes, command, stages: known.stages };
  r.steps.push(whole);
  if (r.json) console.log(JSON.stringify(whole));
  else note(r, `${stepText(step)}: ${seconds.toFixed(1)} s${whole.peakMemory > 0 ? `, ${Math.round(whole.peakMemory / (1 << 20))} MB` : ""}`);
}

/** Does something while a line moves, where people look at a terminal. */
async function whileShown<T>(r: Report, what: string, work: () => Promise<T>): Promise<T> {
  r.progress = { done: 0, all: 0 };
  const terminal = tells(r) ? terminalOf([process.stderr, process.stdout], process.env.CI) : null;
  r.status = terminal === null ? null : startStatus(terminal, what, () => (r.progress.all === 0 ? "" : `, ${r.progress.done} of ${r.progress.all}`));
  try {
    return await work();
  } finally {
    r.status?.stop();
    r.status = null;
  }
}

/**
 * Adds a unit that both sides gave bytes of, or null for a side that failed; whether it is equal. A unit whose name is two
 * names of files is a pair that was compared, and not a program that two compilers compiled.
 */
export function addUnit(r: Report, unit: string, target: string, left: Uint8Array | null, right: Uint8Array | null): boolean {
  const equal = left !== null && right !== null && Buffer.from(left).equals(right);
  const pair = /^[^/ ]+ [^/ ]+$/.test(unit) ? unit.split(" ") : [];
  r.units.push({ unit, target, pair, bytes: left?.length ?? 0, sha256: left === null ? "" : sha256(left), equal });
  return equal;
}

/** Adds a difference and prints it, also when little else is printed. */
export function addDifference(r: Report, d: DifferenceReport): void {
  let { said } = d;
  for (const [folder, instead] of r.folders) said = said.replaceAll(folder, instead);
  const plain = { ...d, said };
  r.differences.push(plain);
  print(r, r.json ? JSON.stringify({ different: plain }) : differenceText(plain));
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

/** Writes the report and prints the table, the verdict, and lines that say where to look; the exit status. */
export function finishReport(r: Report, file: string, ends: string[] = []): number {
  const different = r.units.filter((u) => !u.equal).length;
  const equal = different === 0;
  const verdict = equal ? "fixed point" : `${different} of ${r.units.length} units differ`;
  const whole: WholeReport = {
    format: FORMAT, verdict, equal, configuration: r.configuration, steps: r.steps, artifacts: r.artifacts, units: r.units, differences: r.differences, last: r.last,
    ...(r.engines === null ? {} : { engines: r.engines }),
  };
  for (const [name, text] of renderReport(whole)) fs.writeFileSync(path.join(path.dirname(file), name), text);
  if (r.json) console.log(JSON.stringify(whole));
  else if (r.quiet) console.log(verdict);
  else console.log([...unitLines(r), verdict, ...ends].join("\n"));
  return equal ? 0 : 1;
}

/** The units: pairs of the compilers' files and what differs, a line each, and a line for each family; or a line for each unit. */
function unitLines(r: Report): string[] {
  const shown = r.units.filter((u) => r.verbose || !u.equal || u.pair.length > 0);
  const lines = shown.length === 0 ? [] : [tableText(shown)];
  const families = new Map<string, UnitReport[]>();
  for (const u of r.units.filter((unit) => unit.pair.length === 0)) families.set(familyOf(u), [...(families.get(familyOf(u)) ?? []), u]);
  for (const [name, units] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) lines.push(`${name}: ${units.filter((u) => u.equal).length} of ${units.length} equal`);
  return lines;
}

/** What a unit is one of: the tests of the library or the programs, for a target. */
function familyOf(u: UnitReport): string {
  return `${u.unit.startsWith("test/run/") ? "test/run" : "std tests"} ${u.target}`;
}

function tableText(units: UnitReport[]): string {
  const rows = units.map((u) => [u.unit, u.target, String(u.bytes), u.sha256.slice(0, 16), u.equal ? "equal" : "DIFFERENT"]);
  rows.unshift(["unit", "target", "bytes", "sha256", "equal?"]);
  const widths = [0, 1, 2, 3].map((c) => Math.max(...rows.map((row) => row[c].length)));
  const line = (row: string[]): string => row.map((cell, c) => (c === 2 ? cell.padStart(widths[c]) : c < 4 ? cell.padEnd(widths[c]) : cell)).join("  ");
  return rows.map(line).join("\n");
}
