// Compiles a module natively, links it with a C program that calls its functions, and gives the results back.
// In -> out: calls (symbol, arguments as bits), to "VALUE" in hexadecimal or "trap CODE" for each.

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { hostFindProgram } from "../../stage0/base/host.ts";
import { compileForTest } from "./compile.ts";
import { writeElf } from "../../stage0/object/elf.ts";
import { addSymbol, internSig, type SsaModule, SymKind } from "../../stage0/ssa/module.ts";
import { Type } from "../../stage0/ssa/ops.ts";

export interface Call {
  sym: number;
  args: bigint[];
}

export const hasCc = hostFindProgram("cc") !== "" && process.arch === "x64" && process.platform === "linux";

const cTypes = ["void", "int", "long", "float", "double"];

/** A global defined function symbol. */
export function defineFunc(m: SsaModule, name: string, params: number[], results: number[]): number {
  const sym = addSymbol(m, name, SymKind.func);
  m.symbols[sym].global = true;
  m.symbols[sym].defined = true;
  m.symbols[sym].sig = internSig(m, params, results);
  return sym;
}

function wrapperText(m: SsaModule, sym: number): string {
  const s = m.symbols[sym];
  const sig = m.sigs[s.sig];
  const result = sig.results.length === 0 ? Type.void : sig.results[0];
  const params = sig.params.map((t) => cTypes[t]).join(", ");
  const args = sig.params.map((t, k) => "*(" + cTypes[t] + "*)&a[" + k + "]").join(", ");
  let text = "extern " + cTypes[result] + " " + s.name + "(" + (params === "" ? "void" : params) + ");\n";
  text += "static void w" + sym + "(uint64_t *a, uint64_t *r) { ";
  if (result !== Type.void) text += cTypes[result] + " x = ";
  text += s.name + "(" + args + "); ";
  if (result !== Type.void) text += "memcpy(r, &x, sizeof x); ";
  return text + "}\n";
}

const driver = `
static sigjmp_buf env; static void *where;
static void onTrap(int n, siginfo_t *i, void *c) { (void)n; (void)c; where = i->si_addr; siglongjmp(env, 1); }
extern char traps_base[];
int main(int argc, char **argv) {
  struct sigaction sa; memset(&sa, 0, sizeof sa); sa.sa_sigaction = onTrap; sa.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGILL, &sa, 0); sigaction(SIGFPE, &sa, 0); sigaction(SIGSEGV, &sa, 0);
  FILE *f = fopen(argv[1], "r"); long fn, n;
  while (fscanf(f, "%ld %ld", &fn, &n) == 2) {
    uint64_t a[32], r[4] = {0, 0, 0, 0};
    for (long k = 0; k < n; k++) if (fscanf(f, "%lx", &a[k]) != 1) return 3;
    if (sigsetjmp(env, 1) == 0) { wrap(fn, a, r); printf("%lx\\n", r[0]); }
    else printf("trap %ld\\n", (long)((char *)where - traps_base));
  }
  return argc > 5;
}
`;

/** Runs calls in the module's native form; extraC is more C code that is linked in. */
export function runNative(m: SsaModule, calls: Call[], extraC: string): string[] {
  const object = compileForTest(m).object;
  const bytes = writeElf(object);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "cot-run-"));
  fs.writeFileSync(path.join(dir, "m.o"), bytes.data.subarray(0, bytes.len));
  let c = "#include <stdint.h>\n#include <stdio.h>\n#include <string.h>\n#include <setjmp.h>\n#include <signal.h>\n" + extraC;
  const used = [...new Set(calls.map((k) => k.sym))];
  for (const sym of used) c += wrapperText(m, sym);
  c += "static void wrap(long f, uint64_t *a, uint64_t *r) { switch (f) {\n";
  for (const sym of used) c += "case " + sym + ": w" + sym + "(a, r); break;\n";
  c += "} }\n" + driver;
  fs.writeFileSync(path.join(dir, "main.c"), c);
  const base = object.symbols.find((s) => s.isFunc && s.section === 0 && s.global)!;
  fs.writeFileSync(path.join(dir, "calls"), calls.map((k) => k.sym + " " + k.args.length + " " + k.args.map((a) => BigInt.asUintN(64, a).toString(16)).join(" ")).join("\n") + "\n");
  execFileSync("cc", ["-w", "-O1", "-pie", "-fPIE", "-o", path.join(dir, "main"), path.join(dir, "main.c"), path.join(dir, "m.o"), "-lm", "-Wl,--defsym=traps_base=" + base.name + "-" + base.offset, "-Wl,-z,now,-z,relro"]);
  const out = execFileSync(path.join(dir, "main"), [path.join(dir, "calls")], { maxBuffer: 1 << 28 }).toString().trim().split("\n");
  fs.rmSync(dir, { recursive: true });
  const codeAt = new Map(object.traps.map((t) => [t.offset, t.code]));
  return out.map((line) => (line.startsWith("trap") ? "trap " + (codeAt.get(Number(line.slice(5))) ?? "at " + line.slice(5)) : line));
}
