// Under what a run was made: versions, the hashes of the texts it compiled, its flags, and how to repeat it; and what the
// run before it came to. Nothing of the machine's own is in it: no name of a host or a user, no path outside the project.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { findLinker } from "../stage0/link/link.ts";
import { sectionsOf } from "./object_diff.ts";
import { type ArtifactReport, type Configuration, type LastRun, readReport, type StepReport, type TextReport, type UnitReport, type WholeReport } from "./schema.ts";

/** The folders whose text decides what comes out. */
const texts = ["stage0", "stage1", "std", "tables"];

/** The configuration of a run with these flags. */
export function configurationOf(root: string, flags: string): Configuration {
  const list = texts.filter((name) => fs.existsSync(path.join(root, name))).map((name) => hashOfFolder(root, name));
  const system = `${process.platform} ${process.arch}`;
  return { node: process.versions.node, system, linker: linkerVersion(), flags, texts: list, commands: [`node bootstrap.ts${flags === "" ? "" : ` ${flags}`}`, hashCommand("stage0"), "cd out/report && sha256sum -c SHA256SUMS"] };
}

function hashCommand(name: string): string {
  return `find ${name} -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`;
}

/** What hashCommand prints, and how much it reads. */
function hashOfFolder(root: string, name: string): TextReport {
  const whole = createHash("sha256");
  const folder = fs.realpathSync(path.join(root, name));
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  const names = files.map((f) => Buffer.from(path.join(name, path.relative(folder, path.join(f.parentPath, f.name))))).sort(Buffer.compare);
  let bytes = 0;
  for (const file of names) {
    const text = fs.readFileSync(path.join(folder, path.relative(name, file.toString())));
    bytes += text.length;
    whole.update(`${sha256(text)}  ${file}\n`);
  }
  return { name, files: names.length, bytes, sha256: whole.digest("hex") };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The first line that the linker says of itself, without its folder. */
function linkerVersion(): string {
  const linker = findLinker("");
  if (linker === "") return "none";
  const said = spawnSync(linker, ["--version"], { encoding: "utf8" }).stdout ?? "";
  return said.split("\n")[0].replace(/^\/\S*\//, "");
}

/** The files in a folder that the compared pairs name, and the result where there is one. */
export function artifactsIn(out: string, units: UnitReport[], result: string): ArtifactReport[] {
  const names = new Set([result, ...units.flatMap((u) => u.pair)]);
  const found = [...names].sort().filter((name) => name !== "" && path.basename(name) === name && fs.statSync(path.join(out, name), { throwIfNoEntry: false })?.isFile());
  return found.map((file) => {
    const bytes = fs.readFileSync(path.join(out, file));
    const sections = (sectionsOf(bytes) ?? []).map((s) => ({ name: s.name, bytes: s.bytes.length }));
    return { file, bytes: bytes.length, sha256: sha256(bytes), sections: sections.filter((s) => s.bytes > 0) };
  });
}

/** What the report of the run before says; null when there is none that can be read. */
export function readLast(file: string): LastRun | null {
  let report: WholeReport | string;
  try {
    report = readReport(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
  if (typeof report === "string") return null;
  return { verdict: report.verdict, texts: report.configuration?.texts ?? [], steps: report.steps, artifacts: report.artifacts };
}

/** The parts of a step that compiles something, from its name: "cot1 compiles stage1 to cot2"; "" where it does not. */
export function compileOf(step: string): Pick<StepReport, "by" | "source" | "makes"> {
  const found = /^(\S+) compiles (\S+) to (\S+)$/.exec(step);
  return { by: found?.[1] ?? "", source: found?.[2] ?? "", makes: found?.[3] ?? "" };
}
