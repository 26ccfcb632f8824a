// The part of the page that shows what other engines made of stage1; there is none when no engine was asked.
// In -> out: the rows of a report, to a section, and to lines of Markdown.

import { enginesSentence, type EngineRow } from "./engines_rows.ts";
import { esc, grouped, hashHtml } from "./html.ts";

const text = "Each engine compiled stage1 from the same texts, with stage0 as one script or with stage1 as a Wasm program. What it made is compared with what the first row's engine made.";

/** The section of the page, "" without rows. */
export function enginesSection(rows: EngineRow[]): string {
  if (rows.length === 0) return "";
  const line = (r: EngineRow): string => {
    const tag = r.equal ? "<span class=\"tag equal\">equal</span>" : "<span class=\"tag different\">different</span>";
    return `<tr><td>${esc(r.engine)} <span class="soft">${esc(r.version)}</span></td><td>${esc(r.ran)}</td><td>${esc(r.target)}</td><td class="num" data-name="bytes">${grouped(r.bytes)}</td><td class="whole">${hashHtml(r.sha256, `hash of stage1 by ${r.engine}`)}</td><td>${tag}</td></tr>`;
  };
  const head = "<thead><tr><th>engine</th><th>ran</th><th>to make stage1 for</th><th class=\"num\">bytes</th><th>sha256</th><th>verdict</th></tr></thead>";
  return `<section id="engines"><h2>Other engines</h2><p>${esc(enginesSentence(rows))}.</p><p class="soft">${text}</p><table class="stack">${head}<tbody>${rows.map(line).join("")}</tbody></table></section>`;
}

/** The same as lines of Markdown; `plain` and `code` set text so that nothing in it has a meaning. */
export function enginesMarkdown(rows: EngineRow[], plain: (t: string) => string, code: (t: string) => string): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map((r) => `| ${plain(r.engine)} | ${plain(r.ran)} | ${plain(r.target)} | ${grouped(r.bytes)} | ${code(r.sha256.slice(0, 16))} | ${r.equal ? "equal" : "**different**"} |`);
  return [`${plain(enginesSentence(rows))}.`, "", "| engine | ran | target | bytes | sha256 | |", "|---|---|---|---:|---|---|", ...lines, ""];
}
