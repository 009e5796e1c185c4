// Elements, made so that text from the data can only ever become text.

import { whole } from "./format.js";
import { shorten } from "./text.js";

const svgNamespace = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, setting] of Object.entries(value)) node.style.setProperty(key, setting);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const element = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

export const svgElement = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(svgNamespace, tag), attributes, children);

// A text of any length in the flow of the page: what is long is folded, and what is very long stays so on paper, where the
// page's foot has it once.
export function longText(text, limit = 200) {
  if (text.length <= limit) return element("span", { class: "text" }, text);
  return element(
    "details",
    { class: text.length > 2000 ? "long on-paper-folded" : "long" },
    element("summary", {}, shorten(text, 80), element("span", { class: "quiet" }, ` ${whole(text.length)} characters`)),
    element("div", { class: "text" }, text),
  );
}

// A name where there is room for one line.
export function shortText(text, limit = 36) {
  const short = shorten(text, limit);
  return element("span", { class: "text", title: short === text ? null : text.slice(0, 400) }, short);
}

export const quiet = (text) => element("p", { class: "quiet" }, text);

let made = 0;
export const newId = (prefix) => `${prefix}-${++made}`;

// A definition list of facts, pairs of texts.
export function facts(pairs, attributes = {}) {
  return element(
    "dl",
    { class: "facts", ...attributes },
    pairs.map(([name, value]) =>
      element(
        "div",
        {},
        element("dt", {}, shortText(name, 48)),
        element("dd", {}, typeof value === "string" ? longText(value) : value),
      ),
    ),
  );
}
