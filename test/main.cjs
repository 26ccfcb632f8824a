// npm test: installs the pinned packages when they are absent, runs every test, and counts them in one last line.
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { needPackages } = require("../launch/packages.js");

const root = path.resolve(__dirname, "..");
const vitest = path.join(root, "node_modules/vitest/vitest.mjs");

const problem = needPackages(root);
if (problem !== "") {
  process.stderr.write(`npm test: ${problem}\n`);
  process.exit(2);
}

fs.mkdirSync(path.join(root, "out"), { recursive: true });
const report = path.join(root, "out/tests.json");
fs.rmSync(report, { force: true });
// --bless lets the stage tests (and nothing else) write what they see; see stages.test.ts.
const words = process.argv.slice(2).filter((w) => w !== "--bless");
const bless = process.argv.includes("--bless") ? { BLESS: "1" } : {};
const args = [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...words];
// npm puts the optional newer Node first in PATH; the tests run on the Node that the user started.
const node = process.env.npm_node_execpath ?? process.execPath;
const PATH = (process.env.PATH ?? "").split(":").filter((d) => !d.endsWith("node_modules/.bin")).join(":");
const done = spawnSync(node, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...bless, PATH } });
if (!fs.existsSync(report)) process.exit(done.status ?? 2);

const result = JSON.parse(fs.readFileSync(report, "utf8"));
const skipped = result.numPendingTests + result.numTodoTests;
for (const file of result.testResults) {
  for (const t of file.assertionResults) {
    if (t.status !== "passed" && t.status !== "failed") console.log(`skipped: ${t.fullName}`);
  }
}
let status = done.status ?? 1;
if (skipped > 0 && process.env.REQUIRE_ALL === "1") {
  console.log("REQUIRE_ALL=1: a skipped test is a failure");
  status = 1;
}
if (result.numTotalTests === 0) status = 1;
console.log(`${result.numPassedTests} passed, ${result.numFailedTests} failed, ${skipped} skipped`);
process.exit(status);
