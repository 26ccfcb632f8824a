// Promises about programs that ask for too much, on both compilers: types that hold themselves, definitions in circles,
// growth without end, values too large to be. Each is an error with its place, or compiles, in little time.

import { afterAll, describe, expect, test } from "vitest";
import { nativeCompiler } from "../kit/tools.ts";
import { bothSay, newTwins, stopTwins } from "../kit/twins.ts";

const cot1 = nativeCompiler();
const twins = newTwins(cot1);
afterAll(() => stopTwins(twins));

const rows = (n: number, f: (i: number) => string): string => Array.from({ length: n }, (_, i) => f(i)).join("");
/** Declarations T0 to Tn, each made of the one before by `next`. */
const types = (first: string, n: number, next: (before: string, name: string) => string): string => first + rows(n, (i) => next(`T${i}`, `T${i + 1}`));

const circles: Record<string, [string, string]> = {
  "a struct that holds itself": ["struct S { s: S }\nfn main() { var s: S = undefined }", "1:15: error[infinite-type]"],
  "in an array": ["struct S { s: [4]S }\nfn main() { var s: S = undefined }", "1:15: error[infinite-type]"],
  "in an optional": ["struct S { s: ?S }\nfn main() { var s: S = .{} }", "1:15: error[infinite-type]"],
  "in a tuple": ["struct S { s: (i64, S) }\nfn main() { var s: S = undefined }", "1:15: error[infinite-type]"],
  "through two others": ["struct A { b: B }\nstruct B { c: C }\nstruct C { a: A }\nfn main() { var s: A = undefined }", "error[infinite-type]"],
  "a union that holds itself": ["union U { a: U, b }\nfn main() { var s: U = undefined }", "1:14: error[infinite-type]"],
  "a distinct type of itself": ["type D = distinct D\nfn main() { var s: D = undefined }", "error[infinite-type]"],
  "behind a pointer": ["struct S { s: ?*S }\nfn main() { var s: S = .{} }", ""],
  "a circle of aliases": ["type A = B\ntype B = C\ntype C = A\nfn main() { var s: A = undefined }", "1:6: error[type-loop]"],
  "an alias of a pointer to itself": ["type A = *A\nfn main() { var s: A = undefined }", "1:6: error[type-loop]"],
  "a circle of constants": ["const A = B + 1\nconst B = C + 1\nconst C = A + 1\nfn main() { println(A) }", "1:7: error[constant-loop]"],
  "a length that is its own size": ["const N = @sizeOf([N]u8)\nfn main() { println(N) }", "1:7: error[constant-loop]"],
  "a field as long as its struct": ["struct S { a: [N]u8 }\nconst N = @sizeOf(S)\nfn main() { println(N) }", "2:11: error[type-loop]: the layout of 'mutant.S' depends on this"],
  "a field that lies where it ends": ["struct S { a: u8, b: [@offsetOf(S, \"a\") + 1]u8 }\nfn main() { var s: S = undefined }", "1:23: error[type-loop]"],
  "values of an enum that need each other": ["enum E { a = @intFromEnum(E.b), b = @intFromEnum(E.a) }\nfn main() { println(E.a) }", "error[no-member]"],
  "a circle of globals": ["var a = b\nvar b = a\nfn main() { println(a) }", "error[type-loop]"],
};

const growth: Record<string, [string, string]> = {
  "a generic struct of itself": ["struct S(T) { n: ?*S(S(T)) }\nfn main() { var x: S(i64) = .{} }", "error[generic-growth]"],
  "two in turn, twice as long each time": ["struct A(T) { n: ?*B((T, T)) }\nstruct B(T) { n: ?*A((T, T)) }\nfn main() { var x: A(i64) = .{} }", "error[generic-growth]"],
  "two ways at each step": ["struct A(T, U) { n: ?*A(U, A(T, U)), m: ?*A(A(T, U), T) }\nfn main() { var x: A(i64, i64) = .{} }", "error[generic-growth]"],
  "a generic function of itself": ["fn f(T)(n: i64) { if n > 0 { f(?T)(n - 1) } }\nfn main() { f(i64)(3) }", "error[generic-growth]"],
  "a function with two ways": ["fn f(T)(n: i64) { if n > 0 {\n f(?T)(n - 1)\n f(*T)(n - 1) } }\nfn main() { f(i64)(3) }", "error[generic-growth]"],
  "a method": ["struct A(T) { x: ?*T }\nimpl A(T) { fn f(self: *A(T)) { var x: A(A(T)) = .{}\n x.f() } }\nfn main() { var x: A(i64) = .{}\n x.f() }", "error[generic-growth]"],
  "a tuple of two, forty times": [`${types("type T0 = (i64, i64)\n", 40, (t, u) => `type ${u} = (${t}, ${t})\n`)}fn main() { var x: T40 = undefined }`, "error[too-large]"],
  "a struct of two, forty times": [`${types("struct T0 { a: i64 }\n", 40, (t, u) => `struct ${u} { a: ${t}, b: ${t} }\n`)}fn main() { var x: T40 = .{} }`, "error[too-large]"],
  "an empty struct of two, forty times": [`${types("struct T0 { }\n", 40, (t, u) => `struct ${u} { a: ${t}, b: ${t} }\n`)}fn main() { var x: T40 = .{}\n println(@sizeOf(T40)) }`, ""],
  "a function type of three, forty times": [`${types("type T0 = fn(i64) -> i64\n", 40, (t, u) => `type ${u} = fn(${t}, ${t}) -> ${t}\n`)}fn main() { var x: ?T40 = null }`, ""],
  "a string joined with itself, forty times": [`const S0 = "xxxxxxxx"\n${rows(40, (i) => `const S${i + 1} = S${i} ++ S${i}\n`)}fn main() { println(S40.len) }`, "26:17: error[too-large]"],
  "an array joined with itself, forty times": [`const S0 = [1, 2]\n${rows(40, (i) => `const S${i + 1} = S${i} ++ S${i}\n`)}fn main() { println(S40.len) }`, "error[too-large]"],
  "a tuple of constants, forty times": [`const S0 = (1, 2)\n${rows(40, (i) => `const S${i + 1} = (S${i}, S${i})\n`)}fn main() { println(1) }`, "error[too-large]: a constant is made of at most"],
  "a loop at compile time": ["fn main() { comptime { while true {} } }", "error[unsupported]"],
};

const depths: Record<string, [string, string]> = {
  "structs in each other, 3000 deep": [`${types("struct T0 { x: ?*i64 }\n", 3000, (t, u) => `struct ${u} { x: ${t} }\n`)}fn main() { var x: T3000 = .{}\n var z = x\n println(@sizeOf(T3000)) }`, ""],
  "structs in each other, 20000 deep": [`${types("struct T0 { x: i64 }\n", 20000, (t, u) => `struct ${u} { x: ${t} }\n`)}fn main() { var x: T20000 = .{} }`, "error[too-deep]: types stand in each other"],
  "optionals in each other, 20000 deep": [`${types("type T0 = i64\n", 20000, (t, u) => `type ${u} = ?${t}\n`)}fn main() { var x: T20000 = null }`, "error[too-deep]: types stand in each other"],
  "3000 constants, each of the next": [`${rows(3000, (i) => `const C${i} = ${i < 2999 ? `C${i + 1} + 1` : "0"}\n`)}fn main() { println(C0) }`, ""],
  "100000 constants, each of the next": [`${rows(100000, (i) => `const C${i} = ${i < 99999 ? `C${i + 1} + 1` : "0"}\n`)}fn main() { println(C0) }`, "error[too-deep]: too many declarations"],
  "100000 constants, each of the one before": [`${rows(100000, (i) => `const C${i} = ${i > 0 ? `C${i - 1} + 1` : "0"}\n`)}fn main() { println(C99999) }`, ""],
  "100000 aliases, each of the next": [`${rows(100000, (i) => `type C${i} = ${i < 99999 ? `C${i + 1}` : "i64"}\n`)}fn main() { var x: C0 = 1 }`, "error[too-deep]: too many declarations"],
  "50000 globals, each of the next": [`${rows(50000, (i) => `var g${i} = ${i < 49999 ? `g${i + 1} + 1` : "0"}\n`)}fn main() { println(g0) }`, "error[too-deep]: too many declarations"],
  "constants as deep as they may be, each of the next": [`${rows(60, (i) => `const C${i} = ${"- ".repeat(900)}${i < 59 ? `C${i + 1}` : "1"}\n`)}fn main() { println(C0) }`, "error[too-deep]: too many declarations"],
  "closures as deep as they may be, each of the next": [`${rows(60, (i) => `var C${i} = ${"fn() i64 { return ".repeat(300)}${i < 59 ? `C${i + 1}` : "1"}${" }()".repeat(300)}\n`)}fn main() { println(C0) }`, "error[too-deep]: too many declarations"],
};

const links: Record<string, [string, string]> = {
  "3900 members": [`struct S { a: ?*S }\nfn main() { var s = S { a: null }\n println(s.a${".?.a".repeat(1950)} == null) }`, ""],
  "5000 members": [`struct S { a: ?*S }\nfn main() { var s = S { a: null }\n println(s.a${".?.a".repeat(2500)} == null) }`, "error[too-deep]: this is a chain of more than 4000 links"],
  "5000 conversions": [`fn main() { const x = 1${" as i64".repeat(5000)} }`, "error[too-deep]: this is a chain of more than 4000 links"],
};

const sizes: Record<string, [string, string]> = {
  "a negative length": ["fn main() { var x: [-1]i64 = undefined }", "1:21: error[bad-length]"],
  "a length of 2^31": ["fn main() { var x: [2147483648]i64 = undefined }", "1:21: error[bad-length]"],
  "an array of 16 GiB": ["fn main() { var x: [2147483647]i64 = undefined\n println(x[0]) }", "1:20: error[too-large]: a value of type '[2147483647]i64' takes more than 268435456 bytes"],
  "a global of 2 GiB": ["var x: [2147483647]u8 = undefined\nfn main() { println(x[0]) }", "1:8: error[too-large]"],
  "forty dimensions": [`fn main() { println(@sizeOf(${"[2147483647]".repeat(40)}i64)) }`, "error[too-large]"],
  "a struct of large arrays": ["struct S { a: [200000000]u8, b: [200000000]u8 }\nfn main() { println(@sizeOf(S)) }", "1:8: error[too-large]: a value of type 'mutant.S'"],
  "a packed struct of many bits": [`packed struct S0 { a: u64 }\n${Array.from({ length: 40 }, (_, k) => `packed struct S${k + 1} { a: S${k}, b: S${k} }`).join("\n")}\nfn main() { println(@sizeOf(S40)) }`, "error[too-large]: a packed struct has at most 65536 bits"],
  "the largest array": ["fn main() { println(@sizeOf([268435456]u8)) }", ""],
  "five globals of 256 MiB": [`${rows(5, (i) => `var g${i}: [268435456]u8 = undefined\n`)}fn main() { println(g0[0]) }`, "5:5: error[too-large]: with this one the globals take more than"],
  "variables of 400 MB in one function": ["fn f(x: *[200000000]u8, n: i64) i64 { x[n] = 1\n return x[n / 2] as i64 }\nvar at: i64 = 3\nfn main() { var a: [200000000]u8 = undefined\n var b: [200000000]u8 = undefined\n println(f(&a, at) + f(&b, at)) }", "cot: 'mutant.main' has variables of more than 268435456 bytes together"],
  "an enum's value of 80 bits": ["enum E { a = 999999999999999999999999 }\nfn main() { }", "1:10: error[number-too-large]"],
  "a constant of 200 bits": ["const X = 1 << 126\nconst Y = X << 126\nfn main() { println(Y) }", "error[number-too-large]"],
};

for (const [group, cases] of Object.entries({ circles, growth, depths, links, sizes })) {
  describe.skipIf(cot1 === "")(group, () => {
    for (const [what, [text, said]] of Object.entries(cases)) {
      test(what, async () => {
        const a = await bothSay(twins, text, true);
        expect(a.difference).toBe("");
        if (said === "") expect(a.said).toMatchObject({ status: 0, text: "" });
        else expect(a.said.text).toContain(said);
        for (const line of a.said.text.split("\n")) expect(line.length).toBeLessThan(300);
        expect(a.took[1]).toBeLessThan(20000);
      });
    }
  });
}
