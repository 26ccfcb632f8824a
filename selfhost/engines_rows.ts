// What engines.json holds: what each engine made of stage1. The command writes it, the report shows it.
// In -> out: rows, to a table, to sentences, and to the file; the file, to its rows when it was made from the same texts.

import * as fs from "node:fs";
import { z } from "zod";

/** A text's hash, as a configuration has it. */
interface TextHash {
  name: string;
  sha256: string;
}

const row = z.object({
  engine: z.string(), version: z.string(),
  /** stage0, or stage1 as a Wasm program. */
  ran: z.string(), target: z.string(), bytes: z.number().int().nonnegative(),
  /** "" when nothing was made. */
  sha256: z.string().regex(/^(?:[0-9a-f]{64})?$/), equal: z.boolean(),
});

/** Rows as a report holds them. */
export const engineRows = z.array(row);

const file = z.object({ format: z.literal(1), texts: z.array(z.object({ name: z.string(), sha256: z.string() })), rows: engineRows });

export type EngineRow = z.infer<typeof row>;

/** The text of the file. */
export function enginesFile(texts: TextHash[], rows: EngineRow[]): string {
  return `${JSON.stringify({ format: 1, texts: texts.map(({ name, sha256 }) => ({ name, sha256 })), rows }, null, 1)}\n`;
}

/** The rows of a file, or null when there is none that was made from these texts. */
export function readEngines(name: string, texts: TextHash[]): EngineRow[] | null {
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(name, "utf8"));
  } catch {
    return null;
  }
  const read = file.safeParse(value);
  if (!read.success) return null;
  const same = texts.length > 0 && texts.length === read.data.texts.length && texts.every((t) => read.data.texts.some((o) => o.name === t.name && o.sha256 === t.sha256));
  return same ? read.data.rows : null;
}

/** The rows as one reads them. */
export function enginesTable(rows: EngineRow[]): string {
  const cells = rows.map((r) => [r.engine, r.version, r.ran, r.target, String(r.bytes), r.sha256.slice(0, 16), r.equal ? "equal" : "DIFFERENT"]);
  cells.unshift(["engine", "version", "ran", "to make stage1 for", "bytes", "sha256", "equal?"]);
  const widths = cells[0].map((_, c) => Math.max(...cells.map((line) => line[c].length)));
  return cells.map((line) => line.map((cell, c) => (c === 4 ? cell.padStart(widths[c]) : c === 6 ? cell : cell.padEnd(widths[c]))).join("  ")).join("\n");
}

/** What the rows come to, in one sentence. */
export function enginesSentence(rows: EngineRow[]): string {
  const engines = new Set(rows.map((r) => r.engine.replace(/,.*/, ""))).size;
  const different = rows.filter((r) => !r.equal).length;
  if (different > 0) return `${different} of ${rows.length} differ`;
  return `${engines} engines make the same bytes of stage1`;
}
