// Random statements that hold others: conditions, captures, loops, switches, blocks with a value, jumps.
// In -> out: a generator, to lines of Cot and what the model does for them.

import { type Cell, declareVar, inScope, type Jump, type ListValue, type Machine, readVar, say, type SliceValue, type StructValue, type UnionValue, type Value, type Variable, writeVar } from "./ownership_model.ts";
import { anyCall, block, checkpoint, failedWith, indented, inner, inSightNow, jumpLine, line, type Maker, newVariable, resultOf, type Stmt } from "./ownership_stmts.ts";
import { assignable, condition, type Expr, exprOf, type Gen, inSight, isGlobal, leafValue, typeTexts, varExpr } from "./ownership_values.ts";
import { weakNested, weakValue } from "./ownership_weak.ts";
import { below, oneIn, pick } from "./random.ts";

// Jumps.

/** What the current function returns: a value of its type, an error, what a call of the same type gives. */
export function giveBack(g: Gen): Stmt {
  const result = g.current.result;
  if (result === "void") return jumpLine("return", () => ({ kind: "return", value: null, failed: false }));
  if (result.startsWith("!") && oneIn(g.r, 3)) {
    const name = pick(g.r, ["Bad", "Worse"]);
    return jumpLine(`return error.${name}`, () => ({ kind: "return", value: name, failed: true }));
  }
  const c = oneIn(g.r, 3) ? anyCall(g, (r) => r === result, false) : null;
  if (c !== null) return jumpLine(`return ${c.text}`, (m) => c.run(m));
  const x = exprOf(g, result.replace("!", ""), true);
  return jumpLine(`return ${x.text}`, (m) => ({ kind: "return", value: x.run(m), failed: false }));
}

function leave(g: Gen): Stmt {
  const main = g.current.params.length === 0;
  if (g.loops.length === 0 || oneIn(g.r, main ? 20 : 4)) return giveBack(g);
  const kind = oneIn(g.r, 2) ? "break" : "continue";
  const label = oneIn(g.r, 2) ? g.loops[g.loops.length - 1] : pick(g.r, g.loops);
  const inLast = label === g.loops[g.loops.length - 1] && oneIn(g.r, 2);
  return jumpLine(inLast ? kind : `${kind} '${label}`, () => ({ kind, label }));
}

/** Now and then a variable that the statement around looks into gets another value first. */
export function letGo(g: Gen, v: Variable): Maker | null {
  if (!assignable(g, v.type).includes(v) || !oneIn(g.r, 2)) return null;
  return (h) => {
    const x = exprOf(h, v.type, false);
    return line(`${v.name} = ${x.text}`, (m) => writeVar(m, v, x.run(m)));
  };
}

/** One statement before others, in the same scope. */
export function before(first: Stmt | null, rest: Stmt): Stmt {
  return first === null ? rest : { lines: [...first.lines, ...rest.lines], run: (m) => first.run(m) ?? rest.run(m) };
}

/** A body in braces; now and then it ends with a jump. */
export function body(g: Gen, own: Variable[]): Stmt {
  const main = g.current.params.length === 0;
  return block(g, inner(g), own, oneIn(g.r, main && g.loops.length === 0 ? 40 : 5) ? leave : null);
}

// Conditions and captures.

const ifElse: Maker = (g) => {
  const c = condition(g, false);
  const a = body(g, []);
  const b = oneIn(g.r, 2) ? body(g, []) : null;
  const other = b === null ? ["}"] : ["} else {", ...indented(b.lines), "}"];
  return {
    lines: [`if ${c.text} {`, ...indented(a.lines), ...other], run: (m) => {
      const chosen = c.run(m) === 1 ? a : b;
      return chosen === null ? null : inScope(m, () => chosen.run(m));
    },
  };
};

/** An optional to look into, evaluated without making anything. */
function subject(g: Gen, inside: string): { text: string; run: (m: Machine) => Value } | null {
  const c = oneIn(g.r, 3) ? anyCall(g, (r) => r === `o${inside}`, true) : null;
  if (c !== null) return { text: c.text, run: (m) => resultOf(c.run(m)) };
  if (inside === "node" && oneIn(g.r, 2)) {
    const nodes = inSight(g, "node");
    if (nodes.length === 0) return null;
    const v = pick(g.r, nodes);
    return { text: `${v.name}.next`, run: (m) => (readVar(m, v) as Cell).slots[0] };
  }
  const vars = inSight(g, `o${inside}`);
  return vars.length === 0 ? null : varExpr(pick(g.r, vars));
}

const ifCapture: Maker = (g) => {
  const type = pick(g.r, ["leaf", "node", "pair", "ties"]);
  const s = subject(g, type);
  if (s === null) return null;
  const x = newVariable(g, type, false);
  const a = body(g, [x]);
  const b = body(g, []);
  return {
    lines: [`if ${s.text} |${x.name}| {`, ...indented(a.lines), "} else {", ...indented(b.lines), "}"], run: (m) => {
      const v = s.run(m);
      return inScope(m, () => {
        if (v === null) return b.run(m);
        declareVar(m, x, v);
        return a.run(m);
      });
    },
  };
};

/** A capture by reference: stores into the optional where it stands. */
const ifReference: Maker = (g) => {
  const type = pick(g.r, ["leaf", "node", "pair", "ties"]);
  const vars = assignable(g, `o${type}`).filter((v) => !isGlobal(g, v));
  if (vars.length === 0) return null;
  const v = pick(g.r, vars);
  g.locked.add(v);
  const x = exprOf(g, type, false);
  const rest = block(g, 1, [], checkpoint);
  g.locked.delete(v);
  g.names += 1;
  const name = `p${g.names}`;
  return {
    lines: [`if ${v.name} |*${name}| {`, ...indented([`${name}.* = ${x.text}`, ...rest.lines]), "}"], run: (m) => {
      if (readVar(m, v) === null) return null;
      return inScope(m, () => {
        writeVar(m, v, x.run(m));
        return rest.run(m);
      });
    },
  };
};

/** Both outcomes of a call that may fail. */
const ifError: Maker = (g) => {
  const c = anyCall(g, (r) => r.startsWith("!"), true);
  if (c === null) return null;
  const x = newVariable(g, c.result.slice(1), false);
  g.names += 1;
  g.marks += 1;
  const error = `e${g.names}`;
  const mark = g.marks;
  const a = body(g, [x]);
  const b = body(g, []);
  return {
    lines: [`if ${c.text} |${x.name}| {`, ...indented(a.lines), `} else |${error}| {`, ...indented([`println("${mark} ", ${error})`, ...b.lines]), "}"], run: (m) => {
      const jump = c.run(m);
      return inScope(m, () => {
        if (!failedWith(jump)) {
          declareVar(m, x, resultOf(jump));
          return a.run(m);
        }
        m.lines.push(`${mark} error.${resultOf(jump)}`);
        return b.run(m);
      });
    },
  };
};

/** An optional's value, or away from here. */
const orLeave: Maker = (g) => {
  const type = pick(g.r, ["leaf", "node", "pair", "ties"]);
  const vars = inSight(g, `o${type}`);
  if (vars.length === 0 || (g.current.params.length === 0 && g.loops.length === 0)) return null;
  const from = pick(g.r, vars);
  const away = leave(g);
  const v = newVariable(g, type, false);
  inSightNow(g, v);
  return jumpLine(`const ${v.name} = ${from.name} orelse ${away.lines[0]}`, (m) => {
    const x = readVar(m, from);
    if (x === null) return away.run(m);
    declareVar(m, v, x);
    return null;
  });
};

// Loops.

/** Whether a jump ends the loop with this label; the jump that goes on outside, if one does. */
function afterBody(jump: Jump, label: string): { ends: boolean; jump: Jump } {
  if (jump === null) return { ends: false, jump: null };
  if (jump.kind === "break" && jump.label === label) return { ends: true, jump: null };
  if (jump.kind === "continue" && jump.label === label) return { ends: false, jump: null };
  return { ends: true, jump };
}

function loopLabel(g: Gen): string {
  g.names += 1;
  return `l${g.names}`;
}

function loopBody(g: Gen, label: string, own: Variable[], first: Maker | null): Stmt {
  g.loops.push(label);
  g.scopes.push([]);
  const start = first === null ? null : first(g);
  const s = body(g, own);
  g.scopes.pop();
  g.loops.pop();
  return before(start, s);
}

/** Runs a loop over values that are found one by one; each round has a scope of its own. */
function rounds(m: Machine, label: string, next: (i: number) => [Variable, Value][] | null, round: Stmt): Jump {
  for (let i = 0; ; i++) {
    const bound = next(i);
    if (bound === null) return null;
    const after = afterBody(inScope(m, () => {
      for (const [v, x] of bound) declareVar(m, v, x);
      return round.run(m);
    }), label);
    if (after.ends) return after.jump;
  }
}

const forRange: Maker = (g) => {
  const n = 1 + below(g.r, 3);
  const i = newVariable(g, "int", false);
  const label = loopLabel(g);
  const s = loopBody(g, label, [i], null);
  return { lines: [`'${label}: for ${i.name} in 0..${n} {`, ...indented(s.lines), "}"], run: (m) => rounds(m, label, (k) => (k < n ? [[i, k]] : null), s) };
};

/** Goes over the elements that a list or slice has when the loop begins. */
const forElements: Maker = (g) => {
  const slices = inSight(g, "slice");
  const vars = slices.length > 0 && oneIn(g.r, 2) ? slices : [...inSight(g, "list"), ...inSight(g, "leaves"), ...inSight(g, "wlist")];
  if (vars.length === 0) return null;
  const xs = pick(g.r, vars);
  const x = newVariable(g, xs.type === "leaves" ? "leaf" : xs.type === "wlist" ? "wleaf" : "oleaf", false);
  const i = oneIn(g.r, 3) ? newVariable(g, "int", false) : null;
  const label = loopLabel(g);
  g.marks += 1;
  const mark = g.marks;
  const look = line(`say(${mark}, leafValue(${x.name}))`, (m) => say(m, mark, x.type === "wleaf" ? weakValue(m, readVar(m, x)) : leafValue(readVar(m, x))));
  const first = letGo(g, xs);
  const s = loopBody(g, label, i === null ? [x] : [i, x], (h) => before(first === null ? null : first(h), look));
  return {
    lines: [`'${label}: for ${i === null ? "" : `${i.name}, `}${x.name} in ${xs.name} {`, ...indented(s.lines), "}"], run: (m) => {
      const over = readVar(m, xs) as ListValue | SliceValue;
      const from = over.is === "list" ? 0 : over.from;
      const count = over.is === "list" ? over.count : over.len;
      const held = m.held.length;
      m.held.push(over);
      const jump = rounds(m, label, (k) => {
        if (k >= count) return null;
        const element: [Variable, Value] = [x, over.items.slots[from + k]];
        return i === null ? [element] : [[i, k], element];
      }, s);
      m.held.length = held;
      return jump;
    },
  };
};

/** Walks a chain of nodes, a few steps far. */
const whileChain: Maker = (g) => {
  const vars = [...inSight(g, "onode"), ...inSight(g, "node")];
  if (vars.length === 0) return null;
  const from = pick(g.r, vars);
  const at = newVariable(g, "onode", true);
  const n = newVariable(g, "int", false);
  const c = newVariable(g, "node", false);
  const label = loopLabel(g);
  const most = 1 + below(g.r, 3);
  const advance: Maker = () => line(`${at.name} = ${c.name}.next`, (m) => writeVar(m, at, (readVar(m, c) as Cell).slots[0]));
  g.scopes.push([at]);
  const s = loopBody(g, label, [c], advance);
  g.scopes.pop();
  const lines = [`var ${at.name}: ?*Node = ${from.name}`, `var ${n.name}: i64 = 0`, `'${label}: while ${at.name} |${c.name}| : (${n.name} += 1) {`, `    if ${n.name} >= ${most} { break }`, ...indented(s.lines), "}"];
  return {
    lines: ["{", ...indented(lines), "}"], run: (m) => inScope(m, () => {
      declareVar(m, at, readVar(m, from));
      return rounds(m, label, (k) => {
        const x = readVar(m, at);
        return x === null || k >= most ? null : [[c, x]];
      }, s);
    }),
  };
};

const braces: Maker = (g) => {
  const s = block(g, inner(g) + 1, [], oneIn(g.r, 8) ? leave : null);
  return { lines: ["{", ...indented(s.lines), "}"], run: (m) => inScope(m, () => s.run(m)) };
};

// Switches.

const armNames = ["None", "One", "Two", "Text", "Fun"];
const armTypes = ["", "leaf", "pair", "text", "fun"];

const switchOver: Maker = (g) => {
  const pays = inSight(g, "pay");
  const nodes = inSight(g, "node");
  if (pays.length + nodes.length === 0) return null;
  const v = pick(g.r, [...pays, ...nodes]);
  const read = (m: Machine): UnionValue => (v.type === "pay" ? readVar(m, v) : (readVar(m, v) as Cell).slots[2]) as UnionValue;
  const given = armNames.map((_, tag) => tag).filter((tag) => tag < 2 || !oneIn(g.r, 3));
  const arms = given.map((tag) => {
    const x = newVariable(g, armTypes[tag], false);
    const first = letGo(g, v);
    return { tag, x, body: before(first === null ? null : first(g), body(g, tag === 0 ? [] : [x])) };
  });
  const other = given.length === 5 ? null : body(g, []);
  const lines = arms.flatMap((a) => [`.${armNames[a.tag]}${a.tag === 0 ? "" : ` |${a.x.name}|`} => {`, ...indented(a.body.lines), "}"]);
  if (other !== null) lines.push("else => {", ...indented(other.lines), "}");
  return {
    lines: [`switch ${v.name}${v.type === "pay" ? "" : ".pay"} {`, ...indented(lines), "}"], run: (m) => {
      const u = read(m);
      const arm = arms.find((a) => a.tag === u.tag);
      return inScope(m, () => {
        // What is switched over stays where it is until the switch is left.
        if (v.type === "node") m.held.push(readVar(m, v));
        if (arm === undefined) return other === null ? null : other.run(m);
        if (arm.tag !== 0) declareVar(m, arm.x, u.payload);
        return arm.body.run(m);
      });
    },
  };
};

/** Stores into the payload of a union where it stands. */
const switchReference: Maker = (g) => {
  const vars = assignable(g, "pay").filter((v) => !isGlobal(g, v));
  if (vars.length === 0) return null;
  const v = pick(g.r, vars);
  g.locked.add(v);
  const a = exprOf(g, "leaf", false);
  const b = exprOf(g, "oleaf", false);
  const c = exprOf(g, "text", false);
  g.locked.delete(v);
  g.names += 1;
  const p = `p${g.names}`;
  const set = (m: Machine, u: UnionValue, payload: Value): void => writeVar(m, v, { is: "union", tag: u.tag, payload });
  return {
    lines: [`switch ${v.name} {`, `    .One |*${p}| => ${p}.* = ${a.text},`, `    .Two |*${p}| => ${p}.b = ${b.text},`, `    .Text |*${p}| => ${p}.* = ${c.text},`, "    else => {},", "}"], run: (m) => {
      const u = readVar(m, v) as UnionValue;
      if (u.tag === 1) set(m, u, a.run(m));
      if (u.tag === 2) set(m, u, { is: "struct", fields: [(u.payload as StructValue).fields[0], b.run(m)] });
      if (u.tag === 3) set(m, u, c.run(m));
      return null;
    },
  };
};

/** The same in a node, which its variable may let go of in the meantime. */
const switchInNode: Maker = (g) => {
  const nodes = inSight(g, "node");
  if (nodes.length === 0) return null;
  const v = pick(g.r, nodes);
  const first = letGo(g, v);
  const start = first === null ? null : first(g);
  const a = exprOf(g, "leaf", false);
  g.names += 1;
  const p = `p${g.names}`;
  const store = [...(start === null ? [] : start.lines), `${p}.* = ${a.text}`];
  return {
    lines: [`switch ${v.name}.pay {`, `    .One |*${p}| => {`, ...indented(indented(store)), "    }", "    else => {},", "}"], run: (m) => {
      const cell = readVar(m, v) as Cell;
      if ((cell.slots[2] as UnionValue).tag !== 1) return null;
      return inScope(m, () => {
        m.held.push(cell);
        if (start !== null) start.run(m);
        cell.slots[2] = { is: "union", tag: 1, payload: a.run(m) };
        return null;
      });
    },
  };
};

// Values of blocks.

const valueTypes = ["leaf", "oleaf", "pair", "pay", "text", "node", "opair", "both", "wleaf", "ties", "tie"];

/** A variable whose value a block gives: labelled, or by its last expression in one arm of an if. */
const blockValue: Maker = (g) => {
  const type = pick(g.r, valueTypes);
  const v = newVariable(g, type, true);
  const s = oneIn(g.r, 2) ? labelledValue(g, type, v) : ifValue(g, type, v);
  inSightNow(g, v);
  return s;
};

function give(x: Expr, label: string): Stmt {
  return jumpLine(label === "" ? x.text : `break '${label} ${x.text}`, (m) => ({ kind: "give", value: x.run(m) }));
}

function giveInto(m: Machine, v: Variable, jump: Jump): Jump {
  if (jump === null || jump.kind !== "give") return jump;
  declareVar(m, v, jump.value);
  return null;
}

function labelledValue(g: Gen, type: string, v: Variable): Stmt {
  const label = loopLabel(g);
  const loops = g.loops;
  g.loops = [];
  const early: Maker = (h) => {
    const c = condition(h, false);
    const s = block(h, 1, [], (k) => give(exprOf(k, type, true), label));
    return { lines: [`if ${c.text} {`, ...indented(s.lines), "}"], run: (m) => (c.run(m) === 1 ? inScope(m, () => s.run(m)) : null) };
  };
  const s = block(g, 2, [], (h) => {
    const a = early(h) as Stmt;
    const b = give(exprOf(h, type, true), label);
    return { lines: [...a.lines, ...b.lines], run: (m) => a.run(m) ?? b.run(m) };
  });
  g.loops = loops;
  return { lines: [`var ${v.name}: ${typeTexts[type]} = '${label}: {`, ...indented(s.lines), "}"], run: (m) => giveInto(m, v, inScope(m, () => s.run(m))) };
}

function ifValue(g: Gen, type: string, v: Variable): Stmt {
  const c = condition(g, false);
  const loops = g.loops;
  g.loops = [];
  const a = block(g, 1, [], (h) => give(exprOf(h, type, true), ""));
  const b = block(g, 1, [], (h) => give(exprOf(h, type, true), ""));
  g.loops = loops;
  return {
    lines: [`var ${v.name}: ${typeTexts[type]} = if ${c.text} {`, ...indented(a.lines), "} else {", ...indented(b.lines), "}"],
    run: (m) => giveInto(m, v, inScope(m, () => (c.run(m) === 1 ? a : b).run(m))),
  };
}

export const nestedMakers: readonly Maker[] = [
  ifElse, ifElse, ifCapture, ifCapture, ifReference, ifError, ifError, orLeave, forRange, forElements, forElements, whileChain, braces, switchOver, switchOver, switchReference, switchInNode, blockValue, blockValue, ...weakNested,
];
