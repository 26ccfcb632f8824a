#!/usr/bin/env node
// Makes pages: the script that `cot report` and `cot inspect` start, the same for both compilers.
// node pages.js report FILE.json DIR | inspect DUMPS FUNC OUT FILE ROOT STD TARGET COMPILER. The work is done in selfhost/.
"use strict";

async function main() {
  // No cache, for the reason that cot.js gives.
  if (!process.features.typescript) {
    process.env.TSX_DISABLE_CACHE = "1";
    (await import("tsx/esm/api")).register();
  }
  const { makePages } = await import("./selfhost/command.ts");
  process.exitCode = makePages(process.argv.slice(2));
}

main();
