// A plane through the latent space: what is under the pointer is decoded.

import { classColour, onScheme, packed, rgb } from "../../explorer/static/lib/colours.js";
import { button, count, h } from "../../explorer/static/lib/dom.js";
import { Scatter } from "../../explorer/static/lib/scatter.js";
import { pixels } from "./face.js";

// So many pictures a side of the map, fewer where they are large or slow to make: pixels a side, milliseconds in all.
const ROOM = 24;
const SHEET = 1536;
const PATIENCE = 5000;

export class PlaneMap {
  // `pointed` is told the place under the pointer, `held` that it was chosen, and `left` that it was left.
  constructor(about, { pointed, held, left, decode }) {
    Object.assign(this, { about, pointed, held, left, decode });
    this.only = new Set();
    this.time = 1;
    this.canvas = h("canvas", {
      class: "points", tabindex: "0", role: "img",
      "aria-label": "The latent space. Arrow keys move a cursor and decode, with Shift in large steps; Enter holds what is there, Escape goes back to what was held.",
    });
    this.scatter = new Scatter(this.canvas);
    this.cursor = h("div", { class: "cursor" });
    this.axisNames = [h("span", { class: "axis x" }), h("span", { class: "axis y" })];
    this.pins = ["A", "B"].map((name) => h("span", { class: "mark", "aria-hidden": "true", hidden: true }, name));
    this.classes = h("div", { class: "classes", role: "group", "aria-label": "Show only" });
    this.element = h("div", { class: "stage" }, this.canvas, this.axisNames, this.pins, this.cursor, this.classes);
    this.#listen();
    new ResizeObserver(() => {
      if (!this.plane) return;
      this.scatter.resize();
      this.scatter.reset();
      this.#place();
    }).observe(this.element);
    onScheme(() => this.paint());
  }

  show(plane) {
    this.plane = plane;
    plane.names.forEach((name, i) => { this.axisNames[i].textContent = name; });
    this.scatter.set(Float32Array.from(plane.points.flat()), plane.low, plane.high);
    this.paint();
    this.#place();
  }

  paint() {
    const { labels = [], names = [] } = this.about.codes ?? {};
    const colours = Array.from(labels, (label) => packed(rgb(classColour(label))));
    this.scatter.paint(Uint32Array.from(colours, (each, i) => (this.only.size && !this.only.has(labels[i]) ? 0 : each)));
    this.classes.replaceChildren(...names.map((name, i) => this.#chip(name, i, labels)));
  }

  #chip(name, i, labels) {
    const mark = h("i");
    mark.style.background = classColour(i);
    const total = labels.reduce((sum, label) => sum + Number(label === i), 0);
    const chip = h("button", {
      type: "button", class: "class", "aria-pressed": String(this.only.has(i)), title: `${count(total)} test examples`,
      onclick: () => {
        if (!this.only.delete(i)) this.only.add(i);
        this.paint();
        this.classes.children[i].focus();
      },
    }, mark, name);
    return chip;
  }

  // Where the code is that is seen, and where the pins are.
  mark(code, pins) {
    this.marked = { code, pins };
    this.#place();
  }

  #place() {
    if (!this.marked || !this.plane) return;
    const move = (element, code) => {
      element.hidden = !code;
      if (!code) return;
      const [x, y] = this.scatter.toBox(this.plane.project(code));
      const isInside = x > -9 && y > -9 && x < this.scatter.boxWidth + 9 && y < this.scatter.boxHeight + 9;
      element.hidden = !isInside;
      element.style.transform = `translate(${x}px, ${y}px)`;
    };
    move(this.cursor, this.marked.code);
    this.marked.pins.forEach((code, i) => move(this.pins[i], code));
  }

  #listen() {
    const { canvas, scatter } = this;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const point = (at) => this.pointed(this.plane.codeAt(scatter.toWorld(...at)));
    canvas.addEventListener("pointermove", (event) => point(place(event)));
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      point(place(event));
    });
    canvas.addEventListener("pointerup", () => this.held());
    canvas.addEventListener("pointerleave", () => this.left());
    canvas.addEventListener("keydown", (event) => this.#key(event, point));
    canvas.addEventListener("blur", () => this.left());
  }

  #key(event, point) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const { boxWidth, boxHeight } = this.scatter;
    if (step) {
      const size = event.shiftKey ? 40 : 10;
      const from = this.scatter.toBox(this.plane.project(this.marked.code));
      point(from.map((each, i) => Math.min([boxWidth, boxHeight][i], Math.max(0, each + size * step[i]))));
    } else if (event.key === "Enter" || event.key === " ") this.held();
    else if (event.key === "Escape") this.left();
    else return;
    event.preventDefault();
  }

  // Pictures of a grid of places, some at a time, so that nothing waits for them; `null` takes them away.
  async backdrop(given) {
    const asked = Symbol("backdrop");
    this.asked = asked;
    this.scatter.backdrop = null;
    this.scatter.redraw();
    if (!given) return;
    const { width, height } = this.about;
    const side = Math.floor(Math.max(6, Math.min(ROOM, SHEET / Math.max(width, height), Math.sqrt(PATIENCE / this.time))));
    const sheet = h("canvas", { width: side * width, height: side * height });
    const context = sheet.getContext("2d");
    const { low, high } = this.plane;
    for (let row = 0; row < side; row += 1) {
      for (let column = 0; column < side; column += 4) {
        await new Promise((done) => { setTimeout(done); });
        if (this.asked !== asked) return;
        const places = [0, 1, 2, 3].map((step) => column + step).filter((each) => each < side);
        const codes = places.map((each) => this.plane.codeAt([
          low[0] + ((each + 0.5) / side) * (high[0] - low[0]), high[1] - ((row + 0.5) / side) * (high[1] - low[1]),
        ]));
        const decoded = this.decode(Float32Array.from(codes.flat()), given);
        places.forEach((each, i) => {
          const numbers = decoded.subarray((i * decoded.length) / places.length, ((i + 1) * decoded.length) / places.length);
          context.putImageData(pixels(this.about, numbers), each * width, row * height);
        });
      }
      this.scatter.backdrop = sheet;
      this.scatter.redraw();
    }
    this.element.dataset.backdrop = "ready";
  }
}

