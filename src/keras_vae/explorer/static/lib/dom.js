// Elements, made in one line each.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function field(label, control, hint) {
  return h("label", { class: "field" }, h("span", {}, label), control, hint ? h("small", {}, hint) : null);
}

export function options(values, chosen) {
  return values.map(([value, text]) =>
    h("option", { value: String(value), selected: String(value) === String(chosen) }, text));
}

export function select(values, chosen, onchange, attributes = {}) {
  return h("select", { ...attributes, onchange: (event) => onchange(event.target.value) }, options(values, chosen));
}

export function button(text, onclick, attributes = {}) {
  return h("button", { type: "button", onclick, ...attributes }, text);
}

const spoken = document.getElementById("said");
let hiding;

// One line at the foot of the page, which is also read aloud.
export function say(text, isWrong = false) {
  spoken.textContent = text;
  spoken.classList.toggle("wrong", isWrong);
  spoken.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => spoken.classList.remove("shown"), isWrong ? 9000 : 4000);
}

export function number(value, digits = 1) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return Math.abs(value) >= 1e5 ? value.toExponential(2) : value.toFixed(digits);
}

export function count(value) {
  return value.toLocaleString("en");
}
