// Removal of what nothing refers to.
// In -> out: a module, to one without functions that no root reaches, most of them inlined everywhere, and with the data
// that no root reaches undefined. Roots are what is visible outside, kept or run at start-up.

import type { Func } from "../ssa/function.ts";
import type { SsaModule } from "../ssa/module.ts";
import { Extra, opTable } from "../ssa/ops.ts";
import { funcIndexes } from "./callgraph.ts";

/** Removes the functions and undefines the data that no root reaches. */
export function dropUnused(m: SsaModule): void {
  const used: boolean[] = [];
  const work: number[] = [];
  const funcOf = funcIndexes(m);
  for (let s = 0; s < m.symbols.length; s++) used.push(false);
  for (let s = 0; s < m.symbols.length; s++) if (m.symbols[s].global && m.symbols[s].defined) useSymbol(used, work, s);
  for (const s of m.initFuncs) useSymbol(used, work, s);
  for (const s of m.kept) useSymbol(used, work, s);
  while (work.length > 0) {
    const s = work[work.length - 1];
    work.pop();
    for (const r of m.symbols[s].relocs) useSymbol(used, work, r.sym);
    if (funcOf[s] >= 0) useReferences(m.funcs[funcOf[s]], used, work);
  }
  const kept: Func[] = [];
  for (const f of m.funcs) if (used[f.sym]) kept.push(f);
  m.funcs = kept;
  for (let s = 0; s < m.symbols.length; s++) {
    if (used[s]) continue;
    m.symbols[s].defined = false;
    m.symbols[s].relocs = [];
  }
}

function useSymbol(used: boolean[], work: number[], s: number): void {
  if (used[s]) return;
  used[s] = true;
  work.push(s);
}

function useReferences(f: Func, used: boolean[], work: number[]): void {
  for (const b of f.order) {
    for (const i of f.blocks[b].insts) {
      if (opTable.extra[f.insts[i].op] === Extra.sym) useSymbol(used, work, f.insts[i].sym);
    }
  }
}
