// The 64-bit form against an engine that knows memory64: Node 24, as an optional package or named by MEMORY64_NODE.

import { newerNode } from "../kit/tools.ts";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { expect, test } from "vitest";
import { bytesFrom } from "../../stage0/base/bytes.ts";
import { newSourceMap } from "../../stage0/base/source.ts";
import { Type } from "../../stage0/ssa/ops.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeObject } from "../../stage0/wasm/encode.ts";
import { validateWasm } from "../../stage0/wasm/validate.ts";
import { exactBytes } from "../kit/ssa_interp.ts";
import { randomModule } from "../kit/ssa_random.ts";

const node = process.env.MEMORY64_NODE ?? newerNode();

const program = `
const fs = require("fs");
let out = "";
for (const hex of fs.readFileSync(process.argv[2], "utf8").split("\\n")) out += WebAssembly.validate(Buffer.from(hex, "hex")) ? "1" : "0";
process.stdout.write(out);
`;

test.skipIf(node === "")("verdicts on whole and damaged 64-bit modules", () => {
  const modules: Uint8Array[] = [];
  let seed = 99;
  const next = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  for (let i = 1; i <= 40; i++) {
    const bytes = exactBytes(encodeObject(emitWasm(randomModule(i * 271, Type.i64, 2), newSourceMap())));
    modules.push(bytes);
    for (let k = 0; k < 40; k++) {
      const copy = bytes.slice();
      copy[8 + next(copy.length - 8)] ^= 1 << next(8);
      modules.push(copy);
    }
  }
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-"));
  const list = path.join(dir, "modules");
  const script = path.join(dir, "check.cjs");
  fs.writeFileSync(list, modules.map((m) => Buffer.from(m).toString("hex")).join("\n"));
  fs.writeFileSync(script, program);
  const engine = spawnSync(node, [script, list], { encoding: "latin1", maxBuffer: 1 << 26 }).stdout;
  fs.rmSync(dir, { recursive: true });
  expect(engine.length).toBe(modules.length);
  const wrong: string[] = [];
  modules.forEach((m, i) => {
    const d = decodeWasm(bytesFrom(m));
    const ours = d.problem !== "" ? d.problem : validateWasm(d.module).reason;
    if (i % 41 === 0 && ours !== "") wrong.push(i + " whole: " + ours);
    if (engine[i] === "0" && ours === "") wrong.push(i + " only we accept it");
    // An opcode that we do not know may be one of the engine's newer features; a memory's number among the flags is.
    if (engine[i] === "1" && ours !== "" && ours !== "illegal opcode" && ours !== "malformed memop flags") wrong.push(i + " only we refuse it: " + ours);
  });
  expect(wrong).toEqual([]);
}, 60000);
