// A section of the page with its heading.

import { element } from "./dom.js";

export const section = (id, title, ...content) =>
  element("section", { id, "aria-labelledby": `${id}-title` }, element("h2", { id: `${id}-title` }, title), ...content);
