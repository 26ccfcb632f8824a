// switch.
// In -> out: a switch node, to tests in order and arms that meet. A subject that is an integer with only constant
// patterns and no guards becomes a br_table when its values are dense; otherwise arms are tested one after another.
// The subject is evaluated once and, if it holds references and is captured, owned or stable for the whole switch.

import { eqI64, fitsI32, i64From, lowI32, ltI64, subI64, addI64, type I64 } from "../base/int64.ts";
import { lowI64 } from "../base/int128.ts";
import { TOp, type TNode } from "../check/tree.ts";
import { Kind, TypeId } from "../check/types.ts";
import { emitBrif, emitBrTable, emitIconst, emitJump, emitTrap, emitValue, newBlock } from "../ssa/builder.ts";
import { Op, Type } from "../ssa/ops.ts";
import { emitCleanups, keepTemp, ownVal } from "./counting.ts";
import { treeChangesVariants } from "./changers.ts";
import { captureHeld } from "./held.ts";
import { bindLocal } from "./locals.ts";
import { lowerSubject, placeOfVal } from "./lower_access.ts";
import { isValued, startBlock } from "./lower_control.ts";
import { equalVals } from "./lower_equal.ts";
import { integerInfo, lowerBorrowed, lowerExpr, lowerScalar } from "./lower_expr.ts";
import { closeMerge, mergeArmFrom, openMerge } from "./merge.ts";
import { addressOfPlace, checkVariants, emitPanic, firstLeafOf, guardedPlace, isPlace, type Place, readPlace, variantPlace } from "./place.ts";
import { type FuncState, flatVal, type Merge, nodeOf, Own, scalarOf, typeInfo, type Val } from "./state.ts";

/** What a switch looks at: a scalar, a string, or a union's place and tag. */
interface Scrutinee {
  kind: number;
  type: number;
  /** The scalar or tag. */
  value: number;
  text: Val;
  place: Place | null;
  /** A guard may have changed it. */
  unsure: boolean;
}

/** A switch node. */
export function lowerSwitch(fs: FuncState, n: TNode): Val {
  const m = openMerge(fs, isValued(fs, n.type) ? n.type : TypeId.void);
  const s = lowerScrutinee(fs, n);
  if (isTable(fs, n, s)) lowerTable(fs, n, s, m);
  else lowerTests(fs, n, s, m);
  return closeMerge(fs, m);
}

function lowerScrutinee(fs: FuncState, n: TNode): Scrutinee {
  const type = nodeOf(fs, n.a).type;
  const kind = typeInfo(fs, type).kind;
  const none = flatVal(type, [], Own.stable);
  if (kind === Kind.string || kind === Kind.slice) {
    return { kind: kind, type: type, value: -1, text: heldVal(fs, lowerExpr(fs, n.a)), place: null, unsure: false };
  }
  if (kind !== Kind.union) return { kind: kind, type: type, value: lowerScalar(fs, n.a), text: none, place: null, unsure: false };
  if (isPlace(fs, n.a)) return unionScrutinee(fs, lowerSubject(fs, n.a), none);
  const v = lowerBorrowed(fs, n.a);
  if (v.address < 0) return { kind: kind, type: type, value: scalarOf(v), text: none, place: null, unsure: false };
  return unionScrutinee(fs, placeOfVal(v), none);
}

function unionScrutinee(fs: FuncState, place: Place, none: Val): Scrutinee {
  if (place.base !== null) place.base = heldVal(fs, place.base);
  return { kind: Kind.union, type: place.type, value: firstLeafOf(fs, place), text: none, place: place, unsure: false };
}

/** Owned for the rest of the statement unless somebody else holds it that long. */
function heldVal(fs: FuncState, v: Val): Val {
  if (v.own === Own.stable || v.own === Own.temp || v.address >= 0) return keepTemp(fs, v);
  return keepTemp(fs, ownVal(fs, v));
}

/** Tests arm after arm; each has a block for its body and one for what comes next. */
function lowerTests(fs: FuncState, n: TNode, s: Scrutinee, m: Merge): void {
  let open = true;
  for (const id of n.list) {
    const arm = nodeOf(fs, id);
    if (arm.list.length === 0 && arm.b < 0) {
      lowerArm(fs, arm, s, m, -1);
      open = false;
      break;
    }
    const next = newBlock(fs.b);
    if (arm.list.length > 0) {
      const yes = newBlock(fs.b);
      emitBrif(fs.b, matchesAny(fs, arm, s), yes, next);
      startBlock(fs, yes);
    }
    lowerArm(fs, arm, s, m, next);
    startBlock(fs, next);
  }
  if (open) lowerNoArm(fs, n, s, m);
}

/** No arm takes the value: of an enum, it has none of the values declared; a switch without a value may match nothing. */
function lowerNoArm(fs: FuncState, n: TNode, s: Scrutinee, m: Merge): void {
  if (s.kind === Kind.enum && !fs.l.unchecked) {
    emitPanic(fs, "invalid enum value", n.pos);
    emitTrap(fs.b, 0);
  } else if (isValued(fs, m.type)) {
    emitTrap(fs.b, 0);
  } else {
    emitJump(fs.b, m.block, []);
  }
}

function matchesAny(fs: FuncState, arm: TNode, s: Scrutinee): number {
  fs.b.pos = arm.pos;
  let any = -1;
  for (const id of arm.list) {
    const one = matchesOne(fs, nodeOf(fs, id), id, s);
    any = any < 0 ? one : emitValue(fs.b, Op.bor, Type.i32, [any, one], Type.i32);
  }
  return any;
}

function matchesOne(fs: FuncState, p: TNode, id: number, s: Scrutinee): number {
  if (s.kind === Kind.string || s.kind === Kind.slice) return equalVals(fs, s.text, lowerBorrowed(fs, id));
  const type = fs.b.func.valueType[s.value];
  if (p.op !== TOp.range) return emitValue(fs.b, Op.eq, type, [s.value, emitIconst(fs.b, type, patternValue(p))], Type.i32);
  const signed = integerInfo(fs, s.type).signed;
  const low = emitIconst(fs.b, type, lowI64(p.value));
  const high = emitIconst(fs.b, type, lowI64(p.value2));
  const above = emitValue(fs.b, signed ? Op.sge : Op.uge, type, [s.value, low], Type.i32);
  const below = emitValue(fs.b, signed ? Op.sle : Op.ule, type, [s.value, high], Type.i32);
  return emitValue(fs.b, Op.band, Type.i32, [above, below], Type.i32);
}

function patternValue(p: TNode): I64 {
  return p.op === TOp.const_error ? i64From(p.n) : lowI64(p.value);
}

/** Captures, guard and body; a guard that fails goes to `next`. */
function lowerArm(fs: FuncState, arm: TNode, s: Scrutinee, m: Merge, next: number): void {
  const depth = fs.cleanups.length;
  if (arm.n >= 0) bindCapture(fs, arm, s);
  if (arm.b >= 0) {
    if (s.place !== null && fs.effects[arm.b] > 0 && treeChangesVariants(fs.l, fs.f, arm.b)) s.unsure = true;
    const ok = lowerScalar(fs, arm.b);
    const yes = newBlock(fs.b);
    const no = newBlock(fs.b);
    emitBrif(fs.b, ok, yes, no);
    startBlock(fs, no);
    emitCleanups(fs, depth, false, -1);
    emitJump(fs.b, next, []);
    startBlock(fs, yes);
  }
  mergeArmFrom(fs, m, arm.a, depth);
}

function bindCapture(fs: FuncState, arm: TNode, s: Scrutinee): void {
  const type = fs.f.locals[arm.n].type;
  if (s.place !== null) {
    if (s.unsure && arm.list.length > 0) checkVariants(fs, guardedPlace(fs, s.place, type, s.value, arm.pos), "changed while captured");
    if (arm.byRef) {
      const payload = guardedPlace(fs, s.place, typeInfo(fs, type).elem, s.value, arm.pos);
      if (arm.n2 >= 0 && (fs.f.locals[arm.n2].moved || armChanges(fs, arm))) captureHeld(fs, arm.n, { local: arm.n2, place: payload });
      else bindLocal(fs, arm.n, addressOfPlace(fs, payload, type));
    } else {
      bindLocal(fs, arm.n, readPlace(fs, variantPlace(fs, s.place, type)));
    }
    return;
  }
  bindLocal(fs, arm.n, s.kind === Kind.union ? flatVal(type, [], Own.stable) : captureScalar(s, type));
}

/** Whether a guard or body may change the variant of a union. */
function armChanges(fs: FuncState, arm: TNode): boolean {
  if (fs.effects[arm.a] === 0 && (arm.b < 0 || fs.effects[arm.b] === 0)) return false;
  return treeChangesVariants(fs.l, fs.f, arm.a) || treeChangesVariants(fs.l, fs.f, arm.b);
}

function captureScalar(s: Scrutinee, type: number): Val {
  return s.value >= 0 ? flatVal(type, [s.value], Own.stable) : s.text;
}

/** Whether the switch is on an integer, by constants that lie close together, without guards. */
function isTable(fs: FuncState, n: TNode, s: Scrutinee): boolean {
  if (s.value < 0) return false;
  let count = 0;
  let low = i64From(0);
  let high = i64From(0);
  for (const id of n.list) {
    const arm = nodeOf(fs, id);
    if (arm.b >= 0) return false;
    for (const p of arm.list) {
      const from = patternValue(nodeOf(fs, p));
      const to = nodeOf(fs, p).op === TOp.range ? lowI64(nodeOf(fs, p).value2) : from;
      // From 2^63 on an unsigned number is negative here, and a range that begins below would end before it begins.
      if (!fitsI32(from) || !fitsI32(to) || ltI64(to, from)) return false;
      if (count === 0 || ltI64(from, low)) low = from;
      if (count === 0 || ltI64(high, to)) high = to;
      count += 1;
    }
  }
  if (count < 4) return false;
  const span = subI64(high, low);
  return fitsI32(span) && lowI32(span) < 4 * count + 8;
}

/** One br_table over value - low; the first arm that names a value gets it. */
function lowerTable(fs: FuncState, n: TNode, s: Scrutinee, m: Merge): void {
  const blocks: number[] = [];
  const low = leastPattern(fs, n);
  const cases: number[] = [];
  let fallback = -1;
  for (const id of n.list) {
    const arm = nodeOf(fs, id);
    const block = newBlock(fs.b);
    blocks.push(block);
    if (arm.list.length === 0 && fallback < 0) fallback = block;
    for (const p of arm.list) claimCases(nodeOf(fs, p), low, block, cases);
  }
  const missing = newBlock(fs.b);
  const otherwise = fallback < 0 ? missing : fallback;
  const targets: number[] = [];
  for (const c of cases) targets.push(c < 0 ? otherwise : c);
  targets.push(otherwise);
  emitBrTable(fs.b, tableIndex(fs, s, low, cases.length), targets);
  for (let k = 0; k < blocks.length; k++) {
    startBlock(fs, blocks[k]);
    lowerArm(fs, nodeOf(fs, n.list[k]), s, m, -1);
  }
  startBlock(fs, missing);
  fs.b.pos = n.pos;
  if (fallback < 0) lowerNoArm(fs, n, s, m);
  else emitTrap(fs.b, 0);
}

function leastPattern(fs: FuncState, n: TNode): I64 {
  let low = i64From(0);
  let first = true;
  for (const id of n.list) {
    for (const p of nodeOf(fs, id).list) {
      const from = patternValue(nodeOf(fs, p));
      if (first || ltI64(from, low)) low = from;
      first = false;
    }
  }
  return low;
}

function claimCases(p: TNode, low: I64, block: number, cases: number[]): void {
  const from = patternValue(p);
  const last = p.op === TOp.range ? lowI64(p.value2) : from;
  let at = from;
  while (!ltI64(last, at)) {
    const index = lowI32(subI64(at, low));
    while (cases.length <= index) cases.push(-1);
    if (cases[index] < 0) cases[index] = block;
    at = addI64(at, i64From(1));
  }
}

/** value - low as an i32 that is out of the table whenever the value is. */
function tableIndex(fs: FuncState, s: Scrutinee, low: I64, size: number): number {
  const type = fs.b.func.valueType[s.value];
  let index = s.value;
  if (!eqI64(low, i64From(0))) index = emitValue(fs.b, Op.isub, type, [index, emitIconst(fs.b, type, low)], type);
  if (type === Type.i32) return index;
  const limit = emitIconst(fs.b, Type.i64, i64From(size));
  const inside = emitValue(fs.b, Op.ult, Type.i64, [index, limit], Type.i32);
  const clipped = emitValue(fs.b, Op.select, Type.i64, [inside, index, limit], Type.i64);
  return emitValue(fs.b, Op.ireduce, Type.i32, [clipped], Type.i32);
}
