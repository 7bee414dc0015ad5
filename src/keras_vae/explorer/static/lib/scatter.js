// Tens of thousands of points, written into one image: nothing else keeps up without a graphics card.

// A larger canvas than this is enlarged by the browser.
const MOST_PIXELS = 2_500_000;
const BUCKETS = 96;

export class Scatter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.layer = document.createElement("canvas");
    this.ink = this.layer.getContext("2d");
    this.points = new Float32Array();
    this.colours = new Uint32Array();
    this.backdrop = null;
    this.times = [];
    this.pending = 0;
  }

  // Points, two numbers each, and the box that is seen at first.
  set(points, low, high) {
    this.points = points;
    this.low = low;
    this.high = high;
    this.#index();
    this.resize();
    this.reset();
  }

  paint(colours) {
    this.colours = colours;
    this.redraw();
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    this.boxWidth = Math.max(1, box.width);
    this.boxHeight = Math.max(1, box.height);
    const sharp = Math.min(devicePixelRatio || 1, 2, Math.sqrt(MOST_PIXELS / (this.boxWidth * this.boxHeight)));
    this.ratio = sharp;
    const width = Math.max(1, Math.round(this.boxWidth * sharp));
    const height = Math.max(1, Math.round(this.boxHeight * sharp));
    if (width !== this.layer.width || height !== this.layer.height) {
      for (const each of [this.canvas, this.layer]) Object.assign(each, { width, height });
      this.image = this.ink.createImageData(width, height);
      this.buffer = new Uint32Array(this.image.data.buffer);
    }
  }

  // The scale is that of both axes, unless they differ so much that nothing would be seen.
  reset() {
    const [width, height] = [this.high[0] - this.low[0], this.high[1] - this.low[1]];
    let [x, y] = [this.boxWidth / width, this.boxHeight / height];
    if (Math.max(x, y) < 3 * Math.min(x, y)) x = y = Math.min(x, y);
    this.scale = [x, y];
    this.middle = [(this.low[0] + this.high[0]) / 2, (this.low[1] + this.high[1]) / 2];
    this.redraw();
  }

  toWorld(x, y) {
    return [this.middle[0] + (x - this.boxWidth / 2) / this.scale[0], this.middle[1] - (y - this.boxHeight / 2) / this.scale[1]];
  }

  toBox([x, y]) {
    return [this.boxWidth / 2 + (x - this.middle[0]) * this.scale[0], this.boxHeight / 2 - (y - this.middle[1]) * this.scale[1]];
  }

  zoom(times, x = this.boxWidth / 2, y = this.boxHeight / 2) {
    const before = this.toWorld(x, y);
    const most = 2000 * Math.max(this.boxWidth / (this.high[0] - this.low[0]), this.boxHeight / (this.high[1] - this.low[1]));
    const factor = Math.min(times, most / Math.max(...this.scale));
    this.scale = this.scale.map((each) => each * factor);
    const after = this.toWorld(x, y);
    this.middle = this.middle.map((each, i) => each + before[i] - after[i]);
    this.redraw();
  }

  pan(x, y) {
    this.middle = [this.middle[0] - x / this.scale[0], this.middle[1] + y / this.scale[1]];
    this.redraw();
  }

  redraw() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      const began = performance.now();
      this.draw();
      this.times.push(performance.now() - began);
      if (this.times.length > 600) this.times.shift();
      this.ondraw?.();
    });
  }

  draw() {
    const { width, height } = this.layer;
    const { buffer, points, colours, ratio } = this;
    buffer.fill(0);
    const zoomed = Math.max(1, this.scale[0] * (this.high[0] - this.low[0]) / this.boxWidth);
    const room = Math.sqrt((this.boxWidth * this.boxHeight) / 700_000);
    const radius = ratio * room * Math.min(5, Math.max(1.2, 70 / Math.sqrt(points.length / 2 + 1)) * Math.sqrt(zoomed));
    const stamp = disc(radius, width);
    const edge = Math.ceil(radius);
    const [scaleX, scaleY] = this.scale.map((each) => each * ratio);
    const left = width / 2 - this.middle[0] * scaleX;
    const top = height / 2 + this.middle[1] * scaleY;
    for (let i = 0; i < colours.length; i += 1) {
      const colour = colours[i];
      if (colour === 0) continue;
      const x = Math.round(left + points[2 * i] * scaleX);
      const y = Math.round(top - points[2 * i + 1] * scaleY);
      if (x < edge || y < edge || x >= width - edge || y >= height - edge) continue;
      const at = y * width + x;
      for (let j = 0; j < stamp.length; j += 1) buffer[at + stamp[j]] = colour;
    }
    this.ink.putImageData(this.image, 0, 0);
    this.context.clearRect(0, 0, width, height);
    if (this.backdrop) {
      const [x0, y0] = this.toBox([this.low[0], this.high[1]]);
      const [x1, y1] = this.toBox([this.high[0], this.low[1]]);
      this.context.imageSmoothingEnabled = true;
      this.context.globalAlpha = 0.55;
      this.context.drawImage(this.backdrop, x0 * ratio, y0 * ratio, (x1 - x0) * ratio, (y1 - y0) * ratio);
      this.context.globalAlpha = 1;
    }
    this.context.drawImage(this.layer, 0, 0);
  }

  // The item nearest to a place in the box, if it is within so many pixels; those without colour are not seen.
  nearest(x, y, within = 14) {
    const [worldX, worldY] = this.toWorld(x, y);
    const reach = [within / this.scale[0], within / this.scale[1]];
    const [fromX, fromY] = this.#bucket(worldX - reach[0], worldY - reach[1]);
    const [toX, toY] = this.#bucket(worldX + reach[0], worldY + reach[1]);
    let best = -1;
    let closest = within * within;
    for (let row = fromY; row <= toY; row += 1) {
      for (let column = fromX; column <= toX; column += 1) {
        for (const i of this.buckets[row * BUCKETS + column]) {
          if (!this.colours[i]) continue;
          const dx = (this.points[2 * i] - worldX) * this.scale[0];
          const dy = (this.points[2 * i + 1] - worldY) * this.scale[1];
          const distance = dx * dx + dy * dy;
          if (distance < closest) [best, closest] = [i, distance];
        }
      }
    }
    return best;
  }

  #index() {
    this.buckets = Array.from({ length: BUCKETS * BUCKETS }, () => []);
    for (let i = 0; i < this.points.length / 2; i += 1) {
      const [column, row] = this.#bucket(this.points[2 * i], this.points[2 * i + 1]);
      this.buckets[row * BUCKETS + column].push(i);
    }
  }

  #bucket(x, y) {
    return [x, y].map((each, axis) => {
      const share = (each - this.low[axis]) / (this.high[axis] - this.low[axis]);
      return Math.min(BUCKETS - 1, Math.max(0, Math.floor(share * BUCKETS)));
    });
  }
}

const discs = new Map();

function disc(radius, width) {
  const key = `${radius.toFixed(1)} ${width}`;
  if (!discs.has(key)) {
    const found = [];
    const edge = Math.ceil(radius);
    for (let y = -edge; y <= edge; y += 1) {
      for (let x = -edge; x <= edge; x += 1) if (x * x + y * y <= radius * radius) found.push(y * width + x);
    }
    discs.set(key, Int32Array.from(found));
  }
  return discs.get(key);
}

// Drag, wheel, pinch and keys move a scatter; what only points is told to `pointed`.
export function movable(scatter, { pointed, clicked, left }) {
  const { canvas } = scatter;
  const touches = new Map();
  let moved = 0;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    touches.set(event.pointerId, place(event));
    if (touches.size === 1) moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = place(event);
    const before = touches.get(event.pointerId);
    if (!before) {
      pointed(...now, event);
      return;
    }
    const other = [...touches].find(([id]) => id !== event.pointerId)?.[1];
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (other) {
      const times = Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1]));
      scatter.zoom(times, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (moved > 4) {
      scatter.pan(now[0] - before[0], now[1] - before[1]);
    }
    touches.set(event.pointerId, now);
  });
  const end = (event) => {
    const was = touches.get(event.pointerId);
    touches.delete(event.pointerId);
    if (was && event.type === "pointerup" && moved <= 4 && !touches.size) {
      pointed(...place(event), event);
      clicked(...place(event));
    }
  };
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, end);
  canvas.addEventListener("pointerleave", left);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    scatter.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), ...place(event));
  }, { passive: false });
}
