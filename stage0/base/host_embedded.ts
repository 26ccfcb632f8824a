// What the compiler brings along: the tables, and the library for where no folder holds it.
// In -> out: the name of a file in tables/ or std/, to its text. stage0 reads the files beside its source; stage1 holds
// them in itself, so that its executable works wherever it lies. Bodies differ as those of base/host do.

import { hostHomeDir, hostRead, MAX_FILE, type ReadResult } from "./host.ts";

/** The text of a table, by its file name in tables/. */
export function hostTable(name: string): string {
  const found = hostRead(hostHomeDir() + "/tables/" + name, MAX_FILE);
  if (found.problem !== "") throw new Error("tables/" + name + " " + found.problem);
  return found.text;
}

/** The text of a file of the library, by its name in std/, or why there is none. */
export function hostLibrary(name: string): ReadResult {
  return hostRead(hostHomeDir() + "/std/" + name, MAX_FILE);
}
