// The report: what report.json says and what is rendered from it, looked at in a real browser, with and without script,
// in both colour schemes, on a narrow and a wide screen; of a run that is equal, and of one with a broken compiler.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { processCompiler } from "../selfhost/compilers.ts";
import { configurationOf } from "../selfhost/config.ts";
import { readElf } from "../selfhost/elf_read.ts";
import { byteMap } from "../selfhost/evidence.ts";
import { firstObjectDifference } from "../selfhost/object_diff.ts";
import { addDifference, addStep, addUnit, finishReport, newReport, type Report } from "../selfhost/report.ts";
import { renderReport } from "../selfhost/render.ts";
import { readReport, reportSchema, type StageTime, type WholeReport } from "../selfhost/schema.ts";
import { compareUnits, listUnits } from "../selfhost/units.ts";
import { browserProgram, deadLinks, faintTexts, openPage, overflow, type Scheme, startBrowser, unfold } from "./kit/browser.ts";
import { root } from "./kit/programs.ts";
import { namesOfThisMachine, nativeCompiler } from "./kit/tools.ts";

const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cot-report-")));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

/** Text that would do harm if it were taken for HTML. */
const harm = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'&amp;";

function bytes(text: string): Uint8Array {
  return Buffer.from(text.repeat(100));
}

const times: StageTime[] = [{ stage: "check", millis: 12.5 }, { stage: "ir:gvn", millis: 7.25 }, { stage: "asm", millis: 30 }];

async function quietly(work: () => Promise<unknown>): Promise<void> {
  const spy = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
}

/** Steps and pairs as a bootstrap with two kinds of hosts has them. */
async function addChain(r: Report): Promise<void> {
  const steps = ["stage0 compiles stage1 to cot1", "cot1 compiles stage1 to cot2", "cot2 compiles stage1 to cot3", "stage0 compiles stage1 to cot1.wasm", "cot1.wasm compiles stage1 to wasm1"];
  for (const step of steps) await addStep(r, step, [[`out/${step.split(" ")[0]}`, "build", "stage1/main.cot"]], async () => ({ peakMemory: 200 << 20, stages: times }));
  await addStep(r, `comparing ${harm}`, [], async () => 1 << 20);
  for (const pair of ["cot1.o cot2.o", "cot2.o cot3.o", "cot1 cot2", "cot1.o wasm1.o"]) addUnit(r, pair, "x86_64-linux", bytes(pair), bytes(pair));
}

/** A report in a folder of its own; its last run took twice as long. */
async function writeReport(name: string, fill: (r: Report, folder: string) => Promise<void>): Promise<string> {
  const folder = path.join(dir, name, "report");
  fs.mkdirSync(folder, { recursive: true });
  const r = newReport(false, true);
  r.configuration = configurationOf(root, "--unit='0*'");
  await quietly(async () => {
    await addChain(r);
    for (const unit of ["test/run/00_hello.cot", `test/run/${harm}.cot`, "std/list.cot"]) for (const target of ["x86_64-linux", "wasm32"]) addUnit(r, unit, target, bytes(unit + target), bytes(unit + target));
    await fill(r, folder);
    r.artifacts = [{ file: "cot1.o", bytes: 4096, sha256: "0123456789abcdef".repeat(4), sections: [{ name: ".text", bytes: 3000 }, { name: ".data", bytes: 90 }] }];
    const steps = r.steps.map((s) => ({ ...s, seconds: 2 * s.seconds + 1, stages: s.stages.map((t) => ({ ...t, millis: 2 * t.millis })) }));
    r.last = { verdict: "none", texts: r.configuration?.texts.map((t, k) => (k === 0 ? t : { ...t, sha256: "0".repeat(64) })) ?? [], steps, artifacts: [{ ...r.artifacts[0], bytes: 2048 }] };
    finishReport(r, path.join(folder, "report.json"));
  });
  return folder;
}

/** A copy of stage0 that takes one constant for another: -128 needs four bytes. */
function brokenStage0(): string {
  const copy = path.join(dir, "broken");
  fs.mkdirSync(copy);
  fs.cpSync(path.join(root, "stage0"), path.join(copy, "stage0"), { recursive: true });
  for (const f of ["cot.js", "cot.json", "package.json"]) fs.copyFileSync(path.join(root, f), path.join(copy, f));
  for (const f of ["launch", "tables", "std", "node_modules"]) fs.symlinkSync(path.join(root, f), path.join(copy, f));
  const file = path.join(copy, "stage0/isa/x64/emit.ts");
  const text = fs.readFileSync(file, "utf8");
  expect(text).toContain("imm >= -128 && imm <= 127");
  fs.writeFileSync(file, text.replace("imm >= -128 && imm <= 127", "imm >= -127 && imm <= 127"));
  return path.join(copy, "cot.js");
}

/** A project with one program, which the broken copy compiles to other bytes. */
async function compareBroken(r: Report, folder: string): Promise<void> {
  const project = path.join(dir, "project");
  fs.mkdirSync(path.join(project, "test/run"), { recursive: true });
  fs.writeFileSync(path.join(project, "cot.json"), "{}");
  fs.symlinkSync(path.join(root, "std"), path.join(project, "std"));
  fs.writeFileSync(path.join(project, "test/run/00_add.cot"), `export fn addMany(n: i64, m: i64) i64 {
    var sum = n * 3
    var k = m
    while k > 0 {
        sum = sum * 7 + k
        k -= 1
    }
    if sum > 10 { sum = sum * m }
    sum = sum - 128
    var left = sum
    while left > 9 { left = left / 10 + m }
    return left * sum
}

fn main() { println("${harm.replaceAll("\"", "'")}") }
`);
  const sides = [["stage0", path.join(root, "cot.js")], ["broken", brokenStage0()]].map(([name, file]) => processCompiler(name, [process.execPath, file], project));
  await compareUnits({ root: project, report: folder }, r, sides[0], sides[1], listUnits(project, "00_add"), true);
}

let browser: Browser;
const folders: Record<string, string> = {};
beforeAll(async () => {
  folders.equal = await writeReport("equal", async (r) => {
    const row = { engine: `V8, ${harm}`, version: "1.2.3", ran: "stage0", target: "wasm32", bytes: 4096, sha256: "0123456789abcdef".repeat(4), equal: true };
    r.engines = [row, { ...row, engine: "JavaScriptCore", version: "d6375c72affe0f70222cdcb45012b10f0bf3a9d5", ran: "stage1 as Wasm" }];
  });
  folders.different = await writeReport("different", compareBroken);
  folders.said = await writeReport("said", async (r) => {
    r.folders = [[`${dir}/`, "out/"], [`${root}/`, ""]];
    addUnit(r, "std/map.cot", "wasm32", null, bytes("x"));
    addDifference(r, { unit: "std/map.cot", target: "wasm32", compilers: ["stage0", "cot1"], said: `stage0 failed with status 70: ${harm}\n  at file://${root}/stage0/main.ts\n  ${dir}/x`, note: harm, object: null, dump: null, map: null, stages: [] });
  });
  if (browserProgram !== "") browser = await startBrowser();
});
afterAll(async () => {
  if (browserProgram !== "") await browser.close();
});

function reportIn(folder: string): WholeReport {
  const r = readReport(fs.readFileSync(path.join(folder, "report.json"), "utf8"));
  if (typeof r === "string") throw new Error(r);
  return r;
}

describe("report.json", () => {
  test("has the whole difference: map, symbols, and the function in every stage", () => {
    const r = reportIn(folders.different);
    expect([r.equal, r.differences.length, r.configuration?.node]).toEqual([false, 1, process.versions.node]);
    const [d] = r.differences;
    expect(d).toMatchObject({ unit: "test/run/00_add.cot", compilers: ["stage0", "broken"], dump: { stage: "asm", func: "addMany" }, object: { section: ".text" } });
    const cells = d.map?.sections.find((s) => s.name === ".text")?.cells ?? [];
    // One function differs: one run of cells.
    expect(cells.map((c) => (c.differing > 0 ? "x" : "=")).join("")).toMatch(/^=+x+=+$/);
    expect(cells.length).toBe(64);
    for (const s of d.map?.sections ?? []) expect(s.differing + s.moved, s.name).toBeLessThanOrEqual(s.leftSize);

    expect(d.map?.symbols[0]).toMatchObject({ section: ".text", symbol: "addMany" });
    expect((d.map?.symbols[0].rightSize ?? 0) - (d.map?.symbols[0].leftSize ?? 0)).toBeGreaterThan(0);
    const named = d.stages.map((s) => [s.stage, s.equal]);
    expect(named.filter(([, equal]) => !equal)).toEqual([["asm", false], ["obj", false]]);
    expect(named.map(([stage]) => stage)).toEqual(expect.arrayContaining(["ir", "wasm", "clif", "vcode", "alloc"]));
    for (const s of d.stages.filter((stage) => stage.stage !== "tokens" && stage.stage !== "ast")) expect(s.left).toContain("addMany");
    const asm = d.stages.find((s) => s.stage === "asm");
    expect(asm?.left).toMatch(/ 80 {10,}.*, -128\n/);
    expect(asm?.right).toMatch(/ 80 ff ff ff .*, -128\n/);
  });

  test("in the byte map what lies behind a function that grew is only moved", () => {
    const objects = ["n + 1", "n * n / 7 + n / 3"].map((body, k) => {
      const file = path.join(dir, `grown${k}`);
      fs.writeFileSync(`${file}.cot`, `export fn first(n: i64) i64 { return ${body} }\nexport fn second(n: i64) i64 { return n / 11 }\n`);
      expect(spawnSync(process.execPath, [path.join(root, "cot.js"), "build", `${file}.cot`, "--emit=obj", "-o", `${file}.o`]).status).toBe(0);
      return new Uint8Array(fs.readFileSync(`${file}.o`));
    });
    const first = firstObjectDifference(objects[0], objects[1]);
    const map = first === null ? null : byteMap(objects[0], objects[1], first);
    const text = map?.sections.find((s) => s.name === ".text");
    expect(map?.symbols.map((s) => s.symbol)).toEqual(["first"]);
    const [a, b] = objects.map((file) => readElf(file).find((s) => s.name === ".text"));
    const second = [a, b].map((s) => s?.places.find((p) => p.name === "second"));
    const displaced = [...Buffer.from(a?.bytes ?? []).subarray(second[0]?.start, second[0]?.end)].filter((byte, k) => byte !== b?.bytes[(second[0]?.start ?? 0) + k]).length;
    expect(second[0]?.start).not.toBe(second[1]?.start);
    expect(text?.moved).toBe(displaced);
    expect(displaced).toBeGreaterThan(10);
    const cells = text?.cells ?? [];
    expect(cells.reduce((n, c) => n + c.moved, 0)).toBe(displaced);
    expect(cells.findIndex((c) => c.moved > 0)).toBeGreaterThanOrEqual(cells.findIndex((c) => c.differing > 0));
    expect(cells.reduce((n, c) => n + c.added, 0)).toBe(Math.max(0, (text?.rightSize ?? 0) - (text?.leftSize ?? 0)));
    expect(map?.sections.find((s) => s.name === ".symtab")?.differing).toBeGreaterThan(0);
  });

  test("no text of a report becomes HTML, and what must be a hash or a name is nothing else", () => {
    const r = reportIn(folders.different);
    const spoil = (value: unknown, key: string): unknown => {
      if (typeof value === "string") return ["sha256", "file"].includes(key) ? value : value + harm;
      if (Array.isArray(value)) return value.map((v) => spoil(v, key));
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, spoil(v, k)]));
    };
    const spoiled = spoil(r, "") as WholeReport;
    const page = new Map(renderReport(spoiled)).get("index.html") ?? "";
    expect(page.split("alert(1)").length).toBeGreaterThan(200);
    expect([page.match(/<img/g), page.match(/<script/g)?.length, page.match(/<\/script/g)?.length]).toEqual([null, 1, 1]);
    expect(page).not.toMatch(/[a-z]="[^"]*<img/);
    const wrong: [string, (copy: WholeReport) => void][] = [
      ["units.0.sha256", (c) => (c.units[0].sha256 = "x")], ["artifacts.0.file", (c) => (c.artifacts[0].file = "../x")],
      ["artifacts.0.file", (c) => (c.artifacts[0].file = "a\nb")], ["differences.0.map.rows.0.left", (c) => (c.differences[0].map!.rows[0].left = "<b>")],
    ];
    for (const [where, change] of wrong) {
      const copy = structuredClone(r);
      change(copy);
      expect(readReport(JSON.stringify(copy))).toContain(`: ${where}: `);
    }
  });

  test("what is no report is refused with its fault", () => {
    const r = reportIn(folders.equal);
    expect(readReport("{")).toMatch(/^is not JSON: /);
    expect(readReport("[]")).toMatch(/^is not a report of form 1: /);
    expect(readReport(JSON.stringify({ ...r, format: 2 }))).toMatch(/^is not a report of form 1: format: /);
    expect(readReport(JSON.stringify({ ...r, units: [{ ...r.units[0], bytes: "9" }] }))).toMatch(/: units\.0\.bytes: /);
  });

  test("docs/report.md explains every field", () => {
    const text = fs.readFileSync(path.join(root, "docs/report.md"), "utf8");
    const names = new Set<string>();
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, below] of Object.entries(value)) {
        if (key === "properties") for (const name of Object.keys(below)) names.add(name);
        walk(below);
      }
    };
    walk(JSON.parse(JSON.stringify(reportSchema.toJSONSchema())));
    expect(names.size).toBeGreaterThan(50);
    for (const name of names) expect(text, `no row for ${name}`).toContain(`\`${name}\``);
  });

  test("the hash of a text is what the command on the page prints", () => {
    const r = reportIn(folders.equal);
    const command = r.configuration?.commands.find((c) => c.startsWith("find stage0")) ?? "";
    const done = spawnSync("sh", ["-c", command], { cwd: root, encoding: "utf8" });
    expect(done.stdout.split(" ")[0]).toBe(r.configuration?.texts[0].sha256);
    expect(r.configuration?.texts.map((t) => t.name)).toEqual(["stage0", "stage1", "std", "tables"]);
  });

  test("nothing of the machine is in it", () => {
    for (const folder of Object.values(folders)) {
      for (const file of ["report.json", "index.html", "report.md", "SHA256SUMS"]) {
        const text = fs.readFileSync(path.join(folder, file), "utf8");
        for (const own of namesOfThisMachine([root, dir])) expect(text.includes(own), `${file} has ${own}`).toBe(false);
      }
    }
    expect(reportIn(folders.said).differences[0].said).toContain("\n  at file://stage0/main.ts\n  out/x");
  });
});

test("other engines are shown where some were asked, in the page and in short", () => {
  const [equal, different] = ["equal", "different"].map((name) => ["index.html", "report.md"].map((file) => fs.readFileSync(path.join(folders[name], file), "utf8")));
  expect(reportIn(folders.equal).engines?.length).toBe(2);
  expect(equal[0]).toContain('<a href="#engines">');
  expect(equal[0]).toContain("2 engines make the same bytes of stage1.");
  expect(equal[1]).toContain("| JavaScriptCore | stage1 as Wasm | wasm32 | 4,096 |");
  expect(reportIn(folders.different).engines).toBe(undefined);
  for (const text of different) expect(text).not.toContain("ngines");
});

describe("report.md", () => {
  test("says the verdict, the pairs and the difference in a page's length", () => {
    const equal = fs.readFileSync(path.join(folders.equal, "report.md"), "utf8");
    expect(equal).toMatch(/^## ✅ .*\n\nThe circle closes: /);
    expect(equal).toContain("| `cot1.o cot2.o` | 1,300 | `");
    const different = fs.readFileSync(path.join(folders.different, "report.md"), "utf8");
    expect(different).toMatch(/^## ❌ 1 of 12 units differ\n/);
    expect(different).toContain("- first stage `asm`, function `addMany`, line ");
    const diff = /\n```diff\n([^`]*)\n```\n/.exec(different)?.[1].split("\n") ?? [];
    expect(diff.filter((line) => line.startsWith("-")).length).toBe(1);
    expect(diff.filter((line) => line.startsWith("+")).join("\n")).toMatch(/^\+.* 80 ff ff ff .*-128$/);
    for (const folder of Object.values(folders)) {
      const text = fs.readFileSync(path.join(folder, "report.md"), "utf8");
      expect(text.length).toBeLessThan(60000);
      // Outside of code, harm is escaped.
      expect(text.replace(/```[\s\S]*?```|`[^`\n]*`/g, "")).not.toMatch(/[^\\]<(img|script)/);
    }
  });
});

const twins = [{ name: "stage0", command: [process.execPath, path.join(root, "cot.js")], absent: false }, { name: "cot1", command: [nativeCompiler()], absent: nativeCompiler() === "" }];

for (const twin of twins) {
  describe.skipIf(twin.absent)(`cot report, ${twin.name}`, () => {
    const run = (...words: string[]): { status: number | null; stdout: string; stderr: string } => {
      const done = spawnSync(twin.command[0], [...twin.command.slice(1), "report", ...words], { cwd: dir, encoding: "utf8" });
      return { status: done.status, stdout: done.stdout, stderr: done.stderr };
    };

    test("renders the same files again, elsewhere and in their place", () => {
      const out = path.join(dir, `again-${twin.name}`, "deep");
      expect(run(path.join(folders.different, "report.json"), "-o", out)).toEqual({ status: 0, stdout: `${out}/index.html\n`, stderr: "" });
      for (const file of ["report.json", "index.html", "report.md", "SHA256SUMS"]) expect(fs.readFileSync(path.join(out, file), "utf8"), file).toBe(fs.readFileSync(path.join(folders.different, file), "utf8"));
      fs.rmSync(path.join(out, "index.html"));
      expect(run(path.join(out, "report.json")).status).toBe(0);
      expect(fs.existsSync(path.join(out, "index.html"))).toBe(true);
    });

    test("says what is wrong, with status 2", () => {
      fs.writeFileSync(path.join(dir, "none.json"), "{ \"format\": 1 }");
      expect(run("missing.json")).toEqual({ status: 2, stdout: "", stderr: "cot: 'missing.json': no such file\n" });
      const none = run("none.json");
      expect([none.status, none.stdout]).toEqual([2, ""]);
      expect(none.stderr).toMatch(/^cot: 'none\.json' is not a report of form 1: verdict: .*\n$/);
      expect(run(path.join(folders.equal, "report.json"), "-o", "none.json").stderr).toBe("cot: 'none.json': exists already\n");
    });
  });
}

describe.skipIf(browserProgram === "")("in a browser", () => {
  for (const name of ["equal", "different", "said"]) {
    for (const scheme of ["light", "dark"] as Scheme[]) {
      for (const width of [400, 1600]) {
        test(`${name}, ${scheme}, ${width} pixels: fits, can be read, asks for nothing`, async () => {
          const o = await openPage(browser, path.join(folders[name], "index.html"), scheme, width);
          expect(await overflow(o.page)).toBe(0);
          await unfold(o.page);
          expect(await overflow(o.page)).toBe(0);
          expect(await faintTexts(o.page)).toEqual([]);
          expect(await deadLinks(o.page, folders[name])).toEqual([]);
          expect(o.troubles).toEqual([]);
          const paper = await o.page.evaluate("getComputedStyle(document.body).backgroundColor");
          expect(paper).toBe(scheme === "light" ? "rgb(250, 249, 246)" : "rgb(19, 22, 26)");
          await o.close();
        });
      }
    }
  }

  test("nothing is wider than the page at any width", async () => {
    for (const folder of Object.values(folders)) {
      const o = await openPage(browser, path.join(folder, "index.html"), "light", 400);
      await unfold(o.page);
      for (const width of [320, 480, 640, 760, 863, 866, 959, 961, 1200, 2560]) {
        await o.page.setViewportSize({ width, height: 900 });
        expect(await overflow(o.page), `${folder} at ${width}`).toBe(0);
      }
      await o.close();
    }
  });

  test("without script the page has everything", async () => {
    const o = await openPage(browser, path.join(folders.different, "index.html"), "light", 1600, false);
    const r = reportIn(folders.different);
    const text = await o.page.innerText("body");
    expect(await o.page.innerText("h1")).toBe("The circle does not close: stage0 and broken differ on test/run/00_add.cot for x86_64-linux, first in stage asm, function addMany.");
    expect(text).toContain(r.verdict);
    for (const s of r.steps.filter((step) => step.makes !== "")) expect(text.replace(/\s+/g, " ")).toContain(`${s.makes} = ${s.source}'s source compiled by ${s.by}`);
    for (const u of r.units) for (const part of [u.unit, u.target, u.sha256]) expect(text).toContain(part);
    for (const t of r.configuration?.texts ?? []) expect(text).toContain(t.sha256);
    for (const c of [...(r.configuration?.commands ?? []), process.versions.node, "ir:gvn", "7.3 ms", "−50 %", "+100 %", "changed since the last run", "as in the last run"]) expect(text).toContain(c);
    expect(await o.page.locator("button, input").count()).toBe(0);
    // What is folded unfolds without script.
    const fold = o.page.locator("details.stage").first();
    expect(await fold.locator("pre").first().isVisible()).toBe(false);
    await fold.locator("summary").first().click();
    expect(await fold.locator("details").first().isVisible()).toBe(true);
    await o.close();
  });

  test("the chain is drawn from the steps, whoever compiles", async () => {
    const o = await openPage(browser, path.join(folders.equal, "index.html"), "light", 1600);
    const names = await o.page.locator(".chain svg .name").allTextContents();
    expect(names).toEqual(["stage0", "cot1", "cot2", "cot3", "cot1.wasm", "wasm1"]);
    expect(await o.page.locator(".chain svg .edge").count()).toBe(5);
    expect(await o.page.locator(".chain svg .good-text").allTextContents()).toEqual(["= 2 files equal", "= 1 file equal", "= 1 file equal"]);
    expect(await o.page.locator(".chain svg").getAttribute("aria-label")).toContain("cot2 = stage1's source compiled by cot1");
    await o.close();
  });

  test("search and sort", async () => {
    const o = await openPage(browser, path.join(folders.equal, "index.html"), "light", 1600);
    const shown = (): Promise<string[]> => o.page.locator("#units tbody tr:visible").allTextContents();
    expect((await shown()).length).toBe(10);
    await o.page.fill("input[type=search]", "WASM32  list");
    expect((await shown()).length).toBe(1);
    expect(await o.page.innerText("[role=status]")).toBe("1 of 10");
    await o.page.fill("input[type=search]", "no such unit");
    expect(await shown()).toEqual([]);
    await o.page.fill("input[type=search]", "");
    const column = async (n: number): Promise<string[]> => await o.page.locator(`#units tbody td:nth-child(${n})`).allTextContents();
    const bytesIn = async (): Promise<number[]> => (await column(3)).map((t) => Number(t.replaceAll(",", "")));
    const before = await bytesIn();
    await o.page.click("#units th:nth-child(3) button");
    expect(await bytesIn()).toEqual([...before].sort((a, b) => a - b));
    expect(await bytesIn()).not.toEqual(before);
    await o.page.click("#units th:nth-child(3) button");
    expect(await bytesIn()).toEqual([...before].sort((a, b) => b - a));
    expect(await o.page.getAttribute("#units th:nth-child(3)", "aria-sort")).toBe("descending");
    const names = await column(1);
    await o.page.click("#units th:nth-child(1) button");
    expect(await column(1)).toEqual([...names].sort());
    await o.close();
  });

  test("hashes are copied whole", async () => {
    const o = await openPage(browser, path.join(folders.equal, "index.html"), "light", 1600);
    await o.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (t) => { window.copied = t; } } })");
    await o.page.click("#configuration .hash + button >> nth=0");
    expect(await o.page.evaluate("window.copied")).toBe(reportIn(folders.equal).configuration?.texts[0].sha256);
    await o.page.click("#configuration .command + button >> nth=0");
    expect(await o.page.evaluate("window.copied")).toBe("node bootstrap.ts --unit='0*'");
    await o.close();
  });

  test("a difference: the first stage that differs is open, side by side, and one instruction is coloured", async () => {
    const o = await openPage(browser, path.join(folders.different, "index.html"), "light", 1600);
    const asm = o.page.locator("details.stage[open]").first();
    expect(await asm.locator("summary").first().innerText()).toMatch(/^asm addMany: 1 line changed, \d+ lines only moved or renumbered; /);
    expect(await asm.locator(".l, .r").count()).toBe(2);
    expect(await asm.locator(".l").innerText()).toContain("-128");
    expect((await asm.locator("ins").allTextContents()).join("")).toContain("ff ff ff");
    const boxes = await Promise.all([".l", ".r"].map((side) => asm.locator(side).boundingBox()));
    expect(boxes[0]?.y).toBe(boxes[1]?.y);
    expect(boxes[0]?.x ?? 0).toBeLessThan(boxes[1]?.x ?? 0);
    expect(await o.page.locator("#differences").innerText()).toMatch(/\d+ stages are equal before the first that differs/);
    expect(await asm.locator(".fold > summary").first().innerText()).toMatch(/^\d+ lines without a change$/);
    await o.page.click("text=unfold all");
    expect(await o.page.locator("details:not([open])").count()).toBe(0);
    await o.page.click("text=fold all >> nth=1");
    expect(await o.page.locator("[data-folds] details[open]").count()).toBe(0);
    await o.close();
  });

  test("names and texts from anywhere are text", async () => {
    for (const folder of Object.values(folders)) {
      const o = await openPage(browser, path.join(folder, "index.html"), "light", 1600);
      expect(await o.page.locator("img").count()).toBe(0);
      expect(await o.page.locator("script").count()).toBe(1);
      expect(await o.page.innerText("#units")).toContain(harm);
      expect(o.troubles).toEqual([]);
      await o.close();
    }
  });
});
