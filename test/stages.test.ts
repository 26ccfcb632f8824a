// Stage tests, text in, text out: SSA text through passes of ir or clif, or clif text down to vcode, alloc and asm.
// A file opens with "; passes A,B" or "; stages vcode,asm"; the module follows, then a line of dashes, then what must
// come out. `npm test -- --bless` writes what comes out into the files; read the difference before you commit it.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { clifPasses, runClifPass } from "../stage0/clif/passes.ts";
import { newReporter } from "../stage0/driver/dump.ts";
import { irPasses } from "../stage0/ir/passes.ts";
import type { SsaModule } from "../stage0/ssa/module.ts";
import { Type } from "../stage0/ssa/ops.ts";
import { printFunc } from "../stage0/ssa/print.ts";
import { verifyModule } from "../stage0/ssa/verify.ts";
import { compileModule, runIrRow } from "./kit/halves.ts";
import { root } from "./kit/programs.ts";
import { readSsaModule } from "./kit/ssa_text.ts";

const bless = process.env.BLESS === "1";
const rule = "--------";

function moduleText(m: SsaModule): string {
  return m.funcs.map((f) => printFunc(m, f)).join("");
}

function runIr(m: SsaModule, pass: string): void {
  const row = irPasses.findIndex((p) => p.pass === pass);
  if (row < 0) throw new Error(`no pass ${pass}`);
  runIrRow(m, row);
}

function runClif(m: SsaModule, pass: string): void {
  const row = clifPasses.findIndex((p) => p.name === pass);
  if (row < 0) throw new Error(`no pass ${pass}`);
  for (const f of m.funcs) runClifPass(row, m, f);
}

/** What the passes make of a module. */
function passText(set: string, m: SsaModule, passes: string[]): string {
  expect(verifyModule(m, set)).toBe("");
  for (const pass of passes) {
    if (set === "ir") runIr(m, pass);
    else runClif(m, pass);
    expect(verifyModule(m, set), pass).toBe("");
  }
  return moduleText(m);
}

/** The dumps of stages of the machine half, one after another. */
function stageText(m: SsaModule, stages: string[]): string {
  expect(verifyModule(m, "clif")).toBe("");
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-"));
  try {
    compileModule(m, true, newReporter(stages.join(","), dir, "", false));
    return fs.readdirSync(dir).sort().map((f) => fs.readFileSync(path.join(dir, f), "utf8")).join("");
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

function produce(set: string, text: string): string {
  const head = /^; (passes|stages) (.*)$/m.exec(text);
  if (head === null) throw new Error("the file names no passes or stages");
  const m = readSsaModule(text, Type.i64);
  const names = head[2].trim().split(",");
  return head[1] === "passes" ? passText(set, m, names) : stageText(m, names);
}

for (const set of ["ir", "clif", "vcode"]) {
  const folder = path.join(root, "test", set);
  describe(set, () => {
    for (const name of fs.readdirSync(folder).filter((f) => f.endsWith(".txt")).sort()) {
      test(name, () => {
        const file = path.join(folder, name);
        const text = fs.readFileSync(file, "utf8");
        const at = text.indexOf(`\n${rule}\n`);
        const input = at < 0 ? text.trimEnd() : text.slice(0, at);
        const want = at < 0 ? "" : text.slice(at + rule.length + 2);
        const got = produce(set, input);
        if (bless) fs.writeFileSync(file, `${input}\n${rule}\n${got}`);
        else expect(got).toBe(want);
      });
    }
  });
}
