// The licence texts of the packages that a bundle contains; packages with the same text share it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

function packageOf(input) {
  const match = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  return match?.[1] ?? null;
}

export function licencesOf(inputs, root) {
  const names = [...new Set(inputs.map(packageOf).filter((name) => name !== null))].sort();
  const users = new Map();
  for (const name of names) {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    const text = readFileSync(join(folder, file), "utf8").replace(/\r/g, "").trim();
    users.set(text, [...(users.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const sections = [...users].map(([text, packages]) => `${packages.join("\n")}\n\n${text}`);
  return ["This page contains parts of the following packages.", ...sections].join(`\n\n${"-".repeat(72)}\n\n`);
}
