// The report in short, for the page of a CI run: report.md.
// In -> out: a report, to Markdown of a bounded length. Names are set as code in which nothing has a meaning.

import { alignTexts, type Row } from "./align.ts";
import { linesOf, stageTitle } from "./functions.ts";
import { countOf, grouped, megabytes } from "./html.ts";
import { enginesMarkdown } from "./page_engines.ts";
import { verdictSentence } from "./page_report.ts";
import type { DifferenceReport, StageDifference, WholeReport } from "./schema.ts";

const MOST_DIFFERENCES = 5;
const MOST_DIFF_LINES = 60;
/** Lines around a change. */
const AROUND = 3;

/** Text as Markdown that shows as itself, also within a table. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|&~-]/g, "\\$&").replace(/\s+/g, " ");
}

/** Text set as code: a fence of backquotes longer than any within. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((m) => m[0].length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 ? " " : "";
  return `${fence}${pad}${text.replace(/\s+/g, " ").replaceAll("|", "\\|")}${pad}${fence}`;
}

/** The page. */
export function reportMarkdown(r: WholeReport): string {
  const lines = [`## ${r.equal ? "✅" : "❌"} ${plain(r.verdict)}`, "", plain(verdictSentence(r)), ""];
  for (const d of r.differences.slice(0, MOST_DIFFERENCES)) lines.push(...differenceLines(d));
  if (r.differences.length > MOST_DIFFERENCES) lines.push(`And ${countOf(r.differences.length - MOST_DIFFERENCES, "difference", "differences")} more.`, "");
  lines.push("| step | time | memory | last run |", "|---|---:|---:|---:|");
  for (const s of r.steps) {
    const before = r.last?.steps.find((o) => o.step === s.step);
    lines.push(`| ${plain(s.step)} | ${s.seconds.toFixed(1)} s | ${megabytes(s.peakMemory)} | ${before === undefined ? "" : `${before.seconds.toFixed(1)} s`} |`);
  }
  lines.push("", "| compared | bytes | sha256 | |", "|---|---:|---|---|");
  for (const u of r.units.filter((unit) => unit.pair.length === 2)) lines.push(`| ${code(u.unit)} | ${grouped(u.bytes)} | ${code(u.sha256.slice(0, 16))} | ${u.equal ? "equal" : "**different**"} |`);
  const programs = r.units.filter((u) => u.pair.length === 0);
  if (programs.length > 0) lines.push("", `${countOf(programs.filter((u) => u.equal).length, "unit", "units")} of ${grouped(programs.length)} compiled by both are equal.`);
  lines.push("", ...enginesMarkdown(r.engines ?? [], plain, code));
  if (r.configuration !== null) {
    const texts = r.configuration.texts.map((t) => `${t.name} ${code(t.sha256.slice(0, 16))}`).join(", ");
    lines.push(`Node ${plain(r.configuration.node)}, ${plain(r.configuration.system)}, ${plain(r.configuration.linker)}; ${texts}. To repeat it: ${code(r.configuration.commands[0] ?? "")}`, "");
  }
  return lines.join("\n");
}

function differenceLines(d: DifferenceReport): string[] {
  const lines = [`### ${code(d.unit)}, ${plain(d.target)}: ${d.compilers.map(plain).join(" and ")}`, ""];
  if (d.object !== null) lines.push(`- section ${code(d.object.section)}, symbol ${d.object.symbol === "" ? "none" : code(d.object.symbol)}, offset ${grouped(d.object.offset)}`);
  if (d.dump !== null) lines.push(`- first stage ${code(stageTitle(d.dump.stage))}, function ${d.dump.func === "" ? "none" : code(d.dump.func)}, line ${grouped(d.dump.line)}`);
  if (d.note !== "") lines.push(`- ${plain(d.note)}`);
  const stage = d.stages.find((s) => !s.equal);
  const text = stage === undefined ? d.said.split("\n") : diffLines(stage);
  if (text.join("") !== "") {
    const fence = "`".repeat(Math.max(3, ...[...text.join("\n").matchAll(/`+/g)].map((m) => m[0].length + 1)));
    lines.push("", `${fence}${stage === undefined ? "" : "diff"}`, ...text.slice(0, MOST_DIFF_LINES), fence);
  }
  return [...lines, ""];
}

/** The lines that differ in a stage, with some around them; what only moved is as on the left. */
function diffLines(s: StageDifference): string[] {
  const left = linesOf(s.left);
  const right = linesOf(s.right);
  const rows = alignTexts(s.stage, left, right);
  const isQuiet = (row: Row): boolean => row.kind === "same" || row.kind === "renamed";
  const lines: string[] = [];
  let skipped = false;
  for (const [k, row] of rows.entries()) {
    if (rows.slice(Math.max(0, k - AROUND), k + AROUND + 1).every(isQuiet)) {
      skipped = true;
      continue;
    }
    if (skipped) lines.push("@@");
    skipped = false;
    if (isQuiet(row)) lines.push(` ${left[row.left]}`);
    if (row.kind === "left" || row.kind === "changed") lines.push(`-${left[row.left]}`);
    if (row.kind === "right" || row.kind === "changed") lines.push(`+${right[row.right]}`);
  }
  return lines;
}
