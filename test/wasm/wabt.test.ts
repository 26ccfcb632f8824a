// A second opinion on modules: wabt reads what is encoded here, custom sections included.

import { expect, test } from "vitest";
import wabt from "wabt";
import { newSourceMap } from "../../stage0/base/source.ts";
import { Type } from "../../stage0/ssa/ops.ts";
import { emitWasm } from "../../stage0/wasm/emit.ts";
import { encodeFinal, encodeObject } from "../../stage0/wasm/encode.ts";
import { linkWasm } from "../../stage0/wasm/link.ts";
import { exactBytes } from "../kit/ssa_interp.ts";
import { randomModule } from "../kit/ssa_random.ts";

test("wabt reads and validates objects and linked modules", async () => {
  const w = await wabt();
  for (let seed = 1; seed <= 10; seed++) {
    const features = { memory64: true, bulk_memory: true, tail_call: true, multi_value: true, sign_extension: true, sat_float_to_int: true, mutable_globals: true, reference_types: true };
    const narrow = emitWasm(randomModule(seed * 613, Type.i32, 3), newSourceMap());
    for (const bytes of [encodeObject(narrow), encodeFinal(linkWasm(narrow, 65536))]) {
      const read = w.readWasm(exactBytes(bytes), { ...features, memory64: false, readDebugNames: true });
      read.validate();
      expect(read.toText({ foldExprs: false, inlineExport: false })).toContain("$t.f0");
      read.destroy();
    }
  }
});
