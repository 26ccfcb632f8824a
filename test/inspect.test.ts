// `cot inspect`: one function in every stage and pass, from both compilers, looked at in a real browser.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inspect, type Column, type Inspection } from "../selfhost/inspect.ts";
import { clifPasses } from "../stage0/clif/passes.ts";
import { irPasses } from "../stage0/ir/passes.ts";
import { browserProgram, faintTexts, openPage, overflow, type Scheme, startBrowser, unfold } from "./kit/browser.ts";
import { root } from "./kit/programs.ts";
import { namesOfThisMachine, nativeCompiler } from "./kit/tools.ts";

const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-inspect-")));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const harm = "<img src=x onerror=alert(1)></script><script>alert(2)</script>";

const program = `import "std/list"

// é: columns count characters, positions bytes. ${harm}
fn twice(n: i64) i64 { return n * 2 }

export fn sumOf(xs: *List(i64), limit: i64) i64 {
    var total = 0
    for x in xs.* {
        if x > limit { continue }
        total += twice(x)
    }
    if total > len("üü") { total = total / 3 }
    return total
}

fn other(n: i64) i64 {
    if n < 2 { return n }
    print("${harm}")
    return other(n - 1) + other(n - 2)
}

fn main() {
    var xs = List(i64) {}
    xs.append(4)
    println(sumOf(&xs, 9), other(20))
}
`;

const twins = [{ name: "stage0", command: [process.execPath, path.join(root, "cot.js")], absent: false }, { name: "stage1", command: [nativeCompiler()], absent: nativeCompiler() === "" }];

function run(command: string[], ...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const done = spawnSync(command[0], [...command.slice(1), ...words], { cwd: dir, encoding: "utf8", timeout: 60000 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

let all: Inspection;
beforeAll(() => {
  fs.writeFileSync(path.join(dir, "cot.json"), "{}");
  fs.writeFileSync(path.join(dir, "p.cot"), program);
  const dumps = path.join(dir, "dumps");
  expect(run(twins[0].command, "build", "p.cot", "--emit=obj", "--dump=all", `--dump-dir=${dumps}`, "--fn=*sumOf", "-o", "dumps.o")).toEqual({ status: 0, stdout: "", stderr: "" });
  const found = inspect({ dumps, func: "sumOf", program: "p.cot", root: dir, std: path.join(root, "std"), target: "x86_64-linux", compiler: "stage0" });
  if (typeof found === "string") throw new Error(found);
  all = found;
});

function columnOf(stage: string): Column {
  const found = all.columns.find((c) => c.stage === stage);
  if (found === undefined) throw new Error(`no column ${stage}`);
  return found;
}

describe("columns", () => {
  test("there is one for the source, each stage and each pass", () => {
    const passes = [...irPasses.map((p) => `ir_${p.name}`)];
    expect(all.columns.map((c) => c.stage)).toEqual(["source", "tokens", "ast", "types", "ir", ...passes, "wasm", "clif", ...clifPasses.map((p) => `clif_${p.name}`), "vcode", "alloc", "asm", "obj"]);
    expect(columnOf("clif_gvn").why).toBe(clifPasses.find((p) => p.name === "gvn")?.why);
  });

  test("each shows the function and nothing else", () => {
    expect(columnOf("source").lines.map((l) => l.text)).toEqual(Buffer.from(program).toString("latin1").split("\n").slice(5, 14));
    expect(columnOf("tokens").lines[0].text).toBe("6:1 export newline");
    expect(columnOf("tokens").lines.at(-1)?.text).toMatch(/^14:1 rbrace/);
    expect(columnOf("ast").lines[0].text).toBe("export fn sumOf(xs: *List(i64), limit: i64) i64 {");
    expect(columnOf("types").lines[0].text).toMatch(/^export \d+ p\.sumOf /);
    for (const stage of ["ir", "ir_dce", "clif", "clif_dce"]) {
      const { lines } = columnOf(stage);
      expect(lines[0].text, stage).toMatch(/^func sumOf /);
      expect(lines.filter((l) => l.text === "}").length, stage).toBe(1);
    }
    expect(columnOf("wasm").lines.filter((l) => l.text.startsWith("func ")).length).toBe(1);
    expect(columnOf("vcode").lines[0].text).toMatch(/^vcode sumOf /);
    expect(columnOf("alloc").lines[0].text).toBe("sumOf");
    expect(columnOf("asm").lines[0].text).toBe("sumOf:");
    expect(columnOf("obj").lines.map((l) => l.text)).toEqual([expect.stringMatching(/^global sumOf \.text/)]);
  });

  test("a pass is unchanged exactly where its dump is that of the pass before", () => {
    for (const set of ["ir", "clif"]) {
      const group = all.columns.filter((c) => c.stage === set || c.stage.startsWith(`${set}_`));
      const texts = group.map((c) => c.lines.map((l) => l.text).join("\n"));
      expect(group.map((c) => c.unchanged)).toEqual(texts.map((text, k) => k > 0 && text === texts[k - 1]));
      expect(group.some((c) => c.unchanged) && group.some((c) => !c.unchanged)).toBe(true);
      for (const c of group.slice(1)) expect(c.lines.some((l) => l.isNew) || c.removed > 0, c.stage).toBe(!c.unchanged);
    }
  });

  test("the division is found in every stage by its place in the source", () => {
    // Columns count characters, and two of two bytes stand before it.
    const place = `p.cot:12:${program.split("\n")[11].indexOf("/ 3") + 1}`;
    expect(columnOf("tokens").lines.filter((l) => l.place === place).map((l) => l.text.split(" ")[1])).toEqual(["slash"]);
    const expected: [string, RegExp][] = [["types", /binary div/], ["ir", /= sdiv /], ["ir_dce", /= sdiv /], ["wasm", /i64\.div_s/], ["clif", /= sdiv /], ["clif_dce", /= sdiv /]];
    for (const [stage, pattern] of expected) {
      const found = columnOf(stage).lines.filter((l) => pattern.test(l.text));
      expect(found.map((l) => l.place), stage).toEqual([place]);
    }
    for (const stage of ["vcode", "alloc"]) expect(columnOf(stage).lines.some((l) => l.place === place), stage).toBe(true);
    const inlined = columnOf("ir_inline").lines.filter((l) => l.place.startsWith("p.cot:4:"));
    expect(inlined.map((l) => l.text).join("\n")).toMatch(/imul|ishl|iadd/);
  });

  test("each instruction of the allocation has the place of its own in vcode", () => {
    const names = (stage: string): Map<string, string> => {
      const places = new Map<string, string>();
      for (const l of columnOf(stage).lines) {
        const value = stage === "vcode" ? /^ {2}(v\d+)(?:@\w+)? = / : /^ {2}\d+ {2}\S+ (v\d+)=/;
        const found = value.exec(l.text);
        if (found !== null) places.set(found[1], l.place);
      }
      return places;
    };
    const vcode = names("vcode");
    expect(vcode.size).toBeGreaterThan(5);
    for (const [value, place] of names("alloc")) if (vcode.has(value)) expect(place, value).toBe(vcode.get(value));
  });
});

for (const twin of twins) {
  describe.skipIf(twin.absent)(`cot inspect, ${twin.name}`, () => {
    test("writes a page where it is told, that names the compiler", () => {
      const file = path.join(dir, `${twin.name}.html`);
      expect(run(twin.command, "inspect", "p.cot", "sumOf", "-o", file)).toEqual({ status: 0, stdout: `${file}\n`, stderr: "" });
      const text = fs.readFileSync(file, "utf8");
      expect(text).toContain(`as <b>${twin.name}</b> compiles it`);
      for (const own of namesOfThisMachine([dir, root])) expect(text.includes(own)).toBe(false);
      expect(fs.readdirSync(dir).filter((f) => /^p(\.o|\.wasm)?$|^cot-/.test(f))).toEqual([]);
    });

    test("takes the last part of a name, a pattern, a library's function, wasm32, a name for its file", () => {
      expect(run(twin.command, "inspect", "p.cot", "other")).toEqual({ status: 0, stdout: "p.other.html\n", stderr: "" });
      expect(run(twin.command, "inspect", "p.cot", "p.oth*r", "-o", "x.html").status).toBe(0);
      expect(run(twin.command, "inspect", "p.cot", "std/rt/print.printInt", "--target=wasm32", "-o", "x.html").status).toBe(0);
      const text = fs.readFileSync(path.join(dir, "x.html"), "utf8");
      expect([text.includes("data-stage=\"source\""), text.includes("data-stage=\"wasm\""), text.includes("data-stage=\"clif\"")]).toEqual([true, true, false]);
      expect(run(twin.command, "inspect", "p.cot", "std/rt/heap.store64", "-o", "y.html").status).toBe(0);
      expect(fs.readFileSync(path.join(dir, "y.html"), "utf8")).toMatch(/<summary>inlined where it is called: the function is not in \d+ stages<\/summary>/);
      expect(fs.readFileSync(path.join(dir, "y.html"), "utf8")).toMatch(/data-stage="source"><h2>.*<\/h2><ol><li data-p="std\/rt\/heap\.cot:\d+:1"> *fn store64\(/);
      expect(text).toContain("<h1><span class=\"mono\">std/rt/print.printInt</span></h1>");
    });

    test("a function that is not there, several, a wrong program", () => {
      expect(run(twin.command, "inspect", "p.cot", "nowhere")).toEqual({ status: 2, stdout: "", stderr: "cot: the program has no function 'nowhere' that can be reached; it has main, sumOf, p.other\n" });
      expect(run(twin.command, "inspect", "p.cot", "std/rt/panic.*").stderr).toMatch(/^cot: several functions are named so, take one of: std\/rt\/panic\.\w+, .*\n$/);
      fs.writeFileSync(path.join(dir, "wrong.cot"), "fn main() { nothing() }\n");
      const wrong = run(twin.command, "inspect", "wrong.cot", "main");
      expect([wrong.status, wrong.stdout]).toEqual([1, ""]);
      expect(wrong.stderr).toContain("wrong.cot:1:13: error");
      expect(run(twin.command, "inspect", "p.cot", "sumOf", "-o", "no/such/x.html").stderr).toBe("cot: 'no/such/x.html': no such file\n");
    });
  });
}

test.skipIf(twins[1].absent)("both compilers give the same page but for their names", () => {
  const pages = twins.map((twin) => {
    const file = path.join(dir, "same.html");
    expect(run(twin.command, "inspect", "p.cot", "sumOf", "-o", file).status).toBe(0);
    return fs.readFileSync(file, "utf8").replace(`<b>${twin.name}</b>`, "<b></b>");
  });
  expect(pages[1]).toBe(pages[0]);
});

describe.skipIf(browserProgram === "")("in a browser", () => {
  let browser: Browser;
  const page = path.join(dir, "page.html");
  beforeAll(async () => {
    expect(run(twins[0].command, "inspect", "p.cot", "sumOf", "-o", page).status).toBe(0);
    expect(run(twins[0].command, "inspect", "p.cot", "other", "-o", path.join(dir, "harm.html")).status).toBe(0);
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  for (const scheme of ["light", "dark"] as Scheme[]) {
    for (const width of [400, 1600]) {
      test(`${scheme}, ${width} pixels: fits, can be read lit and unlit, asks for nothing`, async () => {
        const o = await openPage(browser, page, scheme, width);
        await unfold(o.page);
        expect(await overflow(o.page)).toBe(0);
        expect(await faintTexts(o.page)).toEqual([]);
        await o.page.evaluate("document.querySelector('[data-stage=ir] [data-p] .v').click()");
        expect(await o.page.locator(".lit").count()).toBeGreaterThan(1);
        expect(await faintTexts(o.page)).toEqual([]);
        expect(o.troubles).toEqual([]);
        await o.close();
      });
    }
  }

  test("clicking a value lights it in several columns, and the lines of its place; again, it goes out", async () => {
    const o = await openPage(browser, page, "light", 1600);
    const line = o.page.locator("[data-stage=ir] li", { hasText: "sdiv" });
    const value = line.locator(".v").first();
    const name = await value.innerText();
    await value.click();
    const lit = await o.page.$$eval(".lit", (list) => list.map((e) => [e.closest("[data-stage]")?.getAttribute("data-stage") ?? "", e.textContent ?? ""]));
    expect(new Set(lit.map(([, text]) => text))).toEqual(new Set([name]));
    const columns = [...new Set(lit.map(([stage]) => stage))];
    expect(columns).toContain("ir");
    expect(columns.length).toBeGreaterThan(2);
    expect(columns.every((stage) => stage.startsWith("ir"))).toBe(true);
    const all = await o.page.$$eval(".v", (list, text) => list.filter((e) => e.textContent === text && e.closest("[data-stage^=ir]") !== null).length, name);
    expect(lit.length).toBe(all);
    const kin = await o.page.$$eval(".kin", (list) => [...new Set(list.map((e) => e.closest("[data-stage]")?.getAttribute("data-stage")))]);
    expect(kin).toEqual(expect.arrayContaining(["source", "tokens", "types", "ir", "wasm", "clif", "vcode", "alloc"]));
    expect(await o.page.innerText(".status")).toMatch(new RegExp(`^${name}: ${lit.length} places in ${columns.length} columns; \\d+ lines come from p\\.cot:12$`));
    await value.click();
    expect(await o.page.locator(".lit, .kin").count()).toBe(0);
    await o.close();
  });

  test("a variable lights from the source to the checker, a register in the allocation and the code", async () => {
    const o = await openPage(browser, page, "light", 1600);
    const litIn = (): Promise<string[]> => o.page.$$eval(".lit", (list) => [...new Set(list.map((e) => e.closest("[data-stage]")?.getAttribute("data-stage") ?? ""))]);
    await o.page.locator("[data-stage=source] .v", { hasText: "total" }).first().click();
    expect(await litIn()).toEqual(["source", "tokens", "ast", "types"]);
    const registers = await o.page.locator("[data-stage=asm] .v").allTextContents();
    const half = registers.find((name) => /^e[a-d]x$|^e[sd]i$/.test(name) && registers.includes(`r${name.slice(1)}`)) ?? "";
    const both = [half, `r${half.slice(1)}`];
    await o.page.locator("[data-stage=asm] .v", { hasText: new RegExp(`^${half}$`) }).first().click();
    expect(await litIn()).toEqual(expect.arrayContaining(["alloc", "asm"]));
    const names = await o.page.$$eval(".lit", (list) => list.map((e) => e.textContent ?? ""));
    expect(names).toEqual(expect.arrayContaining(both));
    expect(names.every((n) => both.includes(n))).toBe(true);
    await o.close();
  });

  test("without script every line is there, and passes that change nothing unfold", async () => {
    const o = await openPage(browser, page, "light", 1600, false);
    for (const c of all.columns.filter((column) => !column.unchanged)) {
      const lines = await o.page.locator(`[data-stage="${c.stage}"] li`).allTextContents();
      expect(lines, c.stage).toEqual(c.lines.map((l) => Buffer.from(l.text, "latin1").toString()));
    }
    const quiet = o.page.locator("details.quiet").first();
    expect(await quiet.locator("code").first().isVisible()).toBe(false);
    await quiet.locator("summary").click();
    expect(await quiet.locator("code").first().isVisible()).toBe(true);
    await o.close();
  });

  test("text of the source is text", async () => {
    const o = await openPage(browser, path.join(dir, "harm.html"), "light", 1600);
    expect(await o.page.innerText("[data-stage=source]")).toContain(harm);
    expect([await o.page.locator("img").count(), await o.page.locator("script").count(), o.troubles]).toEqual([0, 1, []]);
    await o.close();
  });
});
