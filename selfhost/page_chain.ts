// The chain: who compiled what with what, drawn and as a list.
// In -> out: a report's steps and pairs, to SVG for wide screens and a list that says the same in words. What was never
// made is a root; what a step makes stands one column behind the compiler that made it.

import { commandHtml, countOf, esc, grouped, hashHtml, megabytes } from "./html.ts";
import type { StepReport, UnitReport, WholeReport } from "./schema.ts";

const WIDTH = 218;
const HEIGHT = 92;
const GAP = 74;
const BETWEEN = 76;

interface Node {
  name: string;
  column: number;
  row: number;
  /** The step that made it, null for a root. */
  step: StepReport | null;
}

/** Two things of the chain whose files were compared. */
interface Bond {
  a: Node;
  b: Node;
  pairs: UnitReport[];
}

function links(r: WholeReport): StepReport[] {
  return r.steps.filter((s) => s.makes !== "");
}

function nodesOf(r: WholeReport): Node[] {
  const nodes: Node[] = [];
  const rows: number[] = [];
  const place = (name: string, column: number, step: StepReport | null): Node => {
    const known = nodes.find((n) => n.name === name);
    if (known !== undefined) return known;
    rows[column] = (rows[column] ?? -1) + 1;
    const node = { name, column, row: rows[column], step };
    nodes.push(node);
    return node;
  };
  for (const s of links(r)) {
    const by = place(s.by, 0, null);
    place(s.makes, by.column + 1, s);
  }
  return nodes;
}

/** The node that a file belongs to: of its own name, or of the longest name that the file's begins with. */
function ownerOf(nodes: Node[], file: string): Node | undefined {
  const fits = nodes.filter((n) => file === n.name || file.startsWith(`${n.name}.`));
  return fits.sort((x, y) => y.name.length - x.name.length)[0];
}

function bondsOf(r: WholeReport, nodes: Node[]): Bond[] {
  const bonds: Bond[] = [];
  for (const unit of r.units) {
    if (unit.pair.length !== 2) continue;
    const [a, b] = unit.pair.map((file) => ownerOf(nodes, file));
    if (a === undefined || b === undefined || a === b) continue;
    const known = bonds.find((bond) => (bond.a === a && bond.b === b) || (bond.a === b && bond.b === a));
    if (known === undefined) bonds.push({ a, b, pairs: [unit] });
    else known.pairs.push(unit);
  }
  return bonds;
}

const xOf = (n: Node): number => 8 + n.column * (WIDTH + GAP);
const yOf = (n: Node): number => 8 + n.row * (HEIGHT + BETWEEN);

/** What something is, in a few words each: by whom it was compiled, or that it is where the chain begins. */
function linesOf(r: WholeReport, n: Node): string[] {
  if (n.step !== null) return [`${n.step.source}'s source`, `compiled by ${n.step.by}`];
  const text = r.configuration?.texts.find((t) => t.name === n.name);
  return text === undefined ? ["where the chain begins"] : [`${countOf(text.files, "file", "files")} of TypeScript,`, "run by Node"];
}

function nodeSvg(r: WholeReport, n: Node): string {
  const x = xOf(n);
  const y = yOf(n);
  const lines = linesOf(r, n).map((line, k) => `<text class="line" x="${x + 16}" y="${y + 54 + k * 19}">${esc(line)}</text>`);
  const rect = `<rect class="node${n.step === null ? " root" : ""}" x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="12"/>`;
  return `<g>${rect}<text class="name" x="${x + 16}" y="${y + 30}">${esc(n.name)}</text>${lines.join("")}</g>`;
}

function edgeSvg(from: Node, to: Node): string {
  const x1 = xOf(from) + WIDTH;
  const x2 = xOf(to) - 9;
  const y1 = yOf(from) + HEIGHT / 2;
  const y2 = yOf(to) + HEIGHT / 2;
  const mid = (x1 + x2) / 2;
  return `<path class="edge" d="M${x1} ${y1} C${mid} ${y1} ${mid} ${y2} ${x2} ${y2}"/><path class="head" d="M${x2 + 8} ${y2} l-10 -5 v10 z"/>`;
}

/** A dotted line below two of one row, or down from one to the other; with its verdict in the gap that it crosses. */
function bondSvg(bond: Bond): string {
  const equal = bond.pairs.every((u) => u.equal);
  const different = bond.pairs.filter((u) => !u.equal).length;
  const text = equal ? `= ${countOf(bond.pairs.length, "file", "files")} equal` : `≠ ${different} of ${countOf(bond.pairs.length, "file", "files")}`;
  const kind = equal ? "good" : "bad";
  const { d, x, y } = bond.a.row === bond.b.row ? pathBelow(bond) : pathDown(bond);
  return `<g><path class="${equal ? "same" : "apart"}" d="${d}"/><rect class="${kind}-pill" x="${x - 58}" y="${y - 13}" width="116" height="26" rx="13"/><text class="${kind}-text" x="${x}" y="${y + 5}">${esc(text)}</text></g>`;
}

interface BondPath {
  d: string;
  /** The middle of the verdict. */
  x: number;
  y: number;
}

function pathBelow(bond: Bond): BondPath {
  const [a, b] = bond.a.column < bond.b.column ? [bond.a, bond.b] : [bond.b, bond.a];
  const x1 = xOf(a) + WIDTH / 2 + 24;
  const x2 = xOf(b) + WIDTH / 2 - 24;
  const top = yOf(a) + HEIGHT;
  const low = top + 38;
  return { d: `M${x1} ${top} C${x1} ${low} ${x1} ${low} ${x1 + 20} ${low} L${x2 - 20} ${low} C${x2} ${low} ${x2} ${low} ${x2} ${top}`, x: (x1 + x2) / 2, y: low };
}

function pathDown(bond: Bond): BondPath {
  const [a, b] = bond.a.row < bond.b.row ? [bond.a, bond.b] : [bond.b, bond.a];
  const x1 = xOf(a) + WIDTH / 2 + Math.sign(b.column - a.column) * 50;
  const x2 = xOf(b) + WIDTH / 2 + 46;
  const [top, low] = [yOf(a) + HEIGHT, yOf(b)];
  return { d: `M${x1} ${top} C${x1} ${low - 20} ${x2} ${top + 20} ${x2} ${low}`, x: x2, y: low - 24 };
}

function sentence(s: StepReport): string {
  return `${s.makes} = ${s.source}'s source compiled by ${s.by}`;
}

function chainSvg(r: WholeReport): string {
  const nodes = nodesOf(r);
  const width = Math.max(...nodes.map((n) => xOf(n) + WIDTH)) + 8;
  const height = Math.max(...nodes.map((n) => yOf(n) + HEIGHT)) + 60;
  const edges = links(r).map((s) => edgeSvg(nodes.find((n) => n.name === s.by) as Node, nodes.find((n) => n.name === s.makes) as Node));
  const bonds = bondsOf(r, nodes).map(bondSvg);
  const title = links(r).map(sentence).join("; ");
  return `<svg viewBox="0 0 ${width} ${height}" width="${Math.round(width * 1.18)}" role="img" aria-label="${esc(title)}">${edges.join("")}${bonds.join("")}${nodes.map((n) => nodeSvg(r, n)).join("")}</svg>`;
}

function linkItem(s: StepReport): string {
  const cost = [`${s.seconds.toFixed(1)} s`, megabytes(s.peakMemory)].filter((t) => t !== "").join(", ");
  const command = s.command === "" ? "" : `<div>${commandHtml(s.command)}</div>`;
  return `<li><b class="mono">${esc(s.makes)}</b> = ${esc(s.source)}'s source compiled by <b class="mono">${esc(s.by)}</b> <span class="soft">in ${esc(cost)}</span>${command}</li>`;
}

function pairRow(u: UnitReport): string {
  const tag = u.equal ? "<span class=\"tag equal\">equal</span>" : "<span class=\"tag different\">different</span>";
  return `<tr><td class="mono">${esc(u.pair.join(u.equal ? " = " : " ≠ "))}</td><td>${esc(u.target)}</td><td class="num">${grouped(u.bytes)}<span class="visually-hidden"> bytes</span></td><td class="whole">${hashHtml(u.sha256, `hash of ${u.pair[0]}`)}</td><td>${tag}</td></tr>`;
}

/** The section of the page. */
export function chainSection(r: WholeReport): string {
  const pairs = r.units.filter((u) => u.pair.length === 2);
  const drawn = links(r).length === 0 ? "" : `<div class="chain">${chainSvg(r)}<ul class="links">${links(r).map(linkItem).join("")}</ul></div>`;
  const table = pairs.length === 0 ? "" : `<h3>What was compared</h3><table class="stack"><thead><tr><th>files</th><th>target</th><th class="num">bytes</th><th>sha256 of the first</th><th>verdict</th></tr></thead><tbody>${pairs.map(pairRow).join("")}</tbody></table>`;
  return `<section id="chain"><h2>Who compiled what with what</h2>${drawn}${table}</section>`;
}
