// Patterns for names of functions and tests.
// In -> out: a pattern in which "*" stands for any run of bytes, and a text, to whether they match. Two marks, no recursion.

/** Whether the whole text matches the pattern. */
export function matchesGlob(glob: string, text: string): boolean {
  let g = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (g < glob.length && glob.charCodeAt(g) === 42) {
      star = g;
      mark = t;
      g += 1;
    } else if (g < glob.length && glob.charCodeAt(g) === text.charCodeAt(t)) {
      g += 1;
      t += 1;
    } else if (star >= 0) {
      g = star + 1;
      mark += 1;
      t = mark;
    } else {
      return false;
    }
  }
  while (g < glob.length && glob.charCodeAt(g) === 42) g += 1;
  return g === glob.length;
}
