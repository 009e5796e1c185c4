// Deterministic documents for the page: node test/sample.mjs OUTDIR writes a packed page for each.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { hostile } from "./sample_hostile.mjs";
import { base, run } from "./sample_run.mjs";

const full = () =>
  base({
    runs: [run({ name: "cifar10", sizes: [100, 250, 500] })],
    notes: ["Shown are 400 of 500 images, evenly spread."],
  });

const two = () =>
  base({
    runs: [
      run({
        name: "cifar10",
        seed: 1,
        seeds: 10,
        methods: ["none", "random", "k-means", "high-loss", "krr-st", "distilled"],
        sets: ["distilled", "krr-st"],
      }),
      run({
        name: "cifar10, 1 000 images",
        seed: 2,
        setSize: 1000,
        gain: 1.6,
        options: { "distill.iterations": "600", "subset.size": "1000" },
        methods: ["none", "random", "krr-st", "distilled", "mine", "full"],
      }),
    ],
  });

const nothing = {
  facts: [],
  stages: [],
  progress: null,
  curves: [],
  teacher_quality: [],
  sets: [],
  comparison: null,
  set_size: null,
  sizes: [],
  config: [],
  provenance: [],
  log: [],
};

const empty = () =>
  base({
    runs: [
      { ...nothing, name: "new", folder: "runs/new", state: "empty", message: "The folder has no finished stage." },
    ],
  });

const interrupted = () => {
  const one = run({
    name: "overnight",
    comparison: false,
    stagesDone: 4,
    sets: [],
    log: [["warning", "interrupted by SIGINT"]],
  });
  return base({
    runs: [
      {
        ...one,
        state: "interrupted",
        message:
          "Not done: distill, krr-st, evaluate. The same command goes on from iteration 120 of the distillation.",
        curves: one.curves.slice(0, 3),
      },
    ],
  });
};

const failed = () =>
  base({
    runs: [
      {
        ...nothing,
        name: "no disk",
        folder: "runs/no-disk",
        state: "failed",
        message: "experts: cannot write experts/7.safetensors: no space left on device",
        stages: run({ name: "x", stagesDone: 2 }).stages.map((stage, i) =>
          i === 2 ? { ...stage, state: "failed" } : stage,
        ),
        log: [
          {
            time: "2026-11-27T10:00:00Z",
            level: "error",
            message: "cannot write experts/7.safetensors: no space left on device",
          },
        ],
      },
    ],
  });

const live = () =>
  base({
    refresh_seconds: 2,
    runs: [
      {
        ...run({ name: "in progress", comparison: false, stagesDone: 3, sets: ["live"] }),
        state: "running",
        progress: "distill: 120/300 iterations, 0.76/s, 4 min left, J 0.53",
      },
    ],
  });

// One seed, grey images, another data set, no class names, no baseline.
const plain = () => {
  const one = run({
    name: "digits",
    seeds: 1,
    methods: ["distilled", "full"],
    sets: ["grey"],
    encoders: ["convnet width=16 depth=2"],
    labels: ["5 a class", "10 a class"],
  });
  one.comparison.baseline = null;
  return base({ runs: [one] });
};

export const samples = { full, two, empty, interrupted, failed, live, plain, hostile, none: () => base({ runs: [] }) };

const here = dirname(fileURLToPath(import.meta.url));
const templatePath = join(here, "../../mkdt/report/report_page.html");
const placeholder = '{"placeholder":"mkdt report data"}';

// As the program does it.
export function packedPage(report) {
  const [head, tail] = readFileSync(templatePath, "utf8").split(placeholder);
  return head + JSON.stringify(report).replaceAll("<", "\\u003c") + tail;
}

export function writeSamples(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "template.html"), readFileSync(templatePath));
  for (const [name, make] of Object.entries(samples)) writeFileSync(join(folder, `${name}.html`), packedPage(make()));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeSamples(process.argv[2] ?? "samples");
