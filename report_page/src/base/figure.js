// A figure: title, a line or two of reading help, one or more panels, and the same numbers as a table.

import { folded } from "./controls.js";
import { element, shortText } from "./dom.js";

// Panels are drawn in the width that they get, again when it changes.
const drawers = new WeakMap();

function drawIn(place, width) {
  const drawer = drawers.get(place);
  if (width === 0 || drawer.width === width) return;
  drawer.width = width;
  const svg = drawer.draw(width);
  place.style.setProperty("--height", `${svg.getAttribute("height")}px`);
  place.replaceChildren(svg);
}

const watcher = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) drawIn(target, Math.round(contentRect.width));
});

// For printing, which does not wait for the observer.
export function drawMissing() {
  for (const place of document.querySelectorAll(".drawing:empty")) drawIn(place, Math.round(place.clientWidth));
}

function panel({ title = null, height, draw }) {
  const place = element("div", { class: "drawing", style: { "--height": `${height}px` } });
  drawers.set(place, { draw, width: 0 });
  watcher.observe(place);
  return element(
    "div",
    { class: "panel" },
    title === null ? null : element("p", { class: "panel-title" }, shortText(title, 80)),
    place,
  );
}

// `data` makes the table, null where the page shows it anyway; `key` names its details element in the store.
export function figure({ title, level = 3, caption = null, panels, data, key, wide = false, printData = true }) {
  return element(
    "figure",
    { class: wide ? "wide" : null },
    element(
      "figcaption",
      {},
      element(`h${level}`, {}, shortText(title, 80)),
      caption === null ? null : element("p", {}, caption),
    ),
    element("div", { class: "panels", style: { "--panels": panels.length } }, panels.map(panel)),
    data === null
      ? null
      : folded({
          title: "The numbers",
          key: `data/${key}`,
          attributes: { class: printData ? "data" : "data no-print" },
          fill: data,
        }),
  );
}
