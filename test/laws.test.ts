// Laws of the code base: which room may import which, sizes of files and functions, head comments, twins,
// tables in step with their constants, words that must not stand anywhere.

import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { root } from "./kit/programs.ts";
import { TOp } from "../stage0/check/tree.ts";
import { Op, opTable } from "../stage0/ssa/ops.ts";
import { Rt } from "../stage0/lower/data.ts";
import { tableRows } from "../stage0/base/table.ts";

const rooms = ["base", "ssa", "syntax", "check", "ir", "lower", "wasm", "clif", "regalloc", "mach", "isa/x64", "object", "link", "driver", "main"];
/** Left of the wall, and the files of wasm that see ir. */
const leftRooms = ["syntax", "check", "ir", "lower"];
const leftFiles = ["wasm/emit", "wasm/emit_func", "wasm/structure", "wasm/stackify"];

interface Source {
  /** Relative to stage0, without ending. */
  name: string;
  room: string;
  text: string;
}

function sourcesOf(dir: string, ending: string): Source[] {
  const out: Source[] = [];
  for (const f of fs.readdirSync(dir, { recursive: true, encoding: "utf8" }).sort()) {
    if (!f.endsWith(ending)) continue;
    const name = f.slice(0, -ending.length);
    const at = name.lastIndexOf("/");
    out.push({ name, room: at < 0 ? "main" : name.slice(0, at), text: fs.readFileSync(path.join(dir, f), "utf8") });
  }
  return out;
}

const stage0 = sourcesOf(path.join(root, "stage0"), ".ts");

test("every file is in a known room", () => {
  for (const s of stage0) expect(rooms, s.name).toContain(s.room);
});

test("a file imports its own room or one further left, and nothing looks over the wall", () => {
  const bad: string[] = [];
  for (const s of stage0) {
    for (const m of s.text.matchAll(/from "(\.[^"]+)"/g)) {
      const target = path.posix.normalize(path.posix.join(path.posix.dirname(s.name), m[1])).replace(/\.ts$/, "");
      const at = target.lastIndexOf("/");
      const room = at < 0 ? "main" : target.slice(0, at);
      const from = rooms.indexOf(s.room);
      if (rooms.indexOf(room) > from) bad.push(`${s.name} -> ${target}`);
      const right = from >= rooms.indexOf("clif") && from < rooms.indexOf("driver");
      if (right && (leftRooms.includes(room) || leftFiles.includes(target))) bad.push(`${s.name} looks over the wall at ${target}`);
      if (s.room === "regalloc" && room !== "regalloc" && room !== "base") bad.push(`${s.name} -> ${target}`);
    }
    if (!/^base\/host(_\w+)?$/.test(s.name) && /from "node:/.test(s.text)) bad.push(`${s.name} imports node`);
  }
  expect(bad).toEqual([]);
});

test("files are under 600 lines and open with what they are", () => {
  for (const s of sourcesOf(path.join(root, "stage1"), ".cot")) expect(s.text.split("\n").length, `stage1 ${s.name}`).toBeLessThanOrEqual(601);
  for (const s of stage0) {
    expect(s.text.split("\n").length, s.name).toBeLessThanOrEqual(601);
    let head = 0;
    while (s.text.split("\n")[head].startsWith("//")) head += 1;
    expect(head, `${s.name}: head comment`).toBeGreaterThanOrEqual(2);
    expect(head, `${s.name}: head comment`).toBeLessThanOrEqual(80);
  }
});

test("functions are under 70 lines, but for dispatches", () => {
  const bad: string[] = [];
  for (const s of stage0) {
    const lines = s.text.split("\n");
    for (let i = 0; i < lines.length; i++) {
      const m = /^(?:export )?function (\w+)/.exec(lines[i]);
      if (m === null) continue;
      let end = i;
      while (end < lines.length && lines[end] !== "}") end += 1;
      const body = lines.slice(i, end);
      const arms = body.filter((l) => /^\s*case .*(return|break)/.test(l) || /^\s*case [^:]*:$/.test(l)).length;
      if (body.length - arms > 70) bad.push(`${s.name}: ${m[1]} has ${body.length} lines`);
    }
  }
  expect(bad).toEqual([]);
});

test("tables stand in the order of their constants", () => {
  expect(Object.keys(Op)).toEqual(opTable.names.map((n) => n));
  expect(Object.values(Op)).toEqual(opTable.names.map((_, i) => i));
  const runtime = tableRows(fs.readFileSync(path.join(root, "tables/runtime.txt"), "latin1")).map((r) => r[0]);
  expect(Object.keys(Rt)).toEqual(runtime);
  expect(Object.values(TOp)).toEqual(Object.keys(TOp).map((_, i) => i));
});

test("the version is one fact", () => {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
  expect(tableRows(fs.readFileSync(path.join(root, "tables/version.txt"), "latin1"))).toEqual([["cot", version]]);
});

test("stage1 brings along every table and every file of the library", () => {
  const text = fs.readFileSync(path.join(root, "stage1/base/host_embedded.cot"), "utf8");
  for (const folder of ["tables", "std"]) {
    const held = [...text.matchAll(new RegExp(`^ +"(.+)" => (?:return )?@embedFile\\("\\.\\./\\.\\./${folder}/(.+)"\\),$`, "gm"))];
    for (const m of held) expect(m[2], m[0]).toBe(m[1]);
    const there = fs.readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).filter((f) => fs.statSync(path.join(root, folder, f)).isFile());
    expect(held.map((m) => m[1])).toEqual(there.sort());
  }
});

test("rows of commands and options fit: each option once a command, each example a command that exists", () => {
  const commands = tableRows(fs.readFileSync(path.join(root, "tables/commands.txt"), "latin1"));
  const names = commands.map((r) => r[0]);
  for (const r of commands) {
    expect(r.length, r[0]).toBe(4);
    expect([r[1], r[3]].map((t) => t.split(" ").slice(0, 2).join(" ")), r[0]).toEqual([`cot ${r[0]}`, `cot ${r[0]}`]);
  }
  const taken: string[] = [];
  for (const r of tableRows(fs.readFileSync(path.join(root, "tables/options.txt"), "latin1"))) {
    expect(r.length, r[0]).toBe(4);
    for (const c of r[2].split(",")) {
      expect(names, r[0]).toContain(c);
      for (const name of r[0].split(", ")) taken.push(`${c} ${name}`);
    }
  }
  expect([...new Set(taken)]).toEqual(taken);
});

test("no marks, no machine paths", () => {
  const bad: string[] = [];
  const mark = /\bTODO\b|\bFIXME\b|\bXXX\b|\bas any\b|as unknown as|@ts-ignore|\/work\//;
  for (const s of stage0) if (mark.test(s.text)) bad.push(s.name);
  for (const folder of ["stage1", "std", "test/kit", "selfhost", "bench"]) {
    for (const name of fs.readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })) {
      const file = path.join(root, folder, name);
      if (/\.(cot|ts)$/.test(name) && mark.test(fs.readFileSync(file, "utf8"))) bad.push(`${folder}/${name}`);
    }
  }
  expect(bad).toEqual([]);
});

/** The words that a text of code exports, in order, as the twins must agree on them. */
function exportsOfTs(text: string): string[] {
  const names: string[] = [];
  for (const m of text.matchAll(/^export (?:function|interface) (\w+)/gm)) names.push(m[1]);
  return names;
}

/** What a file's twin lacks: the file itself, an exported function or record, their order, the head comment. */
function lackOf(s: Source, lacks: string[]): void {
  const file = path.join(root, "stage1", `${s.name}.cot`);
  if (!fs.existsSync(file)) {
    lacks.push(`${s.name}: no twin`);
    return;
  }
  const twin = fs.readFileSync(file, "utf8");
  if (headOf(twin) !== headOf(s.text)) lacks.push(`${s.name}: the head comments differ`);
  let at = -1;
  for (const name of exportsOfTs(s.text)) {
    const found = twin.search(new RegExp(`^(fn|struct|extern struct|type|enum|const) ${name}\\b`, "m"));
    if (found < 0) lacks.push(`${s.name}: the twin lacks ${name}`);
    else if (found < at) lacks.push(`${s.name}: ${name} stands in another order`);
    else at = found;
  }
}

function headOf(text: string): string {
  const lines = text.split("\n");
  let n = 0;
  while (lines[n].startsWith("//") && !lines[n].startsWith("///")) n += 1;
  return lines.slice(0, n).join("\n");
}

test("every file of stage0 has its twin in stage1", () => {
  const lacks: string[] = [];
  for (const s of stage0) lackOf(s, lacks);
  expect(lacks).toEqual([]);
});

test("a name that leaves its file is one thing in the whole compiler", () => {
  const owner = new Map<string, string>();
  const twice: string[] = [];
  for (const s of stage0) {
    for (const m of s.text.matchAll(/^export (?:function|interface|const|type) (\w+)/gm)) {
      const first = owner.get(m[1]);
      if (first !== undefined) twice.push(`${m[1]}: ${first}, ${s.name}`);
      owner.set(m[1], s.name);
    }
  }
  expect(twice).toEqual([]);
});

test("no walk over a map: what the compilers do has one order", () => {
  const walks: string[] = [];
  // The keys of a record that is written out stand as they are written.
  for (const s of stage0) if (/(?<!Object)\.(keys|values|entries|forEach)\(|for \(const \[/.test(s.text)) walks.push(`stage0/${s.name}`);
  for (const s of sourcesOf(path.join(root, "stage1"), ".cot")) if (/\.(keys|values|iterator)\(\)|^ +for \w+, \w+ in /m.test(s.text)) walks.push(`stage1/${s.name}`);
  expect(walks).toEqual([]);
});

/** The names that a Cot module declares. */
function declaredNames(text: string): string[] {
  return [...text.matchAll(/^(?:export |extern |packed )*(?:fn|struct|enum|union|const|var|type|error) (\w+)/gm)].map((m) => m[1]);
}

test("a file of stage1 imports only what it names", () => {
  const idle: string[] = [];
  for (const s of sourcesOf(path.join(root, "stage1"), ".cot")) {
    const code = s.text.replace(/^import .*$|^\s*\/\/.*$/gm, "");
    for (const m of s.text.matchAll(/^import "([^"]+)"$/gm)) {
      const file = m[1].startsWith("std/") ? m[1] : path.posix.join("stage1", path.posix.dirname(s.name), m[1]);
      const names = declaredNames(fs.readFileSync(path.join(root, `${file}.cot`), "utf8"));
      if (!names.some((n) => new RegExp(`\\b${n}\\b`).test(code))) idle.push(`${s.name} imports ${m[1]}`);
    }
  }
  expect(idle).toEqual([]);
});
