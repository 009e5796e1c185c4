// Light, dark, or what the system says.

import { element } from "../base/dom.js";
import { recall, remember } from "../base/store.js";

const themes = ["system", "light", "dark"];

export function themeButton() {
  let current = themes.includes(recall("theme")) ? recall("theme") : "system";
  const button = element("button", {
    type: "button",
    class: "plain",
    onclick: () => show(themes[(themes.indexOf(current) + 1) % themes.length]),
  });
  const show = (theme) => {
    current = theme;
    remember("theme", theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Colours: ${theme}`;
  };
  show(current);
  return button;
}
