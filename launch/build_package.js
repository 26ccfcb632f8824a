// Builds dist/, what an installed package has instead of sources: `npm pack` runs this first.
// In -> out: the sources, to stage0.js (stage0 as one script), selfhost/ (the pages of inspect and report with the packages
// that they need, and NOTICES.txt with the licences of those), and index.js with its types for those who call the compiler.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { needPackages } = require("./packages.js");
const { makeScript, readSources } = require("./stage0.js");

const home = path.resolve(__dirname, "..");
const dist = path.join(home, "dist");
/** The modules whose exports have types in the package; all that they import comes along. */
const API = ["driver/commands", "driver/driver", "driver/dump", "syntax/parse_cache", "base/diag", "base/source", "base/intern"];

/** The packages that a bundle holds, by the names of the files that went into it. */
function packagesIn(inputs) {
  const names = inputs.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? "");
  return [...new Set(names)].filter((name) => name !== "").sort();
}

function buildPages() {
  const made = require("esbuild").buildSync({
    entryPoints: [path.join(home, "selfhost/command.ts")], outfile: path.join(dist, "selfhost/command.js"), absWorkingDir: home,
    bundle: true, platform: "node", target: "node20", format: "cjs", define: { "import.meta.dirname": "__dirname" }, metafile: true, logLevel: "warning",
  });
  const notices = packagesIn(Object.keys(made.metafile.inputs)).map((name) => {
    const folder = path.join(home, "node_modules", name);
    const licence = fs.readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    return `selfhost/command.js holds ${name} ${require(path.join(folder, "package.json")).version}:\n\n${fs.readFileSync(path.join(folder, licence), "utf8")}`;
  });
  fs.writeFileSync(path.join(dist, "NOTICES.txt"), notices.join("\n"));
  fs.cpSync(path.join(home, "selfhost/page"), path.join(dist, "selfhost/page"), { recursive: true });
}

/** One assignment a name, which is what Node finds the names by that a module may import. */
function buildIndex() {
  const lines = ['// The compiler as a library.', '"use strict";', 'const stage0 = require("../launch/stage0.js").loadStage0(require("node:path").resolve(__dirname, ".."), null);'];
  for (const file of API) {
    const source = fs.readFileSync(path.join(home, "stage0", `${file}.ts`), "utf8");
    for (const [, name] of source.matchAll(/^export (?:function|const) (\w+)/gm)) lines.push(`exports.${name} = stage0.${name};`);
  }
  fs.writeFileSync(path.join(dist, "index.js"), `${lines.join("\n")}\n`);
}

function buildTypes() {
  const words = [path.join(home, "node_modules/typescript/bin/tsc"), "--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--allowImportingTsExtensions", "--outDir", path.join(dist, "types"), "--rootDir", "stage0",
    "--target", "es2022", "--module", "nodenext", "--strict", "--types", "node", ...API.map((file) => `stage0/${file}.ts`)];
  const done = spawnSync(process.execPath, words, { cwd: home, stdio: ["ignore", 2, 2] });
  if (done.status !== 0) throw new Error(`tsc ended with status ${done.status}`);
  fs.writeFileSync(path.join(dist, "index.d.ts"), API.map((file) => `export * from "./types/${file}.ts";\n`).join(""));
}

function main() {
  const problem = needPackages(home);
  if (problem !== "") {
    process.stderr.write(`npm pack: ${problem}\n`);
    process.exit(2);
  }
  fs.rmSync(dist, { recursive: true, force: true });
  fs.mkdirSync(dist);
  fs.writeFileSync(path.join(dist, "stage0.js"), makeScript(home, readSources(path.join(home, "stage0"))));
  buildIndex();
  buildPages();
  buildTypes();
}

main();
