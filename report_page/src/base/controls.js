// Form controls that remember what they were set to. Each is { node, value() }; `key` names it in the store.

import { element, newId } from "./dom.js";
import { recall, remember } from "./store.js";
import { shorten } from "./text.js";

// `options` are [{ value, text }]; with a single one there is nothing to choose and no node.
export function select({ label, key, options, initial, onChange }) {
  const stored = recall(key, initial);
  const start = options.some(({ value }) => value === stored) ? stored : options[0]?.value;
  if (options.length < 2) return { node: null, value: () => start };
  const id = newId("select");
  const node = element(
    "select",
    {
      id,
      onchange: () => {
        remember(key, value());
        onChange();
      },
    },
    options.map(({ value, text }, i) =>
      element(
        "option",
        { value: i, title: text.length > 40 ? text.slice(0, 400) : null, selected: value === start },
        shorten(text, 40),
      ),
    ),
  );
  const value = () => options[Number(node.value)]?.value;
  return { node: element("div", { class: "control" }, element("label", { for: id }, label), node), value };
}

export function checkbox({ label, key, initial = false, onChange, swatch = null }) {
  const id = newId("check");
  const node = element("input", {
    type: "checkbox",
    id,
    checked: recall(key, initial) === true,
    onchange: () => {
      remember(key, node.checked);
      onChange();
    },
  });
  const name = typeof label === "string" ? shorten(label, 28) : label;
  return {
    node: element(
      "label",
      { class: "check", for: id, title: name === label ? null : label.slice(0, 400) },
      node,
      swatch,
      name,
    ),
    value: () => node.checked,
  };
}

// Several check boxes under one heading; value() is the list of what is checked.
export function checklist({ label, key, options, onChange }) {
  const boxes = options.map(({ value, text, initial = true, swatch }) => ({
    value,
    box: checkbox({ label: text, key: `${key}/${value}`, initial, onChange, swatch }),
  }));
  return {
    node: element(
      "fieldset",
      { class: "checklist" },
      element("legend", {}, label),
      boxes.map(({ box }) => box.node),
    ),
    value: () => boxes.filter(({ box }) => box.value()).map(({ value }) => value),
  };
}

// One of a few, all in sight.
export function choice({ label, key, options, initial, onChange }) {
  const stored = recall(key, initial);
  const start = options.some(({ value }) => value === stored) ? stored : options[0].value;
  const name = newId("choice");
  let current = start;
  const node = element(
    "fieldset",
    { class: "choice" },
    element("legend", {}, label),
    element(
      "div",
      { class: "segments" },
      options.map(({ value, text }) =>
        element(
          "label",
          {},
          element("input", {
            type: "radio",
            name,
            value,
            checked: value === start,
            onchange: () => {
              current = value;
              remember(key, value);
              onChange();
            },
          }),
          element("span", {}, text),
        ),
      ),
    ),
  );
  return { node: options.length > 1 ? node : null, value: () => current };
}

export function slider({ label, key, min, max, step, initial, text, onChange }) {
  const id = newId("slider");
  const stored = Number(recall(key, initial));
  const start = stored >= min && stored <= max ? stored : initial;
  const output = element("output", { for: id }, text(start));
  const input = element("input", {
    type: "range",
    id,
    min,
    max,
    step,
    oninput: () => {
      output.textContent = text(value());
      remember(key, value());
      onChange();
    },
  });
  input.value = start;
  const value = () => Number(input.value);
  return { node: element("div", { class: "control" }, element("label", { for: id }, label), input, output), value };
}

// A details element that stays as the reader left it; `fill` makes its content when it is first opened.
export function folded({ title, key, open = false, attributes = {}, fill }) {
  let filled = false;
  const show = () => {
    if (!filled) node.append(fill());
    filled = true;
  };
  const node = element(
    "details",
    {
      ...attributes,
      open: recall(key, open) === true,
      ontoggle: () => {
        if (node.open) show();
        if (!node.dataset.printing) remember(key, node.open);
      },
    },
    element("summary", {}, title),
  );
  node.fillForPrint = show;
  if (node.open) show();
  return node;
}
