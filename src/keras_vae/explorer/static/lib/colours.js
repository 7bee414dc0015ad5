// Colours for classes and for numbers, light and dark, as in the reports.

const LIGHT = ["#0b6e99", "#c8610a", "#3b7d55", "#9b3fa0", "#b3261e", "#7a6a00", "#3f51b5", "#00838f", "#8d5a3b", "#6b7280"];
const DARK = ["#59b8e6", "#f2a154", "#7fcf9c", "#d59adb", "#ff8a80", "#d9c75a", "#9fa8ff", "#5fd0d8", "#d3a384", "#b3bac4"];
const SCALE = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]];

const dark = matchMedia("(prefers-color-scheme: dark)");
export const isDark = () => dark.matches;
export const onScheme = (call, signal) => dark.addEventListener("change", call, { signal });
export const classColour = (index) => (index < 0 ? (isDark() ? "#9aa5b1" : "#7b8794") : (isDark() ? DARK : LIGHT)[index % 10]);

// From 0 to 1; in the dark the low end is lifted, so that it can be seen.
export function shade(value) {
  const low = isDark() ? 0.18 : 0;
  const high = isDark() ? 1 : 0.92;
  const place = (low + Math.min(1, Math.max(0, value)) * (high - low)) * (SCALE.length - 1);
  const i = Math.min(SCALE.length - 2, Math.floor(place));
  return SCALE[i].map((from, channel) => Math.round(from + (place - i) * (SCALE[i + 1][channel] - from)));
}

export const css = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;

export function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

export const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

export function quantiles(values, shares) {
  const known = Float32Array.from(values).filter(Number.isFinite).sort();
  return shares.map((share) => known[Math.min(known.length - 1, Math.floor(share * known.length))] ?? 0);
}
