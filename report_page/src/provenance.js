// Where the numbers come from: versions, fingerprints, the machine.

import { element, facts, shortText } from "./base/dom.js";
import { folded } from "./base/controls.js";
import { section } from "./base/sections.js";

export function provenanceSection(runs) {
  const known = runs.filter(({ provenance }) => provenance.length > 0);
  if (known.length === 0) return null;
  return section(
    "provenance",
    "Provenance",
    known.map((run) =>
      folded({
        title: runs.length > 1 ? shortText(run.name, 60) : "Versions and fingerprints",
        key: `provenance/${run.name}`,
        fill: () => facts(run.provenance, { class: "facts mono" }),
      }),
    ),
  );
}
