// What the synthetic images are worth beside other sets: controls, plots, table.

import { checklist, select } from "../base/controls.js";
import { element, quiet } from "../base/dom.js";
import { legend, methodStyles, swatch } from "../base/palette.js";
import { section } from "../base/sections.js";
import { shorten } from "../base/text.js";
import { accuracyFigure } from "./accuracies.js";
import { axesOf, methodsOf } from "./cells.js";
import { accuracyDifferences, lossDifferences } from "./differences.js";
import { lossFigure } from "./losses.js";
import { pretrainingFigures } from "./pretraining.js";
import { sizeFigures } from "./sizes.js";
import { comparisonTable } from "./table.js";

const figures = (...nodes) => {
  const made = nodes.flat().filter((node) => node !== null);
  return made.length === 0 ? null : element("div", { class: "figures" }, made);
};

// What the controls say on the screen.
function choiceOnPaper({ chosen, methods, styles }) {
  const named = [
    ["data set", chosen.dataset],
    ["encoder", chosen.encoder],
    ["protocol", chosen.protocol],
  ].filter(([, value]) => value !== "");
  return element(
    "div",
    { class: "print-only" },
    element(
      "p",
      {},
      named.map(([name, value], i) => `${i === 0 ? "" : ", "}${name} ${shorten(value, 60)}`),
    ),
    legend(methods.map(({ name }) => [name, styles.get(name)])),
  );
}

function content(context) {
  const differences = figures(accuracyDifferences(context), lossFigure(context), lossDifferences(context));
  const tables = context.runs.map((run) => comparisonTable(run, context)).filter((node) => node !== null);
  return [
    choiceOnPaper(context),
    figures(accuracyFigure(context)),
    differences,
    figures(pretrainingFigures(context)) ??
      quiet("No plot against pre-training steps: no curves were recorded for this choice."),
    figures(sizeFigures(context)),
    tables.length === 0 ? null : element("div", {}, element("h3", {}, "Table"), tables),
  ].filter((node) => node !== null);
}

export function comparisonSection(allRuns, { methods: table }) {
  const runs = allRuns.filter((run) => run.comparison !== null && run.comparison.cells.length > 0);
  if (runs.length === 0) return allRuns.some((run) => run.state !== "empty") ? "Nothing has been compared yet." : null;
  const { encoders, datasets, protocols } = axesOf(allRuns);
  const methods = methodsOf(allRuns);
  const styles = methodStyles(methods, table);
  const place = element("div", { class: "comparison" });
  const draw = () => {
    const shown = filter.value();
    place.replaceChildren(
      ...content({
        runs,
        allRuns,
        datasets,
        styles,
        severalRuns: allRuns.length > 1,
        methods: methods.filter(({ name }) => shown.includes(name)),
        chosen: { encoder: encoder.value() ?? "", dataset: dataset.value() ?? "", protocol: protocol.value() ?? "" },
      }),
    );
    if (shown.length === 0) place.prepend(quiet("No method is chosen."));
  };
  const options = (values) => values.map((value) => ({ value, text: value }));
  const dataset = select({ label: "Data set", key: "dataset", options: options(datasets), onChange: draw });
  const encoder = select({ label: "Encoder", key: "encoder", options: options(encoders), onChange: draw });
  const protocol = select({ label: "Protocol", key: "protocol", options: options(protocols), onChange: draw });
  const filter = checklist({
    label: "Methods",
    key: "methods",
    onChange: draw,
    options: methods.map(({ name }) => ({ value: name, text: name, swatch: swatch(styles.get(name)) })),
  });
  draw();
  return section(
    "comparison",
    "Comparison",
    element("div", { class: "controls sticky" }, dataset.node, encoder.node, protocol.node, filter.node),
    place,
  );
}
