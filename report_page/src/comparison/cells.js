// Finding numbers among the cells of a comparison.

import { isNumber } from "../base/format.js";

const unique = (values) => [...new Set(values)];

// All encoders, data sets and protocols that any run has, in the order of their first appearance.
export function axesOf(runs) {
  const cells = runs.flatMap((run) => [
    ...(run.comparison?.cells ?? []),
    ...run.sizes.flatMap(({ cells: own }) => own),
  ]);
  const early = runs.flatMap((run) => run.comparison?.pretraining ?? []);
  const known = (values) => unique(values.filter((value) => value !== ""));
  return {
    encoders: known([...cells, ...early].map(({ encoder }) => encoder)),
    datasets: known([...cells, ...early].map(({ dataset }) => dataset)),
    protocols: known(cells.map(({ protocol }) => protocol)),
  };
}

export function methodsOf(runs) {
  const methods = new Map();
  for (const run of runs) {
    for (const method of run.comparison?.methods ?? []) if (!methods.has(method.name)) methods.set(method.name, method);
    for (const { cells } of run.sizes) {
      for (const { method } of cells) if (!methods.has(method)) methods.set(method, { name: method, competes: true });
    }
  }
  return [...methods.values()];
}

// The cell with an accuracy for one method and budget.
export const accuracyCell = (cells, chosen, method, labels) =>
  cells.find(
    (cell) =>
      cell.method === method &&
      cell.encoder === chosen.encoder &&
      cell.dataset === chosen.dataset &&
      cell.protocol === chosen.protocol &&
      cell.labels === labels &&
      cell.accuracy !== null,
  ) ?? null;

// The representation loss belongs to method and encoder alone; any cell of theirs knows it.
export const lossCell = (cells, encoder, method, value = "loss") =>
  cells.find((cell) => cell.method === method && cell.encoder === encoder && cell[value] !== null) ?? null;

// Budgets for which the chosen data set has any accuracy, in order.
export function budgetsOf(comparison, chosen) {
  const probed = comparison.cells.filter(
    (cell) =>
      cell.accuracy !== null &&
      cell.labels !== null &&
      cell.encoder === chosen.encoder &&
      (chosen.dataset === null || cell.dataset === chosen.dataset) &&
      cell.protocol === chosen.protocol,
  );
  const found = new Set(probed.map(({ labels }) => labels));
  const ordered = comparison.budgets.filter((labels) => found.has(labels));
  return [...ordered, ...[...found].filter((labels) => !ordered.includes(labels))];
}

// A statistic in units of its plot: accuracies in percent.
export function scaled(value, unit) {
  if (value === null || value === undefined) return null;
  const of = (number) => (isNumber(number) ? unit * number : null);
  return { mean: unit * value.mean, deviation: of(value.deviation), low: of(value.low), high: of(value.high) };
}
