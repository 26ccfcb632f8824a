// The frame of a page, and the small pieces that all pages are made of.
// In -> out: text of any origin, to HTML in which it is text only. A page carries its style and its script inside, and a
// policy that allows these two by their hashes and nothing else: no other script runs, nothing is fetched.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** Text as HTML, also inside quotes. Characters that no page may hold are shown as U+FFFD. */
export function esc(text: string): string {
  const plain = text.replace(/[^\P{Cc}\n\r\t]/gu, "\ufffd");
  return plain.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function part(name: string): string {
  return fs.readFileSync(path.join(import.meta.dirname, "page", name), "utf8");
}

function allowed(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** A whole page around a body. */
export function pageOf(title: string, className: string, body: string): string {
  const style = part("page.css");
  const script = part("page.js");
  const policy = `default-src 'none'; style-src ${allowed(style)}; script-src ${allowed(script)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${esc(title)}</title>
<style>${style}</style>
</head>
<body class="${className}">
${body}
<script>${script}</script>
</body>
</html>
`;
}

/** A hash, whole, with its first digits set off, and a button to copy it where script runs. */
export function hashHtml(hash: string, what: string): string {
  if (hash === "") return "<span class=\"soft\">none</span>";
  return `<code class="hash" data-copy="${esc(what)}"><b>${esc(hash.slice(0, 8))}</b>${esc(hash.slice(8))}</code>`;
}

/** Something to type; a line ends between words. */
export function commandHtml(command: string): string {
  const words = command.split(" ").map((word) => `<span class="word">${esc(word)}</span>`);
  return `<code class="command" data-copy="command">${words.join(" ")}</code>`;
}

/** Escaped text whose columns of blanks close up where the screen is narrow. */
export function padded(html: string): string {
  return html.replace(/(?<=\S {2}) +/g, "<span class=\"pad\">$&</span>");
}

/** 1234567 as 1,234,567. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function megabytes(bytes: number): string {
  return bytes === 0 ? "" : `${Math.round(bytes / (1 << 20))} MB`;
}

/** A number of things, with its word. */
export function countOf(n: number, one: string, many: string): string {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}

/** How much more or less something is than before, as a share; "" where there is nothing to compare with. */
export function changeHtml(now: number, before: number | undefined): string {
  if (before === undefined || before === 0) return "<span class=\"soft\">–</span>";
  const share = (now / before - 1) * 100;
  if (Math.abs(share) < 0.05) return "<span class=\"soft\">same</span>";
  const text = `${share > 0 ? "+" : "−"}${Math.abs(share).toFixed(Math.abs(share) < 10 ? 1 : 0)} %`;
  return Math.abs(share) < 5 ? text : `<span class="${share > 0 ? "more" : "less"}">${text}</span>`;
}
