// A model of counted objects: what a program of test/kit/ownership.ts does, computed without its compiler.
// Values are immutable but for cells, which are the counted objects and arrays. An object dies when no variable, no
// value in flight and no living cell refers to it; circles stay alive, as counting leaves them. The model looks for the
// dead only where a program can tell: at its checkpoints and when it reads a weak reference.

export interface Cell {
  kind: "leaf" | "node" | "array";
  /** Number of the object in order of making; 0 for arrays. */
  id: number;
  /** leaf: val, label. node: next, leaf, pay, kids, up, ties. array: the elements. */
  slots: Value[];
  dead: boolean;
}

export interface StructValue { is: "struct"; fields: Value[] }
/** tag: None One Two Text Fun, with payload. */
export interface UnionValue { is: "union"; tag: number; payload: Value }
/** cap: how many of the slots are the list's; a list of a slice may have fewer than its storage. */
export interface ListValue { is: "list"; items: Cell; count: number; cap: number }
export interface SliceValue { is: "slice"; items: Cell; from: number; len: number }
/** Adds the value of what is captured and a constant to its argument. */
export interface FunValue { is: "fun"; captured: Value; add: number }
/** The address of a leaf's value. */
export interface PlaceValue { is: "place"; leaf: Cell }
export interface WeakValue { is: "weak"; cell: Cell | null }

export type Value = number | string | null | Cell | StructValue | UnionValue | ListValue | SliceValue | FunValue | PlaceValue | WeakValue;

export interface Variable { name: string; type: string; mutable: boolean }

/** How a statement ended: by itself (null), or by a jump. */
export type Jump = null | { kind: "break" | "continue"; label: string } | { kind: "return"; value: Value; failed: boolean } | { kind: "give"; value: Value };

/** One call: its variables, and the scopes that are open, each with what it declared and deferred, in order. */
interface Frame { values: Map<Variable, Value>; scopes: Scope[] }
interface Scope { variables: Variable[]; deferred: { onError: boolean; run: () => void }[] }

export interface Machine {
  frames: Frame[];
  globals: Map<Variable, Value>;
  /** Values in flight: arguments, subjects of loops, places about to be stored to. */
  held: Value[];
  cells: Cell[];
  made: number;
  alive: number;
  deadSum: number;
  steps: number;
  lines: string[];
}

/** A program that runs for too long is given up by its generator. */
export class TooLong extends Error {}

const MAX_STEPS = 1500;

export function newMachine(): Machine {
  return { frames: [], globals: new Map(), held: [], cells: [], made: 0, alive: 0, deadSum: 0, steps: 0, lines: [] };
}

export function step(m: Machine): void {
  m.steps += 1;
  if (m.steps > MAX_STEPS) throw new TooLong();
}

function newCell(m: Machine, kind: Cell["kind"], slots: Value[]): Cell {
  const cell: Cell = { kind, id: 0, slots, dead: false };
  m.cells.push(cell);
  return cell;
}

export function newObject(m: Machine, kind: "leaf" | "node", slots: Value[]): Cell {
  const cell = newCell(m, kind, slots);
  m.made += 1;
  m.alive += 1;
  cell.id = m.made;
  return cell;
}

export function newArray(m: Machine, len: number): Cell {
  return newCell(m, "array", new Array<Value>(len).fill(null));
}

/** The cells that a value refers to, once for each reference; a weak one does not. */
function refsOf(v: Value, out: Cell[]): void {
  if (v === null || typeof v !== "object") return;
  if ("kind" in v) {
    out.push(v);
    return;
  }
  switch (v.is) {
    case "struct": for (const f of v.fields) refsOf(f, out); break;
    case "union": refsOf(v.payload, out); break;
    case "list": case "slice": out.push(v.items); break;
    case "fun": refsOf(v.captured, out); break;
    case "place": out.push(v.leaf); break;
    case "weak": break;
  }
}

/** All values that there are, parts of others apart. */
function allValues(m: Machine): Value[] {
  return [...m.frames.flatMap((f) => [...f.values.values()]), ...m.globals.values(), ...m.held, ...m.cells.flatMap((c) => c.slots)];
}

/** What everything refers to, once for each reference. */
function allRefs(m: Machine): Cell[] {
  const refs: Cell[] = [];
  for (const v of allValues(m)) refsOf(v, refs);
  return refs;
}

/** Takes away every cell that nothing refers to any more, and those that only such cells referred to. */
export function collect(m: Machine): void {
  const counts = new Map<Cell, number>();
  for (const c of allRefs(m)) counts.set(c, (counts.get(c) ?? 0) + 1);
  const pending = m.cells.filter((c) => !counts.has(c));
  while (pending.length > 0) {
    const cell = pending.pop() as Cell;
    bury(m, cell);
    const lost: Cell[] = [];
    for (const v of cell.slots) refsOf(v, lost);
    for (const c of lost) {
      const left = (counts.get(c) ?? 0) - 1;
      counts.set(c, left);
      if (left === 0) pending.push(c);
    }
  }
  m.cells = m.cells.filter((c) => !c.dead);
}

/** What deinit does: a leaf adds its number to the sum of the dead, a node three times its own and that of its leaf. */
function bury(m: Machine, cell: Cell): void {
  if (cell.dead) throw new Error("the model buries an object twice");
  cell.dead = true;
  if (cell.kind === "array") return;
  m.alive -= 1;
  m.deadSum += cell.kind === "leaf" ? cell.id : cell.id * 3 + (cell.slots[1] as Cell).id;
}

/** A checkpoint: what the program prints there. */
export function say(m: Machine, mark: number, value: number | string): void {
  collect(m);
  m.lines.push(`${mark} ${m.alive} ${m.deadSum} ${value}`);
}

export function weakTarget(m: Machine, v: Value): Cell | null {
  collect(m);
  const cell = (v as WeakValue).cell;
  return cell === null || cell.dead ? null : cell;
}

function frame(m: Machine): Frame {
  return m.frames[m.frames.length - 1];
}

export function readVar(m: Machine, v: Variable): Value {
  const global = m.globals.get(v);
  const found = global !== undefined ? global : frame(m).values.get(v);
  if (found === undefined) throw new Error(`the model has no variable ${v.name}`);
  return found;
}

export function writeVar(m: Machine, v: Variable, value: Value): void {
  if (m.globals.has(v)) m.globals.set(v, value);
  else frame(m).values.set(v, value);
}

export function declareVar(m: Machine, v: Variable, value: Value): void {
  const f = frame(m);
  f.values.set(v, value);
  f.scopes[f.scopes.length - 1].variables.push(v);
}

export function deferRun(m: Machine, onError: boolean, run: () => void): void {
  const scopes = frame(m).scopes;
  scopes[scopes.length - 1].deferred.push({ onError, run });
}

/** Runs something in a scope of its own; what it deferred runs last first, then its variables go. */
export function inScope(m: Machine, run: () => Jump): Jump {
  const f = frame(m);
  const scope: Scope = { variables: [], deferred: [] };
  f.scopes.push(scope);
  const held = m.held.length;
  const jump = run();
  if (jump !== null && "value" in jump) m.held.push(jump.value);
  const failed = jump !== null && jump.kind === "return" && jump.failed;
  while (scope.deferred.length > 0) {
    const d = scope.deferred.pop();
    if (d !== undefined && (failed || !d.onError)) d.run();
  }
  for (const v of scope.variables) f.values.delete(v);
  f.scopes.pop();
  m.held.length = held;
  return jump;
}

/** Calls a function: its arguments are held for the whole call. */
export function callModel(m: Machine, params: Variable[], args: Value[], body: () => Jump): Jump {
  step(m);
  const held = m.held.length;
  for (const a of args) m.held.push(a);
  m.frames.push({ values: new Map(), scopes: [] });
  const jump = inScope(m, () => {
    for (const [i, p] of params.entries()) declareVar(m, p, args[i]);
    return body();
  });
  m.frames.pop();
  m.held.length = held;
  return jump;
}

/** Holds a value until the statement ends. */
export function hold(m: Machine, v: Value): Value {
  m.held.push(v);
  return v;
}

// Lists, as std/list has them: a struct of storage and count, whose copies share the storage until one of them adds or
// removes an element while something else holds it. What else a call holds for itself, a list that is only passed on to
// a function say, cannot be told from the outside: a list that detaches for no other holder gives up what nobody reads.

export function emptyList(m: Machine): ListValue {
  return { is: "list", items: newArray(m, 0), count: 0, cap: 0 };
}

/** Whether a weak reference to a cell lies in a value. */
function looksAt(v: Value, cell: Cell): boolean {
  if (v === null || typeof v !== "object" || "kind" in v) return false;
  switch (v.is) {
    case "weak": return v.cell === cell;
    case "struct": return v.fields.some((f) => looksAt(f, cell));
    case "union": return looksAt(v.payload, cell);
    case "fun": return looksAt(v.captured, cell);
    default: return false;
  }
}

/** Whether one reference is all there is to a cell, and no weak one. */
export function isUnique(m: Machine, cell: Cell): boolean {
  collect(m);
  const weak = allValues(m).some((v) => looksAt(v, cell));
  return !weak && allRefs(m).filter((c) => c === cell).length === 1;
}

/** Whether anything but one list holds its storage. What is in flight must be held by the machine. */
function shared(m: Machine, list: ListValue): boolean {
  collect(m);
  return allRefs(m).filter((c) => c === list.items).length > 1;
}

/** A list with room for so many elements more in storage of its own. */
function ownList(m: Machine, list: ListValue, more: number): ListValue {
  if (list.count + more <= list.cap && !shared(m, list)) return list;
  return copied(m, list, Math.max(list.cap, list.count + more));
}

function copied(m: Machine, list: ListValue, cap: number): ListValue {
  const items = newArray(m, cap);
  for (let i = 0; i < list.count; i++) items.slots[i] = list.items.slots[i];
  return { is: "list", items, count: list.count, cap };
}

export function listAppend(m: Machine, list: ListValue, v: Value): ListValue {
  return listAppendAll(m, list, [v]);
}

export function listAppendAll(m: Machine, list: ListValue, values: Value[]): ListValue {
  for (const v of values) hold(m, v);
  const own = ownList(m, list, values.length);
  for (const [i, v] of values.entries()) own.items.slots[own.count + i] = v;
  return { ...own, count: own.count + values.length };
}

export function listInsert(m: Machine, list: ListValue, index: number, v: Value): ListValue {
  const longer = listAppend(m, list, v);
  const s = longer.items.slots;
  for (let i = longer.count - 1; i > index; i--) s[i] = s[i - 1];
  s[index] = v;
  return longer;
}

export function listPop(m: Machine, list: ListValue): [ListValue, Value] {
  return list.count === 0 ? [list, null] : listRemove(m, list, list.count - 1, true);
}

export function listRemove(m: Machine, list: ListValue, index: number, ordered: boolean): [ListValue, Value] {
  const own = ownList(m, list, 0);
  const s = own.items.slots;
  const last = own.count - 1;
  const v = s[index];
  if (ordered) for (let i = index; i < last; i++) s[i] = s[i + 1];
  else s[index] = s[last];
  s[last] = null;
  return [{ ...own, count: last }, v];
}

export function listClear(m: Machine, list: ListValue): ListValue {
  if (shared(m, list)) return emptyList(m);
  for (let i = 0; i < list.count; i++) list.items.slots[i] = null;
  return { ...list, count: 0 };
}

export function listReverse(list: ListValue): void {
  const turned = list.items.slots.slice(0, list.count).reverse();
  for (let i = 0; i < list.count; i++) list.items.slots[i] = turned[i];
}

export function listClone(m: Machine, list: ListValue): ListValue {
  return copied(m, list, list.count);
}

export function listSlice(list: ListValue): SliceValue {
  return { is: "slice", items: list.items, from: 0, len: list.count };
}

/** The list of a slice: it shares a whole array, and what begins with one. */
export function listOf(m: Machine, s: SliceValue): ListValue {
  const view: ListValue = { is: "list", items: s.items, count: s.len, cap: s.len };
  if (s.from === 0) return view;
  const items = newArray(m, s.len);
  items.slots = s.items.slots.slice(s.from, s.from + s.len);
  return { ...view, items };
}
