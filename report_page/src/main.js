// The page, from top to bottom.

import { element, quiet } from "./base/dom.js";
import { readDocument } from "./base/data.js";
import { footer } from "./frame/footer.js";
import { header } from "./frame/header.js";
import { headline } from "./frame/headline.js";
import { liveControl, restorePlace } from "./frame/live.js";
import { preparePrinting } from "./frame/print.js";
import { themeButton } from "./frame/theme.js";
import { comparisonSection } from "./comparison/section.js";
import { configSection } from "./config.js";
import { costSection } from "./cost.js";
import { curvesSection } from "./curves/section.js";
import { imagesDrawn, imagesSection } from "./images/section.js";
import { glossarySection } from "./glossary.js";
import { logSection } from "./log.js";
import { provenanceSection } from "./provenance.js";
import { useSection } from "./use.js";

const sections = [
  ["images", "Images", imagesSection],
  ["comparison", "Comparison", comparisonSection],
  ["curves", "Curves", curvesSection],
  ["use", "Use", useSection],
  ["cost", "Time and memory", costSection],
  ["log", "Log", logSection],
  ["config", "Options", configSection],
  ["provenance", "Provenance", provenanceSection],
  ["glossary", "Glossary", glossarySection],
];

function build(report) {
  if (typeof report === "string") {
    document.title = "mkdt report";
    return [element("main", { id: "main" }, element("h1", {}, "mkdt report"), element("p", {}, report))];
  }
  // A section is a node, null, or the sentence that says why there is nothing to show.
  const all = sections.map(([id, title, make]) => ({ id, title, node: make(report.runs, report) }));
  const made = all.filter(({ node }) => node instanceof Node);
  const missing = all.filter(({ node }) => typeof node === "string").map(({ node }) => node);
  const links =
    made.length === 0
      ? element("span", {})
      : element(
          "nav",
          { "aria-label": "Sections" },
          element(
            "ul",
            {},
            made.map(({ id, title }) => element("li", {}, element("a", { href: `#${id}` }, title))),
          ),
        );
  const head = header(report);
  return [
    element("a", { class: "skip", href: "#main" }, "Skip to the content"),
    element(
      "div",
      { class: "bar" },
      links,
      element("div", { class: "bar-tools" }, liveControl(report.refreshSeconds), themeButton()),
    ),
    head,
    element(
      "main",
      { id: "main", tabindex: "-1" },
      headline(report.runs, report),
      missing.length > 0
        ? element("section", { class: "missing", "aria-label": "What is not there" }, quiet(missing.join(" ")))
        : null,
      made.map(({ node }) => node),
    ),
    footer(report),
  ];
}

document.body.prepend(...build(readDocument(document.getElementById("report-data").textContent)));
preparePrinting();
restorePlace(imagesDrawn());
