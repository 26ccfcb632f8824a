// stage0, ready to run: one script without types, and V8's code of it, both kept in out/cache.
// In -> out: the project's folder, to what stage0 exports. The sources are read and hashed at every start (10 to 25 ms); when a
// script of that hash is kept, it is taken, else it is linked (link_script) and stripped of its types (typescript). An
// installed package has the script as dist/stage0.js and no sources.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");
const { keep, readKept, sha256 } = require("./kept.js");

/** Part of each hash: to be changed with what the script is made by. */
const FORM = "1";
/** Bytes of code that a run may have to compile besides what was kept before all is kept anew. */
const NEW_CODE = 100_000;

/**
 * Has V8 wait longer before it optimises: most commands compile one program and end, before the time that the optimising
 * compilers take comes back; the compilation of stage1 takes no longer for it. V8 12 brought another unit of patience.
 */
function setShortRun() {
  const words = Number.parseInt(process.versions.v8, 10) < 12 ? "--interrupt-budget=1000000" : "--invocation-count-for-maglev=4000 --invocation-count-for-turbofan=20000";
  for (const word of words.split(" ")) v8.setFlagsFromString(word);
}

/** The sources of stage0 by their names in its folder, in the order of the names. */
function readSources(folder) {
  const names = fs.readdirSync(folder, { recursive: true }).map((name) => name.replaceAll("\\", "/")).filter((name) => name.endsWith(".ts")).sort();
  return new Map(names.map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")]));
}

/** stage0 as one script, made from its sources. */
function makeScript(home, sources) {
  const { linkScript } = require("./link_script.js");
  const { withoutTypes } = require("./typescript.js");
  return withoutTypes(home, linkScript(sources));
}

/** The script of the stage0 in a project's folder: its text, its name, and stage0's own folder, links resolved. */
function readScript(root, watcher) {
  const built = path.join(root, "dist/stage0.js");
  const source = path.join(root, "stage0");
  if (!fs.existsSync(source)) {
    const text = fs.readFileSync(built, "utf8");
    return { text, name: `stage0-${sha256(FORM, text).slice(0, 32)}`, folder: source, home: root };
  }
  const folder = fs.realpathSync(source);
  const home = path.dirname(folder);
  const cache = path.join(home, "out/cache");
  const sources = readSources(folder);
  const { stripperName } = require("./typescript.js");
  const name = `stage0-${sha256(JSON.stringify([FORM, stripperName(), ...sources])).slice(0, 32)}`;
  const kept = readKept(cache, `${name}.js`);
  if (kept !== null) return { text: kept.toString(), name, folder, home };
  const text = makeScript(root, sources);
  keep(cache, `${name}.js`, Buffer.from(text), watcher);
  return { text, name, folder, home };
}

/** Bytes of code that this thread has compiled or was given. */
function codeSize() {
  return v8.getHeapCodeStatistics().bytecode_and_metadata_size;
}

/**
 * Loads stage0 from a project's folder. `watcher` is that of a worker of cot.js, or null. When this thread ends after it
 * had to compile much, the code is kept for the next start.
 */
function loadStage0(root, watcher) {
  const { text, name, folder, home } = readScript(root, watcher);
  const cache = path.join(home, "out/cache");
  // V8 takes code only under the flags that it was made under.
  const flags = [process.version, process.arch, process.platform, watcher === null ? "long" : "short", ...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
  const codeName = `${name}-${sha256(flags).slice(0, 16)}.code`;
  const code = readKept(cache, codeName);
  const script = new vm.Script(text, { filename: path.join(cache, `${name}.js`), cachedData: code ?? undefined });
  const stage0 = script.runInThisContext()(require, folder);
  const before = code === null || script.cachedDataRejected ? -NEW_CODE : codeSize();
  process.once("exit", (status) => {
    if (status !== 70 && codeSize() - before > NEW_CODE) keep(cache, codeName, script.createCachedData(), watcher);
  });
  return stage0;
}

module.exports = { loadStage0, makeScript, readSources, setShortRun };
