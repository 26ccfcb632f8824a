// The text of every form between source and bytes shows all that the next stage reads: each field of each record is
// changed in place, and the text must change. (The Wasm module has its test in the wasm room.)

import { expect, test } from "vitest";
import { newReporter } from "../stage0/driver/dump.ts";
import { isaX64 } from "../stage0/isa/x64/isa.ts";
import type { MachInst } from "../stage0/mach/inst.ts";
import { lowerFunction } from "../stage0/mach/lower.ts";
import { printVCode } from "../stage0/mach/print.ts";
import { printObject } from "../stage0/object/object.ts";
import type { Inst } from "../stage0/ssa/function.ts";
import { Counting, type SsaModule, SymKind } from "../stage0/ssa/module.ts";
import { Extra, Op, opTable, Type } from "../stage0/ssa/ops.ts";
import { printFunc, printSymbols } from "../stage0/ssa/print.ts";
import { decodeWasm } from "../stage0/wasm/decode.ts";
import { emitWasm } from "../stage0/wasm/emit.ts";
import { encodeObject } from "../stage0/wasm/encode.ts";
import { newSourceMap } from "../stage0/base/source.ts";
import { compileModule, translateModule } from "./kit/halves.ts";
import { unshownFields } from "./kit/fields.ts";
import { randomModule } from "./kit/ssa_random.ts";

function moduleText(m: SsaModule): string {
  return printSymbols(m) + m.funcs.map((f) => printFunc(m, f)).join("");
}

/** A module with a mark of every kind on its symbols. */
function markedModule(): SsaModule {
  const m = randomModule(4242, Type.i64, 2);
  m.kept.push(m.funcs[0].sym);
  m.initFuncs.push(m.funcs[1].sym);
  m.symbols[m.funcs[0].sym].counting = Counting.retain;
  m.symbols[m.funcs[1].sym].counting = Counting.release;
  return m;
}

function clifModule(seed: number): SsaModule {
  return translateModule(decodeWasm(encodeObject(emitWasm(randomModule(seed, Type.i64, 2), newSourceMap()))).module);
}

// Definitions, aliases and ids of names follow from what is shown; code has a test of its own below.
const moduleSilent = /^\.(byName|sigIds|pointer|sigs)(\.|$)|\.(valueDef|valueAlias|valueType|changed|replaced|insts|blocks)(\.|$)/;
// What only the other kind of symbol has, and what is not said of a symbol that the module does not define.
const symbolSilent = /^\.symbols\.\d+\.(sig|variadic|counting|outerName|section|size|align|importModule|kind|global)$/;

test("symbols, data, slots, layout and roots of a module", () => {
  const m = markedModule();
  expect(unshownFields(m, () => moduleText(m), new RegExp(`${moduleSilent.source}|${symbolSilent.source}`))).toEqual([]);
  m.symbols.forEach((s, i) => {
    const func = s.kind === SymKind.func;
    const silent = func ? /^\.(section|size|align)$/ : /^\.(sig|variadic|counting|outerName|importModule)$/;
    const also = s.defined ? /^\.importModule$/ : /^\.kind$/;
    expect(unshownFields(s, () => printSymbols(m), new RegExp(`${silent.source}|${also.source}`)), `symbol ${i}`).toEqual([]);
  });
});

/** The fields that the row of an op does not give its instructions. */
function instSilent(inst: Inst): RegExp {
  const silent = inst.resultCount === 0 ? ["\\.result"] : [];
  const extra = opTable.extra[inst.op];
  if (opTable.result[inst.op] === "T" || !opTable.operands[inst.op].includes("T") || inst.type === Type.void) silent.push("\\.type");
  if (extra !== Extra.sym && extra !== Extra.slot && extra !== Extra.sig) silent.push("\\.sym");
  if (extra === Extra.none || extra === Extra.targets || extra === Extra.sig || inst.op === Op.call || inst.op === Op.check) silent.push("\\.imm");
  return new RegExp(`^(${silent.join("|")})$`);
}

for (const set of ["ir", "clif"]) {
  test(`instructions and params of ${set}`, () => {
    const m = set === "ir" ? markedModule() : clifModule(4242);
    for (const f of m.funcs) {
      // Arguments are resolved; a value that once had another name must not hide a change.
      f.valueAlias.fill(-1);
      for (const b of f.order) {
        expect(unshownFields(f.blocks[b].params, () => printFunc(m, f), /^$/)).toEqual([]);
        for (const i of f.blocks[b].insts) {
          expect(unshownFields(f.insts[i], () => printFunc(m, f), instSilent(f.insts[i])), `${opTable.names[f.insts[i].op]} inst${i}`).toEqual([]);
        }
      }
    }
  });
}

/** Fields of a memory operand that its kind does not read: a scale without an index, the number of what has none. */
function machSilent(inst: MachInst): RegExp {
  const slots = isaX64.table.rows[inst.op].slots.length;
  const silent: string[] = [];
  if (inst.mem !== null && (inst.regs[slots + 1] ?? -1) < 0) silent.push("\\.mem\\.scale");
  return new RegExp(`^(${silent.join("|")})$`);
}

test("vcode", () => {
  const m = clifModule(99);
  for (const f of m.funcs) {
    const code = lowerFunction(isaX64, m, f);
    // Neighbours follow from the terminators, ends of blocks from where the next begins, classes from the rows.
    const silent = /\.(preds|succs|vregClass|sym|insts)(\.|$)|^\.blocks\.\d+\.(first|end)$/;
    expect(unshownFields(code, () => printVCode(isaX64, m, code), silent)).toEqual([]);
    for (const [i, inst] of code.insts.entries()) {
      expect(unshownFields(inst, () => printVCode(isaX64, m, code), machSilent(inst)), `${isaX64.table.rows[inst.op].name} inst${i}`).toEqual([]);
    }
  }
});

test("objects", () => {
  const object = compileModule(clifModule(77), false, newReporter("", "", "", false));
  for (const s of object.symbols) expect(unshownFields(s, () => printObject(object), s.section < 0 ? /^\.(offset|size)$/ : /^$/), s.name).toEqual([]);
  // The code is in the dump of asm.
  expect(unshownFields(object, () => printObject(object), /^\.sections\.0\.bytes$|^\.symbols\./)).toEqual([]);
});
