// All runs, and what became of them.

import * as address from "../lib/address.js";
import { h } from "../lib/dom.js";

export function mount(root, { everything }) {
  const rows = everything.runs.map((run) => h("tr", {},
    h("th", { scope: "row" }, h("a", { href: address.to(run.state === "finished" ? "map" : "watch", { run: run.name }) }, run.name)),
    h("td", {}, h("span", { class: `state ${run.state}` }, run.state)),
    h("td", {}, run.message ?? "")));
  root.append(
    h("div", { class: "text" },
      h("h1", {}, "Runs"),
      rows.length
        ? h("table", {}, h("thead", {}, h("tr", {}, ["run", "state", ""].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, rows))
        : h("p", {}, "No run yet."),
      everything.may_train ? h("p", {}, h("a", { class: "button", href: address.to("train") }, "Train one")) : null,
      h("p", { class: "quiet" }, `keras-vae ${everything.version}`)));
}
