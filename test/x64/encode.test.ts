// Every row of the x86-64 table, with registers and memory of every kind, against the GNU assembler: the text of
// our decoder, assembled, must give the bytes of our encoder.

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { expect, test } from "vitest";
import { hostFindProgram } from "../../stage0/base/host.ts";
import { decodeX64 } from "../../stage0/isa/x64/decode.ts";
import { memAt, x64Encodings, x64Table } from "../../stage0/isa/x64/emit.ts";
import { encodeX64, type Filling, type MemPlace } from "../../stage0/isa/x64/encode.ts";
import { newCodeBuffer } from "../../stage0/mach/buffer.ts";
import { OperandKind } from "../../stage0/mach/table.ts";

interface Sample {
  row: string;
  bytes: string;
  text: string;
}

const hasAs = hostFindProgram("as") !== "" && hostFindProgram("objcopy") !== "";

function memories(): MemPlace[] {
  const list: MemPlace[] = [];
  for (const base of [0, 3, 4, 5, 12, 13, 15]) {
    for (const disp of [0, 8, -128, 128, 0x12345]) list.push(memAt(base, disp));
    for (const index of [1, 5, 9, 12]) for (const scale of [1, 2, 4, 8]) list.push({ base, index, scale, disp: 16 * scale, relocKind: -1, sym: -1 });
  }
  list.push({ base: -1, index: 2, scale: 8, disp: 64, relocKind: -1, sym: -1 });
  return list;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function sample(row: number, f: Filling, out: Sample[]): void {
  const e = x64Encodings[row]!;
  const b = newCodeBuffer(0);
  encodeX64(b, e, f);
  const d = decodeX64(b.bytes, 0);
  const name = x64Table.rows[row].name;
  expect(d.length, name + " " + hex(b.bytes.data.subarray(0, b.bytes.len))).toBe(b.bytes.len);
  out.push({ row: name, bytes: hex(b.bytes.data.subarray(0, b.bytes.len)), text: d.text });
}

function samplesOf(row: number): Sample[] {
  const out: Sample[] = [];
  const r = x64Table.rows[row];
  const e = x64Encodings[row]!;
  const imms = e.immBytes === 0 ? [0] : e.immBytes === 1 ? [-5, 0, 100] : e.immBytes === 2 ? [1000, -1000] : [0x12345, -0x12345];
  const bits = (k: number): number => (k < 0 ? 0 : r.operands[k].bits);
  const rmKind = e.rmOperand < 0 ? -1 : r.operands[e.rmOperand].kind;
  const byteReg = bits(e.regOperand) === 8;
  const byteRm = bits(e.rmOperand) === 8;
  const shift = r.encoding.startsWith("C1") || r.encoding.startsWith("REX.W C1");
  for (const cc of e.takesCc ? [2, 4, 5, 10, 12, 15] : [0]) {
    for (let imm of imms) {
      if (shift) imm = (imm & 31) + 2;
      if (r.name.startsWith("round")) imm = 9;
      for (const reg of [0, 1, 4, 5, 7, 8, 12, 15]) {
        const base = { reg, imm, immHigh: e.immBytes === 8 ? 0x1234567 : 0, cc, byteReg, byteRm };
        if (rmKind === OperandKind.memory || (rmKind === OperandKind.registerOrMemory && !/^mov[dq]\.[xr]$/.test(r.name))) {
          for (const mem of memories()) if (reg < 2 || mem.disp === 8) sample(row, { ...base, rm: -1, mem }, out);
        }
        // The assembler has a shorter form for the accumulator, which the table leaves out.
        const accumulator = /(^| )(81|F7 \/0|F6|80 \/7)/.test(r.encoding);
        if (rmKind !== OperandKind.memory) for (const rm of rmKind < 0 ? [0] : [0, 1, 2, 4, 6, 9, 13, 15]) if (rm > 0 || !accumulator) sample(row, { ...base, rm, mem: null }, out);
      }
    }
  }
  return out;
}

/** Bytes of each line, in order, as GNU as makes them. */
function assemble(lines: string[]): string[] {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-as-"));
  let source = ".intel_syntax noprefix\n.text\n";
  for (let k = 0; k < lines.length; k++) source += (lines[k].startsWith("test") ? "" : "{load} ") + lines[k] + "\n.byte 0xf4,0xf4,0xf4,0xf4,0xf4," + (k & 255) + "," + (k >> 8) + "\n";
  fs.writeFileSync(path.join(dir, "x.s"), source);
  execFileSync("as", ["--64", "-o", path.join(dir, "x.o"), path.join(dir, "x.s")]);
  execFileSync("objcopy", ["-O", "binary", "-j", ".text", path.join(dir, "x.o"), path.join(dir, "x.bin")]);
  const code = hex(fs.readFileSync(path.join(dir, "x.bin")));
  fs.rmSync(dir, { recursive: true });
  const out: string[] = [];
  let at = 0;
  for (let k = 0; k < lines.length; k++) {
    const mark = "f4f4f4f4f4" + hex(Uint8Array.of(k & 255, k >> 8));
    const end = code.indexOf(mark, at);
    out.push(code.slice(at, end));
    at = end + mark.length;
  }
  return out;
}

test.skipIf(!hasAs)("every instruction of the table assembles to our bytes", () => {
  const samples: Sample[] = [];
  for (let row = 0; row < x64Table.rows.length; row++) {
    if (x64Encodings[row] === null || x64Encodings[row]!.isRelative) continue;
    samples.push(...samplesOf(row));
  }
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (let from = 0; from < samples.length; from += 60000) {
    const part = samples.slice(from, from + 60000);
    const theirs = assemble(part.map((s) => s.text));
    for (let k = 0; k < part.length; k++) if (part[k].bytes !== theirs[k] && !seen.has(part[k].row) && seen.add(part[k].row)) wrong.push(part[k].row + ": " + part[k].text + "  ours " + part[k].bytes + " theirs " + theirs[k]);
  }
  expect(samples.length).toBeGreaterThan(10000);
  expect(wrong.slice(0, 20)).toEqual([]);
}, 60000);
