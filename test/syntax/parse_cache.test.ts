// A tree from the cache is the tree that parsing gives: the same nodes, positions and names, whatever came before.

import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { newDiags } from "../../stage0/base/diag.ts";
import { internName, type Names, newNames } from "../../stage0/base/intern.ts";
import { addSource, newSourceMap, type SourceMap } from "../../stage0/base/source.ts";
import type { Ast } from "../../stage0/syntax/ast.ts";
import { newParseCache, type ParseCache, parseCached } from "../../stage0/syntax/parse_cache.ts";
import { parseFile } from "../../stage0/syntax/parser.ts";
import { root } from "../kit/programs.ts";

const std = path.join(root, "std");
const files = fs.readdirSync(std, { recursive: true }).map(String).filter((f) => f.endsWith(".cot")).sort();

/** All files of std behind a file of another text, whose names come first. */
function parseAll(cache: ParseCache | null, before: string): { asts: Ast[]; names: Names } {
  const sources: SourceMap = newSourceMap();
  const names = newNames();
  const diags = newDiags(sources);
  addSource(sources, "main.cot", before);
  for (const word of before.split(" ")) internName(names, word);
  const asts = files.map((f) => {
    const file = addSource(sources, `std/${f}`, fs.readFileSync(path.join(std, f), "latin1"));
    return cache === null ? parseFile(file, names, diags) : parseCached(cache, file, names, diags);
  });
  return { asts, names };
}

test("every file of the library, three programs", () => {
  const cache = newParseCache();
  for (const before of ["", "self append Map x y", "fn value i64 list"]) {
    const fresh = parseAll(null, before);
    const cached = parseAll(cache, before);
    expect(cached.names.texts).toEqual(fresh.names.texts);
    for (const [k, ast] of fresh.asts.entries()) {
      const { file, ...rest } = cached.asts[k];
      expect(file.name).toBe(ast.file.name);
      expect(rest, file.name).toEqual({ nodes: ast.nodes, heights: ast.heights, root: ast.root, texts: ast.texts, ints: ast.ints });
    }
  }
  expect(cache.files.size).toBe(files.length);
});

test("another text under the same name, and one with an error", () => {
  const cache = newParseCache();
  const sources = newSourceMap();
  const names = newNames();
  const diags = newDiags(sources);
  const first = parseCached(cache, addSource(sources, "std/a.cot", "fn a() {}\n"), names, diags);
  const second = parseCached(cache, addSource(sources, "std/a.cot", "fn a() {}\nfn b() {}\n"), names, diags);
  expect([first, second].map((a) => a.nodes[a.root].list.length)).toEqual([1, 2]);
  for (let k = 0; k < 2; k++) {
    const before = diags.list.length;
    parseCached(cache, addSource(sources, "std/b.cot", "fn ("), names, diags);
    expect(diags.list.length).toBeGreaterThan(before);
  }
  expect([...cache.files.keys()]).toEqual(["std/a.cot"]);
});
