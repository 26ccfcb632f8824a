// The host under an engine that has none of Node's modules: QuickJS with its modules std and os.
// qjs --std engines_bare.js SCRIPT FOLDER [ARGS]: SCRIPT is stage0 as one function expression (launch/link_script), FOLDER the one that
// it came from. In -> out: what stage0/base/host asks of Node, and no more of it, in terms of files and names of this system.
// There are no other programs: nothing is linked or run.
"use strict";
/* global std, os, scriptArgs */

/** Node's names of the errors, by their numbers on Linux. */
const errorNames = { 1: "EPERM", 2: "ENOENT", 13: "EACCES", 17: "EEXIST", 20: "ENOTDIR", 21: "EISDIR", 27: "EFBIG", 28: "ENOSPC", 30: "EROFS", 40: "ELOOP" };

/** A result of the system, or an error as Node throws it. */
function checked(result) {
  if (result >= 0) return result;
  const error = new Error(`system error ${-result}`);
  error.code = errorNames[-result] ?? "EIO";
  throw error;
}

/** A pair of a result and an error's number, as os gives it. */
function first([result, errno]) {
  checked(-errno);
  return result;
}

/** Code units, of which each is a byte. */
function bytesToText(bytes, start, end) {
  let text = "";
  for (let at = start; at < end; at += 8192) text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(end, at + 8192)));
  return text;
}

/** Text to UTF-8, as a text of bytes. */
function encode(text) {
  let out = "";
  for (const c of text) {
    const n = c.codePointAt(0);
    if (n < 0x80) out += c;
    else if (n < 0x800) out += String.fromCharCode(0xc0 | (n >> 6), 0x80 | (n & 63));
    else if (n < 0x10000) out += String.fromCharCode(0xe0 | (n >> 12), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63));
    else out += String.fromCharCode(0xf0 | (n >> 18), 0x80 | ((n >> 12) & 63), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63));
  }
  return out;
}

/** A text of bytes in UTF-8 to text; names that are no UTF-8 are not for this host. */
function decode(bytes) {
  return decodeURIComponent(bytes.replace(/[^ -$&-~]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`).replace(/%(?![0-9a-f]{2})/g, "%25"));
}

class HostBuffer extends Uint8Array {
  static from(text, encoding = "utf8") {
    const bytes = encoding === "latin1" ? text : encode(text);
    const buffer = new HostBuffer(bytes.length);
    for (let k = 0; k < bytes.length; k++) buffer[k] = bytes.charCodeAt(k);
    return buffer;
  }

  static allocUnsafe(length) {
    return new HostBuffer(length);
  }

  static concat(list, length) {
    const buffer = new HostBuffer(length);
    let at = 0;
    for (const part of list) {
      buffer.set(part, at);
      at += part.length;
    }
    return buffer;
  }

  toString(encoding = "utf8", start = 0, end = this.length) {
    const text = bytesToText(this, start, end);
    return encoding === "latin1" ? text : decode(text);
  }
}

/** A name, which may be given as its bytes. */
function nameOf(name) {
  return typeof name === "string" ? name : name.toString();
}

function statSync(name) {
  const stat = first(os.stat(nameOf(name)));
  return { size: stat.size, isFile: () => (stat.mode & os.S_IFMT) === os.S_IFREG, isDirectory: () => (stat.mode & os.S_IFMT) === os.S_IFDIR };
}

function existsSync(name) {
  return os.stat(nameOf(name))[1] === 0;
}

/** Removes a file; of folders stage0 removes only those for linkers, which do not run here. */
function rmSync(name) {
  const result = os.remove(name);
  if (result !== -2) checked(result);
}

function mkdirSync(name) {
  if (name === "" || existsSync(name)) return;
  mkdirSync(path.dirname(name));
  checked(os.mkdir(name, 0o777));
}

/** The entries of a folder, their names as bytes; links are neither files nor folders. */
function readdirSync(name) {
  const names = first(os.readdir(nameOf(name))).filter((entry) => entry !== "." && entry !== "..");
  return names.map((entry) => {
    const kind = first(os.lstat(`${nameOf(name)}/${entry}`)).mode & os.S_IFMT;
    return { name: HostBuffer.from(entry, "utf8"), isFile: () => kind === os.S_IFREG, isDirectory: () => kind === os.S_IFDIR };
  });
}

const fs = {
  constants: { X_OK: 1 },
  statSync, existsSync, rmSync, mkdirSync, readdirSync,
  openSync: (name, flags, mode = 0o666) => checked(os.open(nameOf(name), flags === "r" ? os.O_RDONLY : os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)),
  closeSync: (fd) => checked(os.close(fd)),
  readSync: (fd, buffer, offset, length) => checked(os.read(fd, buffer.buffer, buffer.byteOffset + offset, length)),
  writeSync: (fd, bytes, offset = 0, length = bytes.length - offset) => checked(os.write(fd, bytes.buffer, bytes.byteOffset + offset, length)),
  renameSync: (from, to) => checked(os.rename(from, to)),
  realpathSync: { native: (name) => HostBuffer.from(first(os.realpath(nameOf(name))), "utf8") },
};

const path = {
  dirname: (name) => {
    const at = name.lastIndexOf("/");
    return at < 0 ? "." : at === 0 ? "/" : name.slice(0, at);
  },
  basename: (name) => name.slice(name.lastIndexOf("/") + 1),
  join: (...parts) => normal(parts.filter((p) => p !== "").join("/")),
  resolve: (...parts) => {
    let name = "";
    for (let k = parts.length - 1; k >= 0 && !name.startsWith("/"); k--) name = name === "" ? parts[k] : `${parts[k]}/${name}`;
    return normal(name.startsWith("/") ? name : `${first(os.getcwd())}/${name}`);
  },
};

/** A path without empty parts, "." and "..". */
function normal(name) {
  const kept = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && kept.length > 0 && kept[kept.length - 1] !== "..") kept.pop();
    else if (part !== ".." || !name.startsWith("/")) kept.push(part);
  }
  return `${name.startsWith("/") ? "/" : ""}${kept.join("/")}` || ".";
}

const start = Date.now();
const [, script, folder, ...words] = scriptArgs;

globalThis.Buffer = HostBuffer;
globalThis.performance = { now: () => Date.now() - start };
globalThis.process = {
  argv: ["engine", "stage0", ...words], env: { PATH: "" },
  // No other process writes beside the output, so any number will do.
  pid: 1,
  cwd: () => first(os.getcwd()),
  exit: (status) => {
    std.out.flush();
    std.exit(status);
  },
};

const modules = {
  "node:fs": fs,
  "node:path": path,
  "node:child_process": { spawnSync: () => ({ error: new Error("no processes"), status: null }) },
  "node:tty": { isatty: (fd) => os.isatty(fd) },
  "node:worker_threads": { isMainThread: true, workerData: null },
};

const source = std.loadFile(script);
if (source === null) {
  std.err.puts(`${script}: cannot be read\n`);
  std.exit(2);
}
try {
  std.evalScript(source)((name) => modules[name], folder).main();
} catch (error) {
  std.err.puts(`internal error: ${error}\n${error.stack ?? ""}`);
  std.exit(70);
}
