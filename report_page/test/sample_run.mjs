// One run with all its parts, made from a seed.

import { methodTable, sampleComparison } from "./sample_comparison.mjs";
import { curves } from "./sample_curves.mjs";
import { sampleSet } from "./sample_images.mjs";

// Mulberry32.
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

const budgets = ["1%", "5%", "10%"];
const threeSets = ["cifar10", "hand signs", "mnist"];
const classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const allMethods = methodTable.map(({ name }) => name).filter((name) => name !== "distilled-png");

export const base = (parts) => ({
  format: 1,
  mkdt_version: "0.1.0",
  written: "2026-11-27T11:20:00Z",
  refresh_seconds: null,
  notes: [],
  own_method: "distilled",
  methods: methodTable,
  ...parts,
});

const stages = [
  ["data", "Read the images.", 4.2, 3.1e8],
  ["teacher", "Train the SSL encoder whose representations are distilled.", 3060.5, 1.23e9],
  ["targets", "Embed and standardise.", 31, 6e8],
  ["experts", "Record what training on all images looks like.", 540, 9.4e8],
  ["distill", "Make the synthetic images.", 395, 1.1e9],
  ["krr-st", "The competing method.", 460, 1.6e9],
  ["evaluate", "Compare.", 2210, 1.3e9],
];

const config = (options) =>
  [
    [
      "data",
      [
        ["format", '"cifar10"'],
        ["root", '"CIFAR10"'],
        ["image_size", "32"],
      ],
    ],
    [
      "distill",
      [
        ["iterations", "300"],
        ["objective", '"trajectory"'],
        ["inner_steps", "40"],
        ["momentum", "0.9"],
      ],
    ],
    [
      "subset",
      [
        ["size", "500"],
        ["start", '"high-loss"'],
      ],
    ],
    [
      "evaluate",
      [
        ["methods", '["none", "random", "k-means", "high-loss", "krr-st", "distilled"]'],
        ["label_fractions", "[0.01, 0.05, 0.1]"],
        ["seeds", "10"],
      ],
    ],
  ].map(([section, list]) => ({
    section,
    options: list.map(([name, value]) => [name, options[`${section}.${name}`] ?? value]),
  }));

function makeSets(wanted, setSize, shown) {
  const known = {
    distilled: { title: "distilled, iteration 300", count: setSize, shown, classes },
    "krr-st": { title: "KRR-ST, step 750", count: setSize, shown: 100, classes, hasBefore: false },
    live: { title: "distilled, iteration 120", count: 60, classes, live: true },
    grey: { title: "distilled, iteration 40", count: 30, size: 28, channels: 1 },
  };
  return wanted.map((name) => sampleSet({ name, generator, ...known[name] }));
}

export function run({
  name,
  seed = 1,
  seeds = 3,
  methods = allMethods,
  encoders = ["convnet width=64 depth=3", "resnet10 width=16"],
  datasets = threeSets,
  setSize = 500,
  shown = 400,
  sizes = [],
  sets = ["distilled", "krr-st"],
  comparison = true,
  stagesDone = stages.length,
  labels = budgets,
  gain = 1,
  options = {},
  log = [["warning", "the free memory is little more than the comparison needs"]],
}) {
  const random = generator(seed);
  const compared = comparison
    ? sampleComparison({ methods, encoders, datasets, budgets: labels, seeds, random, gain })
    : null;
  return {
    name,
    folder: `runs/${name}`,
    state: "finished",
    message: "",
    facts: [
      ["images", "47 500 training images, 32×32, 3 channels"],
      ["synthetic", `${setSize} images`],
      ["teacher", "barlow-twins resnet18 width 16"],
      ["student", "convnet width 64 depth 3"],
    ],
    stages: stages.map(([stage, purpose, seconds, memory], i) => ({
      name: stage,
      purpose,
      state: i < stagesDone ? "done" : "not done",
      version: i < stagesDone ? "0.1.0" : "",
      seconds: i < stagesDone ? seconds * (0.9 + 0.3 * random()) : null,
      peak_memory: i < stagesDone ? memory : null,
    })),
    progress: null,
    curves: curves(random),
    teacher_quality: [
      { encoder: "teacher", dim: 128, effective_rank: 43.1, knn: 0.621, probe: 0.626 },
      { encoder: "untrained", dim: 128, effective_rank: 12.4, knn: 0.339, probe: 0.351 },
    ],
    sets: makeSets(sets, setSize, shown),
    comparison: compared,
    set_size: setSize,
    sizes: sizes.map((size) => ({
      size,
      cells: sampleComparison({
        methods: ["random", "k-means", "distilled"],
        encoders: encoders.slice(0, 1),
        datasets: datasets.slice(0, 1),
        budgets,
        seeds,
        random,
        gain: Math.log(size) / 5,
      }).cells,
    })),
    config: config(options),
    provenance: [
      ["mkdt_version", "0.1.0"],
      ["image_fingerprint", "9f2c61d0b7e84a53"],
      ["encoder_fingerprint", "03ab77cc19d2fe40"],
      ["libtorch", "1.13.1"],
      ["seed", String(seed)],
    ],
    log: log.map(([level, message]) => ({ time: "2026-11-27T10:00:00Z", level, message })),
  };
}
