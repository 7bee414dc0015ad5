// What a conditional model is asked under.

import { field, h, select } from "./dom.js";

export function conditionControls(about, given, onchange) {
  const values = {};
  for (const each of about.conditions) values[each.name] = given.get(`c.${each.name}`) ?? "";
  const changed = (name) => (value) => {
    values[name] = value;
    onchange(values, { [`c.${name}`]: value });
  };
  const controls = about.conditions.map((each) => {
    if (each.values) {
      const all = [["", "unknown"], ...each.values.map((value) => [value, value])];
      return field(each.name, select(all, values[each.name], changed(each.name)));
    }
    return field(each.name, h("input", {
      type: "number", step: "any", value: values[each.name], placeholder: "unknown",
      onchange: (event) => changed(each.name)(event.target.value),
    }), `about ${each.mean.toPrecision(3)} ± ${each.scale.toPrecision(3)}`);
  });
  return { values, element: controls.length ? h("fieldset", { class: "conditions" }, h("legend", {}, "Conditions"), controls) : null };
}
