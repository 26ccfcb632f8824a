import { createRequire } from "node:module";
import * as path from "node:path";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;
const require = createRequire(import.meta.url);
const { readSources } = require("./launch/stage0.js");
const { exportsByModule } = require("./launch/link_script.js");

/** The modules of stage0 as names of the one script that cot.js runs too (test/kit/linked_stage0.cjs); what no command needs is loaded as it is. */
function linkedStage0() {
  const folder = path.join(root, "stage0");
  const names = exportsByModule(readSources(folder));
  const script = JSON.stringify(path.join(root, "test/kit/linked_stage0.cjs"));
  return {
    name: "linked-stage0",
    enforce: "pre",
    load(id) {
      const exported = names.get(path.relative(folder, id));
      if (exported === undefined) return null;
      const head = `import { createRequire } from "node:module";\nconst stage0 = createRequire(${script})(${script});`;
      return [head, ...exported.map((name) => `export const ${name} = stage0.${name};`), ""].join("\n");
    },
  };
}

export default defineConfig({
  plugins: [linkedStage0()],
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    isolate: false,
    testTimeout: 120000,
    hookTimeout: 120000,
    // What the compilers print is compared without colours, whatever the shell or CI that starts the tests asks for.
    env: { FORCE_COLOR: "" },
  },
});
