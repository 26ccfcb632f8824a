// Is this binary what its source says? What `node bootstrap.ts --verify=FILE` does.
// In -> out: a native compiler that somebody was given, to an exit status: 0 it is the compiler of this source, 1 it is not or
// that could not be shown, 2 it cannot be started. Two things are compared. What FILE makes of stage1 with what stage0 makes of
// it: that says how FILE behaves, today. And FILE itself with the executable that is linked here from stage0's object: byte for byte, or,
// where it was linked elsewhere, each function and datum of the object in it. A compiler that lies only when nobody
// looks passes the first and not the second.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { processCompiler, type Run } from "./compilers.ts";
import { changedDefinitions } from "./definitions.ts";
import { explain, failureOf, readOutput } from "./explain.ts";
import { givenCompiler, NOT_STARTED, readGiven } from "./given.ts";
import { compareLinked, type Linked } from "./linked.ts";
import { type Settings, Stop } from "./options.ts";
import { addStep, addUnit, newReport, note, type Report } from "./report.ts";
import { typedPath } from "./typed.ts";
import { targets } from "./units.ts";

const LIMIT_MILLIS = 120_000;
const MOST_NAMES = 12;

/** The words that compile stage1: to an executable and, beside it, the object that it is linked from, or to another kind (--emit). */
export function circleWords(root: string, output: string, emit = "exe"): string[] {
  const words = ["build", path.join(root, "stage1/main.cot"), `--std=${root}/std`, "--time"];
  return emit === "exe" ? [...words, "-o", output, `--object=${output}.o`] : [...words, `--emit=${emit}`, "-o", output];
}

/** What stage0 makes of stage1, and what the linker here makes of that. */
export interface Expected {
  object: Buffer;
  executable: Buffer;
}

export interface Verification {
  /** FILE, as one types it. */
  verify: string;
  equal: boolean;
  /** What FILE failed with when it compiled stage1, "" when it did not. */
  failed: string;
  /** Whether the object that FILE makes of stage1 is stage0's, and the names of functions and data that it has otherwise. */
  makesTheSame: boolean;
  makesOtherwise: string[];
  /** FILE itself: the same bytes, the same code linked elsewhere, other code, or not shown. */
  itself: "same" | "linked" | "different" | "unknown";
  otherwise: string[];
  /** All of it in words, a line each. */
  lines: string[];
}

/** The command. */
export async function verifyCommand(s: Settings): Promise<number> {
  const { root } = s.places;
  const given = readGiven(s.verify);
  if (typeof given === "string") throw new Stop(2, `bootstrap: '${typedPath(s.verify)}': ${given}`);
  const folder = path.join(s.out, "verify");
  try {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
  } catch (e) {
    throw new Stop(2, `bootstrap: cannot write into '${s.out}': ${(e as Error).message}`);
  }
  const r = newReport(s.json, s.quiet, s.verbose);
  r.root = root;
  r.folders = [[`${s.out}/`, "out/"], [`${root}/`, ""], [`${os.homedir()}/`, "~/"]];
  const v = await verifyGiven(r, root, folder, s.verify, given, await makeExpected(r, root, folder), LIMIT_MILLIS);
  if (s.json) console.log(JSON.stringify(v));
  else console.log((s.quiet ? v.lines.slice(-1) : v.lines).join("\n"));
  return v.equal ? 0 : 1;
}

/** Has stage0 compile stage1, always: nothing that was made before is taken for it. */
async function makeExpected(r: Report, root: string, folder: string): Promise<Expected> {
  const stage0 = processCompiler("stage0", [process.execPath, path.join(root, "cot.js")], root);
  const output = path.join(folder, "stage0");
  const words = circleWords(root, output);
  let run: Run = { status: -1, text: "", peak: 0, stages: [] };
  await addStep(r, "stage0 compiles stage1 to stage0.o", [[...stage0.command, ...words]], async () => {
    run = await stage0.run(words);
    return { peakMemory: run.peak, stages: run.stages };
  });
  const [object, executable] = [`${output}.o`, output].map((file) => readOutput(file, run));
  if (object === null || executable === null) throw new Stop(run.status === 2 ? 2 : 1, `bootstrap: ${failureOf(stage0, run, object)}`);
  return { object, executable };
}

/** Compares a given compiler with what is expected of it; explains what it makes otherwise. */
export async function verifyGiven(r: Report, root: string, folder: string, file: string, given: Buffer, expected: Expected, limitMillis: number): Promise<Verification> {
  const compiler = givenCompiler("FILE", file, root, limitMillis);
  const output = path.join(folder, "FILE.o");
  const words = (to: string, emit = "obj"): string[] => circleWords(root, to, emit).filter((w) => w !== "--time");
  let run: Run = { status: -1, text: "", peak: 0, stages: [] };
  note(r, `FILE = ${typedPath(file)}`);
  await addStep(r, "FILE compiles stage1 to FILE.o", [[file, ...words(output)]], async () => {
    run = await compiler.run(words(output));
    return { peakMemory: run.peak, stages: run.stages };
  });
  if (run.status === NOT_STARTED) throw new Stop(2, `bootstrap: '${typedPath(file)}' ${run.text}`);
  const made = readOutput(output, run);
  const failed = failureOf(compiler, run, made);
  const makesTheSame = addUnit(r, "stage0.o FILE.o", targets[0], expected.object, made);
  if (made !== null && !makesTheSame) {
    const stage0 = processCompiler("stage0", [process.execPath, path.join(root, "cot.js")], root);
    const none: Run = { status: 0, text: "", peak: 0, stages: [] };
    await addStep(r, "looking for the first stage that differs", [], async () => {
      await explain(folder, r, { unit: "stage0.o FILE.o", target: targets[0], sides: [stage0, compiler], runs: [none, run], files: [expected.object, made], words });
      return 0;
    });
  }
  const changed = made === null || makesTheSame ? { functions: [], data: [], inAll: 0 } : changedDefinitions(expected.object, made);
  const own = ownCode(given, expected);
  const equal = makesTheSame && (own.itself === "same" || own.itself === "linked");
  const v: Verification = { verify: typedPath(file), equal, failed, makesTheSame, makesOtherwise: [...changed.functions, ...changed.data], ...own };
  v.lines = [...madeLines(v, expected.object.length), ...own.lines, verdictLine(v)];
  return v;
}

function madeLines(v: Verification, bytes: number): string[] {
  if (v.failed !== "") return [`what FILE makes of stage1: nothing: ${v.failed}`];
  if (v.makesTheSame) return [`what FILE makes of stage1: the object that stage0 makes, ${bytes} bytes`];
  return [`what FILE makes of stage1: not what stage0 makes: ${namesText(v.makesOtherwise)}`];
}

function verdictLine(v: Verification): string {
  if (v.equal) return `${v.verify} is the compiler of this source${v.itself === "same" ? "" : ", but for what its linker added, which was not compared"}`;
  if (!v.makesTheSame || v.itself === "different") return `${v.verify} is not the compiler of this source`;
  return `${v.verify} compiles this source as its compiler does; whether it is that compiler was not shown`;
}

/** Functions by name, and the literals and tables that differ with them by number. */
function namesText(names: string[]): string {
  const functions = names.filter((name) => !name.startsWith("string "));
  const more = functions.length - MOST_NAMES;
  const parts = functions.slice(0, MOST_NAMES).map((name) => name.replace(/\p{C}/gu, "?"));
  if (more > 0) parts.push(`${more} more`);
  if (names.length > functions.length) parts.push(`${names.length - functions.length} literals`);
  return names.length === 0 ? "the file, but no function or datum of it" : parts.join(", ");
}

type Own = Pick<Verification, "itself" | "otherwise" | "lines">;

/** FILE itself, against the object and the executable that is linked from it here. */
function ownCode(given: Buffer, expected: Expected): Own {
  if (given.equals(expected.executable)) return { itself: "same", otherwise: [], lines: ["FILE itself: byte for byte what is linked here from that object"] };
  const linked = linkedOrNull(expected.object, given);
  if (linked === null) return { itself: "unknown", otherwise: [], lines: ["FILE itself: other bytes than what is linked here, and no table of symbols to find its functions by: nothing is shown of it"] };
  const usual = linkedOrNull(expected.object, expected.executable)?.added ?? [];
  const added = linked.added.filter((name) => !usual.includes(name));
  if (linked.otherwise.length > 0) return otherCode(linked, added);
  const counts = `each of the object's ${linked.functions} functions and ${linked.data} data is in it, and refers to what it should`;
  const rest = linked.uncompared.reduce((n, s) => n + s.bytes, 0);
  const lines = [`FILE itself: linked elsewhere or otherwise than here; ${counts}`, `not compared: ${rest} bytes that the linker added (start-up code, tables, padding) in ${linked.uncompared.map((s) => s.section).join(" ")}, and the libraries that it loads`];
  if (added.length > 0) lines.push(`not shown: what these functions do, which are in FILE and not in the object: ${namesText(added)}`);
  if (linked.unfollowed.length > 0) lines.push(`not shown: whether calls of the C library reach it: ${namesText(linked.unfollowed)}`);
  return { itself: added.length + linked.unfollowed.length === 0 ? "linked" : "unknown", otherwise: [], lines };
}

function otherCode(linked: Linked, added: string[]): Own {
  const otherwise = [...linked.otherwise.map((o) => o.name), ...added];
  const [first] = linked.otherwise;
  const where = first.offset < 0 ? "is not in it" : `differs first at offset ${first.offset}: ${first.left} in the object, ${first.right} in FILE`;
  return { itself: "different", otherwise, lines: [`FILE itself: not what is linked from that object: ${namesText(otherwise)}`, `  ${first.name.replace(/\p{C}/gu, "?")} (${first.section}) ${where}`] };
}

/** What of the object is in an executable; null also where the executable says of itself what cannot be. */
function linkedOrNull(object: Uint8Array, executable: Uint8Array): Linked | null {
  try {
    return compareLinked(object, executable);
  } catch (e) {
    if (!(e instanceof RangeError)) throw e;
    return null;
  }
}
