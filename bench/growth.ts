// Programs of any size, to see how compile times grow with it: wide ones of many functions, tall ones of one long function.
// In -> out: a number of functions or statements, to the text of a program that compiles and runs.

/** A kind of program, and the two sizes that are compared. */
export interface Growth {
  name: string;
  what: string;
  small: number;
  large: number;
  text: (size: number) => string;
}

export const growths: Growth[] = [
  { name: "wide", what: "functions", small: 600, large: 6000, text: wideProgram },
  { name: "tall", what: "statements in one function", small: 5000, large: 50000, text: tallProgram },
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
