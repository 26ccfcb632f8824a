import { defineConfig } from "vitest/config";

export default defineConfig({
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
