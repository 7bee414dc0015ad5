// What flows through a network: a type, sizes, and numbers row by row. Between operators numbers are not rounded
// to float32: to do so costs time, and makes nothing better.

const ARRAYS = { float32: Float64Array, int32: Int32Array, bool: Uint8Array };

export function tensor(type, dims, data) {
  return { type, dims, data: data ?? new ARRAYS[type](volume(dims)) };
}

export const typed = (type, values) => ARRAYS[type].from(values);

export function volume(dims) {
  return dims.reduce((product, size) => product * size, 1);
}

// How far apart in memory neighbours along each axis lie.
export function strides(dims) {
  const found = new Array(dims.length);
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis -= 1) {
    found[axis] = step;
    step *= dims[axis];
  }
  return found;
}

export const axisOf = (axis, rank) => (axis < 0 ? axis + rank : axis);

export const listOf = (each) => Array.from(each.data);

// The sizes that tensors have when each is repeated along the axes where it has one.
export function broadcast(...all) {
  const rank = Math.max(...all.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const dims of all) {
      const own = dims[axis - rank + dims.length] ?? 1;
      if (own !== 1) size = own;
    }
    return size;
  });
}

// Strides of a tensor as if it had those sizes: none where it is repeated.
export function repeated(own, dims) {
  const plain = strides(own);
  return dims.map((_, axis) => {
    const at = axis - dims.length + own.length;
    return at < 0 || own[at] === 1 ? 0 : plain[at];
  });
}

// Call `run(count, offset, from, steps)` for each line along the last axis: where it begins in the result,
// and where, and in which steps, in each tensor of the given strides.
export function lines(dims, all, run) {
  const rank = dims.length;
  if (rank === 0) {
    run(1, 0, all.map(() => 0), all.map(() => 0));
    return;
  }
  const count = dims[rank - 1];
  const steps = all.map((each) => each[rank - 1]);
  const total = volume(dims.slice(0, -1));
  const place = new Array(rank - 1).fill(0);
  const from = all.map(() => 0);
  for (let line = 0; line < total; line += 1) {
    run(count, line * count, from, steps);
    for (let axis = rank - 2; axis >= 0; axis -= 1) {
      place[axis] += 1;
      for (let i = 0; i < all.length; i += 1) from[i] += all[i][axis];
      if (place[axis] < dims[axis]) break;
      for (let i = 0; i < all.length; i += 1) from[i] -= all[i][axis] * dims[axis];
      place[axis] = 0;
    }
  }
}

// The numbers that lie in those steps from an offset on, one after another.
export function gathered(from, dims, steps, offset = 0) {
  const into = tensor(from.type, dims);
  lines(dims, [steps], (count, at, [start], [step]) => {
    let place = offset + start;
    for (let i = 0; i < count; i += 1, place += step) into.data[at + i] = from.data[place];
  });
  return into;
}
