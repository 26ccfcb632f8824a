// The runtime functions that lower calls by itself.
// In -> out: rows of tables/runtime.txt. check finds each (module of std, top-level function) and puts its func index,
// in this order, into Program.runtime: they are always part of the program.

import { hostTable } from "../base/host_embedded.ts";
import { tableRows } from "../base/table.ts";

export interface RuntimeRow {
  name: string;
  module: string;
  func: string;
}

/** The rows, in order. */
export function readRuntimeTable(): RuntimeRow[] {
  const rows: RuntimeRow[] = [];
  for (const r of tableRows(hostTable("runtime.txt"))) rows.push({ name: r[0], module: r[1], func: r[2] });
  return rows;
}
