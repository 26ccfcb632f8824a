// The bootstrap's page: out/report/index.html.
// In -> out: a report, to one file of HTML that needs nothing else. All that it shows comes from report.json, so that
// `cot report` renders the same page again.

import { changeHtml, commandHtml, countOf, esc, grouped, hashHtml, megabytes, pageOf } from "./html.ts";
import { chainSection } from "./page_chain.ts";
import { differenceSection } from "./page_difference.ts";
import { enginesSection } from "./page_engines.ts";
import { stageTitle } from "./functions.ts";
import type { ArtifactReport, StepReport, UnitReport, WholeReport } from "./schema.ts";

/** The page. */
export function reportPage(r: WholeReport): string {
  const sections = [chainSection(r), differenceSection(r), enginesSection(r.engines ?? []), configurationSection(r), unitsSection(r), costSection(r)];
  const body = `${heroHtml(r)}\n<main>${sections.join("\n")}</main>\n<footer>Rendered from <a href="report.json">report.json</a>; the same in short: <a href="report.md">report.md</a>; hashes of what was made: <a href="SHA256SUMS">SHA256SUMS</a>.</footer>`;
  return pageOf(`Cot: ${r.verdict}`, "report", body);
}

/** The verdict in one sentence. */
export function verdictSentence(r: WholeReport): string {
  const pairs = r.units.filter((u) => u.pair.length === 2).length;
  const compiled = r.units.filter((u) => u.pair.length === 0);
  const targets = countOf(new Set(compiled.map((u) => u.target)).size, "target", "targets");
  const programs = `${countOf(new Set(compiled.map((u) => u.unit)).size, "program", "programs")} for ${targets}`;
  if (r.equal && pairs > 0) return `The circle closes: the compilers that built each other are the same to the last byte${compiled.length === 0 ? "" : `, and so is all that they make of ${programs}`}.`;
  if (r.equal) return `Two compilers make the same bytes of ${programs}.`;
  const d = r.differences[0];
  const where = d?.dump !== null && d?.dump !== undefined ? ` first in stage ${stageTitle(d.dump.stage)}${d.dump.func === "" ? "" : `, function ${d.dump.func}`}` : "";
  const pair = r.units.find((u) => u.unit === d?.unit)?.pair ?? [];
  if (d !== undefined && pair.length === 2) return `The circle does not close: ${pair[0]}, made by ${d.compilers[0]}, and ${pair[1]}, made by ${d.compilers[1]}, differ${where === "" ? "" : `,${where}`}.`;
  const what = d === undefined ? `${r.units.filter((u) => !u.equal).length} of ${r.units.length} units differ` : `${d.compilers.join(" and ")} differ on ${d.unit} for ${d.target}${where === "" ? "" : `,${where}`}`;
  return `The circle does not close: ${what}.`;
}

function heroHtml(r: WholeReport): string {
  const kind = r.equal ? "good" : "bad";
  const round = 2 * Math.PI * 48;
  const arc = r.equal ? "" : ` stroke-dasharray="${(round * 0.82).toFixed(1)} ${round.toFixed(1)}" transform="rotate(-60 60 60)"`;
  const ring = `<svg class="ring ${kind}" viewBox="0 0 120 120" aria-hidden="true"><circle class="track" cx="60" cy="60" r="48"/><circle class="arc" cx="60" cy="60" r="48"${arc}/><text x="60" y="69">cot</text></svg>`;
  const links = [["chain", "Chain"], ...(r.differences.length > 0 ? [["differences", "Differences"]] : []), ...((r.engines ?? []).length > 0 ? [["engines", "Engines"]] : []), ["configuration", "Configuration"], ["units", "Units"], ["cost", "Sizes and times"]];
  const nav = `<nav aria-label="parts of the page">${links.map(([id, name]) => `<a href="#${id}">${name}</a>`).join("")}</nav>`;
  return `<header class="top"><div class="hero">${ring}<div><span class="pill ${kind}">${esc(r.verdict)}</span><h1>${esc(verdictSentence(r))}</h1></div></div>${factsHtml(r)}${nav}</header>`;
}

function factsHtml(r: WholeReport): string {
  const made = r.steps.filter((s) => s.makes !== "");
  const programs = r.units.filter((u) => u.pair.length === 0);
  const targets = new Set(programs.map((u) => u.target));
  const facts: [string, string][] = [];
  if (made.length > 0) facts.push([grouped(made.length), made.length === 1 ? "compiler built" : "compilers built, each by one before"]);
  facts.push([`${grouped(r.units.filter((u) => u.equal).length)} of ${grouped(r.units.length)}`, "units equal to the last byte"]);
  if (programs.length > 0) facts.push([grouped(new Set(programs.map((u) => u.unit)).size), `programs and modules, for ${countOf(targets.size, "target", "targets")}`]);
  facts.push([grouped(r.units.reduce((sum, u) => sum + u.bytes, 0)), "bytes compared"]);
  if (r.steps.length > 0) facts.push([`${r.steps.reduce((sum, s) => sum + s.seconds, 0).toFixed(1)} s`, "from start to verdict"]);
  return `<ul class="facts">${facts.map(([n, text]) => `<li><b>${esc(n)}</b>${esc(text)}</li>`).join("")}</ul>`;
}

function configurationSection(r: WholeReport): string {
  const c = r.configuration;
  if (c === null) return "<section id=\"configuration\"><h2>Configuration</h2><p class=\"soft\">This report does not say under what it was made.</p></section>";
  const before = new Map((r.last?.texts ?? []).map((t) => [t.name, t.sha256]));
  const rows: [string, string][] = [["Node", `${esc(c.node)}`], ["system", esc(c.system)], ["linker", esc(c.linker)], ["flags", c.flags === "" ? "none" : `<code>${esc(c.flags)}</code>`]];
  for (const t of c.texts) {
    const since = before.has(t.name) ? (before.get(t.name) === t.sha256 ? "as in the last run" : "changed since the last run") : "";
    rows.push([`text of ${esc(t.name)}`, `${hashHtml(t.sha256, `hash of ${t.name}`)} <span class="soft">${countOf(t.files, "file", "files")}, ${grouped(t.bytes)} bytes${since === "" ? "" : `, ${since}`}</span>`]);
  }
  for (const a of r.artifacts) rows.push([`<span class="mono">${esc(a.file)}</span>`, `${hashHtml(a.sha256, `hash of ${a.file}`)} <span class="soft">${grouped(a.bytes)} bytes</span>`]);
  const commands = [...c.commands.slice(0, 1), ...r.steps.map((s) => s.command).filter((t) => t !== ""), ...c.commands.slice(1)];
  const list = `<h3>To repeat it</h3><p class="soft">In the project's folder: the whole, then its steps one by one, then the hash of the text of stage0 and the hashes of what was made.</p>${commands.map((t) => `<p>${commandHtml(t)}</p>`).join("")}`;
  return `<section id="configuration"><h2>Configuration</h2><dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("")}</dl>${list}</section>`;
}

function unitsSection(r: WholeReport): string {
  const rows = r.units.map(unitRow).join("");
  const head = "<thead><tr><th>unit</th><th>target</th><th class=\"num\">bytes</th><th>sha256</th><th>verdict</th></tr></thead>";
  return `<section id="units"><h2>${countOf(r.units.length, "unit", "units")}</h2><p class="soft">What was compared: files of the compilers in pairs, and programs and library modules that two compilers compiled. The bytes and the hash are those of the first side.</p><table class="find stack">${head}<tbody>${rows}</tbody></table></section>`;
}

function unitRow(u: UnitReport): string {
  const tag = u.equal ? "<span class=\"tag equal\">equal</span>" : "<span class=\"tag different\">different</span>";
  const hash = u.sha256 === "" ? "<span class=\"soft\">no output</span>" : `<code class="hash"><b>${esc(u.sha256.slice(0, 8))}</b>${esc(u.sha256.slice(8))}</code>`;
  return `<tr><td class="mono">${esc(u.unit)}</td><td>${esc(u.target)}</td><td class="num" data-sort="${u.bytes}">${grouped(u.bytes)}</td><td class="whole">${hash}</td><td>${tag}</td></tr>`;
}

/** A bar of what something costs now over what it cost in the last run. */
function barHtml(now: number, before: number | undefined, most: number): string {
  const width = (n: number): string => (most === 0 ? 0 : (n / most) * 100).toFixed(2);
  const then = before === undefined ? "" : `<rect class="then" y="6" width="${width(before)}" height="4"/>`;
  return `<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="now" width="${width(now)}" height="5"/>${then}</svg>`;
}

function costSection(r: WholeReport): string {
  const last = r.last;
  const against = last === null ? "There is no run before this one to compare with." : "Against the last run: the thin bars and the changes.";
  return `<section id="cost"><h2>Sizes and times</h2><p class="soft">${against}</p>${stepsTable(r)}${stagesTable(r)}${artifactsTable(r)}</section>`;
}

function stepsTable(r: WholeReport): string {
  if (r.steps.length === 0) return "";
  const before = new Map((r.last?.steps ?? []).map((s) => [s.step, s]));
  const most = Math.max(...r.steps.map((s) => Math.max(s.seconds, before.get(s.step)?.seconds ?? 0)));
  const row = (s: StepReport): string => {
    const old = before.get(s.step);
    return `<tr><td>${esc(s.step)}${barHtml(s.seconds, old?.seconds, most)}</td><td class="num" data-name="time">${s.seconds.toFixed(2)} s</td><td class="num">${changeHtml(s.seconds, old?.seconds)}</td><td class="num" data-name="memory">${megabytes(s.peakMemory)}</td><td class="num">${changeHtml(s.peakMemory, old?.peakMemory)}</td></tr>`;
  };
  return `<h3>Steps</h3><table class="stack"><thead><tr><th>step</th><th class="num">time</th><th class="num">change</th><th class="num">memory at its peak</th><th class="num">change</th></tr></thead><tbody>${r.steps.map(row).join("")}</tbody></table>`;
}

/** Times of each stage in each compilation that told them. */
function stagesTable(r: WholeReport): string {
  const steps = r.steps.filter((s) => s.stages.length > 0);
  if (steps.length === 0) return "";
  const names = [...new Set(steps.flatMap((s) => s.stages.map((t) => t.stage)))];
  const old = (s: StepReport): StepReport | undefined => r.last?.steps.find((o) => o.step === s.step);
  const millis = (s: StepReport | undefined, stage: string): number | undefined => s?.stages.find((t) => t.stage === stage)?.millis;
  const most = Math.max(...steps.flatMap((s) => s.stages.map((t) => t.millis)));
  const cells = (stage: string): string => steps.map((s) => {
    const now = millis(s, stage);
    return now === undefined ? "<td></td><td></td>" : `<td class="num">${now.toFixed(1)} ms${barHtml(now, millis(old(s), stage), most)}</td><td class="num">${changeHtml(now, millis(old(s), stage))}</td>`;
  }).join("");
  const sum = (s: StepReport | undefined): number | undefined => (s === undefined || s.stages.length === 0 ? undefined : s.stages.reduce((n, t) => n + t.millis, 0));
  const total = steps.map((s) => `<td class="num">${(sum(s) ?? 0).toFixed(0)} ms</td><td class="num">${changeHtml(sum(s) ?? 0, sum(old(s)))}</td>`).join("");
  const heads = steps.map((s) => `<th class="num">${esc(s.by)} → ${esc(s.makes)}</th><th class="num">change</th>`).join("");
  return `<h3>Stages</h3><div class="scroll" tabindex="0"><table><thead><tr><th>stage</th>${heads}</tr></thead><tbody>${names.map((n) => `<tr><td class="mono">${esc(n)}</td>${cells(n)}</tr>`).join("")}<tr class="total"><td>all</td>${total}</tr></tbody></table></div>`;
}

function artifactsTable(r: WholeReport): string {
  if (r.artifacts.length === 0) return "";
  const before = new Map((r.last?.artifacts ?? []).map((a) => [a.file, a]));
  const sections = (a: ArtifactReport): string => {
    const largest = [...a.sections].sort((x, y) => y.bytes - x.bytes).slice(0, 6);
    return largest.map((s) => {
      const old = before.get(a.file)?.sections.find((o) => o.name === s.name);
      const change = old === undefined || old.bytes === s.bytes ? "" : ` (${s.bytes > old.bytes ? "+" : "−"}${grouped(Math.abs(s.bytes - old.bytes))})`;
      return `<span class="mono">${esc(s.name)}</span> ${grouped(s.bytes)}${change}`;
    }).join(", ");
  };
  const row = (a: ArtifactReport): string => `<tr><td class="mono">${esc(a.file)}</td><td class="num" data-name="bytes">${grouped(a.bytes)}</td><td class="num">${changeHtml(a.bytes, before.get(a.file)?.bytes)}</td><td class="whole soft">${sections(a)}</td></tr>`;
  return `<h3>Files</h3><table class="stack"><thead><tr><th>file</th><th class="num">bytes</th><th class="num">change</th><th>its largest sections</th></tr></thead><tbody>${r.artifacts.map(row).join("")}</tbody></table>`;
}
