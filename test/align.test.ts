// Two dumps side by side: what only moved carries no colour, what differs in more does.

import { describe, expect, test } from "vitest";
import { alignTexts } from "../selfhost/align.ts";

/** The kinds of the rows, one letter each: same, renamed, changed, left, right. */
function kinds(stage: string, left: string[], right: string[]): string {
  return alignTexts(stage, left, right).map((row) => ({ same: "s", renamed: "n", changed: "c", left: "l", right: "r" })[row.kind]).join("");
}

/** Lines of SSA whose values from `from` on count one more. */
function shifted(lines: string[], from: number): string[] {
  return lines.map((line) => line.replace(/\bv(\d+)\b/g, (v, n) => (Number(n) >= from ? `v${Number(n) + 1}` : v)).replace(/; (@?)(\d+)$/, (_, at, n) => `; ${at}${Number(n) + 7}`));
}

const ssa = [
  "func main.f (i64, i64) -> i64 {", "block0(v0: i64, v1: i64):", "  v2: i64 = iadd v0, v1  ; @10", "  v3: i64 = iconst 4  ; @12", "  v4: i64 = imul v2, v3  ; @14",
  "  v5: i64 = iconst 4  ; @16", "  v6: i64 = isub v4, v5  ; @18", "  v7: i64 = iadd v6, v2  ; @19", "  return v7  ; @20", "}",
];

describe("SSA", () => {
  test("an inserted instruction colours itself only", () => {
    const right = [...shifted(ssa, 3).slice(0, 3), "  v3: i64 = bxor v0, v1  ; @1", ...shifted(ssa, 3).slice(3)];
    expect(kinds("clif_gvn", ssa, right)).toBe("ssnrnnnnnns");
    expect(kinds("clif_gvn", right, ssa)).toBe("ssnlnnnnnns");
  });

  test("an inserted twin of another line does not make its users differ", () => {
    const right = [...shifted(ssa, 3).slice(0, 3), "  v3: i64 = iconst 4  ; @1", ...shifted(ssa, 3).slice(3)];
    expect(kinds("ir_fold", ssa, right).replace(/[sn]/g, "")).toBe("r");
  });

  test("a moved instruction colours its two places", () => {
    const right = [...ssa];
    right.splice(3, 0, ...right.splice(5, 1));
    expect(kinds("ir", ssa, right).replace(/[sn]/g, "").split("").sort().join("")).toBe("lr");
  });

  test("another operand shows, though it is a value too", () => {
    for (const [from, to] of [["isub v4, v5", "isub v5, v4"], ["imul v2, v3", "imul v1, v3"], ["return v7", "return v6"]]) {
      const right = shifted(ssa, 0).map((line) => line.replace(shifted([from], 0)[0], shifted([to], 0)[0]));
      expect(kinds("ir", ssa, right).match(/[clr]/g)?.join(""), to).toBe("c");
    }
  });

  test("another jump shows", () => {
    const jumps = ["block0:", "  brif v0, block1, block2", "block1:", "  jump block3", "block2:", "  jump block3", "block3:", "  return"];
    const renumbered = jumps.map((line) => line.replace(/block(\d)/g, (_, n) => `block${Number(n) + 4}`));
    expect(kinds("clif", jumps, renumbered)).toBe("nnnnnnns");
    expect(kinds("clif", jumps, renumbered.map((line) => line.replace("block5, block6", "block6, block5")))).toBe("ncnnnnns");
  });
});

describe("machine code", () => {
  const code = ["f:", "  0000  33 c0                             xor eax, eax", "  0002  eb 04                             jmp L8", "L4:", "  0004  48 8b cf                          mov rcx, rdi", "L8:", "  0008  75 fa                             jne L4", "  000a  c3                                ret"];

  test("an inserted instruction moves addresses, labels and distances without colour", () => {
    const right = [...code.slice(0, 2), "  0002  90                                nop", "  0003  eb 05                             jmp L9", "L5:", "  0005  48 8b cf                          mov rcx, rdi", "L9:", "  0009  75 f9                             jne L5", "  000b  c3                                ret"];
    expect(kinds("asm", code, right)).toBe("ssrnnnnnn");
  });

  test("the same instruction in other bytes shows", () => {
    const right = code.map((line) => line.replace("33 c0", "31 c0"));
    expect(kinds("asm", code, right)).toBe("scssssss");
    // A jump of another length too.
    expect(kinds("asm", code, code.map((line) => line.replace("eb 04      ", "eb 04 00 00"))).match(/[clr]/g)?.join("")).toBe("c");
  });

  test("an allocation's registers show, its numbers do not", () => {
    const left = ["f", "  0  mov v1=rax def, v0:rdi reg", "  1  add v2=rax reuse, v1:rax reused"];
    expect(kinds("alloc", left, ["f", "  4  mov v8=rax def, v7:rdi reg", "  5  add v9=rax reuse, v8:rax reused"])).toBe("snn");
    expect(kinds("alloc", left, ["f", "  0  mov v1=rcx def, v0:rdi reg", "  1  add v2=rcx reuse, v1:rcx reused"])).toBe("scc");
  });
});

test("Wasm, objects and types: indices and offsets carry no colour, names do", () => {
  expect(kinds("wasm", ["func 8 \"f\" type 3", "  ;; 12 a.cot:4:2", "  call 9 \"g\"  @13 function_index_leb \"g\" symbol 4"], ["func 9 \"f\" type 4", "  ;; 14 a.cot:4:2", "  call 10 \"g\"  @15 function_index_leb \"g\" symbol 5"])).toBe("nnn");
  const wasm = ["  local.get 0", "  local.get 1", "  i64.sub", "  local.set 2", "  local.get 2", "  call 9 \"g\""];
  expect(kinds("wasm", wasm, [...wasm.slice(0, 5), "  call 9 \"h\""])).toBe("sssssc");
  // One local more shifts those behind it.
  expect(kinds("wasm", wasm, ["  local.get 0", "  i64.const 4", "  local.set 1", "  local.get 2", "  i64.sub", "  local.set 3", "  local.get 3", "  call 9 \"g\""]).replace(/[sn]/g, "")).toBe("rr");
  // Others in their stead, and nothing else, are what differs.
  expect(kinds("wasm", wasm, [wasm[1], wasm[0], ...wasm.slice(2)])).toBe("ccssss");
  expect(kinds("obj", ["local f .text+16 size 4 func", "trap 519 code 0 pos 18"], ["local f .text+32 size 4 func", "trap 535 code 0 pos 19"])).toBe("nn");
  expect(kinds("obj", ["local f .text+16 size 4 func"], ["local f .text+16 size 5 func"])).toBe("c");
  expect(kinds("types", ["  a const_int 2: i64 @98"], ["  a const_int 2: i64 @99"])).toBe("n");
  expect(kinds("types", ["  a const_int 2: i64 @98"], ["  a const_int 3: i64 @98"])).toBe("c");
});

test("positions in the source count where nothing else differs, unless they are only counted otherwise", () => {
  const lines = ["  v1: i64 = iconst 1  ; @3", "  v2: i64 = iadd v0, v1  ; @4", "  return v2  ; @4"];
  expect(kinds("clif", lines, lines.map((l) => l.replace("@4", "@9")))).toBe("snn");
  expect(kinds("clif", lines, [...lines.slice(0, 2), "  return v2  ; @5"])).toBe("ssc");
  expect(kinds("clif", lines, [lines[0], "  v2: i64 = isub v0, v1  ; @4", "  return v2  ; @5"])).toBe("scn");
});

test("texts that share nothing, and empty ones", () => {
  expect(kinds("asm", [], ["a:", "b:"])).toBe("rr");
  expect(kinds("asm", ["a:"], [])).toBe("l");
  const left = Array.from({ length: 6000 }, (_, k) => `left ${k}`);
  const right = Array.from({ length: 6000 }, (_, k) => `other ${k}`);
  const rows = alignTexts("ast", left, right);
  expect([rows.filter((row) => row.left >= 0).length, rows.filter((row) => row.right >= 0).length]).toEqual([6000, 6000]);
});
