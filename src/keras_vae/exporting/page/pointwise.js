// Operators that take numbers one by one.

import { broadcast, lines, repeated, tensor, volume } from "./tensor.js";

function unary(call, type) {
  return ([x]) => {
    const y = tensor(type ?? x.type, x.dims);
    for (let i = 0; i < y.data.length; i += 1) y.data[i] = call(x.data[i]);
    return y;
  };
}

function pair(call, type) {
  return ([a, b], attributes) => {
    const dims = broadcast(a.dims, b.dims);
    const y = tensor(type ?? a.type, dims);
    const [from, and, into] = [a.data, b.data, y.data];
    const apply = attributes.fmod ? (p, q) => p % q : call;
    if (from.length === into.length && and.length <= 1) {
      for (let i = 0; i < into.length; i += 1) into[i] = apply(from[i], and[0]);
    } else if (from.length === into.length && and.length === into.length) {
      for (let i = 0; i < into.length; i += 1) into[i] = apply(from[i], and[i]);
    } else {
      lines(dims, [repeated(a.dims, dims), repeated(b.dims, dims)], (count, at, [p, q], [left, right]) => {
        for (let i = 0; i < count; i += 1) into[at + i] = apply(from[p + i * left], and[q + i * right]);
      });
    }
    return y;
  };
}

// One after another, for those that take any number of tensors.
const several = (call) => (all, attributes) => all.reduce((a, b) => pair(call)([a, b], attributes));

// Of an int32 too, the quotient is whole.
const quotient = pair((a, b) => a / b);

function clip([x, low, high]) {
  const [least, most] = [low?.data[0] ?? -Infinity, high?.data[0] ?? Infinity];
  const y = tensor(x.type, x.dims);
  for (let i = 0; i < y.data.length; i += 1) y.data[i] = Math.min(most, Math.max(least, x.data[i]));
  return y;
}

function where([choice, a, b]) {
  const dims = broadcast(choice.dims, a.dims, b.dims);
  const y = tensor(a.type, dims);
  const all = [choice, a, b].map((each) => repeated(each.dims, dims));
  lines(dims, all, (count, at, [p, q, r], [chosen, left, right]) => {
    for (let i = 0; i < count; i += 1) y.data[at + i] = choice.data[p + i * chosen] ? a.data[q + i * left] : b.data[r + i * right];
  });
  return y;
}

function cast([x], { to }) {
  const call = { float32: Number, int32: Math.trunc, bool: (each) => (each ? 1 : 0) }[to];
  const y = tensor(to, x.dims);
  for (let i = 0; i < volume(x.dims); i += 1) y.data[i] = call(x.data[i]);
  return y;
}

// To twelve digits: a power series near 0, a continued fraction from the far end elsewhere.
function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n -= 1) fraction = (n / 2) / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (size + fraction)));
}

// Halves go to the even neighbour.
export function nearestEven(x) {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

export const POINTWISE = {
  Abs: unary(Math.abs),
  Add: pair((a, b) => a + b),
  And: pair((a, b) => a && b, "bool"),
  Atanh: unary(Math.atanh),
  Cast: cast,
  Ceil: unary(Math.ceil),
  Clip: clip,
  Div: quotient,
  Elu: ([x], { alpha = 1 }) => unary((each) => (each < 0 ? alpha * Math.expm1(each) : each))([x]),
  Equal: pair((a, b) => Number(a === b), "bool"),
  Erf: unary(erf),
  Exp: unary(Math.exp),
  Floor: unary(Math.floor),
  Greater: pair((a, b) => Number(a > b), "bool"),
  GreaterOrEqual: pair((a, b) => Number(a >= b), "bool"),
  Identity: ([x]) => x,
  IsInf: unary((each) => Number(each === Infinity || each === -Infinity), "bool"),
  IsNaN: unary((each) => Number(Number.isNaN(each)), "bool"),
  LeakyRelu: ([x], { alpha = 0.01 }) => unary((each) => (each < 0 ? alpha * each : each))([x]),
  Less: pair((a, b) => Number(a < b), "bool"),
  LessOrEqual: pair((a, b) => Number(a <= b), "bool"),
  Log: unary(Math.log),
  Max: several(Math.max),
  Min: several(Math.min),
  Mod: pair((a, b) => a - b * Math.floor(a / b)),
  Mul: pair((a, b) => a * b),
  Neg: unary((each) => -each),
  Not: unary((each) => Number(!each)),
  Or: pair((a, b) => Number(a || b), "bool"),
  Pow: pair((a, b) => a ** b),
  Reciprocal: unary((each) => 1 / each),
  Relu: unary((each) => (each < 0 ? 0 : each)),
  Round: unary(nearestEven),
  Sigmoid: unary((each) => 1 / (1 + Math.exp(-each))),
  Sign: unary(Math.sign),
  Softplus: unary(softplus),
  Sqrt: unary(Math.sqrt),
  Sub: pair((a, b) => a - b),
  Sum: several((a, b) => a + b),
  Tanh: unary(Math.tanh),
  Where: where,
  Xor: pair((a, b) => Number(Boolean(a) !== Boolean(b)), "bool"),
};
