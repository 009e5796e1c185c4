// Pictures of a page: node test/screenshots.mjs FILE OUTDIR

import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";

const [file, folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node test/screenshots.mjs FILE OUTDIR");
mkdirSync(folder, { recursive: true });

const browser = await launch();
for (const width of [1280, 390]) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await page.goto(pathToFileURL(resolve(file)).href);
    await page.waitForTimeout(500);
    const path = join(folder, `${basename(file, ".html")}-${width}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
    console.log(path);
    await page.close();
  }
}
await browser.close();
