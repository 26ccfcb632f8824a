// Words that somebody may have meant: how far one text is from another.
// In -> out: two texts, to how many insertions, deletions, replacements and swaps of neighbours make one of the other,
// where no part is edited twice (optimal string alignment). What counts as near depends on the length: one edit up to five
// bytes, two beyond; nothing is near to a name of one or two bytes.

/** The first distance from a text that is too far. */
export function farDistance(text: string): number {
  return text.length <= 2 ? 1 : text.length <= 5 ? 2 : 3;
}

/** The distance of two texts, or some number from `far` on where it is not below that. */
export function distanceBelow(text: string, other: string, far: number): number {
  if (other === text || other.length > text.length + 2 || other.length + 2 < text.length) return far;
  return editDistance(text, other, far);
}

/** The nearest of some texts, the first among equals; "" when none is near. */
export function nearestText(text: string, others: string[]): string {
  let best = "";
  let bestDistance = farDistance(text);
  for (const other of others) {
    const d = distanceBelow(text, other, bestDistance);
    if (d < bestDistance) {
      bestDistance = d;
      best = other;
    }
  }
  return best;
}

/** How many insertions, deletions, replacements and swaps of neighbours make b of a; names over 40 bytes are far from all others. */
export function editDistance(a: string, b: string, limit: number): number {
  if (a.length > 40 || b.length > 40) return limit;
  let before: number[] = [];
  let row: number[] = [];
  for (let j = 0; j <= b.length; j++) row.push(j);
  for (let i = 1; i <= a.length; i++) {
    const next: number[] = [i];
    for (let j = 1; j <= b.length; j++) {
      let d = row[j - 1] + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      if (row[j] + 1 < d) d = row[j] + 1;
      if (next[j - 1] + 1 < d) d = next[j - 1] + 1;
      if (isSwap(a, i, b, j) && before[j - 2] + 1 < d) d = before[j - 2] + 1;
      next.push(d);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}

/** Whether the two bytes before i and before j are the same two, the other way round. */
function isSwap(a: string, i: number, b: string, j: number): boolean {
  if (i < 2 || j < 2) return false;
  return a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
}
