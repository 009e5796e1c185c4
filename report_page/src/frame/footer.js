// The foot of the page: what was shortened, how to read it, and the licences of what is packed into it.

import { element } from "../base/dom.js";
import { folded } from "../base/controls.js";
import { shorten, shortenedTexts } from "../base/text.js";

function shortenedNames() {
  const fill = () =>
    element(
      "dl",
      { class: "facts names" },
      shortenedTexts().map((text) =>
        element("div", {}, element("dt", {}, shorten(text, 36)), element("dd", { class: "text" }, text)),
      ),
    );
  return folded({ title: "In full: what is shortened on this page", key: "names", fill });
}

export function footer(report) {
  const licences = document.getElementById("licences")?.textContent ?? "";
  const packed = folded({
    title: "Licences",
    key: "licences",
    attributes: { class: "no-print" },
    fill: () => element("pre", {}, licences.trim()),
  });
  return element(
    "footer",
    {},
    shortenedTexts().length > 0 ? shortenedNames() : null,
    element(
      "p",
      { class: "quiet" },
      "Colours after Okabe and Ito, adapted to the theme: they can be told apart with any colour vision. ",
      "Intervals are 95 % intervals of Student's t over seeds; differences are paired by seed. ",
      "A seed varies initialisation, order and label sample; ",
      "sets, teacher, experts, recipes and split are the same for all. ",
      "This file needs no network and sends nothing.",
    ),
    packed,
  );
}
