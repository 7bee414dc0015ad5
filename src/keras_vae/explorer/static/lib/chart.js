// Lines over epochs, as in the reports.

const SVG = "http://www.w3.org/2000/svg";

function s(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// `lines`: [name, class, values] each; `label` says it in words.
export function lineChart(lines, label, [width, height] = [360, 190]) {
  const chart = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const all = lines.flatMap(([, , values]) => values).filter(Number.isFinite);
  const length = Math.max(...lines.map(([, , values]) => values.length));
  if (!all.length) return chart;
  // The first epochs are far above the rest, which would be a flat line.
  const sorted = [...all].sort((a, b) => a - b);
  const low = sorted[0];
  const high = length > 6 ? sorted[Math.floor(0.96 * (sorted.length - 1))] : sorted.at(-1);
  const [left, right, top, bottom] = [46, width - 10, 8, height - 24];
  const x = (i) => left + (length > 1 ? (i / (length - 1)) * (right - left) : (right - left) / 2);
  const y = (value) => bottom - ((Math.min(value, high) - low) / (high - low || 1)) * (bottom - top);
  for (const share of [0, 0.5, 1]) {
    const value = low + share * (high - low);
    chart.append(s("line", { class: "rule", x1: left, x2: right, y1: y(value), y2: y(value) }));
    chart.append(s("text", { class: "tick", x: left - 6, y: y(value) + 3.5, "text-anchor": "end" }, value.toPrecision(4)));
  }
  for (const i of new Set([0, length - 1])) {
    chart.append(s("text", { class: "tick", x: x(i), y: height - 8, "text-anchor": i ? "end" : "start" }, `epoch ${i + 1}`));
  }
  for (const [, kind, values] of lines) {
    const points = values.map((value, i) => (Number.isFinite(value) ? `${x(i).toFixed(1)},${y(value).toFixed(1)}` : "")).filter(Boolean);
    if (points.length > 1) chart.append(s("polyline", { class: `line ${kind}`, points: points.join(" ") }));
    else if (points.length) chart.append(s("circle", { class: `dot ${kind}`, cx: x(0), cy: y(values[0]), r: 3 }));
  }
  return chart;
}
