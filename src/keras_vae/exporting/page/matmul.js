// Products of matrices.

import { broadcast, repeated, lines, tensor } from "./tensor.js";

// c += a b, for a of `rows` by `inner` and b of `inner` by `columns`, two rows of a and four of b at a time: so each
// number that is fetched is used more than once. What counts for nothing, as after a ReLU, is left out.
export function multiply(a, [aAt, aRow, aColumn], b, bAt, c, cAt, rows, inner, columns) {
  let row = 0;
  for (; row + 1 < rows; row += 2) {
    const into = cAt + row * columns;
    const under = into + columns;
    const first = aAt + row * aRow;
    const second = first + aRow;
    let k = 0;
    for (; k + 3 < inner; k += 4) {
      const [k1, k2, k3] = [aColumn, 2 * aColumn, 3 * aColumn];
      const [p, q] = [first + k * aColumn, second + k * aColumn];
      const p0 = a[p];
      const p1 = a[p + k1];
      const p2 = a[p + k2];
      const p3 = a[p + k3];
      const q0 = a[q];
      const q1 = a[q + k1];
      const q2 = a[q + k2];
      const q3 = a[q + k3];
      const b0 = bAt + k * columns;
      const b1 = b0 + columns;
      const b2 = b1 + columns;
      const b3 = b2 + columns;
      for (let j = 0; j < columns; j += 1) {
        const v0 = b[b0 + j];
        const v1 = b[b1 + j];
        const v2 = b[b2 + j];
        const v3 = b[b3 + j];
        c[into + j] += p0 * v0 + p1 * v1 + p2 * v2 + p3 * v3;
        c[under + j] += q0 * v0 + q1 * v1 + q2 * v2 + q3 * v3;
      }
    }
    for (; k < inner; k += 1) {
      const p0 = a[first + k * aColumn];
      const q0 = a[second + k * aColumn];
      const b0 = bAt + k * columns;
      for (let j = 0; j < columns; j += 1) {
        c[into + j] += p0 * b[b0 + j];
        c[under + j] += q0 * b[b0 + j];
      }
    }
  }
  for (; row < rows; row += 1) {
    const into = cAt + row * columns;
    for (let k = 0; k < inner; k += 1) {
      const p0 = a[aAt + row * aRow + k * aColumn];
      if (p0 === 0) continue;
      const b0 = bAt + k * columns;
      for (let j = 0; j < columns; j += 1) c[into + j] += p0 * b[b0 + j];
    }
  }
}

export function matmul([a, b]) {
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
  const right = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
  const [rows, inner] = left.slice(-2);
  const columns = right.at(-1);
  const stack = broadcast(left.slice(0, -2), right.slice(0, -2));
  const shape = [...stack, ...(a.dims.length === 1 ? [] : [rows]), ...(b.dims.length === 1 ? [] : [columns])];
  const c = tensor("float32", shape);
  const both = [left, right].map((dims) => repeated(dims.slice(0, -2), stack));
  lines(stack, both, (count, at, [aFrom, bFrom], [aStep, bStep]) => {
    for (let i = 0; i < count; i += 1) {
      multiply(a.data, [(aFrom + i * aStep) * rows * inner, inner, 1], b.data, (bFrom + i * bStep) * inner * columns,
        c.data, (at + i) * rows * columns, rows, inner, columns);
    }
  });
  return c;
}

// α a b + β c, with a and b turned over where that is asked for.
export function gemm([a, b, c], { alpha = 1, beta = 1, transA = 0, transB = 0 }) {
  const [rows, inner] = transA ? [a.dims[1], a.dims[0]] : a.dims;
  const columns = transB ? b.dims[0] : b.dims[1];
  const right = transB ? turned(b) : b.data;
  const found = tensor("float32", [rows, columns]);
  multiply(a.data, transA ? [0, 1, rows] : [0, inner, 1], right, 0, found.data, 0, rows, inner, columns);
  if (!c && alpha === 1) return found;
  const added = c ? repeated(c.dims, [rows, columns]) : [0, 0];
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const at = i * columns + j;
      found.data[at] = alpha * found.data[at] + (c ? beta * c.data[i * added[0] + j * added[1]] : 0);
    }
  }
  return found;
}

const over = new WeakMap();

// Weights are turned over once.
function turned(b) {
  if (!over.has(b.data)) {
    const [rows, columns] = b.dims;
    const found = new Float64Array(b.data.length);
    for (let i = 0; i < rows; i += 1) for (let j = 0; j < columns; j += 1) found[j * rows + i] = b.data[i * columns + j];
    over.set(b.data, found);
  }
  return over.get(b.data);
}
