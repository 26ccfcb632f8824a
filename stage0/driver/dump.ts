// Dumps and times: what every stage can show of itself.
// In -> out: a stage's text, to stdout or to one file a dump in --dump-dir; times by stage, summed over functions.

import { matchesGlob } from "../base/glob.ts";
import { newBytes, appendText, textOfBytes } from "../base/bytes.ts";
import { type Names, newNames } from "../base/intern.ts";
import { hostMicros, hostPrint, hostPrintError, hostPrintProblem, hostWrite } from "../base/host.ts";

export interface Reporter {
  /** Stages asked for, between commas; "" none, ",all," all. */
  stages: string;
  dir: string;
  glob: string;
  files: number;
  timing: boolean;
  /** Stage names in order of first use, with microseconds. */
  timeNames: string[];
  timeMicros: number[];
  /** Things counted, with how many there were. */
  countNames: string[];
  counts: number[];
  problem: string;
  /** Whether errors are shown in colours. */
  color: boolean;
  /** The errors that were printed, for files that several programs share. */
  told: Names;
}

export function newReporter(stages: string, dir: string, glob: string, timing: boolean): Reporter {
  return { stages: stages === "" ? "" : "," + stages + ",", dir: dir, glob: glob, files: 0, timing: timing, timeNames: [], timeMicros: [], countNames: [], counts: [], problem: "", color: false, told: newNames() };
}

/** Whether a stage is to be shown. */
export function wantsDump(r: Reporter, stage: string): boolean {
  if (r.stages === "") return false;
  if (r.stages === ",all,") return true;
  if (r.stages.indexOf("," + stage + ",") >= 0) return true;
  const colon = stage.indexOf(":");
  return colon > 0 && r.stages.indexOf("," + stage.slice(0, colon) + ":all,") >= 0;
}

/** Whether a function's symbol matches --fn, which may hold several patterns, a line each. */
export function wantsFunc(r: Reporter, symbol: string): boolean {
  let start = 0;
  for (let at = 0; at < r.glob.length + 1; at++) {
    if (at < r.glob.length && r.glob.charCodeAt(at) !== 10) continue;
    if (matchesGlob(r.glob.slice(start, at), symbol)) return true;
    start = at + 1;
  }
  return r.glob === "";
}

/** Shows a stage's text. */
export function dumpText(r: Reporter, stage: string, text: string): void {
  if (r.dir === "") {
    hostPrint("; " + stage + "\n" + text);
    const lost = hostPrintProblem();
    if (lost !== "" && r.problem === "") r.problem = "standard output: " + lost;
    return;
  }
  r.files += 1;
  const number = r.files < 10 ? "00" + r.files : r.files < 100 ? "0" + r.files : "" + r.files;
  const bytes = newBytes();
  appendText(bytes, text);
  const problem = hostWrite(r.dir + "/" + number + "_" + plainName(stage) + ".txt", bytes, false);
  if (problem !== "" && r.problem === "") r.problem = "cannot write into '" + r.dir + "': " + problem;
}

function plainName(stage: string): string {
  let name = "";
  for (let i = 0; i < stage.length; i++) name += stage.charCodeAt(i) === 58 ? "_" : stage.slice(i, i + 1);
  return name;
}

/** Dumps of stages that take one function after another, kept until the last function is through them all. */
export interface FuncDumps {
  stages: string[];
  /** By stage: texts by function. */
  texts: string[][];
}

export function newFuncDumps(stages: string[]): FuncDumps {
  const d: FuncDumps = { stages: stages, texts: [] };
  for (let k = 0; k < stages.length; k++) d.texts.push([]);
  return d;
}

/** Keeps the text of a function, by its place in the module, after a stage, by its place in the dumps. */
export function addFuncDump(d: FuncDumps, stage: number, func: number, text: string): void {
  const texts = d.texts[stage];
  while (texts.length <= func) texts.push("");
  texts[func] = text;
}

/** Shows the stages that are asked for: a head, then the functions in the module's order. */
export function showFuncDumps(r: Reporter, d: FuncDumps, head: string): void {
  for (let k = 0; k < d.stages.length; k++) {
    if (!wantsDump(r, d.stages[k])) continue;
    const text = newBytes();
    appendText(text, head);
    for (const part of d.texts[k]) appendText(text, part);
    dumpText(r, d.stages[k], textOfBytes(text, 0, text.len));
  }
}

/** The clock, for addTime. */
export function startTime(r: Reporter): number {
  return r.timing ? hostMicros() : 0;
}

/** Adds the time since `since` to a stage. */
export function addTime(r: Reporter, stage: string, since: number): void {
  if (!r.timing) return;
  const spent = hostMicros() - since;
  const at = r.timeNames.indexOf(stage);
  if (at >= 0) {
    r.timeMicros[at] += spent;
    return;
  }
  r.timeNames.push(stage);
  r.timeMicros.push(spent);
}

/** Adds to what is counted under a name. */
export function addCount(r: Reporter, name: string, count: number): void {
  if (!r.timing) return;
  const at = r.countNames.indexOf(name);
  if (at >= 0) {
    r.counts[at] += count;
    return;
  }
  r.countNames.push(name);
  r.counts.push(count);
}

/** Prints the times to stderr, in milliseconds, then the counts. */
export function printTimes(r: Reporter): void {
  let total = 0;
  for (let i = 0; i < r.timeNames.length; i++) {
    total += r.timeMicros[i];
    hostPrintError(timeLine(r.timeNames[i], r.timeMicros[i]));
  }
  if (!r.timing) return;
  hostPrintError(timeLine("total", total));
  for (let i = 0; i < r.countNames.length; i++) hostPrintError(countLine(r.countNames[i], r.counts[i]));
}

function countLine(name: string, count: number): string {
  let line = "count " + name;
  while (line.length < 20) line += " ";
  return line + count + "\n";
}

function timeLine(name: string, micros: number): string {
  let line = "time " + name;
  while (line.length < 20) line += " ";
  const millis = "" + (micros - (micros % 1000)) ;
  const whole = millis.slice(0, millis.length - 3);
  const rest = "" + (1000 + (micros % 1000));
  return line + (whole === "" ? "0" : whole) + "." + rest.slice(1, 4) + " ms\n";
}
