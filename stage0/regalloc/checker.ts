// The checker: proves an allocation right, sharing no code with the allocator.
// In -> out: a function and an answer, to "" or what is wrong first.
// Symbolic data flow: for each place the set of virtual registers whose value it holds. A move copies the set,
// a definition replaces it by the one register, a clobber empties it; where paths meet the sets are intersected,
// beginning with "everything" for paths not seen yet. An operand is right when its place holds its register.
// A block argument makes the param a name of what the argument is, and ends all old names of the param.

import type { RegEnv, RegFunc, RegMove, RegResult } from "./function.ts";
import { isDefRole, Role } from "./operand.ts";

/** By place: the registers it holds, ascending. */
interface PlaceSets {
  sets: number[][];
}

interface AllocationCheck {
  func: RegFunc;
  env: RegEnv;
  result: RegResult;
  /** By block: what holds at its start; null when no path has come yet. */
  before: (PlaceSets | null)[];
  /** By instruction: its first move; one entry more at the end. */
  moveStart: number[];
  /** Blocks whose start has changed, and how many there are. */
  queued: boolean[];
  waiting: number;
  problem: string;
}

/** "" when every operand of every instruction gets its value on every path, else the first problem. */
export function checkAllocation(func: RegFunc, env: RegEnv, result: RegResult): string {
  const c: AllocationCheck = { func: func, env: env, result: result, before: [], moveStart: [], queued: [], waiting: 0, problem: "" };
  let next = 0;
  for (let i = 0; i <= func.instCount; i++) {
    while (next < result.moves.length && result.moves[next].inst < i) next += 1;
    c.moveStart.push(next);
  }
  for (let b = 0; b < func.blocks.length; b++) {
    c.before.push(null);
    c.queued.push(false);
  }
  const start: PlaceSets = { sets: [] };
  for (let p = 0; p < env.names.length + result.slotCount; p++) start.sets.push([]);
  flowInto(c, 0, start);
  // Sweeps in layout order, which is nearly the order of execution, until nothing changes.
  while (c.waiting > 0 && c.problem === "") {
    for (let b = 0; b < func.blocks.length; b++) {
      if (!c.queued[b]) continue;
      c.queued[b] = false;
      c.waiting -= 1;
      checkPlacedBlock(c, b);
    }
  }
  return c.problem;
}

function failAllocation(c: AllocationCheck, inst: number, text: string): void {
  if (c.problem === "") c.problem = "instruction " + inst + ": " + text;
}

/** Intersects what holds at the start of a block with a state that reaches it. */
function flowInto(c: AllocationCheck, block: number, s: PlaceSets): void {
  const old = c.before[block];
  let changed = false;
  if (old === null) {
    c.before[block] = { sets: s.sets.slice(0, s.sets.length) };
    changed = true;
  } else {
    for (let p = 0; p < old.sets.length; p++) {
      const both = intersection(old.sets[p], s.sets[p]);
      if (both.length !== old.sets[p].length) {
        old.sets[p] = both;
        changed = true;
      }
    }
  }
  if (changed && !c.queued[block]) {
    c.queued[block] = true;
    c.waiting += 1;
  }
}

function intersection(a: number[], b: number[]): number[] {
  const out: number[] = [];
  let k = 0;
  for (const v of a) {
    while (k < b.length && b[k] < v) k += 1;
    if (k < b.length && b[k] === v) out.push(v);
  }
  return out;
}

function holds(set: number[], v: number): boolean {
  for (const w of set) if (w === v) return true;
  return false;
}

function checkPlacedBlock(c: AllocationCheck, block: number): void {
  const before = c.before[block];
  if (before === null) return;
  const s: PlaceSets = { sets: before.sets.slice(0, before.sets.length) };
  const b = c.func.blocks[block];
  for (let i = b.first; i < b.end; i++) {
    if (c.problem !== "") break;
    for (let k = c.moveStart[i]; k < c.moveStart[i + 1]; k++) if (c.result.moves[k].stage < 3) checkMove(c, s, c.result.moves[k]);
    checkUses(c, s, i);
    checkDefs(c, s, i);
    for (let k = c.moveStart[i]; k < c.moveStart[i + 1]; k++) if (c.result.moves[k].stage === 3) checkMove(c, s, c.result.moves[k]);
  }
  for (const to of b.succs) {
    const params = c.func.blocks[to].params;
    flowInto(c, to, b.args.length > 0 || params.length > 0 ? passArgs(c, s, b.args, params) : s);
  }
}

function checkMove(c: AllocationCheck, s: PlaceSets, m: RegMove): void {
  const n = c.env.names.length;
  if (m.from < 0 || m.to < 0) failAllocation(c, m.inst, "a move from or to no place");
  else if (m.from >= n && m.to >= n) failAllocation(c, m.inst, "a move from stack to stack");
  else s.sets[m.to] = s.sets[m.from];
}

function checkUses(c: AllocationCheck, s: PlaceSets, i: number): void {
  const f = c.func;
  for (let k = f.opStart[i]; k < f.opStart[i + 1]; k++) {
    if (isDefRole(f.opRole[k])) continue;
    const problem = useProblem(c, s, i, k);
    if (problem !== "") failAllocation(c, i, "v" + f.opVreg[k] + " " + problem);
  }
}

/** What is wrong with operand k, which instruction i reads, or "". */
function useProblem(c: AllocationCheck, s: PlaceSets, i: number, k: number): string {
  const f = c.func;
  const role = f.opRole[k];
  const place = c.result.place[k];
  if (place < 0) return "has no place";
  if (!holds(s.sets[place], f.opVreg[k])) return "is not in place " + place;
  if (place < c.env.names.length && c.env.pregClass[place] !== f.vregClass[f.opVreg[k]]) return "is in the wrong class";
  if (role === Role.useFixed && place !== f.opArg[k]) return "is not in its fixed register";
  if (role !== Role.useAny && place >= c.env.names.length) return "is not in a register";
  if (role === Role.useCopy && place !== c.result.place[f.opStart[i] + f.opArg[k]]) return "is not a copy";
  return "";
}

function checkDefs(c: AllocationCheck, s: PlaceSets, i: number): void {
  const f = c.func;
  if (f.clobber[i] >= 0) for (const p of c.env.clobberSets[f.clobber[i]]) s.sets[p] = [];
  for (let k = f.opStart[i]; k < f.opStart[i + 1]; k++) {
    if (!isDefRole(f.opRole[k])) continue;
    const problem = defProblem(c, i, k);
    if (problem !== "") {
      failAllocation(c, i, "v" + f.opVreg[k] + " " + problem);
      return;
    }
    checkClash(c, i, k);
  }
  for (let k = f.opStart[i]; k < f.opStart[i + 1]; k++) {
    if (isDefRole(f.opRole[k])) s.sets[c.result.place[k]] = [f.opVreg[k]];
  }
}

/** What is wrong with operand k, which instruction i writes, or "". */
function defProblem(c: AllocationCheck, i: number, k: number): string {
  const f = c.func;
  const role = f.opRole[k];
  const place = c.result.place[k];
  if (place < 0 || place >= c.env.names.length) return "is not written to a register";
  if (c.env.pregClass[place] !== f.vregClass[f.opVreg[k]]) return "is written to the wrong class";
  if (role === Role.defFixed && place !== f.opArg[k]) return "is not written to its fixed register";
  if (role === Role.defReuse && place !== c.result.place[f.opStart[i] + f.opArg[k]]) return "does not reuse its input";
  return "";
}

/** A definition must not lie where another does, nor, when it is early, where an operand is still read. */
function checkClash(c: AllocationCheck, i: number, k: number): void {
  const f = c.func;
  const place = c.result.place[k];
  const role = f.opRole[k];
  for (let j = f.opStart[i]; j < f.opStart[i + 1]; j++) {
    if (j === k || c.result.place[j] !== place) continue;
    if (isDefRole(f.opRole[j])) failAllocation(c, i, "two results in place " + place);
    else if (role === Role.defEarly) failAllocation(c, i, "an early result in the place of an operand");
    else if (role === Role.defReuse && j !== f.opStart[i] + f.opArg[k] && f.opRole[j] !== Role.useCopy) failAllocation(c, i, "a reused input in the place of another operand");
  }
  if (f.clobber[i] < 0 || role === Role.defFixed) return;
  for (const p of c.env.clobberSets[f.clobber[i]]) if (p === place) failAllocation(c, i, "a result in a destroyed register");
}

/** The state after the params have become names of the arguments. */
function passArgs(c: AllocationCheck, s: PlaceSets, args: number[], params: number[]): PlaceSets {
  const out: PlaceSets = { sets: [] };
  if (args.length !== params.length) {
    c.problem = "a block passes " + args.length + " arguments to " + params.length + " params";
    return s;
  }
  // The params of one argument are a chain through `more`.
  const firstParam: Map<number, number> = new Map();
  const isParam: Map<number, number> = new Map();
  const more: number[] = [];
  for (let k = 0; k < args.length; k++) {
    const before = firstParam.get(args[k]);
    more.push(before === undefined ? -1 : before);
    firstParam.set(args[k], k);
    isParam.set(params[k], k);
  }
  for (const set of s.sets) {
    const next: number[] = [];
    for (const v of set) {
      const first = firstParam.get(v);
      let k = first === undefined ? -1 : first;
      while (k >= 0) {
        next.push(params[k]);
        k = more[k];
      }
      if (!isParam.has(v)) next.push(v);
    }
    out.sets.push(ascending(next));
  }
  return out;
}

/** Insertion sort: sets of names of one place are small. */
function ascending(list: number[]): number[] {
  for (let i = 1; i < list.length; i++) {
    const v = list[i];
    let k = i - 1;
    while (k >= 0 && list[k] > v) {
      list[k + 1] = list[k];
      k -= 1;
    }
    list[k + 1] = v;
  }
  return list;
}
