// One image, large: before, after, and what changed. Arrows go to its neighbours.

import { element, longText, newId } from "../base/dom.js";
import { titleOf } from "./grid.js";

const captions = { before: "before", after: "after", difference: "difference" };

// Opens at image i of the grid's order; `onClose` hears which one was seen last.
export function openImage({ set, sprites, order, i, onClose }) {
  const id = newId("image");
  const views = ["before", "after", "difference"].filter((view) => sprites.has(view));
  const canvases = views.map(() => element("canvas", {}));
  const title = element("h2", { id });
  const place = element("p", { class: "quiet", "aria-live": "polite" });
  let current = i;
  const show = (next) => {
    current = next;
    views.forEach((view, v) => sprites.draw(canvases[v], current, [view]));
    title.replaceChildren(`Image ${set.numbers[current] ?? current}`);
    const name = set.classOf(current);
    place.replaceChildren(
      ...(name === null ? [] : ["Nearest class: ", longText(name, 80), ". "]),
      `${order.indexOf(current) + 1} of ${order.length} in this order.`,
    );
  };
  const step = (by) => show(order[(order.indexOf(current) + by + order.length) % order.length]);
  const button = (text, act) => element("button", { type: "button", onclick: act }, text);
  const dialog = element(
    "dialog",
    {
      "aria-labelledby": id,
      onclose: () => {
        dialog.remove();
        onClose(current);
      },
      onkeydown: (event) => {
        const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        step(by);
      },
      onclick: (event) => event.target === dialog && dialog.close(),
    },
    element(
      "div",
      { class: "dialog-body" },
      title,
      element(
        "div",
        { class: "large" },
        views.map((view, v) =>
          element(
            "figure",
            {},
            canvases[v],
            element("figcaption", {}, captions[view], view === "difference" ? ` × ${sprites.amplification}` : ""),
          ),
        ),
      ),
      place,
      element(
        "div",
        { class: "dialog-tools" },
        button("← Previous", () => step(-1)),
        button("Next →", () => step(1)),
        button("Close", () => dialog.close()),
      ),
    ),
  );
  canvases.forEach((canvas, v) => {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${captions[views[v]]}, ${titleOf(set, i).slice(0, 120)}`);
  });
  show(current);
  document.body.append(dialog);
  dialog.showModal();
}
