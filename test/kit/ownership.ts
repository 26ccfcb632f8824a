// Random programs over counted values, with what they must print.
// In -> out: seeds, to one Cot file that runs a program for each, and the lines that the model computes for it.
// A checkpoint line is "MARK ALIVE DEAD VALUE": objects alive, the sum of what the dead left behind, something read.
// Programs without circles leave nothing alive, and no block of a dead object that is looked at weakly; after the others live what the model says that counting leaves.

import { callModel, collect, emptyList, type Jump, type Machine, newMachine, TooLong, type Value, type Variable, writeVar } from "./ownership_model.ts";
import { giveBack, nestedMakers } from "./ownership_nested.ts";
import { block, forget, indented, newVariable, opening, type Stmt } from "./ownership_stmts.ts";
import { counted, type Func, type Gen, prelude, typeTexts } from "./ownership_values.ts";
import { emptyWeak } from "./ownership_weak.ts";
import { below, newRandom, pick } from "./random.ts";

export interface OwnershipFile { text: string; expected: string }

interface Made { lines: string[]; output: string[]; circles: boolean }

const globalTypes: [string, string][] = [["gLeaf", "oleaf"], ["gNode", "onode"], ["gPair", "opair"], ["gPay", "pay"], ["gList", "list"], ["gText", "text"], ["gWeak", "wleaf"], ["gTies", "ties"]];
const results = ["void", "void", ...counted, "leaf", "oleaf", "onode", "node", "pair", "!leaf", "!leaf", "!leaf", "!leaf", "!pair", "!pair", "!text", "!node", "!pay", "!slice", "!ties"];

function newGen(seed: number, funcs: Func[], current: Func, circles: boolean): Gen {
  const globals = globalTypes.map(([name, type]): Variable => ({ name, type, mutable: true }));
  return { r: newRandom(seed), scopes: [globals], funcs, current, circles, loops: [], locked: new Set(), depth: 0, names: 0, marks: 0, budget: 0, nested: nestedMakers };
}

/** A function: its text, and in it what the model does. */
function makeFunc(g: Gen, name: string, budget: number): string[] {
  const main = name.endsWith("run");
  const f: Func = { name, params: [], result: main ? "void" : pick(g.r, results), body: null };
  g.current = f;
  if (!main) {
    f.params.push(newVariable(g, "int", false));
    for (let n = below(g.r, 4); n > 0; n--) f.params.push(newVariable(g, pick(g.r, counted), false));
  }
  g.budget = budget;
  const s: Stmt = block(g, main ? 24 : 8, f.params, f.result === "void" ? null : giveBack, main ? opening : null);
  f.body = (m: Machine): Jump => s.run(m);
  const result = f.result === "void" ? "void" : f.result.startsWith("!") ? `E!${typeTexts[f.result.slice(1)]}` : typeTexts[f.result];
  const params = f.params.map((p) => `${p.name}: ${typeTexts[p.type]}`).join(", ");
  g.funcs.push(f);
  return [`fn ${name}(${params}) ${result} {`, ...indented(s.lines), "}"];
}

function startValue(m: Machine, type: string): Value {
  if (type === "pay") return { is: "union", tag: 0, payload: null };
  if (type === "wleaf" || type === "ties") return emptyWeak(type);
  if (type === "list") return emptyList(m);
  return type === "text" ? "" : null;
}

/** Runs the program in the model. */
function runModel(g: Gen): Machine {
  const m = newMachine();
  for (const v of g.scopes[0]) m.globals.set(v, startValue(m, v.type));
  const main = g.funcs[g.funcs.length - 1];
  callModel(m, [], [], () => (main.body === null ? null : main.body(m)));
  forget(m, g.scopes[0]);
  for (const v of g.scopes[0]) if (v.type === "list") writeVar(m, v, emptyList(m));
  collect(m);
  return m;
}

/** A program of some functions, the last of which is run; null when it runs for too long. */
function makeProgram(seed: number, name: string): Made | null {
  const circles = seed % 4 === 3;
  const g = newGen(seed, [], { name: "", params: [], result: "void", body: null }, circles);
  const lines: string[] = [];
  for (let n = 2 + below(g.r, 3); n > 0; n--) lines.push(...makeFunc(g, `${name}f${n}`, 8 + below(g.r, 12)));
  lines.push(...makeFunc(g, `${name}run`, 40 + below(g.r, 40)));
  try {
    const m = runModel(g);
    if (!circles && m.alive !== 0) throw new Error(`the model leaves ${m.alive} objects of ${name} alive`);
    return { lines, output: [...m.lines, `${name} ${m.alive} ${m.deadSum}${circles ? "" : " 0 0"}`], circles };
  } catch (e) {
    if (e instanceof TooLong) return null;
    throw e;
  }
}

function startText(name: string, circles: boolean): string[] {
  const left = circles ? "" : ', " ", objectsAlive() - before, " ", blocksAlive() - blocks';
  return [
    `fn ${name}() {`, "    made = 0", "    alive = 0", "    dead = 0", ...(circles ? [] : ["    const before = objectsAlive()", "    const blocks = blocksAlive()"]), `    ${name}run()`, "    forget()",
    "    gList = List(?*Leaf) {}", `    println("${name} ", alive, " ", dead${left})`, "}",
  ];
}

/** A file of one program for each seed. */
export function ownershipFile(seeds: number[]): OwnershipFile {
  const lines: string[] = [];
  const calls: string[] = [];
  const output: string[] = [];
  for (const seed of seeds) {
    const name = `p${seed}`;
    let made: Made | null = null;
    for (let tries = 0; made === null; tries++) made = makeProgram(seed + tries * 1000000, name);
    lines.push("", ...made.lines, ...startText(name, made.circles));
    calls.push(`    ${name}()`);
    output.push(...made.output);
  }
  const text = [prelude, ...lines, "", "fn main() {", '    println("begin")', ...calls, "}", ""].join("\n");
  return { text, expected: ["begin", ...output].map((l) => `${l}\n`).join("") };
}

