// Promises about the files that are read, by both compilers: what is imported and from where, in which chains, and what
// may stand under the name of a source file. Each wrong one is an error in words, the same of both.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { asNobody, type Done, fill, isRoot, runSide, runWords, sides, workFolder } from "../kit/commands.ts";

const work = workFolder();
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));
const both = sides();

let folders = 0;
/** A new folder, the project in a folder "p" of its own. */
function project(files: Record<string, string>): string {
  folders += 1;
  const dir = path.join(work, `${folders}`, "p");
  fill(dir, { "cot.json": "{}", ...files });
  return dir;
}

/** Both compilers' word on a file: the same. */
function check(dir: string, file: string, before: string[] = []): Done {
  const said = both.map((side) => runSide(side, dir, ["check", file], {}, before));
  expect(said[said.length - 1]).toEqual(said[0]);
  return said[0];
}

describe("imports", () => {
  const main = (name: string): string => `import "${name}"\nfn main() { }\n`;
  /** What is imported, and a part of what is said. */
  const wrong: Record<string, [string, string]> = {
    "a missing file": ["nothing", "'nothing.cot': no such file; imported by main.cot"],
    "a folder": ["folder", "'folder.cot': is a directory; imported by main.cot"],
    "a pipe": ["pipe", "'pipe.cot': is not a regular file"],
    "a device through a link": ["null", "'null.cot': leads outside of its folder"],
    "a file far above": ["../../../../../../../etc/passwd", "'../../../../../../../etc/passwd' is not a path inside the project or the library; imported by main.cot"],
    "a file beside the project": ["../outside", "is not a path inside the project or the library"],
    "an absolute path": ["/etc/passwd", "'/etc/passwd' is not a path inside the project or the library"],
    "a path out of the library": ["std/../../outside", "is not a path inside the project or the library"],
    "a file outside, through a link": ["link", "'link.cot': leads outside of its folder"],
    "a file outside, through a folder that is a link": ["away/outside", "'away/outside.cot': leads outside of its folder"],
    "a link to nothing": ["dangling", "'dangling.cot': no such file"],
    "a link to itself": ["loop", "'loop.cot': too many symbolic links"],
    "nothing": ["", "'' is not a path inside the project or the library"],
    "a backslash": ["a\\\\b", "is not a path inside the project or the library"],
    "a control byte": ["a\\x1b[31m", "'a?[31m' is not a path inside"],
    "a path of five thousand bytes": ["x".repeat(5000), "xxx..."],
    "a name of a thousand bytes": ["x".repeat(1000), "xxx..."],
  };
  test("wrong ones, each told at its place", () => {
    const lines = Object.values(wrong).map(([name]) => `import "${name}"\n`).join("");
    const dir = project({ "main.cot": `${lines}fn main() { }\n`, "folder.cot/x": "", "../outside.cot": "fn f() {}\n" });
    fs.symlinkSync("../outside.cot", path.join(dir, "link.cot"));
    fs.symlinkSync("..", path.join(dir, "away"));
    fs.symlinkSync("/dev/null", path.join(dir, "null.cot"));
    fs.symlinkSync("nowhere.cot", path.join(dir, "dangling.cot"));
    fs.symlinkSync("loop.cot", path.join(dir, "loop.cot"));
    spawnSync("mkfifo", [path.join(dir, "pipe.cot")]);
    const done = check(dir, "main.cot");
    expect(done.status).toBe(1);
    const errors = done.stderr.split(/^(?=main\.cot:)/m);
    for (const [n, [what, [, said]]] of Object.entries(wrong).entries()) {
      expect(errors[n], what).toContain(`main.cot:${n + 1}:8: error[cannot-import]: `);
      expect(errors[n], what).toContain(said);
      expect(errors[n].length, what).toBeLessThan(600);
    }
  });

  test("the chain of imports is named", () => {
    const dir = project({ "main.cot": main("a"), "a.cot": 'import "sub/b"\n', "sub/b.cot": 'import "../c"\n' });
    expect(check(dir, "main.cot").stderr).toContain("sub/b.cot:1:8: error[cannot-import]: 'c.cot': no such file; imported by sub/b.cot, imported by a.cot, imported by main.cot");
  });

  test("an embedded file is held to the same", () => {
    const names = ["../outside.cot", "/etc/passwd", "link.cot", "secret\\0.txt", "missing"];
    const dir = project({ "main.cot": `fn main() {\n${names.map((name) => `println(@embedFile("${name}"))\n`).join("")}}\n`, "../outside.cot": "", "secret": "" });
    fs.symlinkSync("../outside.cot", path.join(dir, "link.cot"));
    const done = check(dir, "main.cot");
    expect(done.status).toBe(1);
    for (const n of names.keys()) expect(done.stderr).toContain(`main.cot:${n + 2}:20: error[cannot-embed]: `);
  });

  test("a link within the project is fine", () => {
    const dir = project({ "main.cot": main("link"), "real/x.cot": "fn f() { }\n" });
    fs.symlinkSync("real/x.cot", path.join(dir, "link.cot"));
    expect(check(dir, "main.cot")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  const ring = (n: number): Record<string, string> => {
    const files: Record<string, string> = { "main.cot": 'import "f0"\nfn main() { println(value0()) }\n' };
    for (let i = 0; i < n; i++) files[`f${i}.cot`] = `import "f${(i + 1) % n}"\nfn value${i}() i64 { return ${i === n - 1 ? "1" : `value${i + 1}() + 1`} }\n`;
    return files;
  };
  test("a file that imports itself, rings of 2 and of 50", () => {
    expect(check(project({ "main.cot": 'import "main"\nfn main() { }\n' }), "main.cot").status).toBe(0);
    for (const n of [1, 2, 50]) expect(check(project(ring(n)), "main.cot")).toEqual({ status: 0, stdout: "", stderr: "" });
  });
  test("a chain of 2000", () => expect(check(project(ring(2000)), "main.cot")).toEqual({ status: 0, stdout: "", stderr: "" }));
});

describe("what stands under the name of a source", () => {
  const sparse = (bytes: number) => (file: string): void => {
    const fd = fs.openSync(file, "w");
    fs.ftruncateSync(fd, bytes);
    fs.closeSync(fd);
  };
  const kinds: Record<string, [(file: string) => void, string]> = {
    nothing: [() => {}, "no such file"],
    "a folder": [(f) => fs.mkdirSync(f), "is a directory"],
    "a pipe": [(f) => spawnSync("mkfifo", [f]), "is not a regular file"],
    "a device": [(f) => fs.symlinkSync("/dev/zero", f), "is not a regular file"],
    "a link to nothing": [(f) => fs.symlinkSync("nowhere", f), "no such file"],
    "a link to itself": [(f) => fs.symlinkSync(path.basename(f), f), "too many symbolic links"],
    "a file of 32 MiB and a byte": [sparse(33554433), "is larger than 32 MiB"],
    "a file of 1 GiB": [sparse(1 << 30), "is larger than 32 MiB"],
    "a sparse file of 10 GiB": [sparse(10 * 2 ** 30), "is larger than 32 MiB"],
  };
  for (const [what, [make, said]] of Object.entries(kinds)) {
    test(what, () => {
      const dir = project({ "main.cot": 'import "source"\nfn main() { }\n' });
      make(path.join(dir, "source.cot"));
      // A folder that is named stands for the files in it.
      const named = what === "a folder" ? "no .cot file in this folder" : said;
      expect(check(dir, "source.cot")).toEqual({ status: 2, stdout: "", stderr: `cot: 'source.cot': ${named}\n` });
      const imported = check(dir, "main.cot");
      expect(imported.status).toBe(1);
      expect(imported.stderr).toContain(what === "a device" ? "leads outside of its folder" : said);
    });
  }

  test("a file that the system makes up and that has no end", () => {
    expect(check(work, "/proc/self/pagemap").status).toBe(2);
  });

  const nobody = asNobody();
  test.skipIf(isRoot && nobody === null)("a file that may not be read", () => {
    const dir = project({ "main.cot": "fn main() { }\n" });
    fs.chmodSync(path.join(dir, "main.cot"), 0);
    for (const folder of [work, path.dirname(dir), dir]) fs.chmodSync(folder, 0o755);
    const done = check(dir, "main.cot", nobody ?? []);
    expect(done).toEqual({ status: 2, stdout: "", stderr: "cot: 'main.cot': permission denied\n" });
  });
});

describe("names and folders that are not what one thinks", () => {
  /** Runs a line of the shell in a folder, where "$@" is a compiler: words that are no text come from printf. */
  function inShell(dir: string, line: string, before: string[] = []): Done {
    const said = both.map((side) => runWords(dir, [...before, "sh", "-c", line, "sh", ...side.start]));
    expect(said[said.length - 1]).toEqual(said[0]);
    return said[0];
  }
  const bad = "$(printf 'a\\377b')";
  const wrong = (stderr: string): Done => ({ status: 2, stdout: "", stderr: `cot: ${stderr}\n` });

  test("a word that is not UTF-8", () => {
    const dir = project({ "main.cot": "fn main() { }\n" });
    runWords(dir, ["sh", "-c", `cp main.cot "${bad}.cot"`]);
    expect(inShell(dir, `"$@" check "${bad}.cot"`)).toEqual(wrong("'a?b.cot' is not UTF-8"));
    expect(inShell(dir, `"$@" build main.cot -o "${bad}"`)).toEqual(wrong("'a?b' is not UTF-8"));
    expect(inShell(dir, `"$@" run main.cot -- "${bad}"`)).toEqual(wrong("'a?b' is not UTF-8"));
    expect(inShell(dir, `"$@" check .`)).toEqual(wrong("'a?b.cot': its name is not UTF-8"));
  });

  test("an import, and a folder of the project, that are not UTF-8", () => {
    const dir = project({ "main.cot": 'import "a\\xffb"\nfn main() { }\n', "ok.cot": "fn main() { }\n" });
    runWords(dir, ["sh", "-c", `mkdir "${bad}"; cp ok.cot "${bad}/ok.cot"; cp ok.cot "${bad}.cot"`]);
    expect(inShell(dir, '"$@" check main.cot').stderr).toContain("main.cot:1:8: error[cannot-import]: 'a?b.cot': its name is not UTF-8; imported by main.cot\n");
    const within = inShell(dir, `cd "${bad}" && "$@" check ok.cot`);
    expect(within.status).toBe(1);
    expect(within.stderr).toContain("'a?b/ok.cot': its name is not UTF-8");
  });

  test("a project below a folder that is not UTF-8", () => {
    const dir = project({});
    fs.rmSync(path.join(dir, "cot.json"));
    runWords(dir, ["sh", "-c", `mkdir "${bad}"; printf 'import "b"\\nfn main() { b() }\\n' > "${bad}/ok.cot"; printf 'fn b() { }\\n' > "${bad}/b.cot"`]);
    expect(inShell(dir, `cd "${bad}" && "$@" check ok.cot`)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("no current directory any more", () => {
    const dir = project({ "main.cot": "fn main() { }\n" });
    expect(inShell(dir, 'mkdir gone && cd gone && rmdir ../gone && "$@" check ../main.cot')).toEqual(wrong("the current directory is not there any more"));
  });

  const nobody = asNobody();
  test.skipIf(isRoot && nobody === null)("files that a folder tells and does not let one ask for", () => {
    const dir = project({ "closed/main.cot": "fn main() { }\n" });
    for (const folder of [work, path.dirname(dir), dir]) fs.chmodSync(folder, 0o755);
    fs.chmodSync(path.join(dir, "closed"), 0o444);
    expect(inShell(dir, '"$@" check closed', nobody ?? [])).toEqual(wrong("'closed/main.cot': permission denied"));
    fs.chmodSync(path.join(dir, "closed"), 0o755);
  });
});
