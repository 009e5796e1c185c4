// Accuracy and loss against the number of synthetic images, over runs and size studies.

import { quiet } from "../base/dom.js";
import { figure } from "../base/figure.js";
import { fixed, interval, lossDecimals, ofLabels, whole } from "../base/format.js";
import { chart, pointTip, rangeOf } from "../base/plot.js";
import { table } from "../base/table.js";
import { shorten } from "../base/text.js";
import { accuracyCell, lossCell, scaled } from "./cells.js";
import { courseMarks, leaders, tipText } from "./marks.js";

const measures = [
  { key: "accuracy", unit: 100, suffix: " %", decimals: () => 1, highest: true },
  { key: "loss", unit: 1, suffix: "", decimals: lossDecimals, highest: false },
];

// [{ size, cells, run }], ascending, of one run; a run without a study has its own size alone.
function sizesOf(run) {
  const sizes = run.sizes.map(({ size, cells }) => ({ run, size, cells }));
  if (run.setSize !== null && run.comparison !== null && !sizes.some(({ size }) => size === run.setSize)) {
    sizes.push({ run, size: run.setSize, cells: run.comparison.cells });
  }
  return sizes.filter(({ cells }) => cells.length > 0).sort((a, b) => a.size - b.size);
}

// Lines join the sizes of one run, which differ in nothing else.
function courses(runs, chosen, labels, methods, measure) {
  return methods
    .flatMap(({ name }) =>
      runs.map((run) => ({
        method: name,
        points: sizesOf(run)
          .map(({ size, cells }) => {
            const cell =
              measure.key === "loss"
                ? lossCell(cells, chosen.encoder, name)
                : accuracyCell(cells, chosen, name, labels);
            return (
              cell && {
                ...scaled(cell[measure.key], measure.unit),
                x: size,
                method: name,
                seeds: cell.seeds,
                run,
                fitted: measure.key === "loss" && cell.fittedHead,
                place: `${whole(size)} images${runs.length > 1 ? `, ${shorten(run.name, 40)}` : ""}`,
              }
            );
          })
          .filter(Boolean),
      })),
    )
    .filter(({ points }) => points.length > 0);
}

function draw(title, measure, drawn, domain, decimals, { styles }, width) {
  const points = drawn.flatMap((course) => course.points);
  const sizes = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const largest = points.filter(({ x }) => x === sizes.at(-1));
  const ratio = sizes.at(-1) / sizes[0];
  return chart(
    `${title}. ${measure.highest ? "Highest" : "Lowest"} with ${whole(sizes.at(-1))} images: ${leaders(largest, decimals, measure.highest)}.`,
    {
      width,
      height: 300,
      marginLeft: 44,
      marginRight: 16,
      marginTop: 10,
      marginBottom: 26,
      x: {
        type: "log",
        domain: [sizes[0] / ratio ** 0.06, sizes.at(-1) * ratio ** 0.06],
        label: null,
        ticks: sizes,
        tickFormat: whole,
      },
      y: { domain, label: null, grid: true, nice: true, ticks: 6 },
      marks: [
        drawn.map((course) =>
          courseMarks(course.points, styles.get(course.method), { joined: course.points.length > 1 }),
        ),
        pointTip(points, { x: "x", y: "mean", text: (point) => tipText(point, decimals, { unit: measure.suffix }) }),
      ],
    },
  );
}

function sizeFigure(context, runs, labels, measure) {
  const { chosen, methods } = context;
  const drawn = courses(runs, chosen, labels, methods, measure);
  const points = drawn.flatMap((course) => course.points);
  if (new Set(points.map(({ x }) => x)).size < 2) return null;
  const decimals = measure.decimals(points.map(({ mean }) => mean));
  const domain = rangeOf(points.flatMap(({ mean, low, high }) => [mean, low, high]));
  const title =
    measure.key === "loss"
      ? "Representation loss against the number of images"
      : "Accuracy against the number of images";
  return figure({
    title,
    key: `size/${measure.key}`,
    caption: `${measure.key === "loss" ? "Lower is better." : `Percent, with ${ofLabels(shorten(labels, 24))}.`} Lines join the sizes of one run.`,
    panels: [{ height: 300, draw: (width) => draw(title, measure, drawn, domain, decimals, context, width) }],
    data: () =>
      table({
        label: title,
        heads: 1,
        columns: [
          "method",
          { text: "images", number: true },
          "run",
          { text: measure.key === "loss" ? "loss" : "accuracy, %", number: true },
          { text: "95 % interval", number: true },
        ],
        rows: points.map((point) => [
          point.method,
          whole(point.x),
          shorten(point.run.name, 40),
          fixed(point.mean, decimals) + (point.fitted ? " †" : ""),
          interval(point, decimals),
        ]),
      }),
  });
}

// Nodes: two figures, or a sentence that says why there are none.
export function sizeFigures(context) {
  const runs = context.allRuns;
  const sizes = new Set(runs.flatMap((run) => sizesOf(run).map(({ size }) => size)));
  if (sizes.size < 2)
    return [quiet("No plot against set size: it needs sets of two sizes, from several runs or from mkdt study size.")];
  const budgets = [...new Set(runs.flatMap((run) => run.comparison?.budgets ?? []))];
  const labels =
    budgets
      .filter((one) =>
        runs.some((run) =>
          sizesOf(run).some(({ cells }) =>
            cells.some(
              (cell) =>
                cell.labels === one &&
                cell.dataset === context.chosen.dataset &&
                cell.encoder === context.chosen.encoder &&
                cell.accuracy !== null,
            ),
          ),
        ),
      )
      .at(-1) ?? null;
  const figures = measures
    .map((measure) =>
      measure.key === "accuracy" && labels === null ? null : sizeFigure(context, runs, labels, measure),
    )
    .filter((node) => node !== null);
  return figures.length > 0
    ? figures
    : [quiet("No plot against set size: the chosen encoder and data set have one size.")];
}
