// From one pin to another.

import { button, h } from "../../explorer/static/lib/dom.js";
import { player } from "../../explorer/static/lib/player.js";
import { face } from "./face.js";
import { between, onSphere } from "./latent.js";

// `held` gives the code that is seen, `decode` what a code means, `show` shows a code, `changed` is told the pins.
export function morph(about, ends, { held, decode, show, changed }) {
  const pins = [...ends];
  const isTable = about.kind === "table";
  const looks = ["A", "B"].map((name) => (isTable ? null : face(about, `Pin ${name}`, { class: "pixels" })));
  const slider = h("input", {
    type: "range", min: 0, max: 1, step: "any", value: 0, "aria-label": "From pin A to pin B",
    oninput: () => { stop(); move(Number(slider.value)); },
  });
  const { element: play, stop } = player(() => Number(slider.value), move);

  function put(i, code) {
    pins[i] = code;
    slider.value = i;
    looks[i]?.put(decode(code));
    changed(pins);
  }

  function move(share) {
    slider.value = share;
    const code = between(pins[0], pins[1], share);
    show(about.space === "sphere" ? onSphere(code) : code);
  }

  const both = ["A", "B"].map((name, i) => h("div", { class: "pinned" }, looks[i]?.element ?? null,
    button(`Pin ${name} here`, () => { stop(); put(i, held()); })));
  return {
    pins, stop,
    redraw: () => pins.forEach((code, i) => looks[i]?.put(decode(code))),
    element: h("section", { class: "morphing" }, h("h2", {}, "Morph"),
      h("p", { class: "quiet" }, "Hold a place of the map, or set the sliders, and pin it; then go from one pin to the other."),
      h("div", { class: "ends-of" }, both), h("div", { class: "between" }, slider, play)),
  };
}
