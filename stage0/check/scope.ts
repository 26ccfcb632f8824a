// Names: declaring them in scopes and finding what they stand for.
// In -> out: a name and a place, to an entity id. A name is looked for in the blocks around, in the types around
// (constants and nested types only), in the file, in the files it imports, and last among the predeclared ones.

import { errorCount, reportHint } from "../base/diag.ts";
import { minI32 } from "../base/int32.ts";
import { internName, nameText } from "../base/intern.ts";
import { distanceBelow, farDistance } from "../base/near.ts";
import { NodeKind } from "../syntax/ast.ts";
import { addLocal, type Checker, checkError, checkErrorHint, type Entity, EntityKind, type CheckState, type Scope, shownName, syntaxNode } from "./checker.ts";
import { memberEntity } from "./member.ts";
import { Kind, sizedInt, TypeId } from "./types.ts";

/** A new entity; the caller fills in what its kind needs and declares it. */
export function addEntity(c: Checker, kind: number, name: number, pos: number, unit: number, node: number, scope: Scope): number {
  const e: Entity = {
    kind: kind, name: name, pos: pos, unit: unit, node: node, scope: scope, index: -1, type: -1, owner: null, classified: false, used: false,
  };
  c.entities.push(e);
  return c.entities.length - 1;
}

/** Makes an entity visible in a scope; a second one of the same name is an error. */
export function declareName(c: Checker, scope: Scope, entity: number): void {
  const e = c.entities[entity];
  if (e.name === 0 || nameText(c.names, e.name) === "_") return;
  const earlier = scope.entities.get(e.name);
  // The name of an imported file gives way to a declaration.
  if (earlier !== undefined && c.entities[earlier].kind !== EntityKind.unit) {
    reportHint(c.diags, e.pos, "duplicate-name", "'" + nameText(c.names, e.name) + "' is already declared in this scope", "");
    return;
  }
  scope.entities.set(e.name, entity);
}

/** Declares a local variable in the current scope and gives its local id. */
export function declareVariable(f: CheckState, name: number, type: number, pos: number, mutable: boolean): number {
  const local = addLocal(f, name, type, pos, mutable);
  const id = addEntity(f.c, EntityKind.local, name, pos, f.unit, -1, f.scope);
  f.c.entities[id].index = local;
  f.c.entities[id].owner = f;
  declareName(f.c, f.scope, id);
  return local;
}

/** Binds a name to a type in a scope: type parameters, Self. */
export function bindType(c: Checker, scope: Scope, name: number, type: number, unit: number): void {
  const id = addEntity(c, EntityKind.alias, name, -1, unit, -1, scope);
  c.entities[id].type = type;
  scope.entities.set(name, id);
}

/** What a name stands for at a place, or -1; a clash of imports is reported and gives -2. */
export function lookupName(f: CheckState, name: number, pos: number): number {
  return findName(f, name, pos, false);
}

/** The same before ".": the name of an imported file goes before what that file declares under its own name. */
export function findName(f: CheckState, name: number, pos: number, beforeDot: boolean): number {
  let file = -1;
  let s: Scope | null = f.scope;
  while (s !== null) {
    const found = s.entities.get(name);
    if (found !== undefined && (beforeDot || f.c.entities[found].kind !== EntityKind.unit)) return found;
    if (s.owner >= 0) {
      const member = memberEntity(f.c, s.owner, name);
      if (member >= 0) return member;
    }
    if (s.unit >= 0) {
      const imported = lookupImported(f, s.unit, name, pos);
      if (imported !== -1) return imported;
    }
    if (found !== undefined && file < 0) file = found;
    s = s.parent;
  }
  // A file may be called as a predeclared name is: "string" stays a type beside "std/string".
  const known = predeclaredName(f.c, name);
  return known < 0 ? file : known;
}

/** What a predeclared name stands for, or -1; those of the integer types of odd widths are declared when they are first met. */
function predeclaredName(c: Checker, name: number): number {
  const known = c.universe.entities.get(name);
  if (known !== undefined) return known;
  const type = sizedInt(c.types, nameText(c.names, name));
  if (type < 0) return -1;
  bindType(c, c.universe, name, type, -1);
  return c.entities.length - 1;
}

function lookupImported(f: CheckState, unit: number, name: number, pos: number): number {
  let found = -1;
  for (const imported of f.c.units[unit].imports) {
    const id = f.c.units[imported].scope.entities.get(name);
    if (id === undefined || id === found || f.c.entities[id].kind === EntityKind.unit) continue;
    if (found >= 0) {
      const a = f.c.units[f.c.entities[found].unit].ast.file.module;
      const b = f.c.units[imported].ast.file.module;
      checkErrorHint(f, pos, "ambiguous-name", shownName(f, name) + " comes from both '" + a + "' and '" + b + "'", "write it with the file's name, as in " + lastPart(b) + "." + nameText(f.c.names, name));
      return -2;
    }
    found = id;
  }
  return found;
}

/** The part of a path after its last "/". */
export function lastPart(path: string): string {
  let from = 0;
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) === 47) from = i + 1;
  return path.slice(from, path.length);
}

/** The entity of "name" or "file.name", or -1; nothing is reported but a clash of imports (-2). */
export function entityOf(f: CheckState, id: number): number {
  const n = syntaxNode(f, id);
  if (n.kind === NodeKind.ident) return lookupName(f, n.name, n.pos);
  if (n.kind !== NodeKind.select) return -1;
  const base = syntaxNode(f, n.a);
  if (base.kind !== NodeKind.ident) return -1;
  const unit = findName(f, base.name, base.pos, true);
  if (unit < 0 || f.c.entities[unit].kind !== EntityKind.unit) return -1;
  const found = f.c.units[f.c.entities[unit].index].scope.entities.get(n.name);
  return found === undefined || f.c.entities[found].kind === EntityKind.unit ? -1 : found;
}

/** Reports a name that stands for nothing, with the nearest one that does. */
export function reportUndefined(f: CheckState, name: number, pos: number): void {
  const near = errorCount(f.c.diags) < MAX_SUGGESTIONS ? nearestName(f, name) : "";
  const text = shownName(f, name) + " is not declared";
  if (near === "") checkError(f, pos, "undefined-name", text);
  else checkErrorHint(f, pos, "undefined-name", text, "did you mean '" + near + "'?");
}

/** Errors after so many get no suggestion, since looking for one takes long. */
const MAX_SUGGESTIONS = 100;

/** A name one or two edits away (by its length), the nearest, the earliest declared among equals; or "". */
function nearestName(f: CheckState, name: number): string {
  const text = nameText(f.c.names, name);
  let best = "";
  let bestDistance = farDistance(text);
  for (let i = 0; i < minI32(f.c.entities.length, 20000); i++) {
    const e = f.c.entities[i];
    if (e.owner !== null && e.owner !== f) continue;
    if (e.unit >= 0 && e.unit !== f.unit) continue;
    const other = nameText(f.c.names, e.name);
    const d = distanceBelow(text, other, bestDistance);
    if (d < bestDistance) {
      bestDistance = d;
      best = other;
    }
  }
  return best;
}

/** Declares the predeclared names: types, print and its like, len. */
export function fillUniverse(c: Checker): void {
  for (let type = 0; type < c.types.list.length; type++) {
    const kind = c.types.list[type].kind;
    const basic = kind === Kind.void || kind === Kind.noreturn || kind === Kind.bool || kind === Kind.int || kind === Kind.float || kind === Kind.string;
    if (basic) bindType(c, c.universe, internName(c.names, c.types.list[type].name), type, -1);
  }
  bindType(c, c.universe, internName(c.names, "int"), TypeId.i64, -1);
  bindType(c, c.universe, internName(c.names, "float"), TypeId.f64, -1);
  bindType(c, c.universe, internName(c.names, "byte"), TypeId.u8, -1);
  bindType(c, c.universe, internName(c.names, "anyerror"), TypeId.any_error, -1);
  const printers = ["print", "println", "eprint", "eprintln"];
  for (let i = 0; i < printers.length; i++) declarePredeclared(c, EntityKind.printer, printers[i], i);
  declarePredeclared(c, EntityKind.len, "len", 0);
}

function declarePredeclared(c: Checker, kind: number, name: string, index: number): void {
  const id = addEntity(c, kind, internName(c.names, name), -1, -1, -1, c.universe);
  c.entities[id].index = index;
  c.universe.entities.set(c.entities[id].name, id);
}
