// A broken stage1 does not pass. One edit in one of five places is drawn by the seed (all of them with TEST_ALL), a copy of
// stage1 is broken with it and bootstrapped: status 1, and a report that names the stage of the place and what it touched.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { bootstrap } from "../selfhost/bootstrap.ts";
import { stage0Worker } from "../selfhost/compilers.ts";
import { brokenPlaces, type BrokenEdit, type BrokenPlace } from "./kit/broken_edits.ts";
import { root } from "./kit/programs.ts";
import { newRandom, below } from "./kit/random.ts";
import { programInPath, seed, testAll } from "./kit/tools.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-broken-"));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

/** A copy of the project whose stage1 has the edit. */
function breakStage1(project: string, e: BrokenEdit): void {
  fs.mkdirSync(project);
  for (const f of ["cot.js", "cot.json"]) fs.copyFileSync(path.join(root, f), path.join(project, f));
  for (const f of ["launch", "stage0", "std"]) fs.symlinkSync(path.join(root, f), path.join(project, f));
  for (const f of ["stage1", "tables", "test/run"]) fs.cpSync(path.join(root, f), path.join(project, f), { recursive: true });
  const file = path.join(project, "stage1", e.file);
  const parts = fs.readFileSync(file, "utf8").split(e.from);
  expect(parts.length, `${e.file}: ${e.from}`).toBe(2);
  fs.writeFileSync(file, parts.join(e.to));
}

interface Difference {
  object: { symbol: string; section: string } | null;
  dump: { stage: string; func: string; diff: string } | null;
  note: string;
}

/** stage0 for all of them: it has compiled stage1 before, so it does it in half the time. */
const stage0 = stage0Worker(root);
afterAll(() => stage0.stop());

async function checkBroken(p: BrokenPlace, e: BrokenEdit, project: string): Promise<void> {
  breakStage1(project, e);
  const out = path.join(project, "out");
  const printed: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((text) => {
    printed.push(text);
  });
  const status = await bootstrap(project, ["--skip-wasm", "--quiet", `--unit=${e.unit}`, `--out=${out}`], stage0).finally(() => spy.mockRestore());
  expect(status).toBe(1);
  const report: { verdict: string; differences: Difference[] } = JSON.parse(fs.readFileSync(path.join(out, "report/report.json"), "utf8"));
  expect(report.verdict).toMatch(/^\d+ of \d+ units differ$/);
  expect(printed.join("\n")).not.toContain("fixed point");
  const [d] = report.differences;
  expect(d.dump?.stage ?? "").toMatch(p.stages);
  expect(d.dump === null ? d.note : d.dump.func).not.toBe("");
  if (d.dump === null) expect(d.object?.section).toBeDefined();
  else expect(d.dump.diff).toMatch(/^[-+] ?\S/m);
  fs.rmSync(project, { recursive: true });
}

describe.skipIf(programInPath("cc") === "")(`a broken stage1, seed ${seed}`, () => {
  const r = newRandom(seed);
  const place = below(r, brokenPlaces.length);
  for (const [k, p] of brokenPlaces.entries()) {
    const drawn = below(r, p.edits.length);
    if (!testAll && k !== place) continue;
    for (const [n, e] of p.edits.entries()) {
      if (!testAll && n !== drawn) continue;
      test(`${p.place}: ${e.file}: ${e.to}`, () => checkBroken(p, e, path.join(dir, `${k}-${n}`)), 400000);
    }
  }
});

test("forty edits", () => expect(brokenPlaces.reduce((n, p) => n + p.edits.length, 0)).toBeGreaterThanOrEqual(40));
