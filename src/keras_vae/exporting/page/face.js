// How an example looks: pixels, or a row of a table; and what is kept of it as a file.

import { say } from "../../explorer/static/lib/dom.js";
import { frame } from "../../explorer/static/lib/show.js";
import { texts } from "./row.js";

const KEPT = 448;

export function face(about, label, attributes) {
  const shown = frame(about, label, attributes);
  if (about.kind === "images") return { element: shown.element, put: (numbers) => shown.image(pixels(about, numbers)) };
  const columns = about.columns.map((each) => each.name);
  return { element: shown.element, put: (numbers) => shown.put({ columns, rows: [texts(about.columns, numbers)] }) };
}

// Grey or colours; where channels are neither, their mean.
export function pixels({ width, height, channels, range: [low, high] }, numbers) {
  const image = new ImageData(width, height);
  const shade = (value) => 255 * Math.min(1, Math.max(0, (value - low) / (high - low)));
  const isColour = channels === 3 || channels === 4;
  for (let i = 0; i < width * height; i += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      const value = shade(numbers[i * channels + channel]);
      sum += value;
      if (isColour && channel < 3) image.data[4 * i + channel] = value;
    }
    if (!isColour) image.data.fill(sum / channels, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  return image;
}

export async function keep(about, numbers, name) {
  if (about.kind === "images") {
    const own = document.createElement("canvas");
    Object.assign(own, { width: about.width, height: about.height });
    own.getContext("2d").putImageData(pixels(about, numbers), 0, 0);
    const times = Math.max(1, Math.ceil(KEPT / Math.max(about.width, about.height)));
    const large = document.createElement("canvas");
    Object.assign(large, { width: times * about.width, height: times * about.height });
    const context = large.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(own, 0, 0, large.width, large.height);
    offer(await new Promise((done) => { large.toBlob(done, "image/png"); }), `${name}.png`);
  } else {
    const rows = [about.columns.map((each) => each.name), texts(about.columns, numbers)];
    offer(new Blob([rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("")], { type: "text/csv" }), `${name}.csv`);
  }
}

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function offer(blob, name) {
  const link = document.createElement("a");
  Object.assign(link, { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  say(`Saved ${name}.`);
}
