// The page of one function: a column per stage and pass, side by side.
// In -> out: an inspection, to one file of HTML. Every value, block, local and register is marked with a name of its own
// numbering, so that script can light all its places up; passes that change nothing are folded into one narrow column.

import { x64RegNames } from "../stage0/isa/x64/regs.ts";
import { stageTitle } from "./functions.ts";
import { countOf, esc, padded, pageOf } from "./html.ts";
import type { Column, ColumnLine, Inspection } from "./inspect.ts";

/** Lines that a column shows. */
const MOST_LINES = 3000;

/** What each stage is, in a few words. */
const kinds: Record<string, string> = {
  source: "as it is written", tokens: "from the scanner", ast: "from the parser", types: "from the checker", ir: "SSA, left of Wasm", wasm: "the Wasm in the middle",
  clif: "SSA again, right of Wasm", vcode: "machine instructions over values", alloc: "registers given out", asm: "bytes and what they say", obj: "its symbol in the object",
};

const register = /\b(?:[re]?(?:[abcd]x|[sd]i|[sb]p)|[abcd]l|[sd]il|[sb]pl|r(?:8|9|1[0-5])[dwb]?|xmm(?:\d|1[0-5]))\b/;

/** The whole register that a name is a part of. */
function wholeRegister(name: string): string {
  if (x64RegNames.includes(name)) return name;
  const base = name.replace(/^e/, "r").replace(/[dwb]$/, "");
  const fits = [base, `r${name}`, `r${name[0]}x`, `r${name.slice(0, 2)}`].find((n) => x64RegNames.includes(n));
  return fits ?? name;
}

/** What can be lit up in a stage's line: the pattern of its names, and the numbering that a name belongs to. */
function markerOf(stage: string, locals: string[]): { pattern: RegExp; nameOf: (text: string) => string } | null {
  const family = stage.replace(/_.*$/, "");
  if (["source", "tokens", "ast", "types"].includes(family)) {
    if (locals.length === 0) return null;
    return { pattern: new RegExp(`\\b(?:${locals.join("|")})\\b`), nameOf: (text) => `source:${text}` };
  }
  const value = /\b(?:v|block)\d+\b/;
  if (family === "ir" || family === "clif") return { pattern: value, nameOf: (text) => `${family}:${text}` };
  if (family === "wasm") return { pattern: /\blocal\.(?:get|set|tee) \d+\b/, nameOf: (text) => `wasm:local ${text.split(" ")[1]}` };
  const machine = (text: string): string => (value.test(text) ? `vcode:${text}` : `register:${wholeRegister(text)}`);
  if (family === "vcode" || family === "alloc") return { pattern: new RegExp(`${value.source}|${register.source}`), nameOf: machine };
  if (family === "asm") return { pattern: new RegExp(`\\bL\\d+\\b|${register.source}`), nameOf: (text) => (/^L\d/.test(text) ? `asm:${text}` : machine(text)) };
  return null;
}

function utf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}

function lineHtml(line: ColumnLine, marker: ReturnType<typeof markerOf>): string {
  let html = "";
  const text = utf8(line.text);
  let at = 0;
  if (marker !== null) {
    for (const found of text.matchAll(new RegExp(marker.pattern, "g"))) {
      html += `${esc(text.slice(at, found.index))}<span class="v" data-v="${esc(marker.nameOf(found[0]))}">${esc(found[0])}</span>`;
      at = found.index + found[0].length;
    }
  }
  html += esc(text.slice(at));
  const place = line.place === "" ? "" : ` data-p="${esc(utf8(line.place))}"`;
  return `<li${line.isNew ? " class=\"new\"" : ""}${place}>${padded(html)}</li>`;
}

function columnHtml(c: Column, locals: string[]): string {
  const family = c.stage.replace(/_.*$/, "");
  const fresh = c.lines.filter((line) => line.isNew).length;
  const change = fresh + c.removed === 0 ? "" : `, +${fresh} −${c.removed}`;
  const marker = markerOf(c.stage, locals);
  const lines = c.lines.slice(0, MOST_LINES).map((line) => lineHtml(line, marker)).join("");
  const cut = c.lines.length > MOST_LINES ? `<p class="soft">${countOf(c.lines.length - MOST_LINES, "line", "lines")} left out.</p>` : "";
  const why = c.why === "" ? kinds[family] ?? "" : c.why;
  const wide = ["wasm", "asm", "types", "source"].includes(family) ? " wide-column" : "";
  return `<section class="column${wide}" data-stage="${esc(c.stage)}"><h2>${esc(stageTitle(c.stage))} <small>${countOf(c.lines.length, "line", "lines")}${change} · ${esc(why)}</small></h2><ol>${lines}</ol>${cut}</section>`;
}

/** A run of columns that show nothing new. */
function quietHtml(columns: Column[]): string {
  const gone = columns[0].lines.length === 0;
  const inlined = columns[0].stage.startsWith("ir_unused") ? "inlined where it is called: " : "";
  const said = gone ? `${inlined}the function is not in ${countOf(columns.length, "stage", "stages")}` : `${countOf(columns.length, "pass changes", "passes change")} nothing`;
  const items = columns.map((c) => `<li><code>${esc(stageTitle(c.stage))}</code>${c.why === "" ? "" : ` ${esc(c.why)}`}</li>`).join("");
  return `<details class="quiet"><summary>${said}</summary><ul>${items}</ul></details>`;
}

/** The page. */
export function inspectPage(i: Inspection): string {
  const locals = localsOf(i);
  const parts: string[] = [];
  for (let k = 0; k < i.columns.length;) {
    let end = k;
    const gone = i.columns[k].lines.length === 0;
    while (end < i.columns.length && (gone ? i.columns[end].lines.length === 0 : i.columns[end].unchanged && i.columns[end].lines.length > 0)) end += 1;
    parts.push(end > k ? quietHtml(i.columns.slice(k, end)) : columnHtml(i.columns[k], locals));
    k = Math.max(end, k + 1);
  }
  const changed = i.columns.filter((c) => c.why !== "" && !c.unchanged && c.lines.length > 0).length;
  const passes = i.columns.filter((c) => c.why !== "" && c.lines.length > 0).length;
  const head = `<header class="top"><h1><span class="mono">${esc(utf8(i.func))}</span></h1><p>in <span class="mono">${esc(utf8(i.program))}</span> for ${esc(i.target)}, as <b>${esc(i.compiler)}</b> compiles it: ${countOf(i.columns.length, "column", "columns")} from left to right, ${passes} of them passes, of which ${changed} change something. A bar on the left marks what a pass brought.</p></header>`;
  const hint = "Click a value, a block, a local or a register to light it up everywhere; a line, to see what comes from the same line of the source.";
  const body = `${head}\n<main><p class="status" role="status" data-hint="${hint}">Each column is one stage's text of the function.</p><div class="board" tabindex="0" role="group" aria-label="stages">${parts.join("\n")}</div></main>`;
  return pageOf(`${utf8(i.func)}: every stage`, "wide", body);
}

/** The names of the function's parameters and variables, longest first. */
function localsOf(i: Inspection): string[] {
  const types = i.columns.find((c) => c.stage === "types");
  const names = (types?.lines ?? []).map((line) => /^ {2}local \d+ (\w+): /.exec(utf8(line.text))?.[1] ?? "");
  return [...new Set(names.filter((n) => n !== ""))].sort((a, b) => b.length - a.length);
}
