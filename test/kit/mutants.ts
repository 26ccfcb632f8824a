// Mutated source files, by seed and number: the same file everywhere, so that a failure can be met again.
// In -> out: the programs of the repository, to texts (bytes in Latin-1) that are nearly programs: tokens lost, doubled,
// exchanged and replaced, lines moved between programs, bytes changed, texts cut short.

import * as fs from "node:fs";
import * as path from "node:path";
import { damaged } from "./mutate.ts";
import { root } from "./programs.ts";
import { below, newRandom, oneIn, pick, type Random } from "./random.ts";

const folders = ["test/run", "test/error", "test/heap", "std"];

export interface Mutant {
  /** The program that it was made of. */
  from: string;
  text: string;
}

const programs: string[] = [];

/** The programs that are mutated, relative to the repository. */
export function mutatedPrograms(): string[] {
  if (programs.length === 0) {
    for (const folder of folders) {
      for (const name of fs.readdirSync(path.join(root, folder)).sort()) if (name.endsWith(".cot")) programs.push(`${folder}/${name}`);
    }
  }
  return programs;
}

function programText(name: string): string {
  return fs.readFileSync(path.join(root, name), "latin1");
}

/** Mutant number `index` of a seed. */
export function mutantOf(seed: number, index: number): Mutant {
  const all = mutatedPrograms();
  const r = newRandom(Math.imul(seed, 7919) + index);
  below(r, 2);
  const from = all[index % all.length];
  let text = programText(from);
  switch (below(r, 8)) {
    case 0: text = changedBytes(text, r); break;
    case 1: text = spliced(text, programText(pick(r, all)), r); break;
    case 2: text = shuffledLines(text, r); break;
    case 3: text = text.slice(0, below(r, text.length + 1)); break;
    case 4: text = repeated(text, r); break;
    default: break;
  }
  const rounds = below(r, 3);
  for (let n = 0; n < rounds; n++) text = damaged(text, r);
  return { from, text };
}

/** A few bytes exchanged for any others. */
function changedBytes(text: string, r: Random): string {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length === 0) return text;
  for (let n = 1 + below(r, 4); n > 0; n--) bytes[below(r, bytes.length)] = oneIn(r, 2) ? below(r, 256) : 32 + below(r, 95);
  return bytes.toString("latin1");
}

/** Some lines of one program within another. */
function spliced(text: string, other: string, r: Random): string {
  const lines = text.split("\n");
  const donor = other.split("\n");
  const from = below(r, donor.length);
  lines.splice(below(r, lines.length + 1), below(r, 3), ...donor.slice(from, from + 1 + below(r, 12)));
  return lines.join("\n");
}

function shuffledLines(text: string, r: Random): string {
  const lines = text.split("\n");
  for (let n = 1 + below(r, 3); n > 0; n--) {
    const [line] = lines.splice(below(r, lines.length), 1 + below(r, 2));
    lines.splice(below(r, lines.length + 1), 0, line ?? "");
  }
  return lines.join("\n");
}

/** A piece of the text many times over. */
function repeated(text: string, r: Random): string {
  const from = below(r, text.length + 1);
  const piece = text.slice(from, from + 1 + below(r, 40));
  return text.slice(0, from) + piece.repeat(2 + below(r, 60)) + text.slice(from);
}
