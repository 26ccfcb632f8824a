// Decimal text to floats: against the host's own conversion for f64, and known hard cases for both widths.

import { expect, test } from "vitest";
import { f32FromText, f64FromText } from "../../stage0/base/float.ts";

const view = new DataView(new ArrayBuffer(8));

function hostBits(text: string): bigint {
  view.setFloat64(0, Number(text));
  return view.getBigInt64(0);
}

test("f64 agrees with the host", () => {
  const hard = ["0.0", "1.0", "3.14", "1e-5", "0.1", "1e22", "1e23", "9007199254740993.0", "2.2250738585072011e-308", "2.2250738585072014e-308",
    "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "1e400", "1.7976931348623157e308",
    "1.7976931348623158e308", "1.7976931348623159e308", "5e-324", "123456789012345678901234567890.0", "0.000000000000000000000000000001",
    `0.${"0".repeat(300)}123`, `1${"0".repeat(300)}.5`, `1.${"0".repeat(900)}1`, "6.0221e23", "1e0", "100e-2",
    "9007199254740992.99999999999999999999", `9007199254740993.${"0".repeat(900)}1`];
  for (const t of hard) expect(f64FromText(t), t).toBe(hostBits(t));
  let seed = 12345;
  for (let i = 0; i < 2000; i++) {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    const t = `${seed}.${(seed * 7) & 0xffffff}e${(seed % 640) - 330}`;
    expect(f64FromText(t), t).toBe(hostBits(t));
  }
});

test("f32 is rounded once", () => {
  expect(f32FromText("0.1")).toBe(0x3dcccccdn);
  expect(f32FromText("1.0")).toBe(0x3f800000n);
  expect(f32FromText("1.000000059604644775390625")).toBe(0x3f800000n);
  expect(f32FromText("1.00000005960464477539062500000000000000001")).toBe(0x3f800001n);
  expect(f32FromText("1e-45")).toBe(1n);
  expect(f32FromText("3.5e38")).toBe(0x7f800000n);
});
