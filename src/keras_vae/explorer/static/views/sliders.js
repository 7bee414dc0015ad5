// A slider for each latent unit, the most informative first.

import * as address from "../lib/address.js";
import { latest } from "../lib/api.js";
import { conditionControls } from "../lib/conditions.js";
import { button, h, number, say } from "../lib/dom.js";
import { bar, frame } from "../lib/show.js";

export function mount(root, { about, server, given, signal }) {
  const start = (given.get("code") ?? "").split(",").map(Number);
  const code = start.length === about.latent_dim && start.every(Number.isFinite) ? start : [...about.mean];
  const shown = frame(about, "What these values decode to", { class: "pixels huge" });
  const original = frame(about, "The item", { class: "pixels big" });
  const itemFigure = h("figure", { hidden: true }, original.element, h("figcaption"));
  const most = Math.max(...about.units.map((each) => each.measure), 1e-9);
  const sliders = new Map();

  const decode = latest(async () => {
    const codes = [about.space === "sphere" ? onSphere(code) : code];
    const decoded = await server.ask("decode", { codes, conditions: conditions.values }, signal).catch(trouble);
    if (decoded) shown.put(decoded);
    root.dataset.decoded = code.map((each) => each.toFixed(3)).join(",");
  });
  const conditions = conditionControls(about, given, (_, change) => {
    address.keep(change);
    decode();
  });

  function changed() {
    address.keep({ code: code.map((each) => Number(each.toFixed(3))).join(",") });
    decode();
  }

  function set(values) {
    values.forEach((value, unit) => {
      code[unit] = value;
      const { input, output } = sliders.get(unit);
      input.min = Math.min(input.min, value);
      input.max = Math.max(input.max, value);
      input.value = value;
      output.textContent = number(value, 2);
    });
    changed();
  }

  async function snap(index) {
    const item = await server.item(index, signal).catch(trouble);
    if (!item) return;
    itemFigure.hidden = false;
    original.put(item.original);
    itemFigure.lastChild.textContent = `item ${index}${item.label === undefined || item.label === null ? "" : ` · ${item.label}`}`;
    chosen.value = index;
    set(item.code);
  }

  const rows = about.units.map(({ unit, measure, alive, range }) => {
    const spare = 0.25 * (range[1] - range[0]);
    const [low, high] = [range[0] - spare, range[1] + spare];
    const output = h("output", {}, number(code[unit], 2));
    const input = h("input", {
      type: "range", id: `z${unit}`, min: Math.min(low, code[unit]), max: Math.max(high, code[unit]), step: "any", value: code[unit],
      oninput: () => {
        code[unit] = Number(input.value);
        output.textContent = number(code[unit], 2);
        changed();
      },
      ondblclick: () => {
        input.value = about.mean[unit];
        input.dispatchEvent(new Event("input"));
      },
    });
    input.value = code[unit];
    sliders.set(unit, { input, output });
    return h("div", { class: alive ? "slider" : "slider dead" },
      h("label", { for: `z${unit}` }, `z${unit + 1}`, alive ? null : h("small", {}, " dead")), input, output,
      h("span", { class: "measure", title: `${number(measure, 3)} ${about.measure}` }, bar(measure / most), h("small", {}, number(measure, 2))));
  });

  const chosen = h("input", {
    type: "number", min: 0, max: about.count - 1, placeholder: "item", "aria-label": "Item to snap to",
    onchange: () => snap(Number(chosen.value)),
  });
  let seed = Number(given.get("seed") ?? 0);
  root.append(
    h("section", { class: "shown" },
      h("figure", {}, shown.element), itemFigure,
      h("div", { class: "buttons" },
        button("Randomise", async () => {
          seed = Math.floor(Math.random() * 2 ** 31);
          const drawn = await server.ask("sample", { seed, conditions: conditions.values }, signal).catch(trouble);
          if (!drawn) return;
          itemFigure.hidden = true;
          set(drawn.code);
        }),
        button("Reset", () => { itemFigure.hidden = true; set(about.mean); }),
        button("Any item", () => snap(Math.floor(Math.random() * about.count))),
        h("label", { class: "inline" }, "Item", chosen)),
      conditions.element),
    h("section", { class: "sliders-list" },
      h("h1", {}, "Sliders"),
      h("p", { class: "quiet" }, `One for each latent unit, by ${about.measure}. Dead ones carry nothing. A double click goes back to the mean.`),
      rows));
  decode();
}

function onSphere(code) {
  const length = Math.hypot(...code) || 1;
  return code.map((each) => each / length);
}

function trouble(error) {
  if (error.name !== "AbortError") say(error.message, true);
  return null;
}
