#include "mkdt/baseline/krr_st_options.h"

namespace mkdt {

void KrrStOptions::declare(OptionSection& section) {
  section.add(
      "steps", steps, 0, 10'000'000,
      "Steps of the baseline KRR-ST, over which its rate falls linearly; published: 160000.");
  section.add("batch", batch, 1, 1'000'000, "Real images a step.");
  section.add(
      "lr", lr, 0, 1e3,
      "Rate of AdamW on images and targets at the first step; published: 1e-4, and 1e-5 for "
      "Tiny ImageNet.");
  section.add("weight_decay", weight_decay, 0, 1e3, "Weight decay of AdamW.");
  section.add("ridge", ridge, 1e-12, 1,
              "λ of the kernel ridge regression, as a part of its kernel's trace.");
  section.add("pool", pool, 1, 10'000, "Students whose features serve, one a step at random.");
  section.add("reinitialise_after", reinitialise_after, 1, 10'000'000,
              "SGD steps on the synthetic set after which a student starts anew.");
  section.add("student_lr", student_lr, 0, 1e3, "Rate of the students' SGD.");
  section.add("student_momentum", student_momentum, 0, 0.999, "Momentum of the students' SGD.");
  section.add("student_weight_decay", student_weight_decay, 0, 1e3,
              "Weight decay of the students' SGD.");
  section.add("checkpoint_every", checkpoint_every, 0, 1'000'000,
              "Steps between two checkpoints; 0: by runtime.checkpoint_minutes alone.");
}

}  // namespace mkdt
