// The typed tree as text (--dump=types).
// In -> out: a Program, to its globals and functions; a node a line, indented under the one it belongs to, with all that
// lower reads of it and its position (a byte offset in all sources). Chains of operators are flattened, so the walk needs no recursion.

import { textI128 } from "../base/int128.ts";
import { hexI64 } from "../base/int64.ts";
import { nameText } from "../base/intern.ts";
import { Bin, Builtin, Cmp, Conv, FuncKind, type Program, type TFunc, type TNode, TOp } from "./tree.ts";
import { Kind, typeText } from "./types.ts";

/** By value: the names of a record of constants. */
function namesOf(record: Record<string, number>): string[] {
  return Object.keys(record);
}

const opNames = namesOf(TOp);
const binNames = namesOf(Bin);
const cmpNames = namesOf(Cmp);
const convNames = namesOf(Conv);
const builtinNames = namesOf(Builtin);
const kindNames = namesOf(FuncKind);
const typeKindNames = namesOf(Kind);

/** The program, or the functions that `wanted` names ("" for all). */
export function printTree(program: Program, wanted: string[]): string {
  let out = "";
  if (wanted.length === 0) {
    out += printTypes(program);
    for (let i = 1; i < program.errors.length; i++) out += "error " + i + " " + nameText(program.names, program.errors[i]) + "\n";
    for (const g of program.globals) out += (g.isConst ? "constant " : "global ") + g.name + ": " + typeText(program.types, g.type) + " init " + g.initFunc + "\n";
    out += "main " + program.main + "\n";
    for (const t of program.tests) out += "test " + t + "\n";
    for (let i = 0; i < program.runtime.length; i++) out += "runtime " + i + " " + program.runtime[i] + "\n";
  }
  for (let i = 0; i < program.funcs.length; i++) {
    if (wanted.length > 0 && wanted.indexOf(program.funcs[i].name) < 0) continue;
    out += printTreeFunc(program, program.funcs[i], i);
  }
  return out;
}

function printTypes(program: Program): string {
  let out = "";
  for (const info of program.types.list) {
    if (info.kind !== Kind.struct && info.kind !== Kind.union && info.kind !== Kind.enum && info.kind !== Kind.error_set && info.kind !== Kind.distinct) continue;
    out += typeKindNames[info.kind] + " " + info.name;
    if (info.isExtern) out += " extern";
    if (info.isPacked) out += " packed";
    if (info.elem >= 0) out += " of " + typeText(program.types, info.elem);
    if (info.deinit >= 0) out += " deinit " + info.deinit;
    for (const field of info.fields) out += "\n  " + nameText(program.names, field.name) + " " + typeText(program.types, field.type) + " " + textI128(field.value);
    for (const member of info.members) out += " " + member;
    out += "\n";
  }
  return out;
}

/** One function. */
export function printTreeFunc(program: Program, func: TFunc, index: number): string {
  let out = "\n" + kindNames[func.kind] + " " + index + " " + func.name + " -> " + typeText(program.types, func.result);
  if (func.outer !== "") out += " outer " + func.outer + " from " + func.importModule;
  if (func.variadic) out += " variadic";
  if (func.closure) out += " closure";
  out += " @" + func.pos + "\n";
  for (const p of func.params) out += "  param " + p + "\n";
  for (const p of func.captures) out += "  capture " + p + "\n";
  for (let i = 0; i < func.locals.length; i++) {
    const local = func.locals[i];
    out += "  local " + i + " " + nameText(program.names, local.name) + ": " + typeText(program.types, local.type);
    if (local.mutable) out += " var";
    if (local.addressTaken) out += " address";
    if (local.moved) out += " moved";
    out += "\n";
  }
  if (func.body >= 0) out += printBody(program, func);
  return out;
}

/** All nodes of a body, each after the one it belongs to. */
function printBody(program: Program, func: TFunc): string {
  const lines: string[] = [];
  const work: number[] = [func.body];
  const depths: number[] = [1];
  const roles: string[] = [""];
  while (work.length > 0) {
    const id = work.pop()!;
    const depth = depths.pop()!;
    const role = roles.pop()!;
    const n = func.nodes[id];
    lines.push(indentText(depth) + role + nodeText(program, func, n) + "\n");
    if (hasNodeList(n)) for (let i = n.list.length - 1; i >= 0; i--) pushNode(work, depths, roles, n.list[i], depth + 1, "");
    pushNode(work, depths, roles, n.c, depth + 1, "c ");
    pushNode(work, depths, roles, n.b, depth + 1, "b ");
    pushNode(work, depths, roles, n.a, depth + 1, "a ");
  }
  return lines.join("");
}

function pushNode(work: number[], depths: number[], roles: string[], id: number, depth: number, role: string): void {
  if (id < 0) return;
  work.push(id);
  depths.push(depth);
  roles.push(role);
}

/** Deep nodes are not indented further: the text would grow with the square of a chain's length. */
function indentText(depth: number): string {
  let out = "";
  for (let i = 0; i < depth && i < 40; i++) out += "  ";
  return depth < 40 ? out : out + depth + " ";
}

function hasNodeList(n: TNode): boolean {
  return n.op !== TOp.for_range && n.op !== TOp.for_each && n.op !== TOp.destructure;
}

function nodeText(program: Program, func: TFunc, n: TNode): string {
  let out = opNames[n.op];
  switch (n.op) {
    case TOp.const_int: out += " " + textI128(n.value); break;
    case TOp.const_float: out += " 0x" + hexI64(n.bits, 16); break;
    case TOp.const_string: out += " " + n.n; break;
    case TOp.range: out += " " + textI128(n.value) + " " + textI128(n.value2); break;
    case TOp.binary: case TOp.assign_op: out += " " + binNames[n.n]; break;
    case TOp.compare: out += " " + cmpNames[n.n]; break;
    case TOp.convert: out += " " + convNames[n.n]; break;
    case TOp.builtin: out += " " + builtinNames[n.n]; break;
    case TOp.call: case TOp.const_fn: case TOp.make_closure: case TOp.new_init: out += " " + n.n + " " + program.funcs[n.n].name; break;
    case TOp.local: case TOp.var_decl: out += " " + n.n + " " + nameText(program.names, func.locals[n.n].name); break;
    case TOp.global: out += " " + n.n + " " + program.globals[n.n].name; break;
    default:
      if (n.n >= 0) out += " " + n.n;
      if (n.n2 >= 0) out += " " + n.n2;
  }
  if (n.byRef) out += " by-ref";
  if (!hasNodeList(n)) for (const local of n.list) out += " local " + local;
  for (const field of n.list2) out += " ." + field;
  if (n.type2 >= 0) out += " of " + typeText(program.types, n.type2);
  return out + ": " + typeText(program.types, n.type) + " @" + n.pos;
}
