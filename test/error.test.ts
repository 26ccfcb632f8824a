// Wrong programs: each file of test/error is checked, and its errors are those that its "//~ ERROR text" marks name:
// each mark is met by an error on its line whose message holds the text, and there are no other errors.

import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { newDiags } from "../stage0/base/diag.ts";
import { newNames } from "../stage0/base/intern.ts";
import { newSourceMap, placeAt } from "../stage0/base/source.ts";
import { checkProgram } from "../stage0/check/check.ts";
import { newParseCache } from "../stage0/syntax/parse_cache.ts";

const dir = path.join(import.meta.dirname, "error");
const noStd = path.join(dir, "no-library");

interface Mark {
  line: string;
  text: string;
}

function marksOf(file: string): Mark[] {
  const marks: Mark[] = [];
  const lines = readFileSync(path.join(dir, file), "latin1").split("\n");
  for (let i = 0; i < lines.length; i++) {
    const parts = lines[i].split("//~ ERROR ");
    for (const text of parts.slice(1)) marks.push({ line: `${file}:${i + 1}`, text: text.trim() });
  }
  return marks;
}

function errorsOf(file: string): Mark[] {
  const sources = newSourceMap();
  const diags = newDiags(sources);
  checkProgram({ root: dir, std: noStd, mainPath: file, target: "x86_64-linux", testMode: false, unchecked: false, parsed: newParseCache() }, sources, newNames(), diags);
  const out: Mark[] = [];
  for (const e of diags.list) {
    const place = e.pos < 0 ? null : placeAt(sources, e.pos);
    out.push({ line: place === null ? "none" : `${place.file.name}:${place.line}`, text: e.text });
  }
  return out;
}

for (const file of readdirSync(dir).filter((f) => f.endsWith(".cot")).sort()) {
  test(file, () => {
    const errors = errorsOf(file);
    const left = marksOf(file);
    const unexpected: string[] = [];
    for (const e of errors) {
      const at = left.findIndex((m) => m.line === e.line && e.text.includes(m.text));
      if (at < 0) unexpected.push(`${e.line}: ${e.text}`);
      else left.splice(at, 1);
    }
    expect({ unexpected, missing: left.map((m) => `${m.line}: ${m.text}`) }).toEqual({ unexpected: [], missing: [] });
  });
}
