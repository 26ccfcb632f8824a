// The files of a report, all from the report itself.
// In -> out: a report, to names and texts of files that belong in one folder, out/report beside what the bootstrap made.

import { reportMarkdown } from "./markdown.ts";
import { reportPage } from "./page_report.ts";
import type { WholeReport } from "./schema.ts";

/** Each file's name and text. The hashes name what was made as it is reached from the report's folder. */
export function renderReport(r: WholeReport): [string, string][] {
  const sums = r.artifacts.map((a) => `${a.sha256}  ../${a.file}\n`).join("");
  return [["report.json", `${JSON.stringify(r, undefined, 2)}\n`], ["index.html", reportPage(r)], ["report.md", reportMarkdown(r)], ["SHA256SUMS", sums]];
}
