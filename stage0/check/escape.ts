// Escape analysis: which locals live in counted objects, because their addresses may outlive their scopes.
// In -> out: a checked program, to `moved` of its locals. All functions are walked once; what their parameters do with
// addresses is found for the whole program at the same time, over the call graph (see escape_graph). It is flow-insensitive, knows no
// fields apart, and takes what goes to a function value or is stored through a pointer for lost; in doubt a local moves.
// The runtime has no objects below it, so nothing of it may move: there it is an error.

import { filledNumbers } from "../base/arrays.ts";
import { type Diags, reportHint } from "../base/diag.ts";
import { nameText } from "../base/intern.ts";
import { hasPrefix } from "../base/table.ts";
import { addSpot, type EscapeGraph, holdsAddress, newEscapeGraph, outlivesScope, placeSpot, solveEscapes } from "./escape_graph.ts";
import { type EscapeWalk, PARAM_DEPTH, walkEscapes } from "./escape_walk.ts";
import type { Program, TFunc } from "./tree.ts";

/** Marks the locals that move; how many there are. */
export function markMoved(program: Program, diags: Diags): number {
  if (program.funcs.length === 0) return 0;
  const g = newEscapeGraph(program.types);
  const w: EscapeWalk = { g: g, funcs: program.funcs, bases: filledNumbers(program.funcs.length, 0), f: program.funcs[0], base: 0, depth: 0, turn: 0, labelTo: [], labelLoads: [] };
  for (let k = 0; k < program.funcs.length; k++) w.bases[k] = addLocals(g, program.funcs[k]);
  for (let k = 0; k < program.funcs.length; k++) walkEscapes(w, k);
  solveEscapes(g);
  let moved = 0;
  for (let k = 0; k < program.funcs.length; k++) moved += markFunc(program, diags, program.funcs[k], g, w.bases[k]);
  return moved;
}

/** The spots of a function's locals, the first one's number; parameters and captures live in its outermost scope. */
function addLocals(g: EscapeGraph, f: TFunc): number {
  const base = g.scope.length;
  for (let k = 0; k < f.locals.length; k++) addSpot(g, -1);
  for (const p of f.params) placeSpot(g, base + p, PARAM_DEPTH, holdsAddress(g, f.locals[p].type));
  for (const c of f.captures) placeSpot(g, base + c, PARAM_DEPTH, holdsAddress(g, f.locals[c].type));
  return base;
}

function markFunc(program: Program, diags: Diags, f: TFunc, g: EscapeGraph, base: number): number {
  let moved = 0;
  for (let k = 0; k < f.locals.length; k++) {
    const local = f.locals[k];
    if (!local.addressTaken || !outlivesScope(g, base + k)) continue;
    local.moved = true;
    moved += 1;
    if (!hasPrefix(f.name, "std/rt/")) continue;
    reportHint(diags, local.pos, "escapes", "the address of '" + nameText(program.names, local.name) + "' may outlive its scope", "nothing moves to the heap in std/rt");
  }
  return moved;
}
