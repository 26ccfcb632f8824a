// The functions in a stage's dump.
// In -> out: the lines of a dump, to the functions or declarations that it shows, each with its lines.

/** How a stage's dump begins a function or declaration; the one group that matched is its name. */
const heads: [string, RegExp][] = [
  ["tokens", /^\/\/ (.+)$/],
  ["ast", /^(?:export |extern |packed )*(?:fn|struct|union|enum|trait|impl|const|var|type|test|error|import) ([\w."]+)/],
  ["types", /^\w+ \d+ (.+?) -> |^(?:constant|global) (.+?): |^(?:struct|union|enum|distinct|error_set) (\S+)/],
  ["ir", /^(?:func|define|declare|data) (?:'([^']*)'|(\S+))/],
  ["clif", /^(?:func|define|declare|data) (?:'([^']*)'|(\S+))/],
  ["wasm", /^(?:func|symbol|data|global) \d+ (?:\w+ )?"(.*?)"(?: |$)/],
  ["vcode", /^vcode (.+?) {2}outgoing /],
  ["alloc", /^(?!slots \d|block\d)(\S.*)$/],
  ["asm", /^(?!L\d+:$)(\S.*):$/],
  ["obj", /^section (\S+)|^(?:local|global) (.+?) (?:undefined |[.\w]+\+\d+ size )/],
];

/** The line that begins a function in a stage's dump, whose matched group is the name. */
export function headOf(stage: string): RegExp {
  return heads.find(([name]) => stage === name || stage.startsWith(`${name}_`))?.[1] ?? /^(\S.*)$/;
}

export function nameIn(found: RegExpExecArray | null): string {
  return found?.slice(1).find((g) => g !== undefined) ?? "";
}

/** Lines start <= k < end of a dump, under a name. */
export interface Part {
  name: string;
  start: number;
  end: number;
}

/** The parts of a dump. What stands before the first head has no name. */
export function partsOf(stage: string, lines: string[]): Part[] {
  const head = headOf(stage);
  const parts: Part[] = [];
  for (let k = 0; k < lines.length; k++) {
    const found = head.exec(lines[k]);
    if (found === null && parts.length > 0) continue;
    if (parts.length > 0) parts[parts.length - 1].end = k;
    parts.push({ name: nameIn(found), start: k, end: lines.length });
  }
  return parts;
}

/** The stage that a dump's file name tells, behind its number and, for a pass, the pass's own. */
export function stageOf(file: string): string {
  return file.replace(/^\d+(?:p\d+)?_|\.txt$/g, "");
}

/** A stage as --dump names it. */
export function stageTitle(stage: string): string {
  return stage.replace(/^(ir|clif)_/, "$1:");
}

/** The lines of a text. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
