// Sample pages in a folder of their own and a browser to open them, for the length of a test file.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { executablePath, launch } from "./browser.mjs";
import { openPage } from "./page.mjs";
import { writeSamples } from "./sample.mjs";

export const skip = existsSync(executablePath) ? false : `skipped: no Chromium at ${executablePath}`;
const folder = mkdtempSync(join(tmpdir(), "mkdt-report-"));
export const sample = (name) => join(folder, `${name}.html`);
let browser;

before(async () => {
  writeSamples(folder);
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

// Whatever a test does with a page: nothing may go wrong in it meanwhile.
export async function withPage(path, options, use) {
  const { page, wrong, close } = await openPage(browser, path, options);
  try {
    await use(page, wrong);
    assert.deepEqual(wrong, []);
  } finally {
    await close();
  }
}

// A live page would reload under the checks.
export async function pauseIfLive(page) {
  if ((await page.locator(".live").count()) > 0) await page.getByRole("button", { name: "Pause" }).click();
}
