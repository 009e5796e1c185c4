// Which runs these are, and how far they got.

import { element, facts, longText, shortText } from "../base/dom.js";
import { date, plural, sentenceList } from "../base/format.js";
import { shorten } from "../base/text.js";

const badges = {
  finished: ["good", "✓"],
  running: ["active", "▶"],
  interrupted: ["warning", "❙❙"],
  failed: ["bad", "✕"],
  empty: ["idle", "○"],
};
const marks = { done: ["good", "✓"], running: ["active", "▶"], failed: ["bad", "✕"] };

export function badge(state) {
  const [kind, mark] = badges[state] ?? ["idle", "○"];
  return element(
    "span",
    { class: `badge ${kind}` },
    element("span", { "aria-hidden": "true" }, mark),
    ` ${shorten(state, 24)}`,
  );
}

function stageList(stages) {
  if (stages.length === 0) return null;
  return element(
    "ol",
    { class: "stages", "aria-label": "Stages" },
    stages.map(({ name, state }) => {
      const [kind, mark] = marks[state] ?? ["idle", "○"];
      return element(
        "li",
        { class: kind },
        element("span", { "aria-hidden": "true" }, `${mark} `),
        shortText(name, 24),
        state === "done"
          ? element("span", { class: "hidden" }, ", done")
          : element("span", { class: "stage-state" }, ` ${shorten(state, 16)}`),
      );
    }),
  );
}

// The badge of an only run stands beside the page's title.
function runCard(run, isOnly) {
  const shown = [...run.facts];
  if (run.folder !== "" && run.folder !== run.name) shown.unshift(["folder", run.folder]);
  if (shorten(run.name, 60) !== run.name) shown.unshift(["name", run.name]);
  return element(
    "article",
    { class: "run" },
    isOnly ? null : element("div", { class: "run-head" }, element("h2", {}, shortText(run.name, 60)), badge(run.state)),
    run.message === "" ? null : element("p", { class: `message ${run.state}` }, longText(run.message, 400)),
    run.progress === "" ? null : element("p", { class: "progress" }, longText(run.progress)),
    stageList(run.stages),
    shown.length > 0 ? facts(shown) : null,
  );
}

export function header(report) {
  const { runs } = report;
  const names = runs.map(({ name }) => shorten(name, 60));
  const title = names.length <= 3 ? sentenceList(names) : plural(names.length, "run");
  document.title = `${names.length > 0 ? title : "No run"} · mkdt report`;
  const written = [
    report.written === "" ? null : `Written ${date(report.written)}`,
    report.version === "" ? null : `mkdt ${report.version}`,
  ];
  return element(
    "header",
    { class: "page-head" },
    element(
      "div",
      { class: "run-head" },
      element("h1", { class: "text" }, names.length > 0 ? title : "No run on this page"),
      runs.length === 1 ? badge(runs[0].state) : null,
    ),
    element("p", { class: "quiet" }, written.filter(Boolean).join(" by ")),
    element(
      "div",
      { class: "runs" },
      runs.map((run) => runCard(run, runs.length === 1)),
    ),
    report.notes.length > 0
      ? element(
          "ul",
          { class: "notes", "aria-label": "Notes" },
          report.notes.map((note) => element("li", {}, longText(note))),
        )
      : null,
  );
}
