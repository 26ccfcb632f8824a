// The pinned packages: installed once, by whatever is started first and needs one.
// In -> out: the project's folder, to "" or a sentence that says why they cannot be installed.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const WAIT_MILLIS = 100;

/** npm writes this file when it has installed everything. */
function installed(home) {
  return fs.existsSync(path.join(home, "node_modules/.package-lock.json"));
}

/** Installs the packages where they are absent, and says so in one line; "" or why not. Who comes second waits for the first. */
function needPackages(home) {
  if (installed(home)) return "";
  const lock = path.join(home, "out/installing");
  try {
    fs.mkdirSync(path.dirname(lock), { recursive: true });
    while (!takeLock(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MILLIS);
  } catch (e) {
    return `the pinned packages are not installed, and '${path.dirname(lock)}' cannot be written (${e.code}): run npm ci as the owner of the folder`;
  }
  try {
    return installed(home) ? "" : install(home);
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** Whether the lock, a file that names a process, is now ours; a process that has ended holds none. */
function takeLock(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (e) {
    if (e.code !== "EEXIST") throw e;
  }
  try {
    const owner = Number(fs.readFileSync(lock, "latin1"));
    if (owner > 0) process.kill(owner, 0);
  } catch (e) {
    if (e.code === "ESRCH") fs.rmSync(lock, { force: true });
  }
  return false;
}

function install(home) {
  process.stderr.write("installing the pinned packages (npm ci)\n");
  const words = ["ci", "--no-fund", "--no-audit", "--loglevel=error"];
  const done = spawnSync("npm", words, { cwd: home, stdio: ["ignore", "ignore", "inherit"] });
  if (done.error !== undefined) return "cannot start npm: install npm (it comes with Node)";
  return done.status === 0 ? "" : "npm ci failed: is the registry reachable?";
}

module.exports = { needPackages };
