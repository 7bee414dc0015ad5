// From a folder or a table to a run.

import * as address from "../lib/address.js";
import { post, put } from "../lib/api.js";
import { button, count, field, h, options, say } from "../lib/dom.js";
import { dropZone } from "./yours.js";

const RECIPES = { images: ["conv", "residual", "dense", "article"], table: ["table"] };

export function mount(root) {
  const found = h("section", { "aria-live": "polite" });
  const files = h("input", { type: "file", id: "files", multiple: true, onchange: () => take([...files.files].map((file) => [file.name, file])) });
  const folder = h("input", { type: "file", id: "folder", webkitdirectory: true, onchange: () => take([...folder.files].map((file) => [file.webkitRelativePath, file])) });
  const zone = dropZone("Drop a folder of images, or a table: .csv, .parquet", async (dropped, items) => take(await pathsOf(dropped, items)), files);
  zone.querySelector("label").textContent = "Choose files";
  zone.append(h("label", { class: "button", for: "folder" }, "Choose a folder"), folder);
  root.append(h("div", { class: "text" },
    h("h1", {}, "New run"),
    h("p", { class: "quiet" }, "The data stay on this machine: they are copied into the folder runs/dropped, where the run finds them again."),
    zone,
    h("p", {}, button("Use the 5,000 digits that come along", () => form({ data: "mnist-5k" }, "images"))),
    found));

  async function take(paths) {
    if (!paths.length) return;
    const bar = h("progress", { max: paths.length, value: 0, "aria-label": "Files copied" });
    found.replaceChildren(h("h2", {}, "Copying"), bar);
    try {
      const { dropped } = await (await post("drops", {})).json();
      for (const [path, file] of paths) {
        await put(`drops/${dropped}/${path.split("/").map(encodeURIComponent).join("/")}`, file);
        bar.value += 1;
      }
      found.replaceChildren(h("p", { class: "quiet" }, "Looking at it…"));
      const { is_table: isTable, found: inspected } = await (await post(`drops/${dropped}/inspect`, {})).json();
      form({ dropped }, isTable ? "table" : "images", inspected);
    } catch (error) {
      found.replaceChildren(h("p", { class: "trouble" }, error.message));
      say(error.message, true);
    }
  }

  function form(source, kind, inspected) {
    const entries = {
      recipe: h("select", {}, options(RECIPES[kind].map((name) => [name, name]), RECIPES[kind][0])),
      latent_dim: entry(),
      epochs: entry(),
      batch_size: entry(),
    };
    let likelihood = null;
    const suggestions = inspected?.suggestions ?? [];
    const taken = h("p", { class: "quiet" }, "What is left empty is the recipe's own, as with `vae train`.");
    function takeSuggestions() {
      for (const { setting, value } of suggestions) {
        if (entries[setting]) entries[setting].value = value;
        if (setting === "likelihood") likelihood = value;
      }
      taken.textContent = likelihood ? `With the likelihood ${likelihood}.` : "";
    }
    async function train(event) {
      event.preventDefault();
      const asked = { ...source, recipe: entries.recipe.value, likelihood };
      for (const name of ["latent_dim", "epochs", "batch_size"]) {
        if (entries[name].value) asked[name] = Number(entries[name].value);
      }
      try {
        const { name } = await (await post("trainings", asked)).json();
        location.hash = address.to("watch", { run: name });
      } catch (error) {
        say(error.message, true);
      }
    }
    found.replaceChildren(
      inspected ? h("h2", {}, "What is in it") : "", ...(inspected ? summary(inspected, kind) : []),
      h("h2", {}, "How to train"),
      h("form", { class: "form", onsubmit: train },
        field("Recipe", entries.recipe), field("Latent units", entries.latent_dim),
        field("Epochs", entries.epochs), field("Batch size", entries.batch_size), taken,
        h("div", { class: "buttons" }, h("button", { type: "submit", class: "strong" }, "Train"),
          suggestions.length ? button("Take what is suggested", takeSuggestions) : null)));
    root.dataset.inspected = kind;
  }
}

function entry() {
  return h("input", { type: "number", min: 1, placeholder: "the recipe's" });
}

function summary(found, kind) {
  const facts = { "for training": count(found.num_train), "for testing": count(found.num_test) };
  if (kind === "images") {
    const [height, width, channels] = found.event_shape;
    Object.assign(facts, { size: `${width}×${height}, ${channels === 1 ? "grey" : "colour"}`, values: found.value_range.map((each) => Number(each.toPrecision(4))).join(" to ") });
    const classes = Object.entries(found.classes);
    if (classes.length > 1) facts.labels = `${classes.slice(0, 12).map(([name, total]) => `${name} (${count(total)})`).join(", ")}${classes.length > 12 ? ` and ${classes.length - 12} more` : ""}`;
  } else {
    facts.columns = (found.columns ?? []).map((each) => `${each.name} (${each.kind})`).join(", ");
  }
  if (found.duplicates) facts.copies = count(found.duplicates);
  const unreadable = Object.entries(found.unreadable ?? {});
  return [
    h("dl", { class: "facts" }, Object.entries(facts).map(([name, value]) => h("div", { class: String(value).length > 60 ? "long" : "" }, h("dt", {}, name), h("dd", {}, value)))),
    h("p", { class: "quiet" }, "It suggests: ", found.suggestions.map((each) => `${each.setting.replace("_", " ")} ${each.value} (${each.reason})`).join("; "), "."),
    unreadable.length ? h("p", { class: "trouble" }, `Left out, because they cannot be read: ${unreadable.slice(0, 5).map(([name]) => name).join(", ")}${unreadable.length > 5 ? ` and ${unreadable.length - 5} more` : ""}.`) : "",
  ];
}

// The files of what was dropped, folders included, with their paths.
async function pathsOf(files, items) {
  const entries = [...(items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...files].map((file) => [file.name, file]);
  const found = [];
  for (const each of entries) await walk(each, found);
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    found.push([entry.fullPath.replace(/^\//, ""), await new Promise((resolve, reject) => entry.file(resolve, reject))]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) await walk(each, found);
  }
}
