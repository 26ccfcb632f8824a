import { expect, test } from "vitest";
import { checkAllocation } from "../../stage0/regalloc/checker.ts";
import { dumpAllocation } from "../../stage0/regalloc/dump.ts";
import type { RegMove } from "../../stage0/regalloc/function.ts";
import { resolveParallel } from "../../stage0/regalloc/parallel_move.ts";
import { allocateRegisters } from "../../stage0/regalloc/regalloc.ts";
import { randomRegFunc, smallMachine } from "./random.ts";

/** The moves done at once, and the single moves one after another, must leave the same. */
function sameEffect(from: number[], to: number[], places: number): boolean {
  const env = smallMachine();
  const out: RegMove[] = [];
  resolveParallel(env, from.slice(), to.slice(), 0, 0, out);
  const state: number[] = [];
  const want: number[] = [];
  for (let p = 0; p < places; p++) {
    state.push(p);
    want.push(p);
  }
  for (let k = 0; k < from.length; k++) want[to[k]] = from[k];
  for (const m of out) {
    if (m.from >= env.names.length && m.to >= env.names.length) return false;
    state[m.to] = state[m.from];
  }
  for (let p = 0; p < places; p++) {
    if (p === env.cycleScratch || p === env.stackScratch) continue;
    if (state[p] !== want[p]) return false;
  }
  return true;
}

test("parallel moves: every way to fill up to four places, registers and slots", () => {
  const sets = [[0, 1, 2, 3], [0, 1, 14, 15], [8, 14, 15, 16]];
  for (const places of sets) {
    for (let code = 0; code < 5 ** 4; code++) {
      const from: number[] = [];
      const to: number[] = [];
      let rest = code;
      for (const p of places) {
        if (rest % 5 < 4) {
          from.push(places[rest % 5]);
          to.push(p);
        }
        rest = Math.floor(rest / 5);
      }
      expect(sameEffect(from, to, 17), from.join() + " -> " + to.join()).toBe(true);
    }
  }
});

test("random functions: the checker finds nothing", () => {
  const env = smallMachine();
  for (let seed = 1; seed <= 400; seed++) {
    const f = randomRegFunc(env, seed * 7919, 1 + (seed % 7));
    const r = allocateRegisters(f, env, false, []);
    const problem = checkAllocation(f, env, r);
    if (problem !== "") throw new Error("seed " + seed + ": " + problem + "\n" + dumpAllocation(f, env, r, f.isMove.map(() => "op")));
  }
});

test("the checker notices a wrong register, a lost move and a clobbered value", () => {
  const env = smallMachine();
  let places = 0;
  let moves = 0;
  let lost = 0;
  let wrong = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const f = randomRegFunc(env, seed * 104729, 3);
    const r = allocateRegisters(f, env, false, []);
    for (let k = 0; k < r.moves.length; k += 3) {
      const without = { place: r.place, moves: r.moves.filter((_, j) => j !== k), slotCount: r.slotCount };
      moves += 1;
      if (checkAllocation(f, env, without) !== "") lost += 1;
    }
    for (let k = 0; k < r.place.length; k += 5) {
      const place = r.place.slice();
      place[k] = place[k] === 3 ? 4 : 3;
      places += 1;
      if (checkAllocation(f, env, { place: place, moves: r.moves, slotCount: r.slotCount }) !== "") wrong += 1;
    }
  }
  expect(lost / moves).toBeGreaterThan(0.9);
  expect(wrong / places).toBeGreaterThan(0.9);
});

test("the same input gives the same output", () => {
  const env = smallMachine();
  const f = randomRegFunc(env, 12345, 6);
  expect(allocateRegisters(f, env, false, [])).toEqual(allocateRegisters(f, env, false, []));
});

test("a large function takes about linear time", () => {
  const env = smallMachine();
  const f = randomRegFunc(env, 4242, 12);
  const start = performance.now();
  const r = allocateRegisters(f, env, false, []);
  const spent = performance.now() - start;
  expect(checkAllocation(f, env, r)).toBe("");
  expect(spent / f.instCount).toBeLessThan(0.4);
});
