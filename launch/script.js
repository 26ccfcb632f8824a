// Runs a script of the project that is TypeScript: node launch/script.js FILE [ARGS], FILE from the project's folder on.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { importTypeScript, Lack } = require("./typescript.js");

async function main() {
  const home = path.resolve(__dirname, "..");
  const file = process.argv[2] ?? "";
  if (!/^\w.*\.ts$/.test(file) || !fs.existsSync(path.join(home, file))) throw new Lack("usage: node launch/script.js FILE.ts [ARGS], FILE from the project's folder on");
  process.argv.splice(1, 1);
  await importTypeScript(home, file, true);
}

main().catch((e) => {
  console.error(e instanceof Lack ? e.message : e);
  process.exitCode = e instanceof Lack ? 2 : 70;
});
