// Addresses of payloads: a payload of a union is reached in place only while nothing else can change the variant.
// In -> out: the functions of a program, with a variable beside each address of a payload: `n2` of an address or slice that is an argument or a
// receiver, and of an arm that captures by pointer. Lowering has callee or arm work on a copy there, written back at its end if the
// union still has the variant, unless it can show that nobody changes it meanwhile. Kept anywhere else such an address is an error.
// Runs before escape analysis, which finds whether the address of the variable goes further than the call or arm.

import { type Diags, reportHint } from "../base/diag.ts";
import { Conv, listHoldsNodes, type TFunc, type TNode, TOp } from "./tree.ts";
import { Kind, type Types } from "./types.ts";

/** Finds the addresses of payloads in all functions. */
export function holdPayloads(types: Types, funcs: TFunc[], diags: Diags): void {
  for (const f of funcs) {
    if (f.body >= 0 && mentionsPayloads(types, f)) holdInFunc(types, f, diags);
  }
}

function mentionsPayloads(types: Types, f: TFunc): boolean {
  for (const n of f.nodes) {
    if (n.op === TOp.union_payload || (n.op === TOp.switch && types.list[f.nodes[n.a].type].kind === Kind.union)) return true;
  }
  return false;
}

function holdInFunc(types: Types, f: TFunc, diags: Diags): void {
  const work: number[] = [f.body];
  while (work.length > 0) {
    const n = f.nodes[work[work.length - 1]];
    work.pop();
    if (n.op === TOp.call || n.op === TOp.call_value || n.op === TOp.new_init) {
      for (const id of n.list) holdArgument(types, f, id);
    } else if (n.op === TOp.switch && types.list[f.nodes[n.a].type].kind === Kind.union) {
      for (const id of n.list) holdArm(types, f, f.nodes[id]);
    }
    checkKept(types, f, n, diags);
    if (n.a >= 0) work.push(n.a);
    if (n.b >= 0) work.push(n.b);
    if (n.c >= 0) work.push(n.c);
    if (!listHoldsNodes(n.op)) continue;
    for (const id of n.list) if (id >= 0) work.push(id);
  }
}

/** An address or slice that is an argument, converted to what the parameter wants. */
function holdArgument(types: Types, f: TFunc, id: number): void {
  let n = f.nodes[id];
  while (n.op === TOp.convert && (n.n === Conv.same || n.n === Conv.some || n.n === Conv.pointer_to_slice)) n = f.nodes[n.a];
  if (makesAddress(types, f, n) && isInPayload(types, f, n.a)) n.n2 = addHeld(f, f.nodes[n.a].type, n.pos);
}

function holdArm(types: Types, f: TFunc, arm: TNode): void {
  if (!arm.byRef || arm.n < 0 || arm.list.length === 0) return;
  const elem = types.list[f.locals[arm.n].type].elem;
  if (elem >= 0) arm.n2 = addHeld(f, elem, f.locals[arm.n].pos);
}

function addHeld(f: TFunc, type: number, pos: number): number {
  f.locals.push({ name: 0, type: type, pos: pos, mutable: true, addressTaken: true, moved: false });
  return f.locals.length - 1;
}

/** Reports an address of a payload that goes elsewhere than into a call. */
function checkKept(types: Types, f: TFunc, n: TNode, diags: Diags): void {
  const captures = n.byRef && (n.op === TOp.if_some || n.op === TOp.if_ok || n.op === TOp.while_some || n.op === TOp.while_ok);
  if (!captures && (!makesAddress(types, f, n) || n.n2 >= 0)) return;
  if (!isInPayload(types, f, n.a)) return;
  const what = captures ? "an optional or error union in the payload of a union cannot be captured by pointer" : "an address in the payload of a union cannot be kept: it may be an argument or a receiver, or captured by '|*name|'";
  reportHint(diags, n.pos, "payload-address", what, "let the variant hold a pointer to its payload, or copy the payload to a 'var'");
}

function makesAddress(types: Types, f: TFunc, n: TNode): boolean {
  if (n.op === TOp.slice) return types.list[f.nodes[n.a].type].kind === Kind.array;
  return n.op === TOp.addr_of || (n.op === TOp.convert && n.n === Conv.array_to_slice);
}

/** Whether a place lies in the payload of a union, on this side of the last pointer or slice. */
export function isInPayload(types: Types, f: TFunc, id: number): boolean {
  let n = f.nodes[id];
  while (n.op === TOp.field || n.op === TOp.index || n.op === TOp.unwrap || n.op === TOp.union_payload) {
    if (n.op === TOp.union_payload) return true;
    const inner = f.nodes[n.a];
    if (n.op === TOp.index && types.list[inner.type].kind !== Kind.array) return false;
    n = inner;
  }
  return false;
}
