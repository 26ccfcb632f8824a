// Cases of a switch: which of them an earlier one handles already, and which values are handled.
// In -> out: patterns in order of the source, each a range of numbers (integers and characters, values of enums and
// bools, tags, numbers of errors and strings), to errors that show both places. The line of numbers is cut where a
// range begins or ends. A piece belongs to the first case without guard that covers it, and a Fenwick tree (1994) counts
// the pieces taken, so that n cases take n log n steps.

import { reportBoth } from "../base/diag.ts";
import { addI128, compareI128, type I128, i128From, i32FromI128, lowI64, sarI128 } from "../base/int128.ts";
import { divI32 } from "../base/int32.ts";
import { highI32, lowI32 } from "../base/int64.ts";
import { sortByKey, sortByKeys } from "../base/sort.ts";
import type { CheckState } from "./checker.ts";

export interface Cases {
  /** By case: the first number, the one behind the last, its place, whether a guard may refuse it. */
  low: I128[];
  end: I128[];
  pos: number[];
  guarded: boolean[];
  /** Where pieces begin, ascending. */
  cuts: I128[];
  /** By piece: the case that it belongs to, or -1; the next piece that may be free. */
  owner: number[];
  next: number[];
  /** Fenwick tree over the pieces, from 1: how many are taken. */
  taken: number[];
}

export function newCases(): Cases {
  return { low: [], end: [], pos: [], guarded: [], cuts: [], owner: [], next: [], taken: [] };
}

/** Adds a case, from `low` to `high`, both included. */
export function addCase(c: Cases, low: I128, high: I128, pos: number, guarded: boolean): void {
  c.low.push(low);
  c.end.push(addI128(high, i128From(1)));
  c.pos.push(pos);
  c.guarded.push(guarded);
}

/** Gives the pieces to the cases, and reports each case that meets one given away before. */
export function settleCases(f: CheckState, c: Cases): void {
  cutPieces(c);
  for (let i = 0; i < c.low.length; i++) {
    const from = pieceOf(c, c.low[i]);
    const to = pieceOf(c, c.end[i]);
    const before = takenBefore(c, from);
    if (takenBefore(c, to) > before) {
      const other = c.owner[takenPiece(c, before + 1)];
      const same = compareI128(c.low[i], c.low[other]) === 0 && compareI128(c.end[i], c.end[other]) === 0;
      reportBoth(f.c.diags, c.pos[i], "duplicate-case", same ? "this case is handled by an arm before" : "this case overlaps one before", c.pos[other], "the case before");
    }
    if (!c.guarded[i]) takePieces(c, i, from, to);
  }
}

/** Whether a case without guard handles a number. */
export function isHandled(c: Cases, value: I128): boolean {
  const piece = pieceOf(c, value);
  return piece >= 0 && c.owner[piece] >= 0;
}

/** All beginnings and ends, sorted, none twice. */
function cutPieces(c: Cases): void {
  const all: I128[] = [];
  for (const v of c.low) all.push(v);
  for (const v of c.end) all.push(v);
  const ids: number[] = [];
  const top: number[] = [];
  const middle: number[] = [];
  const least: number[] = [];
  for (let i = 0; i < all.length; i++) {
    ids.push(i);
    top.push(i32FromI128(sarI128(all[i], 64)));
    // The lower words have no sign: with the first bit turned over they compare as if they had.
    middle.push(highI32(lowI64(all[i])) ^ -2147483648);
    least.push(lowI32(lowI64(all[i])) ^ -2147483648);
  }
  sortByKeys(ids, middle, least);
  sortByKey(ids, top);
  for (const id of ids) {
    if (c.cuts.length > 0 && compareI128(c.cuts[c.cuts.length - 1], all[id]) === 0) continue;
    c.next.push(c.cuts.length);
    c.cuts.push(all[id]);
    c.owner.push(-1);
    c.taken.push(0);
  }
  c.taken.push(0);
}

/** The piece that a number lies in, or -1 before the first. */
function pieceOf(c: Cases, value: I128): number {
  let low = 0;
  let high = c.cuts.length;
  while (low < high) {
    const middle = divI32(low + high, 2);
    if (compareI128(c.cuts[middle], value) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How many pieces before this one are taken. */
function takenBefore(c: Cases, piece: number): number {
  let count = 0;
  for (let at = piece; at > 0; at -= at & -at) count += c.taken[at];
  return count;
}

/** The taken piece of a rank, from 1. */
function takenPiece(c: Cases, rank: number): number {
  let step = 1;
  while (step * 2 < c.taken.length) step *= 2;
  let at = 0;
  let left = rank;
  while (step > 0) {
    if (at + step < c.taken.length && c.taken[at + step] < left) {
      at += step;
      left -= c.taken[at];
    }
    step = divI32(step, 2);
  }
  return at;
}

/** Gives a case the free pieces from one to before another; each is taken once. */
function takePieces(c: Cases, owner: number, from: number, to: number): void {
  for (let piece = freePiece(c, from); piece < to; piece = freePiece(c, piece)) {
    c.owner[piece] = owner;
    c.next[piece] = piece + 1;
    for (let at = piece + 1; at < c.taken.length; at += at & -at) c.taken[at] += 1;
  }
}

/** The first free piece from one on; the way is shortened for those who come later. */
function freePiece(c: Cases, from: number): number {
  let end = from;
  while (end < c.next.length && c.next[end] !== end) end = c.next[end];
  let at = from;
  while (at < end) {
    const next = c.next[at];
    c.next[at] = end;
    at = next;
  }
  return end;
}
