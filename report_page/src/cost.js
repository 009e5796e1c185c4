// What each stage took: seconds and peak memory.

import { barX, text } from "@observablehq/plot";
import { element } from "./base/dom.js";
import { figure } from "./base/figure.js";
import { bytes, duration } from "./base/format.js";
import { legend, runStyle } from "./base/palette.js";
import { chart, nameAxis } from "./base/plot.js";
import { section } from "./base/sections.js";
import { table } from "./base/table.js";
import { shorten } from "./base/text.js";

const measures = [
  { key: "seconds", title: "Time", format: duration, caption: "Working time of each stage." },
  {
    key: "peakMemory",
    title: "Peak memory",
    format: bytes,
    caption: "The most memory that the program held during each stage.",
  },
];

function drawBars(measure, runs, width) {
  const names = [
    ...new Set(
      runs.flatMap((run) => run.stages.filter((stage) => stage[measure.key] !== null).map(({ name }) => name)),
    ),
  ];
  const bars = runs.flatMap((run) =>
    run.stages
      .filter((stage) => stage[measure.key] !== null)
      .map((stage) => ({ run, stage: String(names.indexOf(stage.name)), name: stage.name, value: stage[measure.key] })),
  );
  const axis = nameAxis(names, width);
  const largest = bars.reduce((a, b) => (b.value > a.value ? b : a));
  const row = runs.length === 1 ? 26 : 8 + 18 * runs.length;
  const summary = `${measure.title} of ${names.length} stages; most: ${shorten(largest.name, 40)} with ${measure.format(largest.value)}.`;
  const y = (bar) => String(bar.run.index);
  return chart(summary, {
    width,
    height: row * names.length + 20,
    marginLeft: axis.margin,
    marginRight: 62,
    marginTop: 4,
    marginBottom: 12,
    axis: null,
    x: { domain: [0, largest.value || 1] },
    y: { domain: runs.map((run) => String(run.index)), padding: 0.15 },
    fy: {
      domain: names.map((_, i) => String(i)),
      axis: "left",
      label: null,
      padding: runs.length === 1 ? 0.05 : 0.14,
      tickFormat: (i) => axis.write(names[i]),
    },
    marks: [
      barX(bars, { fy: "stage", y, x: "value", fill: (bar) => runStyle(bar.run.index).colour }),
      text(bars, {
        fy: "stage",
        y,
        x: "value",
        text: (bar) => measure.format(bar.value),
        textAnchor: "start",
        dx: 6,
        fill: "var(--ink)",
      }),
    ],
  });
}

export function costSection(runs) {
  const known = runs.filter((run) => run.stages.length > 0);
  if (known.length === 0) return null;
  const figures = measures.map((measure) => {
    const measured = known.filter((run) => run.stages.some((stage) => stage[measure.key] !== null));
    if (measured.length === 0) return null;
    return figure({
      title: measure.title,
      key: `cost/${measure.key}`,
      caption: measure.caption,
      data: null,
      panels: [{ height: 240, draw: (width) => drawBars(measure, measured, width) }],
    });
  });
  const rows = known.flatMap((run) =>
    run.stages.map((stage) => [
      ...(known.length > 1 ? [shorten(run.name, 40)] : []),
      stage.name,
      stage.purpose,
      stage.state,
      duration(stage.seconds),
      bytes(stage.peakMemory),
      stage.version,
    ]),
  );
  return section(
    "cost",
    "Time and memory",
    known.length < 2 ? null : legend(known.map((run) => [run.name, runStyle(run.index)])),
    element("div", { class: "figures" }, figures),
    table({
      label: "Stages",
      heads: known.length > 1 ? 2 : 1,
      rows,
      columns: [
        ...(known.length > 1 ? ["run"] : []),
        "stage",
        "purpose",
        "state",
        { text: "time", number: true },
        { text: "peak memory", number: true },
        "mkdt",
      ],
    }),
  );
}
