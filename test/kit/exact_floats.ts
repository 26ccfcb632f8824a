// Floats and decimal text by whole numbers of any size and by V8: the answers that tests of float text compare with.

const view = new DataView(new ArrayBuffer(8));

export function f64OfBits(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

export function bitsOfF64(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

export function f32OfBits(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

export function bitsOfF32(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

/** A finite float as mantissa * 2^exponent. */
function partsOf(value: number): { mantissa: bigint; exponent: number } {
  const bits = bitsOfF64(value) & 0x7fffffffffffffffn;
  const field = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return field === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | (1n << 52n), exponent: field - 1075 };
}

/** mantissa * 2^exponent in full, as digits with a point where one is needed. */
export function exactText(mantissa: bigint, exponent: number): string {
  if (exponent >= 0) return `${mantissa << BigInt(exponent)}`;
  const digits = `${mantissa * 5n ** BigInt(-exponent)}`.padStart(-exponent + 1, "0");
  return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

/** The number half way between a finite float of at least 0 and the next; unit is the exponent of its last place (f64: -1). */
export function halfwayText(value: number, single: boolean): string {
  const p = partsOf(value);
  if (!single) return exactText(p.mantissa * 2n + 1n, p.exponent - 1);
  const next = f32OfBits(bitsOfF32(value) + 1);
  const wide = 1n << 160n;
  const sum = scaled(value, wide) + (next === Number.POSITIVE_INFINITY ? wide << 128n : scaled(next, wide));
  return exactText(sum, -161);
}

/** value * 2^160; exact for every f32. */
function scaled(value: number, wide: bigint): bigint {
  const p = partsOf(value);
  return p.exponent >= 0 ? (p.mantissa * wide) << BigInt(p.exponent) : (p.mantissa * wide) >> BigInt(-p.exponent);
}

/** A decimal text as top / bottom. */
function fractionOf(text: string): { top: bigint; bottom: bigint } {
  const m = /^(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text);
  if (m === null) throw new Error(`not a number: ${text}`);
  const exponent = Number(m[3] ?? "0") - m[2].length;
  const digits = BigInt(m[1] + m[2]);
  return exponent >= 0 ? { top: digits * 10n ** BigInt(exponent), bottom: 1n } : { top: digits, bottom: 10n ** BigInt(-exponent) };
}

/** -1, 0 or 1: how a text compares with a finite value. */
function compareText(text: string, value: number): number {
  const f = fractionOf(text);
  const p = partsOf(value);
  const left = p.exponent < 0 ? f.top << BigInt(-p.exponent) : f.top;
  const right = f.bottom * (p.exponent > 0 ? p.mantissa << BigInt(p.exponent) : p.mantissa);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The bits of the f32 nearest to a text: rounding V8's f64 once more goes wrong only where that is half way. */
export function nearestF32(text: string): number {
  const wide = Number(text);
  const once = Math.fround(wide);
  if (once === wide || !Number.isFinite(wide)) return bitsOfF32(once);
  const below = once > wide ? bitsOfF32(once) - 1 : bitsOfF32(once);
  const upper = f32OfBits(below + 1);
  const middle = (f32OfBits(below) + (upper === Number.POSITIVE_INFINITY ? 2 ** 128 : upper)) / 2;
  if (wide !== middle) return bitsOfF32(once);
  const order = compareText(text, middle);
  if (order === 0) return bitsOfF32(once);
  return order < 0 ? below : below + 1;
}

/** Digits and decimal exponent as Cot lays them out: plain from 1e-6 up to 1e21. */
function layOut(sign: string, digits: string, point: number): string {
  if (point > 21 || point < -5) return `${sign}${digits[0]}${digits.length > 1 ? "." : ""}${digits.slice(1)}e${point - 1}`;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const whole = digits.slice(0, point).padEnd(point, "0");
  return `${sign}${whole}.${digits.length > point ? digits.slice(point) : "0"}`;
}

/** A finite f64 with so many decimals, rounded to the nearest, halves to even. */
export function fixedText(value: number, decimals: number): string {
  const p = partsOf(value);
  const bottom = p.exponent < 0 ? 1n << BigInt(-p.exponent) : 1n;
  const top = p.mantissa * 10n ** BigInt(decimals) * (p.exponent > 0 ? 1n << BigInt(p.exponent) : 1n);
  let units = top / bottom;
  const twice = (top % bottom) * 2n;
  if (twice > bottom || (twice === bottom && (units & 1n) === 1n)) units += 1n;
  const digits = `${units}`.padStart(decimals + 1, "0");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return sign + (decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`);
}

function special(value: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return value === 0 ? `${sign}0.0` : Number.isFinite(value) ? "" : `${sign}inf`;
}

/** The text of an f64: V8's shortest digits. */
export function textOfF64(value: number): string {
  if (special(value) !== "") return special(value);
  const m = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential())!;
  return layOut(m[1], m[2] + (m[3] ?? ""), Number(m[4]) + 1);
}

/** The text of an f32: of the fewest digits that read back, those nearest to it. */
export function textOfF32(value: number): string {
  if (special(value) !== "") return special(value);
  const size = Math.abs(value);
  const want = bitsOfF32(size);
  for (let count = 1; ; count++) {
    const m = /^(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(size.toExponential(count - 1))!;
    let digits = BigInt(m[1] + (m[2] ?? ""));
    const exponent = Number(m[3]) - count + 1;
    // V8 rounds halves up here; of two that are as near the even one is meant.
    if ((digits & 1n) === 1n && compareText(`${digits * 10n - 5n}e${exponent - 1}`, size) === 0) digits -= 1n;
    // The digits nearest to the value come first; next to a power of two only those further off may read back.
    for (const d of [digits, digits + 1n, digits - 1n]) {
      const text = `${d}e${exponent}`;
      if (nearestF32(text) === want) return layOut(value < 0 ? "-" : "", `${d}`.replace(/0+$/, ""), `${d}`.length + exponent);
    }
  }
}
