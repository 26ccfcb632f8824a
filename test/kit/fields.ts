// Whether a text shows every field of a record.
// In -> out: a record tree and its printer, to the paths of the fields whose change the text does not show.

import type { Bytes } from "../../stage0/base/bytes.ts";

type Visit = (path: string, change: () => void, restore: () => void) => void;

/** Every number, text and flag in a record tree, as a pair of functions that change it and put it back. */
function eachField(x: object, path: string, visit: Visit): void {
  const record = x as Record<string, unknown>;
  for (const key of Object.keys(record)) {
    const old = record[key];
    const here = path + "." + key;
    if (typeof old === "object" && old !== null && "data" in old && "len" in old) {
      const b = old as Bytes;
      if (b.len > 0 && !here.endsWith("body") && !here.endsWith("code")) visit(here, () => { b.data[0] ^= 1; }, () => { b.data[0] ^= 1; });
    } else if (typeof old === "object" && old !== null) {
      if (!(Array.isArray(old) && old.length > 200)) eachField(old, here, visit);
    } else if (typeof old === "number") visit(here, () => { record[key] = old <= 0 ? old + 1 : old - 1; }, () => { record[key] = old; });
    else if (typeof old === "bigint") visit(here, () => { record[key] = old + 1n; }, () => { record[key] = old; });
    else if (typeof old === "boolean") visit(here, () => { record[key] = !old; }, () => { record[key] = old; });
    else if (typeof old === "string") visit(here, () => { record[key] = old + "x"; }, () => { record[key] = old; });
  }
}

/** Paths of fields that can change without the text changing; `silent` are those that need not show. */
export function unshownFields(record: object, print: () => string, silent: RegExp): string[] {
  const text = print();
  const missed: string[] = [];
  eachField(record, "", (path, change, restore) => {
    if (silent.test(path)) return;
    change();
    let changed = "";
    try {
      changed = print();
    } catch {
      changed = "broken";
    }
    restore();
    if (changed === text) missed.push(path);
  });
  return missed;
}
