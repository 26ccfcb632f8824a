// The files that words of the command line name.
// In -> out: files and folders, to files. A folder means the .cot files below it, in the order of their paths' bytes; what
// is hidden (its name begins with a dot), folders named node_modules and out, and links are passed over. A file that
// several words reach is there once.

import { isUtf8 } from "../base/diag.ts";
import { hostIsDirectory, hostRealPath } from "../base/host.ts";
import { hostEntries } from "../base/host_folder.ts";

export interface NamedFile {
  path: string;
  /** The folder of the command line that it was found below, or "" when it was named itself. */
  folder: string;
  /** Why there is no file, in words, or "". */
  problem: string;
}

/** The files that are named, and what is wrong with folders, in the order of the words. */
export function filesOf(words: string[]): NamedFile[] {
  const files: NamedFile[] = [];
  const seen: Map<string, number> = new Map();
  for (const word of words) {
    if (hostIsDirectory(word)) addFolder(files, seen, word);
    else addNamed(files, seen, word, "");
  }
  return files;
}

function addNamed(files: NamedFile[], seen: Map<string, number>, path: string, folder: string): void {
  const real = hostRealPath(path);
  if (real !== "" && seen.has(real)) return;
  seen.set(real, files.length);
  files.push({ path: path, folder: folder, problem: "" });
}

/** Walks a folder with a list of what is still to be looked at, the next at its end. */
function addFolder(files: NamedFile[], seen: Map<string, number>, folder: string): void {
  const waiting: string[] = [folderPrefix(folder)];
  let isEmpty = true;
  while (waiting.length > 0) {
    const path = waiting[waiting.length - 1];
    waiting.pop();
    if (path !== "" && path.charCodeAt(path.length - 1) !== 47) {
      isEmpty = false;
      if (isUtf8(path)) addNamed(files, seen, path, folder);
      else files.push({ path: path, folder: folder, problem: "'" + path + "': its name is not UTF-8" });
      continue;
    }
    const entries = hostEntries(path === "" ? "." : path);
    if (entries.problem !== "") {
      isEmpty = false;
      files.push({ path: path, folder: folder, problem: "'" + path + "': " + entries.problem });
    }
    for (let k = entries.names.length - 1; k >= 0; k--) if (isWanted(entries.names[k])) waiting.push(path + entries.names[k]);
  }
  if (isEmpty) files.push({ path: folder, folder: folder, problem: "'" + folder + "': no .cot file in this folder" });
}

/** What stands before the names in a folder; nothing for the current one. */
function folderPrefix(folder: string): string {
  if (folder === "." || folder === "./") return "";
  return folder.charCodeAt(folder.length - 1) === 47 ? folder : folder + "/";
}

function isWanted(name: string): boolean {
  if (name.charCodeAt(0) === 46 || name === "node_modules/" || name === "out/") return false;
  return name.charCodeAt(name.length - 1) === 47 || name.slice(name.length - 4, name.length) === ".cot";
}
