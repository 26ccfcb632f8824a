// What a page shows of a difference: what was said, the bytes by section and symbol, and one function in every stage, both
// compilers side by side from the first stage that differs.
// In -> out: a difference of a report, to HTML. Lines that are equal but for numbers and addresses carry no colour.

import { diffWordsWithSpace } from "diff";
import { alignTexts, type Row } from "./align.ts";
import { linesOf, stageTitle } from "./functions.ts";
import { countOf, esc, grouped, padded } from "./html.ts";
import type { ByteMap, DifferenceReport, SectionMap, StageDifference, WholeReport } from "./schema.ts";

/** Equal lines that stay in sight around a change; longer runs are folded. */
const AROUND = 3;

/** The section of the page, "" for a report without a difference. */
export function differenceSection(r: WholeReport): string {
  if (r.differences.length === 0) return "";
  return `<section id="differences"><h2>${countOf(r.differences.length, "difference", "differences")}</h2>${r.differences.map(caseHtml).join("")}</section>`;
}

function caseHtml(d: DifferenceReport): string {
  const [left, right] = d.compilers;
  const parts = [`<h3>${esc(d.unit.replace(/^([^/ ]+) ([^/ ]+)$/, "$1 ≠ $2"))}, ${esc(d.target)}: ${esc(left)} and ${esc(right)}</h3>`, factsHtml(d)];
  if (d.said !== "") parts.push(`<h3>What was said</h3><pre>${esc(d.said)}</pre>`);
  if (d.note !== "") parts.push(`<p>${esc(d.note)}</p>`);
  if (d.map !== null) parts.push(mapHtml(d.map, d.compilers));
  if (d.stages.length > 0) parts.push(stagesHtml(d));
  return `<article class="case">${parts.join("")}</article>`;
}

function factsHtml(d: DifferenceReport): string {
  const facts: [string, string][] = [];
  if (d.dump !== null) facts.push(["first stage", `<b class="mono">${esc(stageTitle(d.dump.stage))}</b>, line ${grouped(d.dump.line)}`]);
  if (d.dump !== null && d.dump.func !== "") facts.push(["function", `<b class="mono">${esc(d.dump.func)}</b>`]);
  const o = d.object;
  if (o !== null) {
    facts.push(["section", `<b class="mono">${esc(o.section)}</b>, offset ${grouped(o.offset)} (in the file ${grouped(o.fileOffset)})`]);
    if (o.symbol !== "") facts.push(["symbol", `<b class="mono">${esc(o.symbol)}</b> + ${grouped(o.symbolOffset)}`]);
    if (o.resized !== null) facts.push(["first symbol of another size", `<b class="mono">${esc(o.resized.symbol)}</b>, ${grouped(o.resized.left)} and ${grouped(o.resized.right)} bytes`]);
  }
  return `<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("")}</dl>`;
}

function mapHtml(map: ByteMap, compilers: string[]): string {
  const sample = (kind: string): string => `<svg viewBox="0 0 1 1"><rect class="${kind}" width="1" height="1"/></svg>`;
  const key = `<p class="key"><span>${sample("eq")}equal</span><span>${sample("moved")}only moved, with the symbol it is in</span><span>${sample("ne")}different</span><span>${sample("one")}on the right only</span></p>`;
  const symbols = map.symbols.map((s) => `<tr><td class="mono">${esc(s.symbol)}</td><td class="mono">${esc(s.section)}</td><td class="num" data-name="${esc(compilers[0])}">${grouped(s.leftSize)}</td><td class="num" data-name="${esc(compilers[1])}">${grouped(s.rightSize)}</td><td class="num" data-name="differ">${grouped(s.differing)}</td></tr>`);
  const more = map.symbolsInAll > map.symbols.length ? `, the first ${map.symbols.length} of ${grouped(map.symbolsInAll)}` : "";
  const table = symbols.length === 0 ? "" : `<h3>Symbols whose own bytes differ${more}</h3><table class="stack"><thead><tr><th>symbol</th><th>section</th><th class="num">bytes of ${esc(compilers[0])}</th><th class="num">bytes of ${esc(compilers[1])}</th><th class="num">differ</th></tr></thead><tbody>${symbols.join("")}</tbody></table>`;
  return `<h3>Sections</h3>${key}<div class="map">${map.sections.map(stripHtml).join("")}</div>${table}${bytesHtml(map, compilers)}`;
}

/** A section as a row of cells, each filled by the shares of what differs in it. */
function stripHtml(s: SectionMap): string {
  const rects = s.cells.map((c, k) => {
    // What differs at all must be seen.
    const share = (n: number): number => (n === 0 ? 0 : Math.max(0.16, n / s.cellBytes));
    const parts: [string, number][] = [["ne", share(c.differing)], ["one", share(c.added)], ["moved", c.moved / s.cellBytes], ["eq", 1]];
    let y = 0;
    return parts.map(([kind, height]) => {
      const rest = Math.min(height, 1 - y);
      y += rest;
      return rest <= 0 ? "" : `<rect class="${kind}" x="${k}" y="${(y - rest).toFixed(3)}" width="0.86" height="${rest.toFixed(3)}"/>`;
    }).join("");
  });
  const size = s.leftSize === s.rightSize ? countOf(s.leftSize, "byte", "bytes") : `${grouped(s.leftSize)} and ${countOf(s.rightSize, "byte", "bytes")}`;
  const counts = [[s.differing, "differ"], [s.moved, "only moved"]].filter(([n]) => n !== 0).map(([n, word]) => `${grouped(Number(n))} ${word}`);
  const said = counts.length === 0 && s.leftSize === s.rightSize ? "all equal" : counts.join(", ");
  const label = `${s.name}: ${size}${said === "" ? "" : `, ${said}`}`;
  return `<div><span class="mono">${esc(s.name)}</span> <span class="soft">${esc(label.slice(s.name.length + 2))}</span><svg viewBox="0 0 64 1" preserveAspectRatio="none" role="img" aria-label="${esc(label)}">${rects.join("")}</svg></div>`;
}

/** Both files in hexadecimal around the first byte that differs, with those that differ marked. */
function bytesHtml(map: ByteMap, compilers: string[]): string {
  if (map.rows.length === 0) return "";
  const side = (own: string, other: string): string => {
    const rest = other.split(" ");
    return own.split(" ").map((byte, k) => (byte === rest[k] ? esc(byte) : `<mark>${esc(byte)}</mark>`)).join(" ");
  };
  const rows = map.rows.map((row) => `<tr><td class="num">${row.offset.toString(16).padStart(6, "0")}</td><td>${side(row.left, row.right)}</td><td class="visually-hidden">against</td><td>${side(row.right, row.left)}</td></tr>`);
  return `<h3>Bytes around the first that differs</h3><div class="scroll" tabindex="0"><table class="bytes"><thead><tr><th class="num">offset</th><th>${esc(compilers[0])}</th><th class="visually-hidden">against</th><th>${esc(compilers[1])}</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function stagesHtml(d: DifferenceReport): string {
  const first = d.stages.findIndex((s) => !s.equal);
  const before = d.stages.slice(0, Math.max(first, 0));
  const parts = ["<h3>Stage by stage</h3>", "<p class=\"soft\">Each stage's text of the function, as both compilers dump it. Lines that are equal but for value numbers, labels, positions and addresses carry no colour.</p><div data-folds>"];
  if (before.length > 0) parts.push(`<details class="stage"><summary>${countOf(before.length, "stage is", "stages are")} equal before the first that differs</summary>${before.map((s) => stageHtml(s, d)).join("")}</details>`);
  for (const s of d.stages.slice(Math.max(first, 0))) parts.push(stageHtml(s, d));
  return `${parts.join("")}</div>`;
}

function stageHtml(s: StageDifference, d: DifferenceReport): string {
  const left = linesOf(s.left);
  if (s.equal) return `<details class="stage"><summary><b>${esc(stageTitle(s.stage))}</b> equal</summary><pre>${esc(s.left)}</pre></details>`;
  const right = linesOf(s.right);
  const rows = alignTexts(s.stage, left, right);
  const count = (kind: string): number => rows.filter((row) => row.kind === kind).length;
  const counts: [number, string][] = [[count("changed"), "changed"], [count("left"), "on the left only"], [count("right"), "on the right only"], [count("renamed"), "only moved or renumbered"]];
  const said = counts.filter(([n]) => n !== 0).map(([n, word]) => `${countOf(n, "line", "lines")} ${word}`).join(", ");
  const where = `${esc(s.func)}: ${said === "" ? "equal here" : said}; ${grouped(s.functionsDiffering)} of ${grouped(s.functions)} parts of the dump differ`;
  const cut = s.linesLeftOut === 0 ? "" : `<p class="soft">${countOf(s.linesLeftOut, "line", "lines")} of the function left out.</p>`;
  const names = `<div class="row names"><span></span><span>${esc(d.compilers[0])}</span><span></span><span>${esc(d.compilers[1])}</span></div>`;
  return `<details class="stage" open><summary><b>${esc(stageTitle(s.stage))}</b> ${where}</summary><div class="sides">${names}${rowsHtml(rows, left, right)}</div>${cut}</details>`;
}

function isQuiet(row: Row): boolean {
  return row.kind === "same" || row.kind === "renamed";
}

function rowsHtml(rows: Row[], left: string[], right: string[]): string {
  const parts: string[] = [];
  for (let k = 0; k < rows.length;) {
    let end = k;
    while (end < rows.length && isQuiet(rows[end])) end += 1;
    const from = k === 0 ? k : k + AROUND;
    const to = end === rows.length ? end : end - AROUND;
    for (let at = k; at < end; at++) {
      if (at === from && to - from > 2) parts.push(`<details class="fold"><summary>${to - from} lines without a change</summary>`);
      parts.push(rowHtml(rows[at], left, right));
      if (at === to - 1 && to - from > 2) parts.push("</details>");
    }
    for (k = end; k < rows.length && !isQuiet(rows[k]); k++) parts.push(rowHtml(rows[k], left, right));
  }
  return parts.join("");
}

function rowHtml(row: Row, left: string[], right: string[]): string {
  const at = (n: number): string => `<span class="at${n < 0 ? " none" : ""}">${n < 0 ? "" : n + 1}</span>`;
  const cell = (kind: string, html: string): string => `<span${kind === "" ? "" : ` class="${kind}"`}>${padded(html)}</span>`;
  if (isQuiet(row)) return `<div class="row same">${at(row.left)}${cell("", esc(left[row.left]))}${at(row.right)}${cell("", esc(right[row.right]))}</div>`;
  if (row.kind === "left") return `<div class="row">${at(row.left)}${cell("l", esc(left[row.left]))}${at(-1)}${cell("gap", "")}</div>`;
  if (row.kind === "right") return `<div class="row">${at(-1)}${cell("gap", "")}${at(row.right)}${cell("r", esc(right[row.right]))}</div>`;
  const words = diffWordsWithSpace(left[row.left], right[row.right]);
  const marked = (text: string, tag: string): string => (text.trim() === "" ? esc(text) : `<${tag}>${esc(text)}</${tag}>`);
  const a = words.filter((w) => !w.added).map((w) => (w.removed ? marked(w.value, "del") : esc(w.value))).join("");
  const b = words.filter((w) => !w.removed).map((w) => (w.added ? marked(w.value, "ins") : esc(w.value))).join("");
  return `<div class="row">${at(row.left)}${cell("l", a)}${at(row.right)}${cell("r", b)}</div>`;
}
