// Calls for x86-64: arguments to their registers and stack places, results from theirs.
// In -> out: calls, tail calls, returns and the function's own entry, to instructions with fixed operands. Stack
// arguments are stored into the outgoing area in front of the call; results beyond the registers are read from
// there, and written by the called function into what is incoming for it. A struct that C copies is given by address:
// the caller copies it into the outgoing area, and the called function's param is where it came in.

import { bug } from "../../base/bug.ts";
import { i64From } from "../../base/int64.ts";
import { maxI32 } from "../../base/int32.ts";
import { type AbiPlaces, argPlaces, floatArgCount, resultPlaces } from "../../mach/abi.ts";
import { MemKind, newPins, type Pins } from "../../mach/inst.ts";
import { addMachInst, type Lowering, machAddress, plainAddress, resultVreg, setAddress, useValue } from "../../mach/lower.ts";
import { newVreg } from "../../mach/vcode.ts";
import { addSymbol, findSymbol, internSig, CPlace, outerName, type Sig, type SsaModule, SymKind } from "../../ssa/module.ts";
import { Op, Type } from "../../ssa/ops.ts";
import { copyX64Bytes, lowerX64SmallMemory } from "./lower_memory.ts";
import { R10, RAX, x64CallConv } from "./regs.ts";

/** Structs up to this size are copied to the stack by moves. */
const MAX_STRUCT_MOVES = 256;

function storeToStack(l: Lowering, v: number, kind: number, offset: number): void {
  const reg = useValue(l, v);
  setAddress(addMachInst(l, l.code.vregClass[reg] === 1 ? "movsd.s" : "mov.q.s", [reg]), plainAddress(kind, -1, offset));
}

function loadFromStack(l: Lowering, reg: number, kind: number, offset: number): void {
  if (l.code.vregClass[reg] === 1) setAddress(addMachInst(l, "movsd.x", [reg]), plainAddress(kind, -1, offset));
  else setAddress(addMachInst(l, "mov.q", [reg, -1]), plainAddress(kind, -1, offset));
}

/** Stores the arguments that go to the stack, structs first since copying may call, and pins the others. */
function placeArguments(l: Lowering, places: AbiPlaces, structs: number[], args: number[], first: number, kind: number, pins: Pins): void {
  for (let k = 0; k < structs.length; k++) {
    if (structs[k] > CPlace.joined) copyStruct(l, args[first + k], kind, places.offset[k], structs[k]);
  }
  for (let k = 0; k < places.reg.length; k++) {
    if (places.reg[k] < 0 && (k >= structs.length || structs[k] <= CPlace.joined)) storeToStack(l, args[first + k], kind, places.offset[k]);
  }
  for (let k = 0; k < places.reg.length; k++) {
    if (places.reg[k] < 0) continue;
    pins.uses.push(useValue(l, args[first + k]));
    pins.useRegs.push(places.reg[k]);
  }
}

/** Copies a struct from an address to the stack area: by moves, or by the C library when it is large. */
function copyStruct(l: Lowering, v: number, kind: number, offset: number, size: number): void {
  const to = plainAddress(kind, -1, offset);
  if (size <= MAX_STRUCT_MOVES) {
    copyX64Bytes(l, to, machAddress(l, v, i64From(0)), size);
    return;
  }
  const target = newVreg(l.code, 0);
  setAddress(addMachInst(l, "lea.q", [target]), to);
  const sym = memorySymbol(l.module, Op.memory_copy);
  const regs = argPlaces(x64CallConv, l.module.sigs[l.module.symbols[sym].sig]).reg;
  const pins = newPins(x64CallConv.clobber);
  pins.uses.push(target);
  pins.uses.push(useValue(l, v));
  pins.uses.push(l.isa.lowerConstant(l, 0, false, i64From(size)));
  for (let k = 0; k < 3; k++) pins.useRegs.push(regs[k]);
  l.code.hasCalls = true;
  const call = addMachInst(l, "call", []);
  call.sym = sym;
  call.pins = pins;
}

/** Gives a call its results: pinned ones, and loads of those in the stack. */
function placeResults(l: Lowering, places: AbiPlaces, pins: Pins): void {
  for (let k = 0; k < places.reg.length; k++) {
    if (places.reg[k] >= 0) {
      pins.defs.push(resultVreg(l, k));
      pins.defRegs.push(places.reg[k]);
    } else if (l.vregOf[l.func.insts[l.root].result + k] >= 0) {
      loadFromStack(l, resultVreg(l, k), MemKind.outgoing, places.offset[k]);
    }
  }
}

/** A call by symbol or address. */
export function lowerX64Call(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const direct = inst.op === Op.call;
  const sig = l.module.sigs[direct ? l.module.symbols[inst.sym].sig : inst.sym];
  const pins = newPins(x64CallConv.clobber);
  placeArguments(l, argPlaces(x64CallConv, sig), sig.places, inst.args, direct ? 0 : 1, MemKind.outgoing, pins);
  if (direct) pinVectorCount(l, inst.sym, sig, pins);
  const results = resultPlaces(x64CallConv, sig);
  l.code.outgoing = maxI32(l.code.outgoing, results.size);
  l.code.hasCalls = true;
  const call = direct ? addMachInst(l, "call", []) : addMachInst(l, "call.through", [useValue(l, inst.args[0])]);
  call.sym = direct ? inst.sym : -1;
  call.pins = pins;
  placeResults(l, results, pins);
}

/** A C variadic function is told in al how many vector registers hold arguments. */
function pinVectorCount(l: Lowering, sym: number, sig: Sig, pins: Pins): void {
  if (l.module.symbols[sym].variadic < 0) return;
  pins.uses.push(l.isa.lowerConstant(l, 0, true, i64From(floatArgCount(x64CallConv, sig))));
  pins.useRegs.push(RAX);
}

/** A call that takes this function's place: its stack arguments lie over this function's own. */
export function lowerX64TailCall(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  const direct = inst.op === Op.return_call;
  const sig = l.module.sigs[direct ? l.module.symbols[inst.sym].sig : inst.sym];
  const places = argPlaces(x64CallConv, sig);
  const own = l.module.sigs[l.func.sig];
  for (const place of sig.places) if (place > CPlace.joined) bug("tail call with a struct on the stack");
  if (places.size > argPlaces(x64CallConv, own).size || resultPlaces(x64CallConv, sig).size > resultPlaces(x64CallConv, own).size) {
    bug("tail call with more stack arguments than the caller has");
  }
  const pins = newPins(-1);
  placeArguments(l, places, [], inst.args, direct ? 0 : 1, MemKind.incoming, pins);
  if (direct) {
    pinVectorCount(l, inst.sym, sig, pins);
  } else {
    pins.uses.push(useValue(l, inst.args[0]));
    pins.useRegs.push(R10);
  }
  const call = addMachInst(l, direct ? "tail" : "tail.through", []);
  call.sym = direct ? inst.sym : -1;
  call.pins = pins;
}

/** A return: results to their places. */
export function lowerX64Return(l: Lowering, i: number): void {
  const pins = newPins(-1);
  placeArguments(l, resultPlaces(x64CallConv, l.module.sigs[l.func.sig]), [], l.func.insts[i].args, 0, MemKind.incoming, pins);
  addMachInst(l, "return", []).pins = pins;
}

/** The entry: parameters that somebody wants, from registers first, then from the stack. */
export function lowerX64Params(l: Lowering): void {
  const sig = l.module.sigs[l.func.sig];
  const places = argPlaces(x64CallConv, sig);
  const params = l.func.blocks[0].params;
  const pins = newPins(-1);
  addMachInst(l, "args", []).pins = pins;
  for (let k = 0; k < params.length; k++) {
    const reg = l.vregOf[params[k]];
    if (reg < 0) continue;
    if (k < sig.places.length && sig.places[k] > CPlace.joined) {
      setAddress(addMachInst(l, "lea.q", [reg]), plainAddress(MemKind.incoming, -1, places.offset[k]));
    } else if (places.reg[k] < 0) {
      loadFromStack(l, reg, MemKind.incoming, places.offset[k]);
    } else {
      pins.defs.push(reg);
      pins.defRegs.push(places.reg[k]);
    }
  }
  l.code.incoming = resultPlaces(x64CallConv, sig).size;
}

/** memory_copy and memory_fill: by moves when they are small, else by the C library. */
export function lowerX64Memory(l: Lowering, i: number): void {
  const inst = l.func.insts[i];
  if (lowerX64SmallMemory(l, i)) return;
  const sym = memorySymbol(l.module, inst.op);
  const sig = l.module.sigs[l.module.symbols[sym].sig];
  const pins = newPins(x64CallConv.clobber);
  placeArguments(l, argPlaces(x64CallConv, sig), [], inst.args, 0, MemKind.outgoing, pins);
  l.code.hasCalls = true;
  const call = addMachInst(l, "call", []);
  call.sym = sym;
  call.pins = pins;
}

/** The symbol of C's memmove or memset; added when the module has none. What the module itself calls so may be another function. */
function memorySymbol(m: SsaModule, op: number): number {
  const outer = op === Op.memory_copy ? "memmove" : "memset";
  const sig = internSig(m, [Type.i64, op === Op.memory_copy ? Type.i64 : Type.i32, Type.i64], [Type.i64]);
  let name = outer;
  let count = 1;
  while (findSymbol(m, name) >= 0) {
    if (isOuterFunc(m, findSymbol(m, name), outer, sig)) return findSymbol(m, name);
    count += 1;
    name = outer + "#" + count;
  }
  const sym = addSymbol(m, name, SymKind.func);
  m.symbols[sym].outerName = outer;
  m.symbols[sym].sig = sig;
  return sym;
}

/** Whether a symbol is the function that the outside knows by a name. */
function isOuterFunc(m: SsaModule, sym: number, outer: string, sig: number): boolean {
  const s = m.symbols[sym];
  return s.kind === SymKind.func && s.sig === sig && s.variadic < 0 && (!s.defined || s.global) && outerName(m, sym) === outer;
}
