// The course of training: a figure a curve, with all runs that have it laid over each other.

import { checkbox, checklist, folded } from "../base/controls.js";
import { element } from "../base/dom.js";
import { figure } from "../base/figure.js";
import { fixed, percent, plural } from "../base/format.js";
import { legend, runStyle, swatch } from "../base/palette.js";
import { section } from "../base/sections.js";
import { table } from "../base/table.js";
import { shorten } from "../base/text.js";
import { curveTable, drawCurve } from "./curve.js";

const groups = [
  ["distillation", "Distillation"],
  ["teacher", "Teacher"],
  ["experts", "Experts"],
  ["baselines", "Baselines"],
  ["other", "Other"],
];
const figuresInSight = 6;

// [{ key, title, x, lines: [{ run, points, averaged }] }] of one group.
function curvesOf(runs, group) {
  const curves = new Map();
  for (const run of runs) {
    for (const curve of run.curves) {
      const place = groups.some(([name]) => name === curve.group) ? curve.group : "other";
      if (place !== group) continue;
      if (!curves.has(curve.name))
        curves.set(curve.name, { key: curve.name, title: curve.title, x: curve.x, lines: [] });
      curves.get(curve.name).lines.push({ run, points: curve.points, averaged: curve.averaged });
    }
  }
  return [...curves.values()];
}

function qualityTable(runs) {
  const rows = runs.flatMap((run) =>
    run.teacherQuality.map((one) => [
      ...(runs.length > 1 ? [shorten(run.name, 40)] : []),
      one.encoder,
      fixed(one.dimension, 0),
      fixed(one.effectiveRank, 1),
      percent(one.knn),
      percent(one.probe),
    ]),
  );
  if (rows.length === 0) return null;
  return table({
    label: "Quality of the teacher",
    caption: "What the teacher's representations are worth: accuracies in percent with all labels.",
    rows,
    columns: [
      ...(runs.length > 1 ? ["run"] : []),
      "encoder",
      ...["dimensions", "effective rank", "k-NN", "linear probe"].map((text) => ({ text, number: true })),
    ],
  });
}

export function curvesSection(runs) {
  const drawn = runs.filter((run) => run.curves.length > 0);
  if (drawn.length === 0 && runs.every((run) => run.teacherQuality.length === 0)) return null;
  const place = element("div", { class: "groups curves" });
  const draw = () => {
    const chosen = runFilter === null ? drawn : drawn.filter((run) => runFilter.value().includes(run.name));
    place.replaceChildren(
      ...groups
        .map(([group, title]) => {
          const quality = group === "teacher" ? qualityTable(runs) : null;
          const curves = curvesOf(chosen, group);
          if (curves.length === 0 && quality === null) return "";
          const figures = curves.map((curve) =>
            figure({
              title: curve.title,
              level: 4,
              key: `curve/${group}/${curve.key}`,
              printData: false,
              panels: [{ height: 240, draw: (width) => drawCurve(curve, curve.lines, logarithmic.value(), width) }],
              data: () => curveTable(curve, curve.lines),
            }),
          );
          const more = figures.splice(figuresInSight);
          return element(
            "section",
            { class: curves.length === 1 && quality === null ? "group single" : "group", "aria-label": title },
            element("h3", {}, title),
            quality,
            element("div", { class: "figures" }, figures),
            more.length === 0
              ? null
              : folded({
                  title: plural(more.length, "further curve"),
                  key: `more/${group}`,
                  fill: () => element("div", { class: "figures" }, more),
                }),
          );
        })
        .filter((node) => node !== ""),
    );
  };
  const runFilter =
    drawn.length < 2
      ? null
      : checklist({
          label: "Runs",
          key: "curve-runs",
          onChange: draw,
          options: drawn.map((run) => ({ value: run.name, text: run.name, swatch: swatch(runStyle(run.index)) })),
        });
  const logarithmic = checkbox({ label: "logarithmic", key: "curve-log", onChange: draw });
  draw();
  const averaged = drawn.some((run) => run.curves.some((curve) => curve.averaged));
  return section(
    "curves",
    "Curves",
    drawn.length === 0 ? null : element("div", { class: "controls" }, runFilter?.node, logarithmic.node),
    averaged ? element("p", { class: "quiet" }, "Thin: every value; thick: the running mean.") : null,
    drawn.length < 2
      ? null
      : legend(
          drawn.map((run) => [run.name, runStyle(run.index)]),
          { class: "print-only" },
        ),
    place,
  );
}
