// What report.json holds, as one schema: what the bootstrap records, the page is rendered from, and docs/report.md explains.
// In -> out: the text of a file, to a report, or what is wrong with it. A later form gets another number; a reader
// takes its own number only.

import { z } from "zod";
import type { DumpDifference } from "./compare.ts";
import { engineRows } from "./engines_rows.ts";
import type { ObjectDifference } from "./object_diff.ts";

/** The number of this form. */
export const FORMAT = 1;

const count = z.number().int().nonnegative();
/** Of no file it is empty. */
const hash = z.string().regex(/^(?:[0-9a-f]{64})?$/);
/** Bytes in hexadecimal, with blanks between. */
const hex = z.string().regex(/^(?:[0-9a-f]{2}(?: [0-9a-f]{2})*)?$/);

const stageTime = z.object({ stage: z.string(), millis: z.number().nonnegative() });

const step = z.object({
  step: z.string(), seconds: z.number().nonnegative(), peakMemory: count,
  by: z.string(), source: z.string(), makes: z.string(), command: z.string(), stages: z.array(stageTime),
});

const unit = z.object({ unit: z.string(), target: z.string(), pair: z.array(z.string()), bytes: count, sha256: hash, equal: z.boolean() });

const object: z.ZodType<ObjectDifference> = z.object({
  section: z.string(), symbol: z.string(), symbolOffset: z.number().int(), offset: count, fileOffset: count, left: hex, right: hex,
  leftSize: count, rightSize: count, resized: z.object({ symbol: z.string(), left: count, right: count }).nullable(),
});

const dump: z.ZodType<DumpDifference> = z.object({ stage: z.string(), file: z.string(), func: z.string(), line: count, diff: z.string() });

const cell = z.object({ differing: count, moved: count, added: count });

const sectionMap = z.object({ name: z.string(), leftSize: count, rightSize: count, differing: count, moved: count, cellBytes: count, cells: z.array(cell) });

const symbolMap = z.object({ section: z.string(), symbol: z.string(), leftSize: count, rightSize: count, differing: count });

const byteRow = z.object({ offset: count, left: hex, right: hex });

const map = z.object({ sections: z.array(sectionMap), symbols: z.array(symbolMap), symbolsInAll: count, rows: z.array(byteRow) });

const stage = z.object({
  stage: z.string(), equal: z.boolean(), func: z.string(), functionsDiffering: count, functions: count,
  line: count, left: z.string(), right: z.string(), linesLeftOut: count,
});

const difference = z.object({
  unit: z.string(), target: z.string(), compilers: z.array(z.string()).length(2), said: z.string(), note: z.string(),
  object: object.nullable(), dump: dump.nullable(), map: map.nullable(), stages: z.array(stage),
});

const text = z.object({ name: z.string(), files: count, bytes: count, sha256: hash });

const configuration = z.object({ node: z.string(), system: z.string(), linker: z.string(), flags: z.string(), texts: z.array(text), commands: z.array(z.string()) });

/** Lies in the folder above the report's, so its name is no path. */
const artifact = z.object({ file: z.string().regex(/^[^/\\\p{Cc}]+$/u), bytes: count, sha256: hash, sections: z.array(z.object({ name: z.string(), bytes: count })) });

const last = z.object({ verdict: z.string(), texts: z.array(text), steps: z.array(step), artifacts: z.array(artifact) });

const report = z.object({
  format: z.literal(FORMAT), verdict: z.string(), equal: z.boolean(), configuration: configuration.nullable(), steps: z.array(step),
  artifacts: z.array(artifact), units: z.array(unit), differences: z.array(difference), last: last.nullable(),
  engines: engineRows.optional(),
});

/** The schema itself, for the test that its documentation is whole. */
export const reportSchema = report;

export type StageTime = z.infer<typeof stageTime>;
export type StepReport = z.infer<typeof step>;
export type UnitReport = z.infer<typeof unit>;
export type SectionMap = z.infer<typeof sectionMap>;
export type ByteMap = z.infer<typeof map>;
export type StageDifference = z.infer<typeof stage>;
export type DifferenceReport = z.infer<typeof difference>;
export type TextReport = z.infer<typeof text>;
export type Configuration = z.infer<typeof configuration>;
export type ArtifactReport = z.infer<typeof artifact>;
export type LastRun = z.infer<typeof last>;
export type WholeReport = z.infer<typeof report>;

/** A report from its text, or in words why it is none. */
export function readReport(source: string): WholeReport | string {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (e) {
    return `is not JSON: ${(e as Error).message}`;
  }
  const read = report.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  return `is not a report of form ${FORMAT}: ${issue.path.length === 0 ? "" : `${issue.path.join(".")}: `}${issue.message}`;
}
