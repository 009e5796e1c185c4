// The document, brought into the shape that the page relies on: lists are lists, texts are clean, numbers are finite or
// null. report_page/README.md describes it; whatever is missing or of another type counts as absent.

import { clean } from "./text.js";

const list = (value) => (Array.isArray(value) ? value : []);
const record = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : null);
const records = (value) =>
  list(value)
    .map(record)
    .filter((entry) => entry !== null);
const number = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);
const text = clean;
const optionalText = (value) => (value === null || value === undefined ? null : clean(value));
const pairs = (value) =>
  list(value)
    .filter(Array.isArray)
    .map(([name, entry]) => [text(name), text(entry)]);
const picture = (value) => (typeof value === "string" && value.startsWith("data:image/png;base64,") ? value : null);

function statistic(value) {
  if (number(record(value)?.mean) === null) return null;
  return { mean: value.mean, deviation: number(value.deviation), low: number(value.low), high: number(value.high) };
}

const cell = (value) => ({
  method: text(value.method),
  encoder: text(value.encoder),
  dataset: text(value.dataset),
  protocol: text(value.protocol),
  labels: optionalText(value.labels),
  seeds: number(value.seeds),
  accuracy: statistic(value.accuracy),
  loss: statistic(value.loss),
  fittedHead: value.fitted_head === true,
  accuracyDifference: statistic(value.accuracy_difference),
  lossDifference: statistic(value.loss_difference),
});

function pretraining(value) {
  const steps = list(value.steps);
  const at = (values, i) => statistic(list(values)[i]);
  return {
    method: text(value.method),
    encoder: text(value.encoder),
    dataset: text(value.dataset),
    labels: optionalText(value.labels),
    seeds: number(value.seeds),
    points: steps
      .map((step, i) => ({ step: number(step), loss: at(value.loss, i), accuracy: at(value.accuracy, i) }))
      .filter((point) => point.step !== null),
  };
}

function comparison(value) {
  if (record(value) === null) return null;
  const competes = list(value.competes);
  const cells = records(value.cells).map(cell);
  const methods = list(value.methods).map((name, i) => ({ name: text(name), competes: competes[i] !== false }));
  for (const { method } of cells) {
    if (!methods.some(({ name }) => name === method)) methods.push({ name: method, competes: true });
  }
  return {
    baseline: optionalText(value.baseline),
    baselinePhrase: optionalText(value.baseline_phrase) ?? optionalText(value.baseline),
    methods,
    cells,
    budgets: list(value.label_budgets).map(text),
    pretraining: records(value.pretraining).map(pretraining),
  };
}

function curve(value) {
  const values = list(value.values);
  const mean = Array.isArray(value.mean) ? value.mean : null;
  return {
    name: text(value.name),
    group: text(value.group),
    title: text(value.title) || text(value.name),
    x: text(value.x) || "step",
    averaged: mean !== null,
    points: list(value.steps)
      .map((step, i) => ({ step: number(step), value: number(values[i]), mean: mean && number(mean[i]) }))
      .filter((point) => point.step !== null),
  };
}

function set(value) {
  const numbers = list(value.numbers).map(number);
  const names = Array.isArray(value.class_names) ? value.class_names.map(text) : null;
  const classes = Array.isArray(value.nearest_class) ? value.nearest_class.map(number) : null;
  const stored = numbers.map((_, i) => i);
  const orders = { stored };
  for (const [name, order] of Object.entries(record(value.orders) ?? {})) {
    const known = list(order).filter((i) => Number.isInteger(i) && i >= 0 && i < numbers.length);
    if (known.length === numbers.length) orders[name] = known;
  }
  return {
    name: text(value.name),
    title: text(value.title) || text(value.name),
    live: value.live === true,
    count: number(value.count) ?? numbers.length,
    numbers,
    orders,
    channels: number(value.channels),
    height: number(value.height),
    width: number(value.width),
    columns: number(value.columns),
    before: picture(value.before),
    after: picture(value.after),
    classOf: (i) => (classes === null || classes[i] === null ? null : (names?.[classes[i]] ?? `class ${classes[i]}`)),
    hasClasses: classes !== null,
    facts: pairs(value.facts),
  };
}

const isDrawable = (one) =>
  one.numbers.length > 0 && one.height > 0 && one.width > 0 && one.columns > 0 && (one.after ?? one.before) !== null;

const stage = (value) => ({
  name: text(value.name),
  purpose: text(value.purpose),
  state: text(value.state) || "not done",
  seconds: number(value.seconds),
  peakMemory: number(value.peak_memory),
  version: text(value.version),
});

function run(value, index) {
  return {
    index,
    name: text(value.name) || `run ${index + 1}`,
    folder: text(value.folder),
    state: text(value.state) || "empty",
    message: text(value.message),
    facts: pairs(value.facts),
    stages: records(value.stages).map(stage),
    progress: text(value.progress),
    curves: records(value.curves)
      .map(curve)
      .filter(({ points }) => points.some((point) => point.value !== null)),
    teacherQuality: records(value.teacher_quality).map((one) => ({
      encoder: text(one.encoder),
      dimension: number(one.dim),
      effectiveRank: number(one.effective_rank),
      knn: number(one.knn),
      probe: number(one.probe),
    })),
    sets: records(value.sets).map(set).filter(isDrawable),
    comparison: comparison(value.comparison),
    setSize: number(value.set_size),
    sizes: records(value.sizes)
      .map((one) => ({ size: number(one.size), cells: records(one.cells).map(cell) }))
      .filter(({ size }) => size !== null),
    config: records(value.config).map((one) => ({ section: text(one.section), options: pairs(one.options) })),
    provenance: pairs(value.provenance),
    log: records(value.log).map((one) => ({
      time: text(one.time),
      level: text(one.level),
      message: text(one.message),
    })),
  };
}

// The page's document, or a text that says why there is none.
export function readDocument(source) {
  let value;
  try {
    value = record(JSON.parse(source));
  } catch {
    return "The data of this page cannot be read: the file is damaged or was cut short.";
  }
  if (value === null) return "The data of this page cannot be read.";
  if ("placeholder" in value)
    return "This is an empty template. The program mkdt puts the data of a run into it: mkdt report RUN.";
  if (value.format !== 1) return `The data of this page has format ${clean(value.format)}; the page reads format 1.`;
  return {
    version: text(value.mkdt_version),
    written: text(value.written),
    refreshSeconds: number(value.refresh_seconds),
    notes: list(value.notes).map(text),
    ownMethod: text(value.own_method),
    methods: records(value.methods).map(({ name, meaning, competes }) => ({
      name: text(name),
      meaning: text(meaning),
      competes: competes !== false,
    })),
    runs: records(value.runs).map(run),
  };
}
