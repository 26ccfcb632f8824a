// The pinned packages: installed once, by whatever is started first and needs one.
// In -> out: the project's folder, to "" or a sentence that says why they cannot be installed.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const WAIT_MILLIS = 100;
/** A wait ends after this time: the process that a lock names may be another one by now. */
const MOST_WAIT_MILLIS = 600_000;

/** npm writes the first of these files when it is through; a package may be missing when it was told to leave some out. */
function installed(home) {
  const folder = path.join(home, "node_modules");
  if (!fs.existsSync(path.join(folder, ".package-lock.json"))) return false;
  const wanted = JSON.parse(fs.readFileSync(path.join(home, "package.json"), "utf8")).devDependencies ?? {};
  return Object.keys(wanted).every((name) => fs.existsSync(path.join(folder, name, "package.json")));
}

/** Installs the packages where they are absent, and says so in one line; "" or why not. Who comes second waits for the first. */
function needPackages(home) {
  if (installed(home)) return "";
  const lock = path.join(home, "out/installing");
  try {
    fs.mkdirSync(path.dirname(lock), { recursive: true });
    const problem = waitForLock(lock);
    if (problem !== "") return problem;
  } catch (e) {
    return `the pinned packages are not installed, and '${lock}' cannot be written (${e.code}): run npm ci as the owner of the folder`;
  }
  try {
    return installed(home) ? "" : install(home);
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** Takes the lock, a file that names the process which installs; "" or whom it was waited for in vain. */
function waitForLock(lock) {
  for (let waited = 0; !takeLock(lock); waited += WAIT_MILLIS) {
    if (waited === 0) process.stderr.write("waiting for another process that installs the pinned packages\n");
    if (waited >= MOST_WAIT_MILLIS) return `'${lock}' says that another process installs the packages: remove it when there is none, and run npm ci`;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MILLIS);
  }
  return "";
}

/** Whether the lock is now ours. It appears with its content; one whose process has ended is moved away, by one process only. */
function takeLock(lock) {
  const mine = `${lock}.${process.pid}`;
  fs.writeFileSync(mine, String(process.pid));
  try {
    fs.linkSync(mine, lock);
    return true;
  } catch (e) {
    if (e.code !== "EEXIST") throw e;
    if (!isAlive(lock)) fs.renameSync(lock, `${mine}.old`);
  } finally {
    fs.rmSync(mine, { force: true });
    fs.rmSync(`${mine}.old`, { force: true });
  }
  return false;
}

/** Whether the process that a lock names is there. */
function isAlive(lock) {
  try {
    const owner = Number(fs.readFileSync(lock, "latin1"));
    if (!Number.isInteger(owner) || owner <= 0) return false;
    process.kill(owner, 0);
  } catch (e) {
    if (e.code === "EISDIR") throw e;
    return e.code === "EPERM" || e.code === "ENOENT";
  }
  return true;
}

function install(home) {
  process.stderr.write("installing the pinned packages (npm ci)\n");
  // Whatever npm is told elsewhere, the packages of the development are what is wanted.
  const words = ["ci", "--include=dev", "--no-fund", "--no-audit", "--loglevel=error"];
  const done = spawnSync("npm", words, { cwd: home, stdio: ["ignore", "ignore", "inherit"] });
  if (done.error !== undefined) return "cannot start npm: install npm (it comes with Node)";
  if (done.status !== 0) return "npm ci failed: is the registry reachable?";
  return installed(home) ? "" : "npm ci left packages out: what does npm config say of omit?";
}

module.exports = { needPackages };
