// node bootstrap.ts: has stage0 compile stage1, the result compile itself, and compares all that comes out.
// Plain JavaScript, so that every Node from 20.19 on runs it as it is; the work is done in selfhost/.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: install Node 20.19 or newer`);
  process.exit(2);
}
const fs = require("node:fs");
const path = require("node:path");
if (!fs.existsSync(path.join(__dirname, "node_modules/tsx"))) {
  console.error("installing the pinned packages (npm ci)");
  const done = require("node:child_process").spawnSync("npm", ["ci", "--no-fund", "--no-audit"], { cwd: __dirname, stdio: ["ignore", "ignore", "inherit"] });
  if (done.status !== 0) {
    console.error("npm ci failed: is npm installed, and the registry reachable?");
    process.exit(2);
  }
}
(async () => {
  require("node:module").enableCompileCache?.();
  if (!process.features.typescript) (await import("tsx/esm/api")).register();
  const { bootstrap } = await import("./selfhost/bootstrap.ts");
  process.exitCode = await bootstrap(__dirname, process.argv.slice(2));
})();
