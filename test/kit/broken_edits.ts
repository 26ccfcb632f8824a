// Edits that break stage1 so that it still compiles and runs, but makes something else of some program.
// In -> out: eight for each of five places. The tests of the bootstrap draw one of each, break a copy of stage1 with it,
// and require that the report names the stage of the place and what was touched there.

export interface BrokenEdit {
  /** Below stage1. */
  file: string;
  from: string;
  to: string;
  /** Units that show it, as for --unit, where stage1 itself does not. */
  unit: string;
}

export interface BrokenPlace {
  place: string;
  /** The first stage whose dumps may differ; "" where the difference comes after the last dump. */
  stages: RegExp;
  edits: BrokenEdit[];
}

function edit(file: string, unit: string, from: string, to: string): BrokenEdit {
  return { file, from, to, unit };
}

const scanner = (name: string, from: string, to: string): BrokenEdit => edit(`syntax/${name}.cot`, "*_literals", from, to);
const folding = (unit: string, from: string, to: string): BrokenEdit => edit("check/fold.cot", unit, from, to);
const clifPass = (from: string, to: string): BrokenEdit => edit("clif/passes.cot", "133_calculator", from, to);
const allocator = (name: string, from: string, to: string): BrokenEdit => edit(`regalloc/${name}.cot`, "137_vm", from, to);
const writer = (name: string, from: string, to: string): BrokenEdit => edit(`object/${name}.cot`, "143_math_functions", from, to);

export const brokenPlaces: BrokenPlace[] = [
  {
    place: "scanner",
    stages: /^tokens$/,
    edits: [
      scanner("scan_text", "if c == 48 { return \"\\0\" }", "if c == 48 { return \"0\" }"),
      scanner("scanner", "value = pushDigitI128(value, base, digit)", "value = pushDigitI128(value, if base == 8 { 7 } else { base }, digit)"),
      scanner("scanner", "if c == 98 { return 2 }", "if c == 98 { return 3 }"),
      scanner("scan_text", "if c == 116 { return \"\\t\" }", "if c == 116 { return \"  \" }"),
      scanner("scan_text", "textOfByte(0x80 | (shrU32(c, 12) & 63))", "textOfByte(0x80 | (shrU32(c, 11) & 63))"),
      scanner("scan_text", "const last = textOfByte(0x80 | (c & 63))", "const last = textOfByte(0x80 | (c & 31))"),
      scanner("scan_text", "return if hex { byteAt(text, 0) } else", "return if hex { byteAt(text, 0) + 1 } else"),
      scanner("scan_text", "262144 + b * 4096", "262144 + b * 4095"),
    ],
  },
  {
    place: "checker",
    stages: /^types$/,
    edits: [
      folding("161_constants", "Bin.add => return addI128(x, y)", "Bin.add => return addI128(x, x)"),
      folding("161_constants", "Bin.sub => return subI128(x, y)", "Bin.sub => return subI128(y, x)"),
      folding("174_float_edges", "joinI64(-2147483648, 0)", "joinI64(0, 0)"),
      folding("161_constants", "const flipped = subI128(i128From(-1), x.value)", "const flipped = subI128(i128From(-2), x.value)"),
      folding("55_booleans", "Cmp.le => holds = order <= 0", "Cmp.le => holds = order < 0"),
      folding("161_constants", "if bin > Bin.div { return -1 }", "if bin >= Bin.div { return -1 }"),
      edit("check/sizes.cot", "155_layout", "return alignUp(sizeOfType(c, info.elem), fieldsAlign(c, info.fields, 1))", "return alignUp(sizeOfType(c, info.elem), 8)"),
      edit("check/operator.cot", "161_constants", "const holds = compareI128(x.value, i128From(0)) != 0", "const holds = compareI128(x.value, i128From(0)) == 0"),
    ],
  },
  {
    place: "a clif pass",
    stages: /^clif_/,
    edits: [
      clifPass("\"branches\" => cleanBranches(f)", "\"branches\" => { if f.blocks.len % 5 != 3 { cleanBranches(f) } }"),
      clifPass("\"params\" => removeTrivialParams(f)", "\"params\" => { if f.blocks.len % 5 != 3 { removeTrivialParams(f) } }"),
      clifPass("\"fold\" => foldConstants(f)", "\"fold\" => { if f.blocks.len % 5 != 3 { foldConstants(f) } }"),
      clifPass("\"gvn\" => numberValues(m, f)", "\"gvn\" => { if f.blocks.len % 5 != 3 { numberValues(m, f) } }"),
      clifPass("\"branches\" => cleanBranches(f)", "\"branches\" => { if f.insts.len % 3 != 0 { cleanBranches(f) } }"),
      clifPass("\"params\" => removeTrivialParams(f)", "\"params\" => { if f.insts.len % 3 != 1 { removeTrivialParams(f) } }"),
      clifPass("\"fold\" => foldConstants(f)", "\"fold\" => { if f.insts.len % 3 != 2 { foldConstants(f) } }"),
      clifPass("\"gvn\" => numberValues(m, f)", "\"gvn\" => { if f.insts.len % 3 != 0 { numberValues(m, f) } }"),
    ],
  },
  {
    place: "the allocator",
    stages: /^alloc$/,
    edits: [
      allocator("queue", "return q.bundle.get(x) < q.bundle.get(y)", "return q.bundle.get(x) > q.bundle.get(y)"),
      allocator("queue", "return q.size.get(x) > q.size.get(y)", "return q.size.get(x) < q.size.get(y)"),
      allocator("decide", "const MAX_OPTIONAL_SPLITS = 3", "const MAX_OPTIONAL_SPLITS = 0"),
      allocator("split", "const MAX_SPLITS = 12", "const MAX_SPLITS = 1"),
      allocator("decide", "listOf3(int)(b.hint,", "listOf3(int)(-1,"),
      allocator("bundles", "pairs.key.append(0 - depth)", "pairs.key.append(depth)"),
      allocator("bundles", "p.ranges.len + q.ranges.len > MAX_MERGED", "p.ranges.len + q.ranges.len > 6"),
      allocator("spill", "0 - ends.size.get(0) <= set.from", "0 - ends.size.get(0) < set.from - 8"),
    ],
  },
  {
    place: "the object writer",
    stages: /^(obj)?$/,
    edits: [
      writer("object", "        alignBytes(rodata.bytes, 16)", "        alignBytes(rodata.bytes, 64)"),
      writer("object", "b.isa.emitPadding(text.bytes, 16)", "b.isa.emitPadding(text.bytes, 32)"),
      writer("object", "entry.size = code.bytes.len", "entry.size = code.codeSize"),
      writer("object", "|found| { return found }\n    alignBytes", "|found| { if found > 0 { return found } }\n    alignBytes"),
      writer("line_table", "if trap.code == Trap.unreachable { continue }", "if trap.code == Trap.unreachable and start > 64 { continue }"),
      writer("elf", "addHeader(w, \".note.GNU-stack\", SHT_PROGBITS, 0, 1)", "addHeader(w, \".note.GNU-stack\", SHT_PROGBITS, 0, 4)"),
      writer("elf", "if sym.isFunc { 2 } else { 1 }", "if sym.isFunc { 2 } else { 0 }"),
      writer("elf", "SHT_RELA, 64, 8)", "SHT_RELA, 0, 8)"),
    ],
  },
];
