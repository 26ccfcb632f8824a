// The pages as commands: what `cot report` and `cot inspect` start.
// In -> out: the words that a compiler passes on (pages.js lists them), to files, a line that names what was written, and
// an exit status: 0, or 2 when something cannot be read or written or there is no such function.

import * as fs from "node:fs";
import * as path from "node:path";
import { inspect } from "./inspect.ts";
import { inspectPage } from "./page_inspect.ts";
import { renderReport } from "./render.ts";
import { readReport } from "./schema.ts";

/** Does what the words say. */
export function makePages(words: string[]): number {
  const lengths: Record<string, number> = { report: 3, inspect: 9 };
  if (words.length !== lengths[words[0]]) {
    console.error("cot: this script is started by cot report and cot inspect");
    return 2;
  }
  const problem = words[0] === "report" ? report(words[1], words[2]) : inspection(words.slice(1));
  if (problem === "") return 0;
  console.error(`cot: ${problem}`);
  return 2;
}

/** Renders a report again, beside its file where no folder is given. */
function report(file: string, dir: string): string {
  const text = attempt(file, () => fs.readFileSync(file, "utf8"));
  if (text.problem !== "") return text.problem;
  const r = readReport(text.value ?? "");
  if (typeof r === "string") return `'${file}' ${r}`;
  const out = dir === "" ? path.dirname(file) : dir;
  const made = attempt(out, () => {
    fs.mkdirSync(out, { recursive: true });
    for (const [name, content] of renderReport(r)) fs.writeFileSync(path.join(out, name), content);
  });
  if (made.problem === "") console.log(path.join(out, "index.html"));
  return made.problem;
}

function inspection([dumps, func, out, program, root, std, target, compiler]: string[]): string {
  const found = inspect({ dumps, func: bytesOf(func), program: bytesOf(program), root: bytesOf(root), std: bytesOf(std), target, compiler });
  if (typeof found === "string") return Buffer.from(found, "latin1").toString();
  const file = out === "" ? `${Buffer.from(found.func, "latin1").toString().replace(/[^\w.()-]+/g, "_")}.html` : out;
  const made = attempt(file, () => fs.writeFileSync(file, inspectPage(found)));
  if (made.problem === "") console.log(file);
  return made.problem;
}

/** Text as the dumps have it. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** Does what may fail for what a file is. */
function attempt<T>(file: string, work: () => T): { value: T | null; problem: string } {
  try {
    return { value: work(), problem: "" };
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === undefined) throw e;
    const known: Record<string, string> = { ENOENT: "no such file", EISDIR: "is a directory", EACCES: "permission denied", EROFS: "is read-only", ENOSPC: "no space left", ENOTDIR: "a part of the path is not a directory", EEXIST: "exists already" };
    return { value: null, problem: `'${file}': ${known[code] ?? code}` };
  }
}
