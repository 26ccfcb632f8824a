// The decoder and validator against the official test suite, when it is there, and against V8.

import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { bytesFrom } from "../../stage0/base/bytes.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { encodeFinal } from "../../stage0/wasm/encode.ts";
import { validateWasm } from "../../stage0/wasm/validate.ts";
import { v8Validates } from "../kit/v8.ts";


const suite = process.env.WASM_SPEC_TESTS ?? "";

function verdict(data: Uint8Array): string {
  const d = decodeWasm(bytesFrom(data));
  if (d.problem !== "") return d.problem;
  return validateWasm(d.module).reason;
}

function each(visit: (type: string, data: Uint8Array, where: string) => void): number {
  let n = 0;
  for (const dir of fs.readdirSync(suite)) {
    const script = path.join(suite, dir, dir + ".json");
    if (!fs.existsSync(script)) continue;
    for (const c of JSON.parse(fs.readFileSync(script, "utf8")).commands) {
      if (c.filename === undefined || !c.filename.endsWith(".wasm")) continue;
      n += 1;
      visit(c.type, new Uint8Array(fs.readFileSync(path.join(suite, dir, c.filename))), dir + ":" + c.line);
    }
  }
  return n;
}

test.skipIf(suite === "")("verdicts of the official test suite", () => {
  const wrong: string[] = [];
  const n = each((type, data, where) => {
    const refused = type === "assert_invalid" || type === "assert_malformed";
    const v = verdict(data);
    if ((v !== "") !== refused) wrong.push(where + " " + type + ": " + v);
    if (v8Validates(data) !== (v === "")) wrong.push(where + " V8 differs: " + v);
  });
  expect(n).toBeGreaterThan(3000);
  expect(wrong).toEqual([]);
}, 60000);

test.skipIf(suite === "")("valid modules keep their meaning through decode and encode", () => {
  const wrong: string[] = [];
  each((type, data, where) => {
    if (type !== "module") return;
    const again = encodeFinal(decodeWasm(bytesFrom(data)).module);
    const bytes = again.data.slice(0, again.len);
    if (!v8Validates(bytes)) wrong.push(where + " no longer valid");
    const third = encodeFinal(decodeWasm(bytesFrom(bytes)).module);
    if (Buffer.compare(bytes, third.data.subarray(0, third.len)) !== 0) wrong.push(where + " not stable");
  });
  expect(wrong).toEqual([]);
}, 60000);

/** What V8 takes and we do not: shared memories, vectors, exceptions and their like. */
const beyond = ["malformed limits flags", "malformed value type", "malformed reference type", "malformed block type", "illegal opcode", "malformed section id", "malformed import kind"];

function uses64(data: Uint8Array): boolean {
  const w = decodeWasm(bytesFrom(data)).module;
  for (const m of w.memories) if (m.limits.is64) return true;
  for (const t of w.tables) if (t.limits.is64) return true;
  return false;
}

test.skipIf(suite === "")("damaged modules get V8's verdict and never crash", () => {
  let seed = 12345;
  const next = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  const wrong: string[] = [];
  each((type, data, where) => {
    if (type !== "module" || data.length > 4000) return;
    for (let k = 0; k < 30; k++) {
      const copy = data.slice();
      const at = 8 + next(Math.max(1, copy.length - 8));
      if (at < copy.length) copy[at] = next(3) === 0 ? next(256) : copy[at] ^ (1 << next(8));
      const ours = verdict(copy);
      const v8 = v8Validates(copy);
      if (v8 === (ours === "") || (v8 && beyond.includes(ours)) || (!v8 && uses64(copy))) continue;
      wrong.push(where + "#" + k + " at " + at + ", V8 " + v8 + ", ours '" + ours + "': " + Buffer.from(copy).toString("hex").slice(0, 400));
    }
  });
  expect(wrong).toEqual([]);
}, 60000);
