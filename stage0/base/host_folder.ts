// What a folder holds.
// In -> out: a folder's path, to the names of the files and folders in it, in the order of their bytes. Links, devices
// and pipes are left out. Bodies differ as those of base/host do.

import * as fs from "node:fs";
import { problemText } from "./host.ts";

/** The names in a folder, those of folders with "/" behind, or why it cannot be read. */
export interface FolderEntries {
  names: string[];
  problem: string;
}

/** Lists a folder. */
export function hostEntries(name: string): FolderEntries {
  try {
    const names: string[] = [];
    for (const e of fs.readdirSync(Buffer.from(name, "latin1"), { withFileTypes: true, encoding: "buffer" })) {
      if (e.isDirectory()) names.push(e.name.toString("latin1") + "/");
      else if (e.isFile()) names.push(e.name.toString("latin1"));
    }
    return { names: names.sort(), problem: "" };
  } catch (e) {
    return { names: [], problem: problemText(e) };
  }
}
