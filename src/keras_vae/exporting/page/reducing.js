// Operators that make one number of many along axes.

import { axisOf, lines, listOf, strides, tensor, volume } from "./tensor.js";

// The numbers along some axes, of each place in the others, handed to `call` as one array.
function reduced(x, axes, keeps, type, call) {
  const rank = x.dims.length;
  const gone = new Set(axes.map((axis) => axisOf(axis, rank)));
  const plain = strides(x.dims);
  const inside = [...gone].sort((a, b) => a - b);
  const outside = x.dims.map((_, axis) => axis).filter((axis) => !gone.has(axis));
  const sizes = (all) => all.map((axis) => x.dims[axis]);
  const steps = (all) => all.map((axis) => plain[axis]);
  const offsets = [];
  lines(sizes(inside), [steps(inside)], (count, _, [from], [step]) => {
    for (let i = 0; i < count; i += 1) offsets.push(from + i * step);
  });
  const dims = x.dims.map((size, axis) => (gone.has(axis) ? 1 : size)).filter((_, axis) => keeps || !gone.has(axis));
  const y = tensor(type, dims);
  const values = new Float64Array(offsets.length);
  lines(sizes(outside), [steps(outside)], (count, at, [from], [step]) => {
    for (let i = 0; i < count; i += 1) {
      for (let j = 0; j < values.length; j += 1) values[j] = x.data[from + i * step + offsets[j]];
      y.data[at + i] = call(values);
    }
  });
  return y;
}

// The axes are an input in newer operator sets and an attribute in older ones; all, if there are none.
function reduction(call) {
  return ([x, given], { axes, keepdims = 1, noop_with_empty_axes: isNothing = 0 }) => {
    const wanted = given ? listOf(given) : axes ?? [];
    if (!wanted.length && isNothing) return x;
    return reduced(x, wanted.length ? wanted : x.dims.map((_, axis) => axis), Boolean(keepdims), x.type, call);
  };
}

const sum = (values) => values.reduce((a, b) => a + b, 0);
const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);

function logSumExp(values) {
  const top = most(values);
  if (!Number.isFinite(top)) return top;
  return top + Math.log(values.reduce((total, each) => total + Math.exp(each - top), 0));
}

// Along one axis: `call` gets a line, and writes as many numbers into another.
function along(axis, x, call) {
  const own = axisOf(axis, x.dims.length);
  const step = strides(x.dims)[own];
  const size = x.dims[own];
  const y = tensor(x.type, x.dims);
  const [values, found] = [new Float64Array(size), new Float64Array(size)];
  for (let line = 0; line < volume(x.dims) / size; line += 1) {
    const from = Math.floor(line / step) * step * size + (line % step);
    for (let i = 0; i < size; i += 1) values[i] = x.data[from + i * step];
    call(values, found);
    for (let i = 0; i < size; i += 1) y.data[from + i * step] = found[i];
  }
  return y;
}

function logSoftmax(values, into) {
  const total = logSumExp(values);
  for (let i = 0; i < values.length; i += 1) into[i] = values[i] - total;
}

function softmax(values, into) {
  logSoftmax(values, into);
  for (let i = 0; i < values.length; i += 1) into[i] = Math.exp(into[i]);
}

function extreme(isBetter) {
  return ([x], { axis = 0, keepdims = 1, select_last_index: takesLast = 0 }) =>
    reduced(x, [axis], Boolean(keepdims), "int32", (values) => {
      let best = 0;
      for (let i = 1; i < values.length; i += 1) {
        if (isBetter(values[i], values[best]) || (takesLast && values[i] === values[best])) best = i;
      }
      return best;
    });
}

// The largest, or smallest, of each line and where they are; of equals, the first.
function top([x, count], { axis = -1, largest = 1 }) {
  const own = axisOf(axis, x.dims.length);
  const step = strides(x.dims)[own];
  const [size, wanted] = [x.dims[own], count.data[0]];
  const [values, places] = ["float32", "int32"].map((type) => tensor(type, x.dims.with(own, wanted)));
  const sign = largest ? -1 : 1;
  for (let line = 0; line < x.data.length / size; line += 1) {
    const [block, at] = [Math.floor(line / step), line % step];
    const number = (i) => x.data[(block * size + i) * step + at];
    const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => sign * (number(a) - number(b)) || a - b);
    for (let i = 0; i < wanted; i += 1) {
      values.data[(block * wanted + i) * step + at] = number(order[i]);
      places.data[(block * wanted + i) * step + at] = order[i];
    }
  }
  return [values, places];
}

function cumulated([x, axis], { exclusive = 0, reverse = 0 }) {
  return along(axis.data[0], x, (values, into) => {
    let total = 0;
    for (let step = 0; step < values.length; step += 1) {
      const i = reverse ? values.length - 1 - step : step;
      into[i] = exclusive ? total : total + values[i];
      total += values[i];
    }
  });
}

export const REDUCING = {
  ArgMax: extreme((a, b) => a > b),
  ArgMin: extreme((a, b) => a < b),
  CumSum: cumulated,
  LogSoftmax: ([x], { axis = -1 }) => along(axis, x, logSoftmax),
  ReduceL2: reduction((values) => Math.sqrt(values.reduce((total, each) => total + each * each, 0))),
  ReduceLogSumExp: reduction(logSumExp),
  ReduceMax: reduction(most),
  ReduceMean: reduction((values) => sum(values) / values.length),
  ReduceMin: reduction(least),
  ReduceProd: reduction((values) => values.reduce((a, b) => a * b, 1)),
  ReduceSum: reduction(sum),
  ReduceSumSquare: reduction((values) => values.reduce((total, each) => total + each * each, 0)),
  Softmax: ([x], { axis = -1 }) => along(axis, x, softmax),
  TopK: top,
};
