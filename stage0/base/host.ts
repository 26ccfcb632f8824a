// The host: the only file that touches the world outside the compiler.
// In -> out: files, processes, clock, arguments and standard streams. Text is a string of bytes.
// stage0 asks Node. stage1 asks libc on Linux and preview 1 on WASI, where a path belongs to the longest preopened
// folder that it begins with, and there are no processes, terminals or environment.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as tty from "node:tty";
import type { Bytes } from "./bytes.ts";
import { forgetLeft, holdSignals, letSignals, noteLeft } from "./host_left.ts";

/** What reading a file came to: its text, or why not (an ASCII phrase, "" when it went well). */
export interface ReadResult {
  text: string;
  problem: string;
}

/** The largest file of any kind that is read, in bytes. */
export const MAX_FILE = 268435456;

/** Every code unit of our text is a byte; UTF-8 is converted only where JavaScript's own interfaces want it. */
function fromHost(s: string): string {
  return Buffer.from(s, "utf8").toString("latin1");
}

function toHost(s: string): string {
  return Buffer.from(s, "latin1").toString("utf8");
}

/** A name of any bytes. */
function rawPath(name: string): Buffer {
  return Buffer.from(name, "latin1");
}

/** What the system could not do, in words. */
export function problemText(e: unknown): string {
  const code = (e as { code?: string }).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES") return "permission denied";
  if (code === "ELOOP") return "too many symbolic links";
  if (code === "ENOTDIR") return "a part of the path is not a directory";
  if (code === "EISDIR") return "is a directory";
  if (code === "ENOSPC") return "no space left on device";
  if (code === "EROFS") return "read-only file system";
  if (code === "EFBIG") return "file too large";
  if (code === "EEXIST") return "exists already";
  if (code === "EPIPE") return "nobody reads it any more";
  if (code === "EBADF") return "it is closed";
  return "cannot be read or written";
}

/** The words of the command line after the program's name. */
export function hostArgs(): string[] {
  const words = process.argv.slice(2);
  // Node puts U+FFFD for what is not UTF-8; Linux has the bytes.
  if (words.some((w) => w.includes("\ufffd")) && fs.existsSync("/proc/self/cmdline")) {
    return fs.readFileSync("/proc/self/cmdline", "latin1").split("\0").slice(-words.length - 1, -1);
  }
  return words.map(fromHost);
}

/** Reads a whole regular file of at most `limit` bytes; anything else is a problem in words. */
export function hostRead(name: string, limit: number): ReadResult {
  let fd = -1;
  try {
    const stat = fs.statSync(rawPath(name));
    if (stat.isDirectory()) return noText("is a directory");
    if (!stat.isFile()) return noText("is not a regular file");
    if (stat.size > limit) return noText(tooLarge(limit));
    fd = fs.openSync(rawPath(name), "r");
    // Files that the system makes up say that they are empty.
    let data = Buffer.allocUnsafe(stat.size === 0 ? 65536 : stat.size + 1);
    let len = 0;
    let n = 1;
    while (n > 0 && len <= limit) {
      if (len === data.length) data = Buffer.concat([data], len * 2 + 65536);
      n = fs.readSync(fd, data, len, data.length - len, null);
      len += n;
    }
    return len > limit ? noText(tooLarge(limit)) : { text: data.toString("latin1", 0, len), problem: "" };
  } catch (e) {
    return noText(problemText(e));
  } finally {
    if (fd >= 0) fs.closeSync(fd);
  }
}

function noText(problem: string): ReadResult {
  return { text: "", problem: problem };
}

function tooLarge(limit: number): string {
  return "is larger than " + Math.trunc(limit / 1048576) + " MiB";
}

/** Whether a name is there, of any kind. */
export function hostExists(name: string): boolean {
  return fs.existsSync(rawPath(name));
}

/** Whether a name is a directory. */
export function hostIsDirectory(name: string): boolean {
  try {
    return fs.statSync(rawPath(name)).isDirectory();
  } catch {
    return false;
  }
}

/** The real path of a name, links resolved, or "" when there is none. */
export function hostRealPath(name: string): string {
  try {
    return fs.realpathSync.native(rawPath(name), { encoding: "buffer" }).toString("latin1");
  } catch {
    return "";
  }
}

/** The current directory, absolute; "" when there is none any more. */
export function hostCurrentDir(): string {
  try {
    return fromHost(process.cwd());
  } catch {
    return "";
  }
}

let asideCount = 1;

/**
 * Writes a file whole or not at all: aside in the same folder, then renamed over the name.
 * Gives "" or the problem in words.
 */
export function hostWrite(name: string, bytes: Bytes, executable: boolean): string {
  const target = toHost(name);
  let aside = "";
  // What a command that was killed left behind may have had this one's number.
  for (; aside === "" || fs.existsSync(aside); asideCount += 1) aside = path.join(path.dirname(target), "." + path.basename(target) + "." + process.pid + "." + asideCount);
  const unfit = unfitToReplace(target);
  if (unfit !== "") return unfit;
  holdSignals();
  let fd = -1;
  let made = false;
  try {
    fd = fs.openSync(aside, "wx", executable ? 0o777 : 0o666);
    made = true;
    noteLeft(fromHost(aside));
    let at = 0;
    while (at < bytes.len) at += fs.writeSync(fd, bytes.data, at, bytes.len - at);
    fs.closeSync(fd);
    fd = -1;
    fs.renameSync(aside, target);
    return "";
  } catch (e) {
    if (fd >= 0) fs.closeSync(fd);
    if (made) fs.rmSync(aside, { force: true });
    return problemText(e);
  } finally {
    if (made) forgetLeft(fromHost(aside));
    letSignals();
  }
}

/** Why what stands under a name must not be replaced by a file: a folder, a device, a pipe; or "". */
function unfitToReplace(target: string): string {
  try {
    const stat = fs.statSync(target);
    if (stat.isFile()) return "";
    return stat.isDirectory() ? "is a directory" : "is not a regular file";
  } catch {
    return "";
  }
}

/** Makes a folder and those above it; "" or the problem in words. */
export function hostMakeDir(name: string): string {
  try {
    fs.mkdirSync(toHost(name), { recursive: true });
    return "";
  } catch (e) {
    return problemText(e);
  }
}

/** A new empty folder for one command, readable by its owner only, or "". */
export function hostTempDir(): string {
  holdSignals();
  try {
    const dir = fromHost(fs.mkdtempSync(path.join(process.env.TMPDIR || "/tmp", "cot-")));
    noteLeft(dir);
    return dir;
  } catch {
    return "";
  } finally {
    letSignals();
  }
}

/** Removes the last folder that hostTempDir made, with all it holds. */
export function hostRemove(name: string): void {
  fs.rmSync(toHost(name), { recursive: true, force: true });
  forgetLeft(name);
}

/** The value of a name in the environment, or "". */
export function hostEnv(name: string): string {
  return fromHost(process.env[name] ?? "");
}

/** The absolute path of a program, from the absolute folders of PATH, or "". */
export function hostFindProgram(name: string): string {
  for (const dir of (process.env.PATH ?? "").split(":")) {
    if (!dir.startsWith("/")) continue;
    const full = path.join(dir, toHost(name));
    try {
      fs.accessSync(full, fs.constants.X_OK);
      if (fs.statSync(full).isFile()) return fromHost(full);
    } catch {
      // The next folder may have it.
    }
  }
  return "";
}

/** Runs a program with this program's streams; its status, 128 + n after signal n, or -1 when it cannot start. */
export function hostRun(program: string, args: string[]): number {
  return hostRunIn("", program, args);
}

/** The same; a folder that is not "" is where the program is to put its temporary files. */
export function hostRunIn(temporary: string, program: string, args: string[]): number {
  const hostWords: string[] = [];
  for (const a of args) hostWords.push(toHost(a));
  const env = temporary === "" ? process.env : { ...process.env, TMPDIR: toHost(temporary) };
  const done = spawnSync(toHost(program), hostWords, { stdio: "inherit", env: env });
  if (done.error !== undefined) return -1;
  if (done.status !== null) return done.status;
  return 128 + signalNumber(done.signal ?? "");
}

function signalNumber(name: string): number {
  const known: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15, SIGXFSZ: 25 };
  return known[name] ?? 0;
}

/** Writes all bytes; "" or the problem in words. */
function writeAll(fd: number, text: string): string {
  const bytes = Buffer.from(text, "latin1");
  let at = 0;
  while (at < bytes.length) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (e) {
      if ((e as { code?: string }).code !== "EAGAIN") return problemText(e);
    }
  }
  return "";
}

let printProblem = "";

/** Writes bytes to standard output, unless that failed before. */
export function hostPrint(text: string): void {
  if (printProblem === "") printProblem = writeAll(1, text);
}

/** Why standard output did not take what was printed since this was asked last, in words, or "". */
export function hostPrintProblem(): string {
  const problem = printProblem;
  printProblem = "";
  return problem;
}

/** Writes bytes to standard error. */
export function hostPrintError(text: string): void {
  writeAll(2, text);
}

/** Whether standard error is a terminal. */
export function hostIsTerminal(): boolean {
  return tty.isatty(2);
}

/** Ends the program. */
export function hostExit(status: number): never {
  process.exit(status);
}

/** Microseconds on a clock that only moves forward; for --time only. */
export function hostMicros(): number {
  return Math.trunc(performance.now() * 1000);
}

/** The folder that holds tables/ and std/: beside the compiler's own sources. */
export function hostHomeDir(): string {
  return fromHost(path.resolve(import.meta.dirname, "../.."));
}

/** Which of the two compilers this is, for pages that show its work. */
export function hostCompilerName(): string {
  return "stage0";
}
