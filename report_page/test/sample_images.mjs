// Synthetic sets for the samples: a shape on a gradient before, the same with waves and noise after.

import { pngDataUrl } from "./png.mjs";

function drawImage(pixels, i, { columns, size, channels, isAfter, random }) {
  const left = (i % columns) * size;
  const top = Math.floor(i / columns) * size;
  const hue = [0.3 + 0.5 * random(), 0.3 + 0.5 * random(), 0.3 + 0.5 * random()];
  const middle = [size * (0.3 + 0.4 * random()), size * (0.3 + 0.4 * random())];
  const radius = size * (0.15 + 0.2 * random());
  const wave = 0.3 + random();
  for (let y = 0; y < size; ++y) {
    for (let x = 0; x < size; ++x) {
      const inside = Math.hypot(x - middle[0], y - middle[1]) < radius;
      for (let c = 0; c < channels; ++c) {
        let value =
          hue[c] * (0.5 + y / size / 2) + (inside ? 0.3 - 0.5 * hue[(c + 1) % 3] : 0) + 0.06 * (random() - 0.5);
        const change = 0.1 * Math.sin(wave * x + c) * Math.cos(0.7 * wave * y) + 0.08 * (random() - 0.5);
        if (isAfter) value += change;
        pixels[((top + y) * columns * size + left + x) * channels + c] = Math.max(
          0,
          Math.min(255, Math.round(255 * value)),
        );
      }
    }
  }
}

export function sampleSet({
  name,
  title,
  count,
  shown = count,
  size = 32,
  channels = 3,
  classes = null,
  live = false,
  generator,
  hasBefore = true,
}) {
  const columns = Math.min(25, shown);
  const rows = Math.ceil(shown / columns);
  const sheet = (isAfter) => {
    const pixels = new Uint8Array(columns * size * rows * size * channels);
    // The same seed an image for both sheets, so that only the change differs.
    for (let i = 0; i < shown; ++i)
      drawImage(pixels, i, { columns, size, channels, isAfter, random: generator(1000 + i) });
    return pngDataUrl(pixels, columns * size, rows * size, channels);
  };
  const numbers = Array.from({ length: shown }, (_, i) => Math.floor((i * count) / shown));
  const random = generator(7);
  const nearest = classes === null ? null : numbers.map(() => Math.floor(random() * classes.length));
  const stored = numbers.map((_, i) => i);
  const key = stored.map(() => random());
  return {
    name,
    title,
    live,
    count,
    shown,
    numbers,
    channels,
    height: size,
    width: size,
    columns,
    before: hasBefore ? sheet(false) : null,
    after: sheet(true),
    class_names: classes,
    nearest_class: nearest,
    orders: {
      stored,
      representation: [...stored].sort((a, b) => key[a] - key[b]),
      ...(nearest === null ? {} : { class: [...stored].sort((a, b) => nearest[a] - nearest[b] || a - b) }),
    },
    facts: [
      ["learned rate α", "0.123"],
      ["recipe", "rate 0.4, 100 steps of 128, momentum 0.9"],
    ],
  };
}
