// Runs a script of the project that is TypeScript: node launch/script.js FILE [ARGS], FILE from the project's folder on.
"use strict";
const path = require("node:path");
const { importTypeScript, Lack } = require("./typescript.js");

async function main() {
  process.argv.splice(1, 1);
  await importTypeScript(path.resolve(__dirname, ".."), process.argv[1], true);
}

main().catch((e) => {
  console.error(e instanceof Lack ? e.message : e);
  process.exitCode = e instanceof Lack ? 2 : 70;
});
