// Globals: their types and initialisers.
// In -> out: "var name: T = value" at the top of a file, to a Global with a function that gives its value. The type
// is found when first needed; the initialiser of a global of the program's own files is always checked.

import { nameText } from "../base/intern.ts";
import { Flag, hasFlag } from "../syntax/ast.ts";
import { addFunc, addTNode, type Checker, checkError, type CheckState, enterDeclaration, invalidNode, leaveDeclaration, newDeclState, newCheckState, nodeType, shown, shownName, syntaxNode, treeNode, wrong } from "./checker.ts";
import { coerce, settle, zeroNode } from "./convert.ts";
import { checkExpr } from "./expr.ts";
import { hasZeroValue } from "./named.ts";
import { FuncKind, newTNode, TOp } from "./tree.ts";
import { TypeId } from "./types.ts";
import { resolveType, weakVarType } from "./typexpr.ts";

/** A node for the use of a global. */
export function useGlobal(f: CheckState, global: number, pos: number): number {
  const g = f.c.globals[global];
  if (f.constant) return wrong(f, pos, "not-constant", shownName(f, f.c.entities[g.entity].name) + " is a variable, not known at compile time");
  findGlobalType(f.c, global);
  if (g.type === TypeId.invalid) return invalidNode(f, pos);
  const node = newTNode(TOp.global, g.type, pos);
  node.n = global;
  return addTNode(f, node);
}

/** Finds the type of a global: as written, or that of its initialiser. */
export function findGlobalType(c: Checker, global: number): void {
  const g = c.globals[global];
  if (g.state === 2) return;
  const e = c.entities[g.entity];
  if (g.state === 1) {
    const f = newDeclState(c, e.unit, e.scope);
    checkError(f, e.pos, "type-loop", "the type of '" + nameText(c.names, e.name) + "' depends on itself; write it");
    g.type = TypeId.invalid;
    return;
  }
  const n = c.units[e.unit].ast.nodes[e.node];
  g.state = 1;
  if (n.a >= 0) {
    const f = newDeclState(c, e.unit, e.scope);
    g.type = resolveType(f, n.a);
    if (g.type === TypeId.void || g.type === TypeId.noreturn) {
      checkError(f, e.pos, "bad-type", "a variable cannot be of type " + shown(f, g.type));
      g.type = TypeId.invalid;
    }
    if (hasFlag(n, Flag.weak)) g.type = weakVarType(f, g.type, e.pos);
    g.state = 2;
    c.pendingGlobals.push(global);
    return;
  }
  const height = n.b < 0 ? 0 : c.units[e.unit].ast.heights[n.b];
  if (enterDeclaration(c, height, e.pos)) {
    checkGlobalValue(c, global);
    leaveDeclaration(c, height);
  } else {
    g.type = TypeId.invalid;
  }
  g.state = 2;
}

/** Checks the initialisers that wait because their types were written. */
export function checkPendingGlobals(c: Checker): void {
  while (c.pendingGlobals.length > 0) checkGlobalValue(c, c.pendingGlobals.pop()!);
}

function checkGlobalValue(c: Checker, global: number): void {
  const g = c.globals[global];
  const e = c.entities[g.entity];
  const func = addFunc(c, g.name + ".init", FuncKind.normal, e.pos);
  g.func = c.funcs.length - 1;
  const f = newCheckState(c, e.unit, e.scope, func, g.func);
  const n = f.ast.nodes[e.node];
  if (n.b < 0 && n.a < 0) {
    checkError(f, e.pos, "missing-value", shownName(f, e.name) + " needs a value");
    g.type = TypeId.invalid;
    return;
  }
  if (n.b < 0 && !hasZeroValue(c, g.type)) checkError(f, e.pos, "missing-value", shownName(f, e.name) + " needs a value: " + shown(f, g.type) + " has no zero value");
  let value = n.b < 0 ? zeroNode(f, g.type, e.pos) : checkExpr(f, n.b, n.a >= 0 ? g.type : -1);
  if (n.a >= 0 && n.b >= 0) value = coerce(f, value, g.type, syntaxNode(f, n.b).pos);
  else value = settle(f, value);
  if (n.a < 0) g.type = nodeType(f, value);
  if (n.a < 0 && hasFlag(n, Flag.weak)) {
    g.type = weakVarType(f, g.type, e.pos);
    value = coerce(f, value, g.type, e.pos);
  }
  if (g.type === TypeId.void || g.type === TypeId.noreturn) {
    checkError(f, e.pos, "bad-type", "there is no value here to store, its type is " + shown(f, g.type));
    g.type = TypeId.invalid;
  }
  func.result = g.type;
  func.body = value;
  if (treeNode(f, value).op === TOp.const_zero) g.func = -1;
}
