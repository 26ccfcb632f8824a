// Runs a script of the project that is TypeScript: node launch/script.js FILE [ARGS].
"use strict";
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { Lack, readTypeScript } = require("./typescript.js");

async function main() {
  await readTypeScript(path.resolve(__dirname, ".."), true);
  process.argv.splice(1, 1);
  await import(pathToFileURL(path.resolve(process.argv[1])).href);
}

main().catch((e) => {
  console.error(e instanceof Lack ? e.message : e);
  process.exitCode = e instanceof Lack ? 2 : 70;
});
