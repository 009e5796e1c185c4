// Loss and accuracy while an encoder is being pre-trained on each set.

import { figure } from "../base/figure.js";
import { fixed, interval, lossDecimals, ofLabels, significant, whole } from "../base/format.js";
import { chart, pointTip, rangeOf } from "../base/plot.js";
import { table } from "../base/table.js";
import { shorten } from "../base/text.js";
import { scaled } from "./cells.js";
import { courseMarks, leaders, tipText } from "./marks.js";

const measures = [
  {
    key: "accuracy",
    title: "Accuracy against pre-training steps",
    unit: 100,
    suffix: " %",
    decimals: () => 1,
    highest: true,
  },
  {
    key: "loss",
    title: "Representation loss against pre-training steps",
    unit: 1,
    suffix: "",
    decimals: lossDecimals,
    highest: false,
  },
];

// A loss does not depend on data set and labels, so that one course a method is enough.
function courses(run, chosen, labels, methods, measure) {
  return methods.flatMap(({ name }) => {
    const found = run.comparison.pretraining.find(
      (course) =>
        course.method === name &&
        course.encoder === chosen.encoder &&
        (measure.key === "loss" || (course.dataset === chosen.dataset && course.labels === labels)) &&
        course.points.some((point) => point[measure.key] !== null),
    );
    if (found === undefined) return [];
    return [
      {
        method: name,
        points: found.points
          .filter((point) => point[measure.key] !== null)
          .map((point) => ({
            ...scaled(point[measure.key], measure.unit),
            x: point.step,
            method: name,
            seeds: found.seeds,
            place: `step ${whole(point.step)}`,
          })),
      },
    ];
  });
}

function draw(measure, drawn, labels, domain, decimals, { styles, chosen }, width) {
  const points = drawn.flatMap((course) => course.points);
  const ends = drawn.map((course) => course.points.at(-1));
  const what =
    measure.key === "loss"
      ? measure.title
      : `${measure.title} on ${shorten(chosen.dataset, 60)}${labels === null ? "" : ` with ${ofLabels(shorten(labels, 24))}`}`;
  return chart(
    `${what}. ${measure.highest ? "Highest" : "Lowest"} at the end: ${leaders(ends, decimals, measure.highest)}.`,
    {
      width,
      height: 300,
      marginLeft: 44,
      marginRight: 12,
      marginTop: 10,
      marginBottom: 26,
      x: { label: null, ticks: Math.max(3, Math.floor(width / 90)), tickFormat: significant },
      y: { domain, label: null, grid: true, nice: true, ticks: 6 },
      marks: [
        drawn.map((course) =>
          courseMarks(course.points, styles.get(course.method), { r: course.points.length > 16 ? 2.4 : 3.6 }),
        ),
        pointTip(points, { x: "x", y: "mean", text: (point) => tipText(point, decimals, { unit: measure.suffix }) }),
      ],
    },
  );
}

function measureFigure(context, labels, measure) {
  const { runs, chosen, methods } = context;
  const shown = runs
    .map((run) => ({ run, drawn: courses(run, chosen, labels, methods, measure) }))
    .filter(({ drawn }) => drawn.length > 0);
  if (shown.length === 0) return null;
  const points = shown.flatMap(({ drawn }) => drawn.flatMap((course) => course.points));
  const domain = rangeOf(points.flatMap(({ mean, low, high }) => [mean, low, high]));
  const decimals = measure.decimals(points.map(({ mean }) => mean));
  const counts = [...new Set(points.map(({ seeds }) => seeds))].filter((seeds) => seeds !== null);
  const reading =
    measure.key === "loss"
      ? "On held-out images; lower is better."
      : `Percent${labels === null ? "" : `, with ${ofLabels(shorten(labels, 24))}`}; higher is better.`;
  return figure({
    title: measure.title,
    key: `pretraining/${measure.key}`,
    wide: runs.length > 1,
    caption: `${reading}${counts.length === 1 && counts[0] === 1 ? " Of one seed, so without intervals." : " Bars are 95 % intervals over seeds, where there are several."}`,
    panels: shown.map(({ run, drawn }) => ({
      title: runs.length > 1 ? run.name : null,
      height: 300,
      draw: (width) => draw(measure, drawn, labels, domain, decimals, context, width),
    })),
    data: () =>
      table({
        label: measure.title,
        heads: runs.length > 1 ? 2 : 1,
        columns: [
          ...(runs.length > 1 ? ["run"] : []),
          "method",
          { text: "step", number: true },
          { text: measure.key === "loss" ? "loss" : "accuracy, %", number: true },
          { text: "95 % interval", number: true },
        ],
        rows: shown.flatMap(({ run, drawn }) =>
          drawn.flatMap((course) =>
            course.points.map((point) => [
              ...(runs.length > 1 ? [shorten(run.name, 40)] : []),
              course.method,
              whole(point.x),
              fixed(point.mean, decimals),
              interval(point, decimals),
            ]),
          ),
        ),
      }),
  });
}

// Budgets during pre-training are few, mostly one; the largest is shown.
export function pretrainingFigures(context) {
  const { runs, chosen } = context;
  const budgets = runs.flatMap((run) => run.comparison.budgets);
  const probed = runs
    .flatMap((run) => run.comparison.pretraining)
    .filter(
      (course) =>
        course.dataset === chosen.dataset &&
        course.encoder === chosen.encoder &&
        course.points.some(({ accuracy }) => accuracy !== null),
    )
    .map(({ labels }) => labels);
  const labels = [...new Set(probed)].sort((a, b) => budgets.indexOf(b) - budgets.indexOf(a))[0] ?? null;
  return measures.map((measure) => measureFigure(context, labels, measure)).filter((node) => node !== null);
}
