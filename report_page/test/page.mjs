// What the tests ask of an open page.

import { pathToFileURL } from "node:url";

// Opens a file and hears of everything that must not happen.
export async function openPage(browser, path, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const url = pathToFileURL(path).href;
  const wrong = [];
  page.on(
    "console",
    (message) =>
      ["error", "warning"].includes(message.type()) && wrong.push(`console: ${message.text().slice(0, 300)}`),
  );
  page.on("pageerror", (error) => wrong.push(`error: ${error.message.slice(0, 300)}`));
  page.on("dialog", (dialog) => (wrong.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => {
    const wanted = request.url();
    if (wanted !== url && !/^(data|blob):/.test(wanted)) wrong.push(`request: ${wanted.slice(0, 300)}`);
  });
  await page.goto(url);
  await settle(page);
  return { page, wrong, close: () => context.close() };
}

// Plots are drawn before a frame, images when they are decoded.
export const settle = (page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; ++i) await new Promise(requestAnimationFrame);
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    await new Promise((done) => setTimeout(done, 100));
  });

export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// What scrolls up and down within the page, by class.
export const innerScrollers = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("main *, footer *")]
      .filter((node) => node.checkVisibility() && /auto|scroll/.test(getComputedStyle(node).overflowY))
      .filter((node) => node.scrollHeight > node.clientHeight + 1)
      .map((node) => node.className),
  );

// Titles of figures that have a plot without marks beside its axes.
export const emptyPlots = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("main figure .drawing")]
      .filter((place) => place.checkVisibility({ contentVisibilityAuto: true }))
      .filter(
        (place) =>
          ![...place.querySelectorAll("svg > g")].some(
            (group) =>
              /^(line|dot|bar|rule|text)/.test(group.getAttribute("aria-label") ?? "") && group.childElementCount > 0,
          ),
      )
      .map((place) => place.closest("figure").querySelector("figcaption").textContent),
  );

export const unlabelledPlots = (page) =>
  page.evaluate(
    () =>
      [...document.querySelectorAll("main figure .drawing svg")].filter(
        (svg) => svg.getAttribute("role") !== "img" || (svg.getAttribute("aria-label") ?? "").length < 20,
      ).length,
  );

// Marks all controls in sight, one of a group of radio buttons, and returns how many they are.
const markControls = (page) =>
  page.evaluate(() => {
    const radios = new Set();
    const isStop = (node) => {
      if (
        node.tabIndex < 0 ||
        node.disabled ||
        !node.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
      )
        return false;
      if (node.type !== "radio") return true;
      const isFirst = node.checked && !radios.has(node.name);
      if (isFirst) radios.add(node.name);
      return isFirst;
    };
    const stops = [
      ...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]"),
    ].filter(isStop);
    stops.forEach((node, i) => (node.dataset.stop = String(i)));
    return stops.map((node) => `${node.tagName} ${(node.getAttribute("aria-label") ?? node.textContent).slice(0, 40)}`);
  });

// Tabs from the top; the controls that were not reached, and those that cannot be seen while they have the focus.
export async function tabThrough(page) {
  const names = await markControls(page);
  await page.evaluate(() => {
    document.activeElement.blur();
    scrollTo(0, 0);
    window.reached = {};
    window.covered = [];
    document.addEventListener("focusin", ({ target }) => {
      window.reached[target.dataset.stop] = true;
      requestAnimationFrame(() => {
        const box = target.getBoundingClientRect();
        const isSeen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
        const under = document.elementFromPoint(
          box.left + Math.min(8, box.width / 2),
          box.top + Math.min(8, box.height / 2),
        );
        const isCovered =
          box.height < innerHeight / 2 &&
          under !== null &&
          !target.contains(under) &&
          !under.contains(target) &&
          under.closest("label") === null;
        if (isCovered && document.activeElement === target) window.covered.push(target.textContent.slice(0, 40));
        if (document.activeElement === target && !isSeen) window.reached[target.dataset.stop] = false;
      });
    });
  });
  for (let i = 0; i < names.length + 1; ++i) await page.keyboard.press("Tab");
  await settle(page);
  const { reached, covered } = await page.evaluate(() => ({ reached: window.reached, covered: window.covered }));
  return {
    covered,
    missed: names.filter((_, i) => !(i in reached)),
    unseen: names.filter((_, i) => reached[i] === false),
    count: names.length,
  };
}

// Headings that skip a level.
export const skippedHeadings = (page) =>
  page.evaluate(() => {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
      .filter((node) => node.checkVisibility())
      .map((node) => [Number(node.tagName[1]), node.textContent.slice(0, 60)]);
    return levels
      .filter(([level], i) => level > (levels[i - 1]?.[0] ?? 0) + 1)
      .map(([level, text]) => `h${level} ${text}`);
  });

// Elements that only markup from the data could have made, and attributes that would run something.
export const intruders = (page) =>
  page.evaluate(() => {
    const foreign = [
      ...document.body.querySelectorAll("img, iframe, object, embed, form, textarea, title, base, link, meta"),
    ].filter((node) => !node.closest("svg"));
    const scripts = document.querySelectorAll("script").length;
    const handlers = [...document.querySelectorAll("*")].filter((node) =>
      [...node.attributes].some(
        ({ name, value }) =>
          /^on/.test(name) || (["href", "src", "action", "xlink:href"].includes(name) && /^\s*javascript:/.test(value)),
      ),
    );
    return [...foreign, ...handlers]
      .map((node) => node.outerHTML.slice(0, 200))
      .concat(scripts === 3 ? [] : [`${scripts} scripts`]);
  });

// Texts whose contrast with the ground behind them is below 4.5 (3 for large ones).
export const faintTexts = (page) =>
  page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r, g, b]) =>
      [r, g, b]
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
    const groundOf = (node) => {
      for (; node; node = node.parentElement) {
        const ground = rgb(getComputedStyle(node).backgroundColor);
        if (ground[3] > 230) return ground;
      }
      return rgb(getComputedStyle(document.body).backgroundColor);
    };
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode()); ) {
      const node = text.parentElement;
      if (text.data.trim() === "" || !node.checkVisibility() || ["SCRIPT", "NOSCRIPT", "OPTION"].includes(node.tagName))
        continue;
      const style = getComputedStyle(node);
      const colour = node.closest("svg") ? style.fill : style.color;
      const [a, b] = [luminance(rgb(colour)), luminance(groundOf(node))].sort((x, y) => y - x);
      const contrast = (a + 0.05) / (b + 0.05);
      if (contrast < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5))
        found.add(`${contrast.toFixed(2)} ${node.tagName} ${text.data.trim().slice(0, 40)}`);
    }
    return [...found];
  });
