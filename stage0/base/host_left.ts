// What must not be left behind: a file that is being written, folders for temporary files.
// In -> out: their names, noted while they are there; a signal, a panic or an exit that comes in between removes them.
// Only base/host calls this. stage0 tells its main thread, which waits for signals; in stage1 signals wait themselves,
// and a panic and an exit remove what is noted.

import { isMainThread, workerData } from "node:worker_threads";

/** The main thread takes the lock for good before it removes what the messages say is there; see cot.js. */
interface Watcher {
  lock: Int32Array;
  port: { postMessage(message: [string, boolean]): void };
}

const watcher: Watcher | null = isMainThread ? null : ((workerData as { watcher?: Watcher } | null)?.watcher ?? null);

/** From now on signals wait. Calls do not nest. */
export function holdSignals(): void {
  if (watcher === null) return;
  while (Atomics.compareExchange(watcher.lock, 0, 0, 1) !== 0) Atomics.wait(watcher.lock, 0, 1);
}

/** Signals come again, first those that waited. */
export function letSignals(): void {
  if (watcher === null) return;
  Atomics.store(watcher.lock, 0, 0);
  Atomics.notify(watcher.lock, 0);
}

/** Notes a name, while signals are held. */
export function noteLeft(name: string): void {
  if (watcher !== null) watcher.port.postMessage([absolute(name), true]);
}

/** The name that was noted last is gone, or is to stay. */
export function forgetLeft(name: string): void {
  if (watcher !== null) watcher.port.postMessage([absolute(name), false]);
}

function absolute(name: string): string {
  const host = Buffer.from(name, "latin1").toString("utf8");
  return host.charCodeAt(0) === 47 ? host : process.cwd() + "/" + host;
}
