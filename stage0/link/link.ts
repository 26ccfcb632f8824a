// Linking by the system's C compiler.
// In -> out: the bytes of an object, to an executable that appears whole or not at all. The linker is found once
// in PATH or given by path, started without a shell on files of a private folder; its output is then written
// beside the target and renamed. The linker's own temporary files go to that folder too. Executables are position independent, with RELRO and without lazy binding.

import { appendText, type Bytes, newBytes } from "../base/bytes.ts";
import { hostFindProgram, hostPrintError, hostRead, hostRemove, hostRunIn, hostTempDir, hostWrite, MAX_FILE } from "../base/host.ts";
import { findByte } from "../base/table.ts";

/** The path of the linker: what was asked for, or cc; "" when there is none. */
export function findLinker(asked: string): string {
  if (asked === "") return hostFindProgram("cc");
  return findByte(asked, 47) >= 0 ? asked : hostFindProgram(asked);
}

/** The arguments that make an executable of objects. */
export function linkArgs(output: string, objects: string[]): string[] {
  const args: string[] = ["-o", output];
  for (const o of objects) args.push(o);
  args.push("-pie");
  args.push("-Wl,-z,relro,-z,now,-z,noexecstack,--build-id=none");
  args.push("-Wl,--as-needed");
  args.push("-lm");
  return args;
}

/** Links the object to an executable; "" or the problem in words. */
export function linkExecutable(object: Bytes, output: string, linker: string, verbose: boolean): string {
  const program = findLinker(linker);
  if (program === "") return linker === "" ? "no linker: cc is not in PATH (name one with --linker=PATH)" : "no linker named " + linker;
  const folder = hostTempDir();
  if (folder === "") return "no folder for temporary files";
  const problem = linkIn(folder, program, object, output, verbose);
  hostRemove(folder);
  return problem;
}

function linkIn(folder: string, program: string, object: Bytes, output: string, verbose: boolean): string {
  const objectFile = folder + "/program.o";
  const result = folder + "/program";
  const written = hostWrite(objectFile, object, false);
  if (written !== "") return objectFile + ": " + written;
  const args = linkArgs(result, [objectFile]);
  if (verbose) hostPrintError(commandText(program, args));
  const status = hostRunIn(folder, program, args);
  if (status < 0) return "cannot start " + program;
  if (status !== 0) return program + " failed with status " + status;
  const linked = hostRead(result, MAX_FILE);
  if (linked.problem !== "") return program + " wrote no executable: " + linked.problem;
  const bytes = newBytes();
  appendText(bytes, linked.text);
  const stored = hostWrite(output, bytes, true);
  return stored === "" ? "" : "'" + output + "': " + stored;
}

/** The command as one would type it. */
function commandText(program: string, args: string[]): string {
  let text = program;
  for (const a of args) text += " " + a;
  return text + "\n";
}
