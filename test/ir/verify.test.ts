// The verifier refuses what breaks an invariant: one sound function, and changes of it that each break a rule.

import { expect, test } from "vitest";
import { computeCfg } from "../../stage0/ssa/cfg.ts";
import { Type } from "../../stage0/ssa/ops.ts";
import { verifyModule } from "../../stage0/ssa/verify.ts";
import { readSsaModule } from "../kit/ssa_text.ts";

const sound = `func f (i32) -> i32 {
block0(v0: i32):
  v1: i32 = iconst 7
  brif v0, block1(v1), block2
block1(v2: i32):
  return v2
block2:
  v3: i32 = iadd v0, v1
  return v3
}
`;

const branch = "brif v0, block1(v1), block2";

const cases: [string, string, string][] = [
  [branch, "brif v0, block1(v1)", "block0 inst1 brif: wants two targets"],
  [branch, "jump block1(v1), block2", "block0 inst1 jump: wants one target"],
  [branch, "br_table v0, block1(v1)", "block0 inst1 br_table: wants two targets or more"],
  ["return v2", "return v2, block2", "block1 inst2 return: wants no targets"],
  ["block1(v1), ", "block1, ", "block0 inst1 brif: block1 wants 1 arguments"],
  ["iadd v0, v1", "iadd v0, v2", "block2 inst3 iadd: v2 does not dominate its use"],
  ["iadd v0, v1\n", "iadd v0, v4\n  v4: i32 = iconst 1\n", "block2 inst3 iadd: v4 is used before its definition"],
  ["iadd v0, v1", "iadd v0", "block2 inst3 iadd: wants 2 operands"],
  ["v3: i32", "v3: i64", "block2 inst3 iadd: operand 0 has the wrong type"],
  ["return v3", "return", "block2 inst4 return: wants 1 values, has 0"],
  ["  return v3\n", "", "block2 inst3 iadd: terminator out of place"],
  ["  return v2\n", "  return v2\n  return v2\n", "block1 inst2 return: terminator out of place"],
  ["  v3: i32 = iadd v0, v1\n  return v3\n", "", "block2: empty"],
];

test("a sound function is sound", () => {
  expect(verifyModule(readSsaModule(sound, Type.i64), "ir")).toBe("");
});

for (const [from, to, problem] of cases) {
  test(problem, () => {
    expect(sound.split(from).length).toBe(2);
    expect(verifyModule(readSsaModule(sound.replace(from, to), Type.i64), "ir")).toBe(`f: ${problem}`);
  });
}

test("a graph that is kept after an edge changed", () => {
  const m = readSsaModule(sound, Type.i64);
  computeCfg(m.funcs[0]);
  m.funcs[0].blocks[0].targets.reverse();
  expect(verifyModule(m, "ir")).toBe("f: the graph that is kept is not that of the function");
});
