// The representation loss of each method, which does not depend on labels.

import { ruleY } from "@observablehq/plot";
import { figure } from "../base/figure.js";
import { fixed, interval, lossDecimals } from "../base/format.js";
import { chart, nameAxis, pointTip, rangeOf } from "../base/plot.js";
import { table } from "../base/table.js";
import { shorten } from "../base/text.js";
import { lossCell, scaled } from "./cells.js";
import { leaders, rowMarks, tipText } from "./marks.js";

function drawLosses(points, domain, decimals, { styles, chosen }, width) {
  const names = nameAxis(
    points.map(({ method }) => method),
    width,
  );
  const lowest = points.filter((point) => !point.fitted);
  return chart(
    `Representation loss on the encoder ${shorten(chosen.encoder, 60)}. Lowest: ${leaders(lowest, decimals, false)}.`,
    {
      width,
      height: 34 + 30 * points.length,
      marginLeft: names.margin,
      marginRight: 16,
      marginTop: 4,
      marginBottom: 28,
      x: { domain, label: null, grid: true, nice: true, ticks: Math.max(3, Math.floor(width / 110)) },
      y: {
        type: "point",
        domain: points.map(({ y }) => y),
        label: null,
        tickSize: 0,
        padding: 0.6,
        tickFormat: (i) => {
          const { method, fitted: isFitted } = points.find(({ y }) => y === i);
          return names.write(method, isFitted ? " †" : "");
        },
      },
      marks: [
        ruleY(points, { y: "y", stroke: "var(--line)", strokeDasharray: "1 3" }),
        points.map((point) => rowMarks([point], styles.get(point.method))),
        pointTip(points, { x: "mean", y: "y", text: (point) => tipText(point, decimals) }),
      ],
    },
  );
}

export function lossFigure(context) {
  const { runs, chosen, methods } = context;
  const shown = runs
    .map((run) => ({
      run,
      points: methods
        .map(({ name }, i) => {
          const cell = lossCell(run.comparison.cells, chosen.encoder, name);
          return (
            cell && { ...scaled(cell.loss, 1), y: String(i), method: name, fitted: cell.fittedHead, seeds: cell.seeds }
          );
        })
        .filter(Boolean),
    }))
    .filter(({ points }) => points.length > 0);
  if (shown.length === 0) return null;
  const all = shown.flatMap(({ points }) => points);
  const domain = rangeOf(all.flatMap(({ mean, low, high }) => [mean, low, high]));
  const decimals = lossDecimals(all.map(({ mean }) => mean));
  return figure({
    title: "Representation loss",
    key: "loss",
    wide: runs.length > 1,
    caption: `Mean squared error to the teacher on held-out images; lower is better. It does not depend on the labels.${all.some((point) => point.fitted) ? " †: of a head fitted to the real images afterwards; not comparable." : ""}`,
    panels: shown.map(({ run, points }) => ({
      title: runs.length > 1 ? run.name : null,
      height: 34 + 30 * points.length,
      draw: (width) => drawLosses(points, domain, decimals, context, width),
    })),
    data: () =>
      table({
        label: "Representation losses",
        heads: runs.length > 1 ? 2 : 1,
        columns: [
          ...(runs.length > 1 ? ["run"] : []),
          "method",
          ...["loss", "deviation", "95 % interval", "seeds"].map((text) => ({ text, number: true })),
        ],
        rows: shown.flatMap(({ run, points }) =>
          points.map((point) => [
            ...(runs.length > 1 ? [shorten(run.name, 40)] : []),
            point.method,
            fixed(point.mean, decimals) + (point.fitted ? " †" : ""),
            fixed(point.deviation, decimals),
            interval(point, decimals),
            fixed(point.seeds, 0),
          ]),
        ),
      }),
  });
}
