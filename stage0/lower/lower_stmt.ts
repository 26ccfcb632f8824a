// Statements: declarations, assignments, defers, and expressions for their effect.
// In -> out: a statement node, to instructions. Each statement is a scope for its temporaries; the locals and defers
// it adds belong to the block around it, so they are put below the temporaries that are closed at its end.

import { TOp, type TNode } from "../check/tree.ts";
import { closeScope, emitCleanup, keepTemp, loadVal, pinVal, zeroVal } from "./counting.ts";
import { closeExits, pushCleanup } from "./exits.ts";
import { bindLocal, declareLocal } from "./locals.ts";
import { isUnwritten } from "./lower_aggregate.ts";
import { flatPart } from "./lower_access.ts";
import { lowerBinary, lowerBorrowed, lowerExpr, lowerOwned, lowerScalar } from "./lower_expr.ts";
import { concatVals } from "./lower_print.ts";
import { assignPlace, checkVariants, lowerPlace, lowerTarget, pinPlace, readPlace } from "./place.ts";
import { type Cleanup, CleanupKind, type FuncState, flatVal, layout, nodeOf, Own, scalarOf, typeInfo } from "./state.ts";

/** One statement of a block. */
export function lowerStatement(fs: FuncState, id: number): void {
  const n = nodeOf(fs, id);
  fs.b.pos = n.pos;
  const depth = fs.cleanups.length;
  switch (n.op) {
    case TOp.var_decl: lowerDecl(fs, n, depth); return;
    case TOp.destructure: lowerDestructure(fs, n, depth); return;
    case TOp.defer: pushCleanup(fs, CleanupKind.deferred, n.a, null); return;
    case TOp.errdefer: pushCleanup(fs, CleanupKind.on_error, n.a, null); return;
    case TOp.assign: lowerAssign(fs, n); break;
    case TOp.assign_op: lowerAssignOp(fs, n); break;
    case TOp.discard: keepTemp(fs, lowerExpr(fs, n.a)); break;
    case TOp.nothing: return;
    default: keepTemp(fs, lowerExpr(fs, id));
  }
  closeScope(fs, depth);
}

/** The local's own cleanup moves below the temporaries of its initialiser, which end now. */
function lowerDecl(fs: FuncState, n: TNode, depth: number): void {
  if (n.a >= 0) declareLocal(fs, n.n, n.a);
  else bindLocal(fs, n.n, zeroVal(fs, fs.f.locals[n.n].type));
  closeTempsBelow(fs, depth);
}

function closeTempsBelow(fs: FuncState, depth: number): void {
  const kept: Cleanup[] = [];
  const temps: Cleanup[] = [];
  while (fs.cleanups.length > depth) {
    const c = fs.cleanups[fs.cleanups.length - 1];
    fs.cleanups.pop();
    closeExits(fs, c);
    if (c.kind === CleanupKind.temp) temps.push(c);
    else kept.push(c);
  }
  for (const t of temps) emitCleanup(fs, t, false, -1);
  while (kept.length > 0) {
    fs.cleanups.push(kept[kept.length - 1]);
    kept.pop();
  }
}

function lowerDestructure(fs: FuncState, n: TNode, depth: number): void {
  const v = keepTemp(fs, lowerExpr(fs, n.a));
  const lay = layout(fs, v.type);
  const fields = typeInfo(fs, v.type).fields;
  for (let k = 0; k < n.list.length; k++) {
    if (n.list[k] < 0) continue;
    const part = v.address >= 0 ? loadVal(fs, fields[k].type, v.address, lay.offsets[k], v.own) : flatPart(fs, fields[k].type, v, lay.firstLeaf[k]);
    bindLocal(fs, n.list[k], part);
  }
  closeTempsBelow(fs, depth);
}

function lowerAssign(fs: FuncState, n: TNode): void {
  const late = fs.effects[n.b] > 0;
  const p = late ? lowerTarget(fs, n.a) : lowerPlace(fs, n.a);
  if (isUnwritten(fs, n.b)) return;
  pinPlace(fs, p, fs.effects[n.b]);
  const v = layout(fs, p.type).counted ? lowerOwned(fs, n.b) : lowerExpr(fs, n.b);
  fs.b.pos = n.pos;
  if (late) checkVariants(fs, p, "wrong variant");
  assignPlace(fs, p, v);
}

/** The place is evaluated once, read, and written. */
function lowerAssignOp(fs: FuncState, n: TNode): void {
  const p = lowerPlace(fs, n.a);
  pinPlace(fs, p, fs.effects[n.b]);
  const old = pinVal(fs, readPlace(fs, p), fs.effects[n.b]);
  if (layout(fs, p.type).counted) {
    const joined = concatVals(fs, old, lowerBorrowed(fs, n.b));
    if (fs.effects[n.b] > 0) checkVariants(fs, p, "wrong variant");
    assignPlace(fs, p, joined);
    return;
  }
  const right = lowerScalar(fs, n.b);
  if (fs.effects[n.b] > 0) checkVariants(fs, p, "wrong variant");
  assignPlace(fs, p, flatVal(p.type, [lowerBinary(fs, n, p.type, scalarOf(old), right)], Own.stable));
}
