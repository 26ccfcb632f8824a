// stub for the moment
import * as path from "node:path";
import type { Settings } from "./options.ts";
export function circleWords(root: string, output: string, emit = "exe"): string[] {
  const words = ["build", path.join(root, "stage1/main.cot"), `--std=${root}/std`, "--time"];
  return emit === "exe" ? [...words, "-o", output, `--object=${output}.o`] : [...words, `--emit=${emit}`, "-o", output];
}
export async function verifyCommand(_s: Settings): Promise<number> {
  return 2;
}
