// Parallel moves: several moves that happen at once, put into an order that has the same effect.
// In -> out: pairs (from, to), every `to` at most once, to single moves. A move is done when nobody still has
// to read its target; when only cycles are left, one target is saved in the cycle scratch first.
// A move from stack to stack goes through the other scratch, so the two never meet.

import type { RegEnv, RegMove } from "./function.ts";

interface Pending {
  from: number[];
  to: number[];
  /** By place: how many moves still read it; which move writes it. */
  readers: Map<number, number>;
  writer: Map<number, number>;
  done: boolean[];
  ready: number[];
}

/** Appends single moves for the parallel moves from[k] -> to[k]. */
export function resolveParallel(env: RegEnv, from: number[], to: number[], inst: number, stage: number, out: RegMove[]): void {
  if (from.length === 1) {
    if (from[0] !== to[0]) singleMove(env, from[0], to[0], inst, stage, out);
    return;
  }
  const p: Pending = { from: from, to: to, readers: new Map(), writer: new Map(), done: [], ready: [] };
  let left = 0;
  for (let k = 0; k < from.length; k++) {
    const idle = from[k] === to[k];
    p.done.push(idle);
    if (idle) continue;
    left += 1;
    p.readers.set(from[k], readersOf(p, from[k]) + 1);
    p.writer.set(to[k], k);
  }
  for (let k = 0; k < from.length; k++) if (!p.done[k] && readersOf(p, to[k]) === 0) p.ready.push(k);
  let next = 0;
  while (left > 0) {
    left -= runReady(env, p, inst, stage, out);
    if (left === 0) return;
    while (p.done[next]) next += 1;
    breakCycle(env, p, next, inst, stage, out);
  }
}

function readersOf(p: Pending, place: number): number {
  const n = p.readers.get(place);
  return n === undefined ? 0 : n;
}

/** Does the moves that are ready and those that become so; how many. */
function runReady(env: RegEnv, p: Pending, inst: number, stage: number, out: RegMove[]): number {
  let count = 0;
  while (p.ready.length > 0) {
    const k = p.ready[p.ready.length - 1];
    p.ready.pop();
    singleMove(env, p.from[k], p.to[k], inst, stage, out);
    p.done[k] = true;
    count += 1;
    const n = readersOf(p, p.from[k]) - 1;
    p.readers.set(p.from[k], n);
    const writer = p.writer.get(p.from[k]);
    const w = writer === undefined ? -1 : writer;
    if (n === 0 && w >= 0 && !p.done[w]) p.ready.push(w);
  }
  return count;
}

/** Saves the target of move k; those who read it read the scratch from now on. */
function breakCycle(env: RegEnv, p: Pending, k: number, inst: number, stage: number, out: RegMove[]): void {
  const saved = p.to[k];
  singleMove(env, saved, env.cycleScratch, inst, stage, out);
  for (let j = 0; j < p.from.length; j++) if (!p.done[j] && p.from[j] === saved) p.from[j] = env.cycleScratch;
  p.readers.set(saved, 0);
  p.readers.set(env.cycleScratch, 1);
  p.ready.push(k);
}

function singleMove(env: RegEnv, from: number, to: number, inst: number, stage: number, out: RegMove[]): void {
  const slots = env.names.length;
  if (from >= slots && to >= slots) {
    out.push({ inst: inst, stage: stage, from: from, to: env.stackScratch });
    out.push({ inst: inst, stage: stage, from: env.stackScratch, to: to });
  } else {
    out.push({ inst: inst, stage: stage, from: from, to: to });
  }
}
