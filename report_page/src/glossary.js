// What the words and symbols of the page mean.

import { element } from "./base/dom.js";
import { folded } from "./base/controls.js";
import { sentenceList } from "./base/format.js";
import { section } from "./base/sections.js";

// `methods` are those of the document.
const groupsOf = (methods) => [
  [
    "What is made",
    [
      ["representation", "The vector that an encoder gives an image."],
      ["teacher", "The encoder, trained without labels on all images, whose representations are distilled."],
      [
        "synthetic set, distilled images",
        "A few optimised images, each with a target. An encoder is pre-trained on them in place of all images.",
      ],
      ["target", "The representation that an encoder in training should give an image."],
      ["student", "The small network that the images are optimised for. Its pre-training is regression of the targets."],
      ["expert trajectory", "The parameters of a student before and after each epoch of a training on all images."],
    ],
  ],
  [
    "What the curves show",
    [
      [
        "J, the matching loss",
        "What the images are optimised to make small. With trajectories: the squared distance of the student, after its steps on the synthetic set, to where the expert went, divided by that from where both began; 1 means that the student came no closer. With the objective “representation”: the student's loss on a batch of real images.",
      ],
      ["α, syn_lr", "The learning rate of those steps. It is learned with the images."],
      [
        "effective rank",
        "How many directions the representations really use: the exponential of the entropy of their singular values, about the mean and as shares of the sum. One for vectors along a line.",
      ],
    ],
  ],
  [
    "How a set is judged",
    [
      [
        "representation loss",
        "The mean squared error between what an encoder, pre-trained on the set, gives held-out images and what the teacher gives them. Lower is better. It needs no labels.",
      ],
      ["linear probe", "A linear classifier, trained with a few labels on an encoder that stays as it is; its accuracy on test images."],
      ["k-NN", "The accuracy of the vote of the nearest labelled images, by cosine similarity of representations."],
      ["fine-tuning", "The accuracy after the whole encoder was trained with the labels."],
      ["label budget", "How many labels were used: a share of all, or so many a class."],
      [
        "reference",
        `What the small sets are measured against: ${sentenceList(methods.filter(({ competes }) => !competes).map(({ name }) => name))}. A reference need not be ahead of them.`,
      ],
      [
        "95 % interval",
        "Of Student's t over seeds. It says how much a mean over other seeds would vary with the same images, teacher and synthetic set.",
      ],
      [
        "ahead, behind, within the noise",
        "Differences are taken seed by seed. A set is ahead or behind where the interval of the difference does not hold zero, and else within the noise.",
      ],
      ["mean ± deviation", "Over seeds; the deviation is that of the sample (n − 1)."],
      ["† fitted head", "A loss of a last layer that was fitted to real images afterwards; it does not compare with the others."],
    ],
  ],
  ["What is compared", methods.map(({ name, meaning }) => [name, `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`])],
];

export function glossarySection(runs, { methods }) {
  if (runs.every((run) => run.state === "empty")) return null;
  return section(
    "glossary",
    "Glossary",
    groupsOf(methods).map(([title, terms]) =>
      folded({
        title,
        key: `glossary/${title}`,
        fill: () =>
          element(
            "dl",
            { class: "glossary" },
            terms.map(([term, meaning]) =>
              element("div", {}, element("dt", {}, term), element("dd", {}, meaning)),
            ),
          ),
      }),
    ),
  );
}
