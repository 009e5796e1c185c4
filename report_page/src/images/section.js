// The synthetic images: controls for all, and a panel a run with a choice of its sets.

import { choice, select, slider } from "../base/controls.js";
import { element, facts, quiet, shortText } from "../base/dom.js";
import { plural, whole } from "../base/format.js";
import { section } from "../base/sections.js";
import { openImage } from "./dialog.js";
import { imageGrid } from "./grid.js";
import { Sprites } from "./sprite.js";

const viewsOf = { after: ["after"], before: ["before"], both: ["before", "after"], difference: ["difference"] };
const orderNames = { stored: "stored", class: "nearest class", representation: "representation" };

// Images are drawn when they are decoded, a little after the page.
const firstDrawings = [];
export const imagesDrawn = () => Promise.allSettled(firstDrawings);

function groupsOf(set, order) {
  const members = set.orders[order] ?? set.orders.stored;
  if (order !== "class" || !set.hasClasses) return [{ title: null, members }];
  const groups = [];
  for (const i of members) {
    const title = set.classOf(i) ?? "no class";
    if (groups.at(-1)?.title !== title) groups.push({ title, members: [] });
    groups.at(-1).members.push(i);
  }
  return groups;
}

function describe(set, sprites, view) {
  const size = `${set.width}×${set.height}`;
  const isPart = set.numbers.length < set.count;
  const shown = `${isPart ? `${whole(set.numbers.length)} of ` : ""}${plural(set.count, "image")}, ${size} pixels${isPart ? ", evenly spread" : ""}`;
  const looked =
    view === "difference"
      ? `; absolute difference between before and after, amplified ${sprites.amplification} times`
      : view === "both"
        ? "; left before, right after"
        : "";
  return `${shown}${looked}.`;
}

function panel(run, { isOnly, view, order }) {
  const place = element("div", {});
  const loaded = new Map();
  const draw = async () => {
    const set = run.sets[chooser.value()];
    if (!loaded.has(set)) loaded.set(set, new Sprites(set).load());
    let sprites;
    try {
      sprites = await loaded.get(set);
    } catch {
      place.replaceChildren(quiet("The images of this set cannot be read."));
      return;
    }
    if (set !== run.sets[chooser.value()]) return;
    const wanted = viewsOf[view.value()].filter((name) => sprites.has(name));
    const views = wanted.length > 0 ? wanted : ["after", "before"].filter((name) => sprites.has(name)).slice(0, 1);
    const shownView = wanted.length > 0 ? view.value() : views[0];
    const grid = imageGrid({
      set,
      sprites,
      views,
      groups: groupsOf(set, order.value()),
      label: `Images of ${run.name}`.slice(0, 200),
      onOpen: (i) => openImage({ set, sprites, order: grid.order, i, onClose: (last) => grid.focus(last) }),
    });
    place.replaceChildren(
      element(
        "p",
        { class: "quiet" },
        describe(set, sprites, shownView),
        shownView === view.value()
          ? ""
          : " There is nothing to compare them with: the images from before are not known.",
      ),
      element("div", { class: `image-frame ${views.length > 1 ? "pairs" : ""}` }, grid.node),
      set.facts.length > 0 ? facts(set.facts) : "",
    );
  };
  const chooser = select({
    label: "Set",
    key: `set/${run.name}`,
    onChange: () => draw(),
    options: run.sets.map((set, i) => ({ value: i, text: set.title + (set.live ? " (live)" : "") })),
  });
  firstDrawings.push(draw());
  const only = run.sets[0];
  const title = element(
    "div",
    { class: "panel-head" },
    isOnly ? null : element("h3", {}, shortText(run.name, 60)),
    chooser.node ??
      element(
        "p",
        {},
        shortText(only.title, 80),
        only.live ? " " : null,
        only.live ? element("span", { class: "tag" }, "live") : null,
      ),
  );
  return { node: element("div", { class: "image-panel" }, title, place), draw };
}

export function imagesSection(runs) {
  const shown = runs.filter((run) => run.sets.length > 0);
  if (shown.length === 0)
    return runs.some((run) => run.state !== "empty") ? "There are no synthetic images yet." : null;
  const sets = shown.flatMap((run) => run.sets);
  const redraw = () => panels.forEach((one) => one.draw());
  const hasBefore = sets.some((set) => set.before !== null && set.after !== null);
  const view = choice({
    label: "View",
    key: "view",
    onChange: redraw,
    options: [
      ["after", "after"],
      ...(hasBefore
        ? [
            ["before", "before"],
            ["both", "side by side"],
            ["difference", "difference"],
          ]
        : []),
    ].map(([value, text]) => ({ value, text })),
  });
  const orders = Object.keys(orderNames).filter((name) => sets.some((set) => name in set.orders));
  const order = choice({
    label: "Order",
    key: "order",
    onChange: redraw,
    options: orders.map((value) => ({ value, text: orderNames[value] })),
  });
  // A few images may be large, hundreds should be seen at once.
  const most = Math.max(...sets.map((set) => set.numbers.length));
  const comfortable = most <= 60 ? 96 : most <= 150 ? 64 : 40;
  const largest = Math.max(comfortable, ...sets.map((set) => set.width));
  // A small window has no scroller of its own for them (images.css), so they should not make the page too long.
  const isSmall = matchMedia("(max-width: 44rem), (max-height: 34rem), (pointer: coarse)").matches;
  const size = slider({
    label: "Size",
    key: "size",
    min: 16,
    max: 160,
    step: 4,
    initial: Math.min(isSmall && most > 60 ? 48 : 96, Math.max(40, largest)),
    text: (value) => `${value} px`,
    onChange: () => frame.style.setProperty("--size", `${size.value()}px`),
  });
  const panels = shown.map((run) => panel(run, { isOnly: runs.length === 1, view, order }));
  const frame = element(
    "div",
    { class: "image-panels" },
    panels.map(({ node }) => node),
  );
  frame.style.setProperty("--size", `${size.value()}px`);
  return section(
    "images",
    "Images",
    element("p", { class: "quiet no-print" }, "Arrow keys move from image to image; Enter or a click shows one large."),
    element("div", { class: "controls" }, view.node, order.node, size.node),
    frame,
  );
}
