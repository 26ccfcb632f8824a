// Random functions for the allocator: structured control flow, all operand roles, calls, pressure.
// In -> out: a seed, to a valid RegFunc and a small machine.

import { addOperand, endRegInst, newRegFunc, type RegEnv, type RegFunc } from "../../stage0/regalloc/function.ts";
import { Role } from "../../stage0/regalloc/operand.ts";

/** A machine with ints 0..7 (7 scratch) and floats 8..13 (13 scratch); 4 ints survive calls. */
export function smallMachine(): RegEnv {
  return {
    names: ["a", "b", "c", "d", "e", "f", "g", "sc", "x0", "x1", "x2", "x3", "x4", "xs"],
    pregClass: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1],
    order: [[0, 1, 2, 3, 4, 5, 6], [8, 9, 10, 11, 12]],
    clobberSets: [[0, 1, 2, 8, 9, 10, 11, 12], [1]],
    cycleScratch: 7, stackScratch: 13,
  };
}

interface Gen {
  f: RegFunc;
  seed: number;
  env: RegEnv;
}

function rnd(g: Gen, n: number): number {
  g.seed = (Math.imul(g.seed, 1664525) + 1013904223) | 0;
  return (g.seed >>> 8) % n;
}

function newVreg(g: Gen, cls: number): number {
  g.f.vregClass.push(cls);
  return g.f.vregClass.length - 1;
}

function pick(g: Gen, live: number[], cls: number): number {
  const of = live.filter((v) => g.f.vregClass[v] === cls);
  return of.length === 0 ? -1 : of[rnd(g, of.length)];
}

/** One random instruction; its results join `live`. */
function addRandomInst(g: Gen, live: number[]): void {
  const kind = rnd(g, 8);
  const cls = rnd(g, 4) === 0 ? 1 : 0;
  const x = pick(g, live, cls);
  const y = pick(g, live, cls);
  const pregs = g.env.order[cls];
  if (x < 0 || kind === 0) {
    const d = newVreg(g, cls);
    addOperand(g.f, d, Role.defReg, -1);
    endRegInst(g.f, -1, false);
    live.push(d);
  } else if (kind <= 2) {
    const d = newVreg(g, cls);
    addOperand(g.f, d, Role.defReuse, 1);
    addOperand(g.f, x, Role.useReused, 0);
    addOperand(g.f, y, y === x ? Role.useCopy : Role.useAny, y === x ? 0 : -1);
    endRegInst(g.f, -1, false);
    live.push(d);
  } else if (kind === 3) {
    const d = newVreg(g, cls);
    addOperand(g.f, d, Role.defReg, -1);
    addOperand(g.f, x, Role.useAny, -1);
    endRegInst(g.f, -1, true);
    live.push(d);
  } else if (kind === 4) {
    addOperand(g.f, x, Role.useFixed, pregs[0]);
    addOperand(g.f, y, Role.useFixed, pregs[1]);
    if (cls === 0) addOperand(g.f, pick(g, live, 0), Role.useAny, -1);
    if (rnd(g, 2) === 0) {
      const d = newVreg(g, cls);
      addOperand(g.f, d, Role.defFixed, pregs[0]);
      live.push(d);
    }
    endRegInst(g.f, 0, false);
  } else if (kind === 5 && cls === 0) {
    const d = newVreg(g, 0);
    const t = newVreg(g, 0);
    addOperand(g.f, d, Role.defFixed, 0);
    addOperand(g.f, t, Role.defEarly, -1);
    addOperand(g.f, x, Role.useFixed, 0);
    addOperand(g.f, y, Role.useReg, -1);
    endRegInst(g.f, 1, false);
    live.push(d);
  } else if (kind === 6) {
    const d = newVreg(g, cls);
    addOperand(g.f, d, Role.defEarly, -1);
    addOperand(g.f, x, Role.useReg, -1);
    addOperand(g.f, y, Role.useAny, -1);
    endRegInst(g.f, -1, false);
    live.push(d);
  } else {
    addOperand(g.f, x, Role.useReg, -1);
    addOperand(g.f, y, Role.useReg, -1);
    endRegInst(g.f, -1, false);
  }
}

function openBlock(g: Gen, depth: number): number {
  g.f.blocks.push({ first: g.f.instCount, end: -1, preds: [], succs: [], params: [], args: [], depth: depth });
  return g.f.blocks.length - 1;
}

function closeBlock(g: Gen, b: number, succs: number[], args: number[]): void {
  endRegInst(g.f, -1, false);
  g.f.blocks[b].end = g.f.instCount;
  g.f.blocks[b].succs = succs;
  g.f.blocks[b].args = args;
  for (const s of succs) if (s < g.f.blocks.length) g.f.blocks[s].preds.push(b);
}

function body(g: Gen, live: number[], size: number): void {
  for (let k = rnd(g, size); k >= 0; k--) addRandomInst(g, live);
}

/** Code from an open block to another open block, which it returns; `live` is what may be used after. */
function region(g: Gen, at: number, live: number[], depth: number, fuel: number): number {
  let block = at;
  for (let k = 0; k < fuel; k++) {
    body(g, live, 12);
    const shape = rnd(g, 3);
    if (fuel <= 1 || shape === 0) continue;
    block = shape === 1 ? diamond(g, block, live, depth, fuel >> 1) : loop(g, block, live, depth, fuel >> 1);
  }
  return block;
}

function diamond(g: Gen, block: number, live: number[], depth: number, fuel: number): number {
  const ends: number[] = [];
  const args: number[][] = [];
  const split = block;
  endRegInst(g.f, -1, false);
  g.f.blocks[split].end = g.f.instCount;
  const classes = [0, rnd(g, 2)];
  for (let side = 0; side < 2; side++) {
    const b = openBlock(g, depth);
    g.f.blocks[split].succs.push(b);
    g.f.blocks[b].preds.push(split);
    const inner = live.slice();
    const end = region(g, b, inner, depth, fuel);
    const list: number[] = [];
    for (const c of classes) {
      if (pick(g, inner, c) < 0) {
        const d = newVreg(g, c);
        addOperand(g.f, d, Role.defReg, -1);
        endRegInst(g.f, -1, false);
        inner.push(d);
      }
      list.push(pick(g, inner, c));
    }
    endRegInst(g.f, -1, false);
    g.f.blocks[end].end = g.f.instCount;
    ends.push(end);
    args.push(list);
  }
  const join = openBlock(g, depth);
  for (let side = 0; side < 2; side++) {
    g.f.blocks[ends[side]].succs.push(join);
    g.f.blocks[ends[side]].args = args[side];
    g.f.blocks[join].preds.push(ends[side]);
  }
  for (const c of classes) {
    const p = newVreg(g, c);
    g.f.blocks[join].params.push(p);
    live.push(p);
  }
  return join;
}

function loop(g: Gen, block: number, live: number[], depth: number, fuel: number): number {
  const cls = rnd(g, 2);
  const init: number[] = [];
  for (const c of [0, cls]) {
    if (pick(g, live, c) < 0) {
      const d = newVreg(g, c);
      addOperand(g.f, d, Role.defReg, -1);
      endRegInst(g.f, -1, false);
      live.push(d);
    }
    init.push(pick(g, live, c));
  }
  const header = g.f.blocks.length;
  closeBlock(g, block, [header], init);
  openBlock(g, depth + 1);
  g.f.blocks[header].preds.push(block);
  for (const c of [0, cls]) {
    const p = newVreg(g, c);
    g.f.blocks[header].params.push(p);
    live.push(p);
  }
  body(g, live, 4);
  endRegInst(g.f, -1, false);
  g.f.blocks[header].end = g.f.instCount;
  const first = openBlock(g, depth + 1);
  g.f.blocks[header].succs.push(first);
  g.f.blocks[first].preds.push(header);
  const inner = live.slice();
  const end = region(g, first, inner, depth + 1, fuel);
  const next = [pick(g, inner, 0), pick(g, inner, cls)];
  closeBlock(g, end, [header], next);
  const exit = openBlock(g, depth);
  g.f.blocks[header].succs.push(exit);
  g.f.blocks[exit].preds.push(header);
  return exit;
}

/** A random function of about so many regions. */
export function randomRegFunc(env: RegEnv, seed: number, fuel: number): RegFunc {
  const g: Gen = { f: newRegFunc(), seed: seed, env: env };
  const entry = openBlock(g, 0);
  const live: number[] = [];
  const last = region(g, entry, live, 0, fuel);
  for (const v of live.slice(0, 5)) addOperand(g.f, v, Role.useAny, -1);
  closeBlock(g, last, [], []);
  return g.f;
}
