// Warnings and errors of the log.

import { element, shortText } from "./base/dom.js";
import { folded } from "./base/controls.js";
import { date, plural } from "./base/format.js";
import { section } from "./base/sections.js";
import { table } from "./base/table.js";

export function logSection(runs) {
  const logged = runs.filter(({ log }) => log.length > 0);
  if (logged.length === 0) return null;
  return section(
    "log",
    "Warnings and errors",
    logged.map((run) => {
      const errors = run.log.filter(({ level }) => level === "error").length;
      const counts = [
        errors > 0 ? plural(errors, "error") : null,
        run.log.length > errors ? plural(run.log.length - errors, "warning") : null,
      ];
      return folded({
        title: element(
          "span",
          {},
          runs.length > 1 ? [shortText(run.name, 60), ": "] : null,
          counts.filter(Boolean).join(", "),
        ),
        key: `log/${run.name}`,
        open: errors > 0,
        fill: () =>
          table({
            label: `Log of ${run.name}`,
            columns: ["time", "level", "message"],
            heads: 0,
            rows: run.log.map(({ time, level, message }) => [date(time), level, message]),
          }),
      });
    }),
  );
}
