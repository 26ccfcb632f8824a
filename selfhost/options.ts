// The command line of the bootstrap.
// In -> out: the words behind `node bootstrap.ts`, to settings, or null when they asked for help, which is printed; wrong
// usage ends in a Stop.

import * as path from "node:path";
import yargs from "yargs";
import { listUnits, type Places, type Unit } from "./units.ts";

export interface Settings {
  places: Places;
  out: string;
  quiet: boolean;
  json: boolean;
  verbose: boolean;
  keepGoing: boolean;
  skipWasm: boolean;
  /** The compiler that is to be compared with its source, "" for the bootstrap itself. */
  verify: string;
  units: Unit[];
  /** What of the command line changes the report. */
  flags: string;
}

/** A failure of the environment or of stage0, told in one message. */
export class Stop extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

const usage = `$0 [options]

Has stage0 compile stage1, stage1 compile itself, and compares all that comes out.
With --verify=FILE, compares a native compiler with its source.
Exit status: 0 equal, 1 different, 2 wrong usage or something is missing here.`;

/** What the command line asks for. */
export async function readSettings(root: string, words: string[]): Promise<Settings | null> {
  const parser = yargs(words)
    .scriptName("node bootstrap.ts")
    .usage(usage)
    .parserConfiguration({ "boolean-negation": false, "duplicate-arguments-array": false })
    .option("out", { type: "string", requiresArg: true, describe: "folder for what is made", default: path.join(root, "out"), defaultDescription: "out beside bootstrap.ts" })
    .option("quiet", { type: "boolean", describe: "print differences and the verdict only", default: false })
    .option("json", { type: "boolean", describe: "print one JSON object a line", default: false })
    .option("verbose", { type: "boolean", describe: "print a line for each unit", default: false })
    .option("keep-going", { type: "boolean", describe: "compare all units, also after a difference", default: false })
    .option("skip-wasm", { type: "boolean", describe: "leave out the third host: stage1 as a Wasm program", default: false })
    .option("unit", { type: "string", requiresArg: true, describe: "compare only units whose name (00_hello, std/list) matches this glob", default: "*" })
    .option("verify", { type: "string", requiresArg: true, describe: "instead: run this native compiler and say whether it is what its source says", default: "", defaultDescription: "none" })
    .alias("help", "h")
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw new Stop(2, `bootstrap: ${message ?? error.message}; --help lists the options`);
    });
  const parsed = await parser.parse();
  if (parsed.help === true) return null;
  if (parsed._.length > 0) throw new Stop(2, `bootstrap: takes options only, not '${parsed._[0]}'`);
  if (parsed.out === "") throw new Stop(2, "bootstrap: --out wants a folder");
  if (parsed.verify === "" && words.some((w) => w.startsWith("--verify"))) throw new Stop(2, "bootstrap: --verify wants a file");
  const units = listUnits(root, parsed.unit);
  if (units.length === 0) throw new Stop(2, `bootstrap: no program of test/run and no std module matches '${parsed.unit}'`);
  const out = path.resolve(parsed.out);
  const unitFlag = parsed.unit === "*" ? "" : `--unit='${parsed.unit.replaceAll("'", "'\\''")}'`;
  const flags = [parsed.keepGoing ? "--keep-going" : "", parsed.skipWasm ? "--skip-wasm" : "", unitFlag].filter((flag) => flag !== "").join(" ");
  const { quiet, json, verbose, keepGoing, skipWasm } = parsed;
  const verify = parsed.verify === "" ? "" : path.resolve(parsed.verify);
  return { places: { root, report: path.join(out, "report") }, out, quiet, json, verbose, keepGoing, skipWasm, verify, units, flags };
}
