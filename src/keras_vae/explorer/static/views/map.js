// Items on a plane; what is under the pointer is decoded.

import * as address from "../lib/address.js";
import { latest, whenScored } from "../lib/api.js";
import { classColour, onScheme, packed, quantiles, rgb, shade } from "../lib/colours.js";
import { conditionControls } from "../lib/conditions.js";
import { button, count, field, h, number, say, select } from "../lib/dom.js";
import { frame, gradient } from "../lib/show.js";
import { movable, Scatter } from "../lib/scatter.js";

const COLOURS = {
  label: "label", bound: "likelihood (bound, nats)", score: "anomaly score", p_value: "p-value",
};

export async function mount(root, context) {
  const view = new MapView(root, context);
  await view.load();
}

class MapView {
  constructor(root, { about, server, given, signal, run }) {
    Object.assign(this, { root, about, server, signal, run });
    this.units = axesOf(given.get("axes"), about);
    this.columns = (about.columns ?? []).map((column, i) => [`column${i}`, column]);
    const classes = this.columns.filter(([, column]) => column.classes.length > 1);
    this.colour = given.get("colour") ?? (about.labels.length ? "label" : classes.at(-1)?.[0] ?? "bound");
    this.only = new Set();
    this.pins = (given.get("pins") ?? "").split(",").filter(Boolean);
    this.conditions = conditionControls(about, given, (_, change) => {
      address.keep(change);
      this.loadAtlas();
    });
    this.backdrop = given.get("pictures") === "on" && about.kind === "images";
    this.decodeExactly = latest((place, began) => this.askFor(place, began));
    this.times = [];
    this.build();
  }

  build() {
    const { about } = this;
    this.canvas = h("canvas", {
      class: "points", tabindex: "0", role: "img",
      "aria-label": `${count(about.count)} items by their codes. Arrow keys move a cursor, Enter pins, plus and minus zoom, 0 shows all.`,
    });
    this.scatter = new Scatter(this.canvas);
    this.here = frame(about, "Decoded here", { class: "pixels big" });
    this.item = frame(about, "The item beside it", { class: "pixels big" });
    this.caption = h("figcaption", {}, "Point at the map.");
    this.itemCaption = h("figcaption", { "aria-live": "polite" });
    this.hover = h("div", { class: "hover", hidden: true },
      h("figure", {}, this.here.element, this.caption),
      this.itemFigure = h("figure", { hidden: true }, this.item.element, this.itemCaption));
    this.cursor = h("div", { class: "cursor", hidden: true });
    this.axisNames = [h("span", { class: "axis x" }), h("span", { class: "axis y" })];
    this.stage = h("div", { class: "stage" }, this.canvas, this.axisNames, this.cursor, this.hover,
      h("div", { class: "zoom" },
        button("+", () => this.scatter.zoom(1.6), { "aria-label": "Zoom in" }),
        button("−", () => this.scatter.zoom(1 / 1.6), { "aria-label": "Zoom out" }),
        button("⤢", () => this.scatter.reset(), { "aria-label": "Show all" })));
    this.legend = h("div", { class: "legend" });
    this.pinned = h("div", { class: "pins" });
    const several = Array.from({ length: about.latent_dim }, (_, i) => i);
    const axis = (place) => select([["", "component"], ...several.map((i) => [i, `z${i + 1}`])],
      this.units ? this.units[place] : "", (value) => this.changeAxis(place, value), { "aria-label": ["Across", "Up"][place] });
    this.axisControls = [0, 1].map(axis);
    this.root.append(this.stage, h("aside", { class: "side", "aria-label": "Map controls" },
      h("h1", {}, "Map"),
      h("p", { class: "quiet" }, `${count(about.count)} items, each where its code lies. Point at a place to decode it, click to pin it.`),
      field("Colour", select(this.colours(), this.colour, (value) => this.changeColour(value))),
      this.legend,
      about.latent_dim > 2 ? h("div", { class: "pair" }, field("Across", this.axisControls[0]), field("Up", this.axisControls[1])) : null,
      about.kind === "images" ? h("label", { class: "check" }, h("input", {
        type: "checkbox", checked: this.backdrop,
        onchange: (event) => this.showBackdrop(event.target.checked),
      }), "Pictures behind the points") : null,
      this.conditions.element,
      h("h2", {}, "Pinned"),
      this.pinned));
    movable(this.scatter, {
      pointed: (x, y, event) => this.point(x, y, event.timeStamp),
      clicked: (x, y) => this.pin(x, y),
      left: () => this.leave(),
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    const resized = new ResizeObserver(() => {
      if (this.scatter.low) {
        this.scatter.resize();
        this.scatter.redraw();
      }
    });
    resized.observe(this.stage);
    this.signal.addEventListener("abort", () => resized.disconnect());
    onScheme(() => this.paint().catch(ignoreLeaving), this.signal);
    this.root.view = this;
  }

  colours() {
    const names = { ...COLOURS };
    if (!this.about.labels.length) delete names.label;
    if (!this.about.calibrated_with) delete names.p_value;
    return [...Object.entries(names), ...this.columns.map(([key, column]) => [key, column.name])];
  }

  // Numbers to colour by, and the names of classes if they are numbers of classes.
  async values() {
    const column = this.columns.find(([key]) => key === this.colour);
    if (column) {
      const values = await this.server.column(Number(this.colour.slice(6)), this.signal);
      return column[1].classes.length ? [values.map((each) => (Number.isNaN(each) ? -1 : each)), column[1].classes] : [values, null];
    }
    if (this.colour === "label") return [this.labels, this.about.labels];
    await whenScored(this.server, this.signal, (share) => {
      this.legend.replaceChildren(h("p", { class: "quiet" }, `Scoring items: ${Math.round(100 * share)} %`));
    });
    return [await this.server.values(this.colour, this.signal), null];
  }

  async load() {
    const [plane, points] = await Promise.all([
      this.server.plane(this.units, this.signal), this.server.points(this.units, this.signal),
    ]);
    this.plane = plane;
    this.scatter.set(points, plane.low, plane.high);
    plane.axes.forEach((name, i) => { this.axisNames[i].textContent = name; });
    this.loadAtlas();
    if (this.about.labels.length) this.labels ??= await this.server.values("label", this.signal);
    await this.paint();
    for (const each of this.pins.splice(0)) await this.addPin(each);
  }

  async loadAtlas() {
    const response = await this.server.atlas({ units: this.units, conditions: this.conditions.values }, this.signal).catch(ignoreLeaving);
    if (!response) return;
    if (this.about.kind === "images") {
      this.atlas = await createImageBitmap(await response.blob());
      this.showBackdrop(this.backdrop, false);
    } else {
      this.atlas = await response.json();
    }
    this.root.dataset.atlas = "ready";
  }

  showBackdrop(isShown, keeps = true) {
    this.backdrop = isShown;
    this.scatter.backdrop = isShown ? this.atlas : null;
    this.scatter.redraw();
    if (keeps) address.keep({ pictures: isShown ? "on" : "" });
  }

  async paint() {
    const { colour, only } = this;
    if (!this.painted) this.scatter.paint(new Uint32Array(this.about.count).fill(packed(rgb(classColour(-1)))));
    const [values, classes] = await this.values();
    if (colour !== this.colour) return;
    this.painted = true;
    const colours = new Uint32Array(values.length);
    const none = packed(rgb(classColour(-1)));
    if (classes) {
      const palette = classes.map((_, i) => packed(rgb(classColour(i))));
      values.forEach((value, i) => {
        colours[i] = only.size && !only.has(value) ? 0 : palette[value] ?? none;
      });
      this.classLegend(values, classes);
    } else {
      const read = colour === "p_value" ? (value) => Math.log10(value) : (value) => value;
      const [low, high] = quantiles(values.map(read), [0.01, 0.99]);
      values.forEach((value, i) => {
        colours[i] = Number.isNaN(value) ? none : packed(shade((read(value) - low) / (high - low || 1)));
      });
      this.scaleLegend(this.text(low), this.text(high));
    }
    this.scatter.paint(colours);
    this.root.dataset.colour = colour;
  }

  // A number of the scale, as a person reads it.
  text(value) {
    if (this.colour === "p_value") return (10 ** value).toPrecision(2);
    const column = this.columns.find(([key]) => key === this.colour)?.[1];
    if (!column) return number(value);
    if (column.kind === "date") return new Date(1000 * (column.start + 86400 * value)).toISOString().slice(0, 10);
    return String(Number((value + column.start).toPrecision(4)));
  }

  classLegend(values, classes) {
    const counts = new Array(classes.length).fill(0);
    for (const value of values) if (value >= 0) counts[value] += 1;
    const all = classes.map((name, i) => {
      const mark = h("i");
      mark.style.background = classColour(i);
      return h("button", {
        type: "button", class: "class", "aria-pressed": String(this.only.has(i)), title: `${count(counts[i])} items`,
        onclick: () => this.toggle(i),
      }, mark, name);
    });
    this.legend.replaceChildren(h("div", { class: "classes", role: "group", "aria-label": "Show only" }, all));
  }

  toggle(label) {
    if (!this.only.delete(label)) this.only.add(label);
    this.paint().catch(ignoreLeaving);
  }

  scaleLegend(low, high) {
    const scale = h("div", { class: "scale", role: "img", "aria-label": `from ${low} to ${high}` });
    scale.style.background = `linear-gradient(90deg, ${gradient()})`;
    this.legend.replaceChildren(scale, h("div", { class: "ends" }, h("span", {}, low), h("span", {}, high)));
  }

  changeColour(value) {
    this.colour = value;
    this.only.clear();
    address.keep({ colour: value });
    this.paint().catch(ignoreLeaving);
  }

  changeAxis(place, value) {
    if (value === "") {
      this.units = null;
    } else {
      const other = Number(this.axisControls[1 - place].value || (value === "0" ? 1 : 0));
      this.units = place ? [other, Number(value)] : [Number(value), other];
    }
    this.axisControls.forEach((control, i) => { control.value = this.units ? this.units[i] : ""; });
    address.keep({ axes: this.units ? this.units.map((unit) => unit + 1).join(",") : "" });
    this.leave();
    delete this.root.dataset.atlas;
    this.load().catch(ignoreLeaving);
  }

  point(x, y, began) {
    const world = this.scatter.toWorld(x, y);
    this.place = world;
    this.hover.hidden = false;
    // Moved as a layer of its own: nothing is laid out or painted again.
    const { offsetWidth: width, offsetHeight: height } = this.hover;
    const left = x > this.scatter.boxWidth - width - 24 ? x - width - 16 : x + 16;
    const top = y > this.scatter.boxHeight - height - 24 ? y - height - 16 : y + 16;
    this.hover.style.transform = `translate(${Math.round(Math.max(4, left))}px, ${Math.round(Math.max(4, top))}px)`;
    this.showAtlas(world);
    this.decodeExactly(world, began);
    const index = this.scatter.nearest(x, y);
    if (index !== this.index) this.showItem(index);
  }

  showAtlas(world) {
    if (!this.atlas) return;
    const { low, high, grid } = this.plane;
    const column = Math.floor(((world[0] - low[0]) / (high[0] - low[0])) * grid);
    const row = Math.floor(((high[1] - world[1]) / (high[1] - low[1])) * grid);
    if (column < 0 || row < 0 || column >= grid || row >= grid) return;
    this.here.element.dataset.from = "atlas";
    if (this.about.kind !== "images") {
      this.here.put(this.atlas, row * grid + column);
      return;
    }
    const [width, height] = [this.atlas.width / grid, this.atlas.height / grid];
    const canvas = this.here.element;
    canvas.getContext("2d").drawImage(this.atlas, column * width, row * height, width, height, 0, 0, canvas.width, canvas.height);
  }

  async askFor(place, began) {
    const decoded = await this.server.ask("place", {
      point: place, units: this.units, conditions: this.conditions.values,
    }, this.signal).catch(ignoreLeaving);
    if (!decoded) return;
    this.here.put(decoded);
    this.code = decoded.code;
    this.here.element.dataset.from = "model";
    this.caption.textContent = "decoded here";
    this.times.push(performance.now() - began);
    await this.fetchItem();
  }

  showItem(index) {
    this.index = index;
    this.itemFigure.hidden = index < 0;
    if (index < 0) return;
    const label = this.labels?.[index] >= 0 ? ` · ${this.about.labels[this.labels[index]]}` : "";
    this.itemCaption.textContent = `item ${index}${label}`;
  }

  // After what is decoded, which should not wait for it.
  async fetchItem() {
    const wanted = this.index;
    if (wanted < 0 || wanted === this.pictured) return;
    const shown = await this.server.ask("gallery", { items: [wanted] }, this.signal).catch(ignoreLeaving);
    if (!shown || wanted !== this.index) return;
    this.pictured = wanted;
    this.item.put(shown);
  }

  leave() {
    this.hover.hidden = true;
    this.cursor.hidden = true;
    this.index = -1;
  }

  pin(x, y) {
    const index = this.scatter.nearest(x, y);
    this.addPin(index >= 0 ? `i${index}` : this.scatter.toWorld(x, y).map((each) => each.toFixed(3)).join(":"));
  }

  async addPin(pin) {
    if (this.pins.includes(pin)) return;
    this.pins.push(pin);
    address.keep({ pins: this.pins.join(",") });
    const card = await (pin.startsWith("i") ? this.itemCard(Number(pin.slice(1))) : this.placeCard(pin.split(":").map(Number)))
      .catch((error) => { say(error.message, true); return null; });
    if (!card) return;
    card.append(button("×", () => {
      card.remove();
      this.pins = this.pins.filter((each) => each !== pin);
      address.keep({ pins: this.pins.join(",") });
    }, { class: "close", "aria-label": "Remove this pin" }));
    this.pinned.prepend(card);
  }

  async itemCard(index) {
    const item = await this.server.item(index, this.signal);
    const shown = [["original", "item"], ["reconstruction", "reconstruction"]].map(([what, name]) => {
      const each = frame(this.about, `${name} ${index}`);
      each.put(item[what]);
      return each.element;
    });
    const facts = [item.label === undefined || item.label === null ? null : `label ${item.label}`,
      item.bound === undefined ? null : `bound ${number(item.bound)} nats`,
      item.p_value === undefined || item.p_value === null ? null : `p ${item.p_value.toPrecision(2)}`];
    return h("figure", { class: `pin ${this.about.kind}` }, h("div", { class: "both" }, shown),
      h("figcaption", {}, h("b", {}, `item ${index}`), ` ${facts.filter(Boolean).join(", ")}`,
        this.links(item.code, { item: index })));
  }

  async placeCard(point) {
    const decoded = await this.server.ask("place", { point, units: this.units, conditions: this.conditions.values }, this.signal);
    const shown = frame(this.about, `Decoded at ${point.map((each) => number(each, 2)).join(", ")}`);
    shown.put(decoded);
    return h("figure", { class: `pin ${this.about.kind}` }, h("div", { class: "both" }, shown.element),
      h("figcaption", {}, h("b", {}, `(${point.map((each) => number(each, 2)).join(", ")})`), this.links(decoded.code)));
  }

  links(code, { item } = {}) {
    const short = code.map((each) => Number(each.toFixed(3))).join(",");
    return h("span", { class: "links" },
      h("a", { href: address.to("sliders", { run: this.run, code: short }) }, "sliders"),
      item === undefined ? null : h("a", { href: address.to("morph", { run: this.run, from: item }) }, "morph"));
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    const zoom = { "+": 1.6, "=": 1.6, "-": 1 / 1.6 }[event.key];
    this.at ??= [this.scatter.boxWidth / 2, this.scatter.boxHeight / 2];
    if (step) {
      const size = event.shiftKey ? 40 : 10;
      this.at = this.at.map((each, i) => Math.min(Math.max(0, each + size * step[i]), [this.scatter.boxWidth, this.scatter.boxHeight][i]));
      this.cursor.hidden = false;
      this.cursor.style.left = `${this.at[0]}px`;
      this.cursor.style.top = `${this.at[1]}px`;
      this.point(...this.at, performance.now());
    } else if (zoom) this.scatter.zoom(zoom, ...this.at);
    else if (event.key === "0") this.scatter.reset();
    else if (event.key === "Enter" || event.key === " ") this.pin(...this.at);
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }
}

function axesOf(text, about) {
  const units = (text ?? "").split(",").map((each) => Number(each) - 1);
  const known = units.length === 2 && units.every((each) => Number.isInteger(each) && each >= 0 && each < about.latent_dim);
  return known ? units : null;
}

function ignoreLeaving(error) {
  if (error.name === "AbortError") return null;
  say(error.message, true);
  return null;
}
