// Numbers as the page writes them, which are those of the program's tables.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { decimal, fixed, interval, percent, signed } from "../src/base/format.js";

const here = dirname(fileURLToPath(import.meta.url));

// tests/base/decimal_text_test.cpp reads the same table.
test("decimals round as the program's do", () => {
  const cases = JSON.parse(readFileSync(join(here, "decimals.json"), "utf8"));
  assert.ok(cases.length > 20);
  for (const [value, decimals, text] of cases) assert.equal(decimal(value, decimals), text, `${value}`);
});

test("shares round as their decimals say", () => {
  for (let i = 0; i < 1000; ++i) {
    const share = (i + 0.5) / 1000;
    assert.equal(percent(share), `${Math.floor((i + 1) / 10)}.${(i + 1) % 10}`, `${share}`);
  }
});

test("signs and intervals are of the rounded numbers", () => {
  assert.equal(fixed(-15.25, 1), "−15.3");
  assert.equal(fixed(-0.04, 1), "0.0");
  assert.equal(fixed(null, 1), "–");
  assert.equal(signed(-0.04, 1), "0.0");
  assert.equal(signed(0.05, 1), "+0.1");
  assert.equal(interval({ low: -0.0025, high: 0.1525 }, 1, 100), "[−0.3, 15.3]");
});
