// Items by how strange they are.

import * as address from "../lib/address.js";
import { whenScored } from "../lib/api.js";
import { button, count, field, h, number, say, select } from "../lib/dom.js";
import { heat, images, picture, table } from "../lib/show.js";

const PAGE = 60;
const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

export async function mount(root, { about, server, given, signal, run }) {
  const waiting = h("p", { class: "quiet" }, "Scoring items…");
  root.append(h("section", {}, h("h1", {}, "Odd ones out"), waiting));
  await whenScored(server, signal, (share) => { waiting.textContent = `Scoring items: ${Math.round(100 * share)} %`; });
  const scores = await server.values("score", signal);
  const p = await server.values("p_value", signal);
  const calibrated = about.calibrated_with > 0;
  const strange = (i) => (Number.isNaN(scores[i]) ? Infinity : scores[i]);
  const order = Array.from(scores.keys()).sort((a, b) => strange(b) - strange(a));
  let rate = RATES.indexOf(Number(given.get("rate"))) >= 0 ? Number(given.get("rate")) : 0.05;
  let what = ["original", "where", "reconstruction"].includes(given.get("show")) ? given.get("show") : "original";
  let shown = 0;

  const said = h("p", { class: "said" });
  const gallery = h("div", { class: "gallery" });
  const more = button("More", () => show());
  const slider = h("input", {
    type: "range", min: 0, max: RATES.length - 1, step: 1, value: RATES.indexOf(rate), id: "rate",
    oninput: () => {
      rate = RATES[Number(slider.value)];
      address.keep({ rate });
      mark();
    },
  });
  slider.value = RATES.indexOf(rate);
  const value = h("output", { for: "rate" });
  const flagged = (i) => calibrated && p[i] <= rate;

  function mark() {
    value.textContent = `${100 * rate} %`;
    slider.setAttribute("aria-valuetext", value.textContent);
    const found = Array.from(p.keys()).filter(flagged).length;
    const least = Math.ceil(1 / rate) - 1;
    said.textContent = !calibrated
      ? "The model is not calibrated: there is no rate of false alarms. `vae score --calibrate` calibrates it."
      : least > about.calibrated_with
        ? `So low a rate takes ${count(least)} ordinary examples to calibrate with, and there are ${count(about.calibrated_with)}.`
        : `${count(found)} of ${count(scores.length)} items are called odd, ${(100 * found / scores.length).toPrecision(2)} %; of ordinary ones, ${100 * rate} % would be.${about.is_own ? " These items are among those it was calibrated with, so the two agree." : ""}`;
    root.dataset.flagged = found;
    for (const card of gallery.querySelectorAll("[data-item]")) card.classList.toggle("flagged", flagged(Number(card.dataset.item)));
  }

  async function show() {
    const items = order.slice(shown, shown + PAGE);
    const asked = await Promise.all([
      server.ask("gallery", { items, what: what === "reconstruction" ? what : "original" }, signal),
      what === "where" ? server.ask("gallery", { items, what: "where" }, signal) : null,
    ]).catch((error) => {
      if (error.name !== "AbortError") say(error.message, true);
      return null;
    });
    if (!asked) return;
    const [found, where] = asked;
    shown += items.length;
    if (about.kind === "images") gallery.append(...cards(items, found, where));
    else gallery.append(rows(items, found, where));
    more.hidden = shown >= order.length;
    mark();
    root.dataset.shown = shown;
  }

  function cards(items, found, where) {
    const overlays = where && images(where, heat);
    return images(found).map((image, i) => {
      const index = items[i];
      const name = found.names[i];
      const title = `item ${index}${name.label === undefined || name.label === null ? "" : ` · ${name.label}`}`;
      return h("a", {
        class: "card", href: address.to("map", { run, pins: `i${index}`, colour: "score" }), "data-item": index, title: String(name.file ?? title),
      }, h("span", { class: overlays ? "stack" : "" }, picture(image, title), overlays ? picture(overlays[i], "where it is strange") : null),
      h("span", { class: "under" }, h("b", {}, number(scores[index])), calibrated ? ` p ${p[index].toPrecision(2)}` : "", h("br"), title));
    });
  }

  function rows(items, found, where) {
    const cells = where && where.shares.map((row) => found.columns.map((name) => row[where.columns.indexOf(name)] ?? 0));
    return table(found, "Items by their score", {
      heads: ["item", "score", ...(calibrated ? ["p"] : [])],
      rows: items.map((index) => [
        h("th", { scope: "row", "data-item": index }, h("a", { href: address.to("map", { run, pins: `i${index}` }) }, String(index))),
        h("td", {}, number(scores[index])), ...(calibrated ? [h("td", {}, p[index].toPrecision(2))] : []),
      ]),
    }, cells);
  }

  const kinds = [["original", "items"], ["where", "where they are strange"], ...(about.kind === "images" ? [["reconstruction", "reconstructions"]] : [])];
  root.replaceChildren(
    h("section", { class: "text" },
      h("h1", {}, "Odd ones out"),
      h("p", { class: "quiet" }, `The strangest first, by ${about.score}. The slider says how many false alarms you put up with.`),
      h("div", { class: "controls" },
        h("label", { class: "field wide" }, h("span", {}, "Rate of false alarms ", value), slider),
        field("Show", select(kinds, what, (each) => {
          what = each;
          address.keep({ show: each });
          shown = 0;
          gallery.replaceChildren();
          show();
        }))),
      said),
    gallery, more);
  await show();
}
