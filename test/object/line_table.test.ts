// The line table of native objects, read by a reader of its own: every function has the place of its declaration, every
// call and memory access a row of its function, and offsets agree with the listing of the code.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "../kit/programs.ts";

const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-test-")));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

function build(file: string, ...words: string[]): string {
  const done = spawnSync(process.execPath, [path.join(root, "cot.js"), "build", file, "--emit=obj", "-o", path.join(work, "a.o"), ...words], { cwd: root, maxBuffer: 1 << 28 });
  expect(done.stderr.toString()).toBe("");
  return done.stdout.toString();
}

interface Row { at: number; place: string }

/** The table in an object: its bytes are found by the symbol in the object's listing. */
function readTable(listing: string): { start: number; rows: Row[] }[] {
  const [, at, size] = /^local __wasm_code_lines \.rodata\+(\d+) size (\d+) data$/m.exec(listing) ?? [];
  const section = listing.slice(listing.indexOf("section .rodata"));
  const hex = (/\n((?: {2}[0-9a-f]+\n)+)/.exec(section)?.[1] ?? "").replace(/\s/g, "");
  const b = Buffer.from(hex, "hex").subarray(Number(at), Number(at) + Number(size));
  const field = (k: number) => b.readUInt32LE(4 * k);
  let p = field(5);
  const unsigned = (): number => {
    const low = b[p++];
    return low < 128 ? low : low - 128 + 128 * unsigned();
  };
  const signed = (): number => {
    const low = b[p++];
    if (low >= 128) return low - 128 + 128 * signed();
    return low < 64 ? low : low - 128;
  };
  const files: string[] = [];
  for (let k = field(6); k > 0; k--) {
    const length = unsigned();
    files.push(b.toString("utf8", p, p + length));
    p += length;
  }
  const funcs: { start: number; rows: Row[] }[] = [];
  for (let k = 0; k < field(2); k++) {
    const rows: Row[] = [];
    p = field(4) + b.readUInt32LE(36 + 8 * k);
    let [offset, file, line] = [0, 0, 0];
    while (p < field(4) + b.readUInt32LE(44 + 8 * k)) {
      const first = unsigned();
      offset += first >> 1;
      if (first & 1) file = unsigned();
      line += signed();
      rows.push({ at: offset, place: `${files[file]}:${line}:${unsigned()}` });
    }
    funcs.push({ start: b.readUInt32LE(32 + 8 * k), rows });
  }
  return funcs;
}

test("places of functions and of what may fault", () => {
  const file = "test/run/172_growing_memory.cot";
  const listing = build(file, "--dump=obj");
  const table = readTable(listing);
  const symbols = [...listing.matchAll(/^(?:local|global) (.+) \.text\+(\d+) size (\d+) func$/gm)].map((m) => ({ name: m[1], start: Number(m[2]), size: Number(m[3]) }));
  expect(symbols.length).toBeGreaterThan(20);
  expect(table.map((f) => f.start)).toEqual(symbols.map((s) => s.start).sort((a, b) => a - b));
  const asm = build(file, "--dump=asm").split(/^(?=(?!L\d+:$)\S.*:$)/m);
  const wasm = build(file, "--dump=wasm").split(/^(?=func \d+ )/m);
  let rows = 0;
  for (const [k, s] of symbols.sort((a, b) => a.start - b.start).entries()) {
    // The dump of Wasm has the declaration first, then all places of the function.
    const text = wasm.find((w) => w.includes(` "${s.name}" type `)) ?? "";
    const places = [...text.matchAll(/^ {2};; \d+ (\S+)$/gm)].map((m) => m[1]);
    for (const row of table[k].rows) expect(places, s.name).toContain(row.place);
    const code = asm.find((a) => a.startsWith(`${s.name}:\n`)) ?? "";
    if (places.length > 0 && / {2};; 0 /.test(text)) {
      // A function whose first instruction may fault has that one's place there.
      const mayFault = /^.*:\n {2}0+ {2}.*[[(]/.test(code);
      expect(table[k].rows[0].at, s.name).toBe(0);
      expect(mayFault || table[k].rows[0].place === places[0], s.name).toBe(true);
    }
    const starts = new Set([...code.matchAll(/^ {2}([0-9a-f]{4,}) {2}/gm)].map((m) => Number.parseInt(m[1], 16)));
    for (const row of table[k].rows) expect(starts.has(row.at), `${s.name} ${row.at}`).toBe(true);
    rows += table[k].rows.length;
  }
  expect(rows).toBeGreaterThan(200);
});
