// Running a test program.
// In -> out: a test program and the names of its tests, to counts and a line for each failure. The program runs some
// tests and ends at the first that fails, with a status that says which (see std/rt/tests); it is started again behind
// that one, so that a panic costs one test. A status that says nothing (the program was killed, or the host gave up on
// it) is narrowed down by running one test at a time.

import { appendText, appendU8, newBytes, textOfBytes } from "../base/bytes.ts";
import { hostPrint, hostRun } from "../base/host.ts";
import { minI32 } from "../base/int32.ts";
import { hexI64, i64From } from "../base/int64.ts";

/** Tests in one run; their places must fit in an exit status. */
const BATCH = 100;
/** The status of a run whose first test failed. */
const FAILED = 3;

export interface TestCounts {
  passed: number;
  failed: number;
}

/** Runs the tests of a program, adding to the counts; false when it could not be started. */
export function runTestProgram(program: string, args: string[], tests: string[], json: boolean, counts: TestCounts): boolean {
  let first = 0;
  let batch = BATCH;
  while (first < tests.length) {
    const count = minI32(batch, tests.length - first);
    const status = runTestBatch(program, args, first, count, json);
    if (status < 0) return false;
    if (status === 0) {
      counts.passed += count;
      first += count;
    } else if (status >= FAILED && status < FAILED + count) {
      counts.passed += status - FAILED;
      counts.failed += 1;
      first += status - FAILED + 1;
    } else if (count > 1) {
      batch = 1;
    } else {
      hostPrint(failureText(tests[first], "the program ended with status " + status, json));
      counts.failed += 1;
      first += 1;
      batch = BATCH;
    }
  }
  return true;
}

function runTestBatch(program: string, args: string[], first: number, count: number, json: boolean): number {
  const words: string[] = [];
  for (const a of args) words.push(a);
  words.push("--cot-tests=" + first + "," + count + (json ? ",json" : ""));
  return hostRun(program, words);
}

function failureText(name: string, message: string, json: boolean): string {
  if (!json) return "FAIL " + name + ": " + message + "\n";
  return "{\"test\":" + quotedJson(name) + ",\"passed\":false,\"message\":" + quotedJson(message) + "}\n";
}

/** The last line of a run. */
export function countsText(counts: TestCounts, json: boolean): string {
  if (json) return "{\"passed\":" + counts.passed + ",\"failed\":" + counts.failed + "}\n";
  return counts.passed + " passed, " + counts.failed + " failed\n";
}

function quotedJson(text: string): string {
  const out = newBytes();
  appendU8(out, 34);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 32) {
      appendText(out, "\\u" + hexI64(i64From(c), 4));
    } else {
      if (c === 34 || c === 92) appendU8(out, 92);
      appendU8(out, c);
    }
  }
  appendU8(out, 34);
  return textOfBytes(out, 0, out.len);
}
