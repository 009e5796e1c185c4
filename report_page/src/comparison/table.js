// The comparison as a table: mean ± standard deviation, the best competing method of a column in bold.

import { element } from "../base/dom.js";
import { budget, fixed, lossDecimals } from "../base/format.js";
import { table } from "../base/table.js";
import { shorten } from "../base/text.js";
import { accuracyCell, budgetsOf, lossCell } from "./cells.js";

const text = ({ mean, deviation }, unit, decimals) =>
  deviation === null
    ? fixed(unit * mean, decimals)
    : `${fixed(unit * mean, decimals)} ± ${fixed(unit * deviation, decimals)}`;

// One column: a cell a method or null, and which of them is best among those that compete.
function column(heading, methods, found, { unit, decimals, lowest, value }) {
  let best = null;
  found.forEach((cell, i) => {
    if (cell === null || !methods[i].competes || (value === "loss" && cell.fittedHead)) return;
    const isBetter =
      best === null ||
      (lowest ? cell[value].mean < found[best][value].mean : cell[value].mean > found[best][value].mean);
    if (isBetter) best = i;
  });
  return {
    heading,
    cells: found.map((cell, i) =>
      cell === null
        ? "–"
        : {
            text: text(cell[value], unit, decimals) + (value === "loss" && cell.fittedHead ? "†" : ""),
            bold: i === best,
          },
    ),
  };
}

function columnsOf({ comparison }, { encoder, protocol }, datasets, methods) {
  const losses = methods.map(({ name }) => lossCell(comparison.cells, encoder, name));
  const columns = [];
  if (losses.some((cell) => cell !== null)) {
    const decimals = lossDecimals(losses.map((cell) => cell?.loss.mean));
    columns.push(column("rep. loss", methods, losses, { unit: 1, decimals, lowest: true, value: "loss" }));
  }
  for (const dataset of datasets) {
    const chosen = { encoder, dataset, protocol };
    for (const labels of budgetsOf(comparison, chosen)) {
      const found = methods.map(({ name }) => accuracyCell(comparison.cells, chosen, name, labels));
      columns.push(
        column(`${shorten(dataset, 30)}, ${budget(shorten(labels, 20))}`, methods, found, {
          unit: 100,
          decimals: 1,
          lowest: false,
          value: "accuracy",
        }),
      );
    }
  }
  return columns;
}

export function comparisonTable(run, context) {
  const { chosen, datasets, severalRuns } = context;
  const methods = run.comparison.methods.filter(({ name }) =>
    run.comparison.cells.some((cell) => cell.method === name && cell.encoder === chosen.encoder),
  );
  const columns = columnsOf(run, chosen, datasets, methods);
  if (columns.length === 0) return null;
  const seeds = [
    ...new Set(run.comparison.cells.filter(({ encoder }) => encoder === chosen.encoder).map((cell) => cell.seeds)),
  ].filter((count) => count !== null);
  const hasFitted = columns.some(({ cells }) => cells.some((cell) => cell.text?.endsWith("†")));
  return element(
    "div",
    { class: "comparison-table" },
    table({
      label: `Comparison${severalRuns ? ` of ${run.name}` : ""}`,
      caption: [
        severalRuns ? shorten(run.name, 60) : null,
        chosen.encoder === "" ? null : `encoder ${shorten(chosen.encoder, 60)}`,
        `mean ± standard deviation${seeds.length > 0 ? ` of ${seeds.sort((a, b) => a - b).join(" or ")} ${seeds.at(-1) === 1 ? "seed" : "seeds"}` : ""}`,
        "accuracies in percent",
        "bold: the best of the small sets",
        methods.some(({ competes }) => !competes) ? "a reference is what they are measured against" : null,
        hasFitted ? "†: of a head fitted to the real images afterwards" : null,
      ]
        .filter(Boolean)
        .join("; "),
      columns: ["method", ...columns.map(({ heading }) => ({ text: heading, number: true }))],
      rows: methods.map(({ name, competes }, i) => [
        competes ? name : { text: name, note: element("span", { class: "tag" }, "reference") },
        ...columns.map(({ cells }) => cells[i]),
      ]),
    }),
  );
}
