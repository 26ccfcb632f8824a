// Pointers that lead nowhere.
// In -> out: a node and the address that it gives, to a test of it where it may be null and nothing else would tell. A `*T` is null only
// where its storage was zeroed and has not got its value (see the language page). On wasm32 address 0 is ordinary memory, so what may be
// null is tested; natively the machine tests what lies in the first page, which is never mapped, and the code what is larger. Repeated tests
// of one value are removed by the passes, and those of what `if` or `.?` has tested. The runtime makes its pointers from numbers.

import { hasPrefix } from "../base/table.ts";
import { Conv, TOp } from "../check/tree.ts";
import { emitValue } from "../ssa/builder.ts";
import { definingInst } from "../ssa/function.ts";
import { Op, Type } from "../ssa/ops.ts";
import { addressConst } from "./counting.ts";
import { emitCheck } from "./place.ts";
import { type FuncState, nodeOf } from "./state.ts";

/** What natively faults below it is a null pointer. */
const FIRST_PAGE = 4096;

/** Panics when the address that a node gives is null; as many bytes from there on are used. */
export function checkPointer(fs: FuncState, id: number, address: number, size: number, pos: number): void {
  if (!fs.l.wasm && size <= FIRST_PAGE) return;
  if (fs.l.unchecked || hasPrefix(fs.f.name, "std/rt/") || !mayBeNull(fs, id) || isAddressOf(fs, address)) return;
  emitCheck(fs, emitValue(fs.b, Op.ne, fs.l.pointer, [address, addressConst(fs, 0)], Type.i32), "null pointer", pos);
}

/** Whether a node gives what others made: not an address, a new object, or what the program made of a number itself. */
function mayBeNull(fs: FuncState, id: number): boolean {
  let n = nodeOf(fs, id);
  while (n.op === TOp.convert && n.n === Conv.same) n = nodeOf(fs, n.a);
  if (n.op === TOp.convert) return n.n !== Conv.int_to_pointer;
  return n.op !== TOp.addr_of && n.op !== TOp.new_object && n.op !== TOp.new_init;
}

/** Whether a value is the address of a variable or constant. */
function isAddressOf(fs: FuncState, address: number): boolean {
  const inst = definingInst(fs.b.func, address);
  if (inst < 0) return false;
  const op = fs.b.func.insts[inst].op;
  return op === Op.slot_addr || op === Op.sym_addr;
}
