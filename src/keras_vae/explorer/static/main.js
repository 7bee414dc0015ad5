// Which view is shown of which run.

import * as address from "./lib/address.js";
import { api, get, pause } from "./lib/api.js";
import { h, say } from "./lib/dom.js";

const VIEWS = [
  ["map", "Map"], ["sliders", "Sliders"], ["morph", "Morph"], ["yours", "Yours"], ["odd", "Odd ones out"],
  ["watch", "Training"], ["train", "New run"],
];
const WITHOUT_RUN = new Set(["runs", "train"]);
const WITHOUT_MODEL = new Set(["watch"]);

const root = document.getElementById("view");
const chooser = document.getElementById("runs");
const nav = document.getElementById("views");
let leaving = new AbortController();

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const { view, given } = address.read();
  try {
    const everything = await get("about", signal);
    const run = given.get("run");
    const known = VIEWS.some(([name]) => name === view) || view === "runs";
    if (!known || (!run && !WITHOUT_RUN.has(view))) {
      location.replace(address.to("runs"));
      return;
    }
    head(everything, view, run);
    root.className = `view ${view}`;
    const context = { everything, given, signal, run };
    if (!WITHOUT_RUN.has(view)) {
      context.server = api(run);
      const state = WITHOUT_MODEL.has(view) ? await context.server.state(signal) : await prepared(context);
      if (!state) return;
      context.state = state;
      context.about = state.about;
    }
    const module = await import(`./views/${view}.js`);
    if (signal.aborted) return;
    document.title = `${VIEWS.find(([name]) => name === view)?.[1] ?? "Runs"}${run ? ` · ${run}` : ""} · keras-vae`;
    root.replaceChildren();
    await module.mount(root, context);
    root.dataset.ready = view;
  } catch (error) {
    if (error.name === "AbortError" || signal.aborted) return;
    root.replaceChildren(h("p", { class: "trouble" }, error.message));
    say(error.message, true);
    if (error.status === undefined) throw error;
  }
}

function head(everything, view, run) {
  delete root.dataset.ready;
  const runs = everything.runs.map((each) => h("option", { value: each.name, selected: each.name === run }, each.name));
  chooser.replaceChildren(...(run ? [] : [h("option", { value: "" }, "Choose a run")]), ...runs);
  const shown = VIEWS.filter(([name]) => (name === "train" ? everything.may_train : run));
  nav.replaceChildren(...shown.map(([name, text]) => h("a", {
    href: address.to(name, name === "train" ? {} : { run }), "aria-current": name === view ? "page" : null,
  }, text)), ...(run ? [h("a", { href: `api/runs/${encodeURIComponent(run)}/report`, target: "_blank", rel: "noopener" }, "Report")] : []));
  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

// Wait for a model, and show how far it is.
async function prepared({ server, signal, run }) {
  const stages = [["model", "Loading the model"], ["codes", "Embedding items"]];
  let bars = null;
  for (;;) {
    const state = await server.state(signal);
    if (state.state === "training" || state.state === "stopped" || state.state === "failed") {
      location.replace(address.to("watch", { run }));
      return null;
    }
    if (state.about) return state;
    if (state.failure) throw Object.assign(new Error(state.failure), { status: 400 });
    if (!bars) {
      bars = stages.map(([name, text]) => h("progress", { max: 1, id: `stage-${name}`, "aria-label": text }));
      root.replaceChildren(h("div", { class: "preparing" }, h("h1", {}, run),
        stages.map(([name, text], i) => h("label", { for: `stage-${name}` }, text, bars[i]))));
    }
    stages.forEach(([name], i) => { bars[i].value = state.progress[name]; });
    await pause(300, signal);
  }
}

chooser.addEventListener("change", () => {
  const { view } = address.read();
  if (chooser.value) location.hash = address.to(WITHOUT_RUN.has(view) ? "map" : view, { run: chooser.value });
});
addEventListener("hashchange", show);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  root.focus();
});
show();
