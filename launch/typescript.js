// TypeScript for Node: types taken out of a text, and files imported that Node cannot read itself.
// Node has both from 22.13 and 22.18 on; before, the pinned package esbuild does it, which is installed when needed. What is
// kept lies under out/cache, never under fixed names in the shared folder for temporary files.
"use strict";
const fs = require("node:fs");
const nodeModule = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { keep, readKept, sha256 } = require("./kept.js");
const { needPackages } = require("./packages.js");

/** A failure to tell in one sentence, with exit status 2. */
class Lack extends Error {}

function requirePackage(home, name) {
  const problem = needPackages(home);
  if (problem !== "") throw new Lack(problem);
  try {
    return require(require.resolve(name, { paths: [home] }));
  } catch (e) {
    if (e.code !== "MODULE_NOT_FOUND") throw e;
    throw new Lack(`node_modules lacks ${name}: run npm ci`);
  }
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

/**
 * Imports a TypeScript file of the project, given by its path in there, with all that it imports. `packages`: whether it needs some.
 * Where Node cannot, esbuild makes one module of it, which is kept.
 */
async function importTypeScript(home, file, packages) {
  const problem = packages || !process.features.typescript ? needPackages(home) : "";
  if (problem !== "") throw new Lack(problem);
  const real = fs.realpathSync(path.join(home, file));
  const cache = path.join(real.slice(0, -file.length), "out/cache");
  nodeModule.enableCompileCache?.(path.join(cache, "node"));
  if (process.features.typescript) return import(pathToFileURL(real).href);
  const name = `${path.basename(file, ".ts")}-${hashFor(real, file)}.mjs`;
  if (readKept(cache, name) === null) keep(cache, name, await oneModule(home, real), null);
  if (readKept(cache, name) !== null) return import(pathToFileURL(path.join(cache, name)).href);
  // Nothing can be kept: the module lies in a folder of its own while it is imported, and finds the packages through it.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cot-"));
  try {
    fs.symlinkSync(path.join(home, "node_modules"), path.join(folder, "node_modules"));
    fs.writeFileSync(path.join(folder, name), await oneModule(home, real));
    return await import(pathToFileURL(path.join(folder, name)).href);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The hash of all that a file may import, and of where it lies. */
function hashFor(real, file) {
  const top = real.slice(0, -file.length);
  const parts = [real];
  for (const folder of new Set(["stage0", "selfhost", file.split("/")[0]])) {
    const names = fs.readdirSync(path.join(top, folder), { recursive: true }).filter((name) => name.endsWith(".ts")).sort();
    for (const name of names) parts.push(name, fs.readFileSync(path.join(top, folder, name), "utf8"));
  }
  return sha256(JSON.stringify(parts)).slice(0, 32);
}

/** A file and what it imports as one module without types, which still imports its packages. */
async function oneModule(home, real) {
  const folders = { name: "folders", setup: (build) => build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({ loader: "ts", contents: fs.readFileSync(file, "utf8").replaceAll("import.meta.dirname", JSON.stringify(path.dirname(file))) })) };
  const made = await requirePackage(home, "esbuild").build({ entryPoints: [real], write: false, bundle: true, packages: "external", platform: "node", target: "node20", format: "esm", logLevel: "silent", plugins: [folders] });
  return Buffer.from(made.outputFiles[0].contents);
}

module.exports = { importTypeScript, Lack, stripperName, withoutTypes };
