// Functions of the official test suite, translated and interpreted, when the suite is there. Modules with imports or
// references are left out; of others memory and table are filled by hand, as no address is a relocation.

import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { bytesFrom } from "../../stage0/base/bytes.ts";
import { hostModelProblem } from "../../stage0/clif/host_model.ts";
import { type SsaModule, SymKind } from "../../stage0/ssa/module.ts";
import { verifyModule } from "../../stage0/ssa/verify.ts";
import { decodeWasm } from "../../stage0/wasm/decode.ts";
import { SegmentMode, type WasmElem, WasmKind, type WasmModule, WasmSymFlag, WasmSymKind } from "../../stage0/wasm/module.ts";
import { constExprValue } from "../../stage0/wasm/reader.ts";
import { translateModule } from "../kit/halves.ts";
import { Exhausted, HIGH, type Interp, interpCall, newInterp, Trapped } from "../kit/ssa_interp.ts";

const suite = process.env.WASM_SPEC_TESTS ?? "";

interface SpecValue {
  type: string;
  value: string;
}

/** Makes the module look as if it were relocatable; its elements and segments are filled in by hand. */
function pretend(w: WasmModule): boolean {
  if (w.imports.length > 0 || w.start >= 0 || w.tables.length > 1 || w.memories.length > 1) return false;
  w.relocatable = true;
  w.elems = [];
  for (const x of [...w.tables, ...w.memories]) {
    x.imported = true;
    x.limits.is64 = true;
  }
  w.funcs.forEach((f, i) => {
    w.symbols.push({ kind: WasmSymKind.func, flags: f.imported ? WasmSymFlag.undefined : WasmSymFlag.local, name: "func" + i, index: i, offset: 0, size: 0 });
  });
  w.segments.forEach((s, i) => {
    w.symbols.push({ kind: WasmSymKind.data, flags: WasmSymFlag.local, name: "data" + i, index: i, offset: 0, size: s.size });
  });
  return hostModelProblem(w).reason === "";
}

/** An interpreter with the memory and the table that the module asks for. */
function prepare(w: WasmModule, elems: WasmElem[], m: SsaModule): Interp {
  const it = newInterp(m);
  it.narrow = true;
  const pages = w.memories.length > 0 ? Number(w.memories[0].limits.min) : 0;
  it.memory = new DataView(new ArrayBuffer(pages * 65536));
  for (const s of w.segments) {
    const at = Number(BigInt.asUintN(32, constExprValue(s.offset.code)));
    if (s.mode === SegmentMode.active) for (let i = 0; i < s.bytes.len; i++) it.memory.setUint8(at + i, s.bytes.data[i]);
  }
  for (const e of elems) {
    const at = Number(constExprValue(e.offset.code));
    e.funcs.forEach((f, i) => { it.table[at + i] = f; });
    // ref.func and an index below 128.
    e.exprs.forEach((x, i) => { if (x.code.data[0] === 0xd2) it.table[at + i] = x.code.data[1]; });
  }
  const limit = w.memories.length > 0 && w.memories[0].limits.hasMax ? Number(w.memories[0].limits.max) : 65536;
  it.high = new DataView(new ArrayBuffer(1 << 20));
  let high = 0;
  m.symbols.forEach((s, i) => {
    if (s.kind !== SymKind.data) return;
    it.address[i] = HIGH + high;
    for (let k = 0; k < s.bytes.len; k++) it.high.setUint8(high + k, s.bytes.data[k]);
    high += 16 + s.size;
  });
  it.outside.set("__wasm_memory_size", () => [BigInt(it.memory.byteLength / 65536)]);
  it.outside.set("__wasm_memory_grow", (a) => {
    const old = it.memory.byteLength / 65536;
    const size = old + Number(BigInt.asUintN(32, a[0]));
    if (size > limit || size > 1000) return [-1n];
    const bytes = new Uint8Array(size * 65536);
    bytes.set(new Uint8Array(it.memory.buffer));
    it.memory = new DataView(bytes.buffer);
    return [BigInt(old)];
  });
  return it;
}

function bitsOf(v: SpecValue): bigint {
  const wide = v.type === "i64" || v.type === "f64";
  return BigInt.asIntN(wide ? 64 : 32, BigInt(v.value));
}

function matches(got: bigint, want: SpecValue): boolean {
  if (!want.value.startsWith("nan")) return got === bitsOf(want);
  return want.type === "f32" ? (got & 0x7fc00000n) === 0x7fc00000n : (got & 0x7ff8000000000000n) === 0x7ff8000000000000n;
}

function runScript(dir: string, wrong: string[]): number {
  let count = 0;
  let it: Interp | null = null;
  let w: WasmModule | null = null;
  for (const c of JSON.parse(fs.readFileSync(path.join(suite, dir, dir + ".json"), "utf8")).commands) {
    if (c.type === "module") {
      it = null;
      w = decodeWasm(bytesFrom(new Uint8Array(fs.readFileSync(path.join(suite, dir, c.filename))))).module;
      const elems = w.elems;
      const plain = w.tables.length + w.memories.length === 0;
      if (!pretend(w)) continue;
      const m = translateModule(w);
      const problem = plain ? verifyModule(m, "clif") : "";
      if (problem !== "") wrong.push(dir + ":" + c.line + " " + problem);
      it = prepare(w, elems, m);
    }
    if (it === null || w === null || c.action === undefined || c.action.type !== "invoke" || c.action.module !== undefined) continue;
    if (c.type !== "assert_return" && c.type !== "assert_trap" && c.type !== "action") continue;
    const field = Buffer.from(c.action.field, "utf8").toString("latin1");
    const e = w.exports.find((x) => x.name === field && x.kind === WasmKind.func);
    if (e === undefined) continue;
    count += 1;
    it.fuel = 2_000_000;
    try {
      const got = interpCall(it, e.index, c.action.args.map(bitsOf));
      if (c.type === "action") continue;
      const good = c.type === "assert_return" && got.length === c.expected.length && got.every((g, k) => matches(g, c.expected[k]));
      if (!good) wrong.push(dir + ":" + c.line + " gave " + got);
    } catch (x) {
      if (x instanceof Exhausted) continue;
      if (!(x instanceof Trapped) || c.type !== "assert_trap") wrong.push(dir + ":" + c.line + " " + x);
    }
  }
  return count;
}

test.skipIf(suite === "")("functions of the official test suite", () => {
  const wrong: string[] = [];
  let count = 0;
  for (const dir of fs.readdirSync(suite)) {
    if (fs.existsSync(path.join(suite, dir, dir + ".json"))) count += runScript(dir, wrong);
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(18000);
}, 120000);
