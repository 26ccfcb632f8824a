// Reads the text form of SSA modules that ssa/print writes.
// In -> out: text, to a module; values, blocks and slots keep their numbers. Lines that are empty or begin with ";"
// are skipped. Malformed text throws an Error with its line: this is a tool of the tests.

import { appendU8 } from "../../stage0/base/bytes.ts";
import { splitWords } from "../../stage0/base/table.ts";
import { type Func, type Inst, newFunc, type Target } from "../../stage0/ssa/function.ts";
import { countingWords } from "../../stage0/ssa/print.ts";
import { addSymbol, CPlace, findSymbol, internPlacedSig, newSsaModule, type SsaModule, SymKind } from "../../stage0/ssa/module.ts";
import { Extra, Op, opTable, Type, typeName } from "../../stage0/ssa/ops.ts";

interface Reader {
  m: SsaModule;
  lines: string[];
  at: number;
  /** Which ids have been given. */
  func: Func;
}

const sections = ["rodata", "relro", "data", "bss"];

function fail(r: Reader, why: string): never {
  throw new Error("line " + (r.at + 1) + ": " + why + ": " + r.lines[r.at]);
}

/** A module of declarations, data and functions. Functions need no declaration before their text. */
export function readSsaModule(text: string, pointer: number): SsaModule {
  const r: Reader = { m: newSsaModule(pointer), lines: text.split("\n"), at: 0, func: newFunc(-1, -1) };
  for (let i = 0; i < r.lines.length; i++) if (r.lines[i].startsWith("func ") || r.lines[i].startsWith("define ") || r.lines[i].startsWith("declare ")) declare(r, i);
  for (let i = 0; i < r.lines.length; i++) if (r.lines[i].startsWith("data ")) readData(r, i);
  while (r.at < r.lines.length) {
    const line = r.lines[r.at];
    if (line.startsWith("func ")) readFunc(r);
    else if (line.startsWith("init ")) r.m.initFuncs.push(symbolNamed(r, subjectOf(line.slice(5))[0]));
    else if (line.startsWith("kept ")) r.m.kept.push(symbolNamed(r, subjectOf(line.slice(5))[0]));
    r.at += 1;
  }
  return r.m;
}

/** A name, perhaps quoted, and the text after it. */
function subjectOf(text: string): [string, string] {
  if (text.startsWith("'")) {
    const end = text.indexOf("'", 1);
    return [text.slice(1, end), text.slice(end + 1)];
  }
  const end = text.search(/[ ,]|$/);
  return [text.slice(0, end), text.slice(end)];
}

function typeNamed(r: Reader, name: string): number {
  for (let t = 0; t < 5; t++) if (typeName(t) === name) return t;
  return fail(r, "unknown type " + name);
}

function readSig(r: Reader, text: string): { sig: number; rest: string } {
  const close = text.indexOf(")");
  const inside = text.slice(text.indexOf("(") + 1, close).trim();
  // "+i64" is joined to the param before it, "i64:24" a struct of 24 bytes at an address.
  const words = inside === "" ? [] : inside.split(",").map((t) => t.trim());
  const params = words.map((t) => typeNamed(r, t.replace(/^\+|:\d+$/g, "")));
  const places = words.map((t) => (t.startsWith("+") ? CPlace.joined : t.includes(":") ? Number(t.slice(t.indexOf(":") + 1)) : CPlace.alone));
  let rest = text.slice(close + 1);
  const results: number[] = [];
  if (rest.startsWith(" -> ")) {
    rest = rest.slice(4);
    for (;;) {
      const word = /^(i32|i64|f32|f64)/.exec(rest);
      if (word === null) fail(r, "result type expected");
      results.push(typeNamed(r, word[0]));
      rest = rest.slice(word[0].length);
      if (!/^, (i32|i64|f32|f64)\b/.test(rest)) break;
      rest = rest.slice(2);
    }
  }
  return { sig: internPlacedSig(r.m, params, results, places.some((p) => p !== CPlace.alone) ? places : []), rest };
}

function declare(r: Reader, at: number): void {
  r.at = at;
  const line = r.lines[at];
  const [name, rest] = subjectOf(line.slice(line.indexOf(" ") + 1));
  let sym = findSymbol(r.m, name);
  if (sym < 0) sym = addSymbol(r.m, name, SymKind.func);
  const s = r.m.symbols[sym];
  const read = readSig(r, rest);
  s.sig = read.sig;
  if (!line.startsWith("declare ")) s.defined = true;
  const words = splitWords(read.rest);
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "global") s.global = true;
    else if (words[i] === "import") s.importModule = words[i + 1];
    else if (words[i] === "as") s.outerName = words[i + 1];
    else if (words[i] === "variadic") s.variadic = Number(words[i + 1]);
    else if (countingWords.includes(words[i])) s.counting = countingWords.indexOf(words[i]);
  }
  r.at = 0;
}

function readData(r: Reader, at: number): void {
  const [name, rest] = subjectOf(r.lines[at].slice(5));
  const words = splitWords(rest);
  const sym = addSymbol(r.m, name, SymKind.data);
  const s = r.m.symbols[sym];
  s.section = sections.indexOf(words[0]);
  s.size = Number(words[2]);
  s.align = Number(words[4]);
  s.global = words.includes("global");
  s.defined = !words.includes("undefined");
  for (let i = at + 1; i < r.lines.length && r.lines[i].startsWith("  "); i++) {
    const line = r.lines[i].trim();
    if (line.startsWith("reloc ")) {
      const space = line.indexOf(" ", 6);
      const [to, after] = subjectOf(line.slice(space + 1));
      s.relocs.push({ offset: Number(line.slice(6, space)), sym: symbolNamed(r, to), addend: Number(after.slice(3)) });
    } else {
      for (const byte of line.split("|")[0].trim().split(" ")) appendU8(s.bytes, Number.parseInt(byte, 16));
    }
  }
}

function symbolNamed(r: Reader, name: string): number {
  const sym = findSymbol(r.m, name);
  return sym >= 0 ? sym : fail(r, "unknown symbol " + name);
}

function readFunc(r: Reader): void {
  const [name] = subjectOf(r.lines[r.at].slice(5));
  const sym = symbolNamed(r, name);
  const f = newFunc(sym, r.m.symbols[sym].sig);
  r.func = f;
  r.at += 1;
  while (r.lines[r.at] !== "}") {
    const line = r.lines[r.at].trim();
    if (line === "" || line.startsWith(";")) {
      r.at += 1;
      continue;
    }
    const slot = /^slot(\d+) (\d+) align (\d+)$/.exec(line);
    const head = /^block(\d+)(\((.*)\))?:$/.exec(line);
    if (slot !== null) f.slots[Number(slot[1])] = { size: Number(slot[2]), align: Number(slot[3]) };
    else if (head !== null) beginBlock(r, Number(head[1]), head[3] ?? "");
    else readInst(r, line);
    r.at += 1;
  }
  for (let v = 0; v < f.valueType.length; v++) {
    if (f.valueType[v] !== undefined) continue;
    f.valueType[v] = Type.i32;
    f.valueDef[v] = 0;
    f.valueAlias[v] = -1;
  }
  r.m.funcs.push(f);
}

function blockOf(r: Reader, b: number): number {
  while (r.func.blocks.length <= b) r.func.blocks.push({ params: [], insts: [], targets: [] });
  return b;
}

function beginBlock(r: Reader, b: number, params: string): void {
  r.func.order.push(blockOf(r, b));
  if (params === "") return;
  for (const p of params.split(", ")) {
    const v = defineValue(r, p, -1 - b);
    r.func.blocks[b].params.push(v);
  }
}

/** "v3: i64" */
function defineValue(r: Reader, text: string, def: number): number {
  const parts = /^v(\d+): (\w+)$/.exec(text.trim());
  if (parts === null) fail(r, "value expected, found " + text);
  const v = Number(parts[1]);
  r.func.valueType[v] = typeNamed(r, parts[2]);
  r.func.valueDef[v] = def;
  r.func.valueAlias[v] = -1;
  return v;
}

function readInst(r: Reader, whole: string): void {
  const f = r.func;
  const place = whole.indexOf("  ; @");
  const line = place >= 0 ? whole.slice(0, place) : whole;
  const inst: Inst = { op: -1, type: Type.void, args: [], result: -1, resultCount: 0, imm: 0n, sym: -1, pos: place >= 0 ? Number(whole.slice(place + 5)) : -1 };
  let rest = line;
  const assign = /^(v\d+: \w+(?:, v\d+: \w+)*) = /.exec(line);
  if (assign !== null) {
    for (const text of assign[1].split(", ")) {
      const v = defineValue(r, text, f.insts.length);
      if (inst.resultCount === 0) inst.result = v;
      else if (v !== inst.result + inst.resultCount) fail(r, "the results' numbers do not follow one another");
      inst.resultCount += 1;
    }
    rest = line.slice(assign[0].length);
  }
  const name = /^[a-z_0-9]+/.exec(rest);
  if (name === null) fail(r, "operation expected");
  inst.op = opTable.names.indexOf(name[0]);
  if (inst.op < 0) fail(r, "unknown operation " + name[0]);
  rest = rest.slice(name[0].length);
  if (rest.startsWith(".")) {
    inst.type = typeNamed(r, rest.slice(1, 4));
    rest = rest.slice(4);
  } else if (inst.resultCount > 0 && opTable.effect[inst.op] !== 4) {
    inst.type = f.valueType[inst.result];
  } else if (opTable.types[inst.op] !== "none") {
    fail(r, "type expected");
  }
  if (inst.op === Op.memory_grow) inst.type = r.m.pointer;
  rest = readSubject(r, inst, rest.trim());
  readOperands(r, inst, rest);
  f.insts.push(inst);
  f.blocks[f.order[f.order.length - 1]].insts.push(f.insts.length - 1);
}

/** Symbol, slot or signature with its addend; what follows it. */
function readSubject(r: Reader, inst: Inst, text: string): string {
  const extra = opTable.extra[inst.op];
  let rest = text;
  if (extra === Extra.sym) {
    const [name, after] = subjectOf(text);
    inst.sym = symbolNamed(r, name);
    rest = after;
  } else if (extra === Extra.slot) {
    const [name, after] = subjectOf(text);
    inst.sym = Number(name.slice(4));
    rest = after;
  } else if (extra === Extra.sig) {
    const read = readSig(r, text);
    inst.sym = read.sig;
    rest = read.rest;
  } else {
    return text;
  }
  const addend = /^ \+ (-?\d+)/.exec(rest);
  if (addend !== null) {
    inst.imm = BigInt(addend[1]);
    rest = rest.slice(addend[0].length);
  }
  return rest.startsWith(", ") ? rest.slice(2) : rest;
}

function readOperands(r: Reader, inst: Inst, text: string): void {
  let rest = text;
  while (rest !== "") {
    const value = /^v(\d+)(, |$)/.exec(rest);
    const block = /^block(\d+)(\(([^)]*)\))?(, |$)/.exec(rest);
    const number = /^(0x[0-9a-f]+|-?\d+)(, |$)/.exec(rest);
    if (value !== null) {
      inst.args.push(Number(value[1]));
      rest = rest.slice(value[0].length);
    } else if (block !== null) {
      const target: Target = { block: blockOf(r, Number(block[1])), args: [] };
      if (block[3] !== undefined) for (const a of block[3].split(", ")) target.args.push(Number(a.slice(1)));
      r.func.blocks[r.func.order[r.func.order.length - 1]].targets.push(target);
      rest = rest.slice(block[0].length);
    } else if (number !== null) {
      inst.imm = BigInt.asIntN(64, BigInt(number[1]));
      rest = rest.slice(number[0].length);
    } else {
      fail(r, "operand expected, found " + rest);
    }
  }
}

