// Operators that move numbers, and make none.

import { axisOf, broadcast, gathered, listOf, repeated, strides, tensor, typed, volume } from "./tensor.js";

const whole = (values) => tensor("int32", [values.length], Int32Array.from(values));
const viewed = (x, dims) => tensor(x.type, dims, x.data);

function reshape([x, shape], { allowzero = 0 }) {
  const dims = listOf(shape).map((size, axis) => (size === 0 && !allowzero ? x.dims[axis] : size));
  const open = dims.indexOf(-1);
  if (open >= 0) dims[open] = x.data.length / -volume(dims);
  return viewed(x, dims);
}

function transpose([x], { perm }) {
  const order = perm ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
  const plain = strides(x.dims);
  return gathered(x, order.map((axis) => x.dims[axis]), order.map((axis) => plain[axis]));
}

function squeeze([x, given], { axes }) {
  const gone = (given ? listOf(given) : axes)?.map((axis) => axisOf(axis, x.dims.length));
  return viewed(x, x.dims.filter((size, axis) => (gone ? !gone.includes(axis) : size !== 1)));
}

function unsqueeze([x, given], { axes }) {
  const wanted = given ? listOf(given) : axes;
  const rank = x.dims.length + wanted.length;
  const added = new Set(wanted.map((axis) => axisOf(axis, rank)));
  let next = 0;
  return viewed(x, Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : x.dims[next++])));
}

function concat(all, { axis }) {
  const own = axisOf(axis, all[0].dims.length);
  const dims = [...all[0].dims];
  dims[own] = all.reduce((total, each) => total + each.dims[own], 0);
  const y = tensor(all[0].type, dims);
  const blocks = volume(dims.slice(0, own));
  const widths = all.map((each) => volume(each.dims.slice(own)));
  let at = 0;
  for (let block = 0; block < blocks; block += 1) {
    all.forEach((each, i) => {
      y.data.set(each.data.subarray(block * widths[i], (block + 1) * widths[i]), at);
      at += widths[i];
    });
  }
  return y;
}

function slice([x, starts, ends, axes, steps]) {
  const plain = strides(x.dims);
  const [dims, own] = [[...x.dims], [...plain]];
  let offset = 0;
  listOf(starts).forEach((start, i) => {
    const axis = axisOf(axes ? axes.data[i] : i, x.dims.length);
    const size = x.dims[axis];
    const step = steps ? steps.data[i] : 1;
    const bound = (place) => Math.min(step > 0 ? size : size - 1, Math.max(step > 0 ? 0 : -1, place < 0 ? place + size : place));
    const first = Math.max(bound(start), 0);
    dims[axis] = Math.max(0, Math.ceil((bound(ends.data[i]) - first) / step));
    offset += first * plain[axis];
    own[axis] = plain[axis] * step;
  });
  return gathered(x, dims, own, offset);
}

function split([x, given], { axis = 0, split: listed, num_outputs: several }, count) {
  const own = axisOf(axis, x.dims.length);
  const size = x.dims[own];
  const part = Math.ceil(size / (several ?? count));
  const sizes = given ? listOf(given) : listed ?? Array.from({ length: count }, (_, i) => Math.min(part, size - i * part));
  const plain = strides(x.dims);
  let at = 0;
  return sizes.map((each) => {
    const found = gathered(x, x.dims.with(own, each), plain, at * plain[own]);
    at += each;
    return found;
  });
}

function gather([x, indices], { axis = 0 }) {
  const own = axisOf(axis, x.dims.length);
  const width = volume(x.dims.slice(own + 1));
  const size = x.dims[own];
  const y = tensor(x.type, [...x.dims.slice(0, own), ...indices.dims, ...x.dims.slice(own + 1)]);
  let at = 0;
  for (let block = 0; block < volume(x.dims.slice(0, own)); block += 1) {
    for (const index of indices.data) {
      const from = (block * size + axisOf(index, size)) * width;
      y.data.set(x.data.subarray(from, from + width), at);
      at += width;
    }
  }
  return y;
}

function gatherNd([x, indices], { batch_dims: shared = 0 }) {
  const depth = indices.dims.at(-1);
  const width = volume(x.dims.slice(shared + depth));
  const plain = strides(x.dims);
  const y = tensor(x.type, [...indices.dims.slice(0, -1), ...x.dims.slice(shared + depth)]);
  const each = volume(indices.dims.slice(shared, -1));
  for (let i = 0; i < volume(indices.dims.slice(0, -1)); i += 1) {
    let from = shared ? Math.floor(i / each) * plain[shared - 1] : 0;
    for (let j = 0; j < depth; j += 1) from += axisOf(indices.data[i * depth + j], x.dims[shared + j]) * plain[shared + j];
    y.data.set(x.data.subarray(from, from + width), i * width);
  }
  return y;
}

function oneHot([indices, depth, values], { axis = -1 }) {
  const size = depth.data[0];
  const own = axisOf(axis, indices.dims.length + 1);
  const dims = indices.dims.toSpliced(own, 0, size);
  const y = tensor(values.type, dims);
  y.data.fill(values.data[0]);
  const width = volume(dims.slice(own + 1));
  indices.data.forEach((index, i) => {
    const place = axisOf(index, size);
    if (place >= 0 && place < size) y.data[(Math.floor(i / width) * size + place) * width + (i % width)] = values.data[1];
  });
  return y;
}

function expand([x, shape]) {
  const dims = broadcast(x.dims, listOf(shape));
  return gathered(x, dims, repeated(x.dims, dims));
}

function tile([x, times]) {
  return listOf(times).reduce((found, count, axis) => (count === 1 ? found : concat(new Array(count).fill(found), { axis })), x);
}

function filled([shape], { value }) {
  const y = tensor(value?.type ?? "float32", listOf(shape));
  return value ? { ...y, data: y.data.fill(value.values[0]) } : y;
}

function range([start, limit, step]) {
  const [first, end, by] = [start, limit, step].map((each) => each.data[0]);
  const values = Array.from({ length: Math.max(0, Math.ceil((end - first) / by)) }, (_, i) => first + i * by);
  return tensor(start.type, [values.length], typed(start.type, values));
}

// Each axis on its own: what lies outside is a constant, or is taken from inside.
function pad([x, pads, value, axes], { mode = "constant" }) {
  const rank = x.dims.length;
  const chosen = axes ? listOf(axes).map((axis) => axisOf(axis, rank)) : x.dims.map((_, axis) => axis);
  return chosen.reduce((found, axis, i) => {
    const size = found.dims[axis];
    const [before, after] = [pads.data[i], pads.data[i + chosen.length]];
    const place = {
      constant: (at) => (at < 0 || at >= size ? -1 : at),
      edge: (at) => Math.min(size - 1, Math.max(0, at)),
      reflect: (at) => (at < 0 ? -at : at >= size ? 2 * size - 2 - at : at),
    }[mode];
    if (!before && !after) return found;
    return chosenAlong(found, axis, Array.from({ length: size + before + after }, (_, at) => place(at - before)), value?.data[0] ?? 0);
  }, x);
}

// Rows along an axis by their numbers; −1 is a row of one value.
function chosenAlong(x, axis, places, value = 0) {
  const width = volume(x.dims.slice(axis + 1));
  const size = x.dims[axis];
  const y = tensor(x.type, x.dims.with(axis, places.length));
  let at = 0;
  for (let block = 0; block < volume(x.dims.slice(0, axis)); block += 1) {
    for (const place of places) {
      if (place < 0) y.data.fill(value, at, at + width);
      else y.data.set(x.data.subarray((block * size + place) * width, (block * size + place + 1) * width), at);
      at += width;
    }
  }
  return y;
}

function depthToSpace([x], { blocksize: by, mode = "DCR" }) {
  const [batch, channels, height, width] = x.dims;
  const less = channels / (by * by);
  const [dims, perm] = mode === "CRD"
    ? [[batch, less, by, by, height, width], [0, 1, 4, 2, 5, 3]]
    : [[batch, by, by, less, height, width], [0, 3, 4, 1, 5, 2]];
  return viewed(transpose([viewed(x, dims)], { perm }), [batch, less, height * by, width * by]);
}

// Enlarging by the nearest, or by lines between neighbours, an axis at a time.
function resize([x, , scales, sizes], { mode = "nearest", coordinate_transformation_mode: way = "half_pixel", nearest_mode: side = "round_prefer_floor" }) {
  const rounded = { floor: Math.floor, ceil: Math.ceil, round_prefer_floor: (at) => Math.ceil(at - 0.5), round_prefer_ceil: (at) => Math.floor(at + 0.5) }[side];
  return x.dims.reduce((found, size, axis) => {
    const scale = scales?.data.length ? scales.data[axis] : sizes.data[axis] / size;
    const total = sizes?.data.length ? sizes.data[axis] : Math.floor(size * scale);
    if (total === size && scale === 1) return found;
    const bounded = (at) => Math.min(size - 1, Math.max(0, at));
    const places = Array.from({ length: total }, (_, i) => ({
      half_pixel: () => (i + 0.5) / scale - 0.5,
      pytorch_half_pixel: () => (total > 1 ? (i + 0.5) / scale - 0.5 : 0),
      asymmetric: () => i / scale,
      align_corners: () => (total > 1 ? (i * (size - 1)) / (total - 1) : 0),
    })[way]());
    if (mode === "nearest") return chosenAlong(found, axis, places.map((at) => bounded(rounded(at))));
    const [below, above] = [0, 1].map((step) => chosenAlong(found, axis, places.map((at) => bounded(Math.floor(bounded(at)) + step))));
    const width = volume(below.dims.slice(axis + 1));
    below.data.forEach((value, i) => {
      const at = bounded(places[Math.floor(i / width) % total]);
      below.data[i] = value + (at - Math.floor(at)) * (above.data[i] - value);
    });
    return below;
  }, x);
}

export const SHAPING = {
  Concat: concat,
  ConstantOfShape: filled,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Flatten: ([x], { axis = 1 }) => viewed(x, [volume(x.dims.slice(0, axis)), volume(x.dims.slice(axis))]),
  Gather: gather,
  GatherND: gatherNd,
  OneHot: oneHot,
  Pad: pad,
  Range: range,
  Reshape: reshape,
  Resize: resize,
  Shape: ([x]) => whole(x.dims),
  Size: ([x]) => tensor("int32", [], Int32Array.of(x.data.length)),
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
