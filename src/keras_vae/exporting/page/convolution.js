// Convolutions of images, (batch, channels, height, width), as products of matrices.

import { multiply } from "./matmul.js";
import { tensor } from "./tensor.js";

// Call `each(from, line, first, last)` for every line of columns: where it begins among the columns; the place in the
// image of its number 0; and which of its numbers lie inside the image, where neighbours are `strides[1]` apart.
function overlaid(at, channels, [height, width], [rows, columns], kernel, each) {
  const { size: [tall, wide], strides: [down, across], dilations: [far, apart], pads: [top, left] } = kernel;
  let from = 0;
  for (let channel = 0; channel < channels; channel += 1) {
    for (let y = 0; y < tall; y += 1) {
      for (let x = 0; x < wide; x += 1) {
        const shift = x * apart - left;
        const first = Math.max(0, Math.ceil(-shift / across));
        const last = Math.min(columns - 1, Math.floor((width - 1 - shift) / across));
        for (let row = 0; row < rows; row += 1, from += columns) {
          const line = row * down - top + y * far;
          if (line >= 0 && line < height) each(from, at + (channel * height + line) * width + shift, first, last);
        }
      }
    }
  }
}

// From image to columns: for each place of the result what each weight of the kernel lies on.
function unfolded(x, at, channels, size, places, kernel) {
  const found = new Float64Array(channels * kernel.size[0] * kernel.size[1] * places[0] * places[1]);
  const across = kernel.strides[1];
  overlaid(at, channels, size, places, kernel, (from, line, first, last) => {
    for (let i = first; i <= last; i += 1) found[from + i] = x[line + i * across];
  });
  return found;
}

// The way back, where what meets is added up.
function folded(found, into, at, channels, size, places, kernel) {
  const across = kernel.strides[1];
  overlaid(at, channels, size, places, kernel, (from, line, first, last) => {
    for (let i = first; i <= last; i += 1) into[line + i * across] += found[from + i];
  });
}

function kernelOf(dims, { strides = [1, 1], dilations = [1, 1] }) {
  const size = dims.slice(2);
  return { size, strides, dilations, reach: size.map((each, i) => (each - 1) * dilations[i] + 1) };
}

// How much stands before and after, where "same" says that in place of numbers.
function shared(total, isUpper) {
  const less = Math.floor(total / 2);
  return isUpper ? [less, total - less] : [total - less, less];
}

function withBias(y, bias) {
  const [batch, channels, ...size] = y.dims;
  const area = size[0] * size[1];
  for (let i = 0; bias && i < batch * channels; i += 1) {
    const each = bias.data[i % channels];
    for (let j = i * area; j < (i + 1) * area; j += 1) y.data[j] += each;
  }
  return y;
}

export function convolution([x, weights, bias], attributes) {
  const { group = 1, auto_pad: auto = "NOTSET" } = attributes;
  const kernel = kernelOf(weights.dims, attributes);
  const [batch, channels, ...size] = x.dims;
  const pads = attributes.pads ?? [0, 0, 0, 0];
  const both = [0, 1].map((i) => {
    if (!auto.startsWith("SAME")) return [pads[i], pads[i + 2]];
    const results = Math.ceil(size[i] / kernel.strides[i]);
    return shared(Math.max(0, (results - 1) * kernel.strides[i] + kernel.reach[i] - size[i]), auto === "SAME_UPPER");
  });
  kernel.pads = both.map((each) => each[0]);
  const results = both.map(([before, after], i) => Math.floor((size[i] + before + after - kernel.reach[i]) / kernel.strides[i]) + 1);
  const [filters, own, tall, wide] = weights.dims;
  const each = filters / group;
  const area = results[0] * results[1];
  const inner = own * tall * wide;
  const y = tensor("float32", [batch, filters, ...results]);
  for (let i = 0; i < batch; i += 1) {
    for (let g = 0; g < group; g += 1) {
      const columns = unfolded(x.data, (i * channels + g * own) * size[0] * size[1], own, size, results, kernel);
      multiply(weights.data, [g * each * inner, inner, 1], columns, 0, y.data, (i * filters + g * each) * area, each, inner, area);
    }
  }
  return withBias(y, bias);
}

export function transposedConvolution([x, weights, bias], attributes) {
  const { group = 1, auto_pad: auto = "NOTSET", output_padding: more = [0, 0], output_shape: wanted } = attributes;
  const kernel = kernelOf(weights.dims, attributes);
  const [batch, channels, ...size] = x.dims;
  const pads = attributes.pads ?? [0, 0, 0, 0];
  const full = size.map((each, i) => (each - 1) * kernel.strides[i] + kernel.reach[i] + more[i]);
  const isSame = auto.startsWith("SAME");
  const results = full.map((each, i) => {
    if (wanted) return wanted.at(i - 2);
    return isSame ? size[i] * kernel.strides[i] : each - pads[i] - pads[i + 2];
  });
  kernel.pads = full.map((each, i) => (wanted || isSame ? shared(each - results[i], auto === "SAME_UPPER")[0] : pads[i]));
  const [, filters, tall, wide] = weights.dims;
  const own = channels / group;
  const area = size[0] * size[1];
  const rows = filters * tall * wide;
  const y = tensor("float32", [batch, filters * group, ...results]);
  const columns = new Float64Array(rows * area);
  for (let i = 0; i < batch; i += 1) {
    for (let g = 0; g < group; g += 1) {
      columns.fill(0);
      multiply(weights.data, [g * own * rows, 1, rows], x.data, (i * channels + g * own) * area, columns, 0, rows, own, area);
      folded(columns, y.data, (i * group + g) * filters * results[0] * results[1], filters, results, size, kernel);
    }
  }
  return withBias(y, bias);
}
