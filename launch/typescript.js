// TypeScript for Node: types taken out of a text, and files imported that Node cannot read itself.
// Node has both from 22.13 and 22.18 on; before, the pinned packages esbuild and tsx do it, which are installed when needed.
// Nothing is kept in the shared folder for temporary files, where caches of Node and of tsx would have fixed names.
"use strict";
const nodeModule = require("node:module");
const path = require("node:path");
const { needPackages } = require("./packages.js");

/** A failure to tell in one sentence, with exit status 2. */
class Lack extends Error {}

function requirePackage(home, name) {
  const problem = needPackages(home);
  if (problem !== "") throw new Lack(problem);
  return require(require.resolve(name, { paths: [home] }));
}

/** What takes types out here. */
function stripperName() {
  return nodeModule.stripTypeScriptTypes === undefined ? "esbuild" : "node";
}

/** A text without its types. */
function withoutTypes(home, text) {
  if (nodeModule.stripTypeScriptTypes === undefined) return requirePackage(home, "esbuild").transformSync(text, { loader: "ts", target: "node20", logLevel: "silent" }).code;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return nodeModule.stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Has Node import .ts files from here on. `packages`: whether what is imported needs some. */
async function readTypeScript(home, packages) {
  const problem = packages || !process.features.typescript ? needPackages(home) : "";
  if (problem !== "") throw new Lack(problem);
  nodeModule.enableCompileCache?.(path.join(home, "out/cache/node"));
  if (process.features.typescript) return;
  const before = process.env.TSX_DISABLE_CACHE;
  process.env.TSX_DISABLE_CACHE = "1";
  (await import("tsx/esm/api")).register();
  if (before === undefined) delete process.env.TSX_DISABLE_CACHE;
}

module.exports = { Lack, readTypeScript, stripperName, withoutTypes };
