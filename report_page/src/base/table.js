// Tables in a region of their own, which scrolls sideways when the page is narrow.

import { element, longText, newId } from "./dom.js";

// `columns` are texts or { text, number: true }; a cell is a text, a node, or { text, bold, note }.
export function table({ label, columns, rows, caption = null, heads = 1 }) {
  const isNumeric = columns.map((column) => column.number === true);
  const content = (cell) => {
    if (cell === null || cell === undefined || cell === "") return "–";
    return typeof cell === "string" ? longText(cell, 160) : cell;
  };
  const cellNode = (cell, i) => {
    const marked = cell?.text !== undefined && !(cell instanceof Node);
    return element(
      i < heads ? "th" : "td",
      {
        scope: i < heads ? "row" : null,
        class: [isNumeric[i] ? "number" : "", marked && cell.differs ? "differs" : ""].join(" ").trim() || null,
      },
      marked
        ? [cell.bold ? element("strong", {}, cell.text) : content(cell.text), cell.note ? " " : null, cell.note ?? null]
        : content(cell),
    );
  };
  const region = scrollRegion(
    label,
    element(
      "table",
      { "aria-label": label.slice(0, 200) },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          columns.map((column, i) =>
            element("th", { scope: "col", class: isNumeric[i] ? "number" : null }, content(column.text ?? column)),
          ),
        ),
      ),
      element(
        "tbody",
        {},
        rows.map((row) => element("tr", {}, row.map(cellNode))),
      ),
    ),
  );
  // Outside of the region, so that it stays when the table scrolls.
  return caption === null
    ? region
    : element("div", { class: "captioned" }, element("p", { class: "quiet" }, caption), region);
}

// Focusable only while there is something to scroll, so that the keyboard has no idle stops.
export function scrollRegion(label, content) {
  const name = newId("region");
  const region = element(
    "div",
    { class: "scroll", "aria-labelledby": name },
    element("span", { id: name, class: "hidden" }, label.length > 200 ? `${label.slice(0, 200)}…` : label),
    content,
  );
  const update = () => {
    const scrolls = region.scrollWidth > region.clientWidth + 1 || region.scrollHeight > region.clientHeight + 1;
    if (scrolls) {
      region.tabIndex = 0;
      region.setAttribute("role", "region");
    } else {
      region.removeAttribute("tabindex");
      region.removeAttribute("role");
    }
  };
  const observer = new ResizeObserver(update);
  observer.observe(region);
  observer.observe(content);
  return region;
}
