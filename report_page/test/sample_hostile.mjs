// Texts that want to be something else: markup, ends of elements, line breaks, reordering, great length.

import { base, generator, run } from "./sample_run.mjs";
import { sampleSet } from "./sample_images.mjs";

export const attack = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`</script><!--";
const lines = "first\nsecond\r\n\tthird\u2028fourth\u0000\u0007\u001b[31m";
const reordered = "abc\u202egnp.exe\u2066\u200f";
const long = `${attack} ${"a long name ".repeat(840)}`.slice(0, 10000);
const unbroken = "W".repeat(10000);
const texts = [
  attack,
  lines,
  reordered,
  long,
  unbroken,
  "</textarea></title></style>",
  "{{constructor.constructor('alert(3)')()}}",
  "javascript:alert(4)",
];

export function hostile() {
  const one = run({
    name: attack,
    methods: ["none", "random", attack, lines, reordered, long, unbroken, "distilled"],
    encoders: [attack, long],
    datasets: [unbroken, attack],
    sets: [],
  });
  const renamed = (parts) => ({
    ...one,
    ...parts,
    config: texts.map((text) => ({ section: text, options: [[text, text]] })),
  });
  const set = {
    ...sampleSet({ name: long, title: long, count: 24, classes: texts, generator }),
    facts: texts.map((text) => [text, text]),
  };
  const runs = [
    renamed({ sets: [set, { ...set, title: attack }], state: "failed", message: long }),
    renamed({
      name: unbroken,
      folder: unbroken,
      message: attack,
      progress: lines,
      state: attack,
      facts: texts.map((text) => [text, text]),
      provenance: texts.map((text) => [text, text]),
      log: texts.map((message) => ({ time: message, level: message, message })),
      sets: [{ ...set, before: "javascript:alert(5)" }],
      stages: texts.map((text) => ({
        name: text,
        purpose: text,
        state: text,
        seconds: 12,
        peak_memory: 1e9,
        version: text,
      })),
      curves: texts.map((text, i) => ({
        ...one.curves[i % one.curves.length],
        name: text,
        title: text,
        x: text,
        group: text,
      })),
      comparison: { ...one.comparison, baseline: attack, baseline_phrase: attack },
      sizes: [
        { size: 100, cells: one.comparison.cells },
        { size: 500, cells: one.comparison.cells },
      ],
    }),
    {
      name: "of other types",
      state: 7,
      facts: "x",
      stages: { a: 1 },
      curves: [null, 3, { steps: "1", values: null }],
      sets: [{ numbers: [1, 2], width: "x" }],
      comparison: { methods: null, cells: [{}, null, { method: [1], accuracy: { mean: "0.5" } }] },
      sizes: 4,
      config: [[]],
      log: ["x"],
    },
  ];
  const methods = [null, 3, ...texts.map((text) => ({ name: text, meaning: text, competes: text }))];
  return base({ mkdt_version: attack, written: lines, notes: texts, methods, runs });
}
