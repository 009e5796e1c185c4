// A page that is rewritten while its run goes on reloads itself, and the reader finds everything where it was.

import { element } from "../base/dom.js";
import { duration } from "../base/format.js";
import { recall, remember } from "../base/store.js";

// Focus is kept as the place of the focused element among all that can have it.
const focusable = () => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];

function reload() {
  remember("scroll", [scrollX, scrollY]);
  remember("focus", focusable().indexOf(document.activeElement));
  location.reload();
}

export async function restorePlace(drawn) {
  const focus = recall("focus", -1);
  const scroll = recall("scroll", null);
  remember("focus", -1);
  remember("scroll", null);
  if (focus < 0 && scroll === null) return;
  // Only then are all heights known: plots are drawn before the first frame, images when they are decoded.
  await drawn;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (focus >= 0) focusable()[focus]?.focus({ preventScroll: true });
      if (Array.isArray(scroll)) window.scrollTo({ left: scroll[0], top: scroll[1], behavior: "instant" });
    }),
  );
}

// Nothing is taken away from under someone who looks at a single image, or from a page that nobody sees.
const isBusy = () => document.querySelector("dialog[open]") !== null || document.hidden;

export function liveControl(seconds) {
  if (seconds === null || seconds <= 0) return null;
  if ("scrollRestoration" in history) history.scrollRestoration = "manual";
  const every = Math.max(1, seconds);
  let paused = recall("paused", false) === true;
  let waited = 0;
  setInterval(() => {
    if (paused) return;
    waited += 1;
    if (waited >= every && !isBusy()) reload();
  }, 1000);
  const state = element("span", {});
  const button = element("button", { type: "button", class: "plain", onclick: () => show(!paused) });
  const show = (pause) => {
    paused = pause;
    waited = 0;
    remember("paused", pause);
    state.textContent = pause ? "Live page, paused" : `Live page, reloads every ${duration(every)}`;
    button.textContent = pause ? "Go on" : "Pause";
  };
  show(paused);
  return element("div", { class: "live" }, state, button);
}
