// Many small pictures as buttons in one stop of the tab key: arrows move, Enter opens.

import { element, shortText } from "../base/dom.js";

export const titleOf = (set, i) => {
  const name = set.classOf(i);
  return `image ${set.numbers[i] ?? i}${name === null ? "" : `, nearest class ${name}`}`;
};

// `groups` are [{ title or null, members }] of positions in the set.
export function imageGrid({ set, sprites, groups, views, onOpen, label }) {
  const order = groups.flatMap(({ members }) => members);
  const cells = new Map();
  const makeCell = (i) => {
    const canvas = element("canvas", {});
    sprites.draw(canvas, i, views);
    const cell = element(
      "button",
      {
        type: "button",
        class: "cell",
        tabindex: i === order[0] ? 0 : -1,
        "aria-label": titleOf(set, i).slice(0, 200),
        onclick: () => onOpen(i),
        onfocus: () => makeStop(i),
      },
      canvas,
    );
    cells.set(i, cell);
    return cell;
  };
  let stop = order[0];
  const makeStop = (i) => {
    cells.get(stop).tabIndex = -1;
    cells.get(i).tabIndex = 0;
    stop = i;
  };

  // The neighbour above or below is the one whose middle is nearest in the next row that there is.
  const vertical = (from, direction) => {
    const own = cells.get(from).getBoundingClientRect();
    let best = null;
    let row = null;
    for (let place = order.indexOf(from) + direction; place >= 0 && place < order.length; place += direction) {
      const other = cells.get(order[place]).getBoundingClientRect();
      if (Math.abs(other.top - own.top) < 2) continue;
      row ??= other.top;
      if (Math.abs(other.top - row) > 2) break;
      const distance = Math.abs(other.left - own.left);
      if (best === null || distance < best.distance) best = { distance, i: order[place] };
    }
    return best?.i ?? from;
  };
  const at = (place) => order[Math.min(order.length - 1, Math.max(0, place))];
  const moves = {
    ArrowLeft: (i) => at(order.indexOf(i) - 1),
    ArrowRight: (i) => at(order.indexOf(i) + 1),
    ArrowUp: (i) => vertical(i, -1),
    ArrowDown: (i) => vertical(i, 1),
    Home: () => at(0),
    End: () => at(order.length - 1),
  };
  const node = element(
    "div",
    {
      class: "image-grid",
      role: "group",
      "aria-label": label,
      onkeydown: (event) => {
        if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        focus(moves[event.key](stop));
      },
    },
    groups.map(({ title, members }) => [
      title === null
        ? null
        : element("h4", {}, shortText(title, 60), element("span", { class: "quiet" }, ` ${members.length}`)),
      element("div", { class: "cells" }, members.map(makeCell)),
    ]),
  );
  const focus = (i) => {
    makeStop(i);
    cells.get(i).focus();
  };
  return { node, order, focus };
}
