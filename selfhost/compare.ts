// The first difference between two compilers' dumps of one program.
// In -> out: two folders of dumps (the same file names in both), to the first stage, function and line that differ, as a
// diff of that function. Functions are told apart by the lines that begin them, so one early difference does not
// hide which function it is in.

import * as fs from "node:fs";
import * as path from "node:path";

export interface Difference {
  stage: string;
  func: string;
  line: number;
  diff: string;
}

/** The first difference, or null when all dumps are equal. */
export async function firstDifference(left: string, right: string): Promise<Difference | null> {
  const names = [...new Set([...fs.readdirSync(left), ...fs.readdirSync(right)])].sort();
  for (const name of names) {
    const a = readIf(path.join(left, name));
    const b = readIf(path.join(right, name));
    if (a === b) continue;
    const aLines = a.split("\n");
    const bLines = b.split("\n");
    let line = 0;
    while (line < aLines.length && line < bLines.length && aLines[line] === bLines[line]) line += 1;
    let start = Math.min(line, aLines.length - 1);
    while (start > 0 && !/^(func|normal|export|[^ ;{}].*:$|[^ ;{}]+$)/.test(aLines[start])) start -= 1;
    const { createTwoFilesPatch } = await import("diff");
    const cut = (lines: string[]): string => lines.slice(Math.max(0, line - 20), line + 20).join("\n");
    const diff = createTwoFilesPatch("left", "right", cut(aLines), cut(bLines), undefined, undefined, { context: 6, timeout: 2000 }) ?? "";
    return { stage: name.replace(/^\d+_|\.txt$/g, ""), func: aLines[start], line: line + 1, diff };
  }
  return null;
}

function readIf(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, "latin1") : "";
}
