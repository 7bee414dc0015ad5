// A training, as it goes on or as it went.

import * as address from "../lib/address.js";
import { pause, post } from "../lib/api.js";
import { classColour, onScheme, packed, rgb } from "../lib/colours.js";
import { lineChart } from "../lib/chart.js";
import { button, h, number, say } from "../lib/dom.js";
import { Scatter } from "../lib/scatter.js";

const CHARTS = [["Loss", "loss"], ["Reconstruction", "reconstruction_loss"], ["KL", "kl_loss"]];

export async function mount(root, context) {
  const view = new WatchView(root, context);
  await view.update();
  view.follow();
}

class WatchView {
  constructor(root, { server, signal, run, everything }) {
    Object.assign(this, { root, server, signal, run, everything });
    this.frames = [];
    this.isLive = true;
    this.headline = h("p", { class: "headline" });
    this.charts = h("div", { class: "charts" });
    this.samples = h("div", { class: "samples" });
    this.canvas = h("canvas", { class: "points", role: "img", "aria-label": "Test items by their codes, in this epoch" });
    this.scatter = new Scatter(this.canvas);
    this.slider = h("input", {
      type: "range", min: 1, max: 1, step: 1, value: 1, id: "epoch",
      oninput: () => {
        this.isLive = Number(this.slider.value) === this.frames.length;
        this.show(Number(this.slider.value) - 1);
      },
    });
    this.epoch = h("output", { for: "epoch" });
    this.buttons = h("div", { class: "buttons" });
    this.pictures = h("div", { class: "epochs", hidden: true },
      h("label", { class: "field wide" }, h("span", {}, "Epoch ", this.epoch), this.slider),
      h("div", { class: "two" },
        h("figure", {}, this.samples, h("figcaption", {}, "Samples, always of the same noise")),
        h("figure", {}, h("div", { class: "stage small" }, this.canvas), h("figcaption", {}, "Test items by their codes"))));
    root.append(h("div", { class: "text" }, h("h1", {}, run), this.headline, this.buttons, this.charts, this.pictures));
    onScheme(() => this.show(this.shown), signal);
  }

  async update() {
    const [state, progress, found] = await Promise.all([
      this.server.state(this.signal), this.server.history(this.signal), this.server.frames(this.frames.length, this.signal),
    ]);
    this.state = state;
    if (found.frames.length) {
      this.frames.push(...found.frames);
      this.slider.max = this.frames.length;
      this.pictures.hidden = false;
      if (this.isLive) {
        this.slider.value = this.frames.length;
        this.show(this.frames.length - 1);
      }
    }
    this.say(progress);
    this.draw(progress.history);
    this.more = found.frames.length === 20;
  }

  say({ settings, history, data }) {
    const epochs = history.loss?.length ?? 0;
    const { state, message } = this.state;
    const of = settings.epochs ? ` of ${settings.epochs}` : "";
    const left = epochs && settings.epochs && state === "training"
      ? `, about ${time((settings.epochs - epochs) * history.seconds.slice(-3).reduce((a, b) => a + b, 0) / Math.min(3, epochs))} left` : "";
    const loss = epochs ? `; test loss ${number(history.val_loss.at(-1), 2)} nats` : "";
    const texts = {
      training: epochs ? `Epoch ${epochs}${of} done${left}${loss}.` : "Getting ready: the first epoch is not done yet.",
      finished: `Finished after ${epochs} epochs${loss}.`,
      stopped: `Stopped after ${epochs} epochs${of}. \`vae train\` with --resume goes on with it.`,
      failed: message || "The training failed.",
    };
    const trained = settings.recipe ? `${settings.recipe}, ${settings.latent_dim} latents, on ${String(data.name ?? "").split("/").at(-1)}. ` : "";
    this.headline.textContent = trained + texts[state];
    this.headline.classList.toggle("trouble", state === "failed");
    if (this.buttons.dataset.state !== state) {
      this.buttons.dataset.state = state;
      this.buttons.replaceChildren(
        state === "training" && this.everything.may_train ? button("Stop after this step", () => this.stop()) : "",
        state === "finished" ? h("a", { class: "button strong", href: address.to("map", { run: this.run }) }, "Explore it") : "");
    }
    this.root.dataset.state = state;
    this.root.dataset.epochs = epochs;
  }

  async stop() {
    await post(`trainings/${encodeURIComponent(this.run)}/stop`, {}).catch((error) => say(error.message, true));
  }

  draw(history) {
    if (!history.loss?.length || history.loss.length === this.drawn) return;
    this.drawn = history.loss.length;
    this.charts.replaceChildren(...CHARTS.map(([title, column]) => {
      const test = history[`val_${column}`];
      const chart = lineChart([["training", "c0", history[column]], ["test", "c1", test]],
        `${title} over ${test.length} epochs, on test data ${number(test.at(-1))} nats at the end`);
      return h("figure", {}, chart, h("figcaption", {}, h("span", { class: "key c0" }, "training"), h("span", { class: "key c1" }, "test"), ` ${title}, nats`));
    }));
  }

  show(index) {
    const frame = this.frames[index];
    if (!frame) return;
    this.shown = index;
    this.epoch.textContent = frame.epoch;
    if (frame.samples.png) {
      this.picture ??= h("img", { class: "pixels", alt: "Samples of this epoch" });
      this.picture.src = `data:image/png;base64,${frame.samples.png}`;
      this.samples.replaceChildren(this.picture);
    } else {
      const rows = frame.samples;
      this.samples.replaceChildren(h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Sampled rows" }, h("table", {},
        h("thead", {}, h("tr", {}, rows.columns.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, rows.rows.map((row) => h("tr", {}, row.map((each) => h("td", {}, each || "–"))))))));
    }
    const points = Float32Array.from(frame.points.flat());
    const kinds = [...new Set(frame.labels)].sort((a, b) => a - b);
    const some = kinds.length > 1 && kinds.length <= 20;
    const colours = Uint32Array.from(frame.labels, (label) => packed(rgb(classColour(some ? kinds.indexOf(label) : 0))));
    const [low, high] = box(points);
    this.scatter.colours = colours;
    this.scatter.set(points, low, high);
  }

  async follow() {
    try {
      while (this.more || this.state.state === "training") {
        await pause(this.more ? 0 : 1000, this.signal);
        await this.update();
      }
    } catch (error) {
      if (error.name !== "AbortError") say(error.message, true);
    }
  }
}

function box(points) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  points.forEach((value, i) => {
    low[i % 2] = Math.min(low[i % 2], value);
    high[i % 2] = Math.max(high[i % 2], value);
  });
  const margin = low.map((each, i) => 0.05 * (high[i] - each) || 1);
  return [low.map((each, i) => each - margin[i]), high.map((each, i) => each + margin[i])];
}

function time(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
