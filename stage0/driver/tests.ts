// Running a test program.
// In -> out: a test program and the names of its tests, to counts and a line for each failure (for each test, when that is
// asked for; with JSON, always). The program runs some
// tests and ends at the first that fails, with a status that says which (see std/rt/tests); it is started again behind
// that one, so that a panic costs one test. A status that says nothing (the program was killed, or the host gave up on
// it) is narrowed down by running one test at a time, without telling again of those that pass.

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
  /** Programs that compiled, and the tests in them that were to run. */
  programs: number;
  found: number;
}

/** What is told of each test. */
export interface TestTelling {
  json: boolean;
  /** Those that pass, too. */
  all: boolean;
}

/** Runs the tests of a program, adding to the counts; false when it could not be started. */
export function runTestProgram(program: string, args: string[], tests: string[], telling: TestTelling, counts: TestCounts): boolean {
  let first = 0;
  // Tests before this one have run once, in a batch that ended for no known reason.
  let again = 0;
  while (first < tests.length) {
    const count = first < again ? 1 : minI32(BATCH, tests.length - first);
    const status = runTestBatch(program, args, first, count, testLetters(telling, first >= again));
    if (status < 0) return false;
    if (status === 0) {
      counts.passed += count;
      first += count;
    } else if (status >= FAILED && status < FAILED + count) {
      counts.passed += status - FAILED;
      counts.failed += 1;
      first += status - FAILED + 1;
    } else if (count > 1) {
      again = first + count;
    } else {
      hostPrint(failureText(tests[first], "the program ended with status " + status, telling.json));
      counts.failed += 1;
      first += 1;
      again = first;
    }
  }
  return true;
}

/** What std/rt/tests is told of the telling. */
function testLetters(telling: TestTelling, tellsPassed: boolean): string {
  return (telling.json ? "j" : "") + (tellsPassed && (telling.json || telling.all) ? "v" : "");
}

function runTestBatch(program: string, args: string[], first: number, count: number, letters: string): number {
  const words: string[] = [];
  for (const a of args) words.push(a);
  words.push("--cot-tests=" + first + "," + count + "," + letters);
  return hostRun(program, words);
}

function failureText(name: string, message: string, json: boolean): string {
  if (!json) return "FAIL " + name + ": " + message + "\n";
  return "{\"test\":" + quotedJson(name) + ",\"passed\":false,\"message\":" + quotedJson(message) + "}\n";
}

/** The line that comes before the tests of a file, or says with which status it did not come to them; JSON only. */
export function fileText(file: string, tests: number, status: number): string {
  return "{\"file\":" + quotedJson(file) + (status === 0 ? ",\"tests\":" + tests : ",\"status\":" + status) + "}\n";
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
