// The result in a sentence or two, computed from the cells: the distilled set against the baseline on the run's first
// data set, first encoder and first protocol.

import { element, quiet, shortText } from "../base/dom.js";
import {
  fixed,
  interval,
  isNumber,
  lossDecimals,
  ofLabels,
  percent,
  plural,
  sentenceList,
  signed,
} from "../base/format.js";
import { shorten } from "../base/text.js";

const excludesZero = ({ low, high }) => isNumber(low) && isNumber(high) && (low > 0 || high < 0);
const strong = (text) => element("strong", {}, text);

// Texts and nodes in a row, joined as a sentence lists them.
const joined = (parts) => parts.flatMap((part, i) => [i === 0 ? "" : i === parts.length - 1 ? " and " : ", ", part]);

const amount = (difference, decimals, unit) =>
  element(
    "span",
    { class: "amount" },
    strong(signed(unit * difference.mean, decimals)),
    isNumber(difference.low) ? ` ${interval(difference, decimals, unit)}` : "",
  );

function accuracySentence(cells, baseline) {
  const compared = cells.filter((cell) => cell.accuracyDifference !== null && cell.labels !== null);
  if (compared.length === 0) return null;
  const verdicts = [
    ["ahead of", compared.filter(({ accuracyDifference: d }) => excludesZero(d) && d.mean > 0)],
    ["behind", compared.filter(({ accuracyDifference: d }) => excludesZero(d) && d.mean < 0)],
    ["within the noise of", compared.filter(({ accuracyDifference: d }) => isNumber(d.low) && !excludesZero(d))],
    [
      "compared for one seed only, so without an interval, with",
      compared.filter(({ accuracyDifference: d }) => !isNumber(d.low)),
    ],
  ].filter(([, group]) => group.length > 0);
  const said = verdicts.map(([verdict, group], i) => [
    i === 0 ? "" : "; ",
    `${verdict} ${i === 0 ? baseline : "it"} with `,
    ofLabels(...group.map(({ labels }) => shorten(labels, 16))),
    " (",
    joined(group.map((cell) => amount(cell.accuracyDifference, 1, 100))),
    " points)",
  ]);
  return ["The distilled images are ", said, "."];
}

function lossSentence(cells) {
  const cell = cells.find(({ lossDifference, fittedHead }) => lossDifference !== null && !fittedHead);
  if (cell === undefined) return null;
  const { lossDifference: difference, loss } = cell;
  const decimals = lossDecimals([loss?.mean]);
  const verdict = !isNumber(difference.low)
    ? "differs"
    : !excludesZero(difference)
      ? "is within the noise of its"
      : difference.mean < 0
        ? "is lower, which is better"
        : "is higher, which is worse";
  return [
    " Their representation loss ",
    loss === null ? "" : `of ${fixed(loss.mean, decimals)} `,
    verdict,
    " (",
    amount(difference, decimals, 1),
    ").",
  ];
}

function withoutBaseline(cells) {
  const parts = cells
    .filter(({ accuracy, labels }) => accuracy !== null && labels !== null)
    .map(({ accuracy, labels }) => `${percent(accuracy.mean)}\u202f% with ${ofLabels(shorten(labels, 16))}`);
  return parts.length === 0
    ? null
    : [`The distilled images give an accuracy of ${sentenceList(parts)}. There is no baseline to compare it with.`];
}

function sentences(run, ownMethod) {
  if (run.comparison === null || run.comparison.cells.length === 0) return { text: "Nothing has been compared yet." };
  const { cells, budgets, baselinePhrase } = run.comparison;
  const { encoder, dataset, protocol } =
    cells.find((cell) => cell.dataset !== "" && cell.accuracy !== null) ?? cells[0];
  const own = cells
    .filter((cell) => cell.method === ownMethod && cell.encoder === encoder)
    .filter((cell) => cell.labels === null || (cell.dataset === dataset && cell.protocol === protocol))
    .sort((a, b) => budgets.indexOf(a.labels) - budgets.indexOf(b.labels));
  if (own.length === 0) return { text: "The distilled images are not among what was compared." };
  const name = baselinePhrase === null ? null : shorten(baselinePhrase, 30);
  const text = (name === null ? null : [accuracySentence(own, name), lossSentence(own)]) ?? withoutBaseline(own);
  const seeds = Math.max(...own.map((cell) => cell.seeds ?? 0));
  const of = [dataset, encoder, protocol]
    .filter((part) => part !== "")
    .map((part) => shorten(part, 40))
    .join(", ");
  return {
    text: text?.some(Boolean) ? text : (withoutBaseline(own) ?? "The distilled images have no numbers yet."),
    note: `${of}${seeds > 0 ? `; ${plural(seeds, "seed")}` : ""}.`,
  };
}

export function headline(runs, { ownMethod }) {
  const hasCells = (run) => run.comparison !== null && run.comparison.cells.length > 0;
  if (!runs.some(hasCells)) return null;
  const results = runs.map((run) => ({ run, ...sentences(run, ownMethod) }));
  return element(
    "section",
    { class: "headline", "aria-labelledby": "headline" },
    element("h2", { id: "headline" }, "Result"),
    element(
      "div",
      { class: "results" },
      results.map(({ run, text, note }) =>
        element(
          "div",
          {},
          runs.length > 1 ? element("h3", {}, shortText(run.name, 60)) : null,
          element("p", { class: note ? "lead" : "quiet" }, text),
          note ? quiet(note) : null,
        ),
      ),
    ),
    results.some(({ run, note }) => note && run.comparison.baseline !== null)
      ? quiet("Points are percentage points of accuracy; in brackets 95 % intervals, paired by seed. " +
          "A seed varies initialisation, order and label sample; sets, teacher, experts, recipes and split are the same for all.")
      : null,
  );
}
