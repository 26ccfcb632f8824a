// Random statements over counted values, each with what the model does for it.
// In -> out: a generator, to lines of Cot and a function of the machine that says how the statement ended. A call of a
// generated function stands outermost in its statement, and its arguments are simple: so at each of its checkpoints
// it is certain what lives.

import {
  type Cell, callModel, declareVar, deferRun, emptyList, hold, inScope, isUnique, type Jump, listAppend, listAppendAll, listClear, listInsert, listPop, listRemove, listReverse, listSlice,
  type ListValue, type Machine, type PlaceValue, readVar, say, type SliceValue, step, type StructValue, type UnionValue, type Value, type Variable, writeVar,
} from "./ownership_model.ts";
import { assignable, counted, type Expr, exprOf, freshOf, type Func, type Gen, inSight, intExpr, intOf, isGlobal, leafValue, listValue, nodeValue, pairValue, payValue, typeTexts, varExpr } from "./ownership_values.ts";
import { emptyWeak, tiesValue, upNumber, weakLook, weakPlaces, weakStatements, weakValue } from "./ownership_weak.ts";
import { below, oneIn, pick } from "./random.ts";

export interface Stmt { lines: string[]; run: (m: Machine) => Jump }
type Maker = (g: Gen) => Stmt | null;

/** A place: what is stored to, found before the value is. */
export interface Place { text: string; guard: Expr | null; resolve: (m: Machine) => { hold: Value; set: (v: Value) => void } }

export function newVariable(g: Gen, type: string, mutable: boolean): Variable {
  g.names += 1;
  return { name: `v${g.names}`, type, mutable };
}

function inSightNow(g: Gen, v: Variable): void {
  g.scopes[g.scopes.length - 1].push(v);
}

/** A statement of one line that may jump; what it holds in flight it lets go. */
function jumpLine(text: string, run: (m: Machine) => Jump): Stmt {
  return {
    lines: [text], run: (m) => {
      const held = m.held.length;
      const jump = run(m);
      m.held.length = held;
      return jump;
    },
  };
}

/** A statement of one line that goes on to the next. */
function line(text: string, run: (m: Machine) => void): Stmt {
  return jumpLine(text, (m) => {
    run(m);
    return null;
  });
}

function indented(lines: string[]): string[] {
  return lines.map((l) => `    ${l}`);
}

/** Statements in a scope of their own, which begins with the variables given. */
export function block(g: Gen, count: number, own: Variable[], last: ((g: Gen) => Stmt | null) | null, first: ((g: Gen) => Stmt[]) | null = null): Stmt {
  g.scopes.push([...own]);
  const stmts: Stmt[] = first === null ? [] : first(g);
  for (let i = 0; i < count && g.budget > 0; i++) {
    stmts.push(statement(g));
    if (oneIn(g.r, 3)) stmts.push(checkpoint(g));
  }
  const end = last === null ? null : last(g);
  if (end !== null) stmts.push(end);
  g.scopes.pop();
  return { lines: stmts.flatMap((s) => s.lines), run: (m) => runAll(m, stmts) };
}

function runAll(m: Machine, stmts: Stmt[]): Jump {
  for (const s of stmts) {
    step(m);
    const jump = s.run(m);
    if (jump !== null) return jump;
  }
  return null;
}

function inner(g: Gen): number {
  return g.scopes.length > 4 ? 1 : 1 + below(g.r, 3);
}

function guarded(guard: Expr | null, s: Stmt): Stmt {
  if (guard === null) return s;
  return { lines: [`if ${guard.text} {`, ...indented(s.lines), "}"], run: (m) => (guard.run(m) === 1 ? s.run(m) : null) };
}

// Calls of generated functions.

interface Call { text: string; result: string; run: (m: Machine) => Jump }

/** A call; with simple arguments, or with variables only. */
function callOf(g: Gen, f: Func, first: Expr, variables: boolean): Call | null {
  const args: Expr[] = [first];
  for (const p of f.params.slice(1)) {
    const vars = inSight(g, p.type);
    if (variables && vars.length === 0) return null;
    args.push(variables || (vars.length > 0 && oneIn(g.r, 2)) ? varExpr(pick(g.r, vars)) : exprOf(g, p.type, true));
  }
  return {
    text: `${f.name}(${args.map((a) => a.text).join(", ")})`, result: f.result, run: (m) => {
      const values = args.map((a) => a.run(m));
      return callModel(m, f.params, values, () => (f.body === null ? null : f.body(m)));
    },
  };
}

function anyCall(g: Gen, wanted: (result: string) => boolean, variables: boolean): Call | null {
  const known = g.funcs.filter((f) => wanted(f.result));
  if (known.length === 0) return null;
  const depth = below(g.r, 3);
  return callOf(g, pick(g.r, known), { text: String(depth), run: () => depth }, variables);
}

function resultOf(jump: Jump): Value {
  return jump !== null && jump.kind === "return" ? jump.value : null;
}

function failedWith(jump: Jump): boolean {
  return jump !== null && jump.kind === "return" && jump.failed;
}

/** A call as a value: errors are caught by another value. */
function callValue(g: Gen, type: string): Expr | null {
  const c = anyCall(g, (r) => r === type || r === `!${type}`, false);
  if (c === null) return null;
  if (c.result === type) return { text: c.text, run: (m) => resultOf(c.run(m)) };
  const other = exprOf(g, type, true);
  return {
    text: `${c.text} catch ${other.text}`, run: (m) => {
      const jump = c.run(m);
      return failedWith(jump) ? other.run(m) : resultOf(jump);
    },
  };
}

const declare: Maker = (g) => {
  const type = oneIn(g.r, 8) ? "int" : pick(g.r, counted);
  const x = (oneIn(g.r, 3) ? callValue(g, type) : null) ?? exprOf(g, type, false);
  const v = newVariable(g, type, !oneIn(g.r, 3));
  inSightNow(g, v);
  return line(`${v.mutable ? "var" : "const"} ${v.name}: ${typeTexts[type]} = ${x.text}`, (m) => declareVar(m, v, x.run(m)));
};

/** try: the error goes on to the caller. */
const tryCall: Maker = (g) => {
  if (!g.current.result.startsWith("!")) return null;
  const c = anyCall(g, (r) => r.startsWith("!"), false);
  if (c === null) return null;
  const v = newVariable(g, c.result.slice(1), false);
  inSightNow(g, v);
  return jumpLine(`const ${v.name} = try ${c.text}`, (m) => {
    const jump = c.run(m);
    if (failedWith(jump)) return jump;
    declareVar(m, v, resultOf(jump));
    return null;
  });
};

/** Something in a global. */
function fill(g: Gen, v: Variable): Stmt {
  const x = v.type === "list" ? exprOf(g, "leaf", false) : v.type === "pay" ? newPay(g) : exprOf(g, v.type.startsWith("o") ? v.type.slice(1) : v.type, false);
  if (v.type === "list") return line(`${v.name}.append(${x.text})`, (m) => writeVar(m, v, listAppend(m, readVar(m, v) as ListValue, x.run(m))));
  return line(`${v.name} = ${x.text}`, (m) => writeVar(m, v, x.run(m)));
}

/** A union that holds something counted. */
function newPay(g: Gen): Expr {
  const [tag, name, type]: [number, string, string] = pick(g.r, [[1, "One", "leaf"], [2, "Two", "pair"], [3, "Text", "text"], [4, "Fun", "fun"]]);
  const x = exprOf(g, type, false);
  return { text: `Pay.${name}(${x.text})`, run: (m) => ({ is: "union", tag, payload: x.run(m) }) };
}

/** Something in every global, and some local variables, for the statements behind to work on. */
export function opening(g: Gen): Stmt[] {
  const stmts: Stmt[] = g.scopes[0].map((v) => fill(g, v));
  for (let n = 0; n < 3; n++) stmts.push(changeList(g) ?? checkpoint(g));
  for (let n = 0; n < 6; n++) stmts.push(declare(g) ?? checkpoint(g));
  return stmts;
}

const discard: Maker = (g) => {
  const c = anyCall(g, (r) => !r.startsWith("!"), false);
  if (c === null) return null;
  return line(c.result === "void" ? c.text : `_ = ${c.text}`, (m) => {
    c.run(m);
  });
};

/** A function calls itself, to a depth that its first parameter counts. */
const recurse: Maker = (g) => {
  const f = g.current;
  if (f.params.length === 0 || f.result.startsWith("!")) return null;
  const d = f.params[0];
  const c = callOf(g, f, { text: `${d.name} - 1`, run: (m) => (readVar(m, d) as number) - 1 }, false);
  if (c === null) return null;
  const deep: Expr = { text: `${d.name} > 0`, run: (m) => ((readVar(m, d) as number) > 0 ? 1 : 0) };
  const targets = f.result === "void" ? [] : assignable(g, f.result);
  if (targets.length === 0) return guarded(deep, line(f.result === "void" ? c.text : `_ = ${c.text}`, (m) => void c.run(m)));
  const v = pick(g.r, targets);
  return guarded(deep, line(`${v.name} = ${c.text}`, (m) => writeVar(m, v, resultOf(c.run(m)))));
};

// Places.

/** A slot of a cell that a variable leads to. */
function slotPlace(text: string, guard: Expr | null, find: (m: Machine) => [Cell, number]): Place {
  return {
    text, guard, resolve: (m) => {
      const [cell, at] = find(m);
      return {
        hold: cell, set: (v) => {
          cell.slots[at] = v;
        },
      };
    },
  };
}

function fieldPlace(v: Variable, name: string, at: number): Place {
  return {
    text: `${v.name}.${name}`, guard: null, resolve: (m) => ({
      hold: null, set: (x) => {
        const fields = [...(readVar(m, v) as StructValue).fields];
        fields[at] = x;
        writeVar(m, v, { is: "struct", fields });
      },
    }),
  };
}

function elementPlace(g: Gen, v: Variable): Place {
  const k = below(g.r, 3);
  const guard: Expr = { text: `${v.name}.len > ${k}`, run: (m) => ("count" in (readVar(m, v) as object) ? Number((readVar(m, v) as ListValue).count > k) : Number((readVar(m, v) as SliceValue).len > k)) };
  return slotPlace(v.type === "slice" ? `${v.name}[${k}]` : `${v.name}.at(${k}).*`, guard, (m) => {
    const x = readVar(m, v) as ListValue | SliceValue;
    return x.is === "list" ? [x.items, k] : [x.items, x.from + k];
  });
}

function places(g: Gen, type: string): Place[] {
  const out: Place[] = [];
  for (const v of assignable(g, type)) out.push({ text: v.name, guard: null, resolve: (m) => ({ hold: null, set: (x) => writeVar(m, v, x) }) });
  const fields: Record<string, [string, string, number][]> = { leaf: [["pair", "a", 0], ["both", "0", 0]], oleaf: [["pair", "b", 1], ["ties", "b", 2]], text: [["both", "1", 1], ["wboth", "1", 1]], wleaf: [["ties", "l", 0], ["wboth", "0", 0]], wnode: [["ties", "n", 1]] };
  for (const [owner, name, at] of fields[type] ?? []) for (const v of assignable(g, owner)) out.push(fieldPlace(v, name, at));
  const slots: Record<string, [string, string, number][]> = { leaf: [["node", "leaf", 1]], pay: [["node", "pay", 2]], leaves: [["node", "kids", 3]], wnode: [["node", "up", 4]], ties: [["node", "ties", 5]], text: [["leaf", "label", 1]], onode: g.circles ? [["node", "next", 0]] : [] };
  for (const [owner, name, at] of slots[type] ?? []) for (const v of inSight(g, owner)) out.push(slotPlace(`${v.name}.${name}`, null, (m) => [readVar(m, v) as Cell, at]));
  if (type === "leaf") {
    const v = g.scopes[0].find((x) => x.name === "gNode") as Variable;
    out.push(slotPlace("gNode.?.leaf", { text: "gNode != null", run: (m) => Number(readVar(m, v) !== null) }, (m) => [readVar(m, v) as Cell, 1]));
    for (const x of inSight(g, "leaves")) out.push(elementPlace(g, x));
  }
  if (type === "oleaf") for (const v of [...inSight(g, "list"), ...inSight(g, "slice")]) out.push(elementPlace(g, v));
  if (type === "wleaf") for (const v of inSight(g, "wlist")) out.push(elementPlace(g, v));
  out.push(...weakPlaces(g, type));
  return out;
}

const assign: Maker = (g) => {
  const type = pick(g.r, counted);
  const found = places(g, type);
  if (found.length === 0) return null;
  const p = pick(g.r, found);
  const x = (oneIn(g.r, 2) ? callValue(g, type) : null) ?? exprOf(g, type, false);
  return guarded(p.guard, line(`${p.text} = ${x.text}`, (m) => {
    const at = p.resolve(m);
    m.held.push(at.hold);
    at.set(x.run(m));
  }));
};

/** A place inside of what a global holds, which the value's evaluation lets go of. */
const storeForgotten: Maker = (g) => {
  const find = (name: string): Variable => g.scopes[0].find((v) => v.name === name) as Variable;
  const [name, path, type, at]: [string, string, string, number] = pick(g.r, [["gNode", ".?.leaf", "leaf", 1], ["gNode", ".?.pay", "pay", 2], ["gList", ".at(0).*", "oleaf", 0], ["gLeaf", ".?.label", "text", 1], ["gNode", ".?.up", "wnode", 4]]);
  const v = find(name);
  const before = fill(g, v);
  const x = exprOf(g, type, true);
  const store = line(`${name}${path} = forgetting(${typeTexts[type]})(${x.text})`, (m) => {
    const held = readVar(m, v);
    const cell = name === "gList" ? (held as ListValue).items : (held as Cell);
    m.held.push(cell);
    const value = hold(m, x.run(m));
    forget(m, g.scopes[0]);
    cell.slots[at] = value;
  });
  return {
    lines: [...before.lines, ...store.lines], run: (m) => {
      before.run(m);
      return store.run(m);
    },
  };
};

const linkNodes: Maker = (g) => {
  const nodes = inSight(g, "node");
  if (nodes.length === 0) return null;
  const v = pick(g.r, nodes);
  if (g.circles) {
    const to = pick(g.r, nodes);
    return line(`${v.name}.next = ${to.name}`, (m) => {
      (readVar(m, v) as Cell).slots[0] = readVar(m, to);
    });
  }
  const x = exprOf(g, "onode", false);
  return line(`link(${v.name}, ${x.text})`, (m) => {
    const n = readVar(m, v) as Cell;
    const next = x.run(m) as Cell | null;
    if (next === null || next.id < n.id) n.slots[0] = next;
  });
};

const exchange: Maker = (g) => {
  const locals = (t: string): Variable[] => assignable(g, t).filter((v) => !isGlobal(g, v));
  const types = counted.filter((t) => locals(t).length > 1);
  if (types.length === 0) return null;
  const type = pick(g.r, types);
  const vars = locals(type);
  const a = pick(g.r, vars);
  const b = pick(g.r, vars);
  const swap = (m: Machine): void => {
    const x = readVar(m, a);
    writeVar(m, a, readVar(m, b));
    writeVar(m, b, x);
  };
  if (oneIn(g.r, 3)) return line(`exchange(${typeTexts[type]})(&${a.name}, &${b.name})`, swap);
  g.names += 1;
  return line(`{ const t${g.names} = ${a.name}; ${a.name} = ${b.name}; ${b.name} = t${g.names} }`, swap);
};

/**
 * Whether a variable holds the only reference. Of variables that are assigned themselves only: a parameter and a capture
 * may borrow what the caller, or what is looked into, holds.
 */
function uniqueness(g: Gen): (Expr & { of: Variable }) | null {
  const type = pick(g.r, ["leaf", "oleaf", "node", "onode", "slice", "slice"]);
  const vars = assignable(g, type).filter((v) => !isGlobal(g, v));
  if (vars.length === 0) return null;
  const v = pick(g.r, vars);
  // Storage of no elements may be no storage.
  const c = type === "slice" ? `${v.name}.len > 0 and @isUnique(${v.name})` : `@isUnique(${v.name})`;
  return {
    of: v, text: `if ${c} { 1 } else { 0 }`, run: (m) => {
      const x = readVar(m, v) as Cell | SliceValue | null;
      if (x === null) return 0;
      return Number("is" in x ? x.len > 0 && isUnique(m, x.items) : isUnique(m, x));
    },
  };
}

export const checkpoint = (g: Gen): Stmt => {
  g.marks += 1;
  const mark = g.marks;
  const unique = oneIn(g.r, 4) ? uniqueness(g) : null;
  if (unique !== null) return line(`say(${mark}, ${unique.text})`, (m) => say(m, mark, unique.run(m) as number));
  const weak = oneIn(g.r, 4) ? weakLook(g) : null;
  if (weak !== null) return weak;
  const texts = inSight(g, "text");
  if (texts.length > 0 && oneIn(g.r, 4)) {
    const v = pick(g.r, texts);
    return line(`sayText(${mark}, ${v.name})`, (m) => say(m, mark, readVar(m, v) as string));
  }
  const x = intExpr(g, false);
  return line(`say(${mark}, ${x.text})`, (m) => say(m, mark, x.run(m) as number));
};

const change: Maker = (g) => {
  const k = 1 + below(g.r, 5);
  const ints = assignable(g, "int");
  if (ints.length > 0 && oneIn(g.r, 2)) {
    const v = pick(g.r, ints);
    return line(`${v.name} += ${k}`, (m) => writeVar(m, v, (readVar(m, v) as number) + k));
  }
  const at = inSight(g, "place");
  if (at.length === 0) return null;
  const v = pick(g.r, at);
  return line(`${v.name}.* += ${k}`, (m) => {
    const leaf = (readVar(m, v) as PlaceValue).leaf;
    leaf.slots[0] = (leaf.slots[0] as number) + k;
  });
};

// Lists.

function elements(s: SliceValue): Value[] {
  return s.items.slots.slice(s.from, s.from + s.len);
}

/** What is done to a list, by the text behind its name. */
function listStep(g: Gen, elem: string): { text: string; guard: number; run: (m: Machine, xs: ListValue) => ListValue } {
  const k = below(g.r, 3);
  const x = exprOf(g, elem, false);
  const some = [
    { text: `.append(${x.text})`, guard: -1, run: (m: Machine, xs: ListValue) => listAppend(m, xs, x.run(m)) },
    { text: `.insert(${k}, ${x.text})`, guard: k - 1, run: (m: Machine, xs: ListValue) => listInsert(m, xs, k, x.run(m)) },
    { text: `.set(${k}, ${x.text})`, guard: k, run: (m: Machine, xs: ListValue) => {
      xs.items.slots[k] = x.run(m);
      return xs;
    } },
    { text: ".reverse()", guard: -1, run: (_m: Machine, xs: ListValue) => {
      listReverse(xs);
      return xs;
    } },
    { text: ".free()", guard: -1, run: (m: Machine) => emptyList(m) },
    { text: ".pop()", guard: -1, run: (m: Machine, xs: ListValue) => listPop(m, xs)[0] },
    { text: `.orderedRemove(${k})`, guard: k, run: (m: Machine, xs: ListValue) => listRemove(m, xs, k, true)[0] },
    { text: `.swapRemove(${k})`, guard: k, run: (m: Machine, xs: ListValue) => listRemove(m, xs, k, false)[0] },
    { text: ".clear()", guard: -1, run: (m: Machine, xs: ListValue) => listClear(m, xs) },
  ];
  const s = elem !== "oleaf" ? null : pick(g.r, [null, ...inSight(g, "slice")]);
  if (s !== null && oneIn(g.r, 4)) return { text: `.appendSlice(${s.name})`, guard: -1, run: (m: Machine, xs: ListValue) => listAppendAll(m, xs, elements(readVar(m, s) as SliceValue)) };
  return oneIn(g.r, 3) ? some[0] : pick(g.r, some);
}

const changeList: Maker = (g) => {
  const leaves = oneIn(g.r, 3);
  const node = leaves && oneIn(g.r, 2) ? inSight(g, "node") : [];
  const lists = assignable(g, leaves ? "leaves" : oneIn(g.r, 4) ? "wlist" : "list");
  if (lists.length + node.length === 0) return null;
  return changeOf(g, pick(g.r, node.length > 0 ? node : lists));
};

/** A change of the list in a variable, or of a node's. */
function changeOf(g: Gen, owner: Variable): Stmt {
  const inNode = owner.type === "node";
  const op = listStep(g, owner.type === "list" ? "oleaf" : owner.type === "wlist" ? "wleaf" : "leaf");
  const takes = /^\.(pop|orderedRemove|swapRemove)/.test(op.text);
  const name = inNode ? `${owner.name}.kids` : owner.name;
  const read = (m: Machine): ListValue => (inNode ? (readVar(m, owner) as Cell).slots[3] : readVar(m, owner)) as ListValue;
  const guard: Expr | null = op.guard < 0 ? null : { text: `${name}.len > ${op.guard}`, run: (m) => Number(read(m).count > op.guard) };
  return guarded(guard, line(`${takes ? "_ = " : ""}${name}${op.text}`, (m) => {
    const changed = op.run(m, read(m));
    if (inNode) (readVar(m, owner) as Cell).slots[3] = changed;
    else writeVar(m, owner, changed);
  }));
}

/** A number that a block finds, and that is printed behind it. */
function saysOf(g: Gen, lines: (kept: string) => string[], find: (m: Machine) => Value): Stmt {
  const kept = newVariable(g, "int", true);
  inSightNow(g, kept);
  g.marks += 1;
  const mark = g.marks;
  return {
    lines: [`var ${kept.name}: i64 = 0`, "{", ...indented(lines(kept.name)), "}", `say(${mark}, ${kept.name})`], run: (m) => {
      declareVar(m, kept, 0);
      const jump = inScope(m, () => {
        writeVar(m, kept, find(m));
        return null;
      });
      say(m, mark, readVar(m, kept) as number);
      return jump;
    },
  };
}

/** A variable's value, new or not, has another holder while the count is tested and nothing else happens. */
const heldAcross: Maker = (g) => {
  const unique = uniqueness(g);
  if (unique === null) return null;
  const v = unique.of;
  const x = oneIn(g.r, 3) ? varExpr(v) : freshOf(g, v.type);
  const q = newVariable(g, v.type, false);
  return saysOf(g, (kept) => [`${v.name} = ${x.text}`, `const ${q.name} = ${v.name}`, `${kept} = ${unique.text}`], (m) => {
    writeVar(m, v, x.run(m));
    declareVar(m, q, readVar(m, v));
    return unique.run(m);
  });
};

/** A list has another holder, a list or a slice, while it is changed. */
const heldChange: Maker = (g) => {
  const lists = assignable(g, oneIn(g.r, 3) ? "leaves" : "list");
  if (lists.length === 0) return null;
  const xs = pick(g.r, lists);
  const q = newVariable(g, xs.type === "list" && oneIn(g.r, 2) ? "slice" : xs.type, false);
  const op = changeOf(g, xs);
  const look = intOf(g, q);
  return saysOf(g, (kept) => [`const ${q.name} = ${xs.name}${q.type === "slice" ? ".slice()" : ""}`, ...op.lines, `${kept} = ${look.text}`], (m) => {
    const list = readVar(m, xs) as ListValue;
    declareVar(m, q, q.type === "slice" ? listSlice(list) : list);
    op.run(m);
    return look.run(m);
  });
};

/** The last element, taken out and kept. */
const takeLast: Maker = (g) => {
  const lists = assignable(g, "list");
  if (lists.length === 0) return null;
  const xs = pick(g.r, lists);
  const v = newVariable(g, "oleaf", true);
  inSightNow(g, v);
  return line(`var ${v.name}: ?*Leaf = ${xs.name}.pop() orelse null`, (m) => {
    const [left, value] = listPop(m, readVar(m, xs) as ListValue);
    writeVar(m, xs, left);
    declareVar(m, v, value);
  });
};

// What lets go of the globals while something that they held is in use.

function plain(read: (v: Value) => number): (m: Machine, v: Value) => number {
  return (_m, v) => read(v);
}

const clobber: Maker = (g) => {
  const find = (name: string): Variable => g.scopes[0].find((v) => v.name === name) as Variable;
  const subjects: [string, string, string, string, (v: Value) => Value, (m: Machine, v: Value) => number][] = [
    ["gLeaf", ".?", "*Leaf", "valOf", (v) => v, plain(leafValue)], ["gPair", ".?", "Pair", "pairValue", (v) => v, plain(pairValue)],
    ["gNode", ".?", "*Node", "chainOf", (v) => v, plain(nodeValue)], ["gNode", ".?.leaf", "*Leaf", "valOf", (v) => (v as Cell).slots[1], plain(leafValue)],
    ["gNode", ".?.pay", "Pay", "payValue", (v) => (v as Cell).slots[2], plain(payValue)], ["gPair", ".?.a", "*Leaf", "valOf", (v) => (v as StructValue).fields[0], plain(leafValue)],
    ["gPay", "", "Pay", "payValue", (v) => v, plain(payValue)], ["gList", "", "List(?*Leaf)", "listValue", (v) => v, plain(listValue)], ["gText", "", "string", "lenOf", (v) => v, plain((v) => (v as string).length)],
    ["gTies", "", "Ties", "tiesValue", (v) => v, tiesValue], ["gWeak", "", "weak *Leaf", "weakValue", (v) => v, weakValue], ["gNode", ".?.ties", "Ties", "tiesValue", (v) => (v as Cell).slots[5], tiesValue],
    ["gNode", ".?.up", "weak *Node", "upNumber", (v) => (v as Cell).slots[4], upNumber],
  ];
  // Now and then what is held in the global is new, or it would be gone after the first time.
  const [name, path, type, value, read, give] = pick(g.r, subjects);
  const v = find(name);
  const filled = oneIn(g.r, 2) ? fill(g, v) : null;
  g.marks += 1;
  const mark = g.marks;
  const kept = newVariable(g, "int", true);
  inSightNow(g, kept);
  const guard: Expr | null = path === "" ? null : { text: name === "gPair" ? "hasPair()" : `${name} != null`, run: (m) => Number(readVar(m, v) !== null) };
  const call = line(`${kept.name} = clobber(${type})(${name}${path}, ${mark}, ${value})`, (m) => {
    const x = read(readVar(m, v));
    m.held.push(x);
    step(m);
    forget(m, g.scopes[0]);
    say(m, mark, give(m, x));
    writeVar(m, kept, give(m, x));
  });
  const s = guarded(guard, call);
  return {
    lines: [...(filled === null ? [] : filled.lines), `var ${kept.name}: i64 = 0`, ...s.lines], run: (m) => {
      if (filled !== null) filled.run(m);
      declareVar(m, kept, 0);
      return s.run(m);
    },
  };
};

export function forget(m: Machine, globals: Variable[]): void {
  for (const v of globals) {
    if (v.name === "gList") writeVar(m, v, listClear(m, readVar(m, v) as ListValue));
    else if (v.name === "gWeak" || v.name === "gTies") writeVar(m, v, emptyWeak(v.type));
    else writeVar(m, v, v.name === "gText" ? "" : v.name === "gPay" ? { is: "union", tag: 0, payload: null } satisfies UnionValue : null);
  }
}

const deferred: Maker = (g) => {
  const errors = g.current.result.startsWith("!") && !oneIn(g.r, 3);
  const s = (oneIn(g.r, 2) ? change(g) : deferredStore(g)) ?? deferredStore(g);
  if (s === null) return null;
  return line(`${errors ? "errdefer" : "defer"} ${s.lines[0]}`, (m) => deferRun(m, errors, () => void s.run(m)));
};

/** A store to a variable, or at the end of a list. */
function deferredStore(g: Gen): Stmt | null {
  const type = pick(g.r, ["leaf", "oleaf", "node", "onode", "pay", "text", "opair", "wleaf", "ties"]);
  const to = assignable(g, type);
  const lists = assignable(g, "list");
  if (lists.length > 0 && oneIn(g.r, 3)) {
    const xs = pick(g.r, lists);
    const x = exprOf(g, "leaf", true);
    return line(`${xs.name}.append(${x.text})`, (m) => writeVar(m, xs, listAppend(m, readVar(m, xs) as ListValue, x.run(m))));
  }
  if (to.length === 0) return null;
  const v = pick(g.r, to);
  let x = exprOf(g, type, true);
  for (let tries = 0; x.text === v.name && tries < 4; tries++) x = exprOf(g, type, true);
  return line(`${v.name} = ${x.text}`, (m) => writeVar(m, v, x.run(m)));
}

export const plainMakers: Maker[] = [
  declare, declare, declare, tryCall, tryCall, discard, recurse, assign, assign, assign, assign, assign, storeForgotten, linkNodes, exchange, exchange, checkpoint, checkpoint, checkpoint, change, changeList, changeList, changeList,
  takeLast, heldAcross, heldAcross, heldChange, heldChange, clobber, clobber, clobber, clobber, ...weakStatements, deferred, deferred, deferred,
];

export function statement(g: Gen): Stmt {
  g.budget -= 1;
  for (;;) {
    const nested = g.scopes.length < 6 && oneIn(g.r, 3);
    const s = pick(g.r, nested ? g.nested : plainMakers)(g);
    if (s !== null) return s;
  }
}

export { anyCall, failedWith, guarded, indented, inner, inSightNow, jumpLine, line, resultOf };
export type { Maker };
