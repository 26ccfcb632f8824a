// Mutated source files through both compilers: they agree in verdict and text, and on what still compiles in its object.
// npm run fuzz does the same with any seed and count.

import { afterAll, describe, expect, test } from "vitest";
import { mutantOf } from "../kit/mutants.ts";
import { nativeCompiler, testAll } from "../kit/tools.ts";
import { differenceOn, newTwins, stopTwins } from "../kit/twins.ts";

const cot1 = nativeCompiler();
const twins = newTwins(cot1);
afterAll(() => stopTwins(twins));

const seed = 1;
const groups = testAll ? 100 : 10;
const size = 50;

describe.skipIf(cot1 === "")(`mutated files of seed ${seed}`, () => {
  for (let group = 0; group < groups; group++) {
    test(`${group * size} to ${(group + 1) * size - 1}`, async () => {
      for (let index = group * size; index < (group + 1) * size; index++) {
        const mutant = mutantOf(seed, index);
        const difference = await differenceOn(twins, mutant.text, index % 5 === 0);
        expect(difference, `npm run fuzz -- --seed=${seed} --first=${index} --count=1 (from ${mutant.from})`).toBe("");
      }
    });
  }
});
