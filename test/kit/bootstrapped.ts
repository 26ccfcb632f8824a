// What the last `node bootstrap.ts` left in out/, where it is of the sources as they are now.
// In -> out: nothing, to the object and the executable that stage0 made of stage1 then, or null. It saves a test, which must
// hold them against something else, compiling stage1 by stage0 once more.

import * as fs from "node:fs";
import * as path from "node:path";
import { configurationOf, sha256 } from "../../selfhost/config.ts";
import { readReport } from "../../selfhost/schema.ts";
import type { Expected } from "../../selfhost/verify.ts";
import { root } from "./programs.ts";

let known: Expected | null | undefined;

/** stage0's object of stage1 and what it links to, both with the hashes that the report states; null when sources have changed since, or nothing is there. */
export function bootstrapped(): Expected | null {
  if (known === undefined) known = readBootstrapped();
  return known;
}

function readBootstrapped(): Expected | null {
  const out = path.join(root, "out");
  const file = path.join(out, "report/report.json");
  const report = fs.existsSync(file) ? readReport(fs.readFileSync(file, "utf8")) : "absent";
  if (typeof report === "string" || JSON.stringify(report.configuration?.texts) !== JSON.stringify(configurationOf(root, "").texts)) return null;
  const stated = new Set(report.artifacts.map((a) => `${a.file} ${a.sha256}`));
  const [object, executable] = ["cot1.o", "cot1"].map((name) => (fs.existsSync(path.join(out, name)) ? fs.readFileSync(path.join(out, name)) : Buffer.alloc(0)));
  return stated.has(`cot1.o ${sha256(object)}`) && stated.has(`cot1 ${sha256(executable)}`) ? { object, executable } : null;
}
