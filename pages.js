#!/usr/bin/env node
// Makes pages: the script that `cot report` and `cot inspect` start, the same for both compilers.
// node pages.js report FILE.json DIR | inspect DUMPS FUNC OUT FILE ROOT STD TARGET COMPILER. The work is done in selfhost/.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const { importTypeScript, Lack } = require("./launch/typescript.js");

/** The function that makes pages: of the sources, or of an installed package. */
async function load() {
  if (!fs.existsSync(path.join(__dirname, "selfhost"))) return require("./dist/selfhost/command.js").makePages;
  return (await importTypeScript(__dirname, "selfhost/command.ts", true)).makePages;
}

async function main() {
  const makePages = await load();
  process.exitCode = makePages(process.argv.slice(2));
}

main().catch((e) => {
  if (!(e instanceof Lack)) throw e;
  console.error(`cot: ${e.message}`);
  process.exitCode = 2;
});
