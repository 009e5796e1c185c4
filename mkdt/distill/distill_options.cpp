#include "mkdt/distill/distill_options.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/subset.h"

namespace mkdt {

void SubsetOptions::declare(OptionSection& section) {
  section.add("size", size, 1e-6, 1e7,
              "Synthetic images: a fraction of the training images if below 1, else a count.");
  section.add("start", start, {kRandomSubset, kHighLossSubset, kKMeansSubset},
              "Real images from which distillation starts; high-loss is the published choice.");
}

int64_t SubsetOptions::count(int64_t total) const {
  const double wanted = size < 1 ? size * static_cast<double>(total) : size;
  const int64_t count = std::max<int64_t>(1, std::llround(wanted));
  if (count > total) {
    throw Error(
        fmt::format("subset.size is {}, but there are only {} training images", size, total));
  }
  return count;
}

void DistillOptions::declare_matching(OptionSection& section) {
  section.add("iterations", iterations, 0, 10'000'000, "Outer iterations.");
  section.add("syn_steps", syn_steps, 1, 10'000, "Inner SGD steps on the synthetic set, N.");
  section.add("batch", batch, 1, 65'536, "Synthetic images an inner step.");
  section.add(
      "syn_momentum", syn_momentum, 0, 0.999,
      "Momentum of the inner steps; 0 as published. With 0.9 a student gets up to ten times as far "
      "in as many steps, as it does in pre-training.");
  section.add("expert_epochs", expert_epochs, 1, 10'000,
              "Epochs between an expert's start and its target parameters.");
  section.add("max_start_epoch", max_start_epoch, 1, 10'000,
              "Experts are entered at a random epoch below this one.");
  section.add("syn_lr", syn_lr, 1e-8, 1e3, "Start of the learned rate of the inner steps.");
  section.add("optimiser", optimiser, {"adam", "sgd"},
              "Updates images, targets and syn_lr. adam: β 0.5 and 0.9, rates relative to the "
              "spread of these; sgd: as published, with the rates 1000, 1 and 1e-4.");
  section.add("lr_images", lr_images, 0, 1e9, "Rate of the images; 0 leaves them as they are.");
  section.add("lr_syn_lr", lr_syn_lr, 0, 1e9,
              "Rate of syn_lr (of its logarithm with adam); 0 leaves it as it is.");
  section.add("momentum", momentum, 0, 0.999, "Momentum of sgd.");
  section.add("checkpoint_every", checkpoint_every, 0, 1'000'000,
              "Iterations between two checkpoints; 0: by runtime.checkpoint_minutes alone.");
}

void DistillOptions::declare(OptionSection& section) {
  section.add("objective", objective, {"trajectory", "representation"},
              "What a student trained on the synthetic set should do: arrive where the experts "
              "went (trajectory, the paper's), or represent real images as the teacher does "
              "(representation; needs no experts).");
  declare_matching(section);
  section.add("max_free_steps", max_free_steps, 0, 1'000'000,
              "representation: the most steps that a fresh student takes on the synthetic set "
              "before those that are differentiated; how many is drawn for each iteration.");
  section.add("real_batch", real_batch, 1, 65'536,
              "representation: real images whose loss is an iteration's.");
  section.add("start", start,
              "A synthetic set's .safetensors file to continue, images, targets and syn_lr, "
              "instead of real images; for combining objectives one after the other.");
  section.add("lr_targets", lr_targets, 0, 1e9, "Rate of the targets; 0 leaves them as they are.");
  section.add(
      "engine", engine, meta_gradient_engines(),
      "How the meta-gradient is computed: auto takes native for ConvNets on a CPU, else autograd; "
      "unrolled needs memory for every step.");
  section.add("precision", precision, {"float32", "bfloat16"},
              "What the factors of the student's products are rounded to in the meta-gradient. "
              "bfloat16 is for GPUs, takes the autograd engine, and costs accuracy.");
  section.add("short_batches", short_batches,
              "Let the synthetic images of a pass that would not fill a batch make a smaller one, "
              "as in the authors' code; otherwise they are left out of that pass.");
}

Operators DistillOptions::operators() const {
  return precision == "bfloat16" ? Operators::kBfloat16 : Operators::kFused;
}

void DistillOptions::check() const {
  if (precision == "bfloat16" && engine != "auto" && engine != "autograd") {
    throw Error(fmt::format(
        "distill.precision bfloat16 needs distill.engine auto or autograd, not {}", engine));
  }
}

}  // namespace mkdt
