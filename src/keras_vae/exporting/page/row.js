// Numbers of a table as a person reads, and would write, their values.

import { nearestEven } from "./pointwise.js";

export function texts(columns, numbers) {
  return columns.map((column, i) => (Number.isNaN(numbers[i]) ? "" : FORMS[column.form](column, numbers[i])));
}

const FORMS = {
  class: ({ kind, classes }, number) => {
    if (kind === "boolean") return classes[number >= 0.5 ? 1 : 0];
    return classes[Math.min(classes.length - 1, Math.max(0, nearestEven(number)))];
  },
  date: (column, number) => stamp(column, number).toISOString().slice(0, 10),
  time: (column, number) => stamp(column, number).toISOString().slice(0, 19).replace("T", " "),
  fixed: (column, number) => bounded(column, rounded(number + column.start, column.decimals)).toFixed(column.decimals),
  whole: (column, number) => String(bounded(column, whole(column, number))),
  general: (column, number) => general(bounded(column, column.kind === "real"
    ? rounded(number + column.start, column.decimals)
    : whole(column, number))),
};

function whole({ kind, start }, number) {
  return nearestEven(kind === "count" ? Math.max(0, number + start) : number + start);
}

function bounded({ low, high }, number) {
  return Math.min(high ?? Infinity, Math.max(low ?? -Infinity, number));
}

function stamp(column, number) {
  const seconds = bounded(column, number * column.unit + column.start);
  const day = column.unit;
  return new Date(1000 * (column.has_time ? nearestEven(seconds) : nearestEven(seconds / day) * day));
}

function rounded(number, decimals) {
  const scale = 10 ** decimals;
  const found = nearestEven(number * scale) / scale;
  return Number.isFinite(found) ? found : number;
}

// Six significant digits, as printf's %g writes them.
export function general(number) {
  if (!Number.isFinite(number) || number === 0) return String(number);
  const [digits, exponent] = number.toExponential(5).split("e");
  const power = Number(exponent);
  const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power >= -4 && power < 6) return short(number.toFixed(5 - power));
  return `${short(digits)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
