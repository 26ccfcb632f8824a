// Structured control flow from a control-flow graph, by the dominator tree.
// In -> out: an SSA function, to a list of steps in the order of the Wasm text: open and close constructs, the code
// of a block, its ways out with label depths. Algorithm: Ramsey, "Beyond Relooper: Recursive Translation of
// Unstructured Control Flow to Structured Control Flow" (ICFP 2022), with a work list for the recursion.
// A block entered by several forward edges, or by br_table, follows the end of a `block`; a block entered by a back
// edge stands in a `loop`; any other stands where its one predecessor leaves to it. The second arm of a branch
// follows the `if` of the first, which never falls out of it, so chains of conditions do not nest.
// Needs: a reducible graph, and no arguments on edges of br_table (splitTableEdges).

import { bug } from "../base/bug.ts";
import { type Cfg, computeCfg } from "../ssa/cfg.ts";
import { computeDominators, type Dominators, dominates } from "../ssa/dominators.ts";
import { addBlock, addInst, type Func, lastInst } from "../ssa/function.ts";
import { Op, Type } from "../ssa/ops.ts";

/** Kinds of steps. */
export const StepKind = {
  /** Opens the construct that block is placed after, or begins. */
  block: 0, loop: 1,
  /** Opens the arm taken when the condition of block is not zero. */
  if: 2,
  /** Closes the innermost construct. */
  end: 3,
  /** The instructions of block but its terminator. */
  code: 4,
  /** Arguments of edge `edge` of block become params; control goes on in the next step. */
  pass: 5,
  /** The same, then a branch to depth; depth -1 means that control gets there by itself. */
  branch: 6,
  /** Conditional branch to depth along edge `edge` of block, without arguments. */
  branchIf: 7,
  /** br_table of block: depths of its edges in the table of number depth. */
  table: 8,
  /** The terminator of block ends the function. */
  leave: 9,
};

export interface Step {
  kind: number;
  block: number;
  edge: number;
  depth: number;
}

/** The control flow of a function. */
export interface Structure {
  steps: Step[];
  /** The depths of each br_table. */
  tables: number[][];
}

/** What is still to do: place a tree, leave a block by an edge, write the body of a block, close a construct. */
const Todo = { tree: 0, body: 1, arm: 2, close: 3 };

interface TodoItem {
  kind: number;
  block: number;
  edge: number;
}

interface Structurer {
  func: Func;
  cfg: Cfg;
  dom: Dominators;
  /** By block: placed after a `block` construct. */
  merges: boolean[];
  headers: boolean[];
  /** By block: number of open constructs inside which its `block` or `loop` was opened. */
  blockLevel: number[];
  loopLevel: number[];
  level: number;
  todo: TodoItem[];
  steps: Step[];
  tables: number[][];
}

/** Gives each edge of a br_table that has arguments a block of its own. */
export function splitTableEdges(f: Func): void {
  const count = f.blocks.length;
  for (let b = 0; b < count; b++) {
    const targets = f.blocks[b].targets;
    if (targets.length < 2) continue;
    const last = lastInst(f, b);
    if (f.insts[last].op !== Op.br_table) continue;
    for (const t of targets) {
      if (t.args.length === 0) continue;
      const middle = addBlock(f);
      const jump = addInst(f, Op.jump, Type.void, [], f.insts[last].pos);
      f.blocks[middle].targets.push({ block: t.block, args: t.args });
      f.blocks[middle].insts.push(jump);
      t.block = middle;
      t.args = [];
    }
  }
}

/** The steps of a function. */
export function structureFunc(f: Func): Structure {
  const cfg = computeCfg(f);
  const s: Structurer = { func: f, cfg: cfg, dom: computeDominators(cfg), merges: [], headers: [], blockLevel: [], loopLevel: [], level: 0, todo: [], steps: [], tables: [] };
  classifyBlocks(s);
  addTodo(s, Todo.tree, 0, 0);
  while (s.todo.length > 0) {
    const item = s.todo[s.todo.length - 1];
    s.todo.pop();
    if (item.kind === Todo.tree) placeTree(s, item.block);
    else if (item.kind === Todo.body) placeBody(s, item.block);
    else if (item.kind === Todo.arm) placeArm(s, item.block, item.edge);
    else closeConstruct(s, item.block);
  }
  dropFallThrough(s.steps);
  return { steps: s.steps, tables: s.tables };
}

function addTodo(s: Structurer, kind: number, block: number, edge: number): void {
  s.todo.push({ kind: kind, block: block, edge: edge });
}

function classifyBlocks(s: Structurer): void {
  const forward: number[] = [];
  for (let b = 0; b < s.func.blocks.length; b++) {
    forward.push(0);
    s.merges.push(false);
    s.headers.push(false);
    s.blockLevel.push(-1);
    s.loopLevel.push(-1);
  }
  for (const b of s.cfg.rpo) {
    const targets = s.func.blocks[b].targets;
    const table = targets.length > 1 && s.func.insts[lastInst(s.func, b)].op === Op.br_table;
    for (const t of targets) {
      if (isBackEdge(s, b, t.block)) {
        if (!dominates(s.dom, t.block, b)) bug("irreducible control flow at block" + t.block);
        s.headers[t.block] = true;
      } else {
        forward[t.block] += 1;
        if (table || forward[t.block] > 1) s.merges[t.block] = true;
      }
    }
  }
}

function isBackEdge(s: Structurer, from: number, to: number): boolean {
  return s.cfg.rpoIndex[to] <= s.cfg.rpoIndex[from];
}

function addStep(s: Structurer, kind: number, block: number, edge: number, depth: number): void {
  s.steps.push({ kind: kind, block: block, edge: edge, depth: depth });
}

/** A block with all it dominates: its merge children follow it, the last in reverse postorder outermost. */
function placeTree(s: Structurer, block: number): void {
  if (s.headers[block]) {
    s.loopLevel[block] = s.level;
    s.level += 1;
    addStep(s, StepKind.loop, block, 0, 0);
    addTodo(s, Todo.close, -1, 0);
  }
  const children = s.dom.children;
  for (let k = children.first[block + 1] - 1; k >= children.first[block]; k--) {
    const child = children.items[k];
    if (!s.merges[child]) continue;
    s.blockLevel[child] = s.level;
    s.level += 1;
    addStep(s, StepKind.block, child, 0, 0);
    addTodo(s, Todo.tree, child, 0);
    addTodo(s, Todo.close, child, 0);
  }
  addTodo(s, Todo.body, block, 0);
}

/** block is the one that follows the end, or -1. */
function closeConstruct(s: Structurer, block: number): void {
  s.level -= 1;
  addStep(s, StepKind.end, block, 0, 0);
}

function placeBody(s: Structurer, block: number): void {
  addStep(s, StepKind.code, block, 0, 0);
  const targets = s.func.blocks[block].targets;
  if (targets.length === 1) {
    placeArm(s, block, 0);
  } else if (targets.length === 0) {
    addStep(s, StepKind.leave, block, 0, 0);
  } else if (s.func.insts[lastInst(s.func, block)].op === Op.brif) {
    placeBranch(s, block);
  } else {
    const depths: number[] = [];
    for (const t of targets) depths.push(labelDepth(s, block, t.block));
    addStep(s, StepKind.table, block, 0, s.tables.length);
    s.tables.push(depths);
  }
}

/** How many constructs out the label of a target is, or -1 when the target is placed at the edge itself. */
function labelDepth(s: Structurer, from: number, to: number): number {
  if (isBackEdge(s, from, to)) return s.level - 1 - s.loopLevel[to];
  return s.merges[to] ? s.level - 1 - s.blockLevel[to] : -1;
}

function placeBranch(s: Structurer, block: number): void {
  const targets = s.func.blocks[block].targets;
  for (let edge = 0; edge < 2; edge++) {
    const depth = labelDepth(s, block, targets[edge].block);
    if (depth < 0 || targets[edge].args.length > 0) continue;
    addStep(s, StepKind.branchIf, block, edge, depth);
    placeArm(s, block, 1 - edge);
    return;
  }
  addStep(s, StepKind.if, block, 0, 0);
  s.level += 1;
  addTodo(s, Todo.arm, block, 1);
  addTodo(s, Todo.close, -1, 0);
  addTodo(s, Todo.arm, block, 0);
}

function placeArm(s: Structurer, block: number, edge: number): void {
  const to = s.func.blocks[block].targets[edge].block;
  const depth = labelDepth(s, block, to);
  if (depth >= 0) {
    addStep(s, StepKind.branch, block, edge, depth);
    return;
  }
  addStep(s, StepKind.pass, block, edge, 0);
  addTodo(s, Todo.tree, to, 0);
}

/** Branches to where control falls anyway become depth -1. Going backwards, `next` is the block that falling out leads to. */
function dropFallThrough(steps: Step[]): void {
  let next = -1;
  const targets = openTargets(steps);
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i];
    if (step.kind === StepKind.end) {
      if (step.block >= 0) next = step.block;
    } else {
      if (step.kind === StepKind.branch && next >= 0 && targets[i] === next) step.depth = -1;
      next = -1;
    }
  }
}

/** By step: the block placed after the construct that a branch leaves, or -1 for branches to loops and other steps. */
function openTargets(steps: Step[]): number[] {
  const targets: number[] = [];
  const open: number[] = [];
  for (const step of steps) {
    let target = -1;
    if (step.kind === StepKind.block) open.push(step.block);
    else if (step.kind === StepKind.loop || step.kind === StepKind.if) open.push(-1);
    else if (step.kind === StepKind.end) open.pop();
    else if (step.kind === StepKind.branch) target = open[open.length - 1 - step.depth];
    targets.push(target);
  }
  return targets;
}
