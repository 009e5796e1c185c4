// One curve: its plot with all runs that have it, and its numbers.

import { dot, lineY } from "@observablehq/plot";
import { element } from "../base/dom.js";
import { evenly, plural, significant } from "../base/format.js";
import { runStyle } from "../base/palette.js";
import { chart, pointTip } from "../base/plot.js";
import { table } from "../base/table.js";
import { shorten } from "../base/text.js";

const rowsOfTable = 40;

function describe(curve, lines) {
  const courses = lines.map(({ run, points }) => {
    const known = points.filter(({ value }) => value !== null);
    const last = known.at(-1);
    return `${shorten(run.name, 40)}: from ${significant(known[0].value)} at ${significant(known[0].step)} to ${significant(last.mean ?? last.value)} at ${significant(last.step)}`;
  });
  return `${shorten(curve.title, 80)} by ${shorten(curve.x, 40)}. ${courses.join("; ")}.`;
}

export function drawCurve(curve, lines, logarithmic, width) {
  const isShown = (value) => value !== null && (!logarithmic || value > 0);
  const tipped = lines.flatMap(({ run, points }) =>
    points.filter(({ value }) => isShown(value)).map((point) => ({ run, ...point })),
  );
  const marks = lines.map(({ run, points, averaged }) => {
    const { colour: stroke, dash } = runStyle(run.index);
    const shown = points.map((point) => ({
      ...point,
      value: isShown(point.value) ? point.value : null,
      mean: isShown(point.mean) ? point.mean : null,
    }));
    const line = (y, strokeWidth, strokeOpacity) =>
      lineY(shown, { x: "step", y, stroke, strokeWidth, strokeOpacity, strokeDasharray: dash });
    // A curve of few points is seen by its points.
    const dots =
      points.length <= 40 && !averaged
        ? dot(
            shown.filter(({ value }) => value !== null),
            { x: "step", y: "value", fill: stroke, r: 2.2 },
          )
        : null;
    return averaged ? [line("value", 1, 0.4), line("mean", 2.2, 1)] : [line("value", 1.8, 1), dots];
  });
  const many = lines.length > 1;
  return chart(describe(curve, lines), {
    width,
    height: 240,
    marginLeft: 52,
    marginRight: 12,
    marginTop: 10,
    marginBottom: 36,
    x: {
      label: shorten(curve.x, 40),
      labelAnchor: "right",
      labelOffset: 33,
      labelArrow: "none",
      ticks: Math.max(3, Math.floor(width / 90)),
      tickFormat: significant,
    },
    y: {
      label: null,
      type: logarithmic ? "log" : "linear",
      grid: true,
      nice: true,
      ticks: 5,
      tickFormat: logarithmic ? significant : evenly,
    },
    marks: [
      marks,
      pointTip(tipped, {
        x: "step",
        y: "value",
        along: many ? null : "x",
        text: ({ run, step, value, mean }) =>
          [
            many ? shorten(run.name, 40) : null,
            `${shorten(curve.x, 30)} ${significant(step)}`,
            significant(value),
            mean === null ? null : `running mean ${significant(mean)}`,
          ]
            .filter(Boolean)
            .join("\n"),
      }),
    ],
  });
}

export function curveTable(curve, lines) {
  return element(
    "div",
    {},
    lines.map(({ run, points, averaged }) => {
      const every = Math.max(1, Math.ceil(points.length / rowsOfTable));
      const shown = points.filter((_, i) => i % every === 0 || i === points.length - 1);
      return table({
        label: `${curve.title}, ${run.name}`,
        caption: `${lines.length > 1 ? `${shorten(run.name, 60)}: ` : ""}${shown.length < points.length ? `${shown.length} of the ${points.length} points drawn` : plural(points.length, "point")}`,
        columns: [
          { text: curve.x, number: true },
          { text: "value", number: true },
          ...(averaged ? [{ text: "running mean", number: true }] : []),
        ],
        rows: shown.map(({ step, value, mean }) => [
          significant(step),
          significant(value),
          ...(averaged ? [significant(mean)] : []),
        ]),
      });
    }),
  );
}
