// Traits: whether the functions of an impl are those that the trait declares.
// In -> out: the impls of types that are not generic, to errors where a signature differs. Self is the type.

import { report } from "../base/diag.ts";
import { nameText } from "../base/intern.ts";
import { NodeKind } from "../syntax/ast.ts";
import { type Checker, type Impl, newDeclState } from "./checker.ts";
import { resultType, funcInstance } from "./function.ts";
import { instantiateType, ownerScope } from "./named.ts";
import { Kind, TypeId, typeText } from "./types.ts";
import { resolveType } from "./typexpr.ts";

/** Compares every impl of a trait in the program's own files with the trait. */
export function checkImplSignatures(c: Checker): void {
  for (const impl of c.impls) {
    if (impl.trait < 0 || c.units[impl.unit].isStd || c.decls[impl.decl].params.length > 0) continue;
    const d = c.decls[impl.decl];
    const type = d.node >= 0 ? instantiateType(c, impl.decl, [], d.pos) : typeOfHolder(c, impl.decl);
    if (type !== TypeId.invalid) compareImpl(c, impl, type);
  }
}

function typeOfHolder(c: Checker, decl: number): number {
  for (let type = 0; type < c.types.list.length; type++) if (c.declOf.get(type) === decl) return type;
  return TypeId.invalid;
}

function compareImpl(c: Checker, impl: Impl, type: number): void {
  const trait = c.decls[impl.trait];
  const f = newDeclState(c, trait.unit, ownerScope(c, type, trait.scope, [], trait.unit));
  for (const id of f.ast.nodes[trait.node].list) {
    const n = f.ast.nodes[id];
    if (n.kind !== NodeKind.fn_decl || n.a >= 0) continue;
    const member = c.decls[impl.decl].members.get(n.name);
    if (member === undefined || c.members[member].func < 0) continue;
    const decl = c.funcDecls[c.members[member].func];
    if (decl.params.length > 0 || (decl.unit === trait.unit && decl.node === id)) continue;
    const inst = c.insts[funcInstance(c, c.members[member].func, type, [], c.members[member].pos)];
    let text = "";
    if (inst.params.length !== n.list.length) text = "takes " + inst.params.length + " parameters, not " + n.list.length;
    for (let i = 0; i < n.list.length && text === ""; i++) {
      const wanted = resolveType(f, f.ast.nodes[n.list[i]].a);
      if (wanted !== inst.params[i] && !(i === 0 && isReceiver(c, wanted, type) && isReceiver(c, inst.params[i], type)) && wanted !== TypeId.invalid && inst.params[i] !== TypeId.invalid) {
        text = "has a parameter of '" + typeText(c.types, inst.params[i]) + "' where the trait has '" + typeText(c.types, wanted) + "'";
      }
    }
    if (text === "") text = resultDifference(c, inst.result, resultType(f, n.b, true, ""));
    if (text !== "") report(c.diags, c.members[member].pos, "trait-mismatch", "'" + nameText(c.names, n.name) + "' " + text + ", as the trait '" + trait.name + "' declares it");
  }
}

/** Whether a parameter is the value itself or a pointer to it: an impl may read where the trait allows a change. */
function isReceiver(c: Checker, param: number, type: number): boolean {
  return param === type || (c.types.list[param].kind === Kind.pointer && c.types.list[param].elem === type);
}

/** What is wrong with a result; inferred error sets may differ. */
function resultDifference(c: Checker, given: number, wanted: number): string {
  if (given === wanted || given === TypeId.invalid || wanted === TypeId.invalid) return "";
  const a = c.types.list[given];
  const b = c.types.list[wanted];
  if (a.kind === Kind.error_union && b.kind === Kind.error_union && a.elem === b.elem && c.inferred.has(b.errors)) return "";
  return "has the result '" + a.name + "', not '" + b.name + "'";
}
