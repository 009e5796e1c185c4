// Colours after Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any colour vision tell apart. Their
// lightness follows the theme (src/style/theme.css), so that each stands out from the ground; each method also has
// a symbol of its own.

import {
  symbol,
  symbolAsterisk,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolDiamond2,
  symbolPlus,
  symbolSquare,
  symbolSquare2,
  symbolStar,
  symbolTimes,
  symbolTriangle,
  symbolTriangle2,
  symbolWye,
} from "d3";
import { element, shortText, svgElement } from "./dom.js";

const colour = (name) => `var(--${name})`;

// Of the methods that compete, in the order of the document's table, so that each looks the same on every page.
const competitors = [
  ["grey", symbolWye],
  ["black", symbolSquare],
  ["sky", symbolTriangle],
  ["purple", symbolCross],
  ["green", symbolDiamond],
  ["blue", symbolStar],
  ["vermillion", symbolCircle],
  ["orange", symbolWye],
];
// Of those that the table does not have, or that are more than these.
const furtherColours = ["blue", "orange", "green", "purple", "yellow", "sky", "vermillion"];
const furtherSymbols = [symbolStar, symbolWye, symbolCross, symbolDiamond, symbolTriangle, symbolSquare, symbolCircle];

// Upper bounds are no competitors: grey, dashed, with hollow symbols.
const bounds = [
  [symbolTimes, "7 4"],
  [symbolPlus, "2 3"],
  [symbolTriangle2, "7 3 2 3"],
  [symbolDiamond2, "10 3"],
  [symbolSquare2, "4 2"],
  [symbolAsterisk, "1 2"],
];

// `methods` are those of the runs, `table` those of the document; names and whether they compete.
export function methodStyles(methods, table) {
  const places = table.filter(({ competes }) => competes).map(({ name }) => name);
  const styles = new Map();
  let further = 0;
  let bound = 0;
  for (const { name, competes } of methods) {
    const place = places.indexOf(name);
    if (!competes) {
      const [shape, dash] = bounds[bound++ % bounds.length];
      styles.set(name, { colour: colour("grey"), shape, dash, hollow: true });
    } else if (place >= 0 && place < competitors.length) {
      const [hue, shape] = competitors[place];
      styles.set(name, { colour: colour(hue), shape, dash: null, hollow: false });
    } else {
      const round = further++;
      const shape = furtherSymbols[(round + Math.floor(round / furtherColours.length)) % furtherSymbols.length];
      styles.set(name, {
        colour: colour(furtherColours[round % furtherColours.length]),
        shape,
        dash: null,
        hollow: false,
      });
    }
  }
  return styles;
}

const runColours = ["blue", "vermillion", "green", "purple", "orange", "sky", "yellow", "black"];
const runDashes = [null, "6 3", "2 2", "8 3 2 3"];

export const runStyle = (index) => ({
  colour: colour(runColours[index % runColours.length]),
  dash: runDashes[Math.floor(index / runColours.length) % runDashes.length],
});

// The piece of a legend beside a check box: a line with its symbol.
export function swatch({ colour: stroke, dash, shape = null, hollow = false }) {
  return svgElement(
    "svg",
    { class: "swatch", width: 28, height: 14, viewBox: "0 0 28 14", "aria-hidden": "true" },
    svgElement("line", { x1: 1, x2: 27, y1: 7, y2: 7, stroke, "stroke-width": 2, "stroke-dasharray": dash }),
    shape === null
      ? null
      : svgElement("path", {
          d: symbol(shape, 44)(),
          transform: "translate(14,7)",
          fill: hollow ? "none" : stroke,
          stroke: hollow ? stroke : "none",
          "stroke-width": 1.5,
        }),
  );
}

// `entries` are [name, style]. Where check boxes are the legend on the screen, this one is for paper.
export const legend = (entries, attributes = {}) =>
  element(
    "div",
    attributes,
    element(
      "ul",
      { class: "legend" },
      entries.map(([name, style]) => element("li", {}, swatch(style), shortText(name, 40))),
    ),
  );
