// Files of the program: from the main file along its imports, each once.
// In -> out: paths, to units with their syntax trees. A name begins with "std/" for the library and is relative to
// the project's root otherwise; nothing outside these two folders is opened, through links neither.

import { isUtf8, report } from "../base/diag.ts";
import { hostRead, hostRealPath, type ReadResult } from "../base/host.ts";
import { hostLibrary } from "../base/host_embedded.ts";
import { internName } from "../base/intern.ts";
import { addSource, MAX_SOURCE } from "../base/source.ts";
import { hasPrefix } from "../base/table.ts";
import { NodeKind } from "../syntax/ast.ts";
import { parseCached } from "../syntax/parse_cache.ts";
import { parseFile } from "../syntax/parser.ts";
import { type Checker, EntityKind, newScope } from "./checker.ts";
import { addEntity, lastPart } from "./scope.ts";

/** Loads the file of a source name (with its ending) and gives its unit, or -1 with the problem reported. */
export function loadUnit(c: Checker, name: string, importedBy: number, pos: number): number {
  const known = c.unitIds.get(name);
  if (known !== undefined) return known;
  const found = readNamed(c, name, MAX_SOURCE);
  c.unitIds.set(name, -1);
  if (found.problem !== "") {
    report(c.diags, pos, "cannot-import", "'" + name + "': " + found.problem + chainText(c, importedBy));
    return -1;
  }
  const isStd = isLibraryName(name);
  const file = addSource(c.sources, name, found.text);
  const scope = newScope(null);
  const id = c.units.length;
  scope.unit = id;
  const ast = isStd ? parseCached(c.options.parsed, file, c.names, c.diags) : parseFile(file, c.names, c.diags);
  c.units.push({ ast: ast, scope: scope, imports: [], isStd: isStd, importedBy: importedBy });
  c.unitIds.set(name, id);
  return id;
}

function isLibraryName(name: string): boolean {
  return name.slice(0, 4) === "std/";
}

/** Reads the file of a source name. A library without a folder is the one that the compiler brings along. */
export function readNamed(c: Checker, name: string, limit: number): ReadResult {
  // The name is written to symbols, the line table and JSON.
  if (!isUtf8(name)) return { text: "", problem: "its name is not UTF-8" };
  const isStd = isLibraryName(name);
  const dir = isStd ? c.options.std : c.options.root;
  const rest = isStd ? name.slice(4, name.length) : name;
  if (isStd && dir === "") return hostLibrary(rest);
  const path = dir + "/" + rest;
  const problem = outsideProblem(dir, path);
  if (problem !== "") return { text: "", problem: problem };
  c.sources.inputs.push(path);
  return hostRead(path, limit);
}

/** A path that, links resolved, lies outside its folder is refused; a path that is not there is read's problem. */
function outsideProblem(dir: string, path: string): string {
  const real = hostRealPath(path);
  if (real === "") return "";
  const base = hostRealPath(dir);
  if (base === "/" || (real.slice(0, base.length) === base && real.charCodeAt(base.length) === 47)) return "";
  return "leads outside of its folder";
}

/** ", imported by a, imported by b" up to the main file; at most ten links. */
function chainText(c: Checker, importedBy: number): string {
  let text = "";
  let unit = importedBy;
  for (let i = 0; i < 10 && unit >= 0; i++) {
    text += (i === 0 ? "; imported by " : ", imported by ") + c.units[unit].ast.file.name;
    unit = c.units[unit].importedBy;
  }
  return text;
}

/** Loads everything that the units from `first` on import, and what that imports, breadth first. */
export function loadImports(c: Checker, first: number): void {
  for (let unit = first; unit < c.units.length; unit++) {
    const ast = c.units[unit].ast;
    for (const id of ast.nodes[ast.root].list) {
      const n = ast.nodes[id];
      if (n.kind !== NodeKind.import || n.n < 0) continue;
      const name = importedName(ast.file.name, ast.texts[n.n]);
      if (name === "") {
        report(c.diags, n.pos, "cannot-import", "'" + ast.texts[n.n] + "' is not a path inside the project or the library" + chainText(c, unit));
        continue;
      }
      if (hasPrefix(name, "std/rt/") && !c.units[unit].isStd) {
        report(c.diags, n.pos, "private", "'" + name + "' is private to the library");
        continue;
      }
      const target = loadUnit(c, name + ".cot", unit, n.pos);
      if (target < 0) continue;
      c.units[unit].imports.push(target);
      declareImport(c, unit, target, n.pos, lastPart(name));
    }
  }
}

/** Makes "list.Name" work after importing "std/list". A name of the file itself hides it. */
function declareImport(c: Checker, unit: number, target: number, pos: number, word: string): void {
  const name = internName(c.names, word);
  const scope = c.units[unit].scope;
  const id = addEntity(c, EntityKind.unit, name, pos, unit, -1, scope);
  c.entities[id].index = target;
  if (!scope.entities.has(name)) scope.entities.set(name, id);
}

/** The longest path that systems take. */
const MAX_PATH = 4096;

/** The source name, without ending, that an import in a file means; "" when it is no such path. */
export function importedName(from: string, path: string): string {
  if (path === "" || path.charCodeAt(0) === 47 || path.length > MAX_PATH) return "";
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) < 32 || path.charCodeAt(i) === 92) return "";
  if (path.slice(0, 4) === "std/") return joinPath("", path);
  return joinPath(folderOf(from), path);
}

/** The folder part of a name with its "/", or "". */
function folderOf(name: string): string {
  return name.slice(0, name.length - lastPart(name).length);
}

/** A path taken from a folder, with "." and ".." resolved; "" when it leaves the top. */
function joinPath(folder: string, path: string): string {
  const full = folder + path + "/";
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < full.length; i++) {
    if (full.charCodeAt(i) !== 47) continue;
    const part = full.slice(from, i);
    from = i + 1;
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return "";
  }
  let out = "";
  for (let i = 0; i < parts.length; i++) out += (i > 0 ? "/" : "") + parts[i];
  return out;
}
