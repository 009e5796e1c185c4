// One SVG by Observable Plot in the page's style, with a text that says what it shows.

import { plot, pointer, pointerX, tip } from "@observablehq/plot";
import { shorten } from "./text.js";

export function chart(label, { marks, ...options }) {
  const svg = plot({
    style: { fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible" },
    ...options,
    marks: marks.flat(Infinity).filter(Boolean),
  });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  return svg;
}

// A box of text beside the point that the pointer is nearest to.
export const pointTip = (points, { x, y, text, along = null }) =>
  tip(
    points,
    (along === "x" ? pointerX : pointer)({
      x,
      y,
      title: text,
      fill: "var(--surface)",
      stroke: "var(--line-strong)",
      textPadding: 9,
      lineHeight: 1.35,
      fontSize: 12,
      maxRadius: 60,
    }),
  );

const measure = document.createElement("canvas").getContext("2d");

function widthOf(text) {
  measure.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return measure.measureText(text).width;
}

// A name in as many characters as fit into `room` pixels of an axis.
export function fitted(name, room) {
  for (let limit = 40; limit > 5; limit -= limit > 20 ? 4 : 2) {
    const short = shorten(name, limit);
    if (widthOf(short) <= room) return short;
  }
  return "…";
}

// The margin for names at the left of a plot that is `width` wide, and how they are written there.
export function nameAxis(names, width) {
  const longest = Math.max(0, ...names.map((name) => widthOf(shorten(name, 40))));
  const margin = Math.round(Math.min(18 + longest, width * 0.4, 220));
  return { margin, write: (name, suffix = "") => fitted(name, margin - 14 - widthOf(suffix)) + suffix };
}

// The range of all given numbers, with a little room; null where there is none.
export function rangeOf(values, room = 0.04) {
  const known = values.filter((value) => typeof value === "number" && Number.isFinite(value));
  if (known.length === 0) return null;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const margin = (high - low || Math.abs(high) || 1) * room;
  return [low - margin, high + margin];
}
