// From one item to another.

import * as address from "../lib/address.js";
import { latest } from "../lib/api.js";
import { conditionControls } from "../lib/conditions.js";
import { button, h, say, select } from "../lib/dom.js";
import { player } from "../lib/player.js";
import { frame, images, picture } from "../lib/show.js";

const STEPS = 33;
const OFFERED = 30;

export async function mount(root, { about, server, given, signal }) {
  const ends = ["from", "to"].map((name, i) => wanted(given.get(name), about.count) ?? Math.floor((i + 0.3) * 0.6 * about.count));
  let method = given.get("way") === "linear" ? "linear" : "spherical";
  let place = Math.min(1, Math.max(0, Number(given.get("at") ?? 0.5) || 0));
  let picking = 0;
  let frames = [];
  const isTable = about.kind === "table";
  const shown = isTable ? threeColumns() : frame(about, "On the way", { class: "pixels huge" });
  const strip = h("div", { class: "strip" });
  const slider = h("input", { type: "range", min: 0, max: 1, step: "any", value: place, "aria-label": "From the first to the second", oninput: () => { stop(); move(Number(slider.value)); } });
  slider.value = place;
  const { element: play, stop } = player(() => place, move);
  const files = h("span", { class: "files" });
  const conditions = conditionControls(about, given, (_, change) => { address.keep(change); load(); });
  const pickers = ends.map((_, i) => endOf(i));

  function endOf(i) {
    const look = isTable ? { element: h("b", {}) } : frame(about, ["First item", "Second item"][i], { class: "pixels big" });
    const entry = h("input", {
      type: "number", min: 0, max: about.count - 1, value: ends[i], "aria-label": ["Number of the first item", "Number of the second item"][i],
      onchange: () => choose(i, Number(entry.value)),
    });
    const pick = h("button", { type: "button", class: "end", "aria-pressed": String(i === picking), onclick: () => aim(i) }, look.element, ["first", "second"][i]);
    return { look, entry, pick, element: h("div", { class: "picker" }, pick, entry) };
  }

  function aim(i) {
    picking = i;
    pickers.forEach((each, j) => each.pick.setAttribute("aria-pressed", String(i === j)));
  }

  function choose(i, index) {
    if (wanted(index, about.count) === null) {
      say(`There are the items 0 to ${about.count - 1}.`, true);
      return;
    }
    ends[i] = index;
    pickers[i].entry.value = index;
    address.keep({ [["from", "to"][i]]: index });
    load();
  }

  const load = latest(async () => {
    const asked = { start: ends[0], end: ends[1], steps: STEPS, method, conditions: conditions.values };
    const [path, both] = await Promise.all([
      server.ask("path", asked, signal), server.ask("gallery", { items: ends }, signal),
    ]).catch((error) => {
      if (error.name !== "AbortError") say(error.message, true);
      return [];
    });
    if (!path) return;
    frames = !isTable ? images(path) : path.rows.map((row) => ({ columns: path.columns, rows: [row] }));
    pickers.forEach((each, i) => (isTable ? shown.end(i, both) : each.look.image(images(both)[i])));
    strip.replaceChildren(...(about.kind === "images" ? [0, 4, 8, 12, 16, 20, 24, 28, 32].map((i) =>
      button(picture(frames[i], `${Math.round((100 * i) / 32)} % of the way`), () => { stop(); move(i / 32); }, { class: "thumb" })) : []));
    const kinds = about.kind === "images" ? [["gif", "GIF"], ["png", "PNG strip"]] : [["csv", "CSV"]];
    files.replaceChildren(...kinds.map(([kind, name]) => {
      const query = new URLSearchParams({
        start: ends[0], end: ends[1], kind, method, steps: kind === "gif" ? 24 : 10, conditions: JSON.stringify(conditions.values),
      });
      return h("a", { class: "button", href: server.address(`/path/file?${query}`), download: "" }, `Save ${name}`);
    }));
    move(place);
    root.dataset.path = `${ends[0]}-${ends[1]}-${method}`;
  });

  function move(to) {
    place = to;
    slider.value = to;
    const each = frames[Math.round(to * (STEPS - 1))];
    if (!each) return;
    if (about.kind === "images") shown.image(each);
    else shown.put(each);
    address.keep({ at: to.toFixed(2) });
  }

  signal.addEventListener("abort", stop);

  const offered = h("div", { class: "offered" });
  async function offer() {
    const items = Array.from({ length: Math.min(OFFERED, about.count) }, () => Math.floor(Math.random() * about.count));
    const found = await server.ask("gallery", { items }, signal);
    offered.replaceChildren(...items.map((index, i) => {
      const name = `Take item ${index}`;
      const take = () => { choose(picking, index); aim(1 - picking); };
      if (about.kind === "images") return button(picture(images(found)[i], `item ${index}`), take, { class: "thumb", "aria-label": name });
      return button(`${index}: ${found.rows[i].slice(0, 4).join(" · ")}`, take, { class: "rowpick", "aria-label": name });
    }));
  }

  root.append(
    h("section", { class: "shown" },
      h("h1", {}, "Morph"),
      h("div", { class: "way" }, pickers[0].element, h("figure", {}, shown.element), pickers[1].element),
      slider, strip,
      h("div", { class: "buttons" }, play,
        h("label", { class: "inline" }, "Way", select([["spherical", "along an arc"], ["linear", "straight"]], method, (value) => {
          method = value;
          address.keep({ way: value });
          load();
        })), files),
      conditions.element),
    h("section", {}, h("h2", {}, "Items"),
      h("p", { class: "quiet" }, "Take one for the end that is marked; then one for the other."),
      offered, button("Others", offer)));
  await Promise.all([load(), offer()]);
}

// Rows have their two ends, and what lies between, beside one another.
function threeColumns() {
  const body = h("tbody");
  const element = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "On the way" }, h("table", {},
    h("thead", {}, h("tr", {}, ["column", "first", "on the way", "second"].map((name) => h("th", { scope: "col" }, name)))), body));
  const column = (place, shown, index) => {
    while (body.rows.length < shown.columns.length) {
      body.append(h("tr", {}, h("th", { scope: "row" }, shown.columns[body.rows.length]), h("td"), h("td"), h("td")));
    }
    shown.rows[index].forEach((text, i) => { body.rows[i].cells[place].textContent = text || "–"; });
  };
  return { element, put: (shown) => column(2, shown, 0), end: (i, both) => column(i ? 3 : 1, both, i) };
}

function wanted(text, total) {
  const index = Number(text);
  return text !== null && text !== "" && Number.isInteger(index) && index >= 0 && index < total ? index : null;
}
