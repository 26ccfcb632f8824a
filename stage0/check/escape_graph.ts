// How far addresses go: a graph over the variables of a program, solved until nothing is added.
// In -> out: flows between spots, to how far out the address of each spot may be held. A spot is a variable, a value on its
// way into a call, or a sink. Reach is a number by spot and level: how far out what lies there may be held at last, where
// level -1 is the spot's own address, 0 what it holds, 1 what that leads to, and so on; the last level stands for all deeper
// ones. 0 is the heap, 1 the caller, and from 2 on it is a depth of scopes. Invariant: what is reached through something
// lives as long, so no level reaches less far than the one before it. A flow `to <- from` at d says that `to` may hold what
// `from` leads to by d loads (-1: its address). A call joins an argument to a parameter: when it is known how far that one goes, in
// the function called, the argument goes as far. All numbers only fall, so a work list ends, after a few visits a spot.

import { filledNumbers } from "../base/arrays.ts";
import { Kind, type Types } from "./types.ts";

/** Levels of a spot: its address, and four of what it holds. */
const LEVELS = 5;
const LAST = 3;
/** Reached by nothing yet. */
const NOWHERE = 536870912;

/** The spots that every graph has: memory that anybody may read, and the result of the function at hand. */
export const Sink = { heap: 0, result: 1 };

/** What values of a type hold: addresses, nothing that is counted, or function values and weak references at most (which lead to nothing on the stack). */
const Holds = { unknown: 0, addresses: 1, nothing: 2, counted: 3 };

export interface EscapeGraph {
  types: Types;
  /** By type: what its values hold, see Holds. */
  holding: number[];
  /** LEVELS numbers a spot. */
  reach: number[];
  /** By spot: the depth of the scope that it lives in. */
  scope: number[];
  /** By spot: its first flow and its first call, as the parameter that it is, or -1; whether it is in the work list. */
  firstFlow: number[];
  firstCall: number[];
  queued: boolean[];
  /** By spot: whether something may flow into it. */
  fed: boolean[];
  /** Flows: the next one of the same spot, where it comes from, by how many loads. */
  flowNext: number[];
  flowFrom: number[];
  flowLoads: number[];
  /** Calls: the next one of the same parameter, the argument, and where the result goes (-1 nowhere). `callKnown` is the level at
   *  which the parameter is known to come back. */
  callNext: number[];
  callFrom: number[];
  callLoads: number[];
  callTo: number[];
  callToLoads: number[];
  callKnown: number[];
  /** By depth: the sink of what lives as long as a scope there, or -1. */
  sinks: number[];
  work: number[];
}

/** An empty graph with its two sinks. */
export function newEscapeGraph(types: Types): EscapeGraph {
  const g: EscapeGraph = {
    types: types, holding: filledNumbers(types.list.length, Holds.unknown), reach: [], scope: [], firstFlow: [], firstCall: [], queued: [], fed: [], flowNext: [], flowFrom: [], flowLoads: [],
    callNext: [], callFrom: [], callLoads: [], callTo: [], callToLoads: [], callKnown: [], sinks: [], work: [],
  };
  addSpot(g, Sink.heap);
  addSpot(g, Sink.result);
  return g;
}

/** A spot whose value lives in a scope of a depth; below 0: one that only passes values on. */
export function addSpot(g: EscapeGraph, depth: number): number {
  g.reach.push(NOWHERE);
  for (let level = 1; level < LEVELS; level++) g.reach.push(depth < 0 ? NOWHERE : depth);
  g.scope.push(depth);
  g.firstFlow.push(-1);
  g.firstCall.push(-1);
  g.queued.push(false);
  g.fed.push(false);
  return g.scope.length - 1;
}

/** The sink of what has to live as long as a scope of a depth. */
export function sinkOfScope(g: EscapeGraph, depth: number): number {
  while (g.sinks.length <= depth) g.sinks.push(-1);
  if (g.sinks[depth] < 0) g.sinks[depth] = addSpot(g, depth);
  return g.sinks[depth];
}

/** Says in which scope a variable lives; it may hold addresses, or not. */
export function placeSpot(g: EscapeGraph, spot: number, depth: number, holds: boolean): void {
  g.scope[spot] = depth;
  if (holds) limitReach(g, spot, 0, depth);
}

/** What a spot holds at a level may be held as far out as `far`. */
function limitReach(g: EscapeGraph, spot: number, level: number, far: number): void {
  const start = spot * LEVELS + 1;
  let at = start + (level > LAST ? LAST : level);
  if (far >= g.reach[at]) return;
  while (at <= start + LAST && g.reach[at] > far) {
    g.reach[at] = far;
    at += 1;
  }
  if (g.queued[spot]) return;
  g.queued[spot] = true;
  g.work.push(spot);
}

/** `to` may hold what `from` leads to by so many loads. */
export function addFlow(g: EscapeGraph, to: number, loads: number, from: number): void {
  if (to <= Sink.result) {
    limitReach(g, from, loads, to);
    return;
  }
  g.fed[to] = true;
  g.flowNext.push(g.firstFlow[to]);
  g.flowFrom.push(from);
  g.flowLoads.push(loads);
  g.firstFlow[to] = g.flowNext.length - 1;
  spreadFlow(g, to, g.flowNext.length - 1);
}

function spreadFlow(g: EscapeGraph, to: number, flow: number): void {
  const start = to * LEVELS + 1;
  for (let level = 0; level <= LAST; level++) {
    const far = g.reach[start + level];
    if (far < NOWHERE) limitReach(g, g.flowFrom[flow], level + g.flowLoads[flow], far);
  }
}

/** What `from` leads to by so many loads is given for a parameter, which is in the work list; by `toLoads` more, the result of that call goes to `to` (-1: nowhere). */
export function addArgument(g: EscapeGraph, param: number, from: number, loads: number, to: number, toLoads: number): void {
  g.callNext.push(g.firstCall[param]);
  g.callFrom.push(from);
  g.callLoads.push(loads);
  g.callTo.push(to);
  g.callToLoads.push(toLoads);
  g.callKnown.push(LAST + 1);
  if (to >= 0) g.fed[to] = true;
  g.firstCall[param] = g.callNext.length - 1;
}

/** The argument goes where the parameter is known to go. */
function spreadCall(g: EscapeGraph, param: number, call: number): void {
  const start = param * LEVELS + 1;
  let back = LAST + 1;
  let lost = LAST + 1;
  for (let level = LAST; level >= 0; level--) {
    if (g.reach[start + level] === Sink.heap) lost = level;
    if (g.reach[start + level] <= Sink.result) back = level;
  }
  if (lost <= LAST) limitReach(g, g.callFrom[call], lost + g.callLoads[call], Sink.heap);
  if (g.callTo[call] < 0 || back >= g.callKnown[call]) return;
  g.callKnown[call] = back;
  addFlow(g, g.callTo[call], back + g.callToLoads[call] + g.callLoads[call], g.callFrom[call]);
}

/** Brings every number as low as the flows and calls say. */
export function solveEscapes(g: EscapeGraph): void {
  for (let at = 0; at < g.work.length; at++) {
    const spot = g.work[at];
    g.queued[spot] = false;
    for (let flow = g.firstFlow[spot]; flow >= 0; flow = g.flowNext[flow]) spreadFlow(g, spot, flow);
    for (let call = g.firstCall[spot]; call >= 0; call = g.callNext[call]) spreadCall(g, spot, call);
  }
}

/** Whether the address of a spot may be held further out than the scope that the spot lives in. */
export function outlivesScope(g: EscapeGraph, spot: number): boolean {
  return g.reach[spot * LEVELS] < g.scope[spot];
}

/** Whether values of a type may hold addresses of variables. */
export function holdsAddress(g: EscapeGraph, type: number): boolean {
  return heldBy(g, type) === Holds.addresses;
}

/** Whether values of a type hold references, which end with their scope. */
export function holdsReference(g: EscapeGraph, type: number): boolean {
  return heldBy(g, type) !== Holds.nothing;
}

function heldBy(g: EscapeGraph, type: number): number {
  if (g.holding[type] === Holds.unknown) g.holding[type] = lookHeld(g, type);
  return g.holding[type];
}

function lookHeld(g: EscapeGraph, type: number): number {
  const info = g.types.list[type];
  switch (info.kind) {
    case Kind.string: case Kind.pointer: case Kind.slice: return Holds.addresses;
    case Kind.fn: case Kind.weak: return Holds.counted;
    case Kind.optional: case Kind.array: case Kind.error_union: case Kind.distinct: return heldBy(g, info.elem);
    case Kind.tuple: case Kind.struct: case Kind.union: {
      let held = Holds.nothing;
      for (const field of info.fields) {
        const part = heldBy(g, field.type);
        if (part === Holds.addresses) return part;
        if (part === Holds.counted) held = part;
      }
      return held;
    }
    default: return Holds.nothing;
  }
}
