// A network that was trained elsewhere, computed here.

import { convolution, transposedConvolution } from "./convolution.js";
import { gemm, matmul } from "./matmul.js";
import { POINTWISE } from "./pointwise.js";
import { REDUCING } from "./reducing.js";
import { SHAPING } from "./shaping.js";
import { tensor, typed, volume } from "./tensor.js";

export const OPERATORS = {
  ...POINTWISE,
  ...REDUCING,
  ...SHAPING,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  Gemm: gemm,
  MatMul: matmul,
};

export function decoded64(text) {
  const binary = atob(text);
  const found = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) found[i] = binary.charCodeAt(i);
  return found.buffer;
}

export const floats64 = (text) => new Float32Array(decoded64(text));

export class Network {
  // `graph` has inputs, constants, nodes in their order, and an output; large constants lie in `weights`.
  constructor(graph, weights) {
    this.graph = graph;
    this.constants = new Map(graph.constants.map((each) => [each.name, tensor(each.type, each.dims,
      each.values ? typed(each.type, each.values) : new Float64Array(weights.subarray(each.at, each.at + volume(each.dims))))]));
    // What depends on no input is computed once.
    this.nodes = graph.nodes.filter((node) => {
      const isFixed = node.inputs.every((name) => name === "" || this.constants.has(name));
      if (isFixed) compute(node, this.constants, this.constants);
      return !isFixed;
    });
    this.last = new Map();
    this.nodes.forEach((node, i) => node.inputs.forEach((name) => this.last.set(name, i)));
  }

  // `given` has the values of each input by name, one example after another.
  run(given) {
    const values = new Map();
    for (const { name, type, width } of this.graph.inputs) {
      const each = given[name];
      values.set(name, tensor(type, width ? [each.length / width, width] : [each.length], typed(type, each)));
    }
    const isKept = (name) => name === this.graph.output;
    this.nodes.forEach((node, i) => {
      compute(node, values, this.constants, values);
      for (const name of node.inputs) if (this.last.get(name) === i && !isKept(name)) values.delete(name);
    });
    return (values.get(this.graph.output) ?? this.constants.get(this.graph.output)).data;
  }
}

function compute(node, values, constants, into = values) {
  const operator = OPERATORS[node.op];
  if (!operator) throw new Error(`This page cannot compute ${node.op}.`);
  const inputs = node.inputs.map((name) => (name === "" ? undefined : values.get(name) ?? constants.get(name)));
  const found = operator(inputs, node.attributes, node.outputs.length);
  const all = Array.isArray(found) ? found : [found];
  node.outputs.forEach((name, i) => into.set(name, all[i]));
}
