// Promises about source files, on both compilers: deep nesting, long chains, giant literals and names, encodings.
// Each text goes through both; they must say the same, neither crash nor hang.

import { afterAll, describe, expect, test } from "vitest";
import { nativeCompiler, testAll } from "../kit/tools.ts";
import { type Agreement, bothSay, newTwins, stopTwins } from "../kit/twins.ts";

const cot1 = nativeCompiler();
const twins = newTwins(cot1);
afterAll(() => stopTwins(twins));

async function agreed(text: string, build: boolean): Promise<Agreement> {
  const a = await bothSay(twins, text, build);
  expect(a.difference).toBe("");
  return a;
}

/** Bytes that must not reach a terminal: control characters but newline and tab, broken UTF-8, bidirectional controls. */
function expectPrintable(text: string): void {
  expect(text).not.toMatch(/[^\n\t\x20-\x7e\x80-\xff]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]/);
  expect(() => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "latin1"))).not.toThrow();
}

function expectShort(text: string): void {
  expect(text.length).toBeLessThanOrEqual(65536);
  for (const line of text.split("\n")) expect(line.replace(/^\S+: error\[[\w-]+\]: /, "").length).toBeLessThanOrEqual(203);
}

const repeat = (s: string, n: number): string => s.repeat(n);
const rows = (n: number, f: (i: number) => string, joint: string): string => Array.from({ length: n }, (_, i) => f(i)).join(joint);

/** By what is nested: a program with n levels. */
const nested: Record<string, (n: number) => string> = {
  "(": (n) => `fn main() { const x = ${repeat("(", n)}1${repeat(")", n)} }`,
  "-": (n) => `fn main() { var y = 1\n const x = ${repeat("- ", n)}y }`,
  "{": (n) => `fn main() { ${repeat("{\n", n)} ${repeat("}\n", n)} }`,
  "[": (n) => `fn main() { const x = ${repeat("[", n)}1${repeat("]", n)} }`,
  "*": (n) => `fn main() { const x: ?${repeat("*", n)}i64 = null }`,
  "?": (n) => `fn main() { const x: ${repeat("?", n)}i64 = null }`,
  "\"${": (n) => `fn main() { const x = ${repeat("\"${", n)}1${repeat("}\"", n)} }`,
};

describe.skipIf(cot1 === "")("nesting", () => {
  for (const [what, program] of Object.entries(nested)) {
    test(`${what} 990 deep compiles`, async () => expect((await agreed(program(990), true)).said).toMatchObject({ status: 0, text: "" }));
    for (const depth of testAll ? [1001, 10000, 100000, 1000000] : [1001, 1000000]) {
      test(`${what} ${depth} deep is an error with its place`, async () => {
        const a = await agreed(program(depth), false);
        expect(a.said.text).toMatch(/^mutant\.cot:\d+:\d+: error\[too-deep\]: this is nested deeper than 1000 levels\n/);
        // 2 s on a machine that does nothing else.
        expect(a.took[1]).toBeLessThan(8000);
        expect(a.said.text.length).toBeLessThan(400);
      });
    }
    if (testAll || what === "(" || what === "\"${") test(`${what} 1000000 times and never closed`, async () => {
      const a = await agreed(`fn main() { const x = ${repeat(what, 1000000)}`, false);
      expect(a.said.status).toBe(1);
      expectShort(a.said.text);
    });
  }
});

/** By what is chained: a program with n links. */
const chains: Record<string, (n: number) => string> = {
  sum: (n) => `fn main() { var y = 1\n println(y${rows(n, (i) => (i % 3 === 0 ? ` - ${i}` : " + y"), "")}) }`,
  "constant sum": (n) => `const X = 1${repeat(" + 1", n)}\nfn main() { println(X) }`,
  "else-if": (n) => `fn main() { var y = 1\n ${rows(n, (i) => `if y == ${i} { println(${i % 9}) } else `, "")} { println(y) } }`,
  arms: (n) => `fn main() { var y = 1\n const z = switch y { ${rows(n, (i) => `${i} => ${(i * 7) % 1000}`, ",\n")}, else => 7 }\n println(z) }`,
  "arms of an enum": (n) => `enum E { ${rows(n, (i) => `a${i}`, ", ")} }\nfn main() { var e = E.a3\n const z = switch e { ${rows(n, (i) => `.a${i} => ${i % 5}`, ",\n")} }\n println(z) }`,
  parameters: (n) => `fn f(${rows(n, (i) => `a${i}: i64`, ", ")}) i64 { return a0 + a${n - 1} }\nfn main() { println(f(${rows(n, (i) => `${i}`, ", ")})) }`,
  fields: (n) => `struct S { ${rows(n, (i) => `a${i}: i64`, ",\n")} }\nfn main() { var s = S { ${rows(n, (i) => `.a${i} = ${i}`, ", ")} }\n println(s.a${n - 1}) }`,
  elements: (n) => `fn main() { var a = [${rows(n, (i) => `${i}`, ", ")}]\n println(a[a.len - 1]) }`,
};

/** What npm test compiles with 100000 links. */
const quick = ["sum", "fields"];

describe.skipIf(cot1 === "")("chains", () => {
  for (const [what, program] of Object.entries(chains)) {
    test(`${what}: 10000 links compile`, async () => expect((await agreed(program(10000), true)).said).toMatchObject({ status: 0, text: "" }));
    if (testAll || quick.includes(what)) test(`${what}: 100000 links compile`, async () => {
      const a = await agreed(program(100000), true);
      expect(a.said).toMatchObject({ status: 0, text: "" });
      expect(a.took[1]).toBeLessThan(20000);
    });
  }
});

const mega = 1 << 20;
/** What is written, and a part of what is said of it, or "" when it is fine. */
const literals: Record<string, [string, string]> = {
  "an integer of a million digits": [`fn main() { const x = ${repeat("9", 1e6)} }`, "mutant.cot:1:23: error[number-too-large]"],
  "a hexadecimal number of a million digits": [`fn main() { const x = 0x${repeat("f", 1e6)} }`, "mutant.cot:1:23: error[number-too-large]"],
  "a million zeros and a one": [`fn main() { const x = ${repeat("0", 1e6)}1 }`, ""],
  "a float of a million digits": [`fn main() { const x = 0.${repeat("12345678", 125000)} }`, ""],
  "a float with a million underscores": [`fn main() { const x = 1${repeat("_", 1e6)}.5 }`, ""],
  "a float with as many underscores as digits": [`fn main() { const x = 0.${repeat("1_", 5e5)}1 }`, ""],
  "an exponent of a million digits": [`fn main() { const x = 1e${repeat("9", 1e6)} }`, "error[number-too-large]"],
  "a length of a million digits": [`fn main() { var x: [${repeat("9", 1e6)}]u8 = undefined }`, "error[number-too-large]"],
  "a name of 16 MB": [`fn main() { ${repeat("a", 16 * mega)} }`, "mutant.cot:1:13: error[undefined-name]"],
  "a quoted name of 16 MB": [`fn main() { @"${repeat("a", 16 * mega)}" }`, "mutant.cot:1:13: error[undefined-name]"],
  "a builtin of 16 MB": [`fn main() { @${repeat("a", 16 * mega)}() }`, "mutant.cot:1:13: error[undefined-name]"],
  "a string of 16 MB": [`fn main() { const s = "${repeat("a", 16 * mega)}" }`, ""],
  "a string of 8 M escapes": [`fn main() { const s = "${repeat("\\n", 8 * mega)}" }`, ""],
  "a string of 16 MB that is not closed": [`fn main() { const s = "${repeat("a", 16 * mega)}\n }`, "error[unclosed]"],
  "an import of 16 MB": [`import "${repeat("a/", 8 * mega)}"\nfn main() {}`, "mutant.cot:1:8: error[cannot-import]"],
  "a type whose name has 8 MB": [`struct ${repeat("S", 8 * mega)} { x: i64 }\nfn main() { var x: i64 = ${repeat("S", 8 * mega)} { .x = 1 } }`, "error[type-mismatch]"],
};

describe.skipIf(cot1 === "")("giant literals and names", () => {
  for (const [what, [text, said]] of Object.entries(literals)) {
    test(what, async () => {
      const a = await agreed(text, false);
      expect(a.said.status).toBe(said === "" ? 0 : 1);
      expect(a.said.text).toContain(said);
      expectShort(a.said.text);
    });
  }
});

const encodings: Record<string, [string, string]> = {
  "a mark of byte order": ["\xef\xbb\xbffn main() { }", "mutant.cot:1:1: error[bad-text]: a source file begins without a byte order mark"],
  "bytes that are not UTF-8": ["fn main() { const s = \"\xff\xfe\xc0\x80\xed\xa0\x80\" }", "mutant.cot:1:24: error[bad-text]: the source is not valid UTF-8 here"],
  "UTF-16": [Buffer.from("fn main() {}", "utf16le").toString("latin1"), "mutant.cot:1:2: error[bad-text]: a control character"],
  "a NUL in a string": ["fn main() { const s = \"a\0b\" }", "mutant.cot:1:25: error[bad-text]: a control character"],
  "a NUL in a comment": ["// \0\nfn main() { }", "mutant.cot:1:4: error[bad-text]: a control character"],
  "lines that end in CR LF": ["fn main() {\r\n    var x = 1\r\n}\r\n", ""],
  "a CR alone": ["fn main() {\r    var x = 1\r\n}\r\n", "mutant.cot:1:12: error[bad-text]: a carriage return without a newline"],
  "a string that ends at CR LF": ["fn main() {\r\n var x = \"a\r\n}", "mutant.cot:2:10: error[unclosed]"],
  "an escape sequence": ["fn main() { \x1b[31m x }", "mutant.cot:1:13: error[bad-text]: a control character"],
  "an escape sequence of C1": ["fn main() { const t = \"\xc2\x9b31m\"\n y }", "mutant.cot:2:2: error[undefined-name]"],
  "an escape sequence written as an escape in a name": ["fn main() { @\"a\\x1b[31mb\" }", "'a?[31mb' is not declared"],
  "a title in a string": ["fn main() { const s = \"\x1b]0;title\x07\" }", "error[bad-text]"],
  "U+202E in a comment": ["// \xe2\x80\xae\nfn main() { }", "mutant.cot:1:4: error[bad-text]: a character that changes the direction of text"],
  "U+2066 in a string": ["fn main() { const s = \"\xe2\x81\xa6\" }", "changes the direction of text"],
  "U+061C in a string": ["fn main() { const s = \"\xd8\x9c\" }", "mutant.cot:1:24: error[bad-text]: a character that changes the direction of text"],
  "U+202E as an escape": ["fn main() { const s = \"\\u{202e}\" }", ""],
  "U+202E as an escape in a name": ["fn main() { @\"\\u{202e}\\u{61c}\\u{2028}x\" }", "'???x' is not declared"],
  "a hundred thousand NULs": [repeat("\0", 1e5), "100000 errors"],
  "a hundred thousand bytes that are not UTF-8": [repeat("\xff", 1e5), "100000 errors"],
  "a hundred thousand marks that mean nothing": [repeat("#", 1e5), "100000 errors"],
  "letters of another script": [`fn main() { ${repeat("\xc3\xa9", 1e5)} }`, "100000 errors"],
};

describe.skipIf(cot1 === "")("encodings", () => {
  for (const [what, [text, said]] of Object.entries(encodings)) {
    test(what, async () => {
      const a = await agreed(text, false);
      expect(a.said.status).toBe(said === "" ? 0 : 1);
      expect(a.said.text).toContain(said);
      expectPrintable(a.said.text);
      expectShort(a.said.text);
    });
  }
});

test.skipIf(cot1 === "")("errors take 64 KB at most, then a count, the same every time", async () => {
  const text = rows(5000, (i) => `fn f${i}() { undefined${i} }`, "\n");
  const first = await agreed(text, false);
  const second = await agreed(text, false);
  expect(first.said.text.length).toBeLessThanOrEqual(65536);
  expect(first.said.text.length).toBeGreaterThan(60000);
  expect(first.said.text).toMatch(/\n\.\.\. and \d+ more\n5000 errors\n$/);
  expect(second.said.text).toBe(first.said.text);
});
