// Every sample page, and the files that MKDT_REPORTS names (colons between them), are in order.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { test } from "node:test";
import {
  emptyPlots,
  faintTexts,
  innerScrollers,
  intruders,
  overflow,
  settle,
  skippedHeadings,
  tabThrough,
  unlabelledPlots,
} from "./page.mjs";
import { samples } from "./sample.mjs";
import { pauseIfLive, sample, skip, withPage } from "./samples_open.mjs";

const further = (process.env.MKDT_REPORTS ?? "")
  .split(":")
  .filter(Boolean)
  .map((path) => resolve(path));

async function checkPrinting(page) {
  const screenLength = await page.evaluate(() => document.body.innerText.length);
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  const sheets = (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length;
  assert.ok(pdf.length > 5000 && sheets >= 1, "the print is empty");
  if (screenLength > 4000) assert.ok(sheets > 1, `${sheets} sheets`);
  await page.emulateMedia({ media: "print" });
  const shown = await page.evaluate(
    () =>
      [...document.querySelectorAll(".controls, .bar, dialog, main input, main select")].filter((node) =>
        node.checkVisibility(),
      ).length,
  );
  assert.equal(shown, 0, "controls are printed");
  const closed = await page.evaluate(() => {
    dispatchEvent(new Event("beforeprint"));
    return document.querySelectorAll("details:not([open], .no-print, .on-paper-folded)").length;
  });
  assert.equal(closed, 0, "something stays folded on paper");
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
}

for (const path of [sample("template"), ...Object.keys(samples).map(sample), ...further]) {
  test(`${basename(path)} is in order`, { skip }, async () => {
    await withPage(path, {}, async (page) => {
      await pauseIfLive(page);
      assert.ok((await page.locator("h1").innerText()).length > 0);
      assert.deepEqual(await emptyPlots(page), []);
      assert.equal(await unlabelledPlots(page), 0);
      assert.deepEqual(await skippedHeadings(page), []);
      assert.deepEqual(await intruders(page), []);
      assert.equal(await overflow(page), 0, "at 1280 px");
      const { missed, unseen, covered } = await tabThrough(page);
      assert.deepEqual({ missed, unseen, covered }, { missed: [], unseen: [], covered: [] });
      await checkPrinting(page);
      await page.setViewportSize({ width: 390, height: 800 });
      await settle(page);
      assert.equal(await overflow(page), 0, "at 390 px");
      assert.deepEqual(await innerScrollers(page), [], "a scroller within the scroller");
      assert.deepEqual(await emptyPlots(page), []);
    });
  });
}

// The page computes its sentence from the cells, the program writes one below each table.
for (const path of further) {
  const results = join(dirname(path), "evaluate/results.md");
  test(`${path}: the result is that of the program's tables`, { skip: skip || !existsSync(results) }, () =>
    withPage(path, {}, async (page) => {
      await pauseIfLive(page);
      const plain = (text) => text.replaceAll(/[\u202f\s]+/g, " ").trim();
      const said = plain(await page.locator(".headline .lead").first().innerText());
      assert.match(said, /^The distilled images/);
      assert.ok(plain(readFileSync(results, "utf8")).includes(said), said);
    }),
  );
}

for (const colorScheme of ["light", "dark"]) {
  test(`texts are legible in ${colorScheme}`, { skip }, () =>
    withPage(sample("full"), { colorScheme }, async (page) => {
      assert.deepEqual(await faintTexts(page), []);
    }),
  );
}
