// What flows where in a function's body, for the graph of addresses.
// In -> out: a typed tree, to flows between its variables and to the calls it makes. A walk carries where the value of a node
// goes: `to` gets what the value leads to by `loads` loads (-1: the address of the place); to < 0: it is only evaluated.
// Scopes are those that lower opens: each block, arm and body is deeper than what is around it, and what stands behind a
// `defer` deeper than the defer, which runs when that is gone. The subject of a capture is deeper than the capture: its scopes
// are closed before. A variable that holds no reference keeps its frame slot until the turn of the loop ends, so its scope is that.

import { FuncKind, Builtin, Conv, type TFunc, type TNode, TOp } from "./tree.ts";
import { addArgument, addFlow, addSpot, type EscapeGraph, holdsAddress, holdsReference, placeSpot, Sink, sinkOfScope } from "./escape_graph.ts";
import { Kind } from "./types.ts";

/** The depth of a function's parameters. */
export const PARAM_DEPTH = 2;

export interface EscapeWalk {
  g: EscapeGraph;
  funcs: TFunc[];
  /** By function: the spot of its first local. */
  bases: number[];
  f: TFunc;
  base: number;
  depth: number;
  /** The depth of the loop body around, or of the function's. */
  turn: number;
  /** By label: where the value of its block goes. */
  labelTo: number[];
  labelLoads: number[];
}

/** Adds what a function's body does. */
export function walkEscapes(w: EscapeWalk, index: number): void {
  const f = w.funcs[index];
  if (f.body < 0) return;
  w.f = f;
  w.base = w.bases[index];
  w.depth = PARAM_DEPTH;
  w.turn = PARAM_DEPTH;
  w.labelTo = [];
  w.labelLoads = [];
  for (let k = 0; k < f.labels; k++) {
    w.labelTo.push(-1);
    w.labelLoads.push(0);
  }
  flowTo(w, Sink.result, 0, f.body);
}

/** A local comes to life in a scope of a depth. */
function declareSpot(w: EscapeWalk, local: number, depth: number): void {
  const type = w.f.locals[local].type;
  placeSpot(w.g, w.base + local, holdsReference(w.g, type) ? depth : w.turn, holdsAddress(w.g, type));
}

/** Evaluates a node for what it does. */
function walkNode(w: EscapeWalk, id: number): void {
  if (id >= 0) flowTo(w, -1, 0, id);
}

function walkList(w: EscapeWalk, list: number[]): void {
  for (const id of list) walkNode(w, id);
}

/** Every value of a list goes to one spot. */
function flowList(w: EscapeWalk, to: number, loads: number, list: number[]): void {
  for (const id of list) flowTo(w, to, loads, id);
}

/** The value of a node goes to a spot. */
function flowTo(w: EscapeWalk, to: number, loads: number, id: number): void {
  const n = w.f.nodes[id];
  if (n.op < TOp.local) return;
  const holds = holdsAddress(w.g, n.type);
  if (loads >= 0 && !holds) flowNode(w, -1, 0, n);
  else if (holds && hasScopes(n.op) && (to < 0 || loads > 0)) flowHeld(w, to, loads, n);
  else flowNode(w, to, loads, n);
}

/** Whether scopes end in a node before its value is used. */
function hasScopes(op: number): boolean {
  return op === TOp.block || op === TOp.if_some || op === TOp.if_ok || op === TOp.if || op === TOp.switch || op === TOp.catch;
}

/** A value that scopes within it give is read after their end: all that leads there lives in the scope around. */
function flowHeld(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  if (to < 0) {
    flowNode(w, sinkOfScope(w.g, w.depth), 0, n);
    return;
  }
  const held = addSpot(w.g, w.depth);
  addFlow(w.g, to, loads, held);
  flowNode(w, held, 0, n);
}

function flowNode(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  switch (n.op) {
    case TOp.local: if (to >= 0) addFlow(w.g, to, loads, w.base + n.n); break;
    case TOp.deref: flowTo(w, to, loads + 1, n.a); break;
    case TOp.field: case TOp.unwrap: case TOp.union_payload: case TOp.try: flowTo(w, to, loads, n.a); break;
    case TOp.index: flowPart(w, to, isArray(w, n.a) ? loads : loads + 1, n); break;
    case TOp.slice: if (n.n2 >= 0) flowAddress(w, to, loads, n); else flowPart(w, to, isArray(w, n.a) ? loads - 1 : loads, n); break;
    case TOp.addr_of: flowAddress(w, to, loads, n); break;
    case TOp.convert: flowConverted(w, to, loads, n); break;
    case TOp.binary: case TOp.and: case TOp.or: case TOp.concat: case TOp.compare: case TOp.equal: walkSpine(w, n); break;
    case TOp.make_struct: case TOp.make_array: case TOp.make_tuple: flowList(w, to, loads, n.list); break;
    case TOp.make_union: if (n.a >= 0) flowTo(w, to, loads, n.a); break;
    case TOp.make_closure: flowList(w, Sink.heap, 0, n.list); break;
    case TOp.new_object: flowTo(w, Sink.heap, 0, n.a); break;
    case TOp.new_init:
      flowTo(w, Sink.heap, 0, n.a);
      flowArguments(w, -1, 0, n, 1);
      break;
    case TOp.call: flowArguments(w, to, loads, n, 0); break;
    case TOp.call_value:
      walkNode(w, n.a);
      flowList(w, Sink.heap, 0, n.list);
      break;
    case TOp.builtin: flowBuiltin(w, to, loads, n); break;
    case TOp.interpolate: case TOp.print: walkList(w, n.list); break;
    case TOp.if: case TOp.if_some: case TOp.if_ok: flowIf(w, to, loads, n); break;
    case TOp.switch: flowSwitch(w, to, loads, n); break;
    case TOp.block: flowBlock(w, to, loads, n); break;
    case TOp.catch: case TOp.orelse: flowEither(w, to, loads, n); break;
    case TOp.break_to: if (n.a >= 0) flowTo(w, w.labelTo[n.n], w.labelLoads[n.n], n.a); break;
    case TOp.return: if (n.a >= 0) flowTo(w, Sink.result, 0, n.a); break;
    case TOp.while: case TOp.while_some: case TOp.while_ok: walkWhile(w, n); break;
    case TOp.for_range: case TOp.for_each: walkFor(w, n); break;
    default: walkStatement(w, n);
  }
}

/** What is weak may be read when every other reference has gone, so it is in the heap. */
function flowConverted(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  if (n.n === Conv.weak) flowTo(w, Sink.heap, 0, n.a);
  else if (n.n === Conv.array_to_slice && n.n2 >= 0) flowAddress(w, to, loads, n);
  else flowTo(w, to, n.n === Conv.array_to_slice ? loads - 1 : loads, n.a);
}

function isArray(w: EscapeWalk, id: number): boolean {
  return w.g.types.list[w.f.nodes[id].type].kind === Kind.array;
}

/** The address of a place: of the variable that stands for it, where that is a payload. */
function flowAddress(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  if (n.n2 < 0) {
    flowTo(w, to, loads - 1, n.a);
    return;
  }
  holdSpot(w, n.n2, w.depth + 1, n.a);
  walkNode(w, n.b);
  walkNode(w, n.c);
  if (to >= 0) addFlow(w.g, to, loads - 1, w.base + n.n2);
}

/** A variable that stands for a payload in a scope of its own: what the place holds goes there, and back. */
function holdSpot(w: EscapeWalk, local: number, depth: number, place: number): void {
  const spot = w.base + local;
  const holds = holdsAddress(w.g, w.f.locals[local].type);
  placeSpot(w.g, spot, depth, holds);
  if (!holds) {
    walkNode(w, place);
    return;
  }
  flowTo(w, spot, 0, place);
  addFlow(w.g, storageOf(w, place), 0, spot);
}

/** Where a value goes that is stored in a place: what a pointer or slice leads to, or a global, is as good as the heap. */
function storageOf(w: EscapeWalk, id: number): number {
  let at = w.f.nodes[id];
  while (at.op === TOp.field || at.op === TOp.unwrap || at.op === TOp.union_payload || (at.op === TOp.index && isArray(w, at.a))) at = w.f.nodes[at.a];
  return at.op === TOp.local ? w.base + at.n : Sink.heap;
}

/** An element or a slice: where it goes, and the bounds. */
function flowPart(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  flowTo(w, to, loads, n.a);
  walkNode(w, n.b);
  walkNode(w, n.c);
}

/** Operators: the left spine is a loop. */
function walkSpine(w: EscapeWalk, top: TNode): void {
  let n = top;
  while (true) {
    walkNode(w, n.b);
    const left = w.f.nodes[n.a];
    if (left.op < TOp.binary || left.op > TOp.concat || left.op === TOp.convert) break;
    n = left;
  }
  walkNode(w, n.a);
}

function walkStatement(w: EscapeWalk, n: TNode): void {
  switch (n.op) {
    case TOp.var_decl:
      declareSpot(w, n.n, w.depth);
      if (n.a >= 0) flowTo(w, w.base + n.n, 0, n.a);
      break;
    case TOp.destructure: walkDestructure(w, n); break;
    case TOp.assign: walkAssign(w, n); break;
    case TOp.discard: walkDiscard(w, n.a); break;
    default:
      walkNode(w, n.a);
      walkNode(w, n.b);
  }
}

/** Nobody reads the value: scopes in it need not hold it. */
function walkDiscard(w: EscapeWalk, id: number): void {
  const n = w.f.nodes[id];
  if (n.op === TOp.block) flowNode(w, -1, 0, n);
  else walkNode(w, id);
}

function walkDestructure(w: EscapeWalk, n: TNode): void {
  const whole = addSpot(w.g, -1);
  for (const local of n.list) {
    if (local < 0) continue;
    declareSpot(w, local, w.depth);
    addFlow(w.g, w.base + local, 0, whole);
  }
  flowTo(w, whole, 0, n.a);
}

function walkAssign(w: EscapeWalk, n: TNode): void {
  walkNode(w, n.a);
  flowTo(w, storageOf(w, n.a), 0, n.b);
}

/** Arguments of a call of a function by name; the first `skip` parameters get nothing. */
function flowArguments(w: EscapeWalk, to: number, loads: number, n: TNode, skip: number): void {
  const callee = w.funcs[n.n];
  for (let k = 0; k < n.list.length; k++) {
    const id = n.list[k];
    if (!holdsAddress(w.g, w.f.nodes[id].type)) walkNode(w, id);
    else if (callee.kind === FuncKind.extern) lendArgument(w, to, loads, id);
    else passArgument(w, w.bases[n.n] + callee.params[k + skip], to, loads, id);
  }
}

/** C keeps nothing; what it gives may lead where its arguments do. */
function lendArgument(w: EscapeWalk, to: number, loads: number, id: number): void {
  const held = addSpot(w.g, w.depth);
  if (to >= 0) addFlow(w.g, to, loads, held);
  flowTo(w, held, 0, id);
}

/** Part of a variable, or its address, is an argument by itself; anything else waits in a spot for the call. */
function passArgument(w: EscapeWalk, param: number, to: number, toLoads: number, id: number): void {
  let n = w.f.nodes[id];
  let loads = 0;
  while (true) {
    if (n.n2 >= 0 && (n.op === TOp.addr_of || n.op === TOp.slice || n.op === TOp.convert)) {
      flowAddress(w, -1, 0, n);
      addArgument(w.g, param, w.base + n.n2, loads - 1, to, toLoads);
      return;
    }
    if (n.op === TOp.deref) loads += 1;
    else if (n.op === TOp.addr_of || (n.op === TOp.convert && n.n === Conv.array_to_slice)) loads -= 1;
    else if (n.op !== TOp.field && n.op !== TOp.unwrap && n.op !== TOp.union_payload && n.op !== TOp.convert) break;
    n = w.f.nodes[n.a];
  }
  if (n.op === TOp.local) {
    addArgument(w.g, param, w.base + n.n, loads, to, toLoads);
    return;
  }
  if (n.op <= TOp.global) return;
  const held = addSpot(w.g, w.depth);
  flowTo(w, held, 0, id);
  if (w.g.fed[held]) addArgument(w.g, param, held, 0, to, toLoads);
}

/** Bytes that are copied by address are seen by nobody, so what they hold may be anywhere. */
function flowBuiltin(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  const copies = n.n === Builtin.ptr_of || n.n === Builtin.memcpy;
  for (const id of n.list) {
    const elem = w.g.types.list[w.f.nodes[id].type].elem;
    if (copies && elem >= 0 && holdsAddress(w.g, elem)) flowTo(w, Sink.heap, 1, id);
    else if (holdsAddress(w.g, n.type)) flowTo(w, to, loads, id);
    else walkNode(w, id);
  }
}

function flowBlock(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  const depth = w.depth;
  w.depth += 1;
  if (n.n >= 0) {
    w.labelTo[n.n] = to;
    w.labelLoads[n.n] = loads;
  }
  for (let k = 0; k < n.list.length; k++) {
    const op = w.f.nodes[n.list[k]].op;
    if (k === n.list.length - 1) flowTo(w, to, loads, n.list[k]);
    else walkDiscard(w, n.list[k]);
    if (op === TOp.defer || op === TOp.errdefer) w.depth += 1;
  }
  w.depth = depth;
}

/** A branch: a scope whose value goes on. */
function flowArm(w: EscapeWalk, to: number, loads: number, id: number): void {
  w.depth += 1;
  flowTo(w, to, loads, id);
  w.depth -= 1;
}

/** The subject of a capture, whose local belongs to the scope that follows. */
function flowSubject(w: EscapeWalk, n: TNode): void {
  if (n.n >= 0) declareSpot(w, n.n, w.depth + 1);
  w.depth += 2;
  if (n.n >= 0) flowTo(w, w.base + n.n, n.byRef ? -1 : 0, n.a);
  else walkNode(w, n.a);
  w.depth -= 2;
}

/** if, if_some, if_ok: an else that is an if again is the next turn of the loop. */
function flowIf(w: EscapeWalk, to: number, loads: number, first: TNode): void {
  let n = first;
  while (true) {
    if (n.op === TOp.if) walkNode(w, n.a);
    else flowSubject(w, n);
    if (n.op === TOp.if_ok && n.n2 >= 0) declareSpot(w, n.n2, w.depth + 1);
    flowArm(w, to, loads, n.b);
    if (n.c < 0) return;
    const rest = w.f.nodes[n.c];
    if (rest.op !== TOp.if && rest.op !== TOp.if_some && rest.op !== TOp.if_ok) break;
    n = rest;
  }
  flowArm(w, to, loads, n.c);
}

/** The subject waits in a spot for the arms that capture it, as its address if one of them captures by pointer. */
function flowSwitch(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  let captured = false;
  let byRef = false;
  for (const id of n.list) {
    const arm = w.f.nodes[id];
    if (arm.n >= 0) captured = true;
    if (arm.byRef) byRef = true;
  }
  const subject = captured ? addSpot(w.g, -1) : -1;
  w.depth += 2;
  flowTo(w, subject, byRef ? -1 : 0, n.a);
  w.depth -= 1;
  for (const id of n.list) {
    const arm = w.f.nodes[id];
    if (arm.n >= 0) {
      declareSpot(w, arm.n, w.depth);
      if (arm.n2 < 0) addFlow(w.g, w.base + arm.n, byRef && !arm.byRef ? 1 : 0, subject);
      else captureHeld(w, arm, subject, n.a);
    }
    walkNode(w, arm.b);
    flowTo(w, to, loads, arm.a);
  }
  w.depth -= 1;
}

/** A capture by pointer leads to the variable that stands for the payload; the subject is its address. */
function captureHeld(w: EscapeWalk, arm: TNode, subject: number, place: number): void {
  const spot = w.base + arm.n2;
  placeSpot(w.g, spot, w.depth, holdsAddress(w.g, w.f.locals[arm.n2].type));
  addFlow(w.g, w.base + arm.n, -1, spot);
  addFlow(w.g, spot, 1, subject);
  addFlow(w.g, storageOf(w, place), 0, spot);
}

/** catch and orelse. */
function flowEither(w: EscapeWalk, to: number, loads: number, n: TNode): void {
  flowTo(w, to, loads, n.a);
  if (n.op === TOp.catch && n.n >= 0) declareSpot(w, n.n, w.depth + 1);
  flowArm(w, to, loads, n.b);
}

/** Everything in a while loop is of its turn, the condition too. */
function walkWhile(w: EscapeWalk, n: TNode): void {
  const turn = w.turn;
  w.turn = w.depth + 1;
  if (n.op !== TOp.while) {
    flowSubject(w, n);
  } else {
    w.depth += 2;
    walkNode(w, n.a);
    w.depth -= 2;
  }
  flowArm(w, -1, 0, n.b);
  if (n.c >= 0) flowArm(w, -1, 0, n.c);
  w.turn = turn;
}

function walkFor(w: EscapeWalk, n: TNode): void {
  const turn = w.turn;
  w.depth += 2;
  if (n.op === TOp.for_each && n.n >= 0) flowTo(w, w.base + n.n, (isArray(w, n.a) ? 0 : 1) - (n.byRef ? 1 : 0), n.a);
  else walkNode(w, n.a);
  if (n.op === TOp.for_range) walkNode(w, n.b);
  w.depth -= 1;
  w.turn = w.depth;
  if (n.n >= 0) declareSpot(w, n.n, w.depth);
  for (const index of n.list) declareSpot(w, index, w.depth);
  walkNode(w, n.c);
  w.depth -= 1;
  w.turn = turn;
}
