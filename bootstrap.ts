// node bootstrap.ts: has stage0 compile stage1, the result compile itself, and compares all that comes out.
// Plain JavaScript that old versions of Node can read, so that they can say that they are too old; the work is done
// in selfhost/. An internal failure ends with status 70, since 1 says that something differs.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`bootstrap: Node ${process.versions.node} is too old: install Node 20.19 or newer`);
  process.exit(2);
}
const fs = require("node:fs");
const path = require("node:path");
if (!fs.existsSync(path.join(__dirname, "node_modules/tsx"))) {
  console.error("installing the pinned packages (npm ci)");
  const args = ["ci", "--no-fund", "--no-audit", "--loglevel=error"];
  const done = require("node:child_process").spawnSync("npm", args, { cwd: __dirname, stdio: ["ignore", "ignore", "inherit"] });
  if (done.status !== 0) {
    console.error(done.error === undefined ? "bootstrap: npm ci failed: is the registry reachable?" : "bootstrap: cannot start npm: install npm (it comes with Node)");
    process.exit(2);
  }
}
(async () => {
  const { enableCompileCache } = require("node:module");
  if (enableCompileCache !== undefined) enableCompileCache();
  if (!process.features.typescript) (await import("tsx/esm/api")).register();
  const { bootstrap } = await import("./selfhost/bootstrap.ts");
  process.exitCode = await bootstrap(__dirname, process.argv.slice(2));
})().catch((e) => {
  console.error(e);
  process.exitCode = 70;
});
