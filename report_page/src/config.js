// The options of the runs, section by section; several runs stand side by side.

import { element, quiet, shortText } from "./base/dom.js";
import { checkbox, folded } from "./base/controls.js";
import { plural } from "./base/format.js";
import { section } from "./base/sections.js";
import { table } from "./base/table.js";

// [{ name, options: [{ name, values: one a run or null, differs }] }], in the order of their first appearance.
function gather(runs) {
  const sections = new Map();
  runs.forEach((run, i) => {
    for (const { section: name, options } of run.config) {
      if (!sections.has(name)) sections.set(name, new Map());
      for (const [option, value] of options) {
        const values = sections.get(name).get(option) ?? runs.map(() => null);
        values[i] = value;
        sections.get(name).set(option, values);
      }
    }
  });
  return [...sections].map(([name, options]) => ({
    name,
    options: [...options].map(([option, values]) => ({ name: option, values, differs: new Set(values).size > 1 })),
  }));
}

function optionTable(name, options, runs) {
  const cell = (text, differs) => ({
    text: text === null ? "–" : text.length > 200 ? text : element("code", {}, text),
    differs,
  });
  return table({
    label: `Options of ${name}`,
    columns: ["option", ...(runs.length > 1 ? runs.map((run) => shortText(run.name, 40)) : ["value"])],
    rows: options.map((option) => [
      {
        text: option.name,
        note: option.differs ? element("span", { class: "tag" }, "differs") : null,
        differs: option.differs,
      },
      ...option.values.map((text) => cell(text, option.differs)),
    ]),
  });
}

export function configSection(runs) {
  const sections = gather(runs);
  if (sections.length === 0) return null;
  const place = element("div", {});
  const draw = () => {
    const only = onlyDifferences.value();
    const shown = sections
      .map(({ name, options }) => ({ name, options: options.filter(({ differs }) => differs || !only) }))
      .filter(({ options }) => options.length > 0);
    place.replaceChildren(
      ...shown.map(({ name, options }) => {
        const different = options.filter(({ differs }) => differs).length;
        return folded({
          title: element(
            "span",
            {},
            element("code", {}, "[", shortText(name, 48), "]"),
            element(
              "span",
              { class: "quiet" },
              ` ${plural(options.length, "option")}${different > 0 ? `, ${plural(different, "differs", "differ")}` : ""}`,
            ),
          ),
          key: `config/${name}`,
          fill: () => optionTable(name, options, runs),
        });
      }),
    );
    if (shown.length === 0) place.append(quiet("The runs have the same options."));
  };
  const onlyDifferences = checkbox({ label: "only differences", key: "config-differences", onChange: draw });
  draw();
  return section(
    "config",
    "Options",
    runs.length > 1 ? element("div", { class: "controls" }, onlyDifferences.node) : null,
    place,
  );
}
