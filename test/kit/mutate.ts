// Damaged programs: a program with a few of its tokens lost, doubled, exchanged or replaced, or a byte changed.
// In -> out: text as bytes in Latin-1 and a Random, to text that is nearly a program.

import { below, oneIn, pick, type Random } from "./random.ts";

const token = /\s+|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|[A-Za-z_@]\w*|\d[\w.]*|[-+*/%=<>!&|^.]+|[\s\S]/g;
const strangers = ["(", ")", "{", "}", "[", "]", "|", "try ", "catch ", "?", "*", "0", "-1", "\"", "\"${", "'", "undefined", "null", "return ", "fn ", ".{", "..", ";", "\n", "new ", "as ", "i8", "void", "\x00", "\xff", "struct ", "@"];

/** The program with one to three places damaged. */
export function damaged(text: string, r: Random): string {
  const parts = text.match(token) ?? [];
  const places: number[] = [];
  for (let i = 0; i < parts.length; i++) if (!/^(\s|\/\/)/.test(parts[i])) places.push(i);
  if (places.length < 2) return text;
  for (let n = 1 + below(r, 3); n > 0; n--) damageOne(parts, places, r);
  return parts.join("");
}

function damageOne(parts: string[], places: number[], r: Random): void {
  const at = pick(r, places);
  const other = oneIn(r, 2) ? pick(r, places) : places[Math.min(places.indexOf(at) + 1, places.length - 1)];
  switch (below(r, 6)) {
    case 0: parts[at] = ""; break;
    case 1: parts[at] += ` ${parts[at]}`; break;
    case 2: parts[at] = parts[other]; break;
    case 3: [parts[at], parts[other]] = [parts[other], parts[at]]; break;
    case 4: parts[at] = pick(r, strangers); break;
    default: parts[at] += pick(r, strangers); break;
  }
}
