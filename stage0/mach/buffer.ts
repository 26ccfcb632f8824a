// The code buffer of one function: bytes, labels, and what must still be filled in.
// In -> out: appended bytes with branches to labels, to final bytes with each branch in its shortest form.
// A branch takes no bytes while code is appended; finishBuffer gives all of them the short form, lengthens those
// that do not reach, and repeats until nothing changes (lengths only grow, so it ends). Positions of labels,
// relocations, traps and lines are moved along.

import { appendSlice, appendU8, appendU32, type Bytes, newBytes, patchU32 } from "../base/bytes.ts";
import { bug } from "../base/bug.ts";
import { sarI32 } from "../base/int32.ts";

/** A branch; it stands in front of the byte at `at`. */
interface BranchSite {
  at: number;
  label: number;
  /** The opcode byte of the short form, and the bytes of the long form's opcode. */
  shortOp: number;
  longOp: number[];
  isLong: boolean;
}

/** Four bytes at `at` that hold the distance of a label from another place. */
interface LabelRef {
  at: number;
  label: number;
  /** The label that the distance is counted from, or -1: the end of the four bytes. */
  base: number;
}

/** Bytes to be filled in by the linker. */
export interface CodeReloc {
  offset: number;
  kind: number;
  sym: number;
  addend: number;
}

/** What an address is that code refers to; a label is one of the same function. */
export const CodeRelocKind = { pcRelative: 0, call: 1, got: 2, pool: 3, label: 4 };

export interface TrapEntry {
  offset: number;
  code: number;
  pos: number;
}

/** From an offset on code belongs to a row of the module's lines. */
export interface CodeLine {
  offset: number;
  pos: number;
}

export interface CodeBuffer {
  bytes: Bytes;
  /** By label: position, or -1, and how many branches stand before it. */
  labels: number[];
  labelBranches: number[];
  /** By label: the label that stands for it, or -1. */
  alias: number[];
  branches: BranchSite[];
  refs: LabelRef[];
  relocs: CodeReloc[];
  traps: TrapEntry[];
  lines: CodeLine[];
}

/** A buffer with labels 0 to count - 1. */
export function newCodeBuffer(count: number): CodeBuffer {
  const b: CodeBuffer = { bytes: newBytes(), labels: [], labelBranches: [], alias: [], branches: [], refs: [], relocs: [], traps: [], lines: [] };
  for (let k = 0; k < count; k++) newLabel(b);
  return b;
}

/** A new label, not placed yet. */
export function newLabel(b: CodeBuffer): number {
  b.labels.push(-1);
  b.labelBranches.push(0);
  b.alias.push(-1);
  return b.labels.length - 1;
}

/** Places a label here. */
export function bindLabel(b: CodeBuffer, label: number): void {
  b.labels[label] = b.bytes.len;
  b.labelBranches[label] = b.branches.length;
}

/** Makes a label another name of a different one. */
export function aliasLabel(b: CodeBuffer, label: number, other: number): void {
  b.alias[label] = other;
}

/** The label that stands for a label; a ring of aliases stands for itself. */
export function resolveLabel(b: CodeBuffer, label: number): number {
  let at = label;
  let steps = 0;
  while (b.alias[at] >= 0 && steps <= b.alias.length) {
    at = b.alias[at];
    steps += 1;
  }
  return at;
}

/** What follows belongs to a row of lines; -1 changes nothing. */
export function noteCodeLine(b: CodeBuffer, pos: number): void {
  const known = b.lines.length > 0 ? b.lines[b.lines.length - 1].pos : -1;
  if (pos >= 0 && pos !== known) b.lines.push({ offset: b.bytes.len, pos: pos });
}

/** Adds a branch with its two opcodes. */
export function addBranch(b: CodeBuffer, label: number, shortOp: number, longOp: number[]): void {
  b.branches.push({ at: b.bytes.len, label: label, shortOp: shortOp, longOp: longOp, isLong: false });
}

/** Adds four bytes: the distance of a label from a base label, or from the end of the bytes. */
export function addLabelRef(b: CodeBuffer, label: number, base: number): void {
  b.refs.push({ at: b.bytes.len, label: label, base: base });
  appendU32(b.bytes, 0);
}

/** Notes a relocation of the bytes at an offset. */
export function addCodeReloc(b: CodeBuffer, offset: number, kind: number, sym: number, addend: number): void {
  b.relocs.push({ offset: offset, kind: kind, sym: sym, addend: addend });
}

/** The final bytes. Labels, relocations, traps and lines then hold final positions. */
export function finishBuffer(b: CodeBuffer): Bytes {
  const starts = branchStarts(b);
  let changed = true;
  while (changed) {
    changed = false;
    placeBranches(b, starts);
    for (let k = 0; k < b.branches.length; k++) {
      const site = b.branches[k];
      if (site.isLong) continue;
      const distance = labelPosition(b, starts, site.label) - (starts[k] + 2);
      if (distance < -128 || distance > 127) {
        site.isLong = true;
        changed = true;
      }
    }
  }
  placeBranches(b, starts);
  return assembleBytes(b, starts);
}

/** The final position of a label. */
function labelPosition(b: CodeBuffer, starts: number[], label: number): number {
  const l = resolveLabel(b, label);
  if (b.labels[l] < 0) bug("branch to a label that is nowhere");
  return behindBranches(b, starts, b.labels[l], b.labelBranches[l]);
}

function branchStarts(b: CodeBuffer): number[] {
  const starts: number[] = [];
  for (let k = 0; k < b.branches.length; k++) starts.push(0);
  return starts;
}

function branchLength(s: BranchSite): number {
  return s.isLong ? s.longOp.length + 4 : 2;
}

/** The final position of each branch, with the lengths as they are now. */
function placeBranches(b: CodeBuffer, starts: number[]): void {
  let added = 0;
  for (let k = 0; k < b.branches.length; k++) {
    starts[k] = b.branches[k].at + added;
    added += branchLength(b.branches[k]);
  }
}

/** The final position of an offset that has so many branches before it. */
function behindBranches(b: CodeBuffer, starts: number[], at: number, k: number): number {
  return k === 0 ? at : at - b.branches[k - 1].at + starts[k - 1] + branchLength(b.branches[k - 1]);
}

/** The final position of the byte at an offset: branches at the same offset come before it. */
function finalByte(b: CodeBuffer, starts: number[], at: number): number {
  let low = 0;
  let high = b.branches.length;
  while (low < high) {
    const mid = sarI32(low + high, 1);
    if (b.branches[mid].at <= at) low = mid + 1;
    else high = mid;
  }
  return behindBranches(b, starts, at, low);
}

function assembleBytes(b: CodeBuffer, starts: number[]): Bytes {
  const out = newBytes();
  let from = 0;
  for (let k = 0; k < b.branches.length; k++) {
    const site = b.branches[k];
    appendSlice(out, b.bytes, from, site.at);
    from = site.at;
    const distance = labelPosition(b, starts, site.label) - (starts[k] + branchLength(site));
    if (site.isLong) {
      for (const op of site.longOp) appendU8(out, op);
      appendU32(out, distance);
    } else {
      appendU8(out, site.shortOp);
      appendU8(out, distance & 255);
    }
  }
  appendSlice(out, b.bytes, from, b.bytes.len);
  for (const r of b.refs) {
    const at = finalByte(b, starts, r.at);
    const base = r.base < 0 ? at + 4 : labelPosition(b, starts, r.base);
    patchU32(out, at, labelPosition(b, starts, r.label) - base);
  }
  for (const r of b.relocs) r.offset = finalByte(b, starts, r.offset);
  for (const t of b.traps) t.offset = finalByte(b, starts, t.offset);
  for (const l of b.lines) l.offset = finalByte(b, starts, l.offset);
  for (let k = 0; k < b.labels.length; k++) if (b.labels[k] >= 0) b.labels[k] = behindBranches(b, starts, b.labels[k], b.labelBranches[k]);
  return out;
}
