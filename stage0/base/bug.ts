// Internal failures: a broken invariant of the compiler itself, never a fault of the program compiled.
// In -> out: a sentence, to a report with stage, function and dump on stderr and exit status 70.

import { hostExit, hostPrintError } from "./host.ts";

interface BugContext {
  stage: string;
  func: string;
  dump: string;
}

const context: BugContext = { stage: "start", func: "", dump: "" };

/** Notes which stage runs and on what function ("" for the whole program), for a report that may follow. */
export function enterStage(stage: string, func: string): void {
  context.stage = stage;
  context.func = func;
}

/** Notes the text of what is being worked on, for a report that may follow. */
export function noteDump(dump: string): void {
  context.dump = dump;
}

/** Ends the compiler: this cannot happen, and it did. */
export function bug(text: string): never {
  let report = "internal error: " + text + "\n  stage: " + context.stage + "\n";
  if (context.func !== "") report += "  function: " + context.func + "\n";
  if (context.dump !== "") report += context.dump + "\n";
  hostPrintError(report);
  hostExit(70);
}
