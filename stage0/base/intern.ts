// Names as small integers, so that comparing and hashing a name costs nothing.
// In -> out: a byte string, to its id; ids are dense, given in order of first appearance. Id 0 is "".

export interface Names {
  texts: string[];
  ids: Map<string, number>;
}

/** An empty table; the empty name has id 0. */
export function newNames(): Names {
  const names: Names = { texts: [], ids: new Map() };
  internName(names, "");
  return names;
}

/** The id of a name, given now if the name is new. */
export function internName(names: Names, text: string): number {
  const found = names.ids.get(text);
  if (found !== undefined) return found;
  const id = names.texts.length;
  names.texts.push(text);
  names.ids.set(text, id);
  return id;
}

/** The text of a name. */
export function nameText(names: Names, id: number): string {
  return names.texts[id];
}
