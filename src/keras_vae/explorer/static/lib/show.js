// Examples as pictures or as rows, from what the server says of them.

import { h } from "./dom.js";
import { css, shade } from "./colours.js";

function bytes(text) {
  const binary = atob(text);
  const found = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) found[i] = binary.charCodeAt(i);
  return found;
}

// Each example of {shape: [n, height, width, channels], pixels} as ImageData.
export function images(shown, paint = grey) {
  const [total, height, width, channels] = shown.shape;
  const all = bytes(shown.pixels);
  const size = height * width * channels;
  return Array.from({ length: total }, (_, i) => {
    const image = new ImageData(width, height);
    paint(all.subarray(i * size, (i + 1) * size), image.data, channels);
    return image;
  });
}

function grey(from, into, channels) {
  for (let i = 0, at = 0; i < from.length; i += channels, at += 4) {
    into[at] = from[i];
    into[at + 1] = from[channels === 3 ? i + 1 : i];
    into[at + 2] = from[channels === 3 ? i + 2 : i];
    into[at + 3] = 255;
  }
}

// Shares: the larger, the less transparent.
export function heat(from, into, channels) {
  for (let i = 0, at = 0; i < from.length; i += channels, at += 4) {
    into[at] = 217;
    into[at + 1] = 64;
    into[at + 2] = 26;
    into[at + 3] = from[i];
  }
}

export function canvas(label, attributes = {}) {
  return h("canvas", { class: "pixels", role: "img", "aria-label": label, width: 1, height: 1, ...attributes });
}

export function draw(target, image) {
  if (target.width !== image.width) target.width = image.width;
  if (target.height !== image.height) target.height = image.height;
  target.getContext("2d").putImageData(image, 0, 0);
}

export function picture(image, label, attributes) {
  const target = canvas(label, attributes);
  draw(target, image);
  return target;
}

// A canvas, or a small table, that shows one example after another.
export function frame(about, label, attributes = {}) {
  if (about.kind === "images") {
    const target = canvas(label, attributes);
    target.width = about.width;
    target.height = about.height;
    return { element: target, put: (shown) => draw(target, images(shown)[0]), image: (each) => draw(target, each) };
  }
  const body = h("tbody");
  const element = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: "row" }, body));
  const put = (shown, index = 0) => {
    body.replaceChildren(...shown.columns.map((name, i) =>
      h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, shown.rows[index][i] || "–"))));
  };
  return { element, put };
}

// Columns of rows side by side, for examples of a table.
export function comparison(columns, names) {
  const shares = columns.find(([, shown]) => shown.shares)?.[1].shares[0];
  const heads = columns.filter(([, shown]) => shown.rows).map(([title]) => h("th", { scope: "col" }, title));
  const rows = names.map((name, i) => h("tr", {},
    h("th", { scope: "row" }, name),
    columns.filter(([, shown]) => shown.rows).map(([, shown]) => h("td", {}, shown.rows[0][i] || "–")),
    shares ? h("td", {}, bar(shares[i])) : null));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Columns" },
    h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "column"), heads,
      shares ? h("th", { scope: "col" }, "strange") : null)), h("tbody", {}, rows)));
}

export function bar(share) {
  const element = h("span", { class: "share", role: "img", "aria-label": `${Math.round(100 * share)} %` });
  element.style.setProperty("--share", share);
  return element;
}

// How rows are shown in a gallery: cells coloured by where they are strange.
export function table(shown, caption, marks, cells) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("thead", {}, h("tr", {}, marks.heads.map((name) => h("th", { scope: "col" }, name)),
      shown.columns.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, shown.rows.map((row, i) => h("tr", { class: marks.classes?.[i] ?? "" }, marks.rows[i],
      row.map((text, j) => {
        const cell = h("td", {}, text || "–");
        if (cells) cell.style.setProperty("--heat", cells[i][j]);
        if (cells) cell.className = "heat";
        return cell;
      }))))));
}

export const gradient = () => Array.from({ length: 9 }, (_, i) => css(shade(i / 8))).join(", ");
