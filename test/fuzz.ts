// npm run fuzz -- --count=N --seed=N: mutated source files through both compilers, which must agree in verdict, text and
// object, and neither crash nor hang. A file that finds something stays in out/fuzz, with the command that repeats it.
// Exit: 0 nothing found, 1 something found, 2 wrong usage, or there is no out/cot1.

import * as fs from "node:fs";
import * as path from "node:path";
import yargs from "yargs";
import { mutantOf } from "./kit/mutants.ts";
import { root } from "./kit/programs.ts";
import { nativeCompiler } from "./kit/tools.ts";
import { differenceOn, newTwins, stopTwins } from "./kit/twins.ts";

async function main(): Promise<number> {
  const options = await yargs(process.argv.slice(2))
    .scriptName("npm run fuzz --")
    .option("count", { type: "number", describe: "how many files", default: 1000 })
    .option("seed", { type: "number", describe: "which files", default: 1 })
    .option("first", { type: "number", describe: "the number of the first", default: 0 })
    .strict()
    .help()
    .parse();
  for (const name of ["count", "seed", "first"] as const) {
    if (Number.isInteger(options[name]) && options[name] >= (name === "count" ? 1 : 0)) continue;
    console.error(`npm run fuzz: --${name} wants a number from ${name === "count" ? 1 : 0} on`);
    return 2;
  }
  const native = nativeCompiler();
  if (native === "") {
    console.log("out/cot1 is not there; node bootstrap.ts makes it");
    return 2;
  }
  const twins = newTwins(native);
  const folder = path.join(root, "out/fuzz");
  let found = 0;
  const began = Date.now();
  for (let index = options.first; index < options.first + options.count; index++) {
    const mutant = mutantOf(options.seed, index);
    const difference = await differenceOn(twins, mutant.text, true);
    if (difference !== "") {
      found += 1;
      fs.mkdirSync(folder, { recursive: true });
      const kept = path.join(folder, `${options.seed}-${index}.cot`);
      fs.writeFileSync(kept, mutant.text, "latin1");
      console.log(`${path.relative(root, kept)}, from ${mutant.from}: ${difference.slice(0, 2000)}`);
      console.log(`again: npm run fuzz -- --seed=${options.seed} --first=${index} --count=1`);
    }
    const done = index - options.first + 1;
    if (done % 1000 === 0) console.log(`${done} files, ${found} found, ${Math.round((Date.now() - began) / 1000)} s`);
  }
  await stopTwins(twins);
  console.log(`seed ${options.seed}, ${options.count} files from ${options.first} on: ${found === 0 ? "nothing found" : `${found} found`}`);
  return found === 0 ? 0 : 1;
}

process.exitCode = await main();
