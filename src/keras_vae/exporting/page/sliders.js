// A slider for each latent unit, the most active first.

import { h, number } from "../../explorer/static/lib/dom.js";
import { bar } from "../../explorer/static/lib/show.js";

// `changed` is told the whole code.
export function sliders(about, changed) {
  const code = [...about.mean];
  const most = Math.max(...about.units.map((each) => each.measure), 1e-9);
  const all = new Map();
  const rows = about.units.map(({ unit, measure, alive, range: [low, high] }) => {
    const spare = 0.25 * (high - low);
    const output = h("output", { for: `z${unit}` });
    const input = h("input", {
      type: "range", id: `z${unit}`, min: low - spare, max: high + spare, step: "any",
      oninput: () => {
        code[unit] = Number(input.value);
        output.textContent = number(code[unit], 2);
        changed([...code]);
      },
      ondblclick: () => {
        input.value = about.mean[unit];
        input.dispatchEvent(new Event("input"));
      },
    });
    all.set(unit, { input, output });
    return h("div", { class: alive ? "slider" : "slider dead" },
      h("label", { for: `z${unit}` }, `z${unit + 1}`, alive ? null : h("small", {}, " dead")), input, output,
      h("span", { class: "measure", title: `${number(measure, 3)} ${about.measure}` }, bar(measure / most), h("small", {}, number(measure, 2))));
  });

  function put(values) {
    values.forEach((value, unit) => {
      code[unit] = value;
      const { input, output } = all.get(unit);
      if (value < Number(input.min)) input.min = value;
      if (value > Number(input.max)) input.max = value;
      input.value = value;
      output.textContent = number(value, 2);
    });
  }
  put(about.mean);
  return {
    put,
    element: h("section", { class: "sliders" }, h("h2", {}, "Latent units"),
      h("p", { class: "quiet" }, `By ${about.measure}. Dead ones carry nothing. A double click goes back to the mean.`), rows),
  };
}
