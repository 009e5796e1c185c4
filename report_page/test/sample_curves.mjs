// Curves that fall and flatten, with noise and one value missing.

function course(name, group, title, x, count, value, { random, windowed = true, every = 1 }) {
  const steps = Array.from({ length: count }, (_, i) => every * (i + 1));
  const values = steps.map((_, i) => (i === 17 ? null : value(i / count) * (1 + 0.12 * (random() - 0.5))));
  const mean = !windowed
    ? null
    : values.map((_, i) => {
        const part = values.slice(Math.max(0, i - 10), i + 11).filter((one) => one !== null);
        return part.reduce((sum, one) => sum + one, 0) / part.length;
      });
  return { name, group, title, x, steps, values, mean };
}

export function curves(random) {
  const falling = (from, to, rate) => (t) => to + (from - to) * Math.exp(-rate * t);
  return [
    course("teacher/loss", "teacher", "Barlow Twins loss", "step", 400, falling(90, 24, 6), { random, every: 13 }),
    course("teacher/knn", "teacher", "k-NN accuracy", "epoch", 28, (t) => 0.3 + 0.32 * (1 - Math.exp(-3 * t)), {
      random,
      windowed: false,
    }),
    course("experts/loss", "experts", "Expert loss, mean of 20", "epoch", 20, falling(1, 0.31, 4), {
      random,
      windowed: false,
    }),
    course("distill/matching_loss", "distillation", "Matching loss", "outer iteration", 300, falling(0.98, 0.31, 5), {
      random,
    }),
    course("distill/learning_rate", "distillation", "Learned rate α", "outer iteration", 300, (t) => 0.1 + 0.03 * t, {
      random: () => 0.5,
      windowed: false,
    }),
    course("krr-st/loss", "baselines", "KRR-ST loss", "step", 375, falling(1, 0.45, 3), { random, every: 2 }),
  ];
}
