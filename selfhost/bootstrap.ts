// The bootstrap: what `node bootstrap.ts` does.
// In -> out: the project's folder and the command line, to an exit status: 0 equal (or the circle still open), 1
// different, 2 the environment lacks something. A line per step goes to stdout.

import * as fs from "node:fs";
import * as path from "node:path";
import yargs from "yargs";

interface Settings {
  root: string;
  out: string;
  quiet: boolean;
  json: boolean;
}

/** Runs the bootstrap. */
export async function bootstrap(root: string, words: string[]): Promise<number> {
  const parsed = await yargs(words)
    .scriptName("node bootstrap.ts")
    .parserConfiguration({ "boolean-negation": false })
    .option("out", { type: "string", describe: "folder for what is made", default: path.join(root, "out") })
    .option("quiet", { type: "boolean", describe: "print the verdict only", default: false })
    .option("json", { type: "boolean", describe: "print one JSON object a line", default: false })
    .strict()
    .help()
    .parse();
  const s: Settings = { root, out: path.resolve(parsed.out), quiet: parsed.quiet, json: parsed.json };
  fs.mkdirSync(s.out, { recursive: true });
  return openCircle(s);
}

/** As long as stage1 is not whole: says how far it is. */
function openCircle(s: Settings): number {
  const rooms = roomsOf(path.join(s.root, "stage0"));
  const ported = fs.readFileSync(path.join(s.root, "selfhost/ported.txt"), "utf8").split("\n").filter((l) => l !== "" && !l.startsWith("#"));
  const text = `circle open: ${ported.length} of ${rooms.length} rooms`;
  console.log(s.json ? JSON.stringify({ verdict: "open", ported: ported.length, rooms: rooms.length }) : text);
  return 0;
}

/** The folders of stage0 that hold sources, and main. */
export function roomsOf(dir: string): string[] {
  const rooms = new Set<string>();
  for (const f of fs.readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    if (f.endsWith(".ts")) rooms.add(path.dirname(f) === "." ? "main" : path.dirname(f));
  }
  return [...rooms].sort();
}
