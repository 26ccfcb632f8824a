// What is kept from one start to the next: files in out/cache of the project, named by the hash of what they were made
// from. A file begins with a line of the sha256 of the rest, a comment of scripts, and is read only when that is right; it is written aside and renamed,
// so it is there whole or not at all. Where nothing can be written, nothing is kept.
"use strict";
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { threadId } = require("node:worker_threads");

const HEAD = "//\n".length + 64;
/** Bytes of the largest file that is read. */
const LARGEST = 1 << 26;
/** Other files of a kind that stay when one is written. */
const MOST = 12;
/** What was written aside by a process that was killed is removed after this time, in milliseconds. */
const LOST = 3_600_000;

function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** A kept file's content, or null. Anything but a file of a sensible size is none: a pipe would hold us up. */
function readKept(folder, name) {
  let fd = -1;
  try {
    fd = fs.openSync(path.join(folder, name), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || stat.size <= HEAD || stat.size > LARGEST) return null;
    const bytes = fs.readFileSync(fd);
    const rest = bytes.subarray(HEAD);
    if (bytes.toString("latin1", 0, HEAD) === `//${sha256(rest)}\n`) return rest;
  } catch {
    // It is not there, or may not be read.
  } finally {
    if (fd >= 0) fs.closeSync(fd);
  }
  return null;
}

/**
 * Keeps a content under a name that begins with a kind and "-". `watcher`, of a worker of cot.js, or null: while the file
 * is written signals wait, and the main thread knows of it.
 */
function keep(folder, name, content, watcher) {
  const aside = path.join(folder, `.${name}.${process.pid}.${threadId}`);
  hold(watcher, aside);
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(aside, Buffer.concat([Buffer.from(`//${sha256(content)}\n`), content]), { flag: "wx" });
    fs.renameSync(aside, path.join(folder, name));
    removeOld(folder, name);
  } catch {
    remove(aside);
  } finally {
    letGo(watcher, aside);
  }
}

function remove(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Its folder is none.
  }
}

/** The protocol of stage0's base/host_left. */
function hold(watcher, aside) {
  if (watcher === null) return;
  while (Atomics.compareExchange(watcher.lock, 0, 0, 1) !== 0) Atomics.wait(watcher.lock, 0, 1);
  watcher.port.postMessage([aside, true]);
}

function letGo(watcher, aside) {
  if (watcher === null) return;
  watcher.port.postMessage([aside, false]);
  Atomics.store(watcher.lock, 0, 0);
  Atomics.notify(watcher.lock, 0);
}

/** Removes all but the newest files of a kind; the text that a new file belongs to stays. */
function removeOld(folder, written) {
  const kind = written.slice(0, written.indexOf("-") + 1);
  const now = Date.now();
  const found = [];
  for (const name of fs.readdirSync(folder)) {
    const full = path.join(folder, name);
    const made = fs.statSync(full, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (name.startsWith(`.${kind}`) && now - made > LOST) fs.rmSync(full, { force: true });
    if (name.startsWith(kind) && !written.startsWith(name.replace(/\.js$/, ""))) found.push([made, full]);
  }
  found.sort((a, b) => b[0] - a[0]);
  for (const [, full] of found.slice(MOST)) fs.rmSync(full, { force: true });
}

module.exports = { keep, readKept, sha256 };
