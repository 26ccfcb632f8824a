// Every stage of the twins, dumped: the same files with the same text, on both targets.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Compiler, processCompiler, stage0Worker } from "../selfhost/compilers.ts";
import { root } from "./kit/programs.ts";
import { nativeCompiler, sampled, seed } from "./kit/tools.ts";

const cot1 = nativeCompiler();
const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

const stages = ["tokens", "ast", "types", "ir", "ir_inline", "ir_pairs2", "wasm", "clif", "clif_gvn", "vcode", "alloc", "asm", "obj"];

const stage0 = stage0Worker(root);
afterAll(() => stage0.stop());
const stage1 = processCompiler("cot1", [cot1], root);

async function dump(side: Compiler, file: string, target: string, dir: string): Promise<Map<string, string>> {
  const words = ["build", file, `--target=${target}`, "--emit=obj", "-o", path.join(work, "x.o"), "--dump=all", `--dump-dir=${dir}`, `--std=${path.join(root, "std")}`];
  const done = await side.run(words);
  expect(done.status, done.text).toBe(0);
  return new Map(fs.readdirSync(dir).sort().map((f) => [f, fs.readFileSync(path.join(dir, f), "utf8")]));
}

const programs = fs.readdirSync(path.join(root, "test/run")).filter((f) => f.endsWith(".cot")).sort();

describe.skipIf(cot1 === "")(`dumps, seed ${seed}`, () => {
  for (const name of sampled(programs, 40)) {
    for (const target of ["x86_64-linux", "wasm32"]) {
      test(`${name} ${target}`, async () => {
        const file = path.join("test/run", name);
        if (target === "wasm32" && fs.readFileSync(path.join(root, file), "utf8").includes("// only: native")) return;
        const left = await dump(stage0, file, target, path.join(work, `${name}.${target}.stage0`));
        const right = await dump(stage1, file, target, path.join(work, `${name}.${target}.cot1`));
        expect([...right.keys()]).toEqual([...left.keys()]);
        for (const stage of stages) if (target !== "wasm32" || !/^(clif|vcode|alloc|asm|obj)/.test(stage)) expect([...left.keys()].some((f) => f.endsWith(`_${stage}.txt`)), stage).toBe(true);
        for (const [stage, text] of left) if (right.get(stage) !== text) expect.fail(`${stage} differs`);
      });
    }
  }
});
