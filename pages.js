#!/usr/bin/env node
// Makes pages: the script that `cot report` and `cot inspect` start, the same for both compilers.
// node pages.js report FILE.json DIR | inspect DUMPS FUNC OUT FILE ROOT STD TARGET COMPILER. The work is done in selfhost/.
"use strict";

const { Lack, readTypeScript } = require("./launch/typescript.js");

async function main() {
  await readTypeScript(__dirname, true);
  const { makePages } = await import("./selfhost/command.ts");
  process.exitCode = makePages(process.argv.slice(2));
}

main().catch((e) => {
  if (!(e instanceof Lack)) throw e;
  console.error(`cot: ${e.message}`);
  process.exitCode = 2;
});
