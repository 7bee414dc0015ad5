// The latent space: planes through it, ways across it, and what lies in it by chance.

const CELLS = 64;
const BLUR = 1.5;
const MARGIN = 0.04;

// Codes on a plane, and the way back. A plane leaves most directions open: the code of a place has in them what
// the codes around it have on average, so that what is decoded there looks like the items there.
export class Plane {
  constructor(about, codes, units = null) {
    this.about = about;
    const size = about.latent_dim;
    this.units = units ?? (size <= 2 ? [0, size - 1] : null);
    this.axes = this.units
      ? this.units.map((unit) => Array.from({ length: size }, (_, i) => Number(i === unit)))
      : about.components.axes;
    this.names = this.units ? this.units.map((unit) => `z${unit + 1}`) : about.components.names;
    this.centre = this.units ? new Array(size).fill(0) : about.mean;
    // Where both axes are the same unit, each has half of a say.
    this.weight = this.units && this.units[0] === this.units[1] ? 0.5 : 1;
    this.rests = codes.map((code) => minus(code, this.#along(this.project(code))));
    this.points = codes.map((code) => this.project(code));
    [this.low, this.high] = this.#extent();
  }

  project(code) {
    return this.axes.map((axis) => dot(minus(code, this.centre), axis));
  }

  codeAt(point) {
    const on = this.#along(point);
    const rest = this.#rest(point);
    const code = on.map((each, i) => each + rest[i]);
    return this.about.space === "sphere" ? onSphere(code) : code;
  }

  #along(point) {
    return this.centre.map((each, i) => each + this.weight * (point[0] * this.axes[0][i] + point[1] * this.axes[1][i]));
  }

  #extent() {
    const range = (unit) => this.about.units.find((each) => each.unit === unit).range;
    const ends = this.points.length
      ? [0, 1].map((axis) => this.points.reduce(([low, high], point) => [Math.min(low, point[axis]), Math.max(high, point[axis])], [Infinity, -Infinity]))
      : this.units ? this.units.map(range) : [0, 1].map((axis) => [this.about.components.low[axis], this.about.components.high[axis]]);
    const margins = ends.map(([low, high]) => MARGIN * Math.max(high - low, 1e-6));
    return [ends.map(([low], i) => low - margins[i]), ends.map(([, high], i) => high + margins[i])];
  }

  #rest(point) {
    const size = this.about.latent_dim;
    const open = minus(this.about.mean, this.#along(this.project(this.about.mean)));
    if (size <= 2 && this.units[0] !== this.units[1]) return new Array(size).fill(0);
    const reach = [0, 1].map((axis) => (BLUR * (this.high[axis] - this.low[axis])) / (CELLS - 1));
    const sums = open.map((each) => 1e-3 * each);
    let total = 1e-3;
    this.points.forEach((each, i) => {
      const away = ((each[0] - point[0]) / reach[0]) ** 2 + ((each[1] - point[1]) / reach[1]) ** 2;
      if (away > 25) return;
      const weight = Math.exp(-away / 2);
      total += weight;
      for (let j = 0; j < size; j += 1) sums[j] += weight * this.rests[i][j];
    });
    return sums.map((each) => each / total);
  }
}

export const dot = (a, b) => a.reduce((total, each, i) => total + each * b[i], 0);
export const minus = (a, b) => a.map((each, i) => each - b[i]);

export function onSphere(code) {
  const length = Math.hypot(...code) || 1;
  return code.map((each) => each / length);
}

// Turns evenly from one direction to the other, while the length changes evenly; a line where there is no one arc.
export function between(start, end, share) {
  const line = start.map((each, i) => (1 - share) * each + share * end[i]);
  const lengths = [Math.hypot(...start), Math.hypot(...end)];
  if (Math.min(...lengths) === 0) return line;
  const along = start.map((each) => each / lengths[0]);
  const across = minus(end, along.map((each) => each * dot(end, along)));
  const height = Math.hypot(...across);
  if (height < 1e-6 * lengths[1]) return line;
  const angle = share * Math.atan2(height, dot(end, along));
  const length = (1 - share) * lengths[0] + share * lengths[1];
  return along.map((each, i) => length * (Math.cos(angle) * each + (Math.sin(angle) * across[i]) / height));
}

// A code of the prior: of a standard normal one a new one, else one of those that were drawn with Keras.
export function drawn(size, draws, given) {
  if (!draws) return Array.from({ length: size }, normal);
  const fits = ({ given: wanted }) => Object.entries(wanted).every(([name, value]) => given[name] === value);
  const { values } = draws.findLast(fits) ?? draws[0];
  const index = Math.floor(Math.random() * (values.length / size));
  return Array.from(values.subarray(index * size, (index + 1) * size));
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
