// Accuracy against the label budget.

import { ruleX } from "@observablehq/plot";
import { figure } from "../base/figure.js";
import { budget, fixed, interval, ofLabels } from "../base/format.js";
import { chart, fitted, pointTip, rangeOf } from "../base/plot.js";
import { table } from "../base/table.js";
import { shorten } from "../base/text.js";
import { accuracyCell, budgetsOf, scaled } from "./cells.js";
import { courseMarks, leaders, tipText } from "./marks.js";

// Methods stand side by side within a budget, so that their intervals do not cover each other.
function accuracyPoints(run, chosen, methods, budgets) {
  const spread = Math.min(0.62, 0.07 * methods.length);
  return methods
    .flatMap(({ name }, m) =>
      budgets.map((labels, b) => {
        const cell = accuracyCell(run.comparison.cells, chosen, name, labels);
        const offset = methods.length < 2 ? 0 : spread * (m / (methods.length - 1) - 0.5);
        return (
          cell && {
            ...scaled(cell.accuracy, 100),
            x: b + offset,
            method: name,
            labels,
            seeds: cell.seeds,
            place: ofLabels(shorten(labels, 24)),
          }
        );
      }),
    )
    .filter(Boolean);
}

function drawAccuracy(points, budgets, domain, { styles, methods, chosen }, width) {
  const room = (width - 48) / budgets.length - 8;
  const last = points.filter(({ labels }) => labels === budgets.at(-1));
  return chart(
    `Accuracy on ${shorten(chosen.dataset, 60)} against the label budget. Highest with ${budget(shorten(budgets.at(-1), 24))}: ${leaders(last, 1)} percent.`,
    {
      width,
      height: 340,
      marginLeft: 40,
      marginRight: 8,
      marginTop: 10,
      marginBottom: 26,
      x: {
        domain: [-0.5, budgets.length - 0.5],
        label: null,
        ticks: budgets.map((_, i) => i),
        tickFormat: (i) => fitted(budget(budgets[i] ?? ""), room),
        tickSize: 0,
      },
      y: { domain, label: null, grid: true, ticks: 7, nice: true },
      marks: [
        ruleX(budgets.slice(1), { x: (_, i) => i + 0.5, stroke: "var(--line)" }),
        methods.map(({ name }) =>
          courseMarks(
            points.filter(({ method }) => method === name),
            styles.get(name),
          ),
        ),
        pointTip(points, { x: "x", y: "mean", text: (point) => tipText(point, 1, { unit: " %" }) }),
      ],
    },
  );
}

export function accuracyFigure(context) {
  const { runs, chosen, methods } = context;
  const shown = runs
    .map((run) => {
      const budgets = budgetsOf(run.comparison, chosen);
      return { run, budgets, points: accuracyPoints(run, chosen, methods, budgets) };
    })
    .filter(({ points }) => points.length > 0);
  if (shown.length === 0) return null;
  const hasIntervals = shown.some(({ points }) => points.some(({ low }) => low !== null));
  const domain = rangeOf(shown.flatMap(({ points }) => points.flatMap(({ mean, low, high }) => [mean, low, high])));
  return figure({
    title: "Accuracy against the number of labels",
    key: "accuracy",
    wide: true,
    caption: `Percent, ${hasIntervals ? "with 95 % intervals over seeds" : "of one seed, so without intervals"}. Methods stand side by side above each number of labels; higher is better.`,
    panels: shown.map(({ run, budgets, points }) => ({
      title: runs.length > 1 ? run.name : null,
      height: 340,
      draw: (width) => drawAccuracy(points, budgets, domain, context, width),
    })),
    data: () =>
      table({
        label: "Accuracies",
        heads: runs.length > 1 ? 2 : 1,
        columns: [
          ...(runs.length > 1 ? ["run"] : []),
          "method",
          "labels",
          ...["accuracy, %", "deviation", "95 % interval", "seeds"].map((text) => ({ text, number: true })),
        ],
        rows: shown.flatMap(({ run, points }) =>
          points.map((point) => [
            ...(runs.length > 1 ? [shorten(run.name, 40)] : []),
            point.method,
            budget(point.labels),
            fixed(point.mean, 1),
            fixed(point.deviation, 1),
            interval(point, 1),
            fixed(point.seeds, 0),
          ]),
        ),
      }),
  });
}
