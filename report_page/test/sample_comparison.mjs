// A comparison with the orders of magnitude of real ones.

const worth = {
  none: [1.099, -7],
  random: [0.576, 0],
  "k-means": [0.578, -0.3],
  "high-loss": [1.142, -0.9],
  "krr-st": [0.443, 1.1],
  "mtt-ssl": [0.468, -6],
  distilled: [0.411, 2.6],
  "distilled-png": [0.413, 2.5],
  full: [0.295, 5],
  ssl: [0.47, -5.5],
  teacher: [null, 9],
};
const references = ["full", "teacher", "ssl"];
export const methodTable = Object.keys(worth).map((name) => ({
  name,
  meaning: `what ${name} learns from`,
  competes: !references.includes(name),
}));
const students = { 1: null, 3: 4.303, 10: 2.262 };

function statistic(mean, deviation, seeds) {
  const half = students[seeds] === null ? null : (students[seeds] * deviation) / Math.sqrt(seeds);
  return {
    mean,
    deviation: half === null ? null : deviation,
    low: half === null ? null : mean - half,
    high: half === null ? null : mean + half,
  };
}
const difference = ({ mean, low, high }) => ({ mean, low, high });

export function sampleComparison({
  methods,
  encoders,
  datasets,
  budgets,
  seeds,
  protocols = ["linear probe"],
  random,
  gain = 1,
  pretraining = true,
}) {
  const baseline = methods.includes("random") ? "random" : null;
  const known = (method, i) => worth[method] ?? [0.5 + 0.02 * i, 0.4 * i - 1];
  const cells = [];
  const courses = [];
  methods.forEach((method, m) =>
    encoders.forEach((encoder, e) => {
      const [loss, lead] = known(method, m);
      const ownLoss = loss === null ? null : loss + 0.12 * e * (1.2 - loss) + 0.01 * (random() - 0.5);
      datasets.forEach((dataset, d) =>
        budgets.forEach((labels, b) =>
          protocols.forEach((protocol, p) => {
            const accuracy =
              0.4 +
              0.09 * b +
              0.14 * d -
              0.1 * e -
              0.03 * p +
              (gain * lead * (d === 0 ? 1 : 0.25)) / 100 +
              0.008 * (random() - 0.5);
            const isBaseline = method === baseline;
            const lossDifference =
              ownLoss === null || baseline === null ? null : ownLoss - worth.random[0] - 0.12 * e * 0.624;
            cells.push({
              method,
              encoder,
              dataset,
              protocol,
              labels,
              seeds,
              accuracy: statistic(accuracy, 0.006 + 0.008 * random(), seeds),
              loss: ownLoss === null ? null : statistic(ownLoss, 0.008, seeds),
              fitted_head: method === "mtt-ssl" || method === "ssl",
              accuracy_difference:
                isBaseline || baseline === null
                  ? null
                  : difference(statistic((gain * lead * (d === 0 ? 1 : 0.25)) / 100, 0.004 + 0.008 * random(), seeds)),
              loss_difference:
                isBaseline || lossDifference === null ? null : difference(statistic(lossDifference, 0.007, seeds)),
            });
          }),
        ),
      );
      if (!pretraining || ["full", "ssl", "teacher", "none"].includes(method)) return;
      const steps = Array.from({ length: 9 }, (_, i) => 25 * i);
      courses.push({
        method,
        encoder,
        dataset: datasets[0],
        labels: budgets.at(-1) ?? null,
        seeds: 3,
        steps,
        loss: steps.map((step) => statistic(loss + (1.1 - loss) * Math.exp(-step / 50), 0.01, 3)),
        accuracy: steps.map((step) =>
          statistic(0.47 + (0.06 + (gain * lead) / 100) * (1 - Math.exp(-step / 50)), 0.004, 3),
        ),
      });
    }),
  );
  return {
    baseline,
    baseline_phrase: baseline === null ? null : `${baseline} choice`,
    methods,
    competes: methods.map((method) => !references.includes(method)),
    cells,
    label_budgets: budgets,
    pretraining: courses,
  };
}
