// Links the modules of stage0 into one script.
// In -> out: the sources of stage0 by name, to the text of a function expression in TypeScript: of require and stage0's
// folder, to an object with all that stage0 exports, and `main`, which does what main.ts does when it is imported.
// Each module is a function of its own, so private names may be used twice. Exported names are unique in the whole
// compiler (a law of the tests), so they are variables around those functions, and an import is its name. Modules run in
// the order of ECMAScript (16.2.1.6.2, InnerModuleEvaluation): what a module imports runs before it. A module of a cycle
// of imports may use what another exports only later than that; stage0 does, and anything else fails at the start.
// Only the forms that docs/twins.md allows at the start of a line are understood; any other is an error with its place.
"use strict";
const path = require("node:path");

/** The module that is the program. */
const ENTRY = "main.ts";

/** Reads the head of an import, which may go over several lines: what it names, from where, and whether types only. */
function importAt(file, lines, at) {
  let text = lines[at];
  let end = at;
  while (!text.endsWith(";") && end + 1 < lines.length) {
    end += 1;
    text += ` ${lines[end].trim()}`;
  }
  const found = /^import (type )?(?:\{([^}]*)\}|\* as (\w+)) from "([^"]+)";$/.exec(text);
  if (found === null) throw new Error(`${file}:${at + 1}: no import that can be linked`);
  const names = (found[2] ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "" && !name.startsWith("type "));
  return { end, types: found[1] !== undefined, names, whole: found[3] ?? "", from: found[4] };
}

/** A module as the text of a function's body, with what it imports and exports. */
function readModule(file, source) {
  const m = { file, imports: [], functions: [], values: [], required: [], body: "" };
  const lines = source.split("\n");
  const body = [];
  for (let k = 0; k < lines.length; k++) {
    const line = lines[k];
    if (line.startsWith("import ")) {
      const i = importAt(file, lines, k);
      if (i.types) {
        // Erased.
      } else if (i.from.startsWith("node:")) m.required.push(`const ${i.whole === "" ? `{ ${i.names.join(", ")} }` : i.whole} = require("${i.from}");`);
      else m.imports.push({ file: path.posix.join(path.posix.dirname(file), i.from), names: i.names });
      for (; k <= i.end; k++) body.push("");
      k = i.end;
      continue;
    }
    if (!line.startsWith("export ")) {
      body.push(line.replaceAll("import.meta.dirname", `(folder + "/${path.posix.dirname(file)}")`));
      continue;
    }
    const func = /^export function (\w+)(.*)$/.exec(line);
    const value = /^export const (\w+)(?:: .*?)? = (.*)$/.exec(line);
    if (func !== null) {
      m.functions.push(func[1]);
      body.push(`function ${func[1]}$${func[2]}`);
    } else if (value !== null) {
      m.values.push(value[1]);
      body.push(`${value[1]} = ${value[2]}`);
    } else if (/^export (interface|type) /.test(line)) {
      body.push(line.slice("export ".length));
    } else throw new Error(`${file}:${k + 1}: no export that can be linked`);
  }
  m.body = body.join("\n");
  return m;
}

/** The modules that the entry needs, each behind those that it imports. */
function inOrder(sources) {
  const order = [];
  const seen = new Map();
  const visit = (file) => {
    if (seen.has(file)) return;
    const source = sources.get(file);
    if (source === undefined) throw new Error(`${file}: no such module`);
    const m = readModule(file, source);
    seen.set(file, m);
    for (const i of m.imports) visit(i.file);
    order.push(m);
  };
  visit(ENTRY);
  for (const m of order) {
    for (const i of m.imports) {
      const { functions, values } = seen.get(i.file);
      for (const name of i.names) if (!functions.includes(name) && !values.includes(name)) throw new Error(`${m.file}: ${i.file} exports no ${name}`);
    }
  }
  return order;
}

/** What each module of the script exports, by its file; what the program does not need is not there. */
function exportsByModule(sources) {
  return new Map(inOrder(sources).map((m) => [m.file, [...m.functions, ...m.values]]));
}

/** The script, still with types. */
function linkScript(sources) {
  const modules = inOrder(sources);
  const exported = modules.flatMap((m) => [...m.functions, ...m.values]);
  const twice = exported.find((name, k) => exported.indexOf(name) !== k);
  if (twice !== undefined) throw new Error(`${twice} is exported twice`);
  const parts = ["(function (require, folder) {", '"use strict";', `let ${exported.join(", ")};`];
  for (const m of modules) {
    const head = [...m.required, ...m.functions.map((name) => `${name} = ${name}$;`)].join(" ");
    const call = m.file === ENTRY ? "" : "();";
    parts.push(`// ${m.file}`, `${m.file === ENTRY ? "const main = " : "("}function () { ${head}`, m.body, m.file === ENTRY ? "};" : `})${call}`);
  }
  parts.push(`return { main, ${exported.join(", ")} };`, "})", "");
  return parts.join("\n");
}

module.exports = { exportsByModule, linkScript };
