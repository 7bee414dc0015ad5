// The page: a map, what lies under the pointer, and the ways to somewhere else.

import { conditionControls } from "../../explorer/static/lib/conditions.js";
import { button, field, h, select } from "../../explorer/static/lib/dom.js";
import { Decoder } from "./decoder.js";
import { face, keep } from "./face.js";
import { drawn, onSphere, Plane } from "./latent.js";
import { PlaneMap } from "./map.js";
import { morph } from "./morph.js";
import { floats64 } from "./network.js";
import { sliders } from "./sliders.js";

const root = document.getElementById("view");

// What the page carries is read once, and then takes no more room.
function carried(id) {
  const element = document.getElementById(id);
  element.remove();
  return element.textContent;
}

class PageView {
  constructor(about, decoder, check) {
    Object.assign(this, { about, decoder });
    this.file = about.title.replace(/[^\w-]+/g, "-");
    this.codes = codesOf(about);
    this.draws = about.draws?.map((each) => ({ ...each, values: floats64(each.values) })) ?? null;
    this.held = [...about.mean];
    this.wanted = this.held;
    this.isTable = about.kind === "table";
    this.look = face(about, "What is decoded", { class: "pixels huge" });
    this.controls = conditionControls(about, new Map(), () => this.condition());
    this.map = new PlaneMap(about, {
      pointed: (code) => { this.morph.stop(); this.preview(code); },
      held: () => this.hold(this.wanted),
      left: () => this.preview(this.held),
      decode: (codes, given) => decoder.decode(codes, given),
    });
    this.sliders = sliders(about, (code) => this.jump(about.space === "sphere" ? onSphere(code) : code));
    this.morph = morph(about, this.#ends(), {
      held: () => this.held, decode: (code) => this.decode(code), show: (code) => this.hold(code),
      changed: () => this.map.mark(this.seen, this.morph.pins),
    });
    this.pictures = h("input", { type: "checkbox", checked: !this.isTable && !this.codes.length, onchange: () => this.behind() });
    this.#build(check);
    this.turn(null);
    this.show(this.held);
    this.morph.redraw();
  }

  #build(check) {
    const { about } = this;
    const units = Array.from({ length: about.latent_dim }, (_, i) => [i, `z${i + 1}`]);
    this.axes = [0, 1].map((place) => select([["", "component"], ...units], "", (value) => this.axis(place, value), { "aria-label": ["Across", "Up"][place] }));
    const controls = h("div", { class: "buttons" },
      button("Sample", () => this.jump(drawn(about.latent_dim, this.draws, this.given())), { class: "strong" }),
      button("Reset", () => this.jump([...about.mean])),
      button(this.isTable ? "Save CSV" : "Save PNG", () => keep(about, this.decode(this.held), this.file)));
    root.append(
      h("section", { class: "look", "aria-label": "Decoded" },
        h("h1", {}, about.title), h("div", { class: `seen ${about.kind}` }, h("figure", {}, this.look.element), controls), this.controls.element,
        about.latent_dim > 2 ? h("div", { class: "pair" }, field("Across", this.axes[0]), field("Up", this.axes[1])) : null,
        this.isTable ? null : h("label", { class: "check" }, this.pictures, "Pictures on the map")),
      this.map.element,
      h("aside", { class: "side", "aria-label": "Sliders, morph and figures" },
        this.sliders.element, this.morph.element, this.#figures(check)));
  }

  #figures(check) {
    const { about } = this;
    const began = performance.now();
    for (let i = 0; i < 5; i += 1) this.decode(this.held);
    const time = (performance.now() - began) / 5;
    root.dataset.milliseconds = time.toFixed(2);
    this.map.time = time;
    const draws = this.draws
      ? `Samples are codes that were drawn from the model's own prior beforehand, ${this.draws[0].values.length / about.latent_dim} of them${this.draws.length > 1 ? " for each class" : ""}.`
      : null;
    return h("section", { class: "figures" }, h("h2", {}, "The model"),
      h("p", { class: "quiet" }, about.text),
      h("dl", { class: "facts" }, Object.entries(about.figures).map(([name, each]) => h("div", {}, h("dt", {}, name), h("dd", {}, each)))),
      h("p", { class: "quiet" }, `It is decoded in this page, in ${time < 10 ? time.toFixed(1) : time.toFixed(0)} ms, and nothing leaves it. `
        + `Of ${check.count} codes it makes what Keras makes: the largest relative difference is ${check.worst.toExponential(1)}.`),
      draws ? h("p", { class: "quiet" }, draws) : null);
  }

  // Two examples of different classes, or the two ends of the most active unit.
  #ends() {
    const { about, codes } = this;
    const other = about.codes?.labels.findIndex((label) => label !== about.codes.labels[0]) ?? -1;
    if (other > 0) return [codes[0], codes[other]];
    const [{ unit, range }] = about.units;
    return range.map((value) => about.mean.with(unit, value)).map((code) => (about.space === "sphere" ? onSphere(code) : code));
  }

  given() {
    const known = this.about.conditions.filter(({ name }) => this.controls.values[name] !== "");
    return Object.fromEntries(known.map(({ name, values }) => {
      const value = this.controls.values[name];
      return [name, values ? values.indexOf(value) : Number(value)];
    }));
  }

  decode(code) {
    return this.decoder.decode(Float32Array.from(code), this.given());
  }

  // At most one picture a frame, the latest.
  preview(code) {
    this.wanted = code;
    this.pending ??= requestAnimationFrame(() => {
      this.pending = null;
      this.show(this.wanted);
    });
  }

  hold(code) {
    this.held = code;
    this.preview(code);
  }

  jump(code) {
    this.morph.stop();
    this.hold(code);
  }

  show(code) {
    this.seen = code;
    this.look.put(this.decode(code));
    this.sliders.put(code);
    this.map.mark(code, this.morph.pins);
    root.dataset.code = code.map((each) => each.toFixed(4)).join(",");
  }

  condition() {
    this.show(this.seen);
    this.morph.redraw();
    this.behind();
  }

  axis(place, value) {
    const other = Number(this.axes[1 - place].value || (value === "0" ? 1 : 0));
    this.turn(value === "" ? null : place ? [other, Number(value)] : [Number(value), other]);
  }

  // Another plane.
  turn(units) {
    this.axes.forEach((control, i) => { control.value = units ? units[i] : ""; });
    this.map.show(new Plane(this.about, this.codes, units));
    this.behind();
  }

  behind() {
    this.map.backdrop(this.pictures.checked ? this.given() : null);
  }
}

function codesOf(about) {
  if (!about.codes) return [];
  const values = floats64(about.codes.values);
  const size = about.latent_dim;
  return Array.from({ length: about.codes.count }, (_, i) => Array.from(values.subarray(i * size, (i + 1) * size)));
}

function refuse(message) {
  root.className = "view text";
  root.replaceChildren(h("h1", {}, "Nothing is shown"), h("p", { class: "trouble" }, message));
  root.dataset.ready = "refused";
}

function open() {
  const about = JSON.parse(carried("about"));
  const decoder = new Decoder(about, JSON.parse(carried("graph")), floats64(carried("weights")));
  const check = decoder.check();
  root.dataset.difference = check.worst;
  if (!check.isFine) {
    refuse(`This browser makes something else of ${check.count} codes than Keras did: the largest relative difference is `
      + `${check.worst.toExponential(1)}, and up to 1e-4 is rounding. What it would show is not what the model makes.`);
    return;
  }
  root.className = "view page";
  root.view = new PageView(about, decoder, check);
  root.dataset.ready = "page";
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  root.focus();
});
try {
  open();
} catch (error) {
  refuse(`This page cannot be computed here: ${error.message}`);
  throw error;
}
