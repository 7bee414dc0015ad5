// An example of a person's own.

import { conditionControls } from "../lib/conditions.js";
import * as address from "../lib/address.js";
import { button, field, h, number, say } from "../lib/dom.js";
import { comparison, heat, images, picture } from "../lib/show.js";

export async function mount(root, context) {
  const { about, server, given } = context;
  const result = h("section", { class: "result", "aria-live": "polite" }, h("p", { class: "quiet" }, "What the model makes of it comes here."));
  let again = null;
  const conditions = conditionControls(about, given, (_, change) => {
    address.keep(change);
    again?.();
  });

  async function examine(work) {
    again = () => examine(work);
    delete root.dataset.examined;
    try {
      const found = await work();
      result.replaceChildren(...shown(found, about));
      root.dataset.examined = String(found.score);
    } catch (error) {
      if (error.name === "AbortError") return;
      result.replaceChildren(h("p", { class: "trouble" }, error.message));
      say(error.message, true);
    }
  }

  const own = about.kind === "images"
    ? imageInput(about, (file) => examine(() => server.examine(file, conditions.values)))
    : await rowInput(context, (values) => examine(() => server.ask("examine_row", { values, conditions: conditions.values })));
  root.append(h("section", { class: "own" }, h("h1", {}, "Yours"), own, conditions.element), result);
}

function shown(found, about) {
  const p = found.p_value;
  const verdict = p === null || p === undefined
    ? `Score ${number(found.score)} (${about.score}). The model is not calibrated, so there is no p-value.`
    : `p = ${p.toPrecision(2)}: of ${about.calibrated_with} ordinary test examples, ${percent(p)} are at least as strange.`;
  const judged = p !== null && p !== undefined && p <= 0.05 ? "An odd one: " : "";
  const facts = h("dl", { class: "facts" },
    [["score", `${number(found.score, 2)} (${about.score})`], ["p-value", p === null ? "–" : p.toPrecision(2)], ["bound", `${number(found.bound)} nats`]]
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  const parts = [h("h2", {}, "What the model makes of it"), h("p", {}, judged + verdict), facts];
  if (about.kind === "images") {
    const one = (title, what, paint) => h("figure", {}, picture(images(found[what], paint)[0], title, { class: "pixels big" }), h("figcaption", {}, title));
    parts.push(h("div", { class: "four" }, one("yours", "original"), one("reconstruction", "reconstruction"),
      one("difference", "difference", heat), one("where it is strange", "where", heat)));
  } else {
    parts.push(comparison([["yours", found.original], ["reconstruction", found.reconstruction], ["strange", found.where]], found.original.columns));
  }
  parts.push(h("h2", {}, "Nearest training items"), nearest(found.nearest, about));
  return parts;
}

function nearest(found, about) {
  if (!found) return h("p", { class: "quiet" }, "The training data are not at hand.");
  const names = found.names.map((each) => [each.label, each.file ?? each.row ?? each.number].filter((part) => part !== undefined && part !== null).join(" · "));
  if (about.kind !== "images") {
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Nearest training rows" }, h("table", {},
      h("thead", {}, h("tr", {}, ["row", "distance", ...found.columns].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, found.rows.map((row, i) => h("tr", {}, h("td", {}, names[i]), h("td", {}, number(found.distances[i], 2)), row.map((each) => h("td", {}, each || "–")))))));
  }
  return h("div", { class: "offered" }, images(found).map((image, i) => h("figure", { class: "near" },
    picture(image, `training item ${names[i]}`), h("figcaption", {}, names[i], h("small", {}, ` ${number(found.distances[i], 2)}`)))));
}

const percent = (share) => `${(100 * share).toPrecision(2)} %`;

// Drop a file, choose one, or draw.
function imageInput(about, given) {
  const chooser = h("input", { type: "file", accept: "image/*", id: "file", onchange: () => chooser.files[0] && given(chooser.files[0]) });
  const times = Math.max(1, Math.floor(280 / Math.max(about.width, about.height)));
  const pad = h("canvas", {
    class: "pad", width: about.width * times, height: about.height * times, tabindex: "0", role: "img",
    "aria-label": "Draw with the pointer; or choose a file",
  });
  const ink = pad.getContext("2d");
  const colour = h("input", { type: "color", value: "#ffffff", "aria-label": "Colour of the brush" });
  const paper = h("input", { type: "checkbox", onchange: clear });
  const size = h("input", { type: "range", min: 1, max: 40, value: Math.max(2, Math.round(pad.width / 14)), "aria-label": "Width of the brush" });
  function clear() {
    ink.fillStyle = paper.checked ? "#ffffff" : "#000000";
    ink.fillRect(0, 0, pad.width, pad.height);
    colour.value = paper.checked ? "#000000" : "#ffffff";
  }
  clear();
  let last = null;
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
  };
  const stroke = (to) => {
    Object.assign(ink, { strokeStyle: colour.value, lineWidth: Number(size.value), lineCap: "round", lineJoin: "round" });
    ink.beginPath();
    ink.moveTo(...(last ?? to));
    ink.lineTo(...to);
    ink.stroke();
    last = to;
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    last = null;
    stroke(place(event));
  });
  pad.addEventListener("pointermove", (event) => { if (last && event.buttons) stroke(place(event)); });
  pad.addEventListener("pointerup", () => {
    last = null;
    pad.toBlob(given);
  });
  const zone = dropZone("Drop an image here", (files) => given(files[0]), chooser);
  return [
    h("p", { class: "quiet" }, `Drop, choose or draw an image. It becomes ${about.width}×${about.height} as those for training did.`),
    zone,
    h("div", { class: "draw" }, pad, h("div", { class: "buttons" },
      button("Clear", clear), h("label", { class: "inline" }, paper, "white paper"),
      h("label", { class: "inline" }, "Brush", size), about.is_color ? h("label", { class: "inline" }, "Colour", colour) : null)),
  ];
}

export function dropZone(text, dropped, chooser) {
  const zone = h("div", { class: "drop" }, h("p", {}, text), h("label", { class: "button", for: chooser.id }, "Choose"), chooser);
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files.length) dropped(event.dataTransfer.files, event.dataTransfer.items);
  });
  return zone;
}

// A field for each column; what is empty is missing.
async function rowInput({ about, server, signal }, given) {
  const inputs = new Map(about.columns.map((column) => [column.name, column.classes.length
    ? h("select", {}, ["", ...column.classes].map((each) => h("option", { value: each }, each || "missing")))
    : h("input", { type: "text", inputmode: column.kind === "date" ? "text" : "decimal", placeholder: "missing" })]));
  const form = h("form", {
    class: "form", onsubmit: (event) => {
      event.preventDefault();
      given(Object.fromEntries([...inputs].map(([name, input]) => [name, input.value])));
    },
  }, about.columns.map((column) => field(column.name, inputs.get(column.name))),
  h("div", { class: "buttons" }, h("button", { type: "submit", class: "strong" }, "Look at it"),
    button("Fill in any item", fill), button("Empty", () => inputs.forEach((input) => { input.value = ""; }))));
  async function fill() {
    const item = await server.item(Math.floor(Math.random() * about.count), signal);
    item.original.columns.forEach((name, i) => {
      if (inputs.has(name)) inputs.get(name).value = item.original.rows[0][i];
    });
    form.requestSubmit();
  }
  return [h("p", { class: "quiet" }, "Fill in a row; what you leave empty is missing."), form];
}
