// The text of an allocation: the program with each operand's place and the moves in between.
// In -> out: a function, its answer and the text of each instruction's name, to lines. What the next stage
// reads is all there: places, moves in order, the number of slots.

import { placeName, type RegEnv, type RegFunc, type RegMove, type RegResult } from "./function.ts";
import { isDefRole, roleName } from "./operand.ts";

/** The dump; names[i] is the name of instruction i. */
export function dumpAllocation(f: RegFunc, env: RegEnv, result: RegResult, names: string[]): string {
  let text = "slots " + result.slotCount + "\n";
  let move = 0;
  for (let b = 0; b < f.blocks.length; b++) {
    const block = f.blocks[b];
    text += "block" + b + vregList(block.params) + "  depth " + block.depth + "\n";
    for (let i = block.first; i < block.end; i++) {
      while (move < result.moves.length && result.moves[move].inst === i && result.moves[move].stage < 3) {
        text += moveText(env, result.moves[move]);
        move += 1;
      }
      text += "  " + i + "  " + names[i];
      for (let k = f.opStart[i]; k < f.opStart[i + 1]; k++) {
        text += (k > f.opStart[i] ? ", " : " ") + operandText(f, env, result, k);
      }
      text += "\n";
      while (move < result.moves.length && result.moves[move].inst === i) {
        text += moveText(env, result.moves[move]);
        move += 1;
      }
    }
    text += "  ->";
    for (const s of block.succs) text += " block" + s;
    text += vregList(block.args) + "\n";
  }
  return text;
}

function operandText(f: RegFunc, env: RegEnv, result: RegResult, k: number): string {
  const role = f.opRole[k];
  const sign = isDefRole(role) ? "=" : ":";
  return "v" + f.opVreg[k] + sign + placeName(env, result.place[k]) + " " + roleName(role);
}

const stageNames = ["start", "before", "end", "after"];

function moveText(env: RegEnv, m: RegMove): string {
  return "      " + stageNames[m.stage] + "  " + placeName(env, m.to) + " <- " + placeName(env, m.from) + "\n";
}

function vregList(list: number[]): string {
  if (list.length === 0) return "";
  let text = "(";
  for (let k = 0; k < list.length; k++) text += (k > 0 ? " v" : "v") + list[k];
  return text + ")";
}
