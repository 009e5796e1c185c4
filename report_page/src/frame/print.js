// On paper all that is folded is open, but for the tables of curves and for very long texts.

import { drawMissing } from "../base/figure.js";

export function preparePrinting() {
  let opened = [];
  const open = () => {
    if (opened.length > 0) return;
    // Filling one may bring further ones, so until there are none.
    for (
      let closed;
      (closed = [...document.querySelectorAll("details:not([open], .no-print, .on-paper-folded)")]).length > 0;

    ) {
      for (const details of closed) {
        details.dataset.printing = "yes";
        details.fillForPrint?.();
        details.open = true;
        opened.push(details);
      }
    }
    drawMissing();
  };
  const close = () => {
    for (const details of opened) details.open = false;
    // The events of closing come later; until then they must not be taken for the reader's wish.
    const done = opened;
    opened = [];
    setTimeout(() => done.forEach((details) => delete details.dataset.printing), 500);
  };
  addEventListener("beforeprint", open);
  addEventListener("afterprint", close);
}
