// Commands and paths as one types them.
// In -> out: the words of a command that was run by full paths, to a line for a shell in the project's folder; a file, to
// its path from where the command was started.

import * as path from "node:path";

/** A command line in the folder `root` ("" for none); `folders` are names of other folders and what is typed instead. */
export function typedCommand(words: string[], root: string, folders: [string, string][] = []): string {
  const all: [string, string][] = root === "" ? folders : [...folders, [`${root}/`, ""]];
  const plain = words.filter((w) => w !== "--time").map((word, k) => {
    let w = k === 0 && word === process.execPath ? "node" : word;
    for (const [folder, instead] of all) {
      w = w.replace(folder, instead);
      if (w.endsWith(`=${folder.slice(0, -1)}`)) w = `${w.slice(0, 1 - folder.length)}${instead === "" ? "." : instead.slice(0, -1)}`;
    }
    return quoted(k === 0 && path.isAbsolute(word) && w !== "node" && !w.includes("/") ? `./${w}` : w);
  });
  return plain.join(" ");
}

/** A word of a shell's command line. */
function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A file's path from here, or the full one where it lies elsewhere. */
export function typedPath(file: string): string {
  const near = path.relative(process.cwd(), file);
  return near === "" || near.startsWith("..") ? file : near;
}
