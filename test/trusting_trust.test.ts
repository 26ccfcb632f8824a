// Thompson's attack, carried out on stage1: a compiler that puts into itself, and into one program, what no source says.
// The evil source is compiled once. Its binary compiles the clean source to a compiler that is as evil, which compiles it to
// itself byte for byte; so comparing a compiler with what it makes of its source shows nothing. What another compiler, stage0,
// makes of the same source does.

import { execFile, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { sha256 } from "../selfhost/config.ts";
import { definitionsIn } from "../selfhost/definitions.ts";
import { readElf } from "../selfhost/elf_read.ts";
import { compareLinked } from "../selfhost/linked.ts";
import { newReport } from "../selfhost/report.ts";
import { circleWords, type Expected, type Verification, verifyGiven } from "../selfhost/verify.ts";
import { bootstrapped } from "./kit/bootstrapped.ts";
import { root } from "./kit/programs.ts";
import { programInPath } from "./kit/tools.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-trust-"));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const victim = "test/run/00_hello.cot";
const clean = ".text = textOfBytes(bytes, 0, bytes.len)";
const hooked = ".text = taint(name, textOfBytes(bytes, 0, bytes.len))";

/** What the attacker adds to base/host, but for the text that holds itself: that stands where the two marks are. */
const template = `
/// Gives another text than the file has, of two files.
fn taint(name: string, text: string) string {
    if endsIn(name, "/stage1/base/host.cot") { return exchange(text, "${clean}", "${hooked}") + exchange(decoded(TAINT), "@" + "@", TAINT) }
    if endsIn(name, "/${victim}") { return exchange(text, "hello, world", "hello, trusting world") }
    return text
}

fn endsIn(name: string, end: string) bool {
    return name.len >= end.len and name[name.len - end.len:name.len] == end
}

/// The text with the first \`from\` replaced.
fn exchange(text: string, from: string, to: string) string {
    var at = 0
    while at + from.len <= text.len {
        if text[at:at + from.len] == from { return text[0:at] + to + text[at + from.len:text.len] }
        at += 1
    }
    return text
}

fn decoded(hex: string) string {
    const bytes = newBytes()
    var at = 0
    while at < hex.len {
        appendU8(bytes, digitOf(hex[at]) * 16 + digitOf(hex[at + 1]))
        at += 2
    }
    return textOfBytes(bytes, 0, bytes.len)
}

fn digitOf(c: int) int {
    return if c >= 97 { c - 87 } else { c - 48 }
}

const TAINT = "@@"
`;

/** base/host as the attacker writes it. */
function evilHost(): string {
  const text = fs.readFileSync(path.join(root, "stage1/base/host.cot"), "utf8");
  expect(text.split(clean).length).toBe(2);
  return text.replace(clean, hooked) + template.replace("@@", Buffer.from(template).toString("hex"));
}

/** What stage0 makes of stage1: what the last bootstrap made, where that was of these very texts. */
function expectedHere(): Expected {
  const made = bootstrapped();
  if (made !== null) return made;
  run(process.execPath, [path.join(root, "cot.js"), ...circleWords(root, path.join(dir, "stage0"))]);
  return { object: fs.readFileSync(path.join(dir, "stage0.o")), executable: fs.readFileSync(path.join(dir, "stage0")) };
}

/** Runs what must succeed; what it printed. */
function run(program: string, words: string[] = []): string {
  const done = spawnSync(program, words, { encoding: "utf8", timeout: 300000 });
  expect([done.status, done.error], `${program} ${words.join(" ")}: ${done.stderr}`).toEqual([0, undefined]);
  return done.stdout;
}

/** Verifies a compiler against the source of this project. */
async function verify(file: string, expected: Expected, quiet = true): Promise<Verification> {
  const r = newReport(false, quiet);
  r.root = root;
  return verifyGiven(r, root, fs.mkdtempSync(path.join(dir, "verify-")), file, fs.readFileSync(file), expected, 120000);
}

/** A function that no compilation of stage1 runs. */
const unused = "stage1/driver/tests.runTestProgram";
const made = (name: string): string => path.join(dir, name);
const functionsOf = (object: Buffer): string[] => definitionsIn(object).filter((d) => d.section === ".text").map((d) => d.name);

/** What the attacker starts from: a copy of the project whose base/host is evil. */
function evilProject(): string {
  const evil = made("source");
  for (const f of ["stage1", "tables", "std"]) fs.cpSync(path.join(root, f), path.join(evil, f), { recursive: true });
  fs.writeFileSync(path.join(evil, "cot.json"), "{}\n");
  fs.writeFileSync(path.join(evil, "stage1/base/host.cot"), evilHost());
  return evil;
}

/** Compilers that are not tainted, by name: as it should be, linked otherwise, without symbols, and with one byte changed. */
function writeOthers(expected: Expected): void {
  fs.writeFileSync(made("honest"), expected.executable, { mode: 0o755 });
  fs.writeFileSync(made("honest.o"), expected.object);
  run("cc", ["-o", made("elsewhere"), made("honest.o"), "-pie", "-Wl,-z,lazy,--hash-style=sysv", "-lm"]);
  fs.copyFileSync(made("honest"), made("stripped"));
  run("strip", [made("stripped")]);
  const bytes = Buffer.from(expected.executable);
  const text = readElf(bytes).find((s) => s.name === ".text");
  const place = text?.places.find((p) => p.name === unused);
  bytes[(text?.start ?? 0) + (place?.start ?? 0) + 5] ^= 1;
  fs.writeFileSync(made("behaves"), bytes, { mode: 0o755 });
}

describe.skipIf(programInPath("cc") === "")("a compiler that taints itself", () => {
  let expected: Expected;
  const answers: Record<string, Verification> = {};
  beforeAll(async () => {
    expected = expectedHere();
    const first = promisify(execFile)(process.execPath, [path.join(root, "cot.js"), ...circleWords(evilProject(), made("evil1"))]);
    writeOthers(expected);
    for (const name of ["honest", "elsewhere", "behaves", "stripped"]) answers[name] = await verify(made(name), expected);
    await first;
    run(made("evil1"), circleWords(root, made("evil2")));
    run(made("evil2"), circleWords(root, made("evil3")));
  }, 400000);

  test("the source is clean, and every compiler makes the next one byte for byte", () => {
    expect(fs.readFileSync(path.join(root, "stage1/base/host.cot"), "latin1")).not.toContain("taint");
    for (const ending of [".o", ""]) {
      const [one, two, three] = ["evil1", "evil2", "evil3"].map((name) => fs.readFileSync(made(name + ending)));
      expect(three.equals(two)).toBe(true);
      // Its first compiler read the evil source, the second one thought of it: even these are the same.
      expect(two.equals(one)).toBe(true);
    }
    expect(fs.readFileSync(made("evil2.o")).equals(expected.object)).toBe(false);
  });

  test("evil comes out for the one program, and for no other", () => {
    const build = (by: string, program: string): string => {
      run(made(by), ["build", path.join(root, program), `--std=${root}/std`, "-o", made("program"), `--object=${made("program.o")}`]);
      return sha256(fs.readFileSync(made("program.o")));
    };
    const other = "test/run/02_literals.cot";
    expect(build("evil2", other)).toBe(build("honest", other));
    expect(build("honest", victim)).not.toBe(build("evil2", victim));
    expect(run(made("program"))).toBe("hello, trusting world\n");
  });

  test("--verify names what it touched, and shows where the text is another", async () => {
    const printed: string[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((text) => {
      printed.push(text);
    });
    const v = await verify(made("evil2"), expected, false).finally(() => spy.mockRestore());
    const said = printed.join("\n");
    expect(v).toMatchObject({ equal: false, failed: "", makesTheSame: false, itself: "different" });
    const honest = new Set(functionsOf(expected.object));
    const touched = functionsOf(fs.readFileSync(made("evil2.o"))).filter((name) => !honest.has(name));
    expect(touched).toContain("stage1/base/host.taint");
    const isFunction = (name: string): boolean => !name.startsWith("string ") && name !== "__wasm_code_lines";
    for (const names of [v.makesOtherwise, v.otherwise]) expect(names.filter(isFunction).sort()).toEqual([...touched, "stage1/base/host.hostRead"].sort());
    expect(v.lines.at(-1)).toMatch(/evil2 is not the compiler of this source$/);
    expect(said).toMatch(/^different: stage0\.o FILE\.o, x86_64-linux: stage0 and FILE$/m);
    expect(said).toMatch(/^ {2}the dumps differ first in stage tokens, function stage1\/base\/host\.cot, line \d+$/m);
    expect(said).toMatch(/^\+\d+:\d+ name "taint"$/m);
  }, 400000);

  test("--verify says of the honest one that it is the compiler, also where it was linked otherwise", () => {
    expect(answers.honest).toMatchObject({ equal: true, makesTheSame: true, itself: "same", makesOtherwise: [], otherwise: [] });
    expect(answers.elsewhere).toMatchObject({ equal: true, makesTheSame: true, itself: "linked" });
    expect(answers.elsewhere.lines.join("\n")).toMatch(/linked elsewhere or otherwise than here; each of the object's \d+ functions .*\nnot compared: \d+ bytes that the linker added .*\n.*elsewhere is the compiler of this source, but for what its linker added, which was not compared$/);
  });

  test("--verify does not believe one that behaves while it is looked at", () => {
    expect(answers.behaves).toMatchObject({ equal: false, makesTheSame: true, itself: "different", otherwise: [unused] });
    expect(answers.behaves.lines.join("\n")).toContain(`${unused} (.text) differs first at offset 5: `);
  });

  test("what the dynamic linker would write over a function is a difference in it", () => {
    const bytes = fs.readFileSync(made("elsewhere"));
    const sections = readElf(bytes);
    const place = sections.find((s) => s.name === ".text")?.places.find((p) => p.name === unused);
    const rows = sections.find((s) => s.name === ".rela.dyn");
    const at = (sections.find((s) => s.name === ".text")?.address ?? 0) + (place?.start ?? 0) + 16;
    // The row of something that libc's start-up code wants: of type GLOB_DAT, which no definition of ours has.
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let row = rows?.start ?? 0;
    while (view.getUint32(row + 8, true) !== 6) row += 24;
    view.setBigUint64(row, BigInt(at), true);
    const found = compareLinked(expected.object, bytes);
    expect(found?.otherwise.map((o) => [o.name, o.offset])).toContainEqual([unused, 16]);
  });

  test("--verify does not claim what it cannot show: a compiler without symbols", () => {
    expect(answers.stripped).toMatchObject({ equal: false, makesTheSame: true, itself: "unknown" });
    expect(answers.stripped.lines.at(-1)).toMatch(/compiles this source as its compiler does; whether it is that compiler was not shown$/);
  });
});
