// Error sets: declared, merged, of one error, and inferred.
// In -> out: sets as types with their errors' internal numbers. An inferred set grows while bodies are checked; what
// it must contain, and what must contain it, is written down as demands and settled at the end by a work list.
// Member 0 stands for "any error" in an inferred set. What a set has got is handed on once, and sets of more than a few errors
// are asked by a map, so that n errors take n steps.

import { appendText, newBytes, textOfBytes } from "../base/bytes.ts";
import { report } from "../base/diag.ts";
import { nameText } from "../base/intern.ts";
import { sortedNumbers } from "../base/sort.ts";
import { type Checker, checkError, errorIndex, type CheckState, shown, syntaxNode } from "./checker.ts";
import { addType, Kind, TypeId, typeText } from "./types.ts";

/** The type of "error { A, B }": of its own when it has a name, else one for each list of members. */
export function declareErrorSet(f: CheckState, id: number, name: string): number {
  const members: number[] = [];
  const seen: Map<number, number> = new Map();
  for (const item of syntaxNode(f, id).list) {
    const n = syntaxNode(f, item);
    const index = errorIndex(f.c, n.name);
    if (seen.has(index)) checkError(f, n.pos, "duplicate-name", "'" + nameText(f.c.names, n.name) + "' stands twice in the error set");
    else members.push(index);
    seen.set(index, 1);
  }
  if (name === "") return errorSetOf(f.c, members);
  const type = addType(f.c.types, Kind.error_set, name);
  f.c.types.list[type].members = members;
  return type;
}

/** The set type of a list of errors. */
export function errorSetOf(c: Checker, members: number[]): number {
  const sorted = sortedSet(members);
  const bytes = newBytes();
  appendText(bytes, "error{");
  for (const m of sorted) appendText(bytes, m + ",");
  const key = textOfBytes(bytes, 0, bytes.len);
  const known = c.types.keys.get(key);
  if (known !== undefined) return known;
  const type = addType(c.types, Kind.error_set, setName(c, sorted));
  c.types.list[type].members = sorted;
  c.types.keys.set(key, type);
  return type;
}

function setName(c: Checker, members: number[]): string {
  const bytes = newBytes();
  appendText(bytes, "error{");
  for (let i = 0; i < members.length; i++) appendText(bytes, (i > 0 ? ", " : "") + nameText(c.names, c.errorNames[members[i]]));
  appendText(bytes, "}");
  return textOfBytes(bytes, 0, bytes.len);
}

/** Ascending, none twice. */
function sortedSet(members: number[]): number[] {
  const out: number[] = [];
  for (const m of sortedNumbers(members)) if (out.length === 0 || out[out.length - 1] !== m) out.push(m);
  return out;
}

/** A || B. */
export function mergeErrorSets(f: CheckState, a: number, b: number, pos: number): number {
  if (a === TypeId.invalid || b === TypeId.invalid) return TypeId.invalid;
  const t = f.c.types;
  if (t.list[a].kind !== Kind.error_set || t.list[b].kind !== Kind.error_set) {
    checkError(f, pos, "not-an-error-set", shown(f, t.list[a].kind !== Kind.error_set ? a : b) + " is not an error set");
    return TypeId.invalid;
  }
  if (a === TypeId.any_error || b === TypeId.any_error) return TypeId.any_error;
  const members: number[] = [];
  for (const m of t.list[a].members) members.push(m);
  for (const m of t.list[b].members) members.push(m);
  return errorSetOf(f.c, members);
}

/** A set that grows with the body of a function. */
export function newInferredSet(c: Checker, funcName: string): number {
  const type = addType(c.types, Kind.error_set, "errors of " + funcName);
  c.inferred.set(type, true);
  return type;
}

/** Whether every error of one set is in another; what only the end can tell is demanded and taken as true. */
export function errorsFit(f: CheckState, from: number, to: number, pos: number): boolean {
  const c = f.c;
  if (from === to || to === TypeId.any_error) return true;
  if (c.inferred.has(to) || c.inferred.has(from)) {
    c.demands.push({ pos: pos, from: from, to: to, handled: noErrors });
    return true;
  }
  return from !== TypeId.any_error && missingError(c, from, to) < 0;
}

const noErrors: number[] = [];

/** An error of one set that is not in another, or -1. */
function missingError(c: Checker, from: number, to: number): number {
  for (const m of c.types.list[from].members) if (!isMember(c, to, m)) return m;
  return -1;
}

/** Members that are looked through one by one. */
const FEW_MEMBERS = 8;

/** Whether a set has an error. */
function isMember(c: Checker, set: number, member: number): boolean {
  const members = c.types.list[set].members;
  if (members.length <= FEW_MEMBERS) return members.indexOf(member) >= 0;
  let id = c.memberIds.get(set);
  if (id === undefined) {
    id = c.memberMaps.length;
    c.memberIds.set(set, id);
    c.memberMaps.push(new Map());
    c.memberCounts.push(0);
  }
  for (let k = c.memberCounts[id]; k < members.length; k++) c.memberMaps[id].set(members[k], 1);
  c.memberCounts[id] = members.length;
  return c.memberMaps[id].has(member);
}

/** The number of an error of a set by its name, or -1; an inferred set may have any. */
export function errorIndexIn(c: Checker, set: number, name: number): number {
  const index = c.errorIds.get(name);
  if (index === undefined) return -1;
  return set === TypeId.any_error || isMember(c, set, index) ? index : -1;
}

/** Demands that a switch over a set names all its errors. */
export function demandHandled(f: CheckState, set: number, handled: number[], pos: number): void {
  f.c.demands.push({ pos: pos, from: set, to: -1, handled: handled });
}

/** Grows the inferred sets to what they must contain, then reports the demands that are not met. */
export function settleErrorSets(c: Checker): void {
  const outgoing: Map<number, number> = new Map();
  const targets: number[][] = [];
  // How many members of each have gone to its targets.
  const sent: number[] = [];
  const work: number[] = [];
  for (const d of c.demands) {
    if (d.to < 0 || !c.inferred.has(d.to)) continue;
    let known = outgoing.get(d.from);
    if (known === undefined) {
      known = targets.length;
      outgoing.set(d.from, known);
      targets.push([]);
      sent.push(0);
      work.push(d.from);
    }
    const list = targets[known];
    if (list.length === 0 || list[list.length - 1] !== d.to) list.push(d.to);
  }
  while (work.length > 0) {
    const from = work.pop()!;
    const known = outgoing.get(from);
    if (known === undefined) continue;
    const members = from === TypeId.any_error ? anyMember : c.types.list[from].members;
    if (sent[known] === members.length) continue;
    for (const to of targets[known]) if (growSet(c, members, sent[known], to)) work.push(to);
    sent[known] = members.length;
  }
  for (const d of c.demands) {
    if (d.to < 0) reportUnhandled(c, d.from, d.handled, d.pos);
    else if (!c.inferred.has(d.to)) reportMissing(c, d.from, d.to, d.pos);
  }
}

/** Adds the members of a list from an index on; whether the set has grown. */
function growSet(c: Checker, added: number[], first: number, to: number): boolean {
  const members = c.types.list[to].members;
  const before = members.length;
  for (let k = first; k < added.length; k++) if (!isMember(c, to, added[k])) members.push(added[k]);
  return members.length > before;
}

const anyMember: number[] = [0];

function reportMissing(c: Checker, from: number, to: number, pos: number): void {
  const missing = missingError(c, from, to);
  if (missing < 0) return;
  const text = missing === 0 ? "any error may come here, which '" + typeText(c.types, to) + "' does not hold" : "'error." + nameText(c.names, c.errorNames[missing]) + "' is not in '" + typeText(c.types, to) + "'";
  report(c.diags, pos, "error-not-in-set", text);
}

function reportUnhandled(c: Checker, set: number, handled: number[], pos: number): void {
  let text = "";
  let count = 0;
  const known: Map<number, number> = new Map();
  for (const m of handled) known.set(m, 1);
  for (const m of c.types.list[set].members) {
    if (known.has(m)) continue;
    if (m === 0 || count >= 5) text += (count > 0 ? ", " : "") + "other errors";
    else text += (count > 0 ? ", " : "") + "error." + nameText(c.names, c.errorNames[m]);
    count += 1;
    if (count > 5) break;
  }
  if (count > 0) report(c.diags, pos, "not-exhaustive", "this switch does not handle " + text);
}
