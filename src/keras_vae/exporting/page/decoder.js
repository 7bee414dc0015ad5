// From codes to what they mean, and whether that is what Keras made of them.

import { floats64, Network } from "./network.js";

// A larger share of the range of the numbers is no rounding any more.
const MOST = 1e-4;

export class Decoder {
  constructor(about, graph, weights) {
    this.about = about;
    this.network = new Network(graph, weights);
    [this.latents, ...this.ports] = graph.inputs.map((each) => each.name);
  }

  // Codes one after another, and a value of each condition for all of them, or one for each.
  decode(codes, given = {}) {
    const count = codes.length / this.about.latent_dim;
    const inputs = { [this.latents]: codes };
    this.about.conditions.forEach(({ name, values }, i) => {
      const value = given[name] ?? (values ? -1 : NaN);
      inputs[this.ports[i]] = Array.isArray(value) ? value : new Array(count).fill(value);
    });
    return this.network.run(inputs);
  }

  // The largest difference from what Keras made of some codes, relative to the range of the numbers.
  check() {
    const { latents, conditions, decoded, scales } = this.about.checks;
    const given = Object.fromEntries(Object.entries(conditions).map(([name, values]) => [name, values.map((each) => each ?? NaN)]));
    const found = this.decode(floats64(latents), given);
    const wanted = floats64(decoded);
    let worst = found.length === wanted.length ? 0 : Infinity;
    wanted.forEach((each, i) => {
      const difference = Object.is(each, found[i]) ? 0 : Math.abs(found[i] - each) / scales[i % scales.length];
      worst = difference <= worst ? worst : difference;
    });
    return { worst, count: latents.length && floats64(latents).length / this.about.latent_dim, isFine: worst <= MOST };
  }
}
