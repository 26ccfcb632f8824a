// The shape that every reader of a file brings it into: named sections with named places in them.
// In -> out: nothing by itself; elf_read and wasm_read give it, object_diff compares it.

/** A run of a section's bytes that has a name: a function, a datum, a row of a table. */
export interface Place {
  name: string;
  /** Within the section; end is one past the last byte. */
  start: number;
  end: number;
}

export interface Section {
  name: string;
  /** Offset in the file. */
  start: number;
  /** Where it lies when the program runs; 0 where the file does not say. */
  address: number;
  bytes: Uint8Array;
  places: Place[];
}
