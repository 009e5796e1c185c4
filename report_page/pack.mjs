// Packs the page into one HTML file, the same bytes every time: node pack.mjs [OUT]

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { licencesOf } from "./licences.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../mkdt/report/report_page.html");
const placeholder = '{"placeholder":"mkdt report data"}';

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(here, entry)],
    absWorkingDir: here,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    charset: "ascii",
    legalComments: "none",
    target: ["chrome123", "firefox120", "safari17.5"],
  });
  return { text: result.outputFiles[0].text.trim(), inputs: Object.keys(result.metafile.inputs) };
}

const script = await bundle("src/main.js");
const style = await bundle("src/style/style.css");
const parts = {
  "script hash": `sha256-${createHash("sha256").update(script.text, "utf8").digest("base64")}`,
  style: style.text,
  licences: `\n${licencesOf(script.inputs, here)}\n`,
  script: script.text,
};
const page = readFileSync(join(here, "src/page.html"), "utf8").replace(/\{\{(.+?)\}\}/g, (_, name) => parts[name]);

const count = (text) => page.split(text).length - 1;
const check = (holds, message) => {
  if (!holds) throw new Error(message);
};
check(count(placeholder) === 1, "the placeholder of the data must be there exactly once");
check(count('id="report-data"') === 1, "the element of the data must be there exactly once");
check(count("</script") === 3, "a part would end its script element early");
check(!/<!--/.test(script.text), "the script holds the beginning of a comment");
writeFileSync(out, page);
console.log(`${out}: ${Buffer.byteLength(page)} bytes`);
