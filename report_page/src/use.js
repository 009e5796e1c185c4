// How to use the distilled set of each run, as commands and a loader to copy.

import { element, quiet, shortText } from "./base/dom.js";
import { section } from "./base/sections.js";

// A folder as one word of a shell, that no program takes for an option.
export function shellWord(text) {
  const word = text.startsWith("-") ? `./${text}` : text;
  if (/^[\w./:@%+=,-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

const block = (text) => element("pre", { class: "code" }, text);

const loader = `import sys
import torch
sys.path.append("distilled")
from load_torch import load  # load_numpy needs NumPy alone

# normalised images [M,C,H,W] with targets [M,d]
dataset, recipe = load("distilled")
recipe = recipe["pretrain"]
batches = torch.utils.data.DataLoader(
    dataset, min(recipe["batch"], len(dataset)), shuffle=True)
optimiser = torch.optim.SGD(
    encoder.parameters(), lr=recipe["lr"],
    momentum=recipe["momentum"],
    weight_decay=recipe["weight_decay"])
# again and again, recipe["steps"] steps in all
for images, targets in batches:
    optimiser.zero_grad()
    torch.nn.functional.mse_loss(encoder(images), targets).backward()
    optimiser.step()`;

function useOf(run, severalRuns) {
  const folder = shellWord(run.folder === "" ? "RUN" : run.folder);
  return element(
    "div",
    { class: "use" },
    severalRuns ? element("h3", {}, shortText(run.name, 60)) : null,
    element("p", {}, "This writes a folder to train on or to publish: images, targets, the recipe, and loaders for Python."),
    block(`mkdt export ${folder} --to dataset --out distilled`),
    element("p", {}, "For one file, or pictures:"),
    block(`mkdt export ${folder} --to npz  # or pt, safetensors, png`),
  );
}

export function useSection(runs, { ownMethod }) {
  const distilled = runs.filter((run) => run.sets.some((set) => set.name === ownMethod && !set.live));
  if (distilled.length === 0) return null;
  return section(
    "use",
    "How to use this set",
    quiet("The commands are for the machine that has the run folder; this page holds pictures of the set, not its numbers."),
    distilled.map((run) => useOf(run, distilled.length > 1)),
    element(
      "div",
      { class: "use" },
      element("p", {}, "Then an encoder of yours, with as many outputs as a target has numbers, is trained to give each image its target:"),
      block(loader),
    ),
  );
}
