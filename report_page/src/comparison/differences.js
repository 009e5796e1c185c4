// The difference of every method to the baseline: a dot and its interval a row, a panel a label budget, and zero.

import { ruleX, ruleY } from "@observablehq/plot";
import { figure } from "../base/figure.js";
import { interval, isNumber, lossDecimals, ofLabels, signed } from "../base/format.js";
import { chart, nameAxis, pointTip, rangeOf } from "../base/plot.js";
import { table } from "../base/table.js";
import { shorten } from "../base/text.js";
import { accuracyCell, budgetsOf, lossCell, scaled } from "./cells.js";
import { rowMarks, tipText } from "./marks.js";

const verdict = ({ low, high }) =>
  !isNumber(low) || !isNumber(high)
    ? "no interval"
    : low > 0
      ? "above zero"
      : high < 0
        ? "below zero"
        : "the interval holds zero";

function drawDifferences({ points, baseline, title, decimals, unit }, domain, { styles }, width) {
  const names = nameAxis(
    points.map(({ method }) => method),
    width,
  );
  const said = points
    .map((point) => `${shorten(point.method, 40)} ${signed(point.mean, decimals)} ${interval(point, decimals)}`)
    .join("; ");
  return chart(`${title}, difference to ${shorten(baseline, 40)}: ${said}.`, {
    width,
    height: 34 + 28 * points.length,
    marginLeft: names.margin,
    marginRight: 14,
    marginTop: 4,
    marginBottom: 28,
    x: {
      domain,
      label: null,
      grid: true,
      nice: true,
      ticks: Math.max(3, Math.floor((width - names.margin) / 60)),
      tickFormat: (value) => signed(value, 6).replace(/\.?0+$/, "") || "0",
    },
    y: {
      type: "point",
      domain: points.map(({ y }) => y),
      label: null,
      tickSize: 0,
      padding: 0.6,
      tickFormat: (i) => names.write(points.find(({ y }) => y === i).method),
    },
    marks: [
      ruleY(points, { y: "y", stroke: "var(--line)", strokeDasharray: "1 3" }),
      ruleX([0], { stroke: "var(--ink)", strokeWidth: 1.2 }),
      points.map((point) => rowMarks([point], styles.get(point.method))),
      pointTip(points, {
        x: "mean",
        y: "y",
        text: (point) => `${tipText(point, decimals, { isDifference: true, unit })}\n${verdict(point)}`,
      }),
    ],
  });
}

function differenceFigure({ context, key, title, caption, panels, unit, decimals }) {
  if (panels.length === 0) return null;
  const { runs } = context;
  const domain = rangeOf([
    0,
    ...panels.flatMap(({ points }) => points.flatMap(({ mean, low, high }) => [mean, low, high])),
  ]);
  return figure({
    title,
    key,
    caption,
    wide: panels.length > 1,
    panels: panels.map((panel) => ({
      title: [runs.length > 1 ? shorten(panel.run.name, 40) : null, panel.place].filter(Boolean).join(", ") || null,
      height: 34 + 28 * panel.points.length,
      draw: (width) =>
        drawDifferences(
          { ...panel, title: [title, panel.place].filter(Boolean).join(", "), unit, decimals },
          domain,
          context,
          width,
        ),
    })),
    data: () =>
      table({
        label: title,
        heads: runs.length > 1 ? 2 : 1,
        columns: [
          ...(runs.length > 1 ? ["run"] : []),
          "method",
          ...(panels.some(({ place }) => place) ? ["labels"] : []),
          "to",
          { text: `difference${unit === " points" ? ", points" : ""}`, number: true },
          { text: "95 % interval", number: true },
          "against zero",
        ],
        rows: panels.flatMap(({ run, place, points, baseline }) =>
          points.map((point) => [
            ...(runs.length > 1 ? [shorten(run.name, 40)] : []),
            point.method,
            ...(panels.some((panel) => panel.place) ? [place ?? ""] : []),
            baseline,
            signed(point.mean, decimals),
            interval(point, decimals),
            verdict(point),
          ]),
        ),
      }),
  });
}

const others = (context, run) => context.methods.filter(({ name }) => name !== run.comparison.baseline);
const withBaseline = (runs) => runs.filter((run) => run.comparison.baseline !== null);
const baselineNames = (runs) =>
  [...new Set(withBaseline(runs).map((run) => shorten(run.comparison.baseline, 30)))].join(" or ");

export function accuracyDifferences(context) {
  const { runs, chosen } = context;
  const panels = withBaseline(runs)
    .flatMap((run) =>
      budgetsOf(run.comparison, chosen).map((labels) => ({
        run,
        place: ofLabels(labels),
        baseline: run.comparison.baseline,
        points: others(context, run)
          .map(({ name }, i) => {
            const cell = accuracyCell(run.comparison.cells, chosen, name, labels);
            return (
              cell?.accuracyDifference && {
                ...scaled(cell.accuracyDifference, 100),
                y: String(i),
                method: name,
                seeds: cell.seeds,
              }
            );
          })
          .filter(Boolean),
      })),
    )
    .filter(({ points }) => points.length > 0);
  return differenceFigure({
    context,
    key: "accuracy-differences",
    panels,
    unit: " points",
    decimals: 1,
    title: `Accuracy, difference to ${baselineNames(runs)}`,
    caption:
      "Percentage points, paired by seed, with 95 % intervals. Right of zero is better; an interval across zero shows no difference.",
  });
}

export function lossDifferences(context) {
  const { runs, chosen } = context;
  const panels = withBaseline(runs)
    .map((run) => ({
      run,
      place: null,
      baseline: run.comparison.baseline,
      points: others(context, run)
        .map(({ name }, i) => {
          const cell = lossCell(run.comparison.cells, chosen.encoder, name, "lossDifference");
          return (
            cell &&
            !cell.fittedHead && { ...scaled(cell.lossDifference, 1), y: String(i), method: name, seeds: cell.seeds }
          );
        })
        .filter(Boolean),
    }))
    .filter(({ points }) => points.length > 0);
  const decimals = lossDecimals(panels.flatMap(({ run }) => run.comparison.cells.map(({ loss }) => loss?.mean)));
  return differenceFigure({
    context,
    key: "loss-differences",
    panels,
    unit: "",
    decimals,
    title: `Representation loss, difference to ${baselineNames(runs)}`,
    caption: "Paired by seed, with 95 % intervals. Left of zero is better. Fitted heads (†) are left out.",
  });
}
