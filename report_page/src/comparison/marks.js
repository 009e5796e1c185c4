// How a method looks in every plot of the comparison: dot, interval, line.

import { dot, lineY, ruleX, ruleY } from "@observablehq/plot";
import { fixed, interval, signed } from "../base/format.js";
import { shorten } from "../base/text.js";

const hasInterval = ({ low, high }) => low !== null && high !== null;

const symbolMark = (points, style, channels) =>
  dot(points, {
    ...channels,
    symbol: style.shape,
    ...(style.hollow
      ? { stroke: style.colour, strokeWidth: 1.6, fill: "none" }
      : { fill: style.colour, stroke: "var(--surface)", strokeWidth: 0.8 }),
  });

// Points are { x, mean, low, high }; y is the value.
export function courseMarks(points, style, { r = 4.2, joined = true } = {}) {
  const line = { stroke: style.colour, strokeDasharray: style.dash };
  return [
    joined
      ? lineY(points, { x: "x", y: "mean", ...line, strokeWidth: 1.5, strokeOpacity: style.hollow ? 0.9 : 0.55 })
      : null,
    ruleX(points.filter(hasInterval), { x: "x", y1: "low", y2: "high", stroke: style.colour, strokeWidth: 1.8 }),
    symbolMark(points, style, { x: "x", y: "mean", r }),
  ];
}

// Points are { y, mean, low, high }; x is the value.
export const rowMarks = (points, style) => [
  ruleY(points.filter(hasInterval), { y: "y", x1: "low", x2: "high", stroke: style.colour, strokeWidth: 2.2 }),
  symbolMark(points, style, { x: "mean", y: "y", r: 4.4 }),
];

export function valueText({ mean, low, high, deviation }, decimals, { isDifference = false, unit = "" } = {}) {
  const value = isDifference ? signed(mean, decimals) : fixed(mean, decimals);
  const spread =
    !isDifference && deviation !== null && deviation !== undefined ? ` ± ${fixed(deviation, decimals)}` : "";
  const range = interval({ low, high }, decimals);
  return `${value}${spread}${unit}${range === "" ? "" : `\n95 % interval ${range}`}`;
}

export const tipText = (point, decimals, options) =>
  [
    shorten(point.method, 40),
    point.place,
    valueText(point, decimals, options),
    point.fitted ? "† of a fitted head" : null,
    point.seeds ? `${point.seeds} ${point.seeds === 1 ? "seed" : "seeds"}` : null,
  ]
    .filter(Boolean)
    .join("\n");

// The highest few, for a text that stands for the plot.
export const leaders = (points, decimals, highest = true) =>
  [...points]
    .sort((a, b) => (highest ? b.mean - a.mean : a.mean - b.mean))
    .slice(0, 3)
    .map(({ method, mean }) => `${shorten(method, 40)} ${fixed(mean, decimals)}`)
    .join(", ");
