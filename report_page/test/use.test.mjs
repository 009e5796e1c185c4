// What a reader does with the page: keys, controls, reloading; and what hostile texts must not do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { intruders, overflow, settle } from "./page.mjs";
import { methodTable } from "./sample_comparison.mjs";
import { attack } from "./sample_hostile.mjs";
import { pauseIfLive, sample, skip, withPage } from "./samples_open.mjs";

test("the template says that it is empty", { skip }, () =>
  withPage(sample("template"), {}, async (page) => {
    assert.match(await page.locator("main").innerText(), /empty template/);
  }),
);

test("the arrow keys move in the grid, and Enter opens an image", { skip }, () =>
  withPage(sample("full"), {}, async (page) => {
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
    const press = async (key) => (await page.keyboard.press(key), focused());
    await page.locator(".cell[tabindex='0']").first().focus();
    const first = await focused();
    const second = await press("ArrowRight");
    assert.notEqual(first, second);
    const below = await press("ArrowDown");
    assert.notEqual(below, second);
    assert.equal(await press("ArrowUp"), second);
    assert.equal(await press("ArrowLeft"), first);
    const last = await press("End");
    assert.equal(await press("ArrowRight"), last);
    assert.equal(await press("Home"), first);
    assert.equal(await page.locator(".cell[tabindex='0']").count(), 1);

    await page.keyboard.press("Enter");
    const dialog = page.locator("dialog[open]");
    assert.equal(await dialog.locator("canvas").count(), 3);
    const title = await dialog.locator("h2").innerText();
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await dialog.locator("h2").innerText(), title);
    assert.match(await dialog.innerText(), /Nearest class/i);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("dialog").count(), 0);
    assert.equal(await focused(), second);
  }),
);

test("views, orders and sets of the images change", { skip }, () =>
  withPage(sample("full"), {}, async (page) => {
    const picture = () => page.evaluate(() => document.querySelector(".cell canvas").toDataURL());
    const seen = new Set([await picture()]);
    for (const view of ["before", "side by side", "difference"]) {
      await page.getByRole("radio", { name: view }).check();
      await settle(page);
      seen.add(await picture());
    }
    assert.equal(seen.size, 4);
    assert.match(await page.locator("#images").innerText(), /amplified \d+ times/);
    await page.getByRole("radio", { name: "nearest class" }).check();
    await settle(page);
    assert.equal(await page.locator(".image-grid h4").count(), 10);
    await page.getByLabel("Set", { exact: true }).selectOption({ index: 1 });
    await settle(page);
    assert.match(await page.locator("#images").innerText(), /nothing to compare them with/);
  }),
);

test("the controls of the comparison change its plots", { skip }, () =>
  withPage(sample("full"), {}, async (page) => {
    const label = () => page.locator("#comparison svg[role=img]").first().getAttribute("aria-label");
    const start = await label();
    await page.getByLabel("Data set").selectOption("hand signs");
    await settle(page);
    assert.notEqual(await label(), start);
    const dots = () => page.locator("#comparison .drawing").first().locator("g[aria-label=dot]").count();
    const all = await dots();
    await page.locator("#comparison").getByRole("checkbox", { name: "k-means" }).uncheck();
    await settle(page);
    assert.equal(await dots(), all - 1);
    const box = await page.locator("#comparison .drawing").first().boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForFunction(() =>
      [...document.querySelectorAll("#comparison g[aria-label=tip]")].some((group) => /seeds/.test(group.textContent)),
    );
  }),
);

test("two runs: only what differs among the options", { skip }, () =>
  withPage(sample("two"), {}, async (page) => {
    await page.getByLabel("only differences").check();
    await page.locator("#config summary", { hasText: "subset" }).click();
    const table = page.locator("#config table");
    assert.match(await table.innerText(), /1000/);
    assert.equal(await table.locator("tbody tr").count(), 1);
  }),
);

test("hostile text is text", { skip }, () =>
  withPage(sample("hostile"), {}, async (page) => {
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await settle(page);
    assert.ok((await page.locator("body").innerText()).includes(attack.slice(0, 60)));
    assert.ok(
      await page.evaluate(() => document.body.textContent.includes("W".repeat(10000))),
      "the full text is not reachable",
    );
    assert.ok(!/[\u202e\u2066\u0007]/.test(await page.locator("main").innerText()));
    assert.deepEqual(await intruders(page), []);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await settle(page);
      assert.equal(await overflow(page), 0, `all open, at ${width} px`);
    }
  }),
);

test("a live page reloads itself and keeps its place", { skip }, () =>
  withPage(sample("live"), {}, async (page) => {
    await pauseIfLive(page);
    await page.getByRole("radio", { name: "difference" }).check();
    await page.evaluate(() => (window.isOld = true));
    await page.waitForTimeout(2500);
    assert.ok(await page.evaluate(() => window.isOld), "it reloads although it is paused");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.evaluate(() => scrollTo(0, 700));
    await page.waitForFunction(() => window.isOld === undefined);
    await pauseIfLive(page);
    await page.waitForFunction(() => Math.abs(scrollY - 700) < 3);
    assert.ok(await page.getByRole("radio", { name: "difference" }).isChecked());
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Go on/);
  }),
);

test("the theme can be chosen", { skip }, () =>
  withPage(sample("empty"), { colorScheme: "light" }, async (page) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole("button", { name: /Colours/ }).click();
    await page.getByRole("button", { name: /Colours/ }).click();
    assert.notEqual(await ground(), light);
  }),
);

test("the page says how to use the set and what its words mean", { skip }, () =>
  withPage(sample("full"), {}, async (page) => {
    const use = await page.locator("#use").innerText();
    assert.match(use, /mkdt export runs\/cifar10 --to dataset --out distilled/);
    assert.match(use, /from load_torch import load/);
    await page.locator("#glossary details").evaluateAll((nodes) => nodes.forEach((node) => (node.open = true)));
    await settle(page);
    const terms = await page.locator("#glossary dt").allInnerTexts();
    for (const term of ["J, the matching loss", "α, syn_lr", "representation loss", "linear probe", "k-NN", "reference"])
      assert.ok(terms.includes(term), term);
  }),
);

test("the glossary has the methods of the document, in their order", { skip }, () =>
  withPage(sample("full"), {}, async (page) => {
    await page.locator("#glossary details").evaluateAll((nodes) => nodes.forEach((node) => (node.open = true)));
    await settle(page);
    const terms = await page.locator("#glossary dt").allInnerTexts();
    const names = methodTable.map(({ name }) => name);
    assert.deepEqual(terms.slice(-names.length), names);
    const glossary = await page.locator("#glossary").innerText();
    assert.match(glossary, /What high-loss learns from\./);
    assert.match(glossary, /measured against: full, ssl and teacher\./);
  }),
);

test("a folder with blanks and quotes is one word of the shell", { skip }, () =>
  withPage(sample("two"), {}, async (page) => {
    const use = await page.locator("#use").innerText();
    assert.ok(use.includes("mkdt export 'runs/cifar10, 1 000 images' --to dataset"), use);
  }),
);

test("nothing is called an upper bound", { skip }, () =>
  withPage(sample("full"), {}, async (page) => {
    assert.deepEqual([...new Set(await page.locator(".comparison-table .tag").allInnerTexts())], ["reference"]);
    assert.doesNotMatch(await page.locator("body").innerText(), /upper bound/i);
  }),
);
