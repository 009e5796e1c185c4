// The images of a set, cut from its two sprite sheets, and their difference.

async function pixelsOf(source) {
  if (source === null) return null;
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context;
}

const amplifications = [1, 2, 3, 4, 5, 8, 10, 15, 20, 30, 50];

// How much the differences can be amplified before more than one value in a hundred is cut off.
function amplificationFor(counts, total) {
  let beyond = 0;
  let value = 255;
  for (; value > 1 && beyond + counts[value] <= total / 100; --value) beyond += counts[value];
  return amplifications.findLast((factor) => factor * value <= 255) ?? 1;
}

export class Sprites {
  constructor(set) {
    this.set = set;
    this.views = { before: null, after: null, difference: null };
    this.amplification = 1;
  }

  async load() {
    const [before, after] = await Promise.all([pixelsOf(this.set.before), pixelsOf(this.set.after)]);
    this.views = { before, after, difference: before && after ? this.#difference(before, after) : null };
    return this;
  }

  #difference(before, after) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.min(before.canvas.width, after.canvas.width);
    canvas.height = Math.min(before.canvas.height, after.canvas.height);
    const [a, b] = [before, after].map((context) => context.getImageData(0, 0, canvas.width, canvas.height).data);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const result = context.createImageData(canvas.width, canvas.height);
    const counts = new Uint32Array(256);
    for (let i = 0; i < a.length; ++i) {
      if (i % 4 === 3) continue;
      result.data[i] = Math.abs(a[i] - b[i]);
      ++counts[result.data[i]];
    }
    this.amplification = amplificationFor(counts, 0.75 * a.length);
    for (let i = 0; i < a.length; ++i) result.data[i] = i % 4 === 3 ? 255 : result.data[i] * this.amplification;
    context.putImageData(result, 0, 0);
    return context;
  }

  has(view) {
    return this.views[view] !== null;
  }

  // Draws image i into a canvas: one view, or several with a pixel between them.
  draw(canvas, i, views) {
    const { width, height, columns } = this.set;
    const shown = views.filter((view) => this.has(view));
    canvas.width = shown.length * (width + 1) - 1;
    canvas.height = height;
    const context = canvas.getContext("2d");
    shown.forEach((view, place) =>
      context.drawImage(
        this.views[view].canvas,
        (i % columns) * width,
        Math.floor(i / columns) * height,
        width,
        height,
        place * (width + 1),
        0,
        width,
        height,
      ),
    );
  }
}
