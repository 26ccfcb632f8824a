// Programs of any size, to see how compile times grow with it: wide ones of many functions, tall ones of one long function, and
// those where every pair of things could be looked at: exits and what they clean up, errors and sets, fields and copies, variants and arms.
// In -> out: a number of functions, statements and so on, to the text of a program that compiles and runs.

/** A kind of program, and the two sizes that are compared. */
export interface Growth {
  name: string;
  what: string;
  small: number;
  large: number;
  /** How many times longer the large one may take. */
  limit: number;
  text: (size: number) => string;
}

export const growths: Growth[] = [
  { name: "wide", what: "functions", small: 600, large: 6000, limit: 12, text: wideProgram },
  { name: "tall", what: "statements in one function", small: 5000, large: 50000, limit: 12, text: tallProgram },
  { name: "errors", what: "errors that a function returns", small: 2000, large: 20000, limit: 15, text: errorsProgram },
  { name: "tries", what: "`try` with objects alive", small: 2000, large: 20000, limit: 15, text: triesProgram },
  { name: "defers", what: "`defer` with `try`", small: 2000, large: 20000, limit: 15, text: defersProgram },
  { name: "fields", what: "strings in a struct that is copied", small: 2000, large: 20000, limit: 15, text: fieldsProgram },
  { name: "variants", what: "variants of a union with a `switch`", small: 2000, large: 20000, limit: 15, text: variantsProgram },
];

function wideProgram(size: number): string {
  let text = 'import "std/list"\n\nstruct Point { x: i64, y: i64, name: string }\n\n';
  for (let i = 0; i < size; i++) {
    const call = i === 0 ? "0" : `step${i - 1}(points, 1)`;
    text += `fn step${i}(points: *List(Point), start: i64) i64 {\n    var sum: i64 = start\n    for p in points.* {\n`;
    text += `        if p.x > ${i} { sum += p.y * ${i % 7} } else { sum -= p.x }\n    }\n`;
    text += `    if sum % 3 == 0 { points.append(Point { .x = sum, .y = ${i}, .name = "n\${sum}" }) }\n    return sum + ${call}\n}\n\n`;
  }
  return `${text}fn main() {\n    var points = List(Point) {}\n    println(step${size - 1}(&points, 3))\n}\n`;
}

const statements = ["x = x * 3 + y", "y = y ^ (x >> 7)", "if x > y { x -= y }", "x = helper(x, y)", "y += x & 255"];

function tallProgram(size: number): string {
  let text = "fn work(a: i64, b: i64) i64 {\n    var x = a\n    var y = b\n";
  for (let i = 0; i < size; i++) text += `    ${statements[i % statements.length]}\n`;
  text += "    return x + y\n}\n\nfn helper(a: i64, b: i64) i64 {\n    var sum = a\n    for i in 0..b & 3 { sum += i * a }\n    return sum\n}\n\n";
  return `${text}fn main() { println(work(1, 2)) }\n`;
}

/** A function with an inferred set of errors that ends with each of them. */
function errorsProgram(size: number): string {
  let text = "fn pick(x: i64) !i64 {\n";
  for (let i = 0; i < size; i++) text += `    if x == ${i * 3} { return error.E${i} }\n`;
  return `${text}    return x\n}\n\nfn main() { println(pick(${size * 3 + 1}) catch -1) }\n`;
}

const step = "fn step(x: i64) !i64 {\n    if x < 0 { return error.Negative }\n    return x + 1\n}\n\n";

/** Objects that stay alive, and a try behind each. */
function triesProgram(size: number): string {
  let text = `struct Box { value: i64 }\n\n${step}fn work(start: i64) !i64 {\n    var x = start\n`;
  for (let i = 0; i < size; i++) text += `    var b${i} = new Box { .value = x }\n    x = try step(b${i}.value)\n`;
  return `${text}    return x\n}\n\nfn main() { println(work(1) catch -1) }\n`;
}

/** Deferred statements, and a try behind each. */
function defersProgram(size: number): string {
  let text = `var total = 0\n\nfn note(x: i64) { total = total * 3 + x }\n\n${step}fn work(start: i64) !i64 {\n    var x = start\n`;
  for (let i = 0; i < size; i++) text += `    defer note(${i})\n    x = try step(x)\n`;
  return `${text}    return x\n}\n\nfn main() {\n    println(work(1) catch -1)\n    println(total)\n}\n`;
}

/** A struct of strings that is copied, as a whole and into others. */
function fieldsProgram(size: number): string {
  let text = "struct Record {\n";
  for (let i = 0; i < size; i++) text += `    f${i}: string,\n`;
  text += "}\n\nstruct Two { left: Record, right: Record }\n\nfn copied(r: *Record) Record {\n    var c = r.*\n    c.f0 = \"copy of \" + c.f0\n    return c\n}\n\n";
  text += "fn main() {\n    var r: Record\n";
  for (let i = 0; i < size; i++) text += `    r.f${i} = "n\${${i} + r.f0.len}"\n`;
  return `${text}    var two = Two { .left = copied(&r), .right = r }\n    const again = two\n    println(again.left.f0, again.right.f${size - 1})\n}\n`;
}

const payloads = ["i64", "string", "f64", "*Node", "[2]i64"];
const parts = ["v", "v.len", "@intFromFloat(i64, v)", "v.value", "v[1]"];

/** A union with a switch over all its variants. */
function variantsProgram(size: number): string {
  let text = "struct Node { value: i64 }\n\nunion Value {\n";
  for (let i = 0; i < size; i++) text += `    V${i}: ${payloads[i % payloads.length]},\n`;
  text += "}\n\nfn weigh(u: Value) i64 {\n    return switch u {\n";
  for (let i = 0; i < size; i++) text += `        .V${i} |v| => ${parts[i % parts.length]} + ${i},\n`;
  return `${text}    }\n}\n\nfn main() {\n    const a = Value.V0(1)\n    var b = Value.V1("text")\n    b = a\n    println(weigh(a) + weigh(b))\n}\n`;
}
